//! Commands of the duties about personal data: destroy, block, unblock. (Correction has commands of its own.)

use qonys_events::{
    digest::Sha256Hex,
    id::Ref,
    scalar::Day,
    term::{BlockingReason, DestructionGround},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `destroy-personal-data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestroyPersonalData {
    /// Whose.
    pub person: Ref,
    /// The ground, of those in force on the decision date.
    pub ground: DestructionGround,
    /// SHA-256 of the document that shows it.
    pub document: Sha256Hex,
    /// The day on which it was asked for, or on which the ground arose.
    pub requested_on: Day,
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
