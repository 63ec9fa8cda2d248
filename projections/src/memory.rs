//! A feed and a sink in memory: for tests, for small demonstrations and for a verifier that folds a log for itself. They
//! keep the promises of the ports except durability.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use qonys_events::scalar::Position;

use crate::{
    port::{Batch, Checkpoint, Feed, FeedError, Sink, SinkError, Stored},
    table::{Key, RECORDED_TO, Row, Table, TableChanges, Value},
};

/// A log in memory, entry `n` at index `n - 1`.
#[derive(Debug, Clone, Default)]
pub struct MemoryFeed(pub Vec<Stored>);

impl Feed for MemoryFeed {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let after = usize::try_from(after.0).unwrap_or(usize::MAX);
        Ok(self.0.iter().skip(after).take(max).cloned().collect())
    }
}

#[derive(Debug, Default)]
struct State {
    checkpoints: BTreeMap<String, Checkpoint>,
    tables: BTreeMap<&'static str, BTreeMap<Key, Row>>,
}

/// Views in memory.
#[derive(Debug, Default)]
pub struct MemorySink(Mutex<State>);

impl MemorySink {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves whole batches: `apply` changes nothing until all is checked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All rows of a table, in the order of the primary key.
    pub fn rows(&self, table: &Table) -> Vec<Row> {
        let state = self.state();
        state
            .tables
            .get(table.name)
            .into_iter()
            .flat_map(BTreeMap::values)
            .cloned()
            .collect()
    }
}

fn broken(what: &str, table: &Table, key: &Key) -> SinkError {
    SinkError::Broken(format!("{what}: {} {key}", table.name))
}

fn check(state: &State, batch: &Batch) -> Result<(), SinkError> {
    for advance in &batch.advances {
        let found = state
            .checkpoints
            .get(advance.projection)
            .map(|c| c.position)
            .unwrap_or_default();
        if found != advance.from {
            return Err(SinkError::Moved {
                projection: advance.projection.to_owned(),
                expected: advance.from,
                found,
            });
        }
    }
    for TableChanges {
        table,
        inserts,
        closes,
    } in &batch.tables
    {
        let rows = state.tables.get(table.name);
        let mut seen = HashSet::new();
        for row in inserts {
            let key = table.key_of(row);
            if rows.is_some_and(|rows| rows.contains_key(&key)) || !seen.insert(key.clone()) {
                return Err(broken("a key stands twice", table, &key));
            }
        }
        for close in closes {
            let row = rows.and_then(|rows| rows.get(&close.key));
            let open = row.is_some_and(|row| row.get(table, RECORDED_TO).is_null());
            if !open || !table.closes() || !seen.insert(close.key.clone()) {
                return Err(broken("a row to close is not open", table, &close.key));
            }
        }
    }
    Ok(())
}

impl Sink for MemorySink {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        Ok(self.state().checkpoints.get(projection).copied())
    }

    async fn known(&self, table: &'static Table, entities: &[Key]) -> Result<Vec<Row>, SinkError> {
        let wanted: HashSet<_> = entities.iter().collect();
        let mut rows = self.rows(table);
        rows.retain(|row| {
            row.get(table, RECORDED_TO).is_null() && wanted.contains(&table.entity_of(row))
        });
        Ok(rows)
    }

    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        let mut state = self.state();
        check(&state, batch)?;
        for TableChanges {
            table,
            inserts,
            closes,
        } in &batch.tables
        {
            let rows = state.tables.entry(table.name).or_default();
            for close in closes {
                if let Some(row) = rows.get_mut(&close.key) {
                    row.set(table, RECORDED_TO, Value::number(close.recorded_to.0));
                }
            }
            rows.extend(inserts.iter().map(|row| (table.key_of(row), row.clone())));
        }
        for advance in &batch.advances {
            let checkpoint = Checkpoint {
                version: advance.version,
                position: advance.to,
            };
            state
                .checkpoints
                .insert(advance.projection.to_owned(), checkpoint);
        }
        Ok(())
    }

    async fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Vec<Row>, SinkError> {
        let state = self.state();
        let Some(rows) = state.tables.get(table.name) else {
            return Ok(Vec::new());
        };
        let above = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = rows.range::<Key, _>((above, Bound::Unbounded));
        Ok(found.take(max).map(|(_, row)| row.clone()).collect())
    }
}
