//! Dwellings by days, who holds them, who consented to whom, and what was found over the norm (points 9 and 10).

use qonys_events::{
    fact::{Fact, dwelling::Holder},
    id::{Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, SquareDecimetres, Text},
    term::{ConsentScope, HoldingTitle, HousingFund, PremisesUse},
};

use crate::{
    cell::{Json, TableRow as _, rows},
    projection::{Changes, FoldError, Recorded, Wanted, cut, insert, known, overlay},
    table::{Key, Table},
};

rows! {
    /// A dwelling as it is described from a day on. What was recorded first is said of every day.
    DwellingRow in DWELLING = "dwelling" {
        key: [dwelling, effective_from, recorded_from],
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
    /// What it serves for.
    premises: PremisesUse,
    /// Whether it is destroyed.
    destroyed: bool,
    /// First day; 1800-01-01, the first that can be written, stands for "ever since".
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// Whether it is the description that was recorded, and not a change from a day on.
    as_recorded: bool,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// Who holds a dwelling from a day on.
    HoldingRow in HOLDING = "holding" {
        key: [dwelling, effective_from, recorded_from],
        entity: [dwelling],
        indexes: [],
    }
    /// The dwelling.
    dwelling: Ref,
    /// By what right.
    title: HoldingTitle,
    /// Every holder, by reference or name: a JSON list, as the entry writes it.
    holders: Json,
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
    /// A holder's consent to the registration of a person.
    ConsentRow in CONSENT = "consent" {
        key: [dwelling, holder, person, scope, effective_from, recorded_from],
        entity: [dwelling, holder, person, scope],
        indexes: [[person]],
    }
    /// The dwelling.
    dwelling: Ref,
    /// Who consents: `person/` and a reference, or `organisation/` and a name.
    holder: Text,
    /// Whose registration.
    person: Ref,
    /// To what.
    scope: ConsentScope,
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
    /// More residents than the norm of point 10 takes, found when a dwelling was described otherwise. It evicts nobody.
    OverNormRow in OVER_NORM = "over_norm" {
        key: [dwelling, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The dwelling.
    dwelling: Ref,
    /// From which day.
    found_from: Day,
    /// Registered at the place of residence.
    residents: Count,
    /// How many the area takes.
    capacity: Count,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// The first day that can be written: what was recorded of a dwelling is said of every day.
fn ever_since() -> Day {
    Day::new(1800, 1, 1)
}

/// The dwelling in whose stream an entry stands.
fn dwelling_of(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let dwelling = (stream.kind() == StreamKind::Dwelling)
        .then(|| stream.key().parse().ok())
        .flatten();
    dwelling.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

/// A holder as one text.
pub(super) fn named(holder: &Holder, entry: &Recorded) -> Result<Text, FoldError> {
    let text = match holder {
        Holder::Person { person } => format!("person/{person}"),
        Holder::Organisation { organisation } => format!("organisation/{organisation}"),
    };
    text.parse().map_err(|_| FoldError::Stream {
        position: entry.position(),
    })
}

fn consent_key(dwelling: Ref, holder: &Text, person: Ref, scope: ConsentScope) -> Key {
    Key::of([
        dwelling.to_string(),
        holder.to_string(),
        person.to_string(),
        scope.to_string(),
    ])
}

/// Names what the fold of an entry about a dwelling looks up.
pub(super) fn reads(entry: &Recorded, wanted: &mut Wanted) {
    let Ok(dwelling) = dwelling_of(entry) else {
        return;
    };
    let of = |table: &'static Table| (table, Key::of([dwelling]));
    let (table, key) = match &entry.event().fact {
        Fact::DwellingRecorded(_) | Fact::DwellingChanged(_) | Fact::DwellingDestroyed(_) => {
            of(&DWELLING)
        }
        Fact::HoldersRecorded(_) => of(&HOLDING),
        Fact::ConsentGiven(fact) => {
            let Ok(holder) = named(&fact.holder, entry) else {
                return;
            };
            let key = consent_key(dwelling, &holder, fact.person, fact.scope);
            (&CONSENT, key)
        }
        Fact::ConsentWithdrawn(fact) => {
            let Ok(holder) = named(&fact.holder, entry) else {
                return;
            };
            for scope in ConsentScope::ALL {
                wanted.known(
                    &CONSENT,
                    consent_key(dwelling, &holder, fact.person, *scope),
                );
            }
            return;
        }
        _ => return,
    };
    wanted.known(table, key);
}

/// Writes how a dwelling was recorded: what was said so before is closed, and said anew for the same days; changes from
/// later days on stand.
fn recorded(entry: &Recorded, new: &DwellingRow, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (mut said, mut until) = (false, None);
    for row in known::<DwellingRow>(rows, &Key::of([new.dwelling]))? {
        if !row.as_recorded {
            until = Some(until.map_or(row.effective_from, |day: Day| day.min(row.effective_from)));
            continue;
        }
        said = true;
        rows.close(&DWELLING, &row.row(), entry.position())?;
        insert(
            rows,
            &DwellingRow {
                destroyed: row.destroyed,
                effective_from: row.effective_from,
                effective_to: row.effective_to,
                ..new.clone()
            },
        )?;
    }
    if said {
        return Ok(());
    }
    let new = DwellingRow {
        effective_to: until,
        ..new.clone()
    };
    insert(rows, &new)
}

/// Folds an entry about a dwelling.
pub(super) fn fold(entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (recorded_from, recorded_to) = (entry.position(), None);
    let effective_to = entry.event().effectiveto;
    match &entry.event().fact {
        Fact::DwellingRecorded(fact) => {
            let row = DwellingRow {
                dwelling: fact.dwelling,
                fund: fact.fund,
                useful_area: fact.useful_area,
                district: fact.district.clone(),
                premises: fact.premises,
                destroyed: false,
                effective_from: ever_since(),
                effective_to: None,
                as_recorded: true,
                recorded_from,
                recorded_to,
            };
            recorded(entry, &row, rows)
        }
        Fact::DwellingChanged(fact) => {
            let row = DwellingRow {
                dwelling: dwelling_of(entry)?,
                fund: fact.fund,
                useful_area: fact.useful_area,
                district: fact.district.clone(),
                premises: fact.premises,
                destroyed: false,
                effective_from: entry.day()?,
                effective_to: None,
                as_recorded: false,
                recorded_from,
                recorded_to,
            };
            overlay(rows, &row, recorded_from)
        }
        Fact::DwellingDestroyed(_) => destroyed(entry, rows),
        Fact::HoldersRecorded(fact) => {
            let row = HoldingRow {
                dwelling: dwelling_of(entry)?,
                title: fact.title,
                holders: Json::of(&fact.holders)?,
                effective_from: entry.day()?,
                effective_to: None,
                recorded_from,
                recorded_to,
            };
            overlay(rows, &row, recorded_from)
        }
        Fact::ConsentGiven(fact) => {
            let row = ConsentRow {
                dwelling: dwelling_of(entry)?,
                holder: named(&fact.holder, entry)?,
                person: fact.person,
                scope: fact.scope,
                effective_from: entry.day()?,
                effective_to,
                recorded_from,
                recorded_to,
            };
            overlay(rows, &row, recorded_from)
        }
        Fact::ConsentWithdrawn(fact) => {
            let (dwelling, holder) = (dwelling_of(entry)?, named(&fact.holder, entry)?);
            for scope in ConsentScope::ALL {
                let key = consent_key(dwelling, &holder, fact.person, *scope);
                cut::<ConsentRow>(rows, &key, entry.day()?, recorded_from)?;
            }
            Ok(())
        }
        Fact::OverNormFound(fact) => {
            let row = OverNormRow {
                dwelling: dwelling_of(entry)?,
                found_from: entry.day()?,
                residents: fact.residents,
                capacity: fact.capacity,
                recorded_from,
            };
            insert(rows, &row)
        }
        _ => Ok(()),
    }
}

/// Says of every description from the day on that the dwelling is destroyed.
fn destroyed(entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
    let (dwelling, day, at) = (dwelling_of(entry)?, entry.day()?, entry.position());
    for row in known::<DwellingRow>(rows, &Key::of([dwelling]))? {
        if row.effective_to.is_some_and(|to| to <= day) {
            continue;
        }
        rows.close(&DWELLING, &row.row(), at)?;
        let recorded_from = at;
        if row.effective_from < day {
            insert(
                rows,
                &DwellingRow {
                    effective_to: Some(day),
                    recorded_from,
                    ..row.clone()
                },
            )?;
        }
        insert(
            rows,
            &DwellingRow {
                effective_from: row.effective_from.max(day),
                destroyed: true,
                recorded_from,
                ..row
            },
        )?;
    }
    Ok(())
}
