//! The life of an act after its adoption (point 6; administrative procedure code, art. 82-85, 91-96, 100): notice, clerical
//! correction, complaint, review, court. Nobody reviews his own act; a complaint does not make the applicant's position
//! worse; what a court decides is always recorded; nothing is deleted.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{
        Fact,
        review::{
            ActNotified, ClericalErrorCorrected, ComplaintFiled, ComplaintForwarded, ReviewDecided,
        },
    },
    id::Ref,
    scalar::{Count, Day},
    term::{Complainant, DecisionType, ReviewInstance, ReviewOutcome, Verdict},
};

use super::{Application, Complaint, DecisionMade, annuls, on, term::EXTENSION_NOTICE};
use crate::{
    blocked::{Blocked, Code},
    command::{CorrectClericalError, DecideReview, FileComplaint, ForwardComplaint, NotifyAct},
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    person::family::{acts_in_applications, not_a_representative},
    streams::Known,
};

mod effect;

use effect::{lost, lost_status, ordered};

/// Blocks a day before the decision that it follows.
pub(super) fn after(decision: &DecisionMade, day: Day) -> Result<(), Blocked> {
    match decision.decided_on {
        Some(decided) if day < decided => Err(Blocked::control(Code::BeforeItsCause)
            .with("decided-on", decided)
            .with("day", day)),
        _ => Ok(()),
    }
}

/// The notice of a decision on a day, or of the extension of the term, which has a term of its own: a late one is recorded
/// and marked late.
pub(super) fn notice(
    application: &Application,
    c: &NotifyAct,
    day: Day,
    law: &Law,
) -> Result<ActNotified, Blocked> {
    let mut notice = ActNotified {
        decision: c.decision,
        way: c.way,
        in_time_until: None,
        late: None,
        facts: Facts::new(),
        bases: Vec::new(),
    };
    let Some(extension) = application.extensions.get(&c.decision.0) else {
        let decision = application.decision(c.application, c.decision)?;
        return after(decision, day).map(|()| notice);
    };
    let extended = extension.decided_on.unwrap_or(day);
    if day < extended {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("decided-on", extended)
            .with("day", day));
    }
    let term = law.norm(EXTENSION_NOTICE, extended)?;
    let last = law.term_end(extended, term.value)?;
    (notice.in_time_until, notice.late) = (Some(last), Some(day > last));
    notice.facts = Facts::new()
        .with("decided-on", extended)
        .with("working-days", term.value);
    notice.bases = vec![term.citation];
    Ok(notice)
}

/// Records that the applicant was notified of a decision: terms of complaint run from that day. Of the extension of the term
/// likewise.
pub fn notify(c: &NotifyAct, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.asked(c.application)?;
    let fact = notice(application, c, cx.effective_from(), known.law()?)?;
    let told = match application.extensions.get(&c.decision.0) {
        Some(extension) => extension.notified_on,
        None => application.decision(c.application, c.decision)?.notified_on,
    };
    if let Some(notified) = told {
        return Err(Blocked::control(Code::NoChange)
            .with("notified-on", notified)
            .into());
    }
    Ok(on(c.application, cx.event(Fact::ActNotified(fact))))
}

/// Puts a clerical error right, within the term and without a change of content.
pub fn correct_clerical_error(
    c: &CorrectClericalError,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let asked = application.asked(c.application)?;
    if c.applicant != asked.applicant() {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("applicant", c.applicant)
            .into());
    }
    let decision = application.decision(c.application, c.decision)?;
    // Silence is no act: there is nothing written that could be put right.
    if decision.official.is_none() {
        return Err(Blocked::control(Code::NoSuchDecision)
            .with("application", c.application)
            .with("decision", c.decision)
            .into());
    }
    after(decision, cx.decided_on)?;
    let law = known.law()?;
    let adopted = decision.decided_on.unwrap_or(cx.decided_on);
    let norm = law.norm("clerical-correction.working-days", cx.decided_on)?;
    let last = law.term_end(adopted, norm.value)?;
    let facts = Facts::new()
        .with("adopted-on", adopted)
        .with("working-days", norm.value)
        .with("in-time-until", last);
    if cx.decided_on > last {
        return Err(Blocked::law(Code::TermOver, &norm.citation)
            .having_read(&facts)
            .into());
    }
    let fact = ClericalErrorCorrected {
        decision: c.decision,
        document: c.document,
        slots: cx.slots.clone(),
        facts,
        bases: vec![norm.citation],
    };
    let event = cx.event(Fact::ClericalErrorCorrected(fact));
    Ok(on(c.application, event))
}

