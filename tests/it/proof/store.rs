//! Attacks on the stores themselves, with the rights of whoever owns them: what was done shows in the bundle, or stops the
//! register.

use qonys_verify::report::Code;
use sqlx::Executor as _;

use super::{
    signing::meddle,
    stage::{Stage, audit, caught},
};

#[tokio::test]
async fn a_store_that_was_meddled_with_shows_in_its_bundle_at_the_position() {
    let mut stage = Stage::embedded().await;
    stage.families(40).await;
    stage.sign().await;
    let position = 1 + stage
        .register
        .texts()
        .await
        .iter()
        .position(|t| t.contains("person.recorded"))
        .expect("one") as u64;
    let change = format!(
        "UPDATE entries SET entry = replace(entry, 'foreigner', 'stateless') WHERE position = {position}"
    );
    // A01: the tiles have been published, the store is changed afterwards.
    meddle(stage.register.directory.path(), &[&change]).await;
    let report = audit(&mut stage.bundle().await, &stage.keys(), &[]);
    caught(&report, Code::Leaf, position);
    assert_eq!(
        report
            .faults
            .iter()
            .filter(|fault| fault.code == Code::Leaf)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_view_that_was_meddled_with_shows_in_its_bundle() {
    let mut stage = Stage::embedded().await;
    stage.families(3).await;
    stage.sign().await;
    assert!(audit(&mut stage.bundle().await, &stage.keys(), &[]).verified);
    let path = stage.register.directory.path().join(qonys::views::FILE);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut views = sqlx::ConnectOptions::connect(&options)
        .await
        .expect("the views");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%application%'",
    )
    .fetch_all(&mut views)
    .await
    .expect("tables");
    let table = tables.first().expect("a table of applications");
    let changed = sqlx::query(&format!("UPDATE \"{table}\" SET territory = 'almaty'"))
        .execute(&mut views)
        .await
        .expect("views may be changed");
    assert!(changed.rows_affected() > 0);
    assert!(audit(&mut stage.bundle().await, &stage.keys(), &[]).has(Code::Views));
}

#[tokio::test]
async fn p6_a_tail_that_a_superuser_removed_with_triggers_off_stops_the_register() {
    let mut stage = Stage::postgres().await;
    stage.families(3).await;
    stage.sign().await;
    let size = stage.register.log.head().await.expect("a head").position.0;
    let database = stage.register.database.as_ref().expect("a database");
    let mut owner = database.connect().await;
    // A07: every trigger off, the newest entries gone.
    for relation in ["log.entries", "log.heads"] {
        let off = format!("ALTER TABLE {relation} DISABLE TRIGGER ALL");
        owner.execute(&*off).await.expect("the owner may");
        let cut = format!("DELETE FROM {relation} WHERE position > {}", size - 2);
        owner.execute(&*cut).await.expect("nothing refuses it");
    }
    let guard = qonys::proof::guard::check(&stage.register.log, stage.signer.path()).await;
    assert!(
        matches!(guard, Err(qonys::proof::ProofError::Refused(_))),
        "{guard:?}"
    );
    let refused = stage.publisher.round().await;
    assert!(
        matches!(refused, Err(qonys::proof::ProofError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_entry_that_was_removed_from_the_store_is_named_by_the_export() {
    let mut stage = Stage::embedded().await;
    stage.families(3).await;
    stage.sign().await;
    meddle(
        stage.register.directory.path(),
        &["DELETE FROM entries WHERE position = 9"],
    )
    .await;
    let refused = stage
        .register
        .log
        .read_after(qonys_events::scalar::Position(0), 100)
        .await;
    let refused = refused.expect_err("a gap is never passed over").to_string();
    assert!(refused.contains("entry 9 is missing"), "{refused}");
}
