//! How many days an immigrant stayed (point 9; migration law art. 6): in a row, and in a rolling window. Computed and
//! shown; it bars nothing.

use qonys_events::{
    citation::{Citation, Facts},
    scalar::Day,
    term::{PersonKind, StayLimit},
};

use super::{
    Person,
    interval::{Interval, Spell},
};
use crate::law::Law;

/// The norm: days in a row without a permit.
pub const DAYS_AT_ONCE: &str = "immigrant-stay.days-at-once";

/// The norm: days in the window without a permit.
pub const DAYS_IN_WINDOW: &str = "immigrant-stay.days-in-window";

/// The norm: how many days the window has.
pub const WINDOW_DAYS: &str = "immigrant-stay.window-days";

/// Days from the first one up to and without the other; none when it lies before.
fn between(from: Day, until: Day) -> u64 {
    u64::try_from(from.days_until(until)).unwrap_or(0)
}

/// On how many of the days from `first` up to and with `last` somebody stayed; a day at two places counts once.
pub fn days_stayed(stays: impl IntoIterator<Item = Interval>, first: Day, last: Day) -> u64 {
    let end = last.plus_days(1);
    let mut clipped: Vec<(Day, Day)> = stays
        .into_iter()
        .map(|s| (s.from.max(first), s.until.unwrap_or(end).min(end)))
        .filter(|(from, until)| from < until)
        .collect();
    clipped.sort_unstable();
    let (mut days, mut counted) = (0, first);
    for (from, until) in clipped {
        days += between(from.max(counted), until);
        counted = counted.max(until);
    }
    days
}

/// How a stay stands to the limits, with what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) limit: StayLimit,
    pub(crate) facts: Facts,
    pub(crate) bases: Vec<Citation>,
}

/// How a stay of these days stands to the limits in force on its first day. While somebody stays, each day adds one to
/// the window and takes away at most one: a window that ends on the last day of a stay has the most. A stay that is
/// recorded late stands before others, so the windows that end with those are looked at too, as far as they reach back
/// into this one.
pub(crate) fn of_stay(
    person: &Person,
    others: &[Spell],
    days: Interval,
    permit: bool,
    law: &Law,
) -> Presence {
    let kind = person.kind_on(days.from).unwrap_or(PersonKind::Stateless);
    let mut facts = Facts::new().with("person-kind", kind);
    let bases = Vec::new();
    if kind == PersonKind::Citizen || permit {
        if kind != PersonKind::Citizen {
            facts = facts.with("permit", "yes");
        }
        return Presence {
            limit: StayLimit::NotApplicable,
            facts,
            bases,
        };
    }
    facts = facts.with("permit", "no");
    let norms = [DAYS_AT_ONCE, DAYS_IN_WINDOW, WINDOW_DAYS].map(|name| law.norm(name, days.from));
    let [Ok(at_once), Ok(in_window), Ok(window)] = norms else {
        return Presence {
            limit: StayLimit::Unknown,
            facts: facts.with("stay-limits", "norm-missing"),
            bases,
        };
    };
    let last = days.until.unwrap_or(days.from).plus_days(-1);
    let back = i64::try_from(window.value.0)
        .unwrap_or(i64::MAX)
        .min(4_000_000);
    let all = || others.iter().map(|s| s.days).chain([days]);
    let in_a_row = between(row_began(all(), days.from), row_ended(all(), days));
    let ends = others
        .iter()
        .filter_map(|s| Some(s.days.until?.plus_days(-1)));
    let meets = |end: &Day| *end > last && end.plus_days(1 - back) <= last;
    let windows = ends.filter(meets).chain([last]);
    let stayed = |end: Day| days_stayed(all(), end.plus_days(1 - back), end);
    let rolling = windows.map(stayed).max().unwrap_or_default();
    let limit = if rolling > in_window.value.0 {
        StayLimit::OverInWindow
    } else if in_a_row > at_once.value.0 {
        StayLimit::OverAtOnce
    } else {
        StayLimit::Within
    };
    Presence {
        limit,
        facts: facts
            .with("days-in-a-row", in_a_row)
            .with("days-at-once", at_once.value)
            .with("rolling-days", rolling)
            .with("days-in-window", in_window.value)
            .with("window-days", window.value)
            .with("limits-day", days.from),
        bases: vec![at_once.citation, in_window.citation, window.citation],
    }
}

/// The first day of the unbroken row of stays that has this day.
pub(crate) fn row_began(stays: impl IntoIterator<Item = Interval>, day: Day) -> Day {
    let mut stays: Vec<Interval> = stays.into_iter().filter(|s| !s.is_empty()).collect();
    stays.sort_unstable_by_key(|s| std::cmp::Reverse((s.until, s.from)));
    let mut began = day;
    // What touches the row makes it longer, until nothing does.
    while let Some(earlier) = stays
        .iter()
        .filter(|s| s.from < began && s.until.is_none_or(|until| began <= until))
        .map(|s| s.from)
        .min()
    {
        began = earlier;
    }
    began
}

/// The first day after the unbroken row of stays that has these days.
fn row_ended(stays: impl IntoIterator<Item = Interval>, days: Interval) -> Day {
    let stays: Vec<Interval> = stays.into_iter().filter(|s| !s.is_empty()).collect();
    let mut ended = days.until.unwrap_or(days.from);
    while let Some(later) = stays
        .iter()
        .filter(|s| s.from <= ended)
        .filter_map(|s| s.until)
        .filter(|until| ended < *until)
        .max()
    {
        ended = later;
    }
    ended
}

impl Person {
    /// The days of the stays that are recorded.
    pub fn stays(&self) -> impl Iterator<Item = Interval> {
        self.stays.iter().map(|s| s.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(from: i64, until: i64) -> Interval {
        let day = |n| Day::new(2024, 1, 1).plus_days(n);
        Interval {
            from: day(from),
            until: Some(day(until)),
        }
    }

    #[test]
    fn a_day_at_two_places_counts_once() {
        let day = |n| Day::new(2024, 1, 1).plus_days(n);
        let stays = [stay(0, 10), stay(5, 12), stay(20, 21), stay(30, 30)];
        assert_eq!(days_stayed(stays, day(0), day(40)), 13);
        assert_eq!(days_stayed(stays, day(8), day(20)), 5);
        assert_eq!(days_stayed(stays, day(12), day(19)), 0);
    }

    #[test]
    fn a_row_goes_back_over_stays_that_touch() {
        let day = |n| Day::new(2024, 1, 1).plus_days(n);
        let stays = [stay(0, 10), stay(10, 12), stay(11, 20), stay(22, 30)];
        assert_eq!(row_began(stays, day(25)), day(22));
        assert_eq!(row_began(stays, day(19)), day(0));
        assert_eq!(row_began(stays, day(21)), day(21));
    }
}
