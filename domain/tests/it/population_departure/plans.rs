//! Plans of measures (point 7), and every reason that blocks the point.

use qonys_domain::blocked::Basis;
use qonys_events::{
    fact::{
        Fact,
        population_departure::{MeasurePlanClosed, MeasureReported},
    },
    id::Ref,
};
use serde_json::{Value, json};

use super::{evaluate, fired, record, world};
use crate::{monitoring::ON, world::World};

fn measure(plan: Ref, kind: &str) -> Value {
    json!({"plan": plan, "kind": kind, "what": "Courses", "owner": "akimat.town", "due": "2024-06-30",
        "indicator": "arrivals", "target": "200", "youth_percent": "60"})
}

fn report(plan: Ref, number: &str, outcome: &str) -> Value {
    json!({"plan": plan, "measure": number, "outcome": outcome, "reached": "150", "report": "Held"})
}

#[test]
pub fn a_plan_has_measures_of_five_kinds_with_owners_days_and_results() {
    let mut world = fired();
    let open = json!({"territory": "town", "cause": {"cause": "trigger-fired", "evaluation": "1"}, "kandas_indicator": "arrivals"});
    record(&mut world, "town", &[("arrivals", "2022", 12)]);
    let plan = world.must("open-measure-plan", open, ON);
    let close = json!({"plan": plan, "result": "Departures fell"});
    world.blocked(
        "close-measure-plan",
        close.clone(),
        ON,
        "plan-without-measures",
    );
    for kind in ["skilled-labour", "adaptation", "other"] {
        world.must("add-measure", measure(plan, kind), ON);
    }
    world.must(
        "report-measure",
        report(plan, "1", "under-way"),
        "2024-05-01",
    );
    world.must("report-measure", report(plan, "1", "done"), "2024-06-30");
    world.must("report-measure", report(plan, "2", "dropped"), "2024-07-01");
    let late: Vec<bool> = world
        .events
        .iter()
        .filter_map(|(_, e)| match &e.fact {
            Fact::MeasureReported(MeasureReported { late, .. }) => Some(*late),
            _ => None,
        })
        .collect();
    assert_eq!(late, [false, false, true]);
    world.blocked(
        "report-measure",
        report(plan, "1", "done"),
        "2024-07-02",
        "measure-ended",
    );
    world.blocked(
        "report-measure",
        report(plan, "4", "done"),
        "2024-07-02",
        "measure-not-found",
    );
    world.blocked(
        "report-measure",
        report(plan, "0", "done"),
        "2024-07-02",
        "measure-not-found",
    );
    world.blocked(
        "close-measure-plan",
        close.clone(),
        "2024-07-02",
        "measures-open",
    );
    world.must("report-measure", report(plan, "3", "in-part"), "2024-07-02");
    // Kandas live in the town: a plan without a measure for them is not closed.
    world.blocked(
        "close-measure-plan",
        close.clone(),
        "2024-07-03",
        "kandas-measure-missing",
    );
    for (number, kind) in [("4", "training"), ("5", "retraining")] {
        world.must("add-measure", measure(plan, kind), "2024-06-01");
        world.must("report-measure", report(plan, number, "done"), "2024-06-20");
    }
    world.must("close-measure-plan", close.clone(), "2024-07-03");
    let (_, last) = world.events.last().expect("an event");
    let Fact::MeasurePlanClosed(MeasurePlanClosed { done, dropped, .. }) = &last.fact else {
        panic!("{last:?}")
    };
    assert_eq!((done.0, dropped.0), (4, 1));
    world.blocked("close-measure-plan", close, "2024-07-04", "plan-closed");
    world.blocked(
        "add-measure",
        measure(plan, "other"),
        "2024-06-04",
        "plan-closed",
    );
}

#[test]
fn a_plan_may_be_opened_early_by_an_explicit_decision() {
    let mut world = world();
    let open = json!({"territory": "town", "cause": {"cause": "early-action", "reason": "a plant closes next year"}});
    let plan = world.must("open-measure-plan", open, ON);
    world.must("add-measure", measure(plan, "retraining"), ON);
    let (_, last) = world.events.last().expect("an event");
    assert_eq!(
        (last.point.as_ref().map(|p| p.as_str()), last.caseref),
        (Some("4"), Some(plan))
    );
}

