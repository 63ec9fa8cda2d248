//! Whatever is registered and ended, in whatever order of recording: one residence at most on any day, both sides
//! agree, and point 10 holds on every day. The oracle folds the events by itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_events::{
    event::Event,
    fact::Fact,
    id::Ref,
    scalar::Day,
    term::{HousingFund, PersonKind, ResidenceEnd},
};

use super::super::given::*;

const PERSONS: u64 = 5;
const DWELLINGS: u64 = 3;
const DAYS: i64 = 30;

#[derive(Debug, Clone)]
enum Try {
    Move {
        person: u64,
        dwelling: u64,
        day: i64,
    },
    Leave {
        person: u64,
        day: i64,
    },
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let moving =
        (0..PERSONS, 0..DWELLINGS, 0..DAYS).prop_map(|(person, dwelling, day)| Try::Move {
            person,
            dwelling,
            day,
        });
    let leaving = (0..PERSONS, 0..DAYS).prop_map(|(person, day)| Try::Leave { person, day });
    prop::collection::vec(prop_oneof![3 => moving, 1 => leaving], 1..60)
}

fn resident(n: u64) -> Ref {
    reference(1 + n)
}
fn dwelling(n: u64) -> Ref {
    reference(101 + n)
}
fn the_day(n: i64) -> Day {
    Day::new(2024, 1, 1).plus_days(n)
}

/// Two dwellings of the state for two persons each, and a private one.
fn world() -> World {
    let persons = (0..PERSONS).map(|n| person(resident(n), PersonKind::Citizen));
    let fund = |n| {
        if n < 2 {
            HousingFund::State
        } else {
            HousingFund::Private
        }
    };
    World::new()
        .after(persons)
        .after((0..DWELLINGS).map(|n| flat(dwelling(n), fund(n), 3000)))
}

/// Where everybody lives, as the person's events alone tell it: dwelling, first day, first day after.
#[derive(Default)]
struct Oracle(BTreeMap<Ref, Vec<(Ref, Day, Option<Day>)>>);

impl Oracle {
    fn fold(&mut self, key: &str, event: &Event) {
        let day = event.effectivefrom.expect("a first day");
        let spells = self.0.entry(key.parse().expect("a reference")).or_default();
        match &event.fact {
            Fact::ResidenceRegistered(r) => spells.push((r.dwelling, day, event.effectiveto)),
            Fact::ResidenceEnded(r) => {
                let spell = spells
                    .iter_mut()
                    .rfind(|s| s.0 == r.dwelling && s.2.is_none());
                spell.expect("only what is open ends").2 = Some(day);
            }
            _ => {}
        }
    }

    fn at(&self, person: Ref, day: Day) -> Vec<Ref> {
        let spells = self.0.get(&person).into_iter().flatten();
        let covering =
            spells.filter(|(_, from, until)| *from <= day && until.is_none_or(|u| day < u));
        covering.map(|(dwelling, ..)| *dwelling).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn one_residence_at_most_and_both_sides_agree(tries in tries()) {
        let (mut world, mut oracle, mut accepted) = (world(), Oracle::default(), 0);
        let moves_in = tries.iter().any(|one| matches!(one, Try::Move { .. }));
        for one in tries {
            // Every decision is taken on the last day, so that entries are backdated at random.
            let (given, day) = match one {
                Try::Move { person, dwelling: d, day } => (moves(resident(person), dwelling(d)), day),
                Try::Leave { person, day } => (leaves(resident(person), ResidenceEnd::Departed), day),
            };
            let Ok(decided) = world.run(given.on("03-01").from(&the_day(day).to_string())) else { continue };
            accepted += 1;
            for (stream, event) in &decided {
                if event.fact.type_name().starts_with("kz.qonys.person.") {
                    oracle.fold(stream.key(), event);
                }
            }
        }
        let known = world.known();
        for day in (-1..=DAYS).map(the_day) {
            let mut by_dwelling: BTreeMap<Ref, Vec<Ref>> = BTreeMap::new();
            for person in (0..PERSONS).map(resident) {
                let at = oracle.at(person, day);
                prop_assert!(at.len() <= 1, "{person} lives at {at:?} on {day}");
                prop_assert_eq!(known.person(person).expect("loaded").residence_on(day), at.first().copied());
                at.into_iter().for_each(|d| by_dwelling.entry(d).or_default().push(person));
            }
            for (n, id) in (0..DWELLINGS).map(|n| (n, dwelling(n))) {
                let dwelling = known.dwelling(id).expect("loaded");
                let mut here: Vec<_> = dwelling.residents_on(day).collect();
                here.sort_unstable();
                prop_assert_eq!(&here, &by_dwelling.remove(&id).unwrap_or_default(), "on {}", day);
                prop_assert!(n == 2 || here.len() <= 2, "{} persons on 30 m2 on {}", here.len(), day);
                prop_assert!(dwelling.most_residents_from(day) >= here.len() as u64);
                let later = (0..=DAYS).map(the_day).filter(|d| day <= *d);
                let most = later.map(|d| dwelling.residents_on(d).count()).max().unwrap_or(here.len());
                prop_assert_eq!(dwelling.most_residents_from(day), most as u64);
            }
        }
        prop_assert_eq!(accepted > 0, moves_in, "the first move is always possible");
    }
}
