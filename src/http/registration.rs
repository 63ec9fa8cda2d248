//! Registration in figures (points 2, 8 to 10): districts, room in a dwelling, days of stay, refusal acts. Computed from rows as
//! known at one point; references and counts only.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::{Path, State},
    routing::get,
};
use qonys_events::{
    id::Ref,
    scalar::{Count, Day, Slug},
    term::{DecisionType, HousingFund},
};
use qonys_projections::{
    acts::{NORM, NormRow, POWER, PowerRow},
    applications::{APPLICATION, ApplicationRow, ApplicationState},
    cell::TableRow,
    residents::{
        DWELLING, DwellingRow, PERSON, PersonRow, RESIDENCE, ResidenceRow, STAY, StayRow,
        by_district, days_stayed as stayed,
    },
    table::{Table, Value},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    api::Api,
    board::{At, on_a_day},
    operation::{Content, Operation, path, query, schema_of},
    params::{Params, When},
    problem::Problem,
    routes::{Route, route},
    shape::{self, when},
};
use crate::queries::{Rows, every};

/// Every row of a table that stands at the point and is about its day, page by page.
async fn all<R: TableRow>(
    api: &Api,
    when: When,
    table: &'static Table,
    equal: &[(&'static str, Value)],
) -> Result<Vec<R>, Problem> {
    let mut wanted = Rows::of(table, when.at.position).on(when.day);
    wanted.equal = equal.to_vec();
    let rows = every(api.queries(), wanted).await?;
    let read = |row| {
        R::read(row).map_err(|error| {
            tracing::error!(%error, "a row cannot be read");
            Problem::of("internal")
        })
    };
    rows.iter().map(read).collect()
}

/// The value of a norm on the day of the question.
async fn norm(api: &Api, when: When, name: &'static str) -> Result<Option<Count>, Problem> {
    let rows: Vec<NormRow> = all(api, when, &NORM, &[("norm", Value::text(name))]).await?;
    Ok(rows.first().map(|row| row.value))
}

fn reference(text: &str) -> Result<Value, Problem> {
    let reference: Ref = text.parse().map_err(|_| Problem::of("not-found"))?;
    Ok(Value::text(reference))
}

/// Where these figures are.
pub(super) fn routes() -> Vec<Route> {
    let about = |id: &str, summary: &str, content| {
        Operation::new(id, "register", summary)
            .with(when("effective"))
            .answers(200, "The figures.", Content::Json(content), &[])
            .problems(&[404])
    };
    let subject = |name: &str| {
        [path(
            name,
            &shape::reference(),
            "A random reference that we minted.",
        )]
    };
    vec![
        route(
            "/v1/districts",
            get(districts),
            about(
                "getDistricts",
                "Persons by district on a day; the districts add up to the city (points 8 and 9)",
                schema_of::<At<Districts>>,
            ),
        ),
        route(
            "/v1/dwellings/{dwelling}/capacity",
            get(capacity),
            about(
                "getCapacity",
                "How many persons the norm lets live in a dwelling on a day, and how many do (point 10)",
                schema_of::<At<Capacity>>,
            )
            .with(subject("dwelling")),
        ),
        route(
            "/v1/persons/{person}/days-stayed",
            get(days_stayed),
            about(
                "getDaysStayed",
                "On how many days of the rolling window an immigrant stayed somewhere (point 9)",
                schema_of::<At<DaysStayed>>,
            )
            .with(subject("person")),
        ),
        route(
            "/v1/refusals",
            get(refusals),
            about(
                "getRefusals",
                "Refusal acts counted by an attribute that is lawfully held; small cells are suppressed (point 2)",
                schema_of::<At<Refusals>>,
            )
            .with([query(
                "by",
                &shape::text(),
                "`category`, `territory`, `ground` or `year`; without it by category.",
            )]),
        ),
    ]
}

/// One district.
#[derive(Serialize, JsonSchema)]
pub(super) struct District {
    /// Its name, or `not-stated`.
    district: Slug,
    /// Persons with a residence there.
    residents: Count,
    /// Persons with a stay there; they may also be residents somewhere.
    staying: Count,
}

/// Persons by district. The districts add up to the city.
#[derive(Serialize, JsonSchema)]
pub(super) struct Districts {
    /// The districts, by name.
    items: Vec<District>,
    /// Persons with a residence in the city.
    residents: Count,
    /// Persons with a stay in the city, in each district once.
    staying: Count,
}

/// `GET /v1/districts`.
pub(super) async fn districts(
    State(api): State<Api>,
    mut params: Params,
) -> Result<Json<At<Districts>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let residences: Vec<ResidenceRow> = all(&api, when, &RESIDENCE, &[]).await?;
    let dwellings: Vec<DwellingRow> = all(&api, when, &DWELLING, &[]).await?;
    let stays: Vec<StayRow> = all(&api, when, &STAY, &[]).await?;
    let residents = by_district(&residences, &dwellings, day);
    let now: BTreeMap<Ref, &Slug> = dwellings
        .iter()
        .map(|d| (d.dwelling, &d.district))
        .collect();
    let mut staying: BTreeMap<&Slug, BTreeSet<Ref>> = BTreeMap::new();
    for stay in &stays {
        let district = now.get(&stay.dwelling).copied().unwrap_or(&stay.district);
        staying.entry(district).or_default().insert(stay.person);
    }
    let names: BTreeSet<&Slug> = residents.keys().chain(staying.keys()).copied().collect();
    let item = |name: &Slug| District {
        district: name.clone(),
        residents: Count(residents.get(name).copied().unwrap_or_default()),
        staying: Count(staying.get(name).map_or(0, |persons| persons.len() as u64)),
    };
    let answer = Districts {
        items: names.into_iter().map(item).collect(),
        residents: Count(residents.values().sum()),
        staying: Count(staying.values().map(|persons| persons.len() as u64).sum()),
    };
    Ok(At::new(&api, when, answer))
}

/// How point 10 stands in a dwelling.
#[derive(Serialize, JsonSchema)]
pub(super) struct Capacity {
    /// The fund that it belongs to.
    fund: HousingFund,
    /// The document that gives the power to take the norm into account; absent where none in force does.
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<Slug>,
    /// The norm, in square decimetres of useful area per person; absent where none is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    norm: Option<Count>,
    /// How many persons the area takes; absent where point 10 does not look at the dwelling.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<Count>,
    /// How many are registered at the place of residence.
    residents: Count,
    /// By how many it is over the norm; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_norm_by: Option<Count>,
}

/// The document that gives the power of point 10 and is in force.
async fn power(api: &Api, when: When, day: Day) -> Result<Option<Slug>, Problem> {
    let decision = Value::text(DecisionType::HousingNorm);
    let rows: Vec<PowerRow> = all(api, when, &POWER, &[("decision_type", decision)]).await?;
    let board = api.queries().board(when.at.position, day).await?;
    let in_force = |row: &&PowerRow| {
        let wording = board
            .register()
            .wording(&row.document, day, when.at.position);
        wording.status.is_in_force()
    };
    Ok(rows.iter().find(in_force).map(|row| row.document.clone()))
}

/// `GET /v1/dwellings/{dwelling}/capacity`.
pub(super) async fn capacity(
    State(api): State<Api>,
    Path(dwelling): Path<String>,
    mut params: Params,
) -> Result<Json<At<Capacity>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let key = [("dwelling", reference(&dwelling)?)];
    let described: Vec<DwellingRow> = all(&api, when, &DWELLING, &key).await?;
    let described = described
        .into_iter()
        .next()
        .ok_or_else(|| Problem::of("not-found"))?;
    let residents: Vec<ResidenceRow> = all(&api, when, &RESIDENCE, &key).await?;
    let residents = residents.len() as u64;
    let norm = norm(&api, when, "housing-provision.useful-area").await?;
    let power = power(&api, when, day).await?;
    let looks = described.fund != HousingFund::Private && power.is_some();
    let capacity = norm
        .filter(|_| looks)
        .and_then(|norm| described.useful_area.0.checked_div(norm.0));
    let over = capacity.and_then(|capacity| residents.checked_sub(capacity));
    let answer = Capacity {
        fund: described.fund,
        power,
        norm,
        capacity: capacity.map(Count),
        residents: Count(residents),
        over_norm_by: over.filter(|over| *over > 0).map(Count),
    };
    Ok(At::new(&api, when, answer))
}

