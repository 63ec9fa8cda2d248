//! The term of an application as a decision would count it now.

use qonys_domain::{
    application::term::{Term, term},
    blocked::Blocked,
    law::calendar::CountedDay,
    streams::{Known, Stream, Streams},
};
use qonys_events::{
    entry::Entry,
    id::{Origin, Ref, StreamId, StreamKind},
    scalar::{Count, Day, Position, Slug, StreamSeq, Text},
    term::Certainty,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::log::{Log, LogError};

/// Entries read in one page.
const PAGE: u32 = 1_000;

/// The term of an application as it is told, on the command line and over HTTP alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedTerm {
    /// The origin of the log with its incarnation.
    pub origin: Origin,
    /// The position that the answer was computed at.
    pub position: Position,
    /// The application.
    pub application: Ref,
    /// The day of filing: the count begins on the next.
    pub filed_on: Day,
    /// The norm that sets the term.
    pub norm: Slug,
    /// How many working days it has.
    pub working_days: Count,
    /// The act that the norm rests on.
    pub act: Slug,
    /// Its article and point.
    pub point: Text,
    /// How sure the norm is.
    pub certainty: Certainty,
    /// The last day before the term was extended; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_from: Option<Day>,
    /// The last day on which a decision is in time.
    pub deadline: Day,
    /// Every day of the term: its number among the working days, or null for a day off.
    pub days: Vec<CountedDay>,
}

impl CountedTerm {
    fn told((origin, position): (Origin, Position), application: Ref, term: Term) -> Self {
        Self {
            origin,
            position,
            application,
            filed_on: term.filed_on,
            deadline: term.deadline(),
            norm: term.norm,
            working_days: term.working_days,
            act: term.citation.act,
            point: term.citation.point,
            certainty: term.citation.certainty,
            extended_from: term.extended_from,
            days: term.days,
        }
    }
}

struct Loaded {
    law: (StreamId, Stream),
    application: (StreamId, Stream),
}

impl Streams for Loaded {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        let both = [&self.law, &self.application];
        both.into_iter()
            .find(|(known, _)| known == id)
            .map(|(_, stream)| stream)
    }
}

/// A stream as it stood at a position.
async fn load(log: &Log, id: StreamId, at: Position) -> Result<(StreamId, Stream), LogError> {
    let mut stream = Stream::empty(id.kind());
    loop {
        let page = log.read_stream(&id, StreamSeq(stream.seq.0), PAGE).await?;
        let whole = page.len() == PAGE as usize;
        for recorded in page {
            let position = recorded.position;
            if !recorded.kept && at < position {
                return Ok((id, stream));
            }
            let entry = Entry::parse(&recorded.text).map_err(|error| {
                LogError::Unavailable(format!("entry {position} cannot be read: {error}"))
            })?;
            stream.apply(&entry.event);
        }
        if !whole {
            return Ok((id, stream));
        }
    }
}

/// The term of an application, day by day (point 6; administrative procedure code, art. 76). Blocked where there is no
/// such application, no norm, or no calendar.
///
/// # Errors
/// [`LogError`] when the log cannot be read.
pub async fn term_of(
    log: &Log,
    application: Ref,
) -> Result<Result<CountedTerm, Blocked>, LogError> {
    let at = log.head().await?.position;
    let stream = StreamId::of(StreamKind::Application, application);
    let loaded = Loaded {
        law: load(log, StreamId::law(), at).await?,
        application: load(log, stream, at).await?,
    };
    let known = Known(&loaded);
    let (Ok(law), Ok(state)) = (known.law(), known.application(application)) else {
        unreachable!("both streams are loaded");
    };
    let counted = state
        .asked(application)
        .and_then(|asked| term(law, state, &asked));
    let point = (log.origin().clone(), at);
    Ok(counted.map(|term| CountedTerm::told(point, application, term)))
}
