//! What happens by chance in a simulated city: everything is drawn from one seed.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// How often, out of 1,000 times, things go wrong in one city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// A question to the log fails.
    pub(crate) read_fails: u32,
    /// An append never arrives, and its sender does not know.
    pub(crate) append_lost: u32,
    /// An append arrives long after its sender gave up.
    pub(crate) append_late: u32,
    /// An append is stored, and the sender does not hear of it.
    pub(crate) append_unheard: u32,
    /// A disk that writes slowly.
    pub(crate) slow_disk: u32,
    /// Rows of views are not written.
    pub(crate) rows_lost: u32,
    /// Rows of views are written, and the writer does not hear of it.
    pub(crate) rows_unheard: u32,
    /// A message is lost, doubled, late; an answer is lost; the connection breaks.
    pub(crate) message_lost: u32,
    pub(crate) message_doubled: u32,
    pub(crate) message_late: u32,
    pub(crate) answer_lost: u32,
    pub(crate) line_lost: u32,
}

/// The dice of one city.
pub(crate) struct Dice(Mutex<ChaCha8Rng>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    /// A number from 0 on, below `end`.
    pub(crate) fn below(&self, end: u32) -> u32 {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The bias of the remainder is below one in a million for what is drawn here.
        dice.next_u32() % end.max(1)
    }

    /// Whether something happens that happens so often out of 1,000 times.
    pub(crate) fn happens(&self, of_a_thousand: u32) -> bool {
        self.below(1_000) < of_a_thousand
    }

    /// A time of so many milliseconds at most, in microseconds.
    pub(crate) fn within(&self, millis: u32) -> Duration {
        Duration::from_micros(u64::from(self.below(millis.max(1) * 1_000)))
    }

    /// How often things go wrong in this city: in one of eight never, in the others each thing at a rate of its own.
    pub(crate) fn rates(&self) -> Rates {
        let worst = self.below(8) * 20;
        let rate = || self.below(worst + 1);
        Rates {
            read_fails: rate() / 2,
            append_lost: rate(),
            append_late: rate() / 2,
            append_unheard: rate(),
            slow_disk: rate(),
            rows_lost: rate(),
            rows_unheard: rate(),
            message_lost: rate() / 2,
            message_doubled: rate() / 2,
            message_late: rate() / 2,
            answer_lost: rate() / 2,
            line_lost: rate() / 4,
        }
    }
}

impl Rates {
    /// Nothing goes wrong.
    pub(crate) const CALM: Self = Self {
        read_fails: 0,
        append_lost: 0,
        append_late: 0,
        append_unheard: 0,
        slow_disk: 0,
        rows_lost: 0,
        rows_unheard: 0,
        message_lost: 0,
        message_doubled: 0,
        message_late: 0,
        answer_lost: 0,
        line_lost: 0,
    };
}
