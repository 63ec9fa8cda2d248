//! Registration at the place of temporary stay (point 9): it has an end, may be extended or end early, and may coexist with
//! a residence elsewhere.

use qonys_events::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    fact::{
        Fact,
        dwelling::ConsentGiven,
        registration::{Corrects, StayEnded, StayExtended, StayRegistered},
    },
    id::Ref,
    term::{ConsentKind, ConsentScope, DecisionType, PersonKind, StayEnd},
};

use super::{
    Person, adaptation, death,
    interval::{Interval, Spell},
    presence::{self, Presence},
    recorded,
    residence::{LATE_AFTER, late, told},
    superseded_id,
};
use crate::{
    blocked::{Blocked, Code},
    command::{CorrectStay, EndStay, ExtendStay, HolderConsent, RegisterStay},
    context::Context,
    decide::{Decided, Undecided},
    dwelling::{self, Dwelling, consent::Claim},
    streams::Known,
};

/// The norm: after how many calendar days the registration of an immigrant's stay is late.
pub const IMMIGRANT_LATE_AFTER: &str = "immigrant-stay.late-after-days";

/// A stay as a command asks for it: the days, and why the person may live there.
struct Asked<'a> {
    person: Ref,
    dwelling: Ref,
    /// The whole stay.
    days: Interval,
    consent: ConsentKind,
    court_act: Option<Sha256Hex>,
    consents: &'a [HolderConsent],
    permit: bool,
    /// The entry whose stay this is instead of or longer than: it is not compared with itself.
    instead_of: Option<Spell>,
}

/// What a verdict on a stay found.
struct Verdict {
    basis: Citation,
    presence: Presence,
    given: Vec<ConsentGiven>,
}

fn verdict(
    asked: &Asked<'_>,
    person: &Person,
    place: &Dwelling,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Verdict, Undecided> {
    let premises = place.habitable_on(asked.dwelling, asked.days.from)?;
    if asked.days.is_empty() {
        let blocked = Blocked::control(Code::StayWithoutEnd).with("from", asked.days.from);
        let until = asked.days.until.into_iter();
        return Err(until
            .fold(blocked, |b, until| b.with("until", until))
            .into());
    }
    let others: Vec<Spell> = person
        .stays
        .iter()
        .filter(|s| asked.instead_of.is_none_or(|own| own.entry != s.entry))
        .copied()
        .collect();
    let here = |spells: &[Spell], code| {
        let found = spells
            .iter()
            .find(|s| s.of == asked.dwelling && s.days.overlaps(&asked.days));
        found.map_or(Ok(()), |s| Err(told(code, s)))
    };
    here(&person.residences, Code::StayAtResidence)?;
    here(&others, Code::RegistrationOverlaps)?;
    let law = known.law()?;
    let basis = law.basis(DecisionType::StayRegistration, cx.decided_on)?;
    let mut facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("premises", premises.serves)
        .with("residence-at-dwelling", "none")
        .with("stay-at-dwelling", "none");
    let claim = Claim {
        kind: asked.consent,
        court_act: asked.court_act,
        consents: asked.consents,
        scope: ConsentScope::Stay,
    };
    let (consent, given) = place
        .consent(claim, asked.person, cx.decided_on, &basis)
        .map_err(|blocked| blocked.having_read(&facts))?;
    facts.0.extend(consent.0);
    let rooms = others.iter().chain(&person.residences).copied();
    let term = adaptation::within_term(person, premises, asked.days, rooms, known);
    facts.0.extend(term.map_err(|e| e.having_read(&facts))?.0);
    let mut presence = presence::of_stay(person, &others, asked.days, asked.permit, law);
    facts.0.extend(presence.facts.0);
    presence.facts = facts;
    Ok(Verdict {
        basis,
        presence,
        given,
    })
}

/// Consents stand before what rests on them.
fn consented(given: Vec<ConsentGiven>, dwelling: Ref, cx: &Context) -> Decided {
    let home = dwelling::stream(dwelling);
    let events = given.into_iter().map(|given| {
        let event = cx.event(Fact::ConsentGiven(given));
        (home.clone(), event.effective(cx.decided_on, None))
    });
    events.collect()
}

fn registered(
    c: &RegisterStay,
    corrects: Option<(Corrects, Spell)>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let asked = Asked {
        person: c.person,
        dwelling: c.dwelling,
        days: Interval {
            from: cx.effective_from(),
            until: Some(c.until),
        },
        consent: c.consent,
        court_act: c.court_act,
        consents: &c.consents,
        permit: c.permit.is_some(),
        instead_of: corrects.map(|(_, old)| old),
    };
    let person = recorded(known, c.person)?;
    if let Some(died) = person.died_on
        && asked.days.reaches(died)
    {
        return Err(Blocked::control(Code::PersonDied)
            .with("person", c.person)
            .with("died-on", died)
            .into());
    }
    let place = known.dwelling(c.dwelling)?;
    let found = verdict(&asked, person, place, cx, known)?;
    let premises = place.premises_on(c.dwelling, asked.days.from)?;
    let term = match person.kind_on(asked.days.from) {
        Some(PersonKind::Citizen) | None => LATE_AFTER,
        Some(PersonKind::Foreigner | PersonKind::Stateless) => IMMIGRANT_LATE_AFTER,
    };
    let first = corrects.and_then(|(_, old)| old.registered_on);
    let decided = first.unwrap_or(cx.decided_on);
    let (late, read, term) = late(known.law()?, term, asked.days.from, decided);
    let mut presence = found.presence;
    presence.facts.0.extend(read.0);
    presence.bases.extend(term);
    let fact = StayRegistered {
        dwelling: c.dwelling,
        district: premises.district.clone(),
        body: c.body,
        consent: c.consent,
        limit: presence.limit,
        late,
        corrects: corrects.map(|(corrects, _)| corrects),
        facts: presence.facts,
        bases: presence.bases,
    };
    let mut decided = consented(found.given, c.dwelling, cx);
    let event = cx
        .event(Fact::StayRegistered(fact))
        .effective(asked.days.from, asked.days.until);
    decided.push((super::stream(c.person), event.citing(found.basis)));
    Ok(decided)
}

/// Registers a person at a place of temporary stay from the effective day until a day (point 9). A stay place differs
/// from the residence on every day of the stay, and stays at one dwelling do not overlap. The norm of point 10 is one
/// of residence and is not read here; the limits of days for immigrants are computed and bar nothing.
///
/// A residence that is registered later at the place of a stay is not blocked: the stay runs out by itself.
pub fn register(c: &RegisterStay, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    registered(c, None, cx, known)
}

/// Corrects a stay: the whole of it as it should have been, instead of the entry that it supersedes (point 9).
pub fn correct(c: &CorrectStay, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.stay.person)?;
    let old = *person.correctable(&person.stays, c.entry)?;
    let superseded = superseded_id(cx, c.entry)?;
    let corrects = Corrects {
        entry: c.entry,
        reason: c.reason,
    };
    let mut decided = registered(&c.stay, Some((corrects, old)), cx, known)?;
    for (_, event) in &mut decided {
        if matches!(event.fact, Fact::StayRegistered(_)) {
            event.supersedes = Some(superseded);
        }
    }
    Ok(decided)
}

