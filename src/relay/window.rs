//! Publishing in order with many messages under way, and an answer awaited for each.

use std::{collections::VecDeque, pin::pin, time::Duration};

use async_nats::{Client, StatusCode, Subscriber};
use futures::{FutureExt as _, StreamExt as _};
use qonys_events::fault::Fault;
use serde::Deserialize;
use tokio::time;

use super::{Relay, message::Message, trouble::Trouble};
use crate::log::Recorded;

/// The most messages that are under way without an answer.
pub const WINDOW: usize = 1_024;
/// The most bytes of entries that are under way without an answer, if more than one entry is.
const WINDOW_BYTES: usize = 8 << 20;
/// How many entries are read at a time.
pub(super) const PAGE: u32 = 512;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// After how long without anything to publish the stream is looked at, in case the broker lost some
/// of it.
const QUIET: Duration = Duration::from_secs(5);
/// The pauses between two looks at the log while nothing comes, doubling from the first to the
/// second.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(100)];

/// "Wrong last sequence" in the answers of the broker.
const WRONG_LAST_SEQUENCE: u64 = 10_071;

/// How a stretch of publishing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Everything was answered, and nothing came for a while.
    Quiet,
    /// Something is in doubt: the stream must be asked.
    Doubt,
}

/// The pause before the next look at the log.
#[derive(Debug, Default)]
struct Pause(Duration);

impl Pause {
    /// None after a full page, a short one after some entries, longer and longer ones after none.
    fn after(&mut self, page: &[Recorded]) -> Duration {
        let [shortest, longest] = PAUSES;
        self.0 = match page.len() {
            0 => (self.0 * 2).clamp(shortest, longest),
            some if some < PAGE as usize => shortest,
            _ => Duration::ZERO,
        };
        self.0
    }
}

/// What was sent and what is known of it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Cursor {
    /// All positions up to this one stand in the stream.
    pub(super) settled: u64,
    /// All positions up to this one were sent; those above `settled` are in doubt.
    pub(super) sent: u64,
    /// Whether the stream was ever asked where it ends.
    pub(super) known: bool,
}

/// The answer to one message.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    duplicate: bool,
    error: Option<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    err_code: u64,
    description: String,
}

/// What an answer tells about the oldest message under way.
enum Told {
    /// It stands at its position, and we put it there.
    Stored,
    /// It does, or does not, or something else does: the stream must be asked.
    Doubt,
}

/// One stretch of publishing over one connection.
pub(super) struct Window<'a> {
    relay: &'a Relay,
    client: &'a Client,
    inbox: String,
    answers: Subscriber,
    cursor: &'a mut Cursor,
    /// Read, not sent.
    queue: VecDeque<Message>,
    /// Lengths of what is under way, oldest first: position `settled + 1` and following.
    under_way: VecDeque<usize>,
    bytes: usize,
}

impl<'a> Window<'a> {
    /// Prepares to publish from the cursor on. Answers to earlier stretches go elsewhere.
    pub(super) async fn open(
        relay: &'a Relay,
        client: &'a Client,
        cursor: &'a mut Cursor,
    ) -> Result<Self, Trouble> {
        let inbox = client.new_inbox();
        let answers = client.subscribe(format!("{inbox}.*")).await;
        let answers = answers.map_err(|error| Trouble::broker("subscribing", error))?;
        let (queue, under_way) = (VecDeque::new(), VecDeque::with_capacity(WINDOW));
        Ok(Self {
            relay,
            client,
            inbox,
            answers,
            cursor,
            queue,
            under_way,
            bytes: 0,
        })
    }

