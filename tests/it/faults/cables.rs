//! Writes over a cable that is cut, or that loses the answers: the decider's appends and the views' rows on PostgreSQL.
//! Callers who heard nothing ask again with the same id.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog},
    vault::Vault,
    views::Views,
};
use qonys_events::{scalar::Position, term::ClockKind};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    oracle::check_line,
    support::{
        database::TestDatabase,
        proxy::Proxy,
        register::{Lines, answer},
        rows::row,
    },
};

const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
const LIMIT: u64 = 60;
const CALLERS: usize = 16;
const AT: &str = "2025-01-15T00:00:00.000000Z";

/// A decider whose log is at the other end of a cable.
struct Office {
    database: TestDatabase,
    cable: Proxy,
    /// The log as this office reaches it.
    log: Log,
    dispatch: Dispatch,
    directory: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let database = TestDatabase::create().await;
        let new = NewLog {
            origin: "qonys/almaty/test/1".parse().expect("an origin"),
            zone: "Asia/Almaty".parse().expect("a zone"),
            clock: ClockKind::Simulated,
        };
        PgLog::init(&database.url(), &new).await.expect("a new log");
        let cable = Proxy::start(database.address()).await;
        let log = PgLog::open(&database.url_through(cable.address())).await;
        let log = Log::Postgres(log.expect("the log opens"));
        let directory = tempfile::tempdir().expect("a directory");
        let entropy = Entropy::seeded(1);
        let vault = Vault::open(directory.path(), log.origin(), entropy.clone()).await;
        let clock = Clock::simulated(AT.parse().expect("an instant"));
        let dispatch = Dispatch::start(log.clone(), vault.ok(), clock, entropy).await;
        Self {
            database,
            cable,
            log,
            dispatch: dispatch.expect("a decider"),
            directory,
        }
    }

    /// Decides a line; whoever hears nothing asks again. Gives the positions, and how often it was asked again.
    async fn insist(dispatch: &Dispatch, line: &Value) -> (Option<Vec<Position>>, usize) {
        for again in 0.. {
            let request = Request::read(&line.to_string()).expect("a line");
            match dispatch.decide(request).await {
                Outcome::Accepted(stored) | Outcome::Duplicate(stored) => {
                    return (Some(stored.positions), again);
                }
                Outcome::Blocked(blocked) if blocked.code.as_str() == "limit-reached" => {
                    return (None, again);
                }
                Outcome::Unknown | Outcome::Unavailable(_) => {
                    sleep(Duration::from_millis(50)).await;
                }
                other => panic!("{line}: {}", answer(&other)),
            }
        }
        unreachable!("it is asked until it is answered")
    }

    /// The texts of the log, over a line of their own.
    async fn texts(&self) -> Vec<String> {
        let log = PgLog::open(&self.database.url()).await;
        let log = Log::Postgres(log.expect("the log opens"));
        let mut texts = Vec::new();
        loop {
            let page = log.read_after(Position(texts.len() as u64), 1_000).await;
            let page = page.expect("the log reads");
            if page.is_empty() {
                return texts;
            }
            texts.extend(page.into_iter().map(|recorded| recorded.text));
        }
    }
}

