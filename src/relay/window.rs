//! Publishing in order with many messages under way, and an answer awaited for each.

use std::{collections::VecDeque, pin::pin, time::Duration};

use futures::FutureExt as _;
use tokio::time;

use super::{
    Relay,
    broker::{Answer, Broker, Line, Message},
    trouble::Trouble,
};
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

/// What an answer tells about the oldest message under way.
enum Told {
    /// It stands at its position, and we put it there.
    Stored,
    /// It does, or does not, or something else does: the stream must be asked.
    Doubt,
}

/// One stretch of publishing over one connection.
pub(super) struct Window<'a, B: Broker> {
    relay: &'a Relay<B>,
    line: &'a B::Line,
    answers: <B::Line as Line>::Answers,
    cursor: &'a mut Cursor,
    /// Read, not sent.
    queue: VecDeque<Message>,
    /// Lengths of what is under way, oldest first: position `settled + 1` and following.
    under_way: VecDeque<usize>,
    bytes: usize,
}

impl<'a, B: Broker> Window<'a, B> {
    /// Prepares to publish from the cursor on. Answers to earlier stretches go elsewhere.
    pub(super) async fn open(
        relay: &'a Relay<B>,
        line: &'a B::Line,
        cursor: &'a mut Cursor,
    ) -> Result<Self, Trouble> {
        let answers = line.listen().await?;
        let (queue, under_way) = (VecDeque::new(), VecDeque::with_capacity(WINDOW));
        Ok(Self {
            relay,
            line,
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
                // In order, so that a simulation runs the same way twice. What comes first is bounded by the queue.
                biased;
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
                answer = self.line.answer(&mut self.answers), if !self.under_way.is_empty() => {
                    let told = self.hear_all(answer);
                    self.relay.published(self.cursor.settled);
                    if let Told::Doubt = told? {
                        return Ok(Stretch::Doubt);
                    }
                    last_news = time::Instant::now();
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
            self.line.publish(&self.answers, next).await?;
            self.under_way.push_back(length);
            self.bytes += length;
            self.cursor.sent = self.cursor.sent.max(position);
        }
        Ok(())
    }

    /// Takes in an answer and those that wait behind it, until one leaves something in doubt.
    fn hear_all(&mut self, first: Result<Answer, Trouble>) -> Result<Told, Trouble> {
        let mut answer = Some(first);
        while let Some(heard) = answer {
            if let Told::Doubt = self.hear(heard?) {
                return Ok(Told::Doubt);
            }
            answer = self.line.answer(&mut self.answers).now_or_never();
        }
        Ok(Told::Stored)
    }

    /// Takes in one answer.
    fn hear(&mut self, answer: Answer) -> Told {
        let position = self.cursor.settled + 1;
        if answer.to != Some(position) || answer.stored != Some(position) {
            return Told::Doubt;
        }
        self.cursor.settled = position;
        self.bytes -= self.under_way.pop_front().unwrap_or_default();
        Told::Stored
    }
}
