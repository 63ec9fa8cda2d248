//! Facts of an application for inclusion in a regional quota (point 6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dwelling::Holder;
use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::{Line, Ref},
    scalar::{Count, Day, Slug, Text, Year},
    slot::Slot,
    term::{Category, FamilyTie, ReleaseReason},
};

/// An application was filed. It names one territory and one year, and consumes exactly that line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationFiled {
    /// The application: our own number.
    pub application: Ref,
    /// Who applies.
    pub applicant: Ref,
    /// In which category.
    pub category: Category,
    /// For which territory.
    pub territory: Slug,
    /// For which quota year.
    pub year: Year,
    /// Members of the family who come along, by family tie; the applicant is not among them.
    pub members: Count,
    /// The inclusion that a member of the family joins later; absent for an application of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joins: Option<FamilyJoin>,
    /// Who acted for the applicant; absent where he acted himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
}

/// A member of the family joins an inclusion (migration law art. 21-1): by family tie, not by status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyJoin {
    /// The application that was included.
    pub application: Ref,
    /// The tie to its applicant.
    pub tie: FamilyTie,
    /// The case of art. 21-1: a norm `family-case.<category>.<case>` names it.
    pub case: Slug,
    /// The day of arrival.
    pub arrived_on: Day,
}

/// The applicant was included in the quota by a named official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationIncluded {
    /// The line that the places were taken from.
    pub line: Line,
    /// Places by the counting rule of the line.
    pub places: Count,
    /// The official who decided, as the entry's actor says.
    pub official: Ref,
    /// The absent or delegating official in whose stead he decided, as the entry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Ref>,
}

/// How the applicant was heard, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "choice")]
pub enum Hearing {
    /// The applicant was heard, or had the chance.
    Held {
        /// On this day.
        on: Day,
    },
    /// The body omitted it, which the law allowed; the choice is recorded.
    Omitted {
        /// Article and point that allow it.
        point: Text,
    },
}

/// A refusal act: a named official refused the application on exactly one primary ground.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalActAdopted {
    /// The norm that names the ground: `refusal-ground.kandas.no-regional-quota`.
    pub ground: Slug,
    /// The official who decided, as the entry's actor says.
    pub official: Ref,
    /// The absent or delegating official in whose stead he decided, as the entry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Ref>,
    /// How the applicant was heard.
    pub hearing: Hearing,
    /// Where and within what term the applicant may complain.
    pub appeal: Text,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the ground itself.
    pub bases: Vec<Citation>,
    /// Individual facts of the refusal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

/// An inclusion lost its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InclusionEnded {
    /// Why.
    pub reason: ReleaseReason,
}

/// A decision of inclusion was proved to have been adopted earlier than it was recorded. The entry's decision date is the day
/// of its adoption; its actor is who found it proved, never who adopted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InclusionProved {
    /// The line that the places are counted in.
    pub line: Line,
    /// Places by the counting rule of the line.
    pub places: Count,
    /// The official who adopted the decision.
    pub official: Ref,
    /// The absent or delegating official in whose stead he did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Ref>,
    /// SHA-256 of the decision.
    pub document: Sha256Hex,
    /// By what it is proved: `register-of-decisions`, `minutes-of-the-commission`.
    pub proved_by: Slug,
    /// SHA-256 of that document.
    pub proof: Sha256Hex,
    /// Everything that was read. What the decision lacked stands here and bars nothing: that is for a review.
    pub facts: Facts,
    /// Further bases: the act that set the limit, where it is known to be in force.
    pub bases: Vec<Citation>,
}
