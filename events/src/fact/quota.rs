//! Facts of a quota line (points 3 and 6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::{Line, Ref},
    scalar::{Count, Slug, StreamSeq},
    term::{LineMark, PlaceState, QuotaAction, ReleaseReason},
};

/// An act set the limit of this line. It works from the day on which the act is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitSet {
    /// The line.
    pub line: Line,
    /// The act of the setter.
    pub act: Slug,
    /// Whether it is the first limit.
    pub action: QuotaAction,
    /// The limit in places; 0 where the act counts the places of this territory and year by another rule.
    pub limit: Count,
    /// Why the line is not an ordinary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<LineMark>,
}

/// A computed verdict holds places for an application; a named official has still to adopt it (promise P11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesHeld {
    /// The application.
    pub application: Ref,
    /// Places by the counting rule of the line.
    pub places: Count,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the acts that set the limit.
    pub bases: Vec<Citation>,
}

/// What an official adopted: the entry of the hold, or of the proposal, by its place in the stream and its leaf hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// Its place in the stream in which the adoption stands too.
    pub streamseq: StreamSeq,
    /// The Merkle leaf hash of the entry.
    pub leaf: Sha256Hex,
}

/// A named official adopted the verdict: the places are committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesCommitted {
    /// The application.
    pub application: Ref,
    /// Places by the counting rule of the line.
    pub places: Count,
    /// The hold that was adopted.
    pub adopts: Adopted,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the acts that set the limit.
    pub bases: Vec<Citation>,
}

/// Places are free again from the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesReleased {
    /// The application.
    pub application: Ref,
    /// Places that were held or committed.
    pub places: Count,
    /// Where they stood.
    pub was: PlaceState,
    /// Why.
    pub reason: ReleaseReason,
}

/// An official closed the year of the line: what is left lapses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YearClosed {
    /// The limit at the end of the year.
    pub limit: Count,
    /// Places committed at the end of the year.
    pub committed: Count,
    /// What lapsed: limit less committed, not below 0.
    pub lapsed: Count,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the act that set the limit.
    pub bases: Vec<Citation>,
}

/// What was recorded of an act about this line was wrong: the act does not speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitWithdrawn {
    /// The line.
    pub line: Line,
    /// The act.
    pub act: Slug,
}

/// An inclusion that was counted by another rule is counted by the rule of this line from the effective day: an act of the
/// setter changed the rule within the year. It takes places whatever the limit is, for nobody was included anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesRecounted {
    /// The application.
    pub application: Ref,
    /// Places by the counting rule of this line.
    pub places: Count,
    /// The line that it was counted in before.
    pub before: Line,
}

/// A decision of inclusion that was proved to have been adopted earlier takes its places from its own day, over the limit if
/// need be. A lawful fact of others, which is always recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesProved {
    /// The application.
    pub application: Ref,
    /// Places by the counting rule of the line.
    pub places: Count,
}
