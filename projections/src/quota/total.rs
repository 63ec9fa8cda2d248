//! Totals: the reported national figure beside the sum of the regional lines, and what is missing.

use std::collections::BTreeMap;

use qonys_events::{
    scalar::{Count, Day, Slug, Year},
    term::{Category, CountingRule},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::board::{BoardLine, QuotaBoard};
use crate::acts::register::{Determined, LATEST};

/// The lines of one category, year and counting rule together. Rules never mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Total {
    /// The category.
    pub category: Category,
    /// The year.
    pub year: Year,
    /// The counting rule.
    pub rule: CountingRule,
    /// The reported national total in force.
    pub reported: Option<Count>,
    /// The sum of the regional limits in force.
    pub regional: Count,
    /// What of the reported total no regional line has; null without a total, or where the sum exceeds it.
    pub unallocated: Option<Count>,
    /// Whether that sum exceeds the reported total.
    pub exceeds: bool,
    /// Regional lines with a limit in force.
    pub regions: Vec<Slug>,
    /// Regional lines without a limit in force on the day.
    pub without_limit: Vec<Slug>,
    /// Territories that are determined for the category, or may be, and have no line: missing, not zero.
    pub missing: Vec<Slug>,
    /// Places held in all these lines.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub held: i64,
    /// Places committed in all these lines.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub committed: i64,
}

impl QuotaBoard {
    pub(super) fn totals(&self, lines: &[BoardLine], day: Day) -> Vec<Total> {
        let mut groups: BTreeMap<_, Vec<&BoardLine>> = BTreeMap::new();
        for found in lines {
            let line = &found.line;
            groups
                .entry((line.category, line.year, line.rule.clone()))
                .or_default()
                .push(found);
        }
        let total = |((category, year, rule), lines): ((Category, Year, CountingRule), Vec<_>)| {
            self.total(category, year, rule, &lines, day)
        };
        groups.into_iter().map(total).collect()
    }

    fn total(
        &self,
        category: Category,
        year: Year,
        rule: CountingRule,
        lines: &[&BoardLine],
        day: Day,
    ) -> Total {
        let (national, regional): (Vec<&BoardLine>, Vec<&BoardLine>) =
            lines.iter().partition(|found| found.line.is_national());
        let reported = national.first().and_then(|found| found.limit);
        let sum = regional.iter().filter_map(|found| found.limit);
        let sum = sum.fold(0_u64, |sum, limit| sum.saturating_add(limit.0));
        let (with, without): (Vec<&BoardLine>, Vec<&BoardLine>) =
            regional.iter().partition(|found| found.limit.is_some());
        let names = |lines: Vec<&BoardLine>| -> Vec<Slug> {
            lines
                .iter()
                .map(|found| found.line.territory.clone())
                .collect()
        };
        let has_line = |territory: &Slug| regional.iter().any(|r| r.line.territory == *territory);
        let expected = |territory: &Slug| {
            let determined = self.register.determined(category, territory, day, LATEST);
            !matches!(determined, Determined::No { .. })
        };
        let territories = self.register.territories(category, LATEST).into_iter();
        Total {
            category,
            year,
            rule,
            reported,
            regional: Count(sum),
            unallocated: reported
                .and_then(|reported| reported.0.checked_sub(sum))
                .map(Count),
            exceeds: reported.is_some_and(|reported| sum > reported.0),
            regions: names(with),
            without_limit: names(without),
            missing: territories
                .filter(|t| expected(t) && !has_line(t))
                .cloned()
                .collect(),
            held: lines
                .iter()
                .fold(0, |sum, found| sum.saturating_add(found.held)),
            committed: lines
                .iter()
                .fold(0, |sum, found| sum.saturating_add(found.committed)),
        }
    }
}
