//! Replaying: the whole log, or a prefix of it, read by keyset to an explicit end, with its count and its Merkle root.
//! Memory is that of two pages: one is read while the other is looked at. A connection that dies, a gap, an end that comes too early: each is an error.

use qonys_events::{
    digest::Sha256Hex,
    scalar::{Instant, Position},
    tree::{Frontier, leaf_hash},
};
use qonys_projections::port::{Feed as _, Stored};
use serde::Serialize;

use super::{
    ViewsError,
    feed::{Ahead, LogFeed},
};
use crate::log::Log;

/// Entries of one page.
const PAGE: usize = 1_000;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many entries: the position of the last one.
    pub count: Position,
    /// The RFC 6962 root over exactly these entries, recomputed from their bytes.
    pub root: Sha256Hex,
    /// The last position at or before the end at which the log keeps a head row.
    pub compared_at: Position,
    /// The root of that row, to which the recomputed one was found equal; `None` when there is none so early.
    pub compared_root: Option<Sha256Hex>,
    /// The time of the first entry.
    pub first: Option<Instant>,
    /// The time of the last entry.
    pub last: Option<Instant>,
}

/// Reads a log from its first entry to `to`, or to its end as it stands now, and hands every entry on in order.
///
/// # Errors
/// `BeyondEnd` where the log ends before `to`; `Run` where the log cannot be read to the end; `Broken` where an entry is
/// missing, or where the root is not the one that the log's head row says; the callback's own error as `Broken`.
pub async fn replay(
    log: &Log,
    to: Option<Position>,
    mut each: impl FnMut(&Stored, Position) -> std::io::Result<()>,
) -> Result<Replayed, ViewsError> {
    let end = log.head().await?.position;
    let to = to.unwrap_or(end);
    if to > end {
        return Err(ViewsError::BeyondEnd { wanted: to, end });
    }
    let head = log.head_at(to).await?;
    let feed = Ahead::new(LogFeed::new(log));
    let mut tree = Frontier::empty();
    let (mut first, mut last) = (None, None);
    while tree.size() < to.0 {
        let at = Position(tree.size());
        let room = usize::try_from(to.0 - at.0).unwrap_or(PAGE);
        let page = feed.read(at, room.min(PAGE)).await;
        let page = page.map_err(qonys_projections::runner::RunError::Feed)?;
        if page.is_empty() {
            return Err(ViewsError::Broken(format!(
                "the log ends at {at}, before {to}"
            )));
        }
        for stored in &page {
            tree.push(leaf_hash(stored.text.as_bytes()));
            if stored.position.0 != tree.size() || last.is_some_and(|time| stored.time <= time) {
                return Err(ViewsError::Broken(format!(
                    "entry {} is out of place or time",
                    stored.position
                )));
            }
            if tree.size() == head.position.0 && tree != head.frontier {
                return Err(ViewsError::Broken(format!(
                    "the entries up to {} have the root {}, the log's head says {}",
                    head.position,
                    tree.root(),
                    head.frontier.root()
                )));
            }
            first = first.or(Some(stored.time));
            last = Some(stored.time);
            each(stored, to).map_err(|e| ViewsError::Broken(format!("the output: {e}")))?;
        }
    }
    Ok(Replayed {
        count: to,
        root: tree.root(),
        compared_at: head.position,
        compared_root: (head.position > Position(0)).then(|| head.frontier.root()),
        first,
        last,
    })
}