/// On how many days somebody stayed, in the rolling window of the migration law (art. 6).
#[derive(Serialize, JsonSchema)]
pub(super) struct DaysStayed {
    /// How many days the window has; absent where no norm is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    window_days: Option<Count>,
    /// On how many of them the person stayed somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_stayed: Option<Count>,
    /// How many are allowed without a permit; absent where no norm is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_allowed: Option<Count>,
}

/// `GET /v1/persons/{person}/days-stayed`.
pub(super) async fn days_stayed(
    State(api): State<Api>,
    Path(person): Path<String>,
    mut params: Params,
) -> Result<Json<At<DaysStayed>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let key = [("person", reference(&person)?)];
    let mut every_day = when;
    every_day.day = None;
    let recorded: Vec<PersonRow> = all(&api, every_day, &PERSON, &key).await?;
    if recorded.is_empty() {
        return Err(Problem::of("not-found"));
    }
    let stays: Vec<StayRow> = all(&api, every_day, &STAY, &key).await?;
    let window = norm(&api, when, "immigrant-stay.window-days").await?;
    let answer = DaysStayed {
        window_days: window,
        days_stayed: window.map(|window| Count(stayed(&stays, window.0, day))),
        days_allowed: norm(&api, when, "immigrant-stay.days-in-window").await?,
    };
    Ok(At::new(&api, when, answer))
}

