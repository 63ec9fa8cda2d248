//! Promise P4 as a property: whatever is asked in whatever order, with backdated days and acts that cut, no decision of
//! ours leaves more taken than the limit at any effective day from its own on.

use proptest::prelude::*;
use qonys_events::scalar::Day;
use serde_json::json;

use crate::{
    quota::oracle,
    world::{World, day},
};

#[derive(Debug, Clone)]
enum Step {
    File { members: u64, on: i64 },
    Hold { which: usize, on: i64 },
    Commit { which: usize, on: i64 },
    Release { which: usize, on: i64 },
    Amend { limit: u64, on: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let on = 0_i64..60;
    prop_oneof![
        3 => (0_u64..5, on.clone()).prop_map(|(members, on)| Step::File { members, on }),
        4 => (0_usize..20, on.clone()).prop_map(|(which, on)| Step::Hold { which, on }),
        3 => (0_usize..20, on.clone()).prop_map(|(which, on)| Step::Commit { which, on }),
        2 => (0_usize..20, on.clone()).prop_map(|(which, on)| Step::Release { which, on }),
        1 => (0_u64..30, on).prop_map(|(limit, on)| Step::Amend { limit, on }),
    ]
}

fn at(offset: i64) -> Day {
    day("2024-02-01").plus_days(offset)
}

/// The limit on a day by the list of acts: the one in force last, of two on one day the later recorded.
fn limit_on(acts: &[(Day, u64)], on: Day) -> u64 {
    acts.iter()
        .filter(|(from, _)| *from <= on)
        .max_by_key(|(from, _)| *from)
        .map_or(0, |(_, limit)| *limit)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p4_no_decision_of_ours_oversubscribes(steps in proptest::collection::vec(step(), 1..80)) {
        let line = "resettlers.kazakhstan.2024.principals-and-members";
        let mut world = World::open();
        world.act("order-0", json!({"in_force_on": "2024-01-01"}));
        let set = |act: &str, action: &str, limit: u64| json!({"act": act, "action": action, "year": "2024",
            "rule": "principals-and-members", "rule_certainty": "known", "lines":
            [{"category": "resettlers", "territory": "kazakhstan", "limit": limit.to_string(), "mark": "source-gap"}]});
        world.must("set-quota", set("order-0", "establish", 20), "2024-01-01");
        let mut acts = vec![(day("2024-01-01"), 20)];
        let mut filed = Vec::new();
        for (n, step) in steps.into_iter().enumerate() {
            let pick = |which: usize| filed.get(which).map(|a: &qonys_events::id::Ref| json!({"application": a.to_string()}));
            let (accepted, from) = match step {
                Step::File { members, on } => {
                    filed.push(world.applicant("resettlers", "kazakhstan", members, &at(on).to_string()));
                    continue;
                }
                Step::Hold { which, on } => match pick(which) {
                    Some(data) => (world.on("hold-places", data, &at(on).to_string()).is_ok(), at(on)),
                    None => continue,
                },
                Step::Commit { which, on } => match pick(which) {
                    Some(data) => (world.on("commit-places", data, &at(on).to_string()).is_ok(), at(on)),
                    None => continue,
                },
                Step::Release { which, on } => match pick(which) {
                    Some(mut data) => {
                        data["reason"] = json!("withdrawn");
                        drop(world.on("release-places", data, &at(on).to_string()));
                        continue;
                    }
                    None => continue,
                },
                Step::Amend { limit, on } => {
                    let name = format!("order-{}", n + 1);
                    world.act(&name, json!({"in_force_on": at(on).to_string()}));
                    world.must("set-quota", set(&name, "amend", limit), "2024-01-01");
                    acts.push((at(on), limit));
                    continue;
                }
            };
            if accepted {
                for offset in 0..70 {
                    let on = at(offset);
                    let (held, committed) = oracle(&world, line, on);
                    prop_assert!(held >= 0 && committed >= 0, "{on}: {held} held, {committed} committed");
                    if on >= from {
                        prop_assert!(held + committed <= limit_on(&acts, on) as i64, "{on}: {held} + {committed}");
                    }
                }
            }
        }
    }
}

/// What others do to a line in between: acts that fall, limits that are said anew, courts that order and annul.
#[derive(Debug, Clone)]
enum Turn {
    File {
        members: u64,
        on: i64,
    },
    Hold {
        which: usize,
        on: i64,
    },
    Commit {
        which: usize,
        on: i64,
    },
    Release {
        which: usize,
        on: i64,
    },
    /// An act of a document of its own, or one that amends the first document; `None` for a day that nobody knows.
    Act {
        limit: u64,
        on: i64,
        own: bool,
        known: bool,
    },
    Determine {
        which: usize,
        on: i64,
    },
    Repeal {
        which: usize,
        on: i64,
    },
    Correct {
        which: usize,
        limit: u64,
    },
    /// A third party complains of an inclusion and a court annuls it.
    Annul {
        which: usize,
        on: i64,
        adoption: bool,
    },
    /// A term ran out, the applicant complains, and a court orders a place.
    Order {
        which: usize,
        on: i64,
    },
}

fn turn() -> impl Strategy<Value = Turn> {
    let on = 0_i64..60;
    let which = 0_usize..16;
    prop_oneof![
        4 => (0_u64..4, on.clone()).prop_map(|(members, on)| Turn::File { members, on }),
        5 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Hold { which, on }),
        4 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Commit { which, on }),
        2 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Release { which, on }),
        2 => (0_u64..30, on.clone(), any::<bool>(), prop::bool::weighted(0.9))
            .prop_map(|(limit, on, own, known)| Turn::Act { limit, on, own, known }),
        2 => (0_usize..4, on.clone()).prop_map(|(which, on)| Turn::Determine { which, on }),
        1 => (0_usize..4, on.clone()).prop_map(|(which, on)| Turn::Repeal { which, on }),
        1 => (0_usize..4, 0_u64..30).prop_map(|(which, limit)| Turn::Correct { which, limit }),
        2 => (which.clone(), on.clone(), any::<bool>()).prop_map(|(which, on, adoption)| Turn::Annul { which, on, adoption }),
        2 => (which, on).prop_map(|(which, on)| Turn::Order { which, on }),
    ]
}

