//! Reports to the authorised body (points 5 and 11): what was frozen is computed again from the log, whatever came later.

use qonys::examples;
use serde_json::{Value, json};

use crate::support::process::{qonys, run, run_with_input};

/// What a command of the program prints.
async fn printed(arguments: &[&str]) -> String {
    run(qonys(arguments.iter().copied()))
        .await
        .expect_success()
        .stdout
}

async fn submit(directory: &str, line: &str) {
    let submit = qonys(["submit", "-", "--data-dir", directory]);
    let answer = run_with_input(submit, &format!("{line}\n"))
        .await
        .expect_success();
    assert!(
        answer.stdout.contains(r#""outcome":"accepted""#),
        "{line}: {}",
        answer.stdout
    );
}

#[tokio::test]
async fn a_frozen_report_is_computed_again_and_a_false_one_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let lines: Vec<_> = examples::commands()
        .map(|(_, line)| line.to_owned())
        .collect();
    let submit_all = qonys(["submit", "-", "--data-dir", &directory]);
    run_with_input(submit_all, &(lines.join("\n") + "\n"))
        .await
        .expect_success();
    let draft = printed(&[
        "report",
        "draft",
        "norms",
        "--kind",
        "norms-in-force",
        "--addressee",
        "a ministry",
        "--effective",
        "2024-07-01",
        "--office",
        "akimat.synthetic-town",
        "--data-dir",
        &directory,
    ])
    .await;
    let mut draft: Value = serde_json::from_str(&draft).expect("a command line");
    let snapshot = draft["data"]["snapshot"].clone();
    assert_ne!(snapshot["rows"], json!("0"));
    submit(&directory, &draft.to_string()).await;
    let listed = |of: &str| {
        let arguments = ["list", of, "--output", "json", "--data-dir", &directory];
        arguments.map(str::to_owned)
    };
    let reports = async || {
        let arguments = listed("reports");
        let text = printed(&arguments.each_ref().map(String::as_str)).await;
        let rows: Vec<Value> = serde_json::from_str(&text).expect("rows");
        let of_kind = rows
            .into_iter()
            .filter(|row| row["report_kind"] == "norms-in-force");
        of_kind.collect::<Vec<_>>()
    };
    let found = reports().await;
    let report = found[0]["report"].as_str().expect("a reference").to_owned();

    // A norm of that very day is recorded after the report: the report stays what it was.
    let mut norm: Value = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line"))
        .find(|line| line["type"] == "record-norm")
        .expect("a norm");
    norm["id"] = json!("e0000000-0000-4000-8000-0000000009a1");
    norm["data"]["norm"] = json!("recorded-later");
    submit(&directory, &norm.to_string()).await;
    let sign = json!({"id": "e0000000-0000-4000-8000-0000000009a2", "type": "sign-report", "actor": draft["actor"],
        "data": {"report": report, "digest": snapshot["digest"], "document": "22".repeat(32)}});
    submit(&directory, &sign.to_string()).await;
    let checked = printed(&["report", "check", &report, "--data-dir", &directory]).await;
    assert!(checked.contains("as frozen; signed on"), "{checked}");

    // One that says other rows is found, and so is the one of the examples, whose digest is invented.
    draft["id"] = json!("e0000000-0000-4000-8000-0000000009a3");
    draft["data"]["snapshot"]["digest"] = json!("44".repeat(32));
    submit(&directory, &draft.to_string()).await;
    let found = reports().await;
    let other = found
        .iter()
        .filter_map(|row| row["report"].as_str())
        .find(|other| *other != report)
        .expect("another report");
    let false_one = run(qonys(["report", "check", other, "--data-dir", &directory])).await;
    assert_eq!(false_one.code(), Some(3), "{}", false_one.stdout);
}
