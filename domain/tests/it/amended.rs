//! What becomes of an entry that stands (preamble, points 1, 3 and 6): norms and powers end, entries are corrected, acts are
//! repealed; and nothing that was decided is undone by it.

use qonys_domain::{quota::LimitOn, streams::Known};
use qonys_events::{fact::Fact, id::StreamId, scalar::StreamSeq};
use serde_json::{Value, json};

use crate::{
    review::{included, of, world},
    world::{World, day},
};

const LINE: &str = "kandas.pavlodar.2024.principals-and-members";

/// The place in the register's stream of the last entry.
pub fn last_entry(world: &World) -> u64 {
    let law = world.events.iter().filter(|(id, _)| *id == StreamId::law());
    law.count() as u64
}

pub fn correction(entry: u64, of: &str, says: Value) -> Value {
    json!({"entry": entry.to_string(), "reason": "mistyped", "record": {"of": of, "says": says}})
}

pub fn norm(value: u64, from: &str, until: Option<&str>) -> Value {
    let mut norm = json!({"norm": "a-term", "document": "law-477-2011", "point": "a point", "value": value.to_string(),
        "unit": "days", "from": from, "certainty": "known", "source": "test"});
    if let Some(until) = until {
        norm["until"] = json!(until);
    }
    norm
}

pub fn value(world: &World, on: &str) -> Option<u64> {
    let law = Known(world).law().expect("loaded");
    law.norm("a-term", day(on)).ok().map(|norm| norm.value.0)
}

pub fn limit(world: &World, on: &str) -> Option<u64> {
    let line = LINE.parse().expect("a line");
    let line = Known(world).line(&line).expect("loaded");
    match line.limit(Known(world).law().expect("loaded"), day(on)) {
        LimitOn::Known { places, .. } => Some(places.0),
        LimitOn::NotInForce | LimitOn::Unknown { .. } => None,
    }
}

pub fn quota(act: &str, action: &str, limit: u64) -> Value {
    json!({"act": act, "action": action, "year": "2024", "rule": "principals-and-members", "rule_certainty": "assumed",
        "lines": [{"category": "kandas", "territory": "pavlodar", "limit": limit.to_string()}]})
}

#[test]
fn a_norm_ends_and_the_next_one_begins() {
    let mut world = World::open();
    world.must("record-norm", norm(3, "2020-01-01", None), "2024-01-01");
    world.blocked(
        "record-norm",
        norm(5, "2025-01-01", None),
        "2024-12-01",
        "validity-overlaps",
    );
    let end = |until: &str| json!({"norm": "a-term", "until": until, "source": "law of 2024"});
    world.blocked(
        "end-norm",
        end("2020-01-01"),
        "2024-12-01",
        "interval-empty",
    );
    let unknown = json!({"norm": "no-term", "until": "2025-01-01", "source": "test"});
    world.blocked("end-norm", unknown, "2024-12-01", "norm-missing");
    world.must("end-norm", end("2025-01-01"), "2024-12-01");
    world.must("record-norm", norm(5, "2025-01-01", None), "2024-12-01");
    let values = ["2024-12-31", "2025-01-01"].map(|on| value(&world, on));
    assert_eq!(values, [Some(3), Some(5)]);
    // What is open now is the new one.
    world.must("end-norm", end("2026-01-01"), "2025-12-01");
    assert_eq!(value(&world, "2026-01-01"), None);
    world.blocked("end-norm", end("2027-01-01"), "2025-12-01", "no-change");
}

#[test]
fn a_power_ends_and_decisions_before_it_stand() {
    let mut world = world();
    included(&mut world, "kandas", 0);
    let end = |point: &str, until: &str| json!({"power": "kandas-inclusion", "document": "law-477-2011", "point": point, "until": until, "source": "test"});
    world.blocked(
        "end-power",
        end("99", "2024-03-01"),
        "2024-03-01",
        "power-not-catalogued",
    );
    world.must("end-power", end("15(6-3)", "2024-03-01"), "2024-03-01");
    world.blocked(
        "end-power",
        end("15(6-3)", "2024-04-01"),
        "2024-03-01",
        "no-change",
    );
    let next = world.applicant("kandas", "pavlodar", 0, "2024-02-02");
    world.must("hold-places", of(next), "2024-02-29");
    world.blocked("commit-places", of(next), "2024-03-01", "no-basis");
}

