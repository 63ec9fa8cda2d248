//! A log that goes on from closed incarnations: its own store, and before it the entries that are kept of them. Heads,
//! positions and appends are the own store's; streams, commands and sealed slots are looked for in all of them, so that
//! whoever decides reads one history.

use std::{collections::HashMap, sync::Arc};

use qonys_events::{
    entry::Entry,
    fact::{Fact, log::LogContinued},
    id::{Origin, Ref, StreamId},
    scalar::{Position, Slug, StreamSeq},
};

use super::{
    FirstAnswers, Log, LogError, Recorded, SealedSlot, postgres::PgLog, sqlite::SqliteLog, store,
};

/// One incarnation by itself.
#[derive(Clone)]
pub(super) enum Store {
    Postgres(PgLog),
    Sqlite(SqliteLog),
    Other(Arc<dyn store::Store>),
}

macro_rules! each {
    ($self:expr, $store:ident => $call:expr) => {
        match $self {
            Self::Postgres($store) => $call,
            Self::Sqlite($store) => $call,
            Self::Other($store) => $call,
        }
    };
}

impl Store {
    fn origin(&self) -> &Origin {
        each!(self, store => store.origin())
    }

    async fn read_after(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_after(after, limit).await)
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_stream(stream, after, limit).await)
    }

    async fn read_streams(
        &self,
        streams: &[StreamId],
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.read_streams(streams, limit).await)
    }

    async fn entry(&self, id: Ref) -> Result<Option<Recorded>, LogError> {
        each!(self, store => store.entry(id).await)
    }

    async fn commands(&self, ids: &[Ref]) -> Result<FirstAnswers, LogError> {
        each!(self, store => store.commands(ids).await)
    }

    async fn applications_of(&self, person: Ref) -> Result<Vec<Ref>, LogError> {
        each!(self, store => store.applications_of(person).await)
    }

    async fn destructions(&self) -> Result<Vec<Recorded>, LogError> {
        each!(self, store => store.destructions().await)
    }

    async fn sealed_among(&self, subjects: &[Ref]) -> Result<Vec<(Ref, Ref)>, LogError> {
        each!(self, store => store.sealed_among(subjects).await)
    }

    async fn destroy_sealed(&self, subjects: &[Ref]) -> Result<u64, LogError> {
        each!(self, store => store.destroy_sealed(subjects).await)
    }

    async fn sealed(
        &self,
        command: Ref,
        name: &Slug,
        subject: Ref,
    ) -> Result<Option<SealedSlot>, LogError> {
        each!(self, store => store.sealed(command, name, subject).await)
    }
}

/// The kept entries of one closed incarnation.
#[derive(Clone)]
pub struct Kept {
    store: Store,
    /// Its last entry that is kept; what may stand behind it is lost, as the log says.
    pub(super) last: Position,
}

impl Kept {
    /// The origin of the incarnation.
    pub fn origin(&self) -> &Origin {
        self.store.origin()
    }

    /// The last entry that is kept.
    pub fn last(&self) -> Position {
        self.last
    }

    /// Up to `limit` kept entries after a position.
    pub(super) async fn after(
        &self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        let left = u32::try_from(self.last.0.saturating_sub(after.0)).unwrap_or(u32::MAX);
        match limit.min(left) {
            0 => Ok(Vec::new()),
            room => Ok(self.kept(self.store.read_after(after, room).await?)),
        }
    }

    /// Only what is kept, and marked so.
    fn kept(&self, found: Vec<Recorded>) -> Vec<Recorded> {
        let kept = found
            .into_iter()
            .filter(|entry| entry.position <= self.last);
        kept.map(|entry| Recorded {
            kept: true,
            ..entry
        })
        .collect()
    }
}

/// A log with the incarnations that it goes on from, the first one first.
#[derive(Clone)]
pub struct Continued {
    pub(super) store: Store,
    pub(super) kept: Arc<[Kept]>,
}

/// What the first entry of a log says of the incarnation before it; `None` in a first incarnation and in an empty log.
pub async fn goes_on_from(log: &Log) -> Result<Option<LogContinued>, LogError> {
    let first = log.read_after(Position(0), 1).await?;
    let Some(first) = first.first() else {
        return Ok(None);
    };
    let entry = Entry::parse(&first.text)
        .map_err(|error| LogError::Unavailable(format!("entry 1 cannot be read: {error}")))?;
    Ok(match entry.event.fact {
        Fact::LogContinued(continued) => Some(continued),
        _ => None,
    })
}

impl Log {
    /// The log with the closed incarnation that it goes on from, which may have ones before it itself.
    ///
    /// # Errors
    /// `Refused` where the log does not go on from that one, or where that one does not hold what is kept of it, byte for
    /// byte: the log says its root.
    pub async fn going_on(self, earlier: &Self) -> Result<Self, LogError> {
        let refuse = |why: String| Err(LogError::Refused(why));
        let Some(said) = goes_on_from(&self).await? else {
            return refuse(format!("{} goes on from no other log", self.origin()));
        };
        if said.origin != *earlier.origin() {
            return refuse(format!(
                "{} goes on from {}, not from {}",
                self.origin(),
                said.origin,
                earlier.origin()
            ));
        }
        let then = earlier.head_at(said.kept).await?;
        if then.position != said.kept || then.frontier.root() != said.root {
            return refuse(format!(
                "{} does not hold the {} entries that are kept of it: their root is another one",
                said.origin, said.kept
            ));
        }
        let mut kept = earlier.kept().to_vec();
        kept.push(Kept {
            store: earlier.store(),
            last: said.kept,
        });
        Ok(Self::Continued(Continued {
            store: self.store(),
            kept: kept.into(),
        }))
    }

