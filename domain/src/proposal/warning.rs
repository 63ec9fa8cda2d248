//! What the law does not forbid and an official should know before he signs (point 5): a cut below use, a territory in use, a
//! request that changes nothing, another proposal about the same, no indicator cited. Each is confirmed with a reason, or the signature is blocked.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    citation::Facts,
    fact::proposal::{ConfirmedWarning, Horizon, QuotaAsk, Subject},
    id::{Line, Ref},
    scalar::{Day, Slug, Year},
    term::{Category, Direction, ProposalWarning, TerritoryChange},
};

use super::{Proposal, Stage};
use crate::{
    blocked::{Blocked, Code},
    context::Context,
    decide::Undecided,
    quota::LimitOn,
    streams::Known,
};

/// The warnings that are there, and what was read to find them.
#[derive(Default)]
struct Found {
    warnings: BTreeSet<ProposalWarning>,
    read: BTreeMap<&'static str, String>,
}

impl Found {
    fn read(&mut self, name: &'static str, what: impl std::fmt::Display) {
        self.read.insert(name, what.to_string());
    }
}

/// Places held and committed in the line of a territory on a day, and its limit if one is in force then.
fn line_on(
    category: Category,
    territory: &Slug,
    year: Year,
    on: Day,
    known: &Known<'_>,
) -> Result<Option<(u64, Option<u64>)>, Undecided> {
    let law = known.law()?;
    let name: Option<&Line> = law.line_of(category, territory, year, on);
    let Some(name) = name else {
        return Ok(None);
    };
    let line = known.line(name)?;
    let taken = line.taken(on);
    let used = u64::try_from(taken.held + taken.committed).unwrap_or(0);
    let limit = match line.limit(law, on) {
        LimitOn::Known { places, .. } => Some(places.0),
        LimitOn::NotInForce | LimitOn::Unknown { .. } => None,
    };
    Ok(Some((used, limit)))
}

/// What a proposal on one category of the regional quotas comes to beside the line of the decision's own year.
fn of_line(
    ask: &QuotaAsk,
    direction: Direction,
    territory: &Slug,
    on: Day,
    known: &Known<'_>,
    found: &mut Found,
) -> Result<(), Undecided> {
    let (used_name, limit_name) = match ask.category {
        Category::Kandas => ("used-kandas", "limit-kandas"),
        Category::Resettlers => ("used-resettlers", "limit-resettlers"),
    };
    let Some((used, limit)) = line_on(ask.category, territory, on.year(), on, known)? else {
        found.read(limit_name, "no-line");
        return Ok(());
    };
    found.read(used_name, used);
    if direction == Direction::Reduction && ask.asked.0 < used {
        found.warnings.insert(ProposalWarning::BelowUse);
    }
    let Some(limit) = limit else {
        found.read(limit_name, "not-in-force");
        return Ok(());
    };
    found.read(limit_name, limit);
    let changes = match direction {
        Direction::Increase => limit < ask.asked.0,
        Direction::Reduction => ask.asked.0 < limit,
    };
    if !changes {
        found.warnings.insert(ProposalWarning::AgainstDirection);
    }
    Ok(())
}

/// Whether two proposals ask about the same: kind, category, and a year in common of one horizon.
fn about_the_same(one: &Subject, other: &Subject) -> bool {
    let share = |a: &Horizon, b: &Horizon| match (*a, *b) {
        (Horizon::ComingYear { year: a }, Horizon::ComingYear { year: b }) => a == b,
        (Horizon::MediumTerm { from: a, to: x }, Horizon::MediumTerm { from: b, to: y }) => {
            a <= y && b <= x
        }
        _ => false,
    };
    match (one, other) {
        (Subject::Territory { category: a, .. }, Subject::Territory { category: b, .. }) => a == b,
        (
            Subject::ForeignLabour {
                year: a, lines: x, ..
            },
            Subject::ForeignLabour {
                year: b, lines: y, ..
            },
        ) => a == b && x.iter().any(|x| y.iter().any(|y| x.category == y.category)),
        (
            Subject::RegionalQuota {
                horizon: a,
                lines: x,
                ..
            },
            Subject::RegionalQuota {
                horizon: b,
                lines: y,
                ..
            },
        ) => share(a, b) && x.iter().any(|x| y.iter().any(|y| x.category == y.category)),
        _ => false,
    }
}

