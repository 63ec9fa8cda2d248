//! What stands before every handler, of the API and of the pages: who asks and whether he may, only so much at once, only so
//! long, only so large; and headers that close what nobody needs. Where nobody is asked who he is, only this machine.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tokio::sync::Semaphore;
use tower_http::set_header::SetResponseHeaderLayer;

use super::{
    api::Api,
    entries::{ORIGIN, value},
    gate::gate,
    problem::{Problem, in_the_callers_language},
};
use crate::dispatch::LINE_BYTES_MAX;

/// Requests that are worked on at once, each with a body of at most [`LINE_BYTES_MAX`] bytes.
const REQUESTS_MAX: usize = 256;
/// How long a request may take until its answer begins.
const PATIENCE: Duration = Duration::from_secs(30);

/// Header: what another page may do with a window of ours.
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Header: who may load what is served here.
const RESOURCES: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Puts the guard before a router.
pub fn guard(router: Router, api: &Api) -> Router {
    let set =
        |name: HeaderName, value: HeaderValue| SetResponseHeaderLayer::if_not_present(name, value);
    let closed = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    let fixed = HeaderValue::from_static;
    let router = router
        .layer(middleware::from_fn_with_state(api.clone(), gate))
        .layer(DefaultBodyLimit::max(LINE_BYTES_MAX))
        .layer(middleware::from_fn_with_state(
            Arc::new(Semaphore::new(REQUESTS_MAX)),
            bounded,
        ))
        .layer(middleware::from_fn(in_the_callers_language));
    let router = if api.gate().is_local() {
        router.layer(middleware::from_fn(only_this_machine))
    } else {
        router
    };
    router
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")))
        .layer(set(header::REFERRER_POLICY, fixed("no-referrer")))
        .layer(set(OPENER, fixed("same-origin")))
        .layer(set(RESOURCES, fixed("same-origin")))
        .layer(set(header::CACHE_CONTROL, fixed("no-store")))
        .layer(set(header::CONTENT_SECURITY_POLICY, fixed(closed)))
        .layer(set(ORIGIN, value(api.origin())))
}

/// Works on so many requests at once and so long on each; the others are told to come back. What a handler submitted
/// goes on without it.
async fn bounded(State(places): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else {
        return Problem::of("busy").into_response();
    };
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of("timeout").into_response(),
    }
}

/// Refuses a request for a name that is not this machine's: a page elsewhere could lead a browser here under a name of
/// its own.
async fn only_this_machine(request: Request, next: Next) -> Response {
    if is_here(request.headers()) {
        next.run(request).await
    } else {
        Problem::of("host-not-allowed").into_response()
    }
}

fn is_here(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else {
        return true;
    };
    let Some(authority) = host.to_str().ok().and_then(|h| h.parse::<Authority>().ok()) else {
        return false;
    };
    let name = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
