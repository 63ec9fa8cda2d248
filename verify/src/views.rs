//! The level `views`: the log is folded again, and what comes out is compared with what the register published.
//!
//! Memory is that of the rows that are open, the state of the register, and does not grow with its history: a closed row
//! is hashed and forgotten.

use std::{
    collections::HashMap,
    future::Future,
    io,
    path::Path,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use qonys_events::scalar::Position;
use qonys_projections::{
    all,
    port::{Advance, Batch, Checkpoint, Feed, FeedError, Sink, SinkError, Stored},
    projection::Recorded,
    runner::{RunError, Runner},
    table::{Key, RECORDED_TO, Row, Table, TableChanges, Value},
};

use crate::digest::{Digester, TableDigest, pack, unpack};

/// Entries that are folded at once: so few that what is made of them is still near when it is looked at again.
const BATCH: usize = 256;

/// Folds entries into digests.
pub(crate) struct Views {
    runner: Runner<NoFeed, Open>,
    waiting: Vec<Recorded>,
    /// How many of the waiting entries are whole commands.
    whole: usize,
}

impl Views {
    pub(crate) fn new(scratch: &Path) -> Self {
        Self {
            runner: Runner::new(NoFeed, Open::new(scratch), all()),
            waiting: Vec::new(),
            whole: 0,
        }
    }

    /// Takes the next entry.
    pub(crate) fn push(&mut self, entry: Recorded) -> Result<(), RunError> {
        let ends = entry.ends_command();
        self.waiting.push(entry);
        if ends {
            self.whole = self.waiting.len();
        }
        if self.whole >= BATCH {
            self.fold()
        } else {
            Ok(())
        }
    }

    fn fold(&mut self) -> Result<(), RunError> {
        let rest = self.waiting.split_off(self.whole);
        let whole = std::mem::replace(&mut self.waiting, rest);
        self.whole = 0;
        at_once(self.runner.fold_whole(&whole)).map(drop)
    }

    /// Folds what waits and gives the digests of all tables.
    pub(crate) fn finish(mut self) -> Result<(Position, Vec<TableDigest>), RunError> {
        self.fold()?;
        let position = at_once(self.runner.position())?;
        let open = self.runner.into_sink();
        let digests = open.digests().map_err(scratch_failed)?;
        Ok((position, digests))
    }
}

/// The value of a future that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a fold in memory waits for nothing"),
    }
}

fn scratch_failed(error: io::Error) -> SinkError {
    SinkError::Unavailable(format!("the scratch file: {error}"))
}

/// Entries are handed in; nothing is ever asked for.
struct NoFeed;

impl Feed for NoFeed {
    async fn read(&self, _: Position, _: usize) -> Result<Vec<Stored>, FeedError> {
        Err(FeedError::Unavailable("nothing feeds this fold".to_owned()))
    }
}

/// Rows that may still be read or closed: those of each entity one after the other, each after its length, as they will be
/// hashed.
#[derive(Default)]
struct OpenTable(HashMap<Box<[u8]>, Vec<u8>>);

/// The rows of one entity.
fn rows_of(mut bucket: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bucket.split_first_chunk::<4>()?;
        let (row, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        bucket = rest;
        Some(row)
    })
}

fn packed(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    pack(values, &mut bytes);
    bytes
}

fn put(bucket: &mut Vec<u8>, row: &[u8]) {
    bucket.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_be_bytes());
    bucket.extend_from_slice(row);
}

fn unpacked(row: &[u8]) -> Result<Row, SinkError> {
    let damaged = || SinkError::Broken("a row in memory cannot be read".to_owned());
    unpack(row).map(Row).ok_or_else(damaged)
}

struct State {
    checkpoints: HashMap<&'static str, Checkpoint>,
    tables: HashMap<&'static str, (&'static Table, OpenTable)>,
    digester: Digester,
}

/// The sink: open rows in memory, the others as hashes.
struct Open(Mutex<State>);

