//! Rebuilding: folding the whole log into tables beside the live ones, and putting them in their place.

use qonys_events::{digest::Sha256Hex, scalar::Position};
use qonys_projections::{
    all,
    equal::{Difference, Equal, verify_equal},
    port::Feed,
    projection::Projection,
    runner::Runner,
};
use serde::Serialize;

use super::{
    Views, ViewsError,
    feed::{Ahead, HistoryFeed, Proved},
    sink::ViewSink,
    sql::{self, Side},
};

/// How often a rebuild follows live views that move on before it gives up.
const TURNS: usize = 100;

/// What a rebuild folded: the explicit end of the log that its rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// The views.
    pub views: Vec<&'static str>,
    /// How many entries were folded: the position of the last one.
    pub count: Position,
    /// The RFC 6962 root over exactly these entries, equal to the one in the log's head row.
    pub root: Sha256Hex,
}

/// Why a rebuild could not be compared with the live rows, or where it differs from them.
#[derive(Debug, thiserror::Error)]
pub enum NotEqual {
    /// A side could not be made or read.
    #[error(transparent)]
    Views(#[from] ViewsError),
    /// They differ.
    #[error(transparent)]
    Differs(#[from] Difference),
}

/// The projections of these names; all for none.
fn chosen(names: &[&str]) -> Vec<Box<dyn Projection>> {
    let mut projections = all();
    projections.retain(|p| names.is_empty() || names.contains(&p.name()));
    projections
}

/// The names of all views.
pub fn names() -> Vec<&'static str> {
    all().iter().map(|projection| projection.name()).collect()
}

/// What is told of the way: the position that was reached, and the end.
pub type Moved<'a> = &'a mut (dyn FnMut(Position, Position) + Send);

impl Views {
    /// Folds the whole log into new tables beside the live ones and puts them in their place, in one transaction, as soon
    /// as they are equal or ahead. Queries and followers go on meanwhile. Names of views; all for none.
    ///
    /// # Errors
    /// `Broken` where the log does not have the root that its head row says, where another rebuild has taken this one's
    /// place, or where the live views kept moving on.
    pub async fn rebuild(&self, names: &[&str], moved: Moved<'_>) -> Result<Rebuilt, ViewsError> {
        let projections = chosen(names);
        self.begin_beside(&projections).await?;
        let before = self.log().before();
        let feed = Proved::new(Ahead::new(HistoryFeed::new(self.log())), before);
        let mut runner = Runner::new(&feed, self.beside(), chosen(names));
        for _ in 0..TURNS {
            let head = self.log().head().await?;
            step_to(&mut runner, Position(before + head.position.0), moved).await?;
            let (tree, root) = (feed.tree(), head.frontier.root());
            if tree.size() != head.position.0 || tree.root() != root {
                return Err(ViewsError::Broken(format!(
                    "the entries up to {} have the root {}, the log's head says {root}",
                    tree.size(),
                    tree.root()
                )));
            }
            if self.swap(&projections).await? {
                return Ok(Rebuilt {
                    views: projections.iter().map(|p| p.name()).collect(),
                    count: head.position,
                    root,
                });
            }
        }
        Err(ViewsError::Broken(
            "the live views moved on before every swap: rebuild when less is written".to_owned(),
        ))
    }

    /// Rebuilds the views that another version of their fold wrote.
    pub(super) async fn rebuild_outdated(&self, moved: Moved<'_>) -> Result<(), ViewsError> {
        let (live, mut outdated) = (self.live(), Vec::new());
        for projection in all() {
            let mark = live.mark(projection.name()).await?;
            if mark.is_none_or(|mark| mark.version != projection.version()) {
                outdated.push(projection.name());
            }
        }
        if !outdated.is_empty() {
            self.rebuild(&outdated, moved).await?;
        }
        Ok(())
    }

    /// Rebuilds beside the live views and compares the two row for row (promise P8). Nothing is swapped; the new tables
    /// are dropped afterwards. Names of views; all for none.
    ///
    /// # Errors
    /// `Differs` with the first row that differs, or where both sides are empty.
    pub async fn verify_rebuild(
        &self,
        names: &[&str],
        moved: Moved<'_>,
    ) -> Result<Equal, NotEqual> {
        let projections = chosen(names);
        self.catch_up(&mut *moved).await?;
        self.begin_beside(&projections).await?;
        let mut runner = Runner::new(
            Ahead::new(HistoryFeed::new(self.log())),
            self.beside(),
            chosen(names),
        );
        let mut compared = Err(Difference::Empty);
        for _ in 0..TURNS {
            let live = self.position().await?;
            step_to(&mut runner, live, moved).await?;
            compared = verify_equal(&self.live(), &self.beside(), &projections).await;
            // A follower may have moved on meanwhile.
            let still = self.position().await? == live;
            if still || compared.is_ok() {
                break;
            }
        }
        self.drop_beside(&projections).await?;
        Ok(compared?)
    }

    /// Makes empty tables beside the live ones. What another rebuild left, or is making, goes.
    async fn begin_beside(&self, projections: &[Box<dyn Projection>]) -> Result<(), ViewsError> {
        let mut on = self.shared.store.begin().await?;
        on.lock(Side::Live).await?;
        on.lock(Side::Beside).await?;
        for projection in projections {
            let (name, version) = (projection.name(), projection.version());
            let live = on.mark(Side::Live, name).await?;
            let generation = live.map_or(0, |mark| mark.generation) + 1;
            on.make(
                Side::Beside,
                (name, version),
                projection.tables(),
                generation,
            )
            .await?;
        }
        Ok(on.commit().await?)
    }

    async fn drop_beside(&self, projections: &[Box<dyn Projection>]) -> Result<(), ViewsError> {
        let mut on = self.shared.store.begin().await?;
        on.lock(Side::Beside).await?;
        for projection in projections {
            for table in projection.tables() {
                on.execute(&sql::drop_table(Side::Beside, table), &[])
                    .await?;
            }
            on.clear_mark(Side::Beside, projection.name()).await?;
        }
        Ok(on.commit().await?)
    }

    /// Puts the new tables in the place of the live ones, unless a live one is ahead.
    async fn swap(&self, projections: &[Box<dyn Projection>]) -> Result<bool, ViewsError> {
        let mut on = self.shared.store.begin().await?;
        on.lock(Side::Live).await?;
        on.lock(Side::Beside).await?;
        for projection in projections {
            let (name, version) = (projection.name(), projection.version());
            let beside = on.mark(Side::Beside, name).await?;
            let Some(beside) = beside.filter(|mark| mark.version == version) else {
                return Err(ViewsError::Broken(format!(
                    "another rebuild has taken the place of this one of {name}"
                )));
            };
            let live = on.mark(Side::Live, name).await?;
            let ahead = |live: super::sink::Mark| {
                live.version == version && live.position > beside.position
            };
            if live.is_some_and(ahead) {
                return Ok(false);
            }
            for table in projection.tables() {
                for statement in sql::swap(table) {
                    on.execute(&statement, &[]).await?;
                }
            }
            on.set_mark(Side::Live, name, beside).await?;
            on.clear_mark(Side::Beside, name).await?;
        }
        on.commit().await?;
        Ok(true)
    }
}

/// Folds up to a position that ends a command.
async fn step_to<F: Feed>(
    runner: &mut Runner<F, ViewSink>,
    end: Position,
    moved: Moved<'_>,
) -> Result<(), ViewsError> {
    loop {
        let at = runner.step(end).await?;
        moved(at, end);
        if at >= end {
            return Ok(());
        }
    }
}
