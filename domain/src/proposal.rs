//! Proposals of the akimat to the authorised body (point 5): drafted, signed, sent, received, answered, withdrawn, and
//! linked with the acts that answer them. A proposal changes no quota: an act of the setter does.

use std::collections::BTreeSet;

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        amended::ProposalEntered,
        proposal::{
            ProposalAnswered, ProposalDrafted, ProposalLinked, ProposalReceived, ProposalSent,
            ProposalSigned, ProposalWithdrawn, Subject,
        },
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, Slug},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{
        DraftProposal, LinkProposal, RecordAnswer, RecordReceipt, SendProposal, SignProposal,
        WithdrawProposal,
    },
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    streams::Known,
};

pub mod step;
pub mod subject;
#[cfg(test)]
mod tests;
mod warning;

pub use step::{Stage, Step};

/// The proposals for a territory, as the events of its stream made the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proposals {
    drafted: Vec<Ref>,
}

impl Proposals {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        if let Fact::ProposalEntered(entered) = &event.fact {
            self.drafted.push(entered.proposal);
        }
    }

    /// Every proposal that was drafted for the territory.
    pub fn drafted(&self) -> &[Ref] {
        &self.drafted
    }
}

/// A proposal, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proposal {
    stage: Stage,
    subject: Option<Subject>,
    territory: Option<Slug>,
    cites_indicators: bool,
    /// The decision date of the akimat's last own step.
    since: Option<Day>,
    acts: BTreeSet<Slug>,
}

impl Proposal {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        let Some(step) = Step::of(&event.fact) else {
            return;
        };
        let Some(next) = self.stage.after(step) else {
            return;
        };
        match &event.fact {
            Fact::ProposalDrafted(drafted) => {
                self.subject = Some(drafted.subject.clone());
                self.territory = Some(drafted.territory.clone());
                self.cites_indicators = !drafted.indicators.is_empty();
            }
            Fact::ProposalLinked(linked) => {
                self.acts.insert(linked.act.clone());
            }
            _ => {}
        }
        if step.is_own() {
            self.since = event.decidedon.or(self.since);
        }
        self.stage = next;
    }

    /// Where it stands.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// What it asks for; `None` while there is no proposal.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// The acts that answer it, by their names in the register of acts.
    pub fn acts(&self) -> impl Iterator<Item = &Slug> {
        self.acts.iter()
    }

    /// Whether a step leads on from here, and is decided no earlier than the akimat's last own one: what is dated
    /// before its signature was sent unsigned. Facts of others are recorded whenever they become known.
    fn check(&self, step: Step, cx: &Context) -> Result<(), Blocked> {
        if self.stage.after(step).is_none() {
            let blocked = Blocked::control(Code::ProposalStep).with("state", self.stage);
            return Err(blocked.with("step", step));
        }
        match self.since {
            Some(since) if step.is_own() && cx.decided_on < since => {
                let blocked =
                    Blocked::control(Code::BeforeItsCause).with("decided-on", cx.decided_on);
                Err(blocked.with("state", self.stage).with("since", since))
            }
            _ => Ok(()),
        }
    }
}

/// The proposal and its subject, if it exists.
fn found<'a>(known: &Known<'a>, id: Ref) -> Result<(&'a Proposal, &'a Subject), Undecided> {
    let proposal = known.proposal(id)?;
    let not_found = || Blocked::control(Code::ProposalNotFound).with("proposal", id);
    let subject = proposal.subject().ok_or_else(not_found)?;
    Ok((proposal, subject))
}

fn on(proposal: Ref, event: Event) -> Decided {
    vec![(
        StreamId::of(StreamKind::Proposal, proposal),
        event.case(proposal),
    )]
}

