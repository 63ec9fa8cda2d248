//! `qonys bench`: how fast this log is beside others, as ratios: both sides in one run, in alternating rounds, on the same
//! server, durable, with the same bytes under the same indexes. Proof and vault are on.
//!
//! In reading order: `drive` (callers), `ours`, `peers`, `reading`, `delivery`, [`works`] (which works, and what they must
//! reach), [`report`], [`machine`], [`worker`] (a second process).

use std::{fmt, path::Path, time::Duration};

mod chart;
mod database;
mod delivery;
mod drive;
pub mod growth;
mod lines;
pub mod machine;
mod ours;
mod peers;
mod reading;
pub mod report;
pub mod worker;
pub mod works;

/// What keeps a benchmark from its end.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    /// Anything that can be said.
    pub fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::new(error)
    }
}

/// What is measured, where and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// A PostgreSQL server: the URL of somebody who may create databases and roles.
    pub database_url: String,
    /// A NATS server with JetStream; without it nothing is published.
    pub nats_url: Option<String>,
    /// Rounds of each work.
    pub rounds: usize,
    /// How long each side of a round takes, where the work has a length.
    pub lasting: Duration,
    /// Entries of the log that the reading works read.
    pub entries: u64,
    /// Applications that are filed beforehand for each second of allocating: places that one process may hold in it.
    pub holds_per_second: f64,
    /// Only works whose name holds one of these; all for none.
    pub only: Vec<String>,
}

/// What is told on the way.
pub trait Watch: Sync {
    /// A step begins.
    fn begin(&self, step: &str);
    /// So many of so many pieces of a preparation are done.
    fn moved(&self, done: u64, of: u64);
}

/// A directory that goes with the value.
struct Workshop(std::path::PathBuf);

impl Workshop {
    fn new() -> std::io::Result<Self> {
        let name = format!("qonys-bench-{}", crate::clock::Entropy::System.reference());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
