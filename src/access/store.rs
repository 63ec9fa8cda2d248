//! `access.sqlite` in the data directory: references of officials, and API keys by the hash of their secrets. Closed to
//! other users of the machine, as the vault is.

use std::{
    collections::BTreeSet,
    fs::{DirBuilder, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use qonys_events::id::Ref;
use ring::hmac;
use sqlx::{
    ConnectOptions as _, Row as _, SqlitePool,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use zeroize::Zeroizing;

use super::{Refused, keys::KeyRecord};
use crate::clock::{Clock, Entropy};

const FILE: &str = "access.sqlite";
const KEY_FILE: &str = "access.key";
const SCHEMA: &str = include_str!("schema.sql");
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

fn unavailable(error: impl std::fmt::Display) -> Refused {
    Refused::Unavailable(format!("{FILE}: {error}"))
}

/// The store of one directory. Cheap to clone.
#[derive(Clone)]
pub(super) struct Store {
    pool: SqlitePool,
    key: Arc<hmac::Key>,
}

impl Store {
    /// Opens the store of a directory, or makes it.
    pub(super) async fn open(directory: &Path) -> Result<Self, Refused> {
        let file = prepare(directory).map_err(unavailable)?;
        let key = key(directory).map_err(|e| unavailable(format!("{KEY_FILE}: {e}")))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(unavailable)?;
        let mut tx = pool
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
            1 => {}
            other => {
                return Err(unavailable(format!(
                    "it is of version {other}, not known here"
                )));
            }
        }
        tx.commit().await.map_err(unavailable)?;
        Ok(Self {
            pool,
            key: Arc::new(key),
        })
    }

    /// The reference of whom a provider names so: the one that he has, or a new one.
    pub(super) async fn official(&self, issuer: &str, subject: &str) -> Result<Ref, Refused> {
        let mut context = hmac::Context::with_key(&self.key);
        for part in ["qonys/identity/1", issuer, subject] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let identity = context.sign();
        let official: String = sqlx::query_scalar(
            "INSERT INTO officials (identity, official, issuer, seen) VALUES (?, ?, ?, ?) \
             ON CONFLICT (identity) DO UPDATE SET seen = excluded.seen RETURNING official",
        )
        .bind(identity.as_ref())
        .bind(Entropy::System.reference().to_string())
        .bind(issuer)
        .bind(Clock::System.now().micros() / 1_000_000)
        .fetch_one(&self.pool)
        .await
        .map_err(unavailable)?;
        official.parse().map_err(unavailable)
    }

    pub(super) async fn add_key(&self, key: &KeyRecord) -> Result<(), Refused> {
        let roles: Vec<&str> = key.roles.iter().map(|role| role.name()).collect();
        let scopes = key
            .scopes
            .as_ref()
            .map(|scopes| scopes.iter().cloned().collect::<Vec<_>>().join(" "));
        sqlx::query(
            "INSERT INTO api_keys (id, hash, official, roles, office, scopes, label, expires) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&key.id)
        .bind(&key.hash[..])
        .bind(key.official.to_string())
        .bind(roles.join(" "))
        .bind(key.office.as_ref().map(ToString::to_string))
        .bind(scopes)
        .bind(&key.label)
        .bind(key.expires)
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    pub(super) async fn keys(&self) -> Result<Vec<KeyRecord>, Refused> {
        let rows = sqlx::query(
            "SELECT id, hash, official, roles, office, scopes, label, expires, revoked \
             FROM api_keys ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        rows.iter().map(record).collect()
    }

    pub(super) async fn revoke_key(&self, id: &str, at: i64) -> Result<bool, Refused> {
        let done = sqlx::query("UPDATE api_keys SET revoked = ? WHERE id = ? AND revoked IS NULL")
            .bind(at)
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(unavailable)?;
        Ok(done.rows_affected() == 1)
    }
}

fn record(row: &SqliteRow) -> Result<KeyRecord, Refused> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(unavailable);
    let some = |column: &str| {
        row.try_get::<Option<String>, _>(column)
            .map_err(unavailable)
    };
    let hash: Vec<u8> = row.try_get("hash").map_err(unavailable)?;
    let roles: Result<_, String> = text("roles")?.split(' ').map(str::parse).collect();
    let office = some("office")?.map(|office| office.parse()).transpose();
    let scopes = some("scopes")?;
    Ok(KeyRecord {
        id: text("id")?,
        hash: hash.try_into().map_err(|_| unavailable("a damaged hash"))?,
        official: text("official")?.parse().map_err(unavailable)?,
        roles: roles.map_err(unavailable)?,
        office: office.map_err(unavailable)?,
        scopes: scopes.map(|scopes| {
            let names = scopes.split(' ').filter(|name| !name.is_empty());
            names.map(str::to_owned).collect::<BTreeSet<_>>()
        }),
        label: text("label")?,
        expires: row.try_get("expires").map_err(unavailable)?,
        revoked: row.try_get("revoked").map_err(unavailable)?,
    })
}

/// Makes directory and file, closed to others.
fn prepare(directory: &Path) -> io::Result<std::path::PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let file = directory.join(FILE);
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
    {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(file),
    }
}

/// The key under which identities are hashed: the directory's own, made with the first one.
fn key(directory: &Path) -> io::Result<hmac::Key> {
    let path = directory.join(KEY_FILE);
    if !path.exists() {
        make(directory, &path)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(&path)?.read_to_end(&mut bytes)?;
    if bytes.len() != 32 {
        return Err(io::Error::other("it has another length than 32 bytes"));
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// Makes the key's file whole or not at all; where another process was faster, its key stands.
fn make(directory: &Path, path: &Path) -> io::Result<()> {
    let unfinished = directory.join(format!("{KEY_FILE}.{}", Entropy::System.reference()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let bytes = Zeroizing::new(Entropy::System.bytes::<32>());
    file.write_all(&*bytes)?;
    file.sync_all()?;
    match std::fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    std::fs::remove_file(&unfinished)?;
    std::fs::File::open(directory)?.sync_all()
}
