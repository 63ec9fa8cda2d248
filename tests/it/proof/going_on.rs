//! Deciding in an incarnation that goes on from a closed one: streams, commands, counts and adoptions go over the seam,
//! and so do views, relay and verifier.

mod carried;
mod operator;

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    proof::{
        Proof,
        closing::{close, go_on, statement},
        export::{Wanted as Exported, export},
        publisher::Publisher,
        recovery::Kept as _,
        rotation::operator,
        signer::Signer,
    },
    relay::kept::KeptStream,
    vault::Vault,
    views::{
        Views,
        queries::{AsOf, board::BoardQuery, decisions::DecisionQuery},
    },
};
use qonys_events::{scalar::Position, term::ClockKind};
use qonys_verify::{
    check::{Part, verify},
    note::VerifierKey,
    report::{Code, Report},
};
use serde_json::{Value, json};
use sqlx::Executor as _;
use tempfile::TempDir;

use super::{
    signing::owner,
    stage::{AT, Files, Stage, asked},
};
use crate::{
    relay::carrier::Carrier,
    support::{
        broker::PrivateBroker,
        database::TestDatabase,
        register::{Lines, Register, answer},
    },
};

const LATER: &str = "2025-02-01T00:00:00.000000Z";

/// What a story leaves: a line of three places of which two are held by the first application.
struct Story {
    /// Lines that stand before the loss, in order; the last one holds two places.
    hold: Value,
    /// Commits that hold. It was signed and is lost.
    commit: Value,
    /// A second and a third application of before the loss.
    others: [String; 2],
}

async fn tell(stage: &mut Stage) -> Story {
    let mut lines = Lines::new(61);
    let mut before = vec![lines.act("order-3", "2024-01-01")];
    before.push(lines.quota("order-3", "establish", &[("resettlers", 3)]));
    let mut applications = Vec::new();
    for members in [1, 1, 0] {
        before.extend(lines.applicant("resettlers", members, "2024-02-01"));
        applications.push(format!("command:{}", lines.last()));
    }
    let named = json!({"application": applications[0]});
    let hold = lines.on("2024-02-02", "hold-places", &named);
    before.push(hold.clone());
    stage.register.must(&before).await;
    let commit = lines.on("2024-02-03", "commit-places", &named);
    let others = [applications[1].clone(), applications[2].clone()];
    Story {
        hold,
        commit,
        others,
    }
}

/// The next incarnation at work.
struct Next {
    log: Log,
    dispatch: Dispatch,
    clock: Clock,
    directory: TempDir,
}

impl Next {
    async fn start(log: Log, directory: TempDir, seed: u64) -> Self {
        let clock = Clock::simulated(LATER.parse().expect("an instant"));
        let entropy = Entropy::seeded(seed);
        let vault = Vault::open(directory.path(), log.origin(), entropy.clone());
        let vault = vault.await.expect("a vault");
        let dispatch = Dispatch::start(log.clone(), Some(vault), clock.clone(), entropy);
        Self {
            dispatch: dispatch.await.expect("a decider"),
            log,
            clock,
            directory,
        }
    }

    async fn send(&self, line: &Value) -> Outcome {
        match Request::read(&line.to_string()) {
            Ok(request) => self.dispatch.decide(request).await,
            Err(invalid) => Outcome::Invalid(invalid),
        }
    }
}

/// A log and its signer, closed behind the loss of the commit; the second log is empty.
struct Closed {
    earlier: Log,
    keys: Vec<VerifierKey>,
    old_signer: TempDir,
    next_signer: TempDir,
    kept: Position,
    lost: u64,
}

