//! Facts of the log itself: the keys that sign it, and how an incarnation goes on from the one before it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Sha256Hex,
    id::Origin,
    scalar::{Position, Text},
    term::{ClockKind, LogKind},
};

/// A key that signs the checkpoints of this log from now on. Who trusts the key before it, and has a checkpoint by that
/// key which covers this entry, may trust the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogKeyAnnounced {
    /// The public key as a C2SP vkey: `name+id+base64`, named for the log's origin.
    pub key: Text,
    /// The key that it takes the place of, which signs along for a while; absent for the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Text>,
}

/// The first entry of an incarnation that goes on from another one, which lost signed entries and was closed. Positions
/// start again; stream sequences go on; who folds the log reads the kept entries of the other one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogContinued {
    /// The origin of the closed incarnation.
    pub origin: Origin,
    /// Its last entry that is kept.
    pub kept: Position,
    /// The RFC 6962 root over entries 1 to `kept`.
    pub root: Sha256Hex,
    /// The size of its last signed checkpoint: what stood after `kept` up to here is lost.
    pub signed: Position,
    /// The root of that checkpoint.
    pub signed_root: Sha256Hex,
    /// SHA-256 of the statement that closes it, signed by its key.
    pub statement: Sha256Hex,
    /// The IANA name of the zone whose civil dates the log uses.
    pub zone: Text,
    /// What the log is for.
    pub kind: LogKind,
    /// Where its time comes from.
    pub clock: ClockKind,
}
