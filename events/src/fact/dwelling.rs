//! Facts about dwellings beside their residents (points 9 and 10): changes, holders, consents, over-norm found later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Slug, SquareDecimetres},
    term::{ConsentScope, DwellingChange, HoldingTitle, HousingFund, PremisesUse},
};

/// Who owns or rents a dwelling, or acts for somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "holder")]
pub enum Holder {
    /// A recorded person.
    Person {
        /// The reference.
        person: Ref,
    },
    /// A legal person or a body.
    Organisation {
        /// Its name.
        organisation: Slug,
    },
}

/// From the effective day on a dwelling is described otherwise: a full new description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DwellingChanged {
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    pub premises: PremisesUse,
    /// Why.
    pub reason: DwellingChange,
    /// SHA-256 of the document that it rests on.
    pub document: Sha256Hex,
}

/// A dwelling is destroyed from the effective day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DwellingDestroyed {
    /// SHA-256 of the document that says so.
    pub document: Sha256Hex,
    /// How many persons are registered there at the place of residence: it evicts nobody.
    pub residents: Count,
}

/// From the effective day on these hold the dwelling, all of them and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldersRecorded {
    /// By what right.
    pub title: HoldingTitle,
    /// Every holder.
    #[schemars(length(min = 1))]
    pub holders: Vec<Holder>,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
}

/// A holder consents for the effective interval that a person is registered in the dwelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentGiven {
    /// Who consents.
    pub holder: Holder,
    /// Whose registration.
    pub person: Ref,
    /// To what.
    pub scope: ConsentScope,
    /// Who acted for the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
    /// SHA-256 of the signed consent.
    pub document: Sha256Hex,
}

/// A holder withdrew his consents for a person from the effective day on. Registrations made under them stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWithdrawn {
    /// Who withdraws.
    pub holder: Holder,
    /// Whose registration it was about.
    pub person: Ref,
}

/// A changed area or fund leaves more residents than the norm of point 10 takes. Reported; it evicts nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverNormFound {
    /// Registered at the place of residence on the effective day.
    pub residents: Count,
    /// How many of them the area takes.
    pub capacity: Count,
    /// Everything the finding read.
    pub facts: Facts,
    /// The power and the norm.
    pub bases: Vec<Citation>,
}
