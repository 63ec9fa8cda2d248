//! Support and its repayment (point 6): two different rules, for kandas and for resettlers.

use qonys_events::{id::Ref, scalar::Day};
use serde_json::{Value, json};

use super::review::{included, of, with, world};
use crate::world::{World, day};

/// Five years for both rules, and the degree holders' exemption from a day.
fn repayment(world: &mut World) {
    world.norm("repayment.kandas.years", 5);
    world.norm("repayment.resettlers.years", 5);
    world.norm_between(
        "repayment.kandas.degree-holders-exempt",
        1,
        "2024-05-16",
        None,
    );
    let determined = json!({"category": "resettlers", "territory": "kostanay", "change": "determined", "act": "order-2024"});
    world.must("change-territory", determined, "2024-01-15");
    let out =
        json!({"territory": "ertis", "out_of": "pavlodar", "certainty": "known", "source": "test"});
    world.must("record-succession", out, "2024-01-15");
}

fn pay(world: &mut World, application: Ref) {
    let data = with(
        application,
        &[("kind", json!("one-off")), ("amount", json!("258440"))],
    );
    world.must("pay-support", data, "2024-03-01");
}

fn moved(application: Ref, to: Option<&str>) -> Value {
    let mut data = with(
        application,
        &[("own_will", json!(true)), ("permanent", json!(true))],
    );
    if let Some(to) = to {
        data["to"] = json!(to);
    }
    data
}

/// What the entry of the move says of the rule.
fn said(world: &World) -> String {
    let (_, moved) = world
        .events
        .iter()
        .rev()
        .find(|(_, event)| event.fact.type_name().contains("move-recorded"))
        .expect("a move");
    let data: Value = serde_json::from_str(&moved.fact.write_data()).expect("JSON");
    data["facts"]["repayment"]
        .as_str()
        .expect("a word")
        .to_owned()
}

fn findings(world: &World) -> usize {
    let found = |(_, event): &&(_, qonys_events::event::Event)| {
        event.fact.type_name().contains("repayment-found")
    };
    world.events.iter().filter(found).count()
}

#[test]
fn a_resettler_who_moves_from_pavlodar_to_kostanay_owes_nothing() {
    let mut world = world();
    repayment(&mut world);
    let application = included(&mut world, "resettlers", 1);
    pay(&mut world, application);
    world.must(
        "record-move",
        moved(application, Some("kostanay")),
        "2025-04-01",
    );
    assert_eq!((said(&world).as_str(), findings(&world)), ("no", 0));
    // Out of the determined regions it is another matter.
    world.must(
        "record-move",
        moved(application, Some("almaty")),
        "2025-05-01",
    );
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("left-determined-regions", 1)
    );
}

#[test]
pub fn a_kandas_who_moves_from_pavlodar_to_kostanay_repays() {
    let mut world = world();
    repayment(&mut world);
    let application = included(&mut world, "kandas", 1);
    let claim = |finding: u64, amount: &str| {
        with(
            application,
            &[
                ("finding", json!(finding.to_string())),
                ("amount", json!(amount)),
            ],
        )
    };
    // Nothing is owed for nothing.
    world.must(
        "record-move",
        moved(application, Some("kostanay")),
        "2024-02-20",
    );
    assert_eq!((said(&world).as_str(), findings(&world)), ("no", 0));
    pay(&mut world, application);
    for (data, why) in [
        (
            moved(application, Some("ertis")),
            "a boundary change moves nobody",
        ),
        (
            with(
                application,
                &[("own_will", json!(false)), ("permanent", json!(true))],
            ),
            "not by own will",
        ),
        (
            with(
                application,
                &[("own_will", json!(true)), ("permanent", json!(false))],
            ),
            "not for good",
        ),
    ] {
        world.must("record-move", data, "2025-04-01");
        assert_eq!(
            (said(&world).as_str(), findings(&world)),
            ("no", 0),
            "{why}"
        );
    }
    let mut scholar = moved(application, Some("kostanay"));
    scholar["degree_holder"] = json!(true);
    world.must("record-move", scholar.clone(), "2024-06-01");
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("no", 0),
        "exempt from 16.05.2024"
    );
    world.must("record-move", scholar, "2024-05-15");
    assert_eq!(findings(&world), 1, "not exempt before");
    world.must(
        "record-move",
        moved(application, Some("kostanay")),
        "2025-04-01",
    );
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("left-settlement-region", 2)
    );
    let five_years: Day = day("2029-02-01");
    assert!(
        world
            .last_data()
            .contains(&format!(r#""until":"{five_years}""#)),
        "{}",
        world.last_data()
    );
    world.must("record-move", moved(application, None), "2029-02-01");
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("no", 2),
        "the term is over"
    );

    world.blocked(
        "open-repayment-claim",
        claim(1, "1"),
        "2025-05-01",
        "no-finding",
    );
    let found = world
        .events
        .iter()
        .filter(|(stream, _)| stream.to_string() == format!("application/{application}"));
    let at = found
        .enumerate()
        .filter(|(_, (_, event))| event.fact.type_name().contains("repayment-found"))
        .map(|(n, _)| n as u64 + 1)
        .last()
        .expect("a finding");
    world.blocked(
        "open-repayment-claim",
        claim(at, "258441"),
        "2025-05-01",
        "claim-too-high",
    );
    world.must("open-repayment-claim", claim(at, "258440"), "2025-05-01");
    world.blocked(
        "open-repayment-claim",
        claim(at, "258440"),
        "2025-05-02",
        "no-change",
    );
}

