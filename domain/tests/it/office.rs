//! Point 11: offices, who acts for them, and their powers. What counts is the decision date.

mod exercised;
mod fallen;
pub mod unregistered;

use qonys_domain::{
    blocked::Blocked, command::Command, context::Context, decide::policy, streams::Streams as _,
};
use qonys_events::{fact::Fact, id::StreamId};
use serde_json::{Value, json};

use crate::world::{World, day};

const OFFICE: &str = "akimat.pavlodar";
const HEAD: &str = "a0b1c2d3-0000-4000-8000-000000000001";
const CLERK: &str = "a0b1c2d3-0000-4000-8000-000000000002";
const STRANGER: &str = "a0b1c2d3-0000-4000-8000-000000000003";

fn order() -> Value {
    json!({"number": "12-k", "dated": "2024-01-10"})
}

/// Gives a command as an official in a role, in whose stead if in anybody's.
fn gives(
    world: &mut World,
    (official, role, behalf): (&str, &str, Option<&str>),
    type_name: &str,
    data: Value,
    on: &str,
) -> Result<Context, Blocked> {
    let mut cx = world.context(on);
    cx.actor.actor = official.parse().expect("a reference");
    cx.actor.role = role.parse().expect("a name");
    cx.actor.onbehalfof = behalf.map(|of| of.parse().expect("a reference"));
    world.give(type_name, data, &cx).map(|_| cx)
}

/// Registers the office of Pavlodar from 10 January 2024 on.
fn register(world: &mut World) {
    let office = json!({"office": OFFICE, "titles": {"en": "akimat"}, "territories": ["pavlodar"], "order": order()});
    world.must("register-office", office, "2024-01-10");
}

fn vest(powers: &[&str], point: &str) -> Value {
    json!({"office": OFFICE, "powers": powers, "document": "law-477-2011", "point": point, "certainty": "known",
        "source": "test"})
}

fn appoint(official: &str, role: &str, powers: &[&str]) -> Value {
    json!({"office": OFFICE, "official": official, "role": role, "powers": powers, "order": order()})
}

fn school() -> Value {
    json!({"power": "school-places", "titles": {"en": "school places"}, "document": "law-477-2011", "point": "15(9)",
        "from": "2012-01-01", "until": "2026-01-01", "certainty": "known", "source": "test"})
}

/// An office with a head who includes kandas and gives school places, and a clerk who only records.
fn staffed() -> World {
    let mut world = World::open();
    register(&mut world);
    world.must("record-other-power", school(), "2024-01-10");
    for data in [
        vest(&["kandas-inclusion"], "15(6-3)"),
        vest(&["kandas-status"], "15(6-1)"),
        vest(&["school-places"], "15(9)"),
        vest(&["quota-year-close"], "11(4-2)"),
    ] {
        world.must("vest-powers", data, "2024-01-10");
    }
    let head = appoint(
        HEAD,
        "quota-officer",
        &["kandas-inclusion", "kandas-status", "school-places"],
    );
    world.must("appoint-official", head, "2024-01-10");
    let clerk = appoint(CLERK, "clerk", &[]);
    world.must("appoint-official", clerk, "2024-01-10");
    world
}

/// The place in the office's stream of the entry that was recorded last.
fn last_entry(world: &World) -> u64 {
    let stream: StreamId = format!("office/{OFFICE}").parse().expect("a stream");
    world.stream(&stream).expect("an office").seq.0
}

fn exercise() -> Value {
    json!({"power": "school-places", "document": "22".repeat(32)})
}

fn recorded() -> Value {
    json!({"kind": "citizen"})
}

#[track_caller]
fn fails<T>(given: Result<T, Blocked>, code: &str) {
    match given {
        Ok(_) => panic!("accepted, not blocked with {code}"),
        Err(blocked) => assert_eq!(blocked.code.as_str(), code, "{:?}", blocked.facts),
    }
}

