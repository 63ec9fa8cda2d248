//! Facts of point 8: uses of the registration records, and forecasts made from them. No person stands in any of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::Facts,
    digest::Sha256Hex,
    figure::{Billionths, Figure},
    id::Ref,
    scalar::{Count, Day, Position, Slug, Text},
    term::{Certainty, ServiceKind},
};

/// The registration records were used for a purpose of point 8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationRecordsUsed {
    /// The territory.
    pub territory: Slug,
    /// The purpose.
    pub purpose: Slug,
    /// Who received what was made of them.
    pub recipient: Text,
    /// SHA-256 of what was made of them.
    pub extract: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// Persons of a district by age bands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistrictPersons {
    /// The district, or `not-stated`.
    pub district: Slug,
    /// Persons in each band.
    pub persons: Vec<Count>,
}

/// Registered persons by district and age were taken from the records: the base of forecasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationBaseRecorded {
    /// The base: its number among those of the territory, from 1.
    pub base: Count,
    /// The territory.
    pub territory: Slug,
    /// The day that the records were counted for.
    pub as_of: Day,
    /// The position of the log up to which they were counted, where they were counted from this log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The purpose.
    pub purpose: Slug,
    /// The lowest age of each band, in years, from 0; the last band is open.
    pub bands: Vec<Count>,
    /// The districts, with those that are not stated.
    pub districts: Vec<DistrictPersons>,
    /// Where the counts come from.
    pub source: Text,
    /// The base of the same day whose place this one takes: a full new count, and the old one stays readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Count>,
    /// Why it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// Rates of survival, fertility and migration by age groups were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RatesRecorded {
    /// The name under which forecasts use them.
    pub rates: Slug,
    /// The territory.
    pub territory: Slug,
    /// The width of the age groups, and of a step, in years.
    pub years: Count,
    /// What part survives a step: of the newly born, and of each group; one more than there are groups.
    pub survival: Vec<Billionths>,
    /// Births per person and year in each group.
    pub fertility: Vec<Billionths>,
    /// Net migrants of a step as a part of each group.
    pub migration: Vec<Billionths>,
    /// Boys per girl among the born, where the population is that of women alone; absent where it is of both sexes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex_ratio_at_birth: Option<Billionths>,
    /// Where we know them from.
    pub source: Text,
    /// How sure they are.
    pub certainty: Certainty,
}

/// How much of a service a population needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceNorm {
    /// The service.
    pub service: ServiceKind,
    /// The lowest age that needs it, in years.
    pub from_age: Count,
    /// The first age that no longer does; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_age: Option<Count>,
    /// Places or jobs that are needed for so many persons …
    pub needed: Count,
    /// … of these ages.
    pub per_persons: Count,
    /// Places of one usual institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places_per_institution: Option<Count>,
}

/// A set of norms for services was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormSetRecorded {
    /// The name under which forecasts use it.
    pub norm_set: Slug,
    /// The territory.
    pub territory: Slug,
    /// The norms; at most one for each service.
    pub norms: Vec<ServiceNorm>,
    /// The act that sets them, by its name in the register of acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// Where we know them from.
    pub source: Text,
    /// How sure they are.
    pub certainty: Certainty,
}

/// An institution, or a group of them, was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityRecorded {
    /// The institution.
    pub facility: Ref,
    /// The territory.
    pub territory: Slug,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves.
    pub service: ServiceKind,
    /// Its places or jobs.
    pub capacity: Count,
    /// The first day on which it serves.
    pub opens: Day,
    /// The first day on which it no longer does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Day>,
    /// Where we know it from.
    pub source: Text,
}

/// An institution is otherwise from the effective day on: it was enlarged, moved to another district, closed. A full new
/// fact; what was before stays true of the days before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityChanged {
    /// The institution.
    pub facility: Ref,
    /// The territory.
    pub territory: Slug,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves.
    pub service: ServiceKind,
    /// Its places or jobs; 0 where it is closed.
    pub capacity: Count,
    /// The first day on which it no longer serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Day>,
    /// Where we know it from.
    pub source: Text,
}

