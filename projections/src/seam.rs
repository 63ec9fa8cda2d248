//! Two incarnations as one history: the kept entries of the first, then the second, which goes on from them.
//!
//! Positions are counted through: entry 1 of the second incarnation stands after the last kept one. Entries that the first
//! had behind that are lost and are never shown.

use qonys_events::scalar::Position;

use crate::port::{Feed, FeedError, Stored};

/// One feed out of two.
pub struct Seam<A, B> {
    first: A,
    kept: Position,
    second: B,
}

impl<A, B> Seam<A, B> {
    /// The first incarnation up to `kept`, as the first entry of the second one says, then the second.
    pub fn new(first: A, kept: Position, second: B) -> Self {
        Self {
            first,
            kept,
            second,
        }
    }
}

impl<A: Feed, B: Feed> Feed for Seam<A, B> {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let kept = self.kept.0;
        if after.0 < kept {
            let room = usize::try_from(kept - after.0).unwrap_or(usize::MAX);
            let page = self.first.read(after, max.min(room)).await?;
            return match page.last() {
                // What is kept must be there: its end is not the end of the history.
                None => Err(FeedError::Broken(format!(
                    "the kept entries end at {after}, before {kept}"
                ))),
                Some(_) => Ok(page),
            };
        }
        let mut page = self.second.read(Position(after.0 - kept), max).await?;
        for stored in &mut page {
            stored.position.0 += kept;
            stored.before += kept;
        }
        Ok(page)
    }
}
