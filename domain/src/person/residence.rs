//! Registration at the place of residence (points 2, 9 and 10): one residence at most on any day, a new one ends the
//! former the same day, departure is never blocked on the merits.

use qonys_events::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    event::Event,
    fact::{
        Fact,
        dwelling::ConsentGiven,
        registration::{ResidenceEnded, ResidenceRegistered, ResidentEntered, ResidentLeft},
    },
    fault::Fault,
    id::{Ref, StreamId},
    scalar::Day,
    term::{
        AgeClass, ConsentKind, ConsentScope, DecisionType, PremisesUse, RegisteringBody,
        ResidenceEnd,
    },
};

use super::{
    Person, adaptation, death,
    interval::{Interval, Spell},
    recorded,
};
use crate::{
    blocked::{Blocked, Code},
    command::{Custody, EndResidence, HolderConsent, OverNorm, RegisterResidence},
    context::Context,
    decide::{Decided, Undecided},
    dwelling::{
        self, Dwelling, Premises,
        consent::Claim,
        provision::{self, Family, Joining},
    },
    law::Law,
    streams::Known,
};

pub mod correction;

/// The norm after how many calendar days a registration is late.
pub const LATE_AFTER: &str = "registration.late-after-days";

impl Person {
    /// The residence that a registration at a dwelling from a day on would end, if there is one.
    ///
    /// A registration is open, so it fits only behind everything that is recorded: no residence may begin or end after
    /// its first day, save the open one that it ends. A backdated registration in front of a later one, or inside one
    /// whose end is recorded, is a correction and not a move: [`Code::RegistrationOverlaps`].
    pub(super) fn former(&self, dwelling: Ref, day: Day) -> Result<Option<&Spell>, Blocked> {
        let mut former = None;
        for spell in self.residences.iter().filter(|r| r.days.reaches(day)) {
            if spell.days.contains(day) && spell.of == dwelling {
                return Err(told(Code::AlreadyResident, spell));
            }
            if !spell.days.contains(day) || spell.days.until.is_some() {
                return Err(told(Code::RegistrationOverlaps, spell));
            }
            former = Some(spell);
        }
        Ok(former)
    }

    /// The residence that can still end.
    fn open_residence(&self) -> Option<&Spell> {
        self.residences.iter().find(|r| r.days.until.is_none())
    }
}

/// Blocked because of what is registered on other days.
pub(super) fn told(code: Code, spell: &Spell) -> Blocked {
    let blocked = Blocked::control(code).with("registered-from", spell.days.from);
    spell
        .days
        .until
        .into_iter()
        .fold(blocked, |b, until| b.with("registered-until", until))
}

/// One person's registration, as a command asks for it.
pub(super) struct Asked<'a> {
    pub(super) person: Ref,
    pub(super) dwelling: Ref,
    pub(super) body: RegisteringBody,
    pub(super) consent: ConsentKind,
    pub(super) court_act: Option<Sha256Hex>,
    pub(super) consents: &'a [HolderConsent],
    pub(super) age: AgeClass,
    pub(super) with: Option<&'a Custody>,
    pub(super) over_norm: Option<&'a OverNorm>,
    /// Whether the guardian that it names is recorded as the guardian of the person.
    pub(super) guardianship: bool,
    pub(super) days: Interval,
    /// The day on which the registration was decided first, where this one corrects it.
    pub(super) registered_on: Option<Day>,
}

impl<'a> Asked<'a> {
    fn of(c: &'a RegisterResidence, person: &Person, days: Interval) -> Self {
        let named = guardian(c.with.as_ref(), c.over_norm.as_ref());
        Self {
            person: c.person,
            dwelling: c.dwelling,
            body: c.body,
            consent: c.consent,
            court_act: c.court_act,
            consents: &c.consents,
            age: c.age,
            with: c.with.as_ref(),
            over_norm: c.over_norm.as_ref(),
            guardianship: named.is_some_and(|guardian| person.has_guardian(guardian, days.from)),
            days,
            registered_on: None,
        }
    }
}

/// The guardian that a registration names.
pub(super) fn guardian(with: Option<&Custody>, over_norm: Option<&OverNorm>) -> Option<Ref> {
    match (over_norm, with) {
        (Some(OverNorm::WardJoinsGuardian { guardian }), _) => Some(*guardian),
        (_, Some(Custody::Guardian { person })) => Some(*person),
        _ => None,
    }
}

/// What a verdict read, and what it rests on beside the power.
struct Read {
    facts: Facts,
    bases: Vec<Citation>,
}

/// Whether a registration decided on a day comes late (point 9; the term is a recorded norm, looked up for the day on
/// which it began to run). Late is reported and never refused, so a term that nobody recorded blocks nothing.
pub(super) fn late(
    law: &Law,
    name: &str,
    began: Day,
    decided: Day,
) -> (bool, Facts, Option<Citation>) {
    let facts = Facts::new().with("late-term-day", began);
    match law.norm(name, began) {
        Ok(term) => {
            // More than any calendar holds: never late.
            let days = i64::try_from(term.value.0)
                .unwrap_or(i64::MAX)
                .min(4_000_000);
            let late = began.plus_days(days) < decided;
            let facts = facts.with("late-after-days", term.value);
            (late, facts, Some(term.citation))
        }
        Err(blocked) => (
            false,
            facts.with("late-after-days", blocked.code.as_str()),
            None,
        ),
    }
}

