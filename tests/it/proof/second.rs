//! The second log is signed like the register's own, with a key of its own: what is cut off, changed or put in its place is found
//! by whoever runs it (`qonys check second-log`) and by whoever has a bundle and a checkpoint of it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::Executor as _;
use tempfile::TempDir;

use super::{signing::owner, stage::Stage};
use crate::support::process::{Finished, qonys, run};

/// A register that nobody has open, with its signer elsewhere, and a second log that the program writes.
struct Closed {
    data: TempDir,
    signer: TempDir,
    work: TempDir,
}

impl Closed {
    async fn new() -> Self {
        let stage = Stage::embedded().await;
        let Stage {
            register,
            publisher,
            signer,
            ..
        } = stage;
        let data = register.directory;
        drop((publisher, register.dispatch, register.log));
        let work = tempfile::tempdir().expect("a directory");
        let closed = Self { data, signer, work };
        // The decider lets go of the store when its last sender is gone.
        for _ in 0..100 {
            if closed.run(&["history", "--limit", "1"]).await.code() == Some(0) {
                return closed;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the directory is not free");
    }

    async fn run(&self, arguments: &[&str]) -> Finished {
        let (data, signer) = (self.data.path(), self.signer.path());
        let mut all: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        if arguments[0] != "verify" {
            let at = [("--data-dir", data), ("--signer-dir", signer)];
            for (name, path) in at {
                all.extend([name.to_owned(), path.to_string_lossy().into_owned()]);
            }
        }
        run(qonys(all)).await
    }

    /// Looks so often, which stands in the second log.
    async fn look(&self, times: usize) {
        for _ in 0..times {
            self.run(&["history", "law/main"]).await.expect_success();
        }
    }

    fn work(&self, name: &str) -> String {
        self.work.path().join(name).to_string_lossy().into_owned()
    }

    fn second(&self) -> PathBuf {
        self.data.path().join("access")
    }

    async fn sign(&self) -> String {
        let signed = self.run(&["checkpoint", "--second-log"]).await;
        signed.expect_success().stdout
    }

    async fn key(&self) -> String {
        let key = self.run(&["key", "show", "--second-log"]).await;
        key.expect_success().stdout.trim().to_owned()
    }

    /// The codes with their positions that the check finds, and its exit code.
    async fn found(&self) -> (Option<i32>, Vec<(String, String)>) {
        let done = self.run(&["check", "second-log", "--output", "json"]).await;
        let report: Value = serde_json::from_str(&done.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", done.stdout, done.stderr));
        let faults = report["faults"].as_array().expect("faults").iter();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = faults.map(|fault| (word(&fault["code"]), word(&fault["position"])));
        (done.code(), found.collect())
    }

    #[track_caller]
    fn caught(found: (Option<i32>, Vec<(String, String)>), code: &str, position: &str) {
        let (exit, faults) = found;
        let at = faults
            .iter()
            .any(|(found, at)| (found.as_str(), at.as_str()) == (code, position));
        assert!(exit == Some(3) && at, "{code} at {position}: {faults:?}");
    }
}

/// Changes a log as whoever owns its file can: its triggers are away meanwhile, and stand again afterwards.
async fn meddle(directory: &Path, statements: &[&str]) {
    let mut store = owner(directory).await;
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(&mut store)
            .await
            .expect("triggers");
    let dropped = triggers
        .iter()
        .map(|(name, _)| format!("DROP TRIGGER {name}"));
    let mut all: Vec<String> = dropped.collect();
    all.extend(statements.iter().map(|statement| (*statement).to_owned()));
    all.extend(triggers.into_iter().map(|(_, made_by)| made_by));
    for statement in &all {
        store.execute(&**statement).await.expect(statement);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p6_the_second_log_is_signed_and_an_auditor_verifies_it_offline() {
    let closed = Closed::new().await;
    closed.look(2).await;
    let key = closed.key().await;
    assert!(key.starts_with("qonys/almaty/test/access/1+"), "{key}");
    let own = closed.run(&["key", "show"]).await.expect_success().stdout;
    assert_ne!(own.trim().rsplit('+').next(), key.rsplit('+').next());
    let kept = closed.sign().await;
    std::fs::write(closed.work("kept"), &kept).expect("a file");
    closed.look(3).await;
    let target = closed.work("second.tar");
    let bundle = ["export", "bundle", &target, "--second-log"];
    closed.run(&bundle).await.expect_success();
    let kept = closed.work("kept");
    let verify = ["verify", &target, "--key", &key, "--older", &kept];
    let verified = closed
        .run(&[&verify[..], &["--output", "json"]].concat())
        .await
        .expect_success();
    let report: Value = serde_json::from_str(&verified.stdout).expect("JSON");
    assert_eq!(report["verified"], true, "{report}");
    assert_eq!(report["origin"], "qonys/almaty/test/access/1");
    assert_eq!(report["extends"].as_array().map(Vec::len), Some(1));
    // That it was exported stands in it, too.
    let entries = std::process::Command::new("tar")
        .args(["-xOf", &target, "--wildcards", "tile/entries/*"])
        .output();
    let entries = String::from_utf8_lossy(&entries.expect("tar runs").stdout).into_owned();
    assert!(entries.contains("export-second-log"), "{entries}");
    // The key of the register is another one.
    let wrong = closed.run(&["verify", &target, "--key", own.trim()]).await;
    assert_eq!(wrong.code(), Some(3));
    let (exit, found) = closed.found().await;
    assert_eq!((exit, found), (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p6_a_second_log_that_was_cut_off_tells_nothing_and_is_put_back() {
    let closed = Closed::new().await;
    closed.look(6).await;
    let target = closed.work("bundle");
    let bundle = ["export", "bundle", &target, "--second-log"];
    closed.run(&bundle).await.expect_success();
    let last = "SELECT max(position) FROM entries";
    let mut store = owner(&closed.second()).await;
    let size: i64 = sqlx::query_scalar(last)
        .fetch_one(&mut store)
        .await
        .expect("a number");
    drop(store);
    let cut = |table: &str| format!("DELETE FROM {table} WHERE position > {}", size - 2);
    meddle(&closed.second(), &[&cut("entries"), &cut("heads")]).await;
    let first = (size - 1).to_string();
    Closed::caught(closed.found().await, "E-TAIL", &first);
    // What could not be recorded behind what was signed is not told.
    for asked in [
        &["history", "law/main"][..],
        &["list", "persons"],
        &["checkpoint", "--second-log"],
    ] {
        let refused = closed.run(asked).await;
        assert_eq!(refused.code(), Some(3), "{asked:?}: {}", refused.stderr);
        assert!(refused.stdout.is_empty(), "{asked:?}: {}", refused.stdout);
        assert!(refused.stderr.contains("were signed"), "{}", refused.stderr);
    }
    let recover = ["recover", "--second-log", "--bundle", &target];
    closed.run(&recover).await.expect_success();
    assert_eq!(closed.found().await, (Some(0), Vec::new()));
    closed.look(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p6_a_second_log_that_was_rewritten_is_found_with_the_place() {
    let closed = Closed::new().await;
    closed.look(6).await;
    closed.sign().await;
    let whole = tempfile::tempdir().expect("a directory");
    copy(&closed.second(), whole.path());
    let again = || {
        std::fs::remove_dir_all(closed.second()).expect("it goes");
        copy(whole.path(), &closed.second());
    };
    meddle(
        &closed.second(),
        &["UPDATE entries SET entry = replace(entry, '\"history\"', '\"reports\"') WHERE position = 4"],
    )
    .await;
    Closed::caught(closed.found().await, "E-LEAF", "4");
    again();
    meddle(
        &closed.second(),
        &["DELETE FROM entries WHERE position = 4"],
    )
    .await;
    Closed::caught(closed.found().await, "E-GAP", "4");
    again();
    assert_eq!(closed.found().await, (Some(0), Vec::new()));

    // Another history in its place, whole in itself and signed by another key.
    let other = Closed::new().await;
    other.look(9).await;
    other.sign().await;
    std::fs::remove_dir_all(closed.second()).expect("it goes");
    copy(&other.second(), &closed.second());
    let (exit, faults) = closed.found().await;
    let codes: Vec<&str> = faults.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(exit, Some(3), "{faults:?}");
    assert!(codes.contains(&"E-SIG"), "{faults:?}");
    assert!(codes.contains(&"E-CONSISTENCY"), "{faults:?}");
    let refused = closed.run(&["history", "law/main"]).await;
    assert_eq!(refused.code(), Some(3), "{}", refused.stderr);
}
