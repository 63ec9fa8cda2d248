//! The loop: read entries, round to whole commands, fold, hand changes and checkpoints to the sink in one call.
//!
//! The runner starts nothing and waits for nothing: the caller drives it, once up to a position
//! ([`Runner::catch_up_to`]) or batch by batch ([`Runner::step`]) whenever the log has grown. There is no other path for
//! live entries than for old ones.

use std::collections::HashMap;

use qonys_events::{
    crash::CrashPoint,
    entry::{BadEntry, MAX_EVENTS_PER_COMMAND},
    fault::Fault,
    scalar::Position,
};

use crate::{
    pending::PendingChanges,
    port::{Advance, Batch, Feed, FeedError, Sink, SinkError, Stored},
    projection::{FoldError, Projection, Recorded, Wanted},
};

/// Entries per batch unless the caller says otherwise: a few megabytes of text.
pub const BATCH_ENTRIES: usize = 2_000;

/// Why a batch was not folded. Nothing of it stands in the sink, unless the error says that this is not known; the next
/// call goes on from the sink's checkpoints.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The feed gave no answer.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The sink did not do it.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The feed ended before the position that the caller knows to exist.
    #[error("the log ends at {at}, before {head}")]
    Ended {
        /// The last entry that the feed gave.
        at: Position,
        /// The position that was to be reached.
        head: Position,
    },
    /// The feed left out an entry.
    #[error("the log gives entry {found} where {expected} must stand")]
    OutOfOrder {
        /// The position that must come next.
        expected: Position,
        /// The one that came.
        found: Position,
    },
    /// An entry says another position or time of itself than the feed.
    #[error("entry {position} says another position or time of itself")]
    Misplaced {
        /// Where the feed gave it.
        position: Position,
    },
    /// A command has more entries than the format allows: its end was lost.
    #[error("the command after {after} has no end")]
    EndlessCommand {
        /// The last position before it.
        after: Position,
    },
    /// The bytes of an entry cannot be read.
    #[error("entry {position} cannot be read: {error}")]
    Entry {
        /// Its position.
        position: Position,
        /// Why.
        error: BadEntry,
    },
    /// A projection could not fold an entry.
    #[error("{projection} cannot fold entry {position}: {error}")]
    Fold {
        /// The projection.
        projection: &'static str,
        /// The entry.
        position: Position,
        /// Why.
        error: FoldError,
    },
    /// The sink's rows were written by another version of the fold: rebuild beside them and swap.
    #[error("{projection} stands in version {stored}, this one is {ours}")]
    OtherVersion {
        /// The projection.
        projection: &'static str,
        /// The version that wrote the rows.
        stored: u32,
        /// The version of this fold.
        ours: u32,
    },
}

/// Folds the entries of one feed into the rows of one sink, for several projections in one pass.
pub struct Runner<F, S> {
    feed: F,
    sink: S,
    projections: Vec<Box<dyn Projection>>,
    /// Which of them fold a type.
    by_type: HashMap<&'static str, Vec<usize>>,
    batch_entries: usize,
    /// Where each projection stands in the sink; `None` until it has been asked, and after every error.
    at: Option<Vec<Position>>,
    /// Entries that were read and do not end a command yet.
    tail: Vec<Recorded>,
}

impl<F: Feed, S: Sink> Runner<F, S> {
    /// A runner of these projections.
    pub fn new(feed: F, sink: S, projections: Vec<Box<dyn Projection>>) -> Self {
        let mut by_type: HashMap<_, Vec<usize>> = HashMap::new();
        for (n, projection) in projections.iter().enumerate() {
            for name in projection.types() {
                by_type.entry(*name).or_default().push(n);
            }
        }
        Self {
            feed,
            sink,
            projections,
            by_type,
            batch_entries: BATCH_ENTRIES,
            at: None,
            tail: Vec::new(),
        }
    }