/// A child under 14 is registered with a parent or guardian who is registered at the dwelling on that day, or with an
/// institution (point 9). Blocked by the power of registration without one.
fn custody(
    asked: &Asked<'_>,
    premises: &Premises,
    now: &Dwelling,
    basis: &Citation,
) -> Result<Option<&'static str>, Blocked> {
    if asked.age == AgeClass::From14 {
        return Ok(None);
    }
    let (who, person) = match (asked.with, asked.over_norm) {
        (Some(Custody::Parent { person }), _)
        | (None, Some(OverNorm::ChildJoinsParent { parent: person })) => ("parent", *person),
        (Some(Custody::Guardian { person }), _)
        | (None, Some(OverNorm::WardJoinsGuardian { guardian: person })) => ("guardian", *person),
        (Some(Custody::Institution), _) if premises.serves == PremisesUse::Institution => {
            return Ok(Some("institution"));
        }
        (Some(Custody::Institution), _) => {
            return Err(Blocked::control(Code::GroundDoesNotFit)
                .with("custody", "institution")
                .with("premises", premises.serves));
        }
        (None, _) => {
            return Err(Blocked::law(Code::ChildWithoutGuardian, basis).with("age", asked.age));
        }
    };
    if now.houses(person, asked.days.from) {
        return Ok(Some(who));
    }
    Err(Blocked::control(Code::GuardianNotResident).with("custody", who))
}

/// The verdict on one registration: the fact that it goes on, and the consents that came with it.
pub(super) fn verdict(
    asked: &Asked<'_>,
    now: &Dwelling,
    family: Option<Family<'_>>,
    facts: &Facts,
    basis: &Citation,
    cx: &Context,
    law: &Law,
) -> Result<(ResidenceRegistered, Vec<ConsentGiven>), Blocked> {
    let premises = now.habitable_on(asked.dwelling, asked.days.from)?;
    let mut read = Read {
        facts: facts
            .clone()
            .with("age", asked.age)
            .with("premises", premises.serves),
        bases: Vec::new(),
    };
    if let Some(with) =
        custody(asked, premises, now, basis).map_err(|blocked| blocked.having_read(&read.facts))?
    {
        read.facts = read.facts.with("custody", with);
    }
    if Fault::P10.planted() {
        read.facts = read.facts.with("sex", "not-stated");
    }
    let claim = Claim {
        kind: asked.consent,
        court_act: asked.court_act,
        consents: asked.consents,
        scope: ConsentScope::Residence,
    };
    let (consent, given) = now
        .consent(claim, asked.person, cx.decided_on, basis)
        .map_err(|blocked| blocked.having_read(&read.facts))?;
    read.facts.0.extend(consent.0);
    let joining = Joining {
        dwelling: asked.dwelling,
        days: asked.days,
        age: asked.age,
        consent: asked.consent,
        over_norm: asked.over_norm,
        guardianship: asked.guardianship,
        with: asked.with,
        now,
        family,
    };
    let norm =
        provision::check(&joining, cx, law).map_err(|blocked| blocked.having_read(&read.facts))?;
    read.facts.0.extend(norm.facts.0);
    read.bases.extend(norm.bases);
    let decided = asked.registered_on.unwrap_or(cx.decided_on);
    let (late, facts, term) = late(law, LATE_AFTER, asked.days.from, decided);
    read.facts.0.extend(facts.0);
    read.bases.extend(term);
    let registered = ResidenceRegistered {
        dwelling: asked.dwelling,
        district: premises.district.clone(),
        body: asked.body,
        consent: asked.consent,
        age: asked.age,
        norm: norm.check,
        late,
        corrects: None,
        facts: read.facts,
        bases: read.bases,
    };
    Ok((registered, given))
}

/// The former residence ends, the new one begins, on both sides, all on the effective day; consents stand before what
/// rests on them.
pub(super) fn moved(
    asked: &Asked<'_>,
    former: Option<&Spell>,
    (registered, given): (ResidenceRegistered, Vec<ConsentGiven>),
    read: &Facts,
    basis: &Citation,
    cx: &Context,
) -> Decided {
    let home = dwelling::stream(asked.dwelling);
    let mut decided: Decided = given
        .into_iter()
        .map(|given| {
            let event = cx.event(Fact::ConsentGiven(given));
            (home.clone(), event.effective(cx.decided_on, None))
        })
        .collect();
    let mut facts = Vec::new();
    if let Some(former) = former {
        let reason = ResidenceEnd::Moved;
        facts.extend(ending(asked.person, former.of, reason, None, read.clone()));
    }
    facts.push((
        super::stream(asked.person),
        Fact::ResidenceRegistered(registered),
    ));
    let person = asked.person;
    facts.push((home, Fact::ResidentEntered(ResidentEntered { person })));
    decided.extend(on_both_sides(facts, cx, Some(basis)));
    for (_, event) in &mut decided {
        let registers = matches!(
            event.fact,
            Fact::ResidenceRegistered(_) | Fact::ResidentEntered(_)
        );
        if registers {
            event.effectiveto = asked.days.until;
        }
    }
    decided
}

