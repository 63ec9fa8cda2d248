//! A dwelling that is described otherwise: what holds from a day on, and who is over the norm then.

use super::*;

const CHANGED: &[&str] = &["dwelling.changed"];
const FOUND: &[&str] = &["dwelling.changed", "dwelling.over-norm-found"];

#[test]
fn a_smaller_area_or_another_fund_is_reported_and_evicts_nobody() {
    let smaller = |area| measured(home(), HousingFund::State, area).on("04-01");
    check(
        living(HousingFund::State, 4500, 3),
        smaller(4501),
        Then::Accepted(CHANGED, &[]),
    );
    let facts = &[
        ("residents", "3"),
        ("capacity", "2"),
        ("missing-area", "1"),
        ("norm", "1500"),
    ];
    let world = check(
        living(HousingFund::State, 4500, 3),
        smaller(4499),
        Then::Accepted(FOUND, facts),
    );
    let known = world.known();
    assert_eq!(
        known
            .dwelling(home())
            .expect("loaded")
            .residents_on(day("04-05"))
            .count(),
        3
    );
    let taken_over = measured(home(), HousingFund::AkimatRented, 4499).on("04-01");
    check(
        living(HousingFund::Private, 4499, 3),
        taken_over,
        Then::Accepted(FOUND, &[("fund", "akimat-rented")]),
    );
    let private = measured(home(), HousingFund::Private, 100).on("04-01");
    check(
        living(HousingFund::State, 4500, 3),
        private,
        Then::Accepted(CHANGED, &[]),
    );
    // Without the power of point 10 nothing is found.
    let repealed = living(HousingFund::State, 4500, 3).knowing(REPEAL_DETERMINED);
    check(
        repealed,
        smaller(100).on("04-09"),
        Then::Accepted(CHANGED, &[]),
    );
    check(
        living(HousingFund::State, 4500, 3),
        smaller(4500),
        Then::Control(Code::NoChange, &[]),
    );
}

#[test]
fn the_norm_is_taken_into_account_as_the_dwelling_is_on_each_day() {
    // 45 m2 until 1 April, 30 m2 from then on.
    let shrinks = || {
        living(HousingFund::State, 4500, 2)
            .after([measured(home(), HousingFund::State, 3000).on("04-01")])
    };
    let third = || moves(resident(3), home());
    let facts = &[
        ("useful-area", "3000"),
        ("area-day", "2024-04-01"),
        ("capacity", "2"),
    ];
    check(
        shrinks(),
        third().on("03-20"),
        Then::Law(Code::OverNorm, "rules 10", facts),
    );
    check(
        shrinks(),
        third().on("04-02"),
        Then::Law(Code::OverNorm, "rules 10", &[("area-day", "2024-04-02")]),
    );
    // Private from 5 April on: until then the area has to suffice.
    let sold = || {
        living(HousingFund::State, 3000, 2)
            .after([measured(home(), HousingFund::Private, 3000).on("04-05")])
    };
    check(
        sold(),
        third().on("04-01"),
        Then::Law(Code::OverNorm, "rules 10", &[("area-day", "2024-04-01")]),
    );
    check(
        sold(),
        third().on("04-05"),
        Then::Accepted(MOVED_IN, &[("fund", "private")]),
    );
    // The other way round: private now, of the state from 5 April on.
    let bought = || {
        living(HousingFund::Private, 3000, 2)
            .after([measured(home(), HousingFund::State, 3000).on("04-05")])
    };
    check(
        bought(),
        third().on("04-01"),
        Then::Law(Code::OverNorm, "rules 10", &[("area-day", "2024-04-05")]),
    );
}

#[test]
fn whether_over_norm_bars_is_a_reading_that_is_recorded() {
    let third = || moves(resident(3), home()).on("03-02");
    let unread = || {
        World::new()
            .after((1..=3).map(|n| person(resident(n), PersonKind::Citizen)))
            .after([flat(home(), HousingFund::State, 4499)])
            .after((1..=2).map(|n| moves(resident(n), home()).on("03-01")))
    };
    let missing = &[
        ("norm", "housing-provision.over-norm-blocks"),
        ("missing-area", "1"),
    ];
    check(unread(), third(), Then::Control(Code::NormMissing, missing));
    let (name, data) = OVER_NORM_BLOCKS;
    let lenient = unread().knowing((name, &data.replace("\"value\":\"1\"", "\"value\":\"0\"")));
    let over = registered(lenient, third());
    assert_eq!(
        over.norm,
        NormCheck::Over {
            ground: OverNormGround::NotBarred
        }
    );
    assert_eq!(over.bases.len(), 3, "power, norm and reading");
}
