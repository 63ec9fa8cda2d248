//! Databases of a benchmark's own on the server that it was given: made at its beginning, dropped at its end.

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::Trouble;
use crate::clock::Entropy;

/// A database that is there for one run.
pub(super) struct Scratch {
    server: String,
    name: String,
    /// Its URL.
    pub(super) url: String,
}

impl Scratch {
    /// Makes one on a server. The URL's own database is only connected to.
    pub(super) async fn create(server: &str) -> Result<Self, Trouble> {
        let name = format!("qonys_bench_{}", Entropy::System.reference().0.simple());
        execute(server, format!("CREATE DATABASE {name}")).await?;
        let (address, parameters) = server.split_once('?').unwrap_or((server, ""));
        let scheme_end = address.find("://").map_or(0, |at| at + 3);
        let host_end = address[scheme_end..]
            .find('/')
            .map_or(address.len(), |at| scheme_end + at);
        let mut url = format!("{}/{name}", &address[..host_end]);
        if !parameters.is_empty() {
            url = format!("{url}?{parameters}");
        }
        Ok(Self {
            server: server.to_owned(),
            name,
            url,
        })
    }

    /// A connection to it, as whoever the URL names.
    pub(super) async fn connect(&self) -> Result<PgConnection, Trouble> {
        Ok(PgConnection::connect(&self.url).await?)
    }

    /// Asks the server to write back what is dirty, so that no side pays for the one before it.
    pub(super) async fn settle(&self) -> Result<(), Trouble> {
        execute(&self.url, "CHECKPOINT".to_owned()).await
    }

    /// Drops it, whoever is still connected.
    pub(super) async fn drop(self) -> Result<(), Trouble> {
        execute(
            &self.server,
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        )
        .await
    }
}

async fn execute(url: &str, statement: String) -> Result<(), Trouble> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(statement.as_str()).await?;
    connection.close().await?;
    Ok(())
}
