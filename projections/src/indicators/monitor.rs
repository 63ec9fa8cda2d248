//! What the figures say for a day, as known on a day (point 4): two dates, beside the position up to which the log is read.
//!
//! A figure is known from the day of its publication, or from the day of its recording where nobody knows when it was
//! published. A revision takes the place of the old figure from the day on which the revision was known, and not before.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    fact::indicator::CitedFigure,
    scalar::{Count, Day, Slug},
    term::{Feature, Nature},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{FIGURE, FigureRow, INDICATOR, IndicatorRow, RECONCILIATION, ReconciliationRow};
use crate::{
    cell::{Json, RowError, Shown, TableRow as _},
    table::{Row, Table},
};

/// Every table that monitoring is told from.
pub const TABLES: [&Table; 3] = [&INDICATOR, &FIGURE, &RECONCILIATION];

/// Indicators, releases and reconciliations as known at a position.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    indicators: BTreeMap<Slug, IndicatorRow>,
    figures: Vec<FigureRow>,
    reconciliations: Vec<ReconciliationRow>,
}

/// Which figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Only those of an indicator.
    pub indicator: Option<Slug>,
    /// Only those about a territory.
    pub territory: Option<Slug>,
    /// Only what is said for this day: the last stock or area that is not after it, and periods that hold it.
    pub day: Option<Day>,
    /// As known on this day.
    pub known_on: Day,
}

/// A figure as known on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownFigure {
    /// The release.
    #[serde(flatten)]
    pub release: Shown<FigureRow>,
    /// Its unit.
    pub unit: Slug,
    /// Whether it was computed from a figure that has been revised since: compute it anew.
    pub outdated: bool,
    /// How many releases stood in its place before.
    pub revisions: u32,
}

/// A reconciliation and whether a figure that it read has been revised since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownReconciliation {
    /// The reconciliation.
    #[serde(flatten)]
    pub reconciliation: ReconciliationRow,
    /// Whether a figure that it read has been revised since.
    pub outdated: bool,
}

/// One of the ten features of point 4 and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Covered {
    /// The feature.
    pub feature: Feature,
    /// Its indicators.
    pub indicators: Vec<Slug>,
    /// Figures known for any time.
    pub figures: u32,
    /// Whether a figure is about a day of the quarter.
    pub in_quarter: bool,
    /// The newest figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<KnownFigure>,
}

/// Which of the ten features have figures (point 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// The quarter of the day, such as `2024-Q3`.
    pub quarter: String,
    /// The day on which it was known so.
    pub known_on: Day,
    /// The ten features in the order of the point.
    pub features: Vec<Covered>,
    /// Those without a figure about the quarter.
    pub without_data: Vec<Feature>,
}

/// Which release: its indicator and its number.
type Release = (Slug, Count);

fn read(json: Option<&Json>) -> Vec<CitedFigure> {
    json.and_then(|json| json.parse().ok()).unwrap_or_default()
}

impl Monitor {
    /// Takes a row of one of [`TABLES`].
    pub fn take_row(&mut self, table: &Table, row: &Row) -> Result<(), RowError> {
        if table.name == INDICATOR.name {
            let row = IndicatorRow::read(row)?;
            self.indicators.insert(row.indicator.clone(), row);
        } else if table.name == FIGURE.name {
            self.figures.push(FigureRow::read(row)?);
        } else {
            self.reconciliations.push(ReconciliationRow::read(row)?);
        }
        Ok(())
    }

    /// Every indicator, by code.
    pub fn indicators(&self) -> impl Iterator<Item = &IndicatorRow> {
        self.indicators.values()
    }

    /// An indicator.
    pub fn indicator(&self, code: &Slug) -> Option<&IndicatorRow> {
        self.indicators.get(code)
    }

    /// Releases that were known on a day.
    fn known(&self, on: Day) -> impl Iterator<Item = &FigureRow> {
        self.figures.iter().filter(move |row| row.known_from <= on)
    }

    /// Releases in whose place another one stood on a day.
    fn superseded(&self, on: Day) -> BTreeSet<Release> {
        let of = |row: &FigureRow| Some((row.indicator.clone(), row.supersedes?));
        self.known(on).filter_map(of).collect()
    }

    fn stands_on_a_day(&self, row: &FigureRow) -> bool {
        let nature = self.indicators.get(&row.indicator).map(|i| i.nature);
        matches!(nature, Some(Nature::Stock | Nature::Area))
    }

    fn revisions(&self, release: &FigureRow) -> u32 {
        let mut count = 0;
        let mut before = release.supersedes;
        while let Some(old) = before {
            count += 1;
            before = self
                .figures
                .iter()
                .find(|row| row.indicator == release.indicator && row.release == old)
                .and_then(|row| row.supersedes);
        }
        count
    }

    /// Whether a figure rests on one that has been revised, at any remove.
    fn is_outdated(&self, inputs: &[CitedFigure], superseded: &BTreeSet<Release>) -> bool {
        inputs.iter().any(|input| {
            let of_input = || {
                let mut all = self.figures.iter();
                let row = all
                    .find(|row| row.indicator == input.indicator && row.release == input.release);
                read(row.and_then(|row| row.inputs.as_ref()))
            };
            superseded.contains(&(input.indicator.clone(), input.release))
                || self.is_outdated(&of_input(), superseded)
        })
    }

