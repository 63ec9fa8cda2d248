//! A batch while it is decided: commands in order, their entries so far, and what each sender will be told.

use std::collections::{BTreeMap, HashMap};

use qonys_domain::{blocked::Blocked, command::Command};
use qonys_events::{
    entry::{Command as CommandPart, ENGINE, Entry, MAX_EVENTS_PER_COMMAND, Place, command_hash},
    fault::Fault,
    id::{Origin, Ref},
    scalar::{Count, Instant, Position, Slug, StreamSeq},
    slot::Slot,
    tree::leaf_hash,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{
    Job, Outcome, Stored,
    cache::Cache,
    request::{Invalid, Request},
};
use crate::{
    audit::{Asker, Audit, AuditError},
    clock::Entropy,
    log::{Batch, Head, Prepared, SealedSlot},
};

/// One command of a batch.
pub(super) struct Item {
    pub(super) request: Request,
    pub(super) minted: Ref,
    pub(super) reply: oneshot::Sender<Outcome>,
    audit: Option<Audit>,
    /// The command with its references resolved, or why it cannot be read.
    pub(super) command: Option<Command>,
    /// Its personal values, sealed once; they survive a second decision.
    pub(super) slots: Vec<Slot>,
    /// Their sealed bytes.
    pub(super) sealed: Vec<SealedSlot>,
    /// The minted reference is that of a number: somebody else, who brought the same number, may record under it too.
    pub(super) known: bool,
    /// Nobody stood for that number before.
    pub(super) fresh: bool,
    /// Whom the vault knows by the number that a correction brings.
    pub(super) known_as: Option<Ref>,
    /// What the sender will be told, once the batch is settled.
    pub(super) outcome: Option<Outcome>,
    /// Who sent the same command, to the letter, while it waited: what it weighs stays counted until it is answered.
    followers: Vec<(oneshot::Sender<Outcome>, OwnedSemaphorePermit)>,
    _weight: OwnedSemaphorePermit,
}

impl Item {
    /// A command that has just arrived.
    pub(super) fn of(job: Job) -> Self {
        Self {
            request: job.request,
            minted: job.minted,
            reply: job.reply,
            audit: job.audit,
            command: None,
            slots: Vec::new(),
            sealed: Vec::new(),
            known: false,
            fresh: false,
            known_as: None,
            outcome: None,
            followers: Vec::new(),
            _weight: job.weight,
        }
    }

    /// How many entries it wrote.
    pub(super) fn written(&self) -> usize {
        match &self.outcome {
            Some(Outcome::Accepted(stored)) => stored.positions.len(),
            _ => 0,
        }
    }

    /// The same command again, before this one is decided: it gets the same answer.
    pub(super) fn follow(&mut self, job: Job) {
        self.followers.push((job.reply, job.weight));
    }

    /// Tells the sender. One that went away has cancelled nothing.
    pub(super) fn answer(self) {
        let outcome = self.outcome.unwrap_or(Outcome::Unknown);
        let tell = |outcome: Outcome| {
            for (reply, _weight) in self.followers {
                drop(reply.send(match &outcome {
                    Outcome::Accepted(stored) => Outcome::Duplicate(stored.clone()),
                    other => other.clone(),
                }));
            }
            drop(self.reply.send(outcome));
        };
        match (outcome, self.audit, self.command) {
            (Outcome::Blocked(blocked), Some(audit), Some(command)) if !self.request.dry_run => {
                // On a task of its own: nobody else waits for the second log.
                tokio::spawn(async move {
                    let recorded = record(&audit, &self.request, &command, &blocked).await;
                    tell(match recorded {
                        Ok(()) => Outcome::Blocked(blocked),
                        Err(error) => Outcome::Unavailable(error.to_string()),
                    });
                });
            }
            (outcome, ..) => tell(outcome),
        }
    }
}

/// Records in the second log that a command was blocked.
async fn record(
    audit: &Audit,
    request: &Request,
    command: &Command,
    blocked: &Blocked,
) -> Result<(), AuditError> {
    let declared = || "declared".parse().expect("a name");
    let asker = Asker {
        actor: request.actor.clone(),
        policy: request.policy.clone().unwrap_or_else(declared),
        purpose: None,
        caseref: None,
    };
    let hashed = request.hashed_bytes(command);
    let which = (request.id, request.type_name.as_str());
    audit.blocked(asker, which, &hashed, blocked).await
}

/// What a batch would append.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) batch: Batch,
    pub(super) head: Head,
}

