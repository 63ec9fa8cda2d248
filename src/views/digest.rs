//! What the live views hold, as digests: an auditor folds the log himself and compares.

use std::{io, path::Path};

use qonys_events::scalar::Position;
use qonys_projections::{port::Sink as _, tables};
use qonys_verify::digest::{Digester, Published};

use super::{Views, ViewsError};

/// Rows that are read at once.
const ROWS: usize = 1_000;

impl Views {
    /// The digests of the live tables as the log stood at a position of this incarnation that they have passed. Scratch files stand in
    /// `scratch`, used by nobody else meanwhile.
    ///
    /// # Errors
    /// `Behind` where the views have not come to the position.
    pub async fn digests(&self, at: Position, scratch: &Path) -> Result<Published, ViewsError> {
        let (reached, known) = (self.position().await?, Position(self.log().before() + at.0));
        if reached < known {
            return Err(ViewsError::Behind {
                wanted: known,
                at: reached,
            });
        }
        let failed = |error: io::Error| ViewsError::Broken(format!("a scratch file: {error}"));
        let mut digester = Digester::new(scratch);
        let live = self.live();
        for table in tables() {
            let mut after = None;
            loop {
                let rows = live.scan(table, after.as_ref(), ROWS).await?;
                let Some(last) = rows.last() else { break };
                after = Some(table.key_of(last));
                for row in rows.iter().filter_map(|row| row.known_at(table, known)) {
                    digester.add(table, &row).map_err(failed)?;
                }
            }
        }
        Ok(Published {
            position: at,
            tables: digester.finish().map_err(failed)?,
        })
    }
}
