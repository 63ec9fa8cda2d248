//! Keys that sign, as files: `PRIVATE+KEY+name+id+base64`, the form of Go's `sumdb/note`.

use std::{fmt, path::Path, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use qonys_verify::note::{Algorithm, BadNote, SignatureLine, VerifierKey, cosigned, key_id};
use zeroize::Zeroizing;

use super::{ProofError, files};
use crate::clock::Entropy;

const PREFIX: &str = "PRIVATE+KEY+";

/// A key that signs notes. Its bytes are wiped when it goes; it is never printed.
pub struct NoteKey {
    algorithm: Algorithm,
    public: VerifierKey,
    key: SigningKey,
}

impl NoteKey {
    /// A new key. `None` where the name may not name a key.
    pub fn generate(name: &str, algorithm: Algorithm, entropy: &Entropy) -> Option<Self> {
        let seed = Zeroizing::new(entropy.bytes::<32>());
        Self::of_seed(name, algorithm, &seed)
    }

    fn of_seed(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, algorithm, key.verifying_key())?;
        Some(Self {
            algorithm,
            public,
            key,
        })
    }

    /// The public key.
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// The same key under another name: an incarnation that goes on with the key of the one before it.
    pub fn renamed(&self, name: &str) -> Option<Self> {
        Self::of_seed(name, self.algorithm, &Zeroizing::new(self.key.to_bytes()))
    }

    /// Signs a text as a log does.
    pub fn sign(&self, text: &str) -> SignatureLine {
        self.line(self.key.sign(text.as_bytes()).to_bytes().to_vec())
    }

    /// Signs a checkpoint's text as a witness does, at a time in seconds since 1970.
    pub fn cosign(&self, time: u64, text: &str) -> SignatureLine {
        let signature = self.key.sign(cosigned(time, text).as_bytes());
        self.line([&time.to_be_bytes()[..], &signature.to_bytes()].concat())
    }

    fn line(&self, bytes: Vec<u8>) -> SignatureLine {
        SignatureLine {
            name: self.public.name().to_owned(),
            id: self.public.id(),
            bytes,
        }
    }

    /// Reads a key file; `None` where there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, ProofError> {
        let Some(bytes) = files::read(path)? else {
            return Ok(None);
        };
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim_end();
        let key = text
            .parse()
            .map_err(|error: BadNote| ProofError::Broken(format!("{}: {error}", path.display())))?;
        Ok(Some(key))
    }

    /// Writes a key file, for its owner alone.
    pub fn write(&self, path: &Path) -> Result<(), ProofError> {
        let mut bytes = Zeroizing::new(vec![self.algorithm.byte()]);
        bytes.extend(Zeroizing::new(self.key.to_bytes()).iter());
        let key = Zeroizing::new(STANDARD.encode(&*bytes));
        let id = u32::from_be_bytes(self.public.id());
        let text = Zeroizing::new(format!(
            "{PREFIX}{}+{id:08x}+{}\n",
            self.public.name(),
            *key
        ));
        files::put_secret(path, text.as_bytes())
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key {}", self.public)
    }
}

impl FromStr for NoteKey {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let bad = || BadNote("a key that signs is PRIVATE+KEY+name+id+base64");
        let mut parts = text.strip_prefix(PREFIX).ok_or_else(bad)?.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad());
        };
        let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| bad())?);
        let (kind, seed) = bytes.split_first().ok_or_else(bad)?;
        let algorithm = [Algorithm::Ed25519, Algorithm::Cosignature]
            .into_iter()
            .find(|algorithm| algorithm.byte() == *kind)
            .ok_or_else(bad)?;
        let seed: &[u8; 32] = seed.try_into().map_err(|_| bad())?;
        let made = Self::of_seed(name, algorithm, seed).ok_or_else(bad)?;
        let right = key_id(name, algorithm, made.public.key().as_bytes());
        if id == format!("{:08x}", u32::from_be_bytes(right)) {
            Ok(made)
        } else {
            Err(bad())
        }
    }
}
