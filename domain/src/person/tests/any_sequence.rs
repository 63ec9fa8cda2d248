//! Whatever is registered and ended, in whatever order of recording: one residence at most on any day, both sides
//! agree, and point 10 holds on every day. The oracle folds the events by itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_events::{
    event::Event,
    fact::Fact,
    id::Ref,
    scalar::{Day, StreamSeq},
    term::{CorrectionReason, HousingFund, PersonKind, ResidenceEnd},
};

use super::super::given::*;
use crate::command::{Command, CorrectMove, CorrectResidence};

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
    /// Some registration of the person is said anew, alone or with the move that it was.
    Correct {
        person: u64,
        nth: usize,
        dwelling: u64,
        day: i64,
        until: Option<i64>,
        as_move: bool,
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
    let until = prop::option::weighted(0.3, 0..DAYS);
    let correcting = (
        0..PERSONS,
        0_usize..6,
        0..DWELLINGS,
        0..DAYS,
        until,
        any::<bool>(),
    )
        .prop_map(
            |(person, nth, dwelling, day, until, as_move)| Try::Correct {
                person,
                nth,
                dwelling,
                day,
                until,
                as_move,
            },
        );
    prop::collection::vec(
        prop_oneof![4 => moving, 1 => leaving, 3 => correcting],
        1..60,
    )
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

/// A residence, as the person's events alone tell it.
#[derive(Debug, Clone, Copy)]
struct Told {
    entry: u64,
    ended_by: Option<u64>,
    dwelling: Ref,
    from: Day,
    until: Option<Day>,
}

/// Where everybody lives by the events of the person; and where and when more were found than the norm takes.
#[derive(Default)]
struct Oracle {
    told: BTreeMap<Ref, Vec<Told>>,
    entries: BTreeMap<Ref, u64>,
    /// Every entry that began a residence, corrected since or not.
    began: BTreeMap<Ref, Vec<u64>>,
    crowded: Vec<(Ref, Day, Option<Day>)>,
}

impl Oracle {
    fn fold(&mut self, key: &str, event: &Event) {
        let person: Ref = key.parse().expect("a reference");
        // The first entry of every person says who he is.
        let entry = self.entries.entry(person).or_insert(1);
        *entry += 1;
        let entry = *entry;
        let day = event.effectivefrom.expect("a first day");
        let spells = self.told.entry(person).or_default();
        match &event.fact {
            Fact::ResidenceRegistered(r) => {
                let old = r.corrects.map(|c| c.entry.0);
                let kept = spells.iter().find(|s| Some(s.entry) == old).copied();
                assert_eq!(kept.is_some(), old.is_some(), "what is corrected stands");
                spells.retain(|s| Some(s.entry) != old);
                let same_end = kept.filter(|kept| kept.until == event.effectiveto);
                spells.push(Told {
                    entry,
                    ended_by: same_end.and_then(|kept| kept.ended_by),
                    dwelling: r.dwelling,
                    from: day,
                    until: event.effectiveto,
                });
                self.began.entry(person).or_default().push(entry);
            }
            Fact::ResidenceEnded(r) => {
                let spell = match r.corrects {
                    None => spells
                        .iter_mut()
                        .rfind(|s| s.dwelling == r.dwelling && s.until.is_none()),
                    Some(c) => spells.iter_mut().find(|s| s.ended_by == Some(c.entry.0)),
                };
                let spell = spell.expect("only what is there ends");
                (spell.until, spell.ended_by) = (Some(day), Some(entry));
            }
            _ => {}
        }
    }

    fn at(&self, person: Ref, day: Day) -> Vec<Ref> {
        let spells = self.told.get(&person).into_iter().flatten();
        let covering = spells.filter(|s| s.from <= day && s.until.is_none_or(|u| day < u));
        covering.map(|s| s.dwelling).collect()
    }

    fn found_crowded(&self, dwelling: Ref, day: Day) -> bool {
        let on = |from: Day, until: Option<Day>| from <= day && until.is_none_or(|u| day < u);
        let mut crowded = self.crowded.iter();
        crowded.any(|(of, from, until)| *of == dwelling && on(*from, *until))
    }
}

fn corrects(person: Ref, entry: u64, right: Given, until: Option<i64>, as_move: bool) -> Given {
    let (entry, reason) = (StreamSeq(entry), CorrectionReason::Documents);
    let (registration, until) = (registration(right), until.map(the_day));
    assert_eq!(registration.person, person);
    Given::new(if as_move {
        Command::CorrectMove(CorrectMove {
            entry,
            reason,
            registration,
            until,
        })
    } else {
        Command::CorrectResidence(CorrectResidence {
            entry,
            reason,
            registration,
            until,
        })
    })
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
                Try::Correct { person, nth, dwelling: d, day, until, as_move } => {
                    let person = resident(person);
                    let began = oracle.began.get(&person).map_or(&[][..], Vec::as_slice);
                    let Some(entry) = began.iter().rev().nth(nth).copied() else { continue };
                    (corrects(person, entry, moves(person, dwelling(d)), until, as_move), day)
                }
            };
            let Ok(decided) = world.run(given.on("03-01").from(&the_day(day).to_string())) else { continue };
            accepted += 1;
            for (stream, event) in &decided {
                if event.fact.type_name().starts_with("kz.qonys.person.") {
                    oracle.fold(stream.key(), event);
                }
                if matches!(event.fact, Fact::OverNormFound(_)) {
                    let of = stream.key().parse().expect("a reference");
                    oracle.crowded.push((of, event.effectivefrom.expect("a day"), event.effectiveto));
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
                let room = n == 2 || here.len() <= 2 || oracle.found_crowded(id, day);
                prop_assert!(room, "{} persons on 30 m2 on {}", here.len(), day);
                prop_assert!(dwelling.most_residents_from(day) >= here.len() as u64);
                let later = (0..=DAYS).map(the_day).filter(|d| day <= *d);
                let most = later.map(|d| dwelling.residents_on(d).count()).max().unwrap_or(here.len());
                prop_assert_eq!(dwelling.most_residents_from(day), most as u64);
            }
        }
        prop_assert_eq!(accepted > 0, moves_in, "the first move is always possible");
    }
}
