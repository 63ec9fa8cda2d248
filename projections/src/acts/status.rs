//! Whether an act is in force on a day, from the evidence alone (preamble of the Rules).
//!
//! Evidence:
//!
//! - (a) a recorded publication and the act's own clause: published on day 0, in force on day `N + 1`;
//! - (b) a sourced date of entry into force; where only its month is known, the act is not in force before the month nor before
//!   the earliest possible day, unknown inside it, and in force from the month's last day, which is the latest that the source
//!   can mean;
//! - (c) an official's determination: *assumed*. It counts only where (a) and (b) say nothing, or among the days that a month
//!   leaves open.
//!
//! Where both are recorded, (b) counts: a source that names the day knows more than a computation from the clause.
//!
//! Without any, the act is *not yet* in force before the earliest possible day and *unknown* from it. The earliest
//! possible day takes the latest recorded date of adoption, registration or publication as the day of publication; a
//! clause that is not known is read as `N = 0`, in force on the next day, since no clause lets an act work earlier. An act
//! with no date at all is unknown on every day.

use qonys_events::{
    scalar::{Day, PartialDay, Slug},
    term::Certainty,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Why it is not known whether an act is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Reason {
    /// The act is not in the register.
    NotRecorded,
    /// No publication, no sourced date, no determination.
    NoEvidence,
    /// The day lies in the days among which a date known to the month may mean any.
    MonthOnly,
    /// Another act repeals it, and whether that one is in force is not known.
    RepealUnknown {
        /// The repealing act.
        by: Slug,
    },
}

/// How an act stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Status {
    /// It cannot be in force yet.
    NotYet {
        /// The first day on which it is, or could be, in force.
        earliest: Day,
    },
    /// It is in force.
    InForce {
        /// The first day on which it surely is.
        from: Day,
        /// How sure that is.
        certainty: Certainty,
    },
    /// It lost force.
    Repealed {
        /// The first day on which it surely is out of force.
        from: Day,
        /// The act that repealed it.
        by: Slug,
        /// How sure that is.
        certainty: Certainty,
    },
    /// It is not known. An unknown basis blocks, it never decides.
    Unknown {
        /// Why.
        reason: Reason,
    },
}

impl Status {
    /// Whether the act is in force for all that is known or assumed.
    pub fn is_in_force(&self) -> bool {
        matches!(self, Self::InForce { .. })
    }

    /// Whether it is not known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }

    /// The certainty of an act in force or repealed.
    pub fn certainty(&self) -> Option<Certainty> {
        match self {
            Self::InForce { certainty, .. } | Self::Repealed { certainty, .. } => Some(*certainty),
            Self::NotYet { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// What is known of an act's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Adopted on.
    pub adopted: Option<PartialDay>,
    /// Registered on.
    pub registered: Option<PartialDay>,
    /// Published on.
    pub published: Option<PartialDay>,
    /// In force on, as a source says.
    pub in_force: Option<PartialDay>,
    /// Days after publication by the act's own clause.
    pub days_after_publication: Option<u64>,
    /// In force from, as an official determined.
    pub determined: Option<Day>,
}

/// When an act enters into force, as far as the evidence tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceFrom {
    /// Before this day it cannot be in force; `None` when no date is known at all.
    pub earliest: Option<Day>,
    /// From this day on it surely is; `None` without evidence.
    pub sure: Option<Day>,
    /// How sure `sure` is.
    pub certainty: Certainty,
    /// Why the days between are unknown.
    pub between: Reason,
}

impl ForceFrom {
    fn between(earliest: Day, sure: Day, certainty: Certainty) -> Self {
        Self {
            earliest: Some(earliest),
            sure: Some(sure),
            certainty,
            between: Reason::MonthOnly,
        }
    }

    /// How an act stands that nothing repeals.
    pub fn on(&self, day: Day) -> Status {
        match (self.earliest, self.sure) {
            (_, Some(sure)) if sure <= day => Status::InForce {
                from: sure,
                certainty: self.certainty,
            },
            (Some(earliest), _) if day < earliest => Status::NotYet { earliest },
            _ => Status::Unknown {
                reason: self.between.clone(),
            },
        }
    }
}

/// The day on which an act published on `day` is in force: `days` calendar days follow the day of publication, which is
/// day 0, and the act works on the day after the last of them.
pub fn in_force_after(published: Day, days: u64) -> Day {
    // No clause waits for more than a century; the calendar itself ends in the year 9999.
    let days = i64::try_from(days).unwrap_or(i64::MAX).min(36_525);
    published.plus_days(days + 1)
}

impl Evidence {
    /// When the act enters into force.
    pub fn force_from(&self) -> ForceFrom {
        let computed = self
            .published
            .zip(self.days_after_publication)
            .map(|(published, days)| {
                ForceFrom::between(
                    in_force_after(published.earliest(), days),
                    in_force_after(published.latest(), days),
                    Certainty::Known,
                )
            });
        let sourced = self.in_force.map(|date| match date {
            PartialDay::Day(day) => ForceFrom::between(day, day, Certainty::Known),
            PartialDay::Month(first) => {
                let earliest = self.earliest_possible().map_or(first, |day| day.max(first));
                ForceFrom::between(earliest.min(date.latest()), date.latest(), Certainty::Known)
            }
        });
        let sourced = sourced
            .or(computed)
            .unwrap_or_else(|| self.without_evidence());
        match (sourced.earliest, sourced.sure, self.determined) {
            // A month leaves its days open: an official may determine one of them.
            (Some(first), Some(last), Some(day)) if first <= day && day <= last && first < last => {
                ForceFrom::between(day, day, Certainty::Assumed)
            }
            _ => sourced,
        }
    }

    /// The earliest day on which the act can have entered into force, by its other dates.
    fn earliest_possible(&self) -> Option<Day> {
        let dates = [self.adopted, self.registered, self.published];
        let latest = dates.into_iter().flatten().map(PartialDay::earliest).max();
        latest.map(|day| in_force_after(day, self.days_after_publication.unwrap_or(0)))
    }

    fn without_evidence(&self) -> ForceFrom {
        if let Some(day) = self.determined {
            return ForceFrom::between(day, day, Certainty::Assumed);
        }
        ForceFrom {
            earliest: self.earliest_possible(),
            sure: None,
            certainty: Certainty::Assumed,
            between: Reason::NoEvidence,
        }
    }
}
