//! The trigger of point 7 and the plan of measures: the three readings, cases of the sources, and every reason that blocks.

pub mod again;
pub mod plans;

use proptest::prelude::*;
use qonys_events::{
    fact::{Fact, population_departure::PopulationDepartureEvaluated},
    term::{Reading, TriggerOutcome},
};
use serde_json::{Value, json};

use crate::{
    monitoring::{ON, figure_of, world as monitored},
    world::World,
};

fn choose(territory: &str, reading: &str) -> Value {
    json!({"territory": territory, "reading": reading, "reason": "the test says so"})
}

/// Indicators, powers, and reading A as the recorded choice.
fn world() -> World {
    let mut world = monitored();
    for territory in ["almaty", "north-kazakhstan", "town", "village"] {
        world.must(
            "choose-population-departure-reading",
            choose(territory, "a"),
            ON,
        );
    }
    world
}

fn record(world: &mut World, territory: &str, figures: &[(&str, &str, i64)]) {
    for (code, period, value) in figures {
        world.must(
            "record-release",
            figure_of(territory, code, period, *value),
            ON,
        );
    }
}

fn evaluate(territory: &str, period: &str) -> Value {
    json!({"territory": territory, "period": period})
}

fn evaluations(world: &World) -> Vec<&PopulationDepartureEvaluated> {
    let facts = world.events.iter().map(|(_, event)| &event.fact);
    facts
        .filter_map(|fact| match fact {
            Fact::PopulationDepartureEvaluated(found) => Some(found),
            _ => None,
        })
        .collect()
}

/// The outcomes of the readings a, b and c in words.
fn outcomes(found: &PopulationDepartureEvaluated) -> [&'static str; 3] {
    let of = |n: usize| found.readings[n].outcome.as_str();
    assert_eq!(
        found.readings.iter().map(|r| r.reading).collect::<Vec<_>>(),
        Reading::ALL
    );
    [of(0), of(1), of(2)]
}

