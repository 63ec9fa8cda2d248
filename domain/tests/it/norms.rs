//! Every deadline is a dated norm (point 1): without it the step that needs it is blocked by the norm's own name, and nothing
//! else is in its way; a norm of two lengths counts by the day for which it is asked.

use serde_json::json;

use crate::world::World;

fn paper() -> String {
    "00".repeat(32)
}

/// The life of an adverse act up to its complaint, until a step is blocked: the step, and the norm that it names.
fn life(without: &str) -> Option<(&'static str, String)> {
    let mut world = World::open();
    world.office = Some("akimat.almaty");
    world.procedure_without(without);
    if without != "refusal-ground.kandas.false-documents" {
        world.norm("refusal-ground.kandas.false-documents", 2);
    }
    let application = world
        .applicant("kandas", "almaty", 0, "2024-02-12")
        .to_string();
    let applicant = world.last_applicant();
    let id = json!({"application": application});
    let on_it = |more: serde_json::Value| {
        let mut data = id.clone();
        for (key, value) in more.as_object().expect("an object") {
            data[key] = value.clone();
        }
        data
    };
    let mut decision = String::new();
    let mut complaint = String::new();
    for (step, on) in [
        ("tell-preliminary-decision", "2024-02-16"),
        ("record-objection", "2024-02-19"),
        ("refuse-application", "2024-03-01"),
        ("correct-clerical-error", "2024-03-04"),
        ("file-complaint", "2024-03-05"),
        ("forward-complaint", "2024-03-06"),
    ] {
        let data = match step {
            "tell-preliminary-decision" => {
                on_it(json!({"verdict": "adverse", "way": "post", "document": paper()}))
            }
            "record-objection" => on_it(json!({"document": paper()})),
            "refuse-application" => {
                on_it(json!({"applicant": applicant, "ground": "false-documents",
                "hearing": {"choice": "held", "on": "2024-02-20"}, "appeal": "to the authorised body"}))
            }
            "correct-clerical-error" => {
                on_it(json!({"applicant": applicant, "decision": decision, "document": paper()}))
            }
            "file-complaint" => {
                on_it(json!({"decision": decision, "by": "applicant", "document": paper()}))
            }
            _ => on_it(json!({"complaint": complaint})),
        };
        match world.on(step, data, on) {
            Ok(minted) if step == "file-complaint" => complaint = minted.to_string(),
            Ok(_) if step == "refuse-application" => {
                let stream = world.events.last().expect("an event").0.clone();
                let own = world.events.iter().filter(|(other, _)| *other == stream);
                decision = own.count().to_string();
            }
            Ok(_) => {}
            Err(blocked) => {
                assert_eq!(
                    blocked.code.as_str(),
                    "norm-missing",
                    "{step}: {:?}",
                    blocked.facts
                );
                let norm = blocked.facts.get("norm").expect("a norm").to_owned();
                return Some((step, norm));
            }
        }
    }
    None
}

#[test]
fn a_missing_norm_blocks_the_step_that_needs_it_by_its_name() {
    assert_eq!(life("none"), None, "with every norm nothing is blocked");
    for (norm, step) in [
        ("hearing.objection.working-days", "record-objection"),
        (
            "refusal-ground.kandas.false-documents",
            "refuse-application",
        ),
        (
            "term.administrative-procedure.working-days",
            "refuse-application",
        ),
        ("hearing.needless-below.working-days", "refuse-application"),
        ("hearing.notice.working-days", "refuse-application"),
        ("clerical-correction.working-days", "correct-clerical-error"),
        ("complaint.months", "file-complaint"),
        ("complaint.suspends", "file-complaint"),
        ("complaint-forwarding.working-days", "forward-complaint"),
    ] {
        assert_eq!(life(norm), Some((step, norm.to_owned())));
    }
}

/// Half-open validity: the day on which one norm ends is the first of the next, and there is no day with two.
#[test]
fn validity_is_half_open_and_never_overlaps() {
    let mut world = World::open();
    let norm = |from: &str, until: Option<&str>| {
        let mut norm = json!({"norm": "term.kandas-status.working-days", "document": "law-477-2011", "point": "a point",
            "value": "4", "unit": "working-days", "from": from, "certainty": "known", "source": "test"});
        if let Some(until) = until {
            norm["until"] = json!(until);
        }
        norm
    };
    world.must(
        "record-norm",
        norm("2022-01-01", Some("2023-01-01")),
        "2024-01-01",
    );
    for (from, until) in [
        ("2021-12-01", Some("2022-01-02")),
        ("2022-12-31", None),
        ("2022-03-01", Some("2022-03-02")),
        ("2021-01-01", None),
    ] {
        world.blocked(
            "record-norm",
            norm(from, until),
            "2024-01-01",
            "validity-overlaps",
        );
    }
    world.must("record-norm", norm("2023-01-01", None), "2024-01-01");
    world.must(
        "record-norm",
        norm("2021-01-01", Some("2022-01-01")),
        "2024-01-01",
    );
}
