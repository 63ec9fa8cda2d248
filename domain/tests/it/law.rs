//! The preamble and points 1 and 11: acts with their dates and evidence; what has a basis on which day.

use qonys_domain::{
    law::Force,
    streams::{Known, Streams as _},
};
use qonys_events::term::Certainty;
use serde_json::json;

use crate::world::{World, day};

/// The Rules: No 152 of 2017 and its wording by No 22 of 2021, repealed by No 97 of 2024; as published, so without the
/// days of publication that no source gives.
fn rules() -> World {
    let mut world = World::open();
    let days = json!({"rule": "days-after-publication", "days": "10"});
    world.act("no-152", json!({"kind": "decision", "number": "152", "adopted_on": "2017-09-15", "published_on": "2017-10-19",
        "entry_into_force": days, "wording": "2017"}));
    world.act("no-22", json!({"kind": "decision", "number": "22", "adopted_on": "2021-02-19", "registered_on": "2021-03-01",
        "entry_into_force": days, "document": "no-152", "wording": "2021"}));
    world.act("no-97", json!({"kind": "decision", "number": "97", "adopted_on": "2024-03-29", "entry_into_force": days,
        "repeals": ["no-22", "no-152"]}));
    for (decision, document, point) in [
        ("medium-term-quota-proposal", "no-152", "5"),
        ("territory-exclusion-proposal", "no-152", "5"),
        ("coming-year-quota-proposal", "law-477-2011", "15(3-1)"),
    ] {
        world.must(
            "record-power",
            json!({"decisions": [decision], "document": document, "point": point, "from": "2011-07-22",
            "certainty": "known", "source": "test"}),
            "2024-01-01",
        );
    }
    world
}

fn determine(world: &mut World) {
    for (act, from) in [("no-22", "2021-03-12"), ("no-97", "2024-04-09")] {
        world.must(
            "determine-act",
            json!({"act": act, "from": from, "basis": "the earliest possible day"}),
            "2024-05-01",
        );
    }
}

fn force(world: &World, act: &str, on: &str) -> Force {
    let law = Known(world).law().expect("the register is loaded");
    law.force(&act.parse().expect("a slug"), day(on))
}

#[test]
fn the_determined_days_divide_not_yet_in_force_and_repealed() {
    let mut world = rules();
    determine(&mut world);
    let assumed = Certainty::Assumed;
    assert_eq!(force(&world, "no-22", "2021-03-11"), Force::NotYet);
    assert_eq!(
        force(&world, "no-22", "2021-03-12"),
        Force::InForce {
            since: day("2021-03-12"),
            certainty: assumed
        }
    );
    assert_eq!(
        force(&world, "no-22", "2024-04-08"),
        Force::InForce {
            since: day("2021-03-12"),
            certainty: assumed
        }
    );
    assert_eq!(
        force(&world, "no-22", "2024-04-09"),
        Force::Repealed {
            since: day("2024-04-09"),
            certainty: assumed
        }
    );
}

#[test]
fn without_evidence_it_is_unknown_from_the_earliest_possible_day() {
    let world = rules();
    for (on, expected) in [
        ("2021-03-11", "not-yet"),
        ("2021-03-12", "unknown"),
        ("2022-06-01", "unknown"),
        ("2024-04-09", "unknown"),
    ] {
        assert_eq!(force(&world, "no-22", on).as_str(), expected, "{on}");
    }
    // A publication that became known is evidence of its own.
    let mut world = rules();
    world.must(
        "record-act-date",
        json!({"act": "no-22", "date": "published", "on": "2021-03-05", "source": "a newspaper"}),
        "2024-05-01",
    );
    assert_eq!(force(&world, "no-22", "2021-03-15").as_str(), "not-yet");
    assert_eq!(
        force(&world, "no-22", "2021-03-16"),
        Force::InForce {
            since: day("2021-03-16"),
            certainty: Certainty::Known
        }
    );
}

#[test]
fn a_date_known_to_the_month_is_unknown_inside_it() {
    let mut world = World::open();
    world.act("order-2025-08", json!({"in_force_on": "2025-08"}));
    for (on, expected) in [
        ("2025-07-31", "not-yet"),
        ("2025-08-01", "unknown"),
        ("2025-08-30", "unknown"),
        ("2025-08-31", "in-force"),
    ] {
        assert_eq!(
            force(&world, "order-2025-08", on).as_str(),
            expected,
            "{on}"
        );
    }
}

/// A month has no days before the act can have been in force: adopted on the 20th, it was not in force on the 19th, and nobody
/// determines that it was.
#[test]
fn a_month_begins_with_the_earliest_possible_day() {
    let mut world = World::open();
    world.act(
        "order",
        json!({"adopted_on": "2025-08-20", "in_force_on": "2025-08"}),
    );
    assert_eq!(force(&world, "order", "2025-08-20"), Force::NotYet);
    assert_eq!(force(&world, "order", "2025-08-21"), Force::Unknown);
    let determined = |from: &str| json!({"act": "order", "from": from, "basis": "test"});
    world.blocked(
        "determine-act",
        determined("2025-08-19"),
        "2025-09-01",
        "before-earliest-possible",
    );
    world.must("determine-act", determined("2025-08-25"), "2025-09-01");
    assert_eq!(force(&world, "order", "2025-08-24"), Force::NotYet);
    assert!(matches!(
        force(&world, "order", "2025-08-25"),
        Force::InForce { .. }
    ));
    // Adopted on the last day of the month, it can only be that day's next: the month says no more than its end.
    world.act(
        "late",
        json!({"adopted_on": "2025-08-31", "in_force_on": "2025-08"}),
    );
    assert_eq!(force(&world, "late", "2025-08-30"), Force::NotYet);
    assert!(matches!(
        force(&world, "late", "2025-08-31"),
        Force::InForce { .. }
    ));
}

