//! How a page is served: what is asked is read, the page is made, and what goes wrong is told in the reader's language.

use std::future::Future;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, Uri},
    response::Response,
    routing::get,
};
use qonys_projections::{
    cell::TableRow,
    table::{Table, Value},
};
use serde::Deserialize;

use super::{
    Inner, Site,
    asked::Asked,
    frame::{Frame, Part},
    html,
    locale::Lang,
};
use crate::{
    log::LogError,
    queries::{Rows, Unanswered, every},
};

/// The query string as the form sends it: a field that is left empty says nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    pub(super) effective: String,
    pub(super) position: String,
    /// The year of the quota lines on the board.
    pub(super) year: String,
    /// What was known on this day, where figures have two dates.
    pub(super) known_on: String,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// Nothing stands at this address.
    #[error("nothing stands here")]
    Missing,
    #[error(transparent)]
    Views(#[from] Unanswered),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Template(#[from] askama::Error),
    /// What the views hold cannot be read.
    #[error("{0}")]
    Broken(String),
}

/// A page at one address in every language.
pub(super) trait Shown: Template + Send + Sized {
    /// Its address below its language, such as `acts/{act}`.
    const PATH: &'static str;
    /// Where it stands in the navigation.
    const PART: Part;

    /// Makes it. `key` is what stands in the place of the braces; several are apart by `/`.
    fn make(
        site: &Inner,
        asked: Asked,
        frame: Frame,
        key: String,
    ) -> impl Future<Output = Result<Self, Failed>> + Send;
}

/// Puts a page into the router.
pub(super) fn page<P: Shown + 'static>(router: Router<Site>, lang: Lang) -> Router<Site> {
    let show = move |State(site): State<Site>,
                     uri: Uri,
                     form: Result<Query<Form>, QueryRejection>,
                     Path(keys): Path<Vec<(String, String)>>| async move {
        // A query string that no form of ours sends asks for nothing.
        let Query(form) = form.unwrap_or_default();
        let keys: Vec<String> = keys.into_iter().map(|(_, key)| key).collect();
        let key = keys.join("/");
        show::<P>(&site.0, lang, &uri, &form, key).await
    };
    router.route(&format!("{}{}", lang.path(), P::PATH), get(show))
}

async fn show<P: Shown>(site: &Inner, lang: Lang, uri: &Uri, form: &Form, key: String) -> Response {
    let path = uri.path().strip_prefix(lang.path()).unwrap_or_default();
    match made::<P>(site, lang, path, form, key).await {
        Ok((status, text)) => html(status, lang, text),
        Err(Failed::Missing) => lost(lang),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            let text = Told::of(lang, "unavailable").render().unwrap_or_default();
            html(StatusCode::SERVICE_UNAVAILABLE, lang, text)
        }
    }
}

async fn made<P: Shown>(
    site: &Inner,
    lang: Lang,
    path: &str,
    form: &Form,
    key: String,
) -> Result<(StatusCode, String), Failed> {
    let asked = Asked::read(site, form, lang).await?;
    let frame = Frame::of(site, lang, P::PART, path, &asked).await?;
    let status = if asked.faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = P::make(site, asked, frame, key).await?;
    Ok((status, page.render()?))
}

/// A page that only tells something.
#[derive(Template)]
#[template(path = "told.html")]
struct Told {
    frame: Frame,
    title: String,
    lead: String,
}

impl Told {
    fn of(lang: Lang, what: &str) -> Self {
        Self {
            frame: Frame::bare(lang),
            title: lang.say(&format!("{what}-title")),
            lead: lang.say(&format!("{what}-lead")),
        }
    }
}

/// Nothing stands at this address.
pub(super) fn lost(lang: Lang) -> Response {
    let text = Told::of(lang, "lost").render().unwrap_or_default();
    html(StatusCode::NOT_FOUND, lang, text)
}

/// All rows of a table that are known at the point of the question and hold a value in a column.
pub(super) async fn rows<R: TableRow>(site: &Inner, wanted: Rows) -> Result<Vec<R>, Failed> {
    let found = every(site.queries.as_ref(), wanted).await?;
    let read = |row| R::read(row).map_err(|e| Failed::Broken(e.to_string()));
    found.iter().map(read).collect()
}

/// The rows of a table with this text in a column.
pub(super) fn with(
    table: &'static Table,
    asked: &Asked,
    column: &'static str,
    value: impl std::fmt::Display,
) -> Rows {
    Rows::of(table, asked.point.position).with(column, Value::text(value))
}
