//! Point 6, the life of an act after its adoption: notice, clerical correction, complaint, review, court.

use qonys_domain::streams::Known;
use qonys_events::id::Ref;
use serde_json::{Value, json};

use crate::world::{World, day, leaf};

/// Another official than the one who gives the commands of a world.
pub(super) const OTHER_OFFICIAL: &str = "a0b1c2d3-0000-4000-8000-0000000000ff";
const LINE: &str = "kandas.pavlodar.2024.principals-and-members";

fn document() -> String {
    leaf().to_string()
}

/// A line of two places in Pavlodar, determined, with the norms of procedure.
pub(super) fn world() -> World {
    let mut world = World::open();
    world.procedure();
    world.norm("refusal-ground.kandas.false-documents", 2);
    world.act("order-2024", json!({"in_force_on": "2024-01-14"}));
    for category in ["kandas", "resettlers"] {
        let determined = json!({"category": category, "territory": "pavlodar", "change": "determined", "act": "order-2024"});
        world.must("change-territory", determined, "2024-01-15");
    }
    let quota = json!({"act": "order-2024", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "assumed", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "2"},
        {"category": "resettlers", "territory": "pavlodar", "limit": "9"}]});
    world.must("set-quota", quota, "2024-01-15");
    world
}

pub(super) fn of(application: Ref) -> Value {
    json!({"application": application.to_string()})
}

pub(super) fn with(application: Ref, more: &[(&str, Value)]) -> Value {
    let mut data = of(application);
    for (name, value) in more {
        data[*name] = value.clone();
    }
    data
}

/// Includes an applicant of the category with so many members; the decision is the second event of the stream.
pub(super) fn included(world: &mut World, category: &str, members: u64) -> Ref {
    let application = world.applicant(category, "pavlodar", members, "2024-02-01");
    world.must("hold-places", of(application), "2024-02-05");
    world.must("commit-places", of(application), "2024-02-06");
    application
}

/// An applicant who was told that he will be refused, and is to be heard on the 8th.
pub(super) fn prepared(world: &mut World) -> Ref {
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let told = with(
        application,
        &[
            ("verdict", json!("adverse")),
            ("way", json!("post")),
            ("document", json!(document())),
        ],
    );
    world.must("tell-preliminary-decision", told, "2024-02-05");
    application
}

/// The refusal of the applicant who applied last.
pub(super) fn refusal(world: &World, application: Ref) -> Value {
    with(
        application,
        &[
            ("applicant", json!(world.last_applicant())),
            ("ground", json!("false-documents")),
            ("hearing", json!({"choice": "held", "on": "2024-02-08"})),
            ("appeal", json!("to the authorised body")),
        ],
    )
}

/// Refuses an applicant; the decision is the third event of the stream.
pub(super) fn refused(world: &mut World) -> Ref {
    let application = prepared(world);
    let refusal = refusal(world, application);
    world.must("refuse-application", refusal, "2024-02-08");
    application
}

pub(super) fn complain(application: Ref, decision: u64, by: &str) -> Value {
    with(
        application,
        &[
            ("decision", json!(decision.to_string())),
            ("by", json!(by)),
            ("document", json!(document())),
        ],
    )
}

pub(super) fn review(
    application: Ref,
    complaint: Ref,
    instance: &str,
    outcome: &str,
    more: &[(&str, Value)],
) -> Value {
    let mut data = with(
        application,
        &[
            ("complaint", json!(complaint.to_string())),
            ("instance", json!(instance)),
            ("outcome", json!(outcome)),
            ("document", json!(document())),
        ],
    );
    for (name, value) in more {
        data[*name] = value.clone();
    }
    data
}

fn committed(world: &World, on: &str) -> i64 {
    let line = LINE.parse().expect("a line");
    let line = Known(world).line(&line).expect("it is loaded");
    line.taken(day(on)).committed
}

