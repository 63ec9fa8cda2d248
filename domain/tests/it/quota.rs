//! Points 3 and 6: limits, holds, commitments, releases, the year close; the case of 2024 as published.

use qonys_events::{fact::Fact, id::Ref, scalar::Day, term::PlaceState};
use serde_json::json;

use crate::world::{World, day};

const RULE: &str = "principals-and-members";

/// The 2024 quota as published: order of 27.12.2023, in force 14.01.2024, on a national line that stands in for the
/// regional lines that no source gives.
fn world_2024() -> World {
    let mut world = World::open();
    world.act(
        "order-2023-12-27",
        json!({"adopted_on": "2023-12-27", "in_force_on": "2024-01-14"}),
    );
    let limit = |category: &str, limit: &str| json!({"category": category, "territory": "kazakhstan", "limit": limit, "mark": "source-gap"});
    let lines = json!([limit("kandas", "2433"), limit("resettlers", "7050")]);
    set(&mut world, "order-2023-12-27", "establish", lines);
    world
}

fn set(world: &mut World, act: &str, action: &str, lines: serde_json::Value) {
    let quota = json!({"act": act, "action": action, "year": "2024", "rule": RULE, "rule_certainty": "assumed", "lines": lines});
    world.must("set-quota", quota, "2024-01-02");
}

/// Includes families of at most `size` persons until exactly `persons` places are committed.
fn include(world: &mut World, category: &str, persons: u64, size: u64, on: &str) -> Vec<Ref> {
    let mut left = persons;
    let mut included = Vec::new();
    while left > 0 {
        let family = left.min(size);
        let application = world.applicant(category, "kazakhstan", family - 1, on);
        hold(world, application, on);
        world.must(
            "commit-places",
            json!({"application": application.to_string()}),
            on,
        );
        included.push(application);
        left -= family;
    }
    included
}

#[track_caller]
fn hold(world: &mut World, application: Ref, on: &str) {
    world.must(
        "hold-places",
        json!({"application": application.to_string()}),
        on,
    );
}

/// The sum of what the recorded events hold and commit on a day: an oracle that shares nothing with the aggregate.
pub fn oracle(world: &World, line: &str, on: Day) -> (i64, i64) {
    let mut sum = (0, 0);
    for (_, event) in world
        .events
        .iter()
        .filter(|(s, e)| s.key() == line && e.effectivefrom.is_some_and(|f| f <= on))
    {
        match &event.fact {
            Fact::PlacesHeld(f) => sum.0 += f.places.0 as i64,
            Fact::PlacesCommitted(f) => {
                sum.0 -= f.places.0 as i64;
                sum.1 += f.places.0 as i64;
            }
            Fact::PlacesReleased(f) if f.was == PlaceState::Held => sum.0 -= f.places.0 as i64,
            Fact::PlacesReleased(f) => sum.1 -= f.places.0 as i64,
            Fact::PlacesOrdered(f) => sum.1 += f.places.0 as i64,
            Fact::PlacesRecounted(f) => sum.1 += f.places.0 as i64,
            Fact::PlacesProved(f) => sum.1 += f.places.0 as i64,
            _ => {}
        }
    }
    sum
}

