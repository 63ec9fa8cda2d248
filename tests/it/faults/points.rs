//! Crash points: the server dies at a moment between two steps, under load, and comes back. Everybody who was not answered
//! asks again with the same id.

use std::{sync::Arc, time::Duration};

use qonys_events::crash::CrashPoint;

use crate::{
    crash::{Shared, address_of, afterwards, call, prepare, serve},
    support::{broker::PrivateBroker, caller::Caller, database::TestDatabase, rows::row},
};

const CALLERS: u32 = 12;
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the moment is passed before the server dies there: once the load is under way.
fn times(point: CrashPoint) -> u32 {
    match point {
        CrashPoint::KeysAppend | CrashPoint::CommitAnswer => 12,
        CrashPoint::CommitViews | CrashPoint::RowsKnown => 9,
        CrashPoint::PublishAcknowledge => 70,
        CrashPoint::SignedPublished => 3,
    }
}

async fn dies_at(series: u32, (name, point): (&str, CrashPoint), fault: &str) {
    let database = TestDatabase::create().await;
    let broker = PrivateBroker::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let directory_name = directory.path().to_string_lossy().into_owned();
    prepare(&database, &directory_name).await;
    let crash = format!("{name}:{}", times(point));
    let mut server = serve(&database, &broker, &directory_name, Some(&crash));
    let address = address_of(&mut server).await;
    let ledger = Shared::default();
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| tokio::spawn(call(address.clone(), series + n, Arc::clone(&ledger))))
        .collect();
    let ended = tokio::time::timeout(PATIENCE, server.finish()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{name}: the server does not come there"));
    assert!(
        ended.code().is_none(),
        "{name}: it ended otherwise: {}",
        ended.stderr
    );
    for caller in callers {
        caller.await.expect("a caller does not panic");
    }

    let mut server = serve(&database, &broker, &directory_name, None);
    let address = address_of(&mut server).await;
    let mut ledger = Arc::into_inner(ledger)
        .expect("every caller has ended")
        .into_inner()
        .expect("the ledger");
    let asked_again = ledger.in_flight.len();
    assert!(asked_again > 0, "{name}: nobody was waiting");
    let mut caller = Caller::new(address.parse().expect("an address"));
    let mut duplicates = 0;
    for (id, line) in std::mem::take(&mut ledger.in_flight) {
        let (status, answer) = caller.post(&line, PATIENCE).await.expect("an answer");
        assert!(matches!(status, 200 | 201), "{name}: {answer}");
        duplicates += usize::from(answer["outcome"] == "duplicate");
        let positions = serde_json::from_value(answer["positions"].clone()).expect("positions");
        ledger.acknowledged.insert(id, positions);
    }
    drop(server);
    if point == CrashPoint::CommitAnswer {
        assert!(
            duplicates > 0,
            "what was committed and not answered is a duplicate"
        );
    }
    let checked = afterwards(&database, &broker, directory.path(), &ledger).await;
    row(
        fault,
        &format!("{checked}; {asked_again} asked again, {duplicates} had been done"),
    );
}

/// A test for each crash point.
macro_rules! points {
    ($($test:ident: $n:literal, $fault:literal;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            dies_at(0x4000 + $n * 0x100, CrashPoint::ALL[$n], $fault).await;
        }
    )+};
}

points! {
    between_keys_and_append: 0, "crash between the keys and the append";
    between_commit_and_answer: 1, "crash between commit and answer";
    between_commit_and_views: 2, "crash between commit and views";
    between_rows_and_knowing: 3, "crash after the rows of views, before the runner knows";
    between_publish_and_acknowledge: 4, "crash between publish and acknowledge";
    between_signed_and_published: 5, "crash between a signed head and its checkpoint";
}

#[test]
fn every_crash_point_has_a_test() {
    assert_eq!(CrashPoint::ALL.len(), 6);
}