#[test]
pub fn notice_runs_the_term_of_complaint_and_a_late_complaint_is_marked() {
    let mut world = world();
    let application = refused(&mut world);
    let notify = |decision: u64| {
        with(
            application,
            &[
                ("decision", json!(decision.to_string())),
                ("way", json!("post")),
            ],
        )
    };
    world.blocked("notify-act", notify(1), "2024-02-09", "no-such-decision");
    world.blocked("notify-act", notify(3), "2024-02-07", "before-its-cause");
    world.must("notify-act", notify(3), "2024-02-09");
    world.blocked("notify-act", notify(3), "2024-02-10", "no-change");
    // Three months after 09.02.2024: Thursday 09.05.2024.
    let complaint = world.must(
        "file-complaint",
        complain(application, 3, "applicant"),
        "2024-05-10",
    );
    let data = world.last_data();
    assert!(
        data.contains(r#""in_time_until":"2024-05-09","late":true,"suspends":true"#),
        "{data}"
    );
    world.blocked(
        "file-complaint",
        complain(application, 3, "applicant"),
        "2024-05-11",
        "complaint-open",
    );
    world.must(
        "file-complaint",
        complain(application, 3, "prosecutor"),
        "2024-05-11",
    );
    let forward = |complaint: &str| with(application, &[("complaint", json!(complaint))]);
    world.blocked(
        "forward-complaint",
        forward("00000000-0000-4000-8000-ffffffffffff"),
        "2024-05-13",
        "no-such-complaint",
    );
    world.blocked(
        "forward-complaint",
        forward(&complaint.to_string()),
        "2024-05-09",
        "before-its-cause",
    );
    // Friday 10.05. and three working days: Wednesday 15.05.
    world.must(
        "forward-complaint",
        forward(&complaint.to_string()),
        "2024-05-16",
    );
    let data = world.last_data();
    assert!(
        data.contains(r#""in_time_until":"2024-05-15","late":true"#),
        "{data}"
    );
    world.blocked(
        "forward-complaint",
        forward(&complaint.to_string()),
        "2024-05-17",
        "no-change",
    );
}

#[test]
pub fn a_clerical_error_is_put_right_within_three_working_days() {
    let mut world = world();
    let application = refused(&mut world);
    let applicant = world.last_applicant();
    let correct = |applicant: &str| {
        with(
            application,
            &[
                ("applicant", json!(applicant)),
                ("decision", json!("3")),
                ("document", json!(document())),
            ],
        )
    };
    world.blocked(
        "correct-clerical-error",
        correct("00000000-0000-4000-8000-ffffffffffff"),
        "2024-02-09",
        "not-the-applicant",
    );
    // Thursday 08.02. and three working days: Tuesday 13.02.
    world.must("correct-clerical-error", correct(&applicant), "2024-02-13");
    world.blocked(
        "correct-clerical-error",
        correct(&applicant),
        "2024-02-14",
        "term-over",
    );
}

#[test]
pub fn nobody_reviews_his_own_act_and_each_instance_decides_in_its_turn() {
    let mut world = world();
    let application = refused(&mut world);
    let complaint = world.must(
        "file-complaint",
        complain(application, 3, "applicant"),
        "2024-02-12",
    );
    let decide =
        |instance: &str, outcome: &str| review(application, complaint, instance, outcome, &[]);
    world.blocked(
        "decide-review",
        decide("deciding-body", "annulled"),
        "2024-02-13",
        "own-act",
    );
    let other = |world: &mut World, data: Value, on: &str| {
        let given = world.as_official(OTHER_OFFICIAL, "decide-review", data, on);
        given.map_err(|blocked| blocked.code.as_str())
    };
    assert_eq!(
        other(&mut world, decide("deciding-body", "upheld"), "2024-02-13"),
        Err("not-for-this-instance"),
        "the deciding body grants a complaint or forwards it"
    );
    assert_eq!(
        other(&mut world, decide("higher-body", "annulled"), "2024-02-13"),
        Err("not-for-this-instance"),
        "a complaint goes through the deciding body"
    );
    assert_eq!(
        other(&mut world, decide("court", "annulled"), "2024-02-11"),
        Err("before-its-cause")
    );
    let forward = with(application, &[("complaint", json!(complaint.to_string()))]);
    world.must("forward-complaint", forward, "2024-02-14");
    let with_effect = review(
        application,
        complaint,
        "higher-body",
        "annulled",
        &[("effect_from", json!("adoption"))],
    );
    assert_eq!(
        other(&mut world, with_effect, "2024-02-20"),
        Err("effect-malformed"),
        "a refusal took no place"
    );
    let with_place = review(
        application,
        complaint,
        "higher-body",
        "remitted",
        &[("place_from", json!("2024-02-08"))],
    );
    assert_eq!(
        other(&mut world, with_place, "2024-02-20"),
        Err("effect-malformed")
    );
    assert!(other(&mut world, decide("higher-body", "annulled"), "2024-02-20").is_ok());
    assert_eq!(
        other(&mut world, decide("higher-body", "annulled"), "2024-02-21"),
        Err("complaint-decided")
    );
    // The application is to be decided again, and this time it is included.
    world.must("hold-places", of(application), "2024-02-22");
    world.must("commit-places", of(application), "2024-02-23");
}

#[test]
fn an_annulled_inclusion_loses_its_place_from_adoption_or_from_annulment() {
    for (effect, before, from) in [
        ("adoption", 0, "2024-02-06"),
        ("annulment", 2, "2024-06-03"),
    ] {
        let mut world = world();
        let application = included(&mut world, "kandas", 1);
        assert_eq!(committed(&world, "2024-03-01"), 2);
        let complaint = world.must(
            "file-complaint",
            complain(application, 2, "third-party"),
            "2024-03-01",
        );
        let data = review(
            application,
            complaint,
            "court",
            "annulled",
            &[("effect_from", json!(effect))],
        );
        let without = review(application, complaint, "court", "annulled", &[]);
        world.blocked("decide-review", without, "2024-06-03", "effect-malformed");
        world.must("decide-review", data, "2024-06-03");
        assert_eq!(committed(&world, "2024-03-01"), before, "{effect}");
        assert_eq!(committed(&world, "2024-06-03"), 0, "{effect}");
        let (_, ended) = world.events.last().expect("an event");
        assert_eq!(ended.effectivefrom, Some(day(from)), "{effect}");
    }
}

#[test]
pub fn a_complaint_of_the_applicant_never_makes_it_worse() {
    let mut world = world();
    let application = included(&mut world, "kandas", 1);
    let complaint = world.must(
        "file-complaint",
        complain(application, 2, "applicant"),
        "2024-03-01",
    );
    let forward = with(application, &[("complaint", json!(complaint.to_string()))]);
    world.must("forward-complaint", forward, "2024-03-04");
    let data = review(
        application,
        complaint,
        "higher-body",
        "annulled",
        &[("effect_from", json!("annulment"))],
    );
    let given = world.as_official(OTHER_OFFICIAL, "decide-review", data, "2024-03-20");
    assert_eq!(
        given.map_err(|blocked| blocked.code.as_str()),
        Err("no-worsening")
    );
}

#[test]
fn a_place_that_a_court_orders_counts_over_the_limit() {
    let mut world = world();
    let refused = refused(&mut world);
    included(&mut world, "kandas", 1);
    let complaint = world.must(
        "file-complaint",
        complain(refused, 3, "applicant"),
        "2024-02-12",
    );
    let order = |from: &str| {
        review(
            refused,
            complaint,
            "court",
            "action-ordered",
            &[("place_from", json!(from))],
        )
    };
    world.blocked(
        "decide-review",
        order("2024-01-31"),
        "2024-06-03",
        "before-its-cause",
    );
    world.must("decide-review", order("2024-02-08"), "2024-06-03");
    assert_eq!(committed(&world, "2024-02-07"), 2);
    assert_eq!(committed(&world, "2024-02-08"), 3, "over-committed by one");
    // Nothing more is held until it clears.
    let next = world.applicant("kandas", "pavlodar", 0, "2024-06-04");
    let blocked = world.blocked("hold-places", of(next), "2024-06-05", "over-committed");
    assert_eq!(blocked.facts.get("over-committed-by"), Some("1"));
}

#[test]
fn a_deemed_refusal_can_be_complained_against_for_six_months() {
    let mut world = world();
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must("find-deemed-refusal", of(application), "2024-02-26");
    let nothing_written = with(
        application,
        &[
            ("applicant", json!(world.last_applicant())),
            ("decision", json!("2")),
            ("document", json!(document())),
        ],
    );
    world.blocked(
        "correct-clerical-error",
        nothing_written,
        "2024-02-27",
        "no-such-decision",
    );
    let notify = with(
        application,
        &[("decision", json!("2")), ("way", json!("electronic"))],
    );
    world.must("notify-act", notify, "2024-02-27");
    world.must(
        "file-complaint",
        complain(application, 2, "applicant"),
        "2024-08-27",
    );
    let data = world.last_data();
    assert!(
        data.contains(r#""in_time_until":"2024-08-27","late":false"#),
        "{data}"
    );
}

#[test]
fn whoever_files_or_complains_for_another_represents_him_in_applications_on_that_day() {
    let mut world = world();
    let application = refused(&mut world);
    let applicant = world.last_applicant();
    let aid = json!({"holder": "organisation", "organisation": "aid"});
    let again = json!({"applicant": applicant, "category": "kandas", "territory": "pavlodar", "year": "2024", "members": "0",
        "represented_by": aid});
    let complaint = |by: &str| {
        let mut data = complain(application, 3, by);
        data["represented_by"] = aid.clone();
        data
    };
    let none = "not-a-representative";
    let status = json!({"applicant": applicant, "asks": "extension", "represented_by": aid});
    world.blocked("file-application", again.clone(), "2024-03-01", none);
    world.blocked("ask-for-status", status.clone(), "2024-03-01", none);
    world.blocked("file-complaint", complaint("applicant"), "2024-03-01", none);
    let appoint = json!({"person": applicant, "representative": aid, "basis": "power-of-attorney", "scope": "applications",
        "until": "2024-04-01", "document": document()});
    world.must("appoint-representative", appoint, "2024-02-10");
    world.must("file-application", again.clone(), "2024-03-01");
    let filed = world.events.iter().rev().nth(1).expect("an event");
    assert!(filed.1.fact.write_data().contains("represented_by"));
    // For whom somebody acts who is not the applicant is not recorded.
    world.blocked(
        "file-complaint",
        complaint("third-party"),
        "2024-03-01",
        none,
    );
    world.must("file-complaint", complaint("applicant"), "2024-03-01");
    assert!(world.last_data().contains("represented_by"));
    world.must("ask-for-status", status.clone(), "2024-03-01");
    assert!(world.last_data().contains("represented_by"));
    world.blocked("ask-for-status", status, "2024-04-01", none);
    world.blocked("file-application", again, "2024-04-01", none);
}
