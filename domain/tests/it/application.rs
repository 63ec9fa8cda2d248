//! Point 6: an application is refused by a named official on a ground in force.

use qonys_events::id::Ref;
use serde_json::json;

use crate::world::{World, leaf};

#[test]
fn a_refusal_act_needs_a_ground_in_force_and_an_official() {
    let mut world = World::open();
    world.office = Some("akimat.almaty");
    let refuse = |application: Ref, applicant: &str, ground: &str| {
        json!({"application": application.to_string(), "applicant": applicant, "ground": ground,
            "hearing": {"choice": "held", "on": "2024-02-10"}, "appeal": "to the authorised body, then to the court"})
    };
    world.procedure();
    let almaty = world.applicant("kandas", "almaty", 1, "2024-02-01");
    let applicant = world.last_applicant();
    let told = json!({"application": almaty.to_string(), "verdict": "adverse", "way": "post", "document": leaf().to_string()});
    world.must("tell-preliminary-decision", told, "2024-02-07");
    world.blocked(
        "refuse-application",
        refuse(almaty, &applicant, "no-regional-quota"),
        "2024-02-12",
        "norm-missing",
    );
    let norm = json!({"norm": "refusal-ground.kandas.no-regional-quota", "document": "law-477-2011", "point": "20(5)", "value": "5",
        "unit": "ground", "from": "2023-05-01", "certainty": "known", "source": "migration law"});
    world.must("record-norm", norm, "2024-01-01");
    world.blocked(
        "refuse-application",
        refuse(almaty, &applicant, "no-regional-quota"),
        "2024-02-09",
        "before-its-cause",
    );
    let other = "00000000-0000-4000-8000-ffffffffffff";
    world.blocked(
        "refuse-application",
        refuse(almaty, other, "no-regional-quota"),
        "2024-02-12",
        "not-the-applicant",
    );
    world.must(
        "refuse-application",
        refuse(almaty, &applicant, "no-regional-quota"),
        "2024-02-12",
    );
    let (_, refused) = world.events.last().expect("an event");
    assert_eq!(
        refused.act.as_ref().map(ToString::to_string).as_deref(),
        Some("law-477-2011")
    );
    assert!(refused.fact.write_data().contains(r#""line":"none""#));
    world.blocked(
        "refuse-application",
        refuse(almaty, &applicant, "no-regional-quota"),
        "2024-02-13",
        "application-decided",
    );
    let resettler = world.applicant("resettlers", "almaty", 0, "2024-02-01");
    let applicant = world.last_applicant();
    world.blocked(
        "refuse-application",
        refuse(resettler, &applicant, "no-regional-quota"),
        "2024-02-12",
        "norm-missing",
    );
}
