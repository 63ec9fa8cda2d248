//! A key is durable before its entry: where nothing came of the entry, the sweep deletes the key, and no other.

use std::time::Duration;

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, sqlite::SqliteLog},
    vault::{SWEEP_AGE, Vault},
};
use qonys_events::{
    entry::Entry,
    fact::Fact,
    id::Ref,
    scalar::{Position, Slug},
    slot::Slot,
    term::{ClockKind, SlotCategory},
};
use serde_json::json;

use crate::support::register::{Lines, answer};

/// Persons that are recorded: more than the spares that a new vault makes at first.
const PERSONS: usize = 200;

async fn must(dispatch: &Dispatch, line: &serde_json::Value) {
    let outcome = dispatch
        .decide(Request::read(&line.to_string()).expect("a line"))
        .await;
    assert!(
        matches!(outcome, Outcome::Accepted(_)),
        "{}",
        answer(&outcome)
    );
}

/// The name slots of all persons, each with its command.
async fn slots(log: &Log) -> Vec<(Ref, Slot)> {
    let name: Slug = "name".parse().expect("a name");
    let entries = log
        .read_after(Position(0), 1_000)
        .await
        .expect("the log reads");
    let mut found = Vec::new();
    for recorded in entries {
        let entry = Entry::parse(&recorded.text).expect("an entry");
        if let Fact::PersonRecorded(person) = entry.event.fact {
            let command = entry.command.commandid;
            found.extend(
                person
                    .slots
                    .into_iter()
                    .filter(|slot| slot.name == name)
                    .map(|slot| (command, slot)),
            );
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_nobody_came_to_use_are_swept_and_no_other() {
    let directory = tempfile::tempdir().expect("a directory");
    let new = NewLog {
        origin: "qonys/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    let log = Log::Sqlite(
        SqliteLog::open(directory.path(), Some(&new))
            .await
            .expect("a log"),
    );
    let vault = Vault::open(directory.path(), log.origin(), Entropy::System)
        .await
        .expect("a vault");
    let dispatch = Dispatch::start(
        log.clone(),
        Some(vault.clone()),
        Clock::System,
        Entropy::System,
    )
    .await
    .expect("a decider");
    let mut lines = Lines::new(1);
    must(
        &dispatch,
        &lines.line(
            "open-log",
            &json!({"zone": "Asia/Almaty", "kind": "test", "clock": "system"}),
        ),
    )
    .await;
    for n in 0..PERSONS {
        let mut line = lines.line("record-person", &json!({"kind": "citizen"}));
        line["personal"] = json!({"name": format!("Сынақ Тұлға {n}")});
        must(&dispatch, &line).await;
    }
    let slots = slots(&log).await;
    assert_eq!(slots.len(), PERSONS);
    let made = || async {
        let mintings = vault
            .mintings(Duration::ZERO)
            .await
            .expect("the vault reads");
        mintings
            .iter()
            .map(|minting| minting.owners.len())
            .sum::<usize>()
    };
    // Spares that are being made land first.
    let mut before = made().await;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = made().await;
        if now == before {
            break;
        }
        before = now;
    }
    assert!(
        before > PERSONS,
        "{before} keys were made for {PERSONS} persons"
    );

    assert_eq!(
        dispatch.sweep(SWEEP_AGE).await.expect("it ends"),
        0,
        "they are too young"
    );
    let deleted = dispatch.sweep(Duration::ZERO).await.expect("it ends");
    assert_eq!(deleted as usize, before - PERSONS);
    assert_eq!(made().await, 0, "each was looked through");
    assert_eq!(dispatch.sweep(Duration::ZERO).await.expect("it ends"), 0);
    for (command, slot) in &slots {
        let sealed = log
            .sealed(*command, &slot.name, slot.subject)
            .await
            .expect("the log reads")
            .expect("the slot");
        let opened = vault
            .unseal(slot, *command, &sealed.bytes)
            .await
            .expect("its key is there");
        assert!(opened.starts_with("Сынақ Тұлға"));
        assert_eq!(slot.category, SlotCategory::Identity);
    }
}

/// Every command type once: whatever is sealed, of whomever, opens after a sweep, but for the destroyed.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_sealed_keeps_its_key() {
    let directory = tempfile::tempdir().expect("a directory");
    let new = NewLog {
        origin: "qonys/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    let log = SqliteLog::open(directory.path(), Some(&new)).await;
    let log = Log::Sqlite(log.expect("a log"));
    let vault = Vault::open(directory.path(), log.origin(), Entropy::System).await;
    let vault = vault.expect("a vault");
    let (clock, entropy) = (Clock::System, Entropy::System);
    let dispatch = Dispatch::start(log.clone(), Some(vault.clone()), clock, entropy).await;
    let dispatch = dispatch.expect("a decider");
    for (_, line) in qonys::examples::commands() {
        must(&dispatch, &serde_json::from_str(line).expect("JSON")).await;
    }
    dispatch.sweep(Duration::ZERO).await.expect("it ends");
    let entries = log.read_after(Position(0), 1_000).await.expect("entries");
    let (mut opened, mut kinds, mut gone) = (0, std::collections::BTreeSet::new(), Vec::new());
    for recorded in &entries {
        let entry = Entry::parse(&recorded.text).expect("an entry");
        gone.extend(qonys_domain::decide::destroyed(&entry.event));
    }
    for recorded in &entries {
        let entry = Entry::parse(&recorded.text).expect("an entry");
        let data: serde_json::Value =
            serde_json::from_str(&entry.event.fact.write_data()).expect("JSON");
        let slots = serde_json::from_value(data["slots"].clone());
        let slots: Vec<Slot> = slots.unwrap_or_default();
        for slot in slots.iter().filter(|slot| !gone.contains(&slot.subject)) {
            let command = entry.command.commandid;
            let sealed = log.sealed(command, &slot.name, slot.subject).await;
            let sealed = sealed.expect("the log reads").expect("the slot");
            let value = vault.unseal(slot, command, &sealed.bytes).await;
            value.unwrap_or_else(|e| panic!("{} of {}: {e}", slot.name, recorded.stream));
            kinds.insert(recorded.stream.kind().name());
            opened += 1;
        }
    }
    assert!(opened > 5, "{opened}");
    assert!(
        kinds.contains("journal") && kinds.contains("dwelling"),
        "{kinds:?}"
    );
}
