//! Commands of the duties about personal data: propose to destroy, destroy, block, unblock. (Correction has commands of its own.)

use qonys_events::{
    digest::Sha256Hex,
    id::Ref,
    scalar::Day,
    term::{BlockingReason, DataSubject, DestructionGround},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `propose-destruction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeDestruction {
    /// A person or a dwelling.
    pub of: DataSubject,
    /// Which.
    pub subject: Ref,
    /// The ground, of those in force on the decision date.
    pub ground: DestructionGround,
    /// SHA-256 of the document that shows it.
    pub document: Sha256Hex,
    /// The day on which it was asked for, or on which the ground arose.
    pub requested_on: Day,
}

/// Data of `destroy-personal-data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestroyPersonalData {
    /// A person or a dwelling.
    pub of: DataSubject,
    /// Which.
    pub subject: Ref,
    /// The leaf hash of the proposal that the official saw; compared with the log where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopts: Option<Sha256Hex>,
}

/// Data of `block-personal-data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockPersonalData {
    /// Whose.
    pub person: Ref,
    /// Why.
    pub reason: BlockingReason,
    /// SHA-256 of the request or order.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
}

/// Data of `unblock-personal-data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnblockPersonalData {
    /// Whose.
    pub person: Ref,
    /// SHA-256 of the request or order.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
}
