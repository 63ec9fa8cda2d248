//! The one authenticated encryption that the vault uses, and the secrets that go into it.
//!
//! An envelope is `alg (1) || nonce (12) || ciphertext || tag (16)`. AES-256-GCM-SIV (RFC 8452)
//! survives a nonce that repeats, as it can when a machine is restored from a snapshot.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit as _, Nonce,
    aead::{AeadInPlace as _, generic_array::GenericArray},
};
use zeroize::Zeroizing;

/// The header byte of AES-256-GCM-SIV; other algorithms get other bytes.
const AES_256_GCM_SIV: u8 = 1;
const HEADER: usize = 1 + NONCE;
const NONCE: usize = 12;
const TAG: usize = 16;

/// 32 secret bytes: wiped when dropped, and without any way to print them.
pub(super) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret in these bytes, if there are 32.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::new(bytes.try_into().ok()?))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The same secret once more; it is wiped like the first.
    pub(super) fn copy(&self) -> Self {
        Self::new(*self.0)
    }
}

/// A tag and parts, each preceded by its length as eight bytes, big-endian.
pub(super) fn framed(tag: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in std::iter::once(&tag.as_bytes()).chain(parts) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Seals `plaintext` into an envelope bound to `bound`.
pub(super) fn enclose(key: &Secret, nonce: [u8; NONCE], bound: &[u8], plaintext: &[u8]) -> Vec<u8> {
    // All of it at once: a buffer that grows leaves plaintext behind.
    let mut bytes = Vec::with_capacity(HEADER + plaintext.len() + TAG);
    bytes.push(AES_256_GCM_SIV);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(plaintext);
    let tag = cipher(key)
        .encrypt_in_place_detached(Nonce::from_slice(&nonce), bound, &mut bytes[HEADER..])
        .expect("what the vault seals is far below the 64 GiB of the algorithm");
    bytes.extend_from_slice(&tag);
    bytes
}

/// Opens an envelope; none if it is not one, or not under this key, or not bound to this.
pub(super) fn disclose(key: &Secret, bound: &[u8], bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&alg, rest) = bytes.split_first()?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
    if alg != AES_256_GCM_SIV {
        return None;
    }
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    cipher(key)
        .decrypt_in_place_detached(
            Nonce::from_slice(nonce),
            bound,
            &mut plaintext,
            GenericArray::from_slice(tag),
        )
        .ok()?;
    Some(plaintext)
}

fn cipher(key: &Secret) -> Aes256GcmSiv {
    Aes256GcmSiv::new(GenericArray::from_slice(key.bytes()))
}
