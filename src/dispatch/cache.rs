//! The streams in memory: loaded from the log when a decision needs them, kept up to the head that this process knows.

use std::{
    collections::{HashMap, HashSet},
    num::NonZeroUsize,
};

use lru::LruCache;
use qonys_domain::streams::{Stream, Streams};
use qonys_events::{
    digest::Sha256Hex,
    entry::{BadEntry, Entry},
    event::Event,
    fault::Fault,
    id::{Ref, StreamId},
    scalar::{Position, StreamSeq},
    tree::{Frontier, leaf_hash},
};

use tracing::warn;

use super::{
    settled::Settled,
    snapshot::{Snapshots, Taker},
};
use crate::log::{Head, Locked, Log, LogError, Recorded};

/// Memory for streams between batches, in bytes as [`Stream::bytes`] counts them.
const STREAM_BYTES_MAX: usize = 256 << 20;
/// Leaf hashes and ids of entries that may be adopted or corrected, and subjects of commands that may be referred to.
const RECENT_MAX: NonZeroUsize = NonZeroUsize::new(100_000).expect("not zero");
/// Entries of a stream that is loaded together with others.
const SHORT_MAX: u32 = 32;
/// Entries read in one page.
const PAGE: u32 = 1_000;

/// Where entries are read from: the log, or the log under the append lock.
pub(super) enum Reads<'a> {
    Free(&'a Log),
    Locked(&'a mut Locked),
}

impl Reads<'_> {
    pub(super) async fn after(&mut self, position: Position) -> Result<Vec<Recorded>, LogError> {
        match self {
            Self::Free(log) => log.read_after(position, PAGE).await,
            Self::Locked(log) => log.read_after(position, PAGE).await,
        }
    }

    pub(super) async fn stream(
        &mut self,
        id: &StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Result<Vec<Recorded>, LogError> {
        match self {
            Self::Free(log) => log.read_stream(id, after, limit).await,
            Self::Locked(log) => log.read_stream(id, after, limit).await,
        }
    }

    async fn streams(&mut self, ids: &[StreamId], limit: u32) -> Result<Vec<Recorded>, LogError> {
        match self {
            Self::Free(log) => log.read_streams(ids, limit).await,
            Self::Locked(log) => log.read_streams(ids, limit).await,
        }
    }

    /// The applications in which a person is the applicant.
    pub(super) async fn applications_of(&mut self, person: Ref) -> Result<Vec<Ref>, LogError> {
        match self {
            Self::Free(log) => log.applications_of(person).await,
            Self::Locked(log) => log.applications_of(person).await,
        }
    }

    pub(super) async fn commands(
        &mut self,
        ids: &[Ref],
    ) -> Result<crate::log::FirstAnswers, LogError> {
        match self {
            Self::Free(log) => log.commands(ids).await,
            Self::Locked(log) => log.commands(ids).await,
        }
    }
}

/// Streams, leaves and subjects as of [`Cache::head`].
pub(super) struct Cache {
    /// Everything in the cache is as of this head, plus the batch that is being decided.
    pub(super) head: Head,
    streams: LruCache<StreamId, Stream>,
    /// What they take in memory.
    bytes: usize,
    /// Those of them that are long and written ahead of the log, as they stand in it.
    settled: Settled,
    leaves: LruCache<(StreamId, StreamSeq), (Sha256Hex, Ref)>,
    entries: LruCache<(StreamId, StreamSeq), Ref>,
    subjects: LruCache<Ref, Ref>,
    /// Commands that came by a short time ago.
    stored: LruCache<Ref, ()>,
    /// Streams and versions that the batch being decided has made.
    touched: Vec<(StreamId, StreamSeq)>,
    /// The same of the batch that is on its way to disk.
    under_way: Vec<(StreamId, StreamSeq)>,
    snapshots: Option<(Snapshots, Taker)>,
}

impl Streams for Cache {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.streams.peek(id)
    }
}

/// An entry that stands in the log and cannot be read: the log is broken, or written by a newer version.
fn unreadable(position: Position, error: &BadEntry) -> LogError {
    LogError::Unavailable(format!("entry {position} cannot be read: {error}"))
}

