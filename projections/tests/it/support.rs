//! A log written by hand: commands of entries with positions, times and stream sequences as the log would give them.

use std::{
    collections::HashMap,
    pin::pin,
    task::{Context, Poll, Waker},
};

use qonys_events::{
    digest::{Nonce, Sha256Hex},
    entry::{Actor, Command, Entry, Place, command_hash},
    event::Event,
    fact::Fact,
    id::{Line, Ref, StreamId},
    scalar::{Count, Day, Instant, Position, Slug, StreamSeq},
};
use qonys_projections::{
    all,
    cell::TableRow,
    memory::{MemoryFeed, MemorySink},
    port::Stored,
    projection::Recorded,
    quota::board::QuotaBoard,
    runner::Runner,
};

/// The answer of a future that never waits.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("everything in memory is ready at once"),
    }
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn line(text: &str) -> Line {
    text.parse().unwrap()
}

/// The reference with this number.
pub(crate) fn id(n: u64) -> Ref {
    format!("00000000-0000-4000-8000-{n:012x}").parse().unwrap()
}

/// A fact of a type, from its data as JSON.
pub(crate) fn fact(name: &str, data: &str) -> Fact {
    let read = Fact::read(&format!("kz.qonys.{name}.v1"), data);
    read.unwrap_or_else(|| panic!("no type {name}"))
        .unwrap_or_else(|e| panic!("{name}: {e}: {data}"))
}

/// One event on its way into the log: its stream and itself.
pub(crate) type Said = (StreamId, Event);

/// An event that is decided on a day and works from it.
pub(crate) fn on(stream: &str, name: &str, data: &str, from: &str) -> Said {
    let event = Event::new(fact(name, data))
        .decided_on(day(from))
        .effective(day(from), None);
    (stream.parse().unwrap(), event)
}

/// A fact of others, recorded on a day.
pub(crate) fn noted(stream: &str, name: &str, data: &str) -> Said {
    (
        stream.parse().unwrap(),
        Event::new(fact(name, data)).decided_on(day("2024-01-02")),
    )
}

#[derive(Default, Clone)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Stored>,
    last_in_stream: HashMap<StreamId, u64>,
    commands: u64,
}

impl Log {
    /// Appends a command and says the position of its last entry.
    pub(crate) fn command(&mut self, events: impl IntoIterator<Item = Said>) -> Position {
        let events: Vec<_> = events.into_iter().collect();
        let count = events.len() as u64;
        self.commands += 1;
        for (index, (subject, event)) in (1..).zip(events) {
            let position = Position(self.entries.len() as u64 + 1);
            let seq = self
                .last_in_stream
                .entry(subject.clone())
                .and_modify(|s| *s += 1)
                .or_insert(1);
            let nonce = Nonce(
                Sha256Hex::of(&position.0.to_be_bytes()).0[..16]
                    .try_into()
                    .unwrap(),
            );
            let time = Instant::from_micros(1_700_000_000_000_000 + 1_000_000 * position.0 as i64);
            let entry = Entry {
                place: Place {
                    id: id(0x1_0000_0000 + position.0),
                    subject,
                    time,
                    position,
                    streamseq: StreamSeq(*seq),
                    commandindex: Count(index),
                },
                command: Command {
                    source: "qonys/almaty/test/1".parse().unwrap(),
                    commandid: id(0x2_0000_0000 + self.commands),
                    commandhash: command_hash(nonce, b"command"),
                    commandcount: Count(count),
                    actor: Actor {
                        actor: id(0x3_0000_0001),
                        role: slug("quota-officer"),
                        office: slug("akimat.almaty"),
                        onbehalfof: None,
                    },
                    purpose: None,
                    policy: slug("declared"),
                    correlation: None,
                    causation: None,
                    causationsource: None,
                    traceparent: None,
                    nonce,
                },
                event,
            };
            self.entries.push(Stored {
                position,
                before: 0,
                time,
                text: entry.write().unwrap(),
            });
        }
        Position(self.entries.len() as u64)
    }

    /// The last place in a stream.
    pub(crate) fn last_of(&self, stream: &str) -> u64 {
        self.last_in_stream[&stream.parse().unwrap()]
    }

    pub(crate) fn head(&self) -> Position {
        Position(self.entries.len() as u64)
    }

    /// The entries, read.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = Recorded> {
        self.entries
            .iter()
            .map(|stored| Recorded::read(stored.text.clone()).unwrap())
    }

    /// The log up to a position.
    pub(crate) fn prefix(&self, last: Position) -> Self {
        let entries = self.entries.iter().take(last.0 as usize).cloned().collect();
        Self {
            entries,
            ..Self::default()
        }
    }

    /// A feed of the log.
    pub(crate) fn feed(&self) -> MemoryFeed {
        MemoryFeed(self.entries.clone())
    }

    /// All views of the log, in memory.
    pub(crate) fn views(&self) -> MemorySink {
        let sink = MemorySink::default();
        ready(Runner::new(self.feed(), &sink, all()).catch_up_to(self.head()))
            .unwrap_or_else(|e| panic!("{e}"));
        sink
    }

    /// The board, folded from the entries.
    pub(crate) fn board(&self) -> QuotaBoard {
        let mut board = QuotaBoard::default();
        self.recorded()
            .for_each(|entry| board.fold(&entry).unwrap());
        board
    }
}

/// All rows of a typed table.
pub(crate) fn rows<R: TableRow>(sink: &MemorySink) -> Vec<R> {
    sink.rows(R::table())
        .iter()
        .map(|row| R::read(row).unwrap())
        .collect()
}

/// Rows of a table that stand at a position and are about a day: what a query as of both would give.
pub(crate) fn as_of<R: TableRow>(sink: &MemorySink, position: Position, on: Day) -> Vec<R> {
    let table = R::table();
    let known = sink
        .rows(table)
        .into_iter()
        .filter_map(|row| row.known_at(table, position));
    let open = known.filter(|row| row.get(table, "recorded_to").is_null());
    open.filter(|row| row.covers(table, on))
        .map(|row| R::read(&row).unwrap())
        .collect()
}

/// An act with the dates that the test gives as further JSON members.
pub(crate) fn act(name: &str, more: &str) -> Said {
    let data = format!(
        r#"{{"act":"{name}","kind":"order","body":"the setter","titles":{{"en":"{name}"}},"language":"ru","document":"{name}","wording":"{name}","synthetic":false,"source":"a test","entry_into_force":{{"rule":"unknown"}}{more}}}"#
    );
    noted("law/main", "act.recorded", &data)
}

/// The same with "so many days after publication".
pub(crate) fn act_after(name: &str, days: u64, more: &str) -> Said {
    let (stream, mut event) = act(name, more);
    if let Fact::ActRecorded(act) = &mut event.fact {
        act.entry_into_force =
            qonys_events::fact::law::EntryIntoForce::DaysAfterPublication { days: Count(days) };
    }
    (stream, event)
}