    /// Reads at most this many entries at once, at least 1. A command that is longer is still folded in one batch.
    #[must_use]
    pub fn with_batch_entries(mut self, entries: usize) -> Self {
        self.batch_entries = entries.max(1);
        self
    }

    /// The sink.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// The sink, when the runner has done its work.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Folds batch by batch until every projection stands at `head`, or at the end of the last whole command at or
    /// before it, and says where that is. `head` is a position that the caller knows to exist: a feed that ends before
    /// it is an error. Entries behind `head` are not touched.
    pub async fn catch_up_to(&mut self, head: Position) -> Result<Position, RunError> {
        loop {
            let before = self.position().await?;
            let reached = self.step(head).await?;
            if reached >= head || reached == before {
                return Ok(reached);
            }
        }
    }

    /// Where the projection that lags most stands.
    pub async fn position(&mut self) -> Result<Position, RunError> {
        let at = match self.at.take() {
            Some(at) => at,
            None => self.ask().await?,
        };
        let least = at.iter().min().copied().unwrap_or_default();
        self.at = Some(at);
        Ok(least)
    }

    async fn ask(&self) -> Result<Vec<Position>, RunError> {
        let mut at = Vec::with_capacity(self.projections.len());
        for projection in &self.projections {
            let (name, ours) = (projection.name(), projection.version());
            at.push(match self.sink.checkpoint(name).await? {
                None => Position(0),
                Some(checkpoint) if checkpoint.version == ours => checkpoint.position,
                Some(other) => {
                    let stored = other.version;
                    return Err(RunError::OtherVersion {
                        projection: name,
                        stored,
                        ours,
                    });
                }
            });
        }
        Ok(at)
    }

    /// Folds at most one batch of entries up to `head` and says where the projections stand then. The same position as
    /// before says that no whole command ends between it and `head`.
    pub async fn step(&mut self, head: Position) -> Result<Position, RunError> {
        let done = self.try_step(head).await;
        if done.is_err() {
            // Whether the batch stands is the sink's to say.
            self.at = None;
            self.tail.clear();
        }
        done
    }

    async fn try_step(&mut self, head: Position) -> Result<Position, RunError> {
        let from = self.position().await?;
        if from >= head || self.projections.is_empty() {
            return Ok(from);
        }
        let whole = self.read_whole_commands(from, head).await?;
        self.apply(from, &whole).await
    }

    /// Folds entries that the caller has read and checked himself: whole commands, dense from the entry after
    /// [`Runner::position`] on. The feed is not asked.
    pub async fn fold_whole(&mut self, whole: &[Recorded]) -> Result<Position, RunError> {
        let from = self.position().await?;
        let mut expected = from;
        for entry in whole {
            expected = Position(expected.0 + 1);
            if entry.position() != expected {
                let found = entry.position();
                return Err(RunError::OutOfOrder { expected, found });
            }
        }
        if whole.last().is_some_and(|last| !last.ends_command()) {
            return Err(RunError::EndlessCommand { after: from });
        }
        let done = self.apply(from, whole).await;
        if done.is_err() {
            self.at = None;
        }
        done
    }

    /// Folds whole commands and hands what they change to the sink.
    async fn apply(&mut self, from: Position, whole: &[Recorded]) -> Result<Position, RunError> {
        let Some(to) = whole.last().map(Recorded::position) else {
            return Ok(from);
        };
        let at = self.at.clone().unwrap_or_default();
        let changes = self.fold(whole, &at).await?;
        let advances = self.projections.iter().zip(&at).filter(|(_, at)| **at < to);
        let advances = advances.map(|(projection, at)| Advance {
            projection: projection.name(),
            version: projection.version(),
            from: *at,
            to,
        });
        let batch = Batch {
            advances: advances.collect(),
            tables: changes.into_tables(),
        };
        CrashPoint::CommitViews.reach();
        if Fault::CheckpointFirst.planted() {
            let (first, batch) = (
                Batch {
                    tables: Vec::new(),
                    ..batch.clone()
                },
                Batch {
                    advances: Vec::new(),
                    ..batch
                },
            );
            self.sink.apply(&first).await?;
            self.sink.apply(&batch).await?;
        } else {
            self.sink.apply(&batch).await?;
        }
        CrashPoint::RowsKnown.reach();
        // From here on the batch has happened.
        self.at = Some(at.into_iter().map(|at| at.max(to)).collect());
        Ok(to)
    }

