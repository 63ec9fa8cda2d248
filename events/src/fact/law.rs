//! Facts of the register of acts (preamble, points 1 and 3): acts, dates, norms, powers, territories, quota acts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Sha256Hex,
    scalar::{Count, Day, PartialDay, Slug, Text, Year},
    term::{
        ActDate, ActKind, Category, Certainty, CountingRule, DecisionType, Language, LineMark,
        QuotaAction, TerritoryChange, Weekday,
    },
};

/// When an act enters into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "rule")]
pub enum EntryIntoForce {
    /// So many calendar days after the first official publication: the day of publication is day 0, and the act is in
    /// force on the day after the last of them.
    DaysAfterPublication {
        /// Calendar days; 0 is "after the day of publication".
        days: Count,
    },
    /// The act's own clause is not known.
    Unknown,
}

/// Names of an act in up to three languages; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Titles {
    /// Kazakh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kk: Option<Text>,
    /// Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ru: Option<Text>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Text>,
}

/// An act was entered in the register of acts, with the dates that are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActRecorded {
    /// The name of the act in the register.
    pub act: Slug,
    /// What kind of act it is.
    pub kind: ActKind,
    /// Its own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// Who adopted it.
    pub body: Text,
    /// Its names.
    pub titles: Titles,
    /// The language of the text that we hold or cite.
    pub language: Language,
    /// Adopted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_on: Option<PartialDay>,
    /// Registered by the justice authority on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_on: Option<PartialDay>,
    /// The number of that registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Text>,
    /// First officially published on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDay>,
    /// In force on, as a source says (evidence of kind b).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_on: Option<PartialDay>,
    /// How its entry into force is computed.
    pub entry_into_force: EntryIntoForce,
    /// The document whose wording this act sets: itself for a first wording, an earlier act for an amendment.
    pub document: Slug,
    /// The name of the wording that it sets, unique in the document.
    pub wording: Slug,
    /// Acts that lose force when this one enters into force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeals: Vec<Slug>,
    /// Acts that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Slug>,
    /// SHA-256 of the recorded text; absent when the text is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<Sha256Hex>,
    /// Whether the act is invented for a demonstration or a test.
    pub synthetic: bool,
    /// Where we know it from.
    pub source: Text,
    /// What a reader should know: an inference, a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// A date in the life of an act became known later than the act itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActDateRecorded {
    /// The act.
    pub act: Slug,
    /// Which of its dates.
    pub date: ActDate,
    /// The day or month.
    pub on: PartialDay,
    /// Where we know it from.
    pub source: Text,
}

/// An official determined from when an act is in force (evidence of kind c): shown as assumed wherever it is leant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActDetermined {
    /// The act.
    pub act: Slug,
    /// In force from.
    pub from: Day,
    /// What the determination rests on.
    pub basis: Text,
}

/// A dated norm: a deadline, limit, ground, area, share, calendar or interpretation (point 1, promise P9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormRecorded {
    /// The name under which decisions look it up.
    pub norm: Slug,
    /// The document that sets it.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// Its value in whole units.
    pub value: Count,
    /// The unit of the value.
    pub unit: Slug,
    /// First day of validity.
    pub from: Day,
    /// First day after validity; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where we know it from; for an interpretation its author.
    pub source: Text,
}

/// A power: which document and point let whom take a type of decision, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerRecorded {
    /// The type of decision. The schema leaves the list open: it grows with the law.
    #[schemars(with = "Slug")]
    pub decision: DecisionType,
    /// The document that gives the power.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// First day of validity of that article.
    pub from: Day,
    /// First day after validity; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where we know it from.
    pub source: Text,
}

/// An act determined a territory for settling a category, or excluded it; effective when the act is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerritoryChanged {
    /// For whom.
    pub category: Category,
    /// Which territory.
    pub territory: Slug,
    /// Determined or excluded.
    pub change: TerritoryChange,
    /// The act that says so.
    pub act: Slug,
}

/// One limit as an act sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineLimit {
    /// For whom.
    pub category: Category,
    /// Where; `kazakhstan` is the reported national total.
    pub territory: Slug,
    /// The limit in places of the counting rule.
    pub limit: Count,
    /// Why the line is not an ordinary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<LineMark>,
}

/// An act of the body that sets the quota: one act, one counting rule, one or more lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaSet {
    /// The act.
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
    /// Categories whose regional limits exceed the reported national total, as the act was published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub above_total: Vec<Category>,
}

/// The working-day calendar of a year became known: which days are days off, and which of them are worked after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarRecorded {
    /// The year.
    pub year: Year,
    /// Days of every week on which nobody works.
    pub weekly_rest: Vec<Weekday>,
    /// Further days off: holidays, and days to which a day off was moved.
    pub days_off: Vec<Day>,
    /// Days of weekly rest that are worked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worked: Vec<Day>,
    /// Whether it is invented for a demonstration or a test.
    pub synthetic: bool,
    /// Where we know it from.
    pub source: Text,
}

/// A territory came out of another by a change of boundaries (point 3). Nobody moves by that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerritorySucceeded {
    /// The territory that was formed.
    pub territory: Slug,
    /// The territory that it was part of.
    pub out_of: Slug,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where we know it from.
    pub source: Text,
}
