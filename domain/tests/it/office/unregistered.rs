//! Point 11: once an office is registered for a territory, nobody exercises a power there for one that is not.

use serde_json::json;

use super::{HEAD, OFFICE, STRANGER, fails, register, staffed};
use crate::world::World;

const ELSEWHERE: &str = "akimat.elsewhere";

/// Gives a command as somebody who names an office.
fn as_of(
    world: &mut World,
    office: &str,
    type_name: &str,
    data: serde_json::Value,
    on: &str,
) -> Result<(), qonys_domain::blocked::Blocked> {
    let mut cx = world.context(on);
    cx.actor.actor = STRANGER.parse().expect("a reference");
    cx.actor.office = office.parse().expect("a name");
    world.give(type_name, data, &cx).map(|_| ())
}

fn draft(territory: &str) -> serde_json::Value {
    json!({"subject": {"kind": "territory", "change": "determined", "category": "kandas"}, "territory": territory,
        "justification": "22".repeat(32)})
}

#[test]
pub fn a_name_is_no_way_around_a_registered_office() {
    let mut world = World::open();
    let power = json!({"decisions": ["territory-designation-proposal"], "document": "law-477-2011", "point": "15(3)",
        "from": "2012-01-01", "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-02");
    as_of(
        &mut world,
        ELSEWHERE,
        "draft-proposal",
        draft("pavlodar"),
        "2024-01-09",
    )
    .expect("nobody is registered there yet");
    register(&mut world);
    let given = as_of(
        &mut world,
        ELSEWHERE,
        "draft-proposal",
        draft("pavlodar"),
        "2024-01-10",
    );
    let blocked = given.expect_err("blocked");
    assert_eq!(blocked.code.as_str(), "office-not-registered");
    assert_eq!(blocked.facts.get("registered-office"), Some(OFFICE));
    // What counts is the decision date, and the territory.
    as_of(
        &mut world,
        ELSEWHERE,
        "draft-proposal",
        draft("pavlodar"),
        "2024-01-09",
    )
    .expect("a paper of the day before");
    as_of(
        &mut world,
        ELSEWHERE,
        "draft-proposal",
        draft("abai"),
        "2024-01-10",
    )
    .expect("nobody is registered for that one");
    // What exercises no power is recorded, whoever writes it down.
    as_of(
        &mut world,
        ELSEWHERE,
        "record-person",
        json!({"kind": "citizen"}),
        "2024-02-01",
    )
    .expect("a fact of others");
}

#[test]
fn a_registered_office_of_the_territory_checks_its_own() {
    let mut world = staffed();
    let person = world.must("record-person", json!({"kind": "citizen"}), "2024-02-01");
    let filed = json!({"applicant": person.to_string(), "category": "resettlers", "territory": "pavlodar", "year": "2024",
        "members": "0"});
    let mut cx = world.context("2024-02-01");
    cx.actor.office = ELSEWHERE.parse().expect("a name");
    let application = world
        .give("file-application", filed, &cx)
        .expect("filing decides nothing");
    let it = json!({"application": application.to_string()});
    fails(
        as_of(
            &mut world,
            ELSEWHERE,
            "hold-places",
            it.clone(),
            "2024-02-02",
        ),
        "office-not-registered",
    );
    // Its own official is asked for his power, as before.
    let mut cx = world.context("2024-02-02");
    cx.actor.actor = HEAD.parse().expect("a reference");
    fails(
        world.give("hold-places", it.clone(), &cx),
        "power-not-vested",
    );
    // An office that was closed keeps nobody out.
    let order = json!({"office": OFFICE, "order": {"number": "13-k", "dated": "2024-03-01"}});
    let mut cx = world.context("2024-03-01");
    cx.actor.actor = HEAD.parse().expect("a reference");
    world.give("close-office", order, &cx).expect("closed");
    fails(
        as_of(&mut world, ELSEWHERE, "hold-places", it, "2024-03-01"),
        "no-quota-line",
    );
}
