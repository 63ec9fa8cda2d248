//! The life of an act after its adoption (point 6; administrative procedure code, art. 82-85, 91-96, 100): notice, clerical
//! correction, complaint, review, court. Nothing is deleted: what was decided and what became of it both stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dwelling::Holder;
use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::{Line, Ref},
    scalar::{Count, Day, StreamSeq},
    slot::Slot,
    term::{Complainant, EffectFrom, NoticeWay, ReviewInstance, ReviewOutcome},
};

/// The applicant was notified of a decision on his application, or of the extension of its term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActNotified {
    /// The decision, by its place in the application's stream.
    pub decision: StreamSeq,
    /// How.
    pub way: NoticeWay,
    /// The last day on which it was in time, where the notice has a term: that of an extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time_until: Option<Day>,
    /// Whether it came later. A late notice is recorded all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// What was read, where the notice has a term.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
    /// The norm of the term, where there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<Citation>,
}

/// A clerical error in an act was put right. Its content is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClericalErrorCorrected {
    /// The decision, by its place in the application's stream.
    pub decision: StreamSeq,
    /// SHA-256 of the corrected text.
    pub document: Sha256Hex,
    /// What was put right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
    /// Everything the verdict read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}

/// A complaint against a decision was filed. A late one is registered all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintFiled {
    /// The complaint: our own number.
    pub complaint: Ref,
    /// The decision, by its place in the application's stream.
    pub decision: StreamSeq,
    /// Who complains.
    pub by: Complainant,
    /// Who acted for the applicant; absent where he acted himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
    /// SHA-256 of the complaint.
    pub document: Sha256Hex,
    /// The last day on which it was in time; absent while the applicant was not notified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time_until: Option<Day>,
    /// Whether it came later.
    pub late: bool,
    /// Whether the execution of the decision is suspended until the complaint is decided.
    pub suspends: bool,
    /// Everything that was read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}

/// The deciding body forwarded a complaint to the body above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintForwarded {
    /// The complaint.
    pub complaint: Ref,
    /// The last day on which it was in time.
    pub in_time_until: Day,
    /// Whether it went later.
    pub late: bool,
    /// Everything that was read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}

/// A complaint was decided: by the deciding body that grants it, by the body above it, or by a court.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDecided {
    /// The complaint.
    pub complaint: Ref,
    /// The decision that it was about, by its place in the application's stream.
    pub decision: StreamSeq,
    /// Who decided.
    pub instance: ReviewInstance,
    /// What was decided.
    pub outcome: ReviewOutcome,
    /// From when the decision has no effect, where it is annulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect_from: Option<EffectFrom>,
    /// SHA-256 of the act of review or of the court.
    pub document: Sha256Hex,
    /// Everything that was read.
    pub facts: Facts,
}

/// A review or a court ordered a place from a day: it counts from that day, over the limit if need be. A lawful fact of
/// others, which is always recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacesOrdered {
    /// The application.
    pub application: Ref,
    /// Places by the counting rule of the line.
    pub places: Count,
    /// The complaint whose decision orders it.
    pub complaint: Ref,
    /// Who ordered it.
    pub instance: ReviewInstance,
    /// The line.
    pub line: Line,
    /// Everything that was read.
    pub facts: Facts,
}
