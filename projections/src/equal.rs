//! Whether two sinks hold the same rows: how a rebuild proves itself against the live views (promise P8).

use qonys_events::scalar::Position;

use crate::{
    port::{Checkpoint, Sink, SinkError},
    projection::Projection,
    table::{Row, Table},
};

/// Rows read at once from each side.
const SCAN_ROWS: usize = 1_000;

/// Where two sinks differ.
#[derive(Debug, thiserror::Error)]
pub enum Difference {
    /// A side could not be read.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The sides stand at different positions or versions, so their rows say nothing about each other.
    #[error("{projection} stands at {left:?} on one side and at {right:?} on the other")]
    Checkpoints {
        /// The projection.
        projection: &'static str,
        /// One side.
        left: Option<Checkpoint>,
        /// The other.
        right: Option<Checkpoint>,
    },
    /// The first row in which a table differs.
    #[error("{table} differs: {left:?} on one side, {right:?} on the other")]
    Row {
        /// The table.
        table: &'static str,
        /// One side; `None` when it has no row there.
        left: Option<Row>,
        /// The other.
        right: Option<Row>,
    },
    /// Neither side has a single row: the comparison would prove nothing.
    #[error("both sides are empty")]
    Empty,
}

/// What was found equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equal {
    /// The position of the projection that lags most.
    pub position: Position,
    /// Each table with its number of rows.
    pub tables: Vec<(&'static str, u64)>,
}

impl Equal {
    /// The rows of a table; 0 for one that was not compared.
    pub fn rows(&self, table: &Table) -> u64 {
        self.tables
            .iter()
            .find(|(name, _)| *name == table.name)
            .map_or(0, |(_, rows)| *rows)
    }
}

/// Compares checkpoints and every row of every table of these projections, in constant memory. Both sides must stand
/// still meanwhile and hold at least one row.
pub async fn verify_equal(
    left: &impl Sink,
    right: &impl Sink,
    projections: &[Box<dyn Projection>],
) -> Result<Equal, Difference> {
    let mut equal = Equal {
        position: Position(u64::MAX),
        tables: Vec::new(),
    };
    for projection in projections {
        let name = projection.name();
        let (l, r) = (left.checkpoint(name).await?, right.checkpoint(name).await?);
        if l != r {
            return Err(Difference::Checkpoints {
                projection: name,
                left: l,
                right: r,
            });
        }
        equal.position = equal
            .position
            .min(l.map(|c| c.position).unwrap_or_default());
        for table in projection.tables() {
            equal
                .tables
                .push((table.name, same_rows(left, right, table).await?));
        }
    }
    if equal.tables.iter().all(|(_, rows)| *rows == 0) {
        Err(Difference::Empty)
    } else {
        Ok(equal)
    }
}

async fn same_rows(
    left: &impl Sink,
    right: &impl Sink,
    table: &'static Table,
) -> Result<u64, Difference> {
    let (mut after, mut count) = (None, 0);
    loop {
        let l = left.scan(table, after.as_ref(), SCAN_ROWS).await?;
        let r = right.scan(table, after.as_ref(), SCAN_ROWS).await?;
        // Both sides answer in the same order, so the first difference shows at the same index.
        let longest = l.len().max(r.len());
        if let Some(i) = (0..longest).find(|i| l.get(*i) != r.get(*i)) {
            let (left, right) = (l.get(i).cloned(), r.get(i).cloned());
            return Err(Difference::Row {
                table: table.name,
                left,
                right,
            });
        }
        count += l.len() as u64;
        match l.last() {
            Some(last) => after = Some(table.key_of(last)),
            None => return Ok(count),
        }
    }
}
