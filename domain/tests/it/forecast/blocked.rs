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
    let narrow = with(norms(), "/norms/0/to_age", json!("13"));
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
    other["bands"] = json!(["0", "5", "11"]);
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

#[test]
pub fn a_projection_does_not_pretend_to_know_ages() {
    let mut world = world();
    world.must("record-norm-set", norms(), ON);
    // The two classes in which the registration records hold ages: no rates make a projection of them.
    let mut classes = base("2024-01-01", [5, 5], [5, 5]);
    classes["bands"] = json!(["0", "14"]);
    for district in 0..2 {
        classes["districts"][district]["persons"] = json!(["5", "5"]);
    }
    classes["position"] = json!("4711");
    world.must("record-population-base", classes, ON);
    let mut coarse = rates();
    (coarse["survival"], coarse["years"]) = (json!(["1", "1", "1"]), json!("10"));
    (coarse["fertility"], coarse["migration"]) = (json!(["0", "0"]), json!(["0", "0"]));
    coarse["rates"] = json!("coarse");
    world.must("record-rates", coarse, ON);
    let by = |rates: &str| run(json!({"method": "cohort-component", "rates": rates}), "1");
    let blocked = world.blocked("run-forecast", by("coarse"), ON, "ages-too-coarse");
    assert_eq!(blocked.facts.get("bands"), Some("2"));
    assert_eq!(blocked.facts.get("open-from"), Some("14"));
    // Fine groups, and children of a group whose ages are open.
    world.must(
        "record-population-base",
        base("2024-02-01", [5, 5], [5, 5]),
        ON,
    );
    let mut open = rates();
    open["fertility"] = json!(["0", "30000000", "1"]);
    open["rates"] = json!("open");
    world.must("record-rates", open, ON);
    let blocked = world.blocked("run-forecast", by("open"), ON, "ages-too-coarse");
    assert_eq!(blocked.facts.get("base"), Some("2"));
    world.must("record-rates", rates(), ON);
    world.must("run-forecast", run(cohort(), "1"), ON);
}

#[test]
pub fn a_corrected_base_takes_the_place_of_the_one_before_it() {
    let mut world = grown();
    let corrected = |supersedes: &str, children: i64| {
        let mut data = base("2024-01-01", [children, 50_000], [400, 8_000]);
        data["supersedes"] = json!(supersedes);
        data["reason"] = json!("a district was counted twice");
        data
    };
    world.must("run-forecast", run(series(), "1"), ON);
    let (_, before, _) = super::produced(&world);
    let before = before.clone();
    let mut silent = corrected("5", 12_050);
    silent.as_object_mut().expect("an object").remove("reason");
    for (data, code) in [
        (silent, "inputs-malformed"),
        (corrected("4", 12_050), "base-not-standing"),
        (corrected("5", 12_000), "no-change"),
    ] {
        world.blocked("record-population-base", data, ON, code);
    }
    world.must("record-population-base", corrected("5", 12_050), ON);
    world.must("run-forecast", run(series(), "1"), ON);
    let (_, after, _) = super::produced(&world);
    let numbers = |of: &[qonys_events::scalar::Count]| of.iter().map(|n| n.0).collect::<Vec<_>>();
    assert_eq!(numbers(&before.bases), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&after.bases), [1, 2, 3, 4, 6]);
    assert_ne!(before.inputs, after.inputs);
    assert_eq!(after.steps[0].naive.0, 62_050 + 8_400);
    // What was superseded is superseded once; the corrected one is corrected in its turn.
    world.blocked(
        "record-population-base",
        corrected("5", 12_060),
        ON,
        "base-not-standing",
    );
    world.must("record-population-base", corrected("6", 12_060), ON);
    let mut first = base("2019-01-01", [1, 1], [1, 1]);
    (first["supersedes"], first["reason"]) = (json!("1"), json!("another day"));
    world.blocked("record-population-base", first, ON, "base-not-standing");
}
