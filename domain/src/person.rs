//! Persons (points 6 and 9): a random reference, citizenship class, status, residences and stays. What identifies
//! somebody stands in sealed slots and is never read here.

use qonys_events::{
    citation::Facts,
    event::Event,
    fact::{
        Fact,
        registration::{Corrects, PersonRecorded, ResidenceEnded, StatusGranted},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, StreamSeq},
    slot::Slot,
    term::{
        DecisionType, DocumentKind, IinFinding, PersonKind, ResidenceEnd, StatusAsk,
        StatusEndGround,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::{
    blocked::{Blocked, Code},
    command::{CorrectPerson, GrantKandasStatus, RecordPerson},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

pub mod adaptation;
pub mod arrival;
pub mod data;
pub mod death;
pub mod family;
pub mod family_move;
#[cfg(test)]
pub(crate) mod given;
pub mod interval;
pub mod nationality;
pub mod presence;
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
    /// The day on which the citizenship was obtained, where a status of kandas ended by it.
    citizen_since: Option<Day>,
    kandas: Vec<Interval>,
    residences: Vec<Spell>,
    stays: Vec<Spell>,
    died_on: Option<Day>,
    representations: Vec<family::Representation>,
    /// Applications for inclusion in a quota.
    inclusions: Vec<Ref>,
    /// The last day on which nationality was determined.
    nationality_determined_on: Option<Day>,
    /// The place in the stream of the event that was applied last.
    seq: StreamSeq,
    /// The entry that describes the person.
    described_by: StreamSeq,
    /// Entries that ended a residence by a move to another.
    #[serde(default)]
    moves: BTreeSet<StreamSeq>,
    /// Entries that a correction superseded.
    superseded: BTreeSet<StreamSeq>,
    /// Where the person's data stand.
    #[serde(default)]
    data: data::DataState,
    /// The proposal to destroy them that stands.
    #[serde(default)]
    proposed: Option<crate::destruction::Proposed>,
    /// The last day that an event is about.
    #[serde(default)]
    last_on: Option<Day>,
}

impl Person {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.seq.0 += 1;
        let entry = self.seq;
        self.apply_data(event);
        match &event.fact {
            Fact::PersonRecorded(person) => {
                self.supersede(person.corrects);
                self.kind = Some(person.kind);
                self.described_by = entry;
            }
            Fact::StatusGranted(_) | Fact::StatusExtended(_) => {
                self.kandas.extend(Interval::of(event));
            }
            Fact::StatusEnded(ended) => {
                if let Some(from) = event.effectivefrom {
                    self.end_status(from);
                }
                if ended.ground == StatusEndGround::CitizenshipObtained {
                    self.citizen_since = event.effectivefrom;
                }
            }
            Fact::ResidenceRegistered(r) => {
                let old = corrected(&self.residences, r.corrects);
                self.supersede(r.corrects);
                interval::begin(&mut self.residences, r.dwelling, event, entry);
                keep(&mut self.residences, old);
            }
            Fact::ResidenceEnded(r) => self.residence_ended(r, event, entry),
            Fact::StayRegistered(s) => {
                let old = corrected(&self.stays, s.corrects);
                self.supersede(s.corrects);
                interval::begin(&mut self.stays, s.dwelling, event, entry);
                keep(&mut self.stays, old);
            }
            Fact::StayExtended(s) => interval::extend(&mut self.stays, s.dwelling, event),
            Fact::StayEnded(s) => interval::end(&mut self.stays, s.dwelling, event, entry),
            Fact::StatusAnnulled(annulled) => {
                self.annul_status(annulled.status_from, event.effectivefrom);
            }
            Fact::InclusionAsked(asked) => self.inclusions.push(asked.application),
            Fact::PersonDied(_) => self.died_on = event.effectivefrom,
            Fact::RepresentativeAppointed(r) => self.appointed(r, event),
            Fact::RepresentationEnded(r) => self.representation_ended(&r.representative, event),
            Fact::NationalityDetermined(_) => self.nationality_determined_on = event.decidedon,
            _ => {}
        }
    }

    /// A residence ends; or its end is told for another day, where the move that it is a half of was recorded wrongly.
    fn residence_ended(&mut self, ended: &ResidenceEnded, event: &Event, entry: StreamSeq) {
        if ended.reason == ResidenceEnd::Moved {
            self.moves.insert(entry);
        }
        let Some(Corrects { entry: old, .. }) = ended.corrects else {
            return interval::end(&mut self.residences, ended.dwelling, event, entry);
        };
        self.superseded.insert(old);
        let mut residences = self.residences.iter_mut();
        if let Some(spell) = residences.find(|spell| spell.ended_by == Some(old)) {
            (spell.days.until, spell.ended_by) = (event.effectivefrom, Some(entry));
        }
    }

    /// What a corrected entry said is said no more.
    fn supersede(&mut self, corrects: Option<Corrects>) {
        if let Some(Corrects { entry, .. }) = corrects {
            self.residences.retain(|spell| spell.entry != entry);
            self.stays.retain(|spell| spell.entry != entry);
            self.superseded.insert(entry);
        }
    }

    /// What an entry began, if it may be corrected: it stands, and is of that kind.
    fn correctable<'a>(&self, spells: &'a [Spell], entry: StreamSeq) -> Result<&'a Spell, Blocked> {
        spells
            .iter()
            .find(|spell| spell.entry == entry)
            .ok_or_else(|| not_correctable(&self.superseded, entry))
    }

    /// Whether the person is recorded.
    pub fn exists(&self) -> bool {
        self.kind.is_some()
    }

    /// Citizen, foreigner or stateless; `None` while the person is not recorded.
    pub fn kind(&self) -> Option<PersonKind> {
        self.kind
    }

    /// Citizen, foreigner or stateless on a day: whoever obtained the citizenship is a citizen from then on.
    pub fn kind_on(&self, day: Day) -> Option<PersonKind> {
        match self.citizen_since {
            Some(since) if since <= day => Some(PersonKind::Citizen),
            _ => self.kind,
        }
    }

    /// Whether the person has the status of kandas on a day. Inclusion in a quota is another thing (point 6).
    pub fn kandas_on(&self, day: Day) -> bool {
        let alive = self.died_on.is_none_or(|died| day < died);
        alive && self.kandas.iter().any(|status| status.contains(day))
    }

    /// The applications for inclusion that name this person as the applicant.
    pub(crate) fn inclusions(&self) -> &[Ref] {
        &self.inclusions
    }

    /// The day of death, if it is recorded.
    pub(crate) fn died_on(&self) -> Option<Day> {
        self.died_on
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

/// The spell that an entry corrects.
fn corrected(spells: &[Spell], corrects: Option<Corrects>) -> Option<Spell> {
    let Corrects { entry, .. } = corrects?;
    spells.iter().find(|spell| spell.entry == entry).copied()
}

/// Gives the spell that was added last the day on which it was registered first, and what ended it where its end is the same.
fn keep(spells: &mut [Spell], old: Option<Spell>) {
    if let (Some(spell), Some(old)) = (spells.last_mut(), old) {
        spell.registered_on = old.registered_on.or(spell.registered_on);
        if spell.days.until == old.days.until {
            spell.ended_by = old.ended_by;
        }
    }
}

/// Why an entry cannot be corrected: it is superseded already, or there is none of that kind.
pub(crate) fn not_correctable(superseded: &BTreeSet<StreamSeq>, entry: StreamSeq) -> Blocked {
    let code = if superseded.contains(&entry) {
        Code::AlreadySuperseded
    } else {
        Code::EntryNotFound
    };
    Blocked::control(code).with("entry", entry)
}

/// The id of an entry that a correction supersedes, as the edge found it.
pub(crate) fn superseded_id(cx: &Context, entry: StreamSeq) -> Result<Ref, Blocked> {
    let found = cx.superseded.iter().find(|(place, _)| *place == entry);
    found
        .map(|(_, id)| *id)
        .ok_or_else(|| Blocked::control(Code::EntryNotFound).with("entry", entry))
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

/// The person, if it is recorded, and his data are not destroyed: nothing new is said about whoever is nobody any more.
pub(crate) fn recorded<'a>(known: &Known<'a>, person: Ref) -> Result<&'a Person, Undecided> {
    let found = known.person(person)?;
    if !found.exists() {
        return Err(not_found(person).into());
    }
    undestroyed(found, person)?;
    Ok(found)
}

