//! Personal values, opened for who may read them; who read them, for the person; and the second log itself, for auditors.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::{Extension, Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use qonys_events::{
    entry::Entry,
    id::{Ref, StreamId, StreamKind},
    scalar::{Position, Slug, StreamSeq},
    slot::Slot,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    api::Api,
    batch::NDJSON,
    entries::{POSITION, value},
    gate::Asked,
    looking::Looking,
    operation::{Content, Operation, header, path, query, schema_of},
    params::Params,
    problem::Problem,
    routes::{Route, route},
    shape::{digits, limit, reference, text},
};
use crate::{
    access::{Means, policy::Role},
    audit::readers::Reader,
    personal::{Closed, Personal},
};

/// Reads in one answer.
const READERS_MAX: u32 = 500;
/// Entries of the second log in one answer.
const ENTRIES_MAX: u32 = 1_000;

/// Who must say why he asks: whoever asks about a person.
pub(super) const ALWAYS: &str = "needed except in local mode";
/// Whoever narrows a list to one.
pub(super) const NARROWED: &str = "needed, except in local mode, where the list is narrowed to a person, a dwelling or an application";

/// What whoever asks about a person says of himself.
pub(super) fn asked_with(needed: &str) -> [serde_json::Value; 2] {
    let purpose = format!("What the data is asked for, as a short name; {needed}.");
    let case = format!("The case that it is asked for in; {needed}.");
    [
        header("Qonys-Purpose", false, &text(), &purpose),
        header("Qonys-Case", false, &reference(), &case),
    ]
}

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route(
            "/v1/entries/{position}/personal",
            get(open),
            Operation::new("openEntry", "register", "The personal values of an entry, opened")
                .saying("Stands in the second log, about each person whose values are opened, before it is answered.")
                .with([path("position", &digits(), "Where the entry stands.")])
                .with(asked_with(ALWAYS))
                .answers(200, "The values.", Content::Json(schema_of::<Opened>), &[])
                .problems(&[404]),
        ),
        route(
            "/v1/persons/{person}/readers",
            get(readers),
            Operation::new("listReaders", "register", "Who read data about a person, oldest first")
                .saying(
                    "For the person himself, for who tells him, and for auditors. Reads that a case demands to be shown \
                     later are shown to auditors only until then.",
                )
                .with([
                    path("person", &reference(), "A random reference that we minted."),
                    query("after", &digits(), "Only reads after this `streamseq`."),
                    limit(READERS_MAX),
                ])
                .answers(200, "A page.", Content::Json(schema_of::<Readers>), &["Link"]),
        ),
        route(
            "/v1/audit",
            get(audit),
            Operation::new("listAudit", "log", "Entries of the second log in order, byte for byte")
                .with([
                    query("after", &digits(), "Only entries after this position."),
                    limit(ENTRIES_MAX),
                ])
                .answers(
                    200,
                    "One entry per line.",
                    Content::Text(NDJSON, "The entries' exact bytes."),
                    &["Qonys-Position", "Link"],
                ),
        ),
    ]
}

/// Personal values of an entry; none where it has none.
#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    /// Where the entry stands.
    entry: Position,
    /// The values by name; null for one that is blocked or was destroyed.
    values: BTreeMap<Slug, Option<String>>,
}

/// What of an entry is looked at.
#[derive(Deserialize)]
struct Shown {
    data: Slots,
}

#[derive(Deserialize)]
struct Slots {
    #[serde(default)]
    slots: Vec<Slot>,
}

