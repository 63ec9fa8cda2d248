//! Values of columns in an address, and the cursor of a page: the values of a key, one after the other.

use qonys_projections::table::{Key, Kind, Table, Value};

use crate::http::problem::Problem;

/// Between the values of a cursor. No value of a key that we page by has it.
const BETWEEN: char = '~';

/// A value as it stands in a column; `None` for a number that is none.
pub(crate) fn value(table: &Table, column: &str, text: &str) -> Option<Value> {
    let kind = table.columns.get(table.column(column)?)?.kind;
    match kind {
        Kind::Integer => text.parse().ok().map(Value::Integer),
        Kind::Text | Kind::Day | Kind::Instant => Some(Value::text(text)),
    }
}

/// The cursor of a key.
pub(super) fn cursor(key: &Key) -> String {
    let values: Vec<String> = key.0.iter().map(ToString::to_string).collect();
    values.join(&BETWEEN.to_string())
}

/// Reads a cursor.
pub(super) fn key(table: &Table, cursor: &str) -> Result<Key, Problem> {
    let parts: Vec<_> = cursor.split(BETWEEN).collect();
    let values = (parts.len() == table.key.len()).then(|| {
        let pairs = table.key.iter().zip(parts);
        pairs
            .map(|(column, text)| value(table, column, text))
            .collect()
    });
    match values.flatten() {
        Some(values) => Ok(Key(values)),
        None => Err(Problem::of("bad-parameter").saying("`after` is no cursor of this list")),
    }
}