impl Open {
    fn new(scratch: &Path) -> Self {
        Self(Mutex::new(State {
            checkpoints: HashMap::new(),
            tables: HashMap::new(),
            digester: Digester::new(scratch),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn digests(self) -> io::Result<Vec<TableDigest>> {
        let mut state = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (table, open) in state.tables.values() {
            for row in open.0.values().flat_map(|bucket| rows_of(bucket)) {
                state.digester.add_packed(table, row)?;
            }
        }
        state.digester.finish()
    }
}

impl State {
    fn advance(&mut self, advance: &Advance) -> Result<(), SinkError> {
        let found = self.checkpoints.get(advance.projection);
        let found = found.map(|c| c.position).unwrap_or_default();
        if found != advance.from {
            return Err(SinkError::Moved {
                projection: advance.projection.to_owned(),
                expected: advance.from,
                found,
            });
        }
        let checkpoint = Checkpoint {
            version: advance.version,
            position: advance.to,
        };
        self.checkpoints.insert(advance.projection, checkpoint);
        Ok(())
    }

    fn change(&mut self, changes: &TableChanges) -> Result<(), SinkError> {
        let table = changes.table;
        let broken = |key: &Key| SinkError::Broken(format!("{} {key}", table.name));
        let (_, open) = self
            .tables
            .entry(table.name)
            .or_insert_with(|| (table, OpenTable::default()));
        // The key of a table begins with what its rows are about.
        if !table.key.starts_with(table.entity) {
            return Err(SinkError::Broken(format!("the key of {}", table.name)));
        }
        for close in &changes.closes {
            let entity = packed(&close.key.0[..table.entity.len()]);
            let bucket = open.0.remove(entity.as_slice()).unwrap_or_default();
            let (mut found, mut rest) = (None, Vec::new());
            for bytes in rows_of(&bucket) {
                let row = unpacked(bytes)?;
                if table.key_of(&row) == close.key {
                    found = Some(row);
                } else {
                    put(&mut rest, bytes);
                }
            }
            if !rest.is_empty() {
                open.0.insert(entity.into(), rest);
            }
            let mut row = found.ok_or_else(|| broken(&close.key))?;
            row.set(table, RECORDED_TO, Value::number(close.recorded_to.0));
            self.digester.add(table, &row).map_err(scratch_failed)?;
        }
        for row in &changes.inserts {
            let closed = table.closes() && !table.recorded_to(row).is_null();
            // What no fold reads back is never closed later.
            if closed || table.entity.is_empty() {
                self.digester.add(table, row).map_err(scratch_failed)?;
                continue;
            }
            let bucket = open.0.entry(packed(&table.entity_of(row).0).into());
            let bucket = bucket.or_default();
            let key = table.key_of(row);
            for other in rows_of(bucket) {
                if table.key_of(&unpacked(other)?) == key {
                    return Err(broken(&key));
                }
            }
            put(bucket, &packed(&row.0));
        }
        Ok(())
    }
}

impl Sink for Open {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        Ok(self.state().checkpoints.get(projection).copied())
    }

    async fn known(&self, table: &'static Table, entities: &[Key]) -> Result<Vec<Row>, SinkError> {
        let state = self.state();
        let Some((_, open)) = state.tables.get(table.name) else {
            return Ok(Vec::new());
        };
        let buckets = entities
            .iter()
            .filter_map(|entity| open.0.get(packed(&entity.0).as_slice()));
        buckets
            .flat_map(|bucket| rows_of(bucket))
            .map(unpacked)
            .collect()
    }

    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        let mut state = self.state();
        batch
            .advances
            .iter()
            .try_for_each(|advance| state.advance(advance))?;
        batch
            .tables
            .iter()
            .try_for_each(|changes| state.change(changes))
    }

    /// Closed rows are forgotten: only the digests can be asked for.
    async fn scan(
        &self,
        _: &'static Table,
        _: Option<&Key>,
        _: usize,
    ) -> Result<Vec<Row>, SinkError> {
        Err(SinkError::Broken("rows are not kept here".to_owned()))
    }
}
