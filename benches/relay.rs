//! How fast the relay publishes, against the bare client: the same bytes to the same broker, in
//! order, acknowledged, the same window. Alternating rounds; prints each and the ratio of medians.
//!
//! `cargo bench --bench relay -- [ENTRIES] [ROUNDS]`, with a broker at `QONYS_TEST_NATS_URL`; the log
//! stands on PostgreSQL where `QONYS_TEST_DATABASE_URL` is the URL of an empty database, else on
//! SQLite in a temporary directory. Streams whose names begin with `QONYS-BENCH` are deleted.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    collections::{HashMap, VecDeque},
    error::Error,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, context::ContextBuilder, stream::Config};
use qonys::{
    clock::Entropy,
    log::{Batch, Log, NewLog, Prepared, postgres::PgLog, sqlite::SqliteLog},
    relay::{Options, Relay, WINDOW},
};
use qonys_events::{
    catalog::example_entries,
    scalar::{self, Count, Position, StreamSeq},
    term::ClockKind,
    tree::leaf_hash,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BARE: &str = "QONYS-BENCH-BARE";

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
    let entries = numbers.next().unwrap_or(20_000);
    let rounds = numbers.next().unwrap_or(5);
    let url = std::env::var("QONYS_TEST_NATS_URL")?;
    let database = std::env::var("QONYS_TEST_DATABASE_URL").ok();
    let directory = tempfile::tempdir()?;
    let new = NewLog {
        origin: "qonys/bench/1".parse()?,
        zone: "Asia/Almaty".parse()?,
        clock: ClockKind::Simulated,
    };
    let log = match &database {
        Some(url) => {
            PgLog::init(url, &new).await?;
            Log::Postgres(PgLog::open(url).await?)
        }
        None => Log::Sqlite(SqliteLog::open(directory.path(), Some(&new)).await?),
    };
    let texts = fill(&log, entries).await?;
    let bytes: usize = texts.iter().map(String::len).sum();
    let server = async_nats::connect(&url).await?.server_info().version;
    let store = if database.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let mean = bytes / texts.len();
    println!("nats-server {server}, {store}, {entries} entries of {mean} bytes, window {WINDOW}");
    let (mut bare_rates, mut relay_rates) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        bare_rates.push(rate(entries, bare(&url, &texts).await?));
        relay_rates.push(rate(entries, relayed(&url, &log, entries).await?));
        let [bare, relay] = [&bare_rates, &relay_rates].map(|rates| rates[rates.len() - 1]);
        println!("round {round}: bare {bare}/s, relay {relay}/s");
    }
    let (bare, relay) = (median(&mut bare_rates), median(&mut relay_rates));
    println!(
        "medians: bare {bare}/s, relay {relay}/s, ratio {}%",
        relay * 100 / bare.max(1)
    );
    Ok(())
}

fn rate(entries: u64, took: Duration) -> u64 {
    entries * 1_000_000 / (took.as_micros() as u64).max(1)
}

fn median(rates: &mut [u64]) -> u64 {
    rates.sort_unstable();
    rates[rates.len() / 2]
}

/// The bare client: publish, wait for the oldest answer where the window is full.
async fn bare(url: &str, texts: &[String]) -> Outcome<Duration> {
    let client = async_nats::connect(url).await?;
    let jetstream = ContextBuilder::new().max_ack_inflight(WINDOW).build(client);
    drop(jetstream.delete_stream(BARE).await);
    let subjects = vec!["qonys-bench-bare.>".to_owned()];
    let config = Config {
        name: BARE.to_owned(),
        subjects,
        ..Config::default()
    };
    jetstream.create_stream(config).await?;
    // The client takes ownership of what it sends: that copy is not part of the work.
    let copies: Vec<_> = texts.to_vec();
    let start = Instant::now();
    let mut under_way = VecDeque::with_capacity(WINDOW);
    for (sequence, text) in (1..).zip(copies) {
        if under_way.len() == WINDOW {
            answer(under_way.pop_front()).await?;
        }
        let sent = jetstream
            .publish("qonys-bench-bare.entry", text.into())
            .await?;
        under_way.push_back((sequence, sent));
    }
    while !under_way.is_empty() {
        answer(under_way.pop_front()).await?;
    }
    let took = start.elapsed();
    jetstream.delete_stream(BARE).await?;
    Ok(took)
}

async fn answer(oldest: Option<(u64, jetstream::context::PublishAckFuture)>) -> Outcome<()> {
    if let Some((sequence, answer)) = oldest {
        assert_eq!(answer.await?.sequence, sequence);
    }
    Ok(())
}

/// The relay, from the start of the process to the last answer.
async fn relayed(url: &str, log: &Log, entries: u64) -> Outcome<Duration> {
    let relay = Relay::new(log.clone(), Options::new(url));
    let jetstream = jetstream::new(async_nats::connect(url).await?);
    let stream = relay.names().stream().to_owned();
    drop(jetstream.delete_stream(&stream).await);
    let mut progress = relay.progress();
    let start = Instant::now();
    let running = tokio::spawn(relay.run(std::future::pending()));
    progress
        .wait_for(|progress| progress.published.0 == entries)
        .await?;
    let took = start.elapsed();
    running.abort();
    jetstream.delete_stream(&stream).await?;
    Ok(took)
}

async fn fill(log: &Log, entries: u64) -> Outcome<Vec<String>> {
    let examples = example_entries();
    let mut streams: HashMap<_, u64> = HashMap::new();
    let mut texts = Vec::new();
    while (texts.len() as u64) < entries {
        let head = log.head().await?;
        let mut batch = Batch {
            frontier: head.frontier,
            ..Batch::default()
        };
        let last = entries.min(head.position.0 + 1_000);
        for position in head.position.0 + 1..=last {
            let mut entry = examples[position as usize % examples.len()].clone();
            let streamseq = streams.entry(entry.place.subject.clone()).or_default();
            *streamseq += 1;
            entry.command.source = log.origin().clone();
            entry.command.commandid = Entropy::System.reference();
            entry.command.commandcount = Count(1);
            entry.place.time =
                scalar::Instant::from_micros(1_724_457_600_000_000 + position as i64);
            entry.place.id = Entropy::System.id_at(entry.place.time);
            entry.place.position = Position(position);
            entry.place.streamseq = StreamSeq(*streamseq);
            let text = entry.write()?;
            batch.frontier.push(leaf_hash(text.as_bytes()));
            texts.push(text.clone());
            let commandid = entry.command.commandid;
            batch.entries.push(Prepared {
                place: entry.place,
                commandid,
                text,
            });
        }
        log.append(head.position, &batch).await?;
    }
    Ok(texts)
}
