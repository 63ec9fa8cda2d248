//! A case with a complaint and a claim for repayment, a calendar and a change of boundaries.

use serde_json::{Value, json};

use super::{minted, power};
use crate::support::register::Lines;

fn norm(lines: &mut Lines, name: &str, value: u64) -> Value {
    let norm = json!({"norm": name, "document": "law-477-2011", "point": "a point", "value": value.to_string(),
        "unit": "a-unit", "from": "2020-01-01", "certainty": "assumed", "source": "test"});
    lines.line("record-norm", &norm)
}

/// An applicant is included, complains, receives support and moves away.
pub(super) fn case(lines: &mut Lines, all: &mut Vec<Value>) {
    all.push(power(lines, "repayment-claim", "23(6)"));
    all.push(power(lines, "kandas-refusal", "20"));
    for (name, value) in [
        ("refusal-ground.kandas.false-documents", 2),
        ("term.administrative-procedure.working-days", 4),
        ("hearing.needless-below.working-days", 5),
        ("repayment.kandas.years", 5),
        ("complaint.months", 3),
        ("complaint.suspends", 1),
    ] {
        all.push(norm(lines, name, value));
    }
    let calendar = json!({"year": "2024", "weekly_rest": ["saturday", "sunday"], "days_off": ["2024-01-01"],
        "synthetic": true, "source": "test"});
    all.push(lines.line("record-calendar", &calendar));
    let out = json!({"territory": "abai", "out_of": "east-kazakhstan", "certainty": "known", "source": "test"});
    all.push(lines.line("record-succession", &out));
    all.extend(lines.applicant("kandas", 0, "2024-02-01"));
    let application = minted(lines);
    let mut give = |on: &str, type_name: &str, more: Value| {
        let mut data = json!({"application": application});
        for (name, value) in more.as_object().expect("an object") {
            data[name] = value.clone();
        }
        all.push(lines.on(on, type_name, &data));
    };
    let document = "22".repeat(32);
    give("2024-02-05", "hold-places", json!({}));
    give("2024-02-06", "commit-places", json!({}));
    give(
        "2024-02-07",
        "notify-act",
        json!({"decision": "2", "way": "post"}),
    );
    give(
        "2024-02-19",
        "pay-support",
        json!({"kind": "one-off", "amount": "2584400"}),
    );
    let right = json!({"of": "support", "says": {"kind": "one-off", "amount": "258440"}});
    give(
        "2024-02-19",
        "correct-case",
        json!({"entry": "4", "reason": "documents", "record": right}),
    );
    give(
        "2024-02-20",
        "file-complaint",
        json!({"decision": "2", "by": "third-party", "document": document}),
    );
    give(
        "2024-05-02",
        "record-move",
        json!({"to": "almaty", "own_will": true, "permanent": true}),
    );
    give(
        "2024-05-20",
        "open-repayment-claim",
        json!({"finding": "8", "amount": "258440"}),
    );
    give(
        "2024-05-27",
        "record-repayment",
        json!({"finding": "8", "amount": "100000", "document": document}),
    );
    give(
        "2024-05-28",
        "withdraw-repayment-claim",
        json!({"finding": "8", "document": document}),
    );
    amended(lines, all);
    refused(lines, all);
}

/// The place in the register's stream of the line that comes last.
fn last_law_entry(all: &[Value]) -> usize {
    let writes = |line: &Value| match line["type"].as_str() {
        Some("record-power") => line["data"]["decisions"].as_array().map_or(0, Vec::len),
        Some(
            "record-act" | "record-act-date" | "determine-act" | "record-norm" | "record-calendar"
            | "record-succession" | "change-territory" | "set-quota" | "record-other-power"
            | "end-norm" | "end-power" | "correct-law" | "correct-quota",
        ) => 1,
        _ => 0,
    };
    all.iter().map(writes).sum()
}

/// A norm and a power end, and entries of the register are said anew.
fn amended(lines: &mut Lines, all: &mut Vec<Value>) {
    let mistyped = norm(lines, "used-up-line-is-no-quota.kandas", 11);
    all.push(mistyped.clone());
    let mut right = mistyped["data"].clone();
    right["value"] = json!("1");
    let anew = json!({"entry": last_law_entry(all).to_string(), "reason": "mistyped", "record": {"of": "norm", "says": right}});
    all.push(lines.line("correct-law", &anew));
    let end =
        json!({"norm": "used-up-line-is-no-quota.kandas", "until": "2030-01-01", "source": "test"});
    all.push(lines.line("end-norm", &end));
    all.push(power(lines, "quota-year-close", "99"));
    let end = json!({"power": "quota-year-close", "document": "law-477-2011", "point": "99", "until": "2030-01-01", "source": "test"});
    all.push(lines.line("end-power", &end));
}

/// An application is refused, and nobody was heard: the term is short enough.
fn refused(lines: &mut Lines, all: &mut Vec<Value>) {
    let filed = lines.applicant("kandas", 0, "2024-02-01");
    let ids: Vec<String> = filed
        .iter()
        .map(|line| format!("command:{}", line["id"].as_str().expect("an id")))
        .collect();
    let (person, application) = (&ids[0], minted(lines));
    all.extend(filed);
    let refusal = json!({"application": application, "applicant": person, "ground": "false-documents",
        "hearing": {"choice": "omitted", "point": "73"}, "appeal": "to the authorised body"});
    let mut line = lines.on("2024-03-05", "refuse-application", &refusal);
    line["personal"] = json!({"individual-facts": "ойдан шығарылған"});
    all.push(line);
}
