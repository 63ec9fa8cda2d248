//! A kandas who obtains the citizenship (points 6 and 9): the status ends, the inclusion stays, and from that day on he is
//! a citizen for every rule. Changes in the family have no silent effects.

use qonys_domain::streams::Known;
use qonys_events::{fact::Fact, id::Line};
use serde_json::json;

use crate::world::{World, day};

const LINE: &str = "kandas.pavlodar.2024.principals-and-members";

/// A kandas who is included with one member of the family.
fn included() -> (World, String, String) {
    let mut world = World::open();
    world.norm("status-end-ground.citizenship-obtained", 1);
    world.act("order", json!({"in_force_on": "2024-01-05"}));
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order"});
    world.must("change-territory", determined, "2024-01-06");
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "known", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "5"}]});
    world.must("set-quota", quota, "2024-01-06");
    let application = world.applicant("kandas", "pavlodar", 1, "2024-02-01");
    let person = world.last_applicant();
    let it = json!({"application": application.to_string()});
    world.must("hold-places", it.clone(), "2024-02-05");
    world.must("commit-places", it, "2024-02-06");
    (world, person, application.to_string())
}

fn places(world: &World) -> (bool, u64) {
    let known = Known(world);
    let line: Line = LINE.parse().expect("a line");
    let line = known.line(&line).expect("loaded");
    let id = world
        .events
        .iter()
        .find_map(|(_, event)| match &event.fact {
            Fact::ApplicationFiled(filed) => Some(filed.application),
            _ => None,
        });
    let id = id.expect("an application");
    let included = known.application(id).expect("loaded").included();
    assert!(line.hold(id).is_none());
    (
        included.is_some(),
        included.map_or(0, |included| included.counted().places.0),
    )
}

#[test]
fn a_kandas_who_becomes_a_citizen_keeps_the_inclusion_and_is_no_kandas_again() {
    let (mut world, person, _) = included();
    let end = json!({"person": person, "ground": "citizenship-obtained"});
    world.must("end-kandas-status", end, "2025-05-05");
    assert_eq!(places(&world), (true, 2));
    let grant = json!({"person": person});
    let again = world.blocked(
        "grant-kandas-status",
        grant,
        "2025-06-01",
        "citizen-is-no-kandas",
    );
    assert_eq!(again.facts.get("person-kind"), Some("citizen"));
    // Nobody reports the arrival of a citizen as that of an immigrant.
    let mut cx = world.context("2024-01-10");
    cx.slots.retain(|slot| slot.name.as_str() == "address");
    let flat = json!({"fund": "private", "useful_area": "6000", "district": "not-stated",
        "holding": {"title": "ownership", "holders": [{"holder": "organisation", "organisation": "fund"}], "document": "22".repeat(32)}});
    let dwelling = world.give("record-dwelling", flat, &cx).expect("recorded");
    let arrival = json!({"person": person, "dwelling": dwelling.to_string()});
    world.blocked("report-arrival", arrival, "2025-06-01", "not-an-immigrant");
}

#[test]
fn another_end_of_the_status_makes_nobody_a_citizen() {
    let (mut world, person, _) = included();
    world.norm("status-end-ground.permanent-residence-denied", 2);
    let end = json!({"person": person, "ground": "permanent-residence-denied"});
    world.must("end-kandas-status", end, "2025-05-05");
    world.must(
        "grant-kandas-status",
        json!({"person": person}),
        "2025-06-01",
    );
}

#[test]
fn a_change_in_the_family_changes_no_place_and_no_status() {
    let (mut world, person, _) = included();
    let before = places(&world);
    for change in ["birth", "marriage", "divorce", "member-died"] {
        let mut cx = world.context("2024-06-03");
        let slot = json!({"name": "other-person", "subject": person, "category": "identity", "scheme": "aes-256-gcm-siv.1",
            "commitment": "44".repeat(32), "sealed": "44".repeat(32)});
        cx.slots = vec![serde_json::from_value(slot).expect("a slot")];
        let data = json!({"person": person, "change": change, "document": "22".repeat(32)});
        let first = world.events.len();
        world
            .give("record-family-change", data, &cx)
            .unwrap_or_else(|blocked| panic!("{change}: {blocked}"));
        let [(stream, event)] = &world.events[first..] else {
            panic!("{change} has more than one effect");
        };
        assert_eq!(stream.to_string(), format!("person/{person}"));
        let Fact::FamilyChanged(changed) = &event.fact else {
            panic!("{event:?}");
        };
        assert!(!changed.review.is_empty(), "{change}: nothing to look at");
    }
    assert_eq!(places(&world), before);
    let known = Known(&world);
    let person = known
        .person(person.parse().expect("a reference"))
        .expect("loaded");
    assert!(person.kandas_on(day("2024-06-03")));
}
