//! Acts of the body that sets the quota (points 3 and 6). The city has no veto over them: an act is recorded whatever
//! it does to a line. Blocked is only what cannot be recorded without ambiguity.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        Fact,
        law::{LineLimit, QuotaSet},
        quota::{LimitSet, LimitWithdrawn},
    },
    id::{Line, StreamId},
    scalar::{Count, Year},
    term::{Category, CountingRule, LineMark, LogKind, QuotaAction},
};

use crate::{
    blocked::{Blocked, Code},
    command::SetQuota,
    context::Context,
    decide::{Decided, Undecided},
    law::{Law, lines::lines_of},
    streams::Known,
};

/// Records an act that establishes or amends lines: one fact about the act, and one for each line.
pub fn set_quota(c: &SetQuota, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let law = known.law()?;
    law.act(&c.act)?;
    let lines: Vec<Line> = c
        .lines
        .iter()
        .map(|l| Line {
            category: l.category,
            territory: l.territory.clone(),
            year: c.year,
            rule: c.rule.clone(),
        })
        .collect();
    let distinct: BTreeSet<_> = lines.iter().map(ToString::to_string).collect();
    if lines.is_empty() || distinct.len() != lines.len() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("lines", lines.len())
            .into());
    }
    for (line, limit) in lines.iter().zip(&c.lines) {
        check_line(c, line, limit.mark, law, known)?;
    }
    let above_total = above_total((c.year, &c.rule), &c.lines, law);
    if let Some(category) = above_total.first()
        && !c.as_published
    {
        let (total, sum) = total_and_sum((c.year, &c.rule), &c.lines, *category, law);
        let blocked = Blocked::control(Code::RegionalLinesExceedTotal).with("category", category);
        return Err(blocked
            .with("total", total.unwrap_or_default())
            .with("sum", sum)
            .into());
    }
    let fact = QuotaSet {
        act: c.act.clone(),
        action: c.action,
        year: c.year,
        rule: c.rule.clone(),
        rule_certainty: c.rule_certainty,
        lines: c.lines.clone(),
        above_total,
    };
    let limits = limits(&fact, None, cx, known)?;
    let mut decided = vec![(StreamId::law(), cx.record(Fact::QuotaSet(fact)))];
    decided.extend(limits);
    Ok(decided)
}

/// The limits that follow from what an act says, alone or in place of what its entry said: in its own lines; 0 in those that
/// count the same places by another rule, and 0 of other acts in its own; and none where an act was wrongly said to speak of
/// a line.
pub(crate) fn limits(
    set: &QuotaSet,
    in_place_of: Option<&QuotaSet>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    let entry = in_place_of.and_then(|old| law.entry_of(old));
    let sets = law.quota_sets_with(set, entry);
    let own: Vec<Line> = lines_of(set).map(|(line, _)| line).collect();
    let before = in_place_of.into_iter().flat_map(lines_of);
    let mut lines = own.clone();
    lines.extend(
        before
            .map(|(line, _)| line)
            .filter(|line| !own.contains(line)),
    );
    lines.extend(law.lines_beside(&lines));
    let mut decided = Decided::new();
    for line in &lines {
        let state = known.line(line)?;
        let says = Law::says_of(line, &sets);
        let stream = StreamId::line(line);
        for act in state
            .acts()
            .filter(|act| !says.iter().any(|(set, _)| set.act == **act))
        {
            let fact = LimitWithdrawn {
                line: line.clone(),
                act: act.clone(),
            };
            decided.push((stream.clone(), cx.record(Fact::LimitWithdrawn(fact))));
        }
        for (by, limit) in says {
            // What this act says of its own lines is told as it is, changed or not.
            let told = std::ptr::eq(by, set) && own.contains(line);
            if !told && state.limit_by(&by.act) == Some(limit) {
                continue;
            }
            let mut marks = by.lines.iter().filter(|l| {
                (l.category, &l.territory) == (line.category, &line.territory)
                    && by.rule == line.rule
            });
            let fact = LimitSet {
                line: line.clone(),
                act: by.act.clone(),
                action: by.action,
                limit,
                mark: marks.next().and_then(|limit| limit.mark),
            };
            decided.push((stream.clone(), cx.record(Fact::LimitSet(fact))));
        }
    }
    Ok(decided)
}

fn check_line(
    c: &SetQuota,
    line: &Line,
    mark: Option<LineMark>,
    law: &Law,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let about = |code| {
        Blocked::control(code)
            .with("line", line)
            .with("act", &c.act)
    };
    let state = known.line(line)?;
    // Whoever changes the counting rule amends what another line stood for.
    let (by_this_rule, by_any_rule) = law.speaks_of(line);
    match (c.action, by_this_rule, by_any_rule) {
        (QuotaAction::Establish, true, _) => return Err(about(Code::LineEstablished).into()),
        (QuotaAction::Amend, _, false) => return Err(about(Code::LineNotEstablished).into()),
        _ => {}
    }
    if state.limit_by(&c.act).is_some() {
        return Err(about(Code::NoChange).into());
    }
    if mark == Some(LineMark::SourceGap) && known.log()?.kind != Some(LogKind::Test) {
        return Err(about(Code::SourceGapOutsideTests).into());
    }
    Ok(())
}

/// The reported national total of a category, if there is one, and the sum of its regional limits, with the limits of an
/// act in place of those before it: those of one counting rule, for rules never mix.
fn total_and_sum(
    (year, rule): (Year, &CountingRule),
    lines: &[LineLimit],
    category: Category,
    law: &Law,
) -> (Option<Count>, u64) {
    let mut limits: std::collections::BTreeMap<_, _> = law
        .lines(category, year)
        .filter(|(line, _)| line.rule == *rule)
        .map(|(line, limit)| (line.territory.clone(), limit))
        .collect();
    for set in lines.iter().filter(|set| set.category == category) {
        limits.insert(set.territory.clone(), set.limit);
    }
    let national = |territory: &str| territory == Line::NATIONAL;
    let total = limits
        .iter()
        .find(|(t, _)| national(t.as_str()))
        .map(|(_, limit)| *limit);
    let regional = limits.iter().filter(|(t, _)| !national(t.as_str()));
    (
        total,
        regional.fold(0_u64, |sum, (_, limit)| sum.saturating_add(limit.0)),
    )
}

/// Categories whose regional limits exceed the reported total.
pub(crate) fn above_total(
    of: (Year, &CountingRule),
    lines: &[LineLimit],
    law: &Law,
) -> Vec<Category> {
    let categories: BTreeSet<_> = lines.iter().map(|l| l.category).collect();
    let exceeds = |category: &Category| match total_and_sum(of, lines, *category, law) {
        (Some(total), sum) => sum > total.0,
        (None, _) => false,
    };
    categories.into_iter().filter(exceeds).collect()
}
