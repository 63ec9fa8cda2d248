//! The changes of one batch, as a fold sees them: what it wrote a moment ago is already known.

use std::collections::{BTreeMap, HashMap};

use qonys_events::scalar::Position;

use crate::{
    projection::{Changes, FoldError, Lookup},
    table::{Close, Key, RECORDED_TO, Row, Table, TableChanges, Value},
};

/// What a batch has done to one table so far.
struct Pending {
    table: &'static Table,
    inserts: BTreeMap<Key, Row>,
    closes: BTreeMap<Key, Position>,
    /// What is known of each entity that was asked for: the sink's rows with the batch's changes on top.
    known: HashMap<Key, Vec<Row>>,
}

/// The changes of one batch.
#[derive(Default)]
pub(crate) struct PendingChanges(Vec<Pending>);

fn is(pending: &Pending, table: &'static Table) -> bool {
    std::ptr::eq(pending.table, table) || pending.table.name == table.name
}

impl PendingChanges {
    fn of(&mut self, table: &'static Table) -> &mut Pending {
        // A batch touches few tables.
        let at = self.0.iter().position(|pending| is(pending, table));
        let at = at.unwrap_or_else(|| {
            self.0.push(Pending {
                table,
                inserts: BTreeMap::new(),
                closes: BTreeMap::new(),
                known: HashMap::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Takes over what the sink knows of the entities that the batch asks for.
    pub(crate) fn load(
        &mut self,
        table: &'static Table,
        entities: impl IntoIterator<Item = Key>,
        rows: Vec<Row>,
    ) {
        let known = &mut self.of(table).known;
        known.extend(entities.into_iter().map(|entity| (entity, Vec::new())));
        for row in rows {
            known.entry(table.entity_of(&row)).or_default().push(row);
        }
        // A sink gives them in any order; a fold must not see that.
        known.values_mut().for_each(|rows| rows.sort_unstable());
    }

    /// The changes, for the sink.
    pub(crate) fn into_tables(mut self) -> Vec<TableChanges> {
        self.0.sort_unstable_by_key(|pending| pending.table.name);
        let changes = self.0.into_iter().map(|pending| TableChanges {
            table: pending.table,
            inserts: pending.inserts.into_values().collect(),
            closes: pending
                .closes
                .into_iter()
                .map(|(key, recorded_to)| Close { key, recorded_to })
                .collect(),
        });
        changes
            .filter(|c| !c.inserts.is_empty() || !c.closes.is_empty())
            .collect()
    }
}

impl Lookup for PendingChanges {
    fn known(&self, table: &'static Table, entity: &Key) -> Result<Vec<Row>, FoldError> {
        let pending = self.0.iter().find(|pending| is(pending, table));
        let known = pending.and_then(|pending| pending.known.get(entity));
        known.cloned().ok_or_else(|| FoldError::NotAsked {
            table: table.name,
            entity: entity.clone(),
        })
    }
}

impl Changes for PendingChanges {
    fn insert(&mut self, table: &'static Table, row: Row) -> Result<(), FoldError> {
        let pending = self.of(table);
        let key = table.key_of(&row);
        if !table.entity.is_empty()
            && let Some(known) = pending.known.get_mut(&table.entity_of(&row))
        {
            known.push(row.clone());
        }
        match pending.inserts.insert(key.clone(), row) {
            None => Ok(()),
            Some(_) => Err(FoldError::Twice {
                table: table.name,
                key,
            }),
        }
    }

    fn close(&mut self, table: &'static Table, row: &Row, at: Position) -> Result<(), FoldError> {
        let pending = self.of(table);
        let key = table.key_of(row);
        if let Some(known) = pending.known.get_mut(&table.entity_of(row)) {
            known.retain(|other| other != row);
        }
        let twice = match pending.inserts.get_mut(&key) {
            Some(new) if table.recorded_to(new).is_null() => {
                new.set(table, RECORDED_TO, Value::number(at.0));
                false
            }
            Some(_) => true,
            None => pending.closes.insert(key.clone(), at).is_some(),
        };
        if twice {
            Err(FoldError::Twice {
                table: table.name,
                key,
            })
        } else {
            Ok(())
        }
    }
}
