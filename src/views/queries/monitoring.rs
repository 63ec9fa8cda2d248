//! Monitoring (point 4): figures for a day as known on a day, coverage of the ten features, reconciliations.

use qonys_events::scalar::{Day, Slug};
use qonys_projections::indicators::monitor::{
    Coverage, KnownFigure, KnownReconciliation, Monitor, TABLES, Wanted,
};
use serde::Serialize;

use super::{AsOf, Point, Views, ViewsError};
use crate::clock::Clock;

/// Figures for a day, as known on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FiguresAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day on which they were known so.
    pub known_on: Day,
    /// The figures.
    pub figures: Vec<KnownFigure>,
}

/// Which of the ten features have figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The features.
    #[serde(flatten)]
    pub coverage: Coverage,
}

/// Reconciliations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReconciliationsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// In the order of recording.
    pub reconciliations: Vec<KnownReconciliation>,
}

/// Which figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// Only those of an indicator.
    pub indicator: Option<Slug>,
    /// Only those about a territory.
    pub territory: Option<Slug>,
    /// Only what is said for this day.
    pub day: Option<Day>,
    /// As known on this day; the default day of the point without one.
    pub known_on: Option<Day>,
}

impl Views {
    /// Indicators and figures as known at a point.
    pub async fn monitor(&self, at: Point) -> Result<Monitor, ViewsError> {
        let mut monitor = Monitor::default();
        for table in TABLES {
            for row in self.whole(at, table).await? {
                let taken = monitor.take_row(table, &row);
                taken.map_err(|e| ViewsError::Broken(e.to_string()))?;
            }
        }
        Ok(monitor)
    }

    /// Figures for a day, as known on a day.
    pub async fn figures(
        &self,
        query: &FigureQuery,
        clock: &Clock,
    ) -> Result<FiguresAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let usual = || self.default_day(query.as_of, at, clock);
        let known_on = query.known_on.unwrap_or_else(usual);
        let figures = self.monitor(at).await?.figures(&Wanted {
            indicator: query.indicator.clone(),
            territory: query.territory.clone(),
            day: query.day,
            known_on,
        });
        Ok(FiguresAnswer {
            at,
            known_on,
            figures,
        })
    }

    /// The ten features of point 4 for a territory in the quarter of a day.
    pub async fn coverage(
        &self,
        territory: &Slug,
        query: &FigureQuery,
        clock: &Clock,
    ) -> Result<CoverageAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let usual = self.default_day(query.as_of, at, clock);
        let day = query.day.unwrap_or(usual);
        let known_on = query.known_on.unwrap_or(usual);
        let coverage = self.monitor(at).await?.coverage(territory, day, known_on);
        Ok(CoverageAnswer { at, coverage })
    }

    /// Every reconciliation.
    pub async fn reconciliations(
        &self,
        query: &FigureQuery,
        clock: &Clock,
    ) -> Result<ReconciliationsAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let usual = || self.default_day(query.as_of, at, clock);
        let known_on = query.known_on.unwrap_or_else(usual);
        let reconciliations = self.monitor(at).await?.reconciliations(known_on);
        Ok(ReconciliationsAnswer {
            at,
            reconciliations,
        })
    }
}