#[test]
pub fn who_refuses_the_citizenship_repays_and_an_unknown_norm_is_said() {
    let mut world = world();
    let application = included(&mut world, "kandas", 0);
    world.must("refuse-citizenship", of(application), "2024-09-01");
    assert!(
        world.last_data().contains("cannot-evaluate"),
        "{}",
        world.last_data()
    );
    repayment(&mut world);
    pay(&mut world, application);
    world.must("refuse-citizenship", of(application), "2024-09-02");
    assert!(
        world.last_data().contains("refused-citizenship"),
        "{}",
        world.last_data()
    );
    let resettler = included(&mut world, "resettlers", 0);
    world.blocked(
        "refuse-citizenship",
        of(resettler),
        "2024-09-02",
        "status-missing",
    );
    let nobody = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.blocked(
        "record-move",
        moved(nobody, None),
        "2024-09-02",
        "not-included",
    );
    let data = with(
        nobody,
        &[("kind", json!("one-off")), ("amount", json!("1"))],
    );
    world.blocked("pay-support", data, "2024-09-02", "not-included");
}

/// Findings of an application, by their places in its stream.
fn places(world: &World, application: Ref) -> Vec<u64> {
    let stream = format!("application/{application}");
    let of = world
        .events
        .iter()
        .filter(|(on, _)| on.to_string() == stream);
    let found = of
        .enumerate()
        .filter(|(_, (_, event))| event.fact.type_name().contains("repayment-found"));
    found.map(|(n, _)| n as u64 + 1).collect()
}

