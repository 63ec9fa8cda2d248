//! A small world for the tests of points 5, 9 and 10: the acts with their powers, and commands that go through the one
//! door. Every command loads the streams that its decision asks for, as the application does.

use std::collections::{HashMap, HashSet};

mod commands;

pub(crate) use commands::*;
use qonys_events::{
    digest::Sha256Hex,
    entry::Actor,
    event::Event,
    fact::{Fact, dwelling::Holder},
    id::{Ref, StreamId},
    scalar::{Day, StreamSeq},
    slot::Slot,
    term::{PersonKind, SlotCategory},
};

use crate::{
    blocked::{Basis, Blocked, Code},
    command::{Command, HolderConsent},
    context::{Context, Findings},
    decide::{Undecided, decide, superseded},
    streams::{Known, Stream, Streams},
};

/// A reference by a number.
pub(crate) fn reference(n: u64) -> Ref {
    format!("00000000-0000-4000-8000-{n:012x}")
        .parse()
        .expect("a reference")
}

/// A day of 2024 unless the year is named, as `03-01` or `2021-03-01`.
pub(crate) fn day(text: &str) -> Day {
    let full = if text.len() == 5 {
        format!("2024-{text}")
    } else {
        text.to_owned()
    };
    full.parse().expect("a day")
}

/// Acts, norms and powers, as type and data. The Rules are repealed by an act whose first day an official determined.
const LAW: &[(&str, &str)] = &[
    (
        "kz.qonys.act.recorded.v1",
        r#"{"act":"migration-law","kind":"law","number":"477-IV","body":"Parliament","titles":{"en":"On migration"},"language":"ru","in_force_on":"2011-08-01","entry_into_force":{"rule":"unknown"},"document":"migration-law","wording":"2011","synthetic":true,"source":"test"}"#,
    ),
    (
        "kz.qonys.act.recorded.v1",
        r#"{"act":"registration-rules","kind":"decree","body":"Government","titles":{"en":"Registration"},"language":"ru","in_force_on":"2011-12-01","entry_into_force":{"rule":"unknown"},"document":"registration-rules","wording":"2011","synthetic":true,"source":"test"}"#,
    ),
    (
        "kz.qonys.act.recorded.v1",
        r#"{"act":"rules","kind":"decision","number":"152","body":"Almaty maslikhat","titles":{"en":"Rules"},"language":"kk","in_force_on":"2017-10-30","entry_into_force":{"rule":"unknown"},"document":"rules","wording":"2017","synthetic":true,"source":"test"}"#,
    ),
    (
        "kz.qonys.act.recorded.v1",
        r#"{"act":"repeal","kind":"decision","number":"97","body":"Almaty maslikhat","titles":{"en":"Repeal"},"language":"kk","adopted_on":"2024-03-29","entry_into_force":{"rule":"days-after-publication","days":"10"},"document":"repeal","wording":"2024","repeals":["rules"],"synthetic":true,"source":"test"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"housing-provision.useful-area","document":"rules","point":"10","value":"1500","unit":"square-decimetres-per-person","from":"2017-10-30","certainty":"known","source":"test"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"addressee.ministry.territory","document":"migration-law","point":"11","value":"1","unit":"flag","from":"2017-02-01","certainty":"known","source":"test"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"addressee.ministry.foreign-labour","document":"migration-law","point":"11","value":"1","unit":"flag","from":"2017-02-01","certainty":"known","source":"test"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"addressee.ministry.regional-quota","document":"migration-law","point":"11","value":"1","unit":"flag","from":"2017-02-01","certainty":"known","source":"test"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"kandas-status","document":"migration-law","point":"21"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"residence-registration","document":"registration-rules","point":"3"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"stay-registration","document":"registration-rules","point":"4"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"housing-norm","document":"rules","point":"10"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"territory-designation-proposal","document":"migration-law","point":"15(3)"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"territory-exclusion-proposal","document":"rules","point":"5"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"foreign-labour-proposal","document":"migration-law","point":"15(4)"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"coming-year-quota-proposal","document":"migration-law","point":"15(3-1)"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        r#"{"decision":"medium-term-quota-proposal","document":"rules","point":"5"}"#,
    ),
];

