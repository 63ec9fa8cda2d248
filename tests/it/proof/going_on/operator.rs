//! What a log goes on from, and the two commands with which an operator closes one and goes on.

use qonys::{
    log::{Log, LogError, sqlite::SqliteLog},
    views::Views,
};
use serde_json::{Value, json};

use super::super::stage::Stage;
use super::{closed, copy_files, embedded, goes_on, new_log};
use crate::support::process::{qonys, run, run_with_input};

#[tokio::test]
async fn a_log_goes_on_only_from_the_one_that_it_names_byte_for_byte() {
    let (stage, _, earlier, _directory) = embedded().await;
    let signer = tempfile::tempdir().expect("a directory");
    copy_files(stage.signer.path(), signer.path());
    let closed = closed(earlier, &stage, signer).await;
    let place = tempfile::tempdir().expect("a directory");
    let log = SqliteLog::open(place.path(), Some(&new_log(&closed.earlier))).await;
    let log = Log::Sqlite(log.expect("a new log"));
    // An empty log goes on from nothing.
    let early = log.clone().going_on(&closed.earlier).await;
    assert!(matches!(early, Err(LogError::Refused(_))));
    let gone = goes_on(&closed, log.clone()).await;
    // Without the kept entries there are no views.
    let alone = Views::open(&log, place.path()).await;
    assert!(alone.is_err_and(|why| why.to_string().contains("not at hand")));
    // Another log of the same name and length.
    let other = Stage::embedded().await;
    let refused = log.clone().going_on(&other.register.log).await;
    assert!(matches!(refused, Err(LogError::Refused(_))));
    let itself = log.going_on(&gone).await;
    assert!(matches!(itself, Err(LogError::Refused(_))));
}

#[tokio::test]
async fn an_operator_closes_a_log_and_goes_on_with_two_commands() {
    let (stage, story, earlier, old) = embedded().await;
    let keys: Vec<String> = stage.keys().iter().map(ToString::to_string).collect();
    let work = tempfile::tempdir().expect("a directory");
    let path = |name: &str| work.path().join(name).to_string_lossy().into_owned();
    stage.bundle().await.write(&work.path().join("before"));
    let old_signer = path("signer-1");
    std::fs::create_dir(&old_signer).expect("a directory");
    copy_files(stage.signer.path(), old_signer.as_ref());
    drop(earlier);
    let old = old.path().to_string_lossy().into_owned();
    let call = |arguments: &[&str]| {
        run(qonys(
            arguments
                .iter()
                .map(|a| (*a).to_owned())
                .collect::<Vec<_>>(),
        ))
    };
    // Nothing is written before it is settled.
    let refused = run_with_input(
        qonys([
            "submit",
            "-",
            "--data-dir",
            &old,
            "--signer-dir",
            &old_signer,
        ]),
        &story.commit.to_string(),
    )
    .await;
    assert_eq!(refused.code(), Some(3), "{}", refused.stderr);
    let closing = [
        "close",
        "--reason",
        "a lost disk",
        "--next-signer-dir",
        &path("signer-2"),
    ];
    let old_at = ["--data-dir", &old, "--signer-dir", &old_signer];
    call(&[&closing[..], &old_at].concat())
        .await
        .expect_success();
    let at = [
        "--data-dir",
        &path("next"),
        "--signer-dir",
        &path("signer-2"),
    ];
    let from = ["--from-data-dir", &old, "--from-signer-dir", &old_signer];
    let gone = call(&[&["go-on"], &from[..], &at].concat())
        .await
        .expect_success();
    assert!(
        gone.stdout.contains("opened qonys/almaty/test/2"),
        "{}",
        gone.stdout
    );
    // A command of before the loss is known, the lost one happens now.
    let lines = format!("{}\n{}\n", story.hold, story.commit);
    let arguments = [&["submit", "-"], &at[..]].concat();
    let sent = run_with_input(qonys(arguments), &lines)
        .await
        .expect_success();
    let answers: Vec<Value> = sent
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        (
            &answers[0]["outcome"],
            &answers[0]["source"],
            &answers[1]["outcome"]
        ),
        (
            &json!("duplicate"),
            &json!("qonys/almaty/test/1"),
            &json!("accepted")
        )
    );
    call(&[&["export", "bundle", &path("after")], &at[..]].concat())
        .await
        .expect_success();
    let shown = call(&[&["key", "show"], &at[..]].concat())
        .await
        .expect_success();
    std::fs::write(
        path("keys"),
        format!("{}\n{}", keys.join("\n"), shown.stdout),
    )
    .expect("a file");
    let verified = call(&[
        "verify",
        &path("after"),
        "--before",
        &path("before"),
        "--key",
        &path("keys"),
        "--output",
        "json",
    ])
    .await;
    let report: Value = serde_json::from_str(&verified.expect_success().stdout).expect("JSON");
    assert_eq!(
        (&report["verified"], &report["level"]),
        (&json!(true), &json!("views"))
    );
}
