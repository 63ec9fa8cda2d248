//! Monitoring (point 4): figures, revisions, what is computed from them, and every reason for which that is blocked.

pub mod blocked;

use proptest::prelude::*;
use qonys_events::{
    event::Event,
    fact::{
        Fact,
        indicator::{FigureDerived, FigureReleased, FiguresReconciled},
    },
};
use serde_json::{Value, json};

use crate::world::World;

/// The day on which these commands are decided.
pub const ON: &str = "2024-03-01";

/// An indicator as it is defined.
pub fn indicator(code: &str, nature: &str, period: &str, extra: Value) -> Value {
    let mut data = json!({"indicator": code, "titles": {"en": code}, "nature": nature, "unit": "persons", "period": period});
    for (key, value) in extra.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    data
}

/// A register with the powers of points 4, 7 and 8 and the indicators that the cases need.
pub fn world() -> World {
    let mut world = World::open();
    let power = json!({"decisions": ["migration-monitoring", "population-departure-evaluation", "population-departure-measures",
        "population-records-use", "population-forecast"], "document": "law-477-2011", "point": "4", "from": "2011-07-22",
        "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-01");
    let defined = json!({"indicators": [
        indicator("population", "stock", "day", json!({"feature": "population-density"})),
        indicator("area", "area", "day", json!({"unit": "hectares"})),
        indicator("arrivals", "flow", "months", json!({"feature": "immigration"})),
        indicator("departures", "flow", "months", json!({"feature": "emigration"})),
        indicator("natural-increase", "balance", "months", Value::Null),
        indicator("reported-growth", "balance", "months", Value::Null),
        indicator("ethnic-kazakhs", "stock", "day", json!({"feature": "ethnic-composition"})),
        indicator("religious-associations", "stock", "day", json!({"feature": "religious-situation"})),
        indicator("population-density", "stock", "day",
            json!({"formula": {"formula": "density", "population": "population", "area": "area"}})),
        indicator("migration-balance", "balance", "months",
            json!({"formula": {"formula": "balance", "arrivals": "arrivals", "departures": "departures"}})),
        indicator("growth", "balance", "months",
            json!({"formula": {"formula": "growth", "natural": "natural-increase", "migration": "migration-balance"}})),
        indicator("population-change", "balance", "months", json!({"formula": {"formula": "change", "stock": "population"}})),
    ]});
    world.must("define-indicators", defined, "2024-01-01");
    world
}

/// A release of one figure about a territory.
pub fn figure_of(territory: &str, code: &str, period: &str, value: i64) -> Value {
    json!({"source": "test", "source_kind": "published-statistics",
        "figures": [{"indicator": code, "territory": territory, "period": period, "value": value.to_string()}]})
}

/// A release of one figure about the city.
fn figure(code: &str, period: &str, value: i64) -> Value {
    figure_of("almaty", code, period, value)
}

fn with(mut data: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    data.pointer_mut(parent).expect("a member")[name] = value;
    data
}

fn compute(code: &str, period: &str) -> Value {
    json!({"indicator": code, "territory": "almaty", "period": period})
}

fn last(world: &World) -> &Event {
    &world.events.last().expect("an event").1
}

fn derived(world: &World) -> &FigureDerived {
    match &last(world).fact {
        Fact::FigureDerived(fact) => fact,
        other => panic!("{other:?}"),
    }
}

fn released(world: &World) -> &FigureReleased {
    match &last(world).fact {
        Fact::FigureReleased(fact) => fact,
        other => panic!("{other:?}"),
    }
}

fn reconciled(world: &World) -> &FiguresReconciled {
    match &last(world).fact {
        Fact::FiguresReconciled(fact) => fact,
        other => panic!("{other:?}"),
    }
}

/// The population and growth of Almaty as they were published for June 2023.
fn june_2023() -> World {
    let mut world = world();
    for (code, period, value) in [
        ("population", "2023-01-01", 2_161_695),
        ("population", "2023-06-01", 2_185_596),
        ("reported-growth", "2023-01/2023-05", 23_694),
    ] {
        world.must("record-release", figure(code, period, value), ON);
    }
    world
}

#[test]
fn almaty_june_2023_does_not_reconcile_by_207() {
    let mut world = june_2023();
    let data = json!({"stock": "population", "parts": ["reported-growth"], "territory": "almaty", "period": "2023-01/2023-05"});
    world.must("reconcile-figures", data.clone(), ON);
    let found = reconciled(&world);
    assert_eq!(found.discrepancy.0, 207);
    assert_eq!(found.implied_start.0, 2_161_902);
    let cited: Vec<_> = [&found.start, &found.end]
        .into_iter()
        .chain(&found.parts)
        .collect();
    let cited: Vec<_> = cited
        .iter()
        .map(|c| format!("{} {}", c.indicator, c.release))
        .collect();
    assert_eq!(cited, ["population 1", "population 2", "reported-growth 1"]);
    let event = last(&world);
    assert_eq!(event.act.as_ref().expect("an act").as_str(), "law-477-2011");
    assert_eq!(event.point.as_ref().expect("a point").as_str(), "4");
    assert_eq!(found.facts.get("act-certainty"), Some("known"));
    // Had the base been revised to what the growth implies, it would agree.
    let revision = json!({"indicator": "population", "supersedes": "1", "value": "2161902", "reason": "re-count",
        "source": "test", "source_kind": "published-statistics"});
    world.must("revise-figure", revision, ON);
    world.must("reconcile-figures", data, ON);
    assert_eq!(reconciled(&world).discrepancy.0, 0);
}

#[test]
pub fn a_revision_is_a_full_new_release_and_is_revised_in_its_turn() {
    let mut world = june_2023();
    let revise = |supersedes: &str, value: &str| {
        json!({"indicator": "population", "supersedes": supersedes, "value": value, "reason": "re-count",
            "published_on": "2023-09", "source": "test", "source_kind": "published-statistics"})
    };
    world.must("revise-figure", revise("1", "2161900"), ON);
    let new = released(&world);
    assert_eq!((new.release.0, new.supersedes.map(|s| s.0)), (3, Some(1)));
    assert_eq!(new.period.to_string(), "2023-01-01");
    assert_eq!(new.facts.get("superseded-value"), Some("2161695"));
    assert_eq!(new.facts.get("known-from"), Some("2023-09-30"));
    world.blocked(
        "revise-figure",
        revise("1", "2161901"),
        ON,
        "release-superseded",
    );
    world.blocked("revise-figure", revise("9", "1"), ON, "release-not-found");
    world.must("revise-figure", revise("3", "2161902"), ON);
    assert_eq!(released(&world).release.0, 4);
}

#[test]
fn figures_are_computed_from_cited_ones() {
    let mut world = world();
    for (code, period, value) in [
        ("population", "2020-01-01", 1_916_822),
        ("area", "2014-07-01", 68_200),
        ("arrivals", "2012-Q1", 7_809),
        ("departures", "2012-Q1", 6_013),
        ("natural-increase", "2012-Q1", 1_000),
        ("population", "2020-07-01", 1_930_000),
    ] {
        world.must("record-release", figure(code, period, value), ON);
    }
    for (code, period, value, inputs) in [
        (
            "population-density",
            "2020-01-01",
            2_811,
            "population 1, area 1",
        ),
        (
            "migration-balance",
            "2012-Q1",
            1_796,
            "arrivals 1, departures 1",
        ),
        (
            "growth",
            "2012-Q1",
            2_796,
            "natural-increase 1, migration-balance 1",
        ),
        (
            "population-change",
            "2020-01/2020-06",
            13_178,
            "population 1, population 2",
        ),
    ] {
        world.must("compute-figure", compute(code, period), ON);
        let found = derived(&world);
        assert_eq!(found.value.0, value, "{code}");
        let cited: Vec<_> = found
            .inputs
            .iter()
            .map(|i| format!("{} {}", i.indicator, i.release))
            .collect();
        assert_eq!(cited.join(", "), inputs);
        world.blocked("compute-figure", compute(code, period), ON, "no-change");
    }
    // A revised input makes a new figure, which names the old one.
    let revision = json!({"indicator": "arrivals", "supersedes": "1", "value": "7810", "reason": "late returns",
        "source": "test", "source_kind": "published-statistics"});
    world.must("revise-figure", revision, ON);
    world.must(
        "compute-figure",
        compute("migration-balance", "2012-Q1"),
        ON,
    );
    assert_eq!(derived(&world).value.0, 1_797);
    assert_eq!(derived(&world).supersedes.map(|s| s.0), Some(1));
}

#[test]
pub fn a_census_is_no_growth() {
    let mut world = world();
    for (period, value, series) in [
        ("2021-07-01", 2_001_304, "before-2021-census"),
        ("2022-01-01", 2_101_000, "after-2021-census"),
    ] {
        let data = with(
            figure("population", period, value),
            "/figures/0/series",
            json!(series),
        );
        world.must("record-release", data, ON);
    }
    let blocked = world.blocked(
        "compute-figure",
        compute("population-change", "2021-07/2021-12"),
        ON,
        "series-break",
    );
    assert_eq!(blocked.facts.get("start"), Some("before-2021-census"));
}

#[test]
fn computing_needs_the_power_of_point_4_and_recording_needs_none() {
    let mut world = World::open();
    let defined = json!({"indicators": [indicator("population", "stock", "day", Value::Null),
        indicator("change", "balance", "months", json!({"formula": {"formula": "change", "stock": "population"}}))]});
    world.must("define-indicators", defined, ON);
    for (period, value) in [("2023-01-01", 10), ("2024-01-01", 12)] {
        world.must("record-release", figure("population", period, value), ON);
    }
    let blocked = world.blocked("compute-figure", compute("change", "2023"), ON, "no-basis");
    assert_eq!(blocked.facts.get("decision"), Some("migration-monitoring"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is recorded and revised, one release stands for a period, every other is superseded exactly once, and a
    /// reconciliation closes: start + parts + discrepancy = end.
    #[test]
    fn one_release_stands_and_the_books_close(
        start in 0_i64..3_000_000, end in 0_i64..3_000_000, growth in -100_000_i64..100_000,
        revisions in proptest::collection::vec(0_i64..3_000_000, 0..6),
    ) {
        let mut world = world();
        for (code, period, value) in [("population", "2023-01-01", start), ("population", "2024-01-01", end), ("reported-growth", "2023", growth)] {
            world.must("record-release", figure(code, period, value), ON);
        }
        let mut last = 1;
        for (n, value) in revisions.iter().enumerate() {
            let data = json!({"indicator": "population", "supersedes": last.to_string(), "value": value.to_string(), "reason": "r",
                "source": "test", "source_kind": "published-statistics"});
            world.must("revise-figure", data, ON);
            last = n as u64 + 3;
        }
        let superseded: Vec<_> = world.events.iter().filter_map(|(_, e)| match &e.fact {
            Fact::FigureReleased(f) => f.supersedes,
            _ => None,
        }).collect();
        let distinct: std::collections::BTreeSet<_> = superseded.iter().collect();
        prop_assert_eq!(distinct.len(), superseded.len());
        world.must("reconcile-figures", json!({"stock": "population", "parts": ["reported-growth"], "territory": "almaty", "period": "2023"}), ON);
        let found = reconciled(&world);
        prop_assert_eq!(found.start.value.0, revisions.last().copied().unwrap_or(start));
        let parts: i64 = found.parts.iter().map(|p| p.value.0).sum();
        prop_assert_eq!(found.start.value.0 + parts + found.discrepancy.0, found.end.value.0);
        prop_assert_eq!(found.implied_start.0 + parts, found.end.value.0);
    }
}