impl Cache {
    pub(super) fn new(head: Head, snapshots: Option<(Snapshots, Taker)>) -> Self {
        Self {
            head,
            bytes: 0,
            settled: Settled::default(),
            snapshots,
            // Trimmed between batches only: a batch never loses a stream that it has touched.
            streams: LruCache::unbounded(),
            leaves: LruCache::new(RECENT_MAX),
            entries: LruCache::new(RECENT_MAX),
            subjects: LruCache::new(RECENT_MAX),
            stored: LruCache::new(RECENT_MAX),
            touched: Vec::new(),
            under_way: Vec::new(),
        }
    }

    /// Forgets everything, as after an error whose effect is not known.
    pub(super) fn reset(&mut self, head: Head) {
        if Fault::CacheKept.planted() {
            self.head = head;
            return;
        }
        *self = Self::new(head, self.snapshots.take());
    }

    /// Loads a stream as of the known head; entries above it belong to a tail that is not folded yet. A long one is
    /// opened from its snapshot.
    pub(super) async fn load(
        &mut self,
        id: &StreamId,
        reads: &mut Reads<'_>,
    ) -> Result<(), LogError> {
        let (mut stream, from) = self.opened(id, reads).await?;
        'pages: loop {
            let page = reads.stream(id, stream.seq, PAGE).await?;
            let full = page.len() == PAGE as usize;
            for recorded in page {
                if !recorded.kept && recorded.position > self.head.position {
                    break 'pages;
                }
                let entry =
                    Entry::parse(&recorded.text).map_err(|e| unreadable(recorded.position, &e))?;
                stream.apply(&entry.event);
            }
            if !full {
                break;
            }
        }
        if let Some((snapshots, taker)) = &self.snapshots
            && stream.seq.0 - from.0 >= snapshots.every()
        {
            taker.tell(id);
        }
        self.put(id.clone(), stream);
        Ok(())
    }

    /// Where the loading of a stream begins: its snapshot, if the log holds the entry that it was taken at, or nothing.
    async fn opened(
        &self,
        id: &StreamId,
        reads: &mut Reads<'_>,
    ) -> Result<(Stream, StreamSeq), LogError> {
        if let Some((snapshots, _)) = &self.snapshots
            && let Some(taken) = snapshots.newest(id, self.head.position)
        {
            let seq = taken.stream.seq;
            let there = reads.stream(id, taken.before_last(), 1).await?;
            let same = there
                .first()
                .is_some_and(|recorded| taken.ends_at(recorded));
            if same {
                return Ok((taken.stream, seq));
            }
            warn!(stream = %id, %seq, "a snapshot was taken of another log; it is deleted");
            snapshots.forget(id, seq);
        }
        Ok((Stream::empty(id.kind()), StreamSeq(0)))
    }

    fn put(&mut self, id: StreamId, stream: Stream) {
        self.settled.take(&id);
        self.bytes += stream.bytes();
        if let Some(before) = self.streams.put(id, stream) {
            self.bytes -= before.bytes();
        }
    }

    fn drop_stream(&mut self, id: &StreamId) {
        self.settled.take(id);
        if let Some(stream) = self.streams.pop(id) {
            self.bytes -= stream.bytes();
        }
    }

    /// Loads many streams with one question. Long ones, and those that grow meanwhile, are left to [`Self::load`].
    pub(super) async fn load_short(
        &mut self,
        ids: &[StreamId],
        reads: &mut Reads<'_>,
    ) -> Result<(), LogError> {
        let mut read: HashMap<StreamId, Stream> = HashMap::new();
        for recorded in reads.streams(ids, SHORT_MAX).await? {
            if !recorded.kept && recorded.position > self.head.position {
                continue;
            }
            let kind = recorded.stream.kind();
            let entry =
                Entry::parse(&recorded.text).map_err(|e| unreadable(recorded.position, &e))?;
            let stream = read
                .entry(recorded.stream)
                .or_insert_with(|| Stream::empty(kind));
            stream.apply(&entry.event);
        }
        for id in ids {
            let stream = read.remove(id).unwrap_or_else(|| Stream::empty(id.kind()));
            if stream.seq.0 < u64::from(SHORT_MAX) {
                self.put(id.clone(), stream);
            }
        }
        Ok(())
    }

    /// Whether a stream is loaded.
    pub(super) fn holds(&self, id: &StreamId) -> bool {
        self.streams.contains(id)
    }

    /// A loaded stream, as it stands.
    pub(super) fn peek(&self, id: &StreamId) -> Option<Stream> {
        self.streams.peek(id).cloned()
    }

    /// The version of a loaded stream.
    pub(super) fn version(&mut self, id: &StreamId) -> StreamSeq {
        self.streams
            .get(id)
            .map_or(StreamSeq(0), |stream| stream.seq)
    }

    /// Applies an event of the batch that is being decided.
    pub(super) fn apply(
        &mut self,
        id: &StreamId,
        event: &Event,
        entry: Ref,
        leaf: (Sha256Hex, Ref),
    ) {
        if let Some(stream) = self.streams.get_mut(id) {
            let before = stream.bytes();
            self.settled.ahead(id, stream, event);
            stream.apply(event);
            self.bytes = self.bytes + stream.bytes() - before;
            self.touched.push((id.clone(), stream.seq));
            self.leaves.put((id.clone(), stream.seq), leaf);
            self.entries.put((id.clone(), stream.seq), entry);
        }
    }

    /// The batch is stored: what it changed stays.
    pub(super) fn settle(&mut self, head: Head) {
        let touched = std::mem::take(&mut self.touched);
        self.grown(&touched);
        self.head = head;
        self.trim();
    }

    /// The batch is on its way to disk: from now on the head is the one that it will leave. Gives the head before it.
    pub(super) fn launch(&mut self, head: Head) -> Head {
        self.under_way = std::mem::take(&mut self.touched);
        std::mem::replace(&mut self.head, head)
    }

    /// The batch on its way is stored: what it changed stays, and its commands are known.
    pub(super) fn landed(&mut self, commands: impl IntoIterator<Item = Ref>) {
        let stored = std::mem::take(&mut self.under_way);
        self.grown(&stored);
        for command in commands {
            self.stored.put(command, ());
        }
        self.trim();
    }

    /// What was written ahead is stored. Streams that have come to another round number of events deserve a snapshot.
    fn grown(&mut self, stored: &[(StreamId, StreamSeq)]) {
        for (id, _) in stored {
            self.settled.stored(id);
        }
        let Some((snapshots, taker)) = &self.snapshots else {
            return;
        };
        let every = snapshots.every();
        let round = stored.iter().filter(|(_, seq)| seq.0.is_multiple_of(every));
        round.for_each(|(id, _)| taker.tell(id));
    }

    /// Drops what was not used for longest, down to the budget. What batches in progress touched is never dropped.
    fn trim(&mut self) {
        if self.bytes + self.settled.bytes() <= STREAM_BYTES_MAX {
            return;
        }
        let touched = self.touched.iter().chain(&self.under_way);
        let pinned: HashSet<StreamId> = touched.map(|(id, _)| id.clone()).collect();
        while self.bytes + self.settled.bytes() > STREAM_BYTES_MAX
            && let Some((oldest, _)) = self.streams.peek_lru()
            && !pinned.contains(oldest)
        {
            let oldest = oldest.clone();
            self.drop_stream(&oldest);
        }
    }

    /// The batch on its way is not stored, and what was decided on it is void: all that they changed is as it was, or dropped.
    pub(super) fn forget(&mut self, before: Head) {
        let mut lost = std::mem::take(&mut self.under_way);
        self.touched.append(&mut lost);
        self.forget_batch();
        self.head = before;
    }

    /// The batch is not stored: what it changed is as it was, or dropped.
    pub(super) fn forget_batch(&mut self) {
        if Fault::CacheKept.planted() {
            self.touched.clear();
        }
        let mut changed: HashSet<StreamId> = HashSet::new();
        for (id, seq) in std::mem::take(&mut self.touched) {
            self.leaves.pop(&(id.clone(), seq));
            self.entries.pop(&(id.clone(), seq));
            changed.insert(id);
        }
        for id in changed {
            match self.settled.take(&id) {
                Some(stream) => self.put(id, stream),
                None => self.drop_stream(&id),
            }
        }
    }

    /// A stream of which nothing can stand in the log: its reference was drawn for a command that is not stored.
    pub(super) fn begin(&mut self, id: &StreamId) {
        self.put(id.clone(), Stream::empty(id.kind()));
    }

    /// Folds the entries that others appended since the known head.
    pub(super) async fn catch_up(&mut self, reads: &mut Reads<'_>) -> Result<(), LogError> {
        loop {
            let page = reads.after(self.head.position).await?;
            let full = page.len() == PAGE as usize;
            for recorded in page {
                let entry =
                    Entry::parse(&recorded.text).map_err(|e| unreadable(recorded.position, &e))?;
                self.settled
                    .foreign(&recorded.stream, recorded.streamseq, &entry.event);
                if let Some(stream) = self.streams.peek_mut(&recorded.stream)
                    && stream.seq < recorded.streamseq
                {
                    let before = stream.bytes();
                    stream.apply(&entry.event);
                    self.bytes = self.bytes + stream.bytes() - before;
                }
                let mut frontier: Frontier = std::mem::take(&mut self.head.frontier);
                frontier.push(leaf_hash(recorded.text.as_bytes()));
                self.head = Head {
                    position: recorded.position,
                    time: Some(entry.place.time),
                    frontier,
                };
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// The leaf hash of an entry of a stream, and the official who gave the command that wrote it.
    pub(super) async fn leaf(
        &mut self,
        id: &StreamId,
        seq: StreamSeq,
        reads: &mut Reads<'_>,
    ) -> Result<Option<(Sha256Hex, Ref)>, LogError> {
        let key = (id.clone(), seq);
        if let Some(leaf) = self.leaves.get(&key) {
            return Ok(Some(*leaf));
        }
        let before = StreamSeq(seq.0.saturating_sub(1));
        let found = reads.stream(id, before, 1).await?;
        let Some(recorded) = found.first() else {
            return Ok(None);
        };
        let entry = Entry::parse(&recorded.text).map_err(|e| unreadable(recorded.position, &e))?;
        let hash = leaf_hash(recorded.text.as_bytes());
        let leaf = (hash, entry.command.actor.actor);
        self.leaves.put(key, leaf);
        Ok(Some(leaf))
    }

    /// The id of an entry of a stream, also of one that the batch being decided has made.
    pub(super) async fn entry_id(
        &mut self,
        id: &StreamId,
        seq: StreamSeq,
        reads: &mut Reads<'_>,
    ) -> Result<Option<Ref>, LogError> {
        if let Some(entry) = self.entries.get(&(id.clone(), seq)) {
            return Ok(Some(*entry));
        }
        let before = StreamSeq(seq.0.saturating_sub(1));
        let found = reads.stream(id, before, 1).await?.into_iter().next();
        let Some(recorded) = found.filter(|recorded| recorded.streamseq == seq) else {
            return Ok(None);
        };
        let entry = Entry::parse(&recorded.text).map_err(|e| unreadable(recorded.position, &e))?;
        Ok(Some(entry.place.id))
    }

    /// Whether a command came by a short time ago. One that did not may be stored all the same.
    pub(super) fn knows(&self, command: Ref) -> bool {
        self.stored.contains(&command)
    }

    /// Remembers what a command records, so that later commands may refer to it before it is stored.
    pub(super) fn remember_subject(&mut self, command: Ref, subject: Ref) {
        self.subjects.put(command, subject);
    }

    /// What a command recorded, if it is recent.
    pub(super) fn subject(&self, command: Ref) -> Option<Ref> {
        self.subjects.peek(&command).copied()
    }
}
