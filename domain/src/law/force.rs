//! From when an act is in force (preamble). Entry into force needs evidence: a recorded publication from which it is
//! computed, a sourced date, or an official's determination. Without any, the answer is *not yet* before the earliest
//! possible day and *unknown* from it.

use qonys_events::{
    fact::law::EntryIntoForce,
    scalar::{Day, PartialDay, Slug},
    term::Certainty,
};

use super::{Act, Law};

/// Whether an act is in force on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// It has not entered into force.
    NotYet,
    /// It is in force.
    InForce {
        /// First day.
        since: Day,
        /// How sure the first day is.
        certainty: Certainty,
    },
    /// It has lost force.
    Repealed {
        /// First day without force.
        since: Day,
        /// How sure that day is.
        certainty: Certainty,
    },
    /// It is not known.
    Unknown,
}

impl Force {
    /// The written form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYet => "not-yet",
            Self::InForce { .. } => "in-force",
            Self::Repealed { .. } => "repealed",
            Self::Unknown => "unknown",
        }
    }
}

/// What is known about the first day of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// In force from this day.
    From(Day, Certainty),
    /// Somewhere from the first to the second day; without a second, at any day from the first on.
    Between(Day, Option<Day>),
}

/// The day on which an act enters into force that was published on `published`: the day of publication is day 0, and
/// the act is in force on the day after so many calendar days (law on legal acts; clause of the act).
pub fn in_force_after(published: Day, days: u64) -> Day {
    published.plus_days(i64::try_from(days).unwrap_or(i64::MAX).saturating_add(1))
}

impl Act {
    /// What is known about the first day of the act, from the best evidence that is recorded. A determination counts where
    /// no source says anything, and among the days that a source known to the month leaves open.
    pub fn entry(&self) -> Entry {
        match (self.sourced(), self.determined) {
            (Some(Entry::Between(first, Some(last))), Some(day))
                if first <= day && day <= last && first < last =>
            {
                Entry::From(day, Certainty::Assumed)
            }
            (Some(sourced), _) => sourced,
            (None, Some(day)) => Entry::From(day, Certainty::Assumed),
            (None, None) => Entry::Between(self.earliest_possible(), None),
        }
    }

    /// What a sourced date, or a recorded publication, says; `None` where neither is recorded. Of a month the days before the
    /// earliest possible one are none of its days.
    pub(super) fn sourced(&self) -> Option<Entry> {
        if let Some(on) = self.record.in_force_on {
            return Some(match on {
                PartialDay::Day(day) => Entry::From(day, Certainty::Known),
                PartialDay::Month(_) => {
                    let first = on.earliest().max(self.earliest_possible());
                    Entry::Between(first.min(on.latest()), Some(on.latest()))
                }
            });
        }
        let published = self.record.published_on?;
        let EntryIntoForce::DaysAfterPublication { days } = self.record.entry_into_force else {
            return None;
        };
        let (first, last) = (
            in_force_after(published.earliest(), days.0),
            in_force_after(published.latest(), days.0),
        );
        Some(if first == last {
            Entry::From(first, Certainty::Known)
        } else {
            Entry::Between(first, Some(last))
        })
    }

    /// The earliest day on which the act can have entered into force: it is not published before it was registered or
    /// adopted. Where its own clause is not known, the day after publication is the earliest.
    pub fn earliest_possible(&self) -> Day {
        let record = &self.record;
        let known = [record.published_on, record.registered_on, record.adopted_on];
        let published = known.into_iter().flatten().map(PartialDay::earliest).max();
        let days = match record.entry_into_force {
            EntryIntoForce::DaysAfterPublication { days } => days.0,
            EntryIntoForce::Unknown => 0,
        };
        // Nothing at all is known: any day is possible.
        published.map_or(Day::new(1900, 1, 1), |day| in_force_after(day, days))
    }

