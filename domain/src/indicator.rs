//! Monitoring of migration (point 4): indicators, releases of their figures, and what is computed from them. A figure is
//! never overwritten; a revision is a full new release, and what it took the place of stays readable.

use std::collections::BTreeMap;

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        indicator::{CitedFigure, IndicatorDefined},
    },
    figure::{Figure, Period},
    scalar::{Count, Day, Slug},
};
use serde::{Deserialize, Serialize};

pub mod decide;
pub mod derive;
pub mod figures;

pub use figures::{Figures, Missing};

/// One release of a figure, as far as a decision reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Release {
    release: Count,
    value: Figure,
    series: Option<Slug>,
    /// What it was computed from; empty for a recorded one.
    inputs: Vec<CitedFigure>,
    superseded: bool,
}

/// An indicator, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Indicator {
    definition: Option<IndicatorDefined>,
    /// Releases by territory and period, in the order of recording.
    releases: BTreeMap<Slug, BTreeMap<Period, Vec<Release>>>,
    /// How many releases there are.
    made: u64,
}

/// A figure with the series that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The figure, as it is cited.
    pub figure: CitedFigure,
    /// Its series, where the indicator has a break.
    pub series: Option<Slug>,
}

/// A release and whether another one took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The territory.
    pub territory: Slug,
    /// The period.
    pub period: Period,
    /// The value.
    pub value: Figure,
    /// Whether another release supersedes it.
    pub superseded: bool,
}

impl Indicator {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::IndicatorDefined(defined) => self.definition = Some(defined.clone()),
            Fact::FigureReleased(f) => self.take(
                (&f.territory, f.period),
                f.supersedes,
                Release {
                    release: f.release,
                    value: f.value,
                    series: f.series.clone(),
                    inputs: Vec::new(),
                    superseded: false,
                },
            ),
            Fact::FigureDerived(f) => self.take(
                (&f.territory, f.period),
                f.supersedes,
                Release {
                    release: f.release,
                    value: f.value,
                    series: f.series.clone(),
                    inputs: f.inputs.clone(),
                    superseded: false,
                },
            ),
            _ => {}
        }
    }

    fn take(&mut self, (territory, period): (&Slug, Period), old: Option<Count>, new: Release) {
        self.made += 1;
        let of_territory = self.releases.entry(territory.clone()).or_default();
        let releases = of_territory.entry(period).or_default();
        for release in releases.iter_mut().filter(|r| Some(r.release) == old) {
            release.superseded = true;
        }
        releases.push(new);
    }

    /// What the indicator is; `None` while it is not defined.
    pub fn definition(&self) -> Option<&IndicatorDefined> {
        self.definition.as_ref()
    }

    fn found(&self, period: Period, release: &Release) -> Option<Found> {
        Some(Found {
            figure: CitedFigure {
                indicator: self.definition.as_ref()?.indicator.clone(),
                release: release.release,
                period,
                value: release.value,
            },
            series: release.series.clone(),
        })
    }

    /// How many releases there are: the number of the last one.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// The figure of a territory and period that no other supersedes.
    pub fn current(&self, territory: &Slug, period: Period) -> Option<Found> {
        let releases = self.releases.get(territory)?.get(&period)?;
        let release = releases.iter().rev().find(|r| !r.superseded)?;
        self.found(period, release)
    }

    /// The figure that stands on a day: of the last day that is not after it.
    pub fn standing(&self, territory: &Slug, on: Day) -> Option<Found> {
        let mut of_territory = self.releases.get(territory)?.iter().rev();
        of_territory.find_map(|(period, releases)| {
            let release = releases.iter().rev().find(|r| !r.superseded)?;
            (period.from() <= on)
                .then(|| self.found(*period, release))
                .flatten()
        })
    }

    /// What a derived release was computed from.
    pub(crate) fn leans_on(&self, release: Count) -> Option<&Vec<CitedFigure>> {
        let mut all = self.releases.values().flat_map(BTreeMap::values).flatten();
        all.find(|r| r.release == release).map(|r| &r.inputs)
    }

    /// A release of this indicator, whatever became of it.
    pub fn release(&self, release: Count) -> Option<Standing> {
        self.releases.iter().find_map(|(territory, periods)| {
            periods.iter().find_map(|(period, releases)| {
                let found = releases.iter().find(|r| r.release == release)?;
                Some(Standing {
                    territory: territory.clone(),
                    period: *period,
                    value: found.value,
                    superseded: found.superseded,
                })
            })
        })
    }
}
