//! The duties about personal data: blocked and unblocked, destroyed on a ground of the law, kept while a duty to keep is live.

use qonys_domain::{decide::destroyed, person::data::DataState, streams::Known};
use qonys_events::{
    event::Event,
    fact::Fact,
    id::{Ref, StreamId, StreamKind},
};
use serde_json::{Value, json};

use crate::world::{World, day, leaf};

pub(crate) fn world() -> World {
    let mut world = World::open();
    world.procedure();
    world.norm("personal-data.working-days", 1);
    world.norm("personal-data.destruction-ground.relation-ended", 2);
    world.norm("personal-data.archive.months", 12);
    world.norm("repayment.kandas.years", 5);
    world.norm("repayment.resettlers.years", 5);
    later_calendars(&mut world);
    world
}

/// Claims are looked back on from later than the calendars of the procedure reach.
pub(crate) fn later_calendars(world: &mut World) {
    for year in 2027..=2032 {
        let calendar = json!({"year": year.to_string(), "weekly_rest": ["saturday", "sunday"],
            "days_off": [format!("{year}-01-01")], "synthetic": true, "source": "test"});
        world.must("record-calendar", calendar, "2024-01-01");
    }
}

pub(crate) fn asked(person: Ref, on: &str) -> Value {
    json!({"person": person.to_string(), "document": leaf().to_string(), "requested_on": on})
}

/// What proposes to destroy a subject's data.
pub(crate) fn proposal(of: &str, subject: Ref, on: &str) -> Value {
    json!({"of": of, "subject": subject.to_string(), "ground": "relation-ended",
        "document": leaf().to_string(), "requested_on": on})
}

pub(crate) fn destroy(person: Ref, on: &str) -> Value {
    proposal("person", person, on)
}

pub(crate) fn order(person: Ref) -> Value {
    json!({"of": "person", "subject": person.to_string()})
}

/// Somebody proposes it and somebody else adopts it.
pub(crate) fn destroyed_on(world: &mut World, person: Ref, requested: &str, on: &str) {
    world.must("propose-destruction", destroy(person, requested), on);
    world.must("destroy-personal-data", order(person), on);
}

fn block(person: Ref, on: &str) -> Value {
    let mut data = asked(person, on);
    data["reason"] = json!("accuracy-disputed");
    data
}

pub(crate) fn person(world: &mut World, on: &str) -> Ref {
    world.must("record-person", json!({"kind": "citizen"}), on)
}

pub(crate) fn last(world: &World) -> &Event {
    &world.events.last().expect("an event").1
}

pub(crate) fn state(world: &World, of: Ref) -> DataState {
    let known = Known(world);
    let person = known.person_of(&StreamId::of(StreamKind::Person, of));
    person.expect("it is loaded").data()
}

#[test]
fn data_are_blocked_and_unblocked_within_one_working_day() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    // A Friday: one working day later is a Monday.
    world.must("block-personal-data", block(of, "2024-03-01"), "2024-03-04");
    let Fact::DataBlocked(blocked) = &last(&world).fact else {
        panic!("{:?}", last(&world));
    };
    assert_eq!(
        (blocked.in_time_until, blocked.late),
        (day("2024-03-04"), false)
    );
    assert_eq!(state(&world, of), DataState::Blocked);
    world.must(
        "unblock-personal-data",
        asked(of, "2024-03-04"),
        "2024-03-06",
    );
    let event = last(&world);
    let Fact::DataUnblocked(unblocked) = &event.fact else {
        panic!("{event:?}");
    };
    assert_eq!(
        (unblocked.in_time_until, unblocked.late),
        (day("2024-03-05"), true)
    );
    assert!(event.act.is_some() && event.point.is_some(), "it cites");
    assert_eq!(state(&world, of), DataState::Open);
    world.blocked(
        "unblock-personal-data",
        asked(of, "2024-03-06"),
        "2024-03-06",
        "no-change",
    );
    world.blocked(
        "block-personal-data",
        block(of, "2024-03-06"),
        "2024-03-05",
        "before-its-cause",
    );
}

#[test]
pub fn blocked_data_are_neither_changed_nor_destroyed() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    world.must("block-personal-data", block(of, "2024-03-01"), "2024-03-01");
    world.blocked(
        "block-personal-data",
        block(of, "2024-03-01"),
        "2024-03-01",
        "no-change",
    );
    world.blocked(
        "propose-destruction",
        destroy(of, "2026-03-01"),
        "2026-03-02",
        "data-blocked",
    );
    let correction =
        json!({"person": of.to_string(), "entry": "1", "reason": "clerical", "kind": "citizen"});
    world.blocked("correct-person", correction, "2024-03-01", "data-blocked");
    world.must(
        "unblock-personal-data",
        asked(of, "2024-03-01"),
        "2024-03-01",
    );
    destroyed_on(&mut world, of, "2026-03-01", "2026-03-02");
}