    /// Its own store.
    pub(super) fn store(&self) -> Store {
        match self {
            Self::Postgres(log) => Store::Postgres(log.clone()),
            Self::Sqlite(log) => Store::Sqlite(log.clone()),
            Self::Other(log) => Store::Other(log.clone()),
            Self::Continued(log) => log.store.clone(),
        }
    }

    /// The incarnations that the log goes on from, the first one first; none in a first incarnation.
    pub fn kept(&self) -> &[Kept] {
        match self {
            Self::Continued(log) => &log.kept,
            _ => &[],
        }
    }

    /// How many entries stand before the first one of this incarnation.
    pub fn before(&self) -> u64 {
        self.kept().iter().map(|kept| kept.last.0).sum()
    }

    /// Up to `limit` entries of the whole history after a position that is counted through all incarnations, each with
    /// the number of entries before its incarnation.
    pub async fn read_history(
        &self,
        after: Position,
        limit: u32,
    ) -> Result<(u64, Vec<Recorded>), LogError> {
        let mut before = 0;
        for kept in self.kept() {
            if after.0 < before + kept.last.0 {
                let page = kept.after(Position(after.0 - before), limit).await?;
                if page.is_empty() {
                    return Err(LogError::Unavailable(format!(
                        "the kept entries of {} end before {}",
                        kept.origin(),
                        kept.last
                    )));
                }
                return Ok((before, page));
            }
            before += kept.last.0;
        }
        Ok((
            before,
            self.read_after(Position(after.0 - before), limit).await?,
        ))
    }
}

/// Up to `limit` kept entries of a stream after a sequence.
pub(super) async fn stream(
    kept: &[Kept],
    id: &StreamId,
    after: StreamSeq,
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let mut found: Vec<Recorded> = Vec::new();
    for kept in kept {
        let after = found.last().map_or(after, |last| last.streamseq);
        let room = limit.saturating_sub(length(&found));
        if room == 0 {
            break;
        }
        let page = kept.store.read_stream(id, after, room).await?;
        found.extend(kept.kept(page));
    }
    Ok(found)
}

/// Up to `limit` first kept entries of each of these streams.
pub(super) async fn streams(
    kept: &[Kept],
    ids: &[StreamId],
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let mut found = Vec::new();
    for kept in kept {
        found.extend(kept.kept(kept.store.read_streams(ids, limit).await?));
    }
    Ok(found)
}

/// Kept entries of streams, then the own ones: of each stream as many as may be, in order. Own entries of a stream of
/// which more is kept than may be shown are left out: they do not follow what is shown.
pub(super) fn joined(kept: Vec<Recorded>, own: Vec<Recorded>, limit: u32) -> Vec<Recorded> {
    let mut counts: HashMap<StreamId, u32> = HashMap::new();
    let mut shown = Vec::with_capacity(kept.len() + own.len());
    for entry in kept.into_iter().chain(own) {
        let count = counts.entry(entry.stream.clone()).or_default();
        if *count < limit {
            *count += 1;
            shown.push(entry);
        }
    }
    shown
}

/// The kept entries of those commands that are kept.
pub(super) async fn commands(kept: &[Kept], ids: &[Ref]) -> Result<FirstAnswers, LogError> {
    let mut found = FirstAnswers::new();
    for kept in kept {
        for (id, entries) in kept.store.commands(ids).await? {
            let entries = kept.kept(entries);
            if !entries.is_empty() {
                found.insert(id, entries);
            }
        }
    }
    Ok(found)
}

/// How many they are.
pub(super) fn length(entries: &[Recorded]) -> u32 {
    u32::try_from(entries.len()).unwrap_or(u32::MAX)
}

/// A kept entry by its id.
pub(super) async fn entry(kept: &[Kept], id: Ref) -> Result<Option<Recorded>, LogError> {
    for kept in kept {
        let found = kept.store.entry(id).await?.into_iter().collect();
        if let Some(entry) = kept.kept(found).pop() {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The sealed bytes of a slot of a kept command. Those of a lost one are not shown by any entry and so never asked for.
pub(super) async fn sealed(
    kept: &[Kept],
    (command, name, subject): (Ref, &Slug, Ref),
) -> Result<Option<SealedSlot>, LogError> {
    for kept in kept {
        if let Some(slot) = kept.store.sealed(command, name, subject).await? {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// The applications of a person that were filed before. What was filed among the lost entries may be among them: whoever
/// reads its stream finds nothing.
pub(super) async fn applications_of(kept: &[Kept], person: Ref) -> Result<Vec<Ref>, LogError> {
    let mut found = Vec::new();
    for kept in kept {
        found.extend(kept.store.applications_of(person).await?);
    }
    Ok(found)
}

/// Every kept entry that destroyed somebody's data.
pub(super) async fn destructions(kept: &[Kept]) -> Result<Vec<Recorded>, LogError> {
    let mut found = Vec::new();
    for kept in kept {
        found.extend(kept.kept(kept.store.destructions().await?));
    }
    Ok(found)
}

/// For whom of these subjects something is sealed in the closed stores, and by which commands.
pub(super) async fn sealed_among(
    kept: &[Kept],
    subjects: &[Ref],
) -> Result<Vec<(Ref, Ref)>, LogError> {
    let mut found = Vec::new();
    for kept in kept {
        found.extend(kept.store.sealed_among(subjects).await?);
    }
    Ok(found)
}

/// Destroys every sealed slot of these subjects in the closed stores. Gives how many there were.
pub(super) async fn destroy_sealed(kept: &[Kept], subjects: &[Ref]) -> Result<u64, LogError> {
    let mut destroyed = 0;
    for kept in kept {
        destroyed += kept.store.destroy_sealed(subjects).await?;
    }
    Ok(destroyed)
}
