//! What is asked about persons needs a purpose and a case, and stands in the second log before it is answered; so does
//! whatever an auditor asks.

use axum::http::{HeaderMap, Method};
use qonys_events::{
    entry::Actor,
    fact::access::DataRead,
    id::{Ref, StreamId},
    scalar::{Day, Slug},
};

use super::{api::Api, problem::Problem};
use crate::{
    access::{Admitted, Means, Principal, policy::Role},
    audit::{Asker, AuditError, NOBODY},
};

/// Header: what data about a person is asked for.
const PURPOSE: &str = "qonys-purpose";
/// Header: the case that it is asked for in, our own number.
const CASE: &str = "qonys-case";
/// Header: the day from which on the person is shown that somebody looked.
const SHOWN_FROM: &str = "qonys-shown-from";
/// How much later than now a person may be shown who looked, in days.
const LATER_DAYS_MAX: i64 = 365;

/// What stands in the second log for an action; none where nothing does.
fn kind(action: &str, role: Option<Role>) -> Option<&'static str> {
    match action {
        "read-person" | "open-person" => Some("read"),
        "search-persons" => Some("search"),
        "read-log" => Some("export"),
        "read-readers" | "read-audit" => Some("query"),
        "read-public" => None,
        _ if role == Some(Role::Auditor) => Some("query"),
        _ => None,
    }
}

/// Whether an action needs a purpose and a case.
fn needs_a_case(action: &str) -> bool {
    matches!(action, "read-person" | "open-person" | "search-persons")
}

/// Whether only the handler knows about whom it tells, and records that itself.
fn is_recorded_by_its_handler(action: &str) -> bool {
    matches!(action, "open-person" | "search-persons")
}

/// Whether a question of this method is asked here: what is only read, and a search, whose number stands in no address.
pub(super) fn is_asked(method: &Method, action: &str) -> bool {
    method != Method::POST || action == "search-persons"
}

/// The value of a header that stands at most once.
fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    headers: &HeaderMap,
    name: &str,
) -> Result<Option<T>, Problem> {
    let wrong = |what: String| Problem::of("bad-header").saying(format!("`{name}`: {what}"));
    let mut values = headers.get_all(name).iter();
    let (Some(value), rest) = (values.next(), values.next()) else {
        return Ok(None);
    };
    if rest.is_some() {
        return Err(wrong("it stands twice".to_owned()));
    }
    let text = value.to_str().map_err(|_| wrong("no text".to_owned()))?;
    text.trim()
        .parse()
        .map(Some)
        .map_err(|e: T::Err| wrong(e.to_string()))
}

/// The name of an operation as a name of the log: `getPerson` as `get-person`.
fn spoken(operation: &str) -> Result<Slug, Problem> {
    let mut name = String::with_capacity(operation.len() + 4);
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name.parse().map_err(|_| Problem::of("internal"))
}

/// The subject that an address is about.
fn subject(path: &str) -> Option<StreamId> {
    let mut parts = path.trim_start_matches("/v1/").split('/');
    let kind = match parts.next()? {
        "persons" => "person",
        "dwellings" => "dwelling",
        "applications" => "application",
        _ => return None,
    };
    StreamId::from_parts(kind, parts.next()?).ok()
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        tracing::error!(%error, "nothing was told: it could not be recorded");
        Self::of("unavailable")
    }
}

/// A question that is about to be answered.
pub(super) struct Question<'a> {
    pub(super) principal: &'a Principal,
    pub(super) admitted: &'a Admitted,
    pub(super) operation: &'a str,
    pub(super) action: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
}

/// Who asked, for a handler that records more: what it opens, and about whom.
#[derive(Debug, Clone)]
pub(super) struct Looking {
    pub(super) asker: Asker,
    pub(super) read: DataRead,
}

/// Records a question in the second log, if it stands there. Of one about persons whom only the handler finds, the handler
/// records it.
pub(super) async fn record(api: &Api, question: &Question<'_>) -> Result<Option<Looking>, Problem> {
    let Some(kind) = kind(question.action, question.admitted.role) else {
        return Ok(None);
    };
    let local = question.principal.means == Means::Local;
    let audit = match api.dispatch().audit() {
        Some(audit) => audit,
        // Without a second log nothing is told that would stand there.
        None if local => return Ok(None),
        None => return Err(Problem::of("unavailable")),
    };
    let purpose: Option<Slug> = read(question.headers, PURPOSE)?;
    let caseref: Option<Ref> = read(question.headers, CASE)?;
    if needs_a_case(question.action) && !local && (purpose.is_none() || caseref.is_none()) {
        return Err(Problem::of("purpose-missing"));
    }
    let shown_from: Option<Day> = read(question.headers, SHOWN_FROM)?;
    if let Some(day) = shown_from {
        let latest = api.today().plus_days(LATER_DAYS_MAX);
        let may = local || question.admitted.role == Some(Role::Auditor);
        if !may || day > latest {
            let message = format!(
                "`{SHOWN_FROM}`: an auditor may let a person see it later, by at most {LATER_DAYS_MAX} days"
            );
            return Err(Problem::of("bad-header").saying(message));
        }
    }
    let name = |text: &str| text.parse::<Slug>().map_err(|_| Problem::of("internal"));
    let role = match question.admitted.role {
        Some(role) => name(role.name())?,
        None => name("local")?,
    };
    let office = match &question.principal.office {
        Some(office) => office.clone(),
        None => name("none")?,
    };
    let asker = Asker {
        actor: Actor {
            actor: question
                .principal
                .reference()
                .map_or_else(|| NOBODY.parse(), Ok)
                .map_err(|_| Problem::of("internal"))?,
            role,
            office,
            onbehalfof: None,
        },
        policy: name(question.admitted.policy.unwrap_or("declared"))?,
        purpose,
        caseref,
    };
    let names = question.query.split('&').filter_map(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.replace('_', "-").parse::<Slug>().ok()
    });
    let read = DataRead {
        kind: name(kind)?,
        operation: spoken(question.operation)?,
        parameters: names.take(16).collect(),
        position: *api.head().borrow(),
        found: Vec::new(),
        opened: Vec::new(),
        shown_from,
    };
    if !is_recorded_by_its_handler(question.action) {
        let about = subject(question.path);
        audit.read(asker.clone(), about, read.clone()).await?;
    }
    Ok(Some(Looking { asker, read }))
}
