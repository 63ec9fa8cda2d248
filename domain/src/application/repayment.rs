//! Support and its repayment (point 6): two different rules (migration law art. 23 and 51), only for support that was received.
//! Kandas: for good and by own will out of the region of settlement within so many years of the status, or refusal of the
//! citizenship. Resettlers: by own will out of the determined regions within so many years. The system raises a finding,
//! an official opens the claim.

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        application::ApplicationFiled,
        repayment::{
            CitizenshipRefused, MoveRecorded, RepaymentClaimWithdrawn, RepaymentClaimed,
            RepaymentFound, RepaymentRecorded, SupportPaid,
        },
    },
    scalar::{Day, Slug, StreamSeq, Tenge},
    term::{Category, DecisionType, RepaymentRule},
};

use super::{Application, Finding, on, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{
        OpenRepaymentClaim, PaySupport, RecordMove, RecordRepayment, RefuseCitizenship,
        WithdrawRepaymentClaim,
    },
    context::Context,
    decide::{Decided, Undecided},
    law::{Determined, NormInForce},
    streams::Known,
};

fn settled(
    application: &Application,
    id: qonys_events::id::Ref,
) -> Result<(&ApplicationFiled, Day), Blocked> {
    let filed = application.filed(id)?;
    let settled = application
        .settled_on
        .ok_or_else(|| Blocked::control(Code::NotIncluded).with("application", id))?;
    Ok((filed, settled))
}

/// Records support that was paid to an included applicant.
pub fn pay_support(c: &PaySupport, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let (_, settled) = settled(application, c.application)?;
    if application.included.is_none() {
        return Err(Blocked::control(Code::NotIncluded)
            .with("application", c.application)
            .into());
    }
    if cx.effective_from() < settled {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("included-from", settled)
            .into());
    }
    if let Some(complaint) = application.suspended_by(cx.effective_from()) {
        let norm = known
            .law()?
            .norm("complaint.suspends", cx.effective_from())?;
        return Err(Blocked::law(Code::ExecutionSuspended, &norm.citation)
            .with("complaint", complaint)
            .into());
    }
    let fact = SupportPaid {
        kind: c.kind.clone(),
        amount: c.amount,
    };
    Ok(on(c.application, cx.event(Fact::SupportPaid(fact))))
}

