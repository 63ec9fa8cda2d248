//! The log: one total order of entries, kept for good. Two stores with one behaviour (`tests/it/log_conformance.rs`).
//!
//! The commit point is the commit of the append's transaction: after it the command has happened, whatever dies next.

use std::{collections::HashMap, sync::Arc};

use qonys_events::{
    digest::Sha256Hex,
    entry::Place,
    fault::Fault,
    id::{Origin, Ref, StreamId},
    scalar::{Instant, Position, Slug, StreamSeq, Text},
    term::ClockKind,
    tree::Frontier,
};

pub mod cqrs;
pub mod postgres;
pub mod sqlite;
pub mod store;

mod rules;

/// What is settled about a log when it is made, and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// The origin with its incarnation.
    pub origin: Origin,
    /// The IANA name of the zone whose civil dates the log uses.
    pub zone: Text,
    /// Where its time comes from: with a simulated clock the store does not compare times with its
    /// own.
    pub clock: ClockKind,
}

impl NewLog {
    /// The settings as a store holds them.
    fn read(origin: &str, zone: &str, clock: &str) -> Result<Self, LogError> {
        let wrong = |e: qonys_events::scalar::Malformed| {
            LogError::Unavailable(format!("the settings of the log are damaged: {e}"))
        };
        Ok(Self {
            origin: origin.parse().map_err(wrong)?,
            zone: zone.parse().map_err(wrong)?,
            clock: clock.parse().map_err(wrong)?,
        })
    }

    /// Refuses to take one log for another.
    fn must_be(&self, new: &Self) -> Result<(), LogError> {
        if self == new {
            return Ok(());
        }
        Err(LogError::Refused(format!(
            "another log stands here: {} in {} with a {} clock",
            self.origin, self.zone, self.clock
        )))
    }
}

/// How far the log has come: the last position, its time, and the right edge of the tree over all entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Position of the last entry; 0 while the log is empty.
    pub position: Position,
    /// Time of the last entry.
    pub time: Option<Instant>,
    /// Edge of the Merkle tree over entries 1 to `position`.
    pub frontier: Frontier,
}

/// One entry on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where it will stand.
    pub place: Place,
    /// The command that writes it.
    pub commandid: Ref,
    /// Its bytes.
    pub text: String,
}

/// The sealed bytes of one personal slot, stored in the same transaction as the entry that commits to them.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSlot {
    /// The command whose entry shows the slot.
    pub commandid: Ref,
    /// Name of the slot.
    pub name: Slug,
    /// Whose value it is.
    pub subject: Ref,
    /// SHA-256 of `bytes`, as it stands in the entry.
    pub hash: Sha256Hex,
    /// Ciphertext with its header and, inside, the salt of the commitment.
    pub bytes: Vec<u8>,
}

/// What one append writes: whole commands, in order.
#[derive(Clone, Default)]
pub struct Batch {
    /// The entries, dense from the expected head on.
    pub entries: Vec<Prepared>,
    /// The sealed slots that they commit to.
    pub sealed: Vec<SealedSlot>,
    /// The edge of the tree after the last entry.
    pub frontier: Frontier,
}

/// One entry as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where it stands in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Where it stands in the stream.
    pub streamseq: StreamSeq,
    /// Its bytes.
    pub text: String,
}

/// Why an append or a read did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Somebody else appended first. Nothing was stored; decide again on the new head.
    #[error("the head has moved to {0}")]
    HeadMoved(Position),
    /// The time of the batch is not above the last one, or too far from the store's clock. Nothing was stored.
    #[error("the time of the batch is refused: {0}")]
    Time(String),
    /// The batch breaks a rule of the log (density, sequences, a command or entry id that stands already). Nothing was
    /// stored. `sqlstate`-like code and text for the log line.
    #[error("the batch is refused: {0}")]
    Refused(String),
    /// The connection died at commit: the batch is stored or not. Ask again by command id.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// The store cannot be reached or is broken. Nothing was stored by this call.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
}

/// The stored entries of one command.
pub type FirstAnswers = HashMap<Ref, Vec<Recorded>>;

/// A log on one of the two stores. Cheap to clone.
#[derive(Clone)]
pub enum Log {
    /// On PostgreSQL.
    Postgres(postgres::PgLog),
    /// Embedded, on SQLite.
    Sqlite(sqlite::SqliteLog),
    /// On a store of another kind.
    Other(Arc<dyn store::Store>),
}

/// The log held by this process alone for the length of one transaction: others wait.
pub enum Locked {
    /// On PostgreSQL.
    Postgres(postgres::PgLocked),
    /// Embedded, on SQLite.
    Sqlite(sqlite::SqliteLocked),
    /// On a store of another kind.
    Other(Box<dyn store::Held>),
}

/// Calls the store behind the enum.
macro_rules! each {
    ($self:expr, $store:ident => $call:expr) => {
        match $self {
            Self::Postgres($store) => $call,
            Self::Sqlite($store) => $call,
            Self::Other($store) => $call,
        }
    };
}

impl Log {
    /// The origin of the log with its incarnation.
    pub fn origin(&self) -> &Origin {
        each!(self, store => store.origin())
    }

    /// The IANA name of the zone whose civil dates the log uses.
    pub fn zone(&self) -> &Text {
        each!(self, store => store.zone())
    }

    /// Where the log's time comes from.
    pub fn clock_kind(&self) -> ClockKind {
        each!(self, store => store.clock_kind())
    }

    /// The current head.
    pub async fn head(&self) -> Result<Head, LogError> {
        each!(self, store => store.head().await)
    }