    fn tell(&self, row: &FigureRow, superseded: &BTreeSet<Release>) -> KnownFigure {
        let unit = self.indicators.get(&row.indicator);
        KnownFigure {
            release: Shown(row.clone()),
            unit: unit.map_or_else(|| row.indicator.clone(), |i| i.unit.clone()),
            outdated: self.is_outdated(&read(row.inputs.as_ref()), superseded),
            revisions: self.revisions(row),
        }
    }

    /// Figures for a day, as known on a day, by indicator, territory and period.
    pub fn figures(&self, wanted: &Wanted) -> Vec<KnownFigure> {
        let superseded = self.superseded(wanted.known_on);
        let mut chosen: Vec<&FigureRow> = self
            .known(wanted.known_on)
            .filter(|row| !superseded.contains(&(row.indicator.clone(), row.release)))
            .filter(|row| {
                wanted
                    .indicator
                    .as_ref()
                    .is_none_or(|i| row.indicator == *i)
            })
            .filter(|row| {
                wanted
                    .territory
                    .as_ref()
                    .is_none_or(|t| row.territory == *t)
            })
            .filter(|row| {
                wanted.day.is_none_or(|day| {
                    let stands = self.stands_on_a_day(row);
                    row.effective_from <= day && (stands || day < row.effective_to)
                })
            })
            .collect();
        chosen.sort_by_key(|row| (&row.indicator, &row.territory, row.period));
        if wanted.day.is_some() {
            // Of what stands on days only the last one is said for the day.
            let mut last: BTreeMap<(&Slug, &Slug), Day> = BTreeMap::new();
            for row in chosen.iter().filter(|row| self.stands_on_a_day(row)) {
                last.insert((&row.indicator, &row.territory), row.effective_from);
            }
            chosen.retain(|row| {
                let newest = last.get(&(&row.indicator, &row.territory));
                newest.is_none_or(|day| row.effective_from == *day)
            });
        }
        let told = chosen.into_iter().map(|row| self.tell(row, &superseded));
        told.collect()
    }

    /// Every release of an indicator, the revised ones too, in the order of recording.
    pub fn releases(&self, indicator: &Slug) -> Vec<&FigureRow> {
        let mut rows: Vec<_> = self
            .figures
            .iter()
            .filter(|row| row.indicator == *indicator)
            .collect();
        rows.sort_by_key(|row| row.recorded_from);
        rows
    }

    /// Reconciliations that were known on a day, in the order of recording.
    pub fn reconciliations(&self, known_on: Day) -> Vec<KnownReconciliation> {
        let superseded = self.superseded(known_on);
        let known = self.reconciliations.iter();
        let mut rows: Vec<_> = known.filter(|row| row.known_from <= known_on).collect();
        rows.sort_by_key(|row| row.recorded_from);
        let known = rows.into_iter().map(|row| KnownReconciliation {
            reconciliation: row.clone(),
            outdated: self.is_outdated(&read(Some(&row.inputs)), &superseded),
        });
        known.collect()
    }

    /// The ten features of point 4 for a territory: which have figures, and which have none about the quarter of a day.
    pub fn coverage(&self, territory: &Slug, day: Day, known_on: Day) -> Coverage {
        let first = (day.month() - 1) / 3 * 3 + 1;
        let begins = Day::new(day.year().0 as i16, first, 1);
        let next = begins.plus_days(100);
        let ends = Day::new(next.year().0 as i16, next.month(), 1);
        let figures = self.figures(&Wanted {
            indicator: None,
            territory: Some(territory.clone()),
            day: None,
            known_on,
        });
        let covered = |feature: Feature| {
            let own: Vec<_> = self
                .indicators()
                .filter(|row| row.feature == Some(feature))
                .map(|row| row.indicator.clone())
                .collect();
            let of: Vec<&KnownFigure> = figures
                .iter()
                .filter(|figure| own.contains(&figure.release.0.indicator))
                .collect();
            let touches = |figure: &&KnownFigure| {
                let row = &figure.release.0;
                row.effective_from < ends && begins < row.effective_to
            };
            Covered {
                feature,
                in_quarter: of.iter().any(touches),
                figures: of.len().try_into().unwrap_or(u32::MAX),
                newest: of
                    .iter()
                    .max_by_key(|figure| {
                        (figure.release.0.effective_to, &figure.release.0.indicator)
                    })
                    .map(|figure| (*figure).clone()),
                indicators: own,
            }
        };
        let features: Vec<_> = Feature::ALL.iter().copied().map(covered).collect();
        let without = features.iter().filter(|covered| !covered.in_quarter);
        Coverage {
            quarter: format!("{}-Q{}", begins.year(), (first - 1) / 3 + 1),
            known_on,
            without_data: without.map(|covered| covered.feature).collect(),
            features,
        }
    }
}
