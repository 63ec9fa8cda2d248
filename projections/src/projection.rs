//! What a projection is: a pure fold from entries to row changes.

use std::collections::{BTreeMap, HashSet};

use qonys_events::{
    entry::{BadEntry, Entry},
    event::Event,
    scalar::{Day, Instant, Position},
};

use crate::{
    cell::{RowError, TableRow},
    table::{EFFECTIVE_FROM, EFFECTIVE_TO, Key, RECORDED_FROM, Row, Table, Value},
};

/// An entry that stands in the log, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// Its bytes.
    pub text: String,
    /// How many entries stand before the first one of its incarnation: those that are kept of the incarnations before.
    pub before: u64,
}

impl Recorded {
    /// Reads the bytes of an entry. The log has been verified before, or the caller does not ask for it: every member is
    /// checked, the form of the bytes is not.
    pub fn read(text: String) -> Result<Self, BadEntry> {
        Ok(Self {
            entry: Entry::parse(&text)?,
            text,
            before: 0,
        })
    }

    /// Its place in the log, counted through all incarnations: what it says itself, after those before it.
    pub fn position(&self) -> Position {
        Position(self.before + self.entry.place.position.0)
    }

    /// Its time.
    pub fn time(&self) -> Instant {
        self.entry.place.time
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.entry.event
    }

    /// Whether it is the last entry of its command: batches, checkpoints and as-of points lie behind such an entry.
    pub fn ends_command(&self) -> bool {
        self.entry.place.commandindex == self.entry.command.commandcount
    }

    /// The first day that the entry is about: its effective day, or the decision date where it names none.
    pub fn day(&self) -> Result<Day, FoldError> {
        let event = self.event();
        let day = event.effectivefrom.or(event.decidedon);
        day.ok_or(FoldError::NoDay {
            position: self.position(),
        })
    }
}

/// Why an entry could not be folded. The log says something that this version of the view cannot tell truly; it stops
/// instead of guessing.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The entry has neither an effective day nor a decision date.
    #[error("entry {position} names no day")]
    NoDay {
        /// Its position.
        position: Position,
    },
    /// The entry goes on about something of which the log has not told before.
    #[error("entry {position} goes on about {what}, of which nothing stands before it")]
    Untold {
        /// Its position.
        position: Position,
        /// What it goes on about.
        what: String,
    },
    /// The entry corrects another one; no fold of this version withdraws what the corrected entry said.
    #[error("entry {position} supersedes another, which this version of the views cannot follow")]
    Correction {
        /// Its position.
        position: Position,
    },
    /// The stream's name does not fit the fact in it.
    #[error("entry {position} stands in a stream that does not fit its type")]
    Stream {
        /// Its position.
        position: Position,
    },
    /// The fold reads an entity that its `reads` did not name: a fault of the fold.
    #[error("the fold reads {table} {entity}, which it did not ask for")]
    NotAsked {
        /// The table.
        table: &'static str,
        /// The entity.
        entity: Key,
    },
    /// The fold writes a key twice or closes what is not open: a fault of the fold.
    #[error("the fold writes {table} {key} twice")]
    Twice {
        /// The table.
        table: &'static str,
        /// The key.
        key: Key,
    },
    /// A row that was read back is not one of its table.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A part of the entry has no JSON text.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The entities that a fold will read, named ahead so that the runner fetches them once per batch.
#[derive(Debug, Default)]
pub struct Wanted(pub(crate) BTreeMap<&'static str, (&'static Table, HashSet<Key>)>);

impl Wanted {
    /// Asks for what is known of an entity: the values of the table's `entity` columns.
    pub fn known(&mut self, table: &'static Table, entity: Key) {
        self.0
            .entry(table.name)
            .or_insert_with(|| (table, HashSet::new()))
            .1
            .insert(entity);
    }
}

