//! The story: what one family, one proposal, one flat, one office and one order go through. It only gives commands and remembers
//! which; what became of them is asked of the log when the story is told.

use jiff::civil::{Date, date};
use qonys_events::{digest::Sha256Hex, entry::Actor, id::Ref};
use serde_json::{Value, json};

use super::{
    agenda::{Agenda, Draft, Hour, Planned, by, day},
    names::Names,
    year::{FIRST, ORDER_IN_FORCE, YEAR_CLOSED},
};
use crate::{published, settings::DEFAULT_ZONE};

mod anew;
pub(super) mod chapter;
mod contested;
mod flat;
mod forecast;
pub(super) mod population_departure;
mod privacy;
mod register;
mod status;
mod stead;
pub(super) mod town;
mod warned;

use chapter::Chapter;
use town::Town;
use warned::Warned;

/// The lines of the invented order for 2024: category, territory, limit. Almaty is a real city and its line is invented;
/// the other territories are invented with their lines.
pub(super) const LINES: [(&str, &str, usize); 9] = [
    ("kandas", "almaty", 60),
    ("kandas", "synthetic-north", 700),
    ("kandas", "synthetic-east", 500),
    ("kandas", "synthetic-west", 350),
    ("kandas", "synthetic-south", 300),
    ("resettlers", "synthetic-north", 1_500),
    ("resettlers", "synthetic-east", 1_100),
    ("resettlers", "synthetic-west", 900),
    ("resettlers", "synthetic-south", 700),
];
/// The invented act that determines the territories.
pub(super) const DETERMINATION: &str = "synthetic-determination-2024";
/// The invented act that sets the lines.
pub(super) const ORDER: &str = "synthetic-order-2024";
/// Where and within what term an applicant may complain (administrative procedure code art. 91-96, 100).
pub(super) const APPEAL: &str =
    "to the authorised body through the akimat within three months, then to the court";
/// SHA-256 of the paper behind a title or a consent.
const PAPER: &str = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

/// The quota line of a category and territory in 2024, as JSON.
pub(super) fn line_of(category: &str, territory: &str) -> Value {
    json!({
        "category": category, "territory": territory, "year": "2024",
        "rule": "principals-and-members",
    })
}

/// A proposal from its draft to the act that answers it.
pub(super) struct Proposal {
    pub(super) draft: Planned,
    pub(super) unsigned: Planned,
    pub(super) steps: Vec<Planned>,
}

/// Which commands the story is about.
pub(super) struct Story {
    pub(super) opened: Planned,
    pub(super) status: Planned,
    pub(super) filed: Planned,
    pub(super) no_line: Planned,
    pub(super) refused: Planned,
    pub(super) designation: Proposal,
    pub(super) quota: Proposal,
    pub(super) determination: Planned,
    pub(super) order: Planned,
    pub(super) filed_again: Planned,
    pub(super) too_early: Planned,
    pub(super) held: Planned,
    pub(super) committed: Planned,
    pub(super) flat: Planned,
    pub(super) three: Vec<Planned>,
    pub(super) fourth: Planned,
    pub(super) private_flat: Planned,
    pub(super) private_fourth: Planned,
    pub(super) contested: [Chapter; 2],
    pub(super) house: Chapter,
    pub(super) town: Town,
    pub(super) stead: Chapter,
    pub(super) population_departure: Chapter,
    pub(super) forecast: Chapter,
    pub(super) privacy: Chapter,
    pub(super) anew: Chapter,
    pub(super) medium_term: Planned,
    pub(super) warned: Warned,
    pub(super) after_repeal: Vec<(Planned, bool)>,
    pub(super) closed: Planned,
}

/// Who acts in the story.
struct Cast {
    operator: Actor,
    lawyer: Actor,
    officer: Actor,
    head: Actor,
    deputy: Actor,
    proposals: Actor,
    registrar: Actor,
}

/// The telling, while commands are given.
struct Telling<'a> {
    agenda: &'a mut Agenda,
    names: &'a mut Names,
    cast: Cast,
}

