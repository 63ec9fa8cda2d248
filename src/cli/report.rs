//! `qonys report`: a report to the authorised body as a frozen answer of the register (points 5 and 11). `draft` prints the
//! command line that freezes it, `check` computes it again from the log and compares.

use clap::{Args, Subcommand};
use qonys_events::{
    entry::Actor,
    fact::report::{ReportFilter, Snapshot},
    id::Ref,
    scalar::{Count, Day, Position, Slug, Text},
};
use qonys_projections::{
    cell::TableRow as _,
    reports::{REPORT, ReportRow},
    table::Value,
};
use serde_json::json;

use super::{
    AsOf, Failure, Where, ask,
    lists::{collect, find, narrowed},
    output,
};
use crate::{
    clock::{Clock, Entropy},
    queries::{Queries, Rows, report_digest},
    views::{Views, queries},
};

/// `qonys report`.
#[derive(Subcommand)]
pub(super) enum Report {
    /// Prints the command line that freezes a list as a report.
    Draft(Draft),
    /// Computes a frozen report again and compares; exits 3 when the log says otherwise.
    Check(Check),
}

/// Options of `qonys report draft`.
#[derive(Args)]
pub(super) struct Draft {
    /// The list; `qonys list` prints which there are.
    list: Slug,
    /// What the report is, such as `use-of-the-regional-quota`.
    #[arg(long)]
    kind: Slug,
    /// To whom it goes.
    #[arg(long)]
    addressee: Text,
    /// Only rows in which a parameter of the list has a value; may be given several times.
    #[arg(long = "where", value_name = "PARAMETER=VALUE")]
    filters: Vec<String>,
    /// The day that it is about; that of the point for a list of a day, every day for another.
    #[arg(long, alias = "on")]
    effective: Option<Day>,
    /// Who freezes it: a reference; a new one without it.
    #[arg(long)]
    actor: Option<Ref>,
    /// In which role.
    #[arg(long, default_value = "analyst")]
    role: Slug,
    /// For which office.
    #[arg(long, default_value = "akimat.almaty")]
    office: Slug,
    #[command(flatten)]
    as_of: AsOf,
    #[command(flatten)]
    at: Where,
}

/// Options of `qonys report check`.
#[derive(Args)]
pub(super) struct Check {
    /// The report.
    report: Ref,
    #[command(flatten)]
    at: Where,
}

/// Rows and digest of a list.
async fn frozen(
    views: &Views,
    list: &Slug,
    filters: &[ReportFilter],
    day: Option<Day>,
    position: Position,
) -> Result<Snapshot, Failure> {
    let listing = find(list.as_str())?;
    let written: Vec<_> = filters
        .iter()
        .map(|filter| format!("{}={}", filter.name, filter.value))
        .collect();
    let wanted = narrowed(listing, &written, position)?.on(day);
    let items = collect(views, listing, wanted, u64::MAX).await?;
    let shown = day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    Ok(Snapshot {
        list: list.clone(),
        filters: filters.to_vec(),
        day,
        position,
        rows: Count(items.len() as u64),
        digest: report_digest(list.as_str(), &shown, &position.to_string(), &items),
    })
}

/// The filters of a report, in the order of their names.
fn filters_of(written: &[String]) -> Result<Vec<ReportFilter>, Failure> {
    let mut filters = Vec::new();
    for filter in written {
        let read = filter.split_once('=').and_then(|(name, value)| {
            Some(ReportFilter {
                name: name.parse().ok()?,
                value: value.parse().ok()?,
            })
        });
        let no_filter = || Failure::usage(format!("{filter}: PARAMETER=VALUE is needed"));
        filters.push(read.ok_or_else(no_filter)?);
    }
    filters.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(filters)
}

/// Drafts or checks a report.
pub(super) async fn run(report: Report) -> Result<(), Failure> {
    match report {
        Report::Draft(draft) => self::draft(draft).await,
        Report::Check(check) => self::check(check).await,
    }
}

async fn draft(draft: Draft) -> Result<(), Failure> {
    let listing = find(draft.list.as_str())?;
    let views = ask::open(&draft.at).await?;
    let as_of = draft.as_of.point();
    let point = views.point(as_of).await?;
    let usual = listing
        .of_a_day
        .then(|| views.default_day(as_of, point, &Clock::System));
    let day = draft.effective.or(usual);
    let filters = filters_of(&draft.filters)?;
    let snapshot = frozen(&views, &draft.list, &filters, day, point.position).await?;
    let entropy = Entropy::System;
    let actor = Actor {
        actor: draft.actor.unwrap_or_else(|| entropy.reference()),
        role: draft.role,
        office: draft.office,
        onbehalfof: None,
    };
    let data = json!({"kind": draft.kind, "addressee": draft.addressee, "snapshot": snapshot});
    let line =
        json!({"id": entropy.reference(), "type": "freeze-report", "actor": actor, "data": data});
    Ok(output::line(&line.to_string())?)
}

async fn check(check: Check) -> Result<(), Failure> {
    let views = ask::open(&check.at).await?;
    let point = views.point(queries::AsOf::Latest).await?;
    let wanted = Rows::of(&REPORT, point.position).with("report", Value::text(check.report));
    let rows = Queries::rows(&views, wanted).await?;
    let row = rows.first().map(ReportRow::read).transpose();
    let row = row
        .map_err(Failure::error)?
        .ok_or_else(|| Failure::error(format!("there is no report {}", check.report)))?;
    let filters: Vec<ReportFilter> = row.filters.parse().map_err(Failure::error)?;
    let again = frozen(&views, &row.list, &filters, row.shown_day, row.at_position).await?;
    if (again.digest, again.rows) != (row.digest, row.row_count) {
        return Err(Failure::unverified(format!(
            "report {} says {} rows with digest {}; the log says {} rows with digest {}",
            row.report, row.row_count, row.digest, again.rows, again.digest
        )));
    }
    let signed = row.signed_on.map_or_else(
        || "nobody has signed it".to_owned(),
        |on| format!("signed on {on}"),
    );
    Ok(output::line(&format!(
        "report {}: {} rows of {} at position {}, as frozen; {signed}",
        row.report, row.row_count, row.list, row.at_position
    ))?)
}
