//! Which of several acts' words holds on a day (preamble, points 3 and 6): of one document what entered into force last, which
//! falls with its act or with its document and revives nothing; of several documents, what entered into force last.

use std::collections::BTreeMap;

use qonys_events::scalar::{Day, Slug};

use super::{Force, Law, force::Entry};

/// What holds on a day of what several acts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding<'a, T> {
    /// What this act says.
    InForce {
        /// The act.
        act: &'a Slug,
        /// What it says.
        says: &'a T,
    },
    /// It is not known whether this act is in force.
    Unknown {
        /// The act.
        act: &'a Slug,
    },
    /// Nothing that was said is in force.
    Nothing,
}

impl Law {
    /// What holds on a day of what acts say, in the order in which it was recorded: of two acts that entered into force on
    /// one day, the one recorded last.
    pub(crate) fn holding<'a, T>(
        &'a self,
        said: impl Iterator<Item = (&'a Slug, &'a T)>,
        on: Day,
    ) -> Holding<'a, T> {
        let mut latest: BTreeMap<&Slug, ((Day, usize), &Slug, &T)> = BTreeMap::new();
        for (n, (name, says)) in said.enumerate() {
            let Ok(act) = self.act(name) else {
                return Holding::Unknown { act: name };
            };
            let document = &act.record.document;
            // What has surely fallen says nothing, whatever else is not known of it.
            if matches!(self.force(document, on), Force::Repealed { .. }) {
                continue;
            }
            match act.entered(on) {
                Force::InForce { since, .. } => {
                    let kept = latest.get(document);
                    if kept.is_none_or(|(at, ..)| *at <= (since, n)) {
                        latest.insert(document, ((since, n), name, says));
                    }
                }
                Force::Unknown if self.force(name, on) == Force::Unknown => {
                    return Holding::Unknown { act: name };
                }
                Force::Unknown | Force::NotYet | Force::Repealed { .. } => {}
            }
        }
        let mut holds: Option<((Day, usize), &Slug, &T)> = None;
        for (document, (at, name, says)) in latest {
            match (self.force(name, on), self.force(document, on)) {
                (Force::InForce { .. }, Force::InForce { .. })
                    if holds.is_none_or(|(other, ..)| other <= at) =>
                {
                    holds = Some((at, name, says));
                }
                (Force::Unknown, _) | (_, Force::Unknown) => {
                    return Holding::Unknown { act: name };
                }
                _ => {}
            }
        }
        holds.map_or(Holding::Nothing, |(_, act, says)| Holding::InForce {
            act,
            says,
        })
    }

    /// The days on which what an act says begins to hold or ceases to: its entry into force, that of its document, and
    /// that of every act that repeals one of them. Where only a month is known, its last day.
    pub(crate) fn turning_days(&self, name: &Slug) -> Vec<Day> {
        let Ok(act) = self.act(name) else {
            return Vec::new();
        };
        let document = &act.record.document;
        let repeals = [name, document]
            .into_iter()
            .filter_map(|of| self.repealed_by.get(of))
            .flatten();
        [name, document]
            .into_iter()
            .chain(repeals)
            .filter_map(|of| match self.act(of).ok()?.entry() {
                Entry::From(day, _) | Entry::Between(_, Some(day)) => Some(day),
                Entry::Between(_, None) => None,
            })
            .collect()
    }
}