#[test]
fn a_wrong_norm_is_said_anew_whole_and_once() {
    let mut world = World::open();
    world.must("record-norm", norm(30, "2020-01-01", None), "2024-01-01");
    let entry = last_entry(&world);
    world.must(
        "record-norm",
        norm(9, "2018-01-01", Some("2019-01-01")),
        "2024-01-01",
    );
    let right = correction(entry, "norm", norm(3, "2020-01-01", None));
    for (wrong, code) in [
        (
            correction(entry + 9, "norm", norm(3, "2020-01-01", None)),
            "entry-not-found",
        ),
        (
            correction(entry - 1, "norm", norm(3, "2020-01-01", None)),
            "entry-not-found",
        ),
        (
            correction(entry, "norm", norm(30, "2020-01-01", None)),
            "no-change",
        ),
        (
            correction(entry, "norm", norm(3, "2018-06-01", None)),
            "validity-overlaps",
        ),
        (
            correction(entry, "norm", norm(3, "2020-01-01", Some("2019-12-31"))),
            "interval-empty",
        ),
    ] {
        world.blocked("correct-law", wrong, "2024-01-02", code);
    }
    world.must("correct-law", right.clone(), "2024-01-02");
    let (_, event) = world.events.last().expect("an event");
    assert!(
        event.supersedes.is_some(),
        "the entry names what it corrects"
    );
    assert_eq!(value(&world, "2024-01-01"), Some(3));
    world.blocked("correct-law", right, "2024-01-03", "already-superseded");
    // It never was in force: that is said by an interval that ends on its first day.
    let never = norm(3, "2020-01-01", Some("2020-01-01"));
    let newest = last_entry(&world);
    world.must(
        "correct-law",
        correction(newest, "norm", never),
        "2024-01-03",
    );
    assert_eq!(value(&world, "2024-01-01"), None);
    assert_eq!(value(&world, "2018-06-01"), Some(9), "the other one stands");
}

#[test]
fn an_act_its_determination_and_a_power_are_said_anew() {
    let mut world = World::open();
    let act = |adopted: &str| {
        json!({"act": "order", "kind": "order", "body": "a body", "titles": {"en": "order"}, "language": "ru",
            "adopted_on": adopted, "entry_into_force": {"rule": "unknown"}, "document": "order", "wording": "first",
            "synthetic": true, "source": "test"})
    };
    world.must("record-act", act("2024-05-10"), "2024-06-01");
    let recorded = last_entry(&world);
    world.must(
        "record-act-date",
        json!({"act": "order", "date": "published", "on": "2024-07-01", "source": "test"}),
        "2024-06-01",
    );
    let force = |world: &World, on: &str| {
        let law = Known(world).law().expect("loaded");
        law.force(&"order".parse().expect("a name"), day(on))
            .as_str()
    };
    assert_eq!(force(&world, "2024-06-15"), "not-yet", "published in July");
    // The whole act is told anew: the date that was added to it was wrong too.
    world.must(
        "correct-law",
        correction(recorded, "act", act("2024-05-01")),
        "2024-06-02",
    );
    assert_eq!(force(&world, "2024-06-15"), "unknown");
    let determine = json!({"act": "order", "from": "2024-06-01", "basis": "test"});
    world.must("determine-act", determine, "2024-06-02");
    let determined = last_entry(&world);
    assert_eq!(force(&world, "2024-06-15"), "in-force");
    let again = |from: Option<&str>| {
        let mut says = json!({"act": "order", "basis": "another reading"});
        if let Some(from) = from {
            says["from"] = json!(from);
        }
        says
    };
    world.blocked(
        "correct-law",
        correction(determined, "determination", again(Some("2024-05-01"))),
        "2024-06-03",
        "before-earliest-possible",
    );
    let later = correction(determined, "determination", again(Some("2024-06-20")));
    world.must("correct-law", later, "2024-06-03");
    assert_eq!(force(&world, "2024-06-15"), "not-yet");
    let newest = last_entry(&world);
    world.must(
        "correct-law",
        correction(newest, "determination", again(None)),
        "2024-06-04",
    );
    assert_eq!(force(&world, "2024-06-25"), "unknown", "taken back");

    let power = |point: &str| {
        json!({"decision": "quota-year-close", "document": "law-477-2011", "point": point, "from": "2024-01-01",
            "certainty": "known", "source": "test"})
    };
    let mut recorded = power("1");
    recorded["decisions"] = json!([recorded["decision"]]);
    recorded
        .as_object_mut()
        .expect("an object")
        .remove("decision");
    world.must("record-power", recorded, "2024-06-04");
    let entry = last_entry(&world);
    world.must(
        "correct-law",
        correction(entry, "power", power("2")),
        "2024-06-04",
    );
    let law = Known(&world).law().expect("loaded");
    let name = "quota-year-close".parse().expect("a name");
    let document = "law-477-2011".parse().expect("a name");
    let known = ["1", "2"].map(|point| law.catalogued(&name, &document, point));
    assert_eq!(known, [false, true]);
}

