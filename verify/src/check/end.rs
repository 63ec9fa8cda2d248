//! What shows in the end only: what was sorted, and what the log folds to.

use qonys_events::scalar::Position;

use super::History;
use crate::{
    bundle,
    digest::{Published, TableDigest},
    report::{Code, Fault, Level, Report},
};

impl History<'_> {
    /// What shows in the end only.
    pub(super) fn finish(self, report: &mut Report) {
        let before = self.before;
        let place = |fault: Fault, ordinal: u64| match ordinal.checked_sub(before) {
            Some(position) if position > 0 => fault.at(position),
            _ => {
                let detail = format!(
                    "in an incarnation before, entry {ordinal} of all: {}",
                    fault.detail
                );
                Fault { detail, ..fault }
            }
        };
        let good = report.faults.is_empty();
        if let Some(rules) = self.rules {
            match rules.finish() {
                Ok(end) => {
                    for (ordinal, fault) in end.faults {
                        report.fault(place(fault, ordinal));
                    }
                    report.more_faults += end.more;
                    report.same_hands = end.same_hands_count;
                    for ordinal in end.same_hands.into_iter().filter(|_| self.wanted.four_eyes) {
                        let detail = "the same official held or proposed it and adopted it";
                        report.fault(place(Fault::new(Code::FourEyes, detail), ordinal));
                    }
                }
                Err(error) => report.fault(Fault::new(Code::Io, error.to_string())),
            }
        }
        match (self.views, self.published) {
            (Some(views), Some(published)) if good => match views.finish() {
                Ok((position, tables)) => {
                    let expected = position.0.checked_sub(before).map(Position);
                    compare_views(report, expected, tables, &published);
                }
                Err(error) => report.fault(Fault::new(Code::Fold, error.to_string())),
            },
            (Some(views), None) if good => {
                if let Err(error) = views.finish() {
                    report.fault(Fault::new(Code::Fold, error.to_string()));
                }
                report.notes.push(
                    "no digests of views are published: the log was folded, nothing compared"
                        .to_owned(),
                );
            }
            _ if report.level >= Level::Views => {
                report
                    .notes
                    .push("the views were not folded: the log has faults".to_owned());
            }
            _ => {}
        }
    }
}

fn compare_views(
    report: &mut Report,
    position: Option<Position>,
    tables: Vec<TableDigest>,
    published: &Published,
) {
    let fault = |detail: String| Fault::new(Code::Views, detail).file(bundle::VIEWS);
    if position != Some(published.position) {
        let at = position.unwrap_or_default();
        let detail = format!(
            "the digests are of position {}, the log ends at {at}",
            published.position
        );
        report.fault(fault(detail));
        return;
    }
    let names = |tables: &[TableDigest]| -> Vec<String> {
        tables.iter().map(|table| table.table.clone()).collect()
    };
    if names(&tables) != names(&published.tables) {
        report.fault(fault(
            "other tables are published than this version folds".to_owned(),
        ));
        return;
    }
    for (folded, said) in tables.into_iter().zip(&published.tables) {
        if folded == *said {
            report.views.push((folded.table, folded.rows.0));
        } else {
            report.fault(fault(format!(
                "{}: the log folds to {} rows, published are {}; or the same number with other values",
                folded.table, folded.rows, said.rows
            )));
        }
    }
}
