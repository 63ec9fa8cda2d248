//! The views' tables as a sink of the projections' runner: rows and checkpoints in one transaction.

use qonys_events::{fault::Fault, scalar::Position};
use qonys_projections::{
    all,
    port::{Batch, Checkpoint, Sink, SinkError},
    table::{Key, Kind, Row, Table, TableChanges, Value},
};

use super::{
    Views, ViewsError,
    sql::{self, Side},
    store::{Store, Transaction},
};

/// The tables of one side. Cheap to clone.
#[derive(Clone)]
pub struct ViewSink {
    store: Store,
    side: Side,
}

/// What stands in a row of the table of checkpoints, besides the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The version of the fold that wrote the rows.
    pub(super) version: u32,
    /// How far it has come.
    pub(super) position: Position,
    /// How often the tables have been made.
    pub(super) generation: i64,
}

/// The columns of [`Mark`], in order.
const MARK: [Kind; 3] = [Kind::Integer; 3];

fn select(side: Side) -> String {
    format!(
        "SELECT version, position, generation FROM {} WHERE projection = $1",
        side.checkpoint()
    )
}

fn mark(rows: Vec<Row>) -> Result<Option<Mark>, SinkError> {
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let number = |i: usize| row.0.get(i).and_then(Value::as_integer);
    let mark = (|| {
        Some(Mark {
            version: number(0)?.try_into().ok()?,
            position: Position(number(1)?.try_into().ok()?),
            generation: number(2)?,
        })
    })();
    let broken = || SinkError::Broken("a checkpoint holds what nobody wrote".to_owned());
    mark.ok_or_else(broken).map(Some)
}

impl Transaction {
    /// The checkpoint of a projection on a side.
    pub(super) async fn mark(
        &mut self,
        side: Side,
        projection: &str,
    ) -> Result<Option<Mark>, SinkError> {
        let name = [Value::text(projection)];
        mark(self.fetch(&select(side), &name, &MARK).await?)
    }

    /// Writes the checkpoint of a projection on a side.
    pub(super) async fn set_mark(
        &mut self,
        side: Side,
        projection: &str,
        mark: Mark,
    ) -> Result<(), SinkError> {
        let sql = format!(
            "INSERT INTO {} (projection, version, position, generation) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (projection) DO UPDATE SET version = excluded.version, \
             position = excluded.position, generation = excluded.generation",
            side.checkpoint()
        );
        let values = [
            Value::text(projection),
            Value::number(mark.version.into()),
            Value::number(mark.position.0),
            Value::Integer(mark.generation),
        ];
        self.execute(&sql, &values).await.map(|_| ())
    }

    /// Removes the checkpoint of a projection on a side.
    pub(super) async fn clear_mark(
        &mut self,
        side: Side,
        projection: &str,
    ) -> Result<(), SinkError> {
        let sql = format!("DELETE FROM {} WHERE projection = $1", side.checkpoint());
        self.execute(&sql, &[Value::text(projection)])
            .await
            .map(|_| ())
    }

    /// Makes the tables of a projection anew, empty, with a checkpoint at the beginning of the log.
    pub(super) async fn make(
        &mut self,
        side: Side,
        (projection, version): (&str, u32),
        tables: &[&'static Table],
        generation: i64,
    ) -> Result<(), SinkError> {
        let dialect = match self {
            Self::Postgres(_) => sql::Dialect::Postgres,
            Self::Sqlite(_) => sql::Dialect::Sqlite,
        };
        for table in tables {
            self.execute(&sql::drop_table(side, table), &[]).await?;
            for statement in dialect.create(side, table, generation) {
                self.execute(&statement, &[]).await?;
            }
        }
        let mark = Mark {
            version,
            position: Position(0),
            generation,
        };
        self.set_mark(side, projection, mark).await
    }
}

impl Views {
    /// Makes the tables that are missing. Tables that were written by another version of their fold stay until they are
    /// rebuilt.
    pub(super) async fn prepare(&self) -> Result<(), ViewsError> {
        let store = &self.shared.store;
        let mut on = store.begin().await?;
        on.lock(Side::Live).await?;
        for statement in store.dialect().create_checkpoints() {
            on.execute(&statement, &[]).await?;
        }
        for projection in all() {
            let (name, version) = (projection.name(), projection.version());
            let generation = match on.mark(Side::Live, name).await? {
                // Nothing was ever folded into tables that another version made.
                Some(mark) if mark.position == Position(0) && mark.version != version => {
                    mark.generation + 1
                }
                Some(_) => continue,
                None => 1,
            };
            on.make(Side::Live, (name, version), projection.tables(), generation)
                .await?;
        }
        Ok(on.commit().await?)
    }
}

impl ViewSink {
    pub(super) fn new(store: Store, side: Side) -> Self {
        Self { store, side }
    }

    /// Where a projection stands, also at the beginning.
    pub(super) async fn mark(&self, projection: &str) -> Result<Option<Mark>, SinkError> {
        let name = [Value::text(projection)];
        mark(self.store.fetch(&select(self.side), &name, &MARK).await?)
    }

    /// Compares every checkpoint with where the batch starts.
    async fn compare(&self, on: &mut Transaction, batch: &Batch) -> Result<Vec<Mark>, SinkError> {
        let mut marks = Vec::with_capacity(batch.advances.len());
        for advance in &batch.advances {
            let projection = advance.projection.to_owned();
            let Some(mark) = on.mark(self.side, advance.projection).await? else {
                return Err(SinkError::Broken(format!(
                    "{projection} has no tables here"
                )));
            };
            let (expected, found) = (advance.from, mark.position);
            if found != expected {
                return Err(SinkError::Moved {
                    projection,
                    expected,
                    found,
                });
            }
            if mark.version != advance.version {
                let (stored, ours) = (mark.version, advance.version);
                return Err(SinkError::Broken(format!(
                    "{projection} stands in version {stored}, this one is {ours}"
                )));
            }
            marks.push(mark);
        }
        Ok(marks)
    }
}

impl Sink for ViewSink {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        let mark = self.mark(projection).await?;
        let applied = mark.filter(|mark| mark.position > Position(0));
        Ok(applied.map(|mark| Checkpoint {
            version: mark.version,
            position: mark.position,
        }))
    }

    async fn known(&self, table: &'static Table, entities: &[Key]) -> Result<Vec<Row>, SinkError> {
        self.store.known(self.side, table, entities).await
    }

    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        let mut on = self.store.begin().await?;
        on.lock(self.side).await?;
        let marks = self.compare(&mut on, batch).await?;
        for TableChanges {
            table,
            inserts,
            closes,
        } in &batch.tables
        {
            let forgotten = usize::from(self.side == Side::Beside && Fault::P8.planted());
            let inserts = inserts.get(forgotten..).unwrap_or_default();
            on.insert(self.side, table, inserts).await?;
            on.close(self.side, table, closes).await?;
        }
        for (advance, mark) in batch.advances.iter().zip(marks) {
            let (version, position) = (advance.version, advance.to);
            let mark = Mark {
                version,
                position,
                ..mark
            };
            on.set_mark(self.side, advance.projection, mark).await?;
        }
        on.commit().await
    }

    async fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Vec<Row>, SinkError> {
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        let mut values = after.map(|key| key.0.clone()).unwrap_or_default();
        values.push(Value::number(max as u64));
        let sql = sql::scan(self.side, table, after.is_some());
        self.store.fetch(&sql, &values, &kinds).await
    }
}
