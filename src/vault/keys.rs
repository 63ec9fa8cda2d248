//! Wrapped data keys on disk: `vault.sqlite` in the data directory.
//!
//! One task writes: while one transaction is on its way to the disk, arriving requests gather for the
//! next. Several processes of one host may share the file; the first to write a key has made it.
//! SQLite shows a transaction to others only after its bytes are on disk, so a key that was read is
//! durable.

use std::{collections::HashMap, sync::Arc, time::Duration};

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

/// Makes each candidate its owner's key, unless the owner has one.
const INSERT: &str = "INSERT INTO keys (subject, category, epoch, wrapped) \
     SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3) FROM json_each(?) WHERE true \
     ON CONFLICT (subject, category) DO NOTHING";
/// Remembers which keys were made together.
const MINTED: &str = "INSERT INTO mintings (made, owners) VALUES (unixepoch(), ?)";

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
    pub(super) wrapped: Wrapped,
}

/// Keys that were made together, of which it has not been looked yet whether they came to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minting {
    pub(super) id: i64,
    /// Whose keys they are.
    pub owners: Vec<Owner>,
}

/// The keys of one data directory.
pub(super) struct KeyStore {
    readers: SqlitePool,
    sweeping: SqlitePool,
    writer: mpsc::Sender<Asked>,
}

struct Asked {
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
            .connect_lazy_with(options.clone().pragma("query_only", "ON"));
        let sweeping = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_lazy_with(options);
        let (writer, requests) = mpsc::channel(GATHERED_MAX);
        tokio::spawn(write(connection, requests));
        Self {
            readers,
            sweeping,
            writer,
        }
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
        let asked = Asked { candidates, answer };
        self.writer.send(asked).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl KeyStore {
    /// Keys that were made together at least so long ago and have not been looked through.
    pub(super) async fn mintings(&self, older_than: Duration) -> Result<Vec<Minting>, VaultError> {
        let seconds = i64::try_from(older_than.as_secs()).unwrap_or(i64::MAX);
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT id, owners FROM mintings WHERE made <= unixepoch() - ? ORDER BY id",
        )
        .bind(seconds)
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let read = rows.into_iter().map(|(id, owners)| {
            let owners = serde_json::from_str(&owners).map_err(unavailable)?;
            Ok(Minting { id, owners })
        });
        read.collect()
    }

    /// Deletes the keys of a minting that nobody came to use, and forgets the minting.
    pub(super) async fn swept(
        &self,
        minting: &Minting,
        unused: &[Owner],
    ) -> Result<(), VaultError> {
        let unused = serde_json::to_string(unused).map_err(unavailable)?;
        let mut tx = self.sweeping.begin().await.map_err(unavailable)?;
        let delete = "DELETE FROM keys WHERE (subject, category) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
        sqlx::query(delete)
            .bind(unused)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let forget = sqlx::query("DELETE FROM mintings WHERE id = ?").bind(minting.id);
        forget.execute(&mut *tx).await.map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }
}

/// The writing task: ends when the last handle of the vault is dropped.
async fn write(mut connection: SqliteConnection, mut requests: mpsc::Receiver<Asked>) {
    let mut gathered = Vec::new();
    while requests.recv_many(&mut gathered, GATHERED_MAX).await > 0 {
        let keys = insert(&mut connection, &gathered).await.map(Arc::new);
        for asked in gathered.drain(..) {
            // Who no longer waits needs no answer: a key without an entry is swept later.
            drop(asked.answer.send(keys.clone()));
        }
    }
}

/// One transaction for all that was gathered.
async fn insert(
    connection: &mut SqliteConnection,
    gathered: &[Asked],
) -> Result<WrappedKeys, VaultError> {
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    let candidates = gathered.iter().flat_map(|asked| &asked.candidates);
    let mut owners = Vec::new();
    let mut rows = Vec::new();
    for candidate in candidates {
        let (subject, category) = candidate.owner;
        let wrapped = &candidate.wrapped;
        rows.push((subject, category, wrapped.epoch, hex(&wrapped.bytes)));
        owners.push(candidate.owner);
    }
    for (sql, values) in [
        (INSERT, serde_json::to_string(&rows)),
        (MINTED, serde_json::to_string(&owners)),
    ] {
        sqlx::query(sql)
            .bind(values.map_err(unavailable)?)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
    }
    let keys = select(&mut tx, &owners).await?;
    tx.commit().await.map_err(unavailable)?;
    Ok(keys)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
