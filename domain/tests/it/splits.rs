//! Replay = live = snapshot + tail at every split, for every stream of random logs about points 6, 9 and 11. The tail is
//! read back from its written form, as a restart reads it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_domain::streams::{Stream, Streams as _};
use qonys_events::{
    event::Event,
    fact::Fact,
    id::{StreamId, StreamKind},
};
use serde_json::json;

use crate::world::{World, day};

/// The event as it comes back from its written form.
fn read_back(event: &Event) -> Event {
    let fact = Fact::read(event.fact.type_name(), &event.fact.write_data());
    Event {
        fact: fact.expect("a known type").expect("its data"),
        ..event.clone()
    }
}

/// The stream after a snapshot was written and read.
fn through_a_snapshot(stream: &Stream) -> Stream {
    let text = serde_json::to_string(stream).expect("a snapshot");
    let read = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(&read, stream, "{text}");
    read
}

/// Compares every stream of a world with its replay from every split. Says how many splits there were, by kind.
fn compare(world: &World) -> BTreeMap<&'static str, usize> {
    let mut by_stream: BTreeMap<&StreamId, Vec<&Event>> = BTreeMap::new();
    for (stream, event) in &world.events {
        by_stream.entry(stream).or_default().push(event);
    }
    let mut splits: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (id, events) in by_stream {
        let live = world.stream(id).expect("it was written");
        let mut before = Stream::empty(id.kind());
        for split in 0..=events.len() {
            let mut replayed = through_a_snapshot(&before);
            for event in &events[split..] {
                replayed.apply(&read_back(event));
            }
            assert_eq!(&replayed, live, "{id} from {split} of {}", events.len());
            if let Some(event) = events.get(split) {
                before.apply(event);
            }
        }
        *splits.entry(id.kind().name()).or_default() += events.len() + 1;
    }
    splits
}

/// One command of a random log: which one, about whom, on which day.
type Step = (u8, usize, i64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..STEPS, 0..6_usize, 0..90_i64), 1..70)
}

/// How many kinds of steps there are.
const STEPS: u8 = 25;

const HEAD: &str = "a0b1c2d3-0000-4000-8000-000000000001";

/// A town with a quota line, a share of foreign labour, and an office that nothing else is about.
fn world() -> World {
    let mut world = World::open();
    world.procedure();
    world.norm("term-extension.administrative-procedure.months", 3);
    world.norm("term-extension.counted-from-filing", 1);
    world.norm("term-extension.notice.working-days", 3);
    world.act("order", json!({"in_force_on": "2024-01-05"}));
    for n in 0..6 {
        let from = day("2024-02-10").plus_days(10 * n).to_string();
        world.act(&format!("order-{n}"), json!({"in_force_on": from}));
    }
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order"});
    world.must("change-territory", determined, "2024-01-06");
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "known", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "6"}]});
    world.must("set-quota", quota, "2024-01-06");
    let power = json!({"decisions": ["residence-registration", "foreign-labour-permit"], "document": "law-477-2011",
        "point": "15", "from": "2011-07-22", "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-01");
    let share = json!({"territory": "pavlodar", "year": "2024", "act": "order",
        "lines": [{"category": "seasonal", "places": "30"}]});
    world.must("distribute-labour-share", share, "2024-01-06");
    let order = json!({"number": "1", "dated": "2024-01-10"});
    for office in ["akimat.pavlodar", "akimat.hamlet"] {
        let data =
            json!({"office": office, "titles": {}, "territories": ["pavlodar"], "order": order});
        world.must("register-office", data, "2024-01-10");
    }
    let powers = [
        ("kandas-inclusion", "15(6-3)"),
        ("kandas-status", "15(6-1)"),
        ("residence-registration", "15"),
        ("foreign-labour-permit", "15"),
    ];
    for (power, point) in powers {
        let vest = json!({"office": "akimat.pavlodar", "powers": [power], "document": "law-477-2011", "point": point,
            "certainty": "known", "source": "test"});
        world.must("vest-powers", vest, "2024-01-10");
    }
    let names: Vec<_> = powers.iter().map(|(power, _)| power).collect();
    let head = json!({"office": "akimat.pavlodar", "official": HEAD, "role": "quota-officer", "powers": names, "order": order});
    world.must("appoint-official", head, "2024-01-10");
    world
}