/// Records a complaint. A late one is registered and marked late; how long it is in time depends on whether the act says
/// where to complain.
pub fn file_complaint(
    c: &FileComplaint,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.asked(c.application)?;
    let decision = application.decision(c.application, c.decision)?;
    let filed_on = cx.effective_from();
    after(decision, filed_on)?;
    let open = application.complaints.values().any(|complaint| {
        complaint.decision == c.decision
            && !complaint.decided
            && complaint.by_applicant == (c.by == Complainant::Applicant)
    });
    if open {
        return Err(Blocked::control(Code::ComplaintOpen)
            .with("decision", c.decision)
            .into());
    }
    if let Some(representative) = &c.represented_by {
        // Whom another complainant is, is not recorded: only for the applicant can somebody be known to act.
        if c.by != Complainant::Applicant {
            return Err(not_a_representative(filed_on).into());
        }
        let applicant = application.asked(c.application)?.applicant();
        acts_in_applications(applicant, representative, filed_on, known)?;
    }
    let law = known.law()?;
    let name = if decision.names_appeal {
        "complaint.months"
    } else {
        "complaint-without-appeal-path.months"
    };
    let term = law.norm(name, filed_on)?;
    let suspends = law.norm("complaint.suspends", filed_on)?;
    let mut facts = Facts::new()
        .with("term-norm", name)
        .with("months", term.value)
        .with("suspends", suspends.value);
    let mut in_time_until = None;
    if let Some(notified) = decision.notified_on {
        let last = law.term_end_in_months(notified, term.value)?;
        facts = facts.with("notified-on", notified);
        in_time_until = Some(last);
    }
    let fact = ComplaintFiled {
        complaint: cx.minted,
        decision: c.decision,
        by: c.by,
        represented_by: c.represented_by.clone(),
        document: c.document,
        in_time_until,
        late: in_time_until.is_some_and(|last| filed_on > last),
        suspends: suspends.value > Count(0),
        facts,
        bases: vec![term.citation, suspends.citation],
    };
    Ok(on(c.application, cx.event(Fact::ComplaintFiled(fact))))
}

/// The complaint, while it may be decided. A body decides once; a court has the last word on a decision that a body left
/// standing.
fn decidable<'a>(
    application: &'a Application,
    c: &DecideReview,
) -> Result<(&'a Complaint, &'a DecisionMade), Blocked> {
    let found = application.complaints.get(&c.complaint);
    let missing = || Blocked::control(Code::NoSuchComplaint).with("complaint", c.complaint);
    let found = found.ok_or_else(missing)?;
    let decision = application.decision(c.application, found.decision)?;
    let to_court = c.instance == ReviewInstance::Court && !found.by_court && !decision.annulled;
    if found.decided && !to_court {
        return Err(Blocked::control(Code::ComplaintDecided).with("complaint", c.complaint));
    }
    Ok((found, decision))
}

/// The last day on which this instance decides in time: the deciding body grants a complaint within the term of
/// forwarding it; the body above has a term of its own. A court has none here.
fn decided_in_time(
    c: &DecideReview,
    complaint: &Complaint,
    facts: Facts,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Facts, Undecided> {
    let (name, since) = match c.instance {
        ReviewInstance::DecidingBody => ("complaint-forwarding.working-days", complaint.filed_on),
        ReviewInstance::HigherBody => ("complaint-decision.working-days", complaint.before_since),
        ReviewInstance::Court => return Ok(facts),
    };
    let law = known.law()?;
    let term = law.norm(name, since)?;
    let last = law.term_end(since, term.value)?;
    let late = if cx.decided_on > last { "yes" } else { "no" };
    Ok(facts
        .with("term-norm", name)
        .with("working-days", term.value)
        .with("in-time-until", last)
        .with("late", late))
}

/// The complaint, while it is not decided.
fn undecided(application: &Application, complaint: Ref) -> Result<&Complaint, Blocked> {
    let found = application
        .complaints
        .get(&complaint)
        .ok_or_else(|| Blocked::control(Code::NoSuchComplaint).with("complaint", complaint))?;
    if found.decided {
        return Err(Blocked::control(Code::ComplaintDecided).with("complaint", complaint));
    }
    Ok(found)
}

/// Records that the deciding body forwarded a complaint to the body above it. A late step is recorded and marked late.
pub fn forward_complaint(
    c: &ForwardComplaint,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.asked(c.application)?;
    let complaint = undecided(application, c.complaint)?;
    if complaint.forwarded {
        return Err(Blocked::control(Code::NoChange)
            .with("complaint", c.complaint)
            .into());
    }
    let day = cx.effective_from();
    if day < complaint.filed_on {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("filed-on", complaint.filed_on)
            .into());
    }
    let law = known.law()?;
    let term = law.norm("complaint-forwarding.working-days", complaint.filed_on)?;
    let in_time_until = law.term_end(complaint.filed_on, term.value)?;
    let fact = ComplaintForwarded {
        complaint: c.complaint,
        in_time_until,
        late: day > in_time_until,
        facts: Facts::new()
            .with("filed-on", complaint.filed_on)
            .with("working-days", term.value),
        bases: vec![term.citation],
    };
    Ok(on(c.application, cx.event(Fact::ComplaintForwarded(fact))))
}

