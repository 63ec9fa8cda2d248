//! A figure that is recorded, revised or computed later: whatever looks at it is evaluated again (point 7).

use qonys_events::{fact::Fact, term::TriggerOutcome};
use serde_json::{Value, json};

use super::{evaluate, evaluations, fired, missing, outcomes, record, revise, world};
use crate::{
    monitoring::{ON, figure_of},
    world::World,
};

#[test]
fn a_first_figure_evaluates_again_what_could_not_be_evaluated_without_it() {
    let mut world = world();
    let released = |world: &World| {
        let of = world.events.iter().filter_map(|(_, e)| match &e.fact {
            Fact::FigureReleased(f) => Some(f.clone()),
            _ => None,
        });
        of.collect::<Vec<_>>()
    };
    world.must(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        ON,
    );
    assert_eq!(outcomes(evaluations(&world)[0]), ["cannot-evaluate"; 3]);
    // One end of the stock: still nothing can be said, but less is missing, and that is shown.
    record(&mut world, "town", &[("population", "2023-01-01", 1_000)]);
    let found = evaluations(&world);
    assert_eq!(found.len(), 2);
    assert_eq!(outcomes(found[1]), ["cannot-evaluate"; 3]);
    assert!(missing(found[0], 0).contains("population 2023-01-01"));
    assert!(!missing(found[1], 0).contains("population 2023-01-01"));
    // The other end and a figure of the flows in one release: one evaluation, with both.
    let figures = [
        ("population", "2024-01-01", "990"),
        ("departures", "2023", "40"),
        ("departures", "2022", "1"),
    ];
    let figures: Vec<Value> = figures
        .iter()
        .map(|(code, period, value)| json!({"indicator": code, "territory": "town", "period": period, "value": value}))
        .collect();
    let release =
        json!({"source": "test", "source_kind": "published-statistics", "figures": figures});
    let events = world.events.len();
    world.must("record-release", release, "2024-03-04");
    assert_eq!(
        world.events.len(),
        events + 4,
        "three figures and one evaluation are one command"
    );
    let found = evaluations(&world);
    assert_eq!(found.len(), 3);
    assert_eq!(outcomes(found[2]), ["fired", "cannot-evaluate", "fired"]);
    assert_eq!(found[2].reevaluates.map(|n| n.0), Some(2));
    assert_eq!(
        (found[2].outcome_before, found[2].outcome),
        (Some(TriggerOutcome::CannotEvaluate), TriggerOutcome::Fired)
    );
    let cited: Vec<_> = found[2].inputs.iter().map(|i| i.value.0).collect();
    assert_eq!(cited, [40, 1_000, 990]);
    // The figures say so that it looks at, and no others.
    let facts: Vec<_> = released(&world)
        .iter()
        .rev()
        .take(3)
        .map(|f| {
            f.facts
                .get("population-departure-evaluated")
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(facts, [None, Some("1".to_owned()), Some("1".to_owned())]);
    // On the day before it was known as it was then: the old evaluation stands in the log as it was made.
    assert_eq!(found[1].outcome, TriggerOutcome::CannotEvaluate);
    // A figure that nothing looks at evaluates nothing.
    record(
        &mut world,
        "town",
        &[("population", "2022-01-01", 1), ("arrivals", "2022", 1)],
    );
    record(&mut world, "village", &[("departures", "2023", 7)]);
    assert_eq!(evaluations(&world).len(), 3);
}

#[test]
fn a_computed_figure_evaluates_again_what_looks_at_it() {
    let mut world = world();
    let asked = json!({"territory": "town", "period": "2023", "indicators": {"arrivals": "arrivals",
        "departures": "departures", "natural_increase": "population-change", "population": "population"}});
    record(
        &mut world,
        "town",
        &[
            ("population", "2023-01-01", 1_000),
            ("population", "2024-01-01", 1_030),
            ("departures", "2023", 40),
        ],
    );
    world.must("evaluate-population-departure", asked, ON);
    assert_eq!(
        outcomes(evaluations(&world)[0]),
        ["not-fired", "cannot-evaluate", "fired"]
    );
    let compute = json!({"indicator": "population-change", "territory": "town", "period": "2023"});
    world.must("compute-figure", compute, ON);
    let found = evaluations(&world);
    assert_eq!(outcomes(found[1]), ["not-fired", "fired", "fired"]);
    assert_eq!(found[1].readings[1].excess.map(|e| e.0), Some(10));
}

#[test]
fn without_a_basis_a_first_figure_is_recorded_and_says_that_nothing_was_evaluated() {
    let mut world = world();
    world.must(
        "evaluate-population-departure",
        evaluate("town", "2023"),
        ON,
    );
    world.act(
        "repeal",
        json!({"in_force_on": "2024-04-09", "repeals": ["law-477-2011"]}),
    );
    let figure = figure_of("town", "departures", "2023", 5);
    world.must("record-release", figure, "2024-06-01");
    assert_eq!(evaluations(&world).len(), 1);
    let (_, last) = world.events.last().expect("an event");
    let Fact::FigureReleased(released) = &last.fact else {
        panic!("{last:?}")
    };
    assert_eq!(
        released.facts.get("population-departure-not-evaluated"),
        Some("no-basis")
    );
}

#[test]
fn without_a_basis_a_revision_is_recorded_and_says_that_nothing_was_evaluated() {
    let mut world = fired();
    world.act(
        "repeal",
        json!({"in_force_on": "2024-04-09", "repeals": ["law-477-2011"]}),
    );
    let count = evaluations(&world).len();
    world.must("revise-figure", revise("1010"), "2024-06-01");
    assert_eq!(evaluations(&world).len(), count);
    let (_, last) = world.events.last().expect("an event");
    let Fact::FigureReleased(revised) = &last.fact else {
        panic!("{last:?}")
    };
    assert_eq!(
        revised.facts.get("population-departure-not-evaluated"),
        Some("no-basis")
    );
}
