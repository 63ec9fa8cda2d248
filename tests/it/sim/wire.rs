//! The broker as a model: a stream of messages, and lines to it that lose, double and delay. It checks what is stored at
//! the moment when it is stored.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use qonys::relay::{
    Trouble,
    broker::{Answer, Broker, End, Line, Message},
};
use tokio::{
    sync::{Mutex, mpsc, watch},
    time::{Instant, sleep},
};

use super::world::{Life, World};

/// How long the broker remembers ids.
const REMEMBERS: Duration = Duration::from_secs(2);
/// How long a late message is late, in milliseconds.
const LATE: u32 = 7_000;

/// What the broker has.
#[derive(Default)]
pub(crate) struct Stream {
    pub(crate) messages: Vec<String>,
    exists: bool,
    ids: BTreeMap<String, Instant>,
    /// Counts restarts: a line lives as long as the count that it was born under.
    restarts: u64,
}

impl Stream {
    /// Loses its last messages, and everybody's connection.
    pub(crate) fn roll_back(&mut self, lost: usize) {
        let kept = self.messages.len().saturating_sub(lost);
        self.messages.truncate(kept);
        self.ids.clear();
        self.restarts += 1;
    }

    /// Is gone; whoever needs it makes it again.
    pub(crate) fn delete(&mut self) {
        self.messages.clear();
        self.ids.clear();
        self.exists = false;
    }

    fn take(&mut self, message: &Message) -> Answer {
        let to = Some(message.position);
        let refused = Answer { to, stored: None };
        if !self.exists {
            return Answer {
                to: None,
                stored: None,
            };
        }
        let now = Instant::now();
        if self
            .ids
            .get(&message.id)
            .is_some_and(|at| now - *at < REMEMBERS)
        {
            return refused;
        }
        let last = self.messages.len() as u64;
        if message.after.is_some_and(|after| after != last) {
            return refused;
        }
        self.ids.insert(message.id.clone(), now);
        self.messages.push(message.body.clone());
        Answer {
            to,
            stored: Some(last + 1),
        }
    }
}

/// The broker as one process sees it.
pub(crate) struct ModelBroker {
    pub(crate) world: Arc<World>,
    pub(crate) life: Life,
}

/// One connection.
pub(crate) struct ModelLine {
    world: Arc<World>,
    life: Life,
    born_under: u64,
    broken: watch::Sender<bool>,
    /// What is on its way, in order.
    sending: mpsc::UnboundedSender<(Message, mpsc::UnboundedSender<Answer>)>,
}

/// Answers to one stretch.
pub(crate) struct ModelAnswers {
    told: mpsc::UnboundedSender<Answer>,
    heard: Mutex<mpsc::UnboundedReceiver<Answer>>,
}

fn broken() -> Trouble {
    Trouble::Retry("the connection broke".to_owned())
}

impl Broker for ModelBroker {
    type Line = ModelLine;

    async fn connect(&self) -> Result<ModelLine, Trouble> {
        self.life.travel(&self.world.dice, 5).await;
        if self.world.dice.happens(self.world.rates().line_lost) {
            return Err(broken());
        }
        let (sending, sent) = mpsc::unbounded_channel();
        tokio::spawn(carry(Arc::clone(&self.world), sent));
        Ok(ModelLine {
            world: Arc::clone(&self.world),
            life: self.life.clone(),
            born_under: self.world.stream().restarts,
            broken: watch::Sender::new(false),
            sending,
        })
    }
}

/// Carries what one connection sends, in order; what is late arrives whenever it does.
async fn carry(
    world: Arc<World>,
    mut sent: mpsc::UnboundedReceiver<(Message, mpsc::UnboundedSender<Answer>)>,
) {
    while let Some((message, told)) = sent.recv().await {
        sleep(world.dice.within(1)).await;
        let rates = world.rates();
        if world.dice.happens(rates.message_lost) {
            continue;
        }
        if world.dice.happens(rates.message_late) {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                sleep(world.dice.within(LATE)).await;
                deliver(&world, &message, &told);
            });
            continue;
        }
        deliver(&world, &message, &told);
        if world.dice.happens(rates.message_doubled) {
            sleep(world.dice.within(5_000)).await;
            deliver(&world, &message, &told);
        }
    }
}

fn deliver(world: &World, message: &Message, told: &mpsc::UnboundedSender<Answer>) {
    let answer = world.stream().take(message);
    if let Some(sequence) = answer.stored {
        let disk = world.disk();
        let entry = disk.entries.get(sequence as usize - 1);
        if entry.is_none_or(|entry| entry.text != message.body) {
            world.fault(
                "stream",
                format!("message {sequence} is entry {}", message.position),
            );
        }
    }
    if !world.dice.happens(world.rates().answer_lost) {
        told.send(answer).ok();
    }
}

impl ModelLine {
    async fn travel(&self) -> Result<(), Trouble> {
        self.life.travel(&self.world.dice, 2).await;
        if self.world.dice.happens(self.world.rates().line_lost) {
            self.broken.send_replace(true);
        }
        let restarted = self.world.stream().restarts != self.born_under;
        if restarted || *self.broken.borrow() {
            self.broken.send_replace(true);
            return Err(broken());
        }
        Ok(())
    }
}

impl Line for ModelLine {
    type Answers = ModelAnswers;

    async fn end(&self) -> Result<End, Trouble> {
        self.travel().await?;
        let end = {
            let mut stream = self.world.stream();
            stream.exists = true;
            let sequence = stream.messages.len() as u64;
            End {
                sequence,
                messages: sequence,
            }
        };
        self.travel().await?;
        Ok(end)
    }

    async fn message(&self, sequence: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.travel().await?;
        let stream = self.world.stream();
        let found = stream.messages.get(sequence as usize - 1);
        Ok(found.map(|body| body.clone().into_bytes()))
    }

    async fn listen(&self) -> Result<ModelAnswers, Trouble> {
        self.travel().await?;
        let (told, heard) = mpsc::unbounded_channel();
        Ok(ModelAnswers {
            told,
            heard: Mutex::new(heard),
        })
    }

    async fn publish(&self, answers: &ModelAnswers, message: Message) -> Result<(), Trouble> {
        self.life.check().await;
        if *self.broken.borrow() {
            return Err(broken());
        }
        let sent = self.sending.send((message, answers.told.clone()));
        sent.map_err(|_| broken())
    }

    async fn answer(&self, answers: &mut ModelAnswers) -> Result<Answer, Trouble> {
        let heard = answers.heard.get_mut().recv().await;
        self.life.check().await;
        heard.ok_or_else(broken)
    }

    async fn lost(&self) {
        let mut broken = self.broken.subscribe();
        drop(broken.wait_for(|broken| *broken).await);
    }
}
