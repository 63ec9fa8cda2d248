//! Points 3 and 6: a decision proved to have been adopted earlier is always recorded, over the limit if need be; the line is
//! over-committed by what is too much, and nothing more is held or committed until it clears.

use qonys_domain::{decide::policy, streams::Known};
use qonys_events::{fact::Fact, id::Ref};
use serde_json::{Value, json};

use crate::{
    quota::oracle,
    review::{OTHER_OFFICIAL, complain, included, of, review, with, world},
    world::{World, day, leaf},
};

const LINE: &str = "kandas.pavlodar.2024.principals-and-members";

pub fn proved(application: Ref, official: &str) -> Value {
    let hash = leaf().to_string();
    with(
        application,
        &[
            ("official", json!(official)),
            ("document", json!(hash)),
            ("proved_by", json!("register-of-decisions")),
            ("proof", json!(hash)),
        ],
    )
}

/// What the decision that was recorded last read.
fn read(world: &World, name: &str) -> Option<String> {
    let Fact::InclusionProved(proved) = &world.events.last().expect("an event").1.fact else {
        panic!("the last event is another");
    };
    proved.facts.get(name).map(str::to_owned)
}

#[test]
pub fn a_decision_proved_to_have_been_adopted_earlier_is_recorded_over_the_limit() {
    let mut world = world();
    let late = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let waiting = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let first = included(&mut world, "kandas", 1);
    world.must(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-03",
    );
    assert_eq!(read(&world, "over-committed-by").as_deref(), Some("1"));
    assert_eq!(read(&world, "recorded-on").as_deref(), Some("2030-01-01"));
    for (on, taken) in [("2024-02-02", 0), ("2024-02-03", 1), ("2024-02-06", 3)] {
        assert_eq!(oracle(&world, LINE, day(on)), (0, taken), "{on}");
        let line = Known(&world)
            .line(&LINE.parse().expect("a line"))
            .expect("loaded")
            .clone();
        assert_eq!(line.taken(day(on)).committed, taken, "{on}");
    }
    // It cites the act in force on the day of its adoption, and names who adopted it.
    let (_, event) = world.events.last().expect("an event");
    assert_eq!(event.decidedon, Some(day("2024-02-03")));
    assert_eq!(
        event.point.as_ref().map(|point| point.as_str()),
        Some("15(6-3)")
    );
    let data = world.last_data();
    assert!(
        data.contains(&format!(r#""official":"{OTHER_OFFICIAL}""#)),
        "{data}"
    );
    // Nothing more is held until it clears; nothing is undone by itself.
    let blocked = world.blocked("hold-places", of(waiting), "2024-03-01", "over-committed");
    assert_eq!(blocked.facts.get("over-committed-by"), Some("1"));
    let left = with(first, &[("reason", json!("withdrawn"))]);
    world.must("release-places", left, "2024-03-05");
    world.must("hold-places", of(waiting), "2024-03-05");
    assert_eq!(oracle(&world, LINE, day("2024-03-05")), (1, 1));
}

#[test]
fn what_is_held_is_not_committed_while_an_earlier_decision_fills_the_line() {
    let mut world = world();
    let held = world.applicant("kandas", "pavlodar", 1, "2024-02-01");
    let late = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must("hold-places", of(held), "2024-02-05");
    world.must(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-04",
    );
    let blocked = world.blocked("commit-places", of(held), "2024-02-06", "over-committed");
    assert_eq!(blocked.facts.get("over-committed-by"), Some("1"));
    // The verdict of the register on the same application goes first: it is not counted twice.
    let waits = with(held, &[("reason", json!("mistake"))]);
    world.blocked(
        "record-earlier-inclusion",
        proved(held, OTHER_OFFICIAL),
        "2024-02-05",
        "already-held",
    );
    world.must("release-places", waits, "2024-02-06");
    world.must(
        "record-earlier-inclusion",
        proved(held, OTHER_OFFICIAL),
        "2024-02-05",
    );
    assert_eq!(oracle(&world, LINE, day("2024-02-05")), (2, 3));
    assert_eq!(oracle(&world, LINE, day("2024-02-06")), (0, 3));
}

#[test]
pub fn what_was_not_adopted_earlier_or_by_another_is_decided_the_usual_way() {
    let mut world = world();
    let late = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let mut today = world.context("2024-02-03");
    today.today = today.decided_on;
    let blocked = world.give(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        &today,
    );
    assert_eq!(
        blocked.expect_err("blocked").code.as_str(),
        "not-adopted-earlier"
    );
    // Nobody proves a decision of his own, or one that was adopted in his stead.
    let mut cx = world.context("2024-02-03");
    let own = cx.actor.actor.to_string();
    world.blocked(
        "record-earlier-inclusion",
        proved(late, &own),
        "2024-02-03",
        "same-hands",
    );
    let mut in_stead = proved(late, OTHER_OFFICIAL);
    in_stead["in_stead_of"] = json!(own);
    world.blocked(
        "record-earlier-inclusion",
        in_stead,
        "2024-02-03",
        "same-hands",
    );
    cx.actor.actor = "a0b1c2d3-0000-4000-8000-0000000000a4"
        .parse()
        .expect("a reference");
    cx.actor.onbehalfof = OTHER_OFFICIAL.parse().ok();
    let blocked = world.give(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        &cx,
    );
    assert_eq!(blocked.expect_err("blocked").code.as_str(), "same-hands");
    // Nor before the application came, nor for a territory without a line, nor by another office.
    world.blocked(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-01-31",
        "before-its-cause",
    );
    world.blocked(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2025-01-03",
        "outside-quota-year",
    );
    let nowhere = world.applicant("kandas", "abai", 0, "2024-02-01");
    world.blocked(
        "record-earlier-inclusion",
        proved(nowhere, OTHER_OFFICIAL),
        "2024-02-03",
        "no-quota-line",
    );
    world.office = Some("akimat.kostanay");
    world.blocked(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-03",
        "not-the-deciding-office",
    );
    world.office = None;
    world.must(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-03",
    );
    world.blocked(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-03",
        "application-decided",
    );
}

#[test]
fn who_has_a_place_of_the_year_is_not_included_twice() {
    let mut world = world();
    let first = included(&mut world, "kandas", 0);
    let person = world.last_applicant();
    let again = json!({"applicant": person, "category": "kandas", "territory": "pavlodar", "year": "2024", "members": "0"});
    let again = world.must("file-application", again, "2024-02-01");
    let blocked = world.blocked(
        "record-earlier-inclusion",
        proved(again, OTHER_OFFICIAL),
        "2024-02-03",
        "already-included",
    );
    assert_eq!(
        blocked.facts.get("other-application"),
        Some(first.to_string().as_str())
    );
}

/// The register is no judge of what others decided: what the decision lacked is written down, and bars nothing.
#[test]
fn what_the_decision_lacked_is_written_down_and_a_review_judges_it() {
    let mut world = world();
    let early = world.applicant("resettlers", "pavlodar", 0, "2024-01-10");
    world.must(
        "record-earlier-inclusion",
        proved(early, OTHER_OFFICIAL),
        "2024-01-12",
    );
    assert_eq!(read(&world, "quota-in-force").as_deref(), Some("no"));
    assert_eq!(read(&world, "territory-determined").as_deref(), Some("no"));
    let late = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        "2024-02-03",
    );
    assert_eq!(read(&world, "quota-in-force").as_deref(), Some("yes"));
    assert_eq!(read(&world, "territory-determined").as_deref(), Some("yes"));
    assert_eq!(read(&world, "kandas-status").as_deref(), Some("true"));
    // It is a decision like any other: the one who adopted it does not review it, a court annuls it.
    let complaint = world.must(
        "file-complaint",
        complain(late, 2, "third-party"),
        "2024-03-01",
    );
    let body = review(
        late,
        complaint,
        "deciding-body",
        "annulled",
        &[("effect_from", json!("adoption"))],
    );
    let given = world.as_official(OTHER_OFFICIAL, "decide-review", body, "2024-03-04");
    assert_eq!(
        given.map_err(|blocked| blocked.code.as_str()),
        Err("own-act")
    );
    let court = review(
        late,
        complaint,
        "court",
        "annulled",
        &[("effect_from", json!("adoption"))],
    );
    world.must("decide-review", court, "2024-04-01");
    assert_eq!(oracle(&world, LINE, day("2024-02-03")), (0, 0));
}

#[test]
fn silence_and_a_closed_year_do_not_bar_what_was_decided_before() {
    let mut world = world();
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must("find-deemed-refusal", of(application), "2024-02-26");
    let line = json!({"line": {"category": "kandas", "territory": "pavlodar", "year": "2024", "rule": "principals-and-members"}});
    world.must("close-quota-year", line, "2025-01-06");
    world.must(
        "record-earlier-inclusion",
        proved(application, OTHER_OFFICIAL),
        "2024-02-05",
    );
    assert_eq!(oracle(&world, LINE, day("2024-12-31")), (0, 1));
    // It can still be annulled, which gives the place back.
    let annulled = with(application, &[("reason", json!("annulled"))]);
    world.must("release-places", annulled, "2025-02-03");
    assert_eq!(oracle(&world, LINE, day("2025-02-03")), (0, 0));
}

/// Whoever finds it proved acts today: he need not have served on the day of the decision.
#[test]
fn whoever_finds_it_proved_is_appointed_today() {
    let mut world = world();
    let late = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let order = json!({"number": "1-k", "dated": "2029-06-01"});
    let office = json!({"office": "akimat.pavlodar", "titles": {"en": "akimat"}, "territories": ["pavlodar"], "order": order});
    world.must("register-office", office, "2029-06-01");
    let mut cx = world.context("2024-02-03");
    let given = world.give(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
        &cx,
    );
    assert_eq!(given.expect_err("blocked").code.as_str(), "not-appointed");
    let appointed = json!({"office": "akimat.pavlodar", "official": cx.actor.actor.to_string(), "role": "quota-officer",
        "powers": [], "order": order});
    world.must("appoint-official", appointed, "2029-06-01");
    cx.minted = world.context("2024-02-03").minted;
    let command = qonys_domain::command::Command::read(
        "record-earlier-inclusion",
        proved(late, OTHER_OFFICIAL),
    )
    .expect("known")
    .expect("read");
    let by = policy(&command, &cx, &world).expect("let through");
    assert!(by.as_str().starts_with("appointment."), "{by}");
    world
        .give(
            "record-earlier-inclusion",
            proved(late, OTHER_OFFICIAL),
            &cx,
        )
        .expect("recorded");
    assert_eq!(oracle(&world, LINE, day("2024-02-03")), (0, 1));
}
