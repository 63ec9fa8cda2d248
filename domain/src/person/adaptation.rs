//! The term of an adaptation centre (point 9): a kandas lives in one for so many months at most, in whichever of its rooms,
//! and whether at residence or at stay.

use qonys_events::{citation::Facts, term::PremisesUse};

use super::{
    Person,
    interval::{Interval, Spell},
    presence::row_began,
    residence::Asked,
};
use crate::{
    blocked::{Blocked, Code},
    decide::Undecided,
    dwelling::{Dwelling, Premises},
    streams::Known,
};

/// The norm: how many months a kandas lives in an adaptation centre at most.
pub const ADAPTATION_MONTHS: &str = "adaptation-centre.months";

/// What is read of the term where it counts: nothing for other premises, and for whoever has not the status on the first
/// day. The term runs from the first day of the unbroken row of days in centres. Blocked by the norm beyond it, and by
/// name where none is recorded.
///
/// `others` are the spells of the person beside this one, at residence and at stay.
pub(super) fn within_term(
    person: &Person,
    premises: &Premises,
    days: Interval,
    others: impl Iterator<Item = Spell>,
    known: &Known<'_>,
) -> Result<Facts, Undecided> {
    if premises.serves != PremisesUse::AdaptationCentre || !person.kandas_on(days.from) {
        return Ok(Facts::new());
    }
    let mut row = vec![days];
    for spell in others {
        let there = known.dwelling(spell.of)?;
        let there = there.premises_on(spell.of, spell.days.from)?;
        if there.serves == PremisesUse::AdaptationCentre {
            row.push(spell.days);
        }
    }
    let facts = Facts::new().with("kandas-on-day", "yes");
    let term = known
        .law()?
        .norm(ADAPTATION_MONTHS, days.from)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let began = row_began(row, days.from);
    let months = i64::try_from(term.value.0).unwrap_or(i64::MAX);
    let last = began.plus_months(months);
    let facts = facts
        .with("adaptation-months", term.value)
        .with("adaptation-began", began)
        .with("adaptation-until", last);
    if days.until.is_none_or(|until| until > last) {
        let blocked = Blocked::law(Code::AdaptationTerm, &term.citation);
        return Err(blocked.having_read(&facts).into());
    }
    Ok(facts)
}

/// The same at residence: one has no end, so a kandas cannot have it there, save in a correction that says when it ended.
pub(super) fn of_residence(
    asked: &Asked<'_>,
    person: &Person,
    home: &Dwelling,
    instead_of: Option<Spell>,
    known: &Known<'_>,
) -> Result<Facts, Undecided> {
    let premises = home.premises_on(asked.dwelling, asked.days.from)?;
    let own = |s: &&Spell| instead_of.is_none_or(|own| own.entry != s.entry);
    let others = person.residences.iter().chain(&person.stays).filter(own);
    within_term(person, premises, asked.days, others.copied(), known)
}
