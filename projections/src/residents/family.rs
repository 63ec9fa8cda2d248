//! Changes in families and representatives (point 9), by reference. Who the other person of a change is stays sealed.

use qonys_events::{
    fact::{
        dwelling::Holder,
        family::{FamilyChanged, RepresentationEnded, RepresentativeAppointed},
    },
    id::Ref,
    scalar::{Day, Position, Text},
    term::{FamilyChange, RepresentationBasis, RepresentationScope},
};

use super::{dwellings::named, person_of};
use crate::{
    cell::{Json, rows},
    projection::{Changes, FoldError, Recorded, Wanted, cut, insert, overlay},
    table::Key,
};

rows! {
    /// A change in a person's family. It changes no registration, status or inclusion.
    FamilyChangeRow in FAMILY_CHANGE = "family_change" {
        key: [person, recorded_from],
        entity: [],
        indexes: [],
    }
    /// In whose family.
    person: Ref,
    /// What changed.
    change: FamilyChange,
    /// On which day.
    changed_on: Day,
    /// What an official looks at after it: a JSON list, as the entry writes it.
    review: Json,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// Who acts for a person, in what, from when to when.
    RepresentationRow in REPRESENTATION = "representation" {
        key: [person, representative, scope, effective_from, recorded_from],
        entity: [person, representative, scope],
        indexes: [[representative]],
    }
    /// For whom.
    person: Ref,
    /// Who acts: `person/` and a reference, or `organisation/` and a name.
    representative: Text,
    /// In what.
    scope: RepresentationScope,
    /// By what right.
    basis: RepresentationBasis,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

fn key(person: Ref, representative: &Text, scope: RepresentationScope) -> Key {
    Key::of([
        person.to_string(),
        representative.to_string(),
        scope.to_string(),
    ])
}

/// Asks for what is known of a representative in these matters.
pub(super) fn reads(
    entry: &Recorded,
    representative: &Holder,
    scopes: &[RepresentationScope],
    wanted: &mut Wanted,
) {
    let (Ok(person), Ok(name)) = (person_of(entry), named(representative, entry)) else {
        return;
    };
    for scope in scopes {
        wanted.known(&REPRESENTATION, key(person, &name, *scope));
    }
}

/// Writes a change in a family.
pub(super) fn changed(
    entry: &Recorded,
    fact: &FamilyChanged,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let row = FamilyChangeRow {
        person: person_of(entry)?,
        change: fact.change,
        changed_on: entry.day()?,
        review: Json::of(&fact.review)?,
        recorded_from: entry.position(),
    };
    insert(rows, &row)
}

/// Writes who acts for a person.
pub(super) fn appointed(
    entry: &Recorded,
    fact: &RepresentativeAppointed,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let row = RepresentationRow {
        person: person_of(entry)?,
        representative: named(&fact.representative, entry)?,
        scope: fact.scope,
        basis: fact.basis,
        effective_from: entry.day()?,
        effective_to: entry.event().effectiveto,
        recorded_from: entry.position(),
        recorded_to: None,
    };
    overlay(rows, &row, entry.position())
}

/// Ends what somebody does for a person, in every matter.
pub(super) fn ended(
    entry: &Recorded,
    fact: &RepresentationEnded,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let (person, name) = (person_of(entry)?, named(&fact.representative, entry)?);
    for scope in RepresentationScope::ALL {
        let of = key(person, &name, *scope);
        cut::<RepresentationRow>(rows, &of, entry.day()?, entry.position())?;
    }
    Ok(())
}
