//! C2SP tlog-proof: one text that proves, offline, that an entry stands in the log.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qonys_events::digest::Sha256Hex;

use crate::{
    checkpoint::{self, BadCheckpoint, Checkpoint},
    merkle::verify_inclusion,
    note::{BadSignature, Note, Signed, VerifierKey},
};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// The longest path that a tree can have.
const MAX_PATH: usize = 63;
/// What a receipt is called as a file.
pub const EXTENSION: &str = "tlog-proof";

/// A receipt: the place of an entry, the hashes from it to the root, the checkpoint with that root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Data that is not proved; here the entry itself, so that one file says it all.
    pub extra: Option<Vec<u8>>,
    /// Index of the leaf: position - 1.
    pub index: u64,
    /// Siblings from the leaf up.
    pub path: Vec<Sha256Hex>,
    /// The signed checkpoint.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// Why a text is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReceipt {
    /// The lines above the checkpoint are not as the format has them.
    #[error("not a tlog-proof: {0}")]
    Malformed(&'static str),
    /// The checkpoint is none.
    #[error(transparent)]
    Checkpoint(#[from] BadCheckpoint),
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// The checkpoint is not signed by a known key.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// The checkpoint is one of another log than the key's.
    #[error("the checkpoint is of {0}, and no key that signed it is that log's")]
    Origin(String),
    /// The hashes do not lead from the entry to the root.
    #[error("the entry is not at index {0} of the tree that was signed")]
    Path(u64),
}

impl Receipt {
    /// Reads a receipt strictly.
    pub fn read(text: &[u8]) -> Result<Self, BadReceipt> {
        let malformed = BadReceipt::Malformed;
        let text = std::str::from_utf8(text).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(malformed("no empty line stands before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(malformed("it does not begin with c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra
            .map(|line| STANDARD.decode(&line["extra ".len()..]))
            .transpose()
            .map_err(|_| malformed("its extra data are not base64"))?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(checkpoint::decimal)
            .ok_or(malformed("its index is not a number"))?;
        let path: Vec<_> = lines
            .map(|line| checkpoint::hash(line).ok_or(malformed("a line is not a hash")))
            .collect::<Result<_, _>>()?;
        if path.len() > MAX_PATH {
            return Err(malformed("it has more hashes than a tree has levels"));
        }
        let (note, checkpoint) = Checkpoint::of_note(note.as_bytes())?;
        Ok(Self {
            extra,
            index,
            path,
            note,
            checkpoint,
        })
    }

    /// Whether the leaf stands in the log whose key signed the checkpoint; who signed it, and when.
    pub fn verify(&self, leaf: &Sha256Hex, keys: &[VerifierKey]) -> Result<Vec<Signed>, Unproved> {
        let signed = self.note.signed_by(keys)?;
        let of_log = |signed: &Signed| keys[signed.key].name() == self.checkpoint.origin;
        if !signed.iter().any(of_log) {
            return Err(Unproved::Origin(self.checkpoint.origin.clone()));
        }
        let Checkpoint { size, root, .. } = &self.checkpoint;
        if verify_inclusion(leaf, self.index, *size, &self.path, root) {
            Ok(signed)
        } else {
            Err(Unproved::Path(self.index))
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", checkpoint::base64(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}