fn draft(horizon: serde_json::Value) -> serde_json::Value {
    let subject = json!({"kind": "regional-quota", "direction": "increase", "horizon": horizon, "lines": [{"category": "kandas", "asked": "300"}]});
    json!({"subject": subject, "territory": "almaty", "justification": "00".repeat(32)})
}

#[test]
fn the_repeal_blocks_a_medium_term_proposal_and_no_coming_year_one() {
    let mut world = rules();
    determine(&mut world);
    let medium = |from: u16| {
        draft(
            json!({"horizon": "medium-term", "from": from.to_string(), "to": (from + 2).to_string()}),
        )
    };
    let coming = |year: u16| draft(json!({"horizon": "coming-year", "year": year.to_string()}));
    world.must("draft-proposal", medium(2025), "2024-04-08");
    let blocked = world.blocked("draft-proposal", medium(2025), "2024-04-09", "no-basis");
    assert_eq!(blocked.facts.get("state"), Some("repealed"));
    world.must("draft-proposal", coming(2025), "2024-04-09");
    // In 2018 the wording of 2017 was in force; before 30.10.2017 none was.
    world.must("draft-proposal", medium(2019), "2018-06-01");
    let drafted = world.events.iter().rev().map(|(_, event)| event);
    let mut drafted = drafted.filter(|event| event.wording.is_some());
    let drafted = drafted.next().expect("an event that cites a wording");
    assert_eq!(
        drafted.wording.as_ref().map(ToString::to_string).as_deref(),
        Some("2017")
    );
    assert_eq!(
        drafted
            .actnumber
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("152")
    );
    world.blocked("draft-proposal", medium(2018), "2017-10-29", "no-basis");
}

#[test]
fn an_unknown_basis_blocks_and_never_decides() {
    let mut world = rules();
    let medium = draft(json!({"horizon": "medium-term", "from": "2026", "to": "2027"}));
    for on in ["2022-06-01", "2024-04-09"] {
        world.blocked("draft-proposal", medium.clone(), on, "basis-unknown");
    }
    // Before No 22 can have entered into force the wording of 2017 is certain.
    world.must("draft-proposal", medium, "2021-03-11");
}

#[test]
pub fn a_future_decision_date_is_blocked() {
    let mut world = rules();
    world.blocked(
        "draft-proposal",
        draft(json!({"horizon": "coming-year", "year": "2032"})),
        "2031-01-01",
        "decision-in-future",
    );
}

#[test]
pub fn what_cannot_be_recorded_without_ambiguity_is_blocked() {
    let mut world = rules();
    let act = |name: &str, extra: serde_json::Value| {
        let mut data = json!({"act": name, "kind": "order", "body": "a body", "titles": {"en": name}, "language": "ru",
            "entry_into_force": {"rule": "unknown"}, "document": name, "wording": "first", "synthetic": true, "source": "test"});
        for (key, value) in extra.as_object().expect("an object") {
            data[key] = value.clone();
        }
        data
    };
    let on = "2024-05-01";
    world.blocked("record-act", act("no-22", json!({})), on, "act-exists");
    world.blocked(
        "record-act",
        act("other", json!({"document": "no-152", "wording": "2021"})),
        on,
        "act-exists",
    );
    world.blocked(
        "record-act",
        act("other", json!({"parents": ["nowhere"]})),
        on,
        "act-not-found",
    );
    let disorder = json!({"adopted_on": "2024-02-02", "registered_on": "2024-02-01"});
    world.blocked(
        "record-act",
        act("other", disorder),
        on,
        "dates-out-of-order",
    );
    let date =
        |date: &str, day: &str| json!({"act": "no-22", "date": date, "on": day, "source": "test"});
    world.blocked(
        "record-act-date",
        date("adopted", "2021-02-20"),
        on,
        "date-recorded",
    );
    world.blocked(
        "record-act-date",
        date("published", "2021-02-20"),
        on,
        "dates-out-of-order",
    );
    let determined = |from: &str| json!({"act": "no-22", "from": from, "basis": "test"});
    world.blocked(
        "determine-act",
        determined("2021-03-11"),
        on,
        "before-earliest-possible",
    );
    world.must("determine-act", determined("2021-03-12"), on);
    world.blocked(
        "determine-act",
        determined("2021-03-13"),
        on,
        "evidence-recorded",
    );
    let norm = |from: &str, until: &str| {
        json!({"norm": "area", "document": "no-152", "point": "10", "value": "1500", "unit": "dm2",
        "from": from, "until": until, "certainty": "known", "source": "test"})
    };
    world.must("record-norm", norm("2020-01-01", "2021-01-01"), on);
    world.blocked(
        "record-norm",
        norm("2020-12-31", "2022-01-01"),
        on,
        "validity-overlaps",
    );
    world.must("record-norm", norm("2021-01-01", "2022-01-01"), on);
    world.blocked(
        "record-norm",
        norm("2023-01-01", "2023-01-01"),
        on,
        "interval-empty",
    );
    let power = json!({"decisions": ["medium-term-quota-proposal"], "document": "no-152", "point": "5", "from": "2012-01-01",
        "certainty": "known", "source": "test"});
    world.blocked("record-power", power, on, "validity-overlaps");
    let change = json!({"category": "kandas", "territory": "almaty", "change": "determined", "act": "no-22"});
    world.must("change-territory", change.clone(), on);
    world.blocked("change-territory", change, on, "no-change");
    world.blocked(
        "open-log",
        json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"}),
        on,
        "log-state",
    );
    assert!(world.stream(&qonys_events::id::StreamId::law()).is_some());
}
