//! C2SP signed-note: a text and signatures under it; Ed25519 (type 1) and timestamped witness cosignatures (type 4).

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// The longest note that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1_024;
/// The most signatures that a note may have; the format asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// Why a text is not a signed note, or a key is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a signed note: {0}")]
pub struct BadNote(pub &'static str);

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Type 0x01: Ed25519 over the text; how a log signs.
    Ed25519,
    /// Type 0x04: Ed25519 over a time and the text; how a witness signs.
    Cosignature,
}

impl Algorithm {
    /// The type byte of signed-note.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ed25519),
            4 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// The id of a key: the first four bytes of SHA-256 over name, newline, type byte and public key.
pub fn key_id(name: &str, algorithm: Algorithm, key: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', algorithm.byte()])
        .chain_update(key)
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Whether a text may name a key: not empty, no blank, no plus.
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}

/// A public key with its name, written as a vkey: `name+id+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key under a name. `None` where the name may not name a key.
    pub fn new(name: &str, algorithm: Algorithm, key: VerifyingKey) -> Option<Self> {
        is_key_name(name).then(|| Self {
            name: name.to_owned(),
            algorithm,
            id: key_id(name, algorithm, key.as_bytes()),
            key,
        })
    }

    /// Whose key it is: for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The key itself.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether a signature line is this key's; the time of a cosignature in seconds since 1970.
    fn check(&self, text: &str, line: &SignatureLine) -> Option<Option<u64>> {
        match self.algorithm {
            Algorithm::Ed25519 => {
                let signature = Signature::from_slice(&line.bytes).ok()?;
                self.key
                    .verify_strict(text.as_bytes(), &signature)
                    .ok()
                    .map(|()| None)
            }
            Algorithm::Cosignature => {
                let (time, signature) = line.bytes.split_at_checked(8)?;
                let time = u64::from_be_bytes(time.try_into().ok()?);
                let signature = Signature::from_slice(signature).ok()?;
                let message = cosigned(time, text);
                let good = i64::try_from(time).is_ok()
                    && self
                        .key
                        .verify_strict(message.as_bytes(), &signature)
                        .is_ok();
                good.then_some(Some(time))
            }
        }
    }
}

/// What a witness signs: the time in seconds since 1970 and the text of the checkpoint.
pub fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.algorithm.byte()];
        bytes.extend(self.key.as_bytes());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            u32::from_be_bytes(self.id),
            STANDARD.encode(bytes)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let bad = BadNote("a key is name+id+base64, with a key of type 1 or 4");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad);
        };
        let bytes = STANDARD.decode(key).map_err(|_| bad.clone())?;
        let (algorithm, key) = bytes.split_first().ok_or_else(|| bad.clone())?;
        let algorithm = Algorithm::from_byte(*algorithm).ok_or_else(|| bad.clone())?;
        let key: [u8; 32] = key.try_into().map_err(|_| bad.clone())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| bad.clone())?;
        let made = Self::new(name, algorithm, key).ok_or_else(|| bad.clone())?;
        if id == format!("{:08x}", u32::from_be_bytes(made.id)) {
            Ok(made)
        } else {
            Err(BadNote(
                "the id of a key is not the one of its name and bytes",
            ))
        }
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key.
    pub name: String,
    /// Its id.
    pub id: [u8; 4],
    /// The signature, in the form of its algorithm.
    pub bytes: Vec<u8>,
}

