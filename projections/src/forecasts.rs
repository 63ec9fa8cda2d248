//! Point 8 as views: uses of the registration records, what forecasts are made from, and the forecasts line by line.

use qonys_events::{
    digest::Sha256Hex,
    fact::{
        Fact,
        forecast::{DistrictForecast, ForecastMethod, ForecastProduced, ForecastStep},
    },
    figure::Figure,
    scalar::{Count, Day, Position, Slug, Text},
    term::{Certainty, ServiceKind},
};

use crate::{
    cell::{Json, rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert},
    table::{Key, Table},
};

mod facility;

pub use facility::{FACILITY, FacilityRow};

words! {
    /// What a forecast is made from beside bases and institutions.
    InputKind {
        /// Rates of survival, fertility and migration.
        Rates = "rates",
        /// A set of norms for services.
        NormSet = "norm-set",
    }
}

words! {
    /// How a forecast was made.
    MethodKind {
        /// From the history of each district.
        Series = "series",
        /// By cohort-component projection.
        CohortComponent = "cohort-component",
    }
}

rows! {
    /// A use of the registration records.
    RecordsUseRow in RECORDS_USE = "records_use" {
        key: [recorded_from],
        entity: [],
        indexes: [[purpose]],
    }
    /// The territory.
    territory: Slug,
    /// The purpose, of those that point 8 names.
    purpose: Slug,
    /// Who received what was made of them; null for a base, which stays here.
    recipient: Option<Text>,
    /// SHA-256 of what was made of them.
    extract: Option<Sha256Hex>,
    /// The base that was counted.
    base: Option<Count>,
    /// The day of the decision.
    used_on: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// Registered persons of a district on the day of a base.
    BaseRow in POPULATION_BASE = "population_base" {
        key: [territory, base, district, recorded_from],
        entity: [],
        indexes: [[as_of]],
    }
    /// The territory.
    territory: Slug,
    /// The base.
    base: Count,
    /// The district, or `not-stated`.
    district: Slug,
    /// The day that the records were counted for.
    as_of: Day,
    /// The position of the log up to which they were counted.
    counted_at: Option<Position>,
    /// The lowest age of each band: a JSON list.
    bands: Json,
    /// Persons in each band: a JSON list.
    persons: Json,
    /// All persons.
    total: Count,
    /// Where the counts come from.
    source: Text,
    /// The base of the same day whose place it takes.
    supersedes: Option<Count>,
    /// Why it does.
    reason: Option<Text>,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// Rates, or a norm set.
    InputRow in FORECAST_INPUT = "forecast_input" {
        key: [territory, input_kind, name, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// Which of the two.
    input_kind: InputKind,
    /// The name under which forecasts use it.
    name: Slug,
    /// It whole, as the entry writes it: a JSON object.
    content: Json,
    /// The act that sets it.
    act: Option<Slug>,
    /// Where we know it from.
    source: Text,
    /// How sure it is.
    certainty: Certainty,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A forecast.
    ForecastRow in FORECAST = "forecast" {
        key: [territory, forecast, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// Its number among those of the territory.
    forecast: Count,
    /// How it was made.
    method: MethodKind,
    /// The rates, for a projection.
    rates: Option<Slug>,
    /// The version of the method.
    method_version: Slug,
    /// The norm set.
    norm_set: Slug,
    /// The bases: a JSON list of numbers.
    bases: Json,
    /// The lowest age of each band: a JSON list.
    bands: Json,
    /// SHA-256 over everything that it was made from.
    inputs: Sha256Hex,
    /// The day of the decision.
    decided_on: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// How the methods did for a district.
    ForecastTestRow in FORECAST_TEST = "forecast_test" {
        key: [territory, forecast, district, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// The forecast.
    forecast: Count,
    /// The district.
    district: Slug,
    /// The method that was chosen, for a series: a JSON object.
    chosen: Option<Json>,
    /// The rolling back-test of every method that was tried, the naive one first: a JSON list.
    backtest: Json,
    /// A projection against later bases: a JSON object.
    projection_test: Option<Json>,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A forecast for a district, or for the whole territory, on a day.
    ForecastLineRow in FORECAST_LINE = "forecast_line" {
        key: [territory, forecast, district, day, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// The forecast.
    forecast: Count,
    /// The district; the territory's own name for the sum of its districts.
    district: Slug,
    /// The day.
    day: Day,
    /// All persons.
    total: Count,
    /// The lower end of the interval of 95 of 100; null where no back-test measured one.
    low: Option<Count>,
    /// Its upper end.
    high: Option<Count>,
    /// What stays if nothing changes.
    naive: Count,
    /// All persons if nobody comes or leaves.
    without_migration: Option<Count>,
    /// Persons in each band: a JSON list.
    persons: Json,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// What a service needs in a district, or in the whole territory, on a day: gap = need - have.
    ForecastNeedRow in FORECAST_NEED = "forecast_need" {
        key: [territory, forecast, district, day, service, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// The forecast.
    forecast: Count,
    /// The district; the territory's own name for the sum of its districts.
    district: Slug,
    /// The day.
    day: Day,
    /// The service.
    service: ServiceKind,
    /// Persons of its ages.
    persons: Count,
    /// Places or jobs that are needed.
    need: Count,
    /// Places or jobs of the institutions that serve on the day.
    have: Count,
    /// Need less have.
    gap: Figure,
    /// Usual institutions that would close the gap.
    institutions: Option<Count>,
    /// The position that wrote the row.
    recorded_from: Position,
}

fn decided_on(entry: &Recorded) -> Result<Day, FoldError> {
    entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })
}

/// The lines and needs of a district's steps.
fn steps(
    rows: &mut dyn Changes,
    at: Position,
    (territory, forecast, district): (&Slug, Count, &Slug),
    steps: &[ForecastStep],
) -> Result<(), FoldError> {
    for step in steps {
        let line = ForecastLineRow {
            territory: territory.clone(),
            forecast,
            district: district.clone(),
            day: step.on,
            total: step.total,
            low: step.low,
            high: step.high,
            naive: step.naive,
            without_migration: step.without_migration,
            persons: Json::of(&step.persons)?,
            recorded_from: at,
        };
        insert(rows, &line)?;
        for need in &step.needs {
            let row = ForecastNeedRow {
                territory: territory.clone(),
                forecast,
                district: district.clone(),
                day: step.on,
                service: need.service,
                persons: need.persons,
                need: need.need,
                have: need.have,
                gap: need.gap,
                institutions: need.institutions,
                recorded_from: at,
            };
            insert(rows, &row)?;
        }
    }
    Ok(())
}

fn produced(
    entry: &Recorded,
    fact: &ForecastProduced,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let at = entry.position();
    let (method, rates) = match &fact.method {
        ForecastMethod::Series => (MethodKind::Series, None),
        ForecastMethod::CohortComponent { rates } => {
            (MethodKind::CohortComponent, Some(rates.clone()))
        }
    };
    let row = ForecastRow {
        territory: fact.territory.clone(),
        forecast: fact.forecast,
        method,
        rates,
        method_version: fact.method_version.clone(),
        norm_set: fact.norm_set.clone(),
        bases: Json::of(&fact.bases)?,
        bands: Json::of(&fact.bands)?,
        inputs: fact.inputs,
        decided_on: decided_on(entry)?,
        recorded_from: at,
    };
    insert(rows, &row)?;
    let whole = (&fact.territory, fact.forecast, &fact.territory);
    steps(rows, at, whole, &fact.steps)
}

fn of_district(
    entry: &Recorded,
    fact: &DistrictForecast,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let at = entry.position();
    let row = ForecastTestRow {
        territory: fact.territory.clone(),
        forecast: fact.forecast,
        district: fact.district.clone(),
        chosen: fact.chosen.as_ref().map(Json::of).transpose()?,
        backtest: Json::of(&fact.backtest)?,
        projection_test: fact.projection_test.as_ref().map(Json::of).transpose()?,
        recorded_from: at,
    };
    insert(rows, &row)?;
    let district = (&fact.territory, fact.forecast, &fact.district);
    steps(rows, at, district, &fact.steps)
}

/// The view of forecasts.
#[derive(Debug, Clone, Copy)]
pub struct Forecasts;

impl Projection for Forecasts {
    fn name(&self) -> &'static str {
        "forecasts"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const {
            &[
                &RECORDS_USE,
                &POPULATION_BASE,
                &FORECAST_INPUT,
                &FACILITY,
                &FORECAST,
                &FORECAST_TEST,
                &FORECAST_LINE,
                &FORECAST_NEED,
            ]
        }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.population-records.used.v1",
            "kz.qonys.forecast.base-recorded.v1",
            "kz.qonys.forecast.rates-recorded.v1",
            "kz.qonys.forecast.norm-set-recorded.v1",
            "kz.qonys.forecast.facility-recorded.v1",
            "kz.qonys.forecast.produced.v1",
            "kz.qonys.forecast.district-produced.v1",
            "kz.qonys.forecast.facility-changed.v1",
        ]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        if let Fact::FacilityChanged(fact) = &entry.event().fact {
            wanted.known(&FACILITY, Key::of([fact.facility.to_string()]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let recorded_from = entry.position();
        match &entry.event().fact {
            Fact::PopulationRecordsUsed(fact) => {
                let row = RecordsUseRow {
                    territory: fact.territory.clone(),
                    purpose: fact.purpose.clone(),
                    recipient: Some(fact.recipient.clone()),
                    extract: Some(fact.extract),
                    base: None,
                    used_on: decided_on(entry)?,
                    recorded_from,
                };
                insert(rows, &row)
            }
            Fact::PopulationBaseRecorded(fact) => {
                let used = RecordsUseRow {
                    territory: fact.territory.clone(),
                    purpose: fact.purpose.clone(),
                    recipient: None,
                    extract: None,
                    base: Some(fact.base),
                    used_on: decided_on(entry)?,
                    recorded_from,
                };
                insert(rows, &used)?;
                for district in &fact.districts {
                    let row = BaseRow {
                        territory: fact.territory.clone(),
                        base: fact.base,
                        district: district.district.clone(),
                        as_of: fact.as_of,
                        counted_at: fact.position,
                        bands: Json::of(&fact.bands)?,
                        persons: Json::of(&district.persons)?,
                        total: Count(district.persons.iter().map(|n| n.0).sum()),
                        source: fact.source.clone(),
                        supersedes: fact.supersedes,
                        reason: fact.reason.clone(),
                        recorded_from,
                    };
                    insert(rows, &row)?;
                }
                Ok(())
            }
            Fact::RatesRecorded(fact) => {
                let row = InputRow {
                    territory: fact.territory.clone(),
                    input_kind: InputKind::Rates,
                    name: fact.rates.clone(),
                    content: Json::of(fact)?,
                    act: None,
                    source: fact.source.clone(),
                    certainty: fact.certainty,
                    recorded_from,
                };
                insert(rows, &row)
            }
            Fact::NormSetRecorded(fact) => {
                let row = InputRow {
                    territory: fact.territory.clone(),
                    input_kind: InputKind::NormSet,
                    name: fact.norm_set.clone(),
                    content: Json::of(fact)?,
                    act: fact.act.clone(),
                    source: fact.source.clone(),
                    certainty: fact.certainty,
                    recorded_from,
                };
                insert(rows, &row)
            }
            Fact::FacilityRecorded(fact) => facility::recorded(entry, fact, rows),
            Fact::FacilityChanged(fact) => facility::changed(entry, fact, rows),
            Fact::ForecastProduced(fact) => produced(entry, fact, rows),
            Fact::DistrictForecast(fact) => of_district(entry, fact, rows),
            _ => Ok(()),
        }
    }
}
