//! The second log: who read data about persons, why and in which case, and which commands were blocked. The same engine and
//! the same entries as the register's own log, in a store of their own with a tree of its own and one writer per process; no
//! transaction holds both.
//!
//! Whatever is told is told after its entry is durable: [`Audit::read`] and [`Audit::blocked`] return then, and whoever gets
//! an error from them tells nothing.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use lru::LruCache;
use qonys_domain::blocked::{Basis, Blocked};
use qonys_events::{
    digest::Sha256Hex,
    entry::Actor,
    event::Event,
    fact::{
        Fact, LogOpened,
        access::{CommandBlocked, DataRead},
    },
    id::{Origin, Ref, StreamId, StreamKind},
    scalar::{Count, Slug},
    term::LogKind,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    clock::{Clock, Entropy},
    log::{Log, LogError, NewLog},
};

pub mod readers;

mod writer;

use writer::{Record, Writer};

/// Records that wait for the writer.
const QUEUE_MAX: usize = 4_096;
/// How long the same command of the same actor, blocked for the same reason, is counted and not recorded again.
const SAME: Duration = Duration::from_secs(60);
/// Blocked commands that are remembered for that.
const REMEMBERED_MAX: usize = 4_096;
/// What the origin of the second log adds to that of the register.
const NAME: &str = "access";

/// Why something could not be recorded: nothing may be told then.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the second log: {0}")]
pub struct AuditError(String);

impl From<LogError> for AuditError {
    fn from(error: LogError) -> Self {
        Self(error.to_string())
    }
}

/// What a second log is made with, beside the register's log.
///
/// # Errors
/// Where the origin has no room for another name.
pub fn settings(of: &NewLog) -> Result<NewLog, AuditError> {
    let wrong = || AuditError(format!("{} has no room for a second log", of.origin));
    let (path, _) = of.origin.as_str().rsplit_once('/').ok_or_else(wrong)?;
    let origin: Origin = format!("{path}/{NAME}/1").parse().map_err(|_| wrong())?;
    Ok(NewLog {
        origin,
        ..of.clone()
    })
}

/// Whom an entry is about, by its stream and its case: a person, a dwelling, an application. Whoever is told of it is told about
/// somebody, and that stands in the stream of each.
pub fn subjects(stream: &StreamId, case: Option<Ref>) -> Vec<StreamId> {
    let of_somebody = matches!(
        stream.kind(),
        StreamKind::Person | StreamKind::Dwelling | StreamKind::Application
    );
    let mut subjects = Vec::from_iter(of_somebody.then(|| stream.clone()));
    let case = case.map(|case| StreamId::of(StreamKind::Application, case));
    subjects.extend(case.filter(|case| case != stream));
    subjects
}

/// The reference that stands for nobody: who asks in local mode, what opens a second log.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Who asked, as it stands in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The official, his role and his office.
    pub actor: Actor,
    /// By which policy he was let through.
    pub policy: Slug,
    /// Why he asks.
    pub purpose: Option<Slug>,
    /// In which case.
    pub caseref: Option<Ref>,
}

/// Blocked commands of late: when each was recorded, and how often it was blocked since.
type Late = LruCache<Sha256Hex, (Instant, u64)>;

/// The door to the second log. Cheap to clone; its writer ends with the last clone.
#[derive(Clone)]
pub struct Audit {
    log: Log,
    records: mpsc::Sender<Record>,
    late: Arc<Mutex<Late>>,
}

impl Audit {
    /// Starts the writer of a second log; an empty one gets its first entry.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub async fn start(
        log: Log,
        kind: LogKind,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, AuditError> {
        let opened = LogOpened {
            zone: log.zone().clone(),
            kind,
            clock: log.clock_kind(),
        };
        let (records, queue) = mpsc::channel(QUEUE_MAX);
        let writer = Writer::open(log.clone(), clock, entropy, opened).await?;
        tokio::spawn(writer.run(queue));
        let remembered = NonZeroUsize::new(REMEMBERED_MAX).unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            log,
            records,
            late: Arc::new(Mutex::new(LruCache::new(remembered))),
        })
    }

    /// The log itself, to read it.
    pub fn log(&self) -> &Log {
        &self.log
    }

    async fn record(&self, asker: Asker, stream: StreamId, fact: Fact) -> Result<(), AuditError> {
        let (answer, recorded) = oneshot::channel();
        let mut event = Event::new(fact);
        event.caseref = asker.caseref;
        let record = Record {
            asker,
            stream,
            event,
            answer,
        };
        let gone = || AuditError("its writer has ended".to_owned());
        self.records.send(record).await.map_err(|_| gone())?;
        recorded.await.map_err(|_| gone())?
    }

    /// Records that data is about to be told.
    ///
    /// # Errors
    /// Where it is not recorded: then nothing may be told.
    pub async fn read(
        &self,
        asker: Asker,
        about: Option<StreamId>,
        read: DataRead,
    ) -> Result<(), AuditError> {
        let stream =
            about.unwrap_or_else(|| StreamId::named(StreamKind::Office, &asker.actor.office));
        self.record(asker, stream, Fact::DataRead(read)).await
    }

    /// As [`Audit::read`], about each of these; about nobody alone where there is none.
    ///
    /// # Errors
    /// As [`Audit::read`].
    pub async fn read_of(
        &self,
        asker: &Asker,
        about: &[StreamId],
        read: &DataRead,
    ) -> Result<(), AuditError> {
        if about.is_empty() {
            return self.read(asker.clone(), None, read.clone()).await;
        }
        for subject in about {
            let subject = Some(subject.clone());
            self.read(asker.clone(), subject, read.clone()).await?;
        }
        Ok(())
    }

    /// Records that a command was blocked; the same one again within a minute is only counted.
    ///
    /// # Errors
    /// Where it is not recorded.
    pub async fn blocked(
        &self,
        asker: Asker,
        (command, command_type): (Ref, &str),
        hashed: &[u8],
        blocked: &Blocked,
    ) -> Result<(), AuditError> {
        let actor = asker.actor.actor.to_string();
        let parts = [actor.as_bytes(), blocked.code.as_str().as_bytes(), hashed];
        let same = Sha256Hex::tagged("qonys/blocked/1", &parts);
        let repeated = {
            let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
            match late.get_mut(&same) {
                Some((recorded, count)) if recorded.elapsed() < SAME => {
                    *count += 1;
                    return Ok(());
                }
                Some((_, count)) => *count,
                None => 0,
            }
        };
        let slug = |text: &str| text.parse::<Slug>().map_err(|e| AuditError(e.to_string()));
        let (blocking_act, blocking_point) = match &blocked.basis {
            Basis::Control => (None, None),
            Basis::Law { act, point } => (Some(act.clone()), Some(point.clone())),
        };
        let fact = CommandBlocked {
            command,
            command_type: slug(command_type)?,
            code: slug(blocked.code.as_str())?,
            blocking_act,
            blocking_point,
            facts: blocked.facts.clone(),
            repeated: Count(repeated),
        };
        let stream = StreamId::named(StreamKind::Office, &asker.actor.office);
        self.record(asker, stream, Fact::CommandBlocked(fact))
            .await?;
        // Only what is durable stands for those that come after it.
        self.late
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(same, (Instant::now(), 0));
        Ok(())
    }
}
