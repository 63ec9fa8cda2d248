//! Death ends every registration on its day (point 9).

use super::*;
use crate::command::RecordDeath;

fn dies() -> Given {
    Given::new(Command::RecordDeath(RecordDeath {
        person: anna(),
        document: None,
    }))
}

#[test]
fn residence_and_stays_end_on_the_day() {
    let world = world().after([
        moves(anna(), home()).on("03-10"),
        stays(anna(), flat_b(), "06-01").on("03-12"),
        kandas(anna(), None).on("03-01"),
    ]);
    let all = &[
        "person.died",
        "person.residence-ended",
        "dwelling.resident-left",
        "person.stay-ended",
    ];
    let world = check(
        world,
        dies().on("05-01").from("04-20"),
        Then::Accepted(all, &[("died-on", "2024-04-20")]),
    );
    let known = world.known();
    let anna_ = known.person(anna()).expect("loaded");
    let on = |text| {
        (
            anna_.residence_on(day(text)),
            anna_.stays_on(day(text)).count(),
            anna_.kandas_on(day(text)),
        )
    };
    assert_eq!(on("04-19"), (Some(home()), 1, true));
    assert_eq!(on("04-20"), (None, 0, false));
    check(
        world,
        dies().on("05-01"),
        Then::Control(Code::PersonDied, &[("died-on", "2024-04-20")]),
    );
}

#[test]
fn what_was_recorded_for_later_days_leaves_nothing() {
    let world = || {
        world().after([
            moves(anna(), home()).on("03-10"),
            moves(anna(), flat_b()).on("04-10"),
            stays(anna(), home(), "06-01").on("04-15"),
        ])
    };
    let world = world().after([dies().on("05-01").from("03-20")]);
    let known = world.known();
    let anna_ = known.person(anna()).expect("loaded");
    for (on, at) in [
        ("03-19", Some(home())),
        ("03-20", None),
        ("04-10", None),
        ("04-20", None),
    ] {
        assert_eq!(anna_.residence_on(day(on)), at, "{on}");
        assert_eq!(anna_.stays_on(day(on)).count(), 0, "{on}");
        assert!(
            !known
                .dwelling(flat_b())
                .expect("loaded")
                .houses(anna(), day(on))
        );
    }
}

#[test]
fn nobody_is_registered_after_death_and_late_entries_end_with_it() {
    let dead = || world().after([dies().on("03-20")]);
    let died = &[("died-on", "2024-03-20")];
    check(
        dead(),
        moves(anna(), home()).on("03-20"),
        Then::Control(Code::PersonDied, died),
    );
    check(
        dead(),
        stays(anna(), home(), "03-21").on("03-25").from("03-10"),
        Then::Control(Code::PersonDied, died),
    );
    let late = check(
        dead(),
        moves(anna(), home()).on("03-25").from("03-10"),
        Then::Accepted(MOVED_IN, &[]),
    );
    let at = |text| {
        late.known()
            .person(anna())
            .expect("loaded")
            .residence_on(day(text))
    };
    assert_eq!((at("03-19"), at("03-20")), (Some(home()), None));
    assert!(
        !late
            .known()
            .dwelling(home())
            .expect("loaded")
            .houses(anna(), day("03-20"))
    );
}

#[test]
fn the_end_of_a_residence_or_stay_by_death_is_a_death() {
    let lives = || {
        world().after([
            moves(anna(), home()).on("03-10"),
            stays(anna(), flat_b(), "06-01").on("03-12"),
        ])
    };
    let world = lives().after([leaves(anna(), ResidenceEnd::Death).on("04-01")]);
    assert_eq!(
        world
            .known()
            .person(anna())
            .expect("loaded")
            .stays_on(day("04-01"))
            .count(),
        0
    );
    check(
        world,
        dies().on("05-01"),
        Then::Control(Code::PersonDied, &[]),
    );
}
