//! A recorded move is corrected as both its halves: the end of the former residence and the new registration.

use qonys_events::{
    event::Event,
    scalar::StreamSeq,
    term::{CorrectionReason, HousingFund},
};

use super::*;
use crate::{
    command::{Command, CorrectMove, CorrectResidence},
    person::given::registration,
};

const CORRECTED: &[&str] = &[
    "dwelling.resident-left",
    "dwelling.resident-left",
    "person.residence-ended",
    "dwelling.resident-entered",
    "person.residence-registered",
    "dwelling.resident-entered",
];

fn corrects(entry: u64, right: Given, until: Option<&str>) -> Given {
    Given::new(Command::CorrectMove(CorrectMove {
        entry: StreamSeq(entry),
        reason: CorrectionReason::Documents,
        registration: registration(right),
        until: until.map(day),
    }))
}

/// Where Anna lived on a day: by her own stream, by that of the home, by that of the other flat.
fn lived(world: &World, on: &str) -> (Option<Ref>, bool, bool) {
    let known = world.known();
    let at = known.person(anna()).expect("loaded").residence_on(day(on));
    let there = |d| known.dwelling(d).is_ok_and(|d| d.houses(anna(), day(on)));
    (at, there(home()), there(flat_b()))
}

/// Anna lives in the home from 1 March (entry 2) and moved to the other flat on 10 March (entries 3 and 4).
fn moved() -> World {
    world().after([
        moves(anna(), home()).on("03-01"),
        moves(anna(), flat_b()).on("03-10"),
    ])
}

#[test]
fn both_halves_of_a_move_are_corrected_to_an_earlier_or_a_later_day() {
    for (right, last_at_home) in [("03-05", "03-04"), ("03-20", "03-19")] {
        let when = corrects(4, moves(anna(), flat_b()), None)
            .on("04-01")
            .from(right);
        let world = check(
            moved(),
            when.clone(),
            Then::Accepted(
                CORRECTED,
                &[("corrects", "documents"), ("ends-residence", "yes")],
            ),
        );
        assert_eq!(lived(&world, "02-28"), (None, false, false));
        assert_eq!(lived(&world, "03-01"), (Some(home()), true, false));
        assert_eq!(lived(&world, last_at_home), (Some(home()), true, false));
        assert_eq!(lived(&world, right), (Some(flat_b()), false, true));
        // Superseded is superseded; what stands may be corrected again, both halves with it.
        let superseded = Then::Control(Code::AlreadySuperseded, &[("entry", "4")]);
        let world = check(world, when, superseded);
        let again = corrects(6, moves(anna(), flat_b()), Some("04-01"))
            .on("04-02")
            .from("03-10");
        let world = check(world, again, Then::Accepted(CORRECTED, &[]));
        assert_eq!(lived(&world, "03-09"), (Some(home()), true, false));
        assert_eq!(lived(&world, "03-10"), (Some(flat_b()), false, true));
        assert_eq!(lived(&world, "04-01"), (None, false, false));
    }
}

#[test]
fn each_half_names_the_entry_that_it_supersedes() {
    let right = corrects(4, moves(anna(), flat_b()), None);
    let decided = moved().run(right.on("04-01").from("03-05"));
    let supersedes = |event: &Event| Some((event.fact.type_name(), event.supersedes?));
    let decided = decided.expect("accepted");
    let found: Vec<_> = decided.iter().filter_map(|(_, e)| supersedes(e)).collect();
    assert_eq!(
        found,
        [
            (
                "kz.qonys.person.residence-ended.v1",
                superseded_as(StreamSeq(3))
            ),
            (
                "kz.qonys.person.residence-registered.v1",
                superseded_as(StreamSeq(4))
            ),
        ]
    );
}

#[test]
fn a_move_went_elsewhere_than_was_recorded() {
    let third = reference(13);
    let world = || moved().after([flat(third, HousingFund::Private, 4500)]);
    let elsewhere = corrects(4, moves(anna(), third), None)
        .on("04-01")
        .from("03-08");
    let world = check(world(), elsewhere, Then::Accepted(CORRECTED, &[]));
    assert_eq!(lived(&world, "03-07"), (Some(home()), true, false));
    assert_eq!(lived(&world, "03-08"), (Some(third), false, false));
    assert_eq!(lived(&world, "03-20"), (Some(third), false, false));
}

