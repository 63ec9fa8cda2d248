//! The log as a feed of the projections' runner, and one that adds up what was read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use qonys_events::{
    scalar::Position,
    tree::{Frontier, leaf_hash},
};
use qonys_projections::port::{Feed, FeedError, Stored};

use tokio::task::JoinHandle;

use crate::log::{Log, LogError};

/// The log, read by keyset. What the store answers is complete or an error: a page with a gap is refused.
#[derive(Clone)]
pub struct LogFeed(Log);

impl LogFeed {
    /// Reads this log.
    pub fn new(log: &Log) -> Self {
        Self(log.clone())
    }
}

/// The whole history: what is kept of the incarnations before, then the log. Positions are counted through.
#[derive(Clone)]
pub struct HistoryFeed(Log);

impl HistoryFeed {
    /// Reads the history of this log.
    pub fn new(log: &Log) -> Self {
        Self(log.clone())
    }
}

/// A member in the written text of an entry, which holds it before any that could hold its name.
fn member<'a>(text: &'a str, begins: &str) -> Option<&'a str> {
    let from = text.find(begins)? + begins.len();
    text[from..].split('"').next()
}

/// An entry with the position and the time that its own text says. The position must be the next one.
fn stored(text: String, position: Position) -> Result<Stored, FeedError> {
    let says = member(&text, r#","position":""#).and_then(|said| said.parse().ok());
    if says != Some(position) {
        let said = says.map_or_else(|| "none".to_owned(), |said| said.to_string());
        return Err(FeedError::Broken(format!(
            "the log gives entry {said} where {position} must stand"
        )));
    }
    let time = member(&text, r#","time":""#).and_then(|time| time.parse().ok());
    let time = time.ok_or_else(|| FeedError::Broken(format!("entry {position} has no time")))?;
    Ok(Stored {
        position,
        before: 0,
        time,
        text,
    })
}

/// The log's answer as a feed's.
fn refused(error: LogError) -> FeedError {
    match error {
        LogError::Refused(why) => FeedError::Broken(why),
        error => FeedError::Unavailable(error.to_string()),
    }
}

impl Feed for LogFeed {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let limit = u32::try_from(max).unwrap_or(u32::MAX);
        match self.0.read_texts(after, limit).await {
            Ok(page) => (after.0 + 1..)
                .zip(page)
                .map(|(position, text)| stored(text, Position(position)))
                .collect(),
            Err(error) => Err(refused(error)),
        }
    }
}

impl Feed for HistoryFeed {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let before = self.0.before();
        if after.0 >= before {
            let mut page = LogFeed(self.0.clone())
                .read(Position(after.0 - before), max)
                .await?;
            for stored in &mut page {
                stored.position.0 += before;
                stored.before = before;
            }
            return Ok(page);
        }
        let limit = u32::try_from(max).unwrap_or(u32::MAX);
        let (before, page) = self.0.read_history(after, limit).await.map_err(refused)?;
        let kept = page.into_iter().map(|recorded| {
            let mut stored = stored(recorded.text, recorded.position)?;
            stored.position.0 += before;
            stored.before = before;
            Ok(stored)
        });
        kept.collect()
    }
}

/// The next page, while it is read: what it comes after, how long it may be.
type Coming = (Position, usize, JoinHandle<Result<Vec<Stored>, FeedError>>);

/// A log, read ahead: while one page is folded, the next one is on its way. For those who read it from end to end.
pub(super) struct Ahead<F> {
    feed: F,
    next: Mutex<Option<Coming>>,
}

impl<F> Ahead<F> {
    /// Reads this feed ahead.
    pub(super) fn new(feed: F) -> Self {
        Self {
            feed,
            next: Mutex::default(),
        }
    }

    fn next(&self) -> MutexGuard<'_, Option<Coming>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Feed + Clone + 'static> Feed for Ahead<F> {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let coming = self.next().take();
        let page = match coming {
            Some((from, room, page)) if (from, room) == (after, max) => page
                .await
                .map_err(|error| FeedError::Unavailable(error.to_string()))?,
            _ => self.feed.read(after, max).await,
        }?;
        // A page that is not full is the end of the log as it stood.
        if let Some(last) = page.last().filter(|_| page.len() == max) {
            let (feed, from) = (self.feed.clone(), last.position);
            let page = tokio::spawn(async move { feed.read(from, max).await });
            *self.next() = Some((from, max, page));
        }
        Ok(page)
    }
}

impl<F> Drop for Ahead<F> {
    fn drop(&mut self) {
        if let Some((_, _, page)) = self.next().take() {
            page.abort();
        }
    }
}

/// A feed that keeps the Merkle tree of everything it gave from the first entry of an incarnation on, each entry once.
pub(super) struct Proved<F> {
    feed: F,
    /// How many entries stand before that incarnation.
    before: u64,
    tree: Mutex<Frontier>,
}

impl<F> Proved<F> {
    /// A tree over what this feed gives after the entries before.
    pub(super) fn new(feed: F, before: u64) -> Self {
        Self {
            feed,
            before,
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
            if stored.position.0 == self.before + tree.size() + 1 {
                tree.push(leaf_hash(stored.text.as_bytes()));
            }
        }
        drop(tree);
        Ok(page)
    }
}