impl Draft {
    /// An empty draft on a head.
    pub(super) fn on(head: &Head) -> Self {
        Self {
            batch: Batch {
                frontier: head.frontier.clone(),
                ..Batch::default()
            },
            head: head.clone(),
        }
    }

    /// The time of the next decision: the clock's, or a microsecond after the last entry.
    pub(super) fn now(&self, clock: Instant) -> Instant {
        self.head
            .time
            .map_or(clock, |last| clock.max(last.plus_micros(1)))
    }

    /// Writes the entries of a decided command and applies its events, or says why they cannot be written.
    pub(super) fn write(
        &mut self,
        item: &Item,
        (decided, policy): (qonys_domain::decide::Decided, Slug),
        now: Instant,
        origin: &Origin,
        entropy: &Entropy,
        cache: &mut Cache,
    ) -> Result<Stored, Invalid> {
        let count = decided.len();
        if count > MAX_EVENTS_PER_COMMAND {
            let message = format!(
                "the command writes {count} entries; at most {MAX_EVENTS_PER_COMMAND} are allowed"
            );
            return Err(Invalid::new("command-too-large", "/data", message));
        }
        let command = item
            .command
            .as_ref()
            .expect("only a command that could be read is decided");
        // A second decision of a command draws the same again.
        let entropy = entropy.derived("entries", item.request.id);
        let nonce = entropy.nonce();
        let shared = CommandPart {
            source: origin.clone(),
            commandid: item.request.id,
            commandhash: command_hash(nonce, &item.request.hashed_bytes(command)),
            commandcount: Count(count as u64),
            actor: item.request.actor.clone(),
            purpose: None,
            policy,
            correlation: None,
            causation: None,
            causationsource: None,
            traceparent: None,
            nonce,
        };
        debug_assert_eq!(ENGINE, "qonys-1");
        let mut entries = Vec::with_capacity(count);
        let mut stored = Stored::default();
        let mut versions: HashMap<_, StreamSeq> = HashMap::new();
        for (n, (stream, event)) in decided.into_iter().enumerate() {
            let version = versions
                .entry(stream.clone())
                .or_insert_with(|| cache.version(&stream));
            version.0 += 1;
            let time = now.plus_micros(n as i64);
            let place = Place {
                id: entropy.id_at(time),
                subject: stream,
                time,
                position: Position(self.head.position.0 + 1 + n as u64),
                streamseq: *version,
                commandindex: Count(n as u64 + 1),
            };
            let entry = Entry {
                place,
                command: shared.clone(),
                event,
            };
            let text = entry
                .write()
                .map_err(|e| Invalid::new("entry-too-large", "/data", e.to_string()))?;
            entries.push((entry, text));
        }
        let mut streams = BTreeMap::new();
        for (entry, text) in entries {
            let leaf = leaf_hash(text.as_bytes());
            let official = entry.command.actor.actor;
            cache.apply(
                &entry.place.subject,
                &entry.event,
                entry.place.id,
                (leaf, official),
            );
            self.batch.frontier.push(leaf);
            self.head.position = entry.place.position;
            self.head.time = Some(entry.place.time);
            stored.positions.push(entry.place.position);
            streams.insert(entry.place.subject.to_string(), entry.place.streamseq);
            self.batch.entries.push(Prepared {
                place: entry.place,
                commandid: item.request.id,
                text,
            });
        }
        stored.streams = streams;
        if !Fault::P2.planted() {
            self.batch.sealed.extend(item.sealed.iter().cloned());
        }
        Ok(stored)
    }

    /// A planted fault: the batch in two, cut inside its last command if that has several entries.
    pub(super) fn cut(&self) -> Option<(Batch, Batch)> {
        let last = self.batch.entries.last()?;
        if !Fault::AppendCut.planted() || last.place.commandindex.0 < 2 {
            return None;
        }
        let (mut first, mut rest) = (self.batch.clone(), self.batch.clone());
        rest.entries = first.entries.split_off(first.entries.len() - 1);
        Some((first, rest))
    }

    /// The head after the batch.
    pub(super) fn head_after(&self) -> Head {
        Head {
            frontier: self.batch.frontier.clone(),
            ..self.head.clone()
        }
    }
}
