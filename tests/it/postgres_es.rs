//! Show G: the unmodified postgres-es loads every stream of a log on PostgreSQL, and finds the state on which dispatch
//! decides.

use std::collections::{BTreeMap, HashMap};

use cqrs_es::{Aggregate, AggregateContext as _, EventStore as _, persist::PersistedEventStore};
use futures::{StreamExt as _, stream};
use postgres_es::PostgresEventRepository;
use qonys::{
    clock::{Clock, Entropy},
    demo,
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog},
    vault::Vault,
};
use qonys_domain::streams::State;
use qonys_events::{
    entry::Entry,
    event::Event,
    id::{StreamId, StreamKind},
    scalar::{Position, StreamSeq},
    term::ClockKind,
};
use serde_json::json;
use sqlx::PgPool;

use crate::support::{
    database::TestDatabase,
    register::{Lines, Register, answer},
};

/// Streams that are loaded at a time.
const LOADERS: usize = 8;

/// Loads a stream as postgres-es does and compares events and state.
async fn same<A>(pool: PgPool, stream: &StreamId, texts: &[String], live: &A)
where
    A: Aggregate<Event = Event> + PartialEq + std::fmt::Debug,
{
    assert_eq!(A::TYPE, stream.kind().name());
    let store = PersistedEventStore::<_, A>::new_event_store(PostgresEventRepository::new(pool));
    let Ok(events) = store.load_events(stream.key()).await else {
        panic!("{stream}: postgres-es cannot load its events")
    };
    assert_eq!(events.len(), texts.len(), "{stream}");
    for (n, (event, text)) in events.iter().zip(texts).enumerate() {
        assert_eq!(event.sequence, n + 1, "{stream}");
        let entry = Entry::read(text).expect("an entry of the format");
        assert_eq!(event.payload, entry.event, "{stream}");
        assert_eq!(
            event.metadata.get("commandid"),
            Some(&entry.command.commandid.to_string()),
            "{stream}"
        );
    }
    let Ok(mut context) = store.load_aggregate(stream.key()).await else {
        panic!("{stream}: postgres-es cannot load its state")
    };
    assert_eq!(context.current_sequence, texts.len(), "{stream}");
    assert_eq!(context.aggregate(), live, "{stream}");
}

