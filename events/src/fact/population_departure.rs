//! Facts of point 7: whether departures exceed the pace of population growth, and the plan of measures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::indicator::CitedFigure;
use crate::{
    citation::Facts,
    figure::{Figure, Period},
    scalar::{Count, Day, Slug, Text},
    term::{MeasureKind, MeasureOutcome, Reading, TriggerOutcome},
};

/// The indicators that the trigger reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationDepartureIndicators {
    /// Arrivals from everywhere.
    pub arrivals: Slug,
    /// Departures to everywhere.
    pub departures: Slug,
    /// Births less deaths.
    pub natural_increase: Slug,
    /// The stock of persons.
    pub population: Slug,
}

/// A figure that a reading needs and that is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingFigure {
    /// Its indicator.
    pub indicator: Slug,
    /// What it would be about.
    pub period: Period,
}

/// What one reading says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingResult {
    /// The reading.
    pub reading: Reading,
    /// What it says.
    pub outcome: TriggerOutcome,
    /// What departures are held against: arrivals and natural increase (a), natural increase (b), total growth (c).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Figure>,
    /// By how much departures exceed it; negative when they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Figure>,
    /// Figures that would have to be recorded; any of the alternatives suffices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingFigure>,
}

/// The trigger of point 7 was evaluated for a period: three readings side by side, of which a recorded choice is the
/// default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationDepartureEvaluated {
    /// The evaluation: its number among those of the territory, from 1.
    pub evaluation: Count,
    /// The territory.
    pub territory: Slug,
    /// The period.
    pub period: Period,
    /// The indicators that were read.
    pub indicators: PopulationDepartureIndicators,
    /// The figures that were found.
    pub inputs: Vec<CitedFigure>,
    /// The three readings, in order.
    pub readings: Vec<ReadingResult>,
    /// The reading that counts, by the choice that is in force on the decision date.
    pub default_reading: Reading,
    /// What it says.
    pub outcome: TriggerOutcome,
    /// The evaluation that this one takes the place of, because a figure was recorded or revised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reevaluates: Option<Count>,
    /// What the default reading said there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_before: Option<TriggerOutcome>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// An official chose which reading counts in a territory, for decisions from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationDepartureReadingChosen {
    /// The territory.
    pub territory: Slug,
    /// The reading.
    pub reading: Reading,
    /// Why: the point has no formula, so this is an interpretation.
    pub reason: Text,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// Why a plan of measures is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "cause")]
pub enum PlanCause {
    /// The trigger fired.
    TriggerFired {
        /// The evaluation, by its number in the territory.
        evaluation: Count,
    },
    /// The akimat acts before it fires.
    EarlyAction {
        /// Why.
        reason: Text,
    },
}

/// A plan of measures was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasurePlanOpened {
    /// The territory.
    pub territory: Slug,
    /// Why.
    pub cause: PlanCause,
    /// The figure by which kandas live in the territory: the plan then needs a measure for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kandas: Option<CitedFigure>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A measure was added to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureAdded {
    /// The measure: its number in the plan, from 1.
    pub measure: Count,
    /// Its kind.
    pub kind: MeasureKind,
    /// What is done.
    pub what: Text,
    /// The office that answers for it.
    pub owner: Slug,
    /// The last day for it.
    pub due: Day,
    /// The indicator by which its effect is seen.
    pub indicator: Slug,
    /// What that indicator should reach, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Figure>,
    /// How many of a hundred participants are young, as planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub youth_percent: Option<Count>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// The owner reported on a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureReported {
    /// The measure.
    pub measure: Count,
    /// How it stands.
    pub outcome: MeasureOutcome,
    /// What the indicator reached, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Figure>,
    /// What was done.
    pub report: Text,
    /// Whether the report came after the last day for the measure.
    pub late: bool,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A plan of measures was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasurePlanClosed {
    /// What it came to.
    pub result: Text,
    /// Measures that were done, wholly or in part.
    pub done: Count,
    /// Measures that were given up.
    pub dropped: Count,
    /// Everything the verdict read.
    pub facts: Facts,
}
