//! One command by one request, and what became of a command.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use qonys_domain::command::Command;
use qonys_events::{
    id::{Ref, StreamKind},
    scalar::{Position, Slug, StreamSeq},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{api::Api, gate::Asked, params::Params, problem::Problem};
use crate::{
    access::{Means, Principal, policy::Role},
    dispatch::{Answer, Busy, Envelope, Invalid, Outcome, Request, Sender, Stored, Version, id_of},
    locale::Lang,
};

/// The header that carries a command's id.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// How long a caller waits for the outcome of a command. The command goes on without him.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the body has a media type, apart from its parameters.
pub(super) fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = text.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case(media_type)
}

/// The text of a header; a structured string (in quotation marks) and a bare one mean the same.
fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next(), values.next());
    let wrong = |what: &str| Problem::of("bad-header").saying(format!("`{name}`: {what}"));
    match (first, second) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(wrong("it stands twice")),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| wrong("no text"))?.trim();
            let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
            Ok(Some(inner.unwrap_or(text)))
        }
    }
}

/// The stream and version that `If-Match` names. `*` asks for nothing.
fn expected(headers: &HeaderMap) -> Result<Option<Version>, Problem> {
    match text_of(headers, "if-match")? {
        None | Some("*") => Ok(None),
        Some(text) => Version::read(text).map(Some).ok_or_else(|| {
            Problem::of("bad-header")
                .saying("`If-Match`: the entity tag of one stream, such as \"proposal/…@3\"")
        }),
    }
}

/// The entity tag of an answer that wrote to one stream, or that began one and noted it in another: a filing in that of the
/// person, a draft in the list of the territory.
fn entity_tag(stored: &Stored) -> Option<HeaderValue> {
    let lists = [StreamKind::Proposals, StreamKind::Offices];
    let listed = |stream: &str| {
        let kind = stream.split('/').next();
        lists.iter().any(|list| Some(list.name()) == kind)
    };
    let written = stored.streams.iter();
    let written: Vec<_> = written.filter(|(stream, _)| !listed(stream)).collect();
    let begun = || {
        let mut begun = written.iter().filter(|(_, version)| version.0 == 1);
        begun.next().filter(|_| begun.next().is_none())
    };
    let (stream, version) = match written.as_slice() {
        [one] => one,
        _ => begun()?,
    };
    HeaderValue::from_str(&format!("\"{stream}@{version}\"")).ok()
}

/// `POST /v1/commands/{type}`.
pub(super) async fn one(
    State(api): State<Api>,
    Asked(principal): Asked,
    Path(type_name): Path<String>,
    headers: HeaderMap,
    mut params: Params,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Problem> {
    if !Command::TYPES.contains(&type_name.as_str()) {
        return Err(Problem::of("unknown-type"));
    }
    if !is(&headers, "application/json") {
        return Err(
            Problem::of("unsupported-media-type").saying("a command is sent as application/json")
        );
    }
    let key = text_of(&headers, IDEMPOTENCY_KEY)?
        .ok_or_else(|| Problem::of("idempotency-key-missing"))?;
    let id: Ref = key
        .parse()
        .map_err(|e| Problem::of("bad-header").saying(format!("`Idempotency-Key`: {e}")))?;
    let expected = expected(&headers)?;
    let dry_run = params.read::<bool>("dry_run")?.unwrap_or(false);
    params.finish()?;
    let body = body.map_err(|_| Problem::of("body-too-large"))?;
    let text = std::str::from_utf8(&body).map_err(|_| Problem::of("not-utf-8"))?;
    let outside = Envelope {
        id: Some(id),
        type_name: Some(&type_name),
        sender: None,
    };
    let mut request = read(text, &outside, &principal)?;
    (request.expected, request.dry_run) = (expected, dry_run);
    let outcome = match api.dispatch().try_submit(request) {
        Err(Busy) => return Err(Problem::of("busy")),
        Ok(receiver) => match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(outcome) => outcome.unwrap_or(Outcome::Unknown),
            Err(_) => Outcome::Unknown,
        },
    };
    answer(id, outcome)
}

/// Reads a command as its sender may give it: in his own name, in a role that may.
pub(super) fn read(
    text: &str,
    outside: &Envelope<'_>,
    principal: &Principal,
) -> Result<Request, Invalid> {
    if principal.means == Means::Local {
        return Request::read_within(text, outside);
    }
    let forbidden = || Invalid {
        code: "forbidden",
        pointer: "/type".to_owned(),
        message: "the credential's roles may not give this command".to_owned(),
    };
    let official = principal.official.ok_or_else(forbidden)?;
    let role = |type_name: &str| -> Option<Slug> {
        let admitted = principal.may(type_name, None, false)?;
        admitted.role?.name().parse().ok()
    };
    let sender = Sender {
        official,
        office: principal.office.clone(),
        role: &role,
    };
    let outside = Envelope {
        sender: Some(&sender),
        ..outside.clone()
    };
    let mut request = Request::read_within(text, &outside)?;
    let role: Option<Role> = request.actor.role.as_str().parse().ok();
    let admitted = role.and_then(|role| principal.may(&request.type_name, Some(role), false));
    let policy = admitted.and_then(|admitted| admitted.policy);
    let policy = policy.ok_or_else(forbidden)?;
    request.policy = policy.parse().ok();
    Ok(request)
}

/// The response to an outcome.
fn answer(id: Ref, outcome: Outcome) -> Result<Response, Problem> {
    if let Some(problem) = Problem::of_outcome(Some(id), &outcome) {
        return Err(problem);
    }
    let (status, tag) = match &outcome {
        Outcome::Accepted(stored) => (StatusCode::CREATED, entity_tag(stored)),
        Outcome::Duplicate(stored) => (StatusCode::OK, entity_tag(stored)),
        _ => (StatusCode::OK, None),
    };
    let stored = matches!(outcome, Outcome::Accepted(_) | Outcome::Duplicate(_));
    let answer = Answer {
        line: None,
        id: Some(id),
        outcome,
        lang: Lang::En,
    };
    let mut response = (status, Json(answer)).into_response();
    let headers = response.headers_mut();
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    if stored && let Ok(location) = HeaderValue::from_str(&format!("/v1/commands/{id}")) {
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What a command stored.
#[derive(Serialize, JsonSchema)]
pub(super) struct Found {
    /// The command's id.
    id: Ref,
    /// Always `accepted`: nothing else is remembered.
    outcome: &'static str,
    /// Positions of its entries, in order.
    positions: Vec<Position>,
    /// Streams that it wrote to, each with its version afterwards.
    streams: BTreeMap<String, StreamSeq>,
}

/// `GET /v1/commands/{id}`: settles an unknown outcome without sending the command again.
pub(super) async fn found(
    State(api): State<Api>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Found>, Problem> {
    params.finish()?;
    let id: Ref = id.parse().map_err(|_| Problem::of("not-found"))?;
    let mut found = api.log().commands(&[id]).await?;
    let entries = found.remove(&id).ok_or_else(|| Problem::of("not-found"))?;
    Ok(Json(Found {
        id,
        outcome: "accepted",
        positions: entries.iter().map(|entry| entry.position).collect(),
        streams: entries
            .iter()
            .map(|entry| (entry.stream.to_string(), entry.streamseq))
            .collect(),
    }))
}

/// The id and the outcome of a line that could not be read.
pub(super) fn unreadable(text: &str, invalid: crate::dispatch::Invalid) -> (Option<Ref>, Outcome) {
    (id_of(text), Outcome::Invalid(invalid))
}