#[test]
fn a_log_without_the_office_checks_nobody() {
    let mut world = World::open();
    let stranger = (STRANGER, "whatever", None);
    let cx = gives(
        &mut world,
        stranger,
        "record-person",
        recorded(),
        "2024-02-01",
    );
    let command = Command::read("record-person", recorded())
        .expect("a command")
        .expect("its data");
    let declared = policy(&command, &cx.expect("nobody is checked"), &world);
    assert_eq!(declared.expect("a policy").as_str(), "declared");
}

#[test]
fn an_entry_names_the_order_by_which_its_actor_was_let_through() {
    let mut world = staffed();
    let head = (HEAD, "quota-officer", None);
    let given = gives(&mut world, head, "exercise-power", exercise(), "2024-02-01");
    let cx = given.expect("the head holds the power");
    let command = Command::read("exercise-power", exercise())
        .expect("a command")
        .expect("its data");
    let by = policy(&command, &cx, &world).expect("a policy");
    // The office, four times powers, then the head.
    assert_eq!(by.as_str(), "appointment.6");
    let (_, event) = world.events.last().expect("an event");
    let Fact::PowerExercised(fact) = &event.fact else {
        panic!("{event:?}");
    };
    assert_eq!(fact.facts.get("power"), Some("school-places"));
    assert_eq!(event.point.as_ref().expect("a point").as_str(), "15(9)");
}

#[test]
pub fn whoever_is_not_appointed_on_the_decision_date_is_blocked() {
    let mut world = staffed();
    let mut person = |who, on| gives(&mut world, who, "record-person", recorded(), on);
    person((CLERK, "clerk", None), "2024-01-10").expect("appointed from that day");
    fails(
        person((STRANGER, "clerk", None), "2024-02-01"),
        "not-appointed",
    );
    // The role is part of the appointment, and nobody is let through in the stead of who did not ask him.
    fails(
        person((CLERK, "quota-officer", None), "2024-02-01"),
        "not-appointed",
    );
    fails(
        person((CLERK, "clerk", Some(HEAD)), "2024-02-01"),
        "not-appointed",
    );
    // A paper decision of the day before the office was set up.
    fails(
        person((CLERK, "clerk", None), "2024-01-09"),
        "office-not-valid",
    );
}

#[test]
pub fn an_appointment_ends_on_its_day_and_what_was_done_before_stands() {
    let mut world = staffed();
    let clerk = last_entry(&world);
    let end = json!({"office": OFFICE, "assignment": clerk.to_string(), "order": order()});
    world.must("end-assignment", end.clone(), "2024-03-01");
    let mut person = |on| {
        gives(
            &mut world,
            (CLERK, "clerk", None),
            "record-person",
            recorded(),
            on,
        )
    };
    person("2024-02-29").expect("a decision of his last day, entered late");
    fails(person("2024-03-01"), "not-appointed");
    world.blocked("end-assignment", end, "2024-03-02", "assignment-not-found");
    // And he may be appointed again.
    world.must(
        "appoint-official",
        appoint(CLERK, "clerk", &[]),
        "2024-04-01",
    );
}

#[test]
pub fn a_power_is_held_by_the_office_and_by_the_official() {
    let mut world = staffed();
    let person = world.must("record-person", json!({"kind": "foreigner"}), "2024-02-01");
    let status = json!({"person": person.to_string()});
    let clerk = (CLERK, "clerk", None);
    let head = (HEAD, "quota-officer", None);
    fails(
        gives(
            &mut world,
            clerk,
            "grant-kandas-status",
            status.clone(),
            "2024-02-01",
        ),
        "power-not-held",
    );
    gives(
        &mut world,
        head,
        "grant-kandas-status",
        status,
        "2024-02-01",
    )
    .expect("his power");
    // The law gives it, the catalogue has it, and the office does not hold it.
    let ends = json!({"person": person.to_string(), "ground": "citizenship-obtained"});
    fails(
        gives(&mut world, head, "end-kandas-status", ends, "2024-02-01"),
        "power-not-vested",
    );
    // The office holds it and he does not.
    let line = json!({"category": "kandas", "territory": "pavlodar", "year": "2024", "rule": "principals"});
    fails(
        gives(
            &mut world,
            head,
            "close-quota-year",
            json!({"line": line}),
            "2025-01-10",
        ),
        "power-not-held",
    );
}

