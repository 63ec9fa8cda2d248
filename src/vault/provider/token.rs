//! Key-encryption keys in a token that speaks PKCS#11: an HSM, a smart card, SoftHSM2. They are made in it and cannot leave it;
//! data keys go to it to be wrapped (AES-256-GCM) and unwrapped.
//!
//! Each epoch is one secret key object: its label names the log, its id the epoch as four bytes, big-endian.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};
use qonys_events::id::Origin;
use zeroize::Zeroizing;

use super::{
    super::{VaultError, envelope::Secret},
    Answer, Bare, Enclosed, Epoch, Provider,
};

/// The header byte of AES-256-GCM with a nonce from the token; the envelopes of the file provider have another.
const AES_256_GCM: u8 = 2;
const NONCE: usize = 12;
const TAG_BITS: u64 = 128;
const KEY_BYTES: u64 = 32;
/// More than a PIN ever has.
const PIN_BYTES_MAX: u64 = 256;
/// Whoever is not the owner.
const OTHERS: u32 = 0o077;

/// Where a token is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPlace {
    /// The library of its vendor.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// The file that holds the PIN of its user, closed to others.
    pub pin_file: PathBuf,
}

/// A token, and the session with it. Its calls block: they are made on threads for that.
pub(in crate::vault) struct Token(Arc<Inner>);

struct Inner {
    place: TokenPlace,
    /// What the label of each key says.
    label: String,
    /// One call at a time; a session that failed is opened again.
    session: Mutex<Option<Session>>,
}

impl Token {
    /// The token of this place for the keys of a log.
    ///
    /// # Errors
    /// [`VaultError::Token`] if it cannot be reached, or does not take the PIN.
    pub(in crate::vault) async fn of(
        place: &TokenPlace,
        origin: &Origin,
    ) -> Result<Self, VaultError> {
        let token = Self(Arc::new(Inner {
            place: place.clone(),
            label: format!("qonys {origin}"),
            session: Mutex::new(None),
        }));
        token.call(|_, _| Ok(())).await?;
        Ok(token)
    }

    /// Calls the token, away from the threads that wait for others.
    async fn call<T: Send + 'static>(
        &self,
        of: impl Fn(&Session, &str) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, VaultError> {
        let inner = Arc::clone(&self.0);
        let called = tokio::task::spawn_blocking(move || inner.call(of)).await;
        called.map_err(super::super::error::unavailable)?
    }
}

impl Inner {
    fn refused(&self, reason: impl std::fmt::Display) -> VaultError {
        VaultError::Token {
            token: self.place.token.clone(),
            reason: reason.to_string(),
        }
    }

    /// Makes a call; where the session is gone, once more in a new one.
    fn call<T>(&self, of: impl Fn(&Session, &str) -> Result<T, Error>) -> Result<T, VaultError> {
        let mut kept = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = kept.as_ref() {
            match of(session, &self.label) {
                Err(error) if is_gone(&error) => *kept = None,
                done => return done.map_err(|error| self.refused(error)),
            }
        }
        let session = kept.insert(self.open()?);
        of(session, &self.label).map_err(|error| self.refused(error))
    }

    fn open(&self) -> Result<Session, VaultError> {
        let pkcs11 = loaded(&self.place.module)
            .map_err(|e| self.refused(format!("{}: {e}", self.place.module.display())))?;
        let slots = pkcs11.get_slots_with_token();
        let slots = slots.map_err(|e| self.refused(e))?;
        let slot = slots.into_iter().find(|slot| {
            let info = pkcs11.get_token_info(*slot);
            info.is_ok_and(|info| info.label() == self.place.token)
        });
        let slot = slot.ok_or_else(|| self.refused("no slot has a token of this label"))?;
        let session = pkcs11.open_rw_session(slot);
        let session = session.map_err(|e| self.refused(e))?;
        let pin = pin(&self.place.pin_file)
            .map_err(|e| self.refused(format!("{}: {e}", self.place.pin_file.display())))?;
        match session.login(UserType::User, Some(&pin)) {
            // All sessions of a process are logged in together.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(self.refused(error)),
        }
    }
}

/// The library, loaded and initialised once in a process: it knows no second time.
fn loaded(module: &Path) -> Result<Pkcs11, Error> {
    static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());
    let mut all = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pkcs11) = all.get(module) {
        return Ok(pkcs11.clone());
    }
    let pkcs11 = Pkcs11::new(module)?;
    match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(error),
    }
    all.insert(module.to_owned(), pkcs11.clone());
    Ok(pkcs11)
}

/// Whether a new session may help: the token was taken out, or forgot us.
fn is_gone(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::DeviceError
                | RvError::DeviceRemoved
                | RvError::TokenNotPresent,
            _
        )
    )
}

/// Whether the token says that bytes are not what was wrapped. SoftHSM2 says `GeneralError` of a tag that is wrong.
fn is_not_ours(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange | RvError::GeneralError,
            _
        )
    )
}

/// Reads the PIN, which stands in a file of its own.
fn pin(path: &Path) -> std::io::Result<AuthPin> {
    let file = File::open(path)?;
    let mode = file.metadata()?.mode() & 0o777;
    if mode & OTHERS != 0 {
        let text = format!("its mode is {mode:04o}: close it to others with chmod 600");
        return Err(std::io::Error::other(text));
    }
    let mut text = Zeroizing::new(String::with_capacity(PIN_BYTES_MAX as usize));
    file.take(PIN_BYTES_MAX).read_to_string(&mut text)?;
    Ok(AuthPin::from(text.trim_end().to_owned()))
}

