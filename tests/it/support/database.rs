//! A PostgreSQL database for one test: made empty, dropped at the end.
//!
//! Names carry the process id, so that what a killed run left behind is swept by the next one.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::OnceCell;

use super::proxy::Proxy;
use super::{block_on_aside, is_leftover, required, unique};

const VARIABLE: &str = "QONYS_TEST_DATABASE_URL";
const PREFIX: &str = "qonys_test_";

/// An empty database of its own. Dropping the value drops the database, with whoever is connected.
pub(crate) struct TestDatabase {
    admin: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// Creates the database, in the server's default encoding, from `template0`.
    ///
    /// # Panics
    /// Without `QONYS_TEST_DATABASE_URL`, or where its user may not create databases.
    pub(crate) async fn create() -> Self {
        let admin = admin();
        sweep_once(&admin).await;
        let name = unique(PREFIX);
        let mut connection = connect(&admin).await;
        execute(
            &mut connection,
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        )
        .await
        .expect("the user of QONYS_TEST_DATABASE_URL may create databases");
        drop(connection.close().await);
        Self { admin, name }
    }

    /// The database's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How to reach it as its owner.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.admin.clone().database(&self.name)
    }

    /// The same as a URL, for `QONYS_DATABASE_URL` or `--database-url`.
    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// The URL by way of another address: a proxy in front of the server.
    pub(crate) fn url_through(&self, address: std::net::SocketAddr) -> String {
        let options = self
            .options()
            .host(&address.ip().to_string())
            .port(address.port());
        options.to_url_lossy().to_string()
    }

    /// Where the server listens, as `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.admin.get_host(), self.admin.get_port())
    }

    /// One new connection as the owner.
    ///
    /// # Panics
    /// Where the server does not answer.
    pub(crate) async fn connect(&self) -> PgConnection {
        connect(&self.options()).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let admin = self.admin.clone();
        // The second log of a register that ran on it stands beside it.
        let statements = ["", "_access"]
            .map(|suffix| format!("DROP DATABASE IF EXISTS {}{suffix} WITH (FORCE)", self.name));
        block_on_aside(move || async move {
            if let Ok(mut connection) = PgConnection::connect_with(&admin).await {
                for statement in &statements {
                    drop(execute(&mut connection, statement).await);
                }
                drop(connection.close().await);
            }
        });
    }
}

fn admin() -> PgConnectOptions {
    PgConnectOptions::from_str(&required(VARIABLE))
        .expect("QONYS_TEST_DATABASE_URL is a PostgreSQL URL")
        .disable_statement_logging()
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options)
        .await
        .expect("the test server answers")
}

async fn execute(connection: &mut PgConnection, statement: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(statement)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Drops what runs that are over left behind, once per process and before it makes its first name.
///
/// Without FORCE: where a server is shared by several machines, a process id that is free here may
/// be at work there, and its connections protect it.
async fn sweep_once(admin: &PgConnectOptions) {
    static DONE: OnceCell<()> = OnceCell::const_new();
    DONE.get_or_init(|| async {
        let mut connection = connect(admin).await;
        let names: Vec<String> =
            sqlx::query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1)")
                .bind(PREFIX)
                .fetch_all(&mut connection)
                .await
                .expect("pg_database can be read");
        for name in names.iter().filter(|name| is_leftover(name, PREFIX)) {
            drop(
                execute(
                    &mut connection,
                    &format!("DROP DATABASE IF EXISTS \"{name}\""),
                )
                .await,
            );
        }
        drop(connection.close().await);
    })
    .await;
}

async fn exists(name: &str) -> bool {
    let mut connection = connect(&admin()).await;
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await
        .expect("pg_database can be read")
}

#[tokio::test]
async fn a_database_lives_as_long_as_its_value() {
    let first = TestDatabase::create().await;
    let second = TestDatabase::create().await;
    assert_ne!(first.name(), second.name());

    let mut connection = first.connect().await;
    let current: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(&mut connection)
        .await
        .expect("a query runs");
    assert_eq!(current, first.name());

    let name = first.name().to_owned();
    assert!(exists(&name).await);
    drop(first); // with `connection` still open
    assert!(!exists(&name).await);
    assert!(exists(second.name()).await);
}

#[tokio::test]
async fn urls_lead_to_the_database_straight_and_through_a_proxy() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.address()).await;
    for url in [database.url(), database.url_through(proxy.address())] {
        let mut connection = PgConnection::connect(&url).await.expect("the URL works");
        let current: String = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(&mut connection)
            .await
            .expect("a query runs");
        assert_eq!(current, database.name());
    }
    proxy.cut();
    let cut = PgConnection::connect(&database.url_through(proxy.address()));
    assert!(cut.await.is_err(), "what goes through the proxy can be cut");
}
