//! Lists of points 4, 7 and 8.

use qonys_projections::{
    indicators::{FIGURE, FigureRow, INDICATOR, IndicatorRow, RECONCILIATION, ReconciliationRow},
    outflow::{
        EvaluationRow, MEASURE, MEASURE_PLAN, MeasurePlanRow, MeasureRow, OUTFLOW_EVALUATION,
        OUTFLOW_READING, ReadingRow,
    },
};

use super::{Listing, by, schema, write};

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
        [
            by("indicator", "indicator", "Its indicator."),
            by("territory", "territory", "The territory."),
        ]
    ),
    listing!(
        ReconciliationRow,
        RECONCILIATION,
        false,
        "/v1/reconciliations",
        "listReconciliations",
        "Stocks held against reported changes, with the difference (point 4)",
        [
            by("stock", "stock", "The stock."),
            by("territory", "territory", "The territory."),
        ]
    ),
    listing!(
        ReadingRow,
        OUTFLOW_READING,
        true,
        "/v1/outflow-readings",
        "listOutflowReadings",
        "Which reading of the trigger counts on a day, by a recorded choice (point 7)",
        [by("territory", "territory", "The territory.")]
    ),
    listing!(
        EvaluationRow,
        OUTFLOW_EVALUATION,
        false,
        "/v1/outflow-evaluations",
        "listOutflowEvaluations",
        "Evaluations of the trigger in three readings side by side (point 7)",
        [
            by("territory", "territory", "The territory."),
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
            by("territory", "territory", "The territory."),
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
];
