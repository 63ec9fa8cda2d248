//! Looking figures up across indicators, and the differences between them.

use std::fmt;

use qonys_events::{
    fact::indicator::CitedFigure,
    figure::{Figure, Period},
    scalar::{Day, Slug},
};

use super::Found;
use crate::streams::{Known, Needs};

/// A figure that is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Its indicator.
    pub indicator: Slug,
    /// What it would be about.
    pub period: Period,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.indicator, self.period)
    }
}

/// Why a stock has no difference over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoDifference {
    /// A figure is not recorded.
    Missing(Vec<Missing>),
    /// The two figures belong to different series: their difference would be a re-base and no growth.
    Break {
        /// Of the first day.
        start: Option<Slug>,
        /// Of the day after the period.
        end: Option<Slug>,
    },
}

/// A stock on both ends of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// On the first day.
    pub start: CitedFigure,
    /// On the day after the period.
    pub end: CitedFigure,
    /// The series of both.
    pub series: Option<Slug>,
}

impl Ends {
    /// End less start.
    pub fn change(&self) -> i64 {
        self.end.value.0 - self.start.value.0
    }
}

/// The figures of one territory as they stand, with those that are about to be recorded among them.
pub struct Figures<'k, 'a> {
    known: &'k Known<'a>,
    territory: &'k Slug,
    new: &'k [Found],
}

impl<'k, 'a> Figures<'k, 'a> {
    /// The recorded figures of a territory.
    pub fn of(known: &'k Known<'a>, territory: &'k Slug) -> Self {
        Self {
            known,
            territory,
            new: &[],
        }
    }

    /// The same, as if these figures were recorded already.
    #[must_use]
    pub fn with(mut self, new: &'k [Found]) -> Self {
        self.new = new;
        self
    }

    /// The figure of an indicator and period.
    pub fn at(&self, indicator: &Slug, period: Period) -> Result<Option<Found>, Needs> {
        let new = self
            .new
            .iter()
            .find(|new| new.figure.indicator == *indicator && new.figure.period == period);
        Ok(match new {
            Some(new) => Some(new.clone()),
            None => self
                .known
                .indicator(indicator)?
                .current(self.territory, period),
        })
    }

    /// The figure of an indicator that stands on a day.
    pub fn standing(&self, indicator: &Slug, on: Day) -> Result<Option<Found>, Needs> {
        let kept = self
            .known
            .indicator(indicator)?
            .standing(self.territory, on);
        let new = self
            .new
            .iter()
            .filter(|new| new.figure.indicator == *indicator && new.figure.period.from() <= on)
            .max_by_key(|new| new.figure.period);
        Ok(match (kept, new) {
            (Some(kept), Some(new)) if new.figure.period < kept.figure.period => Some(kept),
            (kept, new) => new.cloned().or(kept),
        })
    }

    /// A stock on both ends of a period.
    pub fn ends(&self, stock: &Slug, period: Period) -> Result<Result<Ends, NoDifference>, Needs> {
        let days = [Period::Day(period.from()), Period::Day(period.until())];
        let [start, end] = [self.at(stock, days[0])?, self.at(stock, days[1])?];
        let missing = [&start, &end].into_iter().zip(days);
        let missing: Vec<_> = missing
            .filter(|(found, _)| found.is_none())
            .map(|(_, period)| Missing {
                indicator: stock.clone(),
                period,
            })
            .collect();
        Ok(match (start, end) {
            (Some(start), Some(end)) if start.series == end.series => Ok(Ends {
                start: start.figure,
                end: end.figure,
                series: end.series,
            }),
            (Some(start), Some(end)) => Err(NoDifference::Break {
                start: start.series,
                end: end.series,
            }),
            _ => Err(NoDifference::Missing(missing)),
        })
    }
}

/// The figure of a whole number, where it has at most fifteen digits.
pub(crate) fn figure(value: i128) -> Option<Figure> {
    Figure::of(value)
}
