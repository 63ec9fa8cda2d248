//! Promise P10: no decision reads what the law forbids. A planted rule that does is found.

use qonys::{
    examples,
    fairness::{Checker, check_fields, exchanged, forbidden, forbidden_field},
};
use qonys_domain::{command::Command, read_list};
use qonys_events::{catalog, entry::Entry, fact::Fact};
use serde_json::Value;

use crate::support::process::{qonys, run, run_with_input};

fn lines() -> String {
    examples::commands()
        .map(|(_, line)| format!("{line}\n"))
        .collect()
}

/// A log with every example, and what `qonys check fairness` says of it.
async fn checked(fault: Option<&str>) -> (Option<i32>, Value) {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let mut submit = qonys(["submit", "-", "--data-dir", &directory]);
    if let Some(fault) = fault {
        submit.env("QONYS_FAULT", fault);
    }
    run_with_input(submit, &lines()).await.expect_success();
    let mut check = qonys([
        "check",
        "fairness",
        "--output",
        "json",
        "--data-dir",
        &directory,
    ]);
    // The check itself is the good one: what a faulty rule left in the log is what it looks at.
    if fault.is_some() {
        check.env_remove("QONYS_FAULT");
    }
    let done = run(check).await;
    let answer = serde_json::from_str(&done.stdout).expect("an answer");
    (done.code(), answer)
}

#[tokio::test]
async fn p10_the_read_lists_of_a_log_name_nothing_forbidden() {
    let (code, answer) = checked(None).await;
    assert_eq!(
        (code, &answer["findings"]),
        (Some(0), &Value::Array(Vec::new())),
        "{answer}"
    );
    assert!(answer["log"]["read_lists"].as_u64() > Some(10), "{answer}");
    assert!(
        answer["log"]["facts"]["consent"].as_u64() > Some(0),
        "{answer}"
    );
}

#[tokio::test]
async fn a_planted_rule_that_reads_a_forbidden_field_is_found_with_its_entry() {
    let (code, answer) = checked(Some("p10")).await;
    assert_eq!(code, Some(3), "{answer}");
    let found = answer["findings"].as_array().expect("findings");
    let sex = found.iter().filter(|f| {
        f["what"]
            .as_str()
            .is_some_and(|what| what.contains("reads sex"))
    });
    let sex: Vec<_> = sex.collect();
    assert!(!sex.is_empty(), "{answer}");
    assert!(
        sex.iter()
            .all(|f| f["code"] == "unknown-fact" && f["position"].is_string()),
        "{answer}"
    );
}

#[test]
fn p10_exchanged_attributes_change_no_verdict_and_no_reason() {
    let exchanged = exchanged();
    assert_eq!(exchanged.findings, []);
    assert!(
        exchanged.accepted > 30 && exchanged.blocked > 15,
        "{exchanged:?}"
    );
    assert!(
        exchanged.accepted + exchanged.blocked + 10 > exchanged.commands,
        "{exchanged:?}"
    );
    assert!(exchanged.persons >= 5);
    // Every command type there is was decided for every person, and recorded something for each.
    for name in Command::TYPES {
        let of = exchanged.types.get(name);
        let of = of.unwrap_or_else(|| panic!("{name} was not decided"));
        assert!(of.accepted > 0, "{name}: {of:?}");
    }
    // What comes with personal values is where an attribute could be read: each such type, and each is exchanged.
    let with_values = exchanged.types.values().filter(|of| of.personal).count();
    assert!(with_values >= 5, "{exchanged:?}");
}

#[test]
fn no_type_has_a_field_for_what_is_forbidden() {
    let (types, findings) = check_fields();
    assert_eq!(findings, []);
    assert!(types > 80, "{types}");
    for (field, found) in [
        ("sex", true),
        ("mother_tongue", true),
        ("useful_area", false),
    ] {
        assert_eq!(forbidden_field("x", field).is_some(), found, "{field}");
    }
}

/// An example entry whose verdict read these facts, decided on a day.
fn entry(type_name: &str, facts: &str, on: &str) -> Entry {
    let entries = catalog::example_entries();
    let mut entry = entries
        .into_iter()
        .find(|e| e.event.fact.type_name() == type_name)
        .expect("a known type");
    let mut data: Value = serde_json::from_str(&entry.event.fact.write_data()).expect("JSON");
    data["facts"] = serde_json::from_str(facts).expect("JSON");
    entry.event.fact = Fact::read(type_name, &data.to_string())
        .expect("a known type")
        .expect("data of its type");
    entry.event.decidedon = Some(on.parse().expect("a day"));
    entry
}

#[test]
fn a_forbidden_attribute_is_read_only_under_its_lawful_condition() {
    let found = |type_name: &str, facts: &str, on: &str| {
        let mut checker = Checker::default();
        checker.take(&entry(type_name, facts, on));
        let findings = checker.finish().findings;
        findings.iter().map(|f| f.code).collect::<Vec<_>>()
    };
    let held = "kz.qonys.quota-line.places-held.v1";
    let residence = "kz.qonys.person.residence-registered.v1";
    assert_eq!(
        found(held, r#"{"category":"kandas"}"#, "2024-02-01"),
        [""; 0]
    );
    // The same fact in another decision, or before the condition, is forbidden.
    assert_eq!(
        found(residence, r#"{"category":"kandas"}"#, "2024-02-01"),
        ["forbidden-fact"]
    );
    assert_eq!(
        found(held, r#"{"category":"kandas"}"#, "2010-02-01"),
        ["forbidden-fact"]
    );
    assert_eq!(
        found(residence, r#"{"religion":"any"}"#, "2024-02-01"),
        ["unknown-fact"]
    );
}

#[test]
fn the_list_is_whole_and_every_attribute_in_it_is_one() {
    let list: Vec<String> = forbidden().into_iter().map(|f| f.attribute).collect();
    for named in [
        "origin",
        "ethnicity",
        "race",
        "language",
        "religion",
        "beliefs",
        "sex",
        "social-status",
        "property-status",
        "official-status",
        "prior-residence",
        "disability",
    ] {
        assert!(list.iter().any(|f| f == named), "{named}");
    }
    for (fact, meaning) in read_list::all() {
        if let Some(attribute) = meaning.attribute {
            assert!(
                list.iter().any(|f| f == attribute),
                "{fact} reads {attribute}"
            );
        }
    }
}
