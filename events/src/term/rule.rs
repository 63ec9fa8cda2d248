//! What one place of a quota line is (point 3): the name that an act gives it. The list is open: an act may count as none did
//! before, and what its rule counts is then a norm.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{Malformed, Slug};

/// What one place of a quota line is (point 3). Rules never mix.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Slug", into = "Slug")]
pub struct CountingRule(#[schemars(with = "Slug")] Slug);

impl CountingRule {
    /// Only the applicant counts.
    pub const PRINCIPALS: &'static str = "principals";
    /// The applicant and every member of the family counts, by family tie and not by status.
    pub const PRINCIPALS_AND_MEMBERS: &'static str = "principals-and-members";
    /// A family counts as one (usage of 2016).
    pub const FAMILIES: &'static str = "families";
    /// The rules that point 3 and the acts so far name.
    pub const NAMED: [&'static str; 3] = [
        Self::PRINCIPALS,
        Self::PRINCIPALS_AND_MEMBERS,
        Self::FAMILIES,
    ];

    /// Its name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<Slug> for CountingRule {
    type Error = Malformed;
    fn try_from(name: Slug) -> Result<Self, Malformed> {
        // A quota line is written with dots between its parts.
        if name.as_str().contains('.') {
            return Err(Malformed::new(
                "a counting rule without dots",
                name.as_str(),
            ));
        }
        Ok(Self(name))
    }
}
impl From<CountingRule> for Slug {
    fn from(rule: CountingRule) -> Self {
        rule.0
    }
}
impl FromStr for CountingRule {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse::<Slug>().and_then(Self::try_from)
    }
}
impl fmt::Display for CountingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
