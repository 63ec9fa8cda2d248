//! Point 9 as tables: given accepted commands, when another comes, then events or a block.

use qonys_events::{
    fact::Fact,
    id::{Ref, StreamKind},
    term::{HousingFund, PersonKind, ResidenceEnd},
};

use super::given::*;
use crate::{blocked::Code, command::Command};

mod any_sequence;
mod consent;
mod corrected_move;
mod correction;
mod death;
mod departure;
mod family;
mod immigrant;
mod status;
mod stay;

const MOVED: &[&str] = &[
    "person.residence-ended",
    "dwelling.resident-left",
    "person.residence-registered",
    "dwelling.resident-entered",
];
const MOVED_IN: &[&str] = &["person.residence-registered", "dwelling.resident-entered"];
const LEFT: &[&str] = &["person.residence-ended", "dwelling.resident-left"];

fn anna() -> Ref {
    reference(1)
}
fn berik() -> Ref {
    reference(2)
}
fn home() -> Ref {
    reference(11)
}
fn flat_b() -> Ref {
    reference(12)
}

/// Anna, a foreigner, Berik, a citizen, and two private flats.
fn world() -> World {
    World::new().after([
        person(anna(), PersonKind::Foreigner),
        person(berik(), PersonKind::Citizen),
        flat(home(), HousingFund::Private, 4500),
        flat(flat_b(), HousingFund::Private, 3000),
    ])
}

#[test]
fn a_person_is_recorded_once_and_with_a_sealed_name() {
    let record = person(reference(3), PersonKind::Stateless);
    let missing = &[("missing", "name")];
    check(
        world(),
        record.clone().unsealed(),
        Then::Control(Code::FactsMissing, missing),
    );
    let number = record.clone().sealed_as("iin");
    check(world(), number, Then::Control(Code::FactsMissing, missing));
    let another = record.clone().minting(reference(4));
    check(world(), another, Then::Control(Code::FactsMissing, missing));
    let world = check(
        world(),
        record.clone(),
        Then::Accepted(&["person.recorded"], &[]),
    );
    let known = world.known();
    let recorded = known.person(reference(3)).expect("loaded");
    assert_eq!(
        (recorded.exists(), recorded.kind()),
        (true, Some(PersonKind::Stateless))
    );
    check(world, record, Then::Control(Code::NoChange, &[]));
}

#[test]
fn a_dwelling_is_recorded_once_and_with_a_sealed_address() {
    let record = flat(reference(13), HousingFund::State, 1);
    let missing = &[("missing", "address")];
    check(
        world(),
        record.clone().unsealed(),
        Then::Control(Code::FactsMissing, missing),
    );
    let world = check(
        world(),
        record.clone(),
        Then::Accepted(&["dwelling.recorded", "dwelling.holders-recorded"], &[]),
    );
    check(world, record, Then::Control(Code::NoChange, &[]));
}

#[test]
fn a_registration_stands_on_both_sides_and_cites_its_power() {
    let read = &[
        ("act-certainty", "known"),
        ("ends-residence", "no"),
        ("fund", "private"),
        ("late-after-days", "norm-missing"),
    ];
    let world = check(
        world(),
        moves(anna(), home()).on("03-05"),
        Then::Accepted(MOVED_IN, read),
    );
    let known = world.known();
    let at = |text| {
        known
            .person(anna())
            .expect("loaded")
            .residence_on(day(text))
    };
    assert_eq!(
        (at("03-04"), at("03-05"), at("2026-01-01")),
        (None, Some(home()), Some(home()))
    );
    let dwelling = known.dwelling(home()).expect("loaded");
    assert!(dwelling.houses(anna(), day("03-05")) && !dwelling.houses(anna(), day("03-04")));

    let mut world = world;
    let decided = world
        .run(moves(berik(), home()).on("03-06").from("03-07"))
        .expect("accepted");
    for (_, event) in &decided {
        assert_eq!(
            event.act.as_ref().map(|act| act.as_str()),
            Some("registration-rules")
        );
        assert_eq!(event.point.as_ref().map(|point| point.as_str()), Some("3"));
        let days = (event.decidedon, event.effectivefrom, event.effectiveto);
        assert_eq!(days, (Some(day("03-06")), Some(day("03-07")), None));
    }
    let Fact::ResidenceRegistered(registered) = &decided[0].1.fact else {
        panic!("a registration")
    };
    assert_eq!(registered.district.as_str(), "medeu");
}

