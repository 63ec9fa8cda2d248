//! The register of acts in memory: small (hundreds of rows), so that status, wordings, norms, powers and territories are
//! computed for any day and any recorded position. Folded from entries, or read from the rows of the view.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    scalar::{Day, Position, Slug},
    term::{ActDate, Category, Certainty, DecisionType, TerritoryChange},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ACT, ACT_DATE, ACT_DETERMINATION, ActDateRow, ActRow, DeterminationRow, LawRow, NORM, NormRow,
    POWER, PowerRow, TERRITORY_CHANGE, TerritoryRow, law_row,
    status::{Evidence, ForceFrom, Reason, Status},
};
use crate::{
    cell::TableRow as _,
    projection::{FoldError, Recorded},
    table::{Row, Table},
};

/// As of the last entry that was taken.
pub const LATEST: Position = Position(u64::MAX);

#[derive(Debug, Clone)]
struct Act {
    row: ActRow,
    repeals: Vec<Slug>,
}

/// The register, with everything that was ever recorded.
#[derive(Debug, Clone, Default)]
pub struct Register {
    acts: BTreeMap<Slug, Vec<Act>>,
    dates: BTreeMap<Slug, Vec<ActDateRow>>,
    determinations: BTreeMap<Slug, Vec<DeterminationRow>>,
    norms: BTreeMap<Slug, Vec<NormRow>>,
    powers: Vec<PowerRow>,
    territories: Vec<TerritoryRow>,
}

/// The wording of a document on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Wording {
    /// The wording that entered into force last; `None` while none did.
    pub wording: Option<Slug>,
    /// The act that sets it.
    pub act: Option<Slug>,
    /// How that act stands. The repeal of an amending act does not revive the wording before it.
    pub status: Status,
}

/// Whether a territory is determined for settling a category on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "territory")]
pub enum Determined {
    /// By this act.
    Yes {
        /// The act.
        act: Slug,
        /// How sure it is that the act is in force.
        certainty: Certainty,
    },
    /// No act in force determines it, or this one excludes it.
    No {
        /// The act that excludes it.
        excluded_by: Option<Slug>,
    },
    /// Whether this act is in force is not known.
    Unknown {
        /// The act.
        act: Slug,
    },
}

/// The last of the rows that were recorded up to a position.
fn last<T>(rows: &[T], as_of: Position, recorded: impl Fn(&T) -> Position) -> Option<&T> {
    rows.iter()
        .filter(|row| recorded(row) <= as_of)
        .max_by_key(|row| recorded(row))
}

impl Register {
    /// Takes what an entry says about the law; entries about other things change nothing.
    pub fn fold(&mut self, entry: &Recorded) -> Result<(), FoldError> {
        law_row(entry)?.map_or(Ok(()), |row| self.take(row))
    }

    /// Takes one row, in any order.
    pub fn take(&mut self, row: LawRow) -> Result<(), FoldError> {
        match row {
            LawRow::Act(row) => {
                let repeals = row.repeals.parse()?;
                self.acts
                    .entry(row.act.clone())
                    .or_default()
                    .push(Act { row: *row, repeals });
            }
            LawRow::Date(row) => self.dates.entry(row.act.clone()).or_default().push(row),
            LawRow::Determination(row) => {
                self.determinations
                    .entry(row.act.clone())
                    .or_default()
                    .push(row);
            }
            LawRow::Norm(row) => self.norms.entry(row.norm.clone()).or_default().push(row),
            LawRow::Power(row) => self.powers.push(row),
            LawRow::Territory(row) => self.territories.push(row),
            // Terms are counted where decisions are made; the register answers nothing about them.
            LawRow::Calendar(_) | LawRow::Succession(_) => {}
        }
        Ok(())
    }

    /// Takes a row of one of the tables of the view [`super::Acts`]; rows of other tables change nothing. Rows that were
    /// closed may be among them.
    pub fn take_row(&mut self, table: &Table, row: &Row) -> Result<(), FoldError> {
        let row = match table.name {
            name if name == ACT.name => LawRow::Act(Box::new(ActRow::read(row)?)),
            name if name == ACT_DATE.name => LawRow::Date(ActDateRow::read(row)?),
            name if name == ACT_DETERMINATION.name => {
                LawRow::Determination(DeterminationRow::read(row)?)
            }
            name if name == NORM.name => LawRow::Norm(NormRow::read(row)?),
            name if name == POWER.name => LawRow::Power(PowerRow::read(row)?),
            name if name == TERRITORY_CHANGE.name => LawRow::Territory(TerritoryRow::read(row)?),
            _ => return Ok(()),
        };
        self.take(row)
    }