    /// The head as the last append at or before a position left it; the empty log's where there is none.
    pub async fn head_at(&self, position: Position) -> Result<Head, LogError> {
        each!(self, store => store.head_at(position).await)
    }

    /// Appends a batch if the head is still `expected`: all of it or nothing (promise P2), durable on return.
    pub async fn append(&self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        each!(self, store => store.append(expected, batch).await)
    }

    /// Puts back what stood in the log before, byte for byte: as [`Log::append`], but times are not compared with the
    /// store's clock. On PostgreSQL that is not the application's right: `owner` is the URL of the owner.
    pub async fn put_back(
        &self,
        owner: Option<&str>,
        expected: Position,
        batch: &Batch,
    ) -> Result<(), LogError> {
        match (self, owner) {
            (Self::Sqlite(store), _) => store.put_back(expected, batch).await,
            (Self::Postgres(store), Some(owner)) => store.put_back(owner, expected, batch).await,
            (Self::Postgres(_), None) => Err(LogError::Refused(
                "entries are put back with the rights of the database's owner".to_owned(),
            )),
            (Self::Other(_), _) => Err(LogError::Refused(
                "nothing is put back into a store of this kind".to_owned(),
            )),
        }
    }

    /// Takes the append lock on a new connection and holds it until the value is committed or dropped.
    pub async fn lock(&self) -> Result<Locked, LogError> {
        match self {
            Self::Postgres(store) => store.lock().await.map(Locked::Postgres),
            Self::Sqlite(store) => store.lock().await.map(Locked::Sqlite),
            Self::Other(store) => store.lock().await.map(Locked::Other),
        }
    }

    /// Brings everything into the one file of an embedded log, so that nothing waits beside it for the next start. On
    /// PostgreSQL there is nothing to do.
    pub async fn write_back(&self) -> Result<(), LogError> {
        match self {
            Self::Postgres(_) | Self::Other(_) => Ok(()),
            Self::Sqlite(store) => store.write_back().await,
        }
    }

    /// Up to `limit` entries after a position, in order, without a gap (promise P1).
    pub async fn read_after(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        let mut page = each!(self, store => store.read_after(after, limit).await)?;
        // Only pages of a length that one test asks for: everything else goes on reading well.
        if Fault::P1.planted() && limit == 7 && page.len() > 2 {
            page.remove(1);
        }
        Ok(page)
    }

    /// The bytes of up to `limit` entries after a position, in order: what whoever reads the whole log needs. That none is
    /// missing, their own positions say.
    pub async fn read_texts(&self, after: Position, limit: u32) -> Result<Vec<String>, LogError> {
        each!(self, store => store.read_texts(after, limit).await)
    }

    /// Up to `limit` entries of a stream after a sequence, in order.
    pub async fn read_stream(
        &self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_stream(stream, after, limit).await)
    }

    /// Up to `limit` first entries of each of these streams, in one question: each stream's in order.
    pub async fn read_streams(
        &self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_streams(streams, limit).await)
    }

    /// The last sequence of a stream; 0 where it has none.
    pub async fn stream_end(&self, stream: &StreamId) -> Result<StreamSeq, LogError> {
        each!(self, store => store.stream_end(stream).await)
    }

    /// The entry of an id, if it stands.
    pub async fn entry(&self, id: Ref) -> Result<Option<Recorded>, LogError> {
        each!(self, store => store.entry(id).await)
    }

    /// All entries of those commands that are stored, each in its order.
    pub async fn commands(&self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        each!(self, store => store.commands(ids).await)
    }

    /// The sealed bytes of a slot of a command, if they are still there.
    pub async fn sealed(
        &self,
        commandid: Ref,
        name: &Slug,
        subject: Ref,
    ) -> Result<Option<SealedSlot>, LogError> {
        each!(self, store => store.sealed(commandid, name, subject).await)
    }

    /// The applications in which a person is the applicant.
    pub async fn applications_of(&self, person: Ref) -> Result<Vec<Ref>, LogError> {
        each!(self, store => store.applications_of(person).await)
    }

    /// Every entry that destroyed somebody's data, in order.
    pub async fn destructions(&self) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.destructions().await)
    }

    /// Destroys every sealed slot of these subjects, with the vault's right. Gives how many there were.
    pub async fn destroy_sealed(&self, subjects: &[Ref]) -> Result<u64, LogError> {
        each!(self, store => store.destroy_sealed(subjects).await)
    }
}

impl Locked {
    /// The head, which nobody else can move now.
    pub async fn head(&mut self) -> Result<Head, LogError> {
        each!(self, store => store.head().await)
    }

    /// As [`Log::read_after`], under the lock.
    pub async fn read_after(
        &mut self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_after(after, limit).await)
    }

    /// As [`Log::read_stream`], under the lock.
    pub async fn read_stream(
        &mut self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_stream(stream, after, limit).await)
    }

    /// As [`Log::read_streams`], under the lock.
    pub async fn read_streams(
        &mut self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_streams(streams, limit).await)
    }

    /// As [`Log::commands`], under the lock.
    pub async fn commands(&mut self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        each!(self, store => store.commands(ids).await)
    }

    /// As [`Log::applications_of`], under the lock.
    pub async fn applications_of(&mut self, person: Ref) -> Result<Vec<Ref>, LogError> {
        each!(self, store => store.applications_of(person).await)
    }

    /// Appends under the lock and commits: the lock is free afterwards.
    pub async fn append(self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        each!(self, store => store.append(expected, batch).await)
    }
}
