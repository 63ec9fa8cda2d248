//! The status of kandas (point 6).

use super::*;

#[test]
fn the_status_of_kandas_is_granted_for_an_interval() {
    const GRANTED: &[&str] = &["person.kandas-status-granted"];
    let read = &[("person-kind", "foreigner"), ("act-certainty", "known")];
    let grant = || kandas(anna(), Some("2025-03-01")).on("03-01");
    let world = || check(world(), grant(), Then::Accepted(GRANTED, read));
    let granted = world();
    let known = granted.known();
    let anna_ = known.person(anna()).expect("loaded");
    let on = |text| anna_.kandas_on(day(text));
    assert_eq!(
        [on("02-29"), on("03-01"), on("2025-02-28"), on("2025-03-01")],
        [false, true, true, false]
    );

    let overlap = &[
        ("status-from", "2024-03-01"),
        ("status-until", "2025-03-01"),
    ];
    check(
        world(),
        grant().from("2025-02-28").with(open_ended),
        Then::Control(Code::StatusGranted, overlap),
    );
    check(
        world(),
        grant().from("02-01"),
        Then::Control(Code::StatusGranted, overlap),
    );
    check(
        world(),
        grant().from("2025-03-01").with(open_ended),
        Then::Accepted(GRANTED, &[]),
    );
    let before = kandas(anna(), Some("03-01")).from("02-01");
    check(world(), before, Then::Accepted(GRANTED, &[]));
}

fn open_ended(command: &mut Command) {
    let Command::GrantKandasStatus(c) = command else {
        unreachable!("it is a grant")
    };
    c.until = None;
}

#[test]
fn the_status_is_blocked() {
    check(
        world(),
        kandas(reference(7), None),
        Then::Control(Code::PersonNotFound, &[]),
    );
    check(
        world(),
        kandas(anna(), Some("03-01")),
        Then::Control(Code::IntervalEmpty, &[("until", "2024-03-01")]),
    );
    let citizen = Then::Law(
        Code::CitizenIsNoKandas,
        "migration-law 21",
        &[("person-kind", "citizen")],
    );
    check(world(), kandas(berik(), None), citizen);
    check(
        world(),
        kandas(anna(), None).on("2011-07-31"),
        Then::Control(Code::NoBasis, &[]),
    );
    // The power is that of the decision date.
    let early = kandas(anna(), None).on("2011-07-31").from("2011-08-01");
    check(world(), early, Then::Control(Code::NoBasis, &[]));
}
