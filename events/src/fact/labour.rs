//! Facts of the ledger of foreign labour (points 5 and 11; migration law art. 15 and 37-1): the share that was distributed to
//! a territory, and the permits that its akimat granted, extended, suspended and withdrew.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Slug, Year},
    term::LabourCategory,
};

/// Places of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareLine {
    /// The category.
    pub category: LabourCategory,
    /// Its places.
    pub places: Count,
}

/// An act distributed a share of the quota for a year to a territory. It names the whole share: a later act takes its place
/// from its entry into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareDistributed {
    /// The territory.
    pub territory: Slug,
    /// The year.
    pub year: Year,
    /// The act, by its name in the register of acts.
    pub act: Slug,
    /// The places by category.
    pub lines: Vec<ShareLine>,
}

/// The akimat granted an employer a permit for the effective days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourPermitGranted {
    /// The permit: our own number.
    pub permit: Ref,
    /// The employer, a legal person.
    pub employer: Slug,
    /// The category.
    pub category: LabourCategory,
    /// For how many workers.
    pub workers: Count,
    /// The ground on which the quota does not count it; absent inside the quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_quota: Option<Slug>,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases.
    pub bases: Vec<Citation>,
}

/// A permit was extended for the effective days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourPermitExtended {
    /// The permit.
    pub permit: Ref,
    /// Places of the year of the decision that the extension takes.
    pub counted: Count,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases.
    pub bases: Vec<Citation>,
}

/// A permit is suspended from the effective day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourPermitSuspended {
    /// The permit.
    pub permit: Ref,
    /// SHA-256 of the act.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A suspended permit is valid again from the effective day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourPermitResumed {
    /// The permit.
    pub permit: Ref,
    /// SHA-256 of the act.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A permit is withdrawn from the effective day on. It gives no place back: no source says that it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourPermitWithdrawn {
    /// The permit.
    pub permit: Ref,
    /// SHA-256 of the act.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}
