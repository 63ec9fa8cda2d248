//! Commands of the ledger of foreign labour (points 5 and 11).

use qonys_events::{
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Day, Slug},
    term::LabourCategory,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `grant-labour-permit`. The effective day is the first one of the permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantLabourPermit {
    /// The territory whose akimat grants it.
    pub territory: Slug,
    /// The employer, a legal person.
    pub employer: Slug,
    /// The category.
    pub category: LabourCategory,
    /// For how many workers; at least one.
    pub workers: Count,
    /// First day after.
    pub until: Day,
    /// The ground on which the quota does not count it: a norm `labour-outside-quota.<ground>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_quota: Option<Slug>,
}

/// Data of `extend-labour-permit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendLabourPermit {
    /// The territory.
    pub territory: Slug,
    /// The permit.
    pub permit: Ref,
    /// First day after the longer permit.
    pub until: Day,
}

/// Data of `suspend-labour-permit`, `resume-labour-permit` and `withdraw-labour-permit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLabourPermit {
    /// The territory.
    pub territory: Slug,
    /// The permit.
    pub permit: Ref,
    /// SHA-256 of the act.
    pub document: Sha256Hex,
}
