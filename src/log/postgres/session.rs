//! Connections of the application: what each of them is, and the few that append.

use std::{
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use super::failure::{no_way_in, unavailable};
use crate::log::LogError;

/// How long a connection may take to come up. A statement may run for 10 s, wait for a lock for 5 s
/// and stand idle in a transaction for 5 s: the server ends it (`sql/postgres/session.sql`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may stay silent: longer than any statement, so that it speaks first if it
/// lives.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// A connection that was idle for longer is asked for a sign of life before it carries an append.
const IDLE_UNASKED: Duration = Duration::from_secs(30);
/// Connections of one process that append or hold the lock at the same time.
const WRITERS: usize = 8;
/// Connections of one process that read.
const READERS: u32 = 8;

const SESSION: &str = include_str!("../sql/postgres/session.sql");
const VAULT_SESSION: &str = include_str!("../sql/postgres/vault_session.sql");

/// Reads the address of a database.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, LogError> {
    let options = PgConnectOptions::from_str(url);
    let options = options.map_err(|e| unavailable(format!("not the URL of a database: {e}")))?;
    Ok(options
        .application_name("qonys")
        .disable_statement_logging())
}

/// Waits for the server at most as long as it may be silent.
pub(super) async fn answered<T>(
    asked: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, sqlx::Error> {
    timeout(ANSWER_TIMEOUT, asked).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()),
        )))
    })
}

/// The connections that read. They are made when they are needed.
pub(super) fn readers(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async { connection.execute(SESSION).await.map(|_| ()) })
        })
        .connect_lazy_with(options.clone())
}

/// The connections that append: a connection whose fate is in doubt is never used again, and takes
/// every idle one with it.
pub(super) struct Writers {
    options: PgConnectOptions,
    idle: Mutex<Vec<(PgConnection, Instant)>>,
    permits: Arc<Semaphore>,
}

/// One of them, on loan. Dropping it closes the connection, and the server rolls back.
pub(super) struct Writer {
    pub(super) connection: PgConnection,
    _permit: OwnedSemaphorePermit,
}

impl Writers {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(WRITERS)),
        }
    }

    /// Lends a connection that is alive.
    pub(super) async fn lend(&self) -> Result<Writer, LogError> {
        let permit = timeout(ANSWER_TIMEOUT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| unavailable("every connection that appends is busy"))?
            .map_err(unavailable)?;
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let alive = match idle {
            Some((connection, since)) if since.elapsed() < IDLE_UNASKED => Some(connection),
            Some((mut connection, _)) => {
                answered(connection.ping()).await.ok().map(|()| connection)
            }
            None => None,
        };
        let connection = match alive {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Writer {
            connection,
            _permit: permit,
        })
    }

    /// Takes a connection back that stands outside any transaction.
    pub(super) fn give_back(&self, writer: Writer) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((writer.connection, Instant::now()));
    }

    /// Forgets every idle connection: what broke one has probably broken them all.
    pub(super) fn forget(&self) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// A connection that acts as the vault, which may destroy sealed slots and nothing else.
    pub(super) async fn as_the_vault(&self) -> Result<PgConnection, LogError> {
        let mut connection = timeout(CONNECT_TIMEOUT, self.options.connect())
            .await
            .map_err(|_| unavailable("the database does not answer"))?
            .map_err(no_way_in)?;
        connection.execute(VAULT_SESSION).await.map_err(|error| {
            unavailable(format!(
                "sealed slots are destroyed as the role qonys_vault, and this login may not act as it: {error}"
            ))
        })?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<PgConnection, LogError> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            connection.execute(SESSION).await?;
            Ok::<_, sqlx::Error>(connection)
        };
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        connected
            .map_err(|_| unavailable("the database does not answer"))?
            .map_err(no_way_in)
    }
}
