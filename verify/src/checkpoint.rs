//! C2SP tlog-checkpoint: origin, size and root, signed as a note.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qonys_events::digest::Sha256Hex;

use crate::note::{BadNote, Note};

/// The most leaves that a checkpoint may cover.
pub const MAX_SIZE: u64 = 1 << 62;

/// Why a text is not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// Not a note at all.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// The three lines are not as they should be.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// There are lines after the third. The format allows them, we never write them: nobody can audit what stands there.
    #[error("the checkpoint has extension lines")]
    Extended,
}

/// A tree head: what a log says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, with its incarnation.
    pub origin: String,
    /// How many entries the tree covers.
    pub size: u64,
    /// Its root.
    pub root: Sha256Hex,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root.0);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads the text of a note.
    pub fn read(text: &str) -> Result<Self, BadCheckpoint> {
        let malformed = BadCheckpoint::Malformed;
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(malformed("its last line does not end"))?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed("it has fewer than three lines"));
        };
        if lines.next().is_some() {
            return Err(BadCheckpoint::Extended);
        }
        if origin.is_empty() {
            return Err(malformed("its origin is empty"));
        }
        let size = decimal(size)
            .filter(|size| *size <= MAX_SIZE)
            .ok_or(malformed("its size is not a number"))?;
        let root = hash(root).ok_or(malformed("its root is not a hash"))?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Reads a note and the checkpoint in it. The signatures are not looked at.
    pub fn of_note(note: &[u8]) -> Result<(Note, Self), BadCheckpoint> {
        let note = Note::read(note)?;
        let checkpoint = Self::read(&note.text)?;
        Ok((note, checkpoint))
    }
}

/// A decimal number without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    text.parse().ok().filter(|_| canonical)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Sha256Hex> {
    let bytes = STANDARD.decode(text).ok()?;
    bytes.try_into().ok().map(Sha256Hex)
}

/// A hash in base64, as the formats write it.
pub fn base64(hash: &Sha256Hex) -> String {
    STANDARD.encode(hash.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_example_of_the_format_is_read_and_written_back() {
        let checkpoint = Checkpoint::read(TEXT).expect("a checkpoint");
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.text(), TEXT);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            TEXT.replacen("20852163", "020852163", 1),
            TEXT.replacen("20852163", "+20852163", 1),
            TEXT.replacen("20852163", "9223372036854775808", 1),
            TEXT.replacen("CsUY", "CsU", 1),
            TEXT.replacen("example.com/behind-the-sofa", "", 1),
            TEXT.trim_end().to_owned(),
            "a\n1\n".to_owned(),
        ] {
            assert!(Checkpoint::read(&bad).is_err(), "{bad:?} passed");
        }
        let extended = TEXT.to_owned() + "an extension\n";
        assert_eq!(Checkpoint::read(&extended), Err(BadCheckpoint::Extended));
    }
}
