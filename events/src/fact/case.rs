//! Facts of a case between its filing and its decision (point 6; administrative procedure code, art. 71-80): documents,
//! preliminary decision, objection, commission opinion, the term that ran out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dwelling::Holder;
use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Day, Slug, Text},
    slot::Slot,
    term::{NoticeWay, StatusAsk, Verdict},
};

/// An application for the status of kandas, or for its extension, was filed. Status and inclusion are two things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusAsked {
    /// The application: our own number.
    pub application: Ref,
    /// Who applies.
    pub applicant: Ref,
    /// What is asked for.
    pub asks: StatusAsk,
    /// Who acted for the applicant; absent where he acted himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
}

/// The status that was asked for was granted or extended by a named official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusAllowed {
    /// The official who decided, as the entry's actor says.
    pub official: Ref,
    /// The absent or delegating official in whose stead he decided, as the entry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Ref>,
    /// First day after the status, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// The applicant withdrew the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationWithdrawn {}

/// A document of the case came in. Its number stands in a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentReceived {
    /// What it is: `identity-document`, `proof-of-nationality`, `biography`.
    pub kind: Slug,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
    /// SHA-256 of the document.
    pub sha256: Sha256Hex,
    /// Whether a notarised translation came with it.
    pub translated: bool,
    /// Its number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

/// The body told the applicant how it means to decide, so that he can be heard (administrative procedure code, art. 73).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreliminaryDecisionTold {
    /// How it means to decide.
    pub verdict: Verdict,
    /// How the applicant was told.
    pub way: NoticeWay,
    /// The day of the hearing, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hearing_on: Option<Day>,
    /// SHA-256 of the preliminary decision.
    pub document: Sha256Hex,
}

/// The applicant objected to the preliminary decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionRecorded {
    /// SHA-256 of the objection.
    pub document: Sha256Hex,
    /// The last day on which it was in time.
    pub in_time_until: Day,
    /// Whether it came later. A late objection is recorded all the same.
    pub late: bool,
    /// Everything that was read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}

/// The commission gave its opinion. An opinion is never the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionGiven {
    /// Members who were present and took part.
    pub members: Vec<Ref>,
    /// Members who recused themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recused: Vec<Ref>,
    /// Votes in favour of the applicant.
    pub in_favour: Count,
    /// Votes against.
    pub against: Count,
    /// What the commission recommends.
    pub opinion: Verdict,
    /// SHA-256 of the minutes.
    pub minutes: Sha256Hex,
}

/// The term of the case was extended by a reasoned decision (administrative procedure code, art. 76). Its reason is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TermExtended {
    /// The last day of the term from now on.
    pub until: Day,
    /// What it was before.
    pub was: Day,
    /// Working days from the filing to the last day.
    pub working_days: Count,
    /// SHA-256 of the decision.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: how far a term is extended, and from where that is counted.
    pub bases: Vec<Citation>,
    /// The reason.
    pub slots: Vec<Slot>,
}

/// The term ran out without a decision: a finding, not an act. The applicant may complain as against a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeemedRefusalFound {
    /// The last day of the term.
    pub deadline: Day,
    /// Everything that was read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}
