//! Entries for a log, good ones and wrong ones: drafts that a test may bend before they are written.

use qonys::{
    clock::Entropy,
    log::{Batch, Head, Log, Prepared, SealedSlot},
};
use qonys_events::{
    citation::Facts,
    digest::Sha256Hex,
    entry::{Actor, Command, Entry, Place, command_hash},
    event::Event,
    fact::{Fact, quota::PlacesHeld},
    id::{Origin, Ref, StreamId, StreamKind},
    scalar::{Count, Instant, Position, StreamSeq},
    tree::leaf_hash,
};

/// What a simulated log's first entry is dated.
pub(crate) const START: i64 = 1_724_457_600_000_000;

/// One entry to come: its stream, its place in the stream, its event.
pub(crate) type Draft = (StreamId, u64, Event);

/// A stream of its own for whoever asks.
pub(crate) fn fresh_stream() -> StreamId {
    StreamId::of(StreamKind::Application, Entropy::System.reference())
}

/// A fact of about the usual size.
pub(crate) fn held() -> Event {
    let facts = Facts::new()
        .with("headroom", 12)
        .with("territory", "Павлодар облысы — “қоныс”");
    Event::new(Fact::PlacesHeld(PlacesHeld {
        application: Entropy::System.reference(),
        places: Count(4),
        facts,
        bases: Vec::new(),
    }))
}

/// Drafts at the next places of one stream.
pub(crate) fn drafts(stream: &StreamId, from: u64, count: u64) -> Vec<Draft> {
    (from..from + count)
        .map(|seq| (stream.clone(), seq, held()))
        .collect()
}

/// Entries for whole commands after a head, one microsecond apart, the first at `time` or, where
/// that is not above the head's, right after it.
pub(crate) fn entries_at(
    origin: &Origin,
    head: &Head,
    time: Instant,
    commands: &[Vec<Draft>],
) -> Vec<Entry> {
    let after = head.time.map_or(time, |last| last.plus_micros(1).max(time));
    let entropy = Entropy::System;
    let mut entries = Vec::new();
    for drafts in commands {
        let nonce = entropy.nonce();
        let command = Command {
            source: origin.clone(),
            commandid: entropy.reference(),
            commandhash: command_hash(nonce, b"a test"),
            commandcount: Count(drafts.len() as u64),
            actor: Actor {
                actor: entropy.reference(),
                role: "quota-officer".parse().expect("a slug"),
                office: "akimat.pavlodar".parse().expect("a slug"),
                onbehalfof: None,
            },
            purpose: None,
            policy: "declared".parse().expect("a slug"),
            correlation: None,
            causation: None,
            causationsource: None,
            traceparent: None,
            nonce,
        };
        for ((subject, seq, event), index) in drafts.iter().zip(1..) {
            let offset = entries.len() as i64;
            let time = after.plus_micros(offset);
            let place = Place {
                id: entropy.id_at(time),
                subject: subject.clone(),
                time,
                position: Position(head.position.0 + 1 + offset as u64),
                streamseq: StreamSeq(*seq),
                commandindex: Count(index),
            };
            entries.push(Entry {
                place,
                command: command.clone(),
                event: event.clone(),
            });
        }
    }
    entries
}

/// The same, at the start of simulated time.
pub(crate) fn entries(log: &Log, head: &Head, commands: &[Vec<Draft>]) -> Vec<Entry> {
    entries_at(log.origin(), head, Instant::from_micros(START), commands)
}

/// Entries as a batch on a head, as they stand: nothing is put right.
pub(crate) fn batch(head: &Head, entries: &[Entry]) -> Batch {
    let entries = entries
        .iter()
        .map(|entry| Prepared {
            place: entry.place.clone(),
            commandid: entry.command.commandid,
            text: entry.write().expect("an entry that can be written"),
        })
        .collect();
    let mut batch = Batch {
        entries,
        sealed: Vec::new(),
        frontier: head.frontier.clone(),
    };
    for entry in &batch.entries {
        batch.frontier.push(leaf_hash(entry.text.as_bytes()));
    }
    batch
}

/// A good batch of one command of `count` entries on a stream of its own.
pub(crate) fn one_command(log: &Log, head: &Head, count: u64) -> Batch {
    batch(
        head,
        &entries(log, head, &[drafts(&fresh_stream(), 1, count)]),
    )
}

/// A sealed slot of a command.
pub(crate) fn slot(command: Ref, name: &str, bytes: &[u8]) -> SealedSlot {
    SealedSlot {
        commandid: command,
        name: name.parse().expect("a slug"),
        subject: Entropy::System.reference(),
        hash: Sha256Hex::of(bytes),
        bytes: bytes.to_vec(),
    }
}

/// A batch of one entry whose text has exactly this many bytes, wrong though it may be.
pub(crate) fn of_length(log: &Log, head: &Head, bytes: usize) -> Batch {
    let padded = |length: usize| {
        let mut facts = Facts::new();
        for (name, from) in (0..length).step_by(500).enumerate() {
            facts = facts.with(&format!("f{name:03}"), "x".repeat(500.min(length - from)));
        }
        let fact = PlacesHeld {
            application: Entropy::System.reference(),
            places: Count(1),
            facts,
            bases: Vec::new(),
        };
        let event = Event::new(Fact::PlacesHeld(fact));
        entries(log, head, &[vec![(fresh_stream(), 1, event)]])
    };
    // Each fact costs its name, quotes and a comma: shorten until the text fits, then stretch one.
    let room = (0..bytes).rev().step_by(100).find_map(|length| {
        let text = padded(length).first()?.write().ok()?;
        (text.len() <= bytes).then_some((length, text.len()))
    });
    let (length, written) = room.expect("a text that is short enough");
    let mut batch = batch(head, &padded(length));
    let text = batch.entries[0]
        .text
        .replacen("xx", &"x".repeat(2 + bytes - written), 1);
    assert_eq!(text.len(), bytes);
    batch.frontier = head.frontier.clone();
    batch.frontier.push(leaf_hash(text.as_bytes()));
    batch.entries[0].text = text;
    batch
}
