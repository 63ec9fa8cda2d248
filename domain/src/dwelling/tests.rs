//! Point 10 as tables: which fund, which day, how many persons, which grounds.

use qonys_events::{
    digest::Sha256Hex,
    fact::{
        Fact,
        registration::{NormCheck, ResidenceRegistered},
    },
    id::Ref,
    term::{AgeClass, ConsentKind, HousingFund, OverNormGround, PersonKind, ResidenceEnd},
};

use crate::{
    blocked::Code,
    command::{Command, OverNorm},
    person::given::*,
};

mod change;
mod family;

const MOVED_IN: &[&str] = &["person.residence-registered", "dwelling.resident-entered"];

fn home() -> Ref {
    reference(11)
}

fn resident(n: u64) -> Ref {
    reference(n)
}

/// Five persons, and a dwelling with so many residents since 1 March.
fn living(fund: HousingFund, area: u64, residents: u64) -> World {
    let persons = (1..=5).map(|n| person(resident(n), PersonKind::Citizen));
    let world = World::new()
        .knowing(OVER_NORM_BLOCKS)
        .after(persons)
        .after([flat(home(), fund, area)]);
    world.after((1..=residents).map(|n| moves(resident(n), home()).on("03-01")))
}

#[track_caller]
fn registered(mut world: World, when: Given) -> ResidenceRegistered {
    let decided = world
        .run(when)
        .unwrap_or_else(|blocked| panic!("{blocked} {:?}", blocked.facts));
    decided
        .into_iter()
        .find_map(|(_, event)| match event.fact {
            Fact::ResidenceRegistered(registered) => Some(registered),
            _ => None,
        })
        .expect("a registration")
}

#[test]
fn forty_five_square_metres_take_three_and_a_square_decimetre_less_takes_two() {
    for fund in [HousingFund::State, HousingFund::AkimatRented] {
        let third = || moves(resident(3), home()).on("03-02");
        let within = registered(living(fund, 4500, 2), third());
        assert_eq!((within.norm, within.bases.len()), (NormCheck::Within, 2));
        let read =
            ["norm", "useful-area", "residents", "capacity"].map(|name| within.facts.get(name));
        assert_eq!(read, [Some("1500"), Some("4500"), Some("2"), Some("3")]);

        let facts = &[
            ("norm", "1500"),
            ("norm-day", "2024-03-02"),
            ("useful-area", "4499"),
            ("residents", "2"),
            ("capacity", "2"),
            ("missing-area", "1"),
            ("act-certainty", "known"),
            ("over-norm-blocks", "interpretation"),
        ];
        check(
            living(fund, 4499, 2),
            third(),
            Then::Law(Code::OverNorm, "rules 10", facts),
        );
        let fourth = moves(resident(4), home()).on("03-02");
        let facts = &[
            ("missing-area", "1500"),
            ("capacity", "3"),
            ("over-norm-blocks", "interpretation"),
        ];
        let world = living(fund, 4500, 3);
        check(world, fourth, Then::Law(Code::OverNorm, "rules 10", facts));
    }
}

#[test]
fn a_private_dwelling_takes_the_fourth() {
    let fourth = registered(
        living(HousingFund::Private, 4500, 3),
        moves(resident(4), home()).on("03-02"),
    );
    assert_eq!(
        (fourth.norm, fourth.facts.get("norm")),
        (NormCheck::NotApplicable, None)
    );
}

#[test]
fn residents_are_counted_on_every_later_day_too() {
    // Two from the beginning, the third from 20 March: there is no room for a fourth from any day.
    let world =
        || living(HousingFund::State, 4500, 2).after([moves(resident(3), home()).on("03-20")]);
    let backdated = || moves(resident(4), home()).on("03-25").from("03-10");
    let three = &[("residents", "3")];
    check(
        world(),
        backdated(),
        Then::Law(Code::OverNorm, "rules 10", three),
    );
    // The third left on the day on which the fourth comes, and nobody is counted twice.
    let left = world().after([leaves(resident(3), ResidenceEnd::Departed).on("03-22")]);
    check(
        left,
        moves(resident(4), home()).on("03-22"),
        Then::Accepted(MOVED_IN, &[("residents", "2")]),
    );
    let left = world().after([leaves(resident(3), ResidenceEnd::Departed).on("03-22")]);
    check(
        left,
        backdated(),
        Then::Law(Code::OverNorm, "rules 10", three),
    );
    let swapped = living(HousingFund::State, 4500, 3)
        .after([leaves(resident(3), ResidenceEnd::Departed).on("03-20")])
        .after([moves(resident(4), home()).on("03-20")]);
    assert_eq!(
        swapped
            .known()
            .dwelling(home())
            .expect("loaded")
            .most_residents_from(day("03-01")),
        3
    );
}

