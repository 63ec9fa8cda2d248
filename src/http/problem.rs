//! What went wrong, in the form of RFC 9457. The member `code` is stable and never translated; `type` leads to its page.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use qonys_events::{
    citation::Facts,
    id::Ref,
    scalar::{Position, Slug, Text},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::catalogue;
use crate::{
    dispatch::{Invalid, Outcome},
    log::LogError,
    queries::Unanswered,
};
use qonys_domain::blocked::Basis;

/// After how many seconds a caller may come back.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A problem as it is written.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Address of the code's page, relative to this server.
    r#type: String,
    /// What the code says, always the same.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// What is wrong in this case; never a personal value.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The command's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Ref>,
    /// `blocked`, `invalid` or `unknown`, as an answer line says it; only for commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// What a block rests on: `law` or `control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// The act that blocks, by its name in the register of acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Slug>,
    /// Its article and point.
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<Text>,
    /// What the verdict read.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Facts>,
    /// JSON pointer to the fault in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// How far the log or the views have come.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
}

impl Problem {
    /// The problem of a code. One that is not in the catalogue is a fault of ours and is shown as such.
    pub(super) fn of(code: &str) -> Self {
        let known = catalogue::find(code)
            .or_else(|| catalogue::find("internal"))
            .expect("the catalogue has the code `internal`");
        Self {
            r#type: format!("/problems/{}", known.code),
            title: known.explanation,
            status: known.status,
            code: known.code,
            detail: None,
            id: None,
            outcome: None,
            basis: None,
            act: None,
            point: None,
            facts: None,
            pointer: None,
            position: None,
        }
    }

    /// With words about this case.
    #[must_use]
    pub(super) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A command that was not accepted; `None` for one that was.
    pub(super) fn of_outcome(id: Option<Ref>, outcome: &Outcome) -> Option<Self> {
        let mut problem = match outcome {
            Outcome::Accepted(_) | Outcome::Duplicate(_) | Outcome::Possible(_) => return None,
            Outcome::Blocked(blocked) => {
                let mut problem = Self::of(blocked.code.as_str());
                problem.facts = Some(blocked.facts.clone()).filter(|facts| !facts.0.is_empty());
                match &blocked.basis {
                    Basis::Control => problem.basis = Some("control"),
                    Basis::Law { act, point } => {
                        problem.basis = Some("law");
                        (problem.act, problem.point) = (Some(act.clone()), Some(point.clone()));
                    }
                }
                problem
            }
            Outcome::Invalid(invalid) => Self::from(invalid.clone()),
            Outcome::Unknown => Self::of("outcome-unknown"),
            Outcome::Unavailable(_) => Self::of("unavailable"),
        };
        problem.outcome = Some(outcome.as_str());
        problem.id = id;
        Some(problem)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self {
            outcome: Some("invalid"),
            pointer: Some(invalid.pointer),
            ..Self::of(invalid.code).saying(invalid.message)
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        tracing::error!(%error, "the log could not be read");
        Self::of("unavailable")
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Behind(position) => Self {
                position: Some(position),
                ..Self::of("views-behind")
            },
            Unanswered::BeyondEnd(position) => Self {
                position: Some(position),
                ..Self::of("beyond-end")
            },
            Unanswered::Unavailable(error) => {
                tracing::error!(%error, "the views could not be asked");
                Self::of("unavailable")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        response
    }
}
