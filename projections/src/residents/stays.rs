//! Temporary stays and arrivals of immigrants (point 9).

use qonys_events::{
    fact::registration::{ArrivalReported, Corrects, StayEnded, StayExtended, StayRegistered},
    id::Ref,
    scalar::{Day, Position, Slug, StreamSeq},
    term::{ConsentKind, CorrectionReason, RegisteringBody, StayEnd, StayLimit, Timeliness},
};

use super::person_of;
use crate::{
    cell::{TableRow as _, rows},
    projection::{Changes, FoldError, Recorded, insert, known},
    table::Key,
};

rows! {
    /// A person's temporary stay in a dwelling. It may stand beside a residence.
    StayRow in STAY = "stay" {
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
    /// How it stands to the limits for immigrants.
    day_limit: StayLimit,
    /// Whether the registration came later than the term in force.
    late: bool,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// Why it ended before its last day; null unless it did.
    end_reason: Option<StayEnd>,
    /// The place in the person's stream of the entry that says so: a correction names it.
    entry: StreamSeq,
    /// Why it was recorded otherwise before; null where it was not.
    correction: Option<CorrectionReason>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A host's report of the arrival of an immigrant.
    ArrivalRow in ARRIVAL = "arrival" {
        key: [recorded_from],
        entity: [],
        indexes: [[person], [dwelling]],
    }
    /// The immigrant.
    person: Ref,
    /// Where he arrived.
    dwelling: Ref,
    /// When he arrived.
    arrived_on: Day,
    /// When it was reported.
    reported_on: Option<Day>,
    /// Whether the term was kept.
    timeliness: Timeliness,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// Writes a stay; one that corrects another stands instead of it.
pub(super) fn register(
    entry: &Recorded,
    fact: &StayRegistered,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let person = person_of(entry)?;
    if let Some(Corrects { entry: old, .. }) = fact.corrects {
        for row in known::<StayRow>(rows, &Key::of([person]))? {
            if row.entry == old {
                rows.close(&STAY, &row.row(), entry.position())?;
            }
        }
    }
    let row = StayRow {
        person,
        dwelling: fact.dwelling,
        district: fact.district.clone(),
        body: fact.body,
        consent: fact.consent,
        day_limit: fact.limit,
        late: fact.late,
        effective_from: entry.day()?,
        effective_to: entry.event().effectiveto,
        end_reason: None,
        entry: entry.entry.place.streamseq,
        correction: fact.corrects.map(|corrects| corrects.reason),
        recorded_from: entry.position(),
        recorded_to: None,
    };
    insert(rows, &row)
}

/// Says the stays that a condition chooses in another way from this entry on; it is an error when there is none.
fn retold(
    entry: &Recorded,
    dwelling: Ref,
    rows: &mut dyn Changes,
    chosen: impl Fn(&StayRow) -> bool,
    tell: impl Fn(StayRow) -> Option<StayRow>,
) -> Result<(), FoldError> {
    let (person, at) = (person_of(entry)?, entry.position());
    let mut found = false;
    for row in known::<StayRow>(rows, &Key::of([person]))? {
        if row.dwelling != dwelling || !chosen(&row) {
            continue;
        }
        found = true;
        rows.close(&STAY, &row.row(), at)?;
        if let Some(told) = tell(row) {
            let recorded_from = at;
            insert(
                rows,
                &StayRow {
                    recorded_from,
                    ..told
                },
            )?;
        }
    }
    let what = || format!("the stay of {person} in {dwelling}");
    if found {
        Ok(())
    } else {
        Err(FoldError::Untold {
            position: at,
            what: what(),
        })
    }
}

/// Makes the stay that ends where the new days begin longer by them.
pub(super) fn extended(
    entry: &Recorded,
    fact: &StayExtended,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let (from, effective_to) = (entry.day()?, entry.event().effectiveto);
    let ends_there = |row: &StayRow| row.effective_to == Some(from);
    retold(entry, fact.dwelling, rows, ends_there, |row| {
        Some(StayRow {
            effective_to,
            day_limit: fact.limit,
            ..row
        })
    })
}

/// Ends the stay that has the day.
pub(super) fn ended(
    entry: &Recorded,
    fact: &StayEnded,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let day = entry.day()?;
    let has_day =
        |row: &StayRow| row.effective_from <= day && row.effective_to.is_none_or(|to| day < to);
    retold(entry, fact.dwelling, rows, has_day, |row| {
        (row.effective_from < day).then_some(StayRow {
            effective_to: Some(day),
            end_reason: Some(fact.reason),
            ..row
        })
    })
}

/// Writes a host's report.
pub(super) fn arrived(
    entry: &Recorded,
    fact: &ArrivalReported,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let row = ArrivalRow {
        person: person_of(entry)?,
        dwelling: fact.dwelling,
        arrived_on: entry.day()?,
        reported_on: entry.event().decidedon,
        timeliness: fact.timeliness,
        recorded_from: entry.position(),
    };
    insert(rows, &row)
}

/// On how many of `window` days up to and with `last` a person stayed somewhere, among rows as known at one position. A
/// day at two places counts once.
pub fn days_stayed<'a>(
    stays: impl IntoIterator<Item = &'a StayRow>,
    window: u64,
    last: Day,
) -> u64 {
    let stays: Vec<&StayRow> = stays.into_iter().collect();
    let back = i64::try_from(window).unwrap_or(0);
    let days = (0..back).map(|back| last.plus_days(-back));
    let stayed = days.filter(|day| {
        stays
            .iter()
            .any(|row| row.effective_from <= *day && row.effective_to.is_none_or(|to| *day < to))
    });
    stayed.count() as u64
}
