//! Catching up with the log, once or for as long as the process lives.

use std::time::Duration;

use qonys_events::scalar::Position;
use qonys_projections::{
    all,
    port::SinkError,
    runner::{RunError, Runner},
};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{Views, ViewsError, feed::HistoryFeed, sink::ViewSink};

/// How long a follower that found nothing new waits before it looks again: at first, and at most.
const IDLE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));
/// How long it waits after an error.
const AFTER_ERROR: Duration = Duration::from_millis(500);

/// How far the views have come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Where the view that lags most stands.
    pub position: Position,
    /// The end of the log as it was seen last.
    pub head: Position,
    /// Why the views do not move at the moment.
    pub error: Option<String>,
}

impl Progress {
    /// Entries that the views have not folded yet.
    pub fn lag(&self) -> u64 {
        self.head.0.saturating_sub(self.position.0)
    }
}

/// The task that keeps the views up to date. It ends after its batch when the value is dropped or stopped.
pub struct Follower {
    stop: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

impl Follower {
    /// How far the views have come.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Told whenever they have moved.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Ends the task and waits for it. A batch that is on its way is finished first.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        drop(self.task.await);
    }
}

type LiveRunner = Runner<HistoryFeed, ViewSink>;

impl Views {
    /// A runner of every view over the log into the live tables.
    fn runner(&self) -> LiveRunner {
        Runner::new(HistoryFeed::new(self.log()), self.live(), all())
    }

    /// Folds up to the end of the log as it stands now, and says where that is. `moved` is told each position on the way,
    /// with the end. Views that another version wrote are rebuilt first. Another process may do the same meanwhile.
    pub async fn catch_up(
        &self,
        mut moved: impl FnMut(Position, Position) + Send,
    ) -> Result<Position, ViewsError> {
        let head = self.end().await?;
        self.rebuild_outdated(&mut moved).await?;
        let mut runner = self.runner();
        loop {
            let at = match runner.step(head).await {
                Ok(at) => at,
                Err(RunError::Sink(SinkError::Moved { .. })) => continue,
                Err(error) => return Err(error.into()),
            };
            moved(at, head);
            if at >= head {
                return Ok(at);
            }
        }
    }

    /// Starts the task that keeps the views up to date.
    pub fn follow(&self) -> Follower {
        let (stop, stopped) = watch::channel(false);
        let (told, progress) = watch::channel(Progress::default());
        let task = tokio::spawn(self.clone().run(stopped, told));
        Follower {
            stop,
            progress,
            task,
        }
    }

    async fn run(self, mut stopped: watch::Receiver<bool>, told: watch::Sender<Progress>) {
        let mut runner = self.runner();
        let mut wait = IDLE.0;
        while !*stopped.borrow() {
            wait = match self.turn(&mut runner).await {
                Ok(progress) => {
                    let moved = told.borrow().position != progress.position;
                    let there = progress.lag() == 0;
                    told.send_replace(progress);
                    match (there, moved) {
                        (false, true) => continue,
                        (true, true) => IDLE.0,
                        _ => (wait * 2).min(IDLE.1),
                    }
                }
                Err(error) => {
                    let error = error.to_string();
                    tracing::warn!(error, "the views do not move");
                    told.send_modify(|progress| progress.error = Some(error));
                    AFTER_ERROR
                }
            };
            tokio::select! {
                changed = stopped.changed() => if changed.is_err() { return },
                () = self.shared.grown.notified() => {}
                () = sleep(wait) => {}
            }
        }
    }

    /// One batch.
    async fn turn(&self, runner: &mut LiveRunner) -> Result<Progress, ViewsError> {
        let head = self.end().await?;
        let position = match runner.step(head).await {
            Ok(position) => position,
            // Another process has folded the same entries.
            Err(RunError::Sink(SinkError::Moved { .. })) => self.position().await?,
            Err(RunError::OtherVersion { .. }) => {
                self.rebuild_outdated(&mut |_, _| {}).await?;
                self.position().await?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Progress {
            position,
            head,
            error: None,
        })
    }
}
