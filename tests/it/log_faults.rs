//! What the log answers when the connection, the server or another process fails it.

use std::time::Duration;

use qonys::log::{Batch, Head, Log, LogError, postgres::PgLog, sqlite::SqliteLog};
use qonys_events::{id::Ref, scalar::Position};
use sqlx::{Executor, PgConnection};

use crate::{
    log_conformance::{
        drafts::one_command,
        stores::{Store, new_log},
    },
    support::{database::TestDatabase, proxy::Proxy, rows::row},
};

/// A log on PostgreSQL behind a cable.
async fn behind_a_cable() -> (TestDatabase, Proxy, Log) {
    let database = TestDatabase::create().await;
    let new = new_log(qonys_events::term::ClockKind::Simulated);
    PgLog::init(&database.url(), &new).await.expect("a new log");
    let proxy = Proxy::start(database.address()).await;
    let log = PgLog::open(&database.url_through(proxy.address()))
        .await
        .expect("a log that stands");
    (database, proxy, Log::Postgres(log))
}

/// Appends one command, so that a connection that appends is open; gives the head, the next batch and its command.
async fn after_one(log: &Log) -> (Head, Batch, Ref) {
    let head = Head::default();
    log.append(head.position, &one_command(log, &head, 1))
        .await
        .expect("a whole cable");
    let head = log.head().await.expect("the head");
    let batch = one_command(log, &head, 2);
    let command = batch.entries[0].commandid;
    (head, batch, command)
}