#[test]
fn a_territory_a_calendar_and_a_succession_are_said_anew() {
    let mut world = world();
    let find = |world: &World, wanted: &dyn Fn(&Fact) -> bool| {
        let law = world.events.iter().filter(|(id, _)| *id == StreamId::law());
        let place = law.map(|(_, e)| e).position(|e| wanted(&e.fact));
        place.expect("it was recorded") as u64 + 1
    };
    let entry = find(
        &world,
        &|fact| matches!(fact, Fact::TerritoryChanged(t) if t.category.as_str() == "kandas"),
    );
    let says = |change: &str| json!({"category": "kandas", "territory": "pavlodar", "change": change, "act": "order-2024"});
    world.blocked(
        "correct-law",
        correction(entry, "territory", says("determined")),
        "2024-02-01",
        "no-change",
    );
    world.must(
        "correct-law",
        correction(entry, "territory", says("excluded")),
        "2024-02-01",
    );
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.blocked(
        "hold-places",
        of(application),
        "2024-02-05",
        "territory-not-determined",
    );

    let entry = find(
        &world,
        &|fact| matches!(fact, Fact::CalendarRecorded(c) if c.year.0 == 2024),
    );
    let calendar = json!({"year": "2024", "weekly_rest": ["saturday", "sunday"], "days_off": ["2024-02-02"],
        "synthetic": true, "source": "test"});
    world.must(
        "correct-law",
        correction(entry, "calendar", calendar),
        "2024-02-01",
    );
    let works = |on: &str| Known(&world).law().expect("loaded").is_working_day(day(on));
    assert_eq!(works("2024-02-02"), Ok(false));
    assert_eq!(
        works("2024-01-01"),
        Ok(true),
        "the corrected calendar says so"
    );

    let succession = |of: &str| json!({"territory": "abai", "out_of": of, "certainty": "known", "source": "test"});
    world.must("record-succession", succession("pavlodar"), "2024-02-01");
    let entry = last_entry(&world);
    world.blocked(
        "correct-law",
        correction(entry, "succession", succession("abai")),
        "2024-02-02",
        "no-change",
    );
    world.must(
        "correct-law",
        correction(entry, "succession", succession("east-kazakhstan")),
        "2024-02-02",
    );
    let law = Known(&world).law().expect("loaded");
    let same = |other: &str| {
        law.same_region(
            &"abai".parse().expect("a name"),
            &other.parse().expect("a name"),
        )
    };
    assert_eq!((same("pavlodar"), same("east-kazakhstan")), (false, true));
}

