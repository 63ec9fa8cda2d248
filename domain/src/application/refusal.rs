//! The refusal act (point 6; migration law art. 20; administrative procedure code, art. 73-80): a named official refuses
//! an application on exactly one primary ground in force, after a hearing or with the recorded choice to omit it.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{
        Fact,
        application::{Hearing, RefusalActAdopted},
    },
    id::Line,
    term::{RefusalGround, Verdict},
};

use super::{Application, Asked, on, opening_facts, term};
use crate::{
    blocked::{Blocked, Code},
    command::RefuseApplication,
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    quota::{decide::held, places_of},
    streams::Known,
};

/// Refuses an application. Grounds are dated norms; for resettlers, and for kandas before the list of 2023, none is known,
/// so that an adverse act is blocked as `norm-missing`.
pub fn refuse(
    c: &RefuseApplication,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let asked = application.undecided(c.application)?;
    let law = known.law()?;
    let ground = law.norm(
        &format!("refusal-ground.{}.{}", asked.category(), c.ground),
        cx.decided_on,
    )?;
    let basis = law.basis(asked.refusal(), cx.decided_on)?;
    if c.applicant != asked.applicant() {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("applicant", c.applicant)
            .into());
    }
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
    let facts = opening_facts(&asked, &basis)
        .with("ground-number", ground.value)
        .with("ground-certainty", ground.citation.certainty);
    let mut used_up = None;
    let facts = if c.ground == RefusalGround::NoRegionalQuota {
        let (facts, reading) = check_no_quota(&asked, facts, cx, known)?;
        used_up = reading;
        facts
    } else if cx.slots.is_empty() {
        return Err(Blocked::law(Code::FactsMissing, &basis)
            .having_read(&facts)
            .with("ground", c.ground)
            .into());
    } else {
        facts
    };
    if let Asked::Inclusion(filed) = asked
        && held(c.application, filed, known)?.is_some()
    {
        return Err(Blocked::control(Code::AlreadyHeld)
            .having_read(&facts)
            .into());
    }
    let facts = check_hearing(&c.hearing, application, &asked, law, facts, cx)?;
    let fact = RefusalActAdopted {
        ground: ground.norm,
        official: cx.actor.actor,
        in_stead_of: cx.actor.onbehalfof,
        hearing: c.hearing.clone(),
        appeal: c.appeal.clone(),
        facts,
        bases: [ground.citation].into_iter().chain(used_up).collect(),
        slots: cx.slots.clone(),
    };
    let event = cx.event(Fact::RefusalActAdopted(fact)).citing(basis);
    Ok(on(c.application, event))
}

/// The ground by its words: there is no regional quota in the territorial unit. A line that is used up is another case:
/// whether it is this ground is a reading, a norm `used-up-line-is-no-quota.<category>`, which a verdict cites. Where there is
/// a line and neither, the ground needs the recorded refusal of the person to take it.
fn check_no_quota(
    asked: &Asked<'_>,
    facts: Facts,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(Facts, Option<Citation>), Undecided> {
    let Asked::Inclusion(filed) = asked else {
        let blocked = Blocked::control(Code::GroundDoesNotFit);
        return Err(blocked.having_read(&facts).into());
    };
    let law = known.law()?;
    let Some(name) = law.line_of(filed.category, &filed.territory, filed.year, cx.decided_on)
    else {
        return Ok((facts.with("line", "none"), None));
    };
    let facts = facts.with("line", name);
    if !cx.slots.is_empty() {
        return Ok((facts, None));
    }
    let reading = law.norm(
        &format!("used-up-line-is-no-quota.{}", filed.category),
        cx.decided_on,
    );
    let unfit = |facts: &Facts| Blocked::control(Code::GroundDoesNotFit).having_read(facts);
    let Ok(reading) = reading else {
        return Err(unfit(&facts).into());
    };
    let (places, _) = places_of(&name.rule, filed, law, cx.decided_on)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let tightest = known.line(name)?.tightest(law, cx.decided_on);
    let headroom = tightest.map_or(0, |tightest| tightest.headroom);
    let facts = facts
        .with("places", places)
        .with("headroom", headroom)
        .with("used-up-is-no-quota", reading.value);
    let room = u64::try_from(headroom).is_ok_and(|room| places.0 <= room);
    if reading.value.0 == 0 || room {
        return Err(unfit(&facts).into());
    }
    Ok((facts, Some(reading.citation)))
}

/// Before an adverse act the applicant is heard on the preliminary decision, which he was told so many working days
/// before the act (art. 73). The body may omit it only where the term of the case is shorter than the norm says.
fn check_hearing(
    hearing: &Hearing,
    application: &Application,
    asked: &Asked<'_>,
    law: &Law,
    facts: Facts,
    cx: &Context,
) -> Result<Facts, Blocked> {
    let term = term::norm_of(law, asked, application.filed_on())?;
    let needless = law.norm("hearing.needless-below.working-days", cx.decided_on)?;
    // A term that was extended is as long as it became.
    let extended = application.extension().map(|longer| longer.working_days);
    let working_days = extended.unwrap_or(term.value);
    let facts = facts
        .with("term-norm", &term.norm)
        .with("term-certainty", term.citation.certainty)
        .with("working-days", working_days)
        .with("hearing-needless-below", needless.value);
    let held_on = match hearing {
        Hearing::Omitted { .. } if working_days < needless.value => {
            return Ok(facts.with("hearing", "omitted"));
        }
        Hearing::Omitted { .. } => {
            return Err(Blocked::law(Code::HearingDue, &needless.citation).having_read(&facts));
        }
        Hearing::Held { on } => *on,
    };
    let told = application
        .preliminary
        .filter(|told| told.verdict == Verdict::Adverse);
    let Some(told) = told else {
        return Err(Blocked::control(Code::NoPreliminaryDecision).having_read(&facts));
    };
    let facts = facts
        .with("hearing", "held")
        .with("told-on", told.told_on)
        .with("heard-on", held_on);
    if held_on < told.told_on || cx.decided_on < held_on {
        return Err(Blocked::control(Code::BeforeItsCause).having_read(&facts));
    }
    let notice = law.norm("hearing.notice.working-days", cx.decided_on)?;
    let earliest = law.term_end(told.told_on, notice.value)?;
    let facts = facts
        .with("notice-working-days", notice.value)
        .with("earliest-act", earliest);
    if cx.decided_on < earliest {
        return Err(Blocked::law(Code::NoticeTooShort, &notice.citation).having_read(&facts));
    }
    Ok(facts)
}
