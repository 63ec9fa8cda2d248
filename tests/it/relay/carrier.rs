//! A relay at work in the background of a test.

use std::time::Duration;

use qonys::log::Log;
use qonys::relay::{Options, Progress, Relay, RelayError};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a relay may take to do what a test waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A relay at work. Dropping the value ends it at once.
pub(crate) struct Carrier {
    progress: watch::Receiver<Progress>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Carrier {
    /// Starts a relay from a log to the server at a URL.
    pub(crate) fn start(log: &Log, url: impl Into<String>) -> Self {
        Self::with(log, Options::new(url))
    }

    /// Starts a relay with other options.
    pub(crate) fn with(log: &Log, options: Options) -> Self {
        let relay = Relay::new(log.clone(), options);
        let progress = relay.progress();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(relay.run(async { drop(stopped.await) }));
        Self {
            progress,
            stop: Some(stop),
            task,
        }
    }

    /// How far it is.
    pub(crate) fn now(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until it has come so far.
    ///
    /// # Panics
    /// With what it shows, where it ends or takes too long.
    pub(crate) async fn until(&mut self, what: impl FnMut(&Progress) -> bool) -> Progress {
        if let Ok(Ok(progress)) = timeout(PATIENCE, self.progress.wait_for(what)).await {
            return progress.clone();
        }
        panic!("the relay does not get there: {:?}", self.progress.borrow());
    }

    /// Waits until a position is published.
    pub(crate) async fn published(&mut self, position: u64) -> Progress {
        self.until(|progress| progress.published.0 >= position)
            .await
    }

    /// Waits until it asked the stream again where it ends.
    pub(crate) async fn resynced(&mut self, before: u64) -> Progress {
        self.until(|progress| progress.resyncs > before).await
    }

    /// Shuts it down.
    ///
    /// # Panics
    /// Where it had stopped with an error.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        let ended = timeout(PATIENCE, &mut self.task)
            .await
            .expect("the relay ends when told");
        ended
            .expect("the relay does not panic")
            .expect("the relay had no reason to stop");
    }

    /// Waits for the error that stops it.
    ///
    /// # Panics
    /// Where it goes on.
    pub(crate) async fn alarm(mut self) -> RelayError {
        let ended = timeout(PATIENCE, &mut self.task).await;
        let ended = ended.unwrap_or_else(|_| panic!("the relay goes on: {:?}", self.now()));
        ended
            .expect("the relay does not panic")
            .expect_err("the relay was not told to stop")
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.task.abort();
    }
}
