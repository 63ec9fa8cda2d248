//! Views: what the log says, folded into tables that queries read by index. Feed and sink of `qonys-projections` on both
//! stores, the task that follows the log, the rebuild, and the queries.
//!
//! Nothing here is the truth: every table may be dropped at any time and is folded again from the log (promise P8). Rows
//! and checkpoint change in one transaction, so a process killed at any point leaves the rows of some whole prefix.
//!
//! In reading order: `sql` (statements from the declared tables), `store` (connections), [`sink`], [`feed`],
//! [`follow`] (catching up and following), [`rebuild`], [`queries`].

use std::{path::Path, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use qonys_events::scalar::{Day, Instant, Position};
use qonys_projections::{all, port::Sink as _, port::SinkError, runner::RunError};
use tokio::sync::Notify;

use crate::log::{Log, LogError, continued::goes_on_from};
use sink::ViewSink;
use sql::Side;
use store::Store;

mod digest;
pub mod feed;
pub mod follow;
pub mod queries;
pub mod rebuild;
pub mod replay;
pub mod sink;
mod sql;
mod store;

pub use store::FILE;

/// How long a query waits for views that are behind the position it asks for.
pub const WAIT_MAX: Duration = Duration::from_secs(5);
/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Why the views gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The views cannot be reached, or hold what no fold wrote.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A batch was not folded.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The views have not come to a position within the time that was given.
    #[error("the views stand at {at}, not yet at {wanted}")]
    Behind {
        /// The position that was asked for.
        wanted: Position,
        /// Where they stand.
        at: Position,
    },
    /// Nothing stands at the position that was asked for.
    #[error("the log ends at {end}, before {wanted}")]
    BeyondEnd {
        /// The position that was asked for.
        wanted: Position,
        /// The last one of the log.
        end: Position,
    },
    /// What the log or a view holds is not what it promises; no retry helps. For a view: rebuild it.
    #[error("{0}")]
    Broken(String),
}

impl ViewsError {
    /// Whether the same call may succeed later without anybody's help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Sink(error) | Self::Run(RunError::Sink(error)) => {
                !matches!(error, SinkError::Broken(_))
            }
            Self::Log(_) | Self::Behind { .. } => true,
            Self::Run(error) => matches!(
                error,
                RunError::Feed(qonys_projections::port::FeedError::Unavailable(_))
            ),
            Self::BeyondEnd { .. } | Self::Broken(_) => false,
        }
    }
}

/// The views of one log. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    shared: Arc<Shared>,
}

struct Shared {
    log: Log,
    store: Store,
    zone: TimeZone,
    /// Told when somebody knows that the log has grown.
    grown: Notify,
}

impl Views {
    /// Opens the views of a log and makes the tables that are missing: in the schema `views` of the log's database, or,
    /// for an embedded log, in a file of `directory` (the data directory, which the log holds locked).
    ///
    /// # Errors
    /// `Sink` where the store cannot be reached or the schema is missing, `Broken` where the log's zone is not known.
    pub async fn open(log: &Log, directory: &Path) -> Result<Self, ViewsError> {
        if log.kept().is_empty()
            && let Some(said) = goes_on_from(log).await?
        {
            return Err(ViewsError::Broken(format!(
                "{} goes on from {} entries of {}, which are not at hand",
                log.origin(),
                said.kept,
                said.origin
            )));
        }
        let store = match log.pool() {
            Some(pool) => Store::postgres(&pool.connect_options()),
            None => Store::sqlite(directory),
        };
        let zone = TimeZone::get(log.zone().as_str());
        let zone = zone.map_err(|e| ViewsError::Broken(format!("the log's zone: {e}")))?;
        let views = Self {
            shared: Arc::new(Shared {
                log: log.clone(),
                store,
                zone,
                grown: Notify::new(),
            }),
        };
        views.prepare().await?;
        Ok(views)
    }

    /// The log that they are folded from.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// The last position of the history: views count positions through all incarnations, kept entries first.
    pub async fn end(&self) -> Result<Position, ViewsError> {
        let head = self.shared.log.head().await?.position;
        Ok(Position(self.shared.log.before() + head.0))
    }

    /// The civil day of an instant in the log's zone.
    pub fn day_of(&self, at: Instant) -> Day {
        Day::of(at, &self.shared.zone)
    }

    /// The tables that queries read, as a sink.
    pub fn live(&self) -> ViewSink {
        ViewSink::new(self.shared.store.clone(), Side::Live)
    }

    /// The tables of a rebuild, as a sink.
    pub fn beside(&self) -> ViewSink {
        ViewSink::new(self.shared.store.clone(), Side::Beside)
    }

    /// Where the view that lags most stands.
    pub async fn position(&self) -> Result<Position, ViewsError> {
        let (live, mut least) = (self.live(), None);
        for projection in all() {
            let checkpoint = live.checkpoint(projection.name()).await?;
            let at = checkpoint.map(|c| c.position).unwrap_or_default();
            least = Some(least.map_or(at, |least: Position| least.min(at)));
        }
        Ok(least.unwrap_or_default())
    }

    /// Says that the log has grown: a follower looks at once instead of at its next turn.
    pub fn wake(&self) {
        self.shared.grown.notify_one();
    }

    /// Waits until every view has come to a position, at most so long: what a caller asks for who wants to see what he
    /// has just written (`min_position`). Gives the position where they stand then.
    ///
    /// # Errors
    /// `BeyondEnd` where the log has no such position, `Behind` when the time is over.
    pub async fn wait_for(
        &self,
        wanted: Position,
        at_most: Duration,
    ) -> Result<Position, ViewsError> {
        let mut at = self.position().await?;
        if at >= wanted {
            return Ok(at);
        }
        let end = self.end().await?;
        if end < wanted {
            return Err(ViewsError::BeyondEnd { wanted, end });
        }
        let until = tokio::time::Instant::now() + at_most;
        while at < wanted {
            if tokio::time::Instant::now() >= until {
                return Err(ViewsError::Behind { wanted, at });
            }
            self.wake();
            tokio::time::sleep(LOOK_AGAIN).await;
            at = self.position().await?;
        }
        Ok(at)
    }

    /// Closes every connection. Other clones of the value give errors afterwards.
    pub async fn close(&self) {
        self.shared.store.close().await;
    }
}
