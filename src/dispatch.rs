//! Submissions belong here: one decider task per process owns the streams in memory, decides, appends, answers.
//!
//! While one append is on its way to disk, arriving commands gather for the next; there is no timer. An answer is given
//! only when the entries that its decision saw are durable. A caller that goes away cancels nothing.

use std::time::Duration;

use qonys_domain::streams::Stream;
use qonys_events::{
    id::{Ref, StreamId},
    scalar::Position,
    slot::Slot,
};
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

use crate::{
    audit::Audit,
    clock::{Clock, Entropy},
    log::{Log, LogError},
    vault::{Vault, VaultError},
};

mod answer;
mod batch;
mod cache;
mod decider;
mod dry_run;
mod findings;
mod intake;
mod lines;
mod pipeline;
mod request;
mod schema;
mod sweep;
mod term;
mod version;

use pipeline::Pipeline;

pub use answer::{Answer, Outcome, Stored};
pub use dry_run::{Possible, stand_ins};
pub use findings::findings;
pub use lines::{LINE_BYTES_MAX, Lines};
pub use request::{Envelope, Invalid, Request, Sender, id_of};
pub use schema::command_line;
pub use sweep::SweepError;
pub use term::term_of;
pub use version::Version;

/// Commands that wait for the decider before a caller is told to come back later.
const QUEUE_MAX: usize = 4_096;

/// A command on its way to the decider.
struct Job {
    request: Request,
    /// A fresh reference for what the command may record; kept over a second decision.
    minted: Ref,
    reply: oneshot::Sender<Outcome>,
    /// Where it is recorded if it is blocked.
    audit: Option<Audit>,
}

/// The queue in front of the decider is full: come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many commands are waiting")]
pub struct Busy;

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
}

impl Dispatch {
    /// Starts the decider on a log. Fails when the log cannot be read.
    pub async fn start(
        log: Log,
        vault: Option<Vault>,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, LogError> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let (looks, asked) = mpsc::channel(1);
        let (own_log, own_vault) = (log.clone(), vault.clone());
        let decider = decider::Decider::new(log, vault, clock.clone(), entropy.clone()).await?;
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
        let job = Job {
            request,
            minted,
            reply,
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
        let job = Job {
            request,
            minted,
            reply,
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

    /// Opens a slot that an entry of a command shows. `None` where its sealed bytes are gone.
    ///
    /// # Errors
    /// [`VaultError::KeyMissing`] once its key is destroyed; others where log or vault are damaged or away.
    pub async fn open(
        &self,
        slot: &Slot,
        commandid: Ref,
    ) -> Result<Option<Zeroizing<String>>, VaultError> {
        let away = |error: &dyn std::fmt::Display| VaultError::Unavailable(error.to_string());
        let vault = self
            .vault
            .as_ref()
            .ok_or_else(|| away(&"no vault is open"))?;
        let sealed = self.log.sealed(commandid, &slot.name, slot.subject).await;
        match sealed.map_err(|error| away(&error))? {
            Some(sealed) => vault.unseal(slot, commandid, &sealed.bytes).await.map(Some),
            None => Ok(None),
        }
    }

    /// Deletes keys of the vault that are at least so old and that no entry came to use. Gives how many.
    pub async fn sweep(&self, older_than: Duration) -> Result<u64, SweepError> {
        match &self.vault {
            Some(vault) => sweep::sweep(&self.log, vault, older_than).await,
            None => Ok(0),
        }
    }

    /// Submits a command and waits for its outcome.
    pub async fn decide(&self, request: Request) -> Outcome {
        self.submit(request).await.await.unwrap_or(Outcome::Unknown)
    }
}
