//! Lists of points 4, 7 and 8.

use qonys_projections::indicators::{
    FIGURE, FigureRow, INDICATOR, IndicatorRow, RECONCILIATION, ReconciliationRow,
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
];
