//! Temporary stays (point 9).

use qonys_events::term::{DecisionType, HousingFund};

use super::*;

#[test]
fn a_stay_has_an_end_and_may_coexist_with_a_residence_elsewhere() {
    const STAYS: &[&str] = &["person.stay-registered"];
    let lives = || world().after([moves(anna(), home()).on("03-10")]);
    let stay = |dwelling, from, until| stays(anna(), dwelling, until).on(from);
    let mut there = check(
        lives(),
        stay(flat_b(), "03-12", "06-01"),
        Then::Accepted(STAYS, &[]),
    );
    let known = there.known();
    let anna_ = known.person(anna()).expect("loaded");
    assert_eq!(anna_.residence_on(day("05-31")), Some(home()));
    assert!(anna_.stays_on(day("05-31")).eq([flat_b()]) && anna_.stays_on(day("06-01")).eq([]));
    assert_eq!(
        known
            .dwelling(flat_b())
            .expect("loaded")
            .residents_on(day("05-31"))
            .count(),
        0
    );

    let decided = there
        .run(stay(flat_b(), "06-01", "06-02"))
        .expect("adjacent stays do not overlap");
    let event = &decided[0].1;
    assert_eq!(
        (event.effectivefrom, event.effectiveto),
        (Some(day("06-01")), Some(day("06-02")))
    );
    assert_eq!(event.point.as_ref().map(|point| point.as_str()), Some("4"));

    let blocked = |code| Then::Control(code, &[]);
    let staying = || lives().after([stay(flat_b(), "03-12", "06-01")]);
    check(
        staying(),
        stay(flat_b(), "05-31", "07-01"),
        blocked(Code::RegistrationOverlaps),
    );
    check(
        staying(),
        stay(home(), "03-12", "03-13"),
        blocked(Code::StayAtResidence),
    );
    check(
        lives(),
        stay(home(), "03-01", "03-11"),
        blocked(Code::StayAtResidence),
    );
    check(
        lives(),
        stay(home(), "03-01", "03-10"),
        Then::Accepted(STAYS, &[]),
    );
    check(
        lives(),
        stay(flat_b(), "03-12", "03-12"),
        blocked(Code::StayWithoutEnd),
    );
    // The power is that of the decision date.
    let early = stay(flat_b(), "2011-11-30", "2011-12-15").from("2011-12-01");
    check(lives(), early, blocked(Code::NoBasis));
    check(
        lives(),
        stay(flat_b(), "2011-11-30", "2011-12-15"),
        blocked(Code::NoBasis),
    );
    check(
        lives(),
        stay(reference(17), "03-12", "03-13"),
        blocked(Code::DwellingNotFound),
    );
    check(
        lives(),
        stays(reference(7), home(), "06-01"),
        blocked(Code::PersonNotFound),
    );
    // A stay becomes a residence without waiting for its end.
    check(
        staying(),
        moves(anna(), flat_b()).on("04-01"),
        Then::Accepted(MOVED, &[]),
    );
}

#[test]
fn a_stay_never_reads_the_norm_of_point_10() {
    let tiny = flat(reference(14), HousingFund::State, 1);
    let read = check(
        world().after([tiny]),
        stays(anna(), reference(14), "06-01").on("03-12"),
        Then::Accepted(
            &["person.stay-registered"],
            &[("residence-at-dwelling", "none")],
        ),
    );
    let law = read.known().law().expect("loaded");
    assert!(law.basis(DecisionType::HousingNorm, day("03-12")).is_ok());
}