/// The power for a decision of the akimat about this subject, in force on the decision date, with what was read.
fn power(
    subject: &Subject,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(Citation, Facts), Undecided> {
    let (decision, facts) = subject::decision_type(subject, cx.decided_on)?;
    let basis = known.law()?.basis(decision, cx.decided_on);
    let basis = basis.map_err(|blocked| blocked.having_read(&facts))?;
    let facts = facts.with("act-certainty", basis.certainty);
    Ok((basis, facts))
}

/// The norm by which a body is competent for proposals of this kind on the decision date:
/// `addressee.<authority>.<kind>`. Blocked without one.
fn competence(
    subject: &Subject,
    authority: &Slug,
    cx: &Context,
    law: &Law,
) -> Result<Citation, Blocked> {
    let name = format!("addressee.{authority}.{}", subject::kind(subject));
    let norm = law.norm(&name, cx.decided_on);
    norm.map(|norm| norm.citation).map_err(|blocked| {
        let code = match blocked.code {
            Code::NormMissing => Code::AddresseeNotCompetent,
            other => other,
        };
        Blocked { code, ..blocked }.with("authority", authority)
    })
}

/// A fact of the authorised body or of a setter: recorded on the decision date, about the day that the command names.
fn of_others(cx: &Context, fact: Fact) -> Event {
    cx.effective
        .into_iter()
        .fold(cx.record(fact), |event, day| event.effective(day, None))
}

/// The akimat drafts a proposal (point 5), under the power for its kind and horizon on the decision date.
pub fn draft(c: &DraftProposal, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    known.proposal(cx.minted)?.check(Step::Draft, cx)?;
    subject::check_lines(&c.subject)?;
    let (basis, facts) = power(&c.subject, cx, known)?;
    let fact = ProposalDrafted {
        subject: c.subject.clone(),
        territory: c.territory.clone(),
        justification: c.justification,
        indicators: c.indicators.clone(),
        facts,
        bases: Vec::new(),
    };
    let mut decided = on(
        cx.minted,
        cx.event(Fact::ProposalDrafted(fact)).citing(basis),
    );
    // The list of the territory tells whoever signs another proposal of this one.
    known.proposals(&c.territory)?;
    let entered = Fact::ProposalEntered(ProposalEntered {
        proposal: cx.minted,
    });
    decided.push((
        StreamId::named(StreamKind::Proposals, &c.territory),
        cx.event(entered).case(cx.minted),
    ));
    Ok(decided)
}

/// A named official signs a draft, or a proposal that was returned (point 5). The power is looked up again for this
/// decision date, and so is whether the horizon still lies ahead. What the law does not forbid and an official should
/// know is a warning: whoever signs confirms it with a reason, which stands in the entry.
pub fn sign(c: &SignProposal, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (proposal, subject) = found(known, c.proposal)?;
    proposal.check(Step::Sign, cx)?;
    let (basis, facts) = power(subject, cx, known)?;
    let facts = warning::check(c.proposal, proposal, subject, &c.confirms, facts, cx, known)?;
    let fact = Fact::ProposalSigned(ProposalSigned {
        document: c.document,
        confirmed: c.confirms.clone(),
        facts,
    });
    Ok(on(c.proposal, cx.event(fact).citing(basis)))
}

/// The akimat sends a signed proposal (point 5); an unsigned one is blocked. The power is looked up again for this
/// decision date, and so is whether the horizon still lies ahead, and whether the addressee is competent: which body may
/// be asked changed over time, and a norm in force says so.
pub fn send(c: &SendProposal, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (proposal, subject) = found(known, c.proposal)?;
    proposal.check(Step::Send, cx)?;
    let (basis, facts) = power(subject, cx, known)?;
    let competence = competence(subject, &c.authority, cx, known.law()?)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let fact = Fact::ProposalSent(ProposalSent {
        addressee: c.addressee.clone(),
        authority: c.authority.clone(),
        facts: facts.with("authority", &c.authority),
        bases: vec![competence],
    });
    Ok(on(c.proposal, cx.event(fact).citing(basis)))
}

/// Records that the authorised body received a proposal (point 5): a fact of others, which needs no power.
pub fn receive(c: &RecordReceipt, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (proposal, _) = found(known, c.proposal)?;
    proposal.check(Step::Receive, cx)?;
    let fact = Fact::ProposalReceived(ProposalReceived {
        number: c.number.clone(),
    });
    Ok(on(c.proposal, of_others(cx, fact)))
}

/// Records the answer of the authorised body (point 5): a fact of others, which needs no power.
pub fn answer(c: &RecordAnswer, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (proposal, subject) = found(known, c.proposal)?;
    proposal.check(Step::answering(c.answer), cx)?;
    subject::check_granted(subject, c.answer, &c.granted, &c.granted_labour)?;
    let fact = ProposalAnswered {
        answer: c.answer,
        number: c.number.clone(),
        granted: c.granted.clone(),
        granted_labour: c.granted_labour.clone(),
    };
    Ok(on(c.proposal, of_others(cx, Fact::ProposalAnswered(fact))))
}

/// The akimat withdraws a proposal that is not answered (point 5). To take a request back needs no power.
pub fn withdraw(
    c: &WithdrawProposal,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (proposal, _) = found(known, c.proposal)?;
    proposal.check(Step::Withdraw, cx)?;
    Ok(on(
        c.proposal,
        cx.event(Fact::ProposalWithdrawn(ProposalWithdrawn {})),
    ))
}

/// Links a proposal with an act of the register that answers it, many to many (point 5): a fact of others, which needs
/// no power. It is the act that changes a quota, by its own entry.
pub fn link(c: &LinkProposal, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (proposal, _) = found(known, c.proposal)?;
    proposal.check(Step::Link, cx)?;
    known.law()?.act(&c.act)?;
    if proposal.acts.contains(&c.act) {
        return Err(Blocked::control(Code::AlreadyLinked)
            .with("act", &c.act)
            .into());
    }
    let fact = Fact::ProposalLinked(ProposalLinked { act: c.act.clone() });
    Ok(on(c.proposal, of_others(cx, fact)))
}