#[test]
pub fn what_is_paid_back_or_withdrawn_is_owed_no_more() {
    let mut world = world();
    repayment(&mut world);
    let application = included(&mut world, "kandas", 1);
    pay(&mut world, application);
    let left = |to: &str| moved(application, Some(to));
    world.must("record-move", left("kostanay"), "2025-04-01");
    world.must("refuse-citizenship", of(application), "2025-04-02");
    let [by_move, by_refusal] = places(&world, application)[..] else {
        panic!("two findings of two rules");
    };
    let hash = crate::world::leaf().to_string();
    let on = |finding: u64, more: &[(&str, Value)]| {
        let mut data = with(application, more);
        data["finding"] = json!(finding.to_string());
        data
    };
    let paid = |finding: u64, amount: &str| {
        on(
            finding,
            &[("amount", json!(amount)), ("document", json!(hash))],
        )
    };
    let withdrawn = |finding: u64| on(finding, &[("document", json!(hash))]);
    let claimed = |finding: u64, amount: &str| on(finding, &[("amount", json!(amount))]);

    // What, on which finding, what is said.
    for (data, code) in [
        (paid(1, "1"), "no-finding"),
        (paid(by_move, "258441"), "more-than-owed"),
        (paid(by_move, "0"), "no-change"),
    ] {
        world.blocked("record-repayment", data, "2025-05-01", code);
    }
    world.blocked(
        "withdraw-repayment-claim",
        withdrawn(1),
        "2025-05-01",
        "no-finding",
    );
    // A part, before anybody claimed; the claim is of the rest at most.
    world.must("record-repayment", paid(by_move, "58440"), "2025-05-01");
    assert!(
        world.last_data().contains(r#""left":"200000""#),
        "{}",
        world.last_data()
    );
    world.blocked(
        "open-repayment-claim",
        claimed(by_move, "200001"),
        "2025-05-02",
        "claim-too-high",
    );
    world.must(
        "open-repayment-claim",
        claimed(by_move, "150000"),
        "2025-05-02",
    );
    world.blocked(
        "record-repayment",
        paid(by_move, "150001"),
        "2025-05-03",
        "more-than-owed",
    );
    world.must("record-repayment", paid(by_move, "150000"), "2025-05-03");
    assert!(
        world.last_data().contains(r#""left":"0""#),
        "{}",
        world.last_data()
    );
    world.blocked(
        "record-repayment",
        paid(by_move, "1"),
        "2025-05-04",
        "more-than-owed",
    );
    world.blocked(
        "withdraw-repayment-claim",
        withdrawn(by_move),
        "2025-05-04",
        "no-change",
    );
    // Of the other finding no more than what is left of the support is claimed; it is withdrawn, and stands no more.
    world.blocked(
        "open-repayment-claim",
        claimed(by_refusal, "50001"),
        "2025-05-05",
        "claim-too-high",
    );
    world.must(
        "open-repayment-claim",
        claimed(by_refusal, "50000"),
        "2025-05-05",
    );
    world.must(
        "withdraw-repayment-claim",
        withdrawn(by_refusal),
        "2025-05-06",
    );
    let (_, event) = world.events.last().expect("an event");
    assert!(event.act.is_some(), "it cites the power to claim");
    assert!(
        world
            .last_data()
            .contains(r#""claimed":"yes","owed":"50000""#),
        "{}",
        world.last_data()
    );
    for (name, data) in [
        ("withdraw-repayment-claim", withdrawn(by_refusal)),
        ("open-repayment-claim", claimed(by_refusal, "1")),
        ("record-repayment", paid(by_refusal, "1")),
    ] {
        world.blocked(name, data, "2025-05-07", "no-finding");
    }
    // Whoever moves again owes what he has not paid back.
    world.must("record-move", left("almaty"), "2025-06-01");
    assert!(
        world.last_data().contains(r#""amount":"50000""#),
        "{}",
        world.last_data()
    );
}

/// The five years run from the status with which the kandas was settled: one that ended long before and was granted again does
/// not shorten them, and what was added to its end does not lengthen them.
#[test]
fn the_years_count_from_the_status_with_which_the_kandas_was_settled() {
    let mut world = world();
    repayment(&mut world);
    let person = world.must("record-person", json!({"kind": "foreigner"}), "2017-02-01");
    let grant = |until: &str| json!({"person": person.to_string(), "until": until});
    world.must("grant-kandas-status", grant("2018-02-01"), "2017-02-01");
    world.must("grant-kandas-status", grant("2024-08-01"), "2023-08-01");
    let longer = json!({"person": person.to_string(), "until": "2025-08-01"});
    world.must("extend-kandas-status", longer, "2024-07-01");
    let filed = json!({"applicant": person.to_string(), "category": "kandas", "territory": "pavlodar", "year": "2024",
        "members": "0"});
    let application = world.must("file-application", filed, "2024-02-01");
    world.must("hold-places", of(application), "2024-02-05");
    world.must("commit-places", of(application), "2024-02-06");
    pay(&mut world, application);
    world.must("record-move", moved(application, None), "2025-04-01");
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("left-settlement-region", 1)
    );
    assert!(
        world.last_data().contains(r#""until":"2028-08-01""#),
        "{}",
        world.last_data()
    );
    world.must("record-move", moved(application, None), "2028-08-01");
    assert_eq!(said(&world), "no");
}

/// Five years from 29 February end on 28 February, where the last year has no other.
#[test]
fn five_years_from_a_leap_day_are_counted_by_the_calendar() {
    let mut world = world();
    repayment(&mut world);
    let application = world.applicant("resettlers", "pavlodar", 0, "2024-02-01");
    world.must("hold-places", of(application), "2024-02-29");
    world.must("commit-places", of(application), "2024-02-29");
    pay(&mut world, application);
    world.must(
        "record-move",
        moved(application, Some("almaty")),
        "2029-02-27",
    );
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("left-determined-regions", 1)
    );
    world.must(
        "record-move",
        moved(application, Some("almaty")),
        "2029-02-28",
    );
    assert_eq!((said(&world).as_str(), findings(&world)), ("no", 1));
}

/// A region that came out of a determined one by a change of boundaries is among the determined regions, until an act excludes
/// it: a boundary change moves nobody.
#[test]
fn a_region_that_came_out_of_a_determined_one_is_determined() {
    let mut world = world();
    repayment(&mut world);
    let out = json!({"territory": "torgai", "out_of": "kostanay", "certainty": "known", "source": "test"});
    world.must("record-succession", out, "2024-01-15");
    let application = included(&mut world, "resettlers", 1);
    pay(&mut world, application);
    world.must(
        "record-move",
        moved(application, Some("torgai")),
        "2025-04-01",
    );
    assert_eq!((said(&world).as_str(), findings(&world)), ("no", 0));
    world.act("order-2025", json!({"in_force_on": "2025-05-01"}));
    let excluded = json!({"category": "resettlers", "territory": "torgai", "change": "excluded", "act": "order-2025"});
    world.must("change-territory", excluded, "2025-05-01");
    world.must(
        "record-move",
        moved(application, Some("torgai")),
        "2025-05-01",
    );
    assert_eq!(
        (said(&world).as_str(), findings(&world)),
        ("left-determined-regions", 1)
    );
}
