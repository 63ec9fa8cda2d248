//! The relay: carries the log to JetStream, each entry once, at stream sequence = position
//! (promise P12). The broker is never the truth: its stream is rebuilt from the log.
//!
//! There is one way of publishing, used every day and after every failure: ask the stream where it
//! ends, read the log after that position, publish in order with the expectation that the stream
//! still ends right before (`Nats-Expected-Last-Sequence`). The stream's own end is the only
//! checkpoint, so nothing can be forgotten between it and us; a message that comes late or twice is
//! refused, or it is the very entry that belongs there. Several relays of one log may run: what one
//! stores, the others find.
//!
//! The relay reads only what is durable. On one PostgreSQL server that is every row it can see: a
//! commit is visible after its flush. Where the log has synchronous replicas it must read from the
//! primary; never give it a replica, which may show what a fail-over takes back. On SQLite a commit
//! is visible after its sync.
//!
//! In reading order: [`names`], `progress`, [`broker`] (what is asked of a broker), `message` (an entry as a message),
//! `compare` (stream and log), `window` (publishing in order), `trouble` (what stops it); `nats` and `stream` (the broker
//! of every day, and how the stream is set up there).

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use async_nats::ConnectOptions;
use qonys_events::scalar::Position;
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use crate::log::{Log, LogError, Recorded};
use broker::{Broker, Line as _, Message};
use compare::compare;
use nats::Nats;
use window::{Cursor, PAGE, Stretch, Window};

pub mod broker;
mod compare;
pub mod kept;
mod message;
pub mod names;
mod nats;
mod progress;
mod stream;
mod trouble;
mod window;

pub use names::Names;
pub use nats::CONTENT_TYPE;
pub use progress::Progress;
pub use trouble::{RelayError, Trouble};
pub use window::WINDOW;

/// The oldest server that has what the stream needs (direct gets).
const OLDEST_SERVER: (i64, i64, i64) = (2, 9, 0);
/// How long a question to the broker may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How many of the last messages are compared with the log at every look at the stream.
const TAIL: u64 = 32;
/// The pauses between two attempts while the broker or the log cannot be used, doubling.
const RETRIES: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(2)];
/// The pauses after stretches in which nothing of ours was stored: another relay is at work. It goes
/// on, and this one stands by.
const STAND_BY: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];
/// How often a connection that nobody needs any more still tries to come back.
const LAST_RECONNECTS: usize = 3;

/// How to reach the broker, and what to ask of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Addresses of the servers, separated by commas, such as `nats://127.0.0.1:4222`. May hold a
    /// user and a password, so it is never written to the log lines.
    pub url: String,
    /// Credentials and certificates. Its name, event callback, request timeout and number of
    /// reconnects are set by the relay.
    pub connect: ConnectOptions,
    /// How many servers hold a copy of the stream when the relay makes it; an existing stream must
    /// have at least as many.
    pub replicas: usize,
    /// Told (`notify_one`) after each append of this process, it saves the pause before the next
    /// look at the log, at most 100 ms.
    pub wake: Option<Arc<Notify>>,
}

impl Options {
    /// One copy of the stream, no credentials but those in the URL, looks at the log at intervals.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connect: ConnectOptions::new(),
            replicas: 1,
            wake: None,
        }
    }
}

/// Carries one log to one broker.
pub struct Relay<B = Nats> {
    log: Log,
    names: Names,
    broker: B,
    wake: Option<Arc<Notify>>,
    progress: watch::Sender<Progress>,
}

impl Relay {
    /// A relay for this log. Nothing happens before [`Relay::run`].
    pub fn new(log: Log, options: Options) -> Self {
        let names = Names::of(log.origin());
        let broker = Nats {
            url: options.url,
            connect: options.connect,
            replicas: options.replicas,
            origin: log.origin().clone(),
            names,
        };
        Self::over(log, broker, options.wake)
    }
}

impl<B: Broker> Relay<B> {
    /// A relay for this log to a broker of any kind.
    pub fn over(log: Log, broker: B, wake: Option<Arc<Notify>>) -> Self {
        let names = Names::of(log.origin());
        Self {
            log,
            names,
            broker,
            wake,
            progress: watch::Sender::new(Progress::default()),
        }
    }