#[test]
fn a_limit_that_was_mistyped_is_said_anew_and_over_commitment_shows() {
    let mut world = world();
    let entry = world
        .events
        .iter()
        .filter(|(id, _)| *id == StreamId::law())
        .position(|(_, e)| matches!(e.fact, Fact::QuotaSet(_)));
    let entry = entry.expect("a quota") as u64 + 1;
    included(&mut world, "kandas", 1);
    let says = |kandas: u64, territory: &str| {
        json!({"entry": entry.to_string(), "reason": "mistyped", "set": {"act": "order-2024", "action": "establish",
            "year": "2024", "rule": "principals-and-members", "rule_certainty": "assumed", "lines": [
            {"category": "kandas", "territory": territory, "limit": kandas.to_string()},
            {"category": "resettlers", "territory": "pavlodar", "limit": "9"}]}})
    };
    let mut twice = says(1, "pavlodar");
    twice["set"]["lines"][1] = twice["set"]["lines"][0].clone();
    world.blocked("correct-quota", twice, "2024-03-01", "lines-malformed");
    world.blocked(
        "correct-quota",
        says(2, "pavlodar"),
        "2024-03-01",
        "no-change",
    );
    world.must("correct-quota", says(1, "pavlodar"), "2024-03-01");
    assert_eq!(limit(&world, "2024-03-01"), Some(1));
    let next = world.applicant("kandas", "pavlodar", 0, "2024-03-01");
    let blocked = world.blocked("hold-places", of(next), "2024-03-02", "over-committed");
    assert_eq!(blocked.facts.get("over-committed-by"), Some("1"));
    world.blocked(
        "correct-quota",
        says(5, "pavlodar"),
        "2024-03-03",
        "already-superseded",
    );
}

#[test]
fn a_month_leaves_its_days_open_for_a_determination() {
    let mut world = World::open();
    world.act("order", json!({"in_force_on": "2025-08"}));
    let force = |world: &World, on: &str| {
        let law = Known(world).law().expect("loaded");
        law.force(&"order".parse().expect("a name"), day(on))
            .as_str()
    };
    assert_eq!(force(&world, "2025-08-15"), "unknown");
    let determine = |from: &str| json!({"act": "order", "from": from, "basis": "test"});
    world.blocked(
        "determine-act",
        determine("2025-07-31"),
        "2025-09-01",
        "before-earliest-possible",
    );
    world.blocked(
        "determine-act",
        determine("2025-09-01"),
        "2025-09-01",
        "evidence-recorded",
    );
    world.must("determine-act", determine("2025-08-10"), "2025-09-01");
    let stands = ["2025-08-09", "2025-08-10", "2025-08-31"].map(|on| force(&world, on));
    assert_eq!(stands, ["not-yet", "in-force", "in-force"]);
    // The source that names the day counts more.
    let date = json!({"act": "order", "date": "in-force", "on": "2025-08-20", "source": "test"});
    world.must("record-act-date", date, "2025-09-02");
    let stands = ["2025-08-15", "2025-08-20"].map(|on| force(&world, on));
    assert_eq!(stands, ["not-yet", "in-force"]);
}

#[test]
fn the_year_of_a_line_whose_limit_is_not_known_cannot_be_closed() {
    let mut world = World::open();
    world.act("order", json!({"adopted_on": "2024-01-10"}));
    world.must("set-quota", quota("order", "establish", 2), "2024-01-15");
    let line: Value = json!({"line": {"category": "kandas", "territory": "pavlodar", "year": "2024", "rule": "principals-and-members"}});
    let blocked = world.blocked("close-quota-year", line, "2025-01-10", "basis-unknown");
    assert_eq!(blocked.facts.get("limit-act"), Some("order"));
}

/// Two corrections of one entry: the second one names the first.
#[test]
fn the_second_correction_names_the_first() {
    let mut world = World::open();
    world.must("record-norm", norm(30, "2020-01-01", None), "2024-01-01");
    let first = last_entry(&world);
    world.must(
        "correct-law",
        correction(first, "norm", norm(20, "2020-01-01", None)),
        "2024-01-02",
    );
    let second = last_entry(&world);
    assert_eq!(StreamSeq(second), StreamSeq(first + 1));
    world.blocked(
        "correct-law",
        correction(first, "norm", norm(3, "2020-01-01", None)),
        "2024-01-03",
        "already-superseded",
    );
    world.must(
        "correct-law",
        correction(second, "norm", norm(3, "2020-01-01", None)),
        "2024-01-03",
    );
    assert_eq!(value(&world, "2024-01-01"), Some(3));
}
