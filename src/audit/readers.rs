//! Who looked: the entries of the second log about one person, as that person is shown them.

use qonys_events::{
    entry::Entry,
    fact::Fact,
    id::{Ref, StreamId},
    scalar::{Day, Instant, Position, Slug, StreamSeq},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Audit, AuditError};
use crate::log::Recorded;

/// One read of data about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reader {
    /// Where it stands in the second log.
    pub position: Position,
    /// Where it stands among the reads about this person.
    pub streamseq: StreamSeq,
    /// When.
    pub time: Instant,
    /// Who: the official's reference.
    pub official: Ref,
    /// In which role.
    pub role: Slug,
    /// For which office.
    pub office: Slug,
    /// What for.
    pub purpose: Option<Slug>,
    /// In which case.
    pub caseref: Option<Ref>,
    /// What he did: `read`, `search`, `export`.
    pub kind: Slug,
    /// The operation.
    pub operation: Slug,
    /// The personal values that were opened.
    pub opened: Vec<Slug>,
    /// From which day on the person sees this, where it is later.
    pub shown_from: Option<Day>,
}

fn reader(recorded: &Recorded) -> Result<Option<Reader>, AuditError> {
    let damaged =
        |e: &dyn std::fmt::Display| AuditError(format!("position {}: {e}", recorded.position));
    let entry = Entry::parse(&recorded.text).map_err(|e| damaged(&e))?;
    let Fact::DataRead(read) = entry.event.fact else {
        return Ok(None);
    };
    Ok(Some(Reader {
        position: recorded.position,
        streamseq: recorded.streamseq,
        time: entry.place.time,
        official: entry.command.actor.actor,
        role: entry.command.actor.role,
        office: entry.command.actor.office,
        purpose: entry.command.purpose,
        caseref: entry.event.caseref,
        kind: read.kind,
        operation: read.operation,
        opened: read.opened,
        shown_from: read.shown_from,
    }))
}

/// A page of reads about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The reads, oldest first.
    pub readers: Vec<Reader>,
    /// After which place the next page begins, where there is one.
    pub next: Option<StreamSeq>,
}

impl Audit {
    /// Who read data about a subject, oldest first; without those that are not shown yet on `today`, where one is given.
    ///
    /// # Errors
    /// Where the second log cannot be read.
    pub async fn readers(
        &self,
        subject: &StreamId,
        after: StreamSeq,
        limit: u32,
        today: Option<Day>,
    ) -> Result<Page, AuditError> {
        let mut entries = self.log().read_stream(subject, after, limit + 1).await?;
        let more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        let next = entries.last().filter(|_| more).map(|last| last.streamseq);
        let mut readers = Vec::with_capacity(entries.len());
        for entry in &entries {
            let shown = reader(entry)?.filter(|reader| {
                let from = reader.shown_from.zip(today);
                from.is_none_or(|(from, today)| from <= today)
            });
            readers.extend(shown);
        }
        Ok(Page { readers, next })
    }
}
