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
