//! The two ports of the runner: where entries come from ([`Feed`]) and where rows go ([`Sink`]). Both are promises; the
//! runner is correct on whatever keeps them.
//!
//! | | Feed | Sink |
//! |---|---|---|
//! | durability | shows only entries that no crash takes back | what `apply` answered `Ok` to survives a crash |
//! | consistency | one order, dense, the same bytes each time | rows and checkpoints change together or not at all |
//! | who retries | the caller of the runner | the caller of the runner |
//! | absent | no entries: an empty list | no checkpoint: `None`; no rows: an empty list |
//!
//! An error is never "nothing there". After any error the runner forgets what it knew of the sink and reads the
//! checkpoints again, so an `apply` whose outcome is unknown is neither lost nor repeated.

use std::future::Future;

use qonys_events::scalar::{Instant, Position};

use crate::table::{Key, Row, Table, TableChanges};

/// One entry as the log stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log, counted through all incarnations.
    pub position: Position,
    /// How many entries stand before the first one of its incarnation; 0 in the first.
    pub before: u64,
    /// Its time.
    pub time: Instant,
    /// Its bytes.
    pub text: String,
}

/// Why a feed gave no answer. Nothing has changed anywhere.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The log cannot be reached now; the same call may succeed later.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// What the log holds is not what it promises; no retry helps.
    #[error("the log is broken: {0}")]
    Broken(String),
}

/// Reads the log in order.
///
/// - Durability: every entry shown stays; on a replica, only what the required standbys have flushed.
/// - Consistency: `read(after, max)` gives the entries at `after + 1`, `after + 2` … without a gap, at most `max` of
///   them, at least one if there is any; whatever else is running, an entry is never missed. The bytes are those of the
///   append.
/// - Retries: none inside. The caller of the runner decides when to try again.
/// - Absence: an empty list says that nothing stands after `after` now. Anything else that keeps entries back, a lost
///   connection above all, is an error and never a shorter list that looks like the end.
pub trait Feed: Send + Sync {
    /// The entries after a position, in order.
    fn read(
        &self,
        after: Position,
        max: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, FeedError>> + Send;
}

/// How far a projection has come in a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The version of the fold that wrote the rows.
    pub version: u32,
    /// The last position that it has finished with; always the last of a command.
    pub position: Position,
}

/// A checkpoint that moves with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// The projection.
    pub projection: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// Where it stood when the batch was made; position 0 stands for no checkpoint.
    pub from: Position,
    /// Where it stands with the batch.
    pub to: Position,
}

/// Rows and checkpoints that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// What happens to each table, by table name; tables that do not change are left out.
    pub tables: Vec<TableChanges>,
    /// The checkpoints that move.
    pub advances: Vec<Advance>,
}

/// Why a sink did not do it. Nothing of the batch is applied, with the one exception that is named.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The sink cannot be reached, or the connection died. At `apply` the batch is applied whole or not at all, and it is
    /// not known which: the checkpoint tells.
    #[error("the views are unavailable: {0}")]
    Unavailable(String),
    /// A checkpoint does not stand where the batch starts: somebody else has applied it, or more.
    #[error("the checkpoint of {projection} stands at {found}, not at {expected}")]
    Moved {
        /// The projection.
        projection: String,
        /// Where the batch starts.
        expected: Position,
        /// Where the checkpoint stands.
        found: Position,
    },
    /// The sink holds what no fold of this version wrote: a key twice, a row to close that is not open. Rebuild.
    #[error("the views are broken: {0}")]
    Broken(String),
}

/// Keeps rows and checkpoints.
///
/// - Durability: after `Ok` from `apply`, the batch survives a crash. (A sink may be weaker only where it is thrown away
///   on every crash, since views are rebuilt from the log.)
/// - Consistency: `apply` is one transaction. It first compares each checkpoint with [`Advance::from`] under a lock that
///   a second runner waits for, and answers [`SinkError::Moved`] without changing anything when one differs: a batch
///   delivered twice is applied once. Readers see a batch whole or not at all. `known` and `scan` read committed rows.
/// - Retries: none inside. The caller of the runner tries again; every call may be repeated after any error.
/// - Absence: `None` and empty lists. An error never means "no row".
pub trait Sink: Send + Sync {
    /// The checkpoint of a projection; `None` when it has never applied a batch here.
    fn checkpoint(
        &self,
        projection: &str,
    ) -> impl Future<Output = Result<Option<Checkpoint>, SinkError>> + Send;

    /// The rows of these entities whose `recorded_to` is null, in any order. Called once per table and batch, with at
    /// most a few keys per entry of the batch; each entity has few such rows.
    fn known(
        &self,
        table: &'static Table,
        entities: &[Key],
    ) -> impl Future<Output = Result<Vec<Row>, SinkError>> + Send;

    /// Applies a batch: inserts, closes and checkpoints, in one transaction.
    fn apply(&self, batch: &Batch) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// At most `max` rows of a table with primary keys above `after`, in the order of the primary key (numbers by size,
    /// text by bytes). Empty when there is none.
    fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> impl Future<Output = Result<Vec<Row>, SinkError>> + Send;
}

impl<F: Feed> Feed for &F {
    fn read(
        &self,
        after: Position,
        max: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, FeedError>> + Send {
        (**self).read(after, max)
    }
}

impl<S: Sink> Sink for &S {
    fn checkpoint(
        &self,
        projection: &str,
    ) -> impl Future<Output = Result<Option<Checkpoint>, SinkError>> + Send {
        (**self).checkpoint(projection)
    }

    fn known(
        &self,
        table: &'static Table,
        entities: &[Key],
    ) -> impl Future<Output = Result<Vec<Row>, SinkError>> + Send {
        (**self).known(table, entities)
    }

    fn apply(&self, batch: &Batch) -> impl Future<Output = Result<(), SinkError>> + Send {
        (**self).apply(batch)
    }

    fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> impl Future<Output = Result<Vec<Row>, SinkError>> + Send {
        (**self).scan(table, after, max)
    }
}