fn id_of(epoch: Epoch) -> Vec<u8> {
    epoch.to_be_bytes().to_vec()
}

/// What every key of a log is found by.
fn ours(label: &str) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::Label(label.as_bytes().to_vec()),
    ]
}

fn key(session: &Session, label: &str, epoch: Epoch) -> Result<Option<ObjectHandle>, Error> {
    let mut template = ours(label);
    template.push(Attribute::Id(id_of(epoch)));
    Ok(session.find_objects(&template)?.into_iter().next())
}

/// The keys of a log with their epochs.
fn keys(session: &Session, label: &str) -> Result<Vec<(Epoch, ObjectHandle)>, Error> {
    let mut found = Vec::new();
    for handle in session.find_objects(&ours(label))? {
        for attribute in session.get_attributes(handle, &[AttributeType::Id])? {
            if let Attribute::Id(id) = attribute
                && let Ok(epoch) = id.try_into()
            {
                found.push((Epoch::from_be_bytes(epoch), handle));
            }
        }
    }
    Ok(found)
}

fn make(session: &Session, label: &str, epoch: Epoch) -> Result<(), Error> {
    if key(session, label, epoch)?.is_some() {
        return Ok(());
    }
    let mut template = ours(label);
    template.extend([
        Attribute::Id(id_of(epoch)),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(KEY_BYTES.into()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
    ]);
    session
        .generate_key(&Mechanism::AesKeyGen, &template)
        .map(drop)
}

/// An envelope: `alg (1) || nonce (12) || ciphertext || tag (16)`. The nonce comes from the token, which no snapshot of a
/// machine winds back.
fn enclose(
    session: &Session,
    key: ObjectHandle,
    bound: &[u8],
    bytes: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; NONCE];
    session.generate_random_slice(&mut nonce)?;
    let mut envelope = vec![AES_256_GCM];
    envelope.extend_from_slice(&nonce);
    let gcm = GcmParams::new(&mut nonce, bound, TAG_BITS.into())?;
    envelope.extend(session.encrypt(&Mechanism::AesGcm(gcm), key, bytes)?);
    Ok(envelope)
}

fn disclose(
    session: &Session,
    key: ObjectHandle,
    bound: &[u8],
    envelope: &[u8],
) -> Result<Option<Secret>, Error> {
    let parts = envelope
        .split_first()
        .filter(|(alg, _)| **alg == AES_256_GCM);
    let Some((nonce, sealed)) = parts.and_then(|(_, rest)| rest.split_first_chunk::<NONCE>())
    else {
        return Ok(None);
    };
    let mut nonce = *nonce;
    let gcm = GcmParams::new(&mut nonce, bound, TAG_BITS.into())?;
    match session.decrypt(&Mechanism::AesGcm(gcm), key, sealed) {
        Ok(bytes) => Ok(Secret::from_slice(&Zeroizing::new(bytes))),
        Err(error) if is_not_ours(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Provider for Token {
    fn name(&self) -> &'static str {
        "pkcs11"
    }

    fn begin(&self, epoch: Epoch, _: Secret) -> Answer<'_, ()> {
        Box::pin(self.call(move |session, label| make(session, label, epoch)))
    }

    fn holds(&self, epoch: Epoch) -> Answer<'_, bool> {
        Box::pin(self.call(move |session, label| Ok(key(session, label, epoch)?.is_some())))
    }

    fn wrap<'a>(&'a self, epoch: Epoch, keys: Vec<Bare<'a>>) -> Answer<'a, Vec<Vec<u8>>> {
        let bare = keys.into_iter().map(|one| (one.bound, one.key.copy()));
        let bare: Vec<_> = bare.collect();
        Box::pin(async move {
            let wrapped = self.call(move |session, label| {
                let Some(wrapper) = key(session, label, epoch)? else {
                    return Ok(None);
                };
                let each = bare
                    .iter()
                    .map(|(bound, key)| enclose(session, wrapper, bound, key.bytes()));
                each.collect::<Result<_, _>>().map(Some)
            });
            wrapped.await?.ok_or_else(|| self.without(epoch))
        })
    }

    fn unwrap<'a>(
        &'a self,
        epoch: Epoch,
        wrapped: Vec<Enclosed<'a>>,
    ) -> Answer<'a, Vec<Option<Secret>>> {
        let wrapped = wrapped
            .into_iter()
            .map(|one| (one.bound, one.wrapped.to_vec()));
        let wrapped: Vec<_> = wrapped.collect();
        Box::pin(self.call(move |session, label| {
            let wrapper = key(session, label, epoch)?;
            let each = wrapped.iter().map(|(bound, envelope)| match wrapper {
                Some(wrapper) => disclose(session, wrapper, bound, envelope),
                None => Ok(None),
            });
            each.collect()
        }))
    }

    fn end_before(&self, epoch: Epoch) -> Answer<'_, ()> {
        Box::pin(self.call(move |session, label| {
            let older = keys(session, label)?;
            let mut older = older.iter().filter(|(of, _)| *of < epoch);
            older.try_for_each(|(_, handle)| session.destroy_object(*handle))
        }))
    }

    fn without(&self, epoch: Epoch) -> VaultError {
        self.0.refused(format!(
            "it holds no key of epoch {epoch} for this log: it is another token, or the vault is a copy from before the \
             epoch was rolled"
        ))
    }
}
