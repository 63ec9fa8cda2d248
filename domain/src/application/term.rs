//! The term of an application (point 6; administrative procedure code, art. 76; the special terms of the migration law),
//! counted in working days in the open, and the finding that it ran out.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{Fact, case::DeemedRefusalFound},
    scalar::{Count, Day, Slug},
    term::Verdict,
};

use super::{Application, Asked, existing, on};
use crate::{
    blocked::{Blocked, Code},
    command::FindDeemedRefusal,
    context::Context,
    decide::{Decided, Undecided},
    law::{Law, NormInForce, calendar::CountedDay},
    streams::Known,
};

/// The norm of the default term: it counts where no special term is recorded.
pub const DEFAULT_TERM: &str = "term.administrative-procedure.working-days";

/// The term of an application, day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The norm that sets it.
    pub norm: Slug,
    /// How many working days.
    pub working_days: Count,
    /// What the norm rests on.
    pub citation: Citation,
    /// The day of filing: the count begins on the next.
    pub filed_on: Day,
    /// Every day of it, the last one is the deadline.
    pub days: Vec<CountedDay>,
}

impl Term {
    /// The last day on which a decision is in time.
    pub fn deadline(&self) -> Day {
        self.days.last().map_or(self.filed_on, |last| last.day)
    }
}

/// The norm of the term for this application: the special one in force on the day of filing, or the default.
pub(super) fn norm_of(law: &Law, asked: &Asked<'_>, filed_on: Day) -> Result<NormInForce, Blocked> {
    let special = format!("term.{}.working-days", asked.decision());
    match law.norm(&special, filed_on) {
        Err(blocked) if blocked.code == Code::NormMissing => law.norm(DEFAULT_TERM, filed_on),
        found => found,
    }
}

/// The term of an application. Blocked as `norm-missing` without a norm, as `calendar-missing` without a calendar.
pub fn term(law: &Law, application: &Application, asked: &Asked<'_>) -> Result<Term, Blocked> {
    let filed_on = application.filed_on();
    let norm = norm_of(law, asked, filed_on)?;
    Ok(Term {
        days: law.count(filed_on, norm.value)?,
        working_days: norm.value,
        norm: norm.norm,
        citation: norm.citation,
        filed_on,
    })
}

/// Finds that the term ran out without a decision: a deemed refusal, against which the applicant may complain. The
/// application stays to be decided.
pub fn find_deemed_refusal(
    c: &FindDeemedRefusal,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (application, asked) = existing(known, c.application)?;
    application.still_open(c.application)?;
    let found = application
        .decisions
        .values()
        .any(|d| d.verdict == Verdict::Adverse && d.official.is_none() && !d.annulled);
    if found {
        return Err(Blocked::control(Code::NoChange)
            .with("application", c.application)
            .into());
    }
    let term = term(known.law()?, application, &asked)?;
    let facts = Facts::new()
        .with("filed-on", term.filed_on)
        .with("term-norm", &term.norm)
        .with("working-days", term.working_days)
        .with("deadline", term.deadline());
    if cx.decided_on <= term.deadline() {
        return Err(Blocked::law(Code::TermRuns, &term.citation)
            .having_read(&facts)
            .into());
    }
    let fact = DeemedRefusalFound {
        deadline: term.deadline(),
        facts,
        bases: vec![term.citation],
    };
    Ok(on(c.application, cx.event(Fact::DeemedRefusalFound(fact))))
}
