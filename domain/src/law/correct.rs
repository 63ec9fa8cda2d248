//! An entry of the register of acts was wrong (preamble, points 1, 3, 6 and 11): a full new fact takes its place, and both
//! stand. What was decided on the wrong entry stands until it is reviewed; lines that the right one leaves over-committed
//! are shown as such.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        Fact,
        amended::{LawCorrected, LawRecord, QuotaCorrected},
        law::QuotaSet,
    },
    id::StreamId,
    scalar::{Count, Day, Slug, StreamSeq, Text},
    term::{LineMark, LogKind},
};

use super::{
    Entered, Law,
    decide::{check_act, check_calendar, check_determination, circle, overlap},
    lines::lines_of,
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

/// Corrects what was recorded of an act of the setter: a full new fact, with the limits that follow from it. It may be about
/// another year, count by another rule, or speak of other lines. Places that stand in a line that no act speaks of any more
/// stay there, over-committed, until somebody decides about them.
pub fn correct_quota(
    c: &CorrectQuota,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    let (old, set) = check_quota(c, known)?;
    let limits = set::limits(&set, Some(old), cx, known)?;
    law.act(&set.act)?;
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
            dated(norms, (entry, norm), law, |n| Dated {
                name: &n.norm,
                document: &n.document,
                point: None,
                validity: (n.from, n.until),
            })?
        }
        LawRecord::Power(power) => {
            let powers = law.powers.get(&power.decision).ok_or_else(missing)?;
            dated(powers, (entry, power), law, |p| Dated {
                name: &p.document,
                document: &p.document,
                point: Some(&p.point),
                validity: (p.from, p.until),
            })?
        }
        LawRecord::OtherPower(power) => {
            let powers = law.other_powers.get(&power.power).ok_or_else(missing)?;
            dated(powers, (entry, power), law, |p| Dated {
                name: &p.document,
                document: &p.document,
                point: Some(&p.point),
                validity: (p.from, p.until),
            })?
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

/// What holds for an interval: entries of the same name and point stay apart in time.
struct Dated<'a> {
    name: &'a Slug,
    document: &'a Slug,
    point: Option<&'a Text>,
    validity: (Day, Option<Day>),
}

/// Whether an entry among these says the same already. What it is to say instead must stand in a known act and overlap none
/// of the others.
fn dated<T: PartialEq>(
    entries: &[Entered<T>],
    (entry, says): (StreamSeq, &T),
    law: &Law,
    of: impl Fn(&T) -> Dated<'_>,
) -> Result<bool, Blocked> {
    let kept = entries.iter().find(|kept| kept.entry == entry);
    let kept = kept.ok_or_else(|| not_correctable(&law.superseded, entry))?;
    let new = of(says);
    law.act(new.document)?;
    let others = entries.iter().filter(|other| other.entry != entry);
    let others = others.map(|other| of(other));
    let others = others.filter(|other| (other.name, other.point) == (new.name, new.point));
    check_validity(new.name, new.validity, others.map(|other| other.validity))?;
    Ok(kept.says == *says)
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

/// What the entry says now and what it should have said. It is about the same act: what another act says is another entry.
/// A line stands once in it, and no act says two things of one line.
fn check_quota<'a>(
    c: &CorrectQuota,
    known: &Known<'a>,
) -> Result<(&'a QuotaSet, QuotaSet), Undecided> {
    let (law, quota) = (known.law()?, &c.set);
    let kept = law.quota_said(c.entry).filter(|kept| kept.act == quota.act);
    let kept = kept.ok_or_else(|| not_correctable(&law.superseded, c.entry))?;
    let lines: BTreeSet<String> = lines_of(quota).map(|(line, _)| line.to_string()).collect();
    if lines.is_empty() || lines.len() != quota.lines.len() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("act", &quota.act)
            .with("lines", quota.lines.len())
            .into());
    }
    for (line, limit) in lines_of(quota)
        .zip(&quota.lines)
        .map(|((line, _), l)| (line, l))
    {
        let own = lines_of(kept).any(|(other, _)| other == line);
        if !own
            && known
                .line(&line)?
                .limit_by(&quota.act)
                .is_some_and(|limit| limit > Count(0))
        {
            return Err(Blocked::control(Code::NoChange)
                .with("line", &line)
                .with("act", &quota.act)
                .into());
        }
        if limit.mark == Some(LineMark::SourceGap) && known.log()?.kind != Some(LogKind::Test) {
            return Err(Blocked::control(Code::SourceGapOutsideTests)
                .with("line", &line)
                .with("act", &quota.act)
                .into());
        }
    }
    let quota = QuotaSet {
        above_total: set::above_total((quota.year, &quota.rule), &quota.lines, law),
        ..quota.clone()
    };
    if *kept == quota {
        return Err(no_change(c.entry).into());
    }
    Ok((kept, quota))
}
