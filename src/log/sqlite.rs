//! The log embedded, on SQLite: one file in a data directory, one process, one connection that
//! writes. The rules of a batch stand in `rules.rs`; the file's own triggers refuse every change.

use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::Arc,
    time::Duration,
};

use qonys_events::{
    id::{Origin, Ref, StreamId},
    scalar::{Position, Slug, StreamSeq, Text},
    term::ClockKind,
};
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use super::{Batch, FirstAnswers, Head, LogError, NewLog, Recorded, SealedSlot};
use writing::Writer;

mod reading;
mod schema;
mod writing;

/// The log's file in the data directory.
pub const FILE: &str = "log.sqlite";
/// The file whose lock says that a process has the log open.
pub const LOCK_FILE: &str = "log.lock";
/// How long an append or a lock waits for another one of this process.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// Rows that a connection's thread reads ahead.
const ROWS_BUFFERED: usize = 1_024;
/// Connections that read.
const READERS: u32 = 4;

/// A log in a data directory. Cheap to clone; the directory is free when the last clone is gone.
#[derive(Clone)]
pub struct SqliteLog {
    shared: Arc<Shared>,
}

struct Shared {
    settings: NewLog,
    readers: SqlitePool,
    writer: Arc<Mutex<Writer>>,
    _lock_file: File,
}

impl SqliteLog {
    /// Opens the log of a data directory. With `new` it is made where there is none, and must be
    /// that one where there is; without, there must be one.
    ///
    /// # Errors
    /// `Unavailable` where another process has it open, where there is none to open, where the file
    /// system refuses or the file is not as this version makes it; `Refused` where another log than
    /// `new` stands there.
    pub async fn open(dir: &Path, new: Option<&NewLog>) -> Result<Self, LogError> {
        let file = dir.join(FILE);
        if new.is_none() && !file.exists() {
            return Err(LogError::Unavailable(format!(
                "there is no log in {}",
                dir.display()
            )));
        }
        let lock_file = take_directory(dir)?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(false)
            .pragma("trusted_schema", "OFF")
            .row_buffer_size(ROWS_BUFFERED)
            .disable_statement_logging();
        let writing = options
            .clone()
            .create_if_missing(new.is_some())
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .pragma("recursive_triggers", "ON");
        let reading = options.read_only(true).pragma("wal_autocheckpoint", "0");
        let mut writer = Writer::new(writing);
        let settings = schema::make(writer.connection().await?, new).await?;
        writer.set_log(&settings);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_lazy_with(reading);
        let writer = Arc::new(Mutex::new(writer));
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                readers,
                writer,
                _lock_file: lock_file,
            }),
        })
    }

    /// The origin of the log with its incarnation.
    pub fn origin(&self) -> &Origin {
        &self.shared.settings.origin
    }

    /// The IANA name of the zone whose civil dates the log uses.
    pub fn zone(&self) -> &Text {
        &self.shared.settings.zone
    }

    /// Where the log's time comes from.
    pub fn clock_kind(&self) -> ClockKind {
        self.shared.settings.clock
    }

    /// See [`super::Log::head`].
    pub async fn head(&self) -> Result<Head, LogError> {
        reading::head(&self.shared.readers).await
    }

    /// See [`super::Log::head_at`].
    pub async fn head_at(&self, position: Position) -> Result<Head, LogError> {
        reading::head_at(&self.shared.readers, position).await
    }

    /// See [`super::Log::append`].
    pub async fn append(&self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        self.lock().await?.append(expected, batch).await
    }

    /// See [`super::Log::put_back`].
    pub async fn put_back(&self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        let mut locked = self.lock().await?;
        locked.writer.append(expected, batch, true).await
    }

    /// See [`super::Log::lock`].
    pub async fn lock(&self) -> Result<SqliteLocked, LogError> {
        let waiting = timeout(LOCK_TIMEOUT, Arc::clone(&self.shared.writer).lock_owned());
        let busy = |_| LogError::Unavailable("another append keeps the log busy".into());
        let mut writer = waiting.await.map_err(busy)?;
        writer.begin().await?;
        Ok(SqliteLocked { writer })
    }

    /// See [`super::Log::write_back`].
    pub async fn write_back(&self) -> Result<(), LogError> {
        let waiting = timeout(LOCK_TIMEOUT, self.shared.writer.lock());
        let busy = |_| LogError::Unavailable("another append keeps the log busy".into());
        waiting.await.map_err(busy)?.write_back().await
    }

    /// See [`super::Log::read_after`].
    pub async fn read_after(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        reading::read_after(&self.shared.readers, after, limit).await
    }

    /// See [`super::Log::read_texts`].
    pub async fn read_texts(&self, after: Position, limit: u32) -> Result<Vec<String>, LogError> {
        let page = self.read_after(after, limit).await?;
        Ok(page.into_iter().map(|recorded| recorded.text).collect())
    }

    /// See [`super::Log::read_stream`].
    pub async fn read_stream(
        &self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_stream(&self.shared.readers, stream, after, limit).await
    }

    /// See [`super::Log::read_streams`].
    pub async fn read_streams(
        &self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        let mut found = Vec::new();
        for stream in streams {
            found.extend(self.read_stream(stream, StreamSeq(0), limit).await?);
        }
        Ok(found)
    }

    /// See [`super::Log::stream_end`].
    pub async fn stream_end(&self, stream: &StreamId) -> Result<StreamSeq, LogError> {
        reading::stream_end(&self.shared.readers, stream).await
    }

    /// See [`super::Log::entry`].
    pub async fn entry(&self, id: Ref) -> Result<Option<Recorded>, LogError> {
        reading::entry(&self.shared.readers, id).await
    }

    /// See [`super::Log::commands`].
    pub async fn commands(&self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        reading::commands(&self.shared.readers, ids).await
    }

    /// See [`super::Log::sealed`].
    pub async fn sealed(
        &self,
        commandid: Ref,
        name: &Slug,
        subject: Ref,
    ) -> Result<Option<SealedSlot>, LogError> {
        reading::sealed(&self.shared.readers, (commandid, name, subject)).await
    }

    /// See [`super::Log::applications_of`].
    pub async fn applications_of(&self, person: Ref) -> Result<Vec<Ref>, LogError> {
        reading::applications_of(&self.shared.readers, person).await
    }

    /// See [`super::Log::destructions`].
    pub async fn destructions(&self) -> Result<Vec<Recorded>, LogError> {
        reading::destructions(&self.shared.readers).await
    }

    /// See [`super::Log::sealed_among`].
    pub async fn sealed_among(&self, subjects: &[Ref]) -> Result<Vec<(Ref, Ref)>, LogError> {
        reading::sealed_among(&self.shared.readers, subjects).await
    }

    /// See [`super::Log::destroy_sealed`].
    pub async fn destroy_sealed(&self, subjects: &[Ref]) -> Result<u64, LogError> {
        let mut locked = self.lock().await?;
        locked.writer.destroy_sealed(subjects).await
    }
}