#[test]
pub fn an_official_acts_within_the_territory_of_his_office() {
    let mut world = staffed();
    let person = world.must("record-person", recorded(), "2024-02-01");
    let filed = |territory: &str| {
        json!({"applicant": person.to_string(), "category": "resettlers", "territory": territory, "year": "2024",
            "members": "0"})
    };
    world.blocked(
        "file-application",
        filed("kostanay"),
        "2024-02-01",
        "outside-territory",
    );
    world.must("file-application", filed("pavlodar"), "2024-02-01");
    // A later validity changes the territory; the days before keep theirs.
    let close = json!({"office": OFFICE, "order": order()});
    world.must("close-office", close.clone(), "2024-06-01");
    world.blocked("close-office", close, "2024-06-01", "office-not-valid");
}

#[test]
fn a_closed_office_may_work_again_for_another_territory() {
    let mut world = staffed();
    let office = |territory: &str| json!({"office": OFFICE, "titles": {"en": "akimat"}, "territories": [territory], "order": order()});
    world.blocked(
        "register-office",
        office("kostanay"),
        "2024-06-01",
        "validity-overlaps",
    );
    // One command ends the old validity; the new one is registered on the last day of the old, effective the next.
    let mut cx = world.context("2024-05-31");
    cx.effective = Some(day("2024-06-01"));
    world
        .give(
            "close-office",
            json!({"office": OFFICE, "order": order()}),
            &cx,
        )
        .expect("closed");
    world
        .give("register-office", office("kostanay"), &cx)
        .expect("registered");
    let person = world.must("record-person", recorded(), "2024-05-31");
    let filed = json!({"applicant": person.to_string(), "category": "resettlers", "territory": "kostanay",
        "year": "2024", "members": "0"});
    world.blocked(
        "file-application",
        filed.clone(),
        "2024-05-31",
        "outside-territory",
    );
    world.must("file-application", filed, "2024-06-01");
}

#[test]
fn who_acts_for_an_absent_official_has_his_powers_while_both_orders_last() {
    let mut world = staffed();
    let acting = |official: &str, absent: &str, until: &str| json!({"office": OFFICE, "official": official, "absent": absent, "until": until, "order": order()});
    for (official, absent, until, code) in [
        (CLERK, STRANGER, "2024-03-01", "not-appointed"),
        (HEAD, HEAD, "2024-03-01", "no-change"),
        (CLERK, HEAD, "2024-02-01", "interval-empty"),
    ] {
        world.blocked(
            "appoint-acting",
            acting(official, absent, until),
            "2024-02-01",
            code,
        );
    }
    world.must(
        "appoint-acting",
        acting(CLERK, HEAD, "2024-03-01"),
        "2024-02-01",
    );
    world.blocked(
        "appoint-acting",
        acting(CLERK, HEAD, "2024-02-20"),
        "2024-02-10",
        "validity-overlaps",
    );
    let stead = (CLERK, "quota-officer", Some(HEAD));
    let mut give = |on| gives(&mut world, stead, "exercise-power", exercise(), on);
    give("2024-02-29").expect("in his stead");
    fails(give("2024-01-31"), "not-appointed");
    fails(give("2024-03-01"), "not-appointed");
    // Without saying so he is the clerk that he is.
    let own = (CLERK, "clerk", None);
    fails(
        gives(&mut world, own, "exercise-power", exercise(), "2024-02-20"),
        "power-not-held",
    );
}

