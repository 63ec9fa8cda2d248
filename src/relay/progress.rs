//! How far the relay has come, for health and metrics.

use qonys_events::scalar::Position;

/// A look at a relay at work. Counters begin at zero when the process starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The last position that is known to stand in the stream; 0 before the first look.
    pub published: Position,
    /// The highest position of the log that the relay has seen.
    pub head: Position,
    /// Whether the broker answers and its stream was found to be ours.
    pub connected: bool,
    /// How often, after the first time, the stream had to be asked where it ends: connections and
    /// answers that were lost, other relays, streams that were rolled back. The looks at it while
    /// nothing comes count only where it had moved.
    pub resyncs: u64,
    /// What keeps it from publishing at the moment; it goes on trying.
    pub trouble: Option<String>,
}

impl Progress {
    /// How many entries of the log, as far as the relay has seen it, are not known to be published.
    pub fn lag(&self) -> u64 {
        self.head.0.saturating_sub(self.published.0)
    }
}