#[test]
pub fn case_2024() {
    let mut world = world_2024();
    let (kandas, resettlers) = (
        "kandas.kazakhstan.2024.principals-and-members",
        "resettlers.kazakhstan.2024.principals-and-members",
    );
    // The order is not in force on 13.01.2024 and is from 14.01.2024.
    let first = world.applicant("kandas", "kazakhstan", 0, "2024-01-10");
    let hold_first = json!({"application": first.to_string()});
    let blocked = world.blocked(
        "hold-places",
        hold_first.clone(),
        "2024-01-13",
        "quota-not-in-force",
    );
    assert_eq!(blocked.facts.get("day"), Some("2024-01-13"));
    world.must("hold-places", hold_first, "2024-01-14");
    world.must(
        "commit-places",
        json!({"application": first.to_string()}),
        "2024-01-14",
    );
    // By 01.07.2024 as published.
    include(&mut world, "kandas", 1_890, 5, "2024-03-01");
    include(&mut world, "resettlers", 2_978, 7, "2024-04-01");
    assert_eq!(oracle(&world, kandas, day("2024-07-01")), (0, 1_891));
    assert_eq!(oracle(&world, resettlers, day("2024-07-01")), (0, 2_978));
    // Synthetic inclusions up to the limit by 23.08.2024; the next is blocked.
    include(&mut world, "kandas", 2_433 - 1_891, 5, "2024-08-20");
    assert_eq!(oracle(&world, kandas, day("2024-08-23")), (0, 2_433));
    let next = world.applicant("kandas", "kazakhstan", 0, "2024-08-20");
    let hold_next = json!({"application": next.to_string()});
    world.blocked(
        "hold-places",
        hold_next.clone(),
        "2024-08-23",
        "limit-reached",
    );
    // The August act, recorded before it is in force: one amendment with two lines.
    world.act(
        "order-2024-08",
        json!({"in_force_on": "2024-08-24", "document": "order-2023-12-27", "wording": "2024-08"}),
    );
    let lines = json!([{"category": "kandas", "territory": "kazakhstan", "limit": "3033"},
        {"category": "resettlers", "territory": "kazakhstan", "limit": "6450"}]);
    set(&mut world, "order-2024-08", "amend", lines);
    world.blocked(
        "hold-places",
        hold_next.clone(),
        "2024-08-23",
        "limit-reached",
    );
    world.must("hold-places", hold_next, "2024-08-24");
    // An act that cuts below what is used is recorded: over-committed by 78.
    world.act(
        "order-cut",
        json!({"in_force_on": "2024-09-01", "document": "order-2023-12-27", "wording": "2024-09"}),
    );
    set(
        &mut world,
        "order-cut",
        "amend",
        json!([{"category": "resettlers", "territory": "kazakhstan", "limit": "2900"}]),
    );
    let held = world.applicant("resettlers", "kazakhstan", 0, "2024-08-25");
    let hold_late = json!({"application": held.to_string()});
    let blocked = world.blocked(
        "hold-places",
        hold_late.clone(),
        "2024-09-02",
        "over-committed",
    );
    assert_eq!(blocked.facts.get("over-committed-by"), Some("78"));
    // Before the cut works the line has room, but not at every later day.
    world.blocked(
        "hold-places",
        hold_late.clone(),
        "2024-08-26",
        "over-committed",
    );
    // It clears when an act raises the limit.
    world.act(
        "order-raise",
        json!({"in_force_on": "2024-10-01", "document": "order-2023-12-27", "wording": "2024-10"}),
    );
    set(
        &mut world,
        "order-raise",
        "amend",
        json!([{"category": "resettlers", "territory": "kazakhstan", "limit": "2979"}]),
    );
    world.blocked(
        "hold-places",
        hold_late.clone(),
        "2024-09-30",
        "over-committed",
    );
    world.must("hold-places", hold_late, "2024-10-01");
}

#[test]
fn a_commitment_of_an_over_committed_line_waits_too() {
    let mut world = world_2024();
    let application = world.applicant("kandas", "kazakhstan", 9, "2024-02-01");
    hold(&mut world, application, "2024-02-01");
    world.act("order-cut", json!({"in_force_on": "2024-03-01"}));
    set(
        &mut world,
        "order-cut",
        "amend",
        json!([{"category": "kandas", "territory": "kazakhstan", "limit": "9"}]),
    );
    let commit = json!({"application": application.to_string()});
    world.blocked(
        "commit-places",
        commit.clone(),
        "2024-03-02",
        "over-committed",
    );
    world.act("order-raise", json!({"in_force_on": "2024-04-01"}));
    set(
        &mut world,
        "order-raise",
        "amend",
        json!([{"category": "kandas", "territory": "kazakhstan", "limit": "10"}]),
    );
    world.must("commit-places", commit, "2024-04-01");
}

/// Lines of regions under a reported total.
fn regional() -> World {
    let mut world = World::open();
    world.act("order", json!({"in_force_on": "2024-01-01"}));
    let line = |territory: &str, limit: &str| json!({"category": "resettlers", "territory": territory, "limit": limit});
    set(
        &mut world,
        "order",
        "establish",
        json!([line("kazakhstan", "10"), line("pavlodar", "6")]),
    );
    world
}

