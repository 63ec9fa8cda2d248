//! The part of the history that points 4, 7 and 8 are about.

use serde_json::{Value, json};

use super::power;
use crate::support::register::Lines;

fn figure(indicator: &str, period: &str, value: i64) -> Value {
    json!({"source": "test", "source_kind": "published-statistics",
        "figures": [{"indicator": indicator, "territory": "pavlodar", "period": period, "value": value.to_string()}]})
}

/// Figures that do not reconcile, one of them revised.
pub(super) fn monitoring(lines: &mut Lines, all: &mut Vec<Value>) {
    all.push(power(lines, "migration-monitoring", "4"));
    let indicator = |code: &str, nature: &str, period: &str| json!({"indicator": code, "titles": {"en": code}, "nature": nature, "unit": "persons", "period": period});
    let mut change = indicator("population-change", "balance", "months");
    change["formula"] = json!({"formula": "change", "stock": "population"});
    let defined = json!({"indicators": [indicator("population", "stock", "day"), indicator("arrivals", "flow", "months"),
        indicator("departures", "flow", "months"), indicator("natural-increase", "balance", "months"), change]});
    all.push(lines.on("2024-02-01", "define-indicators", &defined));
    for (indicator, period, value) in [
        ("population", "2023-01-01", 750_000),
        ("population", "2024-01-01", 749_000),
        ("natural-increase", "2023", 900),
        ("arrivals", "2023", 10_000),
        ("departures", "2023", 11_800),
    ] {
        let released = figure(indicator, period, value);
        all.push(lines.on("2024-02-02", "record-release", &released));
    }
    let of = json!({"indicator": "population-change", "territory": "pavlodar", "period": "2023"});
    all.push(lines.on("2024-02-03", "compute-figure", &of));
    let reconcile = json!({"stock": "population", "parts": ["natural-increase"], "territory": "pavlodar", "period": "2023"});
    all.push(lines.on("2024-02-03", "reconcile-figures", &reconcile));
    let revised = json!({"indicator": "population", "supersedes": "1", "value": "750100", "reason": "late returns",
        "source": "test", "source_kind": "published-statistics"});
    all.push(lines.on("2024-03-01", "revise-figure", &revised));
    all.push(lines.on("2024-03-02", "compute-figure", &of));
}
