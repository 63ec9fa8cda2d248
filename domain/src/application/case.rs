//! Preparing a decision (point 6; administrative procedure code, art. 71-80): documents, the preliminary decision and
//! the objection to it, the opinion of the commission. These are facts of the case; none of them decides it.

use std::collections::BTreeSet;

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        case::{DocumentReceived, ObjectionRecorded, OpinionGiven, PreliminaryDecisionTold},
    },
    scalar::Count,
    term::Verdict,
};

use super::{after_filing, on};
use crate::{
    blocked::{Blocked, Code},
    command::{GiveOpinion, RecordDocument, RecordObjection, TellPreliminaryDecision},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// Records a document of the case; its number is sealed.
pub fn record_document(
    c: &RecordDocument,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let asked = application.undecided(c.application)?;
    after_filing(application, cx)?;
    if c.applicant != asked.applicant() {
        return Err(not_the_applicant(c.applicant));
    }
    let fact = DocumentReceived {
        kind: c.kind.clone(),
        issuer: c.issuer.clone(),
        sha256: c.sha256,
        translated: c.translated,
        slots: cx.slots.clone(),
    };
    Ok(on(c.application, cx.event(Fact::DocumentReceived(fact))))
}

fn not_the_applicant(person: qonys_events::id::Ref) -> Undecided {
    Blocked::control(Code::NotTheApplicant)
        .with("applicant", person)
        .into()
}

/// Records that the applicant was told how the body means to decide (art. 73): a hearing needs it.
pub fn tell_preliminary_decision(
    c: &TellPreliminaryDecision,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.undecided(c.application)?;
    after_filing(application, cx)?;
    if let Some(hearing) = c.hearing_on
        && hearing < cx.effective_from()
    {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("told-on", cx.effective_from())
            .with("hearing-on", hearing)
            .into());
    }
    let fact = PreliminaryDecisionTold {
        verdict: c.verdict,
        way: c.way,
        hearing_on: c.hearing_on,
        document: c.document,
    };
    Ok(on(
        c.application,
        cx.event(Fact::PreliminaryDecisionTold(fact)),
    ))
}

/// Records an objection to the preliminary decision (art. 73). A late one is recorded and marked late.
pub fn record_objection(
    c: &RecordObjection,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.undecided(c.application)?;
    let Some(preliminary) = application.preliminary else {
        return Err(Blocked::control(Code::NoPreliminaryDecision)
            .with("application", c.application)
            .into());
    };
    let on_day = cx.effective_from();
    if on_day < preliminary.told_on {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("told-on", preliminary.told_on)
            .into());
    }
    let law = known.law()?;
    let term = law.norm("hearing.objection.working-days", preliminary.told_on)?;
    let in_time_until = law.term_end(preliminary.told_on, term.value)?;
    let fact = ObjectionRecorded {
        document: c.document,
        in_time_until,
        late: on_day > in_time_until,
        facts: Facts::new()
            .with("told-on", preliminary.told_on)
            .with("working-days", term.value),
        bases: vec![term.citation],
    };
    Ok(on(c.application, cx.event(Fact::ObjectionRecorded(fact))))
}

/// Records the opinion of the commission. Its composition is data; who recused himself has no vote; an opinion is never
/// the decision.
pub fn give_opinion(
    c: &GiveOpinion,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.undecided(c.application)?;
    after_filing(application, cx)?;
    let malformed =
        |what: &str| Undecided::from(Blocked::control(Code::OpinionMalformed).with("what", what));
    let members: BTreeSet<_> = c.members.iter().collect();
    if members.is_empty() || members.len() != c.members.len() {
        return Err(malformed("members"));
    }
    if c.recused.iter().any(|member| members.contains(member)) {
        return Err(malformed("a recused member took part"));
    }
    if c.in_favour.0.saturating_add(c.against.0) > members.len() as u64 {
        return Err(malformed("more votes than members"));
    }
    // How many members must take part is a norm, where one is recorded.
    let quorum = known
        .law()?
        .norm("commission.quorum.members", cx.decided_on);
    if quorum.is_ok_and(|quorum| (members.len() as u64) < quorum.value.0) {
        return Err(malformed("no quorum"));
    }
    let carried = match c.opinion {
        Verdict::Favourable => c.in_favour > c.against,
        Verdict::Adverse => c.against >= c.in_favour && c.against > Count(0),
    };
    if !carried {
        return Err(malformed("the votes say otherwise"));
    }
    let fact = OpinionGiven {
        members: c.members.clone(),
        recused: c.recused.clone(),
        in_favour: c.in_favour,
        against: c.against,
        opinion: c.opinion,
        minutes: c.minutes,
    };
    Ok(on(c.application, cx.event(Fact::OpinionGiven(fact))))
}
