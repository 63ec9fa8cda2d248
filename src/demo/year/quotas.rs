//! The quotas of 2024 in four invented regions (points 3 and 6): applications, verdicts, adoptions, releases.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use qonys_events::{entry::Actor, id::Ref};
use serde_json::json;

use super::{ORDER_IN_FORCE, YEAR_CLOSED, YEAR_ENDS};
use crate::demo::{
    agenda::{Agenda, Chance, Draft, Hour, after, by, day},
    names::Names,
    story::{LINES, line_of},
};

/// The first and the last day on which applications are filed.
const FILED_FROM: Date = date(2024, 1, 29);
const FILED_TO: Date = date(2024, 8, 2);

/// A line, and how many places its akimat thinks are taken.
struct Line {
    category: &'static str,
    territory: &'static str,
    limit: usize,
    taken: usize,
    officer: Actor,
    head: Actor,
}

/// An application on its way.
#[derive(Clone)]
struct Case {
    applicant: Ref,
    application: Ref,
    line: usize,
    places: usize,
    status: bool,
    tries: usize,
}

enum Step {
    Hold(Case),
    Commit(Case),
    Release(Case, &'static str),
}

/// The quotas while their year is written.
pub(super) struct Quotas {
    chance: Chance,
    lines: Vec<Line>,
    due: BTreeMap<Date, Vec<Step>>,
    /// Held until the year is over.
    kept: Vec<Case>,
}

impl Quotas {
    pub(super) fn new(agenda: &Agenda) -> Self {
        let invented = LINES
            .iter()
            .filter(|(_, territory, _)| *territory != "almaty");
        let line = |(category, territory, limit): &(&'static str, &'static str, usize)| {
            let office = format!("akimat.{territory}");
            Line {
                category,
                territory,
                limit: *limit,
                taken: 0,
                officer: agenda.official("quota-officer", &office),
                head: agenda.official("head-of-department", &office),
            }
        };
        Self {
            chance: agenda.chance("quotas"),
            lines: invented.map(line).collect(),
            due: BTreeMap::new(),
            kept: Vec::new(),
        }
    }

    /// One working day: holds at noon, adoptions in the afternoon, releases in the evening.
    pub(super) fn day(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        if (FILED_FROM..=FILED_TO).contains(&today) {
            for _ in 0..self.chance.span(15, 21) {
                self.file(today, agenda, names);
            }
        }
        let due = self.due.remove(&today).unwrap_or_default();
        let (mut commits, mut releases) = (Vec::new(), Vec::new());
        for step in due {
            match step {
                Step::Hold(case) => self.hold(case, today, agenda),
                Step::Commit(case) => commits.push(case),
                Step::Release(case, reason) => releases.push((case, reason)),
            }
        }
        for case in commits {
            self.commit(&case, today, agenda);
        }
        for (case, reason) in releases {
            self.release(&case, reason, Hour::Evening, today, agenda);
        }
    }

    /// The end of 2024: what is still on its way is settled, what is still held is released, the lines are closed.
    pub(super) fn end(&mut self, agenda: &mut Agenda) {
        for (date, steps) in std::mem::take(&mut self.due) {
            for step in steps {
                match step {
                    Step::Hold(_) => {}
                    Step::Commit(case) => self.adopt(&case, date, agenda),
                    Step::Release(case, reason) => {
                        self.release(&case, reason, Hour::Evening, date, agenda);
                    }
                }
            }
        }
        for case in std::mem::take(&mut self.kept) {
            self.release(&case, "year-over", Hour::Morning, YEAR_ENDS, agenda);
        }
        for line in &self.lines {
            let data = json!({"line": line_of(line.category, line.territory)});
            let draft = Draft::new("close-quota-year", &line.head, data);
            agenda.give(YEAR_CLOSED, Hour::Afternoon, draft);
        }
    }

    fn later(&mut self, today: Date, first: usize, last: usize, step: Step) {
        let days = i64::try_from(self.chance.span(first, last)).unwrap_or(1);
        self.due.entry(after(today, days)).or_default().push(step);
    }