/// A method that forecasts one series from itself, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "method")]
pub enum SimpleMethod {
    /// The last value stays.
    Naive,
    /// The mean change goes on.
    Drift,
    /// The mean of the last values stays.
    Mean {
        /// How many.
        last: Count,
    },
    /// Simple exponential smoothing from the first value.
    Ses {
        /// Weight of the newest value.
        alpha: Billionths,
    },
    /// Simple exponential smoothing from the line through the first ten values.
    SesFromRegression {
        /// Weight of the newest value.
        alpha: Billionths,
    },
    /// Holt's linear trend.
    Holt {
        /// Weight of the newest value in the level.
        alpha: Billionths,
        /// Weight of the newest change in the trend.
        beta: Billionths,
    },
    /// Holt's trend, damped.
    Damped {
        /// Weight of the newest value in the level.
        alpha: Billionths,
        /// Weight of the newest change in the trend.
        beta: Billionths,
        /// What is left of the trend after a step.
        phi: Billionths,
    },
    /// Integrated moving average of order (0, 1, 1).
    MovingAverage {
        /// Its coefficient.
        theta: Billionths,
    },
}

/// How a forecast is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "method")]
pub enum ForecastMethod {
    /// The history of each district, by the method that erred least in its back-test. Steps of a year.
    Series,
    /// Cohort-component projection of each district. Steps of the width of the age groups.
    CohortComponent {
        /// The rates.
        rates: Slug,
    },
}

/// How a method did in a rolling back-test of a series: each value from those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackTest {
    /// The method.
    pub method: SimpleMethod,
    /// Values that were forecast.
    pub forecasts: Count,
    /// Mean of the absolute errors, in persons.
    pub mean_absolute_error: Count,
    /// Root of the mean of the squared errors, in persons.
    pub root_mean_square_error: Count,
    /// Intervals of 95 of 100 that could be tried.
    pub intervals: Count,
    /// How many of them held the value.
    pub within: Count,
}

/// How a projection did against later bases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectionTest {
    /// Steps that could be tried.
    pub steps: Count,
    /// Mean of the absolute errors of the projection, in persons.
    pub mean_absolute_error: Count,
    /// The same for the naive line.
    pub naive_mean_absolute_error: Count,
}

/// What one service needs in a district on a day: gap = need - have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The service.
    pub service: ServiceKind,
    /// Persons of its ages, rounded.
    pub persons: Count,
    /// Places or jobs that are needed.
    pub need: Count,
    /// Places or jobs of the institutions that serve on the day.
    pub have: Count,
    /// Need less have; negative where there are more than needed.
    pub gap: Figure,
    /// Usual institutions that would close the gap, where the norm says how large one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institutions: Option<Count>,
}

/// A forecast for one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastStep {
    /// The day.
    pub on: Day,
    /// Persons in each band.
    pub persons: Vec<Count>,
    /// All persons.
    pub total: Count,
    /// The lower end of the interval of 95 of 100; absent where no back-test measured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Count>,
    /// Its upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Count>,
    /// What stays if nothing changes: the line that every forecast is held against.
    pub naive: Count,
    /// All persons if nobody comes or leaves, for a projection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_migration: Option<Count>,
    /// Jobs and places.
    pub needs: Vec<Need>,
}

/// A forecast was produced: what it was made from, and the territory as the sum of its districts. A scenario, and no
/// promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastProduced {
    /// The forecast: its number among those of the territory, from 1.
    pub forecast: Count,
    /// The territory.
    pub territory: Slug,
    /// How it was made.
    pub method: ForecastMethod,
    /// The version of the method.
    pub method_version: Slug,
    /// The bases that it was made from, by their numbers.
    pub bases: Vec<Count>,
    /// The lowest age of each band.
    pub bands: Vec<Count>,
    /// The norm set.
    pub norm_set: Slug,
    /// SHA-256 over everything that it was made from.
    pub inputs: Sha256Hex,
    /// The territory, step by step.
    pub steps: Vec<ForecastStep>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// The part of a forecast that is about one district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistrictForecast {
    /// The forecast.
    pub forecast: Count,
    /// The territory.
    pub territory: Slug,
    /// The district.
    pub district: Slug,
    /// The method that was chosen, for a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<SimpleMethod>,
    /// The back-test of every method that was tried, the naive one first; for a series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backtest: Vec<BackTest>,
    /// The back-test against later bases, for a projection; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection_test: Option<ProjectionTest>,
    /// The district, step by step.
    pub steps: Vec<ForecastStep>,
}
