//! The log as an event store of cqrs-es: a second door for its unmodified `CqrsFramework`, for commands that write one
//! stream. The application's own dispatch is the first one.
//!
//! An aggregate's type is the kind of its stream, its id the stream's key.

use std::{collections::HashMap, marker::PhantomData, str::FromStr};

use cqrs_es::{Aggregate, AggregateContext, AggregateError, EventEnvelope, EventStore};
use qonys_events::{
    entry::{Actor, BadEntry, Command, Entry, Place, command_hash},
    event::Event,
    id::StreamId,
    scalar::{Count, Position, StreamSeq},
    tree::leaf_hash,
};

use super::{Batch, Head, Log, LogError, Prepared, Recorded};
use crate::clock::{Clock, Entropy};

/// The policy in every entry that comes through this door: actors declare who they are.
const POLICY: &str = "declared";
/// Events that are read at once.
const PAGE: u32 = 1_000;

/// The log as an event store. Metadata of a commit must name `actor`, `role` and `office`; it may name `commandid`,
/// `onbehalfof`, `correlation` and `causation`. Other keys are not stored.
pub struct LogEventStore<A> {
    log: Log,
    clock: Clock,
    entropy: Entropy,
    aggregate: PhantomData<fn() -> A>,
}

/// An aggregate as it was loaded: its stream, how many events made it, its state.
pub struct StreamContext<A> {
    stream: StreamId,
    version: StreamSeq,
    aggregate: A,
}

impl<A> StreamContext<A> {
    /// The number of events that made the state.
    pub fn version(&self) -> StreamSeq {
        self.version
    }
}

impl<A: Aggregate> AggregateContext<A> for StreamContext<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

/// Why a command did not come through this door. The framework sees it as an `AggregateError` with
/// this, or the log's own error, inside.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The stream has grown since it was loaded: load again and decide again.
    #[error("the stream has grown since it was loaded")]
    Conflict,
    /// The aggregate's type and id are no stream.
    #[error("{0}/{1} is no stream")]
    Stream(&'static str, String),
    /// The metadata lack a key, or its value cannot be read.
    #[error("the metadata must name {0}, and as the log writes it")]
    Metadata(&'static str),
    /// An event cannot be written as an entry.
    #[error(transparent)]
    Entry(#[from] BadEntry),
    /// A stored entry cannot be read.
    #[error("{0}: {1}")]
    Stored(Position, BadEntry),
    /// The log refused or failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl<E: std::error::Error> From<DoorError> for AggregateError<E> {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Conflict => Self::AggregateConflict,
            DoorError::Stored(..) => Self::DeserializationError(Box::new(error)),
            DoorError::Log(error) => match error {
                LogError::Unavailable(_) | LogError::OutcomeUnknown(_) => {
                    Self::DatabaseConnectionError(Box::new(error))
                }
                _ => Self::UnexpectedError(Box::new(error)),
            },
            _ => Self::UnexpectedError(Box::new(error)),
        }
    }
}

impl<A> LogEventStore<A> {
    /// An event store on a log, with the clock and the random source that its entries are made with.
    pub fn new(log: Log, clock: Clock, entropy: Entropy) -> Self {
        Self {
            log,
            clock,
            entropy,
            aggregate: PhantomData,
        }
    }
}

impl<A: Aggregate<Event = Event>> LogEventStore<A> {
    fn stream(id: &str) -> Result<StreamId, DoorError> {
        let stream = StreamId::from_parts(A::TYPE, id);
        stream.map_err(|_| DoorError::Stream(A::TYPE, id.to_owned()))
    }

