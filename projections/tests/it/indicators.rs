//! Monitoring (point 4): for which day, as known on which day; what is outdated; the coverage of the ten features.

use qonys_events::{scalar::Day, term::Feature};
use qonys_projections::indicators::monitor::{Monitor, TABLES, Wanted};

use crate::support::{Log, day, noted, slug};

const POPULATION: &str = r#"{"indicator":"population","titles":{"en":"x"},"feature":"population-density","nature":"stock","unit":"persons","period":"day"}"#;
const ARRIVALS: &str = r#"{"indicator":"arrivals","titles":{"en":"x"},"feature":"immigration","nature":"flow","unit":"persons","period":"months"}"#;
const CHANGE: &str = r#"{"indicator":"change","titles":{"en":"x"},"nature":"balance","unit":"persons","period":"months","formula":{"formula":"change","stock":"population"}}"#;

fn released(log: &mut Log, indicator: &str, release: u64, period: &str, value: i64, more: &str) {
    let data = format!(
        r#"{{"release":"{release}","indicator":"{indicator}","territory":"almaty","period":"{period}","value":"{value}","source":"s","source_kind":"press","facts":{{}}{more}}}"#
    );
    let stream = format!("indicator/{indicator}");
    log.command([noted(&stream, "indicator.figure-released", &data)]);
}

fn input(release: u64, period: &str, value: i64) -> String {
    format!(
        r#"{{"indicator":"population","release":"{release}","period":"{period}","value":"{value}"}}"#
    )
}

/// Two figures of the population, the first revised in March; a change between them; arrivals of a quarter.
fn log() -> Log {
    let mut log = Log::default();
    for (code, data) in [
        ("population", POPULATION),
        ("arrivals", ARRIVALS),
        ("change", CHANGE),
    ] {
        log.command([noted(
            &format!("indicator/{code}"),
            "indicator.defined",
            data,
        )]);
    }
    released(
        &mut log,
        "population",
        1,
        "2023-01-01",
        100,
        r#","published_on":"2023-01-20""#,
    );
    released(
        &mut log,
        "population",
        2,
        "2023-06-01",
        130,
        r#","published_on":"2023-06""#,
    );
    released(
        &mut log,
        "arrivals",
        1,
        "2023-Q2",
        7,
        r#","published_on":"2023-07-15""#,
    );
    let (start, end) = (input(1, "2023-01-01", 100), input(2, "2023-06-01", 130));
    let change = format!(
        r#"{{"release":"1","indicator":"change","territory":"almaty","period":"2023-01/2023-05","value":"30","formula":{{"formula":"change","stock":"population"}},"inputs":[{start},{end}],"facts":{{}}}}"#
    );
    log.command([noted(
        "indicator/change",
        "indicator.figure-derived",
        &change,
    )]);
    let reconciled = format!(
        r#"{{"territory":"almaty","period":"2023-01/2023-05","start":{start},"end":{end},"parts":[],"implied_start":"130","discrepancy":"30","facts":{{}}}}"#
    );
    log.command([noted(
        "indicator/population",
        "indicator.figures-reconciled",
        &reconciled,
    )]);
    released(
        &mut log,
        "population",
        3,
        "2023-01-01",
        110,
        r#","published_on":"2024-03-10","supersedes":"1","reason":"re-count""#,
    );
    log
}

fn monitor(log: &Log) -> Monitor {
    let sink = log.views();
    let mut monitor = Monitor::default();
    for table in TABLES {
        let rows = sink.rows(table);
        assert!(!rows.is_empty(), "{}", table.name);
        for row in rows {
            monitor.take_row(table, &row).unwrap();
        }
    }
    monitor
}

fn said(monitor: &Monitor, indicator: &str, on: Option<Day>, known_on: &str) -> Vec<String> {
    let wanted = Wanted {
        indicator: Some(slug(indicator)),
        territory: Some(slug("almaty")),
        day: on,
        known_on: day(known_on),
    };
    let figures = monitor.figures(&wanted);
    let told = figures.iter().map(|figure| {
        let row = &figure.release.0;
        let mark = if figure.outdated { " outdated" } else { "" };
        format!("{} {}{mark}", row.period, row.figure)
    });
    told.collect()
}

#[test]
fn a_figure_is_told_for_a_day_as_known_on_a_day() {
    let monitor = monitor(&log());
    for (on, known_on, expected) in [
        // Nothing was published yet.
        (Some("2023-03-01"), "2023-01-19", ""),
        (Some("2023-03-01"), "2023-01-20", "2023-01-01 100"),
        // A month counts from its last day.
        (Some("2023-06-01"), "2023-06-29", "2023-01-01 100"),
        (Some("2023-06-01"), "2023-06-30", "2023-06-01 130"),
        (Some("2023-03-01"), "2024-03-09", "2023-01-01 100"),
        (Some("2023-03-01"), "2024-03-10", "2023-01-01 110"),
        (Some("2022-12-31"), "2024-03-10", ""),
        (None, "2024-03-09", "2023-01-01 100, 2023-06-01 130"),
        (None, "2024-03-10", "2023-01-01 110, 2023-06-01 130"),
    ] {
        let told = said(&monitor, "population", on.map(day), known_on);
        assert_eq!(
            told.join(", "),
            expected,
            "for {on:?} as known on {known_on}"
        );
    }
    // A flow is told for the days of its period only.
    for (on, expected) in [
        ("2023-03-31", ""),
        ("2023-04-01", "2023-Q2 7"),
        ("2023-07-01", ""),
    ] {
        assert_eq!(
            said(&monitor, "arrivals", Some(day(on)), "2024-01-01").join(""),
            expected
        );
    }
}

#[test]
fn what_leans_on_a_revised_figure_is_outdated_from_then_on() {
    let monitor = monitor(&log());
    assert_eq!(
        said(&monitor, "change", None, "2024-03-09"),
        ["2023-01/2023-05 30"]
    );
    assert_eq!(
        said(&monitor, "change", None, "2024-03-10"),
        ["2023-01/2023-05 30 outdated"]
    );
    let outdated = |known_on| monitor.reconciliations(day(known_on))[0].outdated;
    assert!(!outdated("2024-03-09") && outdated("2024-03-10"));
    let releases = monitor.releases(&slug("population"));
    let numbers: Vec<_> = releases.iter().map(|row| row.release.0).collect();
    assert_eq!(numbers, [1, 2, 3], "nothing is overwritten");
}

#[test]
fn coverage_names_the_features_without_data() {
    let monitor = monitor(&log());
    let coverage = monitor.coverage(&slug("almaty"), day("2023-05-15"), day("2024-01-05"));
    assert_eq!(coverage.quarter, "2023-Q2");
    assert_eq!(coverage.features.len(), 10);
    let with: Vec<_> = Feature::ALL
        .iter()
        .filter(|f| !coverage.without_data.contains(f))
        .collect();
    assert_eq!(with, [&Feature::PopulationDensity, &Feature::Immigration]);
    let newest = coverage.features[0].newest.as_ref().expect("a figure");
    assert_eq!(newest.release.0.period.to_string(), "2023-06-01");
    let later = monitor.coverage(&slug("almaty"), day("2023-12-31"), day("2024-01-05"));
    assert_eq!(
        (later.quarter.as_str(), later.without_data.len()),
        ("2023-Q4", 10)
    );
    let elsewhere = monitor.coverage(&slug("astana"), day("2023-05-15"), day("2024-01-05"));
    assert_eq!(elsewhere.without_data.len(), 10);
}
