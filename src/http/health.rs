//! Whether the process lives, and whether it can serve.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use qonys_events::scalar::{Count, Position};
use schemars::JsonSchema;
use serde::Serialize;

use super::api::Api;

/// How long the log and the views may take to say where they stand.
const PATIENCE: Duration = Duration::from_secs(2);
/// Entries that the views may be behind before the process counts as not ready.
const LAG_MAX: u64 = 10_000;

/// `GET /livez`: the process answers.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// How ready the process is.
#[derive(Serialize, JsonSchema)]
pub(super) struct Readiness {
    /// Whether it can serve.
    ready: bool,
    /// Position of the last entry; null when the log does not answer.
    log: Option<Position>,
    /// How far the views have come; null when they do not answer.
    views: Option<Position>,
    /// Entries that the views are behind the log; null when one of them does not answer.
    lag: Option<Count>,
}

/// `GET /readyz`: the log is reachable and the views are near its head.
pub(super) async fn ready(State(api): State<Api>) -> Response {
    let (log, views) = tokio::join!(
        tokio::time::timeout(PATIENCE, api.log().head()),
        tokio::time::timeout(PATIENCE, api.queries().position()),
    );
    let log = log.ok().and_then(Result::ok).map(|head| head.position);
    let views = views.ok().and_then(Result::ok);
    let lag = log
        .zip(views)
        .map(|(log, views)| log.0.saturating_sub(views.0));
    let ready = lag.is_some_and(|lag| lag <= LAG_MAX);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let readiness = Readiness {
        ready,
        log,
        views,
        lag: lag.map(Count),
    };
    (status, Json(readiness)).into_response()
}
