//! Key-encryption keys in a file: `vault.key`, one line of text per epoch, that can be kept on paper or mounted as a secret.
//! Whoever has it and the keys of the vault can open every sealed slot. While an epoch is rolled it has two lines.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use zeroize::Zeroizing;

use super::{
    super::{
        VaultError,
        envelope::{Secret, disclose, enclose},
    },
    Answer, Bare, Enclosed, Epoch, Provider,
};

const FILE: &str = "vault.key";
const HEADER: &str = "qonys-vault-key/1";
/// More than a key file ever holds.
const FILE_BYTES_MAX: usize = 1024;
/// Whoever is not the owner.
const OTHERS: u32 = 0o077;

/// Keys by epoch.
type Keys = BTreeMap<Epoch, Secret>;

/// The key file of a directory, read into memory.
pub(in crate::vault) struct KeyFile {
    dir: PathBuf,
    path: PathBuf,
    keys: RwLock<Keys>,
}

impl KeyFile {
    /// The key file of this directory, which may not be there yet.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] if it is malformed, or open to others than its owner.
    pub(in crate::vault) fn of(dir: &Path) -> Result<Self, VaultError> {
        let path = dir.join(FILE);
        let keys = read(&path)?.unwrap_or_default();
        Ok(Self {
            dir: dir.to_owned(),
            path,
            keys: RwLock::new(keys),
        })
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file again: another process may have rolled the epoch.
    fn reload(&self) -> Result<(), VaultError> {
        let read = read(&self.path)?.unwrap_or_default();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// Reads the file again if it is not known to hold the key of this epoch.
    fn look_for(&self, epoch: Epoch) -> Result<(), VaultError> {
        if self.keys().contains_key(&epoch) {
            return Ok(());
        }
        self.reload()
    }

    fn begin_now(&self, epoch: Epoch, fresh: Secret) -> Result<(), VaultError> {
        self.reload()?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.contains_key(&epoch) {
            return Ok(());
        }
        keys.insert(epoch, fresh);
        write(&self.dir, &self.path, &keys).map_err(|error| refused(&self.path, error))
    }

    fn end_now(&self, epoch: Epoch) -> Result<(), VaultError> {
        self.reload()?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.keys().all(|known| *known >= epoch) {
            return Ok(());
        }
        keys.retain(|known, _| *known >= epoch);
        write(&self.dir, &self.path, &keys).map_err(|error| refused(&self.path, error))
    }

    fn each<T>(
        &self,
        epoch: Epoch,
        of: impl FnOnce(Option<&Secret>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.look_for(epoch)?;
        of(self.keys().get(&epoch))
    }
}

impl Provider for KeyFile {
    fn name(&self) -> &'static str {
        "file"
    }

    fn begin(&self, epoch: Epoch, fresh: Secret) -> Answer<'_, ()> {
        Box::pin(async move { self.begin_now(epoch, fresh) })
    }

    fn holds(&self, epoch: Epoch) -> Answer<'_, bool> {
        Box::pin(async move { self.each(epoch, |key| Ok(key.is_some())) })
    }

    fn wrap<'a>(&'a self, epoch: Epoch, keys: Vec<Bare<'a>>) -> Answer<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            self.each(epoch, |wrapper| {
                let wrapper = wrapper.ok_or_else(|| self.without(epoch))?;
                let wrapped = keys
                    .iter()
                    .map(|one| enclose(wrapper, one.nonce, &one.bound, one.key.bytes()));
                Ok(wrapped.collect())
            })
        })
    }

    fn unwrap<'a>(
        &'a self,
        epoch: Epoch,
        wrapped: Vec<Enclosed<'a>>,
    ) -> Answer<'a, Vec<Option<Secret>>> {
        Box::pin(async move {
            self.each(epoch, |wrapper| {
                let opened = wrapped.iter().map(|one| {
                    let bytes = disclose(wrapper?, &one.bound, one.wrapped)?;
                    Secret::from_slice(&bytes)
                });
                Ok(opened.collect())
            })
        })
    }

    fn end_before(&self, epoch: Epoch) -> Answer<'_, ()> {
        Box::pin(async move { self.end_now(epoch) })
    }

    fn without(&self, epoch: Epoch) -> VaultError {
        let keys = self.keys();
        let reason = match keys.last_key_value() {
            None => "it is missing, and the keys of the vault need it".to_owned(),
            Some((last, _)) if *last > epoch => format!(
                "the vault beside it is a copy from before the epoch was rolled: its keys are wrapped in epoch {epoch}, whose \
                 key was destroyed"
            ),
            Some(_) => "it is not the key of the vault beside it".to_owned(),
        };
        refused(&self.path, reason)
    }
}

fn refused(path: &Path, reason: impl std::fmt::Display) -> VaultError {
    VaultError::KeyFile {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

/// The keys in the file; none if there is no file.
fn read(path: &Path) -> Result<Option<Keys>, VaultError> {
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
        Some(keys) => Ok(Some(keys)),
        None => Err(refused(
            path,
            "it does not hold a key as this version writes it",
        )),
    }
}

/// Writes the file whole or not at all, and overwrites the bytes of the one before. (What a journaling file system or a
/// flash medium keeps of them is beyond a program: the book says so.)
fn write(dir: &Path, path: &Path, keys: &Keys) -> io::Result<()> {
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
    file.write_all(written(keys).as_bytes())?;
    file.sync_all()?;
    let former = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        // A file that nobody may write to is replaced all the same: the directory is ours.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
        opened => Some(opened?),
    };
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()?;
    if let Some(mut former) = former {
        let length = former.metadata()?.len();
        former.seek(io::SeekFrom::Start(0))?;
        io::copy(&mut io::repeat(0).take(length), &mut former)?;
        former.sync_all()?;
    }
    Ok(())
}

fn written(keys: &Keys) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX));
    text.push_str(HEADER);
    for (epoch, key) in keys {
        write!(text, "\n{epoch} ").expect("a string takes every text");
        for byte in key.bytes() {
            write!(text, "{byte:02x}").expect("a string takes every text");
        }
    }
    text.push('\n');
    text
}

fn parsed(text: &str) -> Option<Keys> {
    let lines = text.strip_prefix(HEADER)?.strip_prefix('\n')?.trim_end();
    let mut keys = Keys::new();
    for line in lines.split('\n') {
        let (epoch, digits) = line.split_once(' ')?;
        let epoch = epoch.parse::<Epoch>().ok().filter(|epoch| *epoch > 0)?;
        if keys
            .last_key_value()
            .is_some_and(|(last, _)| *last >= epoch)
        {
            return None;
        }
        keys.insert(epoch, secret(digits.as_bytes())?);
    }
    Some(keys)
}

fn secret(digits: &[u8]) -> Option<Secret> {
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
