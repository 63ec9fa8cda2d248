//! A new key: announced in the log, so that whoever trusts the old one may trust it; both sign for a while.

use qonys_events::{
    entry::{Actor, Command, Entry, Place, command_hash},
    event::Event,
    fact::{Fact, log::LogKeyAnnounced},
    id::StreamId,
    scalar::{Count, Position, StreamSeq, Text},
    tree::leaf_hash,
};

use super::{
    ProofError,
    publisher::{Published, Publisher},
};
use crate::{
    clock::{Clock, Entropy},
    log::{Batch, Head, Log, Prepared, Recorded},
};

/// An operator's entry about the log itself. It decides nothing about anybody, so no rule of `domain` is asked.
pub(super) fn operators_entry(
    log: &Log,
    (at, streamseq): (Position, StreamSeq),
    fact: Fact,
    actor: Actor,
    (clock, entropy): (&Clock, &Entropy),
    last: &Head,
) -> Entry {
    let nonce = entropy.nonce();
    let now = last
        .time
        .map_or(clock.now(), |last| clock.now().max(last.plus_micros(1)));
    let data = fact.write_data();
    Entry {
        place: Place {
            id: entropy.id_at(now),
            subject: StreamId::log(),
            time: now,
            position: at,
            streamseq,
            commandindex: Count(1),
        },
        command: Command {
            source: log.origin().clone(),
            commandid: entropy.id_at(now),
            commandhash: command_hash(nonce, data.as_bytes()),
            commandcount: Count(1),
            actor,
            purpose: None,
            policy: "declared".parse().expect("a slug"),
            correlation: None,
            causation: None,
            causationsource: None,
            traceparent: None,
            nonce,
        },
        event: Event::new(fact),
    }
}

/// The operator who turns a key or closes an incarnation on the command line.
pub fn operator(entropy: &Entropy) -> Actor {
    Actor {
        actor: entropy.reference(),
        role: "operator".parse().expect("a slug"),
        office: "akimat.almaty".parse().expect("a slug"),
        onbehalfof: None,
    }
}

/// The batch of one entry.
pub(super) fn batch_of(entry: &Entry, head: &Head) -> Result<Batch, ProofError> {
    let unwritten = |error| ProofError::Broken(format!("the entry cannot be written: {error}"));
    let text = entry.write().map_err(unwritten)?;
    let mut frontier = head.frontier.clone();
    frontier.push(leaf_hash(text.as_bytes()));
    Ok(Batch {
        entries: vec![Prepared {
            place: entry.place.clone(),
            commandid: entry.command.commandid,
            text,
        }],
        sealed: Vec::new(),
        frontier,
    })
}

/// Makes a new key, announces it in the log, signs with both, and keeps the checkpoint that covers the announcement. After
/// a crash on the way it goes on with the same key.
pub async fn rotate(
    publisher: &mut Publisher,
    actor: Actor,
    clock: &Clock,
    entropy: &Entropy,
) -> Result<Published, ProofError> {
    let log = publisher.proof().log().clone();
    let old = publisher.signer().key()?.public().clone();
    let new = publisher.signer().next_key(entropy)?;
    let long = |_| ProofError::Broken("the key's name is too long".to_owned());
    let key: Text = new.to_string().parse().map_err(long)?;
    let mut locked = log.lock().await?;
    let head = locked.head().await?;
    let entries: Vec<Recorded> = locked
        .read_stream(&StreamId::log(), StreamSeq(0), u32::MAX >> 1)
        .await?;
    let quoted = format!(r#""key":"{key}""#);
    if !entries.iter().any(|entry| entry.text.contains(&quoted)) {
        let replaces = Some(old.to_string().parse().map_err(long)?);
        let fact = Fact::LogKeyAnnounced(LogKeyAnnounced { key, replaces });
        let seq = entries.last().map_or(0, |entry| entry.streamseq.0);
        let place = (Position(head.position.0 + 1), StreamSeq(seq + 1));
        let entry = operators_entry(&log, place, fact, actor, (clock, entropy), &head);
        locked
            .append(head.position, &batch_of(&entry, &head)?)
            .await?;
    } else {
        drop(locked);
    }
    publisher.signer().change_key()?;
    let published = publisher.round().await?;
    publisher.keep(&published)?;
    Ok(published)
}
