//! Institutions (point 8), each as it is on a day.

use qonys_events::{
    fact::forecast::{FacilityChanged, FacilityRecorded},
    id::Ref,
    scalar::{Count, Day, Position, Slug, Text},
    term::ServiceKind,
};

use crate::{
    cell::rows,
    projection::{Changes, FoldError, Recorded, cut, insert},
    table::Key,
};

rows! {
    /// An institution.
    FacilityRow in FACILITY = "facility" {
        key: [facility, effective_from, recorded_from],
        entity: [facility],
        indexes: [[district, service]],
    }
    /// The institution.
    facility: Ref,
    /// The territory.
    territory: Slug,
    /// Its district, or `not-stated`.
    district: Slug,
    /// What it serves.
    service: ServiceKind,
    /// Its places or jobs.
    capacity: Count,
    /// Where we know it from.
    source: Text,
    /// The first day on which it serves.
    effective_from: Day,
    /// The first day on which it no longer does.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

/// Writes an institution.
pub(super) fn recorded(
    entry: &Recorded,
    fact: &FacilityRecorded,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let row = FacilityRow {
        facility: fact.facility,
        territory: fact.territory.clone(),
        district: fact.district.clone(),
        service: fact.service,
        capacity: fact.capacity,
        source: fact.source.clone(),
        effective_from: fact.opens,
        effective_to: fact.closes,
        recorded_from: entry.position(),
        recorded_to: None,
    };
    insert(rows, &row)
}

/// Says an institution otherwise from a day on.
pub(super) fn changed(
    entry: &Recorded,
    fact: &FacilityChanged,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let (from, at) = (entry.day()?, entry.position());
    cut::<FacilityRow>(rows, &Key::of([fact.facility.to_string()]), from, at)?;
    let row = FacilityRow {
        facility: fact.facility,
        territory: fact.territory.clone(),
        district: fact.district.clone(),
        service: fact.service,
        capacity: fact.capacity,
        source: fact.source.clone(),
        effective_from: from,
        effective_to: fact.closes,
        recorded_from: at,
        recorded_to: None,
    };
    insert(rows, &row)
}