impl Story {
    /// Gives the commands of the story.
    pub(super) fn tell(agenda: &mut Agenda, names: &mut Names) -> Self {
        let cast = Cast {
            operator: agenda.official("operator", "akimat.almaty"),
            lawyer: agenda.official("lawyer", "akimat.almaty"),
            officer: agenda.official("quota-officer", "akimat.almaty"),
            head: agenda.official("head-of-department", "akimat.almaty"),
            deputy: agenda.official("deputy-akim", "akimat.almaty"),
            proposals: agenda.official("proposal-officer", "akimat.almaty"),
            registrar: agenda.official("registrar", "state-corporation.almaty"),
        };
        let mut telling = Telling {
            agenda,
            names,
            cast,
        };
        let opened = telling.open();
        let (applicant, status) = telling.grant();
        let (filed, no_line, refused) = telling.refusal(applicant);
        let (designation, quota) = telling.proposals();
        let (determination, order) = telling.acts();
        let proposals = [&designation, &quota].map(|proposal| proposal.draft.id);
        let link = |(proposal, act): (Ref, &str)| json!({"proposal": by(proposal), "act": act});
        let links = proposals.into_iter().zip([DETERMINATION, ORDER]).map(link);
        for data in links {
            telling.give(
                date(2024, 1, 23),
                Hour::Noon,
                |cast| &cast.proposals,
                "link-proposal",
                data,
            );
        }
        let (filed_again, too_early, held, committed) = telling.inclusion(applicant);
        let (flat, three, fourth) = telling.flat("state", date(2024, 2, 26));
        let (private_flat, mut in_private, last) = telling.flat("private", date(2024, 2, 27));
        in_private.push(last);
        let contested = contested::tell(telling.agenda, telling.names, applicant);
        let house = register::tell(telling.agenda, telling.names, flat.id);
        let town = Town::tell(telling.agenda, &telling.cast.lawyer);
        let (head, clerk) = &town.officials;
        let stead = stead::tell(
            telling.agenda,
            telling.names,
            (head, clerk),
            town.granted.id,
        );
        let population_departure = population_departure::tell(telling.agenda, telling.names);
        let forecast = forecast::tell(telling.agenda, telling.names);
        let medium_term = telling.medium_term(date(2024, 3, 11));
        let warned = Warned::tell(telling.agenda, &telling.cast.deputy, medium_term.id);
        let after_repeal = telling.after_repeal();
        let privacy = privacy::tell(telling.agenda, telling.names);
        let anew = anew::tell(telling.agenda, telling.names);
        let data = json!({"line": line_of("kandas", "almaty")});
        let closed = telling.give(
            YEAR_CLOSED,
            Hour::Noon,
            |cast| &cast.head,
            "close-quota-year",
            data,
        );
        Self {
            opened,
            status,
            filed,
            no_line,
            refused,
            designation,
            quota,
            determination,
            order,
            filed_again,
            too_early,
            held,
            committed,
            flat,
            three,
            fourth,
            private_flat,
            private_fourth: in_private.pop().expect("four were registered"),
            contested,
            house,
            town,
            stead,
            population_departure,
            forecast,
            privacy,
            anew,
            medium_term,
            warned,
            after_repeal,
            closed,
        }
    }
}

