//! A registration was wrong (point 9): the whole of it as it should have been, decided on like any other, instead of the entry
//! that it supersedes. A move is two halves, the end of the former residence and the new one, and is corrected as both.

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        registration::{Corrects, ResidenceEnded, ResidentEntered, ResidentLeft},
    },
    id::Ref,
    scalar::{Day, StreamSeq},
    term::{CorrectionReason, DecisionType, ResidenceEnd},
};

use super::{Asked, moved, read_before, told, verdict};
use crate::{
    blocked::{Blocked, Code},
    command::{CorrectMove, CorrectResidence, RegisterResidence},
    context::Context,
    decide::{Decided, Undecided},
    dwelling::{self, provision},
    person::{
        Person, adaptation,
        interval::{Interval, Spell},
        recorded, superseded_id,
    },
    streams::Known,
};

impl Person {
    /// The residence that ended by the move to another, with the entry that ended it. Of several that ended by a move on that
    /// day, the one that ended last before it.
    pub(crate) fn left_by(&self, entry: StreamSeq) -> Option<(&Spell, StreamSeq)> {
        let to = self.residences.iter().find(|spell| spell.entry == entry)?;
        let ended = self.residences.iter().filter_map(|spell| {
            let by = spell.ended_by.filter(|by| self.moves.contains(by))?;
            let on_that_day = spell.entry != entry && spell.days.until == Some(to.days.from);
            (on_that_day && by < entry).then_some((spell, by))
        });
        ended.max_by_key(|(_, by)| *by)
    }
}

/// A registration as it should have been, and the entry that it corrects.
struct Right<'a> {
    entry: StreamSeq,
    reason: CorrectionReason,
    registration: &'a RegisterResidence,
    days: Interval,
    /// What the person left by the move, where both are corrected.
    left: Option<&'a Spell>,
}

/// Corrects a registration. What it said of the dwelling goes with it.
pub fn correct(
    c: &CorrectResidence,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let right = Right {
        entry: c.entry,
        reason: c.reason,
        registration: &c.registration,
        days: days(cx.effective_from(), c.until)?,
        left: None,
    };
    corrected(&right, cx, known)
}

/// Corrects a move: the former residence ends, and the new one begins, on the effective day, whatever was recorded. Nobody
/// is without a residence in between, and nobody has two.
pub fn correct_move(
    c: &CorrectMove,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let day = cx.effective_from();
    let person = recorded(known, c.registration.person)?;
    person.correctable(&person.residences, c.entry)?;
    let (left, ended_by) = person
        .left_by(c.entry)
        .map(|(left, by)| (*left, by))
        .ok_or_else(|| Blocked::control(Code::NotAMove).with("entry", c.entry))?;
    if left.of == c.registration.dwelling {
        return Err(told(Code::AlreadyResident, &left).into());
    }
    let until = Interval {
        until: Some(day),
        ..left.days
    };
    if until.is_empty() {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", until.from)
            .with("until", day)
            .into());
    }
    let right = Right {
        entry: c.entry,
        reason: c.reason,
        registration: &c.registration,
        days: days(day, c.until)?,
        left: Some(&left),
    };
    // What was wrong goes first: the former residence may be in the same dwelling, and be longer than it was.
    let mut decided = withdrawn(&right, cx, known)?;
    let former = leaves(&left, (until, ended_by), &decided, c, cx, known)?;
    decided.extend(former);
    decided.extend(registered(&right, cx, known)?);
    Ok(decided)
}

fn days(from: Day, until: Option<Day>) -> Result<Interval, Blocked> {
    let days = Interval { from, until };
    if !days.is_empty() {
        return Ok(days);
    }
    let blocked = Blocked::control(Code::IntervalEmpty).with("from", from);
    Err(until
        .into_iter()
        .fold(blocked, |b, until| b.with("until", until)))
}

fn corrected(right: &Right<'_>, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let mut decided = withdrawn(right, cx, known)?;
    decided.extend(registered(right, cx, known)?);
    Ok(decided)
}

/// The registration that was wrong is withdrawn from its dwelling, unless it had no day.
fn withdrawn(right: &Right<'_>, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, right.registration.person)?;
    let old = person.correctable(&person.residences, right.entry)?;
    known.dwelling(old.of)?;
    if old.days.is_empty() {
        return Ok(Vec::new());
    }
    let left = left_on(right.registration.person, old.days.from, cx);
    Ok(vec![(dwelling::stream(old.of), left)])
}