/// The log under its lock: the open transaction of the one connection that writes. Dropping it
/// leaves the transaction to be rolled back before the next one begins.
pub struct SqliteLocked {
    writer: OwnedMutexGuard<Writer>,
}

impl SqliteLocked {
    /// See [`super::Locked::head`].
    pub async fn head(&mut self) -> Result<Head, LogError> {
        reading::head(self.writer.connection().await?).await
    }

    /// See [`super::Locked::read_after`].
    pub async fn read_after(
        &mut self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_after(self.writer.connection().await?, after, limit).await
    }

    /// See [`super::Locked::read_stream`].
    pub async fn read_stream(
        &mut self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_stream(self.writer.connection().await?, stream, after, limit).await
    }

    /// See [`super::Locked::read_streams`].
    pub async fn read_streams(
        &mut self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        let mut found = Vec::new();
        for stream in streams {
            found.extend(self.read_stream(stream, StreamSeq(0), limit).await?);
        }
        Ok(found)
    }

    /// See [`super::Locked::commands`].
    pub async fn commands(&mut self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        reading::commands(self.writer.connection().await?, ids).await
    }

    /// See [`super::Locked::applications_of`].
    pub async fn applications_of(&mut self, person: Ref) -> Result<Vec<Ref>, LogError> {
        reading::applications_of(self.writer.connection().await?, person).await
    }

    /// See [`super::Locked::append`].
    pub async fn append(mut self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        self.writer.append(expected, batch, false).await
    }
}

/// Makes the data directory and takes it for this process alone.
fn take_directory(dir: &Path) -> Result<File, LogError> {
    let failed =
        |e: std::io::Error| LogError::Unavailable(format!("the directory {}: {e}", dir.display()));
    std::fs::create_dir_all(dir).map_err(failed)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(LOCK_FILE))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::Unavailable(format!(
            "another process has the log in {} open",
            dir.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