    /// Publishes until something is in doubt or all has been quiet for [`QUIET`].
    pub(super) async fn publish(mut self) -> Result<Stretch, Trouble> {
        let mut read = self.cursor.settled;
        let mut pause = Pause::default();
        let mut reading = pin!(self.relay.page(read, Duration::ZERO));
        let mut last_news = time::Instant::now();
        let mut tick = time::interval(PATIENCE / 10);
        loop {
            self.fill().await?;
            tokio::select! {
                answer = self.answers.next(), if !self.under_way.is_empty() => {
                    let told = self.hear_all(answer);
                    self.relay.published(self.cursor.settled);
                    if let Told::Doubt = told? {
                        return Ok(Stretch::Doubt);
                    }
                    last_news = time::Instant::now();
                }
                page = &mut reading, if self.queue.len() < PAGE as usize => {
                    let page = page?;
                    read += page.len() as u64;
                    reading.set(self.relay.page(read, pause.after(&page)));
                    self.relay.seen(read);
                    if self.under_way.is_empty() && !page.is_empty() {
                        last_news = time::Instant::now();
                    }
                    for entry in page {
                        self.queue.push_back(self.relay.message(entry)?);
                    }
                }
                _ = tick.tick() => {
                    let waiting = last_news.elapsed();
                    if self.under_way.is_empty() && waiting >= QUIET {
                        return Ok(Stretch::Quiet);
                    }
                    if !self.under_way.is_empty() && waiting >= PATIENCE {
                        let why = format!("no answer to a message in {PATIENCE:?}");
                        return Err(Trouble::Retry(why));
                    }
                }
            }
        }
    }

    /// Sends what the window has room for.
    async fn fill(&mut self) -> Result<(), Trouble> {
        while self.under_way.len() < WINDOW {
            let first = self.under_way.is_empty();
            let fits = |next: &mut Message| first || self.bytes + next.body.len() <= WINDOW_BYTES;
            let Some(next) = self.queue.pop_front_if(fits) else {
                break;
            };
            let (length, position) = (next.body.len(), next.position);
            let answer_to = format!("{}.{position}", self.inbox);
            let again = (Fault::P12.planted() && position.is_multiple_of(50))
                .then(|| (next.subject.clone(), next.body.clone()));
            let sending = self.client.publish_with_reply_and_headers(
                next.subject,
                answer_to,
                next.headers,
                next.body.into(),
            );
            sending
                .await
                .map_err(|error| Trouble::broker("publishing", error))?;
            if let Some((subject, body)) = again {
                drop(self.client.publish(subject, body.into()).await);
            }
            self.under_way.push_back(length);
            self.bytes += length;
            self.cursor.sent = self.cursor.sent.max(position);
        }
        Ok(())
    }

    /// Takes in an answer and those that wait behind it, until one leaves something in doubt.
    fn hear_all(&mut self, first: Option<async_nats::Message>) -> Result<Told, Trouble> {
        let mut answer = Some(first);
        while let Some(message) = answer {
            if let Told::Doubt = self.hear(message)? {
                return Ok(Told::Doubt);
            }
            answer = self.answers.next().now_or_never();
        }
        Ok(Told::Stored)
    }

    /// Takes in one answer.
    fn hear(&mut self, message: Option<async_nats::Message>) -> Result<Told, Trouble> {
        let Some(message) = message else {
            return Err(Trouble::Retry("the connection is closed".to_owned()));
        };
        let position = self.cursor.settled + 1;
        let to = message
            .subject
            .rsplit_once('.')
            .map(|(_, last)| last.parse());
        if to != Some(Ok(position)) || message.status == Some(StatusCode::NO_RESPONDERS) {
            return Ok(Told::Doubt);
        }
        let answer: Answer = serde_json::from_slice(&message.payload)
            .map_err(|error| Trouble::broker("reading an answer", error))?;
        match answer.error {
            Some(error) if error.err_code == WRONG_LAST_SEQUENCE => Ok(Told::Doubt),
            Some(error) => {
                let AnswerError {
                    err_code,
                    description,
                } = error;
                Err(Trouble::Retry(format!(
                    "publishing: {description} ({err_code})"
                )))
            }
            None if answer.duplicate || answer.seq != position => Ok(Told::Doubt),
            None => {
                self.cursor.settled = position;
                self.bytes -= self.under_way.pop_front().unwrap_or_default();
                Ok(Told::Stored)
            }
        }
    }
}
