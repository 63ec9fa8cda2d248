//! Everything about one subject: a person, a dwelling, a proposal, an application, a decision. By reference only.

use axum::{
    Json,
    extract::{Path, State},
    routing::get,
};
use qonys_domain::blocked::Code;
use qonys_events::{id::Ref, scalar::Position};
use qonys_projections::{
    applications::{APPLICATION, ApplicationRow},
    cell::{Shown, TableRow},
    decisions::{DECISION, DecisionRow},
    proposals::{PROPOSAL, PROPOSAL_ACT, ProposalActRow, ProposalRow},
    quota::{MoveRow, QUOTA_MOVE},
    residents::{
        ARRIVAL, ArrivalRow, CONSENT, ConsentRow, DEATH, DWELLING, DeathRow, DwellingRow,
        FAMILY_CHANGE, FamilyChangeRow, HOLDING, HoldingRow, KANDAS_STATUS, KandasStatusRow,
        OVER_NORM, OverNormRow, PERSON, PersonRow, REPRESENTATION, RESIDENCE, RepresentationRow,
        ResidenceRow, STAY, StayRow,
    },
    table::{Table, Value},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    api::Api,
    board::{At, on_a_day},
    operation::{Content, Operation, path, schema_of},
    params::{Params, When},
    problem::Problem,
    routes::{Route, route},
    shape::{reference, when},
};
use crate::{
    dispatch::{CountedTerm, term_of},
    queries::{
        Rows,
        queue::{self, QueuePlace},
    },
};

/// The rows of a table in which a column holds a value.
async fn rows<R: TableRow>(
    api: &Api,
    when: When,
    table: &'static Table,
    column: &'static str,
    value: &Value,
) -> Result<Vec<Shown<R>>, Problem> {
    let wanted = Rows::of(table, when.at.position)
        .on(when.day)
        .with(column, value.clone());
    let rows = api.queries().rows(wanted).await?;
    let read: Result<Vec<_>, _> = rows.iter().map(|row| R::read(row).map(Shown)).collect();
    read.map_err(|error| {
        tracing::error!(%error, "a row cannot be read");
        Problem::of("internal")
    })
}

/// Nothing is known of a subject without a row.
fn known<T>(rows: Vec<T>) -> Result<Vec<T>, Problem> {
    if rows.is_empty() {
        Err(Problem::of("not-found"))
    } else {
        Ok(rows)
    }
}

/// The reference in an address, and the point of the question.
async fn asked(api: &Api, text: &str, mut params: Params) -> Result<(Value, When), Problem> {
    let when = params.when(api).await?;
    params.finish()?;
    let reference: Ref = text.parse().map_err(|_| Problem::of("not-found"))?;
    Ok((Value::text(reference), when))
}

/// A person.
#[derive(Serialize, JsonSchema)]
pub(super) struct Person {
    /// The person, as recorded.
    person: Vec<Shown<PersonRow>>,
    /// Statuses of kandas.
    statuses: Vec<Shown<KandasStatusRow>>,
    /// Registrations at the place of residence.
    residences: Vec<Shown<ResidenceRow>>,
    /// Registrations at places of temporary stay.
    stays: Vec<Shown<StayRow>>,
    /// The death, where one is recorded.
    death: Vec<Shown<DeathRow>>,
    /// Arrivals that hosts reported.
    arrivals: Vec<Shown<ArrivalRow>>,
    /// Changes in the family.
    family_changes: Vec<Shown<FamilyChangeRow>>,
    /// Who acts for the person.
    representatives: Vec<Shown<RepresentationRow>>,
    /// Applications for inclusion in a quota.
    applications: Vec<Shown<ApplicationRow>>,
}

/// `GET /v1/persons/{person}`.
pub(super) async fn person(
    State(api): State<Api>,
    Path(person): Path<String>,
    params: Params,
) -> Result<Json<At<Person>>, Problem> {
    let (key, when) = asked(&api, &person, params).await?;
    // A person is recorded once and about no day.
    let answer = Person {
        person: known(rows(&api, when, &PERSON, "person", &key).await?)?,
        statuses: rows(&api, when, &KANDAS_STATUS, "person", &key).await?,
        residences: rows(&api, when, &RESIDENCE, "person", &key).await?,
        stays: rows(&api, when, &STAY, "person", &key).await?,
        death: rows(&api, when, &DEATH, "person", &key).await?,
        arrivals: rows(&api, when, &ARRIVAL, "person", &key).await?,
        family_changes: rows(&api, when, &FAMILY_CHANGE, "person", &key).await?,
        representatives: rows(&api, when, &REPRESENTATION, "person", &key).await?,
        applications: rows(&api, when, &APPLICATION, "applicant", &key).await?,
    };
    Ok(At::new(&api, when, answer))
}

/// A dwelling.
#[derive(Serialize, JsonSchema)]
pub(super) struct Dwelling {
    /// The dwelling, by days.
    dwelling: Vec<Shown<DwellingRow>>,
    /// Who holds it.
    holders: Vec<Shown<HoldingRow>>,
    /// Who consents to whose registration.
    consents: Vec<Shown<ConsentRow>>,
    /// What was found over the norm of point 10 when it was described otherwise.
    over_norm: Vec<Shown<OverNormRow>>,
    /// Who is registered there.
    residences: Vec<Shown<ResidenceRow>>,
    /// Who stays there.
    stays: Vec<Shown<StayRow>>,
}

