//! An entry of the register of acts was wrong (preamble, points 1, 3, 6 and 11): a full new fact takes its place, and both
//! stand. What was decided on the wrong entry stands until it is reviewed; lines that the right one leaves over-committed
//! are shown as such.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        Fact,
        amended::{LawCorrected, LawRecord, QuotaCorrected},
        law::QuotaSet,
        quota::LimitSet,
    },
    id::{Line, StreamId},
    scalar::{Day, Slug, StreamSeq},
};

use super::{
    Law,
    decide::{check_act, check_calendar, check_determination, circle, overlap},
};
use crate::{
    blocked::{Blocked, Code},
    command::{CorrectLaw, CorrectQuota},
    context::Context,
    decide::{Decided, Undecided},
    person::{not_correctable, superseded_id},
    quota::set,
    streams::Known,
};

/// Corrects an entry of the register of acts.
pub fn correct(c: &CorrectLaw, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let law = known.law()?;
    check(c.entry, &c.record, law)?;
    let fact = LawCorrected {
        entry: c.entry,
        reason: c.reason.clone(),
        record: c.record.clone(),
    };
    let event = cx.record(Fact::LawCorrected(fact));
    let event = event.superseding(superseded_id(cx, c.entry)?);
    Ok(vec![(StreamId::law(), event)])
}

/// Corrects what was recorded of an act of the setter, with the limit of each of its lines.
pub fn correct_quota(
    c: &CorrectQuota,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let set = check_quota(c.entry, &c.set, known.law()?)?;
    let limits = limits(&set, cx);
    for (line, _) in &limits {
        known.line_of(line)?;
    }
    let fact = QuotaCorrected {
        entry: c.entry,
        reason: c.reason.clone(),
        set,
    };
    let event = cx.record(Fact::QuotaCorrected(fact));
    let event = event.superseding(superseded_id(cx, c.entry)?);
    let mut decided = vec![(StreamId::law(), event)];
    decided.extend(limits);
    Ok(decided)
}

/// Whether the entry stands, is of that kind and about the same, and the new fact says something else that can be.
fn check(entry: StreamSeq, record: &LawRecord, law: &Law) -> Result<(), Blocked> {
    let missing = || not_correctable(&law.superseded, entry);
    let same = match record {
        LawRecord::Act(act) => {
            let kept = law.acts.get(&act.act).filter(|kept| kept.entry == entry);
            let kept = kept.ok_or_else(missing)?;
            check_act(act, law)?;
            kept.record == *act
        }
        LawRecord::Determination(determined) => {
            let kept = law.acts.get(&determined.act);
            let kept = kept.filter(|kept| kept.determined_by == Some(entry));
            let kept = kept.ok_or_else(missing)?;
            if let Some(from) = determined.from {
                check_determination(kept, from)?;
            }
            kept.determined == determined.from
        }
        LawRecord::Norm(norm) => {
            let norms = law.norms.get(&norm.norm).ok_or_else(missing)?;
            let kept = norms.iter().find(|kept| kept.entry == entry);
            let kept = kept.ok_or_else(missing)?;
            law.act(&norm.document)?;
            let others = norms.iter().filter(|other| other.entry != entry);
            check_validity(
                &norm.norm,
                (norm.from, norm.until),
                others.map(|n| (n.from, n.until)),
            )?;
            kept.says == *norm
        }
        LawRecord::Power(power) => {
            let powers = law.powers.get(&power.decision).ok_or_else(missing)?;
            let kept = powers.iter().find(|kept| kept.entry == entry);
            let kept = kept.ok_or_else(missing)?;
            law.act(&power.document)?;
            let others = powers.iter().filter(|other| {
                other.entry != entry
                    && other.document == power.document
                    && other.point == power.point
            });
            check_validity(
                &power.document,
                (power.from, power.until),
                others.map(|p| (p.from, p.until)),
            )?;
            kept.says == *power
        }
        LawRecord::Territory(t) => {
            let kept = law.determinations.iter().find(|d| {
                d.entry == entry
                    && d.category == t.category
                    && d.territory == t.territory
                    && d.act == t.act
            });
            kept.ok_or_else(missing)?.change == t.change
        }
        LawRecord::Calendar(calendar) => {
            let kept = law.calendars.get(&calendar.year.0);
            let kept = kept.filter(|kept| kept.entry == entry);
            let kept = kept.ok_or_else(missing)?;
            check_calendar(calendar)?;
            kept.says == *calendar
        }
        LawRecord::Succession(s) => {
            let kept = law.came_out_of.get(&s.territory);
            let kept = kept.filter(|kept| kept.entry == entry);
            let kept = kept.ok_or_else(missing)?;
            if circle(s, law) {
                return Err(no_change(entry));
            }
            kept.says == s.out_of
        }
    };
    if same {
        return Err(no_change(entry));
    }
    Ok(())
}

fn no_change(entry: StreamSeq) -> Blocked {
    Blocked::control(Code::NoChange).with("entry", entry)
}

/// An interval that does not end before it begins, and overlaps none of the others. One that ends on its first day says
/// that it never was.
fn check_validity(
    name: &Slug,
    (from, until): (Day, Option<Day>),
    mut others: impl Iterator<Item = (Day, Option<Day>)>,
) -> Result<(), Blocked> {
    if let Some(until) = until
        && until < from
    {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .with("until", until));
    }
    if until != Some(from) && others.any(|other| overlap(other, (from, until))) {
        return Err(Blocked::control(Code::ValidityOverlaps)
            .with("norm", name)
            .with("from", from));
    }
    Ok(())
}

fn lines(quota: &QuotaSet) -> BTreeSet<String> {
    let line = |limit: &qonys_events::fact::law::LineLimit| Line {
        category: limit.category,
        territory: limit.territory.clone(),
        year: quota.year,
        rule: quota.rule.clone(),
    };
    quota
        .lines
        .iter()
        .map(|limit| line(limit).to_string())
        .collect()
}

/// A correction of what an act of the setter said is about the same lines: places may stand in them. A line that was never
/// meant has the limit 0.
fn check_quota(entry: StreamSeq, quota: &QuotaSet, law: &Law) -> Result<QuotaSet, Blocked> {
    let kept = law.quota_sets.get(&entry.0).filter(|kept| {
        kept.act == quota.act && kept.action == quota.action && kept.year == quota.year
    });
    let kept = kept.ok_or_else(|| not_correctable(&law.superseded, entry))?;
    if lines(kept) != lines(quota) || quota.lines.len() != kept.lines.len() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("act", &quota.act)
            .with("lines", quota.lines.len()));
    }
    let quota = QuotaSet {
        above_total: set::above_total(quota.year, &quota.lines, law),
        ..quota.clone()
    };
    if *kept == quota {
        return Err(no_change(entry));
    }
    Ok(quota)
}

fn limits(quota: &QuotaSet, cx: &Context) -> Decided {
    let limit = |limit: &qonys_events::fact::law::LineLimit| {
        let line = Line {
            category: limit.category,
            territory: limit.territory.clone(),
            year: quota.year,
            rule: quota.rule.clone(),
        };
        let stream = StreamId::line(&line);
        let fact = LimitSet {
            line,
            act: quota.act.clone(),
            action: quota.action,
            limit: limit.limit,
            mark: limit.mark,
        };
        (stream, cx.record(Fact::LimitSet(fact)))
    };
    quota.lines.iter().map(limit).collect()
}
