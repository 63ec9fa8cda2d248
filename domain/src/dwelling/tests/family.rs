//! A family that is registered together (point 10): everybody or nobody, counted by the reading that is recorded.

use super::*;
use crate::command::{Custody, FamilyMember, RegisterFamily};
use qonys_events::term::RegisteringBody;

const ONE: [&str; 2] = ["person.residence-registered", "dwelling.resident-entered"];

fn member(n: u64) -> FamilyMember {
    FamilyMember {
        person: resident(n),
        age: AgeClass::From14,
        with: None,
    }
}

fn child(n: u64, parent: u64) -> FamilyMember {
    FamilyMember {
        person: resident(n),
        age: AgeClass::Under14,
        with: Some(Custody::Parent {
            person: resident(parent),
        }),
    }
}

fn family(members: Vec<FamilyMember>) -> Given {
    Given::new(Command::RegisterFamily(RegisterFamily {
        members,
        dwelling: home(),
        body: RegisteringBody::Police,
        consent: ConsentKind::Owners,
        court_act: None,
        consents: consents(),
    }))
    .on("03-02")
}

fn apart() -> (&'static str, String) {
    let (name, data) = FAMILY_TOGETHER;
    (name, data.replace("\"value\":\"1\"", "\"value\":\"0\""))
}

#[test]
fn a_family_fits_whole_or_not_at_all() {
    let world = |area| living(HousingFund::State, area, 1).knowing(FAMILY_TOGETHER);
    let two = || family(vec![member(2), child(3, 2)]);
    let both = [ONE, ONE].concat();
    let world_after = check(
        world(4500),
        two(),
        Then::Accepted(&both, &[("joining", "2"), ("residents", "1")]),
    );
    assert_eq!(
        world_after
            .known()
            .dwelling(home())
            .expect("loaded")
            .residents_on(day("03-02"))
            .count(),
        3
    );
    // The child does not join a parent who was registered here before: the family is counted together.
    let facts = &[
        ("joining", "2"),
        ("capacity", "2"),
        ("member", "1"),
        ("family-together", "1"),
    ];
    check(
        world(4499),
        two(),
        Then::Law(Code::OverNorm, "rules 10", facts),
    );
}

#[test]
fn counted_one_after_the_other_a_child_joins_its_registered_parent() {
    let (name, data) = apart();
    let world = living(HousingFund::State, 3000, 1).knowing((name, &data));
    let mut world = world;
    let decided = world
        .run(family(vec![member(2), child(3, 2)]))
        .expect("accepted");
    let checks: Vec<_> = decided
        .iter()
        .filter_map(|(_, event)| match &event.fact {
            Fact::ResidenceRegistered(fact) => Some(fact.norm.clone()),
            _ => None,
        })
        .collect();
    let over = NormCheck::Over {
        ground: OverNormGround::ChildJoinsParent,
    };
    assert_eq!(checks, [NormCheck::Within, over]);
}

#[test]
fn the_reading_is_asked_for_where_point_10_looks_at_the_dwelling() {
    let two = || family(vec![member(2), member(3)]);
    let missing = &[
        ("norm", "housing-provision.family-together"),
        ("member", "1"),
    ];
    check(
        living(HousingFund::State, 9000, 1),
        two(),
        Then::Control(Code::NormMissing, missing),
    );
    let both = [ONE, ONE].concat();
    check(
        living(HousingFund::Private, 1, 1),
        two(),
        Then::Accepted(&both, &[("fund", "private")]),
    );
}

#[test]
fn members_stand_once_and_a_child_after_its_parent() {
    let malformed = |facts| Then::Control(Code::MembersMalformed, facts);
    let world = || living(HousingFund::Private, 9000, 1);
    check(world(), family(Vec::new()), malformed(&[("members", "0")]));
    check(
        world(),
        family(vec![member(2), member(2)]),
        malformed(&[("members", "2")]),
    );
    let early = family(vec![child(3, 2), member(2)]);
    check(
        world(),
        early,
        Then::Control(Code::GuardianNotResident, &[("member", "1")]),
    );
    // Somebody lives here already: nobody of the family is registered.
    let again = family(vec![member(2), member(1)]);
    let after = check(world(), again, Then::Control(Code::AlreadyResident, &[]));
    assert_eq!(
        after
            .known()
            .dwelling(home())
            .expect("loaded")
            .residents_on(day("03-02"))
            .count(),
        1
    );
}
