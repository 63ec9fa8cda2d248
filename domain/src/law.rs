//! The register of acts (preamble, point 1): acts with their dates, norms, powers, determined territories, quota acts.

use std::collections::BTreeMap;

use qonys_events::{
    citation::Citation,
    event::Event,
    fact::{
        Fact,
        law::{ActRecorded, CalendarRecorded, NormRecorded, PowerRecorded},
        office::OtherPowerRecorded,
    },
    id::Line,
    scalar::{Count, Day, PartialDay, Slug, Year},
    term::{ActDate, Category, CountingRule, DecisionType, TerritoryChange},
};
use serde::{Deserialize, Serialize};

use crate::blocked::{Blocked, Code};

pub mod calendar;
pub mod decide;
pub mod force;
pub mod power;

pub use force::Force;
pub use power::NormInForce;

/// An act as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What was recorded, with dates that became known later filled in.
    pub record: ActRecorded,
    /// The determination of an official, if there is one.
    pub determined: Option<Day>,
}

/// A territory's determination by one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Determination {
    category: Category,
    territory: Slug,
    change: TerritoryChange,
    act: Slug,
}

/// The register of acts, as its events made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Law {
    acts: BTreeMap<Slug, Act>,
    /// Acts by the document whose wording they set.
    documents: BTreeMap<Slug, Vec<Slug>>,
    /// Acts that repeal an act.
    repealed_by: BTreeMap<Slug, Vec<Slug>>,
    norms: BTreeMap<Slug, Vec<NormRecorded>>,
    powers: BTreeMap<DecisionType, Vec<PowerRecorded>>,
    /// Powers that no type of decision stands for (point 11).
    other_powers: BTreeMap<Slug, Vec<OtherPowerRecorded>>,
    determinations: Vec<Determination>,
    /// Every quota line that an act established, with its limits so far in the order of recording.
    lines: BTreeMap<String, (Line, Count)>,
    /// The working-day calendar of each year.
    calendars: BTreeMap<u16, CalendarRecorded>,
    /// The territory that a territory came out of.
    came_out_of: BTreeMap<Slug, Slug>,
}