    /// Whether the act has entered into force by a day, leaving its repeal aside.
    pub(super) fn entered(&self, on: Day) -> Force {
        match self.entry() {
            Entry::From(day, certainty) if day <= on => Force::InForce {
                since: day,
                certainty,
            },
            Entry::From(..) => Force::NotYet,
            Entry::Between(first, _) if on < first => Force::NotYet,
            Entry::Between(_, Some(last)) if last <= on => Force::InForce {
                since: last,
                certainty: Certainty::Known,
            },
            Entry::Between(..) => Force::Unknown,
        }
    }
}

impl Law {
    /// Whether an act is in force on a day. An act that the register does not have is not known to be.
    pub fn force(&self, name: &Slug, on: Day) -> Force {
        let Some(act) = self.acts.get(name) else {
            return Force::Unknown;
        };
        match (self.repeal(name, on), act.entered(on)) {
            // What may have been repealed and has surely not begun is not in force either way.
            (Some(Force::Unknown), Force::NotYet) => Force::NotYet,
            (Some(repeal), _) => repeal,
            (None, entered) => entered,
        }
    }

    /// How the repeal of an act stands on a day: `None` while no repealing act has entered into force, `Unknown` while
    /// one may have.
    fn repeal(&self, name: &Slug, on: Day) -> Option<Force> {
        let mut found: Option<Force> = None;
        for by in self.repealed_by.get(name).into_iter().flatten() {
            let repeal = match self.acts.get(by)?.entered(on) {
                Force::InForce { since, certainty } => Force::Repealed { since, certainty },
                Force::Unknown => Force::Unknown,
                Force::NotYet | Force::Repealed { .. } => continue,
            };
            found = match (found, repeal) {
                (Some(Force::Repealed { since: a, .. }), Force::Repealed { since: b, .. })
                    if a <= b =>
                {
                    found
                }
                (Some(Force::Repealed { .. }), Force::Unknown) => found,
                _ => Some(repeal),
            };
        }
        found
    }

    /// The act whose wording of a document is in force on a day, with the first day and its certainty. The act that
    /// entered into force last sets the wording; the repeal of an amending act never revives an older wording.
    pub fn wording(&self, document: &Slug, on: Day) -> Wording<'_> {
        let Some(setters) = self.documents.get(document) else {
            return Wording::Unknown;
        };
        let mut latest: Option<(Day, &Act)> = None;
        let mut pending = false;
        for name in setters {
            let Some(act) = self.acts.get(name) else {
                continue;
            };
            match act.entered(on) {
                Force::InForce { since, .. } => {
                    if latest.is_none_or(|(day, _)| day <= since) {
                        latest = Some((since, act));
                    }
                }
                Force::Unknown => pending = true,
                Force::NotYet | Force::Repealed { .. } => {}
            }
        }
        // An act that may have entered into force makes the wording unknown, unless a repeal is certain.
        let Some((_, act)) = latest else {
            return if pending {
                Wording::Unknown
            } else {
                Wording::NotYet
            };
        };
        let own = self.force(&act.record.act, on);
        match (own, self.force(document, on)) {
            (Force::Repealed { since, .. }, _) | (_, Force::Repealed { since, .. }) => {
                Wording::Repealed { act, since }
            }
            _ if pending => Wording::Unknown,
            (Force::InForce { certainty, .. }, Force::InForce { .. }) => {
                Wording::InForce { act, certainty }
            }
            // An amendment that is in force before what it amends sets no wording yet.
            (Force::InForce { .. }, Force::NotYet) => Wording::NotYet,
            _ => Wording::Unknown,
        }
    }
}

/// How a document stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording<'a> {
    /// No act has set a wording yet.
    NotYet,
    /// The wording of this act is in force.
    InForce {
        /// The act that set it.
        act: &'a Act,
        /// How sure it is.
        certainty: Certainty,
    },
    /// The document has lost force.
    Repealed {
        /// The act that set its last wording.
        act: &'a Act,
        /// First day without force.
        since: Day,
    },
    /// It is not known which wording is in force, or whether any is.
    Unknown,
}
