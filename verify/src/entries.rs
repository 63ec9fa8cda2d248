//! The level `format`: each entry by itself, and its place and time among its neighbours.

use qonys_events::{
    entry::{BadEntry, Entry},
    fact::Fact,
    scalar::Instant,
    term::ClockKind,
};

use crate::report::{Code, Fault};

/// Where the reading of one incarnation stands.
pub(crate) struct Entries {
    origin: String,
    /// The position that the last entry said.
    said: u64,
    last: Option<Instant>,
    /// Where the log's time comes from, by its first entry.
    pub(crate) clock: Option<ClockKind>,
}

impl Entries {
    pub(crate) fn new(origin: &str, before: u64) -> Self {
        Self {
            origin: origin.to_owned(),
            said: before,
            last: None,
            clock: None,
        }
    }

    /// The first entry comes after this time: the one of the last entry that is kept of the incarnation before.
    pub(crate) fn after(mut self, last: Option<Instant>) -> Self {
        self.last = last;
        self
    }

    /// Reads the entry that stands at a position. A fault that it has is told; the entry is given where it can be read.
    pub(crate) fn read<'b>(
        &mut self,
        position: u64,
        bytes: &'b [u8],
        mut tell: impl FnMut(Fault),
    ) -> Option<(Entry, &'b str)> {
        let mut fault = |code, detail: String| tell(Fault::new(code, detail).at(position));
        let Ok(text) = std::str::from_utf8(bytes) else {
            fault(Code::Format, "it is not UTF-8".to_owned());
            self.said += 1;
            return None;
        };
        let entry = match Entry::read(text) {
            Ok(entry) => entry,
            Err(BadEntry::NotCanonical) => {
                fault(Code::Canon, BadEntry::NotCanonical.to_string());
                Entry::parse(text).ok()?
            }
            Err(error) => {
                fault(Code::Format, error.to_string());
                self.said += 1;
                return None;
            }
        };
        let place = &entry.place;
        if entry.command.source.as_str() != self.origin {
            let detail = format!("the entry is of {}", entry.command.source);
            fault(Code::Origin, detail);
        }
        let (expected, found) = (self.said + 1, place.position.0);
        if found > expected {
            let detail = format!(
                "it says position {found}: {expected} to {} are missing",
                found - 1
            );
            fault(Code::Gap, detail);
        } else if found < expected {
            let detail = format!("it says position {found}, where {expected} comes next");
            fault(Code::Position, detail);
        }
        self.said = found;
        if let Some(last) = self.last.filter(|last| place.time <= *last) {
            let detail = format!("it says {}, the one before it {last}", place.time);
            fault(Code::TimeOrder, detail);
        }
        self.last = Some(place.time);
        if position == 1 {
            self.clock = match &entry.event.fact {
                Fact::LogOpened(opened) => Some(opened.clock),
                Fact::LogContinued(continued) => Some(continued.clock),
                _ => None,
            };
            if self.clock.is_none() {
                let detail = format!("the first entry is a {}", entry.event.fact.type_name());
                fault(Code::Opening, detail);
            }
        }
        Some((entry, text))
    }
}
