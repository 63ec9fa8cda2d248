//! The term of a case and its place in the queue (point 6), over HTTP and on the command line: the same answers.

use serde_json::json;

use super::Served;
use crate::support::{
    process::{qonys, run},
    register::{Lines, Register},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_term_is_counted_alike_on_the_command_line_and_over_http() {
    let register = Register::postgres("2024-05-30T06:00:00.000000Z").await;
    let url = register.database.as_ref().expect("a database").url();
    let directory = register.directory.path().to_string_lossy().into_owned();
    let mut lines = Lines::new(77);
    register.must(&lines.opening("simulated")).await;
    let norm = json!({"norm": "term.administrative-procedure.working-days", "document": "law-477-2011", "point": "76",
        "value": "15", "unit": "working-days", "from": "2021-07-01", "certainty": "assumed", "source": "test"});
    register.must(&[lines.line("record-norm", &norm)]).await;
    let stored = register
        .must(&lines.applicant("resettlers", 2, "2024-02-27"))
        .await;
    let application = filed(&stored);
    let served = Served::without_views(register).await;
    let path = format!("/v1/applications/{application}/deadline");
    let printed = async || {
        let arguments = [
            "deadline",
            application.as_str(),
            "--output",
            "json",
            "--database-url",
            url.as_str(),
            "--data-dir",
            directory.as_str(),
        ];
        run(qonys(arguments)).await
    };
    // No calendar of the year is recorded: nothing is counted, here as there.
    let blocked = served
        .client
        .get(&path)
        .await
        .problem(422, "calendar-missing");
    assert_eq!(blocked["facts"]["calendar-year"], "2024");
    assert!(
        blocked["outcome"].is_null(),
        "nothing was asked of the register but to count"
    );
    assert_eq!(printed().await.code(), Some(5));
    let calendar = json!({"year": "2024", "weekly_rest": ["saturday", "sunday"], "days_off": ["2024-03-08"],
        "synthetic": true, "source": "test"});
    served
        .register
        .must(&[lines.line("record-calendar", &calendar)])
        .await;
    let answered = served.client.get(&path).await.expect(200);
    let term = answered.json();
    // Tuesday 27 February is day 0; Friday 8 March is off, and so are six days of rest.
    assert_eq!(term["deadline"], "2024-03-20");
    assert_eq!(term["working_days"], "15");
    assert_eq!(term["days"].as_array().map(Vec::len), Some(22));
    let said = printed().await.expect_success().stdout;
    assert_eq!(said.trim_end(), answered.text(), "the same bytes");
    for unknown in ["7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11", "nobody"] {
        let path = format!("/v1/applications/{unknown}/deadline");
        served.client.get(&path).await.problem(404, "not-found");
    }
    let asked = served.client.get(&format!("{path}?position=1")).await;
    asked.problem(400, "bad-parameter");
    served.end().await;
}

/// The application that a command filed.
fn filed(stored: &qonys::dispatch::Stored) -> String {
    let mut streams = stored.streams.keys();
    let found = streams.find_map(|stream| stream.strip_prefix("application/"));
    found.expect("an application").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_in_the_queue_is_the_same_on_the_command_line_and_over_http() {
    let register = Register::postgres("2024-05-30T06:00:00.000000Z").await;
    let url = register.database.as_ref().expect("a database").url();
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let mut lines = Lines::new(78);
    register.must(&lines.opening("simulated")).await;
    let mut applications = Vec::new();
    for (category, day) in [
        ("resettlers", "2024-02-01"),
        ("resettlers", "2024-02-02"),
        ("resettlers", "2024-02-02"),
        ("kandas", "2024-02-01"),
    ] {
        let stored = register.must(&lines.applicant(category, 0, day)).await;
        applications.push(filed(&stored));
    }
    let served = Served::start(register).await;
    served.caught_up().await;
    let path = format!("/v1/applications/{}/queue", applications[1]);
    let place = async |query: &str| {
        let reply = served.client.get(&format!("{path}{query}")).await;
        reply.expect(200).json()
    };
    let found = place("").await;
    assert_eq!(
        (&found["ahead"], &found["same_day"], &found["waiting"]),
        (&json!("1"), &json!("1"), &json!("3")),
        "{found}"
    );
    // Who withdraws waits no more, and what was known before stays.
    let before = found["position"].as_str().expect("a position").to_owned();
    let first = json!({"application": applications[0]});
    served
        .register
        .must(&[lines.on("2024-05-29", "withdraw-application", &first)])
        .await;
    served.caught_up().await;
    assert_eq!(place("").await["ahead"], "0");
    assert_eq!(place(&format!("?position={before}")).await["ahead"], "1");
    let gone = served
        .client
        .get(&format!("/v1/applications/{}/queue", applications[0]))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&gone["state"], &gone["ahead"]),
        (&json!("withdrawn"), &json!(null))
    );
    let arguments = [
        "queue",
        applications[1].as_str(),
        "--output",
        "json",
        "--database-url",
        url.as_str(),
        "--data-dir",
        directory.as_str(),
    ];
    let said = run(qonys(arguments)).await.expect_success().stdout;
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let answered = place("").await;
    for name in [
        "state", "filed_on", "ahead", "same_day", "waiting", "day", "position",
    ] {
        assert_eq!(said[name], answered[name], "{name}");
    }
    let unknown = "/v1/applications/7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11/queue";
    served.client.get(unknown).await.problem(404, "not-found");
    served.end().await;
}
