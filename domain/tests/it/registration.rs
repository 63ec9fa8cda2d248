//! Point 9: death ends all registration; a host’s notice is counted in working days.

use qonys_events::id::Ref;
use serde_json::json;

use crate::world::World;

/// Somebody who is registered in a dwelling of 50 square metres: the person and the dwelling.
pub fn settled(world: &mut World) -> (Ref, Ref) {
    let power = json!({"decisions": ["residence-registration"], "document": "law-477-2011", "point": "9",
        "from": "2011-07-22", "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-01");
    let person = world.must("record-person", json!({"kind": "citizen"}), "2024-01-02");
    let holder = json!({"holder": "organisation", "organisation": "owner"});
    let holding = json!({"title": "ownership", "holders": [holder], "document": "00".repeat(32)});
    let data =
        json!({"fund": "private", "useful_area": "5000", "district": "medeu", "holding": holding});
    let dwelling = world.must("record-dwelling", data, "2024-01-02");
    let residence = json!({"person": person.to_string(), "dwelling": dwelling.to_string(), "body": "police",
        "consent": "owners", "age": "from-14", "consents": [{"holder": holder, "document": "00".repeat(32)}]});
    world.must("register-residence", residence, "2024-02-01");
    (person, dwelling)
}

#[test]
pub fn nobody_is_registered_after_death() {
    let mut world = World::open();
    for decision in ["residence-registration", "stay-registration"] {
        let power = json!({"decisions": [decision], "document": "law-477-2011", "point": "9", "from": "2011-07-22",
            "certainty": "known", "source": "test"});
        world.must("record-power", power, "2024-01-01");
    }
    let person = world
        .must("record-person", json!({"kind": "citizen"}), "2024-01-02")
        .to_string();
    let dwelling = |world: &mut World| {
        let holder = json!({"holder": "organisation", "organisation": "owner"});
        let holding =
            json!({"title": "ownership", "holders": [holder], "document": "00".repeat(32)});
        let data = json!({"fund": "private", "useful_area": "5000", "district": "medeu", "holding": holding});
        world
            .must("record-dwelling", data, "2024-01-02")
            .to_string()
    };
    let (home, other) = (dwelling(&mut world), dwelling(&mut world));
    let register = |dwelling: &str| {
        json!({"person": person, "dwelling": dwelling, "body": "police", "consent": "owners", "age": "from-14",
        "consents": [{"holder": {"holder": "organisation", "organisation": "owner"}, "document": "00".repeat(32)}]})
    };
    world.must("register-residence", register(&home), "2024-02-01");
    world.must(
        "end-residence",
        json!({"person": person, "reason": "death"}),
        "2024-03-01",
    );
    let blocked = world.blocked(
        "register-residence",
        register(&other),
        "2024-03-01",
        "person-died",
    );
    assert_eq!(blocked.facts.get("died-on"), Some("2024-03-01"));
    let mut stay = register(&other);
    stay.as_object_mut().expect("an object").remove("age");
    stay["until"] = json!("2024-05-01");
    world.blocked("register-stay", stay, "2024-03-02", "person-died");
}

/// Three working days from Friday 29.12.2023 over the New Year end on Friday 05.01.2024.
#[test]
fn a_hosts_notice_is_late_on_the_calendar_of_working_days_and_bars_nothing() {
    let report = |world: &mut World, on: &str| {
        let host = json!({"holder": "organisation", "organisation": "owner"});
        let holding = json!({"title": "ownership", "holders": [host], "document": "00".repeat(32)});
        let data = json!({"fund": "private", "useful_area": "5000", "district": "medeu", "holding": holding});
        let dwelling = world.must("record-dwelling", data, "2023-01-02");
        let guest = world.must("record-person", json!({"kind": "foreigner"}), "2023-01-02");
        let mut cx = world.context(on);
        cx.effective = Some(crate::world::day("2023-12-29"));
        let notice = json!({"person": guest.to_string(), "dwelling": dwelling.to_string()});
        world
            .give("report-arrival", notice, &cx)
            .unwrap_or_else(|blocked| panic!("{blocked} {:?}", blocked.facts));
        let data: serde_json::Value =
            serde_json::from_str(&world.last_data()).expect("an event is JSON");
        data["timeliness"].as_str().expect("a word").to_owned()
    };
    let mut world = World::open();
    world.norm("host-notice.working-days", 3);
    assert_eq!(report(&mut world, "2024-01-05"), "unknown", "no calendar");
    world.procedure();
    assert_eq!(report(&mut world, "2024-01-05"), "in-time");
    assert_eq!(report(&mut world, "2024-01-08"), "late");
}
