//! The pages: server-rendered, in Kazakh, Russian and English, without JavaScript. The public ones show aggregates and
//! acts, never single cases; single decisions stand below `office/`, to which no public page leads.
//!
//! A page is made in three steps: what the register says ([`crate::queries`] and the head of the log), the same in words
//! of one language ([`locale`], `words`), and the template. In reading order: `frame` (what all pages share), `asked`
//! (day and position), then one module per page.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use jiff::tz::TimeZone;

use crate::{clock::Clock, log::Log, queries::Queries};

mod act;
mod acts;
mod asked;
mod backtest;
mod bar;
mod board;
mod chart;
mod decision;
mod decisions;
mod departure;
mod departures;
mod figure;
mod figures;
mod forecast;
mod forecasts;
mod frame;
mod front;
mod graph;
mod indicator;
mod line;
mod need;
mod proposal;
mod proposals;
mod shown;
mod small;
mod words;

use crate::locale::{self, Lang};
use shown::{lost, page};

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
    /// Whether nobody is asked who he is: then every address answers, and the pages lead to those that show more than
    /// aggregates and acts.
    local: bool,
}

impl Site {
    /// The pages of a log; `local` where nobody is asked who he is. Fails when its zone is not known.
    pub fn new(
        log: Log,
        queries: Arc<dyn Queries>,
        clock: Clock,
        local: bool,
    ) -> Result<Self, jiff::Error> {
        let zone = TimeZone::get(log.zone().as_str())?;
        Ok(Self(Arc::new(Inner {
            log,
            queries,
            clock,
            zone,
            local,
        })))
    }
}

/// The pages.
pub fn router(site: Site) -> Router {
    let mut router = Router::new()
        .route("/", get(front))
        .route("/assets/qonys.css", get(style))
        .route("/assets/icon.svg", get(icon));
    for lang in Lang::ALL {
        router = page::<front::Front>(router, lang);
        router = page::<line::LinePage>(router, lang);
        router = page::<acts::ActsPage>(router, lang);
        router = page::<act::ActPage>(router, lang);
        router = page::<proposals::ProposalsPage>(router, lang);
        router = page::<proposal::ProposalPage>(router, lang);
        router = page::<figures::CityFigures>(router, lang);
        router = page::<figures::FiguresPage>(router, lang);
        router = page::<indicator::IndicatorPage>(router, lang);
        router = page::<departures::DeparturesPage>(router, lang);
        router = page::<departure::DeparturePage>(router, lang);
        router = page::<forecasts::ForecastsPage>(router, lang);
        router = page::<forecast::ForecastPage>(router, lang);
        router = page::<decisions::DecisionsPage>(router, lang);
        router = page::<decision::DecisionPage>(router, lang);
        let elsewhere = format!("{}{{*elsewhere}}", lang.path());
        let bare = lang.path().trim_end_matches('/');
        router = router
            .route(
                bare,
                get(move || async move { Redirect::permanent(lang.path()) }),
            )
            .route(&elsewhere, get(move || async move { lost(lang) }));
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
