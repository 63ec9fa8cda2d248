//! The town hall of Almaty: refusals of applications while there is no line (point 6), and proposals (point 5).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use qonys_events::{digest::Sha256Hex, entry::Actor, id::Ref};
use serde_json::{Value, json};

use crate::demo::{
    agenda::{Agenda, Chance, Draft, Hour, after, by, day},
    names::Names,
    story::APPEAL,
};

/// The last day on which applications are filed that no line takes.
const REFUSED_UNTIL: Date = date(2024, 1, 5);
/// Working days between two proposals.
const BETWEEN_PROPOSALS: usize = 6;

enum Step {
    Tell {
        application: Ref,
        heard: Date,
    },
    Refuse {
        application: Ref,
        applicant: Ref,
        heard: Date,
    },
    Sign {
        proposal: Ref,
        asked: u64,
    },
    Send {
        proposal: Ref,
        asked: u64,
    },
    Receive {
        proposal: Ref,
        asked: u64,
    },
    Answer {
        proposal: Ref,
        asked: u64,
    },
    Withdraw {
        proposal: Ref,
    },
}

/// The town hall while its year is written.
pub(super) struct Hall {
    chance: Chance,
    officer: Actor,
    deputy: Actor,
    due: BTreeMap<Date, Vec<Step>>,
    days: usize,
    proposals: usize,
    /// What each proposal is about, and which of them are signed and not answered: who signs another one says why.
    about: BTreeMap<Ref, About>,
    pending: BTreeSet<Ref>,
}

/// The kind of a proposal, and its year where it is about one.
type About = (usize, Option<i16>);

impl Hall {
    pub(super) fn new(agenda: &Agenda) -> Self {
        Self {
            chance: agenda.chance("hall"),
            officer: agenda.official("proposal-officer", "akimat.almaty"),
            deputy: agenda.official("deputy-akim", "akimat.almaty"),
            due: BTreeMap::new(),
            days: 0,
            proposals: 0,
            about: BTreeMap::new(),
            pending: BTreeSet::new(),
        }
    }

    /// One working day.
    pub(super) fn day(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        self.days += 1;
        for step in self.due.remove(&today).unwrap_or_default() {
            self.step(step, today, agenda);
        }
        if today <= REFUSED_UNTIL && self.chance.once_in(2) {
            self.apply(today, agenda, names);
        }
        if self.days.is_multiple_of(BETWEEN_PROPOSALS) {
            self.propose(today, agenda);
        }
    }

    fn later(&mut self, today: Date, first: usize, last: usize, step: Step) {
        let days = i64::try_from(self.chance.span(first, last)).unwrap_or(1);
        self.due.entry(after(today, days)).or_default().push(step);
    }

    /// A kandas applies for Almaty, which has no line for 2023.
    fn apply(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let draft = Draft::new("record-person", &self.officer, json!({"kind": "foreigner"}));
        let applicant = agenda
            .give(today, Hour::Opening, draft.personal(names.person()))
            .id;
        let until = today.saturating_add(jiff::Span::new().years(1));
        let status = json!({"person": by(applicant), "until": day(until)});
        agenda.give(
            today,
            Hour::Morning,
            Draft::new("grant-kandas-status", &self.officer, status),
        );
        let members = self.chance.below(5).to_string();
        let filed = json!({
            "applicant": by(applicant), "category": "kandas", "territory": "almaty",
            "year": "2023", "members": members,
        });
        let draft = Draft::new("file-application", &self.officer, filed);
        let application = agenda.give(today, Hour::Noon, draft).id;
        let heard = after(today, 9);
        self.later(today, 5, 5, Step::Tell { application, heard });
        self.later(
            today,
            14,
            25,
            Step::Refuse {
                application,
                applicant,
                heard,
            },
        );
    }

