//! Two deciders on one log: what one of them decided on a head that the other moved is decided again, and its personal
//! values stand once.

use std::collections::BTreeSet;

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog},
    vault::Vault,
};
use qonys_events::{entry::Entry, fact::Fact, scalar::Position, term::ClockKind};
use serde_json::json;

use crate::support::{
    database::TestDatabase,
    register::{Lines, answer},
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
