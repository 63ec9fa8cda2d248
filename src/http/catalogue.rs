//! The error catalogue: every code that an answer can carry, with its status and what it says. A code never changes its
//! meaning; its page stands at `/problems/{code}`.

use std::collections::BTreeMap;

use axum::{Json, extract::Path, http::StatusCode};
use qonys_domain::blocked::Code;
use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use crate::locale::{Lang, Said};

/// One code of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Known {
    /// The code.
    pub code: &'static str,
    /// The HTTP status that carries it.
    pub status: u16,
    /// Whether a rule of the register says so, or the edge.
    pub of: Of,
    /// What it says.
    pub explanation: &'static str,
    /// What it rests on: `law`, `control`, or `law-or-control` where only some steps have a power or norm; for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<&'static str>,
    /// What it says and what one can do next, by language; for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<BTreeMap<&'static str, Words>>,
}

/// The sentences of one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Words {
    /// What stands against it.
    pub says: String,
    /// What one can do next.
    pub next: String,
}

fn words(code: Code) -> BTreeMap<&'static str, Words> {
    let of = |lang: Lang| {
        let Said { says, next } = lang.reason(code);
        (lang.code(), Words { says, next })
    };
    Lang::ALL.into_iter().map(of).collect()
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// A rule: the command could be read and may not be done now.
    Rule,
    /// The edge: the request could not be read or served.
    Request,
}

/// Codes of the edge: code, status, explanation.
const EDGE: &[(&str, StatusCode, &str)] = &[
    ("not-json", StatusCode::BAD_REQUEST, "The text is no JSON."),
    (
        "not-utf-8",
        StatusCode::BAD_REQUEST,
        "The text is no UTF-8.",
    ),
    (
        "malformed",
        StatusCode::BAD_REQUEST,
        "A member is missing, unknown, stands twice or has a value of another form; `pointer` says which.",
    ),
    (
        "contradiction",
        StatusCode::BAD_REQUEST,
        "The body says something else than the request: another id than `Idempotency-Key`, or another type than the address.",
    ),
    (
        "unresolved-reference",
        StatusCode::BAD_REQUEST,
        "A reference names a command that recorded nothing that can be referred to.",
    ),
    (
        "idempotency-key-missing",
        StatusCode::BAD_REQUEST,
        "A command needs its id in the header `Idempotency-Key`: whoever sends it again gets the first answer again.",
    ),
    (
        "bad-header",
        StatusCode::BAD_REQUEST,
        "A header has a value that cannot be read; `detail` says which.",
    ),
    (
        "bad-parameter",
        StatusCode::BAD_REQUEST,
        "A parameter is unknown, stands twice or has a value that cannot be read; `detail` says which.",
    ),
    (
        "unauthorised",
        StatusCode::UNAUTHORIZED,
        "The request brings no credential, or none that is good: a token of the provider or an API key, as `Authorization: Bearer`.",
    ),
    (
        "forbidden",
        StatusCode::FORBIDDEN,
        "The credential is good, and its roles may not do this.",
    ),
    (
        "another-actor",
        StatusCode::FORBIDDEN,
        "The command names another official, role or office than the credential stands for; `pointer` says which.",
    ),
    (
        "purpose-missing",
        StatusCode::BAD_REQUEST,
        "Data about a person is asked for with a purpose (`Qonys-Purpose`) and a case (`Qonys-Case`).",
    ),
    (
        "unknown-type",
        StatusCode::NOT_FOUND,
        "No command has this type.",
    ),
    (
        "not-found",
        StatusCode::NOT_FOUND,
        "Nothing stands at this address, or nothing did at the position that was asked about.",
    ),
    (
        "beyond-end",
        StatusCode::NOT_FOUND,
        "The log has no such position yet; `position` says where it ends.",
    ),
    (
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "This address knows other methods; the header `Allow` lists them.",
    ),
    (
        "another-log",
        StatusCode::CONFLICT,
        "The cursor was given by another log or by an earlier incarnation of this one: its positions mean nothing here.",
    ),
    (
        "body-too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body has more than 1,048,576 bytes.",
    ),
    (
        "line-too-long",
        StatusCode::PAYLOAD_TOO_LARGE,
        "A command line has more than 1,048,576 bytes.",
    ),
    (
        "command-too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The command would write more than 1,000 entries.",
    ),
    (
        "entry-too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "An entry would have more than 65,535 bytes.",
    ),
    (
        "unsupported-media-type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body has another media type than this address takes.",
    ),
    (
        "host-not-allowed",
        StatusCode::MISDIRECTED_REQUEST,
        "The server answers on this machine only, under the names of the loopback interface.",
    ),
    (
        "too-many-requests",
        StatusCode::TOO_MANY_REQUESTS,
        "So much is asked by one official or from one address that others would wait. Nothing was stored; come back after the time in `Retry-After`.",
    ),
    (
        "command-id-reused",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The id stands for another command already.",
    ),
    (
        "internal",
        StatusCode::INTERNAL_SERVER_ERROR,
        "A fault of ours. Nothing is known to be stored; a command may be sent again with the same id.",
    ),
    (
        "outcome-unknown",
        StatusCode::SERVICE_UNAVAILABLE,
        "Whether the command is stored is not known. Send it again with the same id: it is never stored twice.",
    ),
    (
        "unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "The log or the views cannot be reached. Nothing was stored.",
    ),
    (
        "busy",
        StatusCode::SERVICE_UNAVAILABLE,
        "Too much is waiting already. Nothing was stored; come back after the time in `Retry-After`.",
    ),
    (
        "views-behind",
        StatusCode::SERVICE_UNAVAILABLE,
        "The views have not come as far as the position that was asked for.",
    ),
    (
        "timeout",
        StatusCode::SERVICE_UNAVAILABLE,
        "The request took too long. A command may have been stored: send it again with the same id.",
    ),
];

