//! Data are destroyed by two people (personal data law, art. 18): one proposes it on a ground of the law, another adopts it while
//! no duty to keep them is live. A person and a dwelling are subjects of their own. The log keeps what was decided, when and
//! by whom; whoever keeps the keys carries it out from the entry.

use qonys_events::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    event::Event,
    fact::{
        Fact,
        personal::{DataDestroyed, DestructionProposed},
        quota::Adopted,
    },
    id::{Ref, StreamId},
    scalar::{Day, StreamSeq},
    term::{Category, DataSubject, DestructionGround},
};
use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    blocked::{Blocked, Code},
    command::{DestroyPersonalData, ProposeDestruction},
    context::Context,
    decide::{Decided, Undecided},
    dwelling,
    law::Law,
    person::{self, data},
    streams::{Known, Needs},
};

/// A proposal that stands in the subject's stream; a later one stands in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proposed {
    at: StreamSeq,
    on: Option<Day>,
    ground: DestructionGround,
    document: Sha256Hex,
    requested_on: Day,
}

impl Proposed {
    /// The proposal of an event at this place.
    pub(crate) fn of(fact: &DestructionProposed, event: &Event, at: StreamSeq) -> Self {
        Self {
            at,
            on: event.decidedon,
            ground: fact.ground,
            document: fact.document,
            requested_on: fact.requested_on,
        }
    }
}

/// The stream of a subject.
fn stream(of: DataSubject, subject: Ref) -> StreamId {
    match of {
        DataSubject::Person => person::stream(subject),
        DataSubject::Dwelling => dwelling::stream(subject),
    }
}

/// The entry that an order to destroy adopts; see [`crate::decide::adopted`].
pub(crate) fn adopted(
    c: &DestroyPersonalData,
    known: &Known<'_>,
) -> Result<Option<(StreamId, StreamSeq)>, Needs> {
    let proposed = match c.of {
        DataSubject::Person => known.person(c.subject)?.proposed(),
        DataSubject::Dwelling => known.dwelling(c.subject)?.proposed(),
    };
    Ok(proposed.map(|proposed| (stream(c.of, c.subject), proposed.at)))
}

/// What the rules say of a destruction: that nothing stands against it, what was read, and the acts.
struct Verdict {
    in_time_until: Day,
    late: bool,
    ground: Citation,
    facts: Facts,
    bases: Vec<Citation>,
}

/// A duty to keep that is live, by the norm where one says so.
fn duty(name: &str, by: Option<&Citation>, facts: &Facts) -> Blocked {
    let blocked = match by {
        Some(citation) => Blocked::law(Code::DutyToKeep, citation),
        None => Blocked::control(Code::DutyToKeep),
    };
    blocked.with("duty", name).having_read(facts)
}

/// Blocks while the term of the archive runs, which begins when nothing goes on any more. Gives its end and its norm.
fn archive(
    rests: Option<Day>,
    going_on: &str,
    facts: &Facts,
    (law, on): (&Law, Day),
) -> Result<(Day, Day, Citation), Undecided> {
    let archive = law.norm("personal-data.archive.months", on)?;
    let months = i64::try_from(archive.value.0).unwrap_or(i64::MAX);
    let Some(since) = rests else {
        return Err(duty("archive", Some(&archive.citation), facts)
            .with("state", going_on)
            .into());
    };
    let until = since.plus_months(months);
    if on < until {
        return Err(duty("archive", Some(&archive.citation), facts)
            .with("since", since)
            .with("until", until)
            .into());
    }
    Ok((since, until, archive.citation))
}

/// Looks for a duty to keep the data of a subject: a claim for repayment that is live or may still arise, an open case, a
/// dwelling that stands, the term of the archive. Blocks by the first one that is live.
fn verdict(
    (of, subject): (DataSubject, Ref),
    (ground, requested_on): (DestructionGround, Day),
    cx: &Context,
    known: &Known<'_>,
) -> Result<Verdict, Undecided> {
    let due = data::due(requested_on, cx, known)?;
    let (law, on) = (known.law()?, cx.decided_on);
    let ground_norm = law.norm(&format!("personal-data.destruction-ground.{ground}"), on)?;
    let facts = due.facts.with("ground", ground);
    let (facts, (since, until, archive)) = match of {
        DataSubject::Person => {
            let facts = facts.with("cases", cases(cx).count());
            let rests = of_person(subject, &facts, cx, known)?;
            let archive = archive(rests, "registered", &facts, (law, on))?;
            (facts.with("repayment", "no"), archive)
        }
        DataSubject::Dwelling => {
            let (rests, destroyed_on) = of_dwelling(subject, &facts, on, known)?;
            let facts = facts.with("destroyed-on", destroyed_on);
            let archive = archive(rests, "registered", &facts, (law, on))?;
            (facts, archive)
        }
    };
    Ok(Verdict {
        in_time_until: due.in_time_until,
        late: due.late,
        ground: ground_norm.citation,
        facts: facts.with("since", since).with("archive-until", until),
        bases: vec![due.citation, archive],
    })
}

/// The subject, while its data stand and are not blocked. Whoever only sent a document, or was sent one, is recorded by it.
fn at_hand(
    of: DataSubject,
    subject: Ref,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    match of {
        DataSubject::Person if cx.correspondence.is_some() => {
            Ok(person::undestroyed(known.person(subject)?, subject)?)
        }
        DataSubject::Person => {
            let person = person::recorded(known, subject)?;
            Ok(data::unblocked(person, subject)?)
        }
        DataSubject::Dwelling => dwelling::recorded(known, subject).map(|_| ()),
    }
}

