//! Submissions belong here: one decider task per process owns the streams in memory, decides, appends, answers.
//!
//! While one append is on its way to disk, arriving commands gather for the next; there is no timer. An answer is given
//! only when the entries that its decision saw are durable. A caller that goes away cancels nothing.

use std::{sync::Arc, time::Duration};

use qonys_domain::streams::Stream;
use qonys_events::{
    id::{Ref, StreamId},
    scalar::Position,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::{
    audit::Audit,
    clock::{Clock, Entropy},
    log::{Log, LogError},
    vault::Vault,
};

mod answer;
mod batch;
mod cache;
mod correspondence;
mod decider;
mod dry_run;
mod erasure;
mod findings;
mod identity;
mod intake;
mod lines;
mod pipeline;
mod request;
mod schema;
mod settled;
mod snapshot;
mod sweep;
mod term;
mod version;

use pipeline::Pipeline;

pub use answer::{Answer, Outcome, Stored};
pub use dry_run::{Possible, stand_ins};
pub use erasure::Erased;
pub use findings::findings;
pub use identity::{numbers, searched};
pub use lines::{LINE_BYTES_MAX, Lines};
pub use request::{Envelope, Invalid, Request, Sender, id_of};
pub use schema::command_line;
pub use snapshot::Snapshotting;
pub use sweep::SweepError;
pub use term::{CountedTerm, term_of};
pub use version::Version;

/// Commands that wait for the decider before a caller is told to come back later.
const QUEUE_MAX: usize = 4_096;
/// What all commands that are not answered yet may weigh, in bytes: those in the queue, those that are decided, and those
/// whose turn comes after another one of the same id.
const OPEN_BYTES_MAX: usize = 64 << 20;
/// What a command weighs beside its text, in bytes: what it is read into, its entries and its answer.
const OPEN_BYTES_EACH: usize = 4 << 10;

/// A command on its way to the decider.
struct Job {
    request: Request,
    /// A fresh reference for what the command may record; kept over a second decision.
    minted: Ref,
    reply: oneshot::Sender<Outcome>,
    /// What it weighs, given back with the answer.
    weight: OwnedSemaphorePermit,
    /// Where it is recorded if it is blocked.
    audit: Option<Audit>,
}

/// The queue in front of the decider is full: come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many commands are waiting")]
pub struct Busy;

/// What a command weighs until it is answered, in bytes. A line has at most [`LINE_BYTES_MAX`].
fn weight_of(request: &Request) -> u32 {
    u32::try_from(OPEN_BYTES_EACH + request.bytes()).unwrap_or(u32::MAX)
}

/// A question about a stream as the decider holds it in memory.
struct Look {
    stream: StreamId,
    reply: oneshot::Sender<Option<Stream>>,
}

/// The door to the decider. Cheap to clone; the decider ends when the last clone is dropped.
#[derive(Clone)]
pub struct Dispatch {
    jobs: mpsc::Sender<Job>,
    looks: mpsc::Sender<Look>,
    log: Log,
    vault: Option<Vault>,
    audit: Option<Audit>,
    clock: Clock,
    entropy: Entropy,
    committed: watch::Receiver<Position>,
    open: Arc<Semaphore>,
}

impl Dispatch {
    /// Starts the decider on a log, after everything that the log says is destroyed was destroyed again: log or vault may
    /// have been restored. Fails when the log cannot be read, or the vault.
    pub async fn start(
        log: Log,
        vault: Option<Vault>,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, LogError> {
        Self::start_with(log, vault, clock, entropy, None).await
    }

    /// As [`Dispatch::start`], with snapshots of long streams.
    pub async fn start_with(
        log: Log,
        vault: Option<Vault>,
        clock: Clock,
        entropy: Entropy,
        snapshots: Option<&Snapshotting>,
    ) -> Result<Self, LogError> {
        if let Some(vault) = &vault {
            let erased = erasure::apply(&log, vault).await;
            let erased = erased.map_err(|error| LogError::Unavailable(error.to_string()))?;
            if erased.keys + erased.slots > 0 {
                tracing::warn!(
                    ?erased,
                    "destroyed data had come back and were destroyed again"
                );
            }
        }
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let (looks, asked) = mpsc::channel(1);
        let (own_log, own_vault) = (log.clone(), vault.clone());
        let decider =
            decider::Decider::new(log, vault, clock.clone(), entropy.clone(), snapshots).await?;
        let pipeline = Pipeline::new(decider, queue, asked);
        let committed = pipeline.committed();
        tokio::spawn(pipeline.run());
        Ok(Self {
            jobs,
            looks,
            log: own_log,
            vault: own_vault,
            audit: None,
            clock,
            entropy,
            committed,
            open: Arc::new(Semaphore::new(OPEN_BYTES_MAX)),
        })
    }

    /// The same with a second log: a command that is blocked is told after it is recorded there.
    #[must_use]
    pub fn recording(self, audit: Audit) -> Self {
        Self {
            audit: Some(audit),
            ..self
        }
    }

    /// The second log, where there is one.
    pub fn audit(&self) -> Option<&Audit> {
        self.audit.as_ref()
    }

    /// The vault, where one is open.
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// How far the log is known to have grown: told after each append of this process, before its senders are answered.
    /// What other processes append shows with the next append here, or when the log is asked.
    pub fn committed(&self) -> watch::Receiver<Position> {
        self.committed.clone()
    }

    /// A reference of its own for what a command may record. It begins with its time, which the entry shows anyway: what
    /// is recorded one after the other stands side by side in every index. A simulated source gives the same one to the
    /// same command.
    fn minted(&self, command: Ref) -> Ref {
        match self.entropy {
            Entropy::System => self.entropy.id_at(self.clock.now()),
            Entropy::Seeded(_) => self.entropy.derived("minted", command).reference(),
        }
    }

    /// Submits a command and waits for a place in the queue. The returned receiver gives the outcome.
    pub async fn submit(&self, request: Request) -> oneshot::Receiver<Outcome> {
        let (reply, outcome) = oneshot::channel();
        let minted = self.minted(request.id);
        let open = Arc::clone(&self.open);
        let weight = open.acquire_many_owned(weight_of(&request)).await;
        let job = Job {
            request,
            minted,
            reply,
            weight: weight.expect("nobody closes it"),
            audit: self.audit.clone(),
        };
        if let Err(mpsc::error::SendError(job)) = self.jobs.send(job).await {
            // The decider is gone only when the process ends.
            drop(
                job.reply
                    .send(Outcome::Unavailable("the decider has ended".into())),
            );
        }
        outcome
    }

    /// Submits a command if there is a place in the queue.
    pub fn try_submit(&self, request: Request) -> Result<oneshot::Receiver<Outcome>, Busy> {
        let (reply, outcome) = oneshot::channel();
        let minted = self.minted(request.id);
        let open = Arc::clone(&self.open);
        let weight = open.try_acquire_many_owned(weight_of(&request));
        let job = Job {
            request,
            minted,
            reply,
            weight: weight.map_err(|_| Busy)?,
            audit: self.audit.clone(),
        };
        match self.jobs.try_send(job) {
            Ok(()) => Ok(outcome),
            Err(_) => Err(Busy),
        }
    }

    /// A stream as this process decides on it, between two batches: for diagnosis, and to compare it with what the log
    /// alone makes of the stream. `None` when it is not in memory.
    pub async fn live(&self, stream: &StreamId) -> Option<Stream> {
        let (reply, answer) = oneshot::channel();
        let stream = stream.clone();
        self.looks.send(Look { stream, reply }).await.ok()?;
        answer.await.ok()?
    }

    /// Deletes keys of the vault that are at least so old and that no entry came to use, with what was claimed for them.
    /// Gives how many.
    pub async fn sweep(&self, older_than: Duration) -> Result<u64, SweepError> {
        let Some(vault) = &self.vault else {
            return Ok(0);
        };
        identity::settle(&self.log, vault, older_than).await?;
        sweep::sweep(&self.log, vault, older_than).await
    }

    /// Destroys again what the log says is destroyed, in the vault and beside the log: nothing is left to do unless somebody
    /// died or restored something.
    pub async fn erase_again(&self) -> Result<Erased, SweepError> {
        match &self.vault {
            Some(vault) => erasure::apply(&self.log, vault).await,
            None => Ok(Erased::default()),
        }
    }

    /// Submits a command and waits for its outcome.
    pub async fn decide(&self, request: Request) -> Outcome {
        self.submit(request).await.await.unwrap_or(Outcome::Unknown)
    }
}