/// `GET /v1/dwellings/{dwelling}`.
pub(super) async fn dwelling(
    State(api): State<Api>,
    Path(dwelling): Path<String>,
    params: Params,
) -> Result<Json<At<Dwelling>>, Problem> {
    let (key, when) = asked(&api, &dwelling, params).await?;
    let answer = Dwelling {
        dwelling: known(rows(&api, when, &DWELLING, "dwelling", &key).await?)?,
        holders: rows(&api, when, &HOLDING, "dwelling", &key).await?,
        consents: rows(&api, when, &CONSENT, "dwelling", &key).await?,
        over_norm: rows(&api, when, &OVER_NORM, "dwelling", &key).await?,
        residences: rows(&api, when, &RESIDENCE, "dwelling", &key).await?,
        stays: rows(&api, when, &STAY, "dwelling", &key).await?,
    };
    Ok(At::new(&api, when, answer))
}

/// A proposal.
#[derive(Serialize, JsonSchema)]
pub(super) struct Proposal {
    /// The proposal, by days.
    proposal: Vec<Shown<ProposalRow>>,
    /// The acts that answer it.
    acts: Vec<Shown<ProposalActRow>>,
}

/// `GET /v1/proposals/{proposal}`.
pub(super) async fn proposal(
    State(api): State<Api>,
    Path(proposal): Path<String>,
    params: Params,
) -> Result<Json<At<Proposal>>, Problem> {
    let (key, when) = asked(&api, &proposal, params).await?;
    // A link is about no interval of days: it is shown with the proposal on every day.
    let mut every_day = when;
    every_day.day = None;
    let answer = Proposal {
        proposal: known(rows(&api, when, &PROPOSAL, "proposal", &key).await?)?,
        acts: rows(&api, every_day, &PROPOSAL_ACT, "proposal", &key).await?,
    };
    Ok(At::new(&api, when, answer))
}

/// An application.
#[derive(Serialize, JsonSchema)]
pub(super) struct Application {
    /// The application, by days.
    application: Vec<Shown<ApplicationRow>>,
    /// Its places in quota lines.
    moves: Vec<Shown<MoveRow>>,
}

/// `GET /v1/applications/{application}`.
pub(super) async fn application(
    State(api): State<Api>,
    Path(application): Path<String>,
    params: Params,
) -> Result<Json<At<Application>>, Problem> {
    let (key, when) = asked(&api, &application, params).await?;
    let answer = Application {
        application: known(rows(&api, when, &APPLICATION, "application", &key).await?)?,
        moves: rows(&api, when, &QUOTA_MOVE, "application", &key).await?,
    };
    Ok(At::new(&api, when, answer))
}

/// The place of an application in its queue.
pub(super) fn queue_route() -> Route {
    let operation = Operation::new(
        "getQueuePlace",
        "register",
        "The place of an application among those that wait for the same places (point 6)",
    )
    .saying(
        "How many that wait were filed on earlier days, and how many on the same one: the law names no order within a day.",
    )
    .with([path(
        "application",
        &reference(),
        "A random reference that we minted.",
    )])
    .with(when("effective"))
    .answers(200, "The place.", Content::Json(schema_of::<At<QueuePlace>>), &[])
    .problems(&[404]);
    route(
        "/v1/applications/{application}/queue",
        get(queue_place),
        operation,
    )
}

/// `GET /v1/applications/{application}/queue`.
async fn queue_place(
    State(api): State<Api>,
    Path(application): Path<String>,
    mut params: Params,
) -> Result<Json<At<QueuePlace>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let application: Ref = application.parse().map_err(|_| Problem::of("not-found"))?;
    let found = queue::place(api.queries(), (when.at.position, day), application).await?;
    let place = found.ok_or_else(|| Problem::of("not-found"))?;
    Ok(At::new(&api, when, place))
}

/// The term of an application.
pub(super) fn deadline_route() -> Route {
    let operation = Operation::new(
        "getDeadline",
        "register",
        "The term of an application, counted day by day (point 6)",
    )
    .saying(
        "As the log stands now: what `qonys deadline` prints. Blocked where no norm of the term or no calendar of a year is \
         recorded.",
    )
    .with([path(
        "application",
        &reference(),
        "A random reference that we minted.",
    )])
    .answers(200, "The term.", Content::Json(schema_of::<CountedTerm>), &[])
    .problems(&[404, 422]);
    route(
        "/v1/applications/{application}/deadline",
        get(deadline),
        operation,
    )
}

/// `GET /v1/applications/{application}/deadline`: as the log stands now, for a decision would count so.
async fn deadline(
    State(api): State<Api>,
    Path(application): Path<String>,
    params: Params,
) -> Result<Json<CountedTerm>, Problem> {
    params.finish()?;
    let application: Ref = application.parse().map_err(|_| Problem::of("not-found"))?;
    match term_of(api.log(), application).await? {
        Ok(term) => Ok(Json(term)),
        Err(blocked) if blocked.code == Code::ApplicationNotFound => Err(Problem::of("not-found")),
        Err(blocked) => Err(Problem::of_block(&blocked)),
    }
}

/// A decision.
#[derive(Serialize, JsonSchema)]
pub(super) struct Decision {
    /// The decision.
    item: Shown<DecisionRow>,
}

/// `GET /v1/decisions/{position}`.
pub(super) async fn decision(
    State(api): State<Api>,
    Path(position): Path<String>,
    mut params: Params,
) -> Result<Json<At<Decision>>, Problem> {
    let when = params.when(&api).await?;
    params.finish()?;
    let position: Position = position.parse().map_err(|_| Problem::of("not-found"))?;
    let key = Value::number(position.0);
    let found = rows(&api, when, &DECISION, "recorded_from", &key).await?;
    let item = found.into_iter().next();
    let item = item.ok_or_else(|| Problem::of("not-found"))?;
    Ok(At::new(&api, when, Decision { item }))
}
