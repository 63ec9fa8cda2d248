//! Persons, dwellings, residences and stays (points 9 and 10), by reference. No plaintext stands in any row.

use std::collections::BTreeMap;

use qonys_events::{
    fact::{
        Fact,
        registration::{NormCheck, ResidenceEnded, ResidenceRegistered},
    },
    id::{Ref, StreamKind},
    scalar::{Day, Position, Slug, SquareDecimetres},
    term::{
        AgeClass, ConsentKind, HousingFund, OverNormGround, PersonKind, RegisteringBody,
        ResidenceEnd,
    },
};

use crate::{
    cell::{TableRow as _, rows, words},
    projection::{
        Changes, FoldError, Projection, Recorded, Wanted, insert, known, overlay, replace,
    },
    table::{Key, Table},
};

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
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
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
    /// A dwelling as it was recorded. What is recorded of it is said of every day: a dwelling is described, not decided.
    DwellingRow in DWELLING = "dwelling" {
        key: [dwelling, recorded_from],
        entity: [dwelling],
        indexes: [[district]],
    }
    /// The reference.
    dwelling: Ref,
    /// The fund that it belongs to.
    fund: HousingFund,
    /// Useful area.
    useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    district: Slug,
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
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A person's temporary stay in a dwelling. It may stand beside a residence.
    StayRow in STAY = "stay" {
        key: [person, effective_from, dwelling, recorded_from],
        entity: [],
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
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// Persons by district on a day, among rows as known at one position; `not-stated` is a district like the others, so the
/// figures add up to the city. Stays are counted by their own rows, never together with residences.
pub fn by_district<'a>(
    residences: impl IntoIterator<Item = &'a ResidenceRow>,
    day: Day,
) -> BTreeMap<&'a Slug, u64> {
    let mut counts = BTreeMap::new();
    for row in residences {
        if row.effective_from <= day && row.effective_to.is_none_or(|to| day < to) {
            *counts.entry(&row.district).or_insert(0) += 1;
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
        recorded_from: entry.position(),
        recorded_to: None,
    })
}

/// Ends what is known of the person's residence in the dwelling on the day: the row is closed, and said again up to the
/// day unless it began on it.
fn ended(entry: &Recorded, fact: &ResidenceEnded, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (person, day, at) = (person_of(entry)?, entry.day()?, entry.position());
    let mut found = false;
    for row in known::<ResidenceRow>(rows, &Key::of([person]))? {
        let runs = row.effective_to.is_none_or(|to| day < to);
        if row.dwelling != fact.dwelling || !runs || day < row.effective_from {
            continue;
        }
        found = true;
        rows.close(&RESIDENCE, &row.row(), at)?;
        if row.effective_from < day {
            let (effective_to, end_reason) = (Some(day), Some(fact.reason));
            let recorded_from = at;
            insert(
                rows,
                &ResidenceRow {
                    effective_to,
                    end_reason,
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
        const { &[&PERSON, &KANDAS_STATUS, &DWELLING, &RESIDENCE, &STAY] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.person.recorded.v1",
            "kz.qonys.person.kandas-status-granted.v1",
            "kz.qonys.person.kandas-status-extended.v1",
            "kz.qonys.person.kandas-status-ended.v1",
            "kz.qonys.person.residence-registered.v1",
            "kz.qonys.person.residence-ended.v1",
            "kz.qonys.person.stay-registered.v1",
            "kz.qonys.dwelling.recorded.v1",
        ]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        let (table, subject) = match &entry.event().fact {
            Fact::PersonRecorded(fact) => (&PERSON, Some(fact.person)),
            Fact::StatusGranted(_) | Fact::StatusExtended(_) | Fact::StatusEnded(_) => {
                (&KANDAS_STATUS, person_of(entry).ok())
            }
            Fact::ResidenceRegistered(_) | Fact::ResidenceEnded(_) => {
                (&RESIDENCE, person_of(entry).ok())
            }
            Fact::DwellingRecorded(fact) => (&DWELLING, Some(fact.dwelling)),
            _ => return,
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
                    recorded_from,
                    recorded_to,
                };
                replace(rows, &row, recorded_from)
            }
            Fact::StatusEnded(_) => status_ended(entry, rows),
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
            Fact::DwellingRecorded(fact) => {
                let row = DwellingRow {
                    dwelling: fact.dwelling,
                    fund: fact.fund,
                    useful_area: fact.useful_area,
                    district: fact.district.clone(),
                    recorded_from,
                    recorded_to,
                };
                replace(rows, &row, recorded_from)
            }
            Fact::ResidenceRegistered(fact) => insert(rows, &registered(entry, fact)?),
            Fact::ResidenceEnded(fact) => ended(entry, fact, rows),
            Fact::StayRegistered(fact) => {
                let row = StayRow {
                    person: person_of(entry)?,
                    dwelling: fact.dwelling,
                    district: fact.district.clone(),
                    body: fact.body,
                    consent: fact.consent,
                    effective_from: entry.day()?,
                    effective_to,
                    recorded_from,
                };
                insert(rows, &row)
            }
            _ => Ok(()),
        }
    }
}
