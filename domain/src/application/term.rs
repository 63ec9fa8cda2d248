//! The term of an application (point 6; administrative procedure code, art. 76; the special terms of the migration law),
//! counted in working days in the open, its extension, and the finding that it ran out.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{
        Fact,
        case::{DeemedRefusalFound, TermExtended},
    },
    id::Line,
    scalar::{Count, Day, Slug},
    term::Verdict,
};

use super::{Application, Asked, existing, on};
use crate::{
    blocked::{Blocked, Code},
    command::{ExtendTerm, FindDeemedRefusal},
    context::Context,
    decide::{Decided, Undecided},
    law::{Law, NormInForce, calendar::CountedDay},
    person::sealed,
    streams::Known,
};

/// The norm of the default term: it counts where no special term is recorded.
pub const DEFAULT_TERM: &str = "term.administrative-procedure.working-days";

/// The norm of how many months the default term is extended at most.
pub const EXTENSION: &str = "term-extension.administrative-procedure.months";

/// The reading, with author and date, from where those months are counted: 1 from the filing, 0 from the last day of the term
/// as it was before any extension.
pub const COUNTED_FROM_FILING: &str = "term-extension.counted-from-filing";

/// The norm of how many working days after an extension the applicant is told of it.
pub const EXTENSION_NOTICE: &str = "term-extension.notice.working-days";

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
    /// The last day before the term was extended, where it was.
    pub extended_from: Option<Day>,
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
    let days = law.count(filed_on, norm.value)?;
    let (extended_from, days) = match application.extension() {
        None => (None, days),
        Some(extension) => (
            Some(days.last().map_or(filed_on, |last| last.day)),
            law.count_until(filed_on, extension.until)?,
        ),
    };
    Ok(Term {
        extended_from,
        days,
        working_days: norm.value,
        norm: norm.norm,
        citation: norm.citation,
        filed_on,
    })
}

/// The norm of how many months a term is extended at most: that of the procedure in general, or of the special term. Whether
/// a special term is extended at all is for its own norm to say: without one it is blocked by name.
fn extension_of(
    law: &Law,
    asked: &Asked<'_>,
    term: &Term,
    on: Day,
) -> Result<NormInForce, Blocked> {
    if term.norm.as_str() == DEFAULT_TERM {
        law.norm(EXTENSION, on)
    } else {
        law.norm(&format!("term-extension.{}.months", asked.decision()), on)
    }
}

/// Extends the term of a case that is not decided, while it runs, by a reasoned decision of whoever may decide the case. How
/// far is a norm, and so is the reading from where its months are counted.
pub fn extend(c: &ExtendTerm, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let asked = application.undecided(c.application)?;
    super::after_filing(application, cx)?;
    if c.applicant != asked.applicant() {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("applicant", c.applicant)
            .into());
    }
    sealed(&cx.slots, "reason", c.applicant)?;
    let law = known.law()?;
    let basis = law.basis(asked.decision(), cx.decided_on)?;
    if let Asked::Inclusion(filed) = asked {
        let office = format!("akimat.{}", filed.territory);
        let national = filed.territory.as_str() == Line::NATIONAL;
        if !national && cx.actor.office.as_str() != office {
            return Err(Blocked::law(Code::NotTheDecidingOffice, &basis)
                .with("deciding-office", &cx.actor.office)
                .with("office-of-territory", office)
                .into());
        }
    }
    let term = term(law, application, &asked)?;
    let first_deadline = term.extended_from.unwrap_or(term.deadline());
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("filed-on", term.filed_on)
        .with("term-norm", &term.norm)
        .with("term-certainty", term.citation.certainty)
        .with("working-days", term.working_days)
        .with("first-deadline", first_deadline)
        .with("deadline", term.deadline());
    if cx.decided_on > term.deadline() {
        return Err(Blocked::law(Code::TermRanOut, &term.citation)
            .having_read(&facts)
            .into());
    }
    let most = extension_of(law, &asked, &term, cx.decided_on)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let reading = law
        .norm(COUNTED_FROM_FILING, cx.decided_on)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let since = match reading.value {
        Count(0) => first_deadline,
        _ => term.filed_on,
    };
    let latest = law.term_end_in_months(since, most.value)?;
    let until = law.working_day_from(c.until)?;
    let facts = facts
        .with("extension-months", most.value)
        .with("counted-from-filing", reading.value)
        .with("latest-deadline", latest)
        .with("extended-until", until);
    if until <= term.deadline() {
        return Err(Blocked::control(Code::IntervalEmpty)
            .having_read(&facts)
            .into());
    }
    if until > latest {
        return Err(Blocked::law(Code::ExtensionTooLong, &most.citation)
            .having_read(&facts)
            .into());
    }
    let counted = law.count_until(term.filed_on, until)?;
    let working_days = counted.iter().filter_map(|day| day.working_day).max();
    let fact = TermExtended {
        until,
        was: term.deadline(),
        working_days: working_days.unwrap_or_default(),
        document: c.document,
        facts,
        bases: vec![most.citation, reading.citation],
        slots: cx.slots.clone(),
    };
    let event = cx.event(Fact::TermExtended(fact)).citing(basis);
    Ok(on(c.application, event))
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
    let facts = match term.extended_from {
        Some(first) => facts.with("first-deadline", first),
        None => facts,
    };
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
