//! Facts about personal data themselves: that they were destroyed, blocked, unblocked. What they say stands in sealed slots and
//! goes with its keys; that it stood there, and on which ground it went, stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quota::Adopted;
use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::Ref,
    scalar::Day,
    term::{BlockingReason, DestructionGround},
};

/// Somebody proposes to destroy the data of a person or a dwelling, on a ground of the law: nothing is destroyed yet. Another
/// official adopts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestructionProposed {
    /// Whose: the person or the dwelling.
    pub subject: Ref,
    /// The ground.
    pub ground: DestructionGround,
    /// SHA-256 of the document that shows it.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
    /// Every fact the verdict read.
    pub facts: Facts,
    /// Further acts that it rests on.
    pub bases: Vec<Citation>,
}

/// The data of a person or a dwelling are destroyed: every key of the subject goes, and no other is ever made under this
/// reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataDestroyed {
    /// Whose: the person or the dwelling.
    pub subject: Ref,
    /// The ground.
    pub ground: DestructionGround,
    /// SHA-256 of the document that shows it.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
    /// The last day for it.
    pub in_time_until: Day,
    /// Whether it came later.
    pub late: bool,
    /// The proposal that is adopted: another official made it.
    pub adopts: Adopted,
    /// Every fact the verdict read.
    pub facts: Facts,
    /// Further acts that the decision rests on.
    pub bases: Vec<Citation>,
}

/// The data of a person are blocked: nobody is shown them until they are unblocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataBlocked {
    /// Whose.
    pub person: Ref,
    /// Why.
    pub reason: BlockingReason,
    /// SHA-256 of the request or order.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
    /// The last day for it.
    pub in_time_until: Day,
    /// Whether it came later.
    pub late: bool,
    /// Every fact the verdict read.
    pub facts: Facts,
}

/// The data of a person are blocked no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataUnblocked {
    /// Whose.
    pub person: Ref,
    /// SHA-256 of the request or order.
    pub document: Sha256Hex,
    /// The day on which it was asked for.
    pub requested_on: Day,
    /// The last day for it.
    pub in_time_until: Day,
    /// Whether it came later.
    pub late: bool,
    /// Every fact the verdict read.
    pub facts: Facts,
}
