//! Facts about a person beside registration: changes in the family, representatives, nationality as it was determined. Who
//! the other person is, and what was determined, stands in sealed slots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::Facts,
    digest::Sha256Hex,
    fact::dwelling::Holder,
    slot::Slot,
    term::{FamilyChange, RepresentationBasis, RepresentationScope, Review},
};

/// Something changed in a person's family on the effective day. It changes no registration, status or inclusion by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyChanged {
    /// What.
    pub change: FamilyChange,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
    /// What an official looks at after it.
    pub review: Vec<Review>,
    /// The other person: sealed.
    pub slots: Vec<Slot>,
}

/// Somebody acts for a person in the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepresentativeAppointed {
    /// Who acts: a recorded person or an organisation.
    pub representative: Holder,
    /// By what right.
    pub basis: RepresentationBasis,
    /// In what.
    pub scope: RepresentationScope,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
}

/// From the effective day on a representative acts for the person no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepresentationEnded {
    /// Who acted.
    pub representative: Holder,
    /// SHA-256 of the document that it rests on, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
}

/// An official with the role for it determined whether a person is of Kazakh nationality. What was found is sealed: it is a
/// condition of the status of kandas, and read by nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NationalityDetermined {
    /// SHA-256 of the documents that were looked at.
    pub document: Sha256Hex,
    /// Everything the decision read.
    pub facts: Facts,
    /// What was found, and on what grounds: sealed.
    pub slots: Vec<Slot>,
}
