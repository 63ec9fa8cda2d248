//! The ledger of foreign labour (points 5 and 11): shares by the act that distributed them, permits as they stand on a day,
//! and what is left of each year. A share that is not recorded is unknown, and shown so.

use qonys_events::{
    fact::Fact,
    id::{Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Year},
    term::LabourCategory,
};

use crate::{
    cell::{Cell as _, rows, words},
    projection::{
        Changes, FoldError, Projection, Recorded, Wanted, insert, known, overlay, replace,
    },
    table::{Key, Table},
};

words! {
    /// Where a permit stands.
    PermitState {
        /// It is valid on its days.
        Valid = "valid",
        /// It is suspended.
        Suspended = "suspended",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
    }
}

rows! {
    /// What an act distributed to a territory.
    LabourShareRow in LABOUR_SHARE = "labour_share" {
        key: [territory, year, category, recorded_from],
        entity: [],
        indexes: [[act]],
    }
    /// The territory.
    territory: Slug,
    /// The year.
    year: Year,
    /// The category.
    category: LabourCategory,
    /// Its places.
    places: Count,
    /// The act.
    act: Slug,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A permit as it stands from a day.
    LabourPermitRow in LABOUR_PERMIT = "labour_permit" {
        key: [permit, effective_from, recorded_from],
        entity: [permit],
        indexes: [[territory], [employer]],
    }
    /// The permit.
    permit: Ref,
    /// The territory.
    territory: Slug,
    /// The employer.
    employer: Slug,
    /// The category.
    category: LabourCategory,
    /// For how many workers.
    workers: Count,
    /// The ground on which the quota does not count it.
    outside_quota: Option<Slug>,
    /// Where it stands.
    state: PermitState,
    /// First day after it, by the last extension.
    until_day: Day,
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
    /// The ledger of a territory, year and category; years are those of the decisions.
    LabourLedgerRow in LABOUR_LEDGER = "labour_ledger" {
        key: [territory, year, category, recorded_from],
        entity: [territory, year, category],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// The year.
    year: Year,
    /// The category.
    category: LabourCategory,
    /// The share by the act that was recorded last; null while it is unknown.
    share: Option<Count>,
    /// Workers in permits that were granted inside the quota.
    granted: Count,
    /// Places that extensions took.
    extended: Count,
    /// Workers in permits outside the quota.
    outside_quota: Count,
    /// Workers in permits that were suspended.
    suspended: Count,
    /// Workers in permits that were withdrawn.
    withdrawn: Count,
    /// The share less what was granted and extended; null while the share is unknown, negative where an act cut it below.
    places_left: Option<i64>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

impl LabourLedgerRow {
    fn blank(territory: &Slug, year: Year, category: LabourCategory, at: Position) -> Self {
        Self {
            territory: territory.clone(),
            year,
            category,
            share: None,
            granted: Count(0),
            extended: Count(0),
            outside_quota: Count(0),
            suspended: Count(0),
            withdrawn: Count(0),
            places_left: None,
            recorded_from: at,
            recorded_to: None,
        }
    }

    fn reckon(&mut self) {
        let number = |count: Count| i64::try_from(count.0).unwrap_or(i64::MAX);
        let taken = number(self.granted).saturating_add(number(self.extended));
        self.places_left = self.share.map(|share| number(share).saturating_sub(taken));
    }
}

fn territory_of(entry: &Recorded) -> Result<Slug, FoldError> {
    let stream = &entry.entry.place.subject;
    let fits = stream.kind() == StreamKind::ForeignLabour;
    let territory = fits.then(|| stream.key().parse().ok()).flatten();
    territory.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

fn decided_in(entry: &Recorded) -> Result<Year, FoldError> {
    let day = entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })?;
    Ok(day.year())
}

/// The entity of a line of the ledger. Its year stands in the table as a number.
fn ledger_key(territory: &Slug, year: Year, category: LabourCategory) -> Key {
    Key(vec![territory.value(), year.value(), category.value()])
}

/// Changes a line of the ledger.
fn reckon(
    territory: &Slug,
    year: Year,
    category: LabourCategory,
    at: Position,
    rows: &mut dyn Changes,
    change: impl FnOnce(&mut LabourLedgerRow),
) -> Result<(), FoldError> {
    let found = known::<LabourLedgerRow>(rows, &ledger_key(territory, year, category))?;
    let mut row = found
        .into_iter()
        .next()
        .unwrap_or_else(|| LabourLedgerRow::blank(territory, year, category, at));
    change(&mut row);
    row.reckon();
    (row.recorded_from, row.recorded_to) = (at, None);
    replace(rows, &row, at)
}

/// The permit of an entry, and the state to which a step leads.
fn stepped(fact: &Fact) -> Option<(Ref, PermitState)> {
    match fact {
        Fact::LabourPermitExtended(fact) => Some((fact.permit, PermitState::Valid)),
        Fact::LabourPermitSuspended(fact) => Some((fact.permit, PermitState::Suspended)),
        Fact::LabourPermitResumed(fact) => Some((fact.permit, PermitState::Valid)),
        Fact::LabourPermitWithdrawn(fact) => Some((fact.permit, PermitState::Withdrawn)),
        _ => None,
    }
}

/// Writes a step of a permit, and what it changes in the ledger.
fn step(
    entry: &Recorded,
    permit: Ref,
    state: PermitState,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let at = entry.position();
    let found = known::<LabourPermitRow>(rows, &Key::of([permit]))?;
    let last = found.into_iter().max_by_key(|row| row.effective_from);
    let mut row = last.ok_or_else(|| FoldError::Untold {
        position: at,
        what: format!("permit {permit}"),
    })?;
    if let (Fact::LabourPermitExtended(_), Some(until)) =
        (&entry.event().fact, entry.event().effectiveto)
    {
        row.until_day = until;
    }
    row.state = state;
    let withdrawn = state == PermitState::Withdrawn;
    row.effective_from = entry.day()?;
    row.effective_to = (!withdrawn).then_some(row.until_day);
    (row.recorded_from, row.recorded_to) = (at, None);
    overlay(rows, &row, at)?;
    let (territory, year) = (territory_of(entry)?, decided_in(entry)?);
    reckon(
        &territory,
        year,
        row.category,
        at,
        rows,
        |ledger| match &entry.event().fact {
            Fact::LabourPermitExtended(fact) => ledger.extended.0 += fact.counted.0,
            Fact::LabourPermitSuspended(_) => ledger.suspended.0 += row.workers.0,
            Fact::LabourPermitWithdrawn(_) => ledger.withdrawn.0 += row.workers.0,
            _ => {}
        },
    )
}

/// The view of the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Labour;

impl Projection for Labour {
    fn name(&self) -> &'static str {
        "labour"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&LABOUR_SHARE, &LABOUR_PERMIT, &LABOUR_LEDGER] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.foreign-labour.share-distributed.v1",
            "kz.qonys.foreign-labour.permit-granted.v1",
            "kz.qonys.foreign-labour.permit-extended.v1",
            "kz.qonys.foreign-labour.permit-suspended.v1",
            "kz.qonys.foreign-labour.permit-resumed.v1",
            "kz.qonys.foreign-labour.permit-withdrawn.v1",
        ]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        let (Ok(territory), year) = (territory_of(entry), decided_in(entry)) else {
            return;
        };
        match &entry.event().fact {
            Fact::ShareDistributed(fact) => {
                for line in &fact.lines {
                    let key = ledger_key(&territory, fact.year, line.category);
                    wanted.known(&LABOUR_LEDGER, key);
                }
            }
            Fact::LabourPermitGranted(fact) => {
                wanted.known(&LABOUR_PERMIT, Key::of([fact.permit]));
                if let Ok(year) = year {
                    let key = ledger_key(&territory, year, fact.category);
                    wanted.known(&LABOUR_LEDGER, key);
                }
            }
            fact => {
                let (Some((permit, _)), Ok(year)) = (stepped(fact), year) else {
                    return;
                };
                wanted.known(&LABOUR_PERMIT, Key::of([permit]));
                // The category stands in the permit's row, which is not read yet.
                for category in LabourCategory::ALL {
                    let key = ledger_key(&territory, year, *category);
                    wanted.known(&LABOUR_LEDGER, key);
                }
            }
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (at, territory) = (entry.position(), territory_of(entry)?);
        match &entry.event().fact {
            Fact::ShareDistributed(fact) => {
                for line in &fact.lines {
                    let row = LabourShareRow {
                        territory: fact.territory.clone(),
                        year: fact.year,
                        category: line.category,
                        places: line.places,
                        act: fact.act.clone(),
                        recorded_from: at,
                    };
                    insert(rows, &row)?;
                    let share = Some(line.places);
                    reckon(&territory, fact.year, line.category, at, rows, |ledger| {
                        ledger.share = share;
                    })?;
                }
                Ok(())
            }
            Fact::LabourPermitGranted(fact) => {
                let day = entry.day()?;
                let until = entry.event().effectiveto.unwrap_or(day);
                let row = LabourPermitRow {
                    permit: fact.permit,
                    territory: territory.clone(),
                    employer: fact.employer.clone(),
                    category: fact.category,
                    workers: fact.workers,
                    outside_quota: fact.outside_quota.clone(),
                    state: PermitState::Valid,
                    until_day: until,
                    effective_from: day,
                    effective_to: Some(until),
                    recorded_from: at,
                    recorded_to: None,
                };
                overlay(rows, &row, at)?;
                let year = decided_in(entry)?;
                reckon(&territory, year, fact.category, at, rows, |ledger| {
                    if fact.outside_quota.is_some() {
                        ledger.outside_quota.0 += fact.workers.0;
                    } else {
                        ledger.granted.0 += fact.workers.0;
                    }
                })
            }
            fact => match stepped(fact) {
                Some((permit, state)) => step(entry, permit, state, rows),
                None => Ok(()),
            },
        }
    }
}
