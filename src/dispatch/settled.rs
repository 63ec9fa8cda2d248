//! Long streams as they stand in the log, kept beside those that are written ahead of it: when a batch falls, the stream
//! that everybody writes is there again at once, and not read from its first entry while others wait.

use std::collections::{HashMap, VecDeque};

use qonys_domain::streams::Stream;
use qonys_events::{event::Event, id::StreamId, scalar::StreamSeq};

/// Events from which on a stream is kept twice; a shorter one is read again as quickly.
const LONG: u64 = 256;

/// A stream that is written ahead of the log.
enum Ahead {
    /// So many of its events wait to be stored. It was short, or had such events, when the first of them came.
    Once(usize),
    /// It is kept twice: without what waits, and the events that wait, in order.
    Twice {
        stream: Box<Stream>,
        waiting: VecDeque<Event>,
    },
}

/// The streams that are written ahead of the log, and of the long ones what stands in it.
#[derive(Default)]
pub(super) struct Settled {
    streams: HashMap<StreamId, Ahead>,
    bytes: usize,
}

impl Settled {
    /// An event is about to be applied to a stream ahead of the log.
    pub(super) fn ahead(&mut self, id: &StreamId, stream: &Stream, event: &Event) {
        match self.streams.get_mut(id) {
            Some(Ahead::Once(waiting)) => *waiting += 1,
            Some(Ahead::Twice { waiting, .. }) => waiting.push_back(event.clone()),
            // Nothing of it waits: as it is, it stands in the log.
            None if stream.seq.0 >= LONG => {
                self.bytes += stream.bytes();
                let ahead = Ahead::Twice {
                    stream: Box::new(stream.clone()),
                    waiting: VecDeque::from([event.clone()]),
                };
                self.streams.insert(id.clone(), ahead);
            }
            None => {
                self.streams.insert(id.clone(), Ahead::Once(1));
            }
        }
    }

    /// The next of the waiting events of a stream is stored.
    pub(super) fn stored(&mut self, id: &StreamId) {
        match self.streams.get_mut(id) {
            Some(Ahead::Once(waiting)) if *waiting > 1 => *waiting -= 1,
            Some(Ahead::Once(_)) => {
                self.streams.remove(id);
            }
            Some(Ahead::Twice { stream, waiting }) => {
                if let Some(event) = waiting.pop_front() {
                    self.bytes -= stream.bytes();
                    stream.apply(&event);
                    self.bytes += stream.bytes();
                }
            }
            None => {}
        }
    }

    /// Somebody else stored an event. What waited on that stream has fallen before.
    pub(super) fn foreign(&mut self, id: &StreamId, seq: StreamSeq, event: &Event) {
        if let Some(Ahead::Twice { stream, .. }) = self.streams.get_mut(id)
            && stream.seq < seq
        {
            self.bytes -= stream.bytes();
            stream.apply(event);
            self.bytes += stream.bytes();
        }
    }

    /// What waited on a stream is void: the stream as it stands in the log, if it was kept.
    pub(super) fn take(&mut self, id: &StreamId) -> Option<Stream> {
        match self.streams.remove(id)? {
            Ahead::Once(_) => None,
            Ahead::Twice { stream, .. } => {
                self.bytes -= stream.bytes();
                Some(*stream)
            }
        }
    }

    /// What the streams take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
