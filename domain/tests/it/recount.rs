//! Points 3 and 6: an act of the setter changes the counting rule within a year, or was recorded with a wrong year, rule or
//! line. It is always recorded; rules never mix; what is over-committed is shown.

use qonys_domain::{quota::LimitOn, streams::Known};
use qonys_events::{
    fact::Fact,
    id::{Ref, StreamId},
};
use serde_json::{Value, json};

use crate::{
    quota::oracle,
    review::{complain, of, review, with},
    world::{World, day},
};

const MEMBERS: &str = "principals-and-members";
const FAMILIES: &str = "families";

fn world() -> World {
    let mut world = World::open();
    world.procedure();
    world.act("order-2024", json!({"in_force_on": "2024-01-14"}));
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order-2024"});
    world.must("change-territory", determined, "2024-01-15");
    world.must(
        "set-quota",
        set("order-2024", "establish", MEMBERS, 9),
        "2024-01-15",
    );
    world
}

fn set(act: &str, action: &str, rule: &str, limit: u64) -> Value {
    json!({"act": act, "action": action, "year": "2024", "rule": rule, "rule_certainty": "known",
        "lines": [{"category": "kandas", "territory": "pavlodar", "limit": limit.to_string()}]})
}

/// The order of August counts families.
fn by_families(world: &mut World, limit: u64) {
    world.act("order-2024-08", json!({"in_force_on": "2024-08-24"}));
    world.must(
        "set-quota",
        set("order-2024-08", "amend", FAMILIES, limit),
        "2024-08-01",
    );
}

fn line_of(rule: &str, year: &str) -> String {
    format!("kandas.pavlodar.{year}.{rule}")
}

/// Limit and places taken of a line on a day; no limit where no act that stands says one.
fn on(world: &World, line: &str, on: &str) -> (Option<u64>, i64) {
    let line = line.parse().expect("a line");
    let state = Known(world).line(&line).expect("it is loaded");
    let limit = match state.limit(Known(world).law().expect("loaded"), day(on)) {
        LimitOn::Known { places, .. } => Some(places.0),
        LimitOn::NotInForce | LimitOn::Unknown { .. } => None,
    };
    (limit, state.taken(day(on)).total())
}

fn included(world: &mut World, members: u64, on: &str) -> Ref {
    let application = world.applicant("kandas", "pavlodar", members, on);
    world.must("hold-places", of(application), on);
    world.must("commit-places", of(application), on);
    application
}

#[test]
pub fn an_act_that_changes_the_counting_rule_is_recorded_and_rules_never_mix() {
    let mut world = world();
    let family = included(&mut world, 3, "2024-02-05");
    by_families(&mut world, 5);
    let (members, families) = (line_of(MEMBERS, "2024"), line_of(FAMILIES, "2024"));
    assert_eq!(on(&world, &members, "2024-08-23"), (Some(9), 4));
    assert_eq!(
        on(&world, &members, "2024-08-24"),
        (Some(0), 4),
        "it counts no more"
    );
    assert_eq!(on(&world, &families, "2024-08-23"), (Some(0), 0));
    assert_eq!(on(&world, &families, "2024-08-24"), (Some(5), 0));
    // Nobody is included by the new rule while somebody stands counted by the old one.
    let next = world.applicant("kandas", "pavlodar", 2, "2024-08-26");
    let blocked = world.blocked("hold-places", of(next), "2024-08-27", "counting-rule-mixed");
    assert_eq!(blocked.facts.get("line"), Some(members.as_str()));
    assert_eq!(blocked.facts.get("places"), Some("4"));
    world.blocked("recount-places", of(next), "2024-08-27", "not-included");
    world.blocked("recount-places", of(family), "2024-08-23", "no-change");
    let mut recount = world.context("2024-08-27");
    recount.effective = Some(day("2024-08-24"));
    world
        .give("recount-places", of(family), &recount)
        .expect("counted anew");
    assert_eq!(
        on(&world, &members, "2024-08-23"),
        (Some(9), 4),
        "as it was"
    );
    assert_eq!(on(&world, &members, "2024-08-24"), (Some(0), 0));
    assert_eq!(
        on(&world, &families, "2024-08-24"),
        (Some(5), 1),
        "one family"
    );
    world.blocked("recount-places", of(family), "2024-08-28", "no-change");
    world.must("hold-places", of(next), "2024-08-28");
    assert_eq!(on(&world, &families, "2024-08-28"), (Some(5), 2));
    // The same act does not speak twice of one line; another one amends it.
    world.blocked(
        "set-quota",
        set("order-2024-08", "amend", FAMILIES, 7),
        "2024-08-28",
        "no-change",
    );
}

