//! Facts of a proposal of the akimat to the authorised body (point 5). A proposal changes no quota.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    scalar::{Count, Slug, Text, Year},
    term::{Answer, Category, Direction, ProposalWarning, TerritoryChange},
};

/// For when a proposal on the regional quotas asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "horizon")]
pub enum Horizon {
    /// The coming year.
    ComingYear {
        /// That year.
        year: Year,
    },
    /// A medium term: more than one year.
    MediumTerm {
        /// The first year.
        from: Year,
        /// The last year.
        to: Year,
    },
}

/// What is asked for one category of foreign labour: the categories of the permits, or households.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabourLine {
    /// `category-1` to `category-4`, `seasonal` or `households`.
    pub category: Slug,
    /// Persons asked for.
    pub asked: Count,
    /// Of which ethnic Kazakhs and former compatriots.
    pub of_which_compatriots: Count,
}

/// What is asked for one category of the regional quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaAsk {
    /// For whom.
    pub category: Category,
    /// The limit asked for, in places.
    pub asked: Count,
}

/// The three kinds of proposal of point 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub enum Subject {
    /// Designate the territory of the city for settling, or exclude it.
    Territory {
        /// Which.
        change: TerritoryChange,
        /// For whom.
        category: Category,
    },
    /// Raise or cut the quota for attracting foreign labour.
    ForeignLabour {
        /// Which.
        direction: Direction,
        /// The year.
        year: Year,
        /// What is asked.
        lines: Vec<LabourLine>,
    },
    /// Raise or cut the regional quotas for kandas and resettlers.
    RegionalQuota {
        /// Which.
        direction: Direction,
        /// For when.
        horizon: Horizon,
        /// What is asked.
        lines: Vec<QuotaAsk>,
    },
}

/// A proposal was drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalDrafted {
    /// What it asks for.
    pub subject: Subject,
    /// The territory it is for.
    pub territory: Slug,
    /// SHA-256 of the justification.
    pub justification: Sha256Hex,
    /// Cited indicators, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Slug>,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<Citation>,
}

/// A warning that the signatory confirms, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedWarning {
    /// Which. The schema leaves the list open: it grows.
    #[schemars(with = "Slug")]
    pub warning: ProposalWarning,
    /// Why it is asked for all the same; about the city, never about a person.
    pub reason: Text,
}

/// The draft was signed by a named official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalSigned {
    /// SHA-256 of the signed document.
    pub document: Sha256Hex,
    /// The warnings that were there on that day, each with the signatory's reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<ConfirmedWarning>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// The signed proposal was sent to the authorised body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalSent {
    /// The addressee.
    pub addressee: Text,
    /// The body that it is, by its name among the norms of competence.
    pub authority: Slug,
    /// Everything the verdict read.
    pub facts: Facts,
    /// The norm by which that body is competent.
    pub bases: Vec<Citation>,
}

/// The authorised body received it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalReceived {
    /// Its number there.
    pub number: Text,
}

/// The authorised body answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalAnswered {
    /// The answer.
    pub answer: Answer,
    /// The number of the answer.
    pub number: Text,
    /// What was granted where the answer is in part, by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<QuotaAsk>,
    /// The same for foreign labour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted_labour: Vec<LabourLine>,
}

/// The akimat withdrew the proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalWithdrawn {}

/// An act of the setter answers the proposal. Proposals and acts are linked many to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalLinked {
    /// The act, by its name in the register of acts.
    pub act: Slug,
}
