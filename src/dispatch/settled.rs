//! Long streams as they stand in the log, kept beside those that are written ahead of it: when a batch falls, the stream
//! that everybody writes is there again at once, and not read from its first entry while others wait.

use std::collections::{HashMap, VecDeque};

use qonys_domain::streams::Stream;
use qonys_events::{event::Event, id::StreamId, scalar::StreamSeq};

/// Events from which on a stream is kept twice; a shorter one is read again as quickly.
const LONG: u64 = 256;

/// One stream without what waits, and the events that wait to be stored, in order.
struct Kept {
    stream: Stream,
    waiting: VecDeque<Event>,
}

/// The streams that are kept twice.
#[derive(Default)]
pub(super) struct Settled {
    kept: HashMap<StreamId, Kept>,
    bytes: usize,
}

impl Settled {
    /// An event is about to be applied to a stream ahead of the log.
    pub(super) fn ahead(&mut self, id: &StreamId, stream: &Stream, event: &Event) {
        if let Some(kept) = self.kept.get_mut(id) {
            kept.waiting.push_back(event.clone());
        } else if stream.seq.0 >= LONG {
            self.bytes += stream.bytes();
            let kept = Kept {
                stream: stream.clone(),
                waiting: VecDeque::from([event.clone()]),
            };
            self.kept.insert(id.clone(), kept);
        }
    }

    /// The events of a stream up to this one are stored.
    pub(super) fn stored(&mut self, id: &StreamId, up_to: StreamSeq) {
        let Some(kept) = self.kept.get_mut(id) else {
            return;
        };
        let before = kept.stream.bytes();
        while kept.stream.seq < up_to
            && let Some(event) = kept.waiting.pop_front()
        {
            kept.stream.apply(&event);
        }
        self.bytes = self.bytes + kept.stream.bytes() - before;
    }

    /// Somebody else stored an event. What waited on that stream has fallen before.
    pub(super) fn foreign(&mut self, id: &StreamId, seq: StreamSeq, event: &Event) {
        if let Some(kept) = self.kept.get_mut(id)
            && kept.stream.seq < seq
        {
            let before = kept.stream.bytes();
            kept.stream.apply(event);
            self.bytes = self.bytes + kept.stream.bytes() - before;
        }
    }

    /// The stream as it stands in the log, if it was kept: what waited is void.
    pub(super) fn take(&mut self, id: &StreamId) -> Option<Stream> {
        let kept = self.kept.remove(id)?;
        self.bytes -= kept.stream.bytes();
        Some(kept.stream)
    }

    /// What the streams take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
