//! Promise P4 as a property where the setter changes the counting rule within a year, and where what it said is corrected in
//! year, rule and limit: no decision of ours leaves more taken than the limit of its line at any effective day from its own
//! on, and none is taken while places stand counted by another rule.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_events::id::{Ref, StreamKind};
use serde_json::{Value, json};

use crate::{
    earlier::proved,
    quota::oracle,
    review::{OTHER_OFFICIAL, complain, of, review},
    world::{World, day},
};

const RULES: [&str; 2] = ["principals-and-members", "families"];
const YEARS: [&str; 2] = ["2024", "2023"];
const DAYS: i64 = 75;

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
    Recount {
        which: usize,
        on: i64,
    },
    Act {
        rule: usize,
        limit: u64,
        on: i64,
    },
    Correct {
        which: usize,
        rule: usize,
        other_year: bool,
        limit: u64,
    },
    Annul {
        which: usize,
        on: i64,
    },
    /// A decision of another is proved to have been adopted on that day.
    Earlier {
        which: usize,
        on: i64,
    },
}

fn turn() -> impl Strategy<Value = Turn> {
    let (on, which) = (0_i64..60, 0_usize..12);
    let (rule, limit) = (0_usize..2, 0_u64..25);
    prop_oneof![
        4 => (0_u64..4, on.clone()).prop_map(|(members, on)| Turn::File { members, on }),
        6 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Hold { which, on }),
        5 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Commit { which, on }),
        2 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Release { which, on }),
        4 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Recount { which, on }),
        1 => (rule.clone(), limit.clone(), on.clone()).prop_map(|(rule, limit, on)| Turn::Act { rule, limit, on }),
        1 => (0_usize..3, rule, prop::bool::weighted(0.2), limit).prop_map(|(which, rule, other_year, limit)| {
            Turn::Correct { which, rule, other_year, limit }
        }),
        1 => (which.clone(), on.clone()).prop_map(|(which, on)| Turn::Annul { which, on }),
        2 => (which, on).prop_map(|(which, on)| Turn::Earlier { which, on }),
    ]
}

fn at(offset: i64) -> String {
    day("2024-02-01").plus_days(offset).to_string()
}

fn line(rule: &str, year: &str) -> String {
    format!("resettlers.kazakhstan.{year}.{rule}")
}

/// What an act says, as this test keeps it.
#[derive(Debug, Clone)]
struct Said {
    from: i64,
    rule: usize,
    year: usize,
    limit: u64,
    entry: u64,
}

/// Every act, and for each line the acts in the order in which they came to speak of it.
#[derive(Default)]
struct Setter {
    acts: Vec<Said>,
    order: BTreeMap<String, Vec<usize>>,
}

impl Setter {
    /// Acts that come to speak of a line stand behind those that did already; those that cease to leave it.
    fn heard(&mut self) {
        for (year, _) in YEARS.iter().enumerate() {
            let spoken = self.acts.iter().any(|said| said.year == year);
            for rule in RULES {
                let known = self.order.entry(line(rule, YEARS[year])).or_default();
                known.retain(|n| self.acts[*n].year == year);
                for (n, said) in self.acts.iter().enumerate() {
                    if spoken && said.year == year && !known.contains(&n) {
                        known.push(n);
                    }
                }
            }
        }
    }

    /// The limit of a line on a day: of the act in force last; 0 where that one counts by another rule.
    fn limit(&self, line_: &str, on: i64) -> Option<u64> {
        let known = self.order.get(line_)?;
        let in_force = known
            .iter()
            .zip(0..)
            .filter(|(n, _)| self.acts[**n].from <= on);
        let (last, _) = in_force.max_by_key(|(n, at)| (self.acts[**n].from, *at))?;
        let said = &self.acts[*last];
        let own = line(RULES[said.rule], YEARS[said.year]) == line_;
        Some(if own { said.limit } else { 0 })
    }

    fn data(&self, n: usize) -> Value {
        let said = &self.acts[n];
        let action = if n == 0 { "establish" } else { "amend" };
        json!({"act": format!("order-{n}"), "action": action, "year": YEARS[said.year], "rule": RULES[said.rule],
            "rule_certainty": "known", "lines": [{"category": "resettlers", "territory": "kazakhstan",
            "limit": said.limit.to_string(), "mark": "source-gap"}]})
    }
}

fn law_entries(world: &World) -> u64 {
    let law = qonys_events::id::StreamId::law();
    world.events.iter().filter(|(id, _)| *id == law).count() as u64
}

