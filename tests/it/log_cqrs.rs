//! Show G: an unmodified cqrs-es framework over our event store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use cqrs_es::{Aggregate, AggregateError, CqrsFramework, EventEnvelope, EventStore, Query};
use qonys::{
    clock::{Clock, Entropy},
    log::{Log, LogError, cqrs::LogEventStore},
};
use qonys_domain::{
    application::Application,
    command::Command,
    context::Context,
    cqrs::{NotHere, Ordered, Surroundings},
    streams::LogState,
};
use qonys_events::{
    entry::{Actor, Entry},
    id::StreamId,
    scalar::{Day, Instant, Position, StreamSeq},
};
use serde_json::json;

use crate::log_conformance::{
    drafts::{START, fresh_stream, held},
    on_both_stores,
    stores::Store,
};

on_both_stores! {
    an_unmodified_framework_runs_single_stream_commands,
    a_stream_that_grew_is_a_conflict,
    a_log_that_grew_elsewhere_is_none,
    what_the_metadata_lack_is_told,
}

/// The door for one aggregate, with a simulated clock.
fn door<A>(log: &Log) -> LogEventStore<A> {
    LogEventStore::new(
        log.clone(),
        Clock::simulated(Instant::from_micros(START)),
        Entropy::System,
    )
}

fn metadata() -> HashMap<String, String> {
    [
        ("actor", "a0b1c2d3-0000-4000-8000-000000000001"),
        ("role", "quota-officer"),
        ("office", "akimat.pavlodar"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

fn ordered(type_name: &str, data: &serde_json::Value) -> Ordered {
    let command = Command::read(type_name, data)
        .expect("a known type")
        .expect("its data");
    let today = Day::new(2024, 8, 24);
    let actor: Actor = serde_json::from_value(json!(metadata())).expect("an actor");
    let context = Context {
        now: Instant::from_micros(START),
        today,
        decided_on: today,
        effective: None,
        actor,
        minted: Entropy::System.reference(),
        slots: Vec::new(),
        adopted_leaf: None,
        adopted_of: None,
        superseded: Vec::new(),
        known_as: None,
        cases: Vec::new(),
        correspondence: None,
        findings: qonys_domain::context::Findings::default(),
    };
    Ordered { command, context }
}

/// A query that remembers what it was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<(String, usize)>>>);

impl<A: Aggregate> Query<A> for Told {
    fn dispatch<'a, 'b, 'c, 'd>(
        &'a self,
        id: &'b str,
        events: &'c [EventEnvelope<A>],
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'd>>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        let told = events.iter().map(|event| (id.to_owned(), event.sequence));
        self.0.lock().expect("nobody panics").extend(told);
        Box::pin(std::future::ready(()))
    }
}

async fn an_unmodified_framework_runs_single_stream_commands(store: Store) {
    let log = store.simulated().await;
    let told = Told::default();
    let open = json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"});
    let framework: CqrsFramework<LogState, _> = CqrsFramework::new(
        door(&log),
        vec![Box::new(told.clone())],
        Surroundings::default(),
    );
    framework
        .execute_with_metadata("main", ordered("open-log", &open), metadata())
        .await
        .expect("the log opens");
    assert_eq!(
        *told.0.lock().expect("nobody panics"),
        [("main".to_owned(), 1)]
    );

    // The same again is for the domain to refuse: the aggregate was loaded from the log.
    let again = framework
        .execute_with_metadata("main", ordered("open-log", &open), metadata())
        .await;
    assert!(
        matches!(again, Err(AggregateError::UserError(NotHere::Blocked(_)))),
        "{again:?}"
    );

    let stored = log.read_after(Position(0), 10).await.expect("the log");
    let [opened] = &stored[..] else {
        panic!("{} entries", stored.len())
    };
    let entry = Entry::read(&opened.text).expect("an entry of the format, byte for byte");
    assert_eq!(entry.place.subject, StreamId::log());
    assert_eq!(entry.command.actor.office.as_str(), "akimat.pavlodar");
    assert_eq!(entry.event.fact.type_name(), "kz.qonys.log.opened.v1");
}

async fn a_stream_that_grew_is_a_conflict(store: Store) {
    let log = store.simulated().await;
    let stream = fresh_stream();
    let door = door::<Application>(&log);
    let first = door
        .load_aggregate(stream.key())
        .await
        .expect("an empty stream");
    let second = door
        .load_aggregate(stream.key())
        .await
        .expect("an empty stream");
    assert_eq!(first.version(), StreamSeq(0));
    let events = vec![held(), held()];
    let committed = door
        .commit(events.clone(), first, metadata())
        .await
        .expect("the first");
    assert_eq!(
        committed
            .iter()
            .map(|event| event.sequence)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    let conflict = door.commit(events, second, metadata()).await;
    assert!(
        matches!(conflict, Err(AggregateError::AggregateConflict)),
        "{conflict:?}"
    );
    assert_eq!(log.head().await.expect("the head").position, Position(2));

    let loaded = door.load_events(stream.key()).await.expect("the stream");
    for (loaded, committed) in loaded.iter().zip(&committed) {
        assert_eq!(loaded.payload, committed.payload);
        assert_eq!(loaded.metadata, committed.metadata);
    }
    let third = door.load_aggregate(stream.key()).await.expect("the stream");
    assert_eq!(third.version(), StreamSeq(2));
    door.commit(vec![held()], third, metadata())
        .await
        .expect("the stream goes on");
    assert!(
        door.commit(
            Vec::new(),
            door.load_aggregate(stream.key()).await.expect("the stream"),
            metadata()
        )
        .await
        .expect("nothing to do")
        .is_empty()
    );
}

async fn a_log_that_grew_elsewhere_is_none(store: Store) {
    let log = store.simulated().await;
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let door = door::<Application>(&log);
            tokio::spawn(async move {
                let stream = fresh_stream();
                for _ in 0..5 {
                    let context = door.load_aggregate(stream.key()).await.expect("the stream");
                    door.commit(vec![held()], context, metadata())
                        .await
                        .expect("its own stream");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a caller ends well");
    }
    assert_eq!(
        log.read_after(Position(0), 100)
            .await
            .expect("no gap")
            .len(),
        40
    );
}

async fn what_the_metadata_lack_is_told(store: Store) {
    let log = store.simulated().await;
    let door = door::<Application>(&log);
    let stream = fresh_stream();
    let commit = async |metadata| {
        let context = door.load_aggregate(stream.key()).await.expect("the stream");
        door.commit(vec![held()], context, metadata).await
    };
    for key in ["actor", "role", "office"] {
        let mut lacking = metadata();
        lacking.remove(key);
        let error = commit(lacking).await.expect_err("who did it?").to_string();
        assert!(error.contains(key), "{key}: {error}");
    }
    let mut wrong = metadata();
    wrong.insert("commandid".to_owned(), "twelve".to_owned());
    assert!(commit(wrong).await.is_err());
    assert!(
        door.load_aggregate("no-reference").await.is_err(),
        "it is no stream"
    );
    assert_eq!(log.head().await.expect("the head").position, Position(0));

    // A command id stands once; the log's own error can be asked for.
    let mut named = metadata();
    named.insert(
        "commandid".to_owned(),
        Entropy::System.reference().to_string(),
    );
    commit(named.clone()).await.expect("the first");
    match commit(named).await {
        Err(AggregateError::UnexpectedError(error)) => {
            assert!(
                matches!(error.downcast_ref(), Some(LogError::Refused(_))),
                "{error:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}