#[test]
fn a_delegated_power_is_the_delegators_own_and_ends_with_it() {
    let mut world = staffed();
    let delegate = |by: &str, official: &str, powers: &[&str]| json!({"office": OFFICE, "by": by, "official": official, "powers": powers, "order": order()});
    for (by, official, powers, code) in [
        (HEAD, CLERK, &["quota-year-close"][..], "power-not-held"),
        (HEAD, CLERK, &[], "lines-malformed"),
        (HEAD, HEAD, &["school-places"], "no-change"),
        (STRANGER, CLERK, &["school-places"], "not-appointed"),
        (HEAD, STRANGER, &["school-places"], "not-appointed"),
    ] {
        world.blocked(
            "delegate-powers",
            delegate(by, official, powers),
            "2024-02-01",
            code,
        );
    }
    world.must(
        "delegate-powers",
        delegate(HEAD, CLERK, &["school-places"]),
        "2024-02-01",
    );
    world.blocked(
        "delegate-powers",
        delegate(HEAD, CLERK, &["school-places"]),
        "2024-02-05",
        "validity-overlaps",
    );
    // What was delegated is not delegated on.
    world.must(
        "appoint-official",
        appoint(STRANGER, "clerk", &[]),
        "2024-02-01",
    );
    world.blocked(
        "delegate-powers",
        delegate(CLERK, STRANGER, &["school-places"]),
        "2024-02-02",
        "power-not-held",
    );
    let delegated = (CLERK, "clerk", Some(HEAD));
    gives(
        &mut world,
        delegated,
        "exercise-power",
        exercise(),
        "2024-02-10",
    )
    .expect("delegated");
    let end = json!({"office": OFFICE, "assignment": "6", "order": order()});
    world.must("end-assignment", end, "2024-03-01");
    fails(
        gives(
            &mut world,
            delegated,
            "exercise-power",
            exercise(),
            "2024-03-01",
        ),
        "power-not-held",
    );
}

#[test]
pub fn the_catalogue_of_powers_has_no_catch_all() {
    let mut world = staffed();
    for (data, code) in [
        (vest(&["anything"], "15(9)"), "power-not-catalogued"),
        (vest(&["school-places"], "15(10)"), "power-not-catalogued"),
        (vest(&["kandas-inclusion"], "15(9)"), "power-not-catalogued"),
        (vest(&["school-places"], "15(9)"), "validity-overlaps"),
        (vest(&[], "15(9)"), "lines-malformed"),
    ] {
        world.blocked("vest-powers", data, "2024-02-01", code);
    }
    let mut unknown = vest(&["school-places"], "15(9)");
    unknown["office"] = json!("akimat.nowhere");
    world.blocked("vest-powers", unknown, "2024-02-01", "office-not-found");
    world.blocked(
        "appoint-official",
        appoint(STRANGER, "clerk", &["complaint-review"]),
        "2024-02-01",
        "power-not-vested",
    );
    // A power with a command of its own is neither entered here nor exercised here.
    let mut other = school();
    other["power"] = json!("kandas-inclusion");
    world.blocked(
        "record-other-power",
        other,
        "2024-02-01",
        "power-has-its-command",
    );
    world.blocked(
        "record-other-power",
        school(),
        "2024-02-01",
        "validity-overlaps",
    );
    let own = json!({"power": "kandas-inclusion", "document": "22".repeat(32)});
    world.blocked("exercise-power", own, "2024-02-01", "power-has-its-command");
    let person =
        json!({"power": "school-places", "document": "22".repeat(32), "subject": STRANGER});
    world.blocked("exercise-power", person, "2024-02-01", "person-not-found");
    // The article fell.
    world.blocked("exercise-power", exercise(), "2026-02-01", "no-basis");
}

#[test]
fn an_office_that_is_not_registered_exercises_no_power_of_the_catalogue() {
    let mut world = World::open();
    world.must("record-other-power", school(), "2024-01-10");
    world.blocked(
        "exercise-power",
        exercise(),
        "2024-02-01",
        "office-not-found",
    );
}
