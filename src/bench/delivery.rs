//! Delivery: the relay against the bare client, and how long after its commit an entry is visible and delivered.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_nats::jetstream::{
    self,
    context::{ContextBuilder, PublishAckFuture},
    stream::Config,
};
use hdrhistogram::Histogram;
use qonys_events::scalar::Position;
use tokio::{sync::watch, task::JoinHandle};

use super::{Trouble, drive::histogram, ours::Ours};
use crate::{
    relay::{Options, Relay, WINDOW},
    views::Views,
};

/// The stream of the bare client.
const BARE: &str = "QONYS-BENCH-BARE";
/// How long is waited for what is still behind.
const LINGER: Duration = Duration::from_millis(500);

/// Publishes these texts as the bare client does at best: in order, each acknowledged, so many under way.
pub(super) async fn bare(url: &str, texts: &[String]) -> Result<Duration, Trouble> {
    let client = async_nats::connect(url).await.map_err(Trouble::new)?;
    let jetstream = ContextBuilder::new().max_ack_inflight(WINDOW).build(client);
    drop(jetstream.delete_stream(BARE).await);
    let config = Config {
        name: BARE.to_owned(),
        subjects: vec!["qonys-bench-bare.>".to_owned()],
        ..Config::default()
    };
    jetstream
        .create_stream(config)
        .await
        .map_err(Trouble::new)?;
    // The client takes ownership of what it sends: that copy is not part of the work.
    let copies = texts.to_vec();
    let start = Instant::now();
    let mut under_way = VecDeque::with_capacity(WINDOW);
    for (sequence, text) in (1..).zip(copies) {
        if under_way.len() == WINDOW {
            answered(under_way.pop_front()).await?;
        }
        let sent = jetstream
            .publish("qonys-bench-bare.entry", text.into())
            .await
            .map_err(Trouble::new)?;
        under_way.push_back((sequence, sent));
    }
    while !under_way.is_empty() {
        answered(under_way.pop_front()).await?;
    }
    let took = start.elapsed();
    jetstream.delete_stream(BARE).await.map_err(Trouble::new)?;
    Ok(took)
}

async fn answered(oldest: Option<(u64, PublishAckFuture)>) -> Result<(), Trouble> {
    let Some((sequence, answer)) = oldest else {
        return Ok(());
    };
    let stored = answer.await.map_err(Trouble::new)?.sequence;
    if stored == sequence {
        return Ok(());
    }
    Err(Trouble::new(format!("{sequence} was stored as {stored}")))
}

/// The texts of the first entries of a log.
pub(super) async fn texts(ours: &Ours, count: usize) -> Result<Vec<String>, Trouble> {
    let mut texts: Vec<String> = Vec::new();
    while texts.len() < count {
        let page = ours
            .log
            .read_after(Position(texts.len() as u64), 1_000)
            .await
            .map_err(Trouble::new)?;
        if page.is_empty() {
            break;
        }
        texts.extend(page.into_iter().map(|recorded| recorded.text));
    }
    texts.truncate(count);
    Ok(texts)
}

/// The relay over the same entries, from its start to the answer for the last one.
pub(super) async fn relayed(url: &str, ours: &Ours, count: u64) -> Result<Duration, Trouble> {
    let relay = Relay::new(ours.log.clone(), Options::new(url));
    let client = async_nats::connect(url).await.map_err(Trouble::new)?;
    let jetstream = jetstream::new(client);
    let stream = relay.names().stream().to_owned();
    drop(jetstream.delete_stream(&stream).await);
    let mut progress = relay.progress();
    let start = Instant::now();
    let running = tokio::spawn(relay.run(std::future::pending()));
    progress
        .wait_for(|progress| progress.published.0 >= count)
        .await
        .map_err(Trouble::new)?;
    let took = start.elapsed();
    running.abort();
    drop(running.await);
    drop(jetstream.delete_stream(&stream).await);
    Ok(took)
}

