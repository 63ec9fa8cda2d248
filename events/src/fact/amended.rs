//! What becomes of an entry that stands: a norm or a power ends, an entry of the register of acts or of a case turns out
//! to be wrong. Nothing is edited: the new fact stands whole beside the old one, and is so from its own position on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    application::ApplicationFiled,
    law::{
        ActRecorded, CalendarRecorded, NormRecorded, PowerRecorded, QuotaSet, TerritoryChanged,
        TerritorySucceeded,
    },
    office::OtherPowerRecorded,
    registration::Corrects,
    repayment::SupportPaid,
    review::ActNotified,
};
use crate::{
    citation::{Citation, Facts},
    id::{Line, Ref},
    scalar::{Count, Day, Slug, StreamSeq, Text},
};

/// The validity of a norm, which was open, has an end: the law changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormEnded {
    /// The norm.
    pub norm: Slug,
    /// The first day of the validity that ends.
    pub from: Day,
    /// The first day after it.
    pub until: Day,
    /// Where we know it from.
    pub source: Text,
}

/// The validity of a power, which was open, has an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerEnded {
    /// The power, by its name in the catalogue: a type of decision, or another.
    pub power: Slug,
    /// The document that gives it.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// The first day of the validity that ends.
    pub from: Day,
    /// The first day after it.
    pub until: Day,
    /// Where we know it from.
    pub source: Text,
}

/// From when an official determines an act to be in force, said anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeterminedAnew {
    /// The act.
    pub act: Slug,
    /// In force from; absent when the determination is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// What that rests on.
    pub basis: Text,
}

/// What an entry of the register of acts should have said, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    tag = "of",
    content = "says"
)]
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time; a box would cost every one"
)]
pub enum LawRecord {
    /// An act, with all its dates.
    Act(ActRecorded),
    /// A determination from when an act is in force.
    Determination(DeterminedAnew),
    /// A norm. An interval that ends on its first day says that it never was in force.
    Norm(NormRecorded),
    /// The power for a type of decision. An interval that ends on its first day says that it never was there.
    Power(PowerRecorded),
    /// A power that no type of decision stands for, likewise.
    OtherPower(OtherPowerRecorded),
    /// Whether an act determined a territory or excluded it.
    Territory(TerritoryChanged),
    /// The working-day calendar of a year.
    Calendar(CalendarRecorded),
    /// The territory that a territory came out of.
    Succession(TerritorySucceeded),
}

/// An entry of the register of acts was wrong. Decisions that were taken on it stand until they are reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawCorrected {
    /// The entry, by its place in the stream of the register.
    pub entry: StreamSeq,
    /// Why.
    pub reason: Text,
    /// What it should have said.
    pub record: LawRecord,
}

/// What an act of the setter says was recorded wrongly. The limits of its lines are told again by each line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaCorrected {
    /// The entry, by its place in the stream of the register.
    pub entry: StreamSeq,
    /// Why.
    pub reason: Text,
    /// What the act says.
    pub set: QuotaSet,
}

/// A person applied for inclusion: who has a place in a year is not included in that year again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InclusionAsked {
    /// The application.
    pub application: Ref,
}

/// A grant or extension of the status of kandas was annulled by a review or a court, from the effective day of the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusAnnulled {
    /// The application that was granted by it.
    pub application: Ref,
    /// The complaint that was decided.
    pub complaint: Ref,
    /// The first day of the status that was granted or added.
    pub status_from: Day,
    /// Everything that was read.
    pub facts: Facts,
}

/// What an entry of a case should have said, whole; its day is the effective day of the correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    tag = "of",
    content = "says"
)]
pub enum CaseRecord {
    /// What was applied for.
    Filing(ApplicationFiled),
    /// Support that was paid.
    Support(SupportPaid),
    /// How and when the applicant was notified of a decision.
    Notice(ActNotified),
}

/// An entry of a case was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseCorrected {
    /// The entry in the application's stream, and why.
    pub corrects: Corrects,
    /// What it should have said.
    pub record: CaseRecord,
}

/// A proposal was drafted for a territory: whoever signs another one for the same is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalEntered {
    /// The proposal.
    pub proposal: Ref,
}

/// An inclusion is counted in another line from the effective day, by its rule; it is the same inclusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InclusionRecounted {
    /// The line.
    pub line: Line,
    /// Places by its counting rule.
    pub places: Count,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the act that changed the rule, and norms that describe it.
    pub bases: Vec<Citation>,
}
