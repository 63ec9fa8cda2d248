//! From a place to an open vault: files closed to others, tables, the first epoch and its key.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use qonys_events::id::Origin;
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Keeper, VaultError, VaultPlace,
    envelope::Secret,
    error::unavailable,
    provider::{Epoch, FIRST_EPOCH, Provider, Wrapping, file::KeyFile, token::Token},
    store::{BUSY_TIMEOUT, LastEpoch, Tables},
};

const FILE: &str = "vault.sqlite";
/// SQLite does not wait while a new file changes to its write-ahead log: we ask again.
const CONNECT_ATTEMPTS_MAX: u32 = 250;
const CONNECT_PAUSE: Duration = Duration::from_millis(20);
const POSTGRES_ROLES: &str = include_str!("sql/postgres/roles.sql");
const POSTGRES_SCHEMA: &str = include_str!("sql/postgres/schema.sql");

/// What an epoch begins with; one that has begun already leaves it unused.
pub(super) struct Fresh {
    /// Its key-encryption key, for a provider that draws none itself.
    pub(super) key: Secret,
    /// The key of the blind index.
    pub(super) pepper: Secret,
    /// The nonces of its probe and of its wrapped pepper.
    pub(super) nonces: [[u8; 12]; 2],
}

/// What a vault stands on.
pub(super) struct Opened {
    pub(super) tables: Arc<Tables>,
    pub(super) provider: Arc<dyn Provider>,
    /// The epoch that new keys are wrapped in.
    pub(super) epoch: Epoch,
}

/// Opens the vault of a place, or makes it. Processes that come at the same time agree on one.
pub(super) async fn open(
    place: &VaultPlace,
    origin: &Origin,
    fresh: &Fresh,
) -> Result<Opened, VaultError> {
    let at_fault = |e| unavailable(format!("{}: {e}", place.directory.display()));
    let tables = match &place.database {
        Some(url) => {
            prepare_directory(&place.directory).map_err(at_fault)?;
            Tables::postgres(postgres(url)?)
        }
        None => {
            let file = prepare(&place.directory).map_err(at_fault)?;
            let options = sqlite(file);
            drop(connect(&options).await.map_err(unavailable)?.close().await);
            Tables::sqlite(options)
        }
    };
    let provider: Arc<dyn Provider> = match &place.keeper {
        Keeper::File => Arc::new(KeyFile::of(&place.directory)?),
        Keeper::Token(at) => Arc::new(Token::of(at, origin).await?),
    };
    tables.prepare().await?;
    let epoch = enter(&tables, &*provider, origin, fresh).await?;
    Ok(Opened {
        tables: Arc::new(tables),
        provider,
        epoch,
    })
}

fn sqlite(file: PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

fn postgres(url: &str) -> Result<PgConnectOptions, VaultError> {
    let options = PgConnectOptions::from_str(url);
    let options = options.map_err(|_| unavailable("not the URL of a database"))?;
    Ok(options
        .application_name("qonys-vault")
        .disable_statement_logging())
}

/// Makes roles and tables of a vault in a database, as its owner. May be repeated.
pub(super) async fn init(url: &str) -> Result<(), VaultError> {
    let mut connection = PgConnection::connect_with(&postgres(url)?)
        .await
        .map_err(unavailable)?;
    let quiet = "SET client_min_messages = warning; SET lock_timeout = 5000";
    connection.execute(quiet).await.map_err(unavailable)?;
    connection
        .execute(POSTGRES_ROLES)
        .await
        .map_err(unavailable)?;
    let mut tx = connection.begin().await.map_err(unavailable)?;
    tx.execute(POSTGRES_SCHEMA).await.map_err(unavailable)?;
    tx.commit().await.map_err(unavailable)?;
    drop(connection.close().await);
    Ok(())
}

/// Makes the directory, closed to others and durable.
fn prepare_directory(dir: &Path) -> io::Result<PathBuf> {
    let dir = std::path::absolute(dir)?;
    let missing: Vec<_> = dir.ancestors().take_while(|dir| !dir.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    for changed in missing.into_iter().filter_map(Path::parent) {
        File::open(changed)?.sync_all()?;
    }
    Ok(dir)
}

/// Makes directory and file, closed to others and durable. SQLite gives its side files the same mode.
fn prepare(dir: &Path) -> io::Result<PathBuf> {
    let dir = prepare_directory(dir)?;
    let file = dir.join(FILE);
    create(&file)?;
    File::open(&dir)?.sync_all()?;
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

/// Makes the first epoch if there is none, else checks that origin and key are those of the last one.
async fn enter(
    tables: &Tables,
    provider: &dyn Provider,
    origin: &Origin,
    fresh: &Fresh,
) -> Result<Epoch, VaultError> {
    loop {
        let Some(last) = tables.last_epoch().await? else {
            tables
                .advance(None, async || {
                    begin(provider, origin, FIRST_EPOCH, fresh).await
                })
                .await?;
            continue;
        };
        let epoch = last.epoch;
        if last.origin != origin.as_str() {
            return Err(VaultError::Foreign {
                found: last.origin,
                expected: origin.clone(),
            });
        }
        if last.provider != provider.name() {
            return Err(unavailable(format!(
                "its keys are wrapped by the provider `{}`, and it was opened with `{}`",
                last.provider,
                provider.name()
            )));
        }
        if !provider.holds(epoch).await? {
            return Err(provider.without(epoch));
        }
        provider.check(origin, epoch, &last.probe).await?;
        if tables.peppers().await?.is_empty() {
            let pepper = pepper(provider, origin, epoch, fresh).await?;
            tables.add_pepper(epoch, pepper).await?;
        }
        return Ok(epoch);
    }
}

async fn pepper(
    provider: &dyn Provider,
    origin: &Origin,
    epoch: Epoch,
    fresh: &Fresh,
) -> Result<Vec<u8>, VaultError> {
    let wrapping = Wrapping::Pepper { origin, epoch };
    provider
        .wrap_one(&wrapping, fresh.nonces[1], &fresh.pepper)
        .await
}

/// What an epoch begins with: its key at the provider, its probe, its pepper.
pub(super) async fn begin(
    provider: &dyn Provider,
    origin: &Origin,
    epoch: Epoch,
    fresh: &Fresh,
) -> Result<(LastEpoch, Vec<u8>), VaultError> {
    provider.begin(epoch, fresh.key.copy()).await?;
    let probe = provider.probe(origin, epoch, fresh.nonces[0]).await?;
    let pepper = pepper(provider, origin, epoch, fresh).await?;
    let last = LastEpoch {
        epoch,
        provider: provider.name().to_owned(),
        origin: origin.as_str().to_owned(),
        probe,
    };
    Ok((last, pepper))
}
