//! Facts of monitoring (point 4): indicators, published figures and their revisions, derived figures, reconciliations. A
//! figure is never overwritten: a revision is a full new release that says which one it supersedes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::law::Titles;
use crate::{
    citation::Facts,
    figure::{Figure, Period},
    scalar::{Count, PartialDay, Slug, Text},
    term::{Feature, Nature, PeriodKind, SourceKind},
};

/// How a derived figure is computed from others of the same territory. Inputs are named by their indicators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "formula")]
pub enum Formula {
    /// Persons per square kilometre on a day, rounded half up: population on the day, area in hectares that stands then.
    Density {
        /// The stock of persons.
        population: Slug,
        /// The area in hectares.
        area: Slug,
    },
    /// Arrivals less departures of the period.
    Balance {
        /// The flow in.
        arrivals: Slug,
        /// The flow out.
        departures: Slug,
    },
    /// Natural increase and migration of the period together.
    Growth {
        /// Births less deaths.
        natural: Slug,
        /// Arrivals less departures.
        migration: Slug,
    },
    /// The stock on the day after the period less the stock on its first day.
    Change {
        /// The stock.
        stock: Slug,
    },
}

/// An indicator was defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorDefined {
    /// Its code.
    pub indicator: Slug,
    /// Its names.
    pub titles: Titles,
    /// The feature of point 4 that it shows; absent for one that only enters others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<Feature>,
    /// What its figures are.
    pub nature: Nature,
    /// The unit of its figures, such as `persons`.
    pub unit: Slug,
    /// What they are about.
    pub period: PeriodKind,
    /// How they are computed; absent for figures that are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
}

/// A figure that something leans on: which release, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CitedFigure {
    /// Its indicator.
    pub indicator: Slug,
    /// The release: its number among those of the indicator.
    pub release: Count,
    /// What it is about.
    pub period: Period,
    /// The value in the indicator's unit.
    pub value: Figure,
}

/// A published figure was recorded: first, or in place of another one that stays readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureReleased {
    /// The release: its number among those of the indicator, from 1.
    pub release: Count,
    /// Its indicator.
    pub indicator: Slug,
    /// The territory that it is about.
    pub territory: Slug,
    /// What it is about.
    pub period: Period,
    /// The value in the indicator's unit.
    pub value: Figure,
    /// When it was published, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDay>,
    /// Where we know it from.
    pub source: Text,
    /// What kind of source that is.
    pub source_kind: SourceKind,
    /// The series that it belongs to where the indicator has a break, such as a census: figures of two series are never
    /// subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Slug>,
    /// The act by which an area became this, by its name in the register of acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// The release that it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Count>,
    /// Why it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// What was looked at.
    pub facts: Facts,
}

/// A figure was computed from others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureDerived {
    /// The release: its number among those of the indicator, from 1.
    pub release: Count,
    /// Its indicator.
    pub indicator: Slug,
    /// The territory that it is about.
    pub territory: Slug,
    /// What it is about.
    pub period: Period,
    /// The value in the indicator's unit.
    pub value: Figure,
    /// How it was computed.
    pub formula: Formula,
    /// From what.
    pub inputs: Vec<CitedFigure>,
    /// The series of its inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Slug>,
    /// The derived figure that it takes the place of, after a revision of its inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Count>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A stock was held against the changes that are reported for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresReconciled {
    /// The territory.
    pub territory: Slug,
    /// The period.
    pub period: Period,
    /// The stock on its first day.
    pub start: CitedFigure,
    /// The stock on the day after.
    pub end: CitedFigure,
    /// What changed it by report: one figure of growth, or natural increase and migration.
    pub parts: Vec<CitedFigure>,
    /// The stock on the first day that the others imply.
    pub implied_start: Figure,
    /// What the parts do not explain: end less start less parts. 0 when everything agrees.
    pub discrepancy: Figure,
    /// Everything the verdict read.
    pub facts: Facts,
}
