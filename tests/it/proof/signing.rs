//! The signer and the round: only growth is signed, whatever was done to the log; keys turn in the open.

use qonys::{
    clock::{Clock, Entropy},
    log::{Log, sqlite::SqliteLog},
    proof::{
        Proof, ProofError, guard,
        publisher::Publisher,
        rotation::{operator, rotate},
        signer::{Refused, Signer},
    },
};
use qonys_verify::{checkpoint::Checkpoint, report::Level};
use sqlx::{ConnectOptions, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use super::stage::{Stage, audit, publisher};
use crate::support::register::Register;

/// Opens the file of an embedded log with the rights of whoever owns it.
pub(super) async fn owner(directory: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(directory.join("log.sqlite"));
    options.connect().await.expect("the file of the log")
}

/// Takes a log's triggers away and changes it.
pub(super) async fn meddle(directory: &std::path::Path, statements: &[&str]) {
    let mut connection = owner(directory).await;
    for trigger in [
        "entries_update",
        "entries_delete",
        "heads_update",
        "heads_delete",
    ] {
        connection
            .execute(&*format!("DROP TRIGGER {trigger}"))
            .await
            .expect("the owner may");
    }
    for statement in statements {
        let done = connection.execute(*statement).await.expect(statement);
        assert!(done.rows_affected() > 0, "{statement} changed nothing");
    }
}

#[tokio::test]
async fn p6_the_signer_signs_growth_and_nothing_else() {
    let mut stage = Stage::embedded().await;
    let first = stage.sign().await;
    stage.families(2).await;
    let second = stage.sign().await;
    assert_ne!(first, second);
    let signer = stage.publisher.signer();
    let (_, last) = signer.head().expect("a head");
    let grown = Checkpoint {
        size: last.size + 1,
        ..last.clone()
    };
    let shrunk = Checkpoint::read(&first.text).expect("a checkpoint");
    let mut other = last.clone();
    other.root.0[0] ^= 1;
    for (what, next) in [
        ("unproved growth", grown),
        ("a rollback", shrunk),
        ("another root", other),
    ] {
        let refused = signer.sign(&next, &[]);
        assert!(
            matches!(refused, Err(ProofError::Refused(_))),
            "{what}: {refused:?}"
        );
    }
    assert_eq!(signer.sign(&last, &[]).expect("the same again"), second);
    let foreign = Checkpoint {
        origin: "qonys/other/1".into(),
        ..last
    };
    assert!(matches!(
        signer.sign(&foreign, &[]),
        Err(ProofError::Refused(Refused::OtherLog(_)))
    ));
}

#[tokio::test]
async fn a_signer_that_lost_its_head_or_its_key_signs_nothing_and_makes_no_new_one() {
    for file in ["head", "key"] {
        let mut stage = Stage::embedded().await;
        std::fs::remove_file(stage.signer.path().join(file)).expect("a file");
        assert!(stage.publisher.round().await.is_err(), "{file}");
        let again = Signer::open(
            stage.signer.path(),
            stage.register.log.origin(),
            Some(&Entropy::System),
        );
        assert!(again.is_err(), "{file}");
    }
}

/// A register on the embedded store whose data directory was put back from a copy of before; the signer was not.
async fn rolled_back() -> (Log, tempfile::TempDir, tempfile::TempDir, u64) {
    let mut stage = Stage::embedded().await;
    stage.families(2).await;
    let backup = tempfile::tempdir().expect("a directory");
    let from = stage.register.directory.path().join("log.sqlite");
    let to = backup.path().join("log.sqlite");
    let copy = format!("VACUUM INTO '{}'", to.display());
    owner(stage.register.directory.path())
        .await
        .execute(&*copy)
        .await
        .expect("a copy");
    assert!(from.exists());
    stage.families(1).await;
    stage.sign().await;
    let signed = stage.publisher.signer().head().expect("a head").1.size;
    let log = SqliteLog::open(backup.path(), None)
        .await
        .expect("the copy opens");
    (Log::Sqlite(log), backup, stage.signer, signed)
}

#[tokio::test]
async fn p6_a_log_that_is_behind_its_last_signed_head_is_not_signed_and_not_written() {
    let (log, directory, signer, signed) = rolled_back().await;
    let behind = log.head().await.expect("a head").position.0;
    assert!(behind < signed);
    match guard::check(&log, signer.path()).await {
        Err(ProofError::Refused(refused)) => {
            assert_eq!(
                refused,
                Refused::Behind {
                    asked: behind,
                    signed
                }
            );
        }
        other => panic!("{other:?}"),
    }
    let proof = Proof::new(&log, directory.path());
    let signer = Signer::open(signer.path(), log.origin(), None).expect("a signer");
    let refused = Publisher::new(proof, signer).round().await;
    assert!(
        matches!(refused, Err(ProofError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_entry_that_was_changed_in_the_store_stops_the_signing() {
    let mut stage = Stage::embedded().await;
    stage.families(2).await;
    stage.sign().await;
    let change = "UPDATE entries SET entry = replace(entry, 'foreigner', 'stateless') WHERE type LIKE '%person.recorded%'";
    meddle(stage.register.directory.path(), &[change]).await;
    // The files still have the entry as it was signed; whoever makes them again from the log sees it.
    std::fs::remove_dir_all(stage.publisher.proof().directory()).expect("the files");
    let mut fresh = publisher(&stage.register, stage.signer.path());
    match fresh.round().await {
        Err(ProofError::Broken(why)) => assert!(why.contains("an entry was changed"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_that_were_lost_or_damaged_are_made_again_from_the_log() {
    let mut stage = Stage::embedded().await;
    stage.families(50).await;
    let note = stage.sign().await;
    let directory = stage.publisher.proof().directory().to_owned();
    std::fs::write(directory.join("tile/0/000"), vec![7; 8_192]).expect("a file");
    let mut fresh = publisher(&stage.register, stage.signer.path());
    assert_eq!(fresh.round().await.expect("made again").note, note);
    std::fs::remove_dir_all(directory).expect("the files");
    let mut fresh = publisher(&stage.register, stage.signer.path());
    assert_eq!(fresh.round().await.expect("made again").note, note);
    let report = audit(&mut stage.bundle().await, &stage.keys(), &[]);
    assert!(report.verified, "{report:#?}");
}

async fn keys_turn(register: Register) {
    let mut stage = Stage::new(register).await;
    stage.families(3).await;
    let before = stage.sign().await;
    let old = stage.keys();
    let actor = operator(&Entropy::System);
    let clock: Clock = stage.register.clock.clone();
    let both = rotate(&mut stage.publisher, actor, &clock, &Entropy::System).await;
    let both = both.expect("a new key").note;
    assert_eq!((both.signatures.len(), stage.keys().len()), (2, 2));
    let new = vec![stage.keys()[0].clone()];
    assert_ne!(new, old);
    stage.families(1).await;
    assert!(stage.publisher.retire().expect("the old key goes"));
    assert!(!stage.publisher.retire().expect("it is gone"));
    let after = stage.sign().await;
    assert!(after.signed_by(&old).is_err());
    let mut bundle = stage.bundle().await;
    for (what, keys) in [("the old key", &old), ("the new key", &new)] {
        let report = audit(&mut bundle, keys, std::slice::from_ref(&before));
        let own = what == "the old key";
        // Who has the new key alone cannot judge what the old one signed and he brings himself.
        assert_eq!(report.verified, own, "{what}: {report:#?}");
        let report = audit(&mut bundle, keys, &[]);
        assert!(report.verified, "{what}: {report:#?}");
        assert_eq!(report.level, Level::Views);
    }
}

#[tokio::test]
async fn keys_turn_in_the_open_on_the_embedded_store() {
    keys_turn(Register::embedded(super::stage::AT).await).await;
}

#[tokio::test]
async fn keys_turn_in_the_open_on_postgresql() {
    keys_turn(Register::postgres(super::stage::AT).await).await;
}
