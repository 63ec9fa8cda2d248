//! Where wrapped keys and the blind index lie: a file of the data directory, or a database of its own. Two stores, one set of
//! statements.
//!
//! One task writes what commands wait for: while one transaction is on its way to the disk, arriving requests gather for the
//! next. Several processes may share a vault; the first to write a key has made it. A transaction is shown to others only
//! after its bytes are on disk, so a key that was read is durable.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use qonys_events::{id::Ref, scalar::Position, term::SlotCategory};
use sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use tokio::sync::{mpsc, oneshot};

use super::{
    VaultError,
    blind::{Claim, Claimed, Row},
    error::unavailable,
    provider::Epoch,
};

mod epochs;
mod statements;
mod tables;
mod upkeep;

use epochs::epochs;
use upkeep::upkeep;

pub(super) use tables::{PostgresTables, SqliteTables};

/// Requests that one transaction gathers, and that wait for the writing task.
const GATHERED_MAX: usize = 256;
/// How long a transaction of another process may take before ours gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Whose key it is, and for which of the subject's values.
pub type Owner = (Ref, SlotCategory);
/// Wrapped keys by owner.
pub(super) type WrappedKeys = HashMap<Owner, Wrapped>;

/// A data key as it lies on disk.
pub(super) struct Wrapped {
    pub(super) epoch: Epoch,
    pub(super) bytes: Vec<u8>,
}

/// A key that becomes its owner's if nobody else was first.
pub(super) struct Candidate {
    pub(super) owner: Owner,
    pub(super) bytes: Vec<u8>,
}

/// Keys that were made together, of which it has not been looked yet whether they came to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minting {
    pub(super) id: i64,
    /// Whose keys they are.
    pub owners: Vec<Owner>,
}

/// The last epoch as it stands in the store.
pub(super) struct LastEpoch {
    pub(super) epoch: Epoch,
    pub(super) provider: String,
    pub(super) origin: String,
    pub(super) probe: Vec<u8>,
}

/// What is to be written in one transaction, in the epoch that its sender believes in.
pub(super) struct Writing {
    pub(super) epoch: Epoch,
    pub(super) candidates: Vec<Candidate>,
    pub(super) claims: Vec<Claim>,
}

/// What became of it.
#[derive(Clone)]
pub(super) enum Written {
    /// The keys of all owners, durable; who stands for each claim; whose data are destroyed and who gets no key any more.
    Done {
        keys: Arc<WrappedKeys>,
        claimed: Vec<Claimed>,
        fenced: Arc<HashSet<Ref>>,
    },
    /// Nothing: the epoch was rolled. Wrap it again.
    Moved,
}

struct Asked {
    writing: Writing,
    answer: oneshot::Sender<Result<Written, VaultError>>,
}

/// The tables of one vault.
pub(super) enum Tables {
    /// In a file of the data directory.
    Sqlite(SqliteTables),
    /// In a database.
    Postgres(PostgresTables),
}

/// Calls the store behind the enum.
macro_rules! each {
    ($self:expr, $tables:ident => $call:expr) => {
        match $self {
            Tables::Sqlite($tables) => $call,
            Tables::Postgres($tables) => $call,
        }
    };
}

impl Tables {
    pub(super) fn sqlite(options: SqliteConnectOptions) -> Self {
        Self::Sqlite(SqliteTables::new(options))
    }

    pub(super) fn postgres(options: PgConnectOptions) -> Self {
        Self::Postgres(PostgresTables::new(options))
    }

    /// Makes the tables of a file where there are none. A database is prepared by its owner.
    pub(super) async fn prepare(&self) -> Result<(), VaultError> {
        match self {
            Self::Sqlite(tables) => tables.prepare().await,
            Self::Postgres(tables) => tables.look().await,
        }
    }
}

/// What the epochs need (`epochs.rs`), of either database.
impl Tables {
    pub(super) async fn last_epoch(&self) -> Result<Option<LastEpoch>, VaultError> {
        each!(self, tables => tables.last_epoch().await)
    }