/// Loads every stream of a log through postgres-es and compares it with the bytes of the log and with the state in the
/// memory of its decider. Gives how many streams of each kind there were.
async fn every_stream(log: &Log, dispatch: &Dispatch) -> BTreeMap<&'static str, usize> {
    let Log::Postgres(open) = log else {
        panic!("a log on PostgreSQL")
    };
    let mut streams: HashMap<StreamId, Vec<String>> = HashMap::new();
    let mut at = Position(0);
    loop {
        let page = log.read_after(at, 1_000).await.expect("the log reads");
        let Some(last) = page.last() else { break };
        at = last.position;
        for recorded in page {
            streams
                .entry(recorded.stream)
                .or_default()
                .push(recorded.text);
        }
    }
    let kinds = stream::iter(streams)
        .map(|(stream, texts)| async move {
            let live = dispatch.live(&stream).await;
            let live = live.unwrap_or_else(|| panic!("{stream}: the decider wrote it"));
            assert_eq!(live.seq, StreamSeq(texts.len() as u64), "{stream}");
            let pool = open.pool().clone();
            match &live.state {
                State::Log(state) => same(pool, &stream, &texts, state).await,
                State::Law(state) => same(pool, &stream, &texts, &**state).await,
                State::QuotaLine(state) => same(pool, &stream, &texts, &**state).await,
                State::Application(state) => same(pool, &stream, &texts, &**state).await,
                State::Person(state) => same(pool, &stream, &texts, &**state).await,
                State::Dwelling(state) => same(pool, &stream, &texts, &**state).await,
                State::Proposal(state) => same(pool, &stream, &texts, &**state).await,
                State::Indicator(state) => same(pool, &stream, &texts, &**state).await,
                State::PopulationDeparture(state) => same(pool, &stream, &texts, &**state).await,
                State::MeasurePlan(state) => same(pool, &stream, &texts, &**state).await,
                State::Forecast(state) => same(pool, &stream, &texts, &**state).await,
                State::Office(state) => same(pool, &stream, &texts, &**state).await,
                State::Journal(state) => same(pool, &stream, &texts, &**state).await,
                State::ForeignLabour(state) => same(pool, &stream, &texts, &**state).await,
                State::Report(state) => same(pool, &stream, &texts, &**state).await,
                State::Proposals(state) => same(pool, &stream, &texts, &**state).await,
                State::Offices(state) => same(pool, &stream, &texts, &**state).await,
            }
            stream.kind().name()
        })
        .buffer_unordered(LOADERS);
    let kinds: Vec<_> = kinds.collect().await;
    let mut counts = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind).or_insert(0) += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_es_finds_the_state_on_which_dispatch_decides() {
    let register = Register::postgres("2025-01-15T00:00:00.000000Z").await;
    let mut lines = Lines::new(1);
    let mut story = lines.opening("simulated");
    story.push(lines.act("order", "2024-01-01"));
    story.push(lines.quota("order", "establish", &[("resettlers", 20), ("kandas", 20)]));
    for n in 0..6 {
        let category = if n % 2 == 0 { "resettlers" } else { "kandas" };
        story.extend(lines.applicant(category, n, "2024-02-01"));
        let application = format!("command:{}", lines.last());
        story.push(lines.on(
            "2024-02-02",
            "hold-places",
            &json!({"application": application}),
        ));
    }
    register.must(&story).await;
    let counts = every_stream(&register.log, &register.dispatch).await;
    assert!(counts.len() >= 5, "{counts:?}");
}

/// The log of the demonstration, on PostgreSQL: postgres-es loads every stream of it, and its bytes are those of the
/// embedded store.
#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_the_same_on_postgresql() {
    let database = TestDatabase::create().await;
    let settings = NewLog {
        origin: demo::ORIGIN.parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::Simulated,
    };
    PgLog::init(&database.url(), &settings)
        .await
        .expect("a new log");
    let log = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let directory = tempfile::tempdir().expect("a directory");
    let entropy = Entropy::seeded(demo::DEFAULT_SEED);
    let vault = Vault::open(directory.path(), log.origin(), entropy.clone())
        .await
        .expect("a vault");
    let lines: Vec<_> = demo::lines(demo::DEFAULT_SEED).collect();
    let clock = Clock::simulated(lines[0].0);
    let dispatch = Dispatch::start(log.clone(), Some(vault), clock.clone(), entropy)
        .await
        .expect("a decider");
    for moment in lines.chunk_by(|one, next| one.0 == next.0) {
        clock.set(moment[0].0);
        let mut waiting = Vec::with_capacity(moment.len());
        for (_, line) in moment {
            let request = Request::read(line).expect("a line of the demonstration");
            waiting.push(dispatch.submit(request).await);
        }
        for outcome in waiting {
            let outcome = outcome.await.expect("an outcome");
            assert!(
                matches!(outcome, Outcome::Accepted(_) | Outcome::Blocked(_)),
                "{}",
                answer(&outcome)
            );
        }
    }
    let head = log.head().await.expect("the head");
    assert_eq!(
        crate::demo::golden(demo::DEFAULT_SEED),
        Some(format!("{} {}", head.position, head.frontier.root())),
        "the same bytes as on the embedded store"
    );
    let counts = every_stream(&log, &dispatch).await;
    assert!(counts["person"] > 5_000, "{counts:?}");
    let kinds = StreamKind::ALL.len();
    assert_eq!(
        counts.len(),
        kinds,
        "every kind of stream there: {counts:?}"
    );
}
