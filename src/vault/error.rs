//! What goes wrong in the vault.

use std::path::PathBuf;

use qonys_events::{
    id::{Origin, Ref},
    scalar::Slug,
    term::SlotCategory,
};

use super::seal::PLAINTEXT_MAX;

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The subject has no key of this category: it was never made here, or was destroyed.
    #[error("there is no {category} key of subject {subject}")]
    KeyMissing {
        /// Whose key.
        subject: Ref,
        /// Which of the subject's keys.
        category: SlotCategory,
    },
    /// The bytes are not those that were sealed for this slot of this command. What is wrong with them.
    #[error("the sealed bytes are not those of the slot: {0}")]
    Sealed(&'static str),
    /// The bytes open, to another value than the one that the entry commits to.
    #[error("the sealed value is not the one that the entry commits to")]
    Commitment,
    /// A value is longer than a slot holds. Nothing was sealed.
    #[error("the value of slot {name} has {bytes} bytes: at most {PLAINTEXT_MAX} fit")]
    TooLong {
        /// Name of the slot.
        name: Slug,
        /// Length of the value in bytes.
        bytes: usize,
    },
    /// The key file is missing, malformed, of another vault, or open to others than its owner.
    #[error("the key file {} is refused: {reason}", path.display())]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The token does not answer, does not let us in, or holds no key of this vault.
    #[error("the token {token} is refused: {reason}")]
    Token {
        /// Its label.
        token: String,
        /// What is wrong.
        reason: String,
    },
    /// The directory holds the vault of another log.
    #[error("the vault is that of {found}, not of {expected}")]
    Foreign {
        /// The origin that the vault was made for.
        found: String,
        /// The origin that it was opened for.
        expected: Origin,
    },
    /// The key lies in the vault, and the key-encryption key does not open it: the row was altered
    /// or belongs to another subject, category or epoch.
    #[error("the {category} key of subject {subject} does not unwrap in epoch {epoch}")]
    Unwrap {
        /// Whose key.
        subject: Ref,
        /// Which of the subject's keys.
        category: SlotCategory,
        /// The epoch that the row names.
        epoch: u32,
    },
    /// The data of the subject are destroyed: nothing is ever sealed for it again.
    #[error("the data of subject {subject} are destroyed: it gets no key any more")]
    Destroyed {
        /// Whose data.
        subject: Ref,
    },
    /// The vault cannot be read or written. Nothing was sealed.
    #[error("the vault is unavailable: {0}")]
    Unavailable(String),
}

pub(super) fn unavailable(cause: impl ToString) -> VaultError {
    VaultError::Unavailable(cause.to_string())
}