#[test]
fn a_new_residence_ends_the_former_the_same_day_in_one_decision() {
    let world = world().after([moves(anna(), home()).on("03-01")]);
    let mut world = check(
        world,
        moves(anna(), flat_b()).on("03-20").from("03-15"),
        Then::Accepted(MOVED, &[("ends-residence", "yes")]),
    );
    let known = world.known();
    let at = |text| {
        known
            .person(anna())
            .expect("loaded")
            .residence_on(day(text))
    };
    assert_eq!((at("03-14"), at("03-15")), (Some(home()), Some(flat_b())));
    assert!(
        !known
            .dwelling(home())
            .expect("loaded")
            .houses(anna(), day("03-15"))
    );

    let decided = world
        .run(moves(anna(), home()).on("04-01"))
        .expect("accepted");
    let streams: Vec<_> = decided.iter().map(|(id, _)| id.clone()).collect();
    let (of_anna, from, to) = (
        stream(StreamKind::Person, anna()),
        stream(StreamKind::Dwelling, flat_b()),
        stream(StreamKind::Dwelling, home()),
    );
    assert_eq!(streams, [of_anna.clone(), from, of_anna, to]);
    let Fact::ResidenceEnded(ended) = &decided[0].1.fact else {
        panic!("an end")
    };
    assert_eq!(
        (ended.dwelling, ended.reason),
        (flat_b(), ResidenceEnd::Moved)
    );
}

#[test]
fn at_most_one_residence_also_after_late_entries() {
    const FROM: (&str, &str) = ("registered-from", "2024-03-10");
    const UNTIL: (&str, &str) = ("registered-until", "2024-03-20");
    let lives = || world().after([moves(anna(), home()).on("03-10")]);
    let left = || lives().after([leaves(anna(), ResidenceEnd::Departed).on("03-20")]);
    let overlaps = |facts| Then::Control(Code::RegistrationOverlaps, facts);
    let already = |facts| Then::Control(Code::AlreadyResident, facts);

    check(lives(), moves(anna(), home()).on("03-11"), already(&[FROM]));
    check(lives(), moves(anna(), home()).on("03-10"), already(&[FROM]));
    check(
        lives(),
        moves(anna(), home()).on("03-11").from("03-09"),
        overlaps(&[FROM]),
    );
    check(
        lives(),
        moves(anna(), flat_b()).on("03-11").from("03-09"),
        overlaps(&[FROM]),
    );
    // On the day of registration itself the new one ends the former, which then has no day.
    check(
        lives(),
        moves(anna(), flat_b()).on("03-11").from("03-10"),
        Then::Accepted(MOVED, &[]),
    );

    check(
        left(),
        moves(anna(), flat_b()).on("03-25").from("03-15"),
        overlaps(&[FROM, UNTIL]),
    );
    check(
        left(),
        moves(anna(), flat_b()).on("03-25").from("03-01"),
        overlaps(&[FROM, UNTIL]),
    );
    check(
        left(),
        moves(anna(), home()).on("03-25").from("03-19"),
        already(&[FROM, UNTIL]),
    );
    let again = check(
        left(),
        moves(anna(), home()).on("03-25").from("03-20"),
        Then::Accepted(MOVED_IN, &[]),
    );
    assert_eq!(
        again
            .known()
            .dwelling(home())
            .expect("loaded")
            .most_residents_from(day("03-01")),
        1
    );

    // What ended on its first day leaves no trace that could overlap.
    let never = lives().after([leaves(anna(), ResidenceEnd::Departed).on("03-10")]);
    check(
        never,
        moves(anna(), flat_b()).on("03-11").from("03-01"),
        Then::Accepted(MOVED_IN, &[]),
    );
}

#[test]
fn a_registration_needs_person_dwelling_and_power() {
    check(
        world(),
        moves(reference(7), home()),
        Then::Control(Code::PersonNotFound, &[]),
    );
    check(
        world(),
        moves(anna(), reference(17)),
        Then::Control(Code::DwellingNotFound, &[]),
    );
    let before = moves(anna(), home()).on("2011-11-30");
    check(
        world(),
        before,
        Then::Control(Code::NoBasis, &[("state", "not-yet")]),
    );
    // The power is that of the decision date, whatever day the registration is about.
    let before = || moves(anna(), home()).on("2011-11-30");
    check(
        world(),
        before().from("2011-12-01"),
        Then::Control(Code::NoBasis, &[]),
    );
    check(
        world(),
        before().on("2011-12-01").from("2011-11-30"),
        Then::Accepted(MOVED_IN, &[]),
    );
}

