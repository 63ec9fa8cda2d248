//! Every reason that blocks point 8.

use qonys_domain::blocked::Basis;
use serde_json::{Value, json};

use super::{base, cohort, facility, grown, norms, rates, run, series};
use crate::{
    monitoring::{ON, world},
    world::World,
};

fn with(mut data: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = data.pointer_mut(parent).expect("a member");
    match parent {
        Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
        other => other[name] = value,
    }
    data
}

fn used(purpose: &str) -> Value {
    json!({"territory": "almaty", "purpose": purpose, "recipient": "a department", "extract": "00".repeat(32)})
}

#[test]
pub fn the_records_serve_the_purposes_of_point_8_and_no_other() {
    let mut world = world();
    for purpose in qonys_domain::forecast::PURPOSES {
        world.must("use-population-records", used(purpose), ON);
        let (_, event) = world.events.last().expect("an event");
        assert_eq!(
            event.act.as_ref().map(|a| a.as_str()),
            Some("law-477-2011"),
            "{purpose}"
        );
    }
    let count = world.events.len();
    for purpose in [
        "debt-collection",
        "marketing",
        "school",
        "monitoring.of-opponents",
    ] {
        let blocked = world.blocked(
            "use-population-records",
            used(purpose),
            ON,
            "purpose-not-permitted",
        );
        let Basis::Law { act, point } = &blocked.basis else {
            panic!("{blocked:?}")
        };
        assert_eq!((act.as_str(), point.as_str()), ("law-477-2011", "4"));
        assert_eq!(blocked.facts.get("purpose"), Some(purpose));
        let counted = with(
            base("2024-01-01", [1, 1], [1, 1]),
            "/purpose",
            json!(purpose),
        );
        world.blocked(
            "record-population-base",
            counted,
            ON,
            "purpose-not-permitted",
        );
    }
    assert_eq!(world.events.len(), count);
    let mut without = World::open();
    without.blocked("use-population-records", used("schools"), ON, "no-basis");
    without.blocked(
        "record-population-base",
        base("2024-01-01", [1, 1], [1, 1]),
        ON,
        "no-basis",
    );
}

