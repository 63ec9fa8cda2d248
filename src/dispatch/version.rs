//! A stream at a version: what a sender may have seen, and may make a condition.

use std::fmt;

use qonys_domain::blocked::{Blocked, Code};
use qonys_events::{id::StreamId, scalar::StreamSeq};

/// A stream at a version, written `proposal/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01@3`. HTTP shows it as an entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The stream.
    pub stream: StreamId,
    /// The sequence of its last entry; 0 while it has none.
    pub seq: StreamSeq,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.stream, self.seq)
    }
}
impl Version {
    /// Reads the written form; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let (stream, seq) = text.rsplit_once('@')?;
        Some(Self {
            stream: stream.parse().ok()?,
            seq: seq.parse().ok()?,
        })
    }
}

/// Why a precondition does not hold; `None` when it does.
pub(super) fn moved(expected: &Version, found: StreamSeq) -> Option<Blocked> {
    (expected.seq != found).then(|| {
        Blocked::control(Code::VersionMoved)
            .with("stream", &expected.stream)
            .with("expected-version", expected.seq)
            .with("version", found)
    })
}
