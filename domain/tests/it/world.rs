//! A register in memory: decides a command with [`qonys_domain::decide::decide`] and applies what was decided.

use std::collections::HashMap;

use qonys_domain::{
    blocked::Blocked,
    command::Command,
    context::{Context, Correspondence, Findings},
    decide::{Decided, Undecided, adopted, decide, person_of_duty, superseded},
    read_list::meaning,
    streams::{Stream, Streams},
};
use qonys_events::{
    digest::Sha256Hex,
    entry::Actor,
    event::Event,
    fact::Fact,
    id::{Ref, StreamId},
    scalar::{Day, Instant},
    slot::Slot,
};
use serde_json::{Value, json};

/// Streams in memory, and every event in the order in which it was recorded.
#[derive(Default)]
pub struct World {
    streams: HashMap<StreamId, Stream>,
    pub events: Vec<(StreamId, Event)>,
    /// The office of the commands, where it is not the akimat of Pavlodar.
    pub office: Option<&'static str>,
    minted: u128,
}

impl Streams for World {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.streams.get(id)
    }
}

/// What a verdict read of a forbidden attribute stands in the list of lawful conditions (point 2), in whichever test it came.
#[track_caller]
fn reads_lawfully(event: &Event) {
    const CONDITIONS: &str = include_str!("../../../data/lawful-conditions.csv");
    let name = event.fact.type_name().trim_start_matches("kz.qonys.");
    let name = name.rsplit_once(".v").map_or(name, |(name, _)| name);
    let (facts, _) = event.fact.read_list();
    for fact in facts.into_iter().flat_map(|facts| facts.0.keys()) {
        let meaning = meaning(fact.as_str()).unwrap_or_else(|| panic!("{name} reads {fact}"));
        let Some(attribute) = meaning.attribute else {
            continue;
        };
        let condition = format!("{attribute},{fact},{name},");
        assert!(
            CONDITIONS.lines().any(|line| line.starts_with(&condition)),
            "{name} reads {fact}, which tells {attribute}, without a lawful condition"
        );
    }
}

/// A day from its written form.
pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// The leaf hash that a test log gives every hold: tests of the domain have no bytes.
pub fn leaf() -> Sha256Hex {
    Sha256Hex::of(b"leaf")
}

impl World {
    /// A log that is open for tests, with the acts that every case needs.
    pub fn open() -> Self {
        let mut world = Self::default();
        world.must(
            "open-log",
            json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"}),
            "2024-01-01",
        );
        world.act("law-477-2011", json!({"in_force_on": "2011-07-22"}));
        for (decision, point) in [
            ("kandas-inclusion", "15(6-3)"),
            ("resettler-inclusion", "15(6-6)"),
            ("kandas-status", "15(6-1)"),
            ("kandas-refusal", "20"),
            ("quota-year-close", "11(4-2)"),
            ("kandas-status-extension", "15(6-1)"),
            ("kandas-status-end", "25"),
            ("complaint-review", "11(10)"),
            ("repayment-claim", "23(6)"),
        ] {
            let power = json!({"decisions": [decision], "document": "law-477-2011", "point": point, "from": "2011-07-22",
                "certainty": "known", "source": "migration law"});
            world.must("record-power", power, "2024-01-01");
        }
        world
    }

    /// Enters a norm of the migration law that is in force from 2020 on.
    pub fn norm(&mut self, name: &str, value: u64) {
        self.norm_between(name, value, "2020-01-01", None);
    }

    /// Enters a norm of the migration law.
    pub fn norm_between(&mut self, name: &str, value: u64, from: &str, until: Option<&str>) {
        let mut norm = json!({"norm": name, "document": "law-477-2011", "point": "a point", "value": value.to_string(),
            "unit": "a-unit", "from": from, "certainty": "assumed", "source": "test"});
        if let Some(until) = until {
            norm["until"] = json!(until);
        }
        self.must("record-norm", norm, "2024-01-01");
    }

    /// The norms of terms, hearing and complaint, and synthetic calendars of 2022 to 2026 with the New Year off.
    pub fn procedure(&mut self) {
        self.procedure_without("none");
    }

