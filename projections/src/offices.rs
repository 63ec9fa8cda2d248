//! Offices (point 11): where and when they work, which powers they hold by which act and point, who acts for them by which
//! order, and the powers that they exercised by citing the catalogue.

use qonys_events::{
    digest::Sha256Hex,
    fact::{
        Fact,
        amended::{LawCorrected, LawRecord},
        office::{Order, OtherPowerRecorded, PowersVested},
    },
    id::{Ref, StreamKind},
    scalar::{Day, Position, Slug, StreamSeq, Text},
    term::Certainty,
};

use crate::{
    cell::{Cell as _, Json, TableRow as _, rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, cut, insert, known, overlay},
    table::{Key, Table},
};

words! {
    /// What an order gave an official.
    AssignmentKind {
        /// A role with powers of its own.
        Appointment = "appointment",
        /// Everything that an absent official may do.
        Acting = "acting",
        /// Some powers of another.
        Delegation = "delegation",
    }
}

rows! {
    /// A power of the catalogue that no type of decision stands for.
    OtherPowerRow in OTHER_POWER = "other_power" {
        key: [power, document, point, effective_from, recorded_from],
        entity: [power],
        indexes: [],
    }
    /// Its name.
    power: Slug,
    /// Its Kazakh name.
    title_kk: Option<Text>,
    /// Its Russian name.
    title_ru: Option<Text>,
    /// Its English name.
    title_en: Option<Text>,
    /// The document that gives it.
    document: Slug,
    /// Article and point.
    point: Text,
    /// How sure it is.
    certainty: Certainty,
    /// Where it is known from.
    source: Text,
    /// The entry that says so, by its place in the stream of the register.
    entry: StreamSeq,
    /// First day of validity of that article.
    effective_from: Day,
    /// First day after validity.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// An office with its territories.
    OfficeRow in OFFICE = "office" {
        key: [office, effective_from, recorded_from],
        entity: [office],
        indexes: [],
    }
    /// Its name.
    office: Slug,
    /// Its Kazakh name.
    title_kk: Option<Text>,
    /// Its Russian name.
    title_ru: Option<Text>,
    /// Its English name.
    title_en: Option<Text>,
    /// The territories that it works for: a JSON list.
    territories: Json,
    /// The number of the order.
    order_number: Text,
    /// Its day.
    order_dated: Day,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A power that an office holds, by act and point.
    OfficePowerRow in OFFICE_POWER = "office_power" {
        key: [office, power, document, point, effective_from, recorded_from],
        entity: [office, power, document, point],
        indexes: [[power]],
    }
    /// The office.
    office: Slug,
    /// The power: a type of decision, or another power of the catalogue.
    power: Slug,
    /// The document that gives it to the office.
    document: Slug,
    /// Article and point.
    point: Text,
    /// How sure it is.
    certainty: Certainty,
    /// Where it is known from.
    source: Text,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// An appointment, acting or delegation by an order.
    AssignmentRow in ASSIGNMENT = "assignment" {
        key: [office, assignment, effective_from, recorded_from],
        entity: [office, assignment],
        indexes: [[official]],
    }
    /// The office.
    office: Slug,
    /// The entry that began it, by its place in the stream of the office; entries name it in their `policy`.
    assignment: StreamSeq,
    /// What it is.
    kind: AssignmentKind,
    /// The official: a reference.
    official: Ref,
    /// The role of an appointment.
    role: Option<Slug>,
    /// Whom he stands in for, or who delegated to him.
    on_behalf_of: Option<Ref>,
    /// The powers of an appointment or delegation: a JSON list.
    powers: Json,
    /// The number of the order.
    order_number: Text,
    /// Its day.
    order_dated: Day,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A power that was exercised by citing the catalogue.
    PowerExercisedRow in POWER_EXERCISED = "power_exercised" {
        key: [recorded_from],
        entity: [],
        indexes: [[office], [power]],
    }
    /// The position of the entry.
    recorded_from: Position,
    /// The office.
    office: Slug,
    /// The power.
    power: Slug,
    /// The act that gives it.
    act: Option<Slug>,
    /// Article and point.
    point: Option<Text>,
    /// The person that it is about.
    subject: Option<Ref>,
    /// SHA-256 of the act of the office.
    document_sha256: Sha256Hex,
    /// The date of the decision.
    exercised_on: Day,
}

