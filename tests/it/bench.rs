//! `qonys bench` in its short form: every work is measured on both sides. How fast is no test's business.

use serde_json::Value;

use crate::support::{
    database::TestDatabase,
    process::{qonys, run},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_short_form_measures_every_work_on_both_sides() {
    let database = TestDatabase::create().await;
    let url = database.url();
    let nats = std::env::var("QONYS_TEST_NATS_URL").expect("a broker for tests");
    let mut command = qonys(["bench", "--short", "--output", "json"]);
    command
        .env("QONYS_BENCH_DATABASE_URL", url)
        .env("QONYS_BENCH_NATS_URL", nats);
    let told = run(command).await.expect_success().stdout;
    let report: Value = serde_json::from_str(&told).expect("a JSON document");
    let rows = report["rows"].as_array().expect("rows");
    let pgbench = report["skipped"].as_array().expect("a list").is_empty();
    assert_eq!(rows.len(), if pgbench { 20 } else { 18 }, "{report:#}");
    for row in rows {
        let median = |side: &str| row[side]["median"].as_f64();
        assert!(median("ours").is_some_and(|median| median > 0.0), "{row:#}");
        if row["target"]["kind"] != "told" {
            assert!(
                median("theirs").is_some_and(|median| median > 0.0),
                "{row:#}"
            );
            assert!(
                row["ratio"].as_f64().is_some_and(|ratio| ratio > 0.0),
                "{row:#}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_form_of_growth_tells_every_part_and_writes_its_figure() {
    let database = TestDatabase::create().await;
    let directory = tempfile::tempdir().expect("a directory");
    let figures = directory.path().join("made/for/it");
    let mut command = qonys(["bench", "--short", "--growth", "500", "--output", "json"]);
    command
        .arg("--figures")
        .arg(&figures)
        .env("QONYS_BENCH_DATABASE_URL", database.url());
    let told = run(command).await.expect_success().stdout;
    let grown: Value = serde_json::from_str(&told).expect("a JSON document");
    let parts = grown["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), 10, "{grown:#}");
    assert_eq!(parts[9]["allocations"], 500, "{grown:#}");
    assert_eq!(grown["replay"]["equal"], true, "{grown:#}");
    assert!(
        grown["replay"]["entries"].as_u64() > Some(1_500),
        "{grown:#}"
    );
    assert_eq!(grown["opened"].as_array().map(Vec::len), Some(2));
    let read = |name| std::fs::read_to_string(figures.join(name)).expect("the figure");
    assert_eq!(read("growth.csv").lines().count(), 11);
    assert!(read("growth.svg").contains("<polyline"));
}