/// Blocks where the data of a person are destroyed.
pub(crate) fn undestroyed(person: &Person, id: Ref) -> Result<(), Blocked> {
    if person.data == data::DataState::Destroyed {
        return Err(Blocked::control(Code::DataDestroyed).with("person", id));
    }
    Ok(())
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

/// What describes a person, from a command with its sealed values. A name is required; a number or a document is not,
/// because a stateless person may have neither; a document without a number says of what category it is, for then it is
/// what the person is known by.
fn description(
    person: Ref,
    kind: PersonKind,
    document: Option<DocumentKind>,
    corrects: Option<Corrects>,
    cx: &Context,
) -> Result<PersonRecorded, Blocked> {
    sealed(&cx.slots, "name", person)?;
    let by_document = cx.slots.iter().any(|slot| slot.name.as_str() == "document");
    if cx.findings.iin == IinFinding::Absent && by_document && document.is_none() {
        return Err(Blocked::control(Code::FactsMissing).with("missing", "document-kind"));
    }
    Ok(PersonRecorded {
        person,
        kind,
        iin: cx.findings.iin,
        birth_date: cx.findings.birth_date,
        document,
        corrects,
        slots: cx.slots.clone(),
    })
}

/// Corrects how a person was recorded: a full new fact that supersedes the entry (point 9).
pub fn correct(c: &CorrectPerson, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    data::unblocked(person, c.person)?;
    if let Some(other) = cx.known_as.filter(|other| *other != c.person) {
        return Err(Blocked::control(Code::AnotherPerson)
            .with("person", other)
            .into());
    }
    if person.described_by != c.entry {
        return Err(not_correctable(&person.superseded, c.entry).into());
    }
    let corrects = Corrects {
        entry: c.entry,
        reason: c.reason,
    };
    let fact = description(c.person, c.kind, c.document, Some(corrects), cx)?;
    let event = cx.record(Fact::PersonRecorded(fact));
    let event = event.superseding(superseded_id(cx, c.entry)?);
    Ok(vec![(stream(c.person), event)])
}

/// Records a person (point 9). What was found about the IIN is recorded and bars nothing. The reference is minted by upsert, so a person who is known already comes with the reference he has.
pub fn record(c: &RecordPerson, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.person(cx.minted)?.exists() {
        return Err(Blocked::control(Code::NoChange)
            .with("person", cx.minted)
            .into());
    }
    let fact = description(cx.minted, c.kind, c.document, None, cx)?;
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
    let person = living(known, c.person, cx.effective_from())?;
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
    let kind = person.kind_on(days.from);
    if let Some(kind) = kind {
        facts = facts.with("person-kind", kind);
    }
    // Members of the family are kandas too, so a missing determination bars nothing.
    facts = match person.nationality_determined_on {
        Some(day) => facts.with("nationality-determined-on", day),
        None => facts.with("nationality-determined-on", "not-determined"),
    };
    if kind == Some(PersonKind::Citizen) {
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
