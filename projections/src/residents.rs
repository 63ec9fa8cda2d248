//! Persons, dwellings, residences and stays (points 9 and 10), by reference. No plaintext stands in any row.

use std::collections::BTreeMap;

use qonys_events::{
    fact::{
        Fact,
        registration::{Corrects, NormCheck, ResidenceEnded, ResidenceRegistered},
    },
    id::{Ref, StreamKind},
    scalar::{Day, Position, Slug, StreamSeq},
    term::{
        AgeClass, BirthDateFinding, ConsentKind, CorrectionReason, DocumentKind, IinFinding,
        OverNormGround, PersonKind, RegisteringBody, RepresentationScope, ResidenceEnd,
    },
};

use crate::{
    cell::{TableRow as _, rows, words},
    projection::{
        Changes, FoldError, Projection, Recorded, Wanted, cut, insert, known, overlay, replace,
    },
    table::{Key, Table},
};

pub mod dwellings;
pub mod family;
pub mod stays;

pub use dwellings::{
    CONSENT, ConsentRow, DWELLING, DwellingRow, HOLDING, HoldingRow, OVER_NORM, OverNormRow,
};
pub use family::{FAMILY_CHANGE, FamilyChangeRow, REPRESENTATION, RepresentationRow};
pub use stays::{ARRIVAL, ArrivalRow, STAY, StayRow, days_stayed};

words! {
    /// How the norm of point 10 stood at a registration.
    NormState {
        /// The fund is neither state housing nor rented by the akimat.
        NotApplicable = "not-applicable",
        /// No act in force gave the power to take the norm into account.
        NoBasis = "no-basis",
        /// The useful area suffices.
        Within = "within",
        /// The area does not suffice; marked over-norm.
        Over = "over",
    }
}

rows! {
    /// A recorded person.
    PersonRow in PERSON = "person" {
        key: [person, recorded_from],
        entity: [person],
        indexes: [],
    }
    /// The reference.
    person: Ref,
    /// Citizen, foreigner or stateless.
    kind: PersonKind,
    /// What was found about the IIN.
    iin: IinFinding,
    /// Whether the IIN and the document give one birth date.
    birth_date: BirthDateFinding,
    /// The category of the document.
    document: Option<DocumentKind>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A death: every registration ended with it.
    DeathRow in DEATH = "death" {
        key: [person, recorded_from],
        entity: [],
        indexes: [],
    }
    /// Who.
    person: Ref,
    /// The day.
    died_on: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// The status of kandas of a person: granted for an interval, and not an inclusion in a quota.
    KandasStatusRow in KANDAS_STATUS = "kandas_status" {
        key: [person, effective_from, recorded_from],
        entity: [person],
        indexes: [],
    }
    /// The person.
    person: Ref,
    /// First day of the status.
    effective_from: Day,
    /// First day after it.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A person's residence in a dwelling.
    ResidenceRow in RESIDENCE = "residence" {
        key: [person, effective_from, dwelling, recorded_from],
        entity: [person],
        indexes: [[dwelling], [district, effective_from]],
    }
    /// The person.
    person: Ref,
    /// The dwelling.
    dwelling: Ref,
    /// Its district, or `not-stated`.
    district: Slug,
    /// Who registered.
    body: RegisteringBody,
    /// Why the person may live there.
    consent: ConsentKind,
    /// The person's age class on the first day.
    age: AgeClass,
    /// How the norm of point 10 stood.
    norm_check: NormState,
    /// Why it is recorded over the norm all the same; null unless it is.
    over_norm_ground: Option<OverNormGround>,
    /// Whether the registration came later than the term in force.
    late: bool,
    /// First day.
    effective_from: Day,
    /// First day after; null while the person lives there.
    effective_to: Option<Day>,
    /// Why it ended.
    end_reason: Option<ResidenceEnd>,
    /// The place in the person's stream of the entry that ended it.
    ended_by: Option<StreamSeq>,
    /// The place in the person's stream of the entry that says so: a correction names it.
    entry: StreamSeq,
    /// Why it was recorded otherwise before; null where it was not.
    correction: Option<CorrectionReason>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

/// Persons by district on a day, among rows as known at one position; `not-stated` is a district like the others, so the
/// figures add up to the city. The district is that of the dwelling on that day: when boundaries are moved, nobody moves.
/// Stays are counted by their own rows, never together with residences.
pub fn by_district<'a>(
    residences: impl IntoIterator<Item = &'a ResidenceRow>,
    dwellings: impl IntoIterator<Item = &'a DwellingRow>,
    day: Day,
) -> BTreeMap<&'a Slug, u64> {
    let covers = |from: Day, to: Option<Day>| from <= day && to.is_none_or(|to| day < to);
    let on_day = dwellings
        .into_iter()
        .filter(|row| covers(row.effective_from, row.effective_to));
    let districts: BTreeMap<Ref, &Slug> = on_day.map(|row| (row.dwelling, &row.district)).collect();
    let mut counts = BTreeMap::new();
    for row in residences {
        if covers(row.effective_from, row.effective_to) {
            let now = districts.get(&row.dwelling).copied();
            *counts.entry(now.unwrap_or(&row.district)).or_insert(0) += 1;
        }
    }
    counts
}

