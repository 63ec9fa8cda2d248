//! The proof: tiles and bundles of entries as files, checkpoints signed about each second, receipts, witnesses.
//!
//! Everything but the signer's directory is made from the log and may be deleted at any time. A checkpoint is signed only
//! over a head of the log, which is durable and ends a command, after the tree computed from the entries was found equal
//! to the one that the append wrote, and after [`signer::Signer`] found that the log only grew.
//!
//! In reading order: [`key`] (key files), [`signer`], [`tiles`] (files from entries), [`publisher`] (the round), [`receipt`],
//! [`witness`] (asking for cosignatures), [`export`] (the auditor's bundle), [`checked`] (a log against its own signer),
//! [`rotation`], [`guard`] (a log that lost what was signed), [`recovery`] (putting it back), [`closing`] (going on without).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use qonys_events::scalar::Position;
use qonys_verify::{
    checkpoint::{BadCheckpoint, Checkpoint},
    note::Note,
    tile::Tile,
};

use crate::log::{Log, LogError};

pub mod checked;
pub mod closing;
pub mod export;
mod files;
pub mod guard;
pub mod key;
pub mod openings;
pub mod publisher;
pub mod receipt;
pub mod recovery;
pub mod rotation;
pub mod signer;
pub mod tiles;
pub mod witness;

/// The directory of the files that anybody may read, in the data directory.
pub const DIRECTORY: &str = "proof";
/// The checkpoint that the log signed last.
pub const CHECKPOINT: &str = "checkpoint";
/// The checkpoint that a quorum of witnesses cosigned last.
pub const COSIGNED: &str = "checkpoint.cosigned";
/// The directory of earlier checkpoints, by size.
pub const HISTORY: &str = "history";

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// The signer refuses.
    #[error(transparent)]
    Refused(#[from] signer::Refused),
    /// The log does not hold what it held, or a file is not what it should be.
    #[error("{0}")]
    Broken(String),
    /// Nothing covers the entry yet.
    #[error("the last checkpoint covers {0} entries; the entry comes after that")]
    NotYet(Position),
}

impl From<BadCheckpoint> for ProofError {
    fn from(error: BadCheckpoint) -> Self {
        Self::Broken(error.to_string())
    }
}

/// The proof's files of one log. Cheap to clone.
#[derive(Clone)]
pub struct Proof {
    log: Log,
    directory: Arc<Path>,
}

impl Proof {
    /// The files of a log, in its data directory.
    pub fn new(log: &Log, data_directory: &Path) -> Self {
        Self {
            log: log.clone(),
            directory: data_directory.join(DIRECTORY).into(),
        }
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Where the files stand.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The checkpoint that was published last; `None` where none was.
    pub fn checkpoint(&self) -> Result<Option<(Note, Checkpoint)>, ProofError> {
        self.note(CHECKPOINT)
    }

    /// The checkpoint that a quorum of witnesses cosigned last.
    pub fn cosigned(&self) -> Result<Option<(Note, Checkpoint)>, ProofError> {
        self.note(COSIGNED)
    }

    fn note(&self, name: &str) -> Result<Option<(Note, Checkpoint)>, ProofError> {
        let bytes = files::read(&self.directory.join(name))?;
        Ok(bytes.map(|bytes| Checkpoint::of_note(&bytes)).transpose()?)
    }

    /// The bytes of a tile or of a bundle of entries; a partial one is cut out of a wider one where that has taken its
    /// place.
    pub fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, ProofError> {
        let size = self.checkpoint()?.map_or(0, |(_, head)| head.size);
        tiles::read(&self.directory, tile, size)
    }
}
