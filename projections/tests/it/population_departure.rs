//! The trigger and plans of measures (point 7) as views: choices by day, changes shown, overdue measures.

use qonys_events::term::{MeasureOutcome, Reading};
use qonys_projections::population_departure::{
    EvaluationRow, MeasurePlanRow, MeasureRow, PlanState, ReadingRow,
};

use crate::support::{Log, as_of, day, on, rows};

const PLAN: &str = "measure-plan/3d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0c";

fn chosen(log: &mut Log, reading: &str, from: &str) {
    let data = format!(r#"{{"territory":"town","reading":"{reading}","reason":"r","facts":{{}}}}"#);
    log.command([on(
        "population-departure/town",
        "population-departure.reading-chosen",
        &data,
        from,
    )]);
}

fn evaluated(log: &mut Log, number: u64, outcome: &str, before: Option<(u64, &str)>) {
    let more = before.map_or_else(String::new, |(number, outcome)| {
        format!(r#","reevaluates":"{number}","outcome_before":"{outcome}""#)
    });
    let data = format!(
        r#"{{"evaluation":"{number}","territory":"town","period":"2023","indicators":{{"arrivals":"a","departures":"d","natural_increase":"n","population":"p"}},"inputs":[],"readings":[{{"reading":"a","outcome":"{outcome}"}},{{"reading":"b","outcome":"cannot-evaluate","missing":[{{"indicator":"d","period":"2023"}}]}}],"default_reading":"a","outcome":"{outcome}"{more},"facts":{{}}}}"#
    );
    log.command([on(
        "population-departure/town",
        "population-departure.evaluated",
        &data,
        "2024-02-01",
    )]);
}

#[test]
fn a_choice_counts_up_to_the_next_one_whenever_that_was_recorded() {
    let mut log = Log::default();
    chosen(&mut log, "a", "2024-01-01");
    chosen(&mut log, "c", "2024-06-01");
    let before = log.head();
    chosen(&mut log, "b", "2024-03-01");
    let sink = log.views();
    let counts = |position, on: &str| {
        let rows: Vec<ReadingRow> = as_of(&sink, position, day(on));
        assert!(rows.len() <= 1, "{rows:?}");
        rows.first().map(|row| row.reading)
    };
    for (on, expected) in [
        ("2023-12-31", None),
        ("2024-02-29", Some(Reading::A)),
        ("2024-03-01", Some(Reading::B)),
        ("2024-06-01", Some(Reading::C)),
    ] {
        assert_eq!(counts(log.head(), on), expected, "{on}");
    }
    assert_eq!(counts(before, "2024-03-01"), Some(Reading::A));
}

#[test]
fn a_change_of_the_outcome_is_shown_and_nothing_is_deleted() {
    let mut log = Log::default();
    evaluated(&mut log, 1, "fired", None);
    evaluated(&mut log, 2, "not-fired", Some((1, "fired")));
    evaluated(&mut log, 3, "not-fired", Some((2, "not-fired")));
    let found = rows::<EvaluationRow>(&log.views());
    let changed: Vec<_> = found
        .iter()
        .map(|row| (row.evaluation.0, row.changed))
        .collect();
    assert_eq!(changed, [(1, false), (2, true), (3, false)]);
    assert!(found[1].reading_c.is_none() && found[1].reading_b.is_some());
}

#[test]
fn a_measure_is_overdue_until_a_report_ends_it() {
    let mut log = Log::default();
    let opened = r#"{"territory":"town","cause":{"cause":"early-action","reason":"r"},"facts":{}}"#;
    log.command([on(PLAN, "measure-plan.opened", opened, "2024-02-01")]);
    let added = r#"{"measure":"1","kind":"training","what":"w","owner":"akimat.town","due":"2024-03-01","indicator":"d","facts":{}}"#;
    log.command([on(PLAN, "measure-plan.measure-added", added, "2024-02-02")]);
    for (outcome, day) in [("under-way", "2024-02-20"), ("done", "2024-03-05")] {
        let report = format!(
            r#"{{"measure":"1","outcome":"{outcome}","report":"r","late":false,"facts":{{}}}}"#
        );
        log.command([on(PLAN, "measure-plan.measure-reported", &report, day)]);
    }
    let closed = r#"{"result":"done","done":"1","dropped":"0","facts":{}}"#;
    log.command([on(PLAN, "measure-plan.closed", closed, "2024-03-06")]);
    let sink = log.views();
    for (on, outcome, overdue) in [
        ("2024-02-19", None, false),
        ("2024-03-01", Some(MeasureOutcome::UnderWay), false),
        ("2024-03-02", Some(MeasureOutcome::UnderWay), true),
        ("2024-03-05", Some(MeasureOutcome::Done), false),
    ] {
        let found: Vec<MeasureRow> = as_of(&sink, log.head(), day(on));
        assert_eq!(found.len(), 1, "{on}");
        assert_eq!(
            (found[0].outcome, found[0].overdue(day(on))),
            (outcome, overdue),
            "{on}"
        );
    }
    for (on, state) in [
        ("2024-03-05", PlanState::Open),
        ("2024-03-06", PlanState::Closed),
    ] {
        let found: Vec<MeasurePlanRow> = as_of(&sink, log.head(), day(on));
        assert_eq!(
            found.iter().map(|row| row.state).collect::<Vec<_>>(),
            [state],
            "{on}"
        );
    }
}
