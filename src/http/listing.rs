//! Lists of rows: one declaration per list says which table it shows, by which columns it can be narrowed, and gives
//! handler, parameters and schema. Pages are cut by key and pinned to the position of the first one.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use qonys_events::scalar::Day;
use qonys_projections::{
    acts::{
        CALENDAR, CalendarRow, NORM, NormRow, POWER, PowerRow, SuccessionRow, TERRITORY_CHANGE,
        TERRITORY_SUCCESSION, TerritoryRow,
    },
    applications::{APPLICATION, ApplicationRow},
    cases::{CASE_STEP, CaseStepRow, REPAYMENT, RepaymentRow},
    cell::{Shown, TableRow},
    decisions::{DECISION, DecisionRow},
    proposals::{PROPOSAL, PROPOSAL_ACT, ProposalActRow, ProposalRow},
    quota::{LimitRow, MoveRow, QUOTA_LIMIT, QUOTA_MOVE},
    residents::{
        ARRIVAL, ArrivalRow, CONSENT, ConsentRow, DWELLING, DwellingRow, HOLDING, HoldingRow,
        OVER_NORM, OverNormRow,
    },
    table::{Row, Table},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::{
    api::Api,
    board::At,
    params::{Params, When},
    problem::Problem,
};
use crate::queries::Rows;

/// Rows in one answer at most.
pub(super) const LIST_MAX: u32 = 500;
/// Rows in one answer, where the caller names no number.
const ROWS_USUAL: u32 = 100;

/// A column by which a list can be narrowed.
pub(crate) struct Filter {
    /// The parameter.
    pub(crate) name: &'static str,
    /// The column.
    pub(crate) column: &'static str,
    /// What it means.
    pub(crate) says: &'static str,
}

const fn by(name: &'static str, column: &'static str, says: &'static str) -> Filter {
    Filter { name, column, says }
}

const WHERE: Filter = by("dwelling", "dwelling", "Where: a reference.");
const ONE_DWELLING: Filter = by("dwelling", "dwelling", "One dwelling.");

/// A list of the rows of one table.
pub(crate) struct Listing {
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) table: &'static Table,
    pub(crate) filters: &'static [Filter],
    /// Whether it is about one day, today where none is given; otherwise about every day unless one is given.
    pub(crate) of_a_day: bool,
    write: fn(&Row) -> Option<serde_json::Value>,
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Listing {
    /// The name of the list: what its path ends with.
    pub(crate) fn name(&self) -> &'static str {
        self.path
            .rsplit_once('/')
            .map_or(self.path, |(_, name)| name)
    }

    /// A row as it is written; `None` for a row that cannot be read.
    pub(crate) fn written(&self, row: &Row) -> Option<serde_json::Value> {
        (self.write)(row)
    }
}

/// A page of rows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Page<T> {
    /// The rows, in the order of their keys.
    items: Vec<T>,
}

fn write<R: TableRow + Serialize>(row: &Row) -> Option<serde_json::Value> {
    serde_json::to_value(Shown(R::read(row).ok()?)).ok()
}

fn schema<R: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<At<Page<R>>>()
}

macro_rules! listing {
    ($row:ty, $table:expr, $of_a_day:literal, $path:literal, $id:literal, $summary:literal, [$($filter:expr),* $(,)?]) => {
        Listing {
            path: $path,
            id: $id,
            summary: $summary,
            table: &$table,
            filters: &[$($filter),*],
            of_a_day: $of_a_day,
            write: write::<$row>,
            schema: schema::<$row>,
        }
    };
}

mod cursor;
mod monitoring;
mod names;
mod office;
mod people;

pub(crate) use cursor::value;
use cursor::{cursor, key};
pub(super) use monitoring::MONITORING;
pub(crate) use names::{names, of};
pub(super) use office::OFFICES;
use people::PEOPLE;

/// Every list.
pub(crate) fn every() -> impl Iterator<Item = &'static Listing> {
    LISTINGS
        .iter()
        .chain(MONITORING)
        .chain(OFFICES)
        .chain(PEOPLE)
}