#[test]
pub fn every_reason_that_blocks_point_7() {
    let opened = |world: &mut World| {
        let open = json!({"territory": "town", "cause": {"cause": "early-action", "reason": "r"}});
        world.must("open-measure-plan", open, ON)
    };
    let mut world = fired();
    let plan = opened(&mut world);
    let with = |name: &str, value: Value| {
        let mut data = measure(plan, "other");
        data[name] = value;
        data
    };
    let mut indicators = evaluate("town", "2023");
    indicators["indicators"] = json!({"arrivals": "wages", "departures": "departures",
        "natural_increase": "natural-increase", "population": "population"});
    let cause = |number: &str| json!({"territory": "town", "cause": {"cause": "trigger-fired", "evaluation": number}});
    let nobody = "00000000-0000-4000-8000-00000000ffff";
    let early = json!({"territory": "town", "cause": {"cause": "early-action", "reason": "r"}, "kandas_indicator": "wages"});
    record(
        &mut world,
        "village",
        &[
            ("population", "2023-01-01", 5),
            ("population", "2024-01-01", 5),
        ],
    );
    world.must(
        "evaluate-population-departure",
        evaluate("village", "2023"),
        ON,
    );
    let village =
        json!({"territory": "village", "cause": {"cause": "trigger-fired", "evaluation": "1"}});
    for (command, data, on, code) in [
        (
            "evaluate-population-departure",
            evaluate("town", "2023-01-01"),
            ON,
            "period-does-not-fit",
        ),
        (
            "evaluate-population-departure",
            evaluate("town", "2024"),
            ON,
            "period-does-not-fit",
        ),
        (
            "evaluate-population-departure",
            indicators,
            ON,
            "indicator-not-found",
        ),
        ("open-measure-plan", cause("9"), ON, "evaluation-not-found"),
        ("open-measure-plan", village, ON, "trigger-not-fired"),
        ("open-measure-plan", early, ON, "indicator-not-found"),
        (
            "add-measure",
            with("plan", json!(nobody)),
            ON,
            "plan-not-found",
        ),
        (
            "add-measure",
            with("due", json!("2024-02-29")),
            ON,
            "due-date-passed",
        ),
        (
            "add-measure",
            with("youth_percent", json!("101")),
            ON,
            "share-above-whole",
        ),
        (
            "add-measure",
            with("indicator", json!("wages")),
            ON,
            "indicator-not-found",
        ),
        (
            "add-measure",
            measure(plan, "other"),
            "2024-02-29",
            "before-its-cause",
        ),
        (
            "report-measure",
            report(plan, "1", "done"),
            "2024-02-29",
            "before-its-cause",
        ),
    ] {
        let count = world.events.len();
        let blocked = world.blocked(command, data, on, code);
        assert_eq!(
            (blocked.basis, world.events.len()),
            (Basis::Control, count),
            "{code}"
        );
    }
    world.must("add-measure", measure(plan, "other"), "2024-04-01");
    world.blocked(
        "report-measure",
        report(plan, "1", "done"),
        "2024-03-31",
        "before-its-cause",
    );
    // Without a power in force nothing is evaluated and no plan is opened; what runs is reported and closed.
    world.act(
        "repeal",
        json!({"in_force_on": "2024-04-09", "repeals": ["law-477-2011"]}),
    );
    let early = json!({"territory": "town", "cause": {"cause": "early-action", "reason": "r"}});
    world.blocked(
        "evaluate-population-departure",
        evaluate("village", "2023"),
        "2024-04-09",
        "no-basis",
    );
    world.blocked("open-measure-plan", early, "2024-04-09", "no-basis");
    world.blocked(
        "add-measure",
        measure(plan, "other"),
        "2024-04-09",
        "no-basis",
    );
    world.must("report-measure", report(plan, "1", "done"), "2024-04-10");
    world.must(
        "close-measure-plan",
        json!({"plan": plan, "result": "ended"}),
        "2024-04-11",
    );
}