#[test]
pub fn every_reason_that_blocks_point_8() {
    let mut world = grown();
    world.must("record-rates", rates(), ON);
    let day = |as_of: &str| base(as_of, [1, 1], [1, 1]);
    let named = |name: &str, data: Value| with(data, name, json!("other"));
    let two = norms()["norms"][0].clone();
    let late = with(rates(), "/years", json!("10"));
    world.must("record-rates", named("/rates", late), ON);
    let narrow = with(norms(), "/norms/0/to_age", json!("7"));
    world.must("record-norm-set", named("/norm_set", narrow), ON);
    let cut = with(run(series(), "1"), "/norm_set", json!("other"));
    let mut without_norms = run(series(), "1");
    without_norms
        .as_object_mut()
        .expect("an object")
        .remove("norm_set");
    for (command, data, code) in [
        (
            "record-population-base",
            with(day("2019-01-01"), "/bands", json!(["1", "6"])),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(day("2019-01-01"), "/bands", json!(["0", "0"])),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(day("2019-01-01"), "/bands", json!([])),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(day("2019-01-01"), "/districts/1/district", json!("medeu")),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(day("2019-01-01"), "/districts", json!([])),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(day("2019-01-01"), "/districts/0/persons", json!(["1"])),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            with(
                day("2019-01-01"),
                "/districts/0/persons/0",
                json!("1000000001"),
            ),
            "inputs-malformed",
        ),
        (
            "record-population-base",
            day("2024-03-02"),
            "inputs-malformed",
        ),
        ("record-population-base", day("2024-01-01"), "base-recorded"),
        ("record-rates", rates(), "inputs-recorded"),
        (
            "record-rates",
            named("/rates", with(rates(), "/survival", json!(["1"]))),
            "inputs-recorded",
        ),
        ("record-norm-set", norms(), "inputs-recorded"),
        (
            "record-facility",
            with(
                facility("medeu", "school", "1", "2024-01-01"),
                "/closes",
                json!("2024-01-01"),
            ),
            "interval-empty",
        ),
        (
            "record-facility",
            facility("medeu", "school", "1000000001", "2024-01-01"),
            "inputs-malformed",
        ),
        ("run-forecast", without_norms, "norm-set-missing"),
        (
            "run-forecast",
            with(run(series(), "1"), "/norm_set", json!("no-set")),
            "norm-set-missing",
        ),
        ("run-forecast", run(series(), "0"), "forecast-horizon"),
        ("run-forecast", run(series(), "31"), "forecast-horizon"),
        (
            "run-forecast",
            run(
                json!({"method": "cohort-component", "rates": "no-rates"}),
                "1",
            ),
            "rates-missing",
        ),
        (
            "run-forecast",
            run(
                json!({"method": "cohort-component", "rates": "other"}),
                "30",
            ),
            "forecast-horizon",
        ),
        ("run-forecast", cut, "ages-not-separable"),
        (
            "run-forecast",
            with(run(series(), "1"), "/territory", json!("astana")),
            "norm-set-missing",
        ),
    ] {
        let count = world.events.len();
        let blocked = world.blocked(command, data, ON, code);
        assert_eq!(
            (blocked.basis, world.events.len()),
            (Basis::Control, count),
            "{code}"
        );
    }
    for spoiled in [
        with(norms(), "/norms", json!([])),
        with(norms(), "/norms", json!([two.clone(), two])),
        with(norms(), "/norms/0/per_persons", json!("0")),
        with(norms(), "/norms/0/to_age", json!("0")),
        with(norms(), "/norms/0/places_per_institution", json!("0")),
    ] {
        world.blocked(
            "record-norm-set",
            with(spoiled, "/norm_set", json!("new")),
            ON,
            "inputs-malformed",
        );
    }
    let act = with(
        with(norms(), "/norm_set", json!("new")),
        "/act",
        json!("no-act"),
    );
    world.blocked("record-norm-set", act, ON, "act-not-found");
    let spoiled = with(rates(), "/survival/0", json!("1000000001"));
    world.blocked(
        "record-rates",
        with(spoiled, "/rates", json!("new")),
        ON,
        "inputs-malformed",
    );
}

#[test]
pub fn a_forecast_needs_a_base_a_history_and_rates_of_its_groups() {
    let mut world = world();
    world.must("record-norm-set", norms(), ON);
    world.must("record-rates", rates(), ON);
    world.blocked("run-forecast", run(series(), "1"), ON, "base-missing");
    for year in [2024, 2023, 2022, 2020] {
        world.must(
            "record-population-base",
            base(&format!("{year}-01-01"), [5, 5], [5, 5]),
            ON,
        );
    }
    // The year 2021 is missing: only three bases lead up to the newest one.
    let blocked = world.blocked("run-forecast", run(series(), "1"), ON, "series-too-short");
    assert_eq!(blocked.facts.get("bases"), Some("3"));
    // On an earlier decision date the newest base had not been counted.
    world.blocked(
        "run-forecast",
        run(cohort(), "1"),
        "2019-12-31",
        "base-missing",
    );
    // Another band: rates of six years do not fit.
    let mut other = base("2024-02-01", [5, 5], [5, 5]);
    other["bands"] = json!(["0", "5"]);
    world.must("record-population-base", other, ON);
    world.blocked("run-forecast", run(cohort(), "1"), ON, "rates-do-not-fit");
    // Without a power in force no forecast is made.
    world.must(
        "record-population-base",
        base("2024-02-15", [5, 5], [5, 5]),
        ON,
    );
    world.act(
        "repeal",
        json!({"in_force_on": "2024-04-09", "repeals": ["law-477-2011"]}),
    );
    world.must("run-forecast", run(cohort(), "1"), "2024-04-08");
    world.blocked("run-forecast", run(cohort(), "1"), "2024-04-09", "no-basis");
}
