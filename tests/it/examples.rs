//! Every command type has one example. It validates against the printed schema, and it runs.

use std::process::Command as Process;

use qonys::examples;
use qonys_domain::command::Command;
use serde_json::Value;

use crate::support::process::{qonys, run, run_with_input};

#[test]
fn every_type_has_examples_in_its_order() {
    let mut types: Vec<&str> = examples::commands().map(|(name, _)| name).collect();
    types.dedup();
    assert_eq!(types, Command::TYPES);
}

#[test]
fn every_example_validates_against_the_printed_schema() {
    let output = Process::new(env!("CARGO_BIN_EXE_qonys"))
        .args(["schema", "commands"])
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("the program prints UTF-8");
    let mut types = Vec::new();
    for line in text.lines() {
        let printed: Value = serde_json::from_str(line).expect("a line of JSON");
        let schema = jsonschema::validator_for(&printed["schema"]).expect("a schema");
        let faults: Vec<_> = schema.iter_errors(&printed["example"]).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", printed["type"]);
        types.push(printed["type"].as_str().expect("a name").to_owned());
    }
    types.dedup();
    assert_eq!(types, Command::TYPES);
}

#[tokio::test]
async fn the_printed_examples_run_in_their_order_on_an_empty_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let printed = run(qonys(["schema", "commands"]))
        .await
        .expect_success()
        .stdout;
    let lines: String = printed
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("a line of JSON")["example"].to_string()
                + "\n"
        })
        .collect();
    let submit = qonys(["submit", "-", "--data-dir", &directory]);
    let answers = run_with_input(submit, &lines).await.expect_success().stdout;
    for (answer, line) in answers.lines().zip(lines.lines()) {
        assert!(
            answer.contains(r#""outcome":"accepted""#),
            "{line}: {answer}"
        );
    }
    assert_eq!(answers.lines().count(), lines.lines().count());
}
