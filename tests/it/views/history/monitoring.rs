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
    for (decision, point) in [
        ("migration-monitoring", "4"),
        ("population-departure-evaluation", "7"),
        ("population-departure-measures", "7"),
        ("population-records-use", "8"),
        ("population-forecast", "8"),
    ] {
        all.push(power(lines, decision, point));
    }
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
    population_departure(lines, all);
    forecast(lines, all);
    let revised = json!({"indicator": "population", "supersedes": "1", "value": "750100", "reason": "late returns",
        "source": "test", "source_kind": "published-statistics"});
    all.push(lines.on("2024-03-01", "revise-figure", &revised));
    all.push(lines.on("2024-03-02", "compute-figure", &of));
}

/// A trigger that fires, and two plans.
fn population_departure(lines: &mut Lines, all: &mut Vec<Value>) {
    let choice = json!({"territory": "pavlodar", "reading": "a", "reason": "a test"});
    all.push(lines.on("2024-02-04", "choose-population-departure-reading", &choice));
    let asked = json!({"territory": "pavlodar", "period": "2023"});
    all.push(lines.on("2024-02-04", "evaluate-population-departure", &asked));
    let cause = json!({"cause": "trigger-fired", "evaluation": "1"});
    let open = json!({"territory": "pavlodar", "cause": cause, "kandas_indicator": "arrivals"});
    all.push(lines.on("2024-02-05", "open-measure-plan", &open));
    let plan = format!("command:{}", lines.last());
    for (kind, due) in [("training", "2024-03-01"), ("skilled-labour", "2024-05-01")] {
        let measure = json!({"plan": plan, "kind": kind, "what": "Courses", "owner": "akimat.pavlodar", "due": due,
            "indicator": "departures", "target": "9000"});
        all.push(lines.on("2024-02-05", "add-measure", &measure));
    }
    let report = json!({"plan": plan, "measure": "1", "outcome": "done", "report": "Held"});
    all.push(lines.on("2024-03-05", "report-measure", &report));
    let early = json!({"territory": "pavlodar", "cause": {"cause": "early-action", "reason": "a plant closes"}});
    all.push(lines.on("2024-02-06", "open-measure-plan", &early));
    let plan = format!("command:{}", lines.last());
    let measure = json!({"plan": plan, "kind": "other", "what": "A hall", "owner": "akimat.pavlodar", "due": "2024-04-01",
        "indicator": "departures"});
    all.push(lines.on("2024-02-06", "add-measure", &measure));
    let report = json!({"plan": plan, "measure": "1", "outcome": "dropped", "report": "No hall"});
    all.push(lines.on("2024-04-02", "report-measure", &report));
    let close = json!({"plan": plan, "result": "nothing came of it"});
    all.push(lines.on("2024-04-03", "close-measure-plan", &close));
}

/// Two uses of the records, and a projection.
fn forecast(lines: &mut Lines, all: &mut Vec<Value>) {
    let used = json!({"territory": "pavlodar", "purpose": "schools", "recipient": "a department", "extract": "22".repeat(32)});
    all.push(lines.on("2024-02-07", "use-population-records", &used));
    for (year, persons) in [(2018, 990), (2024, 1_000)] {
        let base = json!({"territory": "pavlodar", "as_of": format!("{year}-01-01"), "purpose": "monitoring", "bands": ["0", "6", "12"],
            "districts": [{"district": "not-stated", "persons": ["100", persons.to_string(), "900"]}], "source": "test"});
        all.push(lines.on("2024-02-07", "record-population-base", &base));
    }
    let rates = json!({"rates": "test", "territory": "pavlodar", "years": "6", "survival": ["990000000", "999000000", "998000000", "800000000"],
        "fertility": ["0", "30000000", "0"], "migration": ["0", "-50000000", "0"], "source": "test", "certainty": "assumed"});
    all.push(lines.on("2024-02-07", "record-rates", &rates));
    let norms = json!({"norm_set": "test", "territory": "pavlodar", "norms": [{"service": "school", "from_age": "6", "needed": "1",
        "per_persons": "9"}], "source": "test", "certainty": "assumed"});
    all.push(lines.on("2024-02-07", "record-norm-set", &norms));
    let facility = json!({"territory": "pavlodar", "district": "not-stated", "service": "school", "capacity": "50",
        "opens": "2020-09-01", "source": "test"});
    all.push(lines.on("2024-02-07", "record-facility", &facility));
    let run = json!({"territory": "pavlodar", "method": {"method": "cohort-component", "rates": "test"}, "steps": "2",
        "norm_set": "test"});
    all.push(lines.on("2024-02-08", "run-forecast", &run));
}
