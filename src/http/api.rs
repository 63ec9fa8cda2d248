//! What every handler holds: the log, the decider, the views' port, the clock; and how far the log has come.

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use qonys_events::{
    id::Origin,
    scalar::{Day, Position},
};
use qonys_projections::as_of::AsOf;
use tokio::sync::{Semaphore, watch};

use super::{problem::Problem, rate::Rates};
use crate::{
    access::Gate,
    clock::Clock,
    dispatch::Dispatch,
    log::{Log, LogError},
    queries::{Point, Queries},
};

/// How often the log is asked how far others have brought it, for everybody who waits for it.
const HEAD_PAUSE: Duration = Duration::from_millis(100);
/// How long a caller waits for `min_position` at most.
const VIEWS_PATIENCE: Duration = Duration::from_secs(2);
/// Feeds that are served at once.
const FEEDS_MAX: usize = 256;
/// Streams of commands that are served at once.
const COMMAND_STREAMS_MAX: usize = 64;

/// What the API stands on.
pub struct Parts {
    /// The log.
    pub log: Log,
    /// The decider's door.
    pub dispatch: Dispatch,
    /// The views.
    pub queries: Arc<dyn Queries>,
    /// Where "today" comes from.
    pub clock: Clock,
    /// Who gets in.
    pub gate: Gate,
}

/// The API's state. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    parts: Parts,
    zone: TimeZone,
    head: watch::Receiver<Position>,
    ending: watch::Sender<bool>,
    feeds: Arc<Semaphore>,
    command_streams: Arc<Semaphore>,
    rates: Rates,
}

impl Api {
    /// Starts watching the head of the log. Fails when the log cannot be read.
    pub async fn start(parts: Parts) -> Result<Self, LogError> {
        let zone = TimeZone::get(parts.log.zone().as_str())
            .map_err(|e| LogError::Unavailable(format!("the log's zone is not known: {e}")))?;
        let (sender, head) = watch::channel(parts.log.head().await?.position);
        let committed = parts.dispatch.committed();
        tokio::spawn(watch_head(parts.log.clone(), committed, sender));
        Ok(Self(Arc::new(Inner {
            parts,
            zone,
            head,
            ending: watch::Sender::new(false),
            feeds: Arc::new(Semaphore::new(FEEDS_MAX)),
            command_streams: Arc::new(Semaphore::new(COMMAND_STREAMS_MAX)),
            rates: Rates::default(),
        })))
    }

    pub(super) fn log(&self) -> &Log {
        &self.0.parts.log
    }

    pub(super) fn dispatch(&self) -> &Dispatch {
        &self.0.parts.dispatch
    }

    pub(super) fn queries(&self) -> &dyn Queries {
        &*self.0.parts.queries
    }

    pub(super) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.0.parts.gate
    }

    pub(super) fn origin(&self) -> &Origin {
        self.0.parts.log.origin()
    }

    /// Shows the head of the log as it grows: at once what this process appends, a little late what others do.
    pub(super) fn head(&self) -> watch::Receiver<Position> {
        self.0.head.clone()
    }

    /// Becomes true when the server ends.
    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.0.ending.subscribe()
    }

    /// Ends everything that would go on for ever: feeds, streams of commands.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }

    pub(super) fn feeds(&self) -> &Arc<Semaphore> {
        &self.0.feeds
    }

    pub(super) fn command_streams(&self) -> &Arc<Semaphore> {
        &self.0.command_streams
    }

    /// The point that a question is about, once the views have come to `least`.
    pub(super) async fn point(
        &self,
        as_of: AsOf,
        least: Option<Position>,
    ) -> Result<Point, Problem> {
        if let Some(least) = least {
            // What a command was told is a position of this incarnation; views count through all.
            let least = Position(self.log().before() + least.0);
            self.queries().wait_for(least, VIEWS_PATIENCE).await?;
        }
        Ok(self.queries().point(as_of).await?)
    }

    /// Today, by the register's clock and zone.
    pub(super) fn today(&self) -> Day {
        Day::of(self.0.parts.clock.now(), &self.0.zone)
    }

    /// The day that a question without one is about.
    pub(super) fn usual_day(&self, as_of: AsOf, point: Point) -> Day {
        let parts = &self.0.parts;
        point.usual_day(
            as_of,
            parts.log.clock_kind(),
            parts.clock.now(),
            &self.0.zone,
        )
    }
}

/// Shows the head until nobody wants to know: what the decider tells, and what the log says when it is asked. An error
/// is not told here: whoever reads the log meets it.
async fn watch_head(
    log: Log,
    mut committed: watch::Receiver<Position>,
    sender: watch::Sender<Position>,
) {
    loop {
        let seen = tokio::select! {
            () = sender.closed() => return,
            told = committed.changed() => match told {
                Ok(()) => Some(*committed.borrow_and_update()),
                // The decider is gone only when the process ends.
                Err(_) => return,
            },
            () = tokio::time::sleep(HEAD_PAUSE) => log.head().await.ok().map(|head| head.position),
        };
        if let Some(seen) = seen {
            sender.send_if_modified(|known| {
                let moved = *known < seen;
                *known = seen.max(*known);
                moved
            });
        }
    }
}
