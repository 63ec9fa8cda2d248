//! What may be asked of the views: the port between those who are asked (`http`, `web`, `cli`) and those who keep the
//! rows (`views`). It is narrow in verbs and wide in tables: whatever a view keeps can be asked for here.
//!
//! Every question names the position that it is about. The caller turns "as of" into a position first
//! ([`Queries::point`]) and then asks as often as it needs: all its answers belong together, whatever is recorded
//! meanwhile.

use futures::future::BoxFuture;
use qonys_events::scalar::{Day, Position};
use qonys_projections::{
    as_of::AsOf,
    quota::board::QuotaBoard,
    table::{Key, Row, Table, Value},
};

/// Rows that one question gives at most.
pub const ROWS_MAX: u32 = 1_000;

/// An answer on its way.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Unanswered>>;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The views have not come as far as the question; they may soon.
    #[error("the views stand at position {0}")]
    Behind(Position),
    /// The views cannot be reached or are broken.
    #[error("the views are unavailable: {0}")]
    Unavailable(String),
}

/// Which rows of one table are wanted: those that the log said at a position, in the order of the primary key.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The table.
    pub table: &'static Table,
    /// As known at this position; rows that were closed later are shown open.
    pub at: Position,
    /// Only rows about this effective day; every day without it.
    pub day: Option<Day>,
    /// Columns that must hold a value.
    pub equal: Vec<(&'static str, Value)>,
    /// Only rows whose primary key lies above this one.
    pub after: Option<Key>,
    /// At most so many, from 1 to [`ROWS_MAX`].
    pub limit: u32,
}

impl Rows {
    /// The first [`ROWS_MAX`] rows of a table as known at a position.
    pub fn of(table: &'static Table, at: Position) -> Self {
        Self {
            table,
            at,
            day: None,
            equal: Vec::new(),
            after: None,
            limit: ROWS_MAX,
        }
    }

    /// Only rows in which a column holds a value.
    #[must_use]
    pub fn with(mut self, column: &'static str, value: Value) -> Self {
        self.equal.push((column, value));
        self
    }

    /// Only rows about a day, if one is given.
    #[must_use]
    pub fn on(mut self, day: Option<Day>) -> Self {
        self.day = day;
        self
    }
}

/// Answers questions about the register from its views.
///
/// - Consistency: an answer about a position shows exactly the entries up to it, whole commands only, however far the
///   views have come since.
/// - Absence: an empty list. An error never means "no row".
/// - Retries: none inside; every question may be asked again.
pub trait Queries: Send + Sync {
    /// How far every view has come: the last position of a whole command.
    fn position(&self) -> Asked<'_, Position>;

    /// The last position of a whole command up to a point; [`Unanswered::Behind`] when the views have not come so far.
    /// 0 when nothing was recorded by then.
    fn point(&self, as_of: AsOf) -> Asked<'_, Position>;

    /// The register of acts and the quota lines as known at a position: computes the board of any effective day, how
    /// each act stands on it, and what amendments did.
    fn board(&self, at: Position) -> Asked<'_, QuotaBoard>;

    /// Rows of one table.
    fn rows(&self, wanted: Rows) -> Asked<'_, Vec<Row>>;
}
