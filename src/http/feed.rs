//! The live feed: entries as server-sent events, from a cursor on and without end. `id` is the position, `data` the exact
//! bytes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use qonys_events::scalar::Position;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{api::Api, entries::same_log, params::Params, problem::Problem};
use crate::log::{Log, Recorded};

/// Entries read from the log at once for one feed.
const PAGE: u32 = 100;
/// How often a feed without entries says that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// One subscriber.
struct Feed {
    log: Log,
    at: Position,
    head: watch::Receiver<Position>,
    ending: watch::Receiver<bool>,
    page: std::vec::IntoIter<Recorded>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// The next entry; `None` when the server ends or the log cannot be read. The subscriber comes again with the id of
    /// the last event that it got.
    async fn next(&mut self) -> Option<Recorded> {
        loop {
            if *self.ending.borrow() {
                return None;
            }
            if let Some(recorded) = self.page.next() {
                self.at = recorded.position;
                return Some(recorded);
            }
            let at = self.at;
            tokio::select! {
                head = self.head.wait_for(|head| *head > at) => drop(head.ok()?),
                ending = self.ending.wait_for(|ending| *ending) => { drop(ending); return None; }
            }
            let page = self.log.read_after(at, PAGE).await;
            let page = page.inspect_err(|error| tracing::warn!(%error, "a feed ends"));
            self.page = page.ok()?.into_iter();
        }
    }
}

fn events(feed: Feed) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(feed, |mut feed| async move {
        let recorded = feed.next().await?;
        let event = Event::default()
            .id(recorded.position.to_string())
            .data(recorded.text);
        Some((Ok(event), feed))
    })
}

/// The header with which a browser's `EventSource` comes back.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or("");
    let wrong = |e| Problem::of("bad-header").saying(format!("`Last-Event-ID`: {e}"));
    text.parse().map(Some).map_err(wrong)
}

/// `GET /v1/feed`.
pub(super) async fn feed(
    State(api): State<Api>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    same_log(&api, &mut params)?;
    let after = params.read::<Position>("after")?;
    params.finish()?;
    let at = last_event_id(&headers)?.or(after).unwrap_or_default();
    let place = Arc::clone(api.feeds())
        .try_acquire_owned()
        .map_err(|_| Problem::of("busy"))?;
    let feed = Feed {
        log: api.log().clone(),
        at,
        head: api.head(),
        ending: api.ending(),
        page: Vec::new().into_iter(),
        _place: place,
    };
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE);
    Ok(Sse::new(events(feed)).keep_alive(alive).into_response())
}