impl Person {
    /// The stay at a dwelling that has a day.
    fn stay_at(&self, dwelling: Ref, day: qonys_events::scalar::Day) -> Result<&Spell, Blocked> {
        let found = self
            .stays
            .iter()
            .find(|s| s.of == dwelling && s.days.contains(day));
        found.ok_or_else(|| {
            Blocked::control(Code::NoStay)
                .with("dwelling", dwelling)
                .with("day", day)
        })
    }
}

/// Extends a stay that has the effective day until a later day (point 9). It is looked at as one stay: consent, limits of
/// days and the term of an adaptation centre are those of the whole.
pub fn extend(c: &ExtendStay, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = super::living(known, c.person, cx.effective_from())?;
    let stay = *person.stay_at(c.dwelling, cx.effective_from())?;
    let ends = stay.days.until.unwrap_or(c.until);
    if c.until <= ends {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", ends)
            .with("until", c.until)
            .into());
    }
    let asked = Asked {
        person: c.person,
        dwelling: c.dwelling,
        days: Interval {
            from: stay.days.from,
            until: Some(c.until),
        },
        consent: c.consent,
        court_act: c.court_act,
        consents: &c.consents,
        permit: c.permit.is_some(),
        instead_of: Some(stay),
    };
    let place = known.dwelling(c.dwelling)?;
    place.habitable_on(c.dwelling, ends)?;
    let found = verdict(&asked, person, place, cx, known)?;
    let fact = StayExtended {
        dwelling: c.dwelling,
        limit: found.presence.limit,
        facts: found.presence.facts.with("stay-began", stay.days.from),
        bases: found.presence.bases,
    };
    let mut decided = consented(found.given, c.dwelling, cx);
    let event = cx
        .event(Fact::StayExtended(fact))
        .effective(ends, Some(c.until));
    decided.push((super::stream(c.person), event.citing(found.basis)));
    Ok(decided)
}

/// Ends a stay on the effective day, before the day that was recorded (points 2 and 9). Nothing on the merits is asked: the
/// power is cited where one is in force.
pub fn end(c: &EndStay, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    person.stay_at(c.dwelling, cx.effective_from())?;
    if c.reason == StayEnd::Death {
        return death::record(c.person, None, cx, known);
    }
    let basis = known
        .law()?
        .basis(DecisionType::StayRegistration, cx.decided_on)
        .ok();
    let facts = basis.iter().fold(Facts::new(), |facts, basis| {
        facts.with("act-certainty", basis.certainty)
    });
    let fact = StayEnded {
        dwelling: c.dwelling,
        reason: c.reason,
        facts,
    };
    let event = cx.event(Fact::StayEnded(fact));
    let event = basis.into_iter().fold(event, |e, basis| e.citing(basis));
    Ok(vec![(super::stream(c.person), event)])
}
