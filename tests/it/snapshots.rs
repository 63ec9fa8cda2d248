//! A long stream opens from its snapshot plus tail; a snapshot that is not of this log, this fold and these bytes is passed
//! over.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use qonys::vault::Vault;
use qonys::{
    clock::Entropy,
    dispatch::{Dispatch, Outcome, Snapshotting},
};
use qonys_domain::streams::Stream;
use qonys_events::{digest::Sha256Hex, entry::Entry, id::StreamId};
use serde_json::{Value, json};

use crate::support::register::{Lines, Register};

/// Events between two snapshots here.
const EVERY: u64 = 20;
const HOLDS: usize = 50;

fn line() -> StreamId {
    let line = "quota-line/resettlers.kazakhstan.2024.principals-and-members";
    line.parse().expect("a stream")
}

/// A register whose line has held places, and holds that are still to come.
async fn prepared(register: &mut Register, snapshots: &Snapshotting) -> Vec<Value> {
    let mut lines = Lines::new(1);
    let mut before = lines.opening("simulated");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", 1_000)]));
    let mut holds = Vec::new();
    for _ in 0..HOLDS + 10 {
        before.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let application = format!("command:{}", lines.last());
        holds.push(lines.on(
            "2024-02-01",
            "hold-places",
            &json!({"application": application}),
        ));
    }
    restart(register, snapshots).await;
    register.must(&before).await;
    register.must(&holds[..HOLDS]).await;
    holds.split_off(HOLDS)
}

/// Another decider on the same log: it knows no stream.
async fn restart(register: &mut Register, snapshots: &Snapshotting) {
    let entropy = Entropy::seeded(1);
    let (log, clock) = (register.log.clone(), register.clock.clone());
    let vault = Vault::open(register.directory.path(), log.origin(), entropy.clone());
    let vault = vault.await.expect("a vault");
    let dispatch = Dispatch::start_with(log, Some(vault), clock, entropy, Some(snapshots));
    register.dispatch = dispatch.await.expect("a decider");
}

fn files(snapshots: &Snapshotting) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(&snapshots.directory)
        .expect("the directory")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "snapshot"))
        .collect();
    files.sort();
    files
}

/// The event of its stream that a snapshot was taken at, as its name says.
fn event(file: &Path) -> u64 {
    let name = file.file_stem().expect("a name").to_string_lossy();
    let number = name
        .rsplit('-')
        .next()
        .and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("{name} names no event"))
}

/// Waits for a snapshot at this event or later: it is taken of what stands in the log when its turn comes.
async fn taken(snapshots: &Snapshotting, from: u64) -> PathBuf {
    for _ in 0..1_200 {
        let newest = files(snapshots).into_iter().max_by_key(|file| event(file));
        if let Some(file) = newest.filter(|file| event(file) >= from) {
            return file;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!(
        "no snapshot from event {from} on among {:?}",
        files(snapshots)
    );
}

/// Waits for the snapshot that follows a line that was opened from nothing, and deletes it.
async fn clear(snapshots: &Snapshotting) {
    taken(snapshots, HOLDS as u64 + 1).await;
    for file in files(snapshots) {
        fs::remove_file(file).expect("a file goes");
    }
}

/// What the log alone makes of the line.
async fn folded(register: &Register) -> Stream {
    let mut stream = Stream::empty(line().kind());
    for text in register.texts().await {
        let entry = Entry::parse(&text).expect("an entry");
        if entry.place.subject == line() {
            stream.apply(&entry.event);
        }
    }
    assert!(stream.seq.0 > EVERY);
    stream
}

/// Writes a snapshot again with something else in it; its hash is right.
fn forge(file: &PathBuf, change: impl FnOnce(&mut Value, &mut Value)) {
    let text = fs::read_to_string(file).expect("the snapshot");
    let (header, state) = text.split_once('\n').expect("a header");
    let mut header: Value = serde_json::from_str(header).expect("JSON");
    let mut state: Value = serde_json::from_str(state).expect("JSON");
    change(&mut header, &mut state);
    let state = state.to_string();
    header["state"] = Sha256Hex::of(state.as_bytes()).to_string().into();
    fs::write(file, format!("{header}\n{state}")).expect("the file is written");
}

fn blocked(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Blocked(blocked) => Some(blocked.code.as_str()),
        _ => None,
    }
}

async fn opens(mut register: Register) {
    let directory = tempfile::tempdir().expect("a directory");
    let snapshots = Snapshotting {
        directory: directory.path().to_owned(),
        every: EVERY,
    };
    let rest = prepared(&mut register, &snapshots).await;
    let file = taken(&snapshots, 2 * EVERY).await;
    assert!(files(&snapshots).len() <= 2, "{:?}", files(&snapshots));

    // Opened from it, the line is what the log makes of it.
    restart(&mut register, &snapshots).await;
    register.must(&rest[..1]).await;
    assert_eq!(
        register.dispatch.live(&line()).await,
        Some(folded(&register).await)
    );

    // It was read: what it says is believed, within the trust that the register's own directory has.
    let kept = fs::read(&file).expect("the snapshot");
    forge(&file, |_, state| {
        state["state"]["QuotaLine"]["closed"] = true.into()
    });
    restart(&mut register, &snapshots).await;
    assert_eq!(blocked(&register.send(&rest[1]).await), Some("year-closed"));

    // One that was taken of another log is passed over and goes.
    let forged = |header: &mut Value, state: &mut Value| {
        header["leaf"] = "00".repeat(32).into();
        state["state"]["QuotaLine"]["closed"] = true.into();
    };
    forge(&file, forged);
    restart(&mut register, &snapshots).await;
    register.must(&rest[1..2]).await;
    assert!(!file.exists());
    assert_eq!(
        register.dispatch.live(&line()).await,
        Some(folded(&register).await)
    );

    // So is one whose bytes are not whole, and one of another fold.
    for damage in [
        |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec(),
        |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replacen("\"fold\":\"", "\"fold\":\"0", 1)
                .into_bytes()
        },
    ] {
        clear(&snapshots).await;
        fs::write(&file, damage(&kept)).expect("the file is written");
        restart(&mut register, &snapshots).await;
        let next = folded(&register).await.seq.0 as usize - HOLDS - 1;
        register.must(&rest[next..=next]).await;
        assert_eq!(
            register.dispatch.live(&line()).await,
            Some(folded(&register).await)
        );
        assert!(!file.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_stream_opens_from_its_snapshot_on_the_embedded_store() {
    opens(Register::embedded("2025-01-15T00:00:00.000000Z").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_stream_opens_from_its_snapshot_on_postgresql() {
    opens(Register::postgres("2025-01-15T00:00:00.000000Z").await).await;
}
