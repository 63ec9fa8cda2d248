//! Commands of point 7: the trigger and the plan of measures.

use qonys_events::{
    fact::population_departure::{PlanCause, PopulationDepartureIndicators},
    figure::{Figure, Period},
    id::Ref,
    scalar::{Count, Day, Slug, Text},
    term::{MeasureKind, MeasureOutcome, Reading},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The indicators under their usual codes.
fn usual_indicators() -> PopulationDepartureIndicators {
    let code = |text: &str| text.parse().expect("a code is a name");
    PopulationDepartureIndicators {
        arrivals: code("arrivals"),
        departures: code("departures"),
        natural_increase: code("natural-increase"),
        population: code("population"),
    }
}

/// Data of `choose-population-departure-reading`. It counts for decisions from the effective day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoosePopulationDepartureReading {
    /// The territory.
    pub territory: Slug,
    /// The reading that counts.
    pub reading: Reading,
    /// Why.
    pub reason: Text,
}

/// Data of `evaluate-population-departure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluatePopulationDeparture {
    /// The territory.
    pub territory: Slug,
    /// The period: whole months that are over.
    pub period: Period,
    /// The indicators that are read; `arrivals`, `departures`, `natural-increase` and `population` where it is absent.
    #[serde(default = "usual_indicators")]
    pub indicators: PopulationDepartureIndicators,
}

/// Data of `open-measure-plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenMeasurePlan {
    /// The territory.
    pub territory: Slug,
    /// Why.
    pub cause: PlanCause,
    /// An indicator whose newest figure tells whether kandas live in the territory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kandas_indicator: Option<Slug>,
}

/// Data of `add-measure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMeasure {
    /// The plan.
    pub plan: Ref,
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
}

/// Data of `report-measure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportMeasure {
    /// The plan.
    pub plan: Ref,
    /// The measure, by its number in the plan.
    pub measure: Count,
    /// How it stands.
    pub outcome: MeasureOutcome,
    /// What the indicator reached, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Figure>,
    /// What was done.
    pub report: Text,
}

/// Data of `close-measure-plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseMeasurePlan {
    /// The plan.
    pub plan: Ref,
    /// What it came to.
    pub result: Text,
}
