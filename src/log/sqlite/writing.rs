//! The one connection that writes: an append is one transaction, durable when it ends.

use std::sync::LazyLock;

use qonys_events::{
    id::{Origin, Ref},
    scalar::Position,
    term::ClockKind,
};
use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use super::reading::{head, integer, listed, unavailable};
use crate::{
    clock::Clock,
    log::{Batch, LogError, NewLog, rules},
};

const INSERT_ENTRY: &str = include_str!("../sql/sqlite/insert_entry.sql");
const INSERT_SLOT: &str = include_str!("../sql/sqlite/insert_slot.sql");
const DESTROY_SEALED: &str = include_str!("../sql/sqlite/destroy_sealed.sql");
const INSERT_HEAD: &str = include_str!("../sql/sqlite/insert_head.sql");

/// SQLite's primary code for a broken constraint or a trigger that raises.
const CONSTRAINT: u32 = 19;

/// The connection that writes, and whether it may stand in a transaction that nobody will end.
pub(super) struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    in_transaction: bool,
    log: Option<(Origin, ClockKind)>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            connection: None,
            in_transaction: false,
            log: None,
        }
    }

    /// Tells the writer whose entries it takes.
    pub(super) fn set_log(&mut self, settings: &NewLog) {
        self.log = Some((settings.origin.clone(), settings.clock));
    }

    /// The connection, opened if it is not.
    pub(super) async fn connection(&mut self) -> Result<&mut SqliteConnection, LogError> {
        if self.connection.is_none() {
            let opened = SqliteConnection::connect_with(&self.options).await;
            self.connection = Some(opened.map_err(unavailable)?);
        }
        self.connection
            .as_mut()
            .ok_or_else(|| unavailable("the file is closed"))
    }

    /// Begins a transaction, after rolling back one that was dropped on its way.
    pub(super) async fn begin(&mut self) -> Result<(), LogError> {
        if self.in_transaction {
            // It fails where the dropped one had just come to its end.
            drop(self.connection().await?.execute("ROLLBACK").await);
        }
        self.in_transaction = true;
        match self.connection().await?.execute("BEGIN IMMEDIATE").await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.close();
                Err(unavailable(error))
            }
        }
    }

    /// Appends in the transaction that is open, and commits. What stood in the log before is `old`: its times are not
    /// compared with the clock.
    pub(super) async fn append(
        &mut self,
        expected: Position,
        batch: &Batch,
        old: bool,
    ) -> Result<(), LogError> {
        if let Err(error) = self.insert(expected, batch, old).await {
            if self.connection().await?.execute("ROLLBACK").await.is_err() {
                self.close();
            }
            self.in_transaction = false;
            return Err(error);
        }
        match self.connection().await?.execute("COMMIT").await {
            Ok(_) => {
                self.in_transaction = false;
                Ok(())
            }
            // The file has the transaction or not: the next look at it will tell.
            Err(error) => {
                self.close();
                Err(LogError::OutcomeUnknown(error.to_string()))
            }
        }
    }

    async fn insert(
        &mut self,
        expected: Position,
        batch: &Batch,
        old: bool,
    ) -> Result<(), LogError> {
        let (origin, clock) = self
            .log
            .clone()
            .ok_or_else(|| unavailable("no log is open"))?;
        let on = self.connection().await?;
        let head = head(&mut *on).await?;
        if head.position != expected {
            return Err(LogError::HeadMoved(head.position));
        }
        let now = match clock {
            ClockKind::System if !old => Some(Clock::System.now()),
            _ => None,
        };
        rules::check(&origin, &head, now, batch)?;
        for entries in in_chunks(&batch.entries) {
            let mut query = sqlx::query(statement(&INSERT_ENTRIES, entries.len()));
            for entry in entries {
                let place = &entry.place;
                query = query
                    .bind(integer(place.position.0)?)
                    .bind(place.subject.kind().name())
                    .bind(place.subject.key())
                    .bind(integer(place.streamseq.0)?)
                    .bind(place.id.0)
                    .bind(entry.commandid.0)
                    .bind(integer(place.commandindex.0)?)
                    .bind(place.time.micros())
                    .bind(rules::type_of(&entry.text))
                    .bind(&entry.text);
            }
            query.execute(&mut *on).await.map_err(refused)?;
        }
        for slots in in_chunks(&batch.sealed) {
            let mut query = sqlx::query(statement(&INSERT_SLOTS, slots.len()));
            for slot in slots {
                query = query
                    .bind(slot.hash.0.to_vec())
                    .bind(slot.commandid.0)
                    .bind(slot.name.as_str())
                    .bind(slot.subject.0)
                    .bind(&slot.bytes);
            }
            query.execute(&mut *on).await.map_err(refused)?;
        }
        let last = batch
            .entries
            .last()
            .ok_or_else(|| unavailable("the batch is empty"))?;
        let query = sqlx::query(INSERT_HEAD)
            .bind(integer(last.place.position.0)?)
            .bind(last.place.time.micros())
            .bind(batch.frontier.to_bytes());
        query.execute(on).await.map_err(refused)?;
        Ok(())
    }

    /// Destroys sealed slots through the vault's door, in the transaction that is open, and commits. The bytes go from the
    /// write-ahead log too.
    pub(super) async fn destroy_sealed(&mut self, subjects: &[Ref]) -> Result<u64, LogError> {
        let destroyed = self.through_the_door(listed(subjects)).await;
        let ended = match &destroyed {
            Ok(_) => "COMMIT",
            Err(_) => "ROLLBACK",
        };
        let ended = self.connection().await?.execute(ended).await;
        self.in_transaction = false;
        if let Err(error) = ended {
            self.close();
            return Err(unavailable(error));
        }
        let destroyed = destroyed?;
        if destroyed > 0 {
            self.write_back().await?;
        }
        Ok(destroyed)
    }

    async fn through_the_door(&mut self, listed: String) -> Result<u64, LogError> {
        let on = self.connection().await?;
        on.execute("INSERT INTO vault_door (open) VALUES (1)")
            .await
            .map_err(unavailable)?;
        let destroyed = sqlx::query(DESTROY_SEALED)
            .bind(listed)
            .execute(&mut *on)
            .await
            .map_err(unavailable)?;
        on.execute("DELETE FROM vault_door")
            .await
            .map_err(unavailable)?;
        Ok(destroyed.rows_affected())
    }

    /// Empties the write-ahead log into the file.
    pub(super) async fn write_back(&mut self) -> Result<(), LogError> {
        let emptied = self
            .connection()
            .await?
            .execute("PRAGMA wal_checkpoint(TRUNCATE)")
            .await;
        emptied.map(drop).map_err(unavailable)
    }

    /// Forgets a connection whose state is not known.
    fn close(&mut self) {
        self.connection = None;
        self.in_transaction = false;
    }
}