/// Callers fill a line while something is done to the cable again and again. Gives the connections that were cut and the
/// answers that were lost: callers need not notice, the decider finds out by itself what became of an append.
async fn fill(fault: &str, series: u32, meddle: impl AsyncFn(&Proxy)) -> (u64, u64) {
    let office = Office::open().await;
    let mut lines = Lines::new(series);
    let mut before = lines.opening("simulated");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", LIMIT)]));
    let mut holds = Vec::new();
    for _ in 0..LIMIT + 20 {
        before.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let application = format!("command:{}", lines.last());
        holds.push(lines.on(
            "2024-03-01",
            "hold-places",
            &json!({"application": application}),
        ));
    }
    for line in &before {
        Office::insist(&office.dispatch, line).await;
    }
    let holds: Arc<Vec<Vec<Value>>> = {
        let shares = (0..CALLERS).map(|n| holds.iter().skip(n).step_by(CALLERS).cloned().collect());
        Arc::new(shares.collect())
    };
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| {
            let (holds, dispatch) = (Arc::clone(&holds), office.dispatch.clone());
            tokio::spawn(async move {
                let mut told = Vec::new();
                for line in &holds[n] {
                    let id = line["id"].as_str().expect("an id").to_owned();
                    told.push((id, Office::insist(&dispatch, line).await));
                    sleep(Duration::from_millis(60)).await;
                }
                told
            })
        })
        .collect();
    let mut meddled: u64 = 0;
    while callers.iter().any(|caller| !caller.is_finished()) {
        // Longer and longer, so that a slow machine gets there too.
        sleep(Duration::from_millis(150 + 50 * meddled)).await;
        meddle(&office.cable).await;
        meddled += 1;
    }
    office.cable.restore();
    let texts = office.texts().await;
    let mut stands: BTreeMap<String, Vec<Position>> = BTreeMap::new();
    for (n, text) in texts.iter().enumerate() {
        let entry: Value = serde_json::from_str(text).expect("an entry is JSON");
        assert_eq!(entry["position"], (n + 1).to_string(), "no gap");
        let id = entry["commandid"].as_str().expect("an id").to_owned();
        stands.entry(id).or_default().push(Position(n as u64 + 1));
    }
    let (mut held, mut full, mut again) = (0, 0, 0);
    for caller in callers {
        for (id, (positions, asked)) in caller.await.expect("a caller does not panic") {
            assert_eq!(stands.get(&id), positions.as_ref(), "{fault}: {id}");
            held += usize::from(positions.is_some());
            full += usize::from(positions.is_none());
            again += asked;
        }
    }
    assert_eq!((held, full), (LIMIT as usize, 20), "{fault}");
    let (ended, lost) = (office.cable.ended(), office.cable.lost());
    assert_eq!(check_line(&texts, LINE, LIMIT as i64), (LIMIT as i64, 0));
    row(
        fault,
        &format!(
            "each of {} commands stands once or was refused, the line is exactly full, no gap in {} entries; {meddled} times, {ended} connections cut, {lost} answers lost, asked again {again} times",
            held + full,
            texts.len()
        ),
    );
    (ended, lost)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_is_lost() {
    let fault = "an append is lost (cable cut)";
    let (ended, _) = fill(fault, 0x5100, async |cable| {
        cable.cut();
        sleep(Duration::from_millis(20)).await;
        cable.restore();
    })
    .await;
    assert!(ended > 0, "no connection was cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_is_stored_but_reported_lost() {
    let fault = "an append is stored but reported lost (answers lost, then cut)";
    let (ended, lost) = fill(fault, 0x5200, async |cable| {
        let before = cable.lost();
        cable.lose_answers();
        // While callers are at work an answer is soon on its way; perhaps the last of them is done.
        for _ in 0..200 {
            if cable.lost() > before {
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        cable.cut();
        cable.restore();
    })
    .await;
    assert!(ended > 0 && lost > 0, "{ended} cut, {lost} lost");
}

/// Views are folded while something is done to the cable; afterwards they equal a rebuild.
async fn follow(fault: &str, series: u32, meddle: impl AsyncFn(&Proxy)) {
    let office = Office::open().await;
    let mut lines = Lines::new(series);
    let mut before = lines.opening("simulated");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", 1_000)]));
    for line in &before {
        Office::insist(&office.dispatch, line).await;
    }
    let url = office.database.url();
    let straight = Log::Postgres(PgLog::open(&url).await.expect("the log opens"));
    let views = Views::open(&office.log, office.directory.path()).await;
    let views = views.expect("the views open");
    let follower = views.follow();
    let mut meddled = 0;
    let mut errors = 0;
    for _ in 0..40 {
        for line in lines.applicant("resettlers", 1, "2024-02-01") {
            Office::insist(&office.dispatch, &line).await;
        }
        meddle(&office.cable).await;
        meddled += 1;
        errors += usize::from(follower.progress().error.is_some());
        sleep(Duration::from_millis(40)).await;
    }
    office.cable.restore();
    let head = straight.head().await.expect("the head").position;
    let mut progress = follower.watch();
    let there = progress.wait_for(|progress| progress.position >= head);
    let there = tokio::time::timeout(Duration::from_secs(60), there).await;
    drop(
        there
            .expect("the views catch up")
            .expect("the follower lives"),
    );
    drop(progress);
    follower.stop().await;
    let equal = views.verify_rebuild(&[], &mut |_, _| {}).await;
    let equal = equal.expect("live views equal a rebuild");
    let rows: u64 = equal.tables.iter().map(|(_, rows)| rows).sum();
    assert!(rows > 40, "{fault}: {rows} rows");
    row(
        fault,
        &format!(
            "{rows} rows of views = a rebuild at {head}; {meddled} times, {errors} noticed by the views"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_views_are_lost() {
    follow(
        "rows of views are lost (cable cut)",
        0x5300,
        async |cable| {
            cable.cut();
            sleep(Duration::from_millis(10)).await;
            cable.restore();
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_views_are_stored_but_reported_lost() {
    let fault = "rows of views are stored but reported lost (answers lost, then cut)";
    follow(fault, 0x5400, async |cable| {
        cable.lose_answers();
        sleep(Duration::from_millis(15)).await;
        cable.cut();
        cable.restore();
    })
    .await;
}
