//! Point 6a, what a review brings with it: its own term, the last word of a court, the end of a status that was granted
//! wrongly, and no payment while a complaint suspends the decision.

use qonys_domain::streams::Known;
use serde_json::json;

use crate::{
    review::{OTHER_OFFICIAL, complain, included, of, refused, review, with, world},
    world::{World, day},
};

#[test]
fn a_body_decides_within_its_term_and_a_late_review_is_marked() {
    // Filed on Monday 12.02.; the deciding body has until 15.02., the body above 20 working days from Wednesday 14.02.
    for (instance, on, last, late) in [
        ("deciding-body", "2024-02-15", "2024-02-15", "no"),
        ("deciding-body", "2024-02-16", "2024-02-15", "yes"),
        ("higher-body", "2024-03-13", "2024-03-13", "no"),
        ("higher-body", "2024-03-14", "2024-03-13", "yes"),
    ] {
        let mut world = world();
        let application = refused(&mut world);
        let complaint = world.must(
            "file-complaint",
            complain(application, 3, "applicant"),
            "2024-02-12",
        );
        if instance == "higher-body" {
            let forward = with(application, &[("complaint", json!(complaint.to_string()))]);
            world.must("forward-complaint", forward, "2024-02-14");
        }
        let data = review(application, complaint, instance, "annulled", &[]);
        let given = world.as_official(OTHER_OFFICIAL, "decide-review", data, on);
        assert!(given.is_ok(), "a late review is recorded: {given:?}");
        let told = world.last_data();
        assert!(
            told.contains(&format!(r#""in-time-until":"{last}","late":"{late}""#)),
            "{instance} {on}: {told}"
        );
    }
}

#[test]
fn a_court_has_the_last_word_on_what_a_body_left_standing() {
    let mut world = world();
    let application = refused(&mut world);
    let complaint = world.must(
        "file-complaint",
        complain(application, 3, "applicant"),
        "2024-02-12",
    );
    let forward = with(application, &[("complaint", json!(complaint.to_string()))]);
    world.must("forward-complaint", forward, "2024-02-14");
    let upheld = review(application, complaint, "higher-body", "upheld", &[]);
    let given = world.as_official(
        OTHER_OFFICIAL,
        "decide-review",
        upheld.clone(),
        "2024-03-01",
    );
    assert!(given.is_ok());
    let again = world.as_official(OTHER_OFFICIAL, "decide-review", upheld, "2024-03-02");
    assert_eq!(
        again.map_err(|blocked| blocked.code.as_str()),
        Err("complaint-decided")
    );
    let ordered = |outcome: &str| {
        let more = [("place_from", json!("2024-02-08"))];
        review(application, complaint, "court", outcome, &more)
    };
    world.must("decide-review", ordered("action-ordered"), "2024-06-03");
    world.blocked(
        "decide-review",
        ordered("annulled-and-replaced"),
        "2024-06-04",
        "complaint-decided",
    );
}

/// A kandas whose status was granted and extended on applications of his own; the references of both and of the person.
fn with_status(world: &mut World) -> (qonys_events::id::Ref, qonys_events::id::Ref, String) {
    let kind = json!({"kind": "foreigner"});
    let person = world.must("record-person", kind, "2024-02-01").to_string();
    let asks = |asks: &str| json!({"applicant": person, "asks": asks});
    let grant = world.must("ask-for-status", asks("grant"), "2024-02-01");
    let granted =
        json!({"person": person, "until": "2025-02-05", "application": grant.to_string()});
    world.must("grant-kandas-status", granted, "2024-02-05");
    let extension = world.must("ask-for-status", asks("extension"), "2025-01-20");
    let extended =
        json!({"person": person, "until": "2025-08-05", "application": extension.to_string()});
    world.must("extend-kandas-status", extended, "2025-01-27");
    (grant, extension, person)
}

fn has_status(world: &World, person: &str, on: &str) -> bool {
    let person = person.parse().expect("a reference");
    Known(world)
        .person(person)
        .expect("loaded")
        .kandas_on(day(on))
}

#[test]
fn a_status_that_was_granted_wrongly_is_annulled_with_what_was_added_to_it() {
    for (effect, on_the_way, until_annulment) in
        [("adoption", false, false), ("annulment", true, true)]
    {
        let mut world = world();
        let (grant, _, person) = with_status(&mut world);
        let days = ["2024-02-05", "2025-02-04", "2025-02-05", "2025-08-04"];
        assert!(days.iter().all(|on| has_status(&world, &person, on)));
        let complaint = world.must(
            "file-complaint",
            complain(grant, 2, "prosecutor"),
            "2024-03-01",
        );
        let annulled = |more: &[(&str, serde_json::Value)]| {
            review(grant, complaint, "court", "annulled", more)
        };
        world.blocked(
            "decide-review",
            annulled(&[]),
            "2024-06-03",
            "effect-malformed",
        );
        let effect = [("effect_from", json!(effect))];
        world.must("decide-review", annulled(&effect), "2024-06-03");
        let stands = days.map(|on| has_status(&world, &person, on));
        assert_eq!(stands, [on_the_way, false, false, false]);
        assert_eq!(has_status(&world, &person, "2024-06-02"), until_annulment);
        // The application is to be decided again.
        let again =
            json!({"person": person, "until": "2025-06-10", "application": grant.to_string()});
        world.must("grant-kandas-status", again, "2024-06-10");
        assert!(has_status(&world, &person, "2024-06-10"));
    }
}

#[test]
fn an_extension_is_annulled_alone() {
    let mut world = world();
    let (_, extension, person) = with_status(&mut world);
    let complaint = world.must(
        "file-complaint",
        complain(extension, 2, "prosecutor"),
        "2025-03-01",
    );
    let effect = [("effect_from", json!("annulment"))];
    let data = review(extension, complaint, "court", "annulled", &effect);
    world.must("decide-review", data, "2025-04-01");
    let days = ["2025-02-04", "2025-03-31", "2025-04-01"];
    let stands = days.map(|on| has_status(&world, &person, on));
    assert_eq!(stands, [true, true, false]);
}

#[test]
pub fn nothing_is_paid_while_a_complaint_of_another_suspends_the_inclusion() {
    let mut world = world();
    let application = included(&mut world, "kandas", 0);
    let pay = with(
        application,
        &[("kind", json!("settling-in")), ("amount", json!("100"))],
    );
    world.must("pay-support", pay.clone(), "2024-03-01");
    let complaint = world.must(
        "file-complaint",
        complain(application, 2, "third-party"),
        "2024-03-04",
    );
    world.blocked(
        "pay-support",
        pay.clone(),
        "2024-03-05",
        "execution-suspended",
    );
    let data = review(application, complaint, "court", "upheld", &[]);
    world.must("decide-review", data, "2024-04-01");
    world.must("pay-support", pay.clone(), "2024-04-02");
    // Nobody is worse off by his own complaint.
    world.must(
        "file-complaint",
        complain(application, 2, "applicant"),
        "2024-04-03",
    );
    world.must("pay-support", pay, "2024-04-04");
}

/// Who need not have arrived in the year of the quota takes a place of the year in which he is included: a child born later.
#[test]
fn a_child_born_in_a_later_year_takes_a_place_of_that_year() {
    let mut world = world();
    let principal = included(&mut world, "kandas", 0);
    world.act("order-2025", json!({"in_force_on": "2025-01-05"}));
    let quota = json!({"act": "order-2025", "action": "establish", "year": "2025", "rule": "principals-and-members",
        "rule_certainty": "assumed", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "1"}]});
    world.must("set-quota", quota, "2025-01-05");
    let child = world.must("record-person", json!({"kind": "foreigner"}), "2025-02-01");
    let joins = |case: &str, tie: &str| {
        json!({"applicant": child.to_string(), "category": "kandas", "territory": "pavlodar", "year": "2025",
            "members": "0", "joins": {"application": principal.to_string(), "tie": tie, "case": case, "arrived_on": "2025-01-20"}})
    };
    world.norm("family-case.kandas.born-before-citizenship", 0);
    world.norm("family-tie.kandas.born-before-citizenship.child", 1);
    world.norm("family-case.kandas.arrived-in-the-year", 1);
    world.norm("family-tie.kandas.arrived-in-the-year.child", 1);
    let bound = world.must(
        "file-application",
        joins("arrived-in-the-year", "child"),
        "2025-02-01",
    );
    world.blocked("hold-places", of(bound), "2025-02-03", "nothing-to-join");
    let sibling = world.must(
        "file-application",
        joins("born-before-citizenship", "sibling"),
        "2025-02-01",
    );
    world.blocked("hold-places", of(sibling), "2025-02-03", "norm-missing");
    let born = world.must(
        "file-application",
        joins("born-before-citizenship", "child"),
        "2025-02-01",
    );
    world.must("hold-places", of(born), "2025-02-03");
    assert!(world.last_data().contains(r#""places":"1""#));
}

/// An inclusion that is annulled from its first day settled nobody: a move is recorded all the same, and nothing is found.
#[test]
fn a_move_after_an_annulled_inclusion_is_recorded_without_a_finding() {
    for (effect, found) in [("adoption", false), ("annulment", true)] {
        let mut world = world();
        world.norm("repayment.resettlers.years", 5);
        let application = included(&mut world, "resettlers", 0);
        let pay = [("kind", json!("settling-in")), ("amount", json!("100"))];
        world.must("pay-support", with(application, &pay), "2024-03-01");
        let complaint = world.must(
            "file-complaint",
            complain(application, 2, "third-party"),
            "2024-03-04",
        );
        let effect = [("effect_from", json!(effect))];
        let data = review(application, complaint, "court", "annulled", &effect);
        world.must("decide-review", data, "2024-04-01");
        let moves = [
            ("own_will", json!(true)),
            ("permanent", json!(true)),
            ("to", json!("almaty")),
        ];
        world.must("record-move", with(application, &moves), "2024-05-01");
        let told = world.last_data();
        assert_eq!(told.contains("left-determined-regions"), found, "{told}");
    }
}

#[test]
fn whoever_is_refused_again_is_heard_again() {
    let mut world = world();
    let application = refused(&mut world);
    let applicant = world.last_applicant();
    let complaint = world.must(
        "file-complaint",
        complain(application, 3, "applicant"),
        "2024-02-12",
    );
    let data = review(application, complaint, "court", "remitted", &[]);
    world.must("decide-review", data, "2024-03-01");
    let refusal = with(
        application,
        &[
            ("applicant", json!(applicant)),
            ("ground", json!("false-documents")),
            ("hearing", json!({"choice": "held", "on": "2024-03-11"})),
            ("appeal", json!("to the authorised body")),
        ],
    );
    world.blocked(
        "refuse-application",
        refusal.clone(),
        "2024-03-12",
        "no-preliminary-decision",
    );
    let told = with(
        application,
        &[
            ("verdict", json!("adverse")),
            ("way", json!("post")),
            ("document", json!("00".repeat(32))),
        ],
    );
    world.must("tell-preliminary-decision", told, "2024-03-05");
    world.must("refuse-application", refusal, "2024-03-12");
}

/// Whether a line that is used up is "no regional quota" is a reading: a norm, which an official may record.
#[test]
fn a_line_that_is_used_up_refuses_only_by_a_recorded_reading() {
    let mut world = world();
    world.norm("refusal-ground.kandas.no-regional-quota", 5);
    included(&mut world, "kandas", 0);
    let application = world.applicant("kandas", "pavlodar", 1, "2024-02-10");
    let applicant = world.last_applicant();
    let told = [
        ("verdict", json!("adverse")),
        ("way", json!("post")),
        ("document", json!("00".repeat(32))),
    ];
    world.must(
        "tell-preliminary-decision",
        with(application, &told),
        "2024-02-12",
    );
    let refusal = with(
        application,
        &[
            ("applicant", json!(applicant)),
            ("ground", json!("no-regional-quota")),
            ("hearing", json!({"choice": "held", "on": "2024-02-15"})),
            ("appeal", json!("to the authorised body")),
        ],
    );
    let refuse = |world: &mut World| {
        let mut cx = world.context("2024-02-19");
        cx.slots.clear();
        let given = world.give("refuse-application", refusal.clone(), &cx);
        given.map_err(|blocked| blocked.code.as_str())
    };
    assert_eq!(refuse(&mut world), Err("ground-does-not-fit"));
    world.norm("used-up-line-is-no-quota.kandas", 1);
    // One place is left and two are asked for.
    assert!(refuse(&mut world).is_ok());
    assert!(
        world.last_data().contains(r#""headroom":"1""#),
        "{}",
        world.last_data()
    );
    assert_eq!(
        world.last_data().matches(r#""point":"a point""#).count(),
        2,
        "both norms are cited"
    );
}

#[test]
fn a_status_or_a_territory_that_fell_since_the_verdict_bars_its_adoption() {
    let mut world = world();
    let grounds = "status-end-ground.permanent-residence-denied";
    world.norm(grounds, 2);
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let person = world.last_applicant();
    world.must("hold-places", of(application), "2024-02-05");
    let end = json!({"person": person, "ground": "permanent-residence-denied"});
    world.must("end-kandas-status", end, "2024-02-06");
    world.blocked(
        "commit-places",
        of(application),
        "2024-02-07",
        "status-missing",
    );

    let other = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must("hold-places", of(other), "2024-02-07");
    world.act("order-out", json!({"in_force_on": "2024-02-08"}));
    let out = json!({"category": "kandas", "territory": "pavlodar", "change": "excluded", "act": "order-out"});
    world.must("change-territory", out, "2024-02-08");
    world.blocked(
        "commit-places",
        of(other),
        "2024-02-09",
        "territory-not-determined",
    );
}

#[test]
fn an_opinion_needs_the_quorum_of_a_norm() {
    let mut world = world();
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let member = |n: u32| json!(format!("00000000-0000-4000-8000-{n:012x}"));
    let opinion = |members: &[u32]| {
        let members: Vec<_> = members.iter().map(|n| member(*n)).collect();
        with(
            application,
            &[
                ("members", json!(members)),
                ("in_favour", json!("2")),
                ("against", json!("0")),
                ("opinion", json!("favourable")),
                ("minutes", json!("00".repeat(32))),
            ],
        )
    };
    world.must("give-opinion", opinion(&[1, 2]), "2024-02-05");
    world.norm("commission.quorum.members", 3);
    let blocked = world.blocked(
        "give-opinion",
        opinion(&[1, 2]),
        "2024-02-06",
        "opinion-malformed",
    );
    assert_eq!(blocked.facts.get("what"), Some("no quorum"));
    world.must("give-opinion", opinion(&[1, 2, 3]), "2024-02-06");
}