/// Refusal acts that stand, in one cell.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cell {
    /// What is counted in it.
    of: String,
    /// How many; absent where the cell is suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusals: Option<Count>,
}

/// Refusal acts in counts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Refusals {
    /// The least number that is shown, by the norm that is recorded; absent where none is, and then no cell is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_cell: Option<Count>,
    /// The cells, by name.
    items: Vec<Cell>,
}

/// `GET /v1/refusals`.
pub(super) async fn refusals(
    State(api): State<Api>,
    mut params: Params,
) -> Result<Json<At<Refusals>>, Problem> {
    let (when, _) = on_a_day(&api, &mut params).await?;
    let by = params.text("by")?.unwrap_or_else(|| "category".to_owned());
    params.finish()?;
    let column = match by.as_str() {
        "category" | "territory" | "ground" => by.as_str(),
        "year" => "quota_year",
        _ => {
            let message = "`by`: one of category, territory, ground, year";
            return Err(Problem::of("bad-parameter").saying(message));
        }
    };
    let stands = [("state", Value::text(ApplicationState::RefusalAct.as_str()))];
    let rows: Vec<ApplicationRow> = all(&api, when, &APPLICATION, &stands).await?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        let value = row.row().get(&APPLICATION, column).clone();
        *counts.entry(value.to_string()).or_default() += 1;
    }
    let least = norm(&api, when, "published-counts.least-cell").await?;
    let shown = |count: u64| {
        least
            .is_some_and(|least| least.0 <= count)
            .then_some(Count(count))
    };
    let answer = Refusals {
        least_cell: least,
        items: counts
            .into_iter()
            .map(|(of, count)| Cell {
                of,
                refusals: shown(count),
            })
            .collect(),
    };
    Ok(At::new(&api, when, answer))
}
