//! Reasons that block an application (point 6) and no other test of whole streams: a reference that stands already, an adverse act
//! without its facts.

use qonys_events::term::RefusalGround;
use serde_json::json;

use crate::world::World;

const DAY: &str = "2024-03-01";

#[test]
pub fn a_reference_stands_for_one_application() {
    let mut world = World::open();
    let person = world.must("record-person", json!({"kind": "citizen"}), DAY);
    let application = json!({"applicant": person.to_string(), "category": "resettlers", "territory": "pavlodar",
        "year": "2024", "members": "0"});
    let cx = world.context(DAY);
    world
        .give("file-application", application.clone(), &cx)
        .expect("filed");
    let again = world.give("file-application", application, &cx);
    assert_eq!(
        again.expect_err("it stands already").code.as_str(),
        "application-exists"
    );
}

#[test]
pub fn an_adverse_act_needs_the_facts_of_its_ground() {
    let mut world = World::open();
    world.norm("refusal-ground.kandas.false-documents", 2);
    let application = world
        .applicant("kandas", "pavlodar", 0, "2024-02-01")
        .to_string();
    let applicant = world.last_applicant();
    let refusal = json!({"application": application, "applicant": applicant, "ground": "false-documents",
        "hearing": {"choice": "held", "on": "2024-02-20"}, "appeal": "to the authorised body"});
    let mut cx = world.context(DAY);
    cx.slots.clear();
    let blocked = world.give("refuse-application", refusal, &cx);
    assert_eq!(
        blocked.expect_err("no facts").code.as_str(),
        "facts-missing"
    );
}

/// Each ground of the list of 2023 refuses while its norm is in force, and names it; the day before it is `norm-missing`.
#[test]
fn every_ground_refuses_from_the_day_of_its_norm() {
    for (n, ground) in RefusalGround::ALL.iter().enumerate() {
        let name = format!("refusal-ground.kandas.{ground}");
        let mut world = World::open();
        world.office = Some("akimat.almaty");
        world.procedure();
        world.norm_between(&name, n as u64 + 1, "2024-03-01", None);
        let application = world
            .applicant("kandas", "almaty", 0, "2024-02-12")
            .to_string();
        let applicant = world.last_applicant();
        let told = json!({"application": application, "verdict": "adverse", "way": "post", "document": "00".repeat(32)});
        world.must("tell-preliminary-decision", told, "2024-02-16");
        let refusal = json!({"application": application, "applicant": applicant, "ground": ground.as_str(),
            "hearing": {"choice": "held", "on": "2024-02-20"}, "appeal": "to the authorised body"});
        let early = world.blocked(
            "refuse-application",
            refusal.clone(),
            "2024-02-29",
            "norm-missing",
        );
        assert_eq!(early.facts.get("norm"), Some(name.as_str()));
        world.must("refuse-application", refusal, "2024-03-01");
        assert!(world.last_data().contains(&name), "{}", world.last_data());
    }
}
