//! Data of the commands about proposals to the authorised body (point 5).

use qonys_events::{
    digest::Sha256Hex,
    fact::proposal::{ConfirmedWarning, LabourLine, QuotaAsk, Subject},
    id::Ref,
    scalar::{Slug, Text},
    term::Answer,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `draft-proposal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftProposal {
    /// What it asks for.
    pub subject: Subject,
    /// The territory it is for.
    pub territory: Slug,
    /// SHA-256 of the justification.
    pub justification: Sha256Hex,
    /// Cited indicators, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Slug>,
}

/// Data of `sign-proposal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignProposal {
    /// The proposal.
    pub proposal: Ref,
    /// SHA-256 of the signed document.
    pub document: Sha256Hex,
    /// The warnings that the signatory confirms, each with a reason. One that is there and not confirmed blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirms: Vec<ConfirmedWarning>,
}

/// Data of `send-proposal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendProposal {
    /// The proposal.
    pub proposal: Ref,
    /// The addressee, in words.
    pub addressee: Text,
    /// The body that it is, by its name among the norms of competence, such as `ministry-of-labour`.
    pub authority: Slug,
}

/// Data of `record-receipt`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordReceipt {
    /// The proposal.
    pub proposal: Ref,
    /// Its number at the authorised body.
    pub number: Text,
}

/// Data of `record-answer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordAnswer {
    /// The proposal.
    pub proposal: Ref,
    /// The answer.
    pub answer: Answer,
    /// The number of the answer.
    pub number: Text,
    /// What was granted, where the answer is in part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<QuotaAsk>,
    /// The same for foreign labour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted_labour: Vec<LabourLine>,
}

/// Data of `withdraw-proposal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawProposal {
    /// The proposal.
    pub proposal: Ref,
}

/// Data of `link-proposal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkProposal {
    /// The proposal.
    pub proposal: Ref,
    /// The act, by its name in the register of acts.
    pub act: Slug,
}