#[test]
fn a_child_or_ward_who_joins_and_a_move_in_ordered_by_a_court_are_recorded_over_the_norm() {
    let (child, ward) = (
        OverNormGround::ChildJoinsParent,
        OverNormGround::WardJoinsGuardian,
    );
    let parent = |parent| OverNorm::ChildJoinsParent { parent };
    let guardian = |guardian| OverNorm::WardJoinsGuardian { guardian };
    let court = || OverNorm::CourtOrder {
        document: Sha256Hex::of(b"order"),
    };
    let full = || {
        let guardian = guards(resident(2), resident(4)).on("03-01");
        living(HousingFund::State, 4500, 3).after([guardian])
    };
    let comes = |age, ground| moves_over(resident(4), home(), age, ground).on("03-02");
    let by_consent = moves(resident(4), home()).on("03-02").with(|command| {
        let Command::RegisterResidence(c) = command else {
            unreachable!("it is a registration")
        };
        c.consent = ConsentKind::Court;
        c.court_act = Some(Sha256Hex::of(b"order"));
    });
    for (when, ground) in [
        (comes(AgeClass::Under14, parent(resident(1))), child),
        (comes(AgeClass::From14, guardian(resident(2))), ward),
        (comes(AgeClass::From14, court()), OverNormGround::CourtOrder),
        (by_consent, OverNormGround::CourtOrder),
    ] {
        let over = registered(full(), when);
        assert_eq!(over.norm, NormCheck::Over { ground });
        assert_eq!(over.facts.get("missing-area"), Some("1500"));
        let act = ["court-act", "over-norm-document"].map(|name| over.facts.get(name));
        let proven = ground == OverNormGround::CourtOrder;
        let order = Sha256Hex::of(b"order").to_string();
        assert_eq!(act.contains(&Some(order.as_str())), proven, "{ground:?}");
        assert_eq!(
            over.bases
                .iter()
                .map(|b| b.act.as_str())
                .collect::<Vec<_>>(),
            ["rules", "rules"]
        );
    }

    let absent = |code| Then::Control(code, &[("act-certainty", "known")]);
    for nobody in [
        parent(resident(5)),
        parent(resident(4)),
        guardian(resident(5)),
    ] {
        check(
            full(),
            comes(AgeClass::Under14, nobody),
            absent(Code::GuardianNotResident),
        );
    }
    check(
        full(),
        comes(AgeClass::From14, guardian(resident(5))),
        Then::Control(
            Code::GuardianNotResident,
            &[("residents", "3"), ("fund", "state")],
        ),
    );
    // The parent is registered here, but only from a later day, or no longer.
    let early = comes(AgeClass::Under14, parent(resident(1))).from("02-28");
    check(full(), early, absent(Code::GuardianNotResident));
    let gone = || full().after([leaves(resident(1), ResidenceEnd::Departed).on("03-05")]);
    let joins = comes(AgeClass::Under14, parent(resident(1)));
    check(
        gone(),
        joins.clone().from("03-05"),
        absent(Code::GuardianNotResident),
    );
    check(
        gone(),
        joins.from("03-04"),
        Then::Accepted(MOVED_IN, &[("residents", "3")]),
    );
    // Fourteen is no child in the sense of the ground.
    let grown = comes(AgeClass::From14, parent(resident(1)));
    check(
        full(),
        grown,
        Then::Law(Code::OverNorm, "rules 10", &[("age", "from-14")]),
    );
}