#[test]
pub fn nothing_is_said_about_a_destroyed_person() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    destroyed_on(&mut world, of, "2025-02-03", "2025-02-04");
    let event = last(&world);
    assert_eq!(destroyed(event), Some(of));
    assert_eq!(
        event.act.as_ref().map(ToString::to_string).as_deref(),
        Some("law-477-2011")
    );
    let Fact::DataDestroyed(fact) = &event.fact else {
        panic!("{event:?}");
    };
    assert_eq!((fact.late, fact.bases.len()), (false, 2));
    let id = of.to_string();
    let application = json!({"applicant": id, "category": "resettlers", "territory": "pavlodar", "year": "2025", "members": "0"});
    for (name, data) in [
        ("propose-destruction", destroy(of, "2025-02-04")),
        ("destroy-personal-data", order(of)),
        ("block-personal-data", block(of, "2025-02-04")),
        ("file-application", application),
        ("ask-for-status", json!({"applicant": id, "asks": "grant"})),
        ("grant-kandas-status", json!({"person": id})),
        (
            "correct-person",
            json!({"person": id, "entry": "1", "reason": "clerical", "kind": "citizen"}),
        ),
        ("record-death", json!({"person": id})),
    ] {
        world.blocked(name, data, "2025-02-05", "data-destroyed");
    }
}

#[test]
pub fn each_live_duty_is_named() {
    let mut world = world();
    let duty = |blocked: &qonys_domain::blocked::Blocked| {
        let duty = blocked.facts.get("duty").expect("it names the duty");
        duty.to_string()
    };
    // The archive: twelve months after the last thing that was recorded.
    let of = person(&mut world, "2024-01-10");
    let blocked = world.blocked(
        "propose-destruction",
        destroy(of, "2025-01-08"),
        "2025-01-09",
        "duty-to-keep",
    );
    assert_eq!(duty(&blocked), "archive");
    assert_eq!(
        blocked.facts.get("until").expect("a day").to_string(),
        "2025-01-10"
    );
    destroyed_on(&mut world, of, "2025-01-09", "2025-01-10");

    // Whoever has the status without an end is nobody of the past.
    let of = world.must("record-person", json!({"kind": "foreigner"}), "2024-01-10");
    world.must(
        "grant-kandas-status",
        json!({"person": of.to_string()}),
        "2024-01-11",
    );
    let blocked = world.blocked(
        "propose-destruction",
        destroy(of, "2029-01-08"),
        "2029-01-09",
        "duty-to-keep",
    );
    assert_eq!(duty(&blocked), "archive");

    // An open case, whichever of several.
    let of = person(&mut world, "2024-01-10");
    let filed = |of: Ref| json!({"applicant": of.to_string(), "category": "resettlers", "territory": "pavlodar", "year": "2024", "members": "0"});
    let case = world.must("file-application", filed(of), "2024-01-11");
    let blocked = world.blocked(
        "propose-destruction",
        destroy(of, "2026-01-08"),
        "2026-01-09",
        "duty-to-keep",
    );
    assert_eq!(duty(&blocked), "open-case");
    assert_eq!(
        blocked.facts.get("application").expect("which").to_string(),
        case.to_string()
    );
    world.must(
        "withdraw-application",
        json!({"application": case.to_string()}),
        "2024-02-01",
    );
    let blocked = world.blocked(
        "propose-destruction",
        destroy(of, "2025-01-08"),
        "2025-01-31",
        "duty-to-keep",
    );
    assert_eq!(
        duty(&blocked),
        "archive",
        "the case keeps the data for its time too"
    );
    destroyed_on(&mut world, of, "2025-01-31", "2025-02-01");
}

#[test]
pub fn a_number_of_somebody_else_corrects_nobody() {
    let mut world = world();
    let (of, other) = (
        person(&mut world, "2024-01-10"),
        person(&mut world, "2024-01-10"),
    );
    let data =
        json!({"person": of.to_string(), "entry": "1", "reason": "clerical", "kind": "citizen"});
    let mut cx = world.context("2024-01-11");
    cx.slots.iter_mut().for_each(|slot| slot.subject = of);
    cx.known_as = Some(other);
    let blocked = world
        .give("correct-person", data.clone(), &cx)
        .expect_err("it is another's");
    assert_eq!(blocked.code.as_str(), "another-person");
    cx.known_as = Some(of);
    world
        .give("correct-person", data, &cx)
        .expect("it is his own");
}

#[test]
fn support_that_may_have_to_be_paid_back_keeps_the_data() {
    let mut world = super::review::world();
    world.norm("personal-data.working-days", 1);
    world.norm("personal-data.destruction-ground.relation-ended", 2);
    world.norm("personal-data.archive.months", 1);
    world.norm("repayment.resettlers.years", 5);
    later_calendars(&mut world);
    let application = super::review::included(&mut world, "resettlers", 1);
    let of: Ref = world.last_applicant().parse().expect("a reference");
    let paid =
        json!({"application": application.to_string(), "kind": "one-off", "amount": "258440"});
    world.must("pay-support", paid, "2024-03-01");
    let blocked = world.blocked(
        "propose-destruction",
        destroy(of, "2025-06-02"),
        "2025-06-03",
        "duty-to-keep",
    );
    assert_eq!(blocked.facts.get("duty"), Some("repayment-claim"));
    assert!(
        blocked
            .facts
            .get("until")
            .is_some_and(|until| until.starts_with("2029")),
        "{:?}",
        blocked.facts
    );
    destroyed_on(&mut world, of, "2029-12-03", "2029-12-04");
    // What was counted stays counted.
    let line = world
        .events
        .iter()
        .filter(|(_, e)| e.fact.type_name().contains("places-committed"))
        .count();
    assert_eq!(line, 1);
}