impl Law {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::ActRecorded(record) => {
                self.documents
                    .entry(record.document.clone())
                    .or_default()
                    .push(record.act.clone());
                for repealed in &record.repeals {
                    self.repealed_by
                        .entry(repealed.clone())
                        .or_default()
                        .push(record.act.clone());
                }
                self.acts.insert(
                    record.act.clone(),
                    Act {
                        record: record.clone(),
                        determined: None,
                    },
                );
            }
            Fact::ActDateRecorded(dated) => {
                if let Some(act) = self.acts.get_mut(&dated.act) {
                    *act.date_mut(dated.date) = Some(dated.on);
                }
            }
            Fact::ActDetermined(determined) => {
                if let Some(act) = self.acts.get_mut(&determined.act) {
                    act.determined = Some(determined.from);
                }
            }
            Fact::NormRecorded(norm) => self
                .norms
                .entry(norm.norm.clone())
                .or_default()
                .push(norm.clone()),
            Fact::PowerRecorded(power) => self
                .powers
                .entry(power.decision)
                .or_default()
                .push(power.clone()),
            Fact::OtherPowerRecorded(power) => self
                .other_powers
                .entry(power.power.clone())
                .or_default()
                .push(power.clone()),
            Fact::TerritoryChanged(t) => self.determinations.push(Determination {
                category: t.category,
                territory: t.territory.clone(),
                change: t.change,
                act: t.act.clone(),
            }),
            Fact::QuotaSet(set) => {
                for limit in &set.lines {
                    let line = Line {
                        category: limit.category,
                        territory: limit.territory.clone(),
                        year: set.year,
                        rule: set.rule.clone(),
                    };
                    self.lines.insert(line.to_string(), (line, limit.limit));
                }
            }
            Fact::CalendarRecorded(calendar) => {
                self.calendars.insert(calendar.year.0, calendar.clone());
            }
            Fact::TerritorySucceeded(succeeded) => {
                self.came_out_of
                    .insert(succeeded.territory.clone(), succeeded.out_of.clone());
            }
            _ => {}
        }
    }

    /// Whether two territories are one region for the rules of repayment: the same, or parts of one before a change of
    /// boundaries, which moves nobody (point 3).
    pub fn same_region(&self, one: &Slug, other: &Slug) -> bool {
        let origin = |territory: &'_ Slug| {
            let mut at = territory.clone();
            // A chain is as long as the table at most: whoever made a circle ends there.
            for _ in 0..self.came_out_of.len() {
                match self.came_out_of.get(&at) {
                    Some(out_of) => at = out_of.clone(),
                    None => break,
                }
            }
            at
        };
        origin(one) == origin(other)
    }

    /// Whether the calendar of a year is recorded.
    pub(crate) fn has_calendar(&self, year: Year) -> bool {
        self.calendars.contains_key(&year.0)
    }

    /// The territory that this one came out of, if that is recorded.
    pub(crate) fn out_of(&self, territory: &Slug) -> Option<&Slug> {
        self.came_out_of.get(territory)
    }

    /// The act of this name; blocked when the register has none.
    pub fn act(&self, name: &Slug) -> Result<&Act, Blocked> {
        self.acts
            .get(name)
            .ok_or_else(|| Blocked::control(Code::ActNotFound).with("act", name))
    }

    /// Every act, by name.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.values()
    }

    /// The lines of a category and year, with the limit that was recorded last.
    pub fn lines(&self, category: Category, year: Year) -> impl Iterator<Item = (&Line, Count)> {
        self.lines
            .values()
            .filter(move |(line, _)| line.category == category && line.year == year)
            .map(|(line, limit)| (line, *limit))
    }

    /// The line of a territory, whatever its counting rule: acts of one year and category never mix rules.
    pub fn line_of(&self, category: Category, territory: &Slug, year: Year) -> Option<&Line> {
        self.lines(category, year)
            .map(|(line, _)| line)
            .find(|line| line.territory == *territory)
    }

    /// The counting rule of a category and year, if a line is recorded.
    pub fn rule_of(&self, category: Category, year: Year) -> Option<CountingRule> {
        self.lines(category, year)
            .next()
            .map(|(line, _)| line.rule.clone())
    }

    /// Whether a territory is determined for settling a category on a day (points 3 and 6), with the act that says so.
    /// The act that entered into force last decides; an act whose force is not known on that day makes it unknown.
    pub fn determined(&self, category: Category, territory: &Slug, on: Day) -> Determined {
        let mut latest: Option<(Day, &Determination)> = None;
        for d in self
            .determinations
            .iter()
            .filter(|d| d.category == category && d.territory == *territory)
        {
            match self.force(&d.act, on) {
                Force::InForce { since, .. } => {
                    if latest.is_none_or(|(day, _)| day <= since) {
                        latest = Some((since, d));
                    }
                }
                Force::Unknown => return Determined::Unknown { act: d.act.clone() },
                Force::NotYet | Force::Repealed { .. } => {}
            }
        }
        match latest {
            Some((_, d)) if d.change == TerritoryChange::Determined => {
                Determined::Yes { act: d.act.clone() }
            }
            Some((_, d)) => Determined::No {
                act: Some(d.act.clone()),
            },
            None => Determined::No { act: None },
        }
    }

    /// A citation of an act as it stands on a day, for the bases of a decision.
    pub fn cite(&self, act: &Slug, point: &str, on: Day) -> Result<Citation, Blocked> {
        power::cite(self, self.act(act)?, point, on)
    }
}

/// Whether a territory is determined on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Determined {
    /// By this act.
    Yes {
        /// The act.
        act: Slug,
    },
    /// Never, or excluded by this act.
    No {
        /// The act that excluded it.
        act: Option<Slug>,
    },
    /// It is not known whether this act was in force.
    Unknown {
        /// The act.
        act: Slug,
    },
}

impl Act {
    fn date_mut(&mut self, which: ActDate) -> &mut Option<PartialDay> {
        match which {
            ActDate::Adopted => &mut self.record.adopted_on,
            ActDate::Registered => &mut self.record.registered_on,
            ActDate::Published => &mut self.record.published_on,
            ActDate::InForce => &mut self.record.in_force_on,
        }
    }
}
