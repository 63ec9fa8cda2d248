//! What is computed of figures (point 4): an indicator for a day as known on a day, and the coverage of the ten features.

use axum::{
    Json,
    extract::{Path, State},
    routing::get,
};
use qonys_events::scalar::{Day, Slug};
use qonys_projections::{
    cell::Shown,
    indicators::{
        IndicatorRow,
        monitor::{self, KnownFigure, KnownReconciliation, Monitor, TABLES, Wanted},
    },
    table::{Key, Row, Table},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    api::Api,
    board::At,
    operation::{Content, Operation, path, query, schema_of},
    params::{Params, When},
    problem::Problem,
    routes::{Route, route},
    shape::{text, when},
};
use crate::{
    queries::{ROWS_MAX, Rows},
    settings::DEFAULT_TERRITORY,
};

/// What is computed of figures.
pub(super) fn routes() -> Vec<Route> {
    let known_on = || {
        query(
            "known_on",
            &text(),
            "As known on this day; today where it is absent.",
        )
    };
    vec![
        route(
            "/v1/indicators/{indicator}",
            get(indicator),
            Operation::new(
                "getIndicator",
                "monitoring",
                "An indicator for a day, as known on a day (point 4)",
            )
            .with([path(
                "indicator",
                &text(),
                "Its code, such as `population`.",
            )])
            .with(when("effective-if-any"))
            .with([
                known_on(),
                query("territory", &text(), "Only this territory."),
            ])
            .answers(
                200,
                "Its figures.",
                Content::Json(schema_of::<At<OneIndicator>>),
                &[],
            )
            .problems(&[404]),
        ),
        route(
            "/v1/coverage",
            get(coverage),
            Operation::new(
                "getCoverage",
                "monitoring",
                "The ten features of migration, and which have no data (point 4)",
            )
            .with(when("effective"))
            .with([
                known_on(),
                query(
                    "territory",
                    &text(),
                    "The territory; the city where it is absent.",
                ),
            ])
            .answers(
                200,
                "The features.",
                Content::Json(schema_of::<At<monitor::Coverage>>),
                &[],
            )
            .problems(&[404]),
        ),
    ]
}

/// Every row of a table as known at a point.
pub(super) async fn whole(
    api: &Api,
    when: When,
    table: &'static Table,
) -> Result<Vec<Row>, Problem> {
    let mut all = Vec::new();
    let mut after: Option<Key> = None;
    loop {
        let mut wanted = Rows::of(table, when.at.position);
        wanted.after = after;
        let rows = api.queries().rows(wanted).await?;
        let full = rows.len() == ROWS_MAX as usize;
        after = rows.last().map(|row| table.key_of(row));
        all.extend(rows);
        if !full {
            return Ok(all);
        }
    }
}

async fn monitor(api: &Api, when: When) -> Result<Monitor, Problem> {
    let mut monitor = Monitor::default();
    for table in TABLES {
        for row in whole(api, when, table).await? {
            monitor.take_row(table, &row).map_err(|error| {
                tracing::error!(%error, "a row cannot be read");
                Problem::of("internal")
            })?;
        }
    }
    Ok(monitor)
}

/// An indicator and its figures.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneIndicator {
    /// The indicator.
    indicator: Shown<IndicatorRow>,
    /// The day on which the figures were known so.
    known_on: Day,
    /// Its figures by territory and period; where a day is given, what is said for it.
    figures: Vec<KnownFigure>,
    /// Reconciliations of this stock.
    reconciliations: Vec<KnownReconciliation>,
}

/// `GET /v1/indicators/{indicator}`.
pub(super) async fn indicator(
    State(api): State<Api>,
    Path(indicator): Path<String>,
    mut params: Params,
) -> Result<Json<At<OneIndicator>>, Problem> {
    let when = params.when(&api).await?;
    let known_on = params.read::<Day>("known_on")?;
    let territory = params.read::<Slug>("territory")?;
    params.finish()?;
    let mut usual = when;
    usual.day = None;
    let known_on = known_on.unwrap_or_else(|| usual.day_or_usual(&api));
    let code: Slug = indicator.parse().map_err(|_| Problem::of("not-found"))?;
    let monitor = monitor(&api, when).await?;
    let found = monitor
        .indicator(&code)
        .ok_or_else(|| Problem::of("not-found"))?;
    let mut reconciliations = monitor.reconciliations(known_on);
    reconciliations.retain(|known| known.reconciliation.stock == code);
    let answer = OneIndicator {
        indicator: Shown(found.clone()),
        known_on,
        figures: monitor.figures(&Wanted {
            indicator: Some(code),
            territory,
            day: when.day,
            known_on,
        }),
        reconciliations,
    };
    Ok(At::new(&api, when, answer))
}

/// `GET /v1/coverage`.
pub(super) async fn coverage(
    State(api): State<Api>,
    mut params: Params,
) -> Result<Json<At<monitor::Coverage>>, Problem> {
    let mut when = params.when(&api).await?;
    let territory = params.read::<Slug>("territory")?;
    let known_on = params.read::<Day>("known_on")?;
    params.finish()?;
    let mut usual = when;
    usual.day = None;
    let known_on = known_on.unwrap_or_else(|| usual.day_or_usual(&api));
    let day = when.day_or_usual(&api);
    let city = || {
        DEFAULT_TERRITORY
            .parse()
            .expect("the default territory is a name")
    };
    let territory = territory.unwrap_or_else(city);
    let coverage = monitor(&api, when)
        .await?
        .coverage(&territory, day, known_on);
    Ok(At::new(&api, when, coverage))
}
