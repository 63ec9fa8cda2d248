//! Lists of points 4, 7 and 8.

use qonys_projections::{
    forecasts::{
        BaseRow, FACILITY, FORECAST, FORECAST_INPUT, FORECAST_LINE, FORECAST_NEED, FORECAST_TEST,
        FacilityRow, ForecastLineRow, ForecastNeedRow, ForecastRow, ForecastTestRow, InputRow,
        POPULATION_BASE, RECORDS_USE, RecordsUseRow,
    },
    indicators::{FIGURE, FigureRow, INDICATOR, IndicatorRow, RECONCILIATION, ReconciliationRow},
    population_departure::{
        EvaluationRow, MEASURE, MEASURE_PLAN, MeasurePlanRow, MeasureRow,
        POPULATION_DEPARTURE_EVALUATION, POPULATION_DEPARTURE_READING, ReadingRow,
    },
};

use super::{Filter, Listing, by, schema, write};

const OF_TERRITORY: Filter = by("territory", "territory", "The territory.");
const OF_FORECAST: Filter = by("forecast", "forecast", "The forecast, by its number.");
const OR_THE_SUM: Filter = by(
    "district",
    "district",
    "The district; the territory's own name for the sum.",
);

/// Every list of points 4, 7 and 8.
pub(in crate::http) static MONITORING: &[Listing] = &[
    listing!(
        IndicatorRow,
        INDICATOR,
        false,
        "/v1/indicators",
        "listIndicators",
        "Indicators of the ten features of migration (point 4)",
        [by("feature", "feature", "The feature that it shows.")]
    ),
    listing!(
        FigureRow,
        FIGURE,
        false,
        "/v1/figures",
        "listFigures",
        "Every release of every figure, the revised ones too (point 4)",
        [by("indicator", "indicator", "Its indicator."), OF_TERRITORY,]
    ),
    listing!(
        ReconciliationRow,
        RECONCILIATION,
        false,
        "/v1/reconciliations",
        "listReconciliations",
        "Stocks held against reported changes, with the difference (point 4)",
        [by("stock", "stock", "The stock."), OF_TERRITORY,]
    ),
    listing!(
        ReadingRow,
        POPULATION_DEPARTURE_READING,
        true,
        "/v1/population-departure-readings",
        "listPopulationDepartureReadings",
        "Which reading of the trigger counts on a day, by a recorded choice (point 7)",
        [OF_TERRITORY]
    ),
    listing!(
        EvaluationRow,
        POPULATION_DEPARTURE_EVALUATION,
        false,
        "/v1/population-departure-evaluations",
        "listPopulationDepartureEvaluations",
        "Evaluations of the trigger in three readings side by side (point 7)",
        [
            OF_TERRITORY,
            by(
                "outcome",
                "outcome",
                "What the default reading says: `fired`, `not-fired`, `cannot-evaluate`."
            ),
        ]
    ),
    listing!(
        MeasurePlanRow,
        MEASURE_PLAN,
        true,
        "/v1/measure-plans",
        "listMeasurePlans",
        "Plans of measures against the departure of population, as they stand on a day (point 7)",
        [
            OF_TERRITORY,
            by("state", "state", "`open` or `closed`."),
            by("plan", "plan", "One plan."),
        ]
    ),
    listing!(
        MeasureRow,
        MEASURE,
        true,
        "/v1/measures",
        "listMeasures",
        "Measures with owner, last day and result, as they stand on a day (point 7)",
        [
            by("plan", "plan", "The plan."),
            by("owner", "owner", "The office that answers for it."),
            by("kind", "kind", "Its kind."),
        ]
    ),
    listing!(
        RecordsUseRow,
        RECORDS_USE,
        false,
        "/v1/records-uses",
        "listRecordsUses",
        "Uses of the registration records and their purposes (point 8)",
        [OF_TERRITORY, by("purpose", "purpose", "The purpose.")]
    ),
    listing!(
        BaseRow,
        POPULATION_BASE,
        false,
        "/v1/population-bases",
        "listPopulationBases",
        "Registered persons by district and age on the days of bases (point 8)",
        [
            OF_TERRITORY,
            by("base", "base", "The base, by its number."),
            by("district", "district", "The district, or `not-stated`.")
        ]
    ),
    listing!(
        InputRow,
        FORECAST_INPUT,
        false,
        "/v1/forecast-inputs",
        "listForecastInputs",
        "Rates and norm sets that forecasts use (point 8)",
        [
            OF_TERRITORY,
            by("kind", "input_kind", "`rates` or `norm-set`."),
            by("name", "name", "Its name.")
        ]
    ),
    listing!(
        FacilityRow,
        FACILITY,
        true,
        "/v1/facilities",
        "listFacilities",
        "Institutions that serve on a day, with their places or jobs (point 8)",
        [
            OF_TERRITORY,
            by("district", "district", "Its district."),
            by("service", "service", "What it serves.")
        ]
    ),
    listing!(
        ForecastRow,
        FORECAST,
        false,
        "/v1/forecasts",
        "listForecasts",
        "Forecasts and what each was made from (point 8)",
        [OF_TERRITORY]
    ),
    listing!(
        ForecastTestRow,
        FORECAST_TEST,
        false,
        "/v1/forecast-tests",
        "listForecastTests",
        "How the methods of a forecast did in their back-tests (point 8)",
        [OF_TERRITORY, OF_FORECAST, OR_THE_SUM]
    ),
    listing!(
        ForecastLineRow,
        FORECAST_LINE,
        false,
        "/v1/forecast-lines",
        "listForecastLines",
        "A forecast by district and day beside its naive line (point 8)",
        [OF_TERRITORY, OF_FORECAST, OR_THE_SUM]
    ),
    listing!(
        ForecastNeedRow,
        FORECAST_NEED,
        false,
        "/v1/forecast-needs",
        "listForecastNeeds",
        "Jobs and places by district and day: need, have, gap (point 8)",
        [
            OF_TERRITORY,
            OF_FORECAST,
            OR_THE_SUM,
            by("service", "service", "The service.")
        ]
    ),
];
