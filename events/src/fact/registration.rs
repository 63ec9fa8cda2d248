//! Facts about persons and dwellings (points 9 and 10), by reference; what identifies somebody stands in slots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    id::Ref,
    scalar::{Slug, SquareDecimetres},
    slot::Slot,
    term::{
        AgeClass, ConsentKind, HousingFund, OverNormGround, PersonKind, RegisteringBody,
        ResidenceEnd,
    },
};

/// A person was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRecorded {
    /// The reference that stands for the person everywhere.
    pub person: Ref,
    /// Citizen, foreigner or stateless.
    pub kind: PersonKind,
    /// Name, IIN, documents: sealed.
    pub slots: Vec<Slot>,
}

/// The status of kandas was granted for the effective interval. Status and inclusion in a quota are two things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusGranted {
    /// Everything the verdict read.
    pub facts: Facts,
}

/// How the norm of point 10 stood at a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "check")]
pub enum NormCheck {
    /// The fund is neither state housing nor rented by the akimat.
    NotApplicable,
    /// No act in force gave the power to take the norm into account on the decision date.
    NoBasis,
    /// The useful area suffices.
    Within,
    /// The area does not suffice, and the registration is recorded all the same.
    Over {
        /// Why it is recorded all the same.
        ground: OverNormGround,
    },
}

/// A person was registered at the place of residence from the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceRegistered {
    /// The dwelling.
    pub dwelling: Ref,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// Who registered.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// The person's age class on the effective day.
    pub age: AgeClass,
    /// The norm of point 10.
    pub norm: NormCheck,
    /// Whether the registration came later than the term in force.
    pub late: bool,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the Rules and the norm where point 10 was taken into account.
    pub bases: Vec<Citation>,
}

/// A residence ended on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceEnded {
    /// The dwelling.
    pub dwelling: Ref,
    /// Why.
    pub reason: ResidenceEnd,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A person was registered at a place of temporary stay for the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StayRegistered {
    /// The dwelling.
    pub dwelling: Ref,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// Who registered.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A dwelling was recorded. It is a subject of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DwellingRecorded {
    /// The reference that stands for the dwelling everywhere.
    pub dwelling: Ref,
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// The address below district: sealed.
    pub slots: Vec<Slot>,
}

/// A resident moved into this dwelling on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentEntered {
    /// The person.
    pub person: Ref,
}

/// A resident left this dwelling on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentLeft {
    /// The person.
    pub person: Ref,
}
