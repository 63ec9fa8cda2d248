//! Two deciders on one log: what one of them decided on a head that the other moved is decided again, its personal values
//! stand once, and a long stream that both write is what the log says in both.

use std::collections::BTreeSet;

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog},
    vault::Vault,
};
use qonys_domain::streams::Stream;
use qonys_events::{
    entry::Entry,
    fact::Fact,
    id::StreamId,
    scalar::{Position, StreamSeq},
    term::ClockKind,
};
use serde_json::{Value, json};

use crate::{
    oracle::check_line,
    support::{
        database::TestDatabase,
        register::{Lines, Register, answer},
    },
};

/// Persons that each decider records.
const PERSONS: usize = 300;

async fn decider(database: &TestDatabase, directory: &std::path::Path) -> (Log, Dispatch) {
    let log = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let vault = Vault::open(directory, log.origin(), Entropy::System)
        .await
        .expect("a vault");
    let dispatch = Dispatch::start(log.clone(), Some(vault), Clock::System, Entropy::System)
        .await
        .expect("a decider");
    (log, dispatch)
}

/// Records persons as fast as the decider takes them.
async fn record(dispatch: Dispatch, series: u32) {
    let mut lines = Lines::new(series);
    let mut waiting = Vec::new();
    for n in 0..PERSONS {
        let mut line = lines.line("record-person", &json!({"kind": "citizen"}));
        line["personal"] = json!({"name": format!("Сынақ Тұлға {n}"), "iin": lines.iin()});
        let request = Request::read(&line.to_string()).expect("a line");
        waiting.push(dispatch.submit(request).await);
        if n % 16 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for outcome in waiting {
        let outcome = outcome.await.expect("an outcome");
        assert!(
            matches!(outcome, Outcome::Accepted(_)),
            "{}",
            answer(&outcome)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_deciders_on_one_log_store_each_personal_value_once() {
    let database = TestDatabase::create().await;
    let settings = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    PgLog::init(&database.url(), &settings)
        .await
        .expect("a new log");
    let directory = tempfile::tempdir().expect("a directory");
    let (log, one) = decider(&database, directory.path()).await;
    let open = Lines::new(1).line(
        "open-log",
        &json!({"zone": "Asia/Almaty", "kind": "test", "clock": "system"}),
    );
    let opened = one
        .decide(Request::read(&open.to_string()).expect("a line"))
        .await;
    assert!(
        matches!(opened, Outcome::Accepted(_)),
        "{}",
        answer(&opened)
    );
    let (_, two) = decider(&database, directory.path()).await;
    let both = [tokio::spawn(record(one, 2)), tokio::spawn(record(two, 3))];
    for caller in both {
        caller.await.expect("a caller ends well");
    }
    let (mut persons, mut at) = (0, Position(0));
    loop {
        let page = log.read_after(at, 1_000).await.expect("the log reads");
        let Some(last) = page.last() else { break };
        at = last.position;
        for recorded in page {
            let entry = Entry::read(&recorded.text).expect("an entry of the format");
            let Fact::PersonRecorded(person) = &entry.event.fact else {
                continue;
            };
            persons += 1;
            let names: BTreeSet<_> = person.slots.iter().map(|slot| slot.name.as_str()).collect();
            assert_eq!(names, BTreeSet::from(["iin", "name"]));
            assert_eq!(person.slots.len(), 2, "each value once");
        }
    }
    assert_eq!(persons, 2 * PERSONS);
}

/// Allocations of each decider: several times as many events as make a stream a long one.
const HOLDS: usize = 400;
const LIMIT: u64 = 4 * HOLDS as u64;
const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";

/// Callers of one decider who hold places until none of the lines is left. Gives how many succeeded.
async fn hold(dispatch: Dispatch, holds: Vec<Value>) -> i64 {
    let callers = holds.chunks(HOLDS / 16).map(|share| {
        let (dispatch, share) = (dispatch.clone(), share.to_vec());
        tokio::spawn(async move {
            for line in &share {
                let request = Request::read(&line.to_string()).expect("a line");
                let outcome = dispatch.decide(request).await;
                assert!(
                    matches!(outcome, Outcome::Accepted(_)),
                    "{}",
                    answer(&outcome)
                );
            }
            share.len() as i64
        })
    });
    let mut held = 0;
    for caller in callers.collect::<Vec<_>>() {
        held += caller.await.expect("a caller ends well");
    }
    held
}

/// The first events of a stream, folded.
async fn folded(log: &Log, id: &StreamId, up_to: StreamSeq) -> Stream {
    let mut stream = Stream::empty(id.kind());
    while stream.seq < up_to {
        let page = log.read_stream(id, stream.seq, 1_000).await;
        let page = page.expect("the log reads");
        assert!(!page.is_empty(), "the stream ends at {}", stream.seq);
        for recorded in page.iter().take((up_to.0 - stream.seq.0) as usize) {
            stream.apply(&Entry::parse(&recorded.text).expect("an entry").event);
        }
    }
    stream
}

/// A line with room for all, so many holds for it, and two deciders.
async fn line(series: u32, count: usize) -> (Register, Log, [Dispatch; 2], Vec<Value>) {
    let register = Register::postgres("2025-01-15T00:00:00.000000Z").await;
    let mut lines = Lines::new(series);
    let mut before = lines.opening("simulated");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", LIMIT)]));
    let mut holds = Vec::new();
    for _ in 0..count {
        before.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let application = json!({"application": format!("command:{}", lines.last())});
        holds.push(lines.on("2024-03-01", "hold-places", &application));
    }
    register.must(&before).await;
    let url = register.database.as_ref().expect("a database").url();
    let log = Log::Postgres(PgLog::open(&url).await.expect("the log opens"));
    let (vault, clock) = (register.vault.clone(), register.clock.clone());
    let second = Dispatch::start(log.clone(), Some(vault), clock, Entropy::seeded(2)).await;
    let deciders = [register.dispatch.clone(), second.expect("a decider")];
    (register, log, deciders, holds)
}

/// A decider has the line that the log has, as far as it knows it. Gives how far.
async fn has_what_the_log_says(log: &Log, dispatch: &Dispatch) -> u64 {
    let id: StreamId = format!("quota-line/{LINE}").parse().expect("a stream");
    let live = dispatch.live(&id).await.expect("it is in memory");
    assert!(
        live == folded(log, &id, live.seq).await,
        "a decider has another line than the log at {}",
        live.seq
    );
    live.seq.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_deciders_on_one_long_line_both_have_what_the_log_says() {
    let (register, log, deciders, mut holds) = line(4, 2 * HOLDS).await;
    let others = holds.split_off(HOLDS);
    let [one, two] = &deciders;
    let (one, two) = tokio::join!(hold(one.clone(), holds), hold(two.clone(), others));
    assert_eq!((one, two), (HOLDS as i64, HOLDS as i64));
    assert_eq!(
        check_line(&register.texts().await, LINE, LIMIT as i64),
        (2 * HOLDS as i64, 0)
    );
    for dispatch in &deciders {
        assert!(has_what_the_log_says(&log, dispatch).await > HOLDS as u64);
    }
}

/// What another decider stored while one took the lock first is there when a later append of it falls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_line_that_falls_has_what_others_stored_before() {
    // Long; overtaken; while the lock is taken first; long enough for it not to be; overtaken again.
    let turns = [(0, 300), (1, 1), (0, 2), (1, 1), (0, 100), (1, 1), (0, 2)];
    let count: usize = turns.iter().map(|(_, times)| times).sum();
    let (_register, log, deciders, holds) = line(5, count).await;
    let mut holds = holds.iter();
    for (who, times) in turns {
        for line in holds.by_ref().take(times) {
            let request = Request::read(&line.to_string()).expect("a line");
            let outcome = deciders[who].decide(request).await;
            assert!(
                matches!(outcome, Outcome::Accepted(_)),
                "{}",
                answer(&outcome)
            );
        }
        has_what_the_log_says(&log, &deciders[who]).await;
    }
    assert_eq!(
        has_what_the_log_says(&log, &deciders[0]).await,
        count as u64 + 1
    );
}