/// The applications of whoever's data are to be destroyed, and the one that his document belongs to.
fn cases(cx: &Context) -> impl Iterator<Item = Ref> {
    let document = cx.correspondence.and_then(|document| document.application);
    cx.cases.iter().copied().chain(document)
}

/// Since when nothing about a person goes on any more. Blocks while a case or a claim does.
fn of_person(
    person: Ref,
    facts: &Facts,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Option<Day>, Undecided> {
    let on = cx.decided_on;
    let mut last = match &cx.correspondence {
        Some(document) => Some(document.registered_on),
        None => known.person(person)?.at_rest_since(on),
    };
    for id in cases(cx) {
        let case = known.application(id)?;
        claim_live(case, id, facts, on, known)?;
        if let Some(state) = case.still_going_on() {
            return Err(duty("open-case", None, facts)
                .with("application", id)
                .with("state", state)
                .into());
        }
        last = last.map(|last| case.last_on().map_or(last, |day| last.max(day)));
    }
    Ok(last)
}

/// Since when nothing about a dwelling goes on any more, and when it was destroyed itself. Blocks while it stands: its
/// address is what registrations there rest on, of residence and of stay, those of tomorrow too.
fn of_dwelling(
    dwelling: Ref,
    facts: &Facts,
    on: Day,
    known: &Known<'_>,
) -> Result<(Option<Day>, Day), Undecided> {
    let dwelling = known.dwelling(dwelling)?;
    match dwelling.destroyed_on() {
        Some(day) if day <= on => Ok((dwelling.at_rest_since(on), day)),
        _ => Err(duty("dwelling-stands", None, facts).into()),
    }
}

/// Blocks while support may have to be paid back: a finding stands, or the years in which one may arise are not over.
fn claim_live(
    case: &Application,
    id: Ref,
    facts: &Facts,
    on: Day,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let Some((category, since, found)) = case.support_received() else {
        return Ok(());
    };
    if let Some(finding) = found {
        return Err(duty("repayment-claim", None, facts)
            .with("application", id)
            .with("finding", finding)
            .into());
    }
    let name = match category {
        Category::Kandas => "repayment.kandas.years",
        Category::Resettlers => "repayment.resettlers.years",
    };
    let years = known.law()?.norm(name, on)?;
    let months = i64::try_from(years.value.0.saturating_mul(12)).unwrap_or(i64::MAX);
    let since = match category {
        Category::Kandas => known
            .person(case.applicant().unwrap_or(id))?
            .kandas_since(since)
            .unwrap_or(since),
        Category::Resettlers => since,
    };
    let until = since.plus_months(months);
    if on < until {
        return Err(duty("repayment-claim", Some(&years.citation), facts)
            .with("application", id)
            .with("until", until)
            .into());
    }
    Ok(())
}

/// Proposes to destroy the data of a subject. Blocked while a duty to keep them is live: it says which.
pub fn propose(
    c: &ProposeDestruction,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    at_hand(c.of, c.subject, cx, known)?;
    let verdict = verdict((c.of, c.subject), (c.ground, c.requested_on), cx, known)?;
    let fact = DestructionProposed {
        subject: c.subject,
        ground: c.ground,
        document: c.document,
        requested_on: c.requested_on,
        facts: verdict.facts,
        bases: verdict.bases,
    };
    let fact = match c.of {
        DataSubject::Person => Fact::DestructionProposed(fact),
        DataSubject::Dwelling => Fact::DwellingDestructionProposed(fact),
    };
    let event = cx.event(fact).citing(verdict.ground);
    Ok(vec![(stream(c.of, c.subject), event)])
}

/// Another official adopts the proposal: an order to destroy. What stood against it then is looked for again, since something
/// may have come meanwhile.
pub fn destroy(
    c: &DestroyPersonalData,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    at_hand(c.of, c.subject, cx, known)?;
    let told = |code| Blocked::control(code).with(c.of.as_str(), c.subject);
    let proposed = match c.of {
        DataSubject::Person => known.person(c.subject)?.proposed(),
        DataSubject::Dwelling => known.dwelling(c.subject)?.proposed(),
    };
    let (Some(proposed), Some(leaf)) = (proposed, cx.adopted_leaf) else {
        return Err(told(Code::NotProposed).into());
    };
    if let Some(seen) = c.adopts.filter(|seen| *seen != leaf) {
        return Err(told(Code::AdoptsOtherBytes)
            .with("seen", seen)
            .with("stands", leaf)
            .into());
    }
    // Two people, in whoever's stead the second acts.
    if cx.adopted_of == Some(cx.actor.actor) {
        return Err(told(Code::SameHands)
            .with("proposed-at", proposed.at)
            .into());
    }
    if let Some(day) = proposed.on.filter(|day| cx.decided_on < *day) {
        return Err(told(Code::BeforeItsCause).with("proposed-on", day).into());
    }
    let reason = (proposed.ground, proposed.requested_on);
    let verdict = verdict((c.of, c.subject), reason, cx, known)?;
    let fact = DataDestroyed {
        subject: c.subject,
        ground: proposed.ground,
        document: proposed.document,
        requested_on: proposed.requested_on,
        in_time_until: verdict.in_time_until,
        late: verdict.late,
        adopts: Adopted {
            streamseq: proposed.at,
            leaf,
        },
        facts: verdict.facts,
        bases: verdict.bases,
    };
    let fact = match c.of {
        DataSubject::Person => Fact::DataDestroyed(fact),
        DataSubject::Dwelling => Fact::DwellingDataDestroyed(fact),
    };
    let event = cx.event(fact).citing(verdict.ground);
    Ok(vec![(stream(c.of, c.subject), event)])
}
