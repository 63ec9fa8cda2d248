//! What may be asked of the views: the port between those who are asked (`http`, `web`, `cli`) and those who keep the
//! rows (`views`). It is narrow in verbs and wide in tables: whatever a view keeps can be asked for here.
//!
//! Every question names the position that it is about. The caller turns "as of" into a position first
//! ([`Queries::point`]) and then asks as often as it needs: all its answers belong together, whatever is recorded
//! meanwhile.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use qonys_events::{
    digest::Sha256Hex,
    id::Line,
    scalar::{Day, Instant, Position},
    term::ClockKind,
};
use qonys_projections::{
    as_of::AsOf,
    indicators::monitor::{Monitor, TABLES},
    quota::board::QuotaBoard,
    table::{Key, Row, Table, Value},
};

pub mod queue;

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
    /// The log has no such position; it ends at this one.
    #[error("the log ends at position {0}")]
    BeyondEnd(Position),
    /// The views cannot be reached or are broken.
    #[error("the views are unavailable: {0}")]
    Unavailable(String),
}

/// The digest of a frozen report: SHA-256 over a line that names list, day and position, and one line of JSON per row, in
/// the order of the keys.
pub fn report_digest(
    list: &str,
    day: &str,
    position: &str,
    rows: &[serde_json::Value],
) -> Sha256Hex {
    let mut text = format!("qonys/report/1 {list} {day} {position}\n");
    for row in rows {
        text.push_str(&row.to_string());
        text.push('\n');
    }
    Sha256Hex::of(text.as_bytes())
}

/// A point in the recorded history: whole commands up to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The last entry that is known; always the last of a command. 0 when nothing is.
    pub position: Position,
    /// The time of that entry.
    pub time: Option<Instant>,
}

impl Point {
    /// The day that a question without one is about: of the time that it was asked as of; in a log with a simulated clock,
    /// of the point's own time; else today.
    pub fn usual_day(&self, as_of: AsOf, clock: ClockKind, now: Instant, zone: &TimeZone) -> Day {
        let at = match (as_of, self.time) {
            (AsOf::Time(time), _) => time,
            (_, Some(time)) if clock == ClockKind::Simulated => time,
            _ => now,
        };
        Day::of(at, zone)
    }
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

    /// Waits until every view has come to a position, at most so long; gives where they stand then.
    /// [`Unanswered::Behind`] when the time is over, [`Unanswered::BeyondEnd`] where the log has no such position.
    fn wait_for(&self, position: Position, at_most: Duration) -> Asked<'_, Position>;

    /// Rounds down to whole commands; [`Unanswered::Behind`] when the views have not come so far,
    /// [`Unanswered::BeyondEnd`] where the log has no such position.
    fn point(&self, as_of: AsOf) -> Asked<'_, Point>;

    /// The register of acts and the quota lines as known at a position, with the places that are held and committed on a
    /// day: computes the board of that day, how each act stands on any day, and what amendments did. Norms and powers
    /// are not in it: ask for their rows.
    fn board(&self, at: Position, day: Day) -> Asked<'_, QuotaBoard>;

    /// The same register and lines with the places of one line on every day, and of no other line: what the history of
    /// that line is computed from.
    fn line<'a>(&'a self, at: Position, line: &'a Line) -> Asked<'a, QuotaBoard>;

    /// Rows of one table.
    fn rows(&self, wanted: Rows) -> Asked<'_, Vec<Row>>;
}

/// Every row that a question wants, asked for page by page.
pub async fn every(queries: &dyn Queries, wanted: Rows) -> Result<Vec<Row>, Unanswered> {
    let mut all = Vec::new();
    let mut next = wanted;
    loop {
        let page = queries.rows(next.clone()).await?;
        let last = page.last().map(|row| next.table.key_of(row));
        let is_full = page.len() == next.limit as usize;
        all.extend(page);
        match last {
            Some(last) if is_full => next.after = Some(last),
            _ => return Ok(all),
        }
    }
}

/// Indicators, releases and reconciliations as known at a position (point 4).
pub async fn monitor(queries: &dyn Queries, at: Position) -> Result<Monitor, Unanswered> {
    let mut monitor = Monitor::default();
    for table in TABLES {
        for row in every(queries, Rows::of(table, at)).await? {
            let taken = monitor.take_row(table, &row);
            taken.map_err(|error| Unanswered::Unavailable(error.to_string()))?;
        }
    }
    Ok(monitor)
}
