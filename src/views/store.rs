//! The two stores behind the views: connections, transactions, and values on their way in and out.

use std::{path::Path, time::Duration};

use qonys_projections::{
    port::SinkError,
    table::{Close, Key, Kind, Row, Table, Value},
};
use sqlx::{
    ConnectOptions, Executor, PgPool, Postgres, Sqlite, SqlitePool,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use super::sql::{self, Dialect, Side};

/// The views' file in the data directory.
pub const FILE: &str = "views.sqlite";
/// Connections of one process that read or write views.
const CONNECTIONS: u32 = 8;
/// How long a connection may take to come up, or a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(5);
/// Rows that one statement takes on PostgreSQL.
const ROWS_PER_STATEMENT: usize = 4_000;
/// What every connection is. The role is the group's, whoever logged in. A crash may take the last batches back, rows and
/// checkpoint together: they are folded again, so no commit waits for the disk. Limits in milliseconds.
const SESSION: &str = "SET ROLE qonys_app; SET search_path = views; SET synchronous_commit = off; \
    SET statement_timeout = 60000; SET lock_timeout = 10000; \
    SET idle_in_transaction_session_timeout = 30000; SET client_min_messages = warning";

/// Where the views stand. Cheap to clone.
#[derive(Clone)]
pub(super) enum Store {
    /// The schema `views` of the log's database.
    Postgres(PgPool),
    /// A file beside the log's.
    Sqlite(SqlitePool),
}

/// A transaction on one of them. Dropping it rolls back.
pub(super) enum Transaction {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

/// The store cannot be reached, or what it holds no fold wrote.
pub(super) fn failed(error: sqlx::Error) -> SinkError {
    match error.as_database_error() {
        Some(answer) if answer.is_unique_violation() => SinkError::Broken(answer.to_string()),
        _ => SinkError::Unavailable(error.to_string()),
    }
}

/// Does work that must not stop half-way when its caller is dropped: sqlx would hand the connection to the next one with
/// a wrong count of open transactions.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = sqlx::Result<T>> + Send + 'static,
) -> Result<T, SinkError> {
    match tokio::spawn(work).await {
        Ok(done) => done.map_err(failed),
        Err(error) => Err(SinkError::Unavailable(error.to_string())),
    }
}

/// Binds values in order.
macro_rules! bind {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match value {
                Value::Null => query.bind(None::<String>),
                Value::Integer(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.to_string()),
            };
        }
        query
    }};
}

/// Reads rows whose columns are of these kinds.
macro_rules! read {
    ($rows:expr, $kinds:expr) => {{
        let mut read = Vec::with_capacity($rows.len());
        for row in &$rows {
            let mut values = Vec::with_capacity($kinds.len());
            for (i, kind) in $kinds.iter().enumerate() {
                values.push(value_of(row, i, *kind).map_err(failed)?);
            }
            read.push(Row(values));
        }
        Ok(read)
    }};
}

/// The value in a column.
fn value_of<'r, R>(row: &'r R, column: usize, kind: Kind) -> sqlx::Result<Value>
where
    R: sqlx::Row,
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    Ok(if kind.is_text() {
        let text: Option<String> = row.try_get(column)?;
        text.map_or(Value::Null, |text| Value::Text(text.into()))
    } else {
        let number: Option<i64> = row.try_get(column)?;
        number.map_or(Value::Null, Value::Integer)
    })
}

/// One column of many keys or rows as an array of its kind.
fn bind_array<'q, 'v>(
    query: Query<'q, Postgres, PgArguments>,
    kind: Kind,
    column: impl Iterator<Item = &'v Value>,
) -> Query<'q, Postgres, PgArguments> {
    if kind.is_text() {
        let texts: Vec<Option<String>> = column.map(|v| v.as_text().map(str::to_owned)).collect();
        query.bind(texts)
    } else {
        let numbers: Vec<Option<i64>> = column.map(Value::as_integer).collect();
        query.bind(numbers)
    }
}

fn sqlite_query<'q>(sql: &'q str, values: &[Value]) -> Query<'q, Sqlite, SqliteArguments<'q>> {
    bind!(sql, values)
}

