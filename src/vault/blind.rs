//! The blind index: who stands for a number, without the number. A keyed hash of the number is looked up; the key (the
//! pepper) is random, one per epoch, and lies wrapped among the keys. There are about a thousand million IINs, so a hash
//! without a key would be no protection at all.

use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use qonys_events::id::{Origin, Ref};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    envelope::{Secret, disclose, enclose, framed},
    provider::Epoch,
};

/// A number by which a subject is found: its kind, and the number as it is compared.
pub struct Number {
    /// What it is: `iin`, `document` …
    pub name: &'static str,
    /// In the form in which two writings of it are the same.
    pub value: Zeroizing<String>,
    /// Whether it stands for one subject at most.
    pub sole: bool,
}

/// A row of the blind index.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
    /// Empty where the number stands for one subject at most.
    pub(super) place: String,
    pub(super) subject: Ref,
    /// The number under the subject's key; empty where a row was only looked up.
    pub(super) sealed: Vec<u8>,
}

/// What a command says about the numbers of a subject, before it is known whether they are another's.
pub(super) struct Claim {
    pub(super) subject: Ref,
    pub(super) command: Ref,
    pub(super) rows: Vec<Row>,
    /// The hashes of the sole numbers under every pepper that lives, the strongest number first.
    pub(super) known: Vec<(String, Vec<u8>)>,
}

/// Who stands for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// The subject.
    pub subject: Ref,
    /// Whether nobody stood for it before.
    pub fresh: bool,
}

/// The key of the blind index in an epoch.
pub(super) struct Pepper {
    pub(super) epoch: Epoch,
    pub(super) key: Secret,
}

impl Pepper {
    /// The hash of a number.
    pub(super) fn value(&self, origin: &Origin, name: &str, value: &str) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(self.key.bytes())
            .expect("a key of any length will do");
        let parts = [origin.as_str(), name, value];
        mac.update(&Zeroizing::new(framed(
            "qonys/blind/1",
            &parts.map(str::as_bytes),
        )));
        mac.finalize().into_bytes().to_vec()
    }
}

fn key(data_key: &Secret, bound: &[u8]) -> Secret {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, data_key.bytes())
        .expand(bound, &mut *key)
        .expect("32 bytes are within one round");
    Secret::new(*key)
}

fn bound(origin: &Origin, name: &str, subject: Ref) -> Vec<u8> {
    let subject = subject.to_string();
    let parts = [origin.as_str(), name, &subject];
    framed("qonys/blind-number/1", &parts.map(str::as_bytes))
}

/// A number under the key of its subject, so that its hash can be made again under another pepper.
pub(super) fn seal(
    origin: &Origin,
    data_key: &Secret,
    nonce: [u8; 12],
    (name, subject): (&str, Ref),
    value: &str,
) -> Vec<u8> {
    let bound = bound(origin, name, subject);
    enclose(&key(data_key, &bound), nonce, &bound, value.as_bytes())
}

/// The number again; none if the bytes are not those of this row.
pub(super) fn open(
    origin: &Origin,
    data_key: &Secret,
    (name, subject): (&str, Ref),
    sealed: &[u8],
) -> Option<Zeroizing<String>> {
    let bound = bound(origin, name, subject);
    let opened = disclose(&key(data_key, &bound), &bound, sealed)?;
    Some(Zeroizing::new(
        std::str::from_utf8(&opened).ok()?.to_owned(),
    ))
}