#[test]
pub fn an_application_consumes_exactly_the_line_of_its_territory_decided_by_its_office() {
    let mut world = regional();
    let national = world.applicant("resettlers", "kazakhstan", 0, "2024-02-01");
    world.blocked(
        "hold-places",
        json!({"application": national.to_string()}),
        "2024-02-01",
        "national-line-is-total",
    );
    let almaty = world.applicant("resettlers", "almaty", 0, "2024-02-01");
    world.blocked(
        "hold-places",
        json!({"application": almaty.to_string()}),
        "2024-02-01",
        "no-quota-line",
    );
    let pavlodar = world.applicant("resettlers", "pavlodar", 5, "2024-02-01");
    let data = json!({"application": pavlodar.to_string()});
    world.blocked(
        "hold-places",
        data.clone(),
        "2024-02-01",
        "territory-not-determined",
    );
    world.act("determination", json!({"in_force_on": "2024-01-01"}));
    let change = json!({"category": "resettlers", "territory": "pavlodar", "change": "determined", "act": "determination"});
    world.must("change-territory", change, "2024-01-02");
    let mut cx = world.context("2024-02-01");
    cx.actor.office = "akimat.kostanay".parse().expect("a slug");
    let blocked = world
        .give("hold-places", data.clone(), &cx)
        .expect_err("another territory's office");
    assert_eq!(blocked.code.as_str(), "not-the-deciding-office");
    world.must("hold-places", data.clone(), "2024-02-01");
    world.blocked("hold-places", data, "2024-02-01", "already-held");
    let one_more = world.applicant("resettlers", "pavlodar", 0, "2024-02-01");
    world.blocked(
        "hold-places",
        json!({"application": one_more.to_string()}),
        "2024-02-01",
        "limit-reached",
    );
}

#[test]
pub fn regional_lines_above_the_reported_total_are_recorded_only_when_confirmed() {
    let mut world = regional();
    world.act("amend", json!({"in_force_on": "2024-02-01"}));
    let mut quota = json!({"act": "amend", "action": "amend", "year": "2024", "rule": RULE, "rule_certainty": "known",
        "lines": [{"category": "resettlers", "territory": "pavlodar", "limit": "11"}]});
    let blocked = world.blocked(
        "set-quota",
        quota.clone(),
        "2024-01-02",
        "regional-lines-exceed-total",
    );
    assert_eq!(
        (blocked.facts.get("sum"), blocked.facts.get("total")),
        (Some("11"), Some("10"))
    );
    quota["as_published"] = json!(true);
    world.must("set-quota", quota, "2024-01-02");
}

#[test]
pub fn acts_of_the_setter_are_blocked_only_where_they_cannot_be_recorded_without_ambiguity() {
    let mut world = regional();
    let quota = |act: &str, action: &str, territory: &str| {
        json!({"act": act, "action": action, "year": "2024", "rule": RULE, "rule_certainty": "known",
            "lines": [{"category": "resettlers", "territory": territory, "limit": "1"}]})
    };
    world.blocked(
        "set-quota",
        quota("nowhere", "amend", "pavlodar"),
        "2024-01-02",
        "act-not-found",
    );
    world.act("second", json!({}));
    world.blocked(
        "set-quota",
        quota("second", "establish", "pavlodar"),
        "2024-01-02",
        "line-established",
    );
    world.blocked(
        "set-quota",
        quota("second", "amend", "kostanay"),
        "2024-01-02",
        "line-not-established",
    );
    world.must(
        "set-quota",
        quota("second", "amend", "pavlodar"),
        "2024-01-02",
    );
    world.blocked(
        "set-quota",
        quota("second", "amend", "pavlodar"),
        "2024-01-02",
        "no-change",
    );
    let mut doubled = quota("second", "establish", "kostanay");
    doubled["lines"] = json!([{"category": "kandas", "territory": "a", "limit": "1"}, {"category": "kandas", "territory": "a", "limit": "2"}]);
    world.blocked("set-quota", doubled, "2024-01-02", "lines-malformed");
    // An act whose entry into force is not known makes the limit unknown, and that blocks.
    let application = world.applicant("resettlers", "pavlodar", 0, "2024-02-01");
    world.blocked(
        "hold-places",
        json!({"application": application.to_string()}),
        "2024-02-01",
        "basis-unknown",
    );
}

#[test]
pub fn source_gap_lines_are_for_tests_only() {
    let mut world = World::default();
    world.must(
        "open-log",
        json!({"zone": "Asia/Almaty", "kind": "register", "clock": "system"}),
        "2024-01-01",
    );
    world.act("order", json!({"in_force_on": "2024-01-01"}));
    let lines = json!([{"category": "kandas", "territory": "kazakhstan", "limit": "1", "mark": "source-gap"}]);
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": RULE, "rule_certainty": "known", "lines": lines});
    world.blocked("set-quota", quota, "2024-01-02", "source-gap-outside-tests");
}

