//! Clocks that are wrong: set back, or an hour from the database's.

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    vault::Vault,
};
use qonys_events::{
    scalar::{Instant, Position},
    term::ClockKind,
};
use serde_json::Value;

use crate::support::{
    database::TestDatabase,
    register::{Lines, Register, answer},
    rows::row,
};

const AT: &str = "2025-01-15T12:00:00.000000Z";
const AN_HOUR: i64 = 3_600_000_000;

/// The times of all entries, in order.
fn times(texts: &[String]) -> Vec<Instant> {
    let time = |text: &String| {
        let entry: Value = serde_json::from_str(text).expect("an entry is JSON");
        let time = entry["time"].as_str().expect("a time");
        time.parse().expect("an instant")
    };
    texts.iter().map(time).collect()
}

async fn set_back(register: &Register) -> usize {
    let mut lines = Lines::new(1);
    register.must(&lines.opening("simulated")).await;
    register.must(&[lines.act("order", "2024-01-01")]).await;
    let before = times(&register.texts().await);
    let now = register.clock.now();
    register
        .clock
        .set(Instant::from_micros(now.micros() - AN_HOUR));
    register
        .must(&lines.applicant("resettlers", 0, "2024-02-01"))
        .await;
    let after = times(&register.texts().await);
    assert!(after.len() > before.len());
    assert!(
        after.windows(2).all(|pair| pair[0] < pair[1]),
        "times go on: {after:?}"
    );
    after.len()
}

#[tokio::test]
async fn a_clock_is_set_back() {
    let mut entries = 0;
    for register in [Register::embedded(AT).await, Register::postgres(AT).await] {
        entries += set_back(&register).await;
    }
    row(
        "the clock is set back by an hour",
        &format!("commands are accepted, times go on strictly, on both stores; {entries} entries"),
    );
}

/// A decider with a clock that is an hour ahead, on a log whose store compares times with its own clock.
async fn an_hour_ahead(log: Log) {
    let ahead = Instant::from_micros(Clock::System.now().micros() + AN_HOUR);
    let clock = Clock::simulated(ahead);
    let directory = tempfile::tempdir().expect("a directory");
    let vault = Vault::open(directory.path(), log.origin(), Entropy::System).await;
    let dispatch = Dispatch::start(log.clone(), vault.ok(), clock.clone(), Entropy::System).await;
    let dispatch = dispatch.expect("a decider");
    let line = Lines::new(1).opening("system")[0].to_string();
    let request = || Request::read(&line).expect("a line");
    let outcome = dispatch.decide(request()).await;
    assert!(
        matches!(&outcome, Outcome::Unavailable(why) if why.contains("more than 5 s")),
        "{}",
        answer(&outcome)
    );
    let head = log.head().await.expect("the head");
    assert_eq!(head.position, Position(0), "nothing is stored");
    clock.set(Clock::System.now());
    let outcome = dispatch.decide(request()).await;
    assert!(
        matches!(outcome, Outcome::Accepted(_)),
        "{}",
        answer(&outcome)
    );
}

#[tokio::test]
async fn a_clock_is_an_hour_from_the_stores() {
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    let directory = tempfile::tempdir().expect("a directory");
    let log = SqliteLog::open(directory.path(), Some(&new)).await;
    an_hour_ahead(Log::Sqlite(log.expect("a new log"))).await;
    let database = TestDatabase::create().await;
    PgLog::init(&database.url(), &new).await.expect("a new log");
    let log = PgLog::open(&database.url()).await.expect("the log opens");
    an_hour_ahead(Log::Postgres(log)).await;
    row(
        "the clock is an hour from the store's",
        "the command is told `unavailable`, nothing is stored, and it is accepted when the clock is right, on both stores",
    );
}

/// Decided at one time and appended more than 5 s later: as under a load that the disk cannot bear.
#[tokio::test]
async fn a_command_that_waited_too_long_for_its_append_is_decided_again() {
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    let directory = tempfile::tempdir().expect("a directory");
    let log = SqliteLog::open(directory.path(), Some(&new)).await;
    let log = Log::Sqlite(log.expect("a new log"));
    let vault = Vault::open(directory.path(), log.origin(), Entropy::System).await;
    let dispatch = Dispatch::start(log.clone(), vault.ok(), Clock::System, Entropy::System).await;
    let dispatch = dispatch.expect("a decider");
    let line = Lines::new(1).opening("system")[0].to_string();
    let lock = log.lock().await.expect("a free lock");
    let deciding = dispatch.submit(Request::read(&line).expect("a line")).await;
    tokio::time::sleep(std::time::Duration::from_millis(5_500)).await;
    drop(lock);
    let outcome = deciding.await.expect("an answer");
    assert!(
        matches!(outcome, Outcome::Accepted(_)),
        "{}",
        answer(&outcome)
    );
    row(
        "a command waits longer for its append than clocks may differ (5 s)",
        "it is decided again at the time that it is then, and accepted",
    );
}