async fn closed(earlier: Log, stage: &Stage, old_signer: TempDir) -> Closed {
    let next_signer = tempfile::tempdir().expect("a directory");
    let why = "the disk was lost";
    let (said, _) = close(
        &earlier,
        old_signer.path(),
        next_signer.path(),
        why,
        &Entropy::System,
    )
    .await
    .expect("a statement");
    assert!(said.kept.size < said.signed.size, "something is lost");
    let mut keys = stage.keys();
    keys.push(said.key.clone());
    Closed {
        kept: Position(said.kept.size),
        lost: said.signed.size - said.kept.size,
        earlier,
        keys,
        old_signer,
        next_signer,
    }
}

fn new_log(earlier: &Log) -> NewLog {
    NewLog {
        origin: "qonys/almaty/test/2".parse().expect("an origin"),
        zone: earlier.zone().clone(),
        clock: ClockKind::Simulated,
    }
}

async fn goes_on(closed: &Closed, log: Log) -> Log {
    let (said, note) = statement(closed.old_signer.path(), closed.earlier.origin())
        .expect("the statement is read again");
    let clock = Clock::simulated("2025-01-20T00:00:00.000000Z".parse().expect("an instant"));
    let entropy = Entropy::seeded(5);
    let by = (&clock, &entropy);
    let gone = go_on(
        log.clone(),
        &closed.earlier,
        (&said, &note),
        operator(&entropy),
        by,
    );
    let gone = gone.await.expect("it goes on");
    assert_eq!(gone.before(), closed.kept.0);
    // Said twice, nothing is written twice.
    let again = go_on(log, &closed.earlier, (&said, &note), operator(&entropy), by);
    let again = again.await.expect("it goes on").head().await;
    assert_eq!(again.expect("a head").position, Position(1));
    gone
}

/// Everything that the decider must know of before the seam.
async fn decides(next: &Next, story: &Story, closed: &Closed) {
    // A command of before the seam gets its first answer, with the log that its positions are of.
    match next.send(&story.hold).await {
        Outcome::Duplicate(stored) => {
            assert_eq!(stored.source.as_ref(), Some(closed.earlier.origin()));
            assert_eq!(stored.positions, [closed.kept]);
        }
        other => panic!("{}", answer(&other)),
    }
    let mut other_body = story.hold.clone();
    other_body["decidedon"] = json!("2024-02-04");
    match next.send(&other_body).await {
        Outcome::Invalid(invalid) => assert_eq!(invalid.code, "command-id-reused"),
        other => panic!("{}", answer(&other)),
    }
    // Two of three places are held since before: two more are one too many.
    let mut lines = Lines::new(62);
    let hold = |lines: &mut Lines, application: &str| {
        lines.on(
            "2024-03-01",
            "hold-places",
            &json!({"application": application}),
        )
    };
    let first = hold(&mut lines, &story.others[0]);
    match next.send(&first).await {
        Outcome::Blocked(blocked) => assert_eq!(blocked.code.as_str(), "limit-reached"),
        other => panic!("{}", answer(&other)),
    }
    let second = hold(&mut lines, &story.others[1]);
    match next.send(&second).await {
        Outcome::Accepted(stored) => {
            let line = "quota-line/resettlers.kazakhstan.2024.principals-and-members";
            // Limit and hold stand before the seam.
            assert_eq!(stored.streams[line].0, 3, "{stored:?}");
            assert_eq!((stored.positions[0], stored.source), (Position(2), None));
        }
        other => panic!("{}", answer(&other)),
    }
    // The commitment was lost: sent again, it happens now, and adopts the hold of before by its leaf hash.
    match next.send(&story.commit).await {
        Outcome::Accepted(_) => {}
        other => panic!("{}", answer(&other)),
    }
    assert!(
        matches!(next.send(&story.commit).await, Outcome::Duplicate(stored) if stored.source.is_none())
    );
    // The log is open, whoever opened it.
    let open = lines.line(
        "open-log",
        &json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"}),
    );
    assert!(matches!(next.send(&open).await, Outcome::Blocked(_)));
}

