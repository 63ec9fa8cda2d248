//! Points 3 and 6: an act that falls. Its limits and determinations fall with it and revive nothing before them; an act in a
//! document of its own stands by itself.

use qonys_domain::{law::Force, streams::Known};
use serde_json::json;

use crate::{
    amended::{limit, quota},
    review::{of, world},
    world::day,
};

/// The repeal of an amending act revives no limit before it; the repeal of the order ends what amended it; a new order in a
/// document of its own stands by itself.
#[test]
fn the_repeal_of_a_quota_act_revives_no_limit() {
    let mut world = world();
    assert_eq!(limit(&world, "2024-02-01"), Some(2));
    world.act(
        "order-2024-a",
        json!({"in_force_on": "2024-03-01", "document": "order-2024", "wording": "a"}),
    );
    world.must("set-quota", quota("order-2024-a", "amend", 5), "2024-03-01");
    assert_eq!(limit(&world, "2024-03-01"), Some(5));
    world.act(
        "order-x",
        json!({"in_force_on": "2024-05-01", "repeals": ["order-2024-a"]}),
    );
    assert_eq!(limit(&world, "2024-04-30"), Some(5));
    assert_eq!(
        limit(&world, "2024-05-01"),
        None,
        "the limit of two is not revived"
    );
    let application = world.applicant("kandas", "pavlodar", 0, "2024-05-02");
    world.blocked(
        "hold-places",
        of(application),
        "2024-05-02",
        "quota-not-in-force",
    );
    world.act("order-new", json!({"in_force_on": "2024-06-01"}));
    world.must("set-quota", quota("order-new", "amend", 7), "2024-05-03");
    assert_eq!(limit(&world, "2024-06-01"), Some(7));

    let mut world = crate::review::world();
    world.act(
        "order-2024-a",
        json!({"in_force_on": "2024-03-01", "document": "order-2024", "wording": "a"}),
    );
    world.must("set-quota", quota("order-2024-a", "amend", 5), "2024-03-01");
    world.act(
        "order-x",
        json!({"in_force_on": "2024-05-01", "repeals": ["order-2024"]}),
    );
    assert_eq!(
        limit(&world, "2024-05-01"),
        None,
        "an amendment falls with what it amends"
    );
    let law = Known(&world).law().expect("loaded");
    let amendment = law.force(&"order-2024-a".parse().expect("a name"), day("2024-05-01"));
    assert!(
        matches!(amendment, Force::InForce { .. }),
        "though nobody repealed it"
    );
}

/// Two orders in documents of their own: when the later one falls, the earlier one counts again from that day, and what is
/// decided before looks at it.
#[test]
fn places_are_checked_on_the_day_on_which_a_later_order_falls() {
    let mut world = world();
    world.act("order-more", json!({"in_force_on": "2024-02-01"}));
    world.must("set-quota", quota("order-more", "amend", 9), "2024-02-01");
    world.act(
        "order-x",
        json!({"in_force_on": "2024-09-01", "repeals": ["order-more"]}),
    );
    let family = world.applicant("kandas", "pavlodar", 2, "2024-02-05");
    let blocked = world.blocked("hold-places", of(family), "2024-02-06", "limit-reached");
    assert_eq!(blocked.facts.get("tightest-day"), Some("2024-09-01"));
    let small = world.applicant("kandas", "pavlodar", 1, "2024-02-05");
    world.must("hold-places", of(small), "2024-02-06");
}

#[test]
fn a_territory_whose_exclusion_is_repealed_is_not_determined_again() {
    let mut world = world();
    world.act(
        "order-out",
        json!({"in_force_on": "2024-03-01", "document": "order-2024", "wording": "out"}),
    );
    let out = json!({"category": "kandas", "territory": "pavlodar", "change": "excluded", "act": "order-out"});
    world.must("change-territory", out, "2024-03-01");
    world.act(
        "order-x",
        json!({"in_force_on": "2024-04-01", "repeals": ["order-out"]}),
    );
    world.act("order-y", json!({"in_force_on": "2024-04-01"}));
    world.must("set-quota", quota("order-y", "amend", 9), "2024-04-01");
    for on in ["2024-03-15", "2024-04-02"] {
        let application = world.applicant("kandas", "pavlodar", 0, on);
        world.blocked(
            "hold-places",
            of(application),
            on,
            "territory-not-determined",
        );
    }
}