/// The office whose stream an entry stands in.
fn office_of(entry: &Recorded) -> Result<Slug, FoldError> {
    let stream = &entry.entry.place.subject;
    let fits = stream.kind() == StreamKind::Office;
    let office = fits.then(|| stream.key().parse().ok()).flatten();
    office.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

/// The entity of an assignment. Its place stands in the table as a number.
fn assignment_key(office: &Slug, assignment: StreamSeq) -> Key {
    Key(vec![office.value(), assignment.value()])
}

fn vested(entry: &Recorded, fact: &PowersVested) -> Result<Vec<OfficePowerRow>, FoldError> {
    let (office, day) = (office_of(entry)?, entry.day()?);
    let row = |power: &Slug| OfficePowerRow {
        office: office.clone(),
        power: power.clone(),
        document: fact.document.clone(),
        point: fact.point.clone(),
        certainty: fact.certainty,
        source: fact.source.clone(),
        effective_from: day,
        effective_to: entry.event().effectiveto,
        recorded_from: entry.position(),
        recorded_to: None,
    };
    Ok(fact.powers.iter().map(row).collect())
}

/// What an order gave an official; `None` for an entry that assigns nothing.
fn assigned(entry: &Recorded) -> Result<Option<AssignmentRow>, FoldError> {
    let of = |kind, official, order: &Order, powers: &[Slug]| {
        Ok::<_, FoldError>(AssignmentRow {
            office: office_of(entry)?,
            assignment: entry.entry.place.streamseq,
            kind,
            official,
            role: None,
            on_behalf_of: None,
            powers: Json::of(&powers)?,
            order_number: order.number.clone(),
            order_dated: order.dated,
            effective_from: entry.day()?,
            effective_to: entry.event().effectiveto,
            recorded_from: entry.position(),
            recorded_to: None,
        })
    };
    Ok(Some(match &entry.event().fact {
        Fact::OfficialAppointed(fact) => AssignmentRow {
            role: Some(fact.role.clone()),
            ..of(
                AssignmentKind::Appointment,
                fact.official,
                &fact.order,
                &fact.powers,
            )?
        },
        Fact::ActingAppointed(fact) => AssignmentRow {
            on_behalf_of: Some(fact.absent),
            ..of(AssignmentKind::Acting, fact.official, &fact.order, &[])?
        },
        Fact::PowersDelegated(fact) => AssignmentRow {
            on_behalf_of: Some(fact.by),
            ..of(
                AssignmentKind::Delegation,
                fact.official,
                &fact.order,
                &fact.powers,
            )?
        },
        _ => return Ok(None),
    }))
}

/// The power without a type of decision that a correction of the register says anew, if it says one.
fn other_power(corrected: &LawCorrected) -> Option<&OtherPowerRecorded> {
    match &corrected.record {
        LawRecord::OtherPower(power) => Some(power),
        _ => None,
    }
}

fn other_power_row(fact: &OtherPowerRecorded, entry: &Recorded) -> OtherPowerRow {
    OtherPowerRow {
        power: fact.power.clone(),
        title_kk: fact.titles.kk.clone(),
        title_ru: fact.titles.ru.clone(),
        title_en: fact.titles.en.clone(),
        document: fact.document.clone(),
        point: fact.point.clone(),
        certainty: fact.certainty,
        source: fact.source.clone(),
        entry: entry.entry.place.streamseq,
        effective_from: fact.from,
        effective_to: fact.until,
        recorded_from: entry.position(),
        recorded_to: None,
    }
}

/// The view of offices.
#[derive(Debug, Clone, Copy)]
pub struct Offices;

impl Projection for Offices {
    fn name(&self) -> &'static str {
        "offices"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const {
            &[
                &OTHER_POWER,
                &OFFICE,
                &OFFICE_POWER,
                &ASSIGNMENT,
                &POWER_EXERCISED,
            ]
        }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.power.other-recorded.v1",
            "kz.qonys.power.ended.v1",
            "kz.qonys.law.corrected.v1",
            "kz.qonys.office.registered.v1",
            "kz.qonys.office.powers-vested.v1",
            "kz.qonys.office.official-appointed.v1",
            "kz.qonys.office.acting-appointed.v1",
            "kz.qonys.office.powers-delegated.v1",
            "kz.qonys.office.assignment-ended.v1",
            "kz.qonys.office.power-exercised.v1",
            "kz.qonys.office.closed.v1",
        ]
    }

    /// A corrected power stands instead of what its entry said; other corrections of the register are not read here.
    fn follows_corrections(&self, event_type: &str) -> bool {
        event_type == "kz.qonys.law.corrected.v1"
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        let power = match &entry.event().fact {
            Fact::PowerEnded(ended) => Some(&ended.power),
            Fact::LawCorrected(corrected) => other_power(corrected).map(|power| &power.power),
            _ => None,
        };
        if let Some(power) = power {
            return wanted.known(&OTHER_POWER, Key::of([power]));
        }
        let Ok(office) = office_of(entry) else { return };
        match &entry.event().fact {
            Fact::PowersVested(fact) => {
                for power in &fact.powers {
                    let key = [
                        office.to_string(),
                        power.to_string(),
                        fact.document.to_string(),
                        fact.point.to_string(),
                    ];
                    wanted.known(&OFFICE_POWER, Key::of(key));
                }
            }
            Fact::AssignmentEnded(fact) => {
                wanted.known(&ASSIGNMENT, assignment_key(&office, fact.assignment));
            }
            Fact::OfficeRegistered(_) | Fact::OfficeClosed(_) => {
                wanted.known(&OFFICE, Key::of([office]));
            }
            _ => {
                let seq = entry.entry.place.streamseq;
                wanted.known(&ASSIGNMENT, assignment_key(&office, seq));
            }
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let at = entry.position();
        match &entry.event().fact {
            Fact::OtherPowerRecorded(fact) => insert(rows, &other_power_row(fact, entry)),
            Fact::LawCorrected(corrected) => {
                let Some(power) = other_power(corrected) else {
                    return Ok(());
                };
                for kept in known::<OtherPowerRow>(rows, &Key::of([&power.power]))? {
                    if kept.entry == corrected.entry {
                        rows.close(&OTHER_POWER, &kept.row(), at)?;
                    }
                }
                insert(rows, &other_power_row(power, entry))
            }
            Fact::PowerEnded(ended) => {
                for kept in known::<OtherPowerRow>(rows, &Key::of([&ended.power]))? {
                    let ends = (&kept.document, &kept.point) == (&ended.document, &ended.point)
                        && (kept.effective_from, kept.effective_to) == (ended.from, None);
                    if ends {
                        rows.close(&OTHER_POWER, &kept.row(), at)?;
                        let ended = OtherPowerRow {
                            effective_to: Some(ended.until),
                            recorded_from: at,
                            ..kept
                        };
                        insert(rows, &ended)?;
                    }
                }
                Ok(())
            }
            Fact::OfficeRegistered(fact) => {
                let row = OfficeRow {
                    office: fact.office.clone(),
                    title_kk: fact.titles.kk.clone(),
                    title_ru: fact.titles.ru.clone(),
                    title_en: fact.titles.en.clone(),
                    territories: Json::of(&fact.territories)?,
                    order_number: fact.order.number.clone(),
                    order_dated: fact.order.dated,
                    effective_from: entry.day()?,
                    effective_to: entry.event().effectiveto,
                    recorded_from: at,
                    recorded_to: None,
                };
                overlay(rows, &row, at)
            }
            Fact::OfficeClosed(_) => {
                let key = Key::of([office_of(entry)?]);
                cut::<OfficeRow>(rows, &key, entry.day()?, at).map(drop)
            }
            Fact::PowersVested(fact) => {
                for row in vested(entry, fact)? {
                    overlay(rows, &row, at)?;
                }
                Ok(())
            }
            Fact::AssignmentEnded(fact) => {
                let key = assignment_key(&office_of(entry)?, fact.assignment);
                cut::<AssignmentRow>(rows, &key, entry.day()?, at).map(drop)
            }
            Fact::PowerExercised(fact) => {
                let row = PowerExercisedRow {
                    recorded_from: at,
                    office: office_of(entry)?,
                    power: fact.power.clone(),
                    act: entry.event().act.clone(),
                    point: entry.event().point.clone(),
                    subject: fact.subject,
                    document_sha256: fact.document,
                    exercised_on: entry.event().decidedon.map_or_else(|| entry.day(), Ok)?,
                };
                insert(rows, &row)
            }
            _ => match assigned(entry)? {
                Some(row) => overlay(rows, &row, at),
                None => Ok(()),
            },
        }
    }
}
