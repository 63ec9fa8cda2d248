//! A log that a test fills with real entries, and what a broker holds of it.

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::jetstream::{self, message::StreamMessage};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use qonys::clock::Entropy;
use qonys::log::{Batch, Log, NewLog, Prepared, postgres::PgLog, sqlite::SqliteLog};
use qonys::relay::Names;
use qonys_events::catalog::example_entries;
use qonys_events::entry::Entry;
use qonys_events::id::StreamId;
use qonys_events::scalar::{Count, Instant, Position, StreamSeq};
use qonys_events::term::ClockKind;
use qonys_events::tree::leaf_hash;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::support::database::TestDatabase;
use crate::support::proxy::Proxy;

/// The origin of these logs, unless a test needs several.
pub(crate) const ORIGIN: &str = "qonys/almaty/test/1";
/// The most entries of one append.
const BATCH: u64 = 500;

/// Where the log stands. Gone with the value.
enum Place {
    Database(Box<TestDatabase>),
    Directory(TempDir),
}

/// A log and where its streams end.
pub(crate) struct Ledger {
    pub(crate) log: Log,
    examples: Vec<Entry>,
    streams: Mutex<HashMap<StreamId, u64>>,
    place: Place,
}

fn settings(origin: &str) -> NewLog {
    NewLog {
        origin: origin.parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a text"),
        clock: ClockKind::Simulated,
    }
}

impl Ledger {
    /// An embedded log.
    pub(crate) async fn new() -> Arc<Self> {
        Self::of(ORIGIN).await
    }

    /// An embedded log of this origin.
    pub(crate) async fn of(origin: &str) -> Arc<Self> {
        let dir = TempDir::new().expect("a temporary directory");
        let log = SqliteLog::open(dir.path(), Some(&settings(origin)))
            .await
            .expect("a new log");
        Self::at(Log::Sqlite(log), Place::Directory(dir))
    }

    /// Changes the text of an entry behind the log's back.
    pub(crate) async fn tamper(&self, position: u64, from: &str, to: &str) {
        let Place::Directory(directory) = &self.place else {
            panic!("only an embedded log is tampered with");
        };
        let file = directory.path().join(qonys::log::sqlite::FILE);
        let options = SqliteConnectOptions::new().filename(file);
        let mut connection = options.connect().await.expect("the file can be opened");
        let change = format!(
            "DROP TRIGGER entries_update; UPDATE entries SET entry = replace(entry, '{from}', '{to}') WHERE position = {position}"
        );
        let changed = sqlx::raw_sql(&change).execute(&mut connection).await;
        assert_eq!(changed.expect("the file can be changed").rows_affected(), 1);
    }

    /// The same log on PostgreSQL as another process opens it, and its cable to the database.
    pub(crate) async fn through_a_cable(&self) -> (Log, Proxy) {
        let Place::Database(database) = &self.place else {
            panic!("only a log on PostgreSQL has a cable");
        };
        let proxy = Proxy::start(database.address()).await;
        let url = database.url_through(proxy.address());
        (
            Log::Postgres(PgLog::open(&url).await.expect("the log stands there")),
            proxy,
        )
    }

    /// A log on PostgreSQL.
    pub(crate) async fn on_postgres() -> Arc<Self> {
        let database = TestDatabase::create().await;
        PgLog::init(&database.url(), &settings(ORIGIN))
            .await
            .expect("a log can be made");
        let log = PgLog::open(&database.url()).await.expect("a new log");
        Self::at(Log::Postgres(log), Place::Database(Box::new(database)))
    }

    fn at(log: Log, place: Place) -> Arc<Self> {
        let (examples, streams) = (example_entries(), Mutex::default());
        Arc::new(Self {
            log,
            examples,
            streams,
            place,
        })
    }

    /// The names of the log at a broker.
    pub(crate) fn names(&self) -> Names {
        Names::of(self.log.origin())
    }

    /// Appends entries of all types in turn, each a command of its own. Returns the new head.
    pub(crate) async fn append(&self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            self.append_batch(left.min(BATCH)).await;
            left -= left.min(BATCH);
        }
        self.head().await
    }

    /// The head of the log.
    pub(crate) async fn head(&self) -> u64 {
        self.log
            .head()
            .await
            .expect("the head can be read")
            .position
            .0
    }

    /// The texts of the whole log.
    pub(crate) async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let after = Position(texts.len() as u64);
            let page = self
                .log
                .read_after(after, 1_000)
                .await
                .expect("the log can be read");
            if page.is_empty() {
                return texts;
            }
            texts.extend(page.into_iter().map(|entry| entry.text));
        }
    }

    async fn append_batch(&self, count: u64) {
        let mut streams = self.streams.lock().await;
        let head = self.log.head().await.expect("the head can be read");
        let mut batch = Batch {
            frontier: head.frontier,
            ..Batch::default()
        };
        let first_time = Instant::from_micros(1_724_457_600_000_000);
        for position in head.position.0 + 1..=head.position.0 + count {
            let example = &self.examples[(position - 1) as usize % self.examples.len()];
            let subject = example.place.subject.clone();
            let streamseq = streams.entry(subject.clone()).or_default();
            *streamseq += 1;
            let time = first_time.plus_micros(position as i64);
            let mut entry = example.clone();
            entry.command.source = self.log.origin().clone();
            entry.command.commandid = Entropy::System.reference();
            entry.command.nonce = Entropy::System.nonce();
            entry.place.id = Entropy::System.id_at(time);
            entry.place.time = time;
            entry.place.position = Position(position);
            entry.place.streamseq = StreamSeq(*streamseq);
            entry.place.commandindex = Count(1);
            let text = entry.write().expect("an entry that can be written");
            batch.frontier.push(leaf_hash(text.as_bytes()));
            let commandid = entry.command.commandid;
            batch.entries.push(Prepared {
                place: entry.place,
                commandid,
                text,
            });
        }
        self.log
            .append(head.position, &batch)
            .await
            .expect("the batch is good");
    }
}

/// Every message of a stream, from the first sequence to the last.
pub(crate) async fn messages(jetstream: &jetstream::Context, stream: &str) -> Vec<StreamMessage> {
    let mut stream_now = jetstream
        .get_stream(stream)
        .await
        .expect("the stream is there");
    let state = stream_now
        .info()
        .await
        .expect("the broker answers")
        .state
        .clone();
    assert_eq!(
        state.messages, state.last_sequence,
        "the stream has no holes"
    );
    let each = (1..=state.last_sequence).map(|sequence| stream_now.get_raw_message(sequence));
    stream::iter(each)
        .buffered(64)
        .try_collect()
        .await
        .expect("every message can be read")
}

/// The stream is the log: as many messages as entries, each with the entry's bytes at its position.
pub(crate) async fn assert_carried(ledger: &Ledger, jetstream: &jetstream::Context) {
    let texts = ledger.texts().await;
    let messages = messages(jetstream, ledger.names().stream()).await;
    assert!(
        !texts.is_empty(),
        "nothing was carried: the test shows nothing"
    );
    assert_eq!(messages.len(), texts.len(), "as many messages as entries");
    for (position, (message, text)) in (1..).zip(messages.iter().zip(&texts)) {
        assert_eq!(message.sequence, position, "the sequence is the position");
        assert_eq!(
            message.payload,
            text.as_bytes(),
            "message {position} is the entry"
        );
        let stated = format!(r#""position":"{position}""#);
        assert!(
            text.contains(&stated),
            "entry {position} says where it stands"
        );
    }
}
