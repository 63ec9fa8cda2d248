//! The two ways out after a restore that lost signed entries: put back byte for byte, from a bundle and from JetStream; or
//! close the incarnation and go on as the next one, with verifier, views and relay over the seam.

use std::path::Path;

use qonys::{
    clock::{Clock, Entropy},
    log::{Batch, Log, NewLog, Prepared, sqlite::SqliteLog},
    proof::{
        Proof, ProofError,
        closing::{close, first_entry},
        export::{Wanted as Exported, export},
        guard,
        publisher::Publisher,
        recovery::{Kept, KeptBundle, recover},
        rotation::operator,
        signer::{Refused, Signer},
    },
    relay::kept::KeptStream,
    views::feed::LogFeed,
};
use qonys_events::{
    entry::Entry,
    event::Event,
    fact::{Fact, law::ActDateRecorded},
    id::StreamId,
    scalar::{Count, Position, StreamSeq},
    term::{ActDate, ClockKind, LogKind},
    tree::leaf_hash,
};
use qonys_projections::{
    all, memory::MemorySink, port::Feed as _, runner::Runner, seam::Seam, tables,
};
use qonys_verify::{
    check::{Part, verify},
    digest::{Digester, Published},
    report::Code,
};
use sqlx::Executor as _;
use tempfile::TempDir;

use super::{
    signing::owner,
    stage::{AT, Files, Stage, asked},
};
use crate::{
    relay::carrier::Carrier,
    support::{broker::PrivateBroker, register::Register},
};

/// A register, and a copy of its store from before the last signed entries.
struct Restored {
    stage: Stage,
    log: Log,
    directory: TempDir,
    whole: Vec<String>,
}

async fn restored() -> Restored {
    let mut stage = Stage::embedded().await;
    stage.families(3).await;
    stage.sign().await;
    let directory = tempfile::tempdir().expect("a directory");
    let copy = format!(
        "VACUUM INTO '{}'",
        directory.path().join("log.sqlite").display()
    );
    owner(stage.register.directory.path())
        .await
        .execute(&*copy)
        .await
        .expect("a copy");
    stage.families(2).await;
    stage.sign().await;
    let whole = stage.register.texts().await;
    let log = SqliteLog::open(directory.path(), None)
        .await
        .expect("the copy opens");
    Restored {
        stage,
        log: Log::Sqlite(log),
        directory,
        whole,
    }
}

async fn texts(log: &Log) -> Vec<String> {
    let entries = log
        .read_after(Position(0), 10_000)
        .await
        .expect("the log reads");
    entries.into_iter().map(|entry| entry.text).collect()
}

impl Restored {
    async fn must_be_whole(&self) {
        let signer =
            Signer::open(self.stage.signer.path(), self.log.origin(), None).expect("a signer");
        let (note, _) = signer.head().expect("a head");
        guard::check(&self.log, self.stage.signer.path())
            .await
            .expect("nothing is lost any more");
        assert_eq!(texts(&self.log).await, self.whole);
        let again = Publisher::new(Proof::new(&self.log, self.directory.path()), signer)
            .round()
            .await;
        assert_eq!(again.expect("the same checkpoint").note, note);
    }
}

#[tokio::test]
async fn lost_entries_are_put_back_byte_for_byte_from_a_bundle() {
    let case = restored().await;
    let lost = case.log.head().await.expect("a head").position;
    assert!((lost.0 as usize) < case.whole.len());
    let refused = guard::check(&case.log, case.stage.signer.path()).await;
    assert!(
        matches!(refused, Err(ProofError::Refused(Refused::Behind { .. }))),
        "{refused:?}"
    );
    let signer = Signer::open(case.stage.signer.path(), case.log.origin(), None).expect("a signer");
    let place = tempfile::tempdir().expect("a directory");
    let mut files = case.stage.bundle().await;
    // Other bytes are not written: the root says so first.
    let mut other = files.clone();
    let name = other
        .0
        .keys()
        .find(|name| name.starts_with("tile/entries"))
        .expect("entries")
        .clone();
    let at = files.get(&name).len() - 40;
    other.get(&name)[at] ^= 1;
    other.write(&place.path().join("other"));
    let mut bad = KeptBundle::open(&place.path().join("other")).expect("a bundle");
    let refused = recover(&case.log, &signer, None, &mut bad).await;
    assert!(matches!(refused, Err(ProofError::Broken(_))), "{refused:?}");
    assert_eq!(case.log.head().await.expect("a head").position, lost);

    files.write(&place.path().join("good"));
    let mut kept = KeptBundle::open(&place.path().join("good")).expect("a bundle");
    let recovered = recover(&case.log, &signer, None, &mut kept)
        .await
        .expect("put back")
        .expect("something was lost");
    assert_eq!(
        (recovered.from.0, recovered.to.0 as usize),
        (lost.0 + 1, case.whole.len())
    );
    case.must_be_whole().await;
    assert_eq!(
        recover(&case.log, &signer, None, &mut kept)
            .await
            .expect("nothing to do"),
        None
    );
}

