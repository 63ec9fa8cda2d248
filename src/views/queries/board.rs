//! The quota board: limits, what is held and committed and what is left, on one effective day as known at one point.

use qonys_events::{
    id::Line,
    scalar::{Day, Year},
};
use qonys_projections::{
    quota::{QUOTA_MOVE, amendment::Amendment, board::BoardLine, total::Total},
    table::{Kind, Row, Value},
};
use serde::Serialize;

use super::{AsOf, Point, Views, ViewsError, Where, columns};

/// The board of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The effective day.
    pub day: Day,
    /// Its lines, by category, territory, year and rule.
    pub lines: Vec<BoardLine>,
    /// Its totals, by category, year and rule.
    pub totals: Vec<Total>,
    /// What each amendment did, derived from the limits before and after it.
    pub amendments: Vec<Amendment>,
}

impl BoardAnswer {
    /// One line.
    pub fn line(&self, line: &Line) -> Option<&BoardLine> {
        self.lines.iter().find(|found| found.line == *line)
    }
}

/// What is asked of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BoardQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The effective day; the default day of the point without one.
    pub effective: Option<Day>,
    /// Only lines of this year.
    pub year: Option<Year>,
}

impl Views {
    /// The quota board. Limits and acts are read whole, they are few; moves of places are added up by the store.
    pub async fn board(
        &self,
        query: BoardQuery,
        clock: &crate::clock::Clock,
    ) -> Result<BoardAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let day = query
            .effective
            .unwrap_or_else(|| self.default_day(query.as_of, at, clock));
        let quota = self.quota_board(at, day).await?;
        let board = quota.as_of(day);
        let mut answer = BoardAnswer {
            at,
            day,
            lines: board.lines,
            totals: board.totals,
            amendments: quota.amendments(),
        };
        if let Some(year) = query.year {
            answer.lines.retain(|found| found.line.year == year);
            answer.totals.retain(|total| total.year == year);
            answer.amendments.retain(|amendment| amendment.year == year);
        }
        Ok(answer)
    }

    /// Every row of a table that was written up to a point.
    pub(super) async fn whole(
        &self,
        at: Point,
        table: &'static qonys_projections::table::Table,
    ) -> Result<Vec<Row>, ViewsError> {
        let of = Where::at(at, false);
        let (names, condition) = (columns(table), of.text());
        let sql = format!("SELECT {names} FROM {} WHERE {condition}", table.name);
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        let rows = self.shared.store.fetch(&sql, of.values(), &kinds).await?;
        let known = rows
            .iter()
            .filter_map(|row| row.known_at(table, at.position));
        Ok(known.collect())
    }

    /// What moved in a line on each day.
    pub(super) async fn moved(&self, at: Point, line: &Line) -> Result<Vec<Row>, ViewsError> {
        let of = Where::at(at, false).is("line", Some(Value::text(line)));
        let sql = format!(
            "SELECT effective_from, CAST(sum(held_delta) AS bigint), CAST(sum(committed_delta) AS bigint) \
             FROM {} WHERE {} GROUP BY effective_from",
            QUOTA_MOVE.name,
            of.text()
        );
        let kinds = [Kind::Day, Kind::Integer, Kind::Integer];
        Ok(self.shared.store.fetch(&sql, of.values(), &kinds).await?)
    }

    /// What is held and committed in each line on a day.
    pub(super) async fn taken(&self, at: Point, day: Day) -> Result<Vec<Row>, ViewsError> {
        let of = Where::at(at, false).holds("effective_from", "<=", Some(Value::text(day)));
        let sql = format!(
            "SELECT line, CAST(sum(held_delta) AS bigint), CAST(sum(committed_delta) AS bigint) \
             FROM {} WHERE {} GROUP BY line",
            QUOTA_MOVE.name,
            of.text()
        );
        let kinds = [Kind::Text, Kind::Integer, Kind::Integer];
        Ok(self.shared.store.fetch(&sql, of.values(), &kinds).await?)
    }
}
