//! Where the kept entries of the incarnation before stand: a file in the data directory of a log that goes on from one.

use std::{
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::settings::Place;

/// The file. It may hold the URL of a database: only its owner may read it.
const FILE: &str = "kept.json";

/// The place of a closed log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    /// Its data directory, with its vault.
    pub(super) data_dir: PathBuf,
    /// Its database, where it is not embedded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) database_url: Option<String>,
}

impl From {
    pub(super) fn place(&self) -> Place {
        match &self.database_url {
            Some(url) => Place::Database {
                url: url.clone(),
                access_url: None,
                directory: self.data_dir.clone(),
            },
            None => Place::Directory(self.data_dir.clone()),
        }
    }
}

fn failed(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::error(format!("{}: {why}", path.display()))
}

/// Where the kept entries stand; `None` where the file is not there.
pub(super) fn read(directory: &Path) -> Result<Option<From>, Failure> {
    let path = directory.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| failed(&path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path, error)),
    }
}

/// Says where the kept entries stand.
pub(super) fn write(directory: &Path, from: &From) -> Result<(), Failure> {
    let path = directory.join(FILE);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text = serde_json::to_string_pretty(from).map_err(|error| failed(&path, error))?;
    let written = options.open(&path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| failed(&path, error))
}