    fn propose(&mut self, today: Date, agenda: &mut Agenda) {
        let asked = self.chance.span(20, 300) as u64;
        let now = today.year();
        let ask = |category: &str| json!([{"category": category, "asked": asked.to_string()}]);
        let (coming, medium) = ((now + 1).to_string(), (now + 3).to_string());
        let kind = self.proposals % 4;
        let subject: Value = match kind {
            0 => json!({
                "kind": "regional-quota", "direction": "increase", "lines": ask("kandas"),
                "horizon": {"horizon": "coming-year", "year": coming},
            }),
            1 => json!({
                "kind": "regional-quota", "direction": "increase", "lines": ask("resettlers"),
                "horizon": {"horizon": "medium-term", "from": coming, "to": medium},
            }),
            2 => json!({
                "kind": "foreign-labour", "direction": "reduction", "year": now.to_string(),
                "lines": [{"category": "category-3", "asked": asked.to_string(), "of_which_compatriots": "5"}],
            }),
            _ => json!({"kind": "territory", "change": "excluded", "category": "resettlers"}),
        };
        self.proposals += 1;
        let document = Sha256Hex::of(format!("justification {}", self.proposals).as_bytes());
        let data = json!({
            "subject": subject, "territory": "almaty", "justification": document,
            "indicators": ["population"],
        });
        let draft = Draft::new("draft-proposal", &self.officer, data);
        let proposal = agenda.give(today, Hour::Noon, draft).id;
        let of_a_year = kind.is_multiple_of(2);
        self.about
            .insert(proposal, (kind, of_a_year.then_some(now)));
        self.later(today, 2, 6, Step::Sign { proposal, asked });
    }

    fn step(&mut self, step: Step, today: Date, agenda: &mut Agenda) {
        let mut give = |type_name, actor: &Actor, data: Value| {
            agenda.give(today, Hour::Afternoon, Draft::new(type_name, actor, data));
        };
        match step {
            Step::Tell { application, heard } => {
                let document = Sha256Hex::of(format!("preliminary {application}").as_bytes());
                let data = json!({
                    "application": by(application), "verdict": "adverse", "way": "electronic",
                    "hearing_on": day(heard), "document": document,
                });
                give("tell-preliminary-decision", &self.officer, data);
            }
            Step::Refuse {
                application,
                applicant,
                heard,
            } => {
                let data = json!({
                    "application": by(application), "applicant": by(applicant),
                    "ground": "no-regional-quota", "appeal": APPEAL,
                    "hearing": {"choice": "held", "on": day(heard)},
                });
                let facts =
                    json!({"individual-facts": "Отбасының мән-жайы тыңдалды (ойдан шығарылған)"});
                let draft = Draft::new("refuse-application", &self.deputy, data).personal(facts);
                agenda.give(today, Hour::Afternoon, draft);
            }
            Step::Sign { proposal, asked } => {
                let document = Sha256Hex::of(format!("signed {proposal}").as_bytes());
                let mut data = json!({"proposal": by(proposal), "document": document});
                let about = self.about.get(&proposal);
                let mut others = self.pending.iter().map(|other| self.about.get(other));
                if others.any(|other| other == about) {
                    data["confirms"] = json!([{
                        "warning": "parallel-proposal",
                        "reason": "the figures of the first one have been revised since (invented)",
                    }]);
                }
                give("sign-proposal", &self.deputy, data);
                self.pending.insert(proposal);
                self.later(today, 1, 4, Step::Send { proposal, asked });
            }
            Step::Send { proposal, asked } => {
                let addressee = "Ministry of Labour and Social Protection of the Population";
                give(
                    "send-proposal",
                    &self.officer,
                    json!({"proposal": by(proposal), "authority": "ministry-of-labour", "addressee": addressee}),
                );
                self.later(today, 2, 5, Step::Receive { proposal, asked });
            }
            Step::Receive { proposal, asked } => {
                give(
                    "record-receipt",
                    &self.officer,
                    json!({"proposal": by(proposal), "number": format!("in-{asked}")}),
                );
                let withdrawn = self.chance.once_in(6);
                let next = if withdrawn {
                    Step::Withdraw { proposal }
                } else {
                    Step::Answer { proposal, asked }
                };
                self.later(today, 20, 60, next);
            }
            Step::Answer { proposal, asked } => {
                let answer = *self.chance.one_of(&["accepted", "rejected", "returned"]);
                let data = json!({"proposal": by(proposal), "answer": answer, "number": format!("out-{asked}")});
                self.pending.remove(&proposal);
                give("record-answer", &self.officer, data);
            }
            Step::Withdraw { proposal } => {
                self.pending.remove(&proposal);
                give(
                    "withdraw-proposal",
                    &self.officer,
                    json!({"proposal": by(proposal)}),
                );
            }
        }
    }
}
