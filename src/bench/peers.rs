//! The other sides: an event store as its documents use it, the floor of one transaction per event, the ceiling of a
//! thousand rows per transaction. Each keeps the same bytes under the same indexes as the log does.

use std::time::{Duration, Instant};

use sqlx::{Executor as _, PgConnection};

use super::{Trouble, database::Scratch};

mod pgbench;
mod postgres_es;

pub(super) use pgbench::Pgbench;
pub(super) use postgres_es::PostgresEs;

/// The log's table without its checks: position, place in the stream, entry and command, each with its index.
const TABLE: &str = include_str!("sql/entries.sql");
/// A thousand rows in one statement.
const INSERT: &str = include_str!("sql/insert_rows.sql");
/// Rows of one transaction.
const ROWS: usize = 1_000;

/// One connection that writes a thousand rows per transaction: what the server can take at most.
pub(super) struct Rows {
    connection: PgConnection,
    entry: String,
}

impl Rows {
    /// Makes the table in a database of its own. Every row holds this text.
    pub(super) async fn create(scratch: &Scratch, entry: &str) -> Result<Self, Trouble> {
        let mut connection = scratch.connect().await?;
        connection.execute(TABLE).await?;
        Ok(Self {
            connection,
            entry: entry.to_owned(),
        })
    }

    /// Rows per second.
    pub(super) async fn rate(&mut self, lasting: Duration) -> Result<f64, Trouble> {
        let (start, mut done) = (Instant::now(), 0_u32);
        let entries = vec![self.entry.as_str(); ROWS];
        while start.elapsed() < lasting {
            let query = sqlx::query(INSERT).bind(&entries);
            query.execute(&mut self.connection).await?;
            done += ROWS as u32;
        }
        Ok(f64::from(done) / start.elapsed().as_secs_f64())
    }
}
