//! Registration at the place of temporary stay (point 9): it has an end, and may coexist with a residence elsewhere.

use qonys_events::{
    citation::Facts,
    fact::{Fact, registration::StayRegistered},
    term::DecisionType,
};

use super::interval::{Interval, Spell};
use crate::{
    blocked::{Blocked, Code},
    command::RegisterStay,
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// Registers a person at a place of temporary stay from the effective day until a day (point 9). A stay place differs
/// from the residence on every day of the stay, and stays at one dwelling do not overlap. The norm of point 10 is one
/// of residence and is not read here.
///
/// A residence that is registered later at the place of a stay is not blocked: the stay runs out by itself.
pub fn register(c: &RegisterStay, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = super::living(known, c.person, cx.effective_from())?;
    let premises = known.dwelling(c.dwelling)?.premises(c.dwelling)?;
    let days = Interval {
        from: cx.effective_from(),
        until: Some(c.until),
    };
    if days.is_empty() {
        let blocked = Blocked::control(Code::StayWithoutEnd).with("from", days.from);
        return Err(blocked.with("until", c.until).into());
    }
    let here = |spells: &[Spell], code| {
        let spell = spells
            .iter()
            .find(|s| s.of == c.dwelling && s.days.overlaps(&days));
        spell.map_or(Ok(()), |s| {
            let blocked = Blocked::control(code).with("registered-from", s.days.from);
            Err(s
                .days
                .until
                .into_iter()
                .fold(blocked, |b, until| b.with("registered-until", until)))
        })
    };
    here(&person.residences, Code::StayAtResidence)?;
    here(&person.stays, Code::RegistrationOverlaps)?;
    let basis = known
        .law()?
        .basis(DecisionType::StayRegistration, cx.decided_on)?;
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("residence-at-dwelling", "none")
        .with("stay-at-dwelling", "none");
    let registered = StayRegistered {
        dwelling: c.dwelling,
        district: premises.district.clone(),
        body: c.body,
        consent: c.consent,
        facts,
    };
    let event = cx
        .event(Fact::StayRegistered(registered))
        .effective(days.from, days.until);
    Ok(vec![(super::stream(c.person), event.citing(basis))])
}
