//! What was destroyed stays so: after an older vault, an older log, and with a copy of the keys from before the epoch was
//! rolled.

use std::{fs, path::Path};

use qonys::{
    clock::{Clock, Entropy},
    dispatch::Dispatch,
    log::{Log, sqlite::SqliteLog},
    personal::{Closed, Personal},
    vault::{Vault, VaultError},
};
use qonys_events::{id::Ref, scalar::Instant};
use tempfile::TempDir;

use super::{AT, NAME, destroy, law, person, recorded};
use crate::support::register::{Lines, Register};

const VAULT: [&str; 3] = ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"];
const LOG: [&str; 3] = ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm"];

/// A register with two persons; and their IINs.
async fn two(lines: &mut Lines) -> (Register, [Ref; 2], [String; 2]) {
    let register = Register::embedded(AT).await;
    register.must(&law(lines)).await;
    let mut persons = Vec::new();
    let iins = [
        crate::support::register::iin(1),
        crate::support::register::iin(2),
    ];
    for iin in &iins {
        let line = person(lines, NAME, iin);
        persons.push(recorded(&register, &register.must(&[line]).await).await);
    }
    register.vault.write_back().await.expect("written");
    register.log.write_back().await.expect("written");
    (register, [persons[0], persons[1]], iins)
}

fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).expect("it copies");
        }
    }
}

