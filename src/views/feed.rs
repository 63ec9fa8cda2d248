//! The log as a feed of the projections' runner, and one that adds up what was read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use qonys_events::{
    scalar::{Instant, Position},
    tree::{Frontier, leaf_hash},
};
use qonys_projections::port::{Feed, FeedError, Stored};

use crate::log::{Log, LogError, Recorded};

/// The log, read by keyset. What the store answers is complete or an error: the log itself refuses a page with a gap.
#[derive(Clone)]
pub struct LogFeed(Log);

impl LogFeed {
    /// Reads this log.
    pub fn new(log: &Log) -> Self {
        Self(log.clone())
    }
}

/// The time that stands in the text of an entry.
fn time_of(recorded: &Recorded) -> Result<Instant, FeedError> {
    let after = recorded.text.split_once(r#","time":""#);
    let time = after.and_then(|(_, rest)| rest.split_once('"'));
    time.and_then(|(time, _)| time.parse().ok())
        .ok_or_else(|| FeedError::Broken(format!("entry {} has no time", recorded.position)))
}

impl Feed for LogFeed {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let limit = u32::try_from(max).unwrap_or(u32::MAX);
        let read = self.0.read_after(after, limit).await;
        let stored = |recorded: Recorded| {
            Ok(Stored {
                position: recorded.position,
                before: 0,
                time: time_of(&recorded)?,
                text: recorded.text,
            })
        };
        match read {
            Ok(page) => page.into_iter().map(stored).collect(),
            Err(LogError::Refused(why)) => Err(FeedError::Broken(why)),
            Err(error) => Err(FeedError::Unavailable(error.to_string())),
        }
    }
}

/// A feed that keeps the Merkle tree of everything it gave from the first entry on, each entry once.
pub(super) struct Proved<F> {
    feed: F,
    tree: Mutex<Frontier>,
}

impl<F> Proved<F> {
    /// A tree over what this feed gives.
    pub(super) fn new(feed: F) -> Self {
        Self {
            feed,
            tree: Mutex::default(),
        }
    }

    /// The tree so far.
    pub(super) fn tree(&self) -> Frontier {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Frontier> {
        // A panic elsewhere leaves the tree of some prefix, which the comparison with the head finds.
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Feed> Feed for Proved<F> {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let page = self.feed.read(after, max).await?;
        let mut tree = self.lock();
        for stored in &page {
            if stored.position.0 == tree.size() + 1 {
                tree.push(leaf_hash(stored.text.as_bytes()));
            }
        }
        drop(tree);
        Ok(page)
    }
}