impl Store {
    /// The views of a log on PostgreSQL: in its database, with the same login.
    pub(super) fn postgres(options: &PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| {
                Box::pin(async { connection.execute(SESSION).await.map(|_| ()) })
            });
        Self::Postgres(pool.connect_lazy_with(options.clone().application_name("qonys views")))
    }

    /// The views of an embedded log: a file of their own, so that no reader of views ever waits for an append. A crash
    /// of the machine may take the last batches back, rows and checkpoint together, and they are folded again: hence
    /// `synchronous = NORMAL`, which never damages a file in WAL mode.
    pub(super) fn sqlite(directory: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(directory.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(PATIENCE)
            .foreign_keys(false)
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        Self::Sqlite(pool.connect_lazy_with(options))
    }

    /// Which dialect it speaks.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Begins a transaction that writes. A caller that goes away meanwhile leaves no half-begun one behind: it is begun to
    /// the end and rolled back.
    pub(super) async fn begin(&self) -> Result<Transaction, SinkError> {
        let store = self.clone();
        to_the_end(async move {
            match &store {
                Self::Postgres(pool) => pool.begin().await.map(Transaction::Postgres),
                // The file's lock at once: a lock that is taken later cannot be waited for.
                Self::Sqlite(pool) => pool
                    .begin_with("BEGIN IMMEDIATE")
                    .await
                    .map(Transaction::Sqlite),
            }
        })
        .await
    }

    /// Runs a query whose text is the same on both stores; its columns are of these kinds.
    pub(super) async fn fetch(
        &self,
        sql: &str,
        values: &[Value],
        kinds: &[Kind],
    ) -> Result<Vec<Row>, SinkError> {
        match self {
            Self::Postgres(pool) => {
                let rows: Vec<PgRow> = bind!(sql, values).fetch_all(pool).await.map_err(failed)?;
                read!(rows, kinds)
            }
            Self::Sqlite(pool) => {
                let rows: Vec<SqliteRow> = sqlite_query(sql, values)
                    .fetch_all(pool)
                    .await
                    .map_err(failed)?;
                read!(rows, kinds)
            }
        }
    }

    /// The open rows of entities.
    pub(super) async fn known(
        &self,
        side: Side,
        table: &'static Table,
        entities: &[Key],
    ) -> Result<Vec<Row>, SinkError> {
        let sql = self.dialect().known(side, table);
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        match self {
            Self::Postgres(pool) => {
                let mut query = sqlx::query(&sql);
                for (i, kind) in sql::kinds(table, table.entity).into_iter().enumerate() {
                    query = bind_array(query, kind, entities.iter().map(|key| &key.0[i]));
                }
                let rows: Vec<PgRow> = query.fetch_all(pool).await.map_err(failed)?;
                read!(rows, kinds)
            }
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await.map_err(failed)?;
                let mut found: Vec<SqliteRow> = Vec::new();
                for entity in entities {
                    let query = sqlite_query(&sql, &entity.0);
                    found.extend(query.fetch_all(&mut *connection).await.map_err(failed)?);
                }
                read!(found, kinds)
            }
        }
    }

    /// Closes every connection.
    pub(super) async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Runs a statement; gives how many rows it changed.
    pub(super) async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, SinkError> {
        match self {
            Self::Postgres(on) => {
                let query = bind!(sql, values);
                query.execute(&mut **on).await.map(|d| d.rows_affected())
            }
            Self::Sqlite(on) => {
                let query = sqlite_query(sql, values);
                query.execute(&mut **on).await.map(|d| d.rows_affected())
            }
        }
        .map_err(failed)
    }

    /// Runs a query; its columns are of these kinds.
    pub(super) async fn fetch(
        &mut self,
        sql: &str,
        values: &[Value],
        kinds: &[Kind],
    ) -> Result<Vec<Row>, SinkError> {
        match self {
            Self::Postgres(on) => {
                let query = bind!(sql, values);
                let rows: Vec<PgRow> = query.fetch_all(&mut **on).await.map_err(failed)?;
                read!(rows, kinds)
            }
            Self::Sqlite(on) => {
                let query = sqlite_query(sql, values);
                let rows: Vec<SqliteRow> = query.fetch_all(&mut **on).await.map_err(failed)?;
                read!(rows, kinds)
            }
        }
    }

    /// Waits for the lock of a side and holds it to the end of the transaction.
    pub(super) async fn lock(&mut self, side: Side) -> Result<(), SinkError> {
        match self.dialect().lock(side) {
            Some(sql) => self.execute(sql, &[]).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Adds rows.
    pub(super) async fn insert(
        &mut self,
        side: Side,
        table: &'static Table,
        rows: &[Row],
    ) -> Result<(), SinkError> {
        let sql = self.dialect().insert(side, table);
        match self {
            Self::Postgres(on) => {
                for rows in rows.chunks(ROWS_PER_STATEMENT) {
                    let mut query = sqlx::query(&sql);
                    for (i, column) in table.columns.iter().enumerate() {
                        query = bind_array(query, column.kind, rows.iter().map(|row| &row.0[i]));
                    }
                    query.execute(&mut **on).await.map_err(failed)?;
                }
            }
            Self::Sqlite(on) => {
                for row in rows {
                    let query = sqlite_query(&sql, &row.0);
                    query.execute(&mut **on).await.map_err(failed)?;
                }
            }
        }
        Ok(())
    }

    /// Closes rows that are open. Every one of them must be.
    pub(super) async fn close(
        &mut self,
        side: Side,
        table: &'static Table,
        closes: &[Close],
    ) -> Result<(), SinkError> {
        let sql = self.dialect().close(side, table);
        let mut closed = 0;
        match self {
            Self::Postgres(on) => {
                for closes in closes.chunks(ROWS_PER_STATEMENT) {
                    let at: Vec<Value> = closes
                        .iter()
                        .map(|close| Value::number(close.recorded_to.0))
                        .collect();
                    let mut query = bind_array(sqlx::query(&sql), Kind::Integer, at.iter());
                    for (i, kind) in sql::kinds(table, table.key).into_iter().enumerate() {
                        query = bind_array(query, kind, closes.iter().map(|c| &c.key.0[i]));
                    }
                    let done = query.execute(&mut **on).await.map_err(failed)?;
                    closed += done.rows_affected();
                }
            }
            Self::Sqlite(on) => {
                for close in closes {
                    let mut values = vec![Value::number(close.recorded_to.0)];
                    values.extend(close.key.0.iter().cloned());
                    let query = sqlite_query(&sql, &values);
                    let done = query.execute(&mut **on).await.map_err(failed)?;
                    closed += done.rows_affected();
                }
            }
        }
        if closed == closes.len() as u64 {
            Ok(())
        } else {
            let (name, wanted) = (table.name, closes.len());
            Err(SinkError::Broken(format!(
                "{closed} of {wanted} rows to close are open in {name}"
            )))
        }
    }

    /// Makes it so. Once begun it is carried to its end, whether or not the caller stays.
    pub(super) async fn commit(self) -> Result<(), SinkError> {
        to_the_end(async move {
            match self {
                Self::Postgres(on) => on.commit().await,
                Self::Sqlite(on) => on.commit().await,
            }
        })
        .await
    }
}
