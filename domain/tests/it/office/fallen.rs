//! Point 11: a power whose basis fell is exercised no more, whatever else gives it to others.

use serde_json::json;

use super::{HEAD, OFFICE, appoint, exercise, fails, gives, recorded, register};
use crate::world::World;

/// The powers of the head stand in two acts; the first one lost force on 1 May 2024.
fn repealed(vested_by: &[&str]) -> World {
    let mut world = World::open();
    world.act("first-act", json!({"in_force_on": "2012-01-01"}));
    world.act("second-act", json!({"in_force_on": "2012-01-01"}));
    world.act(
        "repeal",
        json!({"in_force_on": "2024-05-01", "repeals": ["first-act"]}),
    );
    for act in ["first-act", "second-act"] {
        let other = json!({"power": "school-places", "titles": {"en": "school places"}, "document": act, "point": "9",
            "from": "2012-01-01", "certainty": "known", "source": "test"});
        world.must("record-other-power", other, "2024-01-10");
        let power = json!({"decisions": ["kazakh-nationality"], "document": act, "point": "1", "from": "2012-01-01",
            "certainty": "known", "source": "test"});
        world.must("record-power", power, "2024-01-10");
    }
    register(&mut world);
    for act in vested_by {
        for (power, point) in [("school-places", "9"), ("kazakh-nationality", "1")] {
            let vested = json!({"office": OFFICE, "powers": [power], "document": act, "point": point,
                "certainty": "known", "source": "test"});
            world.must("vest-powers", vested, "2024-01-10");
        }
    }
    let powers = ["school-places", "kazakh-nationality"];
    world.must(
        "appoint-official",
        appoint(HEAD, "nationality-officer", &powers),
        "2024-01-10",
    );
    world
}

const ACTS_AS: (&str, &str, Option<&str>) = (HEAD, "nationality-officer", None);

#[test]
fn a_power_that_stands_in_two_acts_is_exercised_by_the_one_in_force() {
    let mut world = repealed(&["first-act", "second-act"]);
    for (on, act) in [("2024-04-30", "first-act"), ("2024-05-01", "second-act")] {
        gives(&mut world, ACTS_AS, "exercise-power", exercise(), on).expect("a basis in force");
        let (_, event) = world.events.last().expect("an event");
        assert_eq!(
            event.act.as_ref().map(|act| act.as_str()),
            Some(act),
            "{on}"
        );
    }
}

#[test]
fn an_office_whose_vesting_fell_has_the_power_no_more() {
    let mut world = repealed(&["first-act"]);
    gives(
        &mut world,
        ACTS_AS,
        "exercise-power",
        exercise(),
        "2024-04-30",
    )
    .expect("vested");
    fails(
        gives(
            &mut world,
            ACTS_AS,
            "exercise-power",
            exercise(),
            "2024-05-01",
        ),
        "no-basis",
    );
    // A power with a command of its own likewise: the other act gives it, and not to this office.
    let person = gives(
        &mut world,
        ACTS_AS,
        "record-person",
        recorded(),
        "2024-04-01",
    );
    let person = person.expect("recorded").minted.to_string();
    let determine = json!({"person": person, "document": "22".repeat(32)});
    let given = gives(
        &mut world,
        ACTS_AS,
        "determine-kazakh-nationality",
        determine.clone(),
        "2024-04-30",
    );
    fails(given, "facts-missing");
    let given = gives(
        &mut world,
        ACTS_AS,
        "determine-kazakh-nationality",
        determine,
        "2024-05-01",
    );
    fails(given, "no-basis");
}

/// The place in the register's stream of the entry that was recorded last.
fn last_law_entry(world: &World) -> u64 {
    let law = qonys_events::id::StreamId::law();
    world.events.iter().filter(|(id, _)| *id == law).count() as u64
}

fn other(document: &str, until: Option<&str>) -> serde_json::Value {
    let mut says = json!({"power": "school-places", "titles": {"en": "school places"}, "document": document, "point": "9",
        "from": "2012-01-01", "certainty": "known", "source": "test"});
    if let Some(until) = until {
        says["until"] = json!(until);
    }
    says
}

