//! How a view's tables are declared, and what a row is. A sink makes its DDL and its bulk statements from this.
//!
//! Every table is append-only with one exception: a row may be *closed* once, by writing the position at which the log
//! stopped saying so into `recorded_to`. Hence one table answers for every recorded position `p` and effective day `d`:
//!
//! ```text
//! recorded_from <= p and (recorded_to is null or recorded_to > p)
//! and effective_from <= d and (effective_to is null or effective_to > d)
//! ```
//!
//! Both intervals are half-open. A table without `recorded_to` is never closed: what it says stays said.

use std::fmt;

use qonys_events::scalar::{Day, Position};
use smol_str::{SmolStr, format_smolstr};

/// Column: the position that wrote the row.
pub const RECORDED_FROM: &str = "recorded_from";
/// Column: the position from which the log says otherwise; null while it stands.
pub const RECORDED_TO: &str = "recorded_to";
/// Column: the first day that the row is about.
pub const EFFECTIVE_FROM: &str = "effective_from";
/// Column: the first day that the row is no longer about; null while open.
pub const EFFECTIVE_TO: &str = "effective_to";

/// What a column holds. Text of every kind compares by bytes (`COLLATE "C"`, `BINARY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number of 64 bits with sign; yes and no are 1 and 0.
    Integer,
    /// A civil day as text, `2024-08-24`: by bytes it sorts by time.
    Day,
    /// An instant as text, `2024-01-14T00:00:00.000000Z`: by bytes it sorts by time.
    Instant,
}

impl Kind {
    /// Whether a store keeps it as text; the other is a big integer.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Integer)
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Lower-case snake.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
}

/// One table. Declared once, beside the fold that writes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Lower-case snake, singular, unique among all views.
    pub name: &'static str,
    /// In the order of a row's values.
    pub columns: &'static [Column],
    /// The primary key: columns that are never null.
    pub key: &'static [&'static str],
    /// The columns by which a fold reads back what is known now (`recorded_to` is null); empty when none does. A sink
    /// keeps an index on them over the rows whose `recorded_to` is null.
    pub entity: &'static [&'static str],
    /// Further indexes, for queries.
    pub indexes: &'static [&'static [&'static str]],
    /// Where the columns of `key` stand in a row.
    pub key_at: &'static [usize],
    /// Where those of `entity` stand.
    pub entity_at: &'static [usize],
    /// Where [`RECORDED_FROM`] stands.
    pub recorded_from_at: Option<usize>,
    /// Where [`RECORDED_TO`] stands.
    pub recorded_to_at: Option<usize>,
}

/// Where a column stands, for declarations.
pub(crate) const fn column_at(columns: &[Column], name: &str) -> Option<usize> {
    let mut at = 0;
    while at < columns.len() {
        let (found, wanted) = (columns[at].name.as_bytes(), name.as_bytes());
        let mut same = found.len() == wanted.len();
        let mut n = 0;
        while same && n < wanted.len() {
            same = found[n] == wanted[n];
            n += 1;
        }
        if same {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Where a column that must be there stands: a key that names no column does not compile.
pub(crate) const fn column_of(columns: &[Column], name: &str) -> usize {
    match column_at(columns, name) {
        Some(at) => at,
        None => panic!("a key or entity names a column that the table has not"),
    }
}

impl Table {
    /// Where a column stands in a row; `None` when the table has none of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether its rows may be closed.
    pub fn closes(&self) -> bool {
        self.recorded_to_at.is_some()
    }

    /// The primary key of a row.
    pub fn key_of(&self, row: &Row) -> Key {
        pick(self.key_at, row)
    }

    /// The entity that a row is about.
    pub fn entity_of(&self, row: &Row) -> Key {
        pick(self.entity_at, row)
    }

    /// The position from which the log says otherwise than a row; null while it stands.
    pub fn recorded_to<'r>(&self, row: &'r Row) -> &'r Value {
        at(self.recorded_to_at, row)
    }
}

fn at(column: Option<usize>, row: &Row) -> &Value {
    column.and_then(|at| row.0.get(at)).unwrap_or(&Value::Null)
}

fn pick(columns: &[usize], row: &Row) -> Key {
    let value = |at: &usize| row.0.get(*at).cloned().unwrap_or(Value::Null);
    Key(columns.iter().map(value).collect())
}

/// One value of a row. Ordered as a sink orders its primary keys: numbers by size, text by bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text, a day or an instant.
    Text(SmolStr),
}

impl Value {
    /// A text.
    pub fn text(value: impl fmt::Display) -> Self {
        Self::Text(format_smolstr!("{value}"))
    }

    /// A number. What does not fit into 63 bits stands as the greatest that does.
    pub fn number(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// The values of some columns: a primary key or an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Vec<Value>);

impl Key {
    /// A key of texts.
    pub fn of<T: fmt::Display>(parts: impl IntoIterator<Item = T>) -> Self {
        Self(parts.into_iter().map(Value::text).collect())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, value) in self.0.iter().enumerate() {
            write!(f, "{}{value}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// One row: a value for each column, in the order of the table's declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// The value of a column; null when the table has no such column or the row is too short.
    pub fn get(&self, table: &Table, name: &str) -> &Value {
        table
            .column(name)
            .and_then(|i| self.0.get(i))
            .unwrap_or(&Value::Null)
    }

    /// Sets the value of a column; does nothing when the table has no such column.
    pub fn set(&mut self, table: &Table, name: &str, value: Value) {
        if let Some(slot) = table.column(name).and_then(|i| self.0.get_mut(i)) {
            *slot = value;
        }
    }

    /// The row as it stood at a position: `None` when it was not written yet, and still open when it was closed later.
    /// What the log said at `p` is exactly what this leaves of every table (promise P8).
    #[must_use]
    pub fn known_at(&self, table: &Table, position: Position) -> Option<Self> {
        let known = Value::number(position.0);
        if *at(table.recorded_from_at, self) > known {
            return None;
        }
        let mut row = self.clone();
        if *table.recorded_to(&row) > known {
            row.set(table, RECORDED_TO, Value::Null);
        }
        Some(row)
    }

    /// Whether the row is about this day. A row without an effective interval is about every day.
    pub fn covers(&self, table: &Table, day: Day) -> bool {
        let day = Value::text(day);
        let to = self.get(table, EFFECTIVE_TO);
        *self.get(table, EFFECTIVE_FROM) <= day && (to.is_null() || *to > day)
    }
}

/// One row to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Its primary key.
    pub key: Key,
    /// The position to write into `recorded_to`.
    pub recorded_to: Position,
}

/// What a batch does to one table. No key stands twice, neither within a list nor across the two: both may be applied in
/// bulk and in any order. Sorted by key, so that equal logs give equal batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChanges {
    /// The table.
    pub table: &'static Table,
    /// New rows. Their keys were never written before.
    pub inserts: Vec<Row>,
    /// Rows of earlier batches whose `recorded_to` is null until now.
    pub closes: Vec<Close>,
}