#[test]
fn who_is_no_child_is_a_ward_only_by_a_recorded_guardianship() {
    let joins = |age| {
        let ground = OverNorm::WardJoinsGuardian {
            guardian: resident(2),
        };
        moves_over(resident(4), home(), age, ground).on("03-02")
    };
    let full = || living(HousingFund::State, 4500, 3);
    let missing = || {
        Then::Control(
            Code::GuardianshipNotRecorded,
            &[
                ("over-norm-ground", "ward-joins-guardian"),
                ("residents", "3"),
            ],
        )
    };
    check(full(), joins(AgeClass::From14), missing());
    // A child's guardian is named like a parent: point 9 asks for one of the two there.
    check(
        full(),
        joins(AgeClass::Under14),
        Then::Accepted(MOVED_IN, &[]),
    );
    let guarded = |by: Given| full().after([by]);
    let of = |guardian, ward| guards(resident(guardian), resident(ward));
    let accepted = Then::Accepted(MOVED_IN, &[("over-norm-ground", "ward-joins-guardian")]);
    check(
        guarded(of(2, 4).on("03-01")),
        joins(AgeClass::From14),
        accepted,
    );
    // Not somebody else's, not another guardian, not one who came later or is no more, not another right.
    for other in [
        of(2, 5).on("03-01"),
        of(1, 4).on("03-01"),
        of(2, 4).on("03-03"),
    ] {
        check(guarded(other), joins(AgeClass::From14), missing());
    }
    let ended = of(2, 4).on("02-01").with(|command| {
        let Command::AppointRepresentative(c) = command else {
            unreachable!("it is an appointment")
        };
        c.until = Some(day("03-02"));
    });
    check(guarded(ended), joins(AgeClass::From14), missing());
    let attorney = of(2, 4).on("02-01").with(|command| {
        let Command::AppointRepresentative(c) = command else {
            unreachable!("it is an appointment")
        };
        c.basis = qonys_events::term::RepresentationBasis::PowerOfAttorney;
    });
    check(guarded(attorney), joins(AgeClass::From14), missing());
}

#[test]
fn a_ground_that_nobody_needs_is_not_read() {
    let ground = OverNorm::WardJoinsGuardian {
        guardian: resident(5),
    };
    let child = moves_over(resident(3), home(), AgeClass::From14, ground).on("03-02");
    let within = registered(living(HousingFund::State, 4500, 2), child.clone());
    assert_eq!(
        (within.norm, within.facts.get("over-norm-ground")),
        (NormCheck::Within, None)
    );
    assert_eq!(
        registered(living(HousingFund::Private, 1, 2), child).norm,
        NormCheck::NotApplicable
    );
}

#[test]
fn after_the_repeal_the_registration_goes_on_unchecked() {
    let world = || living(HousingFund::State, 4500, 3).knowing(REPEAL_DETERMINED);
    let fourth = |on| moves(resident(4), home()).on(on);
    check(
        world(),
        fourth("04-08"),
        Then::Law(Code::OverNorm, "rules 10", &[]),
    );
    let free = registered(world(), fourth("04-09"));
    assert_eq!((free.norm, free.bases.len()), (NormCheck::NoBasis, 0));
    assert_eq!(free.facts.get("housing-norm-power"), Some("repealed"));
    // The decision date decides, whatever day the registration is about.
    assert_eq!(
        registered(world(), fourth("04-09").from("04-01")).norm,
        NormCheck::NoBasis
    );
    // Decided under the power, about a day without a norm: nothing can be taken into account.
    let ahead = fourth("04-08").from("04-09");
    check(
        world(),
        ahead,
        Then::Control(
            Code::NormMissing,
            &[("day", "2024-04-09"), ("fund", "state")],
        ),
    );
    let before = registered(living(HousingFund::State, 1, 0), fourth("2017-10-29"));
    assert_eq!(
        (before.norm, before.facts.get("housing-norm-power")),
        (NormCheck::NoBasis, Some("not-yet"))
    );
}

#[test]
fn a_power_that_may_be_in_force_blocks_for_the_two_funds_only() {
    // Nobody determined the day of the repeal; the earliest possible is 09.04.2024.
    let third = || moves(resident(3), home()).on("04-09");
    let unknown = || {
        Then::Control(
            Code::BasisUnknown,
            &[("state", "unknown"), ("act-certainty", "known")],
        )
    };
    check(living(HousingFund::State, 9000, 2), third(), unknown());
    check(
        living(HousingFund::AkimatRented, 9000, 2),
        third(),
        unknown(),
    );
    check(
        living(HousingFund::Private, 9000, 2),
        third(),
        Then::Accepted(MOVED_IN, &[]),
    );
    let known = registered(living(HousingFund::State, 9000, 2), third().on("04-08"));
    assert_eq!(known.norm, NormCheck::Within);
}
