//! From a directory to an open vault: files closed to others, tables, the first epoch and its key.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use qonys_events::id::Origin;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    VaultError,
    envelope::Secret,
    error::unavailable,
    keys::KeyStore,
    provider::{Epoch, FIRST_EPOCH, Provider},
};

const FILE: &str = "vault.sqlite";
const SCHEMA: &str = include_str!("schema.sql");
const SCHEMA_VERSION: i64 = 2;
/// How long a transaction of another process may take before ours gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite does not wait while a new file changes to its write-ahead log: we ask again.
const CONNECT_ATTEMPTS_MAX: u32 = 250;
const CONNECT_PAUSE: Duration = Duration::from_millis(20);

/// What a new vault begins with; an old one leaves it unused.
pub(super) struct Fresh {
    /// Its key-encryption key.
    pub(super) key: Secret,
    /// The nonce of its probe.
    pub(super) nonce: [u8; 12],
}

/// What a vault stands on.
pub(super) struct Opened {
    pub(super) store: KeyStore,
    pub(super) provider: Provider,
    /// The epoch that new keys are wrapped in.
    pub(super) epoch: Epoch,
}

/// Opens the vault of a directory, or makes it. Processes that come at the same time agree on one.
pub(super) async fn open(dir: &Path, origin: &Origin, fresh: Fresh) -> Result<Opened, VaultError> {
    let file = prepare(dir).map_err(|e| unavailable(format!("{}: {e}", dir.display())))?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let mut connection = connect(&options).await.map_err(unavailable)?;
    let (provider, epoch) = enter(&mut connection, dir, origin, fresh).await?;
    let store = KeyStore::start(connection, options);
    Ok(Opened {
        store,
        provider,
        epoch,
    })
}

/// Makes directory and file, closed to others and durable. SQLite gives its side files the same mode.
fn prepare(dir: &Path) -> io::Result<PathBuf> {
    let dir = std::path::absolute(dir)?;
    let missing: Vec<_> = dir.ancestors().take_while(|dir| !dir.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let file = dir.join(FILE);
    create(&file)?;
    for changed in missing
        .into_iter()
        .filter_map(Path::parent)
        .chain([dir.as_path()])
    {
        File::open(changed)?.sync_all()?;
    }
    Ok(file)
}

/// Makes the file unless it exists. A file that exists is not touched: a process that closes any handle
/// of a file loses the locks that SQLite holds on it. For the same reason one at a time.
fn create(file: &Path) -> io::Result<()> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
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
    fresh: Fresh,
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
        0 => {
            sqlx::raw_sql(SCHEMA)
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?;
        }
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
        let provider = Provider::file_or_fresh(dir, fresh.key)?;
        sqlx::query("INSERT INTO epochs (epoch, provider, origin, probe) VALUES (?, ?, ?, ?)")
            .bind(FIRST_EPOCH)
            .bind(provider.name())
            .bind(origin.as_str())
            .bind(provider.probe(origin, FIRST_EPOCH, fresh.nonce))
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