/// Another proposal about the same for this territory that is signed and not answered: one that was returned is in our own
/// hands again.
fn parallel(
    own: Ref,
    subject: &Subject,
    territory: &Slug,
    known: &Known<'_>,
) -> Result<Option<Ref>, Undecided> {
    for id in known.proposals(territory)?.drafted() {
        if *id == own {
            continue;
        }
        let other = known.proposal(*id)?;
        let pending = match other.stage() {
            Stage::Signed | Stage::Sent | Stage::Received => true,
            Stage::Absent
            | Stage::Drafted
            | Stage::Returned
            | Stage::Answered
            | Stage::Withdrawn => false,
        };
        if pending
            && other
                .subject()
                .is_some_and(|other| about_the_same(subject, other))
        {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

fn find(
    own: Ref,
    proposal: &Proposal,
    subject: &Subject,
    on: Day,
    known: &Known<'_>,
) -> Result<Found, Undecided> {
    let mut found = Found::default();
    if !proposal.cites_indicators {
        found.warnings.insert(ProposalWarning::NoIndicator);
    }
    let Some(territory) = &proposal.territory else {
        return Ok(found);
    };
    match parallel(own, subject, territory, known)? {
        Some(other) => {
            found.read("parallel-proposal", other);
            found.warnings.insert(ProposalWarning::Parallel);
        }
        None => found.read("parallel-proposal", "none"),
    }
    match subject {
        Subject::Territory {
            change: TerritoryChange::Excluded,
            category,
        } => {
            // By whatever rule they are counted: who is not counted anew yet lives there too.
            let mut used = 0;
            for line in known.law()?.lines_in(*category, territory, on.year()) {
                let taken = known.line(line)?.taken(on).total();
                used += u64::try_from(taken).unwrap_or(0);
            }
            found.read("used-places", used);
            if used > 0 {
                found.warnings.insert(ProposalWarning::TerritoryInUse);
            }
        }
        Subject::RegionalQuota {
            direction,
            horizon: Horizon::ComingYear { .. } | Horizon::MediumTerm { .. },
            lines,
        } => {
            for ask in lines {
                of_line(ask, *direction, territory, on, known, &mut found)?;
            }
        }
        Subject::ForeignLabour {
            direction: Direction::Reduction,
            year,
            lines,
        } => {
            let ledger = known.foreign_labour(territory)?;
            let mut read = Vec::new();
            for line in lines {
                // Labour immigrants in households are no permits of the akimat.
                let Ok(category) = line.category.as_str().parse() else {
                    continue;
                };
                let used = ledger.used(*year, category);
                read.push(format!("{category}: {used}"));
                if line.asked.0 < used {
                    found.warnings.insert(ProposalWarning::BelowUse);
                }
            }
            found.read("used-foreign-labour", read.join(", "));
        }
        Subject::Territory { .. } | Subject::ForeignLabour { .. } => {}
    }
    Ok(found)
}

/// Whether the signatory confirms exactly the warnings that are there on the decision date. Gives the facts with what was
/// read.
pub(super) fn check(
    own: Ref,
    proposal: &Proposal,
    subject: &Subject,
    confirms: &[ConfirmedWarning],
    facts: Facts,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Facts, Undecided> {
    let found = find(own, proposal, subject, cx.decided_on, known)?;
    let read = found.read.into_iter();
    let facts = read.fold(facts, |facts, (name, value)| facts.with(name, value));
    let confirmed: BTreeSet<_> = confirms.iter().map(|c| c.warning).collect();
    let extra = confirmed.difference(&found.warnings).next();
    if extra.is_some() || confirmed.len() != confirms.len() {
        let blocked = Blocked::control(Code::WarningNotGiven).having_read(&facts);
        let blocked = extra
            .into_iter()
            .fold(blocked, |b, extra| b.with("warning", extra));
        return Err(blocked.into());
    }
    let open: Vec<_> = found.warnings.difference(&confirmed).collect();
    if open.is_empty() {
        return Ok(facts);
    }
    let names: Vec<_> = open.iter().map(ToString::to_string).collect();
    Err(Blocked::control(Code::WarningNotConfirmed)
        .having_read(&facts)
        .with("warning", names.join(", "))
        .into())
}
