//! Point 6: one person takes one place of a year; and an entry of a case that was wrong is said anew.

use qonys_events::id::Ref;
use serde_json::json;

use crate::{
    review::{included, of, with, world},
    world::World,
};

#[test]
pub fn one_person_takes_one_place_of_a_year() {
    let mut world = world();
    let first = included(&mut world, "resettlers", 0);
    let person = world.last_applicant();
    let again = |year: &str, category: &str| json!({"applicant": person, "category": category, "territory": "pavlodar", "year": year, "members": "0"});
    let second = world.must(
        "file-application",
        again("2024", "resettlers"),
        "2024-03-01",
    );
    let blocked = world.blocked("hold-places", of(second), "2024-03-02", "already-included");
    assert_eq!(blocked.facts.get("other-state"), Some("included"));
    assert_eq!(
        blocked.facts.get("other-application"),
        Some(first.to_string().as_str())
    );
    // Once the first place is free, the second application is like any other.
    let release = with(first, &[("reason", json!("withdrawn"))]);
    world.must("release-places", release, "2024-03-03");
    world.must("hold-places", of(second), "2024-03-04");
    let third = world.must(
        "file-application",
        again("2024", "resettlers"),
        "2024-03-05",
    );
    let blocked = world.blocked("hold-places", of(third), "2024-03-05", "already-included");
    assert_eq!(blocked.facts.get("other-state"), Some("held"));
    // Another year is another matter: there is no line, which is said.
    let next = world.must(
        "file-application",
        again("2025", "resettlers"),
        "2025-01-10",
    );
    world.blocked("hold-places", of(next), "2025-01-10", "no-quota-line");
}

#[test]
fn the_dead_take_no_place() {
    let mut world = world();
    let application = world.applicant("resettlers", "pavlodar", 0, "2024-02-01");
    let person = world.last_applicant();
    world.must("hold-places", of(application), "2024-02-05");
    world.must("record-death", json!({"person": person}), "2024-02-10");
    world.blocked(
        "commit-places",
        of(application),
        "2024-02-12",
        "person-died",
    );
}

fn entry_of(world: &World, application: Ref, type_name: &str) -> u64 {
    let stream = world
        .events
        .iter()
        .filter(|(id, _)| id.key() == application.to_string());
    let found = stream
        .map(|(_, e)| e)
        .position(|e| e.fact.type_name() == type_name);
    found.expect("it was recorded") as u64 + 1
}

#[test]
fn what_was_applied_for_is_corrected_before_the_decision() {
    let mut world = world();
    let application = world.applicant("kandas", "pavlodar", 5, "2024-02-01");
    let person = world.last_applicant();
    let filing = |members: u64, applicant: &str| {
        json!({"application": application.to_string(), "entry": "1", "reason": "clerical", "record": {"of": "filing", "says": {
            "application": application.to_string(), "applicant": applicant, "category": "kandas", "territory": "pavlodar",
            "year": "2024", "members": members.to_string()}}})
    };
    world.blocked(
        "hold-places",
        of(application),
        "2024-02-05",
        "limit-reached",
    );
    let stranger = "00000000-0000-4000-8000-ffffffffffff";
    world.blocked(
        "correct-case",
        filing(1, stranger),
        "2024-02-01",
        "not-the-applicant",
    );
    world.blocked(
        "correct-case",
        filing(5, &person),
        "2024-02-01",
        "no-change",
    );
    world.must("correct-case", filing(1, &person), "2024-02-01");
    world.blocked(
        "correct-case",
        filing(0, &person),
        "2024-02-01",
        "already-superseded",
    );
    world.must("hold-places", of(application), "2024-02-05");
    assert!(
        world.last_data().contains(r#""places":"2""#),
        "{}",
        world.last_data()
    );
    let mut newest = filing(0, &person);
    newest["entry"] = json!("2");
    world.blocked("correct-case", newest.clone(), "2024-02-01", "already-held");
    world.must("commit-places", of(application), "2024-02-06");
    world.blocked("correct-case", newest, "2024-02-01", "application-decided");
}

#[test]
fn support_and_a_notice_are_corrected_with_what_follows() {
    let mut world = world();
    world.norm("repayment.kandas.years", 5);
    let application = included(&mut world, "kandas", 0);
    let pay = with(
        application,
        &[("kind", json!("settling-in")), ("amount", json!("9000000"))],
    );
    world.must("pay-support", pay, "2024-03-01");
    let entry = entry_of(&world, application, "kz.qonys.application.support-paid.v1");
    let paid = |entry: u64| {
        with(
            application,
            &[
                ("entry", json!(entry.to_string())),
                ("reason", json!("documents")),
                (
                    "record",
                    json!({"of": "support", "says": {"kind": "settling-in", "amount": "900000"}}),
                ),
            ],
        )
    };
    world.blocked(
        "correct-case",
        paid(entry - 1),
        "2024-03-01",
        "entry-not-found",
    );
    world.must("correct-case", paid(entry), "2024-03-01");
    let moves = with(
        application,
        &[
            ("own_will", json!(true)),
            ("permanent", json!(true)),
            ("to", json!("almaty")),
        ],
    );
    world.must("record-move", moves, "2024-04-01");
    assert!(
        world.last_data().contains(r#""amount":"900000""#),
        "{}",
        world.last_data()
    );

    let notify = with(
        application,
        &[("decision", json!("2")), ("way", json!("post"))],
    );
    world.must("notify-act", notify, "2024-02-20");
    let entry = entry_of(&world, application, "kz.qonys.application.act-notified.v1");
    let notice = with(
        application,
        &[
            ("entry", json!(entry.to_string())),
            ("reason", json!("clerical")),
            (
                "record",
                json!({"of": "notice", "says": {"decision": "2", "way": "in-person"}}),
            ),
        ],
    );
    world.blocked("correct-case", notice.clone(), "2024-02-20", "no-change");
    world.blocked(
        "correct-case",
        notice.clone(),
        "2024-02-05",
        "before-its-cause",
    );
    world.must("correct-case", notice, "2024-02-12");
    let complaint = with(
        application,
        &[
            ("decision", json!("2")),
            ("by", json!("third-party")),
            ("document", json!("00".repeat(32))),
        ],
    );
    world.must("file-complaint", complaint, "2024-03-01");
    assert!(
        world
            .last_data()
            .contains(r#""in_time_until":"2024-05-13""#),
        "three months after the corrected notice: {}",
        world.last_data()
    );
}
