//! The port of the log: what a store of another kind must do to stand behind [`super::Log`]. PostgreSQL and SQLite are
//! called directly; the simulation stands here, with a store that fails as it likes.
//!
//! - Durability: what `append` answered `Ok` to survives every crash.
//! - Consistency: an append is one transaction on the head that was expected; while somebody holds the lock, nobody else
//!   appends. Reads see committed appends whole, and never go back.
//! - Retries: none inside. After [`LogError::OutcomeUnknown`] the caller takes the lock and asks by command id; once it
//!   has the lock, nothing that was sent before is still committing.
//! - Absence: an empty list or `None`. An error never means "nothing there".

use futures::future::BoxFuture;
use qonys_events::{
    id::{Origin, Ref, StreamId, StreamKind},
    scalar::{Position, Slug, StreamSeq, Text},
    term::ClockKind,
};

use super::{Batch, FirstAnswers, Head, LogError, Recorded, SealedSlot};

/// What a call of the port gives.
pub type Given<'a, T> = BoxFuture<'a, Result<T, LogError>>;

/// Entries that are read at once where the whole log is looked through.
const PAGE: u32 = 1_000;

/// The applications among these entries in which a person is the applicant.
fn applications(entries: &[Recorded], person: Ref) -> Vec<Ref> {
    let named = format!(r#""applicant":"{person}""#);
    let filed = entries
        .iter()
        .filter(|entry| entry.stream.kind() == StreamKind::Application)
        .filter(|entry| entry.text.contains(&named));
    filed
        .filter_map(|entry| entry.stream.key().parse().ok())
        .collect()
}

/// Looks through a whole log, page by page.
async fn look_through<S: Store + ?Sized>(
    store: &S,
    mut take: impl FnMut(Vec<Recorded>) + Send,
) -> Result<(), LogError> {
    let mut after = Position(0);
    loop {
        let page = store.read_after(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.position;
        take(page);
    }
}

/// Whether an entry destroyed somebody's data.
fn destroys(text: &str) -> bool {
    ["person", "dwelling"]
        .iter()
        .any(|kind| text.contains(&format!(r#","type":"kz.qonys.{kind}.data-destroyed.v1","#)))
}

/// A store of another kind. Each call is the one of [`super::Log`] of that name.
pub trait Store: Send + Sync {
    /// See [`super::Log::origin`].
    fn origin(&self) -> &Origin;
    /// See [`super::Log::zone`].
    fn zone(&self) -> &Text;
    /// See [`super::Log::clock_kind`].
    fn clock_kind(&self) -> ClockKind;
    /// See [`super::Log::head`].
    fn head(&self) -> Given<'_, Head>;
    /// See [`super::Log::head_at`].
    fn head_at(&self, position: Position) -> Given<'_, Head>;
    /// See [`super::Log::append`].
    fn append<'a>(&'a self, expected: Position, batch: &'a Batch) -> Given<'a, ()>;
    /// See [`super::Log::lock`].
    fn lock(&self) -> Given<'_, Box<dyn Held>>;
    /// See [`super::Log::read_after`].
    fn read_after(&self, after: Position, limit: u32) -> Given<'_, Vec<Recorded>>;
    /// See [`super::Log::read_texts`].
    fn read_texts(&self, after: Position, limit: u32) -> Given<'_, Vec<String>> {
        Box::pin(async move {
            let page = self.read_after(after, limit).await?;
            Ok(page.into_iter().map(|recorded| recorded.text).collect())
        })
    }
    /// See [`super::Log::applications_of`].
    fn applications_of(&self, person: Ref) -> Given<'_, Vec<Ref>> {
        Box::pin(async move {
            let mut found = Vec::new();
            look_through(self, |page| found.extend(applications(&page, person))).await?;
            Ok(found)
        })
    }
    /// See [`super::Log::destructions`].
    fn destructions(&self) -> Given<'_, Vec<Recorded>> {
        Box::pin(async move {
            let mut found = Vec::new();
            look_through(self, |page| {
                found.extend(page.into_iter().filter(|entry| destroys(&entry.text)));
            })
            .await?;
            Ok(found)
        })
    }
    /// See [`super::Log::destroy_sealed`]. A store that keeps no sealed slots destroys none.
    fn destroy_sealed<'a>(&'a self, _subjects: &'a [Ref]) -> Given<'a, u64> {
        Box::pin(async { Ok(0) })
    }
    /// See [`super::Log::sealed_among`]. In a store that keeps no sealed slots nobody has one.
    fn sealed_among<'a>(&'a self, _subjects: &'a [Ref]) -> Given<'a, Vec<(Ref, Ref)>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// See [`super::Log::read_stream`].
    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Given<'a, Vec<Recorded>>;
    /// See [`super::Log::read_streams`].
    fn read_streams<'a>(&'a self, streams: &'a [StreamId], limit: u32) -> Given<'a, Vec<Recorded>>;
    /// The last sequence of a stream; 0 where it has none.
    fn stream_end<'a>(&'a self, stream: &'a StreamId) -> Given<'a, StreamSeq>;
    /// See [`super::Log::entry`].
    fn entry(&self, id: Ref) -> Given<'_, Option<Recorded>>;
    /// See [`super::Log::commands`].
    fn commands<'a>(&'a self, ids: &'a [Ref]) -> Given<'a, FirstAnswers>;
    /// See [`super::Log::sealed`].
    fn sealed<'a>(
        &'a self,
        commandid: Ref,
        name: &'a Slug,
        subject: Ref,
    ) -> Given<'a, Option<SealedSlot>>;
}

/// Such a store under the append lock. Each call is the one of [`super::Locked`] of that name.
pub trait Held: Send {
    /// See [`super::Locked::head`].
    fn head(&mut self) -> Given<'_, Head>;
    /// See [`super::Locked::read_after`].
    fn read_after(&mut self, after: Position, limit: u32) -> Given<'_, Vec<Recorded>>;
    /// See [`super::Locked::read_stream`].
    fn read_stream<'a>(
        &'a mut self,
        stream: &'a StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Given<'a, Vec<Recorded>>;
    /// See [`super::Locked::read_streams`].
    fn read_streams<'a>(
        &'a mut self,
        streams: &'a [StreamId],
        limit: u32,
    ) -> Given<'a, Vec<Recorded>>;
    /// See [`super::Locked::commands`].
    fn commands<'a>(&'a mut self, ids: &'a [Ref]) -> Given<'a, FirstAnswers>;
    /// See [`super::Locked::applications_of`].
    fn applications_of(&mut self, person: Ref) -> Given<'_, Vec<Ref>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let mut after = Position(0);
            loop {
                let page = self.read_after(after, PAGE).await?;
                let Some(last) = page.last() else {
                    return Ok(found);
                };
                after = last.position;
                found.extend(applications(&page, person));
            }
        })
    }
    /// See [`super::Locked::append`].
    fn append<'a>(self: Box<Self>, expected: Position, batch: &'a Batch) -> Given<'a, ()>;
}