#[test]
fn of_two_moves_on_one_day_each_left_another_dwelling() {
    let third = reference(13);
    let world = moved()
        .after([flat(third, HousingFund::Private, 4500)])
        .after([moves(anna(), home()).on("03-10")]);
    // The second move of the day (entries 5 and 6) left the other flat, in which she was for no day.
    let right = corrects(6, moves(anna(), third), None)
        .on("04-01")
        .from("03-12");
    let world = check(world, right, Then::Accepted(CORRECTED, &[]));
    assert_eq!(lived(&world, "03-09"), (Some(home()), true, false));
    assert_eq!(lived(&world, "03-11"), (Some(flat_b()), false, true));
    assert_eq!(lived(&world, "03-12"), (Some(third), false, false));
    assert_eq!(lived(&world, "05-01"), (Some(third), false, false));
}

#[test]
fn what_was_corrected_to_the_former_dwelling_can_still_have_been_a_move() {
    let at_home = Given::new(Command::CorrectResidence(CorrectResidence {
        entry: StreamSeq(4),
        reason: CorrectionReason::Documents,
        registration: registration(moves(anna(), home())),
        until: None,
    }));
    let world = moved().after([at_home.on("03-20").from("03-10")]);
    assert_eq!(lived(&world, "03-25"), (Some(home()), true, false));
    let right = corrects(5, moves(anna(), flat_b()), None)
        .on("04-01")
        .from("03-15");
    let world = world.after([right]);
    assert_eq!(lived(&world, "03-14"), (Some(home()), true, false));
    assert_eq!(lived(&world, "03-15"), (Some(flat_b()), false, true));
    assert_eq!(lived(&world, "05-01"), (Some(flat_b()), false, true));
}

#[test]
fn what_is_no_move_or_cannot_have_been_is_not_corrected_as_one() {
    let right = |entry| corrects(entry, moves(anna(), flat_b()), None).on("04-01");
    let first = corrects(2, moves(anna(), home()), None)
        .on("04-01")
        .from("02-20");
    check(
        moved(),
        first,
        Then::Control(Code::NotAMove, &[("entry", "2")]),
    );
    check(
        moved(),
        right(9).from("03-05"),
        Then::Control(Code::EntryNotFound, &[("entry", "9")]),
    );
    // The former residence began on 1 March: nobody moves out before that.
    check(
        moved(),
        right(4).from("03-01"),
        Then::Control(Code::IntervalEmpty, &[("from", "2024-03-01")]),
    );
    let home_again = corrects(4, moves(anna(), home()), None)
        .on("04-01")
        .from("03-05");
    check(
        moved(),
        home_again,
        Then::Control(Code::AlreadyResident, &[]),
    );
    // Whoever left and came later did not move in one decision.
    let apart = world().after([
        moves(anna(), home()).on("03-01"),
        leaves(anna(), ResidenceEnd::Departed).on("03-10"),
        moves(anna(), flat_b()).on("03-10"),
    ]);
    check(
        apart,
        right(4).from("03-05"),
        Then::Control(Code::NotAMove, &[]),
    );
    // A third residence stands in the way of a later day.
    let onward = moved().after([moves(anna(), home()).on("03-20")]);
    check(
        onward,
        right(4).from("03-25"),
        Then::Control(
            Code::RegistrationOverlaps,
            &[("registered-from", "2024-03-20")],
        ),
    );
}

#[test]
fn a_longer_stay_in_a_full_dwelling_is_found_and_evicts_nobody() {
    let (small, other) = (reference(21), reference(22));
    let persons = (3..=4).map(|n| person(reference(n), PersonKind::Citizen));
    let full = || {
        World::new()
            .after([
                person(anna(), PersonKind::Citizen),
                flat(small, HousingFund::State, 1500),
                flat(other, HousingFund::Private, 1500),
            ])
            .after(persons.clone())
            .after([
                moves(anna(), small).on("03-01"),
                moves(anna(), other).on("03-10"),
                moves(reference(3), small).on("03-12"),
            ])
    };
    let longer = corrects(4, moves(anna(), other), None)
        .on("04-01")
        .from("03-15");
    let mut types = CORRECTED.to_vec();
    types.insert(4, "dwelling.over-norm-found");
    let world = check(full(), longer, Then::Accepted(&types, &[]));
    let known = world.known();
    let small = known.dwelling(small).expect("loaded");
    assert!(small.houses(anna(), day("03-14")) && small.houses(reference(3), day("03-14")));
    let shorter = corrects(4, moves(anna(), other), None)
        .on("04-01")
        .from("03-05");
    check(full(), shorter, Then::Accepted(CORRECTED, &[]));
}