    /// The next entries up to the last one that ends a command; empty when none up to `head` does.
    async fn read_whole_commands(
        &mut self,
        from: Position,
        head: Position,
    ) -> Result<Vec<Recorded>, RunError> {
        // Somebody else may have moved the checkpoints since the tail was read.
        if self
            .tail
            .first()
            .is_some_and(|first| first.position().0 != from.0 + 1)
        {
            self.tail.clear();
        }
        loop {
            let ends = |entry: &Recorded| entry.ends_command() || Fault::FoldCut.planted();
            if let Some(end) = self.tail.iter().rposition(ends) {
                let rest = self.tail.split_off(end + 1);
                return Ok(std::mem::replace(&mut self.tail, rest));
            }
            let after = self.tail.last().map_or(from, Recorded::position);
            if after >= head {
                return Ok(Vec::new());
            }
            if self.tail.len() > MAX_EVENTS_PER_COMMAND {
                return Err(RunError::EndlessCommand { after: from });
            }
            let room = usize::try_from(head.0 - after.0).unwrap_or(usize::MAX);
            let stored = self.feed.read(after, self.batch_entries.min(room)).await?;
            if stored.is_empty() {
                return Err(RunError::Ended { at: after, head });
            }
            self.take(after, head, stored)?;
        }
    }

    /// Reads what the feed gave. What it gives again is passed over; what it leaves out is an error.
    fn take(
        &mut self,
        after: Position,
        head: Position,
        stored: Vec<Stored>,
    ) -> Result<(), RunError> {
        let mut last = after;
        for Stored {
            position,
            before,
            time,
            text,
        } in stored
        {
            if position <= last || position > head {
                continue;
            }
            let expected = Position(last.0 + 1);
            if position != expected {
                return Err(RunError::OutOfOrder {
                    expected,
                    found: position,
                });
            }
            let mut recorded =
                Recorded::read(text).map_err(|error| RunError::Entry { position, error })?;
            recorded.before = before;
            if recorded.position() != position || recorded.time() != time {
                return Err(RunError::Misplaced { position });
            }
            last = position;
            self.tail.push(recorded);
        }
        if last == after {
            Err(RunError::Ended { at: after, head })
        } else {
            Ok(())
        }
    }

    /// Folds the entries that each projection has not finished with.
    async fn fold(
        &self,
        entries: &[Recorded],
        at: &[Position],
    ) -> Result<PendingChanges, RunError> {
        let work = || {
            entries.iter().flat_map(|entry| {
                let folded = self.by_type.get(entry.event().fact.type_name());
                let due = folded.into_iter().flatten();
                let due = due.filter(move |n| at[**n] < entry.position());
                due.map(move |n| (&self.projections[*n], entry))
            })
        };
        let mut wanted = Wanted::default();
        work().for_each(|(projection, entry)| projection.reads(entry, &mut wanted));
        let mut changes = PendingChanges::default();
        for (table, entities) in wanted.0.into_values() {
            let entities: Vec<_> = entities.into_iter().collect();
            let rows = self.sink.known(table, &entities).await?;
            changes.load(table, entities, rows);
        }
        for (projection, entry) in work() {
            let (name, position) = (projection.name(), entry.position());
            let event = entry.event();
            let followed = || projection.follows_corrections(event.fact.type_name());
            let folded = if event.supersedes.is_some() && !followed() {
                Err(FoldError::Correction { position })
            } else {
                projection.fold(entry, &mut changes)
            };
            folded.map_err(|error| RunError::Fold {
                projection: name,
                position,
                error,
            })?;
        }
        Ok(changes)
    }
}
