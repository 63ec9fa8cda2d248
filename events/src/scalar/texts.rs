//! Texts of a kind: short ones that identify nobody, and names.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Malformed, written};

/// A short text that identifies nobody: 1 to 500 characters, none of them a control character, no blank at the ends.
/// Longer texts stand in the log by their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for Text {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bytes = text.as_bytes();
        let fits = if bytes.iter().all(|b| matches!(b, b' '..=b'~')) {
            let blank = |b: Option<&u8>| b == Some(&b' ');
            (1..=500).contains(&bytes.len()) && !blank(bytes.first()) && !blank(bytes.last())
        } else {
            (1..=500).contains(&text.chars().count())
                && text.trim() == text
                && !text.chars().any(char::is_control)
        };
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(
                "1 to 500 characters without control characters or blanks at the ends",
                text,
            ))
        }
    }
}
written!(Text, "text", "^\\S(.{0,498}\\S)?$");

/// A name that we or a catalogue gave: 1 to 64 of `a-z 0-9 . -`, beginning and ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Whether a text is such a name.
    pub(crate) fn fits(text: &str) -> bool {
        let end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        let inner = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
        bytes.len() <= 64 && bytes.iter().all(inner) && end(bytes.first()) && end(bytes.last())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for Slug {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        if Self::fits(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(
                "a name of 1 to 64 lower-case letters, digits, dots and hyphens",
                text,
            ))
        }
    }
}
written!(Slug, "name", "^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$");