/// An act of the setter, as this test keeps it.
#[derive(Debug, Clone)]
struct Told {
    limit: u64,
    own: bool,
    /// The first day of force; `None` while nobody knows it, from the second day of the pair on.
    from: Option<i64>,
    possible: i64,
    repealed: Option<i64>,
    entry: u64,
}

/// The limit on a day by the list of acts; `None` where there is none or nobody knows.
fn limit_of(acts: &[Told], on: i64) -> Option<u64> {
    let open = |act: &Told| act.repealed.is_none_or(|day| on < day);
    let first_stands = open(&acts[0]);
    let counts = |act: &&Told| act.own || first_stands;
    if acts
        .iter()
        .filter(counts)
        .any(|act| act.from.is_none() && act.possible <= on && open(act))
    {
        return None;
    }
    let entered = |act: &Told| act.from.filter(|from| *from <= on);
    // Of the first document what entered last, which falls and revives nothing.
    let in_first = acts
        .iter()
        .enumerate()
        .filter(|(_, act)| !act.own)
        .filter_map(|(n, act)| Some(((entered(act)?, n), act)))
        .max_by_key(|(at, _)| *at)
        .filter(|(_, act)| first_stands && open(act));
    let others = acts
        .iter()
        .enumerate()
        .filter(|(_, act)| act.own && open(act))
        .filter_map(|(n, act)| Some(((entered(act)?, n), act)));
    others
        .chain(in_first)
        .max_by_key(|(at, _)| *at)
        .map(|(_, act)| act.limit)
}

fn said_anew(entry: u64, name: &str, action: &str, limit: u64) -> serde_json::Value {
    json!({"entry": entry.to_string(), "reason": "mistyped", "set": set(name, action, limit)})
}

fn set(act: &str, action: &str, limit: u64) -> serde_json::Value {
    json!({"act": act, "action": action, "year": "2024", "rule": "principals-and-members", "rule_certainty": "known", "lines":
        [{"category": "resettlers", "territory": "kazakhstan", "limit": limit.to_string(), "mark": "source-gap"}]})
}

