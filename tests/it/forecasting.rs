//! Point 8 through the whole: the records are counted for a purpose, forecasts are made again from the log alone.

use std::collections::HashMap;

use qonys::examples;
use qonys_domain::{
    command::Command,
    context::Context,
    decide::{Undecided, decide},
    streams::{Stream, Streams},
};
use qonys_events::{entry::Entry, id::StreamId};
use serde_json::{Value, json};

use crate::{
    monitoring::{ask, submit},
    support::process::{qonys, run, run_with_input},
};

/// A data directory in which every example was given.
async fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let lines: String = examples::commands()
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let dir = directory.path().to_string_lossy().into_owned();
    submit(&dir, &lines).await;
    directory
}

#[tokio::test]
async fn the_records_are_counted_for_a_purpose_of_point_8() {
    let directory = directory().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let base = |day: &str, purpose: &str| {
        run(qonys([
            "population-base",
            "--effective",
            day,
            "--purpose",
            purpose,
            "--data-dir",
            &dir,
        ]))
    };
    let counted = base("2024-03-01", "schools").await.expect_success().stdout;
    let line: Value = serde_json::from_str(&counted).expect("a line of JSON");
    // The examples register one person of 14 or older in Medeu from 19.02. to 03.06.2024, and one in Auezov from 01.03. on.
    let one = |district: &str| json!({"district": district, "persons": ["0", "1"]});
    assert_eq!(
        line["data"]["districts"],
        json!([one("auezov"), one("medeu")])
    );
    assert_eq!(line["data"]["bands"], json!(["0", "14"]));
    let office = |text: &str| {
        text.replace("akimat.almaty", "akimat.synthetic-town")
            .replace("\"almaty\"", "\"synthetic-town\"")
    };
    let dated = |text: &str, on: &str| {
        let mut line: Value = serde_json::from_str(&office(text)).expect("JSON");
        line["decidedon"] = json!(on);
        format!("{line}\n")
    };
    submit(&dir, &dated(&counted, "2024-03-02")).await;
    let uses = ask(
        &dir,
        &["decisions", "--type", "kz.qonys.forecast.base-recorded.v1"],
    )
    .await;
    assert_eq!(uses["decisions"][1]["facts"]["purpose"], "schools");
    // For another purpose the use is blocked by the law, and nothing is stored.
    let counted = base("2024-03-05", "debt-collection")
        .await
        .expect_success()
        .stdout;
    let refused = run_with_input(
        qonys(["submit", "-", "--data-dir", &dir]),
        &dated(&counted, "2024-03-06"),
    )
    .await;
    let refused = refused.expect_success();
    assert!(
        refused.stdout.contains(r#""outcome":"blocked""#),
        "{}",
        refused.stdout
    );
    assert!(
        refused.stdout.contains("purpose-not-permitted")
            && refused.stdout.contains("synthetic-order-of-the-examples"),
        "{}",
        refused.stdout
    );
}

#[tokio::test]
async fn a_forecast_is_told_by_district_beside_its_naive_line() {
    let directory = directory().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let found = ask(&dir, &["forecast", "synthetic-town"]).await;
    assert_eq!(found["forecast"]["method_version"], "cohort-component.1");
    let number = |row: &Value, member: &str| {
        row[member]
            .as_str()
            .expect("a number")
            .parse::<i64>()
            .expect("a number")
    };
    let rows = |list: &str| found[list].as_array().expect("a list").clone();
    for (list, members) in [
        ("lines", vec!["total", "naive"]),
        ("needs", vec!["need", "have", "gap"]),
    ] {
        let (city, districts): (Vec<_>, Vec<_>) = rows(list)
            .into_iter()
            .partition(|row| row["district"] == "synthetic-town");
        assert!(
            !city.is_empty() && districts.len() == 2 * city.len(),
            "{list}"
        );
        for member in members {
            for whole in &city {
                let parts: i64 = districts
                    .iter()
                    .filter(|row| row["day"] == whole["day"])
                    .map(|row| number(row, member))
                    .sum();
                assert_eq!(number(whole, member), parts, "{list} {member}");
            }
        }
    }
    assert!(
        rows("lines")
            .iter()
            .all(|row| row.get("low").is_none() && row.get("without_migration").is_some())
    );
    let table = run(qonys([
        "forecast",
        "synthetic-town",
        "--tests",
        "--data-dir",
        &dir,
    ]))
    .await
    .expect_success()
    .stdout;
    assert!(
        table.contains("a scenario, and no promise") && table.contains("2034-01-01"),
        "{table}"
    );
    let none = run(qonys(["forecast", "almaty", "--data-dir", &dir])).await;
    assert_eq!(none.code(), Some(1), "{}", none.stdout);
}

/// Streams in memory.
#[derive(Default)]
struct Memory(HashMap<StreamId, Stream>);

impl Streams for Memory {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.0.get(id)
    }
}

#[tokio::test]
async fn a_forecast_is_made_again_from_the_entries_before_it_byte_for_byte() {
    let directory = directory().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let history = run(qonys(["history", "--output", "ndjson", "--data-dir", &dir]))
        .await
        .expect_success()
        .stdout;
    let entries: Vec<Entry> = history
        .lines()
        .map(|line| Entry::read(line).expect("an entry"))
        .collect();
    let of_forecast = |entry: &&Entry| entry.event.fact.type_name().ends_with("produced.v1");
    let first = entries
        .iter()
        .position(|entry| of_forecast(&entry))
        .expect("a forecast");
    let mut memory = Memory::default();
    for entry in &entries[..first] {
        let stream = entry.place.subject.clone();
        let empty = || Stream::empty(stream.kind());
        memory
            .0
            .entry(stream.clone())
            .or_insert_with(empty)
            .apply(&entry.event);
    }
    let made = &entries[first];
    let (_, line) = examples::commands()
        .find(|(name, _)| *name == "run-forecast")
        .expect("its example");
    let line: Value = serde_json::from_str(line).expect("JSON");
    let command = Command::read("run-forecast", line["data"].clone())
        .expect("a command")
        .expect("its data");
    let day = made.event.decidedon.expect("a decision date");
    let context = Context {
        now: made.place.time,
        today: day,
        decided_on: day,
        effective: None,
        actor: made.command.actor.clone(),
        minted: made.place.id,
        slots: Vec::new(),
        adopted_leaf: None,
        adopted_of: None,
        superseded: Vec::new(),
        known_as: None,
        cases: Vec::new(),
        correspondence: None,
        findings: qonys_domain::context::Findings::default(),
    };
    let decided = loop {
        match decide(&command, &context, &memory) {
            Ok(decided) => break decided,
            Err(Undecided::Blocked(blocked)) => panic!("{blocked}"),
            // The office of whoever made it is not registered: its stream has no entry.
            Err(Undecided::Needs(stream)) => {
                let empty = Stream::empty(stream.kind());
                let twice = memory.0.insert(stream, empty);
                assert!(twice.is_none(), "a verdict asks for a stream that is there");
            }
        }
    };
    let again: Vec<String> = decided
        .iter()
        .map(|(_, event)| event.fact.write_data())
        .collect();
    let stored: Vec<String> = entries
        .iter()
        .filter(of_forecast)
        .map(|entry| entry.event.fact.write_data())
        .collect();
    assert_eq!(stored.len(), 3, "the territory and two districts");
    assert_eq!(again, stored);
}
