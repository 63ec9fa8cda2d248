//! A person by a number: whoever stands at a counter brings an IIN or a document, and the register knows references. The number
//! comes in the body, since addresses are written down everywhere; it is compared by its keyed hash and stands nowhere
//! afterwards. The answer has one shape, whether nobody is known by the number or whoever is may not be told.

use axum::{
    Json,
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    http::HeaderMap,
    routing::post,
};
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::{Position, Slug},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    api::Api,
    commands::is,
    looking::Looking,
    operation::{Content, Operation, schema_of},
    params::Params,
    problem::Problem,
    rate::Who,
    readers::{ALWAYS, asked_with},
    routes::{Route, route as read},
};
use crate::personal::Personal;

/// Letters of a number at most.
const LETTERS_MAX: usize = 64;

/// The route.
pub(super) fn route() -> Route {
    let operation = Operation::new(
        "searchPersons",
        "register",
        "Persons by an IIN or a document number (point 9)",
    )
    .saying(
        "References alone, in any writing of the number. Stands in the second log, about each person who is known by it, before \
         it is answered: whom it told and never the number. An empty list says that nobody is known by it or that nobody may be \
         told, as while data are blocked. Some sixty a minute are answered.",
    )
    .with(asked_with(ALWAYS))
    .body(
        Content::Json(schema_of::<Number>),
        Some(json!({"iin": "850101100012"})),
    )
    .answers(200, "Whoever is known by it.", Content::Json(schema_of::<Persons>), &[])
    .problems(&[413, 415]);
    Route {
        method: "post",
        ..read("/v1/persons/search", post(search), operation)
    }
}

/// A number that stands for a person: one of the two. It has no `Debug`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Number {
    /// An individual identification number, as it is written.
    Iin(String),
    /// The number of a document, as it is written.
    Document(String),
}

/// Whoever is known by a number and may be told.
#[derive(Serialize, JsonSchema)]
struct Persons {
    /// How far the register had come.
    position: Position,
    /// References of persons.
    persons: Vec<Ref>,
}

/// The number in a body. What could not be read is not said again: it may be one.
fn number(body: &[u8]) -> Result<(&'static str, Zeroizing<String>), Problem> {
    let malformed = |pointer: &str, what: &str| Problem::of("malformed").at(pointer).saying(what);
    let read: Number = serde_json::from_slice(body).map_err(|_| {
        malformed(
            "",
            "one member, `iin` or `document`, with the number as text",
        )
    })?;
    let (name, number) = match read {
        Number::Iin(number) => ("iin", Zeroizing::new(number)),
        Number::Document(number) => ("document", Zeroizing::new(number)),
    };
    let compared = number.chars().any(char::is_alphanumeric);
    if !compared || number.chars().count() > LETTERS_MAX {
        let what = format!("a number has a letter or a digit, and {LETTERS_MAX} letters at most");
        return Err(malformed(&format!("/{name}"), &what));
    }
    Ok((name, number))
}

/// `POST /v1/persons/search`.
async fn search(
    State(api): State<Api>,
    Extension(who): Extension<Who>,
    looking: Option<Extension<Looking>>,
    headers: HeaderMap,
    params: Params,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Persons>, Problem> {
    params.finish()?;
    if !api.rates().search(who) {
        return Err(Problem::of("too-many-requests"));
    }
    if !is(&headers, "application/json") {
        return Err(
            Problem::of("unsupported-media-type").saying("a number is sent as application/json")
        );
    }
    let body = body.map_err(|_| Problem::of("body-too-large"))?;
    let (name, number) = number(&body)?;
    let vault = api.dispatch().vault().cloned();
    let vault = vault.ok_or_else(|| Problem::of("unavailable"))?;
    let personal = Personal::new(api.log().clone(), vault);
    let position = *api.head().borrow();
    let value = Some(number.as_str());
    let known = match name {
        "iin" => personal.known_by(value, None).await,
        _ => personal.known_by(None, value).await,
    };
    let known = known.map_err(|error| {
        tracing::error!(%error, "nobody could be looked for");
        Problem::of("unavailable")
    })?;
    if let Some(Extension(looking)) = looking {
        let audit = api
            .dispatch()
            .audit()
            .ok_or_else(|| Problem::of("unavailable"))?;
        let mut read = looking.read;
        let parameter: Slug = name.parse().map_err(|_| Problem::of("internal"))?;
        read.parameters = vec![parameter];
        if known.is_empty() {
            audit
                .read(looking.asker.clone(), None, read.clone())
                .await?;
        }
        for found in &known {
            let mut read = read.clone();
            read.found = Vec::from_iter(found.told.then_some(found.person));
            let about = StreamId::of(StreamKind::Person, found.person);
            audit.read(looking.asker.clone(), Some(about), read).await?;
        }
    }
    let told = known.iter().filter(|found| found.told);
    Ok(Json(Persons {
        position,
        persons: told.map(|found| found.person).collect(),
    }))
}