/// What a fold may read back: rows that it wrote before. Served by the runner, from its pending changes first and from
/// the sink second.
pub trait Lookup {
    /// What is known of an entity now: its rows whose `recorded_to` is null.
    fn known(&self, table: &'static Table, entity: &Key) -> Result<Vec<Row>, FoldError>;
}

/// What a fold may change.
pub trait Changes: Lookup {
    /// Adds a row. Its primary key must be new.
    fn insert(&mut self, table: &'static Table, row: Row) -> Result<(), FoldError>;

    /// Closes a row that is open: the log says otherwise from this position on.
    fn close(&mut self, table: &'static Table, row: &Row, at: Position) -> Result<(), FoldError>;
}

/// A fold from entries to the rows of a few tables.
///
/// A pure function of the entries: no clock, no chance, no state of its own. What it needs of the past it reads back from
/// its own rows through [`Lookup`], so a fold begun anywhere goes on exactly as one that never stopped, in memory that
/// depends on the batch alone.
pub trait Projection: Send + Sync {
    /// The name under which its checkpoint is kept.
    fn name(&self) -> &'static str;

    /// The version of the fold. A change of tables or meaning is a new version, and a rebuild.
    fn version(&self) -> u32;

    /// The tables that it alone writes.
    fn tables(&self) -> &'static [&'static Table];

    /// The event types that it folds; others are not shown to it.
    fn types(&self) -> &'static [&'static str];

    /// Names what [`Projection::fold`] will look up for this entry. May name too much, never too little.
    fn reads(&self, _entry: &Recorded, _wanted: &mut Wanted) {}

    /// Whether it follows entries of a type that supersede another one: it says what the correction says instead of what
    /// the corrected entry said, from the correction's position on. A correction that a view does not follow stops it.
    fn follows_corrections(&self, _event_type: &str) -> bool {
        false
    }

    /// Folds one entry.
    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError>;
}

/// Adds a typed row.
pub(crate) fn insert<R: TableRow>(rows: &mut dyn Changes, row: &R) -> Result<(), FoldError> {
    rows.insert(R::table(), row.row())
}

/// What is known of an entity, typed.
pub(crate) fn known<R: TableRow>(rows: &dyn Changes, entity: &Key) -> Result<Vec<R>, FoldError> {
    let rows = rows.known(R::table(), entity)?;
    Ok(rows.iter().map(R::read).collect::<Result<_, _>>()?)
}

/// Writes what is said of an entity instead of all that was known of it.
pub(crate) fn replace<R: TableRow>(
    rows: &mut dyn Changes,
    new: &R,
    at: Position,
) -> Result<(), FoldError> {
    let (table, new) = (R::table(), new.row());
    for row in rows.known(table, &table.entity_of(&new))? {
        rows.close(table, &row, at)?;
    }
    rows.insert(table, new)
}

/// Writes what is said of an entity for an effective interval over what was known for those days: rows that overlap are
/// closed, and what they say of other days is said again.
pub(crate) fn overlay<R: TableRow>(
    rows: &mut dyn Changes,
    new: &R,
    at: Position,
) -> Result<(), FoldError> {
    let (table, new) = (R::table(), new.row());
    let (from, to) = interval(table, &new);
    for row in rows.known(table, &table.entity_of(&new))? {
        let (row_from, row_to) = interval(table, &row);
        let apart = (!to.is_null() && *to <= *row_from) || (!row_to.is_null() && *row_to <= *from);
        if apart {
            continue;
        }
        rows.close(table, &row, at)?;
        if row_from < from {
            rows.insert(table, said_again(table, &row, at, row_from, from))?;
        }
        if !to.is_null() && (row_to.is_null() || to < row_to) {
            rows.insert(table, said_again(table, &row, at, to, row_to))?;
        }
    }
    rows.insert(table, new)
}

/// Ends on a day what is known of an entity: rows that reach beyond it are closed, and what they say of earlier days is
/// said again. Says whether there was any.
pub(crate) fn cut<R: TableRow>(
    rows: &mut dyn Changes,
    entity: &Key,
    day: Day,
    at: Position,
) -> Result<bool, FoldError> {
    let (table, day) = (R::table(), Value::text(day));
    let mut any = false;
    for row in rows.known(table, entity)? {
        let (from, to) = interval(table, &row);
        if !to.is_null() && *to <= day {
            continue;
        }
        any = true;
        rows.close(table, &row, at)?;
        if *from < day {
            rows.insert(table, said_again(table, &row, at, from, &day))?;
        }
    }
    Ok(any)
}

fn interval<'a>(table: &Table, row: &'a Row) -> (&'a Value, &'a Value) {
    (row.get(table, EFFECTIVE_FROM), row.get(table, EFFECTIVE_TO))
}

fn said_again(table: &Table, row: &Row, at: Position, from: &Value, to: &Value) -> Row {
    let mut copy = row.clone();
    copy.set(table, RECORDED_FROM, Value::number(at.0));
    copy.set(table, EFFECTIVE_FROM, from.clone());
    copy.set(table, EFFECTIVE_TO, to.clone());
    copy
}