/// Whether a decision is an act of whoever reviews it: an act is of both, the official who adopted it and the one in whose
/// stead he did, and so is a review.
fn own_act(decision: &DecisionMade, cx: &Context) -> bool {
    let adopted = [decision.official, decision.in_stead_of];
    let reviews = [Some(cx.actor.actor), cx.actor.onbehalfof];
    let mut both = adopted.into_iter().flatten();
    both.any(|hand| reviews.contains(&Some(hand)))
}

/// The power of a body to decide a complaint, and the rules that bind it. A court is bound by none of ours: its decision
/// is a fact of others.
fn check_instance(
    c: &DecideReview,
    complaint: &Complaint,
    decision: &DecisionMade,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Option<Citation>, Undecided> {
    if c.instance == ReviewInstance::Court {
        return Ok(None);
    }
    let basis = known
        .law()?
        .basis(DecisionType::ComplaintReview, cx.decided_on)?;
    let blocked = |code| Undecided::from(Blocked::law(code, &basis).with("outcome", c.outcome));
    if own_act(decision, cx) {
        return Err(blocked(Code::OwnAct));
    }
    match c.instance {
        ReviewInstance::DecidingBody if complaint.forwarded || !annuls(c.outcome) => {
            return Err(blocked(Code::NotForThisInstance));
        }
        ReviewInstance::HigherBody if !complaint.forwarded => {
            return Err(blocked(Code::NotForThisInstance));
        }
        _ => {}
    }
    let worse = complaint.by_applicant && decision.verdict == Verdict::Favourable;
    if worse && annuls(c.outcome) {
        return Err(blocked(Code::NoWorsening));
    }
    Ok(Some(basis))
}

/// Records the decision on a complaint, with what follows for the places: an annulled inclusion loses its place from the
/// adoption or from the annulment; a place that is ordered counts from the ordered day, over the limit if need be.
pub fn decide_review(
    c: &DecideReview,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.asked(c.application)?;
    let (complaint, decision) = decidable(application, c)?;
    if cx.decided_on < complaint.filed_on {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("filed-on", complaint.filed_on)
            .into());
    }
    let basis = check_instance(c, complaint, decision, cx, known)?;
    let loses_place = annuls(c.outcome)
        && decision.verdict == Verdict::Favourable
        && application.included.is_some();
    let loses_status =
        annuls(c.outcome) && decision.verdict == Verdict::Favourable && application.allowed;
    if (loses_place || loses_status) != c.effect_from.is_some() {
        return Err(Blocked::control(Code::EffectMalformed)
            .with("outcome", c.outcome)
            .into());
    }
    let orders = matches!(
        c.outcome,
        ReviewOutcome::AnnulledAndReplaced | ReviewOutcome::ActionOrdered
    ) && decision.verdict == Verdict::Adverse;
    if c.place_from.is_some() && !orders {
        return Err(Blocked::control(Code::EffectMalformed)
            .with("outcome", c.outcome)
            .into());
    }
    let mut facts = Facts::new()
        .with("verdict", decision.verdict)
        .with("filed-on", complaint.filed_on);
    if let Some(basis) = &basis {
        facts = facts.with("act-certainty", basis.certainty);
    }
    if let Some(official) = decision.official {
        facts = facts.with("decided-by", official);
    }
    if let Some(of) = decision.in_stead_of {
        facts = facts.with("decided-in-stead-of", of);
    }
    let facts = decided_in_time(c, complaint, facts, cx, known)?;
    let fact = ReviewDecided {
        complaint: c.complaint,
        decision: complaint.decision,
        instance: c.instance,
        outcome: c.outcome,
        effect_from: c.effect_from,
        document: c.document,
        facts,
    };
    let event = cx.event(Fact::ReviewDecided(fact));
    let event = basis
        .into_iter()
        .fold(event, |event, basis| event.citing(basis));
    let mut decided = on(c.application, event);
    if let Some(effect) = c.effect_from {
        decided.extend(if loses_status {
            lost_status(c, effect, application, decision, cx, known)?
        } else {
            lost(c, effect, application, decision, cx, known)?
        });
    }
    if let Some(from) = c.place_from {
        decided.extend(ordered(c, from, application, cx, known)?);
    }
    Ok(decided)
}
