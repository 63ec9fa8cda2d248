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

/// An act is of whoever adopted it and of him in whose stead he did; a review likewise. Who adopted, in whose stead; who
/// reviews, in whose stead; whether he may.
#[test]
pub fn nobody_reviews_an_act_of_his_own_or_one_in_his_stead() {
    const HEAD: &str = "a0b1c2d3-0000-4000-8000-0000000000a1";
    const CLERK: &str = "a0b1c2d3-0000-4000-8000-0000000000a2";
    const OTHER: &str = "a0b1c2d3-0000-4000-8000-0000000000a3";
    const THIRD: &str = "a0b1c2d3-0000-4000-8000-0000000000a4";
    for (adopted, reviews, may) in [
        ((HEAD, None), (HEAD, None), false),
        ((HEAD, None), (OTHER, None), true),
        // The acting official may not, and the absent one may not.
        ((CLERK, Some(HEAD)), (CLERK, None), false),
        ((CLERK, Some(HEAD)), (HEAD, None), false),
        ((CLERK, Some(HEAD)), (OTHER, None), true),
        // Nor may anybody in the stead of one of the two, nor one of the two in the stead of another.
        ((CLERK, Some(HEAD)), (OTHER, Some(HEAD)), false),
        ((CLERK, Some(HEAD)), (OTHER, Some(CLERK)), false),
        ((CLERK, Some(HEAD)), (CLERK, Some(OTHER)), false),
        ((HEAD, None), (CLERK, Some(HEAD)), false),
        ((HEAD, None), (HEAD, Some(OTHER)), false),
        ((CLERK, Some(HEAD)), (OTHER, Some(THIRD)), true),
    ] {
        let mut world = crate::review::world();
        let as_hands = |world: &mut World, (actor, of): (&str, Option<&str>), on: &str| {
            let mut cx = world.context(on);
            cx.actor.actor = actor.parse().expect("a reference");
            cx.actor.onbehalfof = of.map(|of| of.parse().expect("a reference"));
            cx
        };
        let application = crate::review::prepared(&mut world);
        let refusal = crate::review::refusal(&world, application);
        let cx = as_hands(&mut world, adopted, "2024-02-08");
        world
            .give("refuse-application", refusal, &cx)
            .expect("refused");
        let complaint = crate::review::complain(application, 3, "applicant");
        let complaint = world.must("file-complaint", complaint, "2024-02-12");
        let data = crate::review::review(application, complaint, "deciding-body", "annulled", &[]);
        let cx = as_hands(&mut world, reviews, "2024-02-13");
        let given = world.give("decide-review", data.clone(), &cx);
        let found = given.map(|_| ()).map_err(|blocked| blocked.code.as_str());
        let expected = if may { Ok(()) } else { Err("own-act") };
        assert_eq!(found, expected, "{adopted:?} reviewed by {reviews:?}");
        if may && adopted.1.is_some() {
            let last = world.last_data();
            assert!(
                last.contains("decided-in-stead-of"),
                "the review names both: {last}"
            );
        }
        // Whatever a court decides is recorded by whoever records it.
        if !may {
            let mut court = data;
            court["instance"] = json!("court");
            world
                .give("decide-review", court, &cx)
                .expect("a court's decision is a fact of others");
        }
    }
}
