//! The statements on either database: the same code twice, made by one macro.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use qonys_events::{id::Ref, scalar::Position};
use sqlx::{
    Connection as _, Executor as _, PgConnection, PgPool, Row as _, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow},
};

use super::{
    super::{
        VaultError,
        blind::{Claim, Claimed, Row},
        error::unavailable,
        provider::Epoch,
    },
    BUSY_TIMEOUT, DoneTogether, LastEpoch, Minting, Owner, Wrapped, WrappedKeys, Writing, epochs,
    statements::{POSTGRES, SQLITE, Statements},
    upkeep,
};

/// Connections that read, and that write beside the writing task.
const READERS: u32 = 4;
const WRITERS: u32 = 2;

const SQLITE_SCHEMA: &str = include_str!("../sql/sqlite/schema.sql");
const POSTGRES_SESSION: &str = include_str!("../sql/postgres/session.sql");
/// The version of the file's tables.
const SCHEMA_VERSION: i64 = 3;
/// Versions that only lack some of them: an empty file, and the one before the blind index.
const OLDER_VERSIONS: [i64; 2] = [0, 2];

/// The tables in a file.
pub(in crate::vault) struct SqliteTables {
    readers: SqlitePool,
    writers: SqlitePool,
    sql: &'static Statements,
}

/// The tables in a database.
pub(in crate::vault) struct PostgresTables {
    readers: PgPool,
    writers: PgPool,
    sql: &'static Statements,
}

impl SqliteTables {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(BUSY_TIMEOUT)
                .test_before_acquire(false)
        };
        let reading = options.clone().pragma("query_only", "ON");
        Self {
            readers: pool(READERS).connect_lazy_with(reading),
            writers: pool(WRITERS).connect_lazy_with(options),
            sql: &SQLITE,
        }
    }

    /// Under the write lock, which all processes share: makes what is missing.
    pub(super) async fn prepare(&self) -> Result<(), VaultError> {
        let mut connection = self.writers.acquire().await.map_err(unavailable)?;
        let mut tx = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        // A file that has everything is not written to.
        if version == SCHEMA_VERSION {
            return tx.rollback().await.map_err(unavailable);
        }
        if !OLDER_VERSIONS.contains(&version) {
            return Err(unavailable(format!(
                "its file is of version {version}, not known here"
            )));
        }
        sqlx::raw_sql(SQLITE_SCHEMA)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    pub(super) async fn write_back(&self) -> Result<(), VaultError> {
        let mut connection = self.writers.acquire().await.map_err(unavailable)?;
        let emptied = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        emptied.map(drop).map_err(unavailable)
    }
}