/// Views, proof and relay of the next incarnation.
async fn shown(next: &Next, story: &Story, closed: &Closed, before: &mut Files) {
    let views = Views::open(&next.log, next.directory.path())
        .await
        .expect("views");
    views.catch_up(|_, _| ()).await.expect("a fold");
    let head = next.log.head().await.expect("a head").position;
    assert_eq!(
        views.position().await.expect("a position").0,
        closed.kept.0 + head.0
    );
    // The board counts what was held before and after: as of the seam, and now.
    let held = async |as_of| {
        let effective = Some("2024-06-01".parse().expect("a day"));
        let query = BoardQuery {
            as_of,
            effective,
            year: None,
        };
        let board = views.board(query, &next.clock).await.expect("a board");
        let line = board
            .lines
            .iter()
            .find(|line| line.line.to_string().starts_with("resettlers"));
        line.map(|line| (line.held, line.committed))
    };
    assert_eq!(held(AsOf::Position(closed.kept)).await, Some((2, 0)));
    assert_eq!(held(AsOf::Latest).await, Some((1, 2)));
    // Decisions of after the seam stand after it, each once.
    let decided = async |as_of| {
        let query = DecisionQuery {
            as_of,
            ..DecisionQuery::default()
        };
        let answer = views.decisions(&query).await.expect("decisions");
        let positions = answer.decisions.iter().map(|shown| shown.0.recorded_from);
        positions.collect::<Vec<_>>()
    };
    let (then, now) = (
        decided(AsOf::Position(closed.kept)).await,
        decided(AsOf::Latest).await,
    );
    assert!(
        !then.is_empty() && now.starts_with(&then),
        "{then:?} {now:?}"
    );
    let after: Vec<u64> = now[then.len()..]
        .iter()
        .map(|at| at.0 - closed.kept.0)
        .collect();
    assert_eq!(after, [2, 3, 4], "a hold, a commitment, an inclusion");
    let equal = views.verify_rebuild(&[], &mut |_, _| ()).await;
    equal.expect("a rebuild over the seam is equal");

    let signer =
        Signer::open(closed.next_signer.path(), next.log.origin(), None).expect("a signer");
    let mut publisher = Publisher::new(Proof::new(&next.log, next.directory.path()), signer);
    let note = publisher.round().await.expect("it grew from nothing").note;
    let scratch = tempfile::tempdir().expect("a directory");
    let digests = views.digests(head, scratch.path()).await.expect("digests");
    views.close().await;
    let wanted = Exported {
        openings: Vec::new(),
        from: Position(1),
        to: None,
        views: Some(digests),
        kept: Some(closed.kept),
    };
    let target = scratch.path().join("bundle");
    export(publisher.proof(), &note, wanted, &target, |_, _| ())
        .await
        .expect("a bundle");
    let mut after = Files::of(&target);
    let report = audit(before, &mut after, closed);
    assert!(report.verified && report.views.len() > 10, "{report:#?}");
    assert_eq!((report.before, report.size), (closed.kept.0, head.0));
    assert!(closed.lost > 0 && report.notes.iter().any(|note| note.contains("are lost")));
    // An adoption over the seam is held against the bytes of the other incarnation.
    let adopted = story.hold["id"].as_str().expect("an id");
    let name = before
        .0
        .keys()
        .rfind(|name| name.starts_with("tile/entries"));
    let name = name.expect("entries").clone();
    let text = String::from_utf8_lossy(before.get(&name)).into_owned();
    let at = text.rfind(adopted).expect("the hold") - 5;
    before.get(&name)[at] ^= 1;
    let report = audit(before, &mut after, closed);
    assert!(report.has(Code::Leaf) && !report.verified, "{report:#?}");

    let broker = PrivateBroker::start().await;
    let mut carrier = Carrier::start(&next.log, broker.url());
    carrier.published(head.0).await;
    carrier.stop().await;
    let mut stream = KeptStream::open(&broker.url(), next.log.origin())
        .await
        .expect("a stream");
    assert_eq!(stream.last().await, Ok(head.0));
}

