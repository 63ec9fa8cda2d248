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
const BACKEND: &str = include_str!("../sql/postgres/backend.sql");
const END_BACKEND: &str = include_str!("../sql/postgres/end_backend.sql");
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

/// The server's end of a connection: its process, and since when it is.
#[derive(Debug, Clone)]
struct Backend {
    pid: i32,
    since: String,
}

/// The connections that append: a connection whose fate is in doubt is never used again, and takes
/// every idle one with it.
pub(super) struct Writers {
    options: PgConnectOptions,
    idle: Mutex<Vec<(PgConnection, Backend, Instant)>>,
    /// Servers' ends of connections that broke while something may have been on its way to be committed.
    in_doubt: Mutex<Vec<Backend>>,
    permits: Arc<Semaphore>,
}

/// One of them, on loan. Dropping it closes the connection, and the server rolls back.
pub(super) struct Writer {
    pub(super) connection: PgConnection,
    backend: Backend,
    _permit: OwnedSemaphorePermit,
}

impl Writers {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            idle: Mutex::default(),
            in_doubt: Mutex::default(),
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
            Some((connection, backend, since)) if since.elapsed() < IDLE_UNASKED => {
                Some((connection, backend))
            }
            Some((mut connection, backend, _)) => answered(connection.ping())
                .await
                .ok()
                .map(|()| (connection, backend)),
            None => None,
        };
        let (connection, backend) = match alive {
            Some(alive) => alive,
            None => self.connect().await?,
        };
        Ok(Writer {
            connection,
            backend,
            _permit: permit,
        })
    }

    /// Takes a connection back that stands outside any transaction.
    pub(super) fn give_back(&self, writer: Writer) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((writer.connection, writer.backend, Instant::now()));
    }

    /// Gives a connection up that broke while something may have been on its way to be committed.
    pub(super) fn doubt(&self, writer: Writer) {
        let mut in_doubt = self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner);
        in_doubt.push(writer.backend);
        drop(in_doubt);
        self.forget();
    }

    /// Sees to it that nothing is stored any more of what went over the connections in doubt: the server ends each of
    /// them. What the network still carries would otherwise be appended after somebody has looked and told that nothing was.
    pub(super) async fn end_doubted(&self) -> Result<(), LogError> {
        let in_doubt = || self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner);
        let doubted = in_doubt().clone();
        if doubted.is_empty() {
            return Ok(());
        }
        // As the login: the role of the application may not end its sessions.
        let mut connection = timeout(CONNECT_TIMEOUT, self.options.connect())
            .await
            .map_err(|_| unavailable("the database does not answer"))?
            .map_err(no_way_in)?;
        for backend in doubted {
            let ending = sqlx::query_scalar::<_, bool>(END_BACKEND)
                .bind(backend.pid)
                .bind(&backend.since)
                .fetch_optional(&mut connection);
            if answered(ending).await.map_err(unavailable)? == Some(false) {
                return Err(unavailable(
                    "a connection in doubt does not end at the server",
                ));
            }
            in_doubt().retain(|other| other.pid != backend.pid || other.since != backend.since);
        }
        drop(connection.close().await);
        Ok(())
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

    async fn connect(&self) -> Result<(PgConnection, Backend), LogError> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            let (pid, since) = sqlx::query_as(BACKEND).fetch_one(&mut connection).await?;
            connection.execute(SESSION).await?;
            Ok::<_, sqlx::Error>((connection, Backend { pid, since }))
        };
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        connected
            .map_err(|_| unavailable("the database does not answer"))?
            .map_err(no_way_in)
    }
}
