//! Facts of reports to the authorised body (points 5 and 11): a frozen answer of the register, and its signature. Whoever has
//! the log computes the same bytes again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Day, Position, Slug, Text},
};

/// A parameter by which the list of a report was narrowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFilter {
    /// The parameter of the list.
    pub name: Slug,
    /// Its value.
    pub value: Text,
}

/// What a report shows: the rows of a list for a day, as known at a position, and the digest of their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The list, by its name.
    pub list: Slug,
    /// By what it was narrowed, in the order of the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<ReportFilter>,
    /// The effective day; absent for a list that is about every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// The position up to which the log was read.
    pub position: Position,
    /// How many rows it has.
    pub rows: Count,
    /// SHA-256 over the rows, as `docs/book/office.md` says.
    pub digest: Sha256Hex,
}

/// A report was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFrozen {
    /// The report: our own number.
    pub report: Ref,
    /// What it is, such as `use-of-the-regional-quota`.
    pub kind: Slug,
    /// To whom it goes.
    pub addressee: Text,
    /// What it shows.
    pub snapshot: Snapshot,
}

/// A named official signed the report as it was frozen. The log's own key signs the checkpoint that covers this entry: its
/// receipt goes with the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSigned {
    /// The digest that he signed: that of the frozen rows.
    pub digest: Sha256Hex,
    /// SHA-256 of the signed document, as its signature is declared.
    pub document: Sha256Hex,
}
