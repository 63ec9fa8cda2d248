//! Commands of reports to the authorised body (points 5 and 11).

use qonys_events::{
    digest::Sha256Hex,
    fact::report::Snapshot,
    id::Ref,
    scalar::{Slug, Text},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `freeze-report`. `qonys report draft` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeReport {
    /// What it is, such as `use-of-the-regional-quota`.
    pub kind: Slug,
    /// To whom it goes.
    pub addressee: Text,
    /// What it shows.
    pub snapshot: Snapshot,
}

/// Data of `sign-report`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignReport {
    /// The report.
    pub report: Ref,
    /// The digest that the official saw.
    pub digest: Sha256Hex,
    /// SHA-256 of the signed document.
    pub document: Sha256Hex,
}
