//! Point 8: the purpose limit, forecasts by district and age, what is needed, and every reason that blocks.

pub mod blocked;

use proptest::prelude::*;
use qonys_events::{
    event::Event,
    fact::{
        Fact,
        forecast::{DistrictForecast, ForecastProduced, ForecastStep, SimpleMethod},
    },
};
use serde_json::{Value, json};

use crate::{
    monitoring::{ON, world},
    world::World,
};

/// A base of a day: two districts, children under 6 and everybody else, of whom half are under 12.
fn base(as_of: &str, medeu: [i64; 2], other: [i64; 2]) -> Value {
    let persons = |[children, others]: [i64; 2]| {
        let bands = [children, others / 2, others - others / 2];
        json!(bands.map(|n| n.to_string()))
    };
    json!({"territory": "almaty", "as_of": as_of, "purpose": "migration-forecast", "bands": ["0", "6", "12"],
        "districts": [{"district": "medeu", "persons": persons(medeu)}, {"district": "not-stated", "persons": persons(other)}],
        "source": "the records of the test"})
}

/// Kindergartens for every child from 1 to 6, jobs for half of everybody else.
fn norms() -> Value {
    json!({"norm_set": "test", "territory": "almaty", "norms": [
        {"service": "kindergarten", "from_age": "0", "to_age": "6", "needed": "1", "per_persons": "1", "places_per_institution": "286"},
        {"service": "jobs", "from_age": "6", "needed": "1", "per_persons": "2"}],
        "source": "invented for the test", "certainty": "assumed"})
}

fn facility(district: &str, service: &str, capacity: &str, opens: &str) -> Value {
    json!({"territory": "almaty", "district": district, "service": service, "capacity": capacity, "opens": opens, "source": "test"})
}

fn run(method: Value, steps: &str) -> Value {
    json!({"territory": "almaty", "method": method, "steps": steps, "norm_set": "test"})
}

fn series() -> Value {
    json!({"method": "series"})
}

fn cohort() -> Value {
    json!({"method": "cohort-component", "rates": "test"})
}

/// Five yearly bases: the first district grows by 100 children a year, the other stays.
fn grown() -> World {
    let mut world = world();
    for n in 0..5 {
        let data = base(
            &format!("{}-01-01", 2020 + n),
            [11_600 + 100 * n, 50_000],
            [400, 8_000],
        );
        world.must("record-population-base", data, ON);
    }
    world.must("record-norm-set", norms(), ON);
    for (district, service, capacity, opens) in [
        ("medeu", "kindergarten", "10000", "2019-09-01"),
        ("medeu", "kindergarten", "1000", "2026-01-01"),
        ("not-stated", "jobs", "5000", "2019-01-01"),
    ] {
        world.must(
            "record-facility",
            facility(district, service, capacity, opens),
            ON,
        );
    }
    world
}

fn produced(world: &World) -> (&Event, &ForecastProduced, Vec<&DistrictForecast>) {
    let events: Vec<_> = world.events.iter().map(|(_, event)| event).collect();
    let last = events
        .iter()
        .rposition(|e| matches!(e.fact, Fact::ForecastProduced(_)))
        .expect("a forecast");
    let Fact::ForecastProduced(fact) = &events[last].fact else {
        unreachable!()
    };
    let districts = events[last + 1..].iter().map(|e| match &e.fact {
        Fact::DistrictForecast(district) => district,
        other => panic!("{other:?}"),
    });
    (events[last], fact, districts.collect())
}