/// The person in whose stream an entry stands.
fn person_of(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let person = (stream.kind() == StreamKind::Person)
        .then(|| stream.key().parse().ok())
        .flatten();
    person.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

fn check(norm: &NormCheck) -> (NormState, Option<OverNormGround>) {
    match norm {
        NormCheck::NotApplicable => (NormState::NotApplicable, None),
        NormCheck::NoBasis => (NormState::NoBasis, None),
        NormCheck::Within => (NormState::Within, None),
        NormCheck::Over { ground } => (NormState::Over, Some(*ground)),
    }
}

fn registered(entry: &Recorded, fact: &ResidenceRegistered) -> Result<ResidenceRow, FoldError> {
    let (norm_check, over_norm_ground) = check(&fact.norm);
    Ok(ResidenceRow {
        person: person_of(entry)?,
        dwelling: fact.dwelling,
        district: fact.district.clone(),
        body: fact.body,
        consent: fact.consent,
        age: fact.age,
        norm_check,
        over_norm_ground,
        late: fact.late,
        effective_from: entry.day()?,
        effective_to: entry.event().effectiveto,
        end_reason: None,
        ended_by: None,
        entry: entry.entry.place.streamseq,
        correction: fact.corrects.map(|corrects| corrects.reason),
        recorded_from: entry.position(),
        recorded_to: None,
    })
}

/// Writes a registration. One that corrects another stands instead of it: what the corrected entry said is closed.
fn register(
    entry: &Recorded,
    fact: &ResidenceRegistered,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let mut new = registered(entry, fact)?;
    if let Some(Corrects { entry: old, .. }) = fact.corrects {
        for row in known::<ResidenceRow>(rows, &Key::of([new.person]))? {
            if row.entry == old {
                rows.close(&RESIDENCE, &row.row(), entry.position())?;
                new.end_reason = row.end_reason.filter(|_| new.effective_to.is_some());
                let same_end = new.effective_to == row.effective_to;
                new.ended_by = row.ended_by.filter(|_| same_end);
            }
        }
    }
    insert(rows, &new)
}

/// Ends what is known of the person's residence in the dwelling on the day: the row is closed, and said again up to the
/// day unless it began on it.
fn ended(entry: &Recorded, fact: &ResidenceEnded, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (person, day, at) = (person_of(entry)?, entry.day()?, entry.position());
    if entry.event().supersedes.is_some() && fact.corrects.is_none() {
        return Err(FoldError::Correction { position: at });
    }
    let mut found = false;
    for row in known::<ResidenceRow>(rows, &Key::of([person]))? {
        let ends = match fact.corrects {
            // The end of a move is told for another day.
            Some(Corrects { entry: old, .. }) => row.ended_by == Some(old),
            None => {
                let runs = row.effective_to.is_none_or(|to| day < to);
                row.dwelling == fact.dwelling && runs && row.effective_from <= day
            }
        };
        if !ends {
            continue;
        }
        found = true;
        rows.close(&RESIDENCE, &row.row(), at)?;
        if row.effective_from < day {
            let (effective_to, end_reason) = (Some(day), Some(fact.reason));
            let ended_by = Some(entry.entry.place.streamseq);
            let recorded_from = at;
            let correction = fact.corrects.map(|corrects| corrects.reason);
            insert(
                rows,
                &ResidenceRow {
                    effective_to,
                    end_reason,
                    ended_by,
                    correction: correction.or(row.correction),
                    recorded_from,
                    ..row
                },
            )?;
        }
    }
    let what = || format!("the residence of {person} in {}", fact.dwelling);
    if found {
        Ok(())
    } else {
        Err(FoldError::Untold {
            position: at,
            what: what(),
        })
    }
}

/// The status that lasts on the effective day ends on it.
fn status_ended(entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (person, day, at) = (person_of(entry)?, entry.day()?, entry.position());
    for row in known::<KandasStatusRow>(rows, &Key::of([person]))? {
        let lasts = row.effective_from <= day && row.effective_to.is_none_or(|to| day < to);
        if !lasts {
            continue;
        }
        rows.close(&KANDAS_STATUS, &row.row(), at)?;
        if row.effective_from < day {
            let shorter = KandasStatusRow {
                effective_to: Some(day),
                recorded_from: at,
                ..row
            };
            insert(rows, &shorter)?;
        }
    }
    Ok(())
}

/// The status that was annulled has no effect from the effective day on; what was added to its end goes with it.
fn status_annulled(entry: &Recorded, began: Day, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (person, day, at) = (person_of(entry)?, entry.day()?, entry.position());
    let mut known = known::<KandasStatusRow>(rows, &Key::of([person]))?;
    known.sort_by_key(|row| row.effective_from);
    let mut next = Some(began);
    for row in known {
        if Some(row.effective_from) != next {
            continue;
        }
        next = row.effective_to;
        if row.effective_to.is_some_and(|to| to <= day) {
            continue;
        }
        rows.close(&KANDAS_STATUS, &row.row(), at)?;
        if row.effective_from < day {
            let shorter = KandasStatusRow {
                effective_to: Some(day),
                recorded_from: at,
                ..row
            };
            insert(rows, &shorter)?;
        }
    }
    Ok(())
}

/// The view of persons, dwellings, residences and stays.
#[derive(Debug, Clone, Copy)]
pub struct Residents;

impl Projection for Residents {
    fn name(&self) -> &'static str {
        "residents"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const {
            &[
                &PERSON,
                &DEATH,
                &KANDAS_STATUS,
                &DWELLING,
                &HOLDING,
                &CONSENT,
                &OVER_NORM,
                &RESIDENCE,
                &STAY,
                &ARRIVAL,
                &FAMILY_CHANGE,
                &REPRESENTATION,
            ]
        }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.person.recorded.v1",
            "kz.qonys.person.died.v1",
            "kz.qonys.person.kandas-status-granted.v1",
            "kz.qonys.person.kandas-status-extended.v1",
            "kz.qonys.person.kandas-status-ended.v1",
            "kz.qonys.person.kandas-status-annulled.v1",
            "kz.qonys.person.residence-registered.v1",
            "kz.qonys.person.residence-ended.v1",
            "kz.qonys.person.stay-registered.v1",
            "kz.qonys.person.stay-extended.v1",
            "kz.qonys.person.stay-ended.v1",
            "kz.qonys.person.arrival-reported.v1",
            "kz.qonys.person.family-changed.v1",
            "kz.qonys.person.representative-appointed.v1",
            "kz.qonys.person.representation-ended.v1",
            "kz.qonys.dwelling.recorded.v1",
            "kz.qonys.dwelling.changed.v1",
            "kz.qonys.dwelling.destroyed.v1",
            "kz.qonys.dwelling.holders-recorded.v1",
            "kz.qonys.dwelling.consent-given.v1",
            "kz.qonys.dwelling.consent-withdrawn.v1",
            "kz.qonys.dwelling.over-norm-found.v1",
        ]
    }

    /// A superseded row's recorded interval is closed and the corrected one opens.
    fn follows_corrections(&self, event_type: &str) -> bool {
        matches!(
            event_type,
            "kz.qonys.person.recorded.v1"
                | "kz.qonys.person.residence-registered.v1"
                | "kz.qonys.person.residence-ended.v1"
                | "kz.qonys.person.stay-registered.v1"
                | "kz.qonys.dwelling.recorded.v1"
        )
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        let (table, subject) = match &entry.event().fact {
            Fact::PersonRecorded(fact) => (&PERSON, Some(fact.person)),
            Fact::StatusGranted(_)
            | Fact::StatusExtended(_)
            | Fact::StatusEnded(_)
            | Fact::StatusAnnulled(_)
            | Fact::PersonDied(_) => (&KANDAS_STATUS, person_of(entry).ok()),
            Fact::ResidenceRegistered(_) | Fact::ResidenceEnded(_) => {
                (&RESIDENCE, person_of(entry).ok())
            }
            Fact::StayRegistered(_) | Fact::StayExtended(_) | Fact::StayEnded(_) => {
                (&STAY, person_of(entry).ok())
            }
            Fact::RepresentativeAppointed(fact) => {
                return family::reads(entry, &fact.representative, &[fact.scope], wanted);
            }
            Fact::RepresentationEnded(fact) => {
                let all = RepresentationScope::ALL;
                return family::reads(entry, &fact.representative, all, wanted);
            }
            _ => return dwellings::reads(entry, wanted),
        };
        if let Some(subject) = subject {
            wanted.known(table, Key::of([subject]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (recorded_from, recorded_to) = (entry.position(), None);
        let effective_to = entry.event().effectiveto;
        match &entry.event().fact {
            Fact::PersonRecorded(fact) => {
                let row = PersonRow {
                    person: fact.person,
                    kind: fact.kind,
                    iin: fact.iin,
                    birth_date: fact.birth_date,
                    document: fact.document,
                    recorded_from,
                    recorded_to,
                };
                replace(rows, &row, recorded_from)
            }
            Fact::PersonDied(_) => {
                let (person, died_on) = (person_of(entry)?, entry.day()?);
                cut::<KandasStatusRow>(rows, &Key::of([person]), died_on, recorded_from)?;
                let row = DeathRow {
                    person,
                    died_on,
                    recorded_from,
                };
                insert(rows, &row)
            }
            Fact::StatusEnded(_) => status_ended(entry, rows),
            Fact::StatusAnnulled(fact) => status_annulled(entry, fact.status_from, rows),
            Fact::StatusGranted(_) | Fact::StatusExtended(_) => {
                let (person, effective_from) = (person_of(entry)?, entry.day()?);
                let row = KandasStatusRow {
                    person,
                    effective_from,
                    effective_to,
                    recorded_from,
                    recorded_to,
                };
                overlay(rows, &row, recorded_from)
            }
            Fact::ResidenceRegistered(fact) => register(entry, fact, rows),
            Fact::ResidenceEnded(fact) => ended(entry, fact, rows),
            Fact::StayRegistered(fact) => stays::register(entry, fact, rows),
            Fact::StayExtended(fact) => stays::extended(entry, fact, rows),
            Fact::StayEnded(fact) => stays::ended(entry, fact, rows),
            Fact::ArrivalReported(fact) => stays::arrived(entry, fact, rows),
            Fact::FamilyChanged(fact) => family::changed(entry, fact, rows),
            Fact::RepresentativeAppointed(fact) => family::appointed(entry, fact, rows),
            Fact::RepresentationEnded(fact) => family::ended(entry, fact, rows),
            _ => dwellings::fold(entry, rows),
        }
    }
}
