//! Where the kept entries of the incarnation before stand: a file in the data directory of a log that goes on from one. What is
//! of the register and not of one incarnation (the vault, the second log, who is known) stays with the first.

use std::{
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::settings::{Place, SIGNER_DIRECTORY};

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
    /// The database of its second log, where that one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_database_url: Option<String>,
    /// The directory of its signer, in which that of the second log stands; `signer` in the data directory where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signer_dir: Option<PathBuf>,
}

impl From {
    pub(super) fn place(&self) -> Place {
        match &self.database_url {
            Some(url) => Place::Database {
                url: url.clone(),
                access_url: self.access_database_url.clone(),
                directory: self.data_dir.clone(),
            },
            None => Place::Directory(self.data_dir.clone()),
        }
    }

    fn signer(&self) -> PathBuf {
        let usual = || self.data_dir.join(SIGNER_DIRECTORY);
        self.signer_dir.clone().unwrap_or_else(usual)
    }
}

/// Where something is that goes on with a register through all its incarnations: place and signer of the first one.
pub(super) fn first(place: &Place, signer: &Path) -> Result<(Place, PathBuf), Failure> {
    let (mut place, mut signer) = (place.clone(), signer.to_owned());
    while let Some(from) = read(place.directory())? {
        place = from.place();
        signer = from.signer();
    }
    Ok((place, signer))
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