/// Waits until nobody holds the append lock of this database.
async fn lock_is_free(connection: &mut PgConnection) {
    loop {
        let held: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
             (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .fetch_one(&mut *connection)
        .await
        .expect("pg_locks can be read");
        if held == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_that_the_command_id_resolves() {
    let (_database, proxy, log) = behind_a_cable().await;
    let (head, batch, command) = after_one(&log).await;

    proxy.lose_answers();
    let asking = {
        let (log, batch) = (log.clone(), batch.clone());
        tokio::spawn(async move { log.append(head.position, &batch).await })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    proxy.cut();
    let answer = asking
        .await
        .expect("the append ends")
        .expect_err("no answer came");
    assert!(matches!(answer, LogError::OutcomeUnknown(_)), "{answer:?}");

    // Nothing is known while the cable is cut, and nothing is claimed.
    let error = log
        .append(head.position, &batch)
        .await
        .expect_err("no connection");
    assert!(matches!(error, LogError::Unavailable(_)), "{error:?}");
    assert!(matches!(
        log.lock().await.err(),
        Some(LogError::Unavailable(_))
    ));

    proxy.restore();
    let mut locked = log.lock().await.expect("a new connection");
    assert_eq!(locked.head().await.expect("the head").position, Position(3));
    let found = locked.commands(&[command]).await.expect("a look");
    assert_eq!(found[&command].len(), 2, "it was stored, and reported lost");
    row(
        "one append stored, its answer lost",
        "told unknown, never stored or refused; under the lock the command id finds it",
    );
}

#[tokio::test]
async fn an_append_that_comes_late_is_stored_no_more_once_somebody_looked() {
    let (database, proxy, log) = behind_a_cable().await;
    let (head, batch, command) = after_one(&log).await;
    // The connection that appended is there; what it sends next is on its way when it breaks.
    proxy.hold_requests();
    let answer = log.append(head.position, &batch).await;
    let answer = answer.expect_err("no answer comes");
    assert!(matches!(answer, LogError::OutcomeUnknown(_)), "{answer:?}");

    proxy.restore();
    let mut locked = log.lock().await.expect("a new connection");
    assert_eq!(locked.head().await.expect("the head"), head);
    let found = locked.commands(&[command]).await.expect("a look");
    assert_eq!(found.len(), 0, "nothing arrived yet");
    drop(locked);
    // Whoever looked may tell what he saw: nothing else of that connection is stored.
    proxy.deliver();
    let mut connection = database.connect().await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        lock_is_free(&mut connection).await;
        let now = log.head().await.expect("the head");
        assert_eq!(now, head, "it came late and is stored");
    }
    log.append(head.position, &batch)
        .await
        .expect("a whole cable");
    row(
        "an append arrives after its connection broke and somebody looked",
        "told unknown; what was seen under the lock stays true: the server has ended that connection",
    );
}

#[tokio::test]
async fn a_cable_cut_before_anything_was_sent_left_nothing() {
    let (database, proxy, log) = behind_a_cable().await;
    let head = Head::default();
    let batch = one_command(&log, &head, 1);
    let mut locked = log.lock().await.expect("a whole cable");
    assert_eq!(locked.head().await.expect("the head"), head);
    proxy.cut();
    // Under the lock nothing commits before the COMMIT is sent: the error says that nothing happened.
    let error = locked
        .append(head.position, &batch)
        .await
        .expect_err("a cut cable");
    assert!(matches!(error, LogError::Unavailable(_)), "{error:?}");
    lock_is_free(&mut database.connect().await).await;
    proxy.restore();
    assert_eq!(log.head().await.expect("the head"), head);
    log.append(head.position, &batch)
        .await
        .expect("a whole cable");
    row(
        "the cable is cut before the commit is sent",
        "told that nothing is stored, and nothing is; the lock is free again",
    );
}

#[tokio::test]
async fn a_holder_that_falls_silent_stops_nobody_for_long() {
    let store = Store::postgres().await;
    let log = store.simulated().await;
    let mut silent = log.lock().await.expect("a free lock");
    silent.head().await.expect("the head");
    let head = Head::default();
    let started = tokio::time::Instant::now();
    // The first may run into its own time limit, which is told as nothing stored; a later one not.
    loop {
        match log
            .append(head.position, &one_command(&log, &head, 1))
            .await
        {
            Ok(()) => break,
            Err(LogError::Unavailable(_)) => {}
            Err(other) => panic!("{other}"),
        }
        assert!(started.elapsed() < Duration::from_secs(30), "still blocked");
    }
    let late = silent
        .append(head.position, &one_command(&log, &head, 1))
        .await;
    assert!(matches!(late, Err(LogError::Unavailable(_))), "{late:?}");
    assert_eq!(log.head().await.expect("the head").position, Position(1));
    row(
        "a holder of the append lock falls silent",
        "the database ends it after 5 s; others append, its late append is refused",
    );
}

#[tokio::test]
async fn a_killed_backend_is_an_unknown_outcome_and_the_next_call_has_a_new_one() {
    let (database, _proxy, log) = behind_a_cable().await;
    let head = Head::default();
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("a good batch");
    let mut owner = database.connect().await;
    owner
        .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        .await
        .expect("a superuser may");
    let head = Head {
        position: Position(1),
        ..log.head().await.expect("the head")
    };
    let batch = one_command(&log, &head, 1);
    match log.append(head.position, &batch).await {
        Err(LogError::OutcomeUnknown(_)) => {
            log.append(head.position, &batch)
                .await
                .expect("a new connection");
        }
        other => panic!("{other:?}"),
    }
    row(
        "a backend of the database is killed",
        "told unknown; the next call has a new connection",
    );
}

#[tokio::test]
async fn an_append_is_read_committed_and_durable() {
    let store = Store::postgres().await;
    drop(store.simulated().await);
    let Store::Postgres(database) = &store else {
        panic!("a store on PostgreSQL")
    };
    let call = "SELECT log.append(0, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', \
                '', '{}', '{}', '{}', '{}', '{}')";
    let mut app = database.connect().await;
    for (setting, why) in [
        (
            "SET default_transaction_isolation = 'repeatable read'",
            "READ COMMITTED and durable",
        ),
        (
            "SET default_transaction_isolation = 'serializable'",
            "READ COMMITTED and durable",
        ),
        ("SET synchronous_commit = off", "READ COMMITTED and durable"),
        ("SET synchronous_commit = on", "the batch is empty"),
    ] {
        app.execute("RESET ALL").await.expect("a session");
        app.execute(setting).await.expect(setting);
        let error = app.execute(call).await.expect_err(setting).to_string();
        assert!(error.contains(why), "{setting}: {error}");
    }
    // NULLs and arrays of different lengths come no further than the constraints.
    let uneven = call.replacen("'{}'", "'{1,2}'", 1);
    assert!(app.execute(&*uneven).await.is_err());
}

#[tokio::test]
async fn making_a_log_may_be_repeated_and_raced() {
    let database = TestDatabase::create().await;
    let new = new_log(qonys_events::term::ClockKind::Simulated);
    let url = database.url();
    let made = futures::future::join_all((0..4).map(|_| PgLog::init(&url, &new))).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    let log = Log::Postgres(PgLog::open(&url).await.expect("a log that stands"));
    let head = Head::default();
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("a good batch");
    PgLog::init(&url, &new)
        .await
        .expect("the same again, while it is in use");
    let head = log.head().await.expect("the head");
    assert_eq!(head.position, Position(1));
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("it goes on");
}

#[tokio::test]
async fn a_database_without_a_log_says_what_to_do() {
    let database = TestDatabase::create().await;
    // The roles belong to the cluster; make sure that they are there and the log is not.
    let other = Store::postgres().await;
    drop(other.simulated().await);
    match PgLog::open(&database.url()).await {
        Err(LogError::Unavailable(why)) if why.contains("run `qonys init`") => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a log from nowhere"),
    }
    match PgLog::open("postgres://nobody@127.0.0.1:1/nothing").await {
        Err(LogError::Unavailable(_)) => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a log from nowhere"),
    }
    assert!(matches!(
        PgLog::open("a path").await,
        Err(LogError::Unavailable(_))
    ));
}

#[tokio::test]
async fn one_process_has_the_directory() {
    let store = Store::sqlite().await;
    let log = store.simulated().await;
    let Store::Sqlite(dir) = &store else {
        panic!("a store on SQLite")
    };
    for new in [
        None,
        Some(&new_log(qonys_events::term::ClockKind::Simulated)),
    ] {
        match SqliteLog::open(dir.path(), new).await {
            Err(LogError::Unavailable(why)) if why.contains("another process") => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("two have it"),
        }
    }
    let clone = log.clone();
    drop(log);
    assert!(store.open().await.is_err(), "a clone still has it");
    drop(clone);
    store.open().await.expect("it is free");
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_harms_no_other() {
    for store in [Store::postgres().await, Store::sqlite().await] {
        let log = store.simulated().await;
        for micros in (0..3_000).step_by(150) {
            let head = log.head().await.expect("the head");
            let batch = one_command(&log, &head, 3);
            let append = log.append(head.position, &batch);
            drop(tokio::time::timeout(Duration::from_micros(micros), append).await);
        }
        // Whatever happened to each: a new append works, and the log is whole.
        let head = loop {
            let head = log.head().await.expect("the head");
            match log
                .append(head.position, &one_command(&log, &head, 1))
                .await
            {
                Ok(()) => break log.head().await.expect("the head"),
                Err(LogError::HeadMoved(_)) => {}
                Err(other) => panic!("{other}"),
            }
        };
        let all = log.read_after(Position(0), 1000).await.expect("no gap");
        assert_eq!(all.len() as u64, head.position.0);
        assert_eq!(all.len() % 3, 1, "a command of three is stored whole");
    }
}