impl SignatureLine {
    fn read(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        (is_key_name(name) && !bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            id: *id,
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_vec();
        bytes.extend(&self.bytes);
        writeln!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A signature that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Which of the given keys made it.
    pub key: usize,
    /// When, in seconds since 1970; only a witness says it.
    pub time: Option<u64>,
}

/// Why the signatures of a note do not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// A signature in the name and id of a known key is not that key's.
    #[error("the signature of {0} is not good")]
    Forged(String),
    /// No signature is of a known key.
    #[error("no signature is of a known key; the note is signed by {0}")]
    Unknown(String),
}

/// A signed note. Nothing in it may be believed before [`Note::signed_by`] has found a known key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text with its last newline.
    pub text: String,
    /// The signatures under it.
    pub signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note strictly.
    pub fn read(note: &[u8]) -> Result<Self, BadNote> {
        if note.len() > MAX_BYTES {
            return Err(BadNote("it is longer than 64 KiB"));
        }
        let note = std::str::from_utf8(note).map_err(|_| BadNote("it is not UTF-8"))?;
        if note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(BadNote("it has a control character"));
        }
        let cut = note
            .rfind("\n\n")
            .ok_or(BadNote("no empty line stands before the signatures"))?;
        let (text, lines) = (&note[..=cut], &note[cut + 2..]);
        let lines = lines
            .strip_suffix('\n')
            .ok_or(BadNote("its last line does not end"))?;
        let signatures: Vec<_> = lines
            .split('\n')
            .take(MAX_SIGNATURES + 1)
            .map(|line| SignatureLine::read(line).ok_or(BadNote("a signature line is malformed")))
            .collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(BadNote("it has more than 64 signatures"));
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The good signatures of known keys, at most one of each key. Others are passed over, as the format asks.
    ///
    /// # Errors
    /// `Forged` where a line in a known key's name and id is not its signature; `Unknown` where no line is of a known key.
    pub fn signed_by(&self, keys: &[VerifierKey]) -> Result<Vec<Signed>, BadSignature> {
        let mut found: Vec<Signed> = Vec::new();
        for line in &self.signatures {
            let known = keys
                .iter()
                .position(|key| key.name == line.name && key.id == line.id);
            let Some(key) = known else { continue };
            let time = keys[key]
                .check(&self.text, line)
                .ok_or_else(|| BadSignature::Forged(line.name.clone()))?;
            if !found.iter().any(|signed| signed.key == key) {
                found.push(Signed { key, time });
            }
        }
        if found.is_empty() {
            let names: Vec<_> = self.signatures.iter().map(|s| s.name.as_str()).collect();
            return Err(BadSignature::Unknown(names.join(", ")));
        }
        Ok(found)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the format's own document: Go's checksum database.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_and_a_key_that_others_made_are_read_verified_and_written_back() {
        let key: VerifierKey = PETER.parse().expect("a key");
        assert_eq!(key.to_string(), PETER);
        let note = Note::read(NOTE.as_bytes()).expect("a note");
        assert_eq!(note.to_string(), NOTE);
        let signed = note.signed_by(std::slice::from_ref(&key)).expect("signed");
        assert_eq!(signed, [Signed { key: 0, time: None }]);
        let altered = Note::read(NOTE.replacen("you think", "You think", 1).as_bytes());
        let altered = altered.expect("a note").signed_by(&[key]);
        assert_eq!(altered, Err(BadSignature::Forged("PeterNeumann".into())));
        assert!(matches!(note.signed_by(&[]), Err(BadSignature::Unknown(_))));
    }

    #[test]
    fn what_the_format_forbids_is_refused() {
        let line = NOTE.lines().last().expect("a line").to_owned() + "\n";
        let many = NOTE.to_owned() + &line.repeat(64);
        for (what, bad) in [
            ("no empty line", NOTE.replacen("\n\n", "\n", 1)),
            ("a carriage return", NOTE.replacen('\n', "\r\n", 1)),
            ("a control character", NOTE.replacen("think", "th\0nk", 1)),
            ("no last newline", NOTE.trim_end().to_owned()),
            (
                "no signature",
                NOTE.split('—').next().expect("text").to_owned(),
            ),
            ("bad base64", NOTE.replacen("x08go", "x08g!", 1)),
            ("a hyphen for the dash", NOTE.replacen('—', "-", 1)),
            ("a short signature", "text\n\n— name AAAA\n".to_owned()),
            ("too many signatures", many),
            ("too long", "x".repeat(MAX_BYTES) + NOTE),
        ] {
            assert!(Note::read(bad.as_bytes()).is_err(), "{what} passed");
        }
        for bad in [
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2Q",
            "PeterNeumann",
        ] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad} passed");
        }
    }
}
