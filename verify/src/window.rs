//! When entries were recorded, as others saw it: a witness that cosigned a tree at a time had seen every entry in it, and
//! none after it.

use qonys_events::scalar::Instant;

use crate::report::{Code, Fault};

/// How far clocks may differ, in microseconds.
const SKEW_MICROS: i64 = 5_000_000;
const SECOND_MICROS: i64 = 1_000_000;

/// Checkpoints with the times at which witnesses saw them, in the order of their sizes.
#[derive(Default)]
pub(crate) struct Window {
    /// Size, and the median time in microseconds since 1970.
    seen: Vec<(u64, i64)>,
    next: usize,
    /// The time before which the entries to come cannot have been recorded.
    after: Option<(u64, i64)>,
}

impl Window {
    /// Adds a checkpoint that witnesses saw. Sizes ascend.
    pub(crate) fn add(&mut self, size: u64, times: &mut [u64]) {
        times.sort_unstable();
        // The later one of two in the middle: it bounds no entry wrongly from above.
        let Some(median) = times.get(times.len() / 2) else {
            return;
        };
        let micros = i64::try_from(*median)
            .unwrap_or(i64::MAX)
            .saturating_mul(SECOND_MICROS);
        self.seen.push((size, micros));
    }

    /// Up to which size times are bounded from above.
    pub(crate) fn bounded_to(&self) -> u64 {
        self.seen.last().map_or(0, |(size, _)| *size)
    }

    /// Looks at the next entry. Times ascend, so only those at the edges of a checkpoint can be the first to break a bound.
    pub(crate) fn entry(&mut self, position: u64, time: Instant) -> Option<Fault> {
        while let Some((size, seen)) = self
            .seen
            .get(self.next)
            .filter(|(size, _)| position > *size)
        {
            self.after = Some((*size, *seen));
            self.next += 1;
        }
        let micros = time.micros();
        if let Some((size, seen)) = self.after
            && position == size + 1
            && micros < seen.saturating_sub(SKEW_MICROS)
        {
            return Some(
                Fault::new(
                    Code::TimeWindow,
                    format!("it says {time}, but witnesses did not see it yet when they cosigned {size} entries later than that"),
                )
                .at(position),
            );
        }
        let (size, seen) = self.seen.get(self.next)?;
        // A witness's time is in whole seconds: the entry may be up to one later.
        let latest = seen.saturating_add(SKEW_MICROS + SECOND_MICROS);
        (position == *size && micros > latest).then(|| {
            Fault::new(
                Code::TimeWindow,
                format!("it says {time}, but witnesses saw it before that"),
            )
            .at(position)
        })
    }
}
