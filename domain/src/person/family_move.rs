//! A family that moves in together (points 9 and 10): one decision, everybody or nobody.

use std::collections::BTreeSet;

use qonys_events::term::DecisionType;

use super::{
    adaptation,
    interval::Interval,
    residence::{Asked, guardian, moved, read_before, verdict},
};
use crate::{
    blocked::{Blocked, Code},
    command::RegisterFamily,
    context::Context,
    decide::{Decided, Undecided},
    dwelling::provision::Family,
    streams::Known,
};

/// Registers the members in their order: who comes first is registered there for those who follow, so that a child comes
/// after the parent. Whether the norm of point 10 counts them together is a reading that is looked up
/// ([`crate::dwelling::provision::FAMILY_TOGETHER`]).
pub fn register(c: &RegisterFamily, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let distinct: BTreeSet<_> = c.members.iter().map(|m| m.person).collect();
    if c.members.is_empty() || distinct.len() != c.members.len() {
        return Err(Blocked::control(Code::MembersMalformed)
            .with("members", c.members.len())
            .into());
    }
    let day = cx.effective_from();
    let before = known.dwelling(c.dwelling)?;
    before.premises_on(c.dwelling, day)?;
    let mut formers = Vec::with_capacity(c.members.len());
    for member in &c.members {
        let person = super::living(known, member.person, day)?;
        let former = person.former(c.dwelling, day)?;
        if let Some(former) = former {
            known.dwelling(former.of)?;
        }
        formers.push((person, former));
    }
    let law = known.law()?;
    let basis = law.basis(DecisionType::ResidenceRegistration, cx.decided_on)?;
    let mut now = before.clone();
    let mut decided = Decided::new();
    for (done, (member, (person, former))) in c.members.iter().zip(formers).enumerate() {
        let asked = Asked {
            person: member.person,
            dwelling: c.dwelling,
            body: c.body,
            consent: c.consent,
            court_act: c.court_act,
            consents: &c.consents,
            age: member.age,
            with: member.with.as_ref(),
            over_norm: None,
            guardianship: guardian(member.with.as_ref(), None)
                .is_some_and(|guardian| person.has_guardian(guardian, day)),
            days: Interval {
                from: day,
                until: person.died_on,
            },
            registered_on: None,
        };
        let family = Family {
            remaining: (c.members.len() - done) as u64,
            before,
        };
        let mut read = read_before(&basis, former.is_some());
        let term = adaptation::of_residence(&asked, person, &now, None, known);
        read.0.extend(term.map_err(|e| e.having_read(&read))?.0);
        let found = verdict(&asked, &now, Some(family), &read, &basis, cx, law)
            .map_err(|blocked| blocked.with("member", done + 1))?;
        let events = moved(&asked, former, found, &read, &basis, cx);
        let home = crate::dwelling::stream(c.dwelling);
        for (_, event) in events.iter().filter(|(stream, _)| *stream == home) {
            now.apply(event);
        }
        decided.extend(events);
    }
    Ok(decided)
}