/// What the evaluation of a rule said: the facts that it read, and the norm with its last day where it is met.
enum Evaluated {
    Met(RepaymentRule, NormInForce, Day),
    Not(&'static str),
    Unknown(String),
}

/// Whether a term of years from a day still runs.
fn within(
    known: &Known<'_>,
    name: &str,
    since: Day,
    on: Day,
) -> Result<Result<(NormInForce, Day), Evaluated>, Undecided> {
    match known.law()?.norm(name, on) {
        Err(blocked) => Ok(Err(Evaluated::Unknown(format!(
            "{name}: {}",
            blocked.code.as_str()
        )))),
        Ok(norm) => {
            let months = norm.value.0.saturating_mul(12);
            let until = since.plus_months(i64::try_from(months).unwrap_or(i64::MAX));
            if on < until {
                Ok(Ok((norm, until)))
            } else {
                Ok(Err(Evaluated::Not("the term is over")))
            }
        }
    }
}

/// When the status began that the rule for kandas counts from: the one with which the applicant was settled.
fn status_since(
    filed: &ApplicationFiled,
    settled: Day,
    known: &Known<'_>,
) -> Result<Option<Day>, Undecided> {
    Ok(known.person(filed.applicant)?.kandas_since(settled))
}

/// Whether a territory is among the determined regions for resettlers on a day. What came out of a determined region by a
/// change of boundaries is, as long as no act says otherwise of it: such a change moves nobody (point 3).
fn within_determined(to: &Slug, on: Day, known: &Known<'_>) -> Result<Determined, Undecided> {
    let law = known.law()?;
    let mut region = to;
    loop {
        match (
            law.determined(Category::Resettlers, region, on),
            law.out_of(region),
        ) {
            // Nothing was ever said of it: the region that it came out of speaks for it.
            (Determined::No { act: None }, Some(out_of)) => region = out_of,
            (found, _) => return Ok(found),
        }
    }
}

fn evaluate_move(
    c: &RecordMove,
    filed: &ApplicationFiled,
    settled: Day,
    on: Day,
    known: &Known<'_>,
) -> Result<Evaluated, Undecided> {
    let law = known.law()?;
    if !c.own_will {
        return Ok(Evaluated::Not("not by own will"));
    }
    match filed.category {
        Category::Kandas => {
            if !c.permanent {
                return Ok(Evaluated::Not("not for good"));
            }
            if c.to
                .as_ref()
                .is_some_and(|to| law.same_region(to, &filed.territory))
            {
                return Ok(Evaluated::Not("within the region of settlement"));
            }
            let exempt = "repayment.kandas.degree-holders-exempt";
            if c.degree_holder && law.norm(exempt, on).is_ok_and(|norm| norm.value.0 > 0) {
                return Ok(Evaluated::Not("a holder of an academic degree"));
            }
            let Some(since) = status_since(filed, settled, known)? else {
                return Ok(Evaluated::Unknown("the beginning of the status".to_owned()));
            };
            Ok(match within(known, "repayment.kandas.years", since, on)? {
                Ok((norm, until)) => {
                    Evaluated::Met(RepaymentRule::LeftSettlementRegion, norm, until)
                }
                Err(other) => other,
            })
        }
        Category::Resettlers => {
            if let Some(to) = &c.to {
                // A change of boundaries moves nobody.
                if law.same_region(to, &filed.territory) {
                    return Ok(Evaluated::Not("within the region of settlement"));
                }
                match within_determined(to, on, known)? {
                    Determined::Yes { .. } => {
                        return Ok(Evaluated::Not("within the determined regions"));
                    }
                    Determined::Unknown { act } => {
                        return Ok(Evaluated::Unknown(format!("whether {act} is in force")));
                    }
                    Determined::No { .. } => {}
                }
            }
            Ok(
                match within(known, "repayment.resettlers.years", settled, on)? {
                    Ok((norm, until)) => {
                        Evaluated::Met(RepaymentRule::LeftDeterminedRegions, norm, until)
                    }
                    Err(other) => other,
                },
            )
        }
    }
}

/// What was found, as facts and, where the rule is met, as the event of the finding.
fn finding(
    evaluated: Evaluated,
    facts: Facts,
    support: Tenge,
    c: qonys_events::id::Ref,
    cx: &Context,
) -> (Facts, Decided) {
    let facts = facts.with("support", support);
    match evaluated {
        Evaluated::Not(why) => (
            facts.with("repayment", "no").with("why", why),
            Decided::new(),
        ),
        Evaluated::Unknown(what) => (
            facts
                .with("repayment", "cannot-evaluate")
                .with("missing", what),
            Decided::new(),
        ),
        Evaluated::Met(..) if support == Tenge(0) => (
            facts
                .with("repayment", "no")
                .with("why", "no support was received"),
            Decided::new(),
        ),
        Evaluated::Met(rule, norm, until) => {
            let facts = facts.with("repayment", rule);
            let found = RepaymentFound {
                rule,
                amount: support,
                until,
                facts: facts.clone().with("years", norm.value).with("until", until),
                bases: vec![norm.citation],
            };
            let event = cx.event(Fact::RepaymentFound(found)).case(c);
            (facts, vec![(stream(c), event)])
        }
    }
}

/// Records that an included applicant moved: a fact, never blocked on the merits (point 2). Where the rule of repayment
/// is met, the finding stands beside it.
pub fn record_move(c: &RecordMove, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let filed = application.filed(c.application)?;
    let day = cx.effective_from();
    let (evaluated, settled_on) = match settled(application, c.application) {
        Ok((_, settled)) => (
            evaluate_move(c, filed, settled, day, known)?,
            settled.to_string(),
        ),
        // Whoever was never settled, because the inclusion was annulled from its first day, left nothing by moving.
        Err(_) if application.was_annulled() => (
            Evaluated::Not("the inclusion was annulled"),
            "annulled".to_owned(),
        ),
        Err(blocked) => return Err(blocked.into()),
    };
    let facts = Facts::new()
        .with("category", filed.category)
        .with("settled-in", &filed.territory)
        .with("settled-on", settled_on)
        .with("moved-to", c.to.as_ref().map_or("abroad", |to| to.as_str()));
    let (facts, found) = finding(
        evaluated,
        facts,
        application.outstanding(),
        c.application,
        cx,
    );
    let fact = MoveRecorded {
        to: c.to.clone(),
        own_will: c.own_will,
        permanent: c.permanent,
        facts,
    };
    let mut decided = on(c.application, cx.event(Fact::MoveRecorded(fact)));
    decided.extend(found);
    Ok(decided)
}

/// Records that an included kandas refused the citizenship.
pub fn refuse_citizenship(
    c: &RefuseCitizenship,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let (filed, settled) = settled(application, c.application)?;
    if filed.category != Category::Kandas {
        return Err(Blocked::control(Code::StatusMissing)
            .with("application", c.application)
            .into());
    }
    let evaluated = match status_since(filed, settled, known)? {
        None => Evaluated::Unknown("the beginning of the status".to_owned()),
        Some(since) => match within(known, "repayment.kandas.years", since, cx.effective_from())? {
            Ok((norm, until)) => Evaluated::Met(RepaymentRule::RefusedCitizenship, norm, until),
            Err(other) => other,
        },
    };
    let facts = Facts::new().with("settled-on", settled);
    let (facts, found) = finding(
        evaluated,
        facts,
        application.outstanding(),
        c.application,
        cx,
    );
    let fact = Fact::CitizenshipRefused(CitizenshipRefused { facts });
    let mut decided = on(c.application, cx.event(fact));
    decided.extend(found);
    Ok(decided)
}

/// The finding at a place of the stream, while it stands.
fn standing(
    application: &Application,
    id: qonys_events::id::Ref,
    at: StreamSeq,
) -> Result<&Finding, Blocked> {
    let finding = application.findings.get(&at.0);
    finding.filter(|finding| !finding.withdrawn).ok_or_else(|| {
        Blocked::control(Code::NoFinding)
            .with("application", id)
            .with("finding", at)
    })
}

/// A named official opens the claim for repayment on a finding.
pub fn open_claim(
    c: &OpenRepaymentClaim,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let (filed, _) = settled(application, c.application)?;
    let finding = standing(application, c.application, c.finding)?;
    if finding.claimed {
        return Err(Blocked::control(Code::NoChange)
            .with("finding", c.finding)
            .into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::RepaymentClaim, cx.decided_on)?;
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("rule", finding.rule)
        .with("support", finding.amount);
    // A payment that was corrected since is claimed back as it was; what was paid back is not claimed.
    let most = finding.owed.min(application.outstanding());
    if c.amount > most {
        return Err(Blocked::law(Code::ClaimTooHigh, &basis)
            .having_read(&facts)
            .with("amount", c.amount)
            .into());
    }
    let fact = RepaymentClaimed {
        finding: c.finding,
        amount: c.amount,
        persons: qonys_events::scalar::Count(filed.members.0.saturating_add(1)),
        facts,
    };
    let event = cx.event(Fact::RepaymentClaimed(fact)).citing(basis);
    Ok(on(c.application, event))
}

/// Records that support was paid back: a fact, whether it was claimed or not. What is left of the debt stands in the entry;
/// where nothing is, no duty to keep the person's data rests on it any more.
pub fn record_repayment(
    c: &RecordRepayment,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    settled(application, c.application)?;
    let finding = standing(application, c.application, c.finding)?;
    if c.amount == Tenge(0) {
        return Err(Blocked::control(Code::NoChange)
            .with("finding", c.finding)
            .into());
    }
    let left = finding.owed.0.checked_sub(c.amount.0).ok_or_else(|| {
        Blocked::control(Code::MoreThanOwed)
            .with("finding", c.finding)
            .with("owed", finding.owed)
            .with("amount", c.amount)
    })?;
    let fact = RepaymentRecorded {
        finding: c.finding,
        amount: c.amount,
        left: Tenge(left),
        document: c.document,
    };
    Ok(on(c.application, cx.event(Fact::RepaymentRecorded(fact))))
}

/// A named official withdraws the claim on a finding, or decides that none is opened. It takes the power to claim: the law has
/// no other rule about it that we know.
pub fn withdraw_claim(
    c: &WithdrawRepaymentClaim,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    settled(application, c.application)?;
    let finding = standing(application, c.application, c.finding)?;
    if finding.owed == Tenge(0) {
        return Err(Blocked::control(Code::NoChange)
            .with("finding", c.finding)
            .with("owed", finding.owed)
            .into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::RepaymentClaim, cx.decided_on)?;
    let fact = RepaymentClaimWithdrawn {
        finding: c.finding,
        document: c.document,
        facts: Facts::new()
            .with("act-certainty", basis.certainty)
            .with("rule", finding.rule)
            .with("claimed", if finding.claimed { "yes" } else { "no" })
            .with("owed", finding.owed),
    };
    let fact = Fact::RepaymentClaimWithdrawn(fact);
    Ok(on(c.application, cx.event(fact).citing(basis)))
}
