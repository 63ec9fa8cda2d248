//! Half-open intervals of civil days, as the effective days of an entry give them.

use qonys_events::{
    event::Event,
    id::Ref,
    scalar::{Day, StreamSeq},
};
use serde::{Deserialize, Serialize};

/// The days from the first one on, up to and without the last one; open while there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// First day.
    pub from: Day,
    /// First day after; `None` while open.
    pub until: Option<Day>,
}

impl Interval {
    /// The effective interval of an event. `None` when it has no first day.
    pub fn of(event: &Event) -> Option<Self> {
        Some(Self {
            from: event.effectivefrom?,
            until: event.effectiveto,
        })
    }

    /// Whether it has no day at all: what ended on its first day.
    pub fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    /// Whether the day lies in it.
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && self.ends_after(day)
    }

    /// Whether some day of it is `day` or later.
    pub fn reaches(&self, day: Day) -> bool {
        !self.is_empty() && self.ends_after(day)
    }

    /// Whether the two have a day in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        let meet = self.ends_after(other.from) && other.ends_after(self.from);
        meet && !self.is_empty() && !other.is_empty()
    }

    fn ends_after(&self, day: Day) -> bool {
        self.until.is_none_or(|until| day < until)
    }
}

/// Days at a dwelling (of a person) or of a person (at a dwelling).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell {
    /// The dwelling or the person.
    pub of: Ref,
    /// The days.
    pub days: Interval,
    /// The place in the stream of the entry that began it.
    pub entry: StreamSeq,
    /// The day on which it was registered first: a correction comes later and makes nothing late.
    pub registered_on: Option<Day>,
    /// The place in the stream of the entry that ended it, where one did.
    #[serde(default)]
    pub ended_by: Option<StreamSeq>,
}

/// Begins a spell on the effective days of an event that stands at a place of the stream.
pub(crate) fn begin(spells: &mut Vec<Spell>, of: Ref, event: &Event, entry: StreamSeq) {
    spells.extend(Interval::of(event).map(|days| Spell {
        of,
        days,
        entry,
        registered_on: event.decidedon,
        ended_by: None,
    }));
}

/// Ends the spell that has the first effective day of an event, which stands at a place of the stream, on that day; does
/// nothing without one.
pub(crate) fn end(spells: &mut [Spell], of: Ref, event: &Event, entry: StreamSeq) {
    let Some(day) = event.effectivefrom else {
        return;
    };
    let running = spells
        .iter_mut()
        .rev()
        .find(|s| s.of == of && s.days.contains(day));
    if let Some(spell) = running {
        spell.days.until = Some(day);
        spell.ended_by = Some(entry);
    }
}

/// Adds the effective days of an event to the spell that they follow.
pub(crate) fn extend(spells: &mut [Spell], of: Ref, event: &Event) {
    let followed = spells
        .iter_mut()
        .rev()
        .find(|s| s.of == of && s.days.until == event.effectivefrom);
    if let Some(spell) = followed {
        spell.days.until = event.effectiveto;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i8, until: Option<i8>) -> Interval {
        Interval {
            from: Day::new(2024, 3, from),
            until: until.map(|day| Day::new(2024, 3, day)),
        }
    }

    #[track_caller]
    fn check(a: Interval, b: Interval, overlap: bool) {
        assert_eq!(
            (a.overlaps(&b), b.overlaps(&a)),
            (overlap, overlap),
            "{a:?} and {b:?}"
        );
    }

    #[test]
    fn the_last_day_is_outside() {
        let march = days(5, Some(9));
        assert!(march.contains(Day::new(2024, 3, 5)) && march.contains(Day::new(2024, 3, 8)));
        assert!(!march.contains(Day::new(2024, 3, 4)) && !march.contains(Day::new(2024, 3, 9)));
        check(march, days(9, None), false);
        check(march, days(8, None), true);
        check(march, days(1, Some(5)), false);
        check(march, days(6, Some(7)), true);
        check(days(1, None), days(20, None), true);
    }

    #[test]
    fn what_ended_on_its_first_day_meets_nothing() {
        let nothing = days(5, Some(5));
        assert!(nothing.is_empty() && !nothing.contains(Day::new(2024, 3, 5)));
        assert!(
            !nothing.reaches(Day::new(2024, 3, 1)) && days(5, None).reaches(Day::new(2024, 3, 9))
        );
        check(nothing, days(1, None), false);
    }
}