#[test]
fn late_is_reported_and_never_refused() {
    let ten_days = || world().knowing(TEN_DAYS);
    let moved = |on| moves(anna(), home()).on(on).from("03-01");
    for (on, late) in [
        ("03-01", false),
        ("03-11", false),
        ("03-12", true),
        ("2025-01-01", true),
        ("02-01", false),
    ] {
        let decided = ten_days().run(moved(on)).expect("accepted");
        let Fact::ResidenceRegistered(registered) = &decided[0].1.fact else {
            panic!("a registration")
        };
        assert_eq!(
            (registered.late, registered.facts.get("late-after-days")),
            (late, Some("10")),
            "{on}"
        );
        assert_eq!(registered.facts.get("late-term-day"), Some("2024-03-01"));
        assert_eq!(registered.bases.len(), 1, "the norm is among the bases");
    }
    // The term is the one of the day on which it began to run, not of the day of the decision.
    let changed = || TERM_CHANGED.into_iter().fold(world(), World::knowing);
    for (from, on, late) in [
        ("02-29", "03-11", true),
        ("03-01", "03-31", false),
        ("03-01", "04-01", true),
    ] {
        let decided = changed()
            .run(moves(anna(), home()).on(on).from(from))
            .expect("accepted");
        let Fact::ResidenceRegistered(registered) = &decided[0].1.fact else {
            panic!("a registration")
        };
        assert_eq!(registered.late, late, "{from} {on}");
    }
}

#[test]
fn departure_is_never_blocked_on_the_merits() {
    let lives = || world().after([moves(anna(), home()).on("03-10")]);
    for reason in [
        ResidenceEnd::Departed,
        ResidenceEnd::OwnerRequest,
        ResidenceEnd::Court,
        ResidenceEnd::LeftCountry,
        ResidenceEnd::RightLost,
        ResidenceEnd::DwellingDestroyed,
    ] {
        let world = check(
            lives(),
            leaves(anna(), reason).on("03-10"),
            Then::Accepted(LEFT, &[]),
        );
        assert_eq!(
            world
                .known()
                .person(anna())
                .expect("loaded")
                .residence_on(day("03-10")),
            None
        );
    }
    // No power to register was in force on the decision date: the end stands, and cites none.
    let mut early = lives();
    let decided = early
        .run(
            leaves(anna(), ResidenceEnd::Departed)
                .on("2010-01-01")
                .from("03-20"),
        )
        .expect("accepted");
    assert!(decided.iter().all(|(_, event)| event.act.is_none()));
    // A stay goes on.
    let staying = lives().after([stays(anna(), flat_b(), "06-01").on("03-12")]);
    let world = check(
        staying,
        leaves(anna(), ResidenceEnd::Departed).on("03-20"),
        Then::Accepted(LEFT, &[]),
    );
    assert!(
        world
            .known()
            .person(anna())
            .expect("loaded")
            .stays_on(day("05-31"))
            .eq([flat_b()])
    );
}

#[test]
fn an_end_that_would_not_be_true_is_blocked() {
    let lives = || world().after([moves(anna(), home()).on("03-10")]);
    let departed = || leaves(anna(), ResidenceEnd::Departed);
    check(
        world(),
        departed(),
        Then::Control(Code::NoResidence, &[("day", "2024-03-01")]),
    );
    check(
        world(),
        leaves(reference(7), ResidenceEnd::Death),
        Then::Control(Code::PersonNotFound, &[]),
    );
    let began = &[("registered-from", "2024-03-10")];
    check(
        lives(),
        departed().on("03-09"),
        Then::Control(Code::BeforeItsCause, began),
    );
    let moved = leaves(anna(), ResidenceEnd::Moved).on("03-11");
    check(
        lives(),
        moved,
        Then::Control(Code::GroundDoesNotFit, &[("reason", "moved")]),
    );
    let left = lives().after([departed().on("03-20")]);
    check(
        left,
        departed().on("03-21"),
        Then::Control(Code::NoResidence, &[("ended-on", "2024-03-20")]),
    );
}

#[test]
fn states_survive_a_snapshot() {
    let world = world().after([
        moves(anna(), home()).on("03-10"),
        stays(anna(), flat_b(), "06-01").on("03-12"),
        kandas(anna(), None).on("03-13"),
        moves(anna(), flat_b()).on("07-01"),
    ]);
    let known = world.known();
    let (person, dwelling) = (
        known.person(anna()).expect("loaded"),
        known.dwelling(home()).expect("loaded"),
    );
    let text = serde_json::to_string(&(person, dwelling)).expect("JSON");
    let read: (super::Person, crate::dwelling::Dwelling) =
        serde_json::from_str(&text).expect("JSON");
    assert_eq!((&read.0, &read.1), (person, dwelling));
}
