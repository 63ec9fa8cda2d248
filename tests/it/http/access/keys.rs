//! API keys: scoped, expiring, revocable, and kept as hashes.

use std::{collections::BTreeSet, time::Duration};

use qonys::access::{
    keys::{Keys, NewKey},
    policy::Role,
};

use super::Guarded;
use crate::support::process::{qonys, run};

fn new(role: Role, lives: u64) -> NewKey {
    NewKey {
        official: None,
        roles: [role].into(),
        office: None,
        scopes: None,
        label: "a subscriber".to_owned(),
        lives: Duration::from_secs(lives),
    }
}

#[tokio::test]
async fn an_api_key_opens_what_it_is_made_for_until_it_ends() {
    let guarded = Guarded::start().await;
    let directory = guarded.register.directory.path();
    let keys = Keys::open(directory).await.expect("keys");
    let scopes: BTreeSet<String> = ["read-log".to_owned()].into();
    let scoped = NewKey {
        scopes: Some(scopes),
        ..new(Role::Auditor, 600)
    };
    let (_, scoped) = keys.make(scoped).await.expect("a key");
    let (record, whole) = keys.make(new(Role::Auditor, 600)).await.expect("a key");
    let (_, ended) = keys.make(new(Role::Auditor, 0)).await.expect("a key");
    // The server may not have looked since they were made.
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    guarded.get("/v1/entries/1", &scoped).await.expect(200);
    guarded.get("/v1/decisions", &scoped).await.expect(403);
    guarded.get("/v1/board", &scoped).await.expect(200);
    guarded.get("/v1/decisions", &whole).await.expect(200);
    guarded.get("/v1/board", &ended).await.expect(401);
    let mut wrong = whole.to_string();
    let last = wrong.pop().expect("a digit");
    wrong.push(if last == '0' { '1' } else { '0' });
    guarded.get("/v1/board", &wrong).await.expect(401);

    // The secret stands nowhere on disk.
    let secret = whole.rsplit('_').next().expect("a secret");
    assert_eq!(secret.len(), 64);
    for file in std::fs::read_dir(directory).expect("a directory").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        assert!(
            !bytes.windows(64).any(|part| part == secret.as_bytes()),
            "{:?}",
            file.path()
        );
    }

    assert!(keys.revoke(&record.id).await.expect("revoked"));
    assert!(!keys.revoke(&record.id).await.expect("revoked before"));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    guarded.get("/v1/decisions", &whole).await.expect(401);
    guarded.get("/v1/entries/1", &scoped).await.expect(200);
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_keys() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path().to_string_lossy().into_owned();
    let made = [
        "access",
        "make-key",
        "the statistics office",
        "--role",
        "auditor",
        "--scope",
        "read-log",
        "--data-dir",
        &at,
    ];
    let key = run(qonys(made)).await.expect_success().stdout;
    let id = key.trim().split('_').nth(1).expect("an id").to_owned();
    let listed = [
        "access",
        "list-keys",
        "--output",
        "ndjson",
        "--data-dir",
        &at,
    ];
    let list = run(qonys(listed)).await.expect_success().stdout;
    let row: serde_json::Value = serde_json::from_str(list.trim()).expect("JSON");
    assert_eq!(
        (row["id"].as_str(), row["label"].as_str()),
        (Some(id.as_str()), Some("the statistics office"))
    );
    assert!(!list.contains(key.trim().rsplit('_').next().expect("a secret")));
    run(qonys(["access", "revoke-key", &id, "--data-dir", &at]))
        .await
        .expect_success();
    let again = run(qonys(["access", "revoke-key", &id, "--data-dir", &at])).await;
    assert_eq!(again.code(), Some(1));
    let unknown = [
        "access",
        "make-key",
        "x",
        "--role",
        "auditor",
        "--scope",
        "everything",
        "--data-dir",
        &at,
    ];
    assert_eq!(run(qonys(unknown)).await.code(), Some(2));
}

#[tokio::test]
async fn without_a_gate_only_the_embedded_log_is_served_and_only_here() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path().to_string_lossy().into_owned();
    run(qonys(["init", "--data-dir", &at]))
        .await
        .expect_success();
    let elsewhere = run(qonys(["serve", "--addr", "0.0.0.0:0", "--data-dir", &at])).await;
    assert_eq!(elsewhere.code(), Some(2), "{}", elsewhere.stderr);
    let database = [
        "serve",
        "--database-url",
        "postgres://nobody@127.0.0.1:1/none",
        "--data-dir",
        &at,
    ];
    let database = run(qonys(database)).await;
    assert_eq!(database.code(), Some(2), "{}", database.stderr);
    assert!(
        database.stderr.contains("--oidc-issuer"),
        "{}",
        database.stderr
    );
}