    /// What the log is called at the broker.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// How far it has come, now and from now on.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Publishes what stands in the log and what comes, until `shutdown` ends. May be dropped at any
    /// point: the next run goes on where the stream ends.
    ///
    /// # Errors
    /// [`RelayError`], for a person to look into. A broker or a log that cannot be reached is no
    /// error: it is shown in the progress and tried again without an end.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), RelayError> {
        let stopped = tokio::select! {
            biased;
            () = shutdown => Ok(()),
            error = self.work() => Err(error),
        };
        if let Err(error) = &stopped {
            tracing::error!(stream = self.names.stream(), "the relay stops: {error}");
        }
        self.progress.send_modify(|progress| {
            progress.connected = false;
            progress.trouble = stopped.as_ref().err().map(ToString::to_string);
        });
        stopped
    }

    async fn work(&self) -> RelayError {
        let mut cursor = Cursor::default();
        let mut vain = 0;
        loop {
            let before = cursor.settled;
            let Err(trouble) = self.session(&mut cursor).await;
            let why = match trouble {
                Trouble::Stop(error) => return error,
                Trouble::Retry(why) => why,
            };
            vain = if cursor.settled > before { 1 } else { vain + 1 };
            let is_new = self.progress.borrow().trouble.as_ref() != Some(&why);
            if is_new {
                tracing::warn!(stream = self.names.stream(), "the relay tries again: {why}");
            }
            self.progress.send_modify(|progress| {
                progress.connected = false;
                progress.trouble = Some(why);
            });
            sleep(doubling(RETRIES, vain)).await;
        }
    }

    /// One connection, until it fails.
    async fn session(&self, cursor: &mut Cursor) -> Result<Infallible, Trouble> {
        let line = self.broker.connect().await?;
        tokio::select! {
            biased;
            failed = self.publish(&line, cursor) => failed,
            () = line.lost() => Err(Trouble::Retry("the connection to the broker was lost".to_owned())),
        }
    }

    async fn publish(&self, line: &B::Line, cursor: &mut Cursor) -> Result<Infallible, Trouble> {
        let mut vain = 0;
        loop {
            self.settle(line, cursor).await?;
            let before = cursor.settled;
            let window = Window::open(self, line, cursor).await?;
            vain = match window.publish().await? {
                Stretch::Doubt if cursor.settled == before => vain + 1,
                Stretch::Doubt | Stretch::Quiet => 0,
            };
            if vain > 0 {
                sleep(doubling(STAND_BY, vain)).await;
            }
        }
    }

    /// Asks the stream where it ends, and makes sure that what is in doubt, and its last messages,
    /// are the entries of the log.
    async fn settle(&self, line: &B::Line, cursor: &mut Cursor) -> Result<(), Trouble> {
        // The stream first: what stands there stood in the log before.
        let end = line.end().await?;
        let head = self.log.head().await?.position;
        let (name, last) = (self.names.stream(), end.sequence);
        if last > head.0 {
            let (stream, sequence) = (name.to_owned(), last);
            return Err(RelayError::AheadOfLog {
                stream,
                sequence,
                head,
            }
            .into());
        }
        if end.messages != last {
            let (stream, messages) = (name.to_owned(), end.messages);
            return Err(RelayError::Holes {
                stream,
                sequence: last,
                messages,
            }
            .into());
        }
        let doubt = cursor.settled + 1..=cursor.sent.min(last);
        let compared = if doubt.is_empty() { 0 } else { *doubt.end() };
        let tail = last.saturating_sub(TAIL).max(compared) + 1..=last;
        compare(line, (name, &self.log), doubt).await?;
        compare(line, (name, &self.log), tail).await?;
        if last < cursor.settled {
            tracing::warn!(
                stream = name,
                from = last,
                to = cursor.settled,
                "the stream lost its end: publishing it again"
            );
        }
        tracing::debug!(stream = name, last, head = head.0, "the stream is ours");
        let first = !std::mem::replace(&mut cursor.known, true);
        let as_expected = cursor.settled == last && cursor.sent == last;
        cursor.settled = last;
        cursor.sent = cursor.sent.max(last);
        self.progress.send_modify(|progress| {
            let is_quiet = progress.connected && as_expected;
            progress.resyncs += u64::from(!first && !is_quiet);
            progress.published = Position(last);
            progress.head = progress.head.max(head);
            progress.connected = true;
            progress.trouble = None;
        });
        Ok(())
    }

    /// The next entries of the log, after a pause that a wake-up ends.
    async fn page(&self, after: u64, pause: Duration) -> Result<Vec<Recorded>, LogError> {
        if !pause.is_zero() {
            let woken = async {
                match &self.wake {
                    Some(wake) => wake.notified().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = woken => {}
            }
        }
        self.log.read_after(Position(after), PAGE).await
    }

    fn message(&self, entry: Recorded) -> Result<Message, RelayError> {
        Message::of(self.log.origin(), &self.names, entry)
    }

    fn published(&self, position: u64) {
        self.progress
            .send_modify(|progress| progress.published = Position(position));
    }

    fn seen(&self, position: u64) {
        let position = Position(position);
        self.progress.send_if_modified(|progress| {
            let news = position > progress.head;
            progress.head = progress.head.max(position);
            news
        });
    }
}

/// The n-th pause, from 1, doubling from the first to the second of the two.
fn doubling([shortest, longest]: [Duration; 2], n: u32) -> Duration {
    let factor = 2_u32.saturating_pow(n.saturating_sub(1));
    shortest.saturating_mul(factor).min(longest)
}
