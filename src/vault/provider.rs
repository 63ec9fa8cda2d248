//! Who holds the key-encryption key and wraps data keys with it.
//!
//! A file, so far: `vault.key` in the data directory, two lines of text that can be kept on paper or
//! mounted as a secret. Whoever has it and `vault.sqlite` can open every sealed slot.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use qonys_events::{
    id::{Origin, Ref},
    term::SlotCategory,
};
use zeroize::Zeroizing;

use super::{
    VaultError,
    envelope::{Secret, disclose, enclose, framed},
};

const FILE: &str = "vault.key";
const HEADER: &str = "qonys-vault-key/1";
/// More than a key file ever holds.
const FILE_BYTES_MAX: usize = 1024;
/// Whoever is not the owner.
const OTHERS: u32 = 0o077;

/// The lifetime of one key-encryption key: 1, 2, 3 …
pub(super) type Epoch = u32;
/// The epoch that a new vault begins with.
pub(super) const FIRST_EPOCH: Epoch = 1;

/// What a wrapped key is bound to.
pub(super) enum Wrapping<'a> {
    /// The data key of a subject and category.
    DataKey {
        origin: &'a Origin,
        epoch: Epoch,
        subject: Ref,
        category: SlotCategory,
    },
    /// No key at all: 32 zeros, which show at the next start that the provider holds the right key.
    Probe { origin: &'a Origin, epoch: Epoch },
}

impl Wrapping<'_> {
    fn bound(&self) -> Vec<u8> {
        match self {
            Self::DataKey {
                origin,
                epoch,
                subject,
                category,
            } => {
                let (epoch, subject) = (epoch.to_string(), subject.to_string());
                let parts = [origin.as_str(), &epoch, &subject, category.as_str()];
                framed("qonys/data-key/1", &parts.map(str::as_bytes))
            }
            Self::Probe { origin, epoch } => {
                let parts = [origin.as_str(), &epoch.to_string()];
                framed("qonys/epoch/1", &parts.map(str::as_bytes))
            }
        }
    }
}

/// The holder of the key-encryption key.
pub(super) enum Provider {
    /// A key file, read into memory at the start.
    File { path: PathBuf, key: Secret },
}

impl Provider {
    /// The name that the vault remembers for an epoch.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
        }
    }

    /// Wraps a key.
    pub(super) fn wrap(&self, wrapping: &Wrapping<'_>, nonce: [u8; 12], key: &Secret) -> Vec<u8> {
        match self {
            Self::File { key: wrapper, .. } => {
                enclose(wrapper, nonce, &wrapping.bound(), key.bytes())
            }
        }
    }

    /// Unwraps a key; none if it is not wrapped by this provider, or for something else.
    pub(super) fn unwrap(&self, wrapping: &Wrapping<'_>, wrapped: &[u8]) -> Option<Secret> {
        match self {
            Self::File { key: wrapper, .. } => {
                Secret::from_slice(&disclose(wrapper, &wrapping.bound(), wrapped)?)
            }
        }
    }

    /// The probe of an epoch.
    pub(super) fn probe(&self, origin: &Origin, epoch: Epoch, nonce: [u8; 12]) -> Vec<u8> {
        self.wrap(
            &Wrapping::Probe { origin, epoch },
            nonce,
            &Secret::new([0; 32]),
        )
    }

    /// Checks that this is the key of the epoch that the probe was made in.
    pub(super) fn check(
        &self,
        origin: &Origin,
        epoch: Epoch,
        probe: &[u8],
    ) -> Result<(), VaultError> {
        let Self::File { path, .. } = self;
        match self.unwrap(&Wrapping::Probe { origin, epoch }, probe) {
            Some(_) => Ok(()),
            None => Err(refused(path, "it is not the key of the vault beside it")),
        }
    }

    /// Reads the key file of this directory.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] if it is missing, malformed, or open to others than its owner.
    pub(super) fn file(dir: &Path) -> Result<Self, VaultError> {
        let path = dir.join(FILE);
        match read(&path)? {
            Some(key) => Ok(Self::File { path, key }),
            None => Err(refused(
                &path,
                "it is missing, and the keys of the vault need it",
            )),
        }
    }

    /// Reads the key file of this directory, or writes one with `fresh` if there is none. Called
    /// with the vault's write lock held and before any key is wrapped; the file is durable on return.
    pub(super) fn file_or_fresh(dir: &Path, fresh: Secret) -> Result<Self, VaultError> {
        let path = dir.join(FILE);
        if let Some(key) = read(&path)? {
            return Ok(Self::File { path, key });
        }
        write(dir, &path, &fresh).map_err(|error| refused(&path, error))?;
        Ok(Self::File { path, key: fresh })
    }
}

fn refused(path: &Path, reason: impl std::fmt::Display) -> VaultError {
    VaultError::KeyFile {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

/// The key in the file; none if there is no file.
fn read(path: &Path) -> Result<Option<Secret>, VaultError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| refused(path, error))?,
    };
    let metadata = file.metadata().map_err(|error| refused(path, error))?;
    if !metadata.is_file() {
        return Err(refused(path, "it is not a file"));
    }
    let mode = metadata.mode() & 0o777;
    if mode & OTHERS != 0 {
        let reason = format!("its mode is {mode:04o}: close it to others with chmod 600");
        return Err(refused(path, reason));
    }
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX));
    file.take(FILE_BYTES_MAX as u64)
        .read_to_string(&mut text)
        .map_err(|error| refused(path, error))?;
    match parsed(&text) {
        Some(key) => Ok(Some(key)),
        None => Err(refused(
            path,
            "it does not hold a key as this version writes it",
        )),
    }
}

/// Writes the file whole or not at all.
fn write(dir: &Path, path: &Path, key: &Secret) -> io::Result<()> {
    let unfinished = path.with_extension("key.new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(written(key).as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()
}

fn written(key: &Secret) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX));
    text.push_str(HEADER);
    write!(text, "\n{FIRST_EPOCH} ").expect("a string takes every text");
    for byte in key.bytes() {
        write!(text, "{byte:02x}").expect("a string takes every text");
    }
    text.push('\n');
    text
}

fn parsed(text: &str) -> Option<Secret> {
    let line = text.strip_prefix(HEADER)?.strip_prefix('\n')?;
    let digits = line
        .trim_end()
        .strip_prefix(&format!("{FIRST_EPOCH} "))?
        .as_bytes();
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex(pair[0])? << 4 | hex(pair[1])?;
    }
    Some(Secret::new(*key))
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
