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
