//! Questions to the views, answered by index. Every answer carries the position that it was computed at: whole commands
//! only, never half of one (promise P8). Answers are plain values; the command line and HTTP write the same ones.
//!
//! Two times: the *effective day* that a question is about, and the *recorded point* up to which the log is read. A row
//! that was closed later than the point is shown as it stood there.

use qonys_events::{
    id::Ref,
    scalar::{Day, Instant, Position},
};
use qonys_projections::{
    as_of::round_down,
    cell::{Shown, TableRow},
    projection::Recorded,
    table::{EFFECTIVE_FROM, EFFECTIVE_TO, Kind, RECORDED_FROM, RECORDED_TO, Row, Value},
};
use serde::Serialize;

use super::{Views, ViewsError, WAIT_MAX, sql::columns};
use crate::clock::Clock;

pub mod acts;
pub mod applications;
pub mod board;
pub mod decisions;
pub mod forecasts;
pub mod monitoring;
pub mod population_departure;
mod port;
pub mod proposals;
pub mod refusals;
pub mod residents;

pub use qonys_projections::as_of::AsOf;

/// The most rows that one page has.
pub const PAGE_MAX: u32 = 1_000;

/// Where in the recorded history an answer was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The last entry that it knows; always the last of a command.
    pub position: Position,
    /// The time of that entry; none in an empty log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Instant>,
}

/// A condition on rows, with the values of its parameters. The first two are taken: `$1` is the position.
pub(super) struct Where {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Where {
    /// Rows that the log says at a point. `closes`: whether rows of the table may be closed.
    pub(super) fn at(point: Point, closes: bool) -> Self {
        let mut conditions = vec![format!("{RECORDED_FROM} <= $1")];
        if closes {
            conditions.push(format!("({RECORDED_TO} IS NULL OR {RECORDED_TO} > $1)"));
        }
        Self {
            conditions,
            values: vec![Value::number(point.position.0)],
        }
    }

    /// Only rows about a day.
    pub(super) fn on(mut self, day: Day) -> Self {
        self.values.push(Value::text(day));
        let n = self.values.len();
        self.conditions.push(format!("{EFFECTIVE_FROM} <= ${n}"));
        self.conditions
            .push(format!("({EFFECTIVE_TO} IS NULL OR {EFFECTIVE_TO} > ${n})"));
        self
    }

    /// Only rows with this value in a column.
    pub(super) fn is(self, column: &str, value: Option<Value>) -> Self {
        self.holds(column, "=", value)
    }

    /// Only rows that have nothing in a column.
    pub(super) fn without(mut self, column: &str) -> Self {
        self.conditions.push(format!("{column} IS NULL"));
        self
    }

    /// Only rows whose column stands so to the value, if there is one.
    pub(super) fn holds(mut self, column: &str, operator: &str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.values.push(value);
            let n = self.values.len();
            self.conditions.push(format!("{column} {operator} ${n}"));
        }
        self
    }

    pub(super) fn text(&self) -> String {
        self.conditions.join(" AND ")
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }
}

impl Views {
    /// Rounds a point down to whole commands, waits for views that are behind it (at most [`WAIT_MAX`]) and gives the
    /// position that queries are computed at.
    ///
    /// # Errors
    /// `BeyondEnd` where the log has no such position, `Behind` where the views did not come that far.
    pub async fn point(&self, as_of: AsOf) -> Result<Point, ViewsError> {
        let wanted = match as_of {
            AsOf::Latest => self.position().await?,
            AsOf::Position(position) => position,
            AsOf::Time(time) => self.last_until(time).await?,
        };
        let Some(entry) = self.entry(wanted).await? else {
            if wanted == Position(0) {
                return Ok(Point {
                    position: wanted,
                    time: None,
                });
            }
            let end = self.end().await?;
            return Err(ViewsError::BeyondEnd { wanted, end });
        };
        let place = &entry.entry.place;
        let count = entry.entry.command.commandcount.0;
        let position = round_down(wanted, place.commandindex.0, count);
        let time = if position == wanted {
            Some(entry.time())
        } else {
            self.entry(position).await?.map(|entry| entry.time())
        };
        self.wait_for(position, WAIT_MAX).await?;
        Ok(Point { position, time })
    }

    /// The day that a question without one is about: of the point's own time where it was asked as of a time or in a log
    /// with a simulated clock, else today.
    pub fn default_day(&self, as_of: AsOf, point: Point, clock: &Clock) -> Day {
        let simulated = self.log().clock_kind() == qonys_events::term::ClockKind::Simulated;
        let at = match (as_of, point.time) {
            (AsOf::Time(time), _) => time,
            (_, Some(time)) if simulated => time,
            _ => clock.now(),
        };
        self.day_of(at)
    }

    /// The entry at a position.
    async fn entry(&self, position: Position) -> Result<Option<Recorded>, ViewsError> {
        let Some(before) = position.0.checked_sub(1) else {
            return Ok(None);
        };
        let (before, page) = self.log().read_history(Position(before), 1).await?;
        let Some(recorded) = page.into_iter().next() else {
            return Ok(None);
        };
        let read = Recorded::read(recorded.text)
            .map_err(|e| ViewsError::Broken(format!("entry {position}: {e}")))?;
        Ok(Some(Recorded { before, ..read }))
    }

    /// The last position that was recorded up to an instant, by halving: times increase strictly along the log.
    async fn last_until(&self, time: Instant) -> Result<Position, ViewsError> {
        let head = self.log().head().await?;
        if head.time.is_some_and(|last| last <= time) {
            return self.end().await;
        }
        let (mut known, mut beyond) = (0, self.log().before() + head.position.0);
        while known + 1 < beyond {
            let middle = known + (beyond - known) / 2;
            let entry = self.entry(Position(middle)).await?;
            if entry.is_some_and(|entry| entry.time() <= time) {
                known = middle;
            } else {
                beyond = middle;
            }
        }
        Ok(Position(known))
    }

    /// The rows of a table that fulfil a condition, as they stood at the point, in some order.
    async fn rows<R: TableRow>(
        &self,
        point: Point,
        of: &Where,
        tail: &str,
    ) -> Result<Vec<R>, ViewsError> {
        let table = R::table();
        let sql = format!(
            "SELECT {} FROM {} WHERE {} {tail}",
            columns(table),
            table.name,
            of.text()
        );
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        let rows = self.shared.store.fetch(&sql, of.values(), &kinds).await?;
        let known = rows
            .iter()
            .filter_map(|row: &Row| row.known_at(table, point.position));
        known
            .map(|row| R::read(&row).map_err(|e| ViewsError::Broken(e.to_string())))
            .collect()
    }
}

/// The value of a reference in a column.
fn reference(value: Ref) -> Option<Value> {
    Some(Value::text(value))
}