/// A head of an office that is vested with a power of the catalogue by an act, which the last entry of the register says.
fn with_other_power() -> World {
    let mut world = World::open();
    for act in ["first-act", "second-act"] {
        world.act(act, json!({"in_force_on": "2012-01-01"}));
    }
    register(&mut world);
    world.must("record-other-power", other("first-act", None), "2024-01-10");
    let vested = json!({"office": OFFICE, "powers": ["school-places"], "document": "first-act", "point": "9",
        "certainty": "known", "source": "test"});
    world.must("vest-powers", vested, "2024-01-10");
    let head = appoint(HEAD, "nationality-officer", &["school-places"]);
    world.must("appoint-official", head, "2024-01-10");
    world
}

#[test]
fn a_power_of_the_catalogue_without_a_type_of_decision_ends() {
    let mut world = with_other_power();
    let end = |point: &str, until: &str| json!({"power": "school-places", "document": "first-act", "point": point, "until": until, "source": "test"});
    let gives = |world: &mut World, type_name: &str, data: serde_json::Value, on: &str| {
        gives(world, ACTS_AS, type_name, data, on)
    };
    fails(
        gives(
            &mut world,
            "end-power",
            end("10", "2024-05-01"),
            "2024-04-01",
        ),
        "power-not-catalogued",
    );
    fails(
        gives(
            &mut world,
            "end-power",
            end("9", "2012-01-01"),
            "2024-04-01",
        ),
        "interval-empty",
    );
    gives(
        &mut world,
        "end-power",
        end("9", "2024-05-01"),
        "2024-04-01",
    )
    .expect("it ends");
    fails(
        gives(
            &mut world,
            "end-power",
            end("9", "2024-06-01"),
            "2024-04-01",
        ),
        "no-change",
    );
    gives(&mut world, "exercise-power", exercise(), "2024-04-30").expect("the last day");
    fails(
        gives(&mut world, "exercise-power", exercise(), "2024-05-01"),
        "no-basis",
    );
}

#[test]
fn a_power_of_the_catalogue_without_a_type_of_decision_is_said_anew() {
    let mut world = with_other_power();
    let entry = 1 + world
        .events
        .iter()
        .filter(|(id, _)| *id == qonys_events::id::StreamId::law())
        .position(|(_, e)| matches!(e.fact, qonys_events::fact::Fact::OtherPowerRecorded(_)))
        .expect("it was recorded") as u64;
    let anew = |entry: u64, says: serde_json::Value| json!({"entry": entry.to_string(), "reason": "the article was read again", "record": {"of": "other-power", "says": says}});
    let give = |world: &mut World, data: serde_json::Value| {
        gives(world, ACTS_AS, "correct-law", data, "2024-04-01")
    };
    for (wrong, code) in [
        (anew(entry, other("first-act", None)), "no-change"),
        (
            anew(entry - 1, other("second-act", None)),
            "entry-not-found",
        ),
        (anew(entry, other("no-act", None)), "act-not-found"),
        (
            anew(entry, other("first-act", Some("2011-01-01"))),
            "interval-empty",
        ),
    ] {
        fails(give(&mut world, wrong), code);
    }
    give(&mut world, anew(entry, other("second-act", None))).expect("another act gives it");
    let (_, event) = world.events.last().expect("an event");
    assert!(event.supersedes.is_some(), "it names what it corrects");
    // The office was vested by the other act, which does not give it.
    fails(
        gives(
            &mut world,
            ACTS_AS,
            "exercise-power",
            exercise(),
            "2024-04-02",
        ),
        "no-basis",
    );
    fails(
        give(&mut world, anew(entry, other("first-act", None))),
        "already-superseded",
    );
    let newest = last_law_entry(&world);
    give(&mut world, anew(newest, other("first-act", None))).expect("it was right at first");
    gives(
        &mut world,
        ACTS_AS,
        "exercise-power",
        exercise(),
        "2024-04-03",
    )
    .expect("vested again");
}
