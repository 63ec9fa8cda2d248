//! Persons (points 6 and 9): a random reference, citizenship class, status, residences and stays. What identifies
//! somebody stands in sealed slots and is never read here.

use qonys_events::{
    citation::Facts,
    event::Event,
    fact::{
        Fact,
        registration::{PersonRecorded, StatusGranted},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::Day,
    slot::Slot,
    term::{DecisionType, PersonKind, ResidenceEnd, StatusAsk},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{GrantKandasStatus, RecordPerson},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

#[cfg(test)]
pub(crate) mod given;
pub mod interval;
pub mod residence;
pub mod status;
pub mod stay;
#[cfg(test)]
mod tests;

use interval::{Interval, Spell};

/// A person, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    kind: Option<PersonKind>,
    kandas: Vec<Interval>,
    residences: Vec<Spell>,
    stays: Vec<Spell>,
    died_on: Option<Day>,
}

impl Person {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PersonRecorded(person) => self.kind = Some(person.kind),
            Fact::StatusGranted(_) | Fact::StatusExtended(_) => {
                self.kandas.extend(Interval::of(event));
            }
            Fact::StatusEnded(_) => {
                if let Some(from) = event.effectivefrom {
                    self.end_status(from);
                }
            }
            Fact::ResidenceRegistered(r) => {
                interval::begin(&mut self.residences, r.dwelling, event)
            }
            Fact::ResidenceEnded(r) => {
                interval::end(&mut self.residences, r.dwelling, event);
                if r.reason == ResidenceEnd::Death {
                    self.died_on = event.effectivefrom;
                }
            }
            Fact::StayRegistered(s) => interval::begin(&mut self.stays, s.dwelling, event),
            _ => {}
        }
    }

    /// Whether the person is recorded.
    pub fn exists(&self) -> bool {
        self.kind.is_some()
    }

    /// Citizen, foreigner or stateless; `None` while the person is not recorded.
    pub fn kind(&self) -> Option<PersonKind> {
        self.kind
    }

    /// Whether the person has the status of kandas on a day. Inclusion in a quota is another thing (point 6).
    pub fn kandas_on(&self, day: Day) -> bool {
        self.kandas.iter().any(|status| status.contains(day))
    }

    /// The dwelling of the residence on a day: one at most (point 9).
    pub fn residence_on(&self, day: Day) -> Option<Ref> {
        self.residences
            .iter()
            .find(|r| r.days.contains(day))
            .map(|r| r.of)
    }

    /// The dwellings of the stays on a day; they may coexist with a residence (point 9).
    pub fn stays_on(&self, day: Day) -> impl Iterator<Item = Ref> {
        self.stays
            .iter()
            .filter(move |s| s.days.contains(day))
            .map(|s| s.of)
    }
}

/// The person, if it is recorded and alive on a day: death ends all registration (point 9).
fn living<'a>(known: &Known<'a>, person: Ref, on: Day) -> Result<&'a Person, Undecided> {
    let found = recorded(known, person)?;
    match found.died_on {
        Some(died) if died <= on => Err(Blocked::control(Code::PersonDied)
            .with("person", person)
            .with("died-on", died)
            .into()),
        _ => Ok(found),
    }
}

/// The stream of a person.
pub(crate) fn stream(person: Ref) -> StreamId {
    StreamId::of(StreamKind::Person, person)
}

/// The person, if it is recorded.
fn recorded<'a>(known: &Known<'a>, person: Ref) -> Result<&'a Person, Undecided> {
    let found = known.person(person)?;
    if found.exists() {
        Ok(found)
    } else {
        Err(not_found(person).into())
    }
}

fn not_found(person: Ref) -> Blocked {
    Blocked::control(Code::PersonNotFound).with("person", person)
}

/// Whether a sealed value of this name came with the command, sealed for this subject.
pub(crate) fn sealed(slots: &[Slot], name: &str, subject: Ref) -> Result<(), Blocked> {
    if slots
        .iter()
        .any(|slot| slot.name.as_str() == name && slot.subject == subject)
    {
        return Ok(());
    }
    Err(Blocked::control(Code::FactsMissing).with("missing", name))
}

/// Records a person (point 9). A name is required; a number or a document is not, because a stateless person may have
/// neither. The reference is minted by upsert, so a person who is known already comes with the reference he has.
pub fn record(c: &RecordPerson, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.person(cx.minted)?.exists() {
        return Err(Blocked::control(Code::NoChange)
            .with("person", cx.minted)
            .into());
    }
    sealed(&cx.slots, "name", cx.minted)?;
    let fact = PersonRecorded {
        person: cx.minted,
        kind: c.kind,
        slots: cx.slots.clone(),
    };
    Ok(vec![(
        stream(cx.minted),
        cx.record(Fact::PersonRecorded(fact)),
    )])
}

/// Grants the status of kandas for an interval (point 6; the power is that of the migration law). A citizen cannot be
/// a kandas, and the status is not granted for a day on which the person has it.
pub fn grant_status(
    c: &GrantKandasStatus,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    let days = Interval {
        from: cx.effective_from(),
        until: c.until,
    };
    if let Some(until) = c.until
        && until <= days.from
    {
        let blocked = Blocked::control(Code::IntervalEmpty).with("from", days.from);
        return Err(blocked.with("until", until).into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::KandasStatus, cx.decided_on)?;
    let mut facts = Facts::new().with("act-certainty", basis.certainty);
    if let Some(kind) = person.kind {
        facts = facts.with("person-kind", kind);
    }
    if person.kind == Some(PersonKind::Citizen) {
        return Err(Blocked::law(Code::CitizenIsNoKandas, &basis)
            .having_read(&facts)
            .into());
    }
    if let Some(status) = person.kandas.iter().find(|status| status.overlaps(&days)) {
        let blocked = Blocked::control(Code::StatusGranted).with("status-from", status.from);
        let blocked = status
            .until
            .into_iter()
            .fold(blocked, |b, until| b.with("status-until", until));
        return Err(blocked.having_read(&facts).into());
    }
    let facts = facts.with("status-in-these-days", "none");
    let event = cx.event(Fact::StatusGranted(StatusGranted { facts }));
    let mut decided = vec![(
        stream(c.person),
        event.effective(days.from, days.until).citing(basis),
    )];
    decided.extend(status::allowed(
        c.application,
        c.person,
        StatusAsk::Grant,
        c.until,
        cx,
        known,
    )?);
    Ok(decided)
}