    pub(super) async fn advance(
        &self,
        last: Option<Epoch>,
        make: impl AsyncFnOnce() -> Result<(LastEpoch, Vec<u8>), VaultError>,
    ) -> Result<bool, VaultError> {
        each!(self, tables => tables.advance(last, make).await)
    }

    pub(super) async fn add_pepper(
        &self,
        epoch: Epoch,
        wrapped: Vec<u8>,
    ) -> Result<(), VaultError> {
        each!(self, tables => tables.add_pepper(epoch, wrapped).await)
    }

    pub(super) async fn peppers(&self) -> Result<Vec<(Epoch, Vec<u8>)>, VaultError> {
        each!(self, tables => tables.peppers().await)
    }

    pub(super) async fn older_keys(
        &self,
        after: (String, String),
        epoch: Epoch,
        limit: i64,
    ) -> Result<Vec<(Owner, Wrapped)>, VaultError> {
        each!(self, tables => tables.older_keys(after, epoch, limit).await)
    }

    pub(super) async fn rewrap(
        &self,
        keys: &[(Owner, Vec<u8>)],
        epoch: Epoch,
    ) -> Result<(), VaultError> {
        each!(self, tables => tables.rewrap(keys, epoch).await)
    }

    pub(super) async fn older_blind(
        &self,
        epoch: Epoch,
        limit: i64,
    ) -> Result<Vec<Row>, VaultError> {
        each!(self, tables => tables.older_blind(epoch, limit).await)
    }

    pub(super) async fn rename(
        &self,
        renamed: &[(Row, Vec<u8>)],
        dropped: &[Row],
        epoch: Epoch,
    ) -> Result<(), VaultError> {
        each!(self, tables => tables.rename(renamed, dropped, epoch).await)
    }

    pub(super) async fn finish(
        &self,
        epoch: Epoch,
        end: impl AsyncFnOnce() -> Result<(), VaultError>,
    ) -> Result<bool, VaultError> {
        each!(self, tables => tables.finish(epoch, end).await)
    }
}

/// The store of a vault, with its writing task.
pub(super) struct Store {
    tables: Arc<Tables>,
    writer: mpsc::Sender<Asked>,
}

impl Store {
    /// Starts the writing task.
    pub(super) fn start(tables: Arc<Tables>) -> Self {
        let (writer, requests) = mpsc::channel(GATHERED_MAX);
        tokio::spawn(write(tables.clone(), requests));
        Self { tables, writer }
    }

    /// The tables, for what is not gathered.
    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Empties what waits beside the file into it.
    pub(super) async fn write_back(&self) -> Result<(), VaultError> {
        match &*self.tables {
            Tables::Sqlite(tables) => tables.write_back().await,
            Tables::Postgres(_) => Ok(()),
        }
    }

    /// The keys that exist, of these owners.
    pub(super) async fn read(&self, owners: &[Owner]) -> Result<WrappedKeys, VaultError> {
        each!(&*self.tables, tables => tables.read(owners).await)
    }

