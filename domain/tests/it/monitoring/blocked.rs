//! Every reason that blocks monitoring (point 4).

use qonys_domain::blocked::{Basis, Blocked};
use serde_json::{Value, json};

use super::{ON, compute, figure, indicator, with, world};

/// What is done before, the command that is blocked, and with which code.
type Case = (
    &'static [(&'static str, &'static str, i64)],
    &'static str,
    Value,
    &'static str,
);

#[test]
pub fn every_reason_that_blocks_monitoring() {
    let release = "record-release";
    let two = json!([
        {"indicator": "population", "territory": "almaty", "period": "2024-01-01", "value": "1"},
        {"indicator": "population", "territory": "almaty", "period": "2024-01-01", "value": "2"},
    ]);
    let parts = |parts: Value, period: &str| json!({"stock": "population", "parts": parts, "territory": "almaty", "period": period});
    let define = |new: Value| json!({"indicators": [new]});
    let cases: Vec<Case> = vec![
        (
            &[],
            release,
            figure("wages", "2024", 1),
            "indicator-not-found",
        ),
        (
            &[],
            release,
            figure("arrivals", "2024-01-01", 1),
            "period-does-not-fit",
        ),
        (
            &[],
            release,
            figure("population", "2024-Q1", 1),
            "period-does-not-fit",
        ),
        (
            &[],
            release,
            figure("arrivals", "2023", -1),
            "negative-figure",
        ),
        (
            &[],
            release,
            figure("population-density", "2023-01-01", 3_170),
            "figure-is-derived",
        ),
        (
            &[],
            release,
            figure("population", "2024-06-01", 1),
            "figure-before-its-time",
        ),
        (
            &[],
            release,
            with(
                figure("arrivals", "2023", 1),
                "/published_on",
                json!("2022-12-31"),
            ),
            "figure-before-its-time",
        ),
        (
            &[],
            release,
            with(
                figure("arrivals", "2023", 1),
                "/published_on",
                json!("2024-03-02"),
            ),
            "figure-before-its-time",
        ),
        (
            &[],
            release,
            with(
                figure("ethnic-kazakhs", "2023-01-01", 1),
                "/source_kind",
                json!("press"),
            ),
            "published-statistics-only",
        ),
        (
            &[],
            release,
            with(
                figure("religious-associations", "2023-01-01", 1),
                "/source_kind",
                json!("own-records"),
            ),
            "published-statistics-only",
        ),
        (
            &[("area", "2014-07-01", 68_200)],
            release,
            figure("area", "2023-01-01", 68_350),
            "area-without-act",
        ),
        (
            &[],
            release,
            with(
                figure("area", "2023-01-01", 68_350),
                "/figures/0/act",
                json!("no-act"),
            ),
            "act-not-found",
        ),
        (
            &[("arrivals", "2023", 5)],
            release,
            figure("arrivals", "2023", 5),
            "figure-recorded",
        ),
        (
            &[],
            release,
            with(figure("arrivals", "2023", 5), "/figures", two),
            "lines-malformed",
        ),
        (
            &[],
            release,
            with(figure("arrivals", "2023", 5), "/figures", json!([])),
            "lines-malformed",
        ),
        (
            &[],
            "compute-figure",
            compute("population", "2023-01-01"),
            "figure-is-not-derived",
        ),
        (
            &[],
            "compute-figure",
            compute("wages", "2023"),
            "indicator-not-found",
        ),
        (
            &[],
            "compute-figure",
            compute("migration-balance", "2023-01-01"),
            "period-does-not-fit",
        ),
        (
            &[("arrivals", "2023", 5)],
            "compute-figure",
            compute("migration-balance", "2023"),
            "input-missing",
        ),
        (
            &[("population", "2023-01-01", 5)],
            "compute-figure",
            compute("population-density", "2023-01-01"),
            "input-missing",
        ),
        (
            &[("population", "2023-01-01", 5)],
            "compute-figure",
            compute("population-change", "2023"),
            "input-missing",
        ),
        (
            &[
                ("population", "2023-01-01", 999_999_999_999_999),
                ("area", "2023-01-01", 1),
            ],
            "compute-figure",
            compute("population-density", "2023-01-01"),
            "figure-too-large",
        ),
        (
            &[],
            "reconcile-figures",
            parts(json!(["reported-growth"]), "2023"),
            "input-missing",
        ),
        (
            &[
                ("population", "2023-01-01", 5),
                ("population", "2024-01-01", 5),
            ],
            "reconcile-figures",
            parts(json!(["reported-growth"]), "2023"),
            "input-missing",
        ),
        (
            &[],
            "reconcile-figures",
            parts(json!([]), "2023"),
            "input-missing",
        ),
        (
            &[],
            "reconcile-figures",
            parts(json!(["reported-growth"]), "2023-01-01"),
            "period-does-not-fit",
        ),
        (
            &[],
            "define-indicators",
            define(indicator("arrivals", "flow", "year", Value::Null)),
            "indicator-exists",
        ),
        (
            &[],
            "define-indicators",
            define(indicator("births", "flow", "day", Value::Null)),
            "indicator-malformed",
        ),
        (
            &[],
            "define-indicators",
            define(indicator(
                "x",
                "flow",
                "year",
                json!({"formula": {"formula": "change", "stock": "population"}}),
            )),
            "indicator-malformed",
        ),
        (
            &[],
            "define-indicators",
            define(indicator(
                "x",
                "balance",
                "year",
                json!({"formula": {"formula": "change", "stock": "wages"}}),
            )),
            "indicator-malformed",
        ),
        (
            &[],
            "define-indicators",
            define(indicator(
                "x",
                "balance",
                "year",
                json!({"formula": {"formula": "change", "stock": "x"}}),
            )),
            "indicator-malformed",
        ),
        (
            &[],
            "define-indicators",
            json!({"indicators": []}),
            "lines-malformed",
        ),
        (
            &[],
            "define-indicators",
            json!({"indicators": [indicator("x", "flow", "year", Value::Null),
            indicator("x", "flow", "year", Value::Null)]}),
            "indicator-exists",
        ),
    ];
    for (before, command, data, code) in cases {
        let mut world = world();
        for (indicator, period, value) in before {
            world.must(release, figure(indicator, period, *value), ON);
        }
        let count = world.events.len();
        let blocked: Blocked = world.blocked(command, data, ON, code);
        assert_eq!(blocked.basis, Basis::Control, "{code}");
        assert_eq!(world.events.len(), count);
    }
}
