//! The views behind the port that HTTP and the pages ask through: [`crate::queries::Queries`].

use std::time::Duration;

use qonys_events::{
    id::Line,
    scalar::{Day, Position},
};
use qonys_projections::{
    quota::board::{QuotaBoard, Taken, WHOLE},
    table::{EFFECTIVE_FROM, EFFECTIVE_TO, Kind, Row, Table, Value},
};

use super::{AsOf, Point, Views, ViewsError, Where, columns};
use crate::queries::{self, Asked, Queries, Rows, Unanswered};

impl From<ViewsError> for Unanswered {
    fn from(error: ViewsError) -> Self {
        match error {
            ViewsError::Behind { at, .. } => Self::Behind(at),
            ViewsError::BeyondEnd { end, .. } => Self::BeyondEnd(end),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<Point> for queries::Point {
    fn from(point: Point) -> Self {
        Self {
            position: point.position,
            time: point.time,
        }
    }
}

/// The point of a position that was rounded before.
fn at(position: Position) -> Point {
    Point {
        position,
        time: None,
    }
}

impl Where {
    /// Only rows about a day, as far as the rows of a table are about days.
    fn about(mut self, table: &Table, day: Day) -> Self {
        let null = |name: &str| {
            let column = table.columns.iter().find(|column| column.name == name);
            column.map(|column| column.nullable)
        };
        self.values.push(Value::text(day));
        let n = self.values.len();
        for (name, bound) in [(EFFECTIVE_FROM, "<="), (EFFECTIVE_TO, ">")] {
            match null(name) {
                None => {}
                Some(false) => self.conditions.push(format!("{name} {bound} ${n}")),
                Some(true) => self
                    .conditions
                    .push(format!("({name} IS NULL OR {name} {bound} ${n})")),
            }
        }
        // A parameter that no condition names is an error on PostgreSQL.
        if null(EFFECTIVE_FROM).or(null(EFFECTIVE_TO)).is_none() {
            self.values.pop();
        }
        self
    }

    /// Only rows whose primary key lies above this one.
    fn above(mut self, table: &Table, key: Vec<Value>) -> Self {
        let first = self.values.len() + 1;
        let parameters: Vec<_> = (first..first + key.len())
            .map(|n| format!("${n}"))
            .collect();
        let condition = format!("({}) > ({})", table.key.join(", "), parameters.join(", "));
        self.conditions.push(condition);
        self.values.extend(key);
        self
    }
}

impl Views {
    /// The register of acts and the quota lines as known at a point, with what is held and committed on a day. Limits and
    /// acts are read whole, they are few; moves of places are added up by the store.
    pub(super) async fn quota_board(&self, at: Point, day: Day) -> Result<QuotaBoard, ViewsError> {
        let mut quota = self.without_places(at).await?;
        for row in self.taken(at, day).await? {
            let [
                Value::Text(line),
                Value::Integer(held),
                Value::Integer(committed),
            ] = &row.0[..]
            else {
                return Err(ViewsError::Broken("a sum of moves is none".to_owned()));
            };
            let line: Line = line
                .parse()
                .map_err(|e| ViewsError::Broken(format!("a move: {e}")))?;
            let (held, committed) = (*held, *committed);
            quota.take_sum(&line, day, Taken { held, committed });
        }
        Ok(quota)
    }

    /// The register of acts and the quota lines, with no places yet.
    async fn without_places(&self, at: Point) -> Result<QuotaBoard, ViewsError> {
        let mut quota = QuotaBoard::at(at.position);
        for table in WHOLE {
            for row in self.whole(at, table).await? {
                let taken = quota.take_row(table, &row);
                taken.map_err(|e| ViewsError::Broken(e.to_string()))?;
            }
        }
        Ok(quota)
    }

    /// The same with the places of one line, as they moved on each day.
    async fn line_history(&self, at: Point, line: &Line) -> Result<QuotaBoard, ViewsError> {
        let mut quota = self.without_places(at).await?;
        for row in self.moved(at, line).await? {
            let [
                Value::Text(day),
                Value::Integer(held),
                Value::Integer(committed),
            ] = &row.0[..]
            else {
                return Err(ViewsError::Broken("a sum of moves is none".to_owned()));
            };
            let day: Day = day
                .parse()
                .map_err(|e| ViewsError::Broken(format!("a move: {e}")))?;
            let (held, committed) = (*held, *committed);
            quota.take_sum(line, day, Taken { held, committed });
        }
        Ok(quota)
    }

    async fn table_rows(&self, wanted: Rows) -> Result<Vec<Row>, ViewsError> {
        let table = wanted.table;
        let mut of = Where::at(at(wanted.at), table.closes());
        if let Some(day) = wanted.day {
            of = of.about(table, day);
        }
        for (column, value) in wanted.equal {
            of = of.is(column, Some(value));
        }
        if let Some(after) = wanted.after {
            of = of.above(table, after.0);
        }
        let sql = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}",
            columns(table),
            table.name,
            of.text(),
            table.key.join(", "),
            wanted.limit
        );
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        let rows = self.shared.store.fetch(&sql, of.values(), &kinds).await?;
        let known = rows.iter().filter_map(|row| row.known_at(table, wanted.at));
        Ok(known.collect())
    }
}

impl Queries for Views {
    fn position(&self) -> Asked<'_, Position> {
        Box::pin(async { Ok(self.position().await?) })
    }

    fn wait_for(&self, position: Position, at_most: Duration) -> Asked<'_, Position> {
        Box::pin(async move { Ok(self.wait_for(position, at_most).await?) })
    }

    fn point(&self, as_of: AsOf) -> Asked<'_, queries::Point> {
        Box::pin(async move { Ok(self.point(as_of).await?.into()) })
    }

    fn board(&self, position: Position, day: Day) -> Asked<'_, QuotaBoard> {
        Box::pin(async move { Ok(self.quota_board(at(position), day).await?) })
    }

    fn line<'a>(&'a self, position: Position, line: &'a Line) -> Asked<'a, QuotaBoard> {
        Box::pin(async move { Ok(self.line_history(at(position), line).await?) })
    }

    fn rows(&self, wanted: Rows) -> Asked<'_, Vec<Row>> {
        Box::pin(async move { Ok(self.table_rows(wanted).await?) })
    }
}