fn audit(before: &mut Files, after: &mut Files, closed: &Closed) -> Report {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut parts = [
        Part {
            source: before,
            kept: Some(closed.kept),
        },
        Part {
            source: after,
            kept: None,
        },
    ];
    verify(&mut parts, &asked(&closed.keys, &scratch), &mut |_, _| ())
}

async fn over_the_seam(closed: Closed, story: Story, log: Log, mut before: Files) {
    let log = goes_on(&closed, log).await;
    let next = Next::start(log, tempfile::tempdir().expect("a directory"), 7).await;
    decides(&next, &story, &closed).await;
    // Another process, or this one after a restart, reads the same history.
    let again = next
        .log
        .clone()
        .going_on(&closed.earlier)
        .await
        .expect("it goes on");
    let next = Next::start(again, next.directory, 8).await;
    match next.send(&story.commit).await {
        Outcome::Duplicate(_) => {}
        other => panic!("{}", answer(&other)),
    }
    shown(&next, &story, &closed, &mut before).await;
}

/// The embedded log as it was before the commitment, with its directory.
async fn embedded() -> (Stage, Story, Log, TempDir) {
    let mut stage = Stage::embedded().await;
    stage.families(3).await;
    let story = tell(&mut stage).await;
    stage.sign().await;
    let directory = tempfile::tempdir().expect("a directory");
    let copy = format!(
        "VACUUM INTO '{}'",
        directory.path().join("log.sqlite").display()
    );
    let mut connection = owner(stage.register.directory.path()).await;
    connection.execute(&*copy).await.expect("a copy");
    stage
        .register
        .must(std::slice::from_ref(&story.commit))
        .await;
    stage.sign().await;
    let log = SqliteLog::open(directory.path(), None)
        .await
        .expect("the copy opens");
    (stage, story, Log::Sqlite(log), directory)
}

#[tokio::test]
async fn the_decider_goes_on_over_the_seam_on_the_embedded_store() {
    let (stage, story, earlier, directory) = embedded().await;
    let before = stage.bundle().await;
    let signer = tempfile::tempdir().expect("a directory");
    copy_files(stage.signer.path(), signer.path());
    let closed = closed(earlier, &stage, signer).await;
    let place = tempfile::tempdir().expect("a directory");
    let log = SqliteLog::open(place.path(), Some(&new_log(&closed.earlier))).await;
    let log = Log::Sqlite(log.expect("a new log"));
    over_the_seam(closed, story, log, before).await;
    drop(directory);
}

#[tokio::test]
async fn the_decider_goes_on_over_the_seam_on_postgresql() {
    let mut stage = Stage::new(Register::postgres(AT).await).await;
    stage.families(3).await;
    let story = tell(&mut stage).await;
    let kept = stage.register.log.head().await.expect("a head").position;
    stage
        .register
        .must(std::slice::from_ref(&story.commit))
        .await;
    stage.sign().await;
    let before = stage.bundle().await;
    let database = stage.register.database.as_ref().expect("a database");
    let mut connection = database.connect().await;
    for relation in ["log.entries", "log.heads"] {
        let off = format!(
            "ALTER TABLE {relation} DISABLE TRIGGER ALL; DELETE FROM {relation} WHERE position > {kept}; ALTER TABLE {relation} ENABLE ALWAYS TRIGGER only_grows; ALTER TABLE {relation} ENABLE ALWAYS TRIGGER only_grows_by_row"
        );
        connection.execute(&*off).await.expect("the owner may");
    }
    let earlier = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let signer = tempfile::tempdir().expect("a directory");
    copy_files(stage.signer.path(), signer.path());
    let closed = closed(earlier, &stage, signer).await;
    let other = TestDatabase::create().await;
    let new = new_log(&closed.earlier);
    PgLog::init(&other.url(), &new).await.expect("a new log");
    let log = Log::Postgres(PgLog::open(&other.url()).await.expect("it opens"));
    over_the_seam(closed, story, log, before).await;
}

fn copy_files(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}
