//! The two stores, made for one test each.

use std::sync::Arc;

use qonys::log::{Log, LogError, NewLog, postgres::PgLog, sqlite::SqliteLog};
use qonys_events::term::ClockKind;
use tempfile::TempDir;

use crate::support::database::TestDatabase;

/// Where a log can stand. Gone with the value.
#[derive(Clone)]
pub(crate) enum Store {
    /// An empty database.
    Postgres(Arc<TestDatabase>),
    /// An empty directory.
    Sqlite(Arc<TempDir>),
}

/// The settings of the logs of these tests.
pub(crate) fn new_log(clock: ClockKind) -> NewLog {
    NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a text"),
        clock,
    }
}

impl Store {
    /// A database of its own on the test server.
    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Arc::new(TestDatabase::create().await))
    }

    /// A directory of its own.
    pub(crate) async fn sqlite() -> Self {
        Self::Sqlite(Arc::new(TempDir::new().expect("a temporary directory")))
    }

    /// A new log with a clock that the test sets.
    pub(crate) async fn simulated(&self) -> Log {
        self.make(&new_log(ClockKind::Simulated))
            .await
            .expect("a new log")
    }

    /// Makes a log, or opens the one that stands there if it is the same.
    pub(crate) async fn make(&self, new: &NewLog) -> Result<Log, LogError> {
        match self {
            Self::Postgres(database) => {
                PgLog::init(&database.url(), new).await?;
                self.open().await
            }
            Self::Sqlite(dir) => SqliteLog::open(dir.path(), Some(new))
                .await
                .map(Log::Sqlite),
        }
    }

    /// Opens the log that stands there.
    pub(crate) async fn open(&self) -> Result<Log, LogError> {
        match self {
            Self::Postgres(database) => PgLog::open(&database.url()).await.map(Log::Postgres),
            Self::Sqlite(dir) => SqliteLog::open(dir.path(), None).await.map(Log::Sqlite),
        }
    }

    /// Another handle, as another process would have it; the same one where only one process may.
    pub(crate) async fn beside(&self, log: &Log) -> Log {
        match self {
            Self::Postgres(_) => self.open().await.expect("a log that stands"),
            Self::Sqlite(_) => log.clone(),
        }
    }
}
