//! HTTP: commands and queries under `/v1`, the same as on the command line; entries byte for byte; a live feed; the
//! OpenAPI document. It sees dispatch and the log, and asks the views through [`crate::queries`].
//!
//! [`router`] gives the API, [`guard()`] the limits that stand before it and before whatever is merged with it,
//! [`serve`] the server. Nothing here decides or computes anything about the register.

use axum::Router;

mod api;
mod batch;
mod board;
mod catalogue;
mod commands;
mod entries;
mod feed;
mod gate;
mod guard;
mod health;
pub(crate) mod listing;
mod looking;
mod monitoring;
mod openapi;
mod operation;
mod params;
mod problem;
mod proof;
mod rate;
mod readers;
mod registration;
mod routes;
mod search;
mod server;
mod shape;
mod subject;
mod tls;

pub use api::{Api, Parts};
pub use catalogue::{Known, Of, all as problems};
pub use guard::guard;
pub use openapi::document;
pub use problem::Problem;
pub use proof::{KEYS, proof_router, second_proof_router};
pub use server::{serve, serve_plain};
pub use tls::acceptor;

/// The API.
pub fn router(api: &Api) -> Router {
    let mut router = Router::new();
    for route in routes::routes() {
        router = router.route(route.path, route.handler);
    }
    router
        .fallback(|| async { Problem::of("not-found") })
        .method_not_allowed_fallback(|| async { Problem::of("method-not-allowed") })
        .with_state(api.clone())
}

/// Name and table of every list of rows: `qonys list` and `/v1/<name>` show the same.
pub fn lists() -> Vec<(&'static str, &'static str)> {
    let lists = listing::every();
    lists
        .map(|listing| (listing.name(), listing.table.name))
        .collect()
}

/// Method and path of every route, the method in lower case, the path as the router knows it.
pub fn paths() -> Vec<(&'static str, &'static str)> {
    let routes = routes::routes();
    routes
        .iter()
        .map(|route| (route.method, route.path))
        .collect()
}
