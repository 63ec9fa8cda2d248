//! The one writer of a process: what waits is appended together. Several processes may write one second log: whoever finds
//! the head moved looks again.

use std::collections::HashMap;

use qonys_events::{
    entry::{Actor, Command, Entry, Place, command_hash},
    event::Event,
    fact::{Fact, LogOpened},
    id::{Ref, StreamId},
    scalar::{Count, Position, Slug, StreamSeq},
    tree::leaf_hash,
};
use tokio::sync::{mpsc, oneshot};

use super::{Asker, AuditError, NOBODY};
use crate::{
    clock::{Clock, Entropy},
    log::{Batch, Head, Log, LogError, Prepared},
};

/// Records that one append gathers.
const GATHERED_MAX: usize = 256;
/// How often an append is tried again because others append too.
const ATTEMPTS_MAX: u32 = 20;
/// Streams whose end is remembered.
const ENDS_MAX: usize = 65_536;

/// Something to record, and who waits for it.
pub(super) struct Record {
    pub(super) asker: Asker,
    pub(super) stream: StreamId,
    pub(super) event: Event,
    pub(super) answer: oneshot::Sender<Result<(), AuditError>>,
}

pub(super) struct Writer {
    log: Log,
    clock: Clock,
    entropy: Entropy,
    /// The head that we know, with the ends of streams that are right as long as it is the head.
    head: Head,
    ends: HashMap<StreamId, StreamSeq>,
}

/// What opens a second log gives nobody's name: it is made with the register.
fn opener() -> Result<Asker, AuditError> {
    let slug = |text: &str| text.parse::<Slug>().map_err(|e| AuditError(e.to_string()));
    Ok(Asker {
        actor: Actor {
            actor: NOBODY
                .parse::<Ref>()
                .map_err(|e| AuditError(e.to_string()))?,
            role: slug("operator")?,
            office: slug("register")?,
            onbehalfof: None,
        },
        policy: slug("declared")?,
        purpose: None,
        caseref: None,
    })
}

impl Writer {
    pub(super) async fn open(
        log: Log,
        clock: Clock,
        entropy: Entropy,
        opened: LogOpened,
    ) -> Result<Self, AuditError> {
        let mut writer = Self {
            head: log.head().await?,
            log,
            clock,
            entropy,
            ends: HashMap::new(),
        };
        if writer.head.position == Position(0) {
            let (answer, _) = oneshot::channel();
            let first = Record {
                asker: opener()?,
                stream: StreamId::log(),
                event: Event::new(Fact::LogOpened(opened)),
                answer,
            };
            match writer.append(std::slice::from_ref(&first)).await {
                // Another process was first.
                Err(LogError::HeadMoved(_)) => writer.look_again().await?,
                done => done?,
            }
        }
        Ok(writer)
    }

    /// Records until nobody can ask for it any more.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Record>) {
        let mut records = Vec::with_capacity(GATHERED_MAX);
        while queue.recv_many(&mut records, GATHERED_MAX).await > 0 {
            let done = self.write(&records).await;
            if let Err(error) = &done {
                tracing::error!(%error, records = records.len(), "nothing is told that could not be recorded");
            }
            for record in records.drain(..) {
                // Whoever went away is told nothing, and what he asked for is recorded all the same.
                drop(record.answer.send(done.clone()));
            }
        }
    }

    async fn look_again(&mut self) -> Result<(), LogError> {
        self.ends.clear();
        self.head = self.log.head().await?;
        Ok(())
    }

    async fn write(&mut self, records: &[Record]) -> Result<(), AuditError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.append(records).await {
                Ok(()) => return Ok(()),
                Err(LogError::HeadMoved(_)) => self.look_again().await?,
                Err(LogError::OutcomeUnknown(why)) => {
                    // Recorded twice says more than was; not recorded says less. Whoever waits hears that it failed.
                    self.look_again().await?;
                    return Err(AuditError(why));
                }
                Err(error) => {
                    self.look_again().await?;
                    return Err(error.into());
                }
            }
        }
        Err(AuditError("its head keeps moving".to_owned()))
    }

    async fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let mut batch = Batch {
            frontier: self.head.frontier.clone(),
            ..Batch::default()
        };
        let mut head = self.head.clone();
        if self.ends.len() > ENDS_MAX {
            self.ends.clear();
        }
        let mut ends = HashMap::new();
        for record in records {
            let known = ends
                .get(&record.stream)
                .or_else(|| self.ends.get(&record.stream))
                .copied();
            let end = match known {
                Some(end) => end,
                None => self.log.stream_end(&record.stream).await?,
            };
            let seq = StreamSeq(end.0 + 1);
            ends.insert(record.stream.clone(), seq);
            let now = self.clock.now();
            let time = head.time.map_or(now, |last| now.max(last.plus_micros(1)));
            let entry = self.entry(record, &head, seq, time);
            let text = entry
                .write()
                .map_err(|e| LogError::Refused(e.to_string()))?;
            batch.frontier.push(leaf_hash(text.as_bytes()));
            head.position = entry.place.position;
            head.time = Some(time);
            batch.entries.push(Prepared {
                place: entry.place,
                commandid: entry.command.commandid,
                text,
            });
        }
        head.frontier = batch.frontier.clone();
        self.log.append(self.head.position, &batch).await?;
        self.head = head;
        self.ends.extend(ends);
        Ok(())
    }

    fn entry(
        &self,
        record: &Record,
        head: &Head,
        streamseq: StreamSeq,
        time: qonys_events::scalar::Instant,
    ) -> Entry {
        let nonce = self.entropy.nonce();
        let data = record.event.fact.write_data();
        Entry {
            place: Place {
                id: self.entropy.id_at(time),
                subject: record.stream.clone(),
                time,
                position: Position(head.position.0 + 1),
                streamseq,
                commandindex: Count(1),
            },
            command: Command {
                source: self.log.origin().clone(),
                commandid: self.entropy.id_at(time),
                commandhash: command_hash(nonce, data.as_bytes()),
                commandcount: Count(1),
                actor: record.asker.actor.clone(),
                purpose: record.asker.purpose.clone(),
                policy: record.asker.policy.clone(),
                correlation: None,
                causation: None,
                causationsource: None,
                traceparent: None,
                nonce,
            },
            event: record.event.clone(),
        }
    }
}