/// The registration as it should have been, instead of the one that was wrong.
fn registered(right: &Right<'_>, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (entry, days) = (right.entry, right.days);
    let person = recorded(known, right.registration.person)?;
    let mut asked = Asked::of(right.registration, person, days);
    let old = *person.correctable(&person.residences, entry)?;
    asked.registered_on = old.registered_on;
    if let Some(died) = person.died_on
        && days.reaches(died)
    {
        return Err(Blocked::control(Code::PersonDied)
            .with("person", asked.person)
            .with("died-on", died)
            .into());
    }
    let corrects_too = |r: &Spell| right.left.is_some_and(|left| left.entry == r.entry);
    let others = person
        .residences
        .iter()
        .filter(|r| r.entry != entry && !corrects_too(r));
    // With a move, the former residence reaches up to the new one.
    let whole = Interval {
        from: right.left.map_or(days.from, |left| left.days.from),
        until: days.until,
    };
    if let Some(other) = others.into_iter().find(|r| r.days.overlaps(&whole)) {
        return Err(told(Code::RegistrationOverlaps, other).into());
    }
    let mut to = known.dwelling(asked.dwelling)?.clone();
    if old.of == asked.dwelling && !old.days.is_empty() {
        to.apply(&left_on(asked.person, old.days.from, cx));
    }
    let law = known.law()?;
    let basis = law.basis(DecisionType::ResidenceRegistration, cx.decided_on)?;
    let mut read = read_before(&basis, right.left.is_some()).with("corrects", right.reason);
    let term = adaptation::of_residence(&asked, person, &to, Some(old), known);
    read.0.extend(term.map_err(|e| e.having_read(&read))?.0);
    let (mut registered, given) = verdict(&asked, &to, None, &read, &basis, cx, law)?;
    registered.corrects = Some(Corrects {
        entry,
        reason: right.reason,
    });
    let superseded = superseded_id(cx, entry)?;
    let mut decided = moved(&asked, None, (registered, given), &read, &basis, cx);
    for (_, event) in &mut decided {
        if matches!(event.fact, Fact::ResidenceRegistered(_)) {
            event.supersedes = Some(superseded);
        }
    }
    Ok(decided)
}

fn left_on(person: Ref, day: Day, cx: &Context) -> Event {
    let left = Fact::ResidentLeft(ResidentLeft { person });
    cx.event(left).effective(day, None)
}

/// The other half of a move: the former residence ended on another day than was recorded. Where it lasted longer and the
/// dwelling was too full meanwhile, that is found and evicts nobody. `withdrawn` went before it.
fn leaves(
    left: &Spell,
    (days, ended_by): (Interval, StreamSeq),
    withdrawn: &Decided,
    c: &CorrectMove,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = c.registration.person;
    let law = known.law()?;
    let basis = law.basis(DecisionType::ResidenceRegistration, cx.decided_on)?;
    let ended = ResidenceEnded {
        dwelling: left.of,
        reason: ResidenceEnd::Moved,
        document: None,
        corrects: Some(Corrects {
            entry: ended_by,
            reason: c.reason,
        }),
        facts: read_before(&basis, true).with("corrects", c.reason),
    };
    let ended = cx.event(Fact::ResidenceEnded(ended)).citing(basis.clone());
    let ended = ended.superseding(superseded_id(cx, ended_by)?);
    let gone = left_on(person, days.from, cx);
    let there = cx.event(Fact::ResidentEntered(ResidentEntered { person }));
    let there = there.effective(days.from, days.until).citing(basis);
    let mut home = known.dwelling(left.of)?.clone();
    let stream = dwelling::stream(left.of);
    let here = withdrawn.iter().filter(|(of, _)| *of == stream);
    here.for_each(|(_, event)| home.apply(event));
    home.apply(&gone);
    home.apply(&there);
    let mut decided = vec![
        (stream.clone(), gone),
        (crate::person::stream(person), ended),
        (stream.clone(), there),
    ];
    let longer = Interval {
        from: left.days.until.unwrap_or(days.from),
        until: days.until,
    };
    if !longer.is_empty()
        && let Some(found) = provision::found(&home, longer, cx, law)
    {
        let event = cx.event(Fact::OverNormFound(found));
        decided.push((stream, event.effective(longer.from, longer.until)));
    }
    Ok(decided)
}
