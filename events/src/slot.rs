//! Sealed personal values as an entry shows them: a commitment and the hash of the sealed bytes, never the value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Sha256Hex,
    id::{Origin, Ref},
    scalar::Slug,
    term::SlotCategory,
};

/// One sealed value of one person or dwelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What the value is: `name`, `iin`, `address` …
    pub name: Slug,
    /// Whose value it is; its data key belongs to this subject.
    pub subject: Ref,
    /// Which of the subject's keys seals it.
    pub category: SlotCategory,
    /// How it is sealed: `aes-256-gcm-siv.1`.
    pub scheme: Slug,
    /// Salted commitment to the plaintext, see [`commitment`].
    pub commitment: Sha256Hex,
    /// SHA-256 of the sealed bytes.
    pub sealed: Sha256Hex,
}

/// The commitment to a plaintext: whoever is shown plaintext and salt can check it without any key.
pub fn commitment(
    origin: &Origin,
    command: Ref,
    name: &Slug,
    subject: Ref,
    salt: &[u8],
    plaintext: &[u8],
) -> Sha256Hex {
    Sha256Hex::tagged(
        "qonys/slot/1",
        &[
            origin.as_str().as_bytes(),
            command.to_string().as_bytes(),
            name.as_str().as_bytes(),
            subject.to_string().as_bytes(),
            salt,
            plaintext,
        ],
    )
}
