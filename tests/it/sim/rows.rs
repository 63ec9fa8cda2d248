//! The views' database as one process sees it: rows in memory, behind a connection that fails before or after it wrote.

use std::sync::Arc;

use qonys_projections::{
    memory::MemorySink,
    port::{Batch, Checkpoint, Sink, SinkError},
    table::{Key, Row, Table},
};

use super::world::{Life, World};

/// The rows, for one process.
pub(crate) struct ModelRows {
    pub(crate) world: Arc<World>,
    pub(crate) rows: Arc<MemorySink>,
    pub(crate) life: Life,
}

impl ModelRows {
    async fn travel(&self) -> Result<(), SinkError> {
        self.life.travel(&self.world.dice, 2).await;
        if self.world.dice.happens(self.world.rates().read_fails) {
            return Err(SinkError::Unavailable("the connection broke".into()));
        }
        Ok(())
    }
}

impl Sink for ModelRows {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        self.travel().await?;
        self.rows.checkpoint(projection).await
    }

    async fn known(&self, table: &'static Table, entities: &[Key]) -> Result<Vec<Row>, SinkError> {
        self.rows.known(table, entities).await
    }

    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        self.travel().await?;
        let rates = self.world.rates();
        if self.world.dice.happens(rates.rows_lost) {
            return Err(SinkError::Unavailable("it never arrived".into()));
        }
        let applied = self.rows.apply(batch).await;
        if applied.is_ok() {
            for advance in &batch.advances {
                if !self.world.ends_command(advance.to) {
                    let (view, to) = (advance.projection, advance.to);
                    let why = format!("the checkpoint of {view} stands at {to}, inside a command");
                    self.world.fault("views", why);
                }
            }
        }
        if self.world.dice.happens(rates.rows_unheard) {
            return Err(SinkError::Unavailable("the connection broke".into()));
        }
        applied
    }

    async fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Vec<Row>, SinkError> {
        self.travel().await?;
        self.rows.scan(table, after, max).await
    }
}
