//! Death (point 9): it ends every registration of the person on its day, whatever was recorded later.

use qonys_events::{
    citation::Facts,
    digest::Sha256Hex,
    fact::{
        Fact,
        registration::{PersonDied, StayEnded},
    },
    id::Ref,
    term::{ResidenceEnd, StayEnd},
};

use super::{recorded, residence::ending};
use crate::{
    blocked::{Blocked, Code},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// Records that a person died on the effective day. A fact of others: no power is asked for. Residences and stays that
/// reach beyond the day end on it; one that began later ends on its own first day, so that nothing of it is left.
pub fn record(
    person: Ref,
    document: Option<Sha256Hex>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let found = recorded(known, person)?;
    let day = cx.effective_from();
    if let Some(died) = found.died_on {
        return Err(Blocked::control(Code::PersonDied)
            .with("person", person)
            .with("died-on", died)
            .into());
    }
    let own = super::stream(person);
    let died = cx.event(Fact::PersonDied(PersonDied { document }));
    let mut decided = vec![(own.clone(), died)];
    let facts = || Facts::new().with("died-on", day);
    for spell in found.residences.iter().filter(|r| r.days.reaches(day)) {
        known.dwelling(spell.of)?;
        let last = day.max(spell.days.from);
        let facts = ending(person, spell.of, ResidenceEnd::Death, document, facts());
        let ends = facts.map(|(stream, fact)| (stream, cx.event(fact).effective(last, None)));
        decided.extend(ends);
    }
    for spell in found.stays.iter().filter(|s| s.days.reaches(day)) {
        let last = day.max(spell.days.from);
        let ended = Fact::StayEnded(StayEnded {
            dwelling: spell.of,
            reason: StayEnd::Death,
            facts: facts(),
        });
        decided.push((own.clone(), cx.event(ended).effective(last, None)));
    }
    Ok(decided)
}