    /// Every entry of a stream, in order.
    async fn entries(&self, stream: &StreamId) -> Result<Vec<Entry>, DoorError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = StreamSeq(entries.len() as u64);
            let page = self.log.read_stream(stream, after, PAGE).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            for recorded in page {
                let entry = Entry::parse(&recorded.text);
                entries.push(entry.map_err(|e| DoorError::Stored(recorded.position, e))?);
            }
        }
    }

    /// The entries of a command on a head.
    fn draft(
        &self,
        head: &Head,
        context: &StreamContext<A>,
        command: &Command,
        events: &[Event],
    ) -> Vec<Entry> {
        let clock = self.clock.now();
        let now = head
            .time
            .map_or(clock, |last| clock.max(last.plus_micros(1)));
        let numbered = events.iter().zip(0_u64..);
        numbered
            .map(|(event, n)| {
                let time = now.plus_micros(n as i64);
                let place = Place {
                    id: self.entropy.id_at(time),
                    subject: context.stream.clone(),
                    time,
                    position: Position(head.position.0 + 1 + n),
                    streamseq: StreamSeq(context.version.0 + 1 + n),
                    commandindex: Count(1 + n),
                };
                Entry {
                    place,
                    command: command.clone(),
                    event: event.clone(),
                }
            })
            .collect()
    }

    /// Appends the events after the version that was loaded, deciding their place on the current head. When somebody
    /// else moves the head meanwhile, once more under the lock, where nobody can.
    async fn append(
        &self,
        context: &StreamContext<A>,
        command: &Command,
        events: &[Event],
    ) -> Result<Vec<Entry>, DoorError> {
        let head = self.log.head().await?;
        let foreign = self
            .log
            .read_stream(&context.stream, context.version, 1)
            .await;
        unmoved(&foreign?)?;
        let entries = self.draft(&head, context, command, events);
        match self
            .log
            .append(head.position, &batch(&head, &entries)?)
            .await
        {
            Ok(()) => return Ok(entries),
            Err(LogError::HeadMoved(_) | LogError::Time(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let mut locked = self.log.lock().await?;
        let head = locked.head().await?;
        let foreign = locked
            .read_stream(&context.stream, context.version, 1)
            .await;
        unmoved(&foreign?)?;
        let entries = self.draft(&head, context, command, events);
        locked
            .append(head.position, &batch(&head, &entries)?)
            .await?;
        Ok(entries)
    }

    /// What all entries of the command share.
    fn command(
        &self,
        metadata: &HashMap<String, String>,
        events: &[Event],
    ) -> Result<Command, DoorError> {
        let nonce = self.entropy.nonce();
        let hashed = serde_json::to_vec(events).map_err(BadEntry::from)?;
        Ok(Command {
            source: self.log.origin().clone(),
            commandid: optional(metadata, "commandid")?
                .unwrap_or_else(|| self.entropy.id_at(self.clock.now())),
            commandhash: command_hash(nonce, &hashed),
            commandcount: Count(events.len() as u64),
            actor: Actor {
                actor: required(metadata, "actor")?,
                role: required(metadata, "role")?,
                office: required(metadata, "office")?,
                onbehalfof: optional(metadata, "onbehalfof")?,
            },
            purpose: None,
            policy: POLICY.parse().expect("the policy's name is a slug"),
            correlation: optional(metadata, "correlation")?,
            causation: optional(metadata, "causation")?,
            causationsource: None,
            traceparent: None,
            nonce,
        })
    }
}

impl<A: Aggregate<Event = Event>> EventStore<A> for LogEventStore<A> {
    type AC = StreamContext<A>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let entries = self.entries(&Self::stream(aggregate_id)?).await?;
        Ok(entries.into_iter().map(envelope).collect())
    }

    async fn load_aggregate(
        &self,
        aggregate_id: &str,
    ) -> Result<StreamContext<A>, AggregateError<A::Error>> {
        let stream = Self::stream(aggregate_id)?;
        let mut aggregate = A::default();
        let mut version = StreamSeq(0);
        for entry in self.entries(&stream).await? {
            version = entry.place.streamseq;
            aggregate.apply(entry.event);
        }
        Ok(StreamContext {
            stream,
            version,
            aggregate,
        })
    }

    /// A stream that grew since it was loaded is a conflict; a log that grew elsewhere is not.
    async fn commit(
        &self,
        events: Vec<Event>,
        context: StreamContext<A>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let command = self.command(&metadata, &events)?;
        let entries = self.append(&context, &command, &events).await?;
        Ok(entries.into_iter().map(envelope).collect())
    }
}

/// The entries as a batch on a head.
fn batch(head: &Head, entries: &[Entry]) -> Result<Batch, DoorError> {
    let mut batch = Batch {
        frontier: head.frontier.clone(),
        ..Batch::default()
    };
    for entry in entries {
        let text = entry.write()?;
        batch.frontier.push(leaf_hash(text.as_bytes()));
        let (place, commandid) = (entry.place.clone(), entry.command.commandid);
        batch.entries.push(Prepared {
            place,
            commandid,
            text,
        });
    }
    Ok(batch)
}

/// An entry as cqrs-es hands it on. The metadata are those of the view `events`.
fn envelope<A: Aggregate<Event = Event>>(entry: Entry) -> EventEnvelope<A> {
    let (place, command) = (&entry.place, &entry.command);
    let metadata = [
        ("position", place.position.to_string()),
        ("id", place.id.to_string()),
        ("commandid", command.commandid.to_string()),
        ("commandindex", place.commandindex.to_string()),
        ("time", place.time.to_string()),
        ("actor", command.actor.actor.to_string()),
        ("role", command.actor.role.to_string()),
        ("office", command.actor.office.to_string()),
    ];
    EventEnvelope {
        aggregate_id: place.subject.key().to_owned(),
        sequence: place.streamseq.0 as usize,
        metadata: metadata
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
        payload: entry.event,
    }
}

fn unmoved(foreign: &[Recorded]) -> Result<(), DoorError> {
    if foreign.is_empty() {
        Ok(())
    } else {
        Err(DoorError::Conflict)
    }
}

fn optional<T: FromStr>(
    metadata: &HashMap<String, String>,
    key: &'static str,
) -> Result<Option<T>, DoorError> {
    let parsed = metadata.get(key).map(|value| value.parse()).transpose();
    parsed.map_err(|_| DoorError::Metadata(key))
}

fn required<T: FromStr>(
    metadata: &HashMap<String, String>,
    key: &'static str,
) -> Result<T, DoorError> {
    optional(metadata, key)?.ok_or(DoorError::Metadata(key))
}
