//! One process of a simulated city: a decider, a relay and a fold of the views.

use std::{sync::Arc, time::Duration};

use qonys::{
    clock::{Clock, Entropy},
    dispatch::Dispatch,
    log::Log,
    relay::Relay,
    views::feed::LogFeed,
};
use qonys_events::scalar::Instant;
use qonys_projections::{
    all,
    port::SinkError,
    runner::{RunError, Runner},
};
use tokio::time::sleep;

use super::{
    rows::ModelRows,
    store::ModelStore,
    wire::ModelBroker,
    world::{Life, World},
};

/// What the clocks show at the beginning, in microseconds.
pub(crate) const BEGINNING: i64 = 1_736_899_200_000_000;

/// A process: a decider, a relay and a fold of the views, each over connections of its own.
pub(crate) struct Process {
    pub(crate) life: Life,
    pub(crate) clock: Clock,
    pub(crate) dispatch: Dispatch,
}

impl Process {
    /// Starts a process; tried again until the log answers.
    pub(crate) async fn start(world: &Arc<World>, seed: u64) -> Self {
        let life = Life::begin();
        let store = ModelStore {
            world: Arc::clone(world),
            life: life.clone(),
            in_doubt: Arc::default(),
        };
        let log = Log::Other(Arc::new(store));
        let clock = Clock::simulated(Instant::from_micros(BEGINNING));
        let dispatch = loop {
            let entropy = Entropy::seeded(seed);
            match Dispatch::start(log.clone(), None, clock.clone(), entropy).await {
                Ok(dispatch) => break dispatch,
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        };
        tokio::spawn(carry(Arc::clone(world), log.clone(), life.clone()));
        tokio::spawn(fold(Arc::clone(world), log, life.clone()));
        Self {
            life,
            clock,
            dispatch,
        }
    }
}

/// A relay, as long as the process lives. It has no reason to stop.
async fn carry(world: Arc<World>, log: Log, life: Life) {
    let broker = ModelBroker {
        world: Arc::clone(&world),
        life,
    };
    let stopped = Relay::over(log, broker, None)
        .run(std::future::pending())
        .await;
    if let Err(error) = stopped {
        world.fault("stream", error.to_string());
    }
}

/// The views, folded as long as the process lives.
async fn fold(world: Arc<World>, log: Log, life: Life) {
    let rows = ModelRows {
        world: Arc::clone(&world),
        rows: Arc::clone(&world.rows),
        life: life.clone(),
    };
    let batch = 1 + world.dice.below(40) as usize;
    let mut runner = Runner::new(LogFeed::new(&log), rows, all()).with_batch_entries(batch);
    loop {
        if let Ok(head) = log.head().await {
            match runner.step(head.position).await {
                Ok(_)
                | Err(RunError::Feed(_))
                | Err(RunError::Sink(SinkError::Moved { .. } | SinkError::Unavailable(_))) => {}
                Err(error) => {
                    world.fault("views", error.to_string());
                    return;
                }
            }
        }
        sleep(Duration::from_millis(100)).await;
        life.check().await;
    }
}
