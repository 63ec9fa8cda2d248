//! Reports to the authorised body (points 5 and 11): frozen, then signed as they were frozen, once.

use serde_json::{Value, json};

use crate::world::World;

fn snapshot() -> Value {
    json!({"list": "limits", "day": "2024-07-01", "position": "9", "rows": "3", "digest": "22".repeat(32)})
}

fn freeze(snapshot: Value) -> Value {
    json!({"kind": "use-of-the-regional-quota", "addressee": "the authorised body", "snapshot": snapshot})
}

#[test]
pub fn a_report_is_signed_as_it_was_frozen_and_once() {
    let mut world = World::open();
    let report = world.must("freeze-report", freeze(snapshot()), "2024-07-05");
    let sign = |report: &str, digest: &str| json!({"report": report, "digest": digest.repeat(32), "document": "33".repeat(32)});
    let own = report.to_string();
    let other = world.blocked(
        "sign-report",
        sign(&own, "44"),
        "2024-07-06",
        "adopts-other-bytes",
    );
    assert_eq!(other.facts.get("digest"), Some("22".repeat(32).as_str()));
    world.blocked(
        "sign-report",
        sign(&own, "22"),
        "2024-07-04",
        "before-its-cause",
    );
    let unknown = "a0b1c2d3-0000-4000-8000-0000000000ff";
    world.blocked(
        "sign-report",
        sign(unknown, "22"),
        "2024-07-06",
        "report-not-found",
    );
    world.must("sign-report", sign(&own, "22"), "2024-07-06");
    world.blocked("sign-report", sign(&own, "22"), "2024-07-07", "no-change");
}

#[test]
fn a_report_shows_entries_that_stand_and_names_each_filter_once_in_order() {
    let mut world = World::open();
    let mut nothing = snapshot();
    nothing["position"] = json!("0");
    world.blocked(
        "freeze-report",
        freeze(nothing),
        "2024-07-05",
        "lines-malformed",
    );
    let filter = |name: &str| json!({"name": name, "value": "pavlodar"});
    for names in [["territory", "territory"], ["territory", "category"]] {
        let mut narrowed = snapshot();
        narrowed["filters"] = json!(names.map(filter));
        world.blocked(
            "freeze-report",
            freeze(narrowed),
            "2024-07-05",
            "lines-malformed",
        );
    }
    let mut narrowed = snapshot();
    narrowed["filters"] = json!(["category", "territory"].map(filter));
    world.must("freeze-report", freeze(narrowed), "2024-07-05");
}