fn law_entries(world: &World) -> u64 {
    let law = qonys_events::id::StreamId::law();
    world.events.iter().filter(|(id, _)| *id == law).count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p4_holds_whatever_setters_and_courts_do_in_between(turns in proptest::collection::vec(turn(), 1..70)) {
        let line = "resettlers.kazakhstan.2024.principals-and-members";
        let mut world = World::open();
        world.procedure();
        world.act("order-0", json!({"in_force_on": "2024-01-01"}));
        world.must("set-quota", set("order-0", "establish", 20), "2024-01-01");
        let mut acts = vec![Told { limit: 20, own: false, from: Some(-31), possible: -31, repealed: None, entry: law_entries(&world) }];
        let mut names = vec!["order-0".to_owned()];
        let mut filed: Vec<(qonys_events::id::Ref, i64)> = Vec::new();
        for turn in turns {
            let on_of = |world: &mut World, name: &str, which: usize, on: i64| {
                let data = filed.get(which).map(|(id, _)| json!({"application": id.to_string()}))?;
                Some(world.on(name, data, &at(on).to_string()).is_ok())
            };
            let decided = match turn {
                Turn::File { members, on } => {
                    filed.push((world.applicant("resettlers", "kazakhstan", members, &at(on).to_string()), on));
                    None
                }
                Turn::Hold { which, on } => on_of(&mut world, "hold-places", which, on).map(|ok| (ok, on)),
                Turn::Commit { which, on } => on_of(&mut world, "commit-places", which, on).map(|ok| (ok, on)),
                Turn::Release { which, on } => {
                    if let Some((id, _)) = filed.get(which) {
                        let data = json!({"application": id.to_string(), "reason": "withdrawn"});
                        drop(world.on("release-places", data, &at(on).to_string()));
                    }
                    None
                }
                Turn::Act { limit, on, own, known } => {
                    let name = format!("order-{}", acts.len());
                    let day = at(on).to_string();
                    let mut more = if known { json!({"in_force_on": day}) } else { json!({"adopted_on": day}) };
                    if !own {
                        (more["document"], more["wording"]) = (json!("order-0"), json!(name));
                    }
                    world.act(&name, more);
                    world.must("set-quota", set(&name, "amend", limit), "2024-01-01");
                    let possible = if known { on } else { on + 1 };
                    acts.push(Told { limit, own, from: known.then_some(on), possible, repealed: None, entry: law_entries(&world) });
                    names.push(name);
                    None
                }
                Turn::Determine { which, on } => {
                    if let (Some(act), Some(name)) = (acts.get_mut(which), names.get(which)) {
                        let data = json!({"act": name, "from": at(on).to_string(), "basis": "test"});
                        if world.on("determine-act", data, "2024-01-01").is_ok() {
                            act.from = Some(on);
                        }
                    }
                    None
                }
                Turn::Repeal { which, on } => {
                    if let (Some(act), Some(name)) = (acts.get_mut(which), names.get(which)) {
                        let by = format!("repeal-{}", world.events.len());
                        world.act(&by, json!({"in_force_on": at(on).to_string(), "repeals": [name]}));
                        act.repealed = Some(act.repealed.map_or(on, |day| day.min(on)));
                    }
                    None
                }
                Turn::Correct { which, limit } => {
                    if let (Some(act), Some(name)) = (acts.get_mut(which), names.get(which)) {
                        let action = if which == 0 { "establish" } else { "amend" };
                        if world.on("correct-quota", said_anew(act.entry, name, action, limit), "2024-01-01").is_ok() {
                            (act.limit, act.entry) = (limit, law_entries(&world));
                        }
                    }
                    None
                }
                Turn::Annul { which, on, adoption } => {
                    let effect = if adoption { "adoption" } else { "annulment" };
                    let more = json!({"outcome": "annulled", "effect_from": effect});
                    if let Some((id, _)) = filed.get(which) {
                        reviewed(&mut world, *id, "third-party", on, &more);
                    }
                    None
                }
                Turn::Order { which, on } => {
                    if let Some((id, since)) = filed.get(which) {
                        let late = at(*since + 40).to_string();
                        drop(world.on("find-deemed-refusal", json!({"application": id.to_string()}), &late));
                        let place = at(on.max(*since)).to_string();
                        let more = json!({"outcome": "action-ordered", "place_from": place});
                        reviewed(&mut world, *id, "applicant", on, &more);
                    }
                    None
                }
            };
            let mut taken = std::collections::BTreeMap::new();
            for offset in 0..75 {
                let (held, committed) = oracle(&world, line, at(offset));
                prop_assert!(held >= 0 && committed >= 0, "{offset}: {held} held, {committed} committed");
                taken.insert(offset, held + committed);
            }
            if let Some((true, from)) = decided {
                for (offset, taken) in taken.range(from..) {
                    if let Some(limit) = limit_of(&acts, *offset) {
                        prop_assert!(*taken <= limit as i64, "{offset}: {taken} of {limit} after {turn:?}: {acts:?}");
                    }
                }
            }
        }
    }
}

/// Files a complaint against the decision of the application that was made last, and decides it as a court.
fn reviewed(
    world: &mut World,
    application: qonys_events::id::Ref,
    by: &str,
    on: i64,
    more: &serde_json::Value,
) {
    let id = application.to_string();
    let stream = world.events.iter().filter(|(stream, _)| stream.key() == id);
    let made =
        |name: &str| name.ends_with(".included.v1") || name.ends_with(".deemed-refusal-found.v1");
    let decision = stream
        .zip(1..)
        .filter(|((_, event), _)| made(event.fact.type_name()))
        .map(|(_, seq)| seq)
        .last();
    let Some(decision) = decision else { return };
    let document = "00".repeat(32);
    let complaint = json!({"application": id, "decision": decision.to_string(), "by": by, "document": document});
    let day = at(on + 70).to_string();
    let Ok(complaint) = world.on("file-complaint", complaint, &day) else {
        return;
    };
    let mut review = json!({"application": id, "complaint": complaint.to_string(), "instance": "court", "document": document});
    for (name, value) in more.as_object().expect("an object") {
        review[name] = value.clone();
    }
    drop(world.on("decide-review", review, &at(on + 71).to_string()));
}