#[test]
pub fn holds_end_by_commitment_or_release_and_never_before_they_began() {
    let mut world = world_2024();
    let application = world.applicant("kandas", "kazakhstan", 3, "2024-02-01");
    let it = json!({"application": application.to_string()});
    let release = |reason: &str| json!({"application": application.to_string(), "reason": reason});
    world.blocked(
        "release-places",
        release("withdrawn"),
        "2024-02-02",
        "nothing-to-release",
    );
    world.blocked("commit-places", it.clone(), "2024-02-02", "not-held");
    world.blocked("hold-places", it.clone(), "2024-01-20", "before-its-cause");
    world.must("hold-places", it.clone(), "2024-02-02");
    world.blocked(
        "release-places",
        release("withdrawn"),
        "2024-02-01",
        "before-its-cause",
    );
    world.blocked(
        "commit-places",
        it.clone(),
        "2024-02-01",
        "before-its-cause",
    );
    let other = json!({"application": application.to_string(), "adopts": "00".repeat(32)});
    world.blocked("commit-places", other, "2024-02-03", "adopts-other-bytes");
    world.must("release-places", release("withdrawn"), "2024-02-03");
    world.must("hold-places", it.clone(), "2024-02-04");
    world.must("commit-places", it.clone(), "2024-02-05");
    world.blocked(
        "hold-places",
        it.clone(),
        "2024-02-06",
        "application-decided",
    );
    world.must("release-places", release("withdrawn"), "2024-02-07");
    world.blocked("hold-places", it, "2024-02-08", "application-decided");
    let line = "kandas.kazakhstan.2024.principals-and-members";
    assert_eq!(oracle(&world, line, day("2024-02-06")), (0, 4));
    assert_eq!(oracle(&world, line, day("2024-02-07")), (0, 0));
    world.blocked(
        "hold-places",
        json!({"application": "00000000-0000-4000-8000-ffffffffffff"}),
        "2024-02-08",
        "application-not-found",
    );
}

#[test]
pub fn a_kandas_needs_the_status_and_a_decision_a_day_in_the_year() {
    let mut world = world_2024();
    let person = world.must("record-person", json!({"kind": "foreigner"}), "2024-02-01");
    let file = json!({"applicant": person.to_string(), "category": "kandas", "territory": "kazakhstan", "year": "2024", "members": "0"});
    let application = world.must("file-application", file, "2024-02-01");
    let it = json!({"application": application.to_string()});
    world.blocked("hold-places", it.clone(), "2024-02-02", "status-missing");
    world.must(
        "grant-kandas-status",
        json!({"person": person.to_string()}),
        "2024-02-02",
    );
    world.blocked(
        "hold-places",
        it.clone(),
        "2025-01-01",
        "outside-quota-year",
    );
    world.must("hold-places", it, "2024-12-31");
    let nobody = json!({"applicant": "00000000-0000-4000-8000-ffffffffffff", "category": "kandas", "territory": "kazakhstan", "year": "2024", "members": "0"});
    world.blocked("file-application", nobody, "2024-02-01", "person-not-found");
}

#[test]
pub fn the_year_is_closed_by_an_official_when_it_is_over_and_nothing_is_held() {
    let mut world = world_2024();
    include(&mut world, "kandas", 33, 5, "2024-03-01");
    let held = world.applicant("kandas", "kazakhstan", 0, "2024-03-01");
    hold(&mut world, held, "2024-03-01");
    let close = json!({"line": {"category": "kandas", "territory": "kazakhstan", "year": "2024", "rule": RULE}});
    world.blocked(
        "close-quota-year",
        close.clone(),
        "2024-12-31",
        "year-not-over",
    );
    world.blocked(
        "close-quota-year",
        close.clone(),
        "2025-01-05",
        "places-still-held",
    );
    world.must(
        "release-places",
        json!({"application": held.to_string(), "reason": "year-over"}),
        "2025-01-05",
    );
    world.must("close-quota-year", close.clone(), "2025-01-06");
    let (_, closed) = world.events.last().expect("an event");
    let written = closed.fact.write_data();
    assert_eq!(
        written,
        r#"{"limit":"2433","committed":"33","lapsed":"2400","facts":{"act-certainty":"known","committed":"33","held":"0","last-day":"2024-12-31","limit":"2433","limit-act":"order-2023-12-27"},"bases":[{"act":"order-2023-12-27","point":"not recorded","wording":"first","language":"ru","certainty":"known"}]}"#
    );
    world.blocked("close-quota-year", close, "2025-01-07", "year-closed");
    world.blocked(
        "hold-places",
        json!({"application": held.to_string()}),
        "2024-12-30",
        "year-closed",
    );
    let none = json!({"line": {"category": "kandas", "territory": "almaty", "year": "2024", "rule": RULE}});
    world.blocked("close-quota-year", none, "2025-01-06", "no-quota-line");
}