/// A third party complains of the inclusion, and a court annuls it from its adoption.
fn annulled(world: &mut World, application: Ref, on: i64) {
    let id = application.to_string();
    let stream = world
        .events
        .iter()
        .filter(|(stream, _)| stream.kind() == StreamKind::Application && stream.key() == id);
    let included = |name: &str| {
        name.ends_with("application.included.v1") || name.ends_with("inclusion-proved.v1")
    };
    let decision = stream
        .zip(1..)
        .filter(|((_, e), _)| included(e.fact.type_name()));
    let Some((_, decision)) = decision.last() else {
        return;
    };
    let filed = complain(application, decision, "third-party");
    let Ok(complaint) = world.on("file-complaint", filed, &at(on + 70)) else {
        return;
    };
    let more = [("effect_from", json!("adoption"))];
    let data = review(application, complaint, "court", "annulled", &more);
    drop(world.on("decide-review", data, &at(on + 71)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p4_holds_and_rules_never_mix_whatever_the_setter_counts_by(turns in proptest::collection::vec(turn(), 1..70)) {
        let mut world = World::open();
        world.procedure();
        let mut setter = Setter::default();
        let mut filed: Vec<Ref> = Vec::new();
        let first = Turn::Act { rule: 0, limit: 20, on: -20 };
        for turn in std::iter::once(first).chain(turns) {
            let before = world.events.len();
            let given = |world: &mut World, name: &str, which: usize, on: i64| {
                let id = filed.get(which)?;
                let mut data = of(*id);
                match name {
                    "release-places" => data["reason"] = json!("withdrawn"),
                    "record-earlier-inclusion" => data = proved(*id, OTHER_OFFICIAL),
                    _ => {}
                }
                Some((world.on(name, data, &at(on)).ok()?, on))
            };
            let decided = match turn {
                Turn::File { members, on } => {
                    filed.push(world.applicant("resettlers", "kazakhstan", members, &at(on)));
                    None
                }
                Turn::Hold { which, on } => given(&mut world, "hold-places", which, on),
                Turn::Commit { which, on } => given(&mut world, "commit-places", which, on),
                Turn::Release { which, on } => given(&mut world, "release-places", which, on).and(None),
                Turn::Recount { which, on } => given(&mut world, "recount-places", which, on).and(None),
                Turn::Earlier { which, on } => given(&mut world, "record-earlier-inclusion", which, on).and(None),
                Turn::Annul { which, on } => {
                    if let Some(id) = filed.get(which) {
                        annulled(&mut world, *id, on);
                    }
                    None
                }
                Turn::Act { rule, limit, on } => {
                    let n = setter.acts.len();
                    let said = Said { from: on, rule, year: 0, limit, entry: 0 };
                    setter.acts.push(said);
                    world.act(&format!("order-{n}"), json!({"in_force_on": at(on)}));
                    // An act that amends what no act speaks of any more establishes it.
                    let mut data = setter.data(n);
                    if world.on("set-quota", data.clone(), "2024-01-02").is_err() {
                        data["action"] = json!("establish");
                        world.must("set-quota", data, "2024-01-02");
                    }
                    setter.acts[n].entry = law_entries(&world);
                    setter.heard();
                    None
                }
                Turn::Correct { which, rule, other_year, limit } => {
                    if let Some(old) = setter.acts.get(which).cloned() {
                        let year = usize::from(other_year);
                        setter.acts[which] = Said { rule, year, limit, ..old.clone() };
                        let right = json!({"entry": old.entry.to_string(), "reason": "mistyped", "set": setter.data(which)});
                        if world.on("correct-quota", right, "2024-01-02").is_ok() {
                            setter.acts[which].entry = law_entries(&world);
                            setter.heard();
                        } else {
                            setter.acts[which] = old;
                        }
                    }
                    None
                }
            };
            let mut taken: BTreeMap<(String, i64), i64> = BTreeMap::new();
            for offset in -5..DAYS {
                for (rule, year) in RULES.iter().flat_map(|r| YEARS.map(|y| (*r, y))) {
                    let name = line(rule, year);
                    let (held, committed) = oracle(&world, &name, day(&at(offset)));
                    prop_assert!(held >= 0 && committed >= 0, "{name} {offset}: {held} held, {committed} committed after {turn:?}");
                    taken.insert((name, offset), held + committed);
                }
            }
            let Some((_, from)) = decided else { continue };
            let lines = world.events[before..].iter().map(|(stream, _)| stream);
            let ours: Vec<String> = lines
                .filter(|stream| stream.kind() == StreamKind::QuotaLine)
                .map(|stream| stream.key().to_owned())
                .collect();
            prop_assert_eq!(ours.len(), 1);
            for offset in from..DAYS {
                let here = taken[&(ours[0].clone(), offset)];
                let limit = setter.limit(&ours[0], offset).unwrap_or(0);
                prop_assert!(here <= limit as i64, "{} {offset}: {here} of {limit} after {turn:?}", ours[0]);
                for rule in RULES.map(|rule| line(rule, "2024")).iter().filter(|name| **name != ours[0]) {
                    prop_assert_eq!(taken[&(rule.clone(), offset)], 0, "{} on {} beside {}", rule, offset, &ours[0]);
                }
            }
        }
    }
}
