//! Files that are there whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use super::ProofError;

fn failed(path: &Path) -> impl Fn(io::Error) -> ProofError {
    move |error| ProofError::File(path.to_owned(), error)
}

/// The bytes of a file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, ProofError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed(path)(error)),
    }
}

/// Puts a file in place, and the directories above it. What can be made again from the log need not be durable.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), ProofError> {
    write(path, bytes, false, None)
}

/// As [`put`]; after it neither a crash of the process nor of the machine takes the file away.
pub(super) fn put_durably(path: &Path, bytes: &[u8]) -> Result<(), ProofError> {
    write(path, bytes, true, None)
}

/// As [`put_durably`], readable by its owner alone.
pub(super) fn put_secret(path: &Path, bytes: &[u8]) -> Result<(), ProofError> {
    write(path, bytes, true, Some(0o600))
}

fn write(path: &Path, bytes: &[u8], durable: bool, mode: Option<u32>) -> Result<(), ProofError> {
    let failed = failed(path);
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(&failed)?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.unfinished", std::process::id()));
    let mut options = File::options();
    options.create(true).write(true).truncate(true);
    if let Some(mode) = mode {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    }
    let written = options.open(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        if durable {
            file.sync_all()?;
        }
        fs::rename(&unfinished, path)?;
        if durable {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    });
    written.map_err(failed)
}
