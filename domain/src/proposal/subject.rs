//! What a proposal asks for (point 5): which type of decision it is, for which years, and whether its lines hold
//! together.

use std::collections::BTreeSet;

use qonys_events::{
    citation::Facts,
    fact::proposal::{Horizon, LabourLine, QuotaAsk, Subject},
    scalar::{Day, Year},
    term::{Answer, DecisionType, TerritoryChange},
};

use crate::blocked::{Blocked, Code};

/// The categories of the quota for attracting foreign labour: those of the permits, seasonal work, and labour
/// immigrants in households.
pub const LABOUR_CATEGORIES: [&str; 6] = [
    "category-1",
    "category-2",
    "category-3",
    "category-4",
    "seasonal",
    "households",
];

/// Which of the three kinds it is, as the norms of competence name it.
pub(super) const fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Territory { .. } => "territory",
        Subject::ForeignLabour { .. } => "foreign-labour",
        Subject::RegionalQuota { .. } => "regional-quota",
    }
}

/// The type of decision that a subject asks for on a decision date, with what was read. Blocked with
/// `horizon-malformed` when the years do not fit that date: the coming year is the one after it, a medium term begins
/// after its year and has more than one year, and the quota for foreign labour is that of its year or a later one.
pub(crate) fn decision_type(subject: &Subject, on: Day) -> Result<(DecisionType, Facts), Blocked> {
    let Year(now) = on.year();
    let (decision, facts, fits) = match subject {
        Subject::Territory {
            change: TerritoryChange::Determined,
            category,
        } => {
            let facts = Facts::new().with("category", category);
            (DecisionType::TerritoryDesignationProposal, facts, true)
        }
        Subject::Territory {
            change: TerritoryChange::Excluded,
            category,
        } => {
            let facts = Facts::new().with("category", category);
            (DecisionType::TerritoryExclusionProposal, facts, true)
        }
        Subject::ForeignLabour { year, .. } => {
            let facts = Facts::new().with("year", year);
            (DecisionType::ForeignLabourProposal, facts, now <= year.0)
        }
        Subject::RegionalQuota {
            horizon: Horizon::ComingYear { year },
            ..
        } => {
            let facts = Facts::new()
                .with("horizon", "coming-year")
                .with("year", year);
            (
                DecisionType::ComingYearQuotaProposal,
                facts,
                now.checked_add(1) == Some(year.0),
            )
        }
        Subject::RegionalQuota {
            horizon: Horizon::MediumTerm { from, to },
            ..
        } => {
            let facts = Facts::new()
                .with("horizon", "medium-term")
                .with("from", from)
                .with("to", to);
            (
                DecisionType::MediumTermQuotaProposal,
                facts,
                now < from.0 && from < to,
            )
        }
    };
    let facts = facts.with("decision", decision);
    if fits {
        return Ok((decision, facts));
    }
    let blocked = Blocked::control(Code::HorizonMalformed).having_read(&facts);
    Err(blocked.with("decision-year", on.year()))
}

fn malformed(line: impl std::fmt::Display, why: &str) -> Blocked {
    Blocked::control(Code::LinesMalformed)
        .with("line", line)
        .with("why", why)
}

/// Lines that hold together: at least one, none twice, known categories, and not more compatriots than persons.
pub(super) fn check_lines(subject: &Subject) -> Result<(), Blocked> {
    match subject {
        Subject::Territory { .. } => Ok(()),
        Subject::ForeignLabour { lines, .. } => {
            unique(lines.iter().map(|line| &line.category))?;
            lines.iter().try_for_each(check_labour)
        }
        Subject::RegionalQuota { lines, .. } => unique(lines.iter().map(|line| line.category)),
    }
}

fn unique<T: Ord + std::fmt::Display>(lines: impl Iterator<Item = T>) -> Result<(), Blocked> {
    let mut seen = BTreeSet::new();
    for line in lines {
        if seen.contains(&line) {
            return Err(malformed(line, "twice"));
        }
        seen.insert(line);
    }
    if seen.is_empty() {
        Err(malformed("none", "no-line"))
    } else {
        Ok(())
    }
}

fn check_labour(line: &LabourLine) -> Result<(), Blocked> {
    if !LABOUR_CATEGORIES.contains(&line.category.as_str()) {
        return Err(malformed(&line.category, "unknown-category"));
    }
    if line.asked < line.of_which_compatriots {
        return Err(malformed(&line.category, "more-compatriots-than-persons"));
    }
    Ok(())
}

/// Whether an answer says what it must (point 5): what was granted stands exactly where an answer on quotas is in part, in
/// lines of its own kind that were asked for. A territory is granted or not.
pub(super) fn check_granted(
    subject: &Subject,
    answer: Answer,
    granted: &[QuotaAsk],
    labour: &[LabourLine],
) -> Result<(), Blocked> {
    let told = |blocked: Blocked| blocked.with("answer", answer);
    let (wants_quota, wants_labour) = match subject {
        _ if answer != Answer::InPart => (false, false),
        Subject::Territory { .. } => (false, false),
        Subject::ForeignLabour { .. } => (false, true),
        Subject::RegionalQuota { .. } => (true, false),
    };
    if let Some(line) = granted.first().filter(|_| !wants_quota) {
        return Err(told(malformed(line.category, "nothing-to-grant")));
    }
    if let Some(line) = labour.first().filter(|_| !wants_labour) {
        return Err(told(malformed(&line.category, "nothing-to-grant")));
    }
    match subject {
        Subject::RegionalQuota { lines, .. } if wants_quota => {
            unique(granted.iter().map(|line| line.category)).map_err(told)?;
            let asked = |line: &&QuotaAsk| !lines.iter().any(|ask| ask.category == line.category);
            let other = granted.iter().find(asked);
            other.map_or(Ok(()), |line| {
                Err(told(malformed(line.category, "not-asked")))
            })
        }
        Subject::ForeignLabour { lines, .. } if wants_labour => {
            unique(labour.iter().map(|line| &line.category)).map_err(told)?;
            labour.iter().try_for_each(check_labour).map_err(told)?;
            let asked = |line: &&LabourLine| !lines.iter().any(|ask| ask.category == line.category);
            let other = labour.iter().find(asked);
            other.map_or(Ok(()), |line| {
                Err(told(malformed(&line.category, "not-asked")))
            })
        }
        _ => Ok(()),
    }
}