/// The determination that makes the repeal certain from 09.04.2024.
pub(crate) const REPEAL_DETERMINED: (&str, &str) = (
    "kz.qonys.act.determined.v1",
    r#"{"act":"repeal","from":"2024-04-09","basis":"test"}"#,
);

/// A term after which a registration is late.
pub(crate) const TEN_DAYS: (&str, &str) = (
    "kz.qonys.norm.recorded.v1",
    r#"{"norm":"registration.late-after-days","document":"registration-rules","point":"3","value":"10","unit":"days","from":"2011-12-01","certainty":"known","source":"test"}"#,
);

/// Another term from 1 March 2024 on; [`TEN_DAYS`] without an end would overlap.
pub(crate) const TERM_CHANGED: [(&str, &str); 2] = [
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"registration.late-after-days","document":"registration-rules","point":"3","value":"10","unit":"days","from":"2011-12-01","until":"2024-03-01","certainty":"known","source":"test"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        r#"{"norm":"registration.late-after-days","document":"registration-rules","point":"3","value":"30","unit":"days","from":"2024-03-01","certainty":"known","source":"test"}"#,
    ),
];

/// The reading that a registration over the norm is blocked.
pub(crate) const OVER_NORM_BLOCKS: (&str, &str) = (
    "kz.qonys.norm.recorded.v1",
    r#"{"norm":"housing-provision.over-norm-blocks","document":"rules","point":"10","value":"1","unit":"flag","from":"2017-10-30","certainty":"interpretation","source":"test"}"#,
);

/// The reading that a family is counted together.
pub(crate) const FAMILY_TOGETHER: (&str, &str) = (
    "kz.qonys.norm.recorded.v1",
    r#"{"norm":"housing-provision.family-together","document":"rules","point":"10","value":"1","unit":"flag","from":"2017-10-30","certainty":"interpretation","source":"test"}"#,
);

/// Whoever owns every dwelling of these tests.
pub(crate) fn owner() -> Holder {
    Holder::Person {
        person: reference(500),
    }
}

/// The owner's consent, as it comes with an application.
pub(crate) fn consents() -> Vec<HolderConsent> {
    vec![HolderConsent {
        holder: owner(),
        document: Sha256Hex::of(b"consent"),
    }]
}

/// The streams of a log.
#[derive(Default)]
pub(crate) struct World {
    streams: HashMap<StreamId, Stream>,
}

impl Streams for World {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.streams.get(id)
    }
}

/// The streams that one decision has asked for: every decision begins with none.
struct Loaded<'a> {
    world: &'a World,
    asked: HashSet<StreamId>,
}

impl Streams for Loaded<'_> {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.world.stream(id).filter(|_| self.asked.contains(id))
    }
}

/// A command with its day and what the edge would add.
#[derive(Clone)]
pub(crate) struct Given {
    command: Command,
    decided: Day,
    effective: Option<Day>,
    minted: Ref,
    slots: Vec<Slot>,
    role: &'static str,
}

impl Given {
    pub(crate) fn new(command: Command) -> Self {
        let decided = Day::new(2024, 3, 1);
        Self {
            command,
            decided,
            effective: None,
            minted: reference(999),
            slots: Vec::new(),
            role: "registrar",
        }
    }

    /// Given by somebody in this role.
    pub(crate) fn acting(mut self, role: &'static str) -> Self {
        self.role = role;
        self
    }

    /// Decided on this day, and about it unless [`Self::from`] says otherwise.
    pub(crate) fn on(mut self, decided: &str) -> Self {
        self.decided = day(decided);
        self
    }

    /// About this day.
    pub(crate) fn from(mut self, effective: &str) -> Self {
        self.effective = Some(day(effective));
        self
    }

    /// Whatever the command records gets this reference.
    pub(crate) fn minting(mut self, minted: Ref) -> Self {
        self.minted = minted;
        self
    }