    /// Makes each candidate its owner's key, unless the owner has one, and each claim its subject's, unless somebody else
    /// has it. Durable.
    pub(super) async fn write(&self, writing: Writing) -> Result<Written, VaultError> {
        let (answer, answered) = oneshot::channel();
        let gone = || unavailable("its writing task has ended");
        let asked = Asked { writing, answer };
        self.writer.send(asked).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Keys that were made together at least so long ago and have not been looked through.
    pub(super) async fn mintings(&self, older_than: Duration) -> Result<Vec<Minting>, VaultError> {
        each!(&*self.tables, tables => tables.mintings(seconds(older_than)).await)
    }

    /// Deletes the keys of a minting that nobody came to use, with what the blind index says of their subjects, and forgets
    /// the minting.
    pub(super) async fn swept(
        &self,
        minting: &Minting,
        unused: &[Owner],
        older_than: Duration,
    ) -> Result<(), VaultError> {
        each!(&*self.tables, tables => tables.swept(minting, unused, seconds(older_than)).await)
    }

    /// Destroys keys and rows of the blind index, and fences the subjects off.
    pub(super) async fn destroy(&self, subjects: &[(Ref, Position)]) -> Result<u64, VaultError> {
        each!(&*self.tables, tables => tables.destroy(subjects).await)
    }

    /// Every subject whose data are destroyed.
    pub(super) async fn fence(&self) -> Result<Vec<(Ref, Position)>, VaultError> {
        each!(&*self.tables, tables => tables.fence().await)
    }

    /// The subjects that stand in the blind index by these values.
    pub(super) async fn find(&self, values: &[(String, Vec<u8>)]) -> Result<Vec<Row>, VaultError> {
        each!(&*self.tables, tables => tables.find(values).await)
    }

    /// What commands brought into the blind index at least so long ago, and of which it is not known whether they stand.
    pub(super) async fn unsettled(
        &self,
        older_than: Duration,
        limit: i64,
    ) -> Result<Vec<(Ref, Ref)>, VaultError> {
        each!(&*self.tables, tables => tables.unsettled(seconds(older_than), limit).await)
    }

    /// These commands stand.
    pub(super) async fn settle(&self, brought: &[(Ref, Ref)]) -> Result<(), VaultError> {
        each!(&*self.tables, tables => tables.settle(brought).await)
    }

    /// What the blind index says of subjects that nobody recorded is deleted, if it was claimed at least so long ago.
    pub(super) async fn abandon(
        &self,
        subjects: &[Ref],
        older_than: Duration,
    ) -> Result<(), VaultError> {
        each!(&*self.tables, tables => tables.abandon(subjects, seconds(older_than)).await)
    }

    /// What a command brought about a subject replaces what stood there; what other commands brought that are on their way is
    /// left.
    pub(super) async fn replace(
        &self,
        subject: Ref,
        command: Ref,
        claim: Claim,
        epoch: Epoch,
    ) -> Result<(), VaultError> {
        each!(&*self.tables, tables => tables.replace(subject, command, claim, epoch).await)
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The writing task: ends when the last handle of the vault is dropped.
async fn write(tables: Arc<Tables>, mut requests: mpsc::Receiver<Asked>) {
    let mut gathered = Vec::new();
    while requests.recv_many(&mut gathered, GATHERED_MAX).await > 0 {
        // Who believes in another epoch than the others is asked to wrap again; so one transaction has one.
        let epoch = gathered.iter().map(|asked| asked.writing.epoch).max();
        let mut together = Vec::new();
        for asked in gathered.drain(..) {
            if Some(asked.writing.epoch) == epoch {
                together.push(asked);
            } else {
                drop(asked.answer.send(Ok(Written::Moved)));
            }
        }
        let (writings, answers): (Vec<_>, Vec<_>) = together
            .into_iter()
            .map(|asked| (asked.writing, asked.answer))
            .unzip();
        let written = each!(&*tables, tables => tables.write(&writings).await);
        for (n, answer) in answers.into_iter().enumerate() {
            let of = match &written {
                Ok(None) => Ok(Written::Moved),
                Ok(Some(done)) => Ok(Written::Done {
                    keys: done.keys.clone(),
                    claimed: done.claimed[n].clone(),
                    fenced: done.fenced.clone(),
                }),
                Err(error) => Err(error.clone()),
            };
            // Who no longer waits needs no answer: a key without an entry is swept later.
            drop(answer.send(of));
        }
    }
}

/// What one transaction wrote for all that were gathered.
pub(super) struct DoneTogether {
    pub(super) keys: Arc<WrappedKeys>,
    pub(super) claimed: Vec<Vec<Claimed>>,
    pub(super) fenced: Arc<HashSet<Ref>>,
}
