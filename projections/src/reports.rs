//! Reports to the authorised body (points 5 and 11): what was frozen, and who signed it.

use qonys_events::{
    digest::Sha256Hex,
    fact::Fact,
    id::{Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Text},
};

use crate::{
    cell::{Json, rows},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert, known},
    table::{Key, Table},
};

rows! {
    /// A report as it was frozen.
    ReportRow in REPORT = "report" {
        key: [report, recorded_from],
        entity: [report],
        indexes: [[report_kind]],
    }
    /// The report.
    report: Ref,
    /// What it is.
    report_kind: Slug,
    /// To whom it goes.
    addressee: Text,
    /// The list that it shows.
    list: Slug,
    /// By what the list was narrowed: a JSON list.
    filters: Json,
    /// The effective day.
    shown_day: Option<Day>,
    /// The position up to which the log was read.
    at_position: Position,
    /// How many rows it has.
    row_count: Count,
    /// SHA-256 over the rows.
    digest: Sha256Hex,
    /// The day on which it was frozen.
    frozen_on: Day,
    /// Who signed it: a reference.
    signed_by: Option<Ref>,
    /// In which role.
    signed_as: Option<Slug>,
    /// The day.
    signed_on: Option<Day>,
    /// SHA-256 of the signed document.
    document_sha256: Option<Sha256Hex>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

fn report_of(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let fits = stream.kind() == StreamKind::Report;
    let report = fits.then(|| stream.key().parse().ok()).flatten();
    report.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

/// The view of reports.
#[derive(Debug, Clone, Copy)]
pub struct Reports;

impl Projection for Reports {
    fn name(&self) -> &'static str {
        "reports"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&REPORT] }
    }

    fn types(&self) -> &'static [&'static str] {
        &["kz.qonys.report.frozen.v1", "kz.qonys.report.signed.v1"]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        if let Ok(report) = report_of(entry) {
            wanted.known(&REPORT, Key::of([report]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (report, at) = (report_of(entry)?, entry.position());
        match &entry.event().fact {
            Fact::ReportFrozen(fact) => {
                let row = ReportRow {
                    report,
                    report_kind: fact.kind.clone(),
                    addressee: fact.addressee.clone(),
                    list: fact.snapshot.list.clone(),
                    filters: Json::of(&fact.snapshot.filters)?,
                    shown_day: fact.snapshot.day,
                    at_position: fact.snapshot.position,
                    row_count: fact.snapshot.rows,
                    digest: fact.snapshot.digest,
                    frozen_on: entry.day()?,
                    signed_by: None,
                    signed_as: None,
                    signed_on: None,
                    document_sha256: None,
                    recorded_from: at,
                    recorded_to: None,
                };
                insert(rows, &row)
            }
            Fact::ReportSigned(fact) => {
                let found = known::<ReportRow>(rows, &Key::of([report]))?;
                let row = found.into_iter().next().ok_or_else(|| FoldError::Untold {
                    position: at,
                    what: format!("report {report}"),
                })?;
                rows.close(&REPORT, &crate::cell::TableRow::row(&row), at)?;
                let actor = &entry.entry.command.actor;
                let signed = ReportRow {
                    signed_by: Some(actor.actor),
                    signed_as: Some(actor.role.clone()),
                    signed_on: Some(entry.day()?),
                    document_sha256: Some(fact.document),
                    recorded_from: at,
                    ..row
                };
                insert(rows, &signed)
            }
            _ => Ok(()),
        }
    }
}
