//! What an amendment does, as a derived view: "600 moved from resettlers to kandas, total 9,483 unchanged". The log knows
//! no transfer between lines; only an act of the body that sets the quota moves limits.

use std::collections::BTreeMap;

use qonys_events::{
    id::Line,
    scalar::{Count, Day, Position, Slug, Year},
    term::{CountingRule, QuotaAction},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    LimitRow,
    board::{QuotaBoard, signed},
};
use crate::acts::{register::LATEST, status::Status};

/// One line of an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmendedLine {
    /// The line.
    pub line: Line,
    /// The limit that the amendment found; `None` when none was in force.
    pub before: Option<Count>,
    /// The limit that it sets.
    pub after: Count,
    /// The difference.
    #[serde(serialize_with = "crate::cell::digits_if_any")]
    #[schemars(with = "Option<crate::cell::Digits>")]
    pub change: Option<i64>,
}

/// Places that an amendment took from some lines and gave to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Moved {
    /// How many.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub places: i64,
    /// The lines that lost them.
    pub from: Vec<Line>,
    /// The lines that got them.
    pub to: Vec<Line>,
}

/// What one act amends in one year under one rule. National totals and regional lines are never added together, so an act
/// with both gives two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amendment {
    /// The act.
    pub act: Slug,
    /// The year.
    pub year: Year,
    /// The counting rule.
    pub rule: CountingRule,
    /// Whether these are the reported national totals.
    pub national: bool,
    /// The first day on which the act surely is in force; `None` when that is not known. The figures are then those of
    /// the order of recording.
    pub in_force_from: Option<Day>,
    /// The lines, in their order.
    pub lines: Vec<AmendedLine>,
    /// The sum of all limits of the year and rule before it, amended or not; `None` when one of its lines had none.
    #[serde(serialize_with = "crate::cell::digits_if_any")]
    #[schemars(with = "Option<crate::cell::Digits>")]
    pub total_before: Option<i64>,
    /// The sum with it.
    #[serde(serialize_with = "crate::cell::digits_if_any")]
    #[schemars(with = "Option<crate::cell::Digits>")]
    pub total_after: Option<i64>,
    /// What it moved, where the total is unchanged.
    pub moved: Option<Moved>,
}

impl QuotaBoard {
    /// Every amendment that was recorded, by act, year and rule.
    pub fn amendments(&self) -> Vec<Amendment> {
        let mut groups: BTreeMap<_, Vec<&LimitRow>> = BTreeMap::new();
        let amending = self
            .limits
            .keys()
            .flat_map(|line| self.limits_of(line))
            .filter(|l| l.action == QuotaAction::Amend);
        for limit in amending {
            let line = &limit.line;
            let group = (
                limit.act.clone(),
                line.year,
                line.rule.clone(),
                line.is_national(),
            );
            groups.entry(group).or_default().push(limit);
        }
        groups
            .into_iter()
            .map(|(group, limits)| self.amendment(group, &limits))
            .collect()
    }

    fn amendment(
        &self,
        (act, year, rule, national): (Slug, Year, CountingRule, bool),
        limits: &[&LimitRow],
    ) -> Amendment {
        let in_force_from = self
            .register
            .force_from(&act, LATEST)
            .and_then(|force| force.sure);
        let recorded = limits
            .iter()
            .map(|limit| limit.recorded_from)
            .min()
            .unwrap_or_default();
        let before = |line: &Line| self.limit_before(line, &act, in_force_from, recorded);
        let lines: Vec<_> = limits
            .iter()
            .map(|limit| {
                let before = before(&limit.line);
                let change = before.map(|before| signed(limit.places) - signed(before));
                AmendedLine {
                    line: limit.line.clone(),
                    before,
                    after: limit.places,
                    change,
                }
            })
            .collect();
        let others = self.limits.keys().filter(|line| {
            (line.year, &line.rule, line.is_national()) == (year, &rule, national)
                && !lines.iter().any(|amended| amended.line == **line)
        });
        let untouched = sum(others.filter_map(before));
        let found: Option<Vec<_>> = lines.iter().map(|line| line.before).collect();
        let total_before = found.map(|found| sum(found).saturating_add(untouched));
        let set = sum(lines.iter().map(|line| line.after)).saturating_add(untouched);
        let total_after = total_before.map(|_| set);
        let moved = (total_before == Some(set)).then(|| moved(&lines)).flatten();
        Amendment {
            act,
            year,
            rule,
            national,
            in_force_from,
            lines,
            total_before,
            total_after,
            moved,
        }
    }

    /// The limit that an act finds in a line: of the acts in force before it, or on its own day but recorded before it,
    /// the one that entered last; without a day, the one recorded last before it.
    fn limit_before(
        &self,
        line: &Line,
        act: &Slug,
        day: Option<Day>,
        recorded: Position,
    ) -> Option<Count> {
        let limits = self.limits_of(line).into_iter();
        let limits = limits.filter(|limit| limit.act != *act);
        let Some(day) = day else {
            let earlier = limits.filter(|limit| limit.recorded_from < recorded);
            return earlier
                .max_by_key(|limit| limit.recorded_from)
                .map(|limit| limit.places);
        };
        let entered = limits.filter_map(|limit| {
            let Status::InForce { from, .. } = self.register.status(&limit.act, day, LATEST) else {
                return None;
            };
            let before = (from, limit.recorded_from) < (day, recorded);
            before.then_some(((from, limit.recorded_from), limit.places))
        });
        entered.max_by_key(|(at, _)| *at).map(|(_, places)| places)
    }
}

fn sum(limits: impl IntoIterator<Item = Count>) -> i64 {
    limits
        .into_iter()
        .fold(0, |sum, limit| sum.saturating_add(signed(limit)))
}

fn moved(lines: &[AmendedLine]) -> Option<Moved> {
    let some = |sign: i64| {
        let found = lines
            .iter()
            .filter(move |line| line.change.is_some_and(|c| c.signum() == sign));
        found.map(|line| line.line.clone()).collect::<Vec<_>>()
    };
    let gained = lines
        .iter()
        .filter_map(|line| line.change)
        .filter(|change| *change > 0);
    let places = gained.fold(0_i64, i64::saturating_add);
    (places > 0).then(|| Moved {
        places,
        from: some(-1),
        to: some(1),
    })
}
