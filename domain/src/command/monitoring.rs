//! Commands of monitoring (point 4).

use qonys_events::{
    fact::indicator::IndicatorDefined,
    figure::{Figure, Period},
    scalar::{Count, PartialDay, Slug, Text},
    term::SourceKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `define-indicators`. Later ones may be computed from earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineIndicators {
    /// The indicators; at least one, none twice.
    #[schemars(length(min = 1))]
    pub indicators: Vec<IndicatorDefined>,
}

/// One figure of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedFigure {
    /// The indicator.
    pub indicator: Slug,
    /// The territory that the figure is about.
    pub territory: Slug,
    /// What it is about.
    pub period: Period,
    /// The value in the indicator's unit.
    pub value: Figure,
    /// The series that it belongs to where the indicator has a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Slug>,
    /// The act by which an area became this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// Data of `record-release`: what one source published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRelease {
    /// When it was published, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDay>,
    /// Where we know it from.
    pub source: Text,
    /// What kind of source that is.
    pub source_kind: SourceKind,
    /// Its figures; at least one, none twice.
    #[schemars(length(min = 1))]
    pub figures: Vec<PublishedFigure>,
}

/// Data of `revise-figure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseFigure {
    /// The indicator.
    pub indicator: Slug,
    /// The release whose place the new one takes: its number among those of the indicator.
    pub supersedes: Count,
    /// The new value in the indicator's unit.
    pub value: Figure,
    /// Why it was revised.
    pub reason: Text,
    /// When the revision was published, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDay>,
    /// Where we know it from.
    pub source: Text,
    /// What kind of source that is.
    pub source_kind: SourceKind,
    /// The series that it belongs to where the indicator has a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Slug>,
    /// The act by which an area became this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// Data of `compute-figure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputeFigure {
    /// A derived indicator.
    pub indicator: Slug,
    /// The territory.
    pub territory: Slug,
    /// For when.
    pub period: Period,
}

/// Data of `reconcile-figures`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileFigures {
    /// The stock.
    pub stock: Slug,
    /// What changed it by report: an indicator of growth, or those of natural increase and migration.
    #[schemars(length(min = 1))]
    pub parts: Vec<Slug>,
    /// The territory.
    pub territory: Slug,
    /// The period between the two days of the stock.
    pub period: Period,
}