#[tokio::test]
async fn lost_entries_are_put_back_from_jetstream() {
    let broker = PrivateBroker::start().await;
    let case = restored().await;
    let mut carrier = Carrier::start(&case.stage.register.log, broker.url());
    carrier.published(case.whole.len() as u64).await;
    carrier.stop().await;
    let signer = Signer::open(case.stage.signer.path(), case.log.origin(), None).expect("a signer");
    let mut kept = KeptStream::open(&broker.url(), case.log.origin())
        .await
        .expect("the stream");
    assert_eq!(kept.last().await, Ok(case.whole.len() as u64));
    recover(&case.log, &signer, None, &mut kept)
        .await
        .expect("put back")
        .expect("something was lost");
    case.must_be_whole().await;
}

#[tokio::test]
async fn on_postgresql_the_owner_puts_lost_entries_back() {
    let mut stage = Stage::new(Register::postgres(AT).await).await;
    stage.families(3).await;
    stage.sign().await;
    let whole = stage.register.texts().await;
    let place = tempfile::tempdir().expect("a directory");
    stage.bundle().await.write(place.path());
    // Where an append ended: what is lost is lost with its head.
    let end = stage.register.log.head_at(Position(15)).await;
    let end = end.expect("a head").position;
    let database = stage.register.database.as_ref().expect("a database");
    let mut connection = database.connect().await;
    for relation in ["log.entries", "log.heads"] {
        let off = format!(
            "ALTER TABLE {relation} DISABLE TRIGGER ALL; DELETE FROM {relation} WHERE position > {end}; ALTER TABLE {relation} ENABLE ALWAYS TRIGGER only_grows; ALTER TABLE {relation} ENABLE ALWAYS TRIGGER only_grows_by_row"
        );
        connection.execute(&*off).await.expect("the owner may");
    }
    // The state of a store that was put back is not a state of the decider: a new one would be started.
    let log = &stage.register.log;
    let signer = Signer::open(stage.signer.path(), log.origin(), None).expect("a signer");
    let mut kept = KeptBundle::open(place.path()).expect("a bundle");
    let refused = recover(log, &signer, None, &mut kept).await;
    assert!(refused.is_err(), "the application may not");
    let url = database.url();
    recover(log, &signer, Some(&url), &mut kept)
        .await
        .expect("put back")
        .expect("something was lost");
    assert_eq!(stage.register.texts().await, whole);
    guard::check(log, stage.signer.path())
        .await
        .expect("nothing is lost any more");
}

/// Appends entries that were made by hand.
async fn append(log: &Log, entries: &[Entry]) {
    let head = log.head().await.expect("a head");
    let mut frontier = head.frontier.clone();
    let prepared = entries.iter().map(|entry| {
        let text = entry.write().expect("an entry");
        frontier.push(leaf_hash(text.as_bytes()));
        Prepared {
            place: entry.place.clone(),
            commandid: entry.command.commandid,
            text,
        }
    });
    let entries = prepared.collect();
    let batch = Batch {
        entries,
        sealed: Vec::new(),
        frontier,
    };
    log.append(head.position, &batch)
        .await
        .expect("a good batch");
}

async fn exported(
    proof: &Proof,
    kept: Option<Position>,
    views: Option<Published>,
    place: &Path,
) -> Files {
    let (note, _) = proof.checkpoint().expect("a note").expect("it is signed");
    let wanted = Exported {
        openings: Vec::new(),
        from: Position(1),
        to: None,
        views,
        kept,
    };
    export(proof, &note, wanted, place, |_, _| ())
        .await
        .expect("a bundle");
    Files::of(place)
}