    /// The names of all acts recorded up to a position.
    pub fn acts(&self, as_of: Position) -> impl Iterator<Item = &ActRow> {
        self.acts
            .values()
            .filter_map(move |versions| Self::version(versions, as_of))
            .map(|a| &a.row)
    }

    /// An act as it was recorded up to a position.
    pub fn act(&self, act: &Slug, as_of: Position) -> Option<&ActRow> {
        self.version_of(act, as_of).map(|act| &act.row)
    }

    fn version(versions: &[Act], as_of: Position) -> Option<&Act> {
        last(versions, as_of, |act| act.row.recorded_from)
    }

    fn version_of(&self, act: &Slug, as_of: Position) -> Option<&Act> {
        self.acts
            .get(act)
            .and_then(|versions| Self::version(versions, as_of))
    }

    /// The evidence about an act; `None` when it is not in the register.
    pub fn evidence(&self, act: &Slug, as_of: Position) -> Option<Evidence> {
        let row = self.act(act, as_of)?;
        let later = |kind| {
            let dates = self
                .dates
                .get(act)?
                .iter()
                .filter(|date| date.date_kind == kind);
            let dates = dates.filter(|date| date.recorded_from <= as_of);
            dates
                .max_by_key(|date| date.recorded_from)
                .map(|date| date.on_day)
        };
        let determinations = self
            .determinations
            .get(act)
            .map(Vec::as_slice)
            .unwrap_or_default();
        Some(Evidence {
            adopted: later(ActDate::Adopted).or(row.adopted_on),
            registered: later(ActDate::Registered).or(row.registered_on),
            published: later(ActDate::Published).or(row.published_on),
            in_force: later(ActDate::InForce).or(row.in_force_on),
            days_after_publication: row.days_after_publication.map(|days| days.0),
            determined: last(determinations, as_of, |d| d.recorded_from).map(|d| d.in_force_from),
        })
    }

    /// When an act enters into force; `None` when it is not in the register.
    pub fn force_from(&self, act: &Slug, as_of: Position) -> Option<ForceFrom> {
        self.evidence(act, as_of)
            .map(|evidence| evidence.force_from())
    }

    fn entered(&self, act: &Slug, day: Day, as_of: Position) -> Status {
        match self.force_from(act, as_of) {
            Some(entry) => entry.on(day),
            None => Status::Unknown {
                reason: Reason::NotRecorded,
            },
        }
    }

    /// How an act stands on a day, by what was recorded up to a position. An act loses force on the day on which an act
    /// that repeals it enters into force, and does not get it back when that one falls.
    pub fn status(&self, act: &Slug, day: Day, as_of: Position) -> Status {
        let own = self.entered(act, day, as_of);
        let versions = self
            .acts
            .values()
            .filter_map(|versions| Self::version(versions, as_of));
        let repealing = versions
            .filter(|other| other.repeals.contains(act))
            .map(|other| &other.row.act);
        let mut first: Option<Status> = None;
        let mut unknown = None;
        for by in repealing {
            match self.entered(by, day, as_of) {
                Status::InForce { from, certainty } => {
                    let later =
                        matches!(&first, Some(Status::Repealed { from: f, .. }) if *f <= from);
                    if !later {
                        first = Some(Status::Repealed {
                            from,
                            by: by.clone(),
                            certainty,
                        });
                    }
                }
                Status::Unknown { .. } => unknown = Some(by.clone()),
                Status::NotYet { .. } | Status::Repealed { .. } => {}
            }
        }
        match (first, unknown, own) {
            (Some(repealed), ..) => repealed,
            (None, Some(by), Status::InForce { .. } | Status::Unknown { .. }) => Status::Unknown {
                reason: Reason::RepealUnknown { by },
            },
            (None, _, own) => own,
        }
    }