    fn file(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let line = self.chance.below(self.lines.len() * 2) % self.lines.len();
        let kandas = self.lines[line].category == "kandas";
        let officer = self.lines[line].officer.clone();
        let kind = if kandas { "foreigner" } else { "citizen" };
        let draft = Draft::new("record-person", &officer, json!({"kind": kind}));
        let applicant = agenda
            .give(today, Hour::Opening, draft.personal(names.person()))
            .id;
        // Some come before they have the status.
        let status = !self.chance.once_in(30);
        if kandas && status {
            self.grant(applicant, &officer, today, agenda);
        }
        let members = *self.chance.one_of(&[0, 0, 1, 1, 2, 2, 3, 3, 4, 5]);
        let data = json!({
            "applicant": by(applicant), "category": self.lines[line].category,
            "territory": self.lines[line].territory, "year": "2024",
            "members": members.to_string(),
        });
        let draft = Draft::new("file-application", &officer, data);
        let application = agenda.give(today, Hour::Morning, draft).id;
        let case = Case {
            applicant,
            application,
            line,
            places: members + 1,
            status: status || !kandas,
            tries: 0,
        };
        self.later(today, 2, 12, Step::Hold(case));
    }

    fn grant(&self, applicant: Ref, officer: &Actor, today: Date, agenda: &mut Agenda) {
        let until = today.saturating_add(jiff::Span::new().years(1));
        let data = json!({"person": by(applicant), "until": day(until)});
        let draft = Draft::new("grant-kandas-status", officer, data);
        agenda.give(today, Hour::Opening, draft);
    }

    fn hold(&mut self, mut case: Case, today: Date, agenda: &mut Agenda) {
        let line = &self.lines[case.line];
        let (officer, room) = (line.officer.clone(), line.limit - line.taken);
        let it = json!({"application": by(case.application)});
        if self.chance.once_in(60) {
            // The wrong office asks first.
            let other = (case.line + 1) % self.lines.len();
            let elsewhere = self.lines[other].officer.clone();
            agenda.give(
                today,
                Hour::Noon,
                Draft::new("hold-places", &elsewhere, it.clone()),
            );
        }
        agenda.give(today, Hour::Noon, Draft::new("hold-places", &officer, it));
        let in_force = ORDER_IN_FORCE <= today;
        if !in_force || !case.status || room < case.places {
            if !case.status {
                self.grant(case.applicant, &officer, after(today, 1), agenda);
                case.status = true;
            }
            case.tries += 1;
            if case.tries < 3 && today < FILED_TO {
                self.later(today, 8, 30, Step::Hold(case));
            }
            return;
        }
        self.lines[case.line].taken += case.places;
        match self.chance.below(100) {
            0..64 => self.later(today, 2, 14, Step::Commit(case)),
            64..95 => self.later(today, 2, 20, Step::Release(case, "withdrawn")),
            _ => self.kept.push(case),
        }
    }

    fn adopt(&mut self, case: &Case, today: Date, agenda: &mut Agenda) {
        let head = self.lines[case.line].head.clone();
        let it = json!({"application": by(case.application)});
        agenda.give(
            today,
            Hour::Afternoon,
            Draft::new("commit-places", &head, it.clone()),
        );
        if self.chance.once_in(60) {
            // Sent twice, under another id: it has been decided.
            agenda.give(
                today,
                Hour::Afternoon,
                Draft::new("commit-places", &head, it),
            );
        }
    }

    fn commit(&mut self, case: &Case, today: Date, agenda: &mut Agenda) {
        self.adopt(case, today, agenda);
        if self.chance.once_in(12) {
            let reason = *self.chance.one_of(&["withdrawn", "annulled"]);
            self.later(today, 5, 40, Step::Release(case.clone(), reason));
        }
    }

    fn release(
        &mut self,
        case: &Case,
        reason: &'static str,
        hour: Hour,
        today: Date,
        agenda: &mut Agenda,
    ) {
        let line = &mut self.lines[case.line];
        line.taken -= case.places;
        let head = line.head.clone();
        let data = json!({"application": by(case.application), "reason": reason});
        agenda.give(today, hour, Draft::new("release-places", &head, data));
    }
}