#[test]
fn a_series_goes_on_by_the_method_that_erred_least_beside_the_naive_line() {
    let mut world = grown();
    world.must("run-forecast", run(series(), "3"), ON);
    let (event, found, districts) = produced(&world);
    assert_eq!(
        (
            event.act.as_ref().map(|a| a.as_str()),
            event.point.as_ref().map(|p| p.as_str())
        ),
        (Some("law-477-2011"), Some("4"))
    );
    assert_eq!(found.method_version.as_str(), "series.1");
    assert_eq!(
        found.bases.iter().map(|b| b.0).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(found.facts.get("norm-set-certainty"), Some("assumed"));
    let [medeu, other] = districts[..] else {
        panic!("{districts:?}")
    };
    assert_eq!(medeu.chosen, Some(SimpleMethod::Drift));
    assert_eq!(other.chosen, Some(SimpleMethod::Naive));
    for district in [medeu, other] {
        assert_eq!(district.backtest[0].method, SimpleMethod::Naive);
        assert!(district.backtest.len() > 5 && district.backtest[0].forecasts.0 == 2);
        assert!(district.projection_test.is_none());
    }
    assert_eq!(medeu.backtest[0].mean_absolute_error.0, 100);
    let days: Vec<_> = medeu.steps.iter().map(|step| step.on.to_string()).collect();
    assert_eq!(days, ["2025-01-01", "2026-01-01", "2027-01-01"]);
    let children: Vec<_> = medeu.steps.iter().map(|step| step.persons[0].0).collect();
    assert_eq!(children, [12_100, 12_200, 12_300]);
    assert!(
        medeu
            .steps
            .iter()
            .all(|step| step.naive.0 == 62_000 && step.without_migration.is_none())
    );
    // 12,100 children, 10,000 places; from 2026 on there are 11,000.
    let gaps: Vec<_> = medeu.steps.iter().map(|step| step.needs[0].gap.0).collect();
    assert_eq!(gaps, [2_100, 1_200, 1_300]);
    assert_eq!(medeu.steps[0].needs[0].institutions.map(|i| i.0), Some(8));
    let jobs = &other.steps[0].needs[1];
    assert_eq!(
        (jobs.need.0, jobs.have.0, jobs.gap.0, jobs.institutions),
        (4_000, 5_000, -1_000, None)
    );
}

#[test]
fn twelve_thousand_children_more_are_42_kindergartens() {
    let mut world = world();
    for year in 2020..2024 {
        world.must(
            "record-population-base",
            base(&format!("{year}-01-01"), [12_000, 0], [0, 0]),
            ON,
        );
    }
    world.must("record-norm-set", norms(), ON);
    world.must("run-forecast", run(series(), "1"), ON);
    let (_, found, _) = produced(&world);
    let need = &found.steps[0].needs[0];
    assert_eq!(
        (need.need.0, need.gap.0, need.institutions.map(|i| i.0)),
        (12_000, 12_000, Some(42))
    );
}

/// Rates by groups of six years; the last group is open and bears no children.
fn rates() -> Value {
    json!({"rates": "test", "territory": "almaty", "years": "6",
        "survival": ["990000000", "999000000", "998000000", "800000000"],
        "fertility": ["0", "30000000", "0"], "migration": ["0", "-50000000", "0"], "source": "invented", "certainty": "assumed"})
}

#[test]
fn a_projection_shows_what_migration_does_and_is_tested_against_later_bases() {
    let mut world = grown();
    world.must("record-rates", rates(), ON);
    world.must("run-forecast", run(cohort(), "2"), ON);
    let (_, found, districts) = produced(&world);
    assert_eq!(found.method_version.as_str(), "cohort-component.1");
    assert_eq!(found.bases.len(), 1, "no base stands six years before");
    assert!(
        found.steps.iter().all(|step| step.low.is_none()),
        "no back-test, no interval"
    );
    let medeu = districts[0];
    assert!(medeu.projection_test.is_none() && medeu.backtest.is_empty());
    // By hand: of 25,000 in the second group half of 1,250 leave first; 24,375 bear 24,375 * 0.03 * 6 / 2 and those of the
    // first group 12,000 * (0 + 0.03 * 0.999) * 6 / 2; of all born 0.99 live; then the other half leaves. In the open group
    // are 24,375 * 0.998 and 25,000 * 0.8.
    let first = &medeu.steps[0];
    assert_eq!(first.on.to_string(), "2030-01-01");
    assert_eq!(
        first.persons.iter().map(|p| p.0).collect::<Vec<_>>(),
        [3_240, 11_363, 44_326]
    );
    let without = first.without_migration.map(|c| c.0);
    assert_eq!(without, Some(3_296 + 11_988 + 44_950));
    assert_eq!(first.naive.0, 62_000);
    // With bases six years apart the projection is held against what came.
    for (year, children) in [(2018, 11_000), (2012, 10_000)] {
        world.must(
            "record-population-base",
            base(&format!("{year}-01-01"), [children, 50_000], [400, 8_000]),
            ON,
        );
    }
    world.must("run-forecast", run(cohort(), "2"), ON);
    let (_, found, districts) = produced(&world);
    assert_eq!(found.forecast.0, 2);
    assert_eq!(found.bases.len(), 3);
    let test = districts[0].projection_test.as_ref().expect("a test");
    assert_eq!((test.steps.0, test.naive_mean_absolute_error.0), (2, 1_000));
    assert!(test.mean_absolute_error.0 > 0);
    assert!(
        found
            .steps
            .iter()
            .all(|step| step.low < Some(step.total) && step.high > Some(step.total))
    );
}

/// Every district's lines and their sum.
fn adds_up(world: &World) {
    let (_, found, districts) = produced(world);
    for (h, city) in found.steps.iter().enumerate() {
        let of = |pick: &dyn Fn(&ForecastStep) -> i64| {
            districts.iter().map(|d| pick(&d.steps[h])).sum::<i64>()
        };
        assert_eq!(city.total.0 as i64, of(&|s| s.total.0 as i64));
        assert_eq!(city.naive.0 as i64, of(&|s| s.naive.0 as i64));
        for (b, band) in city.persons.iter().enumerate() {
            assert_eq!(band.0 as i64, of(&|s| s.persons[b].0 as i64));
        }
        for (n, need) in city.needs.iter().enumerate() {
            assert_eq!(need.need.0 as i64, of(&|s| s.needs[n].need.0 as i64));
            assert_eq!(need.have.0 as i64, of(&|s| s.needs[n].have.0 as i64));
            assert_eq!(need.gap.0, need.need.0 as i64 - need.have.0 as i64);
            assert_eq!(need.gap.0, of(&|s| s.needs[n].gap.0));
        }
        for step in districts.iter().map(|d| &d.steps[h]).chain([city]) {
            assert_eq!(step.total.0, step.persons.iter().map(|p| p.0).sum::<u64>());
            assert!(
                step.low.is_none_or(|low| low <= step.total)
                    && step.high.is_none_or(|high| step.total <= high)
            );
        }
    }
}

fn texts(world: &World) -> Vec<String> {
    world
        .events
        .iter()
        .map(|(_, event)| event.fact.write_data())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Districts add up to the city, need is never negative, and the same inputs give the same bytes; another input gives
    /// another hash.
    #[test]
    fn the_same_inputs_give_the_same_bytes_and_add_up(
        history in proptest::collection::vec(([0_i64..500_000, 0_i64..2_000_000], [0_i64..50_000, 0_i64..90_000]), 4..8),
        steps in 1_u64..8,
    ) {
        let make = |history: &[([i64; 2], [i64; 2])]| {
            let mut world = world();
            for (year, (medeu, other)) in (2010..).zip(history) {
                world.must("record-population-base", base(&format!("{year}-01-01"), *medeu, *other), ON);
            }
            world.must("record-norm-set", norms(), ON);
            world.must("record-rates", rates(), ON);
            for method in [series(), cohort()] {
                world.must("run-forecast", run(method, &steps.to_string()), ON);
                adds_up(&world);
            }
            world
        };
        let (one, two) = (make(&history), make(&history));
        prop_assert_eq!(texts(&one), texts(&two));
        let mut changed = history.clone();
        changed.last_mut().expect("a base").0[0] += 1;
        let other = make(&changed);
        prop_assert_ne!(produced(&one).1.inputs, produced(&other).1.inputs);
    }
}

#[test]
pub fn an_institution_that_is_changed_serves_as_it_is_on_each_day() {
    let mut world = world();
    for year in 2020..=2024 {
        let base = base(&format!("{year}-01-01"), [5_000, 5_000], [0, 0]);
        world.must("record-population-base", base, ON);
    }
    world.must("record-norm-set", norms(), ON);
    let recorded = facility("medeu", "kindergarten", "3000", "2019-09-01");
    let school = world.must("record-facility", recorded, ON).to_string();
    let change = |capacity: &str| {
        let mut data = facility("medeu", "kindergarten", capacity, "2019-09-01");
        data.as_object_mut().expect("an object").remove("opens");
        data["facility"] = json!(school);
        data
    };
    let have = |world: &mut World| -> Vec<u64> {
        world.must("run-forecast", run(series(), "3"), ON);
        let (_, _, districts) = produced(world);
        let steps = districts[0].steps.iter();
        steps.map(|step| step.needs[0].have.0).collect()
    };
    let give = |world: &mut World, data: Value, from: &str| {
        let mut cx = world.context(ON);
        cx.effective = Some(crate::world::day(from));
        world.give("change-facility", data, &cx)
    };
    assert_eq!(have(&mut world), [3_000, 3_000, 3_000]);
    give(&mut world, change("4500"), "2025-09-01").expect("enlarged");
    assert_eq!(have(&mut world), [3_000, 4_500, 4_500]);
    // It closes; what was said of later days is said no more, what was said of earlier ones stands.
    give(&mut world, change("0"), "2026-06-01").expect("closed");
    assert_eq!(have(&mut world), [3_000, 4_500, 0]);
    give(&mut world, change("2000"), "2025-06-01").expect("otherwise from an earlier day");
    assert_eq!(have(&mut world), [3_000, 2_000, 2_000]);

    let mut blocked = |data: Value, from: &str, code: &str| match give(&mut world, data, from) {
        Ok(_) => panic!("accepted, not blocked with {code}"),
        Err(blocked) => assert_eq!(blocked.code.as_str(), code, "{:?}", blocked.facts),
    };
    blocked(change("2000"), "2027-01-01", "no-change");
    blocked(change("1"), "2019-08-31", "before-its-cause");
    blocked(change("1000000001"), "2027-01-01", "inputs-malformed");
    let mut closed = change("7");
    closed["closes"] = json!("2027-01-01");
    blocked(closed, "2027-01-01", "interval-empty");
    let mut other = change("7");
    other["facility"] = json!("00000000-0000-4000-8000-0000000000ff");
    blocked(other, "2027-01-01", "facility-not-found");
    let mut elsewhere = change("7");
    elsewhere["territory"] = json!("astana");
    blocked(elsewhere, "2027-01-01", "facility-not-found");
}
