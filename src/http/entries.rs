//! Entries as they stand: exact bytes, by position, in order, by stream; and the head of the tree over them (promise P5).

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use qonys_events::{
    digest::Sha256Hex,
    id::{Origin, StreamId},
    scalar::{Count, Instant, Position, StreamSeq},
    tree::leaf_hash,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{api::Api, batch::NDJSON, params::Params, problem::Problem};
use crate::{
    dispatch::Version,
    log::{LogError, Recorded},
};

/// Header: the position that an answer was computed at; of entries, the last one in the answer.
pub(super) const POSITION: HeaderName = HeaderName::from_static("qonys-position");
/// Header: the origin of the log with its incarnation. A cursor is this and a position.
pub(super) const ORIGIN: HeaderName = HeaderName::from_static("qonys-origin");
/// Header: the RFC 6962 leaf hash of an entry's bytes.
pub(super) const LEAF: HeaderName = HeaderName::from_static("qonys-leaf-hash");
/// The media type of one entry.
pub(super) const CLOUDEVENT: &str = "application/cloudevents+json";

/// Entries in one answer, where the caller names no number.
const ENTRIES_USUAL: u32 = 1_000;
/// Entries in one answer at most.
const ENTRIES_MAX: u32 = 10_000;
/// Entries read from the log at once.
const PAGE: u32 = 100;

/// A value that we made ourselves.
pub(super) fn value(text: impl std::fmt::Display) -> HeaderValue {
    HeaderValue::from_str(&text.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The head of the tree over all entries.
#[derive(Serialize, JsonSchema)]
pub(super) struct TreeHead {
    /// The origin of the log with its incarnation.
    origin: Origin,
    /// Number of leaves: the last position.
    size: Count,
    /// RFC 6962 root over entries 1 to `size`.
    root: Sha256Hex,
    /// Time of the last entry; null while there is none.
    time: Option<Instant>,
}

/// `GET /v1/tree-head`. Not signed yet: what a checkpoint adds is a signature over the same three values.
pub(super) async fn tree_head(
    State(api): State<Api>,
    params: Params,
) -> Result<Json<TreeHead>, Problem> {
    params.finish()?;
    let head = api.log().head().await?;
    Ok(Json(TreeHead {
        origin: api.origin().clone(),
        size: Count(head.position.0),
        root: head.frontier.root(),
        time: head.time,
    }))
}

/// `GET /v1/entries/{position}`.
pub(super) async fn one(
    State(api): State<Api>,
    Path(position): Path<String>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let position = position.parse::<Position>().ok();
    let before = position.and_then(|position| position.0.checked_sub(1));
    let before = before.ok_or_else(|| Problem::of("not-found"))?;
    let found = api.log().read_after(Position(before), 1).await?;
    let recorded = found
        .into_iter()
        .next()
        .filter(|recorded| recorded.position.0 == before + 1)
        .ok_or_else(|| Problem::of("not-found"))?;
    let leaf = value(leaf_hash(recorded.text.as_bytes()));
    let tag = format!("\"{}\"", leaf.to_str().unwrap_or_default());
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content = (header::CONTENT_TYPE, HeaderValue::from_static(CLOUDEVENT));
        ([content], recorded.text).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(LEAF, leaf);
    headers.insert(POSITION, value(recorded.position));
    headers.insert(header::ETAG, value(tag));
    Ok(response)
}

/// Whether the caller's cursor is one of this log.
pub(super) fn same_log(api: &Api, params: &mut Params) -> Result<(), Problem> {
    match params.read::<Origin>("origin")? {
        Some(origin) if origin != *api.origin() => {
            Err(Problem::of("another-log").saying(format!("this log is {}", api.origin())))
        }
        _ => Ok(()),
    }
}

/// `GET /v1/entries`: from `after` to an end that is settled when the answer begins. An error on the way breaks the
/// connection; what is short never looks whole.
pub(super) async fn list(State(api): State<Api>, mut params: Params) -> Result<Response, Problem> {
    same_log(&api, &mut params)?;
    let after = params.read::<Position>("after")?.unwrap_or_default();
    let limit = params.limit(ENTRIES_USUAL, ENTRIES_MAX)?;
    params.finish()?;
    let head = api.log().head().await?.position;
    let end = Position(head.0.min(after.0.saturating_add(limit.into())));
    let last = end.max(after);
    let log = api.log().clone();
    let pages = stream::try_unfold(after, move |at| {
        let log = log.clone();
        async move {
            if at >= end {
                return Ok(None);
            }
            let room = u32::try_from(end.0 - at.0).unwrap_or(PAGE).min(PAGE);
            let page = log.read_after(at, room).await?;
            match page.last() {
                Some(last) => Ok(Some((lines(&page), last.position))),
                None => Err(LogError::Unavailable(format!("entries end at {at}"))),
            }
        }
    });
    let mut response = Body::from_stream(pages).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    headers.insert(POSITION, value(last));
    if end < head && end > after {
        let next = format!("</v1/entries?after={end}&limit={limit}>; rel=\"next\"");
        headers.insert(header::LINK, value(next));
    }
    Ok(response)
}

/// The bytes of entries, one per line.
fn lines(page: &[Recorded]) -> Bytes {
    let mut out = Vec::with_capacity(page.iter().map(|recorded| recorded.text.len() + 1).sum());
    for recorded in page {
        out.extend_from_slice(recorded.text.as_bytes());
        out.push(b'\n');
    }
    out.into()
}

/// `GET /v1/streams/{kind}/{key}`: the entries of one stream.
pub(super) async fn stream(
    State(api): State<Api>,
    Path((kind, key)): Path<(String, String)>,
    mut params: Params,
) -> Result<Response, Problem> {
    let after = params.read::<StreamSeq>("after")?.unwrap_or_default();
    let limit = params.limit(ENTRIES_USUAL, ENTRIES_USUAL)?;
    params.finish()?;
    let stream = StreamId::from_parts(&kind, &key).map_err(|_| Problem::of("not-found"))?;
    let mut page = api.log().read_stream(&stream, after, limit + 1).await?;
    let more = page.len() > limit as usize;
    page.truncate(limit as usize);
    let Some(last) = page.last() else {
        return if after.0 == 0 {
            Err(Problem::of("not-found"))
        } else {
            Ok(([(header::CONTENT_TYPE, NDJSON)], "").into_response())
        };
    };
    let (position, seq) = (last.position, last.streamseq);
    let mut response = lines(&page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    headers.insert(POSITION, value(position));
    if more {
        let next = format!("</v1/streams/{stream}?after={seq}&limit={limit}>; rel=\"next\"");
        headers.insert(header::LINK, value(next));
    } else {
        let version = Version { stream, seq };
        headers.insert(header::ETAG, value(format!("\"{version}\"")));
    }
    Ok(response)
}
