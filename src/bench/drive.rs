//! Callers: so many at once, each as fast as it is answered (closed loop); or arrivals at a fixed rate, whatever the
//! answers take (open loop).

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{task::JoinSet, time::sleep_until};

use super::Trouble;

/// The longest latency that is told apart, in microseconds: a minute.
const LATENCY_MAX: u64 = 60_000_000;
/// Significant digits of a latency.
const DIGITS: u8 = 3;
/// How often arrivals are set off in an open loop.
const TICK: Duration = Duration::from_millis(1);

/// What became of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Did {
    /// It was done, and counts.
    Done,
    /// It was tried and lost, as by a conflict; it does not count.
    Lost,
    /// There is nothing left to do.
    Nothing,
}

/// What a run did.
pub(super) struct Run {
    /// Pieces of work that were done.
    pub(super) done: u64,
    /// Pieces that were tried and lost.
    pub(super) lost: u64,
    /// How long it took.
    pub(super) took: Duration,
    /// Latencies of what was done, in microseconds.
    pub(super) latency: Histogram<u64>,
}

impl Run {
    fn new() -> Self {
        Self {
            done: 0,
            lost: 0,
            took: Duration::ZERO,
            latency: histogram(),
        }
    }

    /// Pieces per second.
    pub(super) fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-9)
    }

    fn count(&mut self, did: Did, since: Instant) {
        match did {
            Did::Done => {
                self.done += 1;
                let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(LATENCY_MAX);
                self.latency.saturating_record(micros.max(1));
            }
            Did::Lost => self.lost += 1,
            Did::Nothing => {}
        }
    }

    fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.lost += other.lost;
        // Both are made with the same bounds.
        let _ = self.latency.add(&other.latency);
    }
}

/// An empty histogram of latencies.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_MAX, DIGITS).expect("the bounds are in order")
}

/// So many callers for so long, each asking again as soon as it is answered. Ends early where nothing is left to do.
pub(super) async fn closed<W, F>(callers: usize, lasting: Duration, work: W) -> Result<Run, Trouble>
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<Did, Trouble>> + Send,
{
    let work = Arc::new(work);
    let start = Instant::now();
    let end = start + lasting;
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let work = work.clone();
        tasks.spawn(async move {
            let mut run = Run::new();
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return Ok::<_, Trouble>(run);
                }
                match work().await? {
                    Did::Nothing => return Ok(run),
                    did => run.count(did, asked),
                }
            }
        });
    }
    let mut whole = Run::new();
    while let Some(run) = tasks.join_next().await {
        whole.add(&run.map_err(Trouble::new)??);
    }
    whole.took = start.elapsed();
    Ok(whole)
}

/// Arrivals at so many a second for so long. A latency counts from the moment at which the arrival was due, so that a
/// pause is felt by everybody who would have come during it.
pub(super) async fn open<W, F>(per_second: f64, lasting: Duration, work: W) -> Result<Run, Trouble>
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<Did, Trouble>> + Send,
{
    let work = Arc::new(work);
    let start = Instant::now();
    let due = (lasting.as_secs_f64() * per_second) as u64;
    let mut tasks = JoinSet::new();
    let mut sent = 0;
    while sent < due {
        let arrived = (start.elapsed().as_secs_f64() * per_second) as u64;
        while sent < arrived.min(due) {
            let work = work.clone();
            let at = start + Duration::from_secs_f64(sent as f64 / per_second);
            tasks.spawn(async move { work().await.map(|did| (did, at, Instant::now())) });
            sent += 1;
        }
        sleep_until((Instant::now() + TICK).into()).await;
    }
    let mut whole = Run::new();
    while let Some(ended) = tasks.join_next().await {
        let (did, at, answered) = ended.map_err(Trouble::new)??;
        match did {
            Did::Done => {
                whole.done += 1;
                let micros = u64::try_from((answered - at).as_micros()).unwrap_or(LATENCY_MAX);
                whole.latency.saturating_record(micros.max(1));
            }
            Did::Lost => whole.lost += 1,
            Did::Nothing => {}
        }
    }
    whole.took = start.elapsed();
    Ok(whole)
}

/// So many callers, each of whom asks at a steady pace, together so many times a second. A latency counts from the moment
/// at which a caller was due to ask: whoever is still waiting for an answer asks late, and that is counted.
pub(super) async fn paced<W, F>(
    callers: usize,
    per_second: f64,
    lasting: Duration,
    work: W,
) -> Result<Run, Trouble>
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<Did, Trouble>> + Send,
{
    let work = Arc::new(work);
    let start = Instant::now();
    let pace = Duration::from_secs_f64(callers as f64 / per_second.max(1.0));
    let mut tasks = JoinSet::new();
    for n in 0..callers {
        let work = work.clone();
        let mut due = start + pace.mul_f64(n as f64 / callers as f64);
        tasks.spawn(async move {
            let mut run = Run::new();
            while due < start + lasting {
                sleep_until(due.into()).await;
                run.count(work().await?, due);
                due += pace;
            }
            Ok::<_, Trouble>(run)
        });
    }
    let mut whole = Run::new();
    while let Some(run) = tasks.join_next().await {
        whole.add(&run.map_err(Trouble::new)??);
    }
    whole.took = start.elapsed();
    Ok(whole)
}
