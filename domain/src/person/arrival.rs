//! The host's notice of an immigrant's arrival (point 9; migration law art. 6): late is marked and bars nothing.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{Fact, registration::ArrivalReported},
    scalar::Day,
    term::{PersonKind, Timeliness},
};

use crate::{
    blocked::{Blocked, Code},
    command::ReportArrival,
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    streams::Known,
};

/// The norm: within how many working days a host reports.
pub const WORKING_DAYS: &str = "host-notice.working-days";

/// Whether a report of an arrival came in time, with what was read.
///
/// The term is counted in working days. So many calendar days are never more than so many working days, so a report
/// within them is in time; later than that only a calendar of working days can tell. Without one it is unknown.
fn timeliness(law: &Law, arrived: Day, reported: Day) -> (Timeliness, Facts, Vec<Citation>) {
    let facts = Facts::new()
        .with("arrived-on", arrived)
        .with("reported-on", reported);
    let Ok(term) = law.norm(WORKING_DAYS, arrived) else {
        let facts = facts.with("notice-working-days", "norm-missing");
        return (Timeliness::Unknown, facts, Vec::new());
    };
    let facts = facts.with("notice-working-days", term.value);
    let days = i64::try_from(term.value.0)
        .unwrap_or(i64::MAX)
        .min(4_000_000);
    if reported <= arrived.plus_days(days) {
        return (Timeliness::InTime, facts, vec![term.citation]);
    }
    let Ok(last) = law.term_end(arrived, term.value) else {
        let facts = facts.with("calendar", "not-recorded");
        return (Timeliness::Unknown, facts, vec![term.citation]);
    };
    let facts = facts.with("in-time-until", last);
    let timeliness = if reported <= last {
        Timeliness::InTime
    } else {
        Timeliness::Late
    };
    (timeliness, facts, vec![term.citation])
}

/// Records that a host reported the arrival of an immigrant on the effective day; the decision date is that of the
/// report. A fact of others: no power is asked for.
pub fn report(c: &ReportArrival, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let arrived = cx.effective_from();
    let person = super::living(known, c.person, arrived)?;
    if person.kind_on(arrived) == Some(PersonKind::Citizen) {
        return Err(Blocked::control(Code::NotAnImmigrant)
            .with("person", c.person)
            .into());
    }
    if cx.decided_on < arrived {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("arrived-on", arrived)
            .with("reported-on", cx.decided_on)
            .into());
    }
    known
        .dwelling(c.dwelling)?
        .premises_on(c.dwelling, arrived)?;
    let (timeliness, facts, bases) = timeliness(known.law()?, arrived, cx.decided_on);
    let fact = ArrivalReported {
        dwelling: c.dwelling,
        timeliness,
        facts,
        bases,
    };
    Ok(vec![(
        super::stream(c.person),
        cx.event(Fact::ArrivalReported(fact)),
    )])
}
