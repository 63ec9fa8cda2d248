//! The signer: one method, and it refuses everything but growth.
//!
//! It stands in a directory of its own, best on another disk or host than the log: the key, and the last head that it
//! signed. A log that was rolled back, forked or rewritten is not what this head grows into, so it is not signed, whoever
//! asks. Two processes may sign: the directory's lock lets one at a time.

use std::{
    fs::{File, create_dir_all},
    path::{Path, PathBuf},
};

use qonys_events::{digest::Sha256Hex, fault::Fault, id::Origin, tree::Frontier};
use qonys_verify::{
    checkpoint::Checkpoint,
    merkle::verify_consistency,
    note::{Algorithm, Note, VerifierKey},
};

use super::{ProofError, closing::STATEMENT, files, key::NoteKey};
use crate::clock::Entropy;

/// The key.
const KEY: &str = "key";
/// The key before it, which signs along until it is retired.
const OLD_KEY: &str = "key.old";
/// A key that is on its way.
const NEW_KEY: &str = "key.new";
/// The last head that was signed.
const HEAD: &str = "head";
/// Held while signing.
const LOCK: &str = "lock";

/// Why nothing was signed. The log must not be shown as if it were whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The log is shorter than it was.
    #[error(
        "the log has {asked} entries, but {signed} were signed: entries {} to {signed} are lost",
        asked + 1
    )]
    Behind {
        /// Entries now.
        asked: u64,
        /// Entries that were signed.
        signed: u64,
    },
    /// The log is not the one that was signed before with something more.
    #[error(
        "the log of {asked} entries does not begin with the {signed} that were signed: it was changed"
    )]
    NotGrown {
        /// Entries now.
        asked: u64,
        /// Entries that were signed.
        signed: u64,
    },
    /// The log was closed with a signed statement; the next incarnation goes on.
    #[error("the log is closed: its next incarnation goes on")]
    Closed,
    /// The directory belongs to another log.
    #[error("the signer is the one of {0}")]
    OtherLog(String),
}

/// Signs checkpoints of one log. Keys are read when they are needed: another process may turn them.
pub struct Signer {
    directory: PathBuf,
}

impl Signer {
    /// The signer of a directory. With `entropy` it is made where there is none: a key, and the empty log as the last
    /// head.
    ///
    /// # Errors
    /// Where the key or the last head is missing or damaged: without either nothing may be signed. Where it is the
    /// signer of another log.
    pub fn open(
        directory: &Path,
        origin: &Origin,
        entropy: Option<&Entropy>,
    ) -> Result<Self, ProofError> {
        let lock = lock(directory)?;
        let key = match (NoteKey::read(&directory.join(KEY))?, entropy) {
            (Some(key), _) => key,
            (None, Some(entropy)) if !directory.join(HEAD).exists() => {
                let key = NoteKey::generate(origin.as_str(), Algorithm::Ed25519, entropy);
                let key = key.ok_or_else(|| broken(directory, "the origin names no key"))?;
                let nothing = Checkpoint {
                    origin: origin.to_string(),
                    size: 0,
                    root: Frontier::empty().root(),
                };
                let text = nothing.text();
                let signatures = vec![key.sign(&text)];
                // The head first: a key without a head never signs.
                let head = Note { text, signatures };
                files::put_durably(&directory.join(HEAD), head.to_string().as_bytes())?;
                key.write(&directory.join(KEY))?;
                key
            }
            (None, _) => return Err(broken(directory, "the key is missing")),
        };
        if key.public().name() != origin.as_str() {
            return Err(Refused::OtherLog(key.public().name().to_owned()).into());
        }
        drop(lock);
        let signer = Self {
            directory: directory.to_owned(),
        };
        signer.head()?;
        Ok(signer)
    }

    /// The keys: the one that signs, then the one that signs along.
    fn keys(&self) -> Result<Vec<NoteKey>, ProofError> {
        let mut keys = vec![self.key()?];
        keys.extend(NoteKey::read(&self.directory.join(OLD_KEY))?);
        Ok(keys)
    }

    /// The public keys: the one that signs, then the one that signs along.
    pub fn public(&self) -> Result<Vec<VerifierKey>, ProofError> {
        let keys = self.keys()?;
        Ok(keys.iter().map(|key| key.public().clone()).collect())
    }