    fn sealing(mut self, name: &str, category: SlotCategory) -> Self {
        let (commitment, sealed) = (Sha256Hex::of(b"a"), Sha256Hex::of(b"b"));
        let (name, scheme) = (
            name.parse().expect("a slug"),
            "test".parse().expect("a slug"),
        );
        self.slots.push(Slot {
            name,
            subject: self.minted,
            category,
            scheme,
            commitment,
            sealed,
        });
        self
    }

    /// The same with one more sealed value of its subject.
    pub(crate) fn carrying(mut self, slot: impl FnOnce(Ref) -> Slot) -> Self {
        self.slots.push(slot(self.minted));
        self
    }

    /// The same, with its sealed value under another name.
    pub(crate) fn sealed_as(mut self, name: &str) -> Self {
        self.slots[0].name = name.parse().expect("a slug");
        self
    }

    /// The same without its sealed values.
    pub(crate) fn unsealed(mut self) -> Self {
        self.slots.clear();
        self
    }

    /// The same command, changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }
}

impl World {
    /// A log that is open, with the acts of [`LAW`].
    pub(crate) fn new() -> Self {
        let world = Self::default();
        let opened = r#"{"zone":"Asia/Almaty","kind":"test","clock":"simulated"}"#;
        let mut world = world.recording(StreamId::log(), "kz.qonys.log.opened.v1", opened);
        for (name, data) in LAW {
            let mut data: serde_json::Value = serde_json::from_str(data).expect("JSON");
            if name.contains("power") {
                data["from"] = "2011-08-01".into();
                data["certainty"] = "known".into();
                data["source"] = "test".into();
            }
            world = world.knowing((name, &data.to_string()));
        }
        world.after([person(reference(500), PersonKind::Citizen)])
    }

    fn recording(mut self, stream: StreamId, name: &str, data: &str) -> Self {
        let fact = Fact::read(name, data)
            .expect("a known type")
            .expect("data of its type");
        self.apply(&stream, &Event::new(fact));
        self
    }

    /// With another entry in the register of acts.
    pub(crate) fn knowing(self, (name, data): (&str, &str)) -> Self {
        self.recording(StreamId::law(), name, data)
    }

    /// With the commands accepted before.
    #[track_caller]
    pub(crate) fn after(mut self, given: impl IntoIterator<Item = Given>) -> Self {
        for command in given {
            let kind = command.command.type_name();
            if let Err(blocked) = self.run(command) {
                panic!("given {kind} is blocked: {blocked} {:?}", blocked.facts);
            }
        }
        self
    }

    fn apply(&mut self, id: &StreamId, event: &Event) {
        let stream = self
            .streams
            .entry(id.clone())
            .or_insert_with(|| Stream::empty(id.kind()));
        stream.apply(event);
    }

    /// Decides, loads what the decision asks for, decides again, and applies what was decided.
    pub(crate) fn run(&mut self, given: Given) -> Result<Vec<(StreamId, Event)>, Blocked> {
        let word = |text: &str| text.parse().expect("a slug");
        let mut cx = Context {
            now: "2030-01-01T00:00:00.000000Z".parse().expect("an instant"),
            today: Day::new(2030, 1, 1),
            decided_on: given.decided,
            effective: given.effective,
            actor: Actor {
                actor: reference(900),
                role: word(given.role),
                office: word("akimat.almaty"),
                onbehalfof: None,
            },
            minted: given.minted,
            slots: given.slots,
            adopted_leaf: None,
            adopted_of: None,
            superseded: Vec::new(),
            known_as: None,
            cases: Vec::new(),
            correspondence: None,
            findings: Findings::default(),
        };
        let mut asked = HashSet::new();
        loop {
            let loaded = Loaded { world: self, asked };
            let looked_up = superseded(&given.command, &loaded).map_err(Undecided::from);
            let decided = looked_up.and_then(|entries| {
                let ids = entries
                    .into_iter()
                    .map(|(_, entry)| (entry, superseded_as(entry)));
                cx.superseded = ids.collect();
                decide(&given.command, &cx, &loaded)
            });
            match decided {
                Ok(decided) => {
                    for (stream, _) in &decided {
                        assert!(loaded.asked.contains(stream), "{stream} was written unread");
                    }
                    decided
                        .iter()
                        .for_each(|(stream, event)| self.apply(stream, event));
                    return Ok(without_consents(decided));
                }
                Err(Undecided::Needs(stream)) => {
                    asked = loaded.asked;
                    let empty = Stream::empty(stream.kind());
                    self.streams.entry(stream.clone()).or_insert(empty);
                    assert!(asked.insert(stream), "asked for twice");
                }
                Err(Undecided::Blocked(blocked)) => return Err(*blocked),
            }
        }
    }

