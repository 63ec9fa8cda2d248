//! Commands of point 8: uses of the registration records, and forecasts made from them.

use qonys_events::{
    digest::Sha256Hex,
    fact::forecast::{DistrictPersons, ForecastMethod},
    scalar::{Count, Day, Position, Slug, Text},
    term::ServiceKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of `record-rates`.
pub type RecordRates = qonys_events::fact::forecast::RatesRecorded;
/// Data of `record-norm-set`.
pub type RecordNormSet = qonys_events::fact::forecast::NormSetRecorded;

/// Data of `change-facility`.
pub type ChangeFacility = qonys_events::fact::forecast::FacilityChanged;

/// Data of `use-population-records`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsePopulationRecords {
    /// The territory.
    pub territory: Slug,
    /// The purpose: `monitoring`, `migration-forecast`, `employment`, `schools`, `kindergartens`,
    /// `medical-institutions`, `socio-economic-planning`. Any other is blocked.
    pub purpose: Slug,
    /// Who receives what is made of them.
    pub recipient: Text,
    /// SHA-256 of what is made of them.
    pub extract: Sha256Hex,
}

/// Data of `record-population-base`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPopulationBase {
    /// The territory.
    pub territory: Slug,
    /// The day that the records were counted for.
    pub as_of: Day,
    /// The position of the log up to which they were counted, where they were counted from this log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The purpose, as in `use-population-records`.
    pub purpose: Slug,
    /// The lowest age of each band, in years, from 0; the last band is open.
    #[schemars(length(min = 1))]
    pub bands: Vec<Count>,
    /// The districts, with those that are not stated.
    #[schemars(length(min = 1))]
    pub districts: Vec<DistrictPersons>,
    /// Where the counts come from.
    pub source: Text,
    /// The base of the same day whose place this one takes, by its number. A second base of a day without it is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Count>,
    /// Why it does; stands with `supersedes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// Data of `record-facility`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFacility {
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

/// Data of `run-forecast`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunForecast {
    /// The territory.
    pub territory: Slug,
    /// How it is made.
    pub method: ForecastMethod,
    /// Steps: of a year for a series, of the width of the age groups for a projection; at most 30.
    pub steps: Count,
    /// The norm set for jobs, schools, kindergartens and clinics. Without one a forecast is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norm_set: Option<Slug>,
}