/// Rows that one statement inserts: each statement costs a way to the connection's thread and back.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];

/// The statement for each size of chunk.
type Statements = LazyLock<[String; CHUNKS.len()]>;

static INSERT_ENTRIES: Statements = LazyLock::new(|| repeated(INSERT_ENTRY));
static INSERT_SLOTS: Statements = LazyLock::new(|| repeated(INSERT_SLOT));

/// An `INSERT … VALUES (…)` of one row, for each size of chunk.
fn repeated(one: &str) -> [String; CHUNKS.len()] {
    let one = one.trim_end();
    let row = one.rsplit("VALUES").next().unwrap_or_default();
    CHUNKS.map(|rows| one.to_owned() + &format!(",{row}").repeat(rows - 1))
}

/// The statement for a chunk of this many rows.
fn statement(statements: &'static Statements, rows: usize) -> &'static str {
    let sized = CHUNKS
        .iter()
        .zip(statements.iter())
        .find(|(size, _)| **size == rows);
    sized.map_or("", |(_, statement)| statement)
}

/// Cuts a slice into pieces of the sizes of [`CHUNKS`], in order.
fn in_chunks<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= rest.len())?;
        let (chunk, after) = rest.split_at(size);
        rest = after;
        Some(chunk)
    })
}

/// What the file refused, or that it cannot be used.
fn refused(error: sqlx::Error) -> LogError {
    let code = error
        .as_database_error()
        .and_then(|e| e.code()?.parse::<u32>().ok());
    match code {
        // Extended codes carry the primary one in their low byte.
        Some(code) if code & 0xff == CONSTRAINT => LogError::Refused(error.to_string()),
        _ => unavailable(error),
    }
}
