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
    assert_eq!(rows.len(), if pgbench { 16 } else { 14 }, "{report:#}");
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
