//! Registration at the place of residence (points 2, 9 and 10): one residence at most on any day, a new one ends the
//! former the same day, departure is never blocked on the merits.

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        registration::{ResidenceEnded, ResidenceRegistered, ResidentEntered, ResidentLeft},
    },
    id::{Ref, StreamId},
    scalar::Day,
    term::{DecisionType, ResidenceEnd},
};

use super::{Person, interval::Spell, recorded};
use crate::{
    blocked::{Blocked, Code},
    command::{EndResidence, RegisterResidence},
    context::Context,
    decide::{Decided, Undecided},
    dwelling::{self, provision},
    law::Law,
    streams::Known,
};

/// The norm after how many calendar days a registration is late.
pub const LATE_AFTER: &str = "registration.late-after-days";

impl Person {
    /// The residence that a registration at a dwelling from a day on would end, if there is one.
    ///
    /// A registration is open, so it fits only behind everything that is recorded: no residence may begin or end after
    /// its first day, save the open one that it ends. A backdated registration in front of a later one, or inside one
    /// whose end is recorded, is a correction and not a move: [`Code::RegistrationOverlaps`].
    fn former(&self, dwelling: Ref, day: Day) -> Result<Option<&Spell>, Blocked> {
        let told = |code, spell: &Spell| {
            let blocked = Blocked::control(code).with("registered-from", spell.days.from);
            spell
                .days
                .until
                .into_iter()
                .fold(blocked, |b, until| b.with("registered-until", until))
        };
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

/// What a verdict read, and what it rests on beside the power.
struct Read {
    facts: Facts,
    bases: Vec<Citation>,
}

/// Whether a registration decided on a day comes late (point 9; the term is a recorded norm, looked up for the day on
/// which it began to run). Late is reported and never refused, so a term that nobody recorded blocks nothing.
fn late(law: &Law, cx: &Context, read: &mut Read) -> bool {
    let began = cx.effective_from();
    let (said, late) = match law.norm(LATE_AFTER, began) {
        Ok(term) => {
            // More than any calendar holds: never late.
            let days = i64::try_from(term.value.0)
                .unwrap_or(i64::MAX)
                .min(4_000_000);
            read.bases.push(term.citation);
            (
                term.value.to_string(),
                began.plus_days(days) < cx.decided_on,
            )
        }
        Err(blocked) => (blocked.code.as_str().to_owned(), false),
    };
    let facts = std::mem::take(&mut read.facts);
    read.facts = facts
        .with("late-after-days", said)
        .with("late-term-day", began);
    late
}

/// Registers a person at the place of residence from the effective day (point 9), taking the norm of point 10 into
/// account ([`provision`]). The former residence ends the same day in the same decision.
pub fn register(
    c: &RegisterResidence,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = super::living(known, c.person, cx.effective_from())?;
    let to = known.dwelling(c.dwelling)?;
    let premises = to.premises(c.dwelling)?;
    let day = cx.effective_from();
    let former = person.former(c.dwelling, day)?;
    if let Some(former) = former {
        known.dwelling(former.of)?;
    }
    let law = known.law()?;
    let basis = law.basis(DecisionType::ResidenceRegistration, cx.decided_on)?;
    let ends_residence = if former.is_some() { "yes" } else { "no" };
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("ends-residence", ends_residence);
    let ended = facts.clone();
    let mut read = Read {
        facts,
        bases: Vec::new(),
    };
    let norm =
        provision::check(c, cx, to, law).map_err(|blocked| blocked.having_read(&read.facts))?;
    read.facts.0.extend(norm.facts.0);
    read.bases.extend(norm.bases);
    let late = late(law, cx, &mut read);
    let registered = ResidenceRegistered {
        dwelling: c.dwelling,
        district: premises.district.clone(),
        body: c.body,
        consent: c.consent,
        age: c.age,
        norm: norm.check,
        late,
        facts: read.facts,
        bases: read.bases,
    };
    let mut facts = Vec::new();
    if let Some(former) = former {
        facts.extend(ending(c.person, former.of, ResidenceEnd::Moved, ended));
    }
    facts.push((
        super::stream(c.person),
        Fact::ResidenceRegistered(registered),
    ));
    let entered = ResidentEntered { person: c.person };
    facts.push((dwelling::stream(c.dwelling), Fact::ResidentEntered(entered)));
    Ok(on_both_sides(facts, cx, Some(&basis)))
}

/// A residence ends on the person's side and on the dwelling's.
fn ending(person: Ref, dwelling: Ref, reason: ResidenceEnd, facts: Facts) -> [(StreamId, Fact); 2] {
    [
        (
            super::stream(person),
            Fact::ResidenceEnded(ResidenceEnded {
                dwelling,
                reason,
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
/// without a residence, before it began, or as a move to a residence that the register does not have.
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
    // The registration at the new residence says that somebody moved; an end alone cannot.
    if c.reason == ResidenceEnd::Moved {
        return Err(Blocked::control(Code::GroundDoesNotFit)
            .with("reason", c.reason)
            .into());
    }
    known.dwelling(residence.of)?;
    let basis = known
        .law()?
        .basis(DecisionType::ResidenceRegistration, cx.decided_on)
        .ok();
    let facts = basis.iter().fold(Facts::new(), |facts, basis| {
        facts.with("act-certainty", basis.certainty)
    });
    Ok(on_both_sides(
        ending(c.person, residence.of, c.reason, facts).into(),
        cx,
        basis.as_ref(),
    ))
}