/// The lists of the other points.
static LISTINGS: &[Listing] = &[
    listing!(
        NormRow,
        NORM,
        true,
        "/v1/norms",
        "listNorms",
        "Dated norms that are valid on a day: deadlines, limits, grounds, areas (point 1)",
        [
            by("norm", "norm", "Name under which decisions look it up."),
            by("document", "document", "Document that sets it.")
        ]
    ),
    listing!(
        PowerRow,
        POWER,
        true,
        "/v1/powers",
        "listPowers",
        "Powers for types of decision that are valid on a day (preamble, point 11)",
        [
            by("decision", "decision_type", "Type of decision."),
            by("document", "document", "Document that gives the power.")
        ]
    ),
    listing!(
        TerritoryRow,
        TERRITORY_CHANGE,
        false,
        "/v1/territories",
        "listTerritories",
        "Acts that determined or excluded territories for settling (points 3 and 6)",
        [
            by("category", "category", "For whom."),
            by("territory", "territory", "Which territory.")
        ]
    ),
    listing!(
        LimitRow,
        QUOTA_LIMIT,
        false,
        "/v1/limits",
        "listLimits",
        "Limits of quota lines, as each act sets them (points 3 and 6)",
        [
            by("line", "line", "The line."),
            by("category", "category", "Its category."),
            by(
                "territory",
                "territory",
                "Its territory; `kazakhstan` is the reported total."
            ),
            by("year", "quota_year", "Its year."),
            by("act", "act", "The act that sets the limit."),
        ]
    ),
    listing!(
        MoveRow,
        QUOTA_MOVE,
        false,
        "/v1/moves",
        "listMoves",
        "Places held, committed and released in quota lines (point 6)",
        [
            by("line", "line", "The line."),
            by("application", "application", "The application.")
        ]
    ),
    listing!(
        ApplicationRow,
        APPLICATION,
        true,
        "/v1/applications",
        "listApplications",
        "Applications for inclusion in a regional quota and for the status of kandas, as they stand on a day (point 6)",
        [
            by(
                "state",
                "state",
                "Where it stands: `filed`, `held`, `included`, `refused`, `allowed`, `withdrawn`, `ended`."
            ),
            by("line", "line", "The line that holds or has its places."),
            by("territory", "territory", "For which territory."),
            by("category", "category", "In which category."),
            by("applicant", "applicant", "Who applies: a reference."),
            by("application", "application", "One application."),
        ]
    ),
    listing!(
        CaseStepRow,
        CASE_STEP,
        false,
        "/v1/case-steps",
        "listCaseSteps",
        "Every step of an application in its order, with its term where it has one (point 6)",
        [
            by("application", "application", "The application."),
            by("step", "step", "What happened, such as `complaint-filed`."),
            by("complaint", "complaint", "The complaint that it is about."),
        ]
    ),
    listing!(
        RepaymentRow,
        REPAYMENT,
        false,
        "/v1/repayments",
        "listRepayments",
        "Findings that support is to be repaid, the claims on them and what is owed (point 6)",
        [
            by(
                "application",
                "application",
                "The application of the inclusion."
            ),
            by("rule", "rule", "Which rule is met."),
        ]
    ),
    listing!(
        CalendarRow,
        CALENDAR,
        false,
        "/v1/calendars",
        "listCalendars",
        "Working-day calendars, by year (point 6)",
        []
    ),
    listing!(
        SuccessionRow,
        TERRITORY_SUCCESSION,
        false,
        "/v1/territory-successions",
        "listTerritorySuccessions",
        "Territories that came out of others by a change of boundaries (point 3)",
        [
            by("territory", "territory", "The territory that was formed."),
            by("out-of", "out_of", "The territory that it was part of."),
        ]
    ),
    listing!(
        DwellingRow,
        DWELLING,
        true,
        "/v1/dwellings",
        "listDwellings",
        "Dwellings, as they are on a day (points 9 and 10)",
        [
            by("district", "district", "Its district, or `not-stated`."),
            by("fund", "fund", "The fund that it belongs to."),
            ONE_DWELLING,
        ]
    ),
    listing!(
        HoldingRow,
        HOLDING,
        true,
        "/v1/holders",
        "listHolders",
        "Who holds dwellings on a day: owners or tenants (point 9)",
        [ONE_DWELLING]
    ),
    listing!(
        ConsentRow,
        CONSENT,
        false,
        "/v1/consents",
        "listConsents",
        "Consents of holders to registrations, with their validity (point 9)",
        [WHERE, by("person", "person", "For whom: a reference."),]
    ),
    listing!(
        OverNormRow,
        OVER_NORM,
        false,
        "/v1/over-norm",
        "listOverNorm",
        "Dwellings that were found over the norm when they were described otherwise; it evicts nobody (point 10)",
        [ONE_DWELLING]
    ),
    listing!(
        ArrivalRow,
        ARRIVAL,
        false,
        "/v1/arrivals",
        "listArrivals",
        "Arrivals of immigrants that hosts reported (point 9)",
        [
            by("person", "person", "Who: a reference."),
            WHERE,
            by(
                "timeliness",
                "timeliness",
                "`in-time`, `late` or `unknown`."
            ),
        ]
    ),
    listing!(
        ProposalRow,
        PROPOSAL,
        true,
        "/v1/proposals",
        "listProposals",
        "Proposals to the authorised body, as they stand on a day (point 5)",
        [
            by(
                "state",
                "state",
                "Where it stands: `drafted`, `signed`, `sent`, `received`, `answered`, `withdrawn`."
            ),
            by(
                "kind",
                "kind",
                "Which of the three kinds: `territory`, `foreign-labour`, `regional-quota`."
            ),
            by("territory", "territory", "The territory that it is for."),
            by("proposal", "proposal", "One proposal."),
        ]
    ),
    listing!(
        ProposalActRow,
        PROPOSAL_ACT,
        false,
        "/v1/proposal-acts",
        "listProposalActs",
        "Acts that answer proposals, many to many (point 5)",
        [
            by("proposal", "proposal", "The proposal."),
            by("act", "act", "The act.")
        ]
    ),
    listing!(
        DecisionRow,
        DECISION,
        false,
        "/v1/decisions",
        "listDecisions",
        "Decisions: act, point, wording, who, and every fact the verdict read (promise P9)",
        [
            by("act", "act", "The act that it rests on."),
            by("office", "office", "For which office."),
            by("type", "event_type", "Type of the entry."),
            by("actor", "actor", "Who decided: a reference."),
            by("stream", "stream", "Its stream."),
            by("command", "command", "The command that it belongs to."),
            by("case", "case_ref", "Our own number of the case."),
        ]
    ),
];

