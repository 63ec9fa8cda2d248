//! Every command type has one example. It validates against the printed schema, and it runs.

use std::process::Command as Process;

use qonys::{clock::Entropy, examples, published};
use qonys_domain::command::Command;
use qonys_events::entry::Actor;
use serde_json::Value;

use crate::support::register::Register;

#[test]
fn every_type_has_exactly_one_example_in_its_order() {
    let types: Vec<&str> = examples::commands().map(|(name, _)| name).collect();
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
    assert_eq!(types, Command::TYPES);
}

/// What is published, as the lines of an actor.
pub(crate) fn published_lines() -> Vec<String> {
    let actor: Actor = serde_json::from_str(
        r#"{"actor":"a0b1c2d3-0000-4000-8000-0000000000ff","role":"lawyer","office":"akimat.almaty"}"#,
    )
    .expect("an actor");
    let entropy = Entropy::seeded(1);
    let lines = published::acts()
        .into_iter()
        .chain(published::determinations());
    lines
        .map(|line| line.line(entropy.reference(), &actor))
        .collect()
}

#[tokio::test]
async fn the_examples_run_in_their_order() {
    let register = Register::embedded("2026-01-05T04:00:00.000000Z").await;
    let mut lines: Vec<String> = examples::commands().map(|(_, line)| line.into()).collect();
    // The first one opens the log; what is published and what the others build on comes after it.
    let given = examples::given().map(str::to_owned);
    lines.splice(1..1, published_lines().into_iter().chain(given));
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    register.must(&lines).await;
}