/// Whoever is still counted by the old rule lives there all the same: the territory is in use.
#[test]
fn a_territory_is_in_use_by_whatever_rule_its_places_are_counted() {
    let mut world = world();
    included(&mut world, 3, "2024-02-05");
    by_families(&mut world, 5);
    let power = json!({"decisions": ["territory-exclusion-proposal"], "document": "law-477-2011", "point": "15(3)",
        "from": "2011-07-22", "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-01");
    let subject = json!({"kind": "territory", "change": "excluded", "category": "kandas"});
    let draft =
        json!({"subject": subject, "territory": "pavlodar", "justification": "22".repeat(32)});
    let proposal = world.must("draft-proposal", draft, "2024-09-02");
    let signs = json!({"proposal": proposal.to_string(), "document": "22".repeat(32)});
    let blocked = world.blocked(
        "sign-proposal",
        signs,
        "2024-09-03",
        "warning-not-confirmed",
    );
    assert_eq!(blocked.facts.get("used-places"), Some("4"));
    let warns = blocked.facts.get("warning").unwrap_or_default();
    assert!(warns.contains("territory-in-use"), "{warns}");
}

/// An act with another rule is recorded before it is in force: from its day on the old line has the limit 0, so a place that is
/// held now would be over it then, by a decision of ours (promise P4). It is not held, and the block names the day.
#[test]
fn p4_the_line_of_the_old_rule_takes_no_holds_that_would_stand_there_when_it_counts_no_more() {
    let mut world = world();
    by_families(&mut world, 5);
    let families = line_of(FAMILIES, "2024");
    let next = world.applicant("kandas", "pavlodar", 2, "2024-08-05");
    let blocked = world.blocked("hold-places", of(next), "2024-08-06", "limit-reached");
    assert_eq!(blocked.facts.get("tightest-day"), Some("2024-08-24"));
    assert_eq!(blocked.facts.get("tightest-limit"), Some("0"));
    assert_eq!(
        blocked.facts.get("limit"),
        Some("9"),
        "which is in force today"
    );
    world.must("hold-places", of(next), "2024-08-24");
    assert_eq!(on(&world, &families, "2024-08-24"), (Some(5), 1));
}

#[test]
fn a_recount_takes_places_over_the_limit_and_that_is_shown() {
    let mut world = world();
    let two = [0, 1].map(|_| included(&mut world, 0, "2024-02-05"));
    by_families(&mut world, 1);
    for application in two {
        world.must("recount-places", of(application), "2024-08-26");
    }
    let families = line_of(FAMILIES, "2024");
    assert_eq!(on(&world, &families, "2024-08-26"), (Some(1), 2));
    let next = world.applicant("kandas", "pavlodar", 0, "2024-08-26");
    let blocked = world.blocked("hold-places", of(next), "2024-08-27", "over-committed");
    assert_eq!(blocked.facts.get("over-committed-by"), Some("1"));
    // Who leaves gives back what he is counted as.
    let left = with(two[0], &[("reason", json!("withdrawn"))]);
    world.must("release-places", left, "2024-09-02");
    assert_eq!(on(&world, &families, "2024-09-02"), (Some(1), 1));
    let recounted = with(two[1], &[("reason", json!("recounted"))]);
    world.blocked(
        "release-places",
        recounted,
        "2024-09-02",
        "ground-does-not-fit",
    );
}

#[test]
fn who_loses_the_place_from_before_the_recount_was_never_recounted() {
    let mut world = world();
    let family = included(&mut world, 3, "2024-02-05");
    by_families(&mut world, 5);
    world.must("recount-places", of(family), "2024-08-26");
    let complaint = world.must(
        "file-complaint",
        complain(family, 2, "third-party"),
        "2024-09-02",
    );
    let data = review(
        family,
        complaint,
        "court",
        "annulled",
        &[("effect_from", json!("adoption"))],
    );
    world.must("decide-review", data, "2024-10-01");
    let (members, families) = (line_of(MEMBERS, "2024"), line_of(FAMILIES, "2024"));
    for when in ["2024-02-05", "2024-08-23", "2024-08-26", "2024-10-01"] {
        assert_eq!(on(&world, &members, when).1, 0, "{when}");
        assert_eq!(on(&world, &families, when).1, 0, "{when}");
    }
    let (_, ended) = world.events.last().expect("an event");
    assert_eq!(ended.effectivefrom, Some(day("2024-02-05")));
}

/// The place in the register's stream of what an act of the setter says.
fn entry(world: &World, act: &str) -> u64 {
    let law = world.events.iter().filter(|(id, _)| *id == StreamId::law());
    let of = |fact: &Fact| match fact {
        Fact::QuotaSet(set) => set.act.as_str() == act,
        Fact::QuotaCorrected(corrected) => corrected.set.act.as_str() == act,
        _ => false,
    };
    let mut last = 0;
    for (n, (_, event)) in law.enumerate() {
        if of(&event.fact) {
            last = n as u64 + 1;
        }
    }
    last
}

fn correct(world: &World, set: Value) -> Value {
    let act = set["act"].as_str().expect("an act").to_owned();
    json!({"entry": entry(world, &act).to_string(), "reason": "mistyped", "set": set})
}

#[test]
pub fn an_act_of_the_setter_is_said_anew_with_another_year_rule_and_lines() {
    let mut world = world();
    included(&mut world, 3, "2024-02-05");
    let (members, families) = (line_of(MEMBERS, "2024"), line_of(FAMILIES, "2024"));
    // It counts families: what was included stands where no act speaks of it any more.
    let right = correct(&world, set("order-2024", "establish", FAMILIES, 5));
    world.must("correct-quota", right.clone(), "2024-03-01");
    assert_eq!(on(&world, &members, "2024-03-01"), (Some(0), 4));
    assert_eq!(on(&world, &families, "2024-03-01"), (Some(5), 0));
    let next = world.applicant("kandas", "pavlodar", 0, "2024-03-01");
    world.blocked("hold-places", of(next), "2024-03-02", "counting-rule-mixed");
    world.blocked("correct-quota", right, "2024-03-02", "already-superseded");
    // It is about 2023: of 2024 nothing is said.
    let mut wrong_year = set("order-2024", "establish", MEMBERS, 5);
    wrong_year["year"] = json!("2023");
    let right = correct(&world, wrong_year);
    world.must("correct-quota", right, "2024-03-03");
    let last_year = line_of(MEMBERS, "2023");
    assert_eq!(on(&world, &families, "2024-03-03"), (None, 0));
    assert_eq!(
        on(&world, &members, "2024-03-03"),
        (None, 4),
        "and still stands there"
    );
    assert_eq!(on(&world, &last_year, "2024-03-03"), (Some(5), 0));
    world.blocked("hold-places", of(next), "2024-03-03", "no-quota-line");
    // And of another territory too, which was forgotten.
    let mut whole = set("order-2024", "establish", MEMBERS, 4);
    whole["lines"] = json!([{"category": "kandas", "territory": "pavlodar", "limit": "4"},
        {"category": "kandas", "territory": "abai", "limit": "7"}]);
    let right = correct(&world, whole.clone());
    world.must("correct-quota", right, "2024-03-04");
    assert_eq!(
        on(&world, &members, "2024-03-04"),
        (Some(4), 4),
        "again in its line"
    );
    let abai = "kandas.abai.2024.principals-and-members";
    assert_eq!(on(&world, abai, "2024-03-04"), (Some(7), 0));
    assert_eq!(on(&world, &last_year, "2024-03-04"), (None, 0));
    world.blocked("hold-places", of(next), "2024-03-05", "limit-reached");
    // The same again, a line twice, another act's name.
    let same = correct(&world, whole.clone());
    world.blocked("correct-quota", same, "2024-03-05", "no-change");
    let mut twice = whole.clone();
    twice["lines"][1]["territory"] = json!("pavlodar");
    let twice = correct(&world, twice);
    world.blocked("correct-quota", twice, "2024-03-05", "lines-malformed");
    let mut other = correct(&world, whole);
    other["set"]["act"] = json!("order-2023");
    world.blocked("correct-quota", other, "2024-03-05", "entry-not-found");
}

#[test]
fn a_line_that_two_acts_set_keeps_the_limit_of_the_other() {
    let mut world = world();
    world.act("order-2024-08", json!({"in_force_on": "2024-08-24"}));
    world.must(
        "set-quota",
        set("order-2024-08", "amend", MEMBERS, 3),
        "2024-08-01",
    );
    let members = line_of(MEMBERS, "2024");
    assert_eq!(on(&world, &members, "2024-08-24").0, Some(3));
    let mut elsewhere = set("order-2024-08", "amend", MEMBERS, 3);
    elsewhere["lines"][0]["territory"] = json!("abai");
    let right = correct(&world, elsewhere);
    world.must("correct-quota", right, "2024-09-01");
    assert_eq!(
        on(&world, &members, "2024-08-24").0,
        Some(9),
        "it did not speak of it"
    );
    // An act that was said to count by another rule did not: the zero that followed from that goes too.
    let families = correct(&world, set("order-2024-08", "amend", FAMILIES, 2));
    world.must("correct-quota", families, "2024-09-02");
    assert_eq!(on(&world, &members, "2024-08-24").0, Some(0));
    let back = correct(&world, set("order-2024-08", "amend", MEMBERS, 6));
    world.must("correct-quota", back, "2024-09-03");
    assert_eq!(on(&world, &members, "2024-08-24").0, Some(6));
    assert_eq!(
        on(&world, &line_of(FAMILIES, "2024"), "2024-08-24").0,
        Some(0)
    );
}

#[test]
fn acts_are_recorded_in_any_order() {
    let mut world = World::open();
    world.act("order-2024", json!({"in_force_on": "2024-01-14"}));
    world.act("order-2024-08", json!({"in_force_on": "2024-08-24"}));
    world.must(
        "set-quota",
        set("order-2024-08", "establish", FAMILIES, 5),
        "2024-08-01",
    );
    world.must(
        "set-quota",
        set("order-2024", "establish", MEMBERS, 9),
        "2024-09-01",
    );
    let (members, families) = (line_of(MEMBERS, "2024"), line_of(FAMILIES, "2024"));
    let limits = |when: &str| (on(&world, &members, when).0, on(&world, &families, when).0);
    assert_eq!(limits("2024-08-23"), (Some(9), Some(0)));
    assert_eq!(limits("2024-08-24"), (Some(0), Some(5)));
}

#[test]
fn the_three_counting_rules_count_their_own_way_and_never_mix() {
    for (rule, places) in [
        ("principals", 1),
        ("principals-and-members", 4),
        ("families", 1),
    ] {
        let mut world = World::open();
        world.act("order", json!({"in_force_on": "2024-01-01"}));
        let lines = json!([{"category": "resettlers", "territory": "kazakhstan", "limit": "100", "mark": "source-gap"}]);
        let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": rule, "rule_certainty": "known", "lines": lines});
        world.must("set-quota", quota, "2024-01-02");
        let application = world.applicant("resettlers", "kazakhstan", 3, "2024-02-01");
        world.must("hold-places", of(application), "2024-02-01");
        let line = format!("resettlers.kazakhstan.2024.{rule}");
        assert_eq!(
            oracle(&world, &line, day("2024-02-01")),
            (places, 0),
            "{rule}"
        );
        let other = if rule == "families" {
            "principals"
        } else {
            "families"
        };
        world.act("other", json!({"in_force_on": "2024-01-01"}));
        let lines = json!([{"category": "resettlers", "territory": "pavlodar", "limit": "5"}]);
        let mixed = json!({"act": "other", "action": "establish", "year": "2024", "rule": other, "rule_certainty": "known", "lines": lines});
        // The setter's act is recorded. Its line is one of its own, and nothing of the other is counted in it.
        world.must("set-quota", mixed, "2024-01-02");
        let other = format!("resettlers.pavlodar.2024.{other}");
        assert_eq!(oracle(&world, &other, day("2024-02-01")), (0, 0));
        assert_eq!(
            oracle(&world, &line, day("2024-02-01")),
            (places, 0),
            "{rule}"
        );
    }
}
