//! What went wrong, in the form of RFC 9457. The member `code` is stable and never translated; `type` leads to its page.

use std::borrow::Cow;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
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
    locale::Lang,
    log::LogError,
    queries::Unanswered,
};
use qonys_domain::blocked::{Basis, Blocked, Code};

/// After how many seconds a caller may come back.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A problem as it is written.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Address of the code's page, relative to this server.
    r#type: String,
    /// What the code says, always the same; for a block in the language that was asked for.
    title: Cow<'static, str>,
    /// What one can do next, in that language; for a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
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
            title: known.explanation.into(),
            next: None,
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

    /// The same with the sentences of a language. What the edge says stands in English only.
    fn told(mut self, lang: Lang) -> Self {
        if let Some(code) = Code::ALL.iter().find(|code| code.as_str() == self.code) {
            let said = lang.reason(*code);
            (self.title, self.next) = (said.says.into(), Some(said.next));
        }
        self
    }

    /// With words about this case.
    #[must_use]
    pub(super) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the place of the fault in the body.
    #[must_use]
    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// What a rule stands in the way of, with what it rests on and what it read.
    pub(super) fn of_block(blocked: &Blocked) -> Self {
        let mut problem = Self::of(blocked.code.as_str()).told(Lang::En);
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

    /// A command that was not accepted; `None` for one that was.
    pub(super) fn of_outcome(id: Option<Ref>, outcome: &Outcome) -> Option<Self> {
        let mut problem = match outcome {
            Outcome::Accepted(_) | Outcome::Duplicate(_) | Outcome::Possible(_) => return None,
            Outcome::Blocked(blocked) => Self::of_block(blocked),
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
        // So that it can be said again in the caller's language, which no handler needs to know.
        response.extensions_mut().insert(self);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status)
        {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        response
    }
}

/// Says what is blocked in the language that the caller asks for (`Accept-Language`); in English where he asks for none.
pub(super) async fn in_the_callers_language(request: Request, next: Next) -> Response {
    let asked = Lang::asked(request.headers());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let (Some(lang), Some(problem)) = (asked, problem.filter(|p| p.next.is_some())) else {
        return response;
    };
    let mut said = problem.told(lang).into_response();
    let headers = said.headers_mut();
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(lang.code()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    said
}