    /// The same without the norm of a name.
    pub fn procedure_without(&mut self, missing: &str) {
        let norms = [
            ("term.administrative-procedure.working-days", 15),
            ("hearing.needless-below.working-days", 5),
            ("hearing.notice.working-days", 3),
            ("hearing.objection.working-days", 2),
            ("clerical-correction.working-days", 3),
            ("complaint.months", 3),
            ("complaint-without-appeal-path.months", 6),
            ("complaint.suspends", 1),
            ("complaint-forwarding.working-days", 3),
            ("complaint-decision.working-days", 20),
        ];
        for (name, value) in norms.into_iter().filter(|(name, _)| *name != missing) {
            self.norm(name, value);
        }
        for year in 2022..=2026 {
            let calendar = json!({"year": year.to_string(), "weekly_rest": ["saturday", "sunday"],
                "days_off": [format!("{year}-01-01"), format!("{year}-01-02")], "synthetic": true, "source": "test"});
            self.must("record-calendar", calendar, "2024-01-01");
        }
    }

    /// Who applies with the application that was filed last.
    pub fn last_applicant(&self) -> String {
        let filed = self.events.iter().rev().find_map(|(_, e)| match &e.fact {
            qonys_events::fact::Fact::ApplicationFiled(f) => Some(f.applicant.to_string()),
            qonys_events::fact::Fact::StatusAsked(f) => Some(f.applicant.to_string()),
            _ => None,
        });
        filed.expect("an application was filed")
    }

    /// Gives a command as another official.
    pub fn as_official(
        &mut self,
        official: &str,
        type_name: &str,
        data: Value,
        on: &str,
    ) -> Result<Ref, Blocked> {
        let mut cx = self.context(on);
        cx.actor.actor = official.parse().expect("a reference");
        self.give(type_name, data, &cx)
    }

    /// The facts of the events of the last command that were recorded.
    pub fn last_data(&self) -> String {
        self.events
            .last()
            .map(|(_, event)| event.fact.write_data())
            .unwrap_or_default()
    }

    /// Enters an act with the dates of `extra`.
    pub fn act(&mut self, name: &str, extra: Value) {
        let mut data = json!({"act": name, "kind": "order", "body": "a body", "titles": {"en": name}, "language": "ru",
            "entry_into_force": {"rule": "unknown"}, "document": name, "wording": "first", "synthetic": true, "source": "test"});
        for (key, value) in extra.as_object().expect("an object") {
            data[key] = value.clone();
        }
        self.must("record-act", data, "2024-01-01");
    }

    /// The context of a command of the office.
    pub fn context(&mut self, on: &str) -> Context {
        self.minted += 1;
        Context {
            now: Instant::from_micros(1_900_000_000_000_000),
            today: day("2030-01-01"),
            decided_on: day(on),
            effective: None,
            actor: Actor {
                actor: "a0b1c2d3-0000-4000-8000-000000000001"
                    .parse()
                    .expect("a reference"),
                role: "quota-officer".parse().expect("a slug"),
                office: self
                    .office
                    .unwrap_or("akimat.pavlodar")
                    .parse()
                    .expect("a slug"),
                onbehalfof: None,
            },
            minted: Ref(format!("00000000-0000-4000-8000-{:012x}", self.minted)
                .parse()
                .expect("a UUID")),
            slots: ["name", "address"]
                .map(|name| example_slot(name, self.minted))
                .into(),
            adopted_leaf: None,
            adopted_of: None,
            superseded: Vec::new(),
            known_as: None,
            cases: Vec::new(),
            correspondence: None,
            findings: Findings::default(),
        }
    }

    /// The document that seals somebody who is not recorded himself.
    fn correspondence(&self, subject: Ref) -> Option<Correspondence> {
        let mut facts = self.events.iter().map(|(_, event)| &event.fact);
        if facts.any(|fact| matches!(fact, Fact::PersonRecorded(f) if f.person == subject)) {
            return None;
        }
        let his = |slots: &[Slot]| slots.iter().any(|slot| slot.subject == subject);
        self.events.iter().find_map(|(_, event)| {
            let application = match &event.fact {
                Fact::IncomingRegistered(fact) if his(&fact.slots) => fact.application,
                Fact::OutgoingRegistered(fact) if his(&fact.slots) => fact.application,
                _ => return None,
            };
            let registered_on = event.decidedon?;
            Some(Correspondence {
                registered_on,
                application,
            })
        })
    }