    /// The key that signs.
    pub(super) fn key(&self) -> Result<NoteKey, ProofError> {
        let missing = || broken(&self.directory, "the key is missing");
        NoteKey::read(&self.directory.join(KEY))?.ok_or_else(missing)
    }

    /// The last head that was signed.
    pub fn head(&self) -> Result<(Note, Checkpoint), ProofError> {
        let path = self.directory.join(HEAD);
        let missing = || broken(&self.directory, "the last signed head is missing");
        let bytes = files::read(&path)?.ok_or_else(missing)?;
        let (note, checkpoint) = Checkpoint::of_note(&bytes)?;
        note.signed_by(&self.public()?)
            .map_err(|error| broken(&path, &error.to_string()))?;
        Ok((note, checkpoint))
    }

    /// Signs a checkpoint that grows out of the last one, as `proof` (RFC 6962) shows, and keeps it as the last one before
    /// it gives it away. The same checkpoint again gives the same note.
    pub fn sign(&self, next: &Checkpoint, proof: &[Sha256Hex]) -> Result<Note, ProofError> {
        let _lock = lock(&self.directory)?;
        let (note, last) = self.head()?;
        if self.directory.join(STATEMENT).exists() {
            return Err(Refused::Closed.into());
        }
        if next.origin != last.origin {
            return Err(Refused::OtherLog(last.origin).into());
        }
        let (signed, asked) = (last.size, next.size);
        let grown = verify_consistency((signed, &last.root), (asked, &next.root), proof);
        if !grown && !Fault::P6.planted() {
            return Err(match asked < signed {
                true => Refused::Behind { asked, signed }.into(),
                false => Refused::NotGrown { asked, signed }.into(),
            });
        }
        let keys = self.keys()?;
        let text = next.text();
        // Ed25519 signs the same text in the same way: what is signed already stays byte for byte.
        let signatures = keys.iter().map(|key| key.sign(&text)).collect();
        let again = Note { text, signatures };
        if again == note {
            return Ok(note);
        }
        let note = again;
        files::put_durably(&self.directory.join(HEAD), note.to_string().as_bytes())?;
        Ok(note)
    }

    /// A new key on its way: kept, but it signs nothing before [`Signer::change_key`]. The same one again after a crash.
    pub(super) fn next_key(&self, entropy: &Entropy) -> Result<VerifierKey, ProofError> {
        let _lock = lock(&self.directory)?;
        let path = self.directory.join(NEW_KEY);
        if let Some(key) = NoteKey::read(&path)? {
            return Ok(key.public().clone());
        }
        let key = NoteKey::generate(self.key()?.public().name(), Algorithm::Ed25519, entropy);
        let key = key.ok_or_else(|| broken(&path, "the origin names no key"))?;
        key.write(&path)?;
        Ok(key.public().clone())
    }

    /// The key on its way signs from now on; the one before it signs along.
    pub(super) fn change_key(&self) -> Result<(), ProofError> {
        let _lock = lock(&self.directory)?;
        let path = self.directory.join(NEW_KEY);
        let new = NoteKey::read(&path)?.ok_or_else(|| broken(&path, "no key is on its way"))?;
        let key = self.key()?;
        if key.public() != new.public() {
            key.write(&self.directory.join(OLD_KEY))?;
            new.write(&self.directory.join(KEY))?;
        }
        std::fs::remove_file(&path).map_err(|error| ProofError::File(path, error))
    }

    /// The key before the current one signs no more. `false` where there is none.
    pub fn retire(&self) -> Result<bool, ProofError> {
        let (note, checkpoint) = self.head()?;
        let path = self.directory.join(OLD_KEY);
        if !path.exists() {
            return Ok(false);
        }
        // The last head must be signed by the key that stays.
        if note.signed_by(&[self.key()?.public().clone()]).is_err() {
            self.sign(&checkpoint, &[])?;
        }
        let _lock = lock(&self.directory)?;
        std::fs::remove_file(&path).map_err(|error| ProofError::File(path, error))?;
        Ok(true)
    }
}

fn broken(path: &Path, why: &str) -> ProofError {
    ProofError::Broken(format!("{}: {why}", path.display()))
}

fn lock(directory: &Path) -> Result<File, ProofError> {
    let path = directory.join(LOCK);
    let failed = |error| ProofError::File(path.clone(), error);
    create_dir_all(directory).map_err(failed)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