/// What a log of these steps holds. What the rules block is passed over.
fn told(steps: &[Step]) -> World {
    let mut world = world();
    let (mut persons, mut applications, mut permits) = (Vec::new(), Vec::new(), Vec::new());
    let order = json!({"number": "2", "dated": "2024-02-01"});
    let hash = "22".repeat(32);
    for &(what, which, offset) in steps {
        let on = day("2024-02-01").plus_days(offset).to_string();
        let on = on.as_str();
        let person = persons.get(which).cloned().unwrap_or_default();
        let application =
            json!({"application": applications.get(which).cloned().unwrap_or_default()});
        let permit: String = permits.get(which).cloned().unwrap_or_default();
        let clerk = format!("a0b1c2d3-0000-4000-8000-{:012x}", 0x30 + which);
        let (name, data) = match what {
            0 | 1 => {
                let application = world.applicant("kandas", "pavlodar", (which % 3) as u64, on);
                applications.push(application.to_string());
                persons.push(world.last_applicant());
                continue;
            }
            2 | 3 if !persons.is_empty() => ("hold-places", application),
            4 => ("commit-places", application),
            5 => {
                let mut release = application;
                release["reason"] = json!("mistake");
                ("release-places", release)
            }
            6 => ("withdraw-application", application),
            7 => (
                "grant-kandas-status",
                json!({"person": person, "until": "2025-03-01"}),
            ),
            8 => (
                "record-family-change",
                json!({"person": person, "change": "birth", "document": hash}),
            ),
            9 => ("record-death", json!({"person": person})),
            10 | 11 => (
                "register-incoming",
                json!({"kind": "letter", "language": "kk", "sha256": hash}),
            ),
            12 => (
                "register-outgoing",
                json!({"kind": "letter", "way": "post", "language": "ru", "sha256": hash}),
            ),
            13 => (
                "grant-labour-permit",
                json!({"territory": "pavlodar", "employer": "plant", "category": "seasonal",
                    "workers": (1 + which).to_string(), "until": "2024-12-01"}),
            ),
            14 => (
                "suspend-labour-permit",
                json!({"territory": "pavlodar", "permit": permit, "document": hash}),
            ),
            15 => (
                "withdraw-labour-permit",
                json!({"territory": "pavlodar", "permit": permit, "document": hash}),
            ),
            16 => (
                "appoint-official",
                json!({"office": "akimat.hamlet", "official": clerk, "role": "clerk", "order": order}),
            ),
            17 => (
                "end-assignment",
                json!({"office": "akimat.hamlet", "assignment": (2 + which).to_string(), "order": order}),
            ),
            18 => (
                "close-office",
                json!({"office": "akimat.hamlet", "order": order}),
            ),
            19 => ("recount-places", application),
            23 => {
                let data = json!({"application": application["application"], "document": hash, "proof": hash,
                    "official": "a0b1c2d3-0000-4000-8000-0000000000ff", "proved_by": "minutes"});
                ("record-earlier-inclusion", data)
            }
            20 => {
                // The setter changes the counting rule, and what it said is corrected in rule and limit.
                let act = format!("order-{which}");
                let rule = ["families", "principals"][which % 2];
                let set = json!({"act": act, "action": "amend", "year": "2024", "rule": rule, "rule_certainty": "known",
                    "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "9"}]});
                ("set-quota", set)
            }
            21 => {
                let law = StreamId::law();
                let entries = world.events.iter().filter(|(id, _)| *id == law);
                let last = entries
                    .zip(1_u64..)
                    .filter_map(|((_, e), n)| match &e.fact {
                        Fact::QuotaSet(set) => Some((n, set.clone())),
                        _ => None,
                    });
                let Some((entry, mut set)) = last.last() else {
                    continue;
                };
                set.rule = "principals-and-members".parse().expect("a rule");
                let right = json!({"entry": entry.to_string(), "reason": "mistyped", "set": set});
                ("correct-quota", right)
            }
            22 => {
                let mut cx = world.context(on);
                let Ok(applicant) = person.parse() else {
                    continue;
                };
                for slot in &mut cx.slots {
                    (slot.name, slot.subject) = ("reason".parse().expect("a name"), applicant);
                }
                let until = day(on).plus_days(40).to_string();
                let data = json!({"application": application["application"], "applicant": person, "until": until,
                    "document": hash});
                drop(world.give("extend-term", data, &cx));
                continue;
            }
            _ => (
                "notify-act",
                json!({"application": application["application"], "decision": "2", "way": "post"}),
            ),
        };
        // A step about somebody who is not there yet has no reference to give.
        let Some(Ok(_)) = qonys_domain::command::Command::read(name, data.clone()) else {
            continue;
        };
        if let Ok(minted) = world.on(name, data, on)
            && name == "grant-labour-permit"
        {
            permits.push(minted.to_string());
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replay_is_live_is_snapshot_and_tail_at_every_split(steps in steps()) {
        let splits = compare(&told(&steps));
        prop_assert!(splits["law"] > 10 && splits["office"] > 8);
    }
}

#[test]
fn the_random_logs_reach_every_kind_that_they_are_about() {
    let every: Vec<Step> = (0..4)
        .flat_map(|round| (0..STEPS).map(move |what| (what, round, 10 * round as i64)))
        .collect();
    let splits = compare(&told(&every));
    for kind in [
        StreamKind::Law,
        StreamKind::QuotaLine,
        StreamKind::Application,
        StreamKind::Person,
        StreamKind::Office,
        StreamKind::Journal,
        StreamKind::ForeignLabour,
    ] {
        assert!(splits.get(kind.name()) > Some(&3), "{kind:?}: {splits:?}");
    }
}