    /// Decides without applying.
    pub fn decide(&mut self, command: &Command, cx: &Context) -> Result<Decided, Blocked> {
        let mut cx = cx.clone();
        if let Some(person) = person_of_duty(command) {
            let cases = self
                .events
                .iter()
                .filter_map(|(_, event)| match &event.fact {
                    Fact::ApplicationFiled(filed) if filed.applicant == person => {
                        Some(filed.application)
                    }
                    Fact::StatusAsked(asked) if asked.applicant == person => {
                        Some(asked.application)
                    }
                    _ => None,
                });
            cx.cases = cases.collect();
            cx.correspondence = self.correspondence(person);
        }
        for _ in 0..100 {
            let looked_up = superseded(command, self).and_then(|entries| {
                let ids = entries.into_iter().map(|(_, entry)| (entry, cx.minted));
                cx.superseded = ids.collect();
                adopted(command, self)
            });
            let needed = match looked_up {
                Err(needs) => needs.0,
                Ok(place) => {
                    cx.adopted_leaf = place.map(|_| leaf());
                    match decide(command, &cx, self) {
                        Ok(decided) => return Ok(decided),
                        Err(Undecided::Blocked(blocked)) => return Err(*blocked),
                        Err(Undecided::Needs(stream)) => stream,
                    }
                }
            };
            self.streams
                .insert(needed.clone(), Stream::empty(needed.kind()));
        }
        panic!("the decision keeps asking for streams");
    }

    /// Decides and applies; the reference is the one that was minted for the command.
    pub fn give(&mut self, type_name: &str, data: Value, cx: &Context) -> Result<Ref, Blocked> {
        let command = Command::read(type_name, data.clone())
            .unwrap_or_else(|| panic!("no command {type_name}"))
            .unwrap_or_else(|e| panic!("{type_name} {data}: {e}"));
        let decided = self
            .decide(&command, cx)
            .inspect_err(crate::blocked::note)?;
        for (stream, event) in decided {
            reads_lawfully(&event);
            self.streams
                .entry(stream.clone())
                .or_insert_with(|| Stream::empty(stream.kind()))
                .apply(&event);
            self.events.push((stream, event));
        }
        Ok(cx.minted)
    }

    /// Gives a command of a day.
    pub fn on(&mut self, type_name: &str, data: Value, on: &str) -> Result<Ref, Blocked> {
        let cx = self.context(on);
        self.give(type_name, data, &cx)
    }

    /// Gives a command that must be accepted.
    #[track_caller]
    pub fn must(&mut self, type_name: &str, data: Value, on: &str) -> Ref {
        self.on(type_name, data, on)
            .unwrap_or_else(|blocked| panic!("{type_name}: {blocked} {:?}", blocked.facts))
    }

    /// Gives a command that must be blocked with this code.
    #[track_caller]
    pub fn blocked(&mut self, type_name: &str, data: Value, on: &str, code: &str) -> Blocked {
        match self.on(type_name, data, on) {
            Ok(_) => panic!("{type_name} was accepted, not blocked with {code}"),
            Err(blocked) => {
                assert_eq!(
                    blocked.code.as_str(),
                    code,
                    "{type_name}: {:?}",
                    blocked.facts
                );
                blocked
            }
        }
    }

    /// A kandas or resettler with a filed application.
    pub fn applicant(&mut self, category: &str, territory: &str, members: u64, on: &str) -> Ref {
        let kind = if category == "kandas" {
            "foreigner"
        } else {
            "citizen"
        };
        let person = self.must("record-person", json!({"kind": kind}), on);
        if category == "kandas" {
            self.must(
                "grant-kandas-status",
                json!({"person": person.to_string()}),
                on,
            );
        }
        let application = json!({"applicant": person.to_string(), "category": category, "territory": territory,
            "year": &on[..4], "members": members.to_string()});
        self.must("file-application", application, on)
    }
}

fn example_slot(name: &str, n: u128) -> qonys_events::slot::Slot {
    serde_json::from_value(json!({"name": name, "subject": format!("00000000-0000-4000-8000-{n:012x}"),
        "category": "identity", "scheme": "aes-256-gcm-siv.1", "commitment": leaf().to_string(), "sealed": leaf().to_string()}))
    .expect("a slot")
}
