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

/// Which of several acts' words holds on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holding {
    /// That of the act at this place, and how it stands.
    InForce(usize, Status),
    /// It is not known whether the act at this place is in force, and why.
    Unknown(usize, Reason),
    /// None is in force.
    Nothing,
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
            LawRow::CorrectedNorm(row, old) => {
                let norms = self.norms.entry(row.norm.clone()).or_default();
                for kept in norms.iter_mut().filter(|kept| kept.entry == old) {
                    kept.recorded_to.get_or_insert(row.recorded_from);
                }
                norms.push(row);
            }
            LawRow::CorrectedPower(row, old) => {
                for kept in self.powers.iter_mut().filter(|kept| kept.entry == old) {
                    kept.recorded_to.get_or_insert(row.recorded_from);
                }
                self.powers.push(row);
            }
            LawRow::NormEnd(ended, at) => {
                let norms = self.norms.entry(ended.norm.clone()).or_default();
                let open = |kept: &&mut NormRow| kept.recorded_to.is_none() && kept.ends_by(&ended);
                if let Some(kept) = norms.iter_mut().find(open) {
                    kept.recorded_to = Some(at);
                    let ended = kept.ended(&ended, at);
                    norms.push(ended);
                }
            }
            LawRow::PowerEnd(ended, at) => {
                let open = |kept: &&mut PowerRow| {
                    kept.decision_type.as_str() == ended.power.as_str()
                        && kept.recorded_to.is_none()
                        && kept.ends_by(&ended)
                };
                if let Some(kept) = self.powers.iter_mut().find(open) {
                    kept.recorded_to = Some(at);
                    let ended = kept.ended(&ended, at);
                    self.powers.push(ended);
                }
            }
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
            // A correction of the act tells all its dates: those that were told before are in it, or were wrong.
            let since = row.recorded_from;
            let dates =
                dates.filter(|date| since < date.recorded_from && date.recorded_from <= as_of);
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
            determined: last(determinations, as_of, |d| d.recorded_from)
                .and_then(|d| d.in_force_from),
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

    /// Which of several acts' words holds on a day, by its place in the list, with how its act stands: of one document what
    /// entered into force last, which falls with its act or its document and revives nothing; of several documents, what
    /// entered last; of two on one day, what stands later in the list. Unknown as soon as one of them is that may hold.
    pub fn holding(&self, acts: &[&Slug], day: Day, as_of: Position) -> Holding {
        let mut best: BTreeMap<&Slug, (Day, usize)> = BTreeMap::new();
        for (n, name) in acts.iter().enumerate() {
            let Some(act) = self.act(name, as_of) else {
                let reason = Reason::NotRecorded;
                return Holding::Unknown(n, reason);
            };
            if let Status::Repealed { .. } = self.status(&act.document, day, as_of) {
                continue;
            }
            match (
                self.entered(name, day, as_of),
                self.status(name, day, as_of),
            ) {
                (Status::InForce { from, .. }, _) => {
                    let at = best.entry(&act.document).or_insert((from, n));
                    *at = (*at).max((from, n));
                }
                (Status::Unknown { .. }, Status::Unknown { reason }) => {
                    return Holding::Unknown(n, reason);
                }
                _ => {}
            }
        }
        let mut holds = None;
        for (document, at) in best {
            let own = self.status(acts[at.1], day, as_of);
            match (&own, self.status(document, day, as_of)) {
                (Status::InForce { .. }, Status::InForce { .. })
                    if holds.as_ref().is_none_or(|(other, _)| *other < at) =>
                {
                    holds = Some((at, own));
                }
                (Status::Unknown { reason }, _) => {
                    return Holding::Unknown(at.1, reason.clone());
                }
                (_, Status::Unknown { reason }) => return Holding::Unknown(at.1, reason),
                _ => {}
            }
        }
        holds.map_or(Holding::Nothing, |((_, n), status)| {
            Holding::InForce(n, status)
        })
    }

    /// Whether a territory is determined for a category on a day.
    pub fn determined(
        &self,
        category: Category,
        territory: &Slug,
        day: Day,
        as_of: Position,
    ) -> Determined {
        let about = |change: &&TerritoryRow| {
            change.recorded_from <= as_of
                && change.category == category
                && change.territory == *territory
        };
        let mut changes: Vec<_> = self.territories.iter().filter(about).collect();
        changes.sort_by_key(|change| change.recorded_from);
        let acts: Vec<_> = changes.iter().map(|change| &change.act).collect();
        match self.holding(&acts, day, as_of) {
            Holding::InForce(n, status) => match changes[n].change_kind {
                TerritoryChange::Determined => Determined::Yes {
                    act: acts[n].clone(),
                    certainty: status.certainty().unwrap_or(Certainty::Known),
                },
                TerritoryChange::Excluded => Determined::No {
                    excluded_by: Some(acts[n].clone()),
                },
            },
            Holding::Unknown(n, _) => Determined::Unknown {
                act: acts[n].clone(),
            },
            Holding::Nothing => Determined::No { excluded_by: None },
        }
    }

    /// The territories that any recorded act names for a category.
    pub fn territories(&self, category: Category, as_of: Position) -> BTreeSet<&Slug> {
        let named = self.territories.iter();
        let named = named.filter(|t| t.recorded_from <= as_of && t.category == category);
        named.map(|t| &t.territory).collect()
    }
}
