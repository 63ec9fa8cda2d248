//! Data of the commands about quota lines and their places (points 3 and 6).

use qonys_events::{
    digest::Sha256Hex,
    fact::law::LineLimit,
    id::{Line, Ref},
    scalar::{Slug, Year},
    term::{Certainty, CountingRule, QuotaAction, ReleaseReason},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `set-quota`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQuota {
    /// The act, by its name in the register of acts.
    pub act: Slug,
    /// Whether it establishes or amends.
    pub action: QuotaAction,
    /// The year the quota is for.
    pub year: Year,
    /// Its counting rule.
    pub rule: CountingRule,
    /// How sure it is that the act counts by this rule.
    pub rule_certainty: Certainty,
    /// The limits that it sets.
    pub lines: Vec<LineLimit>,
    /// The sender confirms figures of the publication that do not add up.
    #[serde(default)]
    pub as_published: bool,
}

/// Data of `hold-places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldPlaces {
    /// The application.
    pub application: Ref,
}

/// Data of `commit-places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitPlaces {
    /// The application.
    pub application: Ref,
    /// The leaf hash of the hold that the official saw; compared with the log where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopts: Option<Sha256Hex>,
}

/// Data of `release-places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePlaces {
    /// The application.
    pub application: Ref,
    /// Why.
    pub reason: ReleaseReason,
}

/// Data of `recount-places`. The effective day is the first one of the new count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecountPlaces {
    /// The application of the inclusion.
    pub application: Ref,
}

/// Data of `record-earlier-inclusion`. The decision date of the command is the day on which the decision was adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordEarlierInclusion {
    /// The application.
    pub application: Ref,
    /// The official who adopted the decision; another than the one who gives this command.
    pub official: Ref,
    /// The absent or delegating official in whose stead he did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Ref>,
    /// SHA-256 of the decision.
    pub document: Sha256Hex,
    /// By what it is proved that it was adopted on that day: `register-of-decisions`, `minutes-of-the-commission`.
    pub proved_by: Slug,
    /// SHA-256 of that document.
    pub proof: Sha256Hex,
}

/// Data of `close-quota-year`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseQuotaYear {
    /// The line.
    pub line: Line,
}
