//! Wrapped data keys on disk: `vault.sqlite` in the data directory.
//!
//! One task writes: while one transaction is on its way to the disk, arriving requests gather for the
//! next. Several processes of one host may share the file; the first to write a key has made it.
//! SQLite shows a transaction to others only after its bytes are on disk, so a key that was read is
//! durable.

use std::{collections::HashMap, sync::Arc};

use qonys_events::{id::Ref, term::SlotCategory};
use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::sync::{mpsc, oneshot};

use super::{VaultError, error::unavailable, opening::BUSY_TIMEOUT, provider::Epoch};

/// Connections that read.
const READERS: u32 = 4;
/// Requests for keys that one transaction gathers, and that wait for the writing task.
const GATHERED_MAX: usize = 256;

/// Whose key it is, and for which of the subject's values.
pub(super) type Owner = (Ref, SlotCategory);
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
    pub(super) wrapped: Wrapped,
    pub(super) createdfor: Ref,
}

/// The keys of one data directory.
pub(super) struct KeyStore {
    readers: SqlitePool,
    writer: mpsc::Sender<Minting>,
}

struct Minting {
    candidates: Vec<Candidate>,
    answer: oneshot::Sender<Result<Arc<WrappedKeys>, VaultError>>,
}

impl KeyStore {
    /// The store behind an open file, whose writing connection this is. Starts the writing task.
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions) -> Self {
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        let (writer, requests) = mpsc::channel(GATHERED_MAX);
        tokio::spawn(write(connection, requests));
        Self { readers, writer }
    }

    /// Empties the write-ahead log into the file.
    pub(super) async fn write_back(&self) -> Result<(), VaultError> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    /// The keys that exist, of these owners.
    pub(super) async fn read(&self, owners: &[Owner]) -> Result<WrappedKeys, VaultError> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        select(&mut connection, owners).await
    }

    /// Makes each candidate its owner's key, unless the owner has one. The keys of all owners, durable.
    pub(super) async fn mint(
        &self,
        candidates: Vec<Candidate>,
    ) -> Result<Arc<WrappedKeys>, VaultError> {
        let (answer, answered) = oneshot::channel();
        let gone = || unavailable("its writing task has ended");
        let minting = Minting { candidates, answer };
        self.writer.send(minting).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// The writing task: ends when the last handle of the vault is dropped.
async fn write(mut connection: SqliteConnection, mut requests: mpsc::Receiver<Minting>) {
    let mut gathered = Vec::new();
    while requests.recv_many(&mut gathered, GATHERED_MAX).await > 0 {
        let keys = insert(&mut connection, &gathered).await.map(Arc::new);
        for minting in gathered.drain(..) {
            // Who no longer waits needs no answer: a key without an entry is swept later.
            drop(minting.answer.send(keys.clone()));
        }
    }
}

/// One transaction for all that was gathered.
async fn insert(
    connection: &mut SqliteConnection,
    gathered: &[Minting],
) -> Result<WrappedKeys, VaultError> {
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    let mut owners = Vec::new();
    for candidate in gathered.iter().flat_map(|minting| &minting.candidates) {
        let (subject, category) = candidate.owner;
        sqlx::query(
            "INSERT INTO keys (subject, category, epoch, wrapped, createdfor) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject, category) DO NOTHING",
        )
        .bind(subject.to_string())
        .bind(category.as_str())
        .bind(candidate.wrapped.epoch)
        .bind(&candidate.wrapped.bytes)
        .bind(candidate.createdfor.to_string())
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        owners.push(candidate.owner);
    }
    let keys = select(&mut tx, &owners).await?;
    tx.commit().await.map_err(unavailable)?;
    Ok(keys)
}

async fn select(
    connection: &mut SqliteConnection,
    owners: &[Owner],
) -> Result<WrappedKeys, VaultError> {
    let wanted = serde_json::to_string(owners).map_err(unavailable)?;
    let rows: Vec<(String, String, Epoch, Vec<u8>)> = sqlx::query_as(
        "SELECT k.subject, k.category, k.epoch, k.wrapped \
         FROM json_each(?) AS wanted CROSS JOIN keys AS k \
         WHERE k.subject = wanted.value ->> 0 AND k.category = wanted.value ->> 1",
    )
    .bind(wanted)
    .fetch_all(connection)
    .await
    .map_err(unavailable)?;
    let keys = rows.into_iter().map(|(subject, category, epoch, bytes)| {
        let subject = subject.parse().map_err(unavailable)?;
        let category = category.parse().map_err(unavailable)?;
        Ok(((subject, category), Wrapped { epoch, bytes }))
    });
    keys.collect()
}
