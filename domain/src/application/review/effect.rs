//! What the decision on a complaint does to a place and to a status (point 6): an annulled inclusion loses its place, an
//! annulled status has no effect, a place that is ordered counts from its day, over the limit if need be.

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        amended::StatusAnnulled,
        application::{ApplicationIncluded, InclusionEnded},
        review::PlacesOrdered,
    },
    id::StreamId,
    scalar::Day,
    term::{EffectFrom, ReleaseReason, StatusAsk},
};

use crate::{
    application::{Application, Asked, DecisionMade, stream},
    blocked::{Blocked, Code},
    command::DecideReview,
    context::Context,
    decide::{Decided, Undecided},
    quota::{decide::held, places_of},
    streams::Known,
};

/// The inclusion loses its place.
pub(super) fn lost(
    c: &DecideReview,
    effect: EffectFrom,
    application: &Application,
    decision: &DecisionMade,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let included = application
        .included()
        .ok_or_else(|| Blocked::control(Code::NotIncluded).with("application", c.application))?;
    let from = match effect {
        EffectFrom::Adoption => decision.effective_from.unwrap_or(included.from),
        EffectFrom::Annulment => cx.effective_from().max(included.from),
    };
    let event = |fact, day| cx.event(fact).effective(day, None).case(c.application);
    let mut decided = Decided::new();
    for (line, day, fact) in included.released(c.application, from, ReleaseReason::Annulled) {
        known.line(&line)?;
        decided.push((StreamId::line(&line), event(fact, day)));
    }
    let ended = Fact::InclusionEnded(InclusionEnded {
        reason: ReleaseReason::Annulled,
    });
    decided.push((stream(c.application), event(ended, from)));
    Ok(decided)
}

/// The status that was granted or extended is annulled. What ended before is gone already.
pub(super) fn lost_status(
    c: &DecideReview,
    effect: EffectFrom,
    application: &Application,
    decision: &DecisionMade,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let Asked::Status(asked) = application.asked(c.application)? else {
        return Ok(Decided::new());
    };
    let person = known.person(asked.applicant)?;
    let began = match asked.asks {
        StatusAsk::Grant => person.status_from(decision.effective_from),
        StatusAsk::Extension => person.status_until(application.allowed_until),
    };
    let Some(began) = began else {
        return Ok(Decided::new());
    };
    let from = match effect {
        EffectFrom::Adoption => began,
        EffectFrom::Annulment => cx.effective_from().max(began),
    };
    let fact = Fact::StatusAnnulled(StatusAnnulled {
        application: c.application,
        complaint: c.complaint,
        status_from: began,
        facts: Facts::new()
            .with("effect-from", effect)
            .with("status-from", began),
    });
    let event = cx.event(fact).effective(from, None).case(c.application);
    Ok(vec![(crate::person::stream(asked.applicant), event)])
}

/// A place is ordered from a day.
pub(super) fn ordered(
    c: &DecideReview,
    from: Day,
    application: &Application,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let filed = application.filed(c.application)?;
    let law = known.law()?;
    let line = law
        .line_of(filed.category, &filed.territory, filed.year, from)
        .ok_or_else(|| Blocked::control(Code::NoQuotaLine).with("territory", &filed.territory))?;
    known.line(line)?;
    if held(c.application, filed, known)?.is_some() {
        return Err(Blocked::control(Code::AlreadyHeld)
            .with("application", c.application)
            .into());
    }
    if from < application.filed_on() {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("filed-on", application.filed_on())
            .into());
    }
    let (places, _) = places_of(&line.rule, filed, known.law()?, cx.decided_on)?;
    let ordered = PlacesOrdered {
        application: c.application,
        places,
        complaint: c.complaint,
        instance: c.instance,
        line: line.clone(),
        facts: Facts::new()
            .with("counting-rule", &line.rule)
            .with("members", filed.members),
    };
    let included = ApplicationIncluded {
        line: line.clone(),
        places,
        official: cx.actor.actor,
        in_stead_of: cx.actor.onbehalfof,
    };
    let event = |fact| cx.event(fact).effective(from, None).case(c.application);
    Ok(vec![
        (StreamId::line(line), event(Fact::PlacesOrdered(ordered))),
        (
            stream(c.application),
            event(Fact::ApplicationIncluded(included)),
        ),
    ])
}
