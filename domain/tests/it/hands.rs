//! Two people: whoever gave the command to hold does not adopt it, in whoever's stead he acts.

use serde_json::json;

use crate::world::World;

#[test]
pub fn whoever_holds_places_does_not_commit_them() {
    let mut world = World::open();
    world.act(
        "order",
        json!({"adopted_on": "2023-12-27", "in_force_on": "2024-01-14"}),
    );
    let line = json!({"category": "kandas", "territory": "kazakhstan", "limit": "5", "mark": "source-gap"});
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "assumed", "lines": [line]});
    world.must("set-quota", quota, "2024-01-01");
    let application = world.applicant("kandas", "kazakhstan", 0, "2024-02-01");
    let it = json!({"application": application.to_string()});
    world.must("hold-places", it.clone(), "2024-02-02");
    let mut same = world.context("2024-02-03");
    same.adopted_of = Some(same.actor.actor);
    for stead in [None, "a0b1c2d3-0000-4000-8000-000000000009".parse().ok()] {
        same.actor.onbehalfof = stead;
        let blocked = world.give("commit-places", it.clone(), &same);
        assert_eq!(blocked.expect_err("blocked").code.as_str(), "same-hands");
    }
    // Another one does.
    same.actor.actor = "a0b1c2d3-0000-4000-8000-000000000002"
        .parse()
        .expect("a reference");
    same.actor.onbehalfof = None;
    world.give("commit-places", it, &same).expect("accepted");
}