/// Registers a person at the place of residence from the effective day (point 9), taking the norm of point 10 into
/// account ([`provision`]). The former residence ends the same day in the same decision.
pub fn register(
    c: &RegisterResidence,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let day = cx.effective_from();
    let person = super::living(known, c.person, day)?;
    // Whoever has died since lived there until then.
    let days = Interval {
        from: day,
        until: person.died_on,
    };
    let asked = Asked::of(c, person, days);
    let to = known.dwelling(c.dwelling)?;
    to.premises_on(c.dwelling, day)?;
    let former = person.former(c.dwelling, day)?;
    if let Some(former) = former {
        known.dwelling(former.of)?;
    }
    let law = known.law()?;
    let basis = law.basis(DecisionType::ResidenceRegistration, cx.decided_on)?;
    let mut read = read_before(&basis, former.is_some());
    read.0.extend(
        adaptation::of_residence(&asked, person, to, None, known)
            .map_err(|e| e.having_read(&read))?
            .0,
    );
    let verdict = verdict(&asked, to, None, &read, &basis, cx, law)?;
    Ok(moved(&asked, former, verdict, &read, &basis, cx))
}

/// What is read of the power and of the person before anything else.
pub(super) fn read_before(basis: &Citation, ends_residence: bool) -> Facts {
    Facts::new()
        .with("act-certainty", basis.certainty)
        .with("ends-residence", if ends_residence { "yes" } else { "no" })
}

/// A residence ends on the person's side and on the dwelling's.
pub(super) fn ending(
    person: Ref,
    dwelling: Ref,
    reason: ResidenceEnd,
    document: Option<Sha256Hex>,
    facts: Facts,
) -> [(StreamId, Fact); 2] {
    [
        (
            super::stream(person),
            Fact::ResidenceEnded(ResidenceEnded {
                dwelling,
                reason,
                document,
                corrects: None,
                facts,
            }),
        ),
        (
            dwelling::stream(dwelling),
            Fact::ResidentLeft(ResidentLeft { person }),
        ),
    ]
}

fn on_both_sides(facts: Vec<(StreamId, Fact)>, cx: &Context, basis: Option<&Citation>) -> Decided {
    let cited = |event: Event| {
        basis
            .into_iter()
            .fold(event, |e, basis| e.citing(basis.clone()))
    };
    facts
        .into_iter()
        .map(|(stream, fact)| (stream, cited(cx.event(fact))))
        .collect()
}

/// Ends a residence on the effective day (points 2 and 9). Departure is never blocked on the merits: the power is
/// cited where one is in force, and its absence stops nobody. What is blocked is only what would not be true: an end
/// without a residence, before it began, as a move to a residence that the register does not have, or at the request of
/// somebody who does not hold the dwelling. Death ends the stays too ([`death`]).
pub fn end(c: &EndResidence, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    let day = cx.effective_from();
    let Some(residence) = person.open_residence() else {
        let last = person.residences.last().and_then(|r| r.days.until);
        let blocked = Blocked::control(Code::NoResidence).with("day", day);
        return Err(last
            .into_iter()
            .fold(blocked, |b, ended| b.with("ended-on", ended))
            .into());
    };
    let began = residence.days.from;
    if day < began {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("day", day)
            .with("registered-from", began)
            .into());
    }
    match c.reason {
        // The registration at the new residence says that somebody moved; an end alone cannot.
        ResidenceEnd::Moved => {
            return Err(Blocked::control(Code::GroundDoesNotFit)
                .with("reason", c.reason)
                .into());
        }
        ResidenceEnd::Death => return death::record(c.person, c.document, cx, known),
        _ => {}
    }
    let home = known.dwelling(residence.of)?;
    let basis = known
        .law()?
        .basis(DecisionType::ResidenceRegistration, cx.decided_on)
        .ok();
    let mut facts = basis.iter().fold(Facts::new(), |facts, basis| {
        facts.with("act-certainty", basis.certainty)
    });
    if let Some(holder) = &c.requested_by {
        let held = home.holders_on(cx.decided_on);
        if !held.is_some_and(|held| held.holders.contains(holder)) {
            return Err(Blocked::control(Code::NotAHolder)
                .with("reason", c.reason)
                .with("day", cx.decided_on)
                .into());
        }
        facts = facts.with("requested-by", "holder");
    }
    Ok(on_both_sides(
        ending(c.person, residence.of, c.reason, c.document, facts).into(),
        cx,
        basis.as_ref(),
    ))
}
