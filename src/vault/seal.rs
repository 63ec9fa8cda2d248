//! One sealed slot as bytes.
//!
//! An envelope (`envelope.rs`) under a key of its own, derived from the subject's data key. Inside:
//! `salt (32) || length (4, big-endian) || text || zeros`, where everything after the salt fills 64,
//! 128, 256 … bytes, so that the size shows a bucket and not the length. Envelope and slot key are
//! bound to origin, command, name and subject; the entry's own id is not known yet when it is sealed.

use hkdf::Hkdf;
use qonys_events::{
    digest::Sha256Hex,
    id::{Origin, Ref},
    scalar::Slug,
    slot::commitment,
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    VaultError,
    envelope::{Secret, disclose, enclose, framed},
};

/// The scheme as it stands in the slot.
pub(super) const SCHEME: &str = "aes-256-gcm-siv.1";
/// The longest plaintext in bytes: with its length it fills the largest bucket, 64 KiB.
pub(super) const PLAINTEXT_MAX: usize = 64 * 1024 - LENGTH;
const BUCKET_MIN: usize = 64;
const LENGTH: usize = 4;
const SALT: usize = 32;

/// The salt of a commitment: who has it can try plaintexts.
pub(super) type Salt = Zeroizing<Vec<u8>>;

/// What a sealed slot is bound to.
pub(super) struct Binding<'a> {
    pub(super) origin: &'a Origin,
    pub(super) commandid: Ref,
    pub(super) name: &'a Slug,
    pub(super) subject: Ref,
}

/// What is random about one sealing.
pub(super) struct Chance {
    pub(super) salt: Zeroizing<[u8; SALT]>,
    pub(super) nonce: [u8; 12],
}

impl<'a> Binding<'a> {
    /// A slot of a command, in the incarnation of this origin.
    pub(super) fn of(origin: &'a Origin, commandid: Ref, name: &'a Slug, subject: Ref) -> Self {
        Self {
            origin,
            commandid,
            name,
            subject,
        }
    }

    /// The commitment to a text under this salt.
    fn commitment(&self, salt: &[u8], text: &str) -> Sha256Hex {
        commitment(
            self.origin,
            self.commandid,
            self.name,
            self.subject,
            salt,
            text.as_bytes(),
        )
    }

    fn framed(&self, tag: &str) -> Vec<u8> {
        let (command, subject) = (self.commandid.to_string(), self.subject.to_string());
        let name = self.name.as_str();
        let parts = [self.origin.as_str(), &command, name, &subject];
        framed(tag, &parts.map(str::as_bytes))
    }

    /// What the envelope authenticates beside its content.
    fn associated(&self) -> Vec<u8> {
        self.framed("qonys/sealed/1")
    }

    /// The key of this slot alone: no two slots share one, whatever happens to a nonce.
    fn key(&self, data_key: &Secret) -> Secret {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, data_key.bytes())
            .expand(&self.framed("qonys/slot-key/1"), &mut *key)
            .expect("32 bytes are within one round");
        Secret::new(*key)
    }
}

/// Seals a text of at most [`PLAINTEXT_MAX`] bytes: its commitment and the sealed bytes.
pub(super) fn seal(
    binding: &Binding<'_>,
    data_key: &Secret,
    chance: &Chance,
    text: &str,
) -> (Sha256Hex, Vec<u8>) {
    let length = u32::try_from(text.len()).expect("the caller has checked the length");
    let bucket = (LENGTH + text.len()).next_power_of_two().max(BUCKET_MIN);
    let mut padded = Zeroizing::new(Vec::with_capacity(SALT + bucket));
    padded.extend_from_slice(&*chance.salt);
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(text.as_bytes());
    padded.resize(SALT + bucket, 0);
    let key = binding.key(data_key);
    let bytes = enclose(&key, chance.nonce, &binding.associated(), &padded);
    (binding.commitment(&*chance.salt, text), bytes)
}

/// Opens sealed bytes and compares what is in them with the entry's commitment.
pub(super) fn open(
    binding: &Binding<'_>,
    data_key: &Secret,
    committed: Sha256Hex,
    bytes: &[u8],
) -> Result<(Salt, Zeroizing<String>), VaultError> {
    let key = binding.key(data_key);
    let opened = disclose(&key, &binding.associated(), bytes).ok_or(VaultError::Sealed(
        "they do not open under the key of this slot",
    ))?;
    let (salt, text) = unpadded(&opened).ok_or(VaultError::Sealed("the padding is malformed"))?;
    if binding.commitment(salt, text) != committed {
        return Err(VaultError::Commitment);
    }
    Ok((
        Zeroizing::new(salt.to_vec()),
        Zeroizing::new(text.to_owned()),
    ))
}

/// Salt and text of what [`seal`] put together; none for any other shape.
fn unpadded(opened: &[u8]) -> Option<(&[u8], &str)> {
    let (salt, padded) = opened.split_at_checked(SALT)?;
    let (length, rest) = padded.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, zeros) = rest.split_at_checked(length)?;
    let bucket = (LENGTH + length).next_power_of_two().max(BUCKET_MIN);
    let whole = padded.len() == bucket && zeros.iter().all(|&byte| byte == 0);
    whole.then_some((salt, std::str::from_utf8(text).ok()?))
}
