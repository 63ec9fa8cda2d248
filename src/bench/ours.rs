//! Our side of the writing works: a log on PostgreSQL with its vault and its decider, as `serve` has them.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use qonys_events::{scalar::Position, term::ClockKind};

use super::{
    Trouble,
    drive::{Did, Run, closed, open, paced},
    lines,
};
use crate::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request, Snapshotting},
    log::{Log, NewLog, postgres::PgLog},
    vault::Vault,
};

/// Commands that are on their way at a time while something is prepared.
const PREPARING: usize = 512;

/// A register of a benchmark.
#[derive(Clone)]
pub(super) struct Ours {
    /// Its log.
    pub(super) log: Log,
    /// The decider on it.
    pub(super) dispatch: Dispatch,
    /// The directory of its vault.
    pub(super) directory: PathBuf,
}

impl Ours {
    /// A new register in an empty database, opened for allocations.
    pub(super) async fn create(url: &str, directory: &Path) -> Result<Self, Trouble> {
        let new = NewLog {
            origin: "qonys/bench/1".parse().map_err(Trouble::new)?,
            zone: "Asia/Almaty".parse().map_err(Trouble::new)?,
            clock: ClockKind::System,
        };
        PgLog::init(url, &new).await.map_err(Trouble::new)?;
        let ours = Self::open(url, directory).await?;
        for line in lines::opening() {
            ours.must(lines::request(&line.to_string())?).await?;
        }
        Ok(ours)
    }

    /// A register that is there.
    pub(super) async fn open(url: &str, directory: &Path) -> Result<Self, Trouble> {
        let log = Log::Postgres(PgLog::open(url).await.map_err(Trouble::new)?);
        let vault = Vault::open(directory, log.origin(), Entropy::System).await;
        let vault = vault.map_err(Trouble::new)?;
        let snapshots = Snapshotting::in_register(directory);
        let dispatch = Dispatch::start_with(
            log.clone(),
            Some(vault),
            Clock::System,
            Entropy::System,
            Some(&snapshots),
        )
        .await;
        Ok(Self {
            log,
            dispatch: dispatch.map_err(Trouble::new)?,
            directory: directory.to_owned(),
        })
    }

    /// The position of the last entry.
    pub(super) async fn position(&self) -> Result<Position, Trouble> {
        Ok(self.log.head().await.map_err(Trouble::new)?.position)
    }

    async fn must(&self, request: Request) -> Result<crate::dispatch::Stored, Trouble> {
        match self.dispatch.decide(request).await {
            Outcome::Accepted(stored) => Ok(stored),
            other => Err(Trouble::new(format!(
                "a command was not accepted: {other:?}"
            ))),
        }
    }

    /// Records one person: a new stream, a new key, one sealed slot.
    async fn person(&self) -> Result<Did, Trouble> {
        self.must(lines::request(&lines::person().1)?).await?;
        Ok(Did::Done)
    }

    /// So many callers, each of whom records one person after another.
    pub(super) async fn distinct(&self, callers: usize, lasting: Duration) -> Result<Run, Trouble> {
        let ours = self.clone();
        closed(callers, lasting, move || {
            let ours = ours.clone();
            async move { ours.person().await }
        })
        .await
    }

    /// So many callers, who record persons at a steady pace: together so many a second.
    pub(super) async fn paced(
        &self,
        callers: usize,
        per_second: f64,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        let ours = self.clone();
        paced(callers, per_second, lasting, move || {
            let ours = ours.clone();
            async move { ours.person().await }
        })
        .await
    }

    /// Persons that arrive at a rate.
    pub(super) async fn arriving(
        &self,
        per_second: f64,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        let ours = self.clone();
        open(per_second, lasting, move || {
            let ours = ours.clone();
            async move { ours.person().await }
        })
        .await
    }

    /// Files so many applications of so many new persons; gives their references.
    pub(super) async fn file(
        &self,
        count: usize,
        moved: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<String>, Trouble> {
        let mut filed = Vec::with_capacity(count);
        while filed.len() < count {
            let mut waiting = Vec::with_capacity(PREPARING);
            for _ in 0..PREPARING.min(count - filed.len()) {
                let (id, person) = lines::person();
                let application = lines::application(&id);
                let person = self.dispatch.submit(lines::request(&person)?).await;
                let application = self.dispatch.submit(lines::request(&application)?).await;
                waiting.push((person, application));
            }
            for (person, application) in waiting {
                accepted(person.await)?;
                let stored = accepted(application.await)?;
                let stream = stored.streams.into_keys().find_map(|stream| {
                    let application = stream.strip_prefix("application/")?;
                    Some(application.to_owned())
                });
                filed.push(stream.ok_or_else(|| Trouble::new("an application has no stream"))?);
            }
            moved(filed.len() as u64);
        }
        Ok(filed)
    }

    /// So many callers who hold places in one line, each for one of these applications.
    pub(super) async fn hot(
        &self,
        applications: Vec<String>,
        callers: usize,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        let hold = |application: &String| lines::hold(application);
        self.each(applications, hold, callers, lasting).await
    }

    /// The same, each on days of its own.
    pub(super) async fn holds(
        &self,
        dated: Vec<(String, (String, Option<String>))>,
        callers: usize,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        let hold = |(application, days): &(String, (String, Option<String>))| {
            lines::hold_on(application, days)
        };
        self.each(dated, hold, callers, lasting).await
    }

    /// So many callers who send the lines that are made of these, until none is left.
    async fn each<T: Send + Sync + 'static>(
        &self,
        of: Vec<T>,
        line: fn(&T) -> String,
        callers: usize,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        let ours = self.clone();
        let (of, next) = (Arc::new(of), Arc::new(AtomicUsize::new(0)));
        closed(callers, lasting, move || {
            let (ours, of, next) = (ours.clone(), of.clone(), next.clone());
            async move {
                let Some(one) = of.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return Ok(Did::Nothing);
                };
                ours.must(lines::request(&line(one))?).await?;
                Ok(Did::Done)
            }
        })
        .await
    }

    /// Holds places for one application.
    pub(super) async fn hold(&self, application: &str) -> Result<(), Trouble> {
        let request = lines::request(&lines::hold(application))?;
        self.must(request).await.map(drop)
    }

    /// How many events the decider knows of the one line.
    pub(super) async fn held(&self) -> Result<u64, Trouble> {
        let line = format!("quota-line/{}", lines::LINE);
        let line = line.parse().map_err(Trouble::new)?;
        let live = self.dispatch.live(&line).await;
        Ok(live.map_or(0, |stream| stream.seq.0))
    }
}

fn accepted(
    outcome: Result<Outcome, tokio::sync::oneshot::error::RecvError>,
) -> Result<crate::dispatch::Stored, Trouble> {
    match outcome {
        Ok(Outcome::Accepted(stored)) => Ok(stored),
        other => Err(Trouble::new(format!(
            "a command was not accepted: {other:?}"
        ))),
    }
}