/// Answers a list.
pub(super) async fn list(
    State(api): State<Api>,
    mut params: Params,
    listing: &'static Listing,
) -> Result<Response, Problem> {
    let table = listing.table;
    let mut when = params.when(&api).await?;
    if listing.of_a_day {
        when.day_or_usual(&api);
    }
    let limit = params.limit(ROWS_USUAL, LIST_MAX)?;
    let after = params.text("after")?;
    let mut narrowed = String::new();
    let mut wanted = Rows::of(table, when.at.position).on(when.day);
    for filter in listing.filters {
        let Some(text) = params.text(filter.name)? else {
            continue;
        };
        let wrong =
            || Problem::of("bad-parameter").saying(format!("`{}` cannot be read", filter.name));
        // Every value of such a column is a name, a reference, a number or a line: none has a character of its own in an
        // address.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '_');
        if text.is_empty() || !text.chars().all(plain) {
            return Err(wrong());
        }
        let value = value(table, filter.column, &text).ok_or_else(wrong)?;
        wanted = wanted.with(filter.column, value);
        narrowed.push_str(&format!("&{}={text}", filter.name));
    }
    params.finish()?;
    wanted.after = after.map(|after| key(table, &after)).transpose()?;
    // One row more tells whether there is a next page.
    wanted.limit = limit + 1;
    let mut rows = api.queries().rows(wanted).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| {
        next_page(
            listing,
            when,
            limit,
            &narrowed,
            &cursor(&table.key_of(last)),
        )
    });
    let items: Option<Vec<_>> = rows.iter().map(listing.write).collect();
    let items = items.ok_or_else(|| {
        tracing::error!(table = table.name, "a row cannot be read");
        Problem::of("internal")
    })?;
    let mut response = At::new(&api, when, Page { items }).into_response();
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(header::LINK, next);
    }
    Ok(response)
}

/// The next page: of the same point and the same day, whatever is recorded meanwhile.
fn next_page(listing: &Listing, when: When, limit: u32, narrowed: &str, after: &str) -> String {
    let day = |day: Day| format!("&effective={day}");
    let effective = when.day.map(day).unwrap_or_default();
    format!(
        "<{}?after={after}&limit={limit}&position={}{effective}{narrowed}>; rel=\"next\"",
        listing.path, when.at.position
    )
}
