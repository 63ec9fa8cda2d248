//! The refusal act (point 6; migration law art. 20; administrative procedure code, art. 73-80): a named official refuses
//! an application on exactly one primary ground in force, after a hearing or with the recorded choice to omit it.

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        application::{ApplicationRefused, Hearing},
    },
    term::{RefusalGround, Verdict},
};

use super::{Application, Asked, on, opening_facts, term};
use crate::{
    blocked::{Blocked, Code},
    command::RefuseApplication,
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
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
    let facts = opening_facts(&asked, &basis)
        .with("ground-number", ground.value)
        .with("ground-certainty", ground.citation.certainty);
    let facts = if c.ground == RefusalGround::NoRegionalQuota {
        check_no_quota(&asked, law, facts, cx)?
    } else if cx.slots.is_empty() {
        return Err(Blocked::law(Code::FactsMissing, &basis)
            .having_read(&facts)
            .with("ground", c.ground)
            .into());
    } else {
        facts
    };
    if let Asked::Inclusion(filed) = asked
        && let Some(name) = law.line_of(filed.category, &filed.territory, filed.year)
        && known.line(name)?.hold(c.application).is_some()
    {
        return Err(Blocked::control(Code::AlreadyHeld)
            .having_read(&facts)
            .into());
    }
    let facts = check_hearing(&c.hearing, application, &asked, law, facts, cx)?;
    let fact = ApplicationRefused {
        ground: ground.norm,
        official: cx.actor.actor,
        hearing: c.hearing.clone(),
        appeal: c.appeal.clone(),
        facts,
        bases: vec![ground.citation],
        slots: cx.slots.clone(),
    };
    let event = cx.event(Fact::ApplicationRefused(fact)).citing(basis);
    Ok(on(c.application, event))
}

/// The ground by its words: there is no regional quota in the territorial unit. A line that is used up is another case;
/// whether it is this ground is an interpretation that no norm in force records. Where there is a line, the ground
/// needs the recorded refusal of the person to take it.
fn check_no_quota(
    asked: &Asked<'_>,
    law: &Law,
    facts: Facts,
    cx: &Context,
) -> Result<Facts, Blocked> {
    let Asked::Inclusion(filed) = asked else {
        return Err(Blocked::control(Code::GroundDoesNotFit).having_read(&facts));
    };
    let line = law.line_of(filed.category, &filed.territory, filed.year);
    let facts = facts.with(
        "line",
        line.map_or_else(|| "none".to_owned(), ToString::to_string),
    );
    match line {
        Some(_) if cx.slots.is_empty() => {
            Err(Blocked::control(Code::GroundDoesNotFit).having_read(&facts))
        }
        _ => Ok(facts),
    }
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
    let facts = facts
        .with("term-norm", &term.norm)
        .with("term-certainty", term.citation.certainty)
        .with("working-days", term.value)
        .with("hearing-needless-below", needless.value);
    let held_on = match hearing {
        Hearing::Omitted { .. } if term.value < needless.value => {
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
