//! Settings: where the log is and how long things may take. Every limit that an operator may meet stands here or next
//! to the code that keeps it, with its unit.

use std::path::PathBuf;

/// Where a log lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A PostgreSQL database, by URL. The vault's files stand in the data directory.
    Database {
        /// URL of the database.
        url: String,
        /// URL of the second log's database; beside the log's own where none is named.
        access_url: Option<String>,
        /// Directory of the vault.
        directory: PathBuf,
    },
    /// A directory with the embedded store and the vault.
    Directory(PathBuf),
}

impl Place {
    /// The directory of the vault, and of the embedded store.
    pub fn directory(&self) -> &PathBuf {
        match self {
            Self::Database { directory, .. } | Self::Directory(directory) => directory,
        }
    }
}

/// The data directory where none is named.
pub const DEFAULT_DIRECTORY: &str = "qonys-data";
/// The directory of the signer within the data directory, where no other is named.
pub const SIGNER_DIRECTORY: &str = "signer";
/// What the second log's directory is called in the data directory, and what its database's name ends with.
pub const SECOND_LOG: &str = "access";
/// The origin of a log where none is named.
pub const DEFAULT_ORIGIN: &str = "qonys/almaty/1";
/// The zone of a log where none is named.
pub const DEFAULT_ZONE: &str = "Asia/Almaty";
/// The territory that a question is about where none is named.
pub const DEFAULT_TERRITORY: &str = "almaty";