/// Every code, those of the rules first.
pub fn all() -> impl Iterator<Item = Known> {
    let rules = Code::ALL.iter().copied().map(of_rule);
    rules.chain(EDGE.iter().map(of_edge))
}

fn of_rule(code: Code) -> Known {
    Known {
        code: code.as_str(),
        status: status_of_rule(code).as_u16(),
        of: Of::Rule,
        explanation: code.explanation(),
        basis: Some(code.rests().as_str()),
        words: Some(words(code)),
    }
}

fn of_edge((code, status, explanation): &(&'static str, StatusCode, &'static str)) -> Known {
    Known {
        code,
        status: status.as_u16(),
        of: Of::Request,
        explanation,
        basis: None,
        words: None,
    }
}

/// A blocked command is a request that was understood and may not be done now; a precondition that fails has its own
/// status.
const fn status_of_rule(code: Code) -> StatusCode {
    match code {
        Code::VersionMoved => StatusCode::PRECONDITION_FAILED,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// A code of the catalogue.
pub(super) fn find(code: &str) -> Option<Known> {
    let rule = Code::ALL.iter().find(|rule| rule.as_str() == code);
    let edge = || EDGE.iter().find(|(known, ..)| *known == code);
    rule.map(|rule| of_rule(*rule))
        .or_else(|| edge().map(of_edge))
}

/// All codes.
#[derive(Serialize, JsonSchema)]
pub(super) struct Catalogue {
    /// Every code.
    problems: Vec<Known>,
}

/// `GET /problems`.
pub(super) async fn list() -> Json<Catalogue> {
    Json(Catalogue {
        problems: all().collect(),
    })
}

/// `GET /problems/{code}`: what a `type` address leads to.
pub(super) async fn one(Path(code): Path<String>) -> Result<Json<Known>, Problem> {
    find(&code)
        .map(Json)
        .ok_or_else(|| Problem::of("not-found"))
}