/// Watches how long after a commit a follower gets there.
struct Lag {
    seen: Arc<Mutex<Histogram<u64>>>,
    task: JoinHandle<()>,
}

impl Lag {
    fn watch<T: Send + Sync + 'static>(
        mut committed: watch::Receiver<Position>,
        mut progress: watch::Receiver<T>,
        position: fn(&T) -> Position,
    ) -> Self {
        let seen = Arc::new(Mutex::new(histogram()));
        let told = seen.clone();
        let task = tokio::spawn(async move {
            let mut waiting: VecDeque<(Position, Instant)> = VecDeque::new();
            loop {
                tokio::select! {
                    biased;
                    grown = committed.changed() => match grown {
                        Ok(()) => waiting.push_back((*committed.borrow_and_update(), Instant::now())),
                        Err(_) => return,
                    },
                    moved = progress.changed() => if moved.is_err() { return },
                }
                let there = position(&progress.borrow_and_update());
                let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some((_, at)) = waiting.pop_front_if(|(wanted, _)| *wanted <= there) {
                    let micros = u64::try_from(at.elapsed().as_micros()).unwrap_or(u64::MAX);
                    seen.saturating_record(micros.max(1));
                }
            }
        });
        Self { seen, task }
    }

    fn end(self) -> Histogram<u64> {
        self.task.abort();
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// How long after their commit entries were seen.
pub(super) struct Lags {
    /// In the views.
    pub(super) visible: Histogram<u64>,
    /// Acknowledged by the broker; empty without one.
    pub(super) delivered: Histogram<u64>,
}

/// Lets persons arrive at a rate while views follow and, where a broker is named, the relay runs.
pub(super) async fn lags(
    ours: &Ours,
    nats: Option<&str>,
    per_second: f64,
    lasting: Duration,
) -> Result<Lags, Trouble> {
    let views = Views::open(&ours.log, &ours.directory)
        .await
        .map_err(Trouble::new)?;
    views.catch_up(|_, _| {}).await.map_err(Trouble::new)?;
    let follower = views.follow();
    let wake = Arc::new(tokio::sync::Notify::new());
    let relay = match nats {
        None => None,
        Some(url) => {
            let options = Options {
                wake: Some(wake.clone()),
                ..Options::new(url)
            };
            let relay = Relay::new(ours.log.clone(), options);
            let client = async_nats::connect(url).await.map_err(Trouble::new)?;
            drop(
                jetstream::new(client)
                    .delete_stream(relay.names().stream())
                    .await,
            );
            let mut progress = relay.progress();
            let names = relay.names().stream().to_owned();
            let running = tokio::spawn(relay.run(std::future::pending()));
            let head = ours.position().await?;
            progress
                .wait_for(|progress| progress.published >= head)
                .await
                .map_err(Trouble::new)?;
            Some((progress, running, names))
        }
    };
    // As `serve` does it: who waits is woken by each append.
    let mut committed = ours.dispatch.committed();
    let (told, views_woken) = (wake, views.clone());
    let waker = tokio::spawn(async move {
        while committed.changed().await.is_ok() {
            views_woken.wake();
            told.notify_one();
        }
    });
    let visible = Lag::watch(ours.dispatch.committed(), follower.watch(), |progress| {
        progress.position
    });
    let delivered = relay.as_ref().map(|(progress, ..)| {
        Lag::watch(ours.dispatch.committed(), progress.clone(), |progress| {
            progress.published
        })
    });
    ours.arriving(per_second, lasting).await?;
    // What is behind may still come.
    tokio::time::sleep(LINGER).await;
    let visible = visible.end();
    let delivered = delivered.map_or_else(histogram, Lag::end);
    follower.stop().await;
    waker.abort();
    if let Some((_, running, names)) = relay {
        running.abort();
        drop(running.await);
        let client = async_nats::connect(nats.unwrap_or_default())
            .await
            .map_err(Trouble::new)?;
        drop(jetstream::new(client).delete_stream(names).await);
    }
    views.close().await;
    Ok(Lags { visible, delivered })
}