impl PostgresTables {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let pool = |connections| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(BUSY_TIMEOUT)
                .after_connect(|connection, _| {
                    Box::pin(async { connection.execute(POSTGRES_SESSION).await.map(drop) })
                })
        };
        Self {
            readers: pool(READERS).connect_lazy_with(options.clone()),
            writers: pool(WRITERS).connect_lazy_with(options),
            sql: &POSTGRES,
        }
    }

    /// Whether the database can be reached and holds a vault.
    pub(super) async fn look(&self) -> Result<(), VaultError> {
        let looked = self
            .readers
            .execute("SELECT FROM vault.epochs LIMIT 1")
            .await;
        looked
            .map(drop)
            .map_err(|error| unavailable(format!("{error}: was it made by `qonys init`?")))
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(unavailable)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, VaultError>
where
    T::Err: ToString,
{
    text.parse().map_err(unavailable)
}

fn epoch_of(number: i64) -> Result<Epoch, VaultError> {
    Epoch::try_from(number).map_err(unavailable)
}

/// The rows of a claim as they are inserted.
fn rows_of(claim: &Claim) -> impl Iterator<Item = [String; 6]> {
    claim.rows.iter().map(|row| {
        [
            row.name.clone(),
            hex(&row.value),
            row.place.clone(),
            row.subject.to_string(),
            claim.command.to_string(),
            hex(&row.sealed),
        ]
    })
}

macro_rules! asked {
    ($tables:ident, $connection:ty, $row:ty, $begin:literal, $shared:expr, $exclusive:expr) => {
        impl $tables {
            /// The keys that exist, of these owners.
            pub(super) async fn read(&self, owners: &[Owner]) -> Result<WrappedKeys, VaultError> {
                let mut connection = self.readers.acquire().await.map_err(unavailable)?;
                self.select(&mut connection, owners).await
            }

            async fn run(
                on: &mut $connection,
                statement: Option<&'static str>,
            ) -> Result<(), VaultError> {
                let Some(statement) = statement else {
                    return Ok(());
                };
                let run = sqlx::query(statement).execute(on).await;
                run.map(drop).map_err(unavailable)
            }

            async fn select(
                &self,
                on: &mut $connection,
                owners: &[Owner],
            ) -> Result<WrappedKeys, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.select_keys)
                    .bind(json(owners)?)
                    .fetch_all(on)
                    .await
                    .map_err(unavailable)?;
                let keys = rows.into_iter().map(|row| {
                    let owner = (parsed(row.get(0))?, parsed(row.get(1))?);
                    let (epoch, bytes) = (epoch_of(row.get(2))?, row.get(3));
                    Ok((owner, Wrapped { epoch, bytes }))
                });
                keys.collect()
            }

            /// One transaction for all that were gathered; none where the epoch has moved.
            pub(super) async fn write(
                &self,
                writings: &[Writing],
            ) -> Result<Option<DoneTogether>, VaultError> {
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $shared).await?;
                let epoch: i64 = sqlx::query_scalar(&self.sql.epoch)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(unavailable)?;
                if writings
                    .iter()
                    .any(|writing| i64::from(writing.epoch) != epoch)
                {
                    return Ok(None);
                }
                let candidates = || writings.iter().flat_map(|writing| &writing.candidates);
                let owners: Vec<Owner> = candidates().map(|candidate| candidate.owner).collect();
                let mut fenced = HashSet::new();
                let mut keys = WrappedKeys::new();
                if !owners.is_empty() {
                    let rows: Vec<(String, String, String)> = candidates()
                        .map(|one| {
                            let (subject, category) = one.owner;
                            (subject.to_string(), category.to_string(), hex(&one.bytes))
                        })
                        .collect();
                    let insert = sqlx::query(&self.sql.insert_keys);
                    let insert = insert.bind(json(&rows)?).bind(epoch);
                    insert.execute(&mut *tx).await.map_err(unavailable)?;
                    let minting = sqlx::query(&self.sql.insert_minting).bind(json(&owners)?);
                    minting.execute(&mut *tx).await.map_err(unavailable)?;
                    keys = self.select(&mut tx, &owners).await?;
                    if keys.len() < owners.iter().collect::<HashSet<_>>().len() {
                        fenced = self.fenced(&mut tx, &owners).await?;
                    }
                }
                let claims: Vec<&Claim> = writings.iter().flat_map(|one| &one.claims).collect();
                let mut answers = self.claim(&mut tx, &claims, epoch).await?.into_iter();
                tx.commit().await.map_err(unavailable)?;
                let claimed = writings
                    .iter()
                    .map(|one| answers.by_ref().take(one.claims.len()).collect());
                Ok(Some(DoneTogether {
                    claimed: claimed.collect(),
                    keys: Arc::new(keys),
                    fenced: Arc::new(fenced),
                }))
            }

            async fn fenced(
                &self,
                on: &mut $connection,
                owners: &[Owner],
            ) -> Result<HashSet<Ref>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.fenced)
                    .bind(json(owners)?)
                    .fetch_all(on)
                    .await
                    .map_err(unavailable)?;
                rows.iter().map(|row| parsed(row.get(0))).collect()
            }

            /// Settles who stands for each claim: whoever stood there before, else the claim's own subject.
            async fn claim(
                &self,
                on: &mut $connection,
                claims: &[&Claim],
                epoch: i64,
            ) -> Result<Vec<Claimed>, VaultError> {
                if claims.is_empty() {
                    return Ok(Vec::new());
                }
                let known: Vec<&(String, Vec<u8>)> =
                    claims.iter().flat_map(|claim| &claim.known).collect();
                let mut owners = self.owners(on, &known).await?;
                let mut answers = Vec::with_capacity(claims.len());
                let (mut rows, mut touched) = (Vec::new(), Vec::new());
                for claim in claims {
                    match claim
                        .known
                        .iter()
                        .find_map(|known| owners.get(known))
                        .copied()
                    {
                        Some(subject) => {
                            touched.push([subject.to_string()]);
                            answers.push(Claimed {
                                subject,
                                fresh: false,
                            });
                        }
                        None => {
                            rows.extend(rows_of(claim));
                            let subject = claim.subject;
                            owners.extend(claim.known.iter().map(|known| (known.clone(), subject)));
                            answers.push(Claimed {
                                subject,
                                fresh: true,
                            });
                        }
                    }
                }
                // In one order, so that two processes never wait for each other.
                rows.sort_unstable();
                let insert = sqlx::query(&self.sql.insert_blind)
                    .bind(json(&rows)?)
                    .bind(epoch);
                insert.execute(&mut *on).await.map_err(unavailable)?;
                if !touched.is_empty() {
                    let touch = sqlx::query(&self.sql.touch_blind).bind(json(&touched)?);
                    touch.execute(&mut *on).await.map_err(unavailable)?;
                }
                // Somebody else may have been first since we looked; then our rows go again.
                let owners = self.owners(on, &known).await?;
                let mut lost = Vec::new();
                for (claim, answer) in claims.iter().zip(&mut answers) {
                    let first = claim
                        .known
                        .iter()
                        .find_map(|known| owners.get(known))
                        .copied();
                    if let Some(first) = first.filter(|first| *first != answer.subject) {
                        lost.push([claim.subject.to_string(), claim.command.to_string()]);
                        *answer = Claimed {
                            subject: first,
                            fresh: false,
                        };
                    }
                }
                if !lost.is_empty() {
                    let withdraw = sqlx::query(&self.sql.withdraw_blind).bind(json(&lost)?);
                    withdraw.execute(on).await.map_err(unavailable)?;
                }
                Ok(answers)
            }

            async fn owners(
                &self,
                on: &mut $connection,
                known: &[&(String, Vec<u8>)],
            ) -> Result<HashMap<(String, Vec<u8>), Ref>, VaultError> {
                let found = self
                    .rows(on, known.iter().map(|(name, value)| (name, value)))
                    .await?;
                let sole = found.into_iter().filter(|row| row.place.is_empty());
                Ok(sole
                    .map(|row| ((row.name, row.value), row.subject))
                    .collect())
            }

            async fn rows<'a>(
                &self,
                on: &mut $connection,
                values: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
            ) -> Result<Vec<Row>, VaultError> {
                let values: Vec<[String; 2]> = values
                    .map(|(name, value)| [name.clone(), hex(value)])
                    .collect();
                let rows: Vec<$row> = sqlx::query(&self.sql.find_blind)
                    .bind(json(&values)?)
                    .fetch_all(on)
                    .await
                    .map_err(unavailable)?;
                let rows = rows.into_iter().map(|row| {
                    Ok(Row {
                        name: row.get(0),
                        value: row.get(1),
                        place: row.get(2),
                        subject: parsed(row.get(3))?,
                        sealed: Vec::new(),
                    })
                });
                rows.collect()
            }

            /// The rows of the blind index with these values.
            pub(super) async fn find(
                &self,
                values: &[(String, Vec<u8>)],
            ) -> Result<Vec<Row>, VaultError> {
                let mut connection = self.readers.acquire().await.map_err(unavailable)?;
                let values = values.iter().map(|(name, value)| (name, value));
                self.rows(&mut connection, values).await
            }
        }
    };
}

/// Everything that is asked of both.
macro_rules! both {
    ($($arguments:tt)*) => {
        asked!($($arguments)*);
        upkeep!($($arguments)*);
        epochs!($($arguments)*);
    };
}

both!(
    SqliteTables,
    SqliteConnection,
    SqliteRow,
    "BEGIN IMMEDIATE",
    None,
    None
);
// The number is the bytes 'qonysepo'. Who writes shares the lock; who rolls the epoch does not.
both!(
    PostgresTables,
    PgConnection,
    PgRow,
    "BEGIN",
    Some("SELECT pg_advisory_xact_lock_shared(8173873316606079087)"),
    Some("SELECT pg_advisory_xact_lock(8173873316606079087)")
);