    /// Typed access to the streams that are loaded.
    pub(crate) fn known(&self) -> Known<'_> {
        Known(self)
    }
}

/// The id that the entry at a place of its stream has in these tests.
pub(crate) fn superseded_as(entry: StreamSeq) -> Ref {
    reference(900_000 + entry.0)
}

/// Leaves out the consents that came with an application: they stand before every registration of these tests.
fn without_consents(mut decided: Vec<(StreamId, Event)>) -> Vec<(StreamId, Event)> {
    if decided.len() > 1 {
        decided.retain(|(_, event)| !matches!(event.fact, Fact::ConsentGiven(_)));
    }
    decided
}

/// What a command comes to.
pub(crate) enum Then<'a> {
    /// Accepted: the types of its events without `kz.qonys.` and version, and facts that the first event with `facts`
    /// names among what was read.
    Accepted(&'a [&'a str], &'a [(&'a str, &'a str)]),
    /// Blocked by a rule of ours, with facts among those that were read.
    Control(Code, &'a [(&'a str, &'a str)]),
    /// Blocked by this act and point.
    Law(Code, &'a str, &'a [(&'a str, &'a str)]),
}

/// The facts that an event names as read.
pub(crate) fn facts_of(event: &Event) -> serde_json::Value {
    let data: serde_json::Value = serde_json::from_str(&event.fact.write_data()).expect("JSON");
    data["facts"].clone()
}

/// Given, when, then.
#[track_caller]
pub(crate) fn check(mut world: World, when: Given, then: Then<'_>) -> World {
    match (world.run(when), then) {
        (Ok(decided), Then::Accepted(types, facts)) => {
            let short = |event: &Event| {
                let name = event.fact.type_name().trim_start_matches("kz.qonys.");
                name.trim_end_matches(".v1").to_owned()
            };
            let written: Vec<_> = decided.iter().map(|(_, event)| short(event)).collect();
            assert_eq!(written, types);
            let read = decided
                .iter()
                .map(|(_, event)| facts_of(event))
                .find(|f| !f.is_null());
            let read = read.unwrap_or_default();
            for (name, value) in facts {
                assert_eq!(read[name], *value, "{name} among {read}");
            }
        }
        (Err(blocked), Then::Control(code, facts)) => {
            assert_eq!(
                (blocked.code, &blocked.basis),
                (code, &Basis::Control),
                "{:?}",
                blocked.facts
            );
            holds(&blocked, facts);
        }
        (Err(blocked), Then::Law(code, rests_on, facts)) => {
            let Basis::Law { act, point } = &blocked.basis else {
                panic!("{blocked} rests on no law")
            };
            assert_eq!(
                (blocked.code, format!("{act} {point}")),
                (code, rests_on.to_owned())
            );
            holds(&blocked, facts);
        }
        (Ok(decided), Then::Control(code, _) | Then::Law(code, ..)) => {
            panic!("{} expected, but accepted: {decided:?}", code.as_str())
        }
        (Err(blocked), Then::Accepted(..)) => panic!("blocked: {blocked} {:?}", blocked.facts),
    }
    world
}

#[track_caller]
fn holds(blocked: &Blocked, facts: &[(&str, &str)]) {
    for (name, value) in facts {
        assert_eq!(
            blocked.facts.get(name),
            Some(*value),
            "{name} among {:?}",
            blocked.facts
        );
    }
}