#[tokio::test]
async fn a_closed_incarnation_goes_on_as_the_next_and_everything_reads_over_the_seam() {
    let case = restored().await;
    let kept = case.log.head().await.expect("a head").position;
    let scratch = tempfile::tempdir().expect("a directory");
    let next_signer = scratch.path().join("signer-2");
    let why = "the disk was lost and nobody kept a copy";
    let closing = close(
        &case.log,
        case.stage.signer.path(),
        &next_signer,
        why,
        &Entropy::System,
    )
    .await;
    let (closed, statement) = closing.expect("a statement");
    assert_eq!(
        (closed.kept.size, closed.signed.size),
        (kept.0, case.whole.len() as u64)
    );
    let known = statement
        .signed_by(&case.stage.keys())
        .expect("the log's key signed it");
    assert_eq!(known.len(), 1);
    assert!(
        qonys_verify::checkpoint::Checkpoint::read(&statement.text).is_err(),
        "never a checkpoint"
    );
    // It signs no more, whichever log is shown to it; the statement stays as it is.
    let old = Signer::open(case.stage.signer.path(), case.log.origin(), None).expect("a signer");
    let (_, last) = old.head().expect("a head");
    assert!(matches!(
        old.sign(&last, &[]),
        Err(ProofError::Refused(Refused::Closed))
    ));
    assert!(
        guard::check(&case.log, case.stage.signer.path())
            .await
            .is_err()
    );
    let again = close(
        &case.log,
        case.stage.signer.path(),
        &next_signer,
        why,
        &Entropy::System,
    )
    .await;
    assert_eq!(again.expect("the same statement").1, statement);

    // The next incarnation: its first entry, then a law that goes on in its stream.
    let place = scratch.path().join("log-2");
    let new = NewLog {
        origin: closed.next.clone(),
        zone: case.log.zone().clone(),
        clock: ClockKind::Simulated,
    };
    let log = Log::Sqlite(
        SqliteLog::open(&place, Some(&new))
            .await
            .expect("a new log"),
    );
    let clock = Clock::simulated("2025-02-01T00:00:00.000000Z".parse().expect("an instant"));
    let entropy = Entropy::seeded(5);
    let seq = |stream: &StreamId| {
        let stream = format!("\"subject\":\"{stream}\"");
        let count = case.whole[..kept.0 as usize]
            .iter()
            .filter(|text| text.contains(&stream))
            .count();
        StreamSeq(count as u64 + 1)
    };
    let kinds = (LogKind::Test, ClockKind::Simulated);
    let first = first_entry(
        &log,
        (&closed, &statement),
        (
            seq(&StreamId::log()),
            &case.log.head().await.expect("a head"),
        ),
        kinds,
        operator(&entropy),
        (&clock, &entropy),
    );
    let mut second = first.clone();
    second.place.id = entropy.id_at(clock.now());
    second.place.time = first.place.time.plus_micros(1);
    second.place.position = Position(2);
    second.place.subject = StreamId::law();
    second.place.streamseq = seq(&StreamId::law());
    second.place.commandindex = Count(1);
    second.command.commandid = entropy.id_at(clock.now());
    let date = ActDateRecorded {
        act: "order".parse().expect("a slug"),
        date: ActDate::Registered,
        on: "2024-01-01".parse().expect("a day"),
        source: "a newspaper".parse().expect("a text"),
    };
    second.event = Event::new(Fact::ActDateRecorded(date));
    append(&log, &[first]).await;
    append(&log, &[second]).await;

    // Views: one fold over both.
    let end = Position(kept.0 + 2);
    let seam = || Seam::new(LogFeed::new(&case.log), kept, LogFeed::new(&log));
    let shown = seam()
        .read(Position(kept.0 - 1), 1)
        .await
        .expect("the last kept one");
    assert_eq!((shown[0].position, shown[0].before), (kept, 0));
    let mut runner = Runner::new(seam(), MemorySink::default(), all()).with_batch_entries(7);
    assert_eq!(runner.catch_up_to(end).await.expect("a fold"), end);
    let mut digester = Digester::new(scratch.path());
    let mut rows = 0;
    for table in tables() {
        for row in runner.sink().rows(table) {
            digester.add(table, &row).expect("a scratch file");
            rows += 1;
        }
    }
    assert!(rows > 30);
    let views = Published {
        position: Position(2),
        tables: digester.finish().expect("digests"),
    };

    // The verifier: both bundles, and what the seam must say.
    let next = Signer::open(&next_signer, log.origin(), None).expect("a signer");
    let mut keys = case.stage.keys();
    keys.extend(next.public().expect("keys"));
    let mut publisher = Publisher::new(Proof::new(&log, &place), next);
    publisher.round().await.expect("it grew from nothing");
    let mut before = case.stage.bundle().await;
    let mut after = exported(
        publisher.proof(),
        Some(kept),
        Some(views),
        &scratch.path().join("bundle-2"),
    )
    .await;
    let wanted = asked(&keys, &scratch);
    let check = |before: &mut Files, after: &mut Files, kept| {
        let mut parts = [
            Part {
                source: before,
                kept: Some(kept),
            },
            Part {
                source: after,
                kept: None,
            },
        ];
        verify(&mut parts, &wanted, &mut |_, _| ())
    };
    let report = check(&mut before, &mut after, kept);
    assert!(report.verified && report.views.len() > 10, "{report:#?}");
    assert_eq!((report.before, report.size), (kept.0, 2));
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("are lost, as the log says")),
        "{:?}",
        report.notes
    );
    // More or less is kept than the seam says.
    assert!(check(&mut before, &mut after, Position(kept.0 - 1)).has(Code::Opening));
    assert!(check(&mut before, &mut after, Position(kept.0 + 1)).has(Code::Opening));
    // Alone, the next incarnation is proved, and says what could not be looked at.
    let alone = verify(
        &mut [Part {
            source: &mut after,
            kept: None,
        }],
        &wanted,
        &mut |_, _| (),
    );
    assert!(
        alone.verified && alone.notes.iter().any(|note| note.contains("goes on from")),
        "{alone:#?}"
    );

    // The relay: a stream for each incarnation, each with sequence = position.
    let broker = PrivateBroker::start().await;
    for (log, count) in [(&case.log, kept.0), (&log, 2)] {
        let mut carrier = Carrier::start(log, broker.url());
        carrier.published(count).await;
        carrier.stop().await;
        let mut stream = KeptStream::open(&broker.url(), log.origin())
            .await
            .expect("a stream");
        assert_eq!(stream.last().await, Ok(count));
        let first = texts(log).await.swap_remove(0);
        assert_eq!(stream.entry(1).await, Ok(first.into_bytes()));
    }
}
