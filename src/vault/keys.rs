//! Wrapped data keys on disk: `vault.sqlite` in the data directory.
//!
//! One task writes: while one transaction is on its way to the disk, arriving requests gather for the
//! next. Several processes of one host may share the file; the first to write a key has made it.
//! SQLite shows a transaction to others only after its bytes are on disk, so a key that was read is
//! durable.

use std::{
    collections::HashMap,
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use qonys_events::{
    id::{Origin, Ref},
    term::SlotCategory,
};
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    VaultError,
    envelope::Secret,
    provider::{Epoch, FIRST_EPOCH, Provider},
};

const FILE: &str = "vault.sqlite";
const SCHEMA: &str = include_str!("schema.sql");
const SCHEMA_VERSION: i64 = 1;
/// How long a transaction of another process may take before ours gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite does not wait while a new file changes to its write-ahead log: we ask again.
const CONNECT_ATTEMPTS_MAX: u32 = 250;
const CONNECT_PAUSE: Duration = Duration::from_millis(20);
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

/// What a vault stands on once its file is open.
pub(super) struct Opened {
    pub(super) store: KeyStore,
    pub(super) provider: Provider,
    pub(super) epoch: Epoch,
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
    /// Opens the file, or makes it and with it the first epoch, wrapped by a key file. Processes
    /// that come at the same time agree on one.
    pub(super) async fn open(
        dir: &Path,
        origin: &Origin,
        fresh: Secret,
        nonce: [u8; 12],
    ) -> Result<Opened, VaultError> {
        let file = prepare(dir).map_err(|e| unavailable(format!("{}: {e}", dir.display())))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let mut connection = connect(&options).await.map_err(unavailable)?;
        let (provider, epoch) = enter(&mut connection, dir, origin, fresh, nonce).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        let (writer, requests) = mpsc::channel(GATHERED_MAX);
        tokio::spawn(write(connection, requests));
        Ok(Opened {
            store: Self { readers, writer },
            provider,
            epoch,
        })
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

/// Makes directory and file, closed to others and durable. SQLite gives its side files the same mode.
fn prepare(dir: &Path) -> io::Result<PathBuf> {
    let dir = std::path::absolute(dir)?;
    let missing: Vec<_> = dir.ancestors().take_while(|dir| !dir.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let file = dir.join(FILE);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&file)?;
    for changed in missing
        .into_iter()
        .filter_map(Path::parent)
        .chain([dir.as_path()])
    {
        File::open(changed)?.sync_all()?;
    }
    Ok(file)
}

async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<SqliteConnection> {
    for _ in 1..CONNECT_ATTEMPTS_MAX {
        match options.connect().await {
            Err(error) if is_busy(&error) => tokio::time::sleep(CONNECT_PAUSE).await,
            connected => return connected,
        }
    }
    options.connect().await
}

/// Whether somebody else holds the file: SQLITE_BUSY, also in its longer forms.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}

/// Under the write lock, which all processes share: makes the tables and the first epoch if there are
/// none, else checks that origin and key are those of the last epoch.
async fn enter(
    connection: &mut SqliteConnection,
    dir: &Path,
    origin: &Origin,
    fresh: Secret,
    nonce: [u8; 12],
) -> Result<(Provider, Epoch), VaultError> {
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
    match version {
        0 => drop(
            sqlx::raw_sql(SCHEMA)
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?,
        ),
        SCHEMA_VERSION => {}
        other => {
            return Err(unavailable(format!(
                "{FILE} is of version {other}, not known here"
            )));
        }
    }
    let last: Option<(Epoch, String, String, Vec<u8>)> = sqlx::query_as(
        "SELECT epoch, provider, origin, probe FROM epochs ORDER BY epoch DESC LIMIT 1",
    )
    .fetch_optional(&mut *tx)
    .await
    .map_err(unavailable)?;
    let Some((epoch, name, found, probe)) = last else {
        let provider = Provider::file_or_fresh(dir, fresh)?;
        sqlx::query("INSERT INTO epochs (epoch, provider, origin, probe) VALUES (?, ?, ?, ?)")
            .bind(FIRST_EPOCH)
            .bind(provider.name())
            .bind(origin.as_str())
            .bind(provider.probe(origin, FIRST_EPOCH, nonce))
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        return Ok((provider, FIRST_EPOCH));
    };
    if found != origin.as_str() {
        return Err(VaultError::Foreign {
            found,
            expected: origin.clone(),
        });
    }
    let provider = Provider::file(dir)?;
    if name != provider.name() {
        return Err(unavailable(format!(
            "its keys are wrapped by {name}, not known here"
        )));
    }
    provider.check(origin, epoch, &probe)?;
    Ok((provider, epoch))
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

fn unavailable(cause: impl ToString) -> VaultError {
    VaultError::Unavailable(cause.to_string())
}