impl Telling<'_> {
    fn give(
        &mut self,
        on: Date,
        hour: Hour,
        who: impl Fn(&Cast) -> &Actor,
        type_name: &'static str,
        data: Value,
    ) -> Planned {
        let draft = Draft::new(type_name, who(&self.cast), data);
        self.agenda.give(on, hour, draft)
    }

    fn person(&mut self, on: Date, kind: &str) -> Ref {
        let draft = Draft::new("record-person", &self.cast.registrar, json!({"kind": kind}));
        let draft = draft.personal(self.names.person());
        self.agenda.give(on, Hour::Morning, draft).id
    }

    /// The log is opened, and what is published by then is entered. What is corrected later comes first: its place in the
    /// register's stream is known then.
    fn open(&mut self) -> Planned {
        let data = json!({"zone": DEFAULT_ZONE, "kind": "demo", "clock": "simulated"});
        let opened = self.give(
            FIRST,
            Hour::Opening,
            |cast| &cast.operator,
            "open-log",
            data,
        );
        // No source gives the holidays: the calendars are invented, and say so.
        for year in 2023..=2027 {
            let calendar = json!({
                "year": year.to_string(), "weekly_rest": ["saturday", "sunday"],
                "days_off": [format!("{year}-01-01"), format!("{year}-01-02")],
                "synthetic": true, "source": "invented for the demonstration",
            });
            self.give(
                FIRST,
                Hour::Opening,
                |cast| &cast.lawyer,
                "record-calendar",
                calendar,
            );
        }
        anew::mistyped(self.agenda, &self.cast.lawyer);
        for line in published::known_on(day(FIRST)) {
            self.agenda.publish(FIRST, &line, &self.cast.lawyer);
        }
        opened
    }

    fn file(&mut self, applicant: Ref, year: &str, on: Date) -> Planned {
        let data = json!({
            "applicant": by(applicant), "category": "kandas", "territory": "almaty",
            "year": year, "members": "3",
        });
        self.give(
            on,
            Hour::Morning,
            |cast| &cast.officer,
            "file-application",
            data,
        )
    }

    /// There is no line for Almaty: places cannot be held, and the application is refused after a hearing.
    fn refusal(&mut self, applicant: Ref) -> (Planned, Planned, Planned) {
        let filed = self.file(applicant, "2023", date(2023, 9, 25));
        let it = json!({"application": by(filed.id)});
        let on = date(2023, 10, 2);
        let no_line = self.give(on, Hour::Noon, |cast| &cast.officer, "hold-places", it);
        let told = json!({
            "application": by(filed.id), "verdict": "adverse", "way": "in-person",
            "hearing_on": "2023-10-12", "document": Sha256Hex::of(b"preliminary decision"),
        });
        self.give(
            date(2023, 10, 6),
            Hour::Noon,
            |cast| &cast.officer,
            "tell-preliminary-decision",
            told,
        );
        let data = json!({
            "application": by(filed.id), "applicant": by(applicant), "ground": "no-regional-quota",
            "hearing": {"choice": "held", "on": "2023-10-12"}, "appeal": APPEAL,
        });
        let draft = Draft::new("refuse-application", &self.cast.deputy, data);
        let facts = json!({"individual-facts": "Отбасының мән-жайы тыңдалды (ойдан шығарылған)"});
        let refused = self
            .agenda
            .give(date(2023, 10, 18), Hour::Noon, draft.personal(facts));
        (filed, no_line, refused)
    }

    fn proposal(&mut self, subject: Value, what: &str) -> Proposal {
        let justification = Sha256Hex::of(format!("justification: {what}").as_bytes());
        let data = json!({
            "subject": subject, "territory": "almaty", "justification": justification,
            "indicators": ["population", "interregional-balance"],
        });
        let officer = |cast: &Cast| cast.proposals.clone();
        let proposals = officer(&self.cast);
        let draft = Draft::new("draft-proposal", &proposals, data);
        let draft = self.agenda.give(date(2023, 10, 23), Hour::Noon, draft);
        let it = by(draft.id);
        let ministry = "Ministry of Labour and Social Protection of the Population";
        let send =
            json!({"proposal": it, "authority": "ministry-of-labour", "addressee": ministry});
        let on = date(2023, 10, 25);
        let unsigned = self.give(
            on,
            Hour::Noon,
            |cast| &cast.proposals,
            "send-proposal",
            send.clone(),
        );
        let document = Sha256Hex::of(format!("signed: {what}").as_bytes());
        let number = format!("2023-{what}");
        let answered =
            json!({"proposal": it, "answer": "accepted", "number": format!("{number}-1")});
        let mut steps = Vec::new();
        for (on, signs, type_name, data) in [
            (
                date(2023, 10, 27),
                true,
                "sign-proposal",
                json!({"proposal": it, "document": document}),
            ),
            (date(2023, 10, 30), false, "send-proposal", send),
            (
                date(2023, 11, 1),
                false,
                "record-receipt",
                json!({"proposal": it, "number": number}),
            ),
            (date(2023, 12, 20), false, "record-answer", answered),
        ] {
            let who = |cast: &Cast| {
                if signs {
                    cast.deputy.clone()
                } else {
                    cast.proposals.clone()
                }
            };
            let actor = who(&self.cast);
            steps.push(
                self.agenda
                    .give(on, Hour::Noon, Draft::new(type_name, &actor, data)),
            );
        }
        Proposal {
            draft,
            unsigned,
            steps,
        }
    }

    /// To designate the territory, and a quota for the coming year.
    fn proposals(&mut self) -> (Proposal, Proposal) {
        let territory = json!({"kind": "territory", "change": "determined", "category": "kandas"});
        let quota = json!({
            "kind": "regional-quota", "direction": "increase",
            "horizon": {"horizon": "coming-year", "year": "2024"},
            "lines": [{"category": "kandas", "asked": "60"}],
        });
        (
            self.proposal(territory, "territory"),
            self.proposal(quota, "quota"),
        )
    }

    /// Two invented acts: one determines territories, the other sets lines for them.
    fn acts(&mut self) -> (Planned, Planned) {
        let on = date(2024, 1, 22);
        let lawyer = |cast: &Cast| -> Actor { cast.lawyer.clone() };
        let actor = lawyer(&self.cast);
        let mut act = |name: &str, kind: &str, title: &str, adopted: &str, in_force: String| {
            let data = json!({
                "act": name, "kind": kind, "body": "nobody: this act is invented",
                "titles": {"en": title}, "language": "en", "adopted_on": adopted,
                "in_force_on": in_force, "entry_into_force": {"rule": "unknown"}, "document": name,
                "wording": "first", "synthetic": true, "source": "invented for the demonstration",
            });
            self.agenda
                .give(on, Hour::Opening, Draft::new("record-act", &actor, data))
        };
        let in_force = day(ORDER_IN_FORCE).to_string();
        let title = "Invented: Almaty and four invented regions are determined for settling";
        let determination = act(
            DETERMINATION,
            "decree",
            title,
            "2024-01-12",
            "2024-02-01".into(),
        );
        let title = "Invented: regional quotas of Almaty and four invented regions for 2024";
        let order = act(ORDER, "order", title, "2024-01-19", in_force);
        for (category, territory, _) in LINES {
            let data = json!({
                "category": category, "territory": territory, "change": "determined",
                "act": DETERMINATION,
            });
            self.give(
                on,
                Hour::Morning,
                |cast| &cast.lawyer,
                "change-territory",
                data,
            );
        }
        let lines = LINES.map(|(category, territory, limit)| {
            json!({"category": category, "territory": territory, "limit": limit.to_string()})
        });
        let data = json!({
            "act": ORDER, "action": "establish", "year": "2024", "rule": "principals-and-members",
            "rule_certainty": "assumed", "lines": lines,
        });
        self.give(on, Hour::Morning, |cast| &cast.lawyer, "set-quota", data);
        (determination, order)
    }

    /// The same family applies again, now that there is a line.
    fn inclusion(&mut self, applicant: Ref) -> (Planned, Planned, Planned, Planned) {
        let filed = self.file(applicant, "2024", date(2024, 1, 29));
        let it = json!({"application": by(filed.id)});
        let mut step = |on: Date, adopts: bool, type_name| {
            let who = |cast: &Cast| {
                if adopts {
                    cast.head.clone()
                } else {
                    cast.officer.clone()
                }
            };
            let actor = who(&self.cast);
            self.agenda
                .give(on, Hour::Noon, Draft::new(type_name, &actor, it.clone()))
        };
        let too_early = step(date(2024, 2, 2), false, "hold-places");
        let held = step(date(2024, 2, 14), false, "hold-places");
        let committed = step(date(2024, 2, 16), true, "commit-places");
        (filed, too_early, held, committed)
    }

    fn draft(&mut self, on: Date, horizon: Value) -> Planned {
        let data = json!({
            "subject": {
                "kind": "regional-quota", "direction": "increase", "horizon": horizon,
                "lines": [{"category": "kandas", "asked": "100"}],
            },
            "territory": "almaty", "justification": Sha256Hex::of(b"justification: medium term"),
        });
        self.give(
            on,
            Hour::Noon,
            |cast| &cast.proposals,
            "draft-proposal",
            data,
        )
    }

    fn medium_term(&mut self, on: Date) -> Planned {
        self.draft(
            on,
            json!({"horizon": "medium-term", "from": "2025", "to": "2027"}),
        )
    }

    /// What the repeal of the Rules stops, and what goes on: each with whether it goes on.
    fn after_repeal(&mut self) -> Vec<(Planned, bool)> {
        let on = date(2024, 4, 15);
        let medium = self.medium_term(on);
        let coming = self.draft(on, json!({"horizon": "coming-year", "year": "2025"}));
        let (_, mut registered, _) = self.flat("private", on);
        let registration = registered.pop().expect("three were registered");
        vec![(medium, false), (coming, true), (registration, true)]
    }
}