fn missing(found: &PopulationDepartureEvaluated, reading: usize) -> String {
    let names = found.readings[reading].missing.iter();
    names
        .map(|m| format!("{} {}", m.indicator, m.period))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn almaty_2023_and_2024_do_not_fire_under_a() {
    let mut world = world();
    for (date, value) in [
        ("2023-01-01", 2_161_695),
        ("2023-10-01", 2_211_198),
        ("2024-04-01", 2_236_751),
        ("2024-10-01", 2_275_541),
    ] {
        world.must(
            "record-release",
            figure_of("almaty", "population", date, value),
            "2025-01-15",
        );
    }
    record(
        &mut world,
        "almaty",
        &[("arrivals", "2023-01/2023-09", 115_400)],
    );
    for (period, growth) in [
        ("2023-01/2023-09", 49_503),
        ("2023-10/2024-03", 25_553),
        ("2024-04/2024-09", 38_790),
    ] {
        world.must(
            "evaluate-population-departure",
            evaluate("almaty", period),
            "2025-01-15",
        );
        let found = *evaluations(&world).last().expect("an evaluation");
        assert_eq!(
            outcomes(found),
            ["not-fired", "cannot-evaluate", "cannot-evaluate"],
            "{period}"
        );
        assert_eq!(found.outcome, TriggerOutcome::NotFired);
        assert_eq!(found.readings[0].excess.map(|e| e.0), Some(-growth));
        assert_eq!(
            missing(found, 1),
            format!("departures {period}, natural-increase {period}")
        );
        assert_eq!(missing(found, 2), format!("departures {period}"));
        assert_eq!(found.facts.get("growth-by"), Some("population"));
        assert_eq!(found.facts.get("reading-chosen-from"), Some(ON));
    }
}

#[test]
fn north_kazakhstan_2022_cannot_be_evaluated() {
    let mut world = world();
    let balance =
        crate::monitoring::indicator("interregional-balance", "balance", "months", Value::Null);
    world.must("define-indicators", json!({"indicators": [balance]}), ON);
    record(
        &mut world,
        "north-kazakhstan",
        &[("interregional-balance", "2022", -5_087)],
    );
    world.must(
        "evaluate-population-departure",
        evaluate("north-kazakhstan", "2022"),
        ON,
    );
    let found = evaluations(&world)[0];
    assert_eq!(outcomes(found), ["cannot-evaluate"; 3]);
    assert_eq!(found.outcome, TriggerOutcome::CannotEvaluate);
    assert_eq!(
        missing(found, 0),
        "arrivals 2022, departures 2022, natural-increase 2022, population 2022-01-01, population 2023-01-01"
    );
    assert_eq!(missing(found, 1), "departures 2022, natural-increase 2022");
    assert_eq!(missing(found, 2), missing(found, 0));
    assert!(found.inputs.is_empty());
}

#[test]
fn the_three_readings_stand_side_by_side() {
    // arrivals, departures, natural increase; what a, b and c say of them.
    for (flows, expected) in [
        ([100, 170, 60], ["fired", "fired", "fired"]),
        ([100, 160, 60], ["not-fired", "fired", "fired"]),
        ([100, 70, 60], ["not-fired", "fired", "not-fired"]),
        ([100, 60, 60], ["not-fired", "not-fired", "not-fired"]),
        ([10, 5, -20], ["fired", "fired", "fired"]),
        ([0, 0, 0], ["not-fired", "not-fired", "not-fired"]),
    ] {
        let mut world = world();
        let names = ["arrivals", "departures", "natural-increase"];
        for (name, value) in names.into_iter().zip(flows) {
            record(&mut world, "town", &[(name, "2023", value)]);
        }
        world.must(
            "evaluate-population-departure",
            evaluate("town", "2023"),
            ON,
        );
        let found = evaluations(&world)[0];
        assert_eq!(outcomes(found), expected, "{flows:?}");
        assert_eq!(found.facts.get("growth-by"), Some("flows"));
        assert_eq!(
            found.readings[0].against.map(|a| a.0),
            Some(flows[0] + flows[2])
        );
        assert_eq!(found.readings[1].against.map(|a| a.0), Some(flows[2]));
    }
}

#[test]
pub fn the_recorded_choice_of_the_reading_decides() {
    for (reading, outcome) in [
        (Reading::A, TriggerOutcome::NotFired),
        (Reading::B, TriggerOutcome::Fired),
        (Reading::C, TriggerOutcome::NotFired),
    ] {
        let mut world = monitored();
        record(
            &mut world,
            "town",
            &[
                ("arrivals", "2023", 100),
                ("departures", "2023", 70),
                ("natural-increase", "2023", 60),
            ],
        );
        world.blocked(
            "evaluate-population-departure",
            evaluate("town", "2023"),
            ON,
            "reading-not-chosen",
        );
        world.must(
            "choose-population-departure-reading",
            choose("town", reading.as_str()),
            ON,
        );
        world.blocked(
            "choose-population-departure-reading",
            choose("town", reading.as_str()),
            ON,
            "no-change",
        );
        world.must(
            "evaluate-population-departure",
            evaluate("town", "2023"),
            ON,
        );
        let found = evaluations(&world)[0];
        assert_eq!((found.default_reading, found.outcome), (reading, outcome));
        // The choice is not in force on an earlier decision date.
        world.blocked(
            "evaluate-population-departure",
            evaluate("town", "2023"),
            "2024-02-29",
            "reading-not-chosen",
        );
    }
    let mut world = World::open();
    world.blocked(
        "choose-population-departure-reading",
        choose("town", "a"),
        ON,
        "no-basis",
    );
    // A later choice counts from its effective day on, and what stands is evaluated anew by it.
    let mut world = fired();
    let mut cx = world.context("2024-03-10");
    cx.effective = Some(crate::world::day("2024-04-01"));
    world
        .give(
            "choose-population-departure-reading",
            choose("town", "b"),
            &cx,
        )
        .expect("a choice");
    world.blocked(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        "2024-03-31",
        "no-change",
    );
    world.must(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        "2024-04-01",
    );
    let found = evaluations(&world)[1];
    assert_eq!(
        (found.default_reading, found.outcome),
        (Reading::B, TriggerOutcome::CannotEvaluate)
    );
    assert_eq!(found.outcome_before, Some(TriggerOutcome::Fired));
}

/// A town that has lost people: evaluation 1 fired.
fn fired() -> World {
    let mut world = world();
    record(
        &mut world,
        "town",
        &[
            ("population", "2023-01-01", 1_000),
            ("population", "2024-01-01", 990),
        ],
    );
    world.must(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        ON,
    );
    assert_eq!(evaluations(&world)[0].outcome, TriggerOutcome::Fired);
    world
}

fn revise(value: &str) -> Value {
    json!({"indicator": "population", "supersedes": "2", "value": value, "reason": "late returns", "source": "test",
        "source_kind": "published-statistics"})
}

#[test]
pub fn a_revised_figure_evaluates_again_and_shows_the_change() {
    let mut world = fired();
    let events = world.events.len();
    world.must("revise-figure", revise("1010"), ON);
    assert_eq!(
        world.events.len(),
        events + 2,
        "the revision and the evaluation are one command"
    );
    let found = evaluations(&world)[1];
    assert_eq!(found.evaluation.0, 2);
    assert_eq!(found.reevaluates.map(|n| n.0), Some(1));
    assert_eq!(
        (found.outcome_before, found.outcome),
        (Some(TriggerOutcome::Fired), TriggerOutcome::NotFired)
    );
    let revised = world.events.iter().rev().find_map(|(_, e)| match &e.fact {
        Fact::FigureReleased(f) => Some(f),
        _ => None,
    });
    assert_eq!(
        revised
            .expect("a revision")
            .facts
            .get("population-departure-evaluated"),
        Some("1")
    );
    // What leaned on the evaluation before is told so.
    let open = json!({"territory": "town", "cause": {"cause": "trigger-fired", "evaluation": "1"}});
    world.blocked("open-measure-plan", open, ON, "evaluation-superseded");
    // The same figures say nothing new; another territory is not touched.
    world.blocked(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        ON,
        "no-change",
    );
    record(&mut world, "village", &[("population", "2023-01-01", 10)]);
    assert_eq!(evaluations(&world).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    /// With all flows the readings are what their words say; with a stock that balances, reading A by the stock says the
    /// same as by the flows.
    #[test]
    fn readings_are_their_words(arrivals in 0_i64..5_000, departures in 0_i64..5_000, natural in -2_000_i64..2_000) {
        let growth = arrivals - departures + natural;
        let mut by_flows = world();
        record(&mut by_flows, "town", &[("arrivals", "2023", arrivals), ("departures", "2023", departures), ("natural-increase", "2023", natural)]);
        by_flows.must("evaluate-population-departure", evaluate("town", "2023"), ON);
        let said = outcomes(evaluations(&by_flows)[0]);
        let word = |fires: bool| if fires { "fired" } else { "not-fired" };
        prop_assert_eq!(said, [word(departures > arrivals + natural), word(departures > natural), word(departures > growth)]);
        let mut by_stock = world();
        record(&mut by_stock, "town", &[("population", "2023-01-01", 100_000), ("population", "2024-01-01", 100_000 + growth)]);
        by_stock.must("evaluate-population-departure", evaluate("town", "2023"), ON);
        prop_assert_eq!(outcomes(evaluations(&by_stock)[0])[0], said[0]);
    }
}
