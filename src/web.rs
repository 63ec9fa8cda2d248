//! The public pages: server-rendered, in Kazakh, Russian and English, without JavaScript. They show aggregates and acts,
//! never single cases.
//!
//! The page is made in three steps: what the register says ([`crate::queries`] and the head of the log), the same in
//! words of one language ([`locale`]), and the template.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::{clock::Clock, log::Log, queries::Queries};

mod acts;
mod asked;
mod bar;
mod board;
pub mod locale;
mod page;

use locale::Lang;

/// What a page may load and do: its own style sheet and pictures, its own form, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("../assets/qonys.css");
const ICON: &str = include_str!("../assets/icon.svg");

/// What the pages stand on. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    log: Log,
    queries: Arc<dyn Queries>,
    clock: Clock,
    zone: TimeZone,
}

impl Site {
    /// The pages of a log. Fails when its zone is not known.
    pub fn new(log: Log, queries: Arc<dyn Queries>, clock: Clock) -> Result<Self, jiff::Error> {
        let zone = TimeZone::get(log.zone().as_str())?;
        Ok(Self(Arc::new(Inner {
            log,
            queries,
            clock,
            zone,
        })))
    }
}

/// The query string as the form sends it: a field that is left empty says nothing.
#[derive(Debug, Default, Deserialize)]
struct Form {
    #[serde(default)]
    effective: String,
    #[serde(default)]
    position: String,
}

/// The pages.
pub fn router(site: Site) -> Router {
    let mut router = Router::new()
        .route("/", get(front))
        .route("/assets/qonys.css", get(style))
        .route("/assets/icon.svg", get(icon));
    for lang in Lang::ALL {
        let show = move |State(site): State<Site>, form: Result<Query<Form>, QueryRejection>| {
            // A query string that no form of ours sends asks for nothing.
            let Query(form) = form.unwrap_or_default();
            async move { page::show(&site.0, lang, &form).await }
        };
        router = router.route(lang.path(), get(show));
    }
    router.with_state(site)
}

/// `GET /`: to the page in the reader's language.
async fn front(headers: HeaderMap) -> Response {
    let lang = Lang::negotiate(&headers);
    let vary = (header::VARY, "accept-language");
    let mut response = ([vary], Redirect::to(lang.path())).into_response();
    *response.status_mut() = StatusCode::FOUND;
    response
}

/// A file that never changes within a version.
fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text).into_response()
}

async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

async fn icon() -> Response {
    file("image/svg+xml", ICON)
}

/// A page in a language.
fn html(status: StatusCode, lang: Lang, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, lang.code()),
    ];
    let mut response = (status, headers, text).into_response();
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}
