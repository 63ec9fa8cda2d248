//! Which quota lines acts of the setter speak of (points 3 and 6). Acts of one category, territory and year may count by
//! different rules. Rules never mix: each has a line of its own, and the act that is in force says which one counts. In the
//! line of another rule its limit is 0.

use qonys_events::{
    fact::{amended::QuotaCorrected, law::QuotaSet},
    id::Line,
    scalar::{Count, Day, Slug, StreamSeq, Year},
    term::Category,
};
use serde::{Deserialize, Serialize};

use super::{Holding, Law};

/// What an act of the setter says, with the entry that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) entry: StreamSeq,
    pub(super) set: QuotaSet,
}

/// The lines that an act sets, with their limits.
pub(crate) fn lines_of(set: &QuotaSet) -> impl Iterator<Item = (Line, Count)> {
    set.lines.iter().map(|limit| {
        let line = Line {
            category: limit.category,
            territory: limit.territory.clone(),
            year: set.year,
            rule: set.rule.clone(),
        };
        (line, limit.limit)
    })
}

/// Whether two lines are about the same places: by one rule or by two.
fn same_places(one: &Line, other: &Line) -> bool {
    (one.category, &one.territory, one.year) == (other.category, &other.territory, other.year)
}

impl Law {
    pub(super) fn enter_quota(&mut self, set: &QuotaSet) {
        self.name_lines(set);
        self.quota_sets.push(Said {
            entry: self.seq,
            set: set.clone(),
        });
    }

    /// What the corrected entry said is said no more; the right one stands in its place.
    pub(super) fn correct_quota(&mut self, corrected: &QuotaCorrected) {
        self.supersede(corrected.entry);
        self.name_lines(&corrected.set);
        let entry = self.seq;
        let said = self.quota_sets.iter_mut();
        for said in said.filter(|said| said.entry == corrected.entry) {
            (said.entry, said.set) = (entry, corrected.set.clone());
        }
    }

    fn name_lines(&mut self, set: &QuotaSet) {
        let lines = lines_of(set).map(|(line, _)| (line.to_string(), line));
        self.lines.extend(lines);
    }

    /// What the act of an entry says, if that stands.
    pub(super) fn quota_said(&self, entry: StreamSeq) -> Option<&QuotaSet> {
        let said = self.quota_sets.iter().find(|said| said.entry == entry);
        said.map(|said| &said.set)
    }

    /// The acts that stand, as they would with one more, or with one in place of the one of an entry.
    pub(crate) fn quota_sets_with<'a>(
        &'a self,
        set: &'a QuotaSet,
        in_place_of: Option<StreamSeq>,
    ) -> Vec<&'a QuotaSet> {
        let right = |said: &'a Said| {
            if Some(said.entry) == in_place_of {
                set
            } else {
                &said.set
            }
        };
        let standing = self.quota_sets.iter().map(right);
        let more = in_place_of.is_none().then_some(set);
        standing.chain(more).collect()
    }

    /// The lines of a category and year, with the limit that was recorded last of those that stand.
    pub fn lines(&self, category: Category, year: Year) -> impl Iterator<Item = (&Line, Count)> {
        self.lines
            .values()
            .filter(move |line| line.category == category && line.year == year)
            .filter_map(|line| Some((line, self.said_last(line)?)))
    }

    fn said_last(&self, line: &Line) -> Option<Count> {
        let said = self.quota_sets.iter().rev();
        let mut said = said.flat_map(|said| lines_of(&said.set));
        said.find(|(other, _)| other == line)
            .map(|(_, limit)| limit)
    }

    /// Every line of a category, territory and year that was ever recorded, whatever it counts by.
    pub fn lines_in(
        &self,
        category: Category,
        territory: &Slug,
        year: Year,
    ) -> impl Iterator<Item = &Line> {
        self.lines.values().filter(move |line| {
            line.category == category && line.territory == *territory && line.year == year
        })
    }

    /// The line of a territory whose rule counts on a day: that of the act in force. Where no act is, or that is not known,
    /// the one that was recorded last. `None` where no act that stands speaks of the territory.
    pub fn line_of(
        &self,
        category: Category,
        territory: &Slug,
        year: Year,
        on: Day,
    ) -> Option<&Line> {
        let said: Vec<(&Slug, &Line)> = self
            .quota_sets
            .iter()
            .filter(|said| said.set.year == year)
            .filter_map(|said| {
                let mut lines = lines_of(&said.set);
                let about = |(line, _): &(Line, Count)| {
                    line.category == category && line.territory == *territory
                };
                let (line, _) = lines.find(about)?;
                Some((&said.set.act, self.lines.get(&line.to_string())?))
            })
            .collect();
        let (_, last) = *said.last()?;
        if said.iter().all(|(_, line)| *line == last) {
            return Some(last);
        }
        Some(match self.holding(said.iter().copied(), on) {
            Holding::InForce { says, .. } => says,
            Holding::Unknown { .. } | Holding::Nothing => last,
        })
    }

    /// Whether an act that stands speaks of a line, and whether one speaks of its places by whatever rule.
    pub(crate) fn speaks_of(&self, line: &Line) -> (bool, bool) {
        let said = || {
            let said = self.quota_sets.iter();
            said.flat_map(|said| lines_of(&said.set))
                .map(|(other, _)| other)
        };
        let of_its_places = |other: &Line| same_places(other, line);
        (
            said().any(|other| other == *line),
            said().any(|other| of_its_places(&other)),
        )
    }

    /// The entry that says this.
    pub(crate) fn entry_of(&self, set: &QuotaSet) -> Option<StreamSeq> {
        let said = self.quota_sets.iter().find(|said| said.set == *set);
        said.map(|said| said.entry)
    }

    /// The lines that acts speak of beside these: of the same places by another rule.
    pub(crate) fn lines_beside(&self, lines: &[Line]) -> Vec<Line> {
        let beside = self
            .lines
            .values()
            .filter(|line| !lines.contains(line) && lines.iter().any(|own| same_places(own, line)));
        beside.cloned().collect()
    }

    /// What acts say about a line: the limit of those that set it, 0 of those that count its places by another rule.
    pub(crate) fn says_of<'a>(line: &Line, sets: &[&'a QuotaSet]) -> Vec<(&'a QuotaSet, Count)> {
        let own = |set: &&'a QuotaSet| {
            let mut said = lines_of(set).filter(|(other, _)| same_places(other, line));
            let (other, limit) = said.next()?;
            let limit = if other == *line { limit } else { Count(0) };
            Some((*set, limit))
        };
        sets.iter().filter_map(own).collect()
    }
}
