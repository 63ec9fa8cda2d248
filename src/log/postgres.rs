//! The log on PostgreSQL. The rules stand in the database (`sql/postgres/append.sql`): whoever
//! connects as the application can append whole, well-placed commands and read, and nothing else.

use std::sync::Arc;

use qonys_events::{
    id::{Origin, Ref, StreamId},
    scalar::{Position, Slug, StreamSeq, Text},
    term::ClockKind,
};
use sqlx::{Connection, Executor, PgConnection, PgPool};

use super::{Batch, FirstAnswers, Head, LogError, NewLog, Recorded, SealedSlot, rules};
use failure::Failure;
use session::{Writer, Writers, answered};
use writing::Call;

mod copied;
mod failure;
mod reading;
mod schema;
mod session;
mod writing;

const LOCK: &str = include_str!("sql/postgres/lock.sql");
const DESTROY_SEALED: &str = include_str!("sql/postgres/destroy_sealed.sql");

/// A log on PostgreSQL, as the application sees it. Cheap to clone.
#[derive(Clone)]
pub struct PgLog {
    shared: Arc<Shared>,
}

struct Shared {
    settings: NewLog,
    readers: PgPool,
    writers: Writers,
}

impl PgLog {
    /// Makes the log in a database, or brings an existing one to this version: roles, schemas
    /// `log` and `sealed`, the view `events`. May be repeated. The URL is the one of a superuser, or
    /// of a role that may create roles and owns the database.
    ///
    /// # Errors
    /// `Refused` where the database holds a log with other settings, `Unavailable` where a right is
    /// missing or the server cannot be reached.
    pub async fn init(url: &str, new: &NewLog) -> Result<(), LogError> {
        schema::make(url, new).await
    }

    /// The URL of a database beside another one on its server, which is made where there is none.
    ///
    /// # Errors
    /// `Unavailable` where it is missing and may not be made.
    pub async fn beside(url: &str, suffix: &str) -> Result<String, LogError> {
        schema::beside(url, suffix).await
    }

