//! When entries were recorded, as others saw it: a witness that cosigned a tree at a time had seen every entry in it, and
//! none after it.

use qonys_events::scalar::Instant;

use crate::report::{Code, Fault};

/// How far clocks may differ, in microseconds.
const SKEW_MICROS: i64 = 5_000_000;
const SECOND_MICROS: i64 = 1_000_000;

/// A checkpoint that somebody saw.
struct Seen {
    size: u64,
    /// In microseconds since 1970.
    micros: i64,
    /// Whether he would have seen later entries, had there been any.
    newest: bool,
}

/// Checkpoints with the times at which witnesses saw them, in the order of their sizes.
#[derive(Default)]
pub(crate) struct Window {
    /// By size; all are added before the first entry is looked at.
    seen: Vec<Seen>,
    next: usize,
    /// The time before which the entries to come cannot have been recorded.
    after: Option<(u64, i64)>,
}

impl Window {
    /// Adds a checkpoint that witnesses saw as the newest.
    pub(crate) fn add(&mut self, size: u64, times: &mut [u64]) {
        times.sort_unstable();
        // The later one of two in the middle: it bounds no entry wrongly from above.
        if let Some(median) = times.get(times.len() / 2) {
            self.insert(size, *median, true);
        }
    }

    /// Adds a checkpoint that was stamped: its entries were there, of later ones the stamp says nothing.
    pub(crate) fn stamped(&mut self, size: u64, time: u64) {
        self.insert(size, time, false);
    }

    fn insert(&mut self, size: u64, time: u64, newest: bool) {
        let micros = i64::try_from(time)
            .unwrap_or(i64::MAX)
            .saturating_mul(SECOND_MICROS);
        let at = self.seen.partition_point(|seen| seen.size <= size);
        self.seen.insert(
            at,
            Seen {
                size,
                micros,
                newest,
            },
        );
    }

    /// Up to which size times are bounded from above.
    pub(crate) fn bounded_to(&self) -> u64 {
        self.seen.last().map_or(0, |seen| seen.size)
    }

    /// Looks at the next entry. Times ascend, so only those at the edges of a checkpoint can be the first to break a bound.
    pub(crate) fn entry(&mut self, position: u64, time: Instant) -> Option<Fault> {
        while let Some(seen) = self.seen.get(self.next).filter(|seen| position > seen.size) {
            if seen.newest {
                self.after = Some((seen.size, seen.micros));
            }
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
        let here = self.seen[self.next..]
            .iter()
            .take_while(|seen| seen.size == position);
        // A time in whole seconds: the entry may be up to one later.
        let latest = here
            .map(|seen| seen.micros.saturating_add(SKEW_MICROS + SECOND_MICROS))
            .min()?;
        (micros > latest).then(|| {
            Fault::new(
                Code::TimeWindow,
                format!("it says {time}, but it was seen before that"),
            )
            .at(position)
        })
    }
}
