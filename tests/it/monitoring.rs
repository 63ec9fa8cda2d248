//! Monitoring (point 4) through the whole: what is published is loaded by commands, and the command line answers.

use qonys_domain::blocked::Code;
use serde_json::{Value, json};

use crate::support::{
    process::{qonys, run, run_with_input},
    register::{Lines, Register},
};

/// A data directory with the published acts, determinations and figures, loaded through the command line.
pub(crate) async fn published() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let dir = directory.path().to_string_lossy().into_owned();
    let opened = run(qonys(["init", "--data-dir", &dir])).await;
    opened.expect_success();
    for what in ["acts", "determinations", "figures"] {
        let lines = run(qonys(["published", what]))
            .await
            .expect_success()
            .stdout;
        submit(&dir, &lines).await;
    }
    directory
}

/// Submits lines that must all be accepted.
pub(crate) async fn submit(dir: &str, lines: &str) {
    assert!(!lines.is_empty());
    let answers = run_with_input(qonys(["submit", "-", "--data-dir", dir]), lines).await;
    let answers = answers.expect_success().stdout;
    for answer in answers.lines() {
        assert!(answer.contains(r#""outcome":"accepted""#), "{answer}");
    }
    assert_eq!(answers.lines().count(), lines.lines().count());
}

/// The answer of a question as JSON.
pub(crate) async fn ask(dir: &str, args: &[&str]) -> Value {
    let asked = args.iter().copied();
    let done = run(qonys(asked.chain(["--output", "json", "--data-dir", dir]))).await;
    serde_json::from_str(&done.expect_success().stdout).expect("an answer is JSON")
}

#[tokio::test]
async fn published_figures_are_loaded_by_commands_and_reconcile_but_for_207() {
    let directory = published().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let mut lines = Lines::new(41);
    lines.office = "akimat.almaty".into();
    let reconcile = json!({"stock": "population", "parts": ["reported-growth"], "territory": "almaty", "period": "2023-01/2023-05"});
    let density =
        json!({"indicator": "population-density", "territory": "almaty", "period": "2023-01-01"});
    let balance =
        json!({"indicator": "migration-balance", "territory": "almaty", "period": "2012-Q1"});
    let text: String = [
        lines.on("2023-07-03", "reconcile-figures", &reconcile),
        lines.on("2023-07-03", "compute-figure", &density),
        lines.on("2023-07-03", "compute-figure", &balance),
    ]
    .iter()
    .map(|line| format!("{line}\n"))
    .collect();
    submit(&dir, &text).await;
    let found = ask(&dir, &["reconciliations"]).await;
    assert_eq!(found["reconciliations"][0]["discrepancy"], "207");
    assert_eq!(found["reconciliations"][0]["implied_start"], "2161902");
    for (indicator, expected) in [
        ("population-density", "3170"),
        ("migration-balance", "1796"),
    ] {
        let found = ask(&dir, &["figures", indicator]).await;
        assert_eq!(found["figures"][0]["figure"], expected, "{indicator}");
        assert_eq!(found["figures"].as_array().map(Vec::len), Some(1));
    }
    let found = ask(
        &dir,
        &["figures", "population", "--effective", "2023-08-15"],
    )
    .await;
    assert_eq!(found["figures"][0]["figure"], "2191314");
    let before = ask(&dir, &["figures", "population", "--known-on", "2020-01-01"]).await;
    assert_eq!(
        before["figures"],
        json!([]),
        "nothing was known before it was recorded"
    );
    let coverage = ask(&dir, &["coverage", "--effective", "2023-02-01"]).await;
    assert_eq!(coverage["quarter"], "2023-Q1");
    let without: Vec<_> = coverage["without_data"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert!(
        without.contains(&&json!("religious-situation"))
            && without.contains(&&json!("ethnic-composition"))
    );
    assert!(!without.contains(&&json!("population-density")));
    let decisions = ask(
        &dir,
        &[
            "decisions",
            "--type",
            "kz.qonys.indicator.figures-reconciled.v1",
        ],
    )
    .await;
    assert_eq!(
        decisions["decisions"][0]["act"],
        "almaty-maslikhat-152-2017"
    );
    assert_eq!(decisions["decisions"][0]["point"], "4");
    assert_eq!(decisions["decisions"][0]["wording"], "2021");
    assert_eq!(decisions["decisions"][0]["certainty"], "assumed");
}

#[tokio::test]
async fn after_the_repeal_computing_has_no_basis_and_recording_goes_on() {
    let register = Register::embedded("2026-01-05T04:00:00.000000Z").await;
    let open = json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"});
    register
        .must(&[Lines::new(42).line("open-log", &open)])
        .await;
    let actor = json!({"actor": "a0b1c2d3-0000-4000-8000-0000000000ff", "role": "analyst", "office": "akimat.almaty"});
    let actor = serde_json::from_value(actor).expect("an actor");
    let entropy = qonys::clock::Entropy::seeded(9);
    let all = qonys::published::acts()
        .into_iter()
        .chain(qonys::published::determinations());
    for line in all.chain(qonys::published::figures()) {
        let line = line.line(entropy.reference(), &actor);
        register
            .must(&[serde_json::from_str(&line).expect("JSON")])
            .await;
    }
    let mut lines = Lines::new(43);
    let change = |period: &str| json!({"indicator": "population-change", "territory": "almaty", "period": period});
    let before = lines.on("2024-04-08", "compute-figure", &change("2023-10/2024-03"));
    register.must(&[before]).await;
    let after = lines.on("2024-10-15", "compute-figure", &change("2024-04/2024-09"));
    match register.send(&after).await {
        qonys::dispatch::Outcome::Blocked(blocked) => {
            assert_eq!(blocked.code, Code::NoBasis);
            assert_eq!(blocked.facts.get("state"), Some("repealed"));
        }
        other => panic!("{other:?}"),
    }
    let figure = json!({"source": "a newspaper", "source_kind": "press",
        "figures": [{"indicator": "population", "territory": "almaty", "period": "2024-12-01", "value": "2290000"}]});
    register
        .must(&[lines.on("2025-01-10", "record-release", &figure)])
        .await;
}

#[tokio::test]
async fn the_trigger_over_the_published_figures_fires_nowhere() {
    let directory = published().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let mut lines = Lines::new(44);
    lines.office = "akimat.almaty".into();
    let mut text = String::new();
    for territory in ["almaty", "north-kazakhstan"] {
        let choice = json!({"territory": territory, "reading": "a", "reason": "the population falls or it does not"});
        text.push_str(&format!(
            "{}\n",
            lines.on("2023-02-01", "choose-population-departure-reading", &choice)
        ));
    }
    for (territory, period, on) in [
        ("almaty", "2023-01/2023-09", "2023-11-01"),
        ("almaty", "2023-10/2024-03", "2024-04-08"),
        ("north-kazakhstan", "2022", "2023-03-01"),
    ] {
        let asked = json!({"territory": territory, "period": period});
        text.push_str(&format!(
            "{}\n",
            lines.on(on, "evaluate-population-departure", &asked)
        ));
    }
    let early = json!({"territory": "almaty", "cause": {"cause": "early-action", "reason": "flats are short"}});
    text.push_str(&format!(
        "{}\n",
        lines.on("2023-11-02", "open-measure-plan", &early)
    ));
    let plan = format!("command:{}", lines.last());
    let measure = json!({"plan": plan, "kind": "skilled-labour", "what": "A fair of vacancies", "owner": "akimat.almaty",
        "due": "2023-12-20", "indicator": "departures"});
    text.push_str(&format!(
        "{}\n",
        lines.on("2023-11-03", "add-measure", &measure)
    ));
    submit(&dir, &text).await;
    let found = ask(&dir, &["population-departure"]).await;
    let outcomes: Vec<_> = found["evaluations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["territory"], row["reading_a"], row["reading_b"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            "almaty not-fired cannot-evaluate",
            "almaty not-fired cannot-evaluate",
            "north-kazakhstan cannot-evaluate cannot-evaluate",
        ]
    );
    let table = run(qonys([
        "population-departure",
        "almaty",
        "--data-dir",
        &dir,
    ]))
    .await
    .expect_success()
    .stdout;
    assert!(
        table.contains("not-fired (-49503)") && table.contains("missing 2"),
        "{table}"
    );
    // What was evaluated later is left out where it is asked what was known on a day.
    for (known_on, evaluations) in [("2023-10-31", 0), ("2023-11-01", 1), ("2024-04-08", 2)] {
        let found = ask(
            &dir,
            &["population-departure", "almaty", "--known-on", known_on],
        )
        .await;
        assert_eq!(
            found["evaluations"].as_array().map(Vec::len),
            Some(evaluations),
            "{known_on}"
        );
    }
    for (day, plans) in [("2023-12-20", 0), ("2023-12-21", 1)] {
        let found = ask(&dir, &["measures", "--overdue", "--effective", day]).await;
        assert_eq!(
            found["plans"].as_array().map(Vec::len),
            Some(plans),
            "{day}"
        );
    }
    // The reading counts from its day; the wording of 2021 is cited, and that it was in force is assumed.
    let found = ask(
        &dir,
        &[
            "decisions",
            "--type",
            "kz.qonys.population-departure.evaluated.v1",
        ],
    )
    .await;
    assert_eq!(found["decisions"][0]["point"], "7");
    assert_eq!(found["decisions"][0]["certainty"], "assumed");
}
