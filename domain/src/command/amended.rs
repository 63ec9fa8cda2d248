//! Data of the commands about what becomes of an entry that stands: an end, a correction.

use qonys_events::{
    fact::{
        amended::{CaseRecord, LawRecord},
        law::QuotaSet,
    },
    id::Ref,
    scalar::{Day, Slug, StreamSeq, Text},
    term::CorrectionReason,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `end-norm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndNorm {
    /// The norm.
    pub norm: Slug,
    /// The first day after its validity.
    pub until: Day,
    /// Where we know it from.
    pub source: Text,
}

/// Data of `end-power`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndPower {
    /// The power, by its name in the catalogue: a type of decision, or another.
    pub power: Slug,
    /// The document that gives it.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// The first day after its validity.
    pub until: Day,
    /// Where we know it from.
    pub source: Text,
}

/// Data of `correct-law`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectLaw {
    /// The entry, by its place in the stream `law/main`.
    pub entry: StreamSeq,
    /// Why; about the entry, never about a person.
    pub reason: Text,
    /// What it should have said, whole.
    pub record: LawRecord,
}

/// Data of `correct-quota`. The act is that of the entry; year, counting rule and lines may be others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectQuota {
    /// The entry, by its place in the stream `law/main`.
    pub entry: StreamSeq,
    /// Why.
    pub reason: Text,
    /// What the act says, whole.
    pub set: QuotaSet,
}

/// Data of `correct-case`. The effective day of the command is the day that the corrected entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCase {
    /// The application.
    pub application: Ref,
    /// The entry, by its place in the application's stream.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// What it should have said, whole.
    pub record: CaseRecord,
}
