//! What is asked about persons needs a purpose and a case, and stands in the second log before it is answered, in the stream
//! of each whom it is about; so does every list of persons, dwellings or applications, and whatever an auditor asks.

use axum::http::{HeaderMap, Method};
use qonys_events::{
    entry::Actor,
    fact::access::DataRead,
    id::Ref,
    scalar::{Day, Slug},
};

use super::{
    api::Api,
    listing::{self, Listing},
    problem::Problem,
};
use crate::{
    access::{Admitted, Means, Principal, policy::Role},
    audit::{Asker, AuditError, NOBODY},
};

mod whom;

use whom::Whom;

/// Header: what data about a person is asked for.
const PURPOSE: &str = "qonys-purpose";
/// Header: the case that it is asked for in, our own number.
const CASE: &str = "qonys-case";
/// Header: the day from which on the person is shown that somebody looked.
const SHOWN_FROM: &str = "qonys-shown-from";
/// How much later than now a person may be shown who looked, in days.
const LATER_DAYS_MAX: i64 = 365;

/// What stands in the second log for a question; none where nothing does.
fn kind(question: &Question<'_>, whom: &Whom) -> Option<&'static str> {
    let of_many = || listing::of(question.operation).is_some_and(Listing::tells_about_somebody);
    match question.action {
        "read-person" | "open-person" => Some("read"),
        "search-persons" => Some("search"),
        "read-log" => Some("export"),
        "read-readers" | "read-audit" => Some("query"),
        _ if question.admitted.role == Some(Role::Auditor) => Some("query"),
        _ if !whom.about.is_empty() => Some("read"),
        _ if of_many() || question.operation == "getOfficePage" => Some("query"),
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
    /// The parts of the path by their names, as a handler reads them.
    pub(super) path: Vec<(String, String)>,
    /// The query string by its names, as a handler reads it.
    pub(super) query: Vec<(String, String)>,
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
    let local = question.principal.means == Means::Local;
    let audit = api.dispatch().audit();
    if question.action == "read-public" || (local && audit.is_none()) {
        return Ok(None);
    }
    let whom = Whom::of(api, question).await?;
    let Some(kind) = kind(question, &whom) else {
        return Ok(None);
    };
    // Without a second log nothing is told that would stand there.
    let audit = audit.ok_or_else(|| Problem::of("unavailable"))?;
    let purpose: Option<Slug> = read(question.headers, PURPOSE)?;
    let caseref: Option<Ref> = read(question.headers, CASE)?;
    let needed = needs_a_case(question.action) || whom.narrowed;
    if needed && !local && (purpose.is_none() || caseref.is_none()) {
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
    let names = question.query.iter();
    let names = names.filter_map(|(name, _)| name.replace('_', "-").parse::<Slug>().ok());
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
        audit.read_of(&asker, &whom.about, &read).await?;
    }
    Ok(Some(Looking { asker, read }))
}