/// Ends the register's process; its directory stays.
async fn ended(register: Register) -> TempDir {
    let Register {
        log,
        dispatch,
        vault,
        directory,
        ..
    } = register;
    drop((log, dispatch, vault));
    for _ in 0..100 {
        if SqliteLog::open(directory.path(), None).await.is_ok() {
            return directory;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the directory is not free");
}

async fn started(directory: &Path) -> (Log, Vault, Dispatch) {
    let log = loop {
        match SqliteLog::open(directory, None).await {
            Ok(log) => break Log::Sqlite(log),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    let vault = Vault::open(directory, log.origin(), Entropy::seeded(1))
        .await
        .expect("a vault");
    let clock = Clock::simulated(AT.parse::<Instant>().expect("an instant"));
    let dispatch = Dispatch::start(log.clone(), Some(vault.clone()), clock, Entropy::seeded(1));
    let dispatch = dispatch.await.expect("a decider");
    (log, vault, dispatch)
}

/// After the restore of either, or of both together.
async fn comes_back_with(restored: &[&str]) {
    let mut lines = Lines::new(78);
    let (register, [gone, stays], [iin, _]) = two(&mut lines).await;
    let backup = tempfile::tempdir().expect("a directory");
    let of_log = restored.contains(&"log.sqlite");
    copy(
        register.directory.path(),
        backup.path(),
        &[&VAULT[..], &LOG[..]].concat(),
    );
    let order = destroy(&mut lines, &gone.to_string());
    register.must(&order).await;
    let directory = ended(register).await;
    copy(backup.path(), directory.path(), restored);

    let (log, vault, dispatch) = started(directory.path()).await;
    let personal = Personal::new(log.clone(), vault.clone());
    // A log that lost the order does not know of it; the keys are gone all the same.
    match personal.person(gone, None).await {
        Err(Closed::Destroyed) if !of_log => {}
        Err(Closed::Vault(VaultError::Sealed(_) | VaultError::KeyMissing { .. })) if of_log => {}
        other => panic!("{other:?}"),
    }
    assert!(
        personal
            .search(Some(&iin), None)
            .await
            .expect("it reads")
            .is_empty()
    );
    assert_eq!(
        personal
            .person(stays, None)
            .await
            .expect("the other's")
            .len(),
        2
    );
    let name = "name".parse().expect("a name");
    let entries = log
        .read_after(qonys_events::scalar::Position(0), 1_000)
        .await
        .expect("it reads");
    let of_gone = entries
        .iter()
        .find(|entry| entry.stream.key() == gone.to_string())
        .expect("its entry");
    let (command, _) = super::slots(&of_gone.text);
    assert!(
        log.sealed(command, &name, gone)
            .await
            .expect("it reads")
            .is_none(),
        "the sealed bytes are gone again"
    );
    let again = dispatch.erase_again().await.expect("it ends");
    assert_eq!((again.subjects, again.keys, again.slots), (1, 0, 0));
    assert_eq!(again.unknown, u64::from(of_log));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_vault_brings_nobody_back() {
    comes_back_with(&VAULT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_log_brings_nobody_back() {
    comes_back_with(&LOG).await;
}

/// The process died between the entry and what it orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destruction_that_was_cut_short_is_carried_out_before_anything_is_served() {
    let mut lines = Lines::new(79);
    let (register, [gone, _], _) = two(&mut lines).await;
    let order = destroy(&mut lines, &gone.to_string());
    let backup = tempfile::tempdir().expect("a directory");
    copy(register.directory.path(), backup.path(), &VAULT);
    register.must(&order).await;
    let directory = ended(register).await;
    copy(backup.path(), directory.path(), &VAULT);
    let origin = "qonys/almaty/test/1".parse().expect("an origin");
    let vault = Vault::open(directory.path(), &origin, Entropy::System)
        .await
        .expect("a vault");
    assert!(
        vault.fence().await.expect("it reads").is_empty(),
        "the vault was never told"
    );
    drop(vault);
    let (_, vault, _) = started(directory.path()).await;
    let fence: Vec<Ref> = vault
        .fence()
        .await
        .expect("it reads")
        .into_iter()
        .map(|(subject, _)| subject)
        .collect();
    assert_eq!(fence, [gone]);
}

/// Yesterday's copy of the keys opens nothing once the epoch was rolled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_keys_from_before_the_roll_is_useless() {
    let mut lines = Lines::new(80);
    let (register, [gone, stays], [iin, kept]) = two(&mut lines).await;
    let backup = tempfile::tempdir().expect("a directory");
    copy(
        register.directory.path(),
        backup.path(),
        &[&VAULT[..], &LOG[..], &["vault.key"][..]].concat(),
    );
    let key_file = |dir: &Path| fs::read_to_string(dir.join("vault.key")).expect("a key file");
    let old_key = key_file(backup.path());
    register.must(&destroy(&mut lines, &gone.to_string())).await;

    let rolled = register.vault.roll(|_| {}).await.expect("it rolls");
    assert_eq!((rolled.epoch, rolled.numbers), (2, 1));
    assert!(rolled.keys >= 1, "{rolled:?}");
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    assert_eq!(
        personal.person(stays, None).await.expect("they open").len(),
        2
    );
    assert_eq!(
        personal.search(Some(&kept), None).await.expect("it reads"),
        [stays]
    );
    assert!(
        personal
            .search(Some(&iin), None)
            .await
            .expect("it reads")
            .is_empty()
    );
    let new_key = key_file(register.directory.path());
    let digits = old_key.trim_end().rsplit(' ').next().expect("digits");
    assert!(new_key.contains("\n2 ") && !new_key.contains("\n1 ") && !new_key.contains(digits));
    // Somebody new, and rolled again.
    let line = person(&mut lines, "Сынақ Жаңа", &crate::support::register::iin(3));
    let new = recorded(&register, &register.must(&[line]).await).await;
    assert_eq!(register.vault.roll(|_| {}).await.expect("again").epoch, 3);
    assert_eq!(
        personal.person(new, None).await.expect("they open").len(),
        2
    );

    // Whoever has yesterday's keys and today's key file has nothing.
    drop(personal);
    let directory = ended(register).await;
    copy(backup.path(), directory.path(), &VAULT);
    let opened = Vault::open(
        directory.path(),
        &"qonys/almaty/test/1".parse().expect("an origin"),
        Entropy::System,
    )
    .await;
    let refused = opened.err().expect("refused").to_string();
    assert!(refused.contains("before the epoch was rolled"), "{refused}");
}
