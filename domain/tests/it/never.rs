//! What never was in force (points 1 and 11): a norm, a power whose interval ends on its first day. It meets nothing that is
//! entered afterwards, and does not come back with it.

use qonys_domain::streams::Known;
use serde_json::json;

use crate::{
    amended::{correction, last_entry, norm, value},
    review::world,
    world::{World, day},
};

fn with_a_norm_that_never_was() -> World {
    let mut world = World::open();
    world.must("record-norm", norm(30, "2020-01-01", None), "2024-01-01");
    let entry = last_entry(&world);
    let never = norm(30, "2020-01-01", Some("2020-01-01"));
    world.must(
        "correct-law",
        correction(entry, "norm", never),
        "2024-01-02",
    );
    world
}

/// A norm that never was stays so: one that is entered afterwards may begin on the same day or run over it, and its end is no end
/// of the other.
#[test]
fn a_norm_that_never_was_meets_nothing_and_does_not_come_back() {
    let mut world = with_a_norm_that_never_was();
    world.must(
        "record-norm",
        norm(2, "2018-01-01", Some("2020-01-01")),
        "2024-01-03",
    );
    world.must("record-norm", norm(3, "2020-01-01", None), "2024-01-03");
    let end = json!({"norm": "a-term", "until": "2025-01-01", "source": "law of 2024"});
    world.must("end-norm", end, "2024-12-01");
    let values = ["2019-06-01", "2022-06-01", "2025-01-01"].map(|on| value(&world, on));
    assert_eq!(values, [Some(2), Some(3), None]);
    // One that runs over the day of what never was.
    let mut world = with_a_norm_that_never_was();
    world.must("record-norm", norm(4, "2018-01-01", None), "2024-01-03");
    assert_eq!(value(&world, "2021-01-01"), Some(4));
}

/// The same for a power: what never gave it does not give it when another ends.
#[test]
fn a_power_that_never_was_does_not_come_back() {
    let mut world = world();
    let power = |until: Option<&str>| {
        let mut power = json!({"decision": "foreign-labour-permit", "document": "law-477-2011", "point": "15(11)",
            "from": "2011-07-22", "certainty": "known", "source": "test"});
        if let Some(until) = until {
            power["until"] = json!(until);
        }
        power
    };
    let recorded = |from: &str| {
        json!({"decisions": ["foreign-labour-permit"], "document": "law-477-2011", "point": "15(11)",
            "from": from, "certainty": "assumed", "source": "test"})
    };
    world.must("record-power", recorded("2011-07-22"), "2024-01-01");
    let entry = last_entry(&world);
    let never = correction(entry, "power", power(Some("2011-07-22")));
    world.must("correct-law", never, "2024-01-02");
    world.must("record-power", recorded("2011-07-22"), "2024-01-03");
    let end = json!({"power": "foreign-labour-permit", "document": "law-477-2011", "point": "15(11)", "until": "2024-02-01",
        "source": "test"});
    world.must("end-power", end, "2024-01-04");
    let law = Known(&world).law().expect("loaded");
    let cited = law.basis(
        qonys_events::term::DecisionType::ForeignLabourPermit,
        day("2024-01-15"),
    );
    assert_eq!(
        cited.expect("a basis").certainty,
        qonys_events::term::Certainty::Assumed,
        "of the one that was recorded anew"
    );
}
