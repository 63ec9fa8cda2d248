//! Support that was received, and when it is to be paid back (point 6; migration law, art. 23 and 51): two different rules, for
//! kandas and for resettlers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    scalar::{Count, Day, Slug, StreamSeq, Tenge},
    term::RepaymentRule,
};

/// Support was paid to an included applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportPaid {
    /// What kind of support.
    pub kind: Slug,
    /// How much.
    pub amount: Tenge,
}

/// An included applicant moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRecorded {
    /// To which territory of Kazakhstan; absent when abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Slug>,
    /// Whether by own will.
    pub own_will: bool,
    /// Whether for good.
    pub permanent: bool,
    /// Everything that the evaluation of the rule of repayment read, and what it said.
    pub facts: Facts,
}

/// An included kandas refused the citizenship of Kazakhstan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CitizenshipRefused {
    /// Everything that the evaluation of the rule of repayment read, and what it said.
    pub facts: Facts,
}

/// The rule of repayment is met: a finding. An official opens the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentFound {
    /// Which rule.
    pub rule: RepaymentRule,
    /// Support that was received.
    pub amount: Tenge,
    /// The first day on which the rule no longer applies.
    pub until: Day,
    /// Everything the verdict read.
    pub facts: Facts,
    /// The norm of the term.
    pub bases: Vec<Citation>,
}

/// Support was paid back, all of it or a part. A fact: nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentRecorded {
    /// The finding on which it was owed, by its place in the application's stream.
    pub finding: StreamSeq,
    /// What was paid back.
    pub amount: Tenge,
    /// What is owed on the finding now.
    pub left: Tenge,
    /// SHA-256 of the document of payment.
    pub document: Sha256Hex,
}

/// A named official withdrew the claim on a finding, or decided that none is opened on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentClaimWithdrawn {
    /// The finding, by its place in the application's stream.
    pub finding: StreamSeq,
    /// SHA-256 of the decision with its reasons.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A named official opened a claim for repayment on a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentClaimed {
    /// The finding, by its place in the application's stream.
    pub finding: StreamSeq,
    /// What is claimed.
    pub amount: Tenge,
    /// Persons of the family whom the claim is about.
    pub persons: Count,
    /// Everything the verdict read.
    pub facts: Facts,
}
