//! Acts of the body that sets the quota (points 3 and 6). The city has no veto over them: an act is recorded whatever
//! it does to a line. Blocked is only what cannot be recorded without ambiguity.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        Fact,
        law::{LineLimit, QuotaSet},
        quota::LimitSet,
    },
    id::{Line, StreamId},
    scalar::{Count, Year},
    term::{Category, LineMark, LogKind, QuotaAction},
};

use crate::{
    blocked::{Blocked, Code},
    command::SetQuota,
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
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
    let above_total = above_total(c.year, &c.lines, law);
    if let Some(category) = above_total.first()
        && !c.as_published
    {
        let (total, sum) = total_and_sum(c.year, &c.lines, *category, law);
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
    let mut decided = vec![(StreamId::law(), cx.record(Fact::QuotaSet(fact)))];
    for (line, limit) in lines.into_iter().zip(&c.lines) {
        let stream = StreamId::line(&line);
        let fact = LimitSet {
            line,
            act: c.act.clone(),
            action: c.action,
            limit: limit.limit,
            mark: limit.mark,
        };
        decided.push((stream, cx.record(Fact::LimitSet(fact))));
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
    if let Some(rule) = law
        .rule_of(line.category, line.year)
        .filter(|rule| *rule != c.rule)
    {
        return Err(about(Code::CountingRuleMixed).with("recorded", rule).into());
    }
    let state = known.line(line)?;
    match (c.action, state.line().is_some()) {
        (QuotaAction::Establish, true) => return Err(about(Code::LineEstablished).into()),
        (QuotaAction::Amend, false) => return Err(about(Code::LineNotEstablished).into()),
        _ => {}
    }
    if state.limits.iter().any(|limit| limit.act == c.act) {
        return Err(about(Code::NoChange).into());
    }
    if mark == Some(LineMark::SourceGap) && known.log()?.kind != Some(LogKind::Test) {
        return Err(about(Code::SourceGapOutsideTests).into());
    }
    Ok(())
}

/// The reported national total of a category, if there is one, and the sum of its regional limits, with the limits of an
/// act in place of those before it.
fn total_and_sum(
    year: Year,
    lines: &[LineLimit],
    category: Category,
    law: &Law,
) -> (Option<Count>, u64) {
    let mut limits: std::collections::BTreeMap<_, _> = law
        .lines(category, year)
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
pub(crate) fn above_total(year: Year, lines: &[LineLimit], law: &Law) -> Vec<Category> {
    let categories: BTreeSet<_> = lines.iter().map(|l| l.category).collect();
    let exceeds = |category: &Category| match total_and_sum(year, lines, *category, law) {
        (Some(total), sum) => sum > total.0,
        (None, _) => false,
    };
    categories.into_iter().filter(exceeds).collect()
}