    /// The wording of a document on a day: set by the act that entered into force last among the document's first act and
    /// the acts that amend it. It falls with the act that sets it and with the document's first act. One of these acts that
    /// may have entered into force makes the answer unknown, unless the document has surely fallen.
    pub fn wording(&self, document: &Slug, day: Day, as_of: Position) -> Wording {
        let mut last: Option<(Day, &ActRow)> = None;
        let mut unknown: Option<(&ActRow, Status)> = None;
        let mut not_yet: Option<Day> = None;
        for act in self.acts(as_of).filter(|act| act.document == *document) {
            match self.entered(&act.act, day, as_of) {
                Status::InForce { from, .. } => {
                    if last.is_none_or(|(f, a)| (f, a.recorded_from) < (from, act.recorded_from)) {
                        last = Some((from, act));
                    }
                }
                Status::NotYet { earliest } => {
                    not_yet = Some(not_yet.map_or(earliest, |day| day.min(earliest)));
                }
                status => unknown = Some((act, status)),
            }
        }
        let found = |act: &ActRow, status| Wording {
            wording: Some(act.wording.clone()),
            act: Some(act.act.clone()),
            status,
        };
        let none = |status| Wording {
            wording: None,
            act: None,
            status,
        };
        let Some((_, act)) = last else {
            return match (unknown, not_yet) {
                (Some((act, status)), _) => found(act, status),
                (None, Some(earliest)) => none(Status::NotYet { earliest }),
                (None, None) => none(Status::Unknown {
                    reason: Reason::NotRecorded,
                }),
            };
        };
        let own = self.status(&act.act, day, as_of);
        let first = self.status(document, day, as_of);
        match (&own, &first, unknown) {
            (Status::Repealed { .. }, ..) => found(act, own),
            (_, Status::Repealed { .. }, _) => found(act, first),
            (_, _, Some((act, status))) => found(act, status),
            (Status::InForce { .. }, Status::InForce { .. }, None) => found(act, own),
            (Status::InForce { .. }, _, None) => found(act, first),
            (_, _, None) => found(act, own),
        }
    }

    /// The norm that is valid on a day under a name: of several, the one recorded last.
    pub fn norm(&self, name: &Slug, day: Day, as_of: Position) -> Option<&NormRow> {
        let valid = self
            .norms
            .get(name)?
            .iter()
            .filter(|norm| norm.recorded_from <= as_of);
        let valid = valid.filter(|norm| norm.recorded_to.is_none_or(|to| as_of < to));
        let valid = valid.filter(|norm| {
            norm.effective_from <= day && norm.effective_to.is_none_or(|to| day < to)
        });
        valid.max_by_key(|norm| norm.recorded_from)
    }

    /// The powers recorded for a type of decision whose articles are valid on a day, by document and point; of several
    /// for one article, the one recorded last. Whether the document is in force is asked of [`Register::wording`].
    pub fn powers(&self, decision: DecisionType, day: Day, as_of: Position) -> Vec<&PowerRow> {
        let valid = self.powers.iter().filter(|power| {
            power.decision_type == decision
                && power.recorded_from <= as_of
                && power.recorded_to.is_none_or(|to| as_of < to)
                && power.effective_from <= day
                && power.effective_to.is_none_or(|to| day < to)
        });
        let mut by_article = BTreeMap::new();
        for power in valid {
            let kept = by_article
                .entry((&power.document, &power.point))
                .or_insert(power);
            if kept.recorded_from < power.recorded_from {
                *kept = power;
            }
        }
        by_article.into_values().collect()
    }

    /// Whether a territory is determined for a category on a day: by the act that entered into force last among those in
    /// force; unknown as soon as one of them is.
    pub fn determined(
        &self,
        category: Category,
        territory: &Slug,
        day: Day,
        as_of: Position,
    ) -> Determined {
        let changes = self.territories.iter().filter(|change| {
            change.recorded_from <= as_of
                && change.category == category
                && change.territory == *territory
        });
        let mut found: Option<(Day, Position, Determined)> = None;
        for change in changes {
            let act = change.act.clone();
            match self.status(&change.act, day, as_of) {
                Status::InForce { from, certainty } => {
                    let at = change.recorded_from;
                    if found.as_ref().is_none_or(|(f, p, _)| (*f, *p) < (from, at)) {
                        let determined = match change.change_kind {
                            TerritoryChange::Determined => Determined::Yes { act, certainty },
                            TerritoryChange::Excluded => Determined::No {
                                excluded_by: Some(act),
                            },
                        };
                        found = Some((from, at, determined));
                    }
                }
                Status::Unknown { .. } => return Determined::Unknown { act },
                Status::NotYet { .. } | Status::Repealed { .. } => {}
            }
        }
        found.map_or(
            Determined::No { excluded_by: None },
            |(_, _, determined)| determined,
        )
    }

    /// The territories that any recorded act names for a category.
    pub fn territories(&self, category: Category, as_of: Position) -> BTreeSet<&Slug> {
        let named = self.territories.iter();
        let named = named.filter(|t| t.recorded_from <= as_of && t.category == category);
        named.map(|t| &t.territory).collect()
    }
}
