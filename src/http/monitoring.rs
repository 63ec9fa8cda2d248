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
        monitor::{self, KnownFigure, KnownReconciliation, Wanted},
    },
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
use crate::{queries::monitor, settings::DEFAULT_TERRITORY};

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

/// The two days of a question beside its point: as known on which day, and the day of whoever names none.
async fn two_days(api: &Api, params: &mut Params) -> Result<(When, Day), Problem> {
    let when = params.when(api).await?;
    let mut usual = when;
    usual.day = None;
    let known_on = params.read::<Day>("known_on")?;
    Ok((when, known_on.unwrap_or_else(|| usual.day_or_usual(api))))
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
    let (when, known_on) = two_days(&api, &mut params).await?;
    let territory = params.read::<Slug>("territory")?;
    params.finish()?;
    let code: Slug = indicator.parse().map_err(|_| Problem::of("not-found"))?;
    let monitor = monitor(api.queries(), when.at.position).await?;
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
    let (mut when, known_on) = two_days(&api, &mut params).await?;
    let territory = params.read::<Slug>("territory")?;
    params.finish()?;
    let day = when.day_or_usual(&api);
    let city = || {
        DEFAULT_TERRITORY
            .parse()
            .expect("the default territory is a name")
    };
    let territory = territory.unwrap_or_else(city);
    let monitor = monitor(api.queries(), when.at.position).await?;
    let coverage = monitor.coverage(&territory, day, known_on);
    Ok(At::new(&api, when, coverage))
}