    /// Opens the log for the application. The login must be a member of `qonys_app`; every
    /// connection acts as that role, whatever else the login may do.
    ///
    /// # Errors
    /// `Unavailable` where there is no log, or its guards, functions or rights are not those that
    /// this version made.
    pub async fn open(url: &str) -> Result<Self, LogError> {
        let options = session::options(url)?;
        let readers = session::readers(&options);
        let writers = Writers::new(options);
        let mut first = writers.lend().await?;
        let settings = schema::settings(&mut first.connection).await?;
        schema::compare(&mut first.connection).await?;
        writers.give_back(first);
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                readers,
                writers,
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

    /// The connections that read, as the application's role: for postgres-es on the view `events`.
    pub fn pool(&self) -> &PgPool {
        &self.shared.readers
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
        let call = Call::new(expected, batch)?;
        let writers = &self.shared.writers;
        let mut writer = writers.lend().await?;
        let made = call.make(&mut writer.connection).await;
        match &made {
            Ok(()) | Err(Failure::Refused(_)) => writers.give_back(writer),
            Err(Failure::Broken(_)) => writers.doubt(writer),
        }
        made.map_err(Failure::at_commit)
    }

    /// See [`super::Log::put_back`].
    pub async fn put_back(
        &self,
        owner: &str,
        expected: Position,
        batch: &Batch,
    ) -> Result<(), LogError> {
        let failed = |e: sqlx::Error| Failure::from(e).before_commit();
        let options = session::options(owner)?;
        let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
        let mut transaction = connection.begin().await.map_err(failed)?;
        transaction.execute(LOCK).await.map_err(failed)?;
        let head = reading::head(&mut *transaction).await?;
        if head.position != expected {
            return Err(LogError::HeadMoved(head.position));
        }
        rules::check(self.origin(), &head, None, batch)?;
        let call = Call::new(expected, batch)?;
        call.put_back(&mut transaction).await.map_err(failed)?;
        transaction
            .commit()
            .await
            .map_err(|e| Failure::from(e).at_commit())?;
        drop(connection.close().await);
        Ok(())
    }

    /// See [`super::Log::lock`].
    pub async fn lock(&self) -> Result<PgLocked, LogError> {
        self.shared.writers.end_doubted().await?;
        let mut writer = self.shared.writers.lend().await?;
        let locking = async {
            writer.connection.execute("BEGIN").await?;
            writer.connection.execute(LOCK).await
        };
        match answered(locking).await.map_err(Failure::from) {
            Ok(_) => Ok(PgLocked {
                log: self.clone(),
                writer,
            }),
            Err(failure) => {
                if let Failure::Broken(_) = failure {
                    self.shared.writers.forget();
                }
                Err(failure.before_commit())
            }
        }
    }

    /// See [`super::Log::read_after`].
    pub async fn read_after(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        reading::read_after(&self.shared.readers, after, limit).await
    }

    /// See [`super::Log::read_texts`].
    pub async fn read_texts(&self, after: Position, limit: u32) -> Result<Vec<String>, LogError> {
        reading::read_texts(&self.shared.readers, after, limit).await
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
        reading::read_streams(&self.shared.readers, streams, limit).await
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

    /// See [`super::Log::destroy_sealed`]. On a connection of its own, as the vault's role: the login must be a member of
    /// `qonys_vault`.
    pub async fn destroy_sealed(&self, subjects: &[Ref]) -> Result<u64, LogError> {
        let mut connection = self.shared.writers.as_the_vault().await?;
        let subjects: Vec<uuid::Uuid> = subjects.iter().map(|subject| subject.0).collect();
        let destroyed = sqlx::query(DESTROY_SEALED)
            .bind(subjects)
            .execute(&mut connection)
            .await
            .map_err(|e| Failure::from(e).before_commit())?;
        drop(connection.close().await);
        Ok(destroyed.rows_affected())
    }
}

/// The log under its lock: one transaction on a connection of its own. Dropping it closes the
/// connection, and the server rolls back and frees the lock. The server does the same when nothing
/// is asked for 5 s.
pub struct PgLocked {
    log: PgLog,
    writer: Writer,
}

impl PgLocked {
    /// See [`super::Locked::head`].
    pub async fn head(&mut self) -> Result<Head, LogError> {
        reading::head(&mut self.writer.connection).await
    }

    /// See [`super::Locked::read_after`].
    pub async fn read_after(
        &mut self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_after(&mut self.writer.connection, after, limit).await
    }

    /// See [`super::Locked::read_stream`].
    pub async fn read_stream(
        &mut self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_stream(&mut self.writer.connection, stream, after, limit).await
    }

    /// See [`super::Locked::read_streams`].
    pub async fn read_streams(
        &mut self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        reading::read_streams(&mut self.writer.connection, streams, limit).await
    }

    /// See [`super::Locked::commands`].
    pub async fn commands(&mut self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        reading::commands(&mut self.writer.connection, ids).await
    }

    /// See [`super::Locked::applications_of`].
    pub async fn applications_of(&mut self, person: Ref) -> Result<Vec<Ref>, LogError> {
        reading::applications_of(&mut self.writer.connection, person).await
    }

    /// See [`super::Locked::append`]. Where it fails before the commit was sent, nothing is stored
    /// and the error says so.
    pub async fn append(mut self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        let writers = &self.log.shared.writers;
        let call = Call::new(expected, batch)?;
        if let Err(failure) = call.make(&mut self.writer.connection).await {
            if let Failure::Broken(_) = failure {
                writers.forget();
            }
            return Err(failure.before_commit());
        }
        match answered(self.writer.connection.execute("COMMIT"))
            .await
            .map_err(Failure::from)
        {
            Ok(_) => {
                writers.give_back(self.writer);
                Ok(())
            }
            Err(failure) => {
                writers.doubt(self.writer);
                Err(failure.at_commit())
            }
        }
    }
}