/// `GET /v1/entries/{position}/personal`.
async fn open(
    State(api): State<Api>,
    looking: Option<Extension<Looking>>,
    Path(position): Path<String>,
    params: Params,
) -> Result<Json<Opened>, Problem> {
    params.finish()?;
    let not_found = || Problem::of("not-found");
    let position: Position = position.parse().map_err(|_| not_found())?;
    let before = position.0.checked_sub(1).ok_or_else(not_found)?;
    let found = api.log().read_after(Position(before), 1).await?;
    let recorded = found.first().ok_or_else(not_found)?;
    let damaged = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, %position, "an entry cannot be read");
        Problem::of("internal")
    };
    let entry = Entry::parse(&recorded.text).map_err(|e| damaged(&e))?;
    let shown: Shown = serde_json::from_str(&recorded.text).map_err(|e| damaged(&e))?;
    let slots = shown.data.slots;
    if let Some(Extension(looking)) = looking {
        let audit = api
            .dispatch()
            .audit()
            .ok_or_else(|| Problem::of("unavailable"))?;
        let subjects: BTreeSet<Ref> = slots.iter().map(|slot| slot.subject).collect();
        for subject in subjects {
            let mut read = looking.read.clone();
            read.opened = slots
                .iter()
                .filter(|slot| slot.subject == subject)
                .map(|slot| slot.name.clone())
                .collect();
            // A subject may be a person or a dwelling: the entry's own stream says so where it is about it.
            let own = entry.place.subject.key() == subject.to_string();
            let about = if own {
                entry.place.subject.clone()
            } else {
                StreamId::of(StreamKind::Person, subject)
            };
            audit.read(looking.asker.clone(), Some(about), read).await?;
        }
    }
    let vault = api.dispatch().vault().cloned();
    let vault = vault.ok_or_else(|| Problem::of("unavailable"))?;
    let personal = Personal::new(api.log().clone(), vault);
    let mut values = BTreeMap::new();
    for slot in &slots {
        let value = match personal.slot(slot, entry.command.commandid).await {
            Ok(value) => Some((*value).clone()),
            Err(Closed::Blocked | Closed::Destroyed) => None,
            Err(error) => return Err(damaged(&error)),
        };
        values.insert(slot.name.clone(), value);
    }
    Ok(Json(Opened {
        entry: position,
        values,
    }))
}

/// Who read data about a person.
#[derive(Serialize, JsonSchema)]
pub(super) struct Readers {
    /// The reads, oldest first.
    items: Vec<Reader>,
}

/// `GET /v1/persons/{person}/readers`.
async fn readers(
    State(api): State<Api>,
    Asked(principal): Asked,
    Path(person): Path<String>,
    mut params: Params,
) -> Result<Response, Problem> {
    let after = params.read::<StreamSeq>("after")?.unwrap_or_default();
    let limit = params.limit(READERS_MAX, READERS_MAX)?;
    params.finish()?;
    let person: Ref = person.parse().map_err(|_| Problem::of("not-found"))?;
    let audit = api
        .dispatch()
        .audit()
        .ok_or_else(|| Problem::of("unavailable"))?;
    let sees_all = principal.means == Means::Local || principal.roles.contains(&Role::Auditor);
    let today = (!sees_all).then(|| api.today());
    let stream = StreamId::of(StreamKind::Person, person);
    let page = audit.readers(&stream, after, limit, today).await?;
    let mut response = Json(Readers {
        items: page.readers,
    })
    .into_response();
    if let Some(next) = page.next {
        let next =
            format!("</v1/persons/{person}/readers?after={next}&limit={limit}>; rel=\"next\"");
        response.headers_mut().insert(header::LINK, value(next));
    }
    Ok(response)
}

/// `GET /v1/audit`.
async fn audit(State(api): State<Api>, mut params: Params) -> Result<Response, Problem> {
    let after = params.read::<Position>("after")?.unwrap_or_default();
    let limit = params.limit(ENTRIES_MAX, ENTRIES_MAX)?;
    params.finish()?;
    let audit = api
        .dispatch()
        .audit()
        .ok_or_else(|| Problem::of("unavailable"))?;
    let mut page = audit.log().read_after(after, limit + 1).await?;
    let more = page.len() > limit as usize;
    page.truncate(limit as usize);
    let last = page.last().map_or(after, |last| last.position);
    let mut body = String::new();
    for entry in &page {
        body.push_str(&entry.text);
        body.push('\n');
    }
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    headers.insert(POSITION, value(last));
    if more {
        let next = format!("</v1/audit?after={last}&limit={limit}>; rel=\"next\"");
        headers.insert(header::LINK, value(next));
    }
    Ok(response)
}
