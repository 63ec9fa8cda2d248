//! The three readings of point 7 over the figures of one territory and period, in whole numbers.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        indicator::CitedFigure,
        population_departure::{MissingFigure, PopulationDepartureIndicators, ReadingResult},
    },
    figure::{Figure, Period},
    scalar::Slug,
    term::{Reading, TriggerOutcome},
};

use crate::{
    indicator::{Figures, Found, figures::NoDifference},
    streams::Needs,
};

/// What the three readings say, and what they read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// The readings a, b and c.
    pub readings: Vec<ReadingResult>,
    /// The figures that were found.
    pub inputs: Vec<CitedFigure>,
    /// How growth was found: `population`, `flows` or `unknown`.
    pub growth_by: &'static str,
}

/// A number, or the figures without which there is none.
type Known = Result<i64, BTreeSet<MissingFigure>>;

/// A flow of the period.
fn flow(found: Option<&Found>, indicator: &Slug, period: Period) -> Known {
    found.map(|f| f.figure.value.0).ok_or_else(|| {
        let indicator = indicator.clone();
        BTreeSet::from([MissingFigure { indicator, period }])
    })
}

fn both(a: &Known, b: &Known, of: impl Fn(i64, i64) -> i64) -> Known {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok(of(*a, *b)),
        (a, b) => Err([a, b]
            .into_iter()
            .filter_map(|known| known.as_ref().err())
            .flatten()
            .cloned()
            .collect()),
    }
}

/// The first of two ways to a number; what is missing for either where there is none.
fn either(a: Known, b: Known) -> Known {
    match (a, b) {
        (Ok(a), _) | (_, Ok(a)) => Ok(a),
        (Err(a), Err(b)) => Err(&a | &b),
    }
}

/// One reading: departures fire it when they exceed what they are held against.
fn reading(reading: Reading, excess: Known, against: Option<i64>) -> ReadingResult {
    let (outcome, excess, missing) = match excess {
        Ok(excess) if excess > 0 => (TriggerOutcome::Fired, Some(excess), BTreeSet::new()),
        Ok(excess) => (TriggerOutcome::NotFired, Some(excess), BTreeSet::new()),
        Err(missing) => (TriggerOutcome::CannotEvaluate, None, missing),
    };
    ReadingResult {
        reading,
        outcome,
        against: against.filter(|_| excess.is_some()).map(Figure),
        excess: excess.map(Figure),
        missing: missing.into_iter().collect(),
    }
}

/// Reads the figures of a period under the three readings.
///
/// Reading A holds departures against arrivals and natural increase. By the balance of population that is the same as a
/// fall of the population, so where a flow is not recorded the stock on both ends of the period tells it too, unless a
/// break of the series lies between them. Total growth (reading C) is the change of the stock, or else what the flows
/// give.
pub fn readings(
    figures: &Figures<'_, '_>,
    of: &PopulationDepartureIndicators,
    period: Period,
) -> Result<Readings, Needs> {
    let arrived = figures.at(&of.arrivals, period)?;
    let departed = figures.at(&of.departures, period)?;
    let natural = figures.at(&of.natural_increase, period)?;
    let ends = figures.ends(&of.population, period)?;
    let arrivals = flow(arrived.as_ref(), &of.arrivals, period);
    let departures = flow(departed.as_ref(), &of.departures, period);
    let increase = flow(natural.as_ref(), &of.natural_increase, period);
    let change: Known = match &ends {
        Ok(ends) => Ok(ends.change()),
        Err(NoDifference::Missing(list)) => Err(list
            .iter()
            .map(|missing| MissingFigure {
                indicator: missing.indicator.clone(),
                period: missing.period,
            })
            .collect()),
        // Both figures are there: no further one would help.
        Err(NoDifference::Break { .. }) => Err(BTreeSet::new()),
    };
    let gained = both(&arrivals, &increase, |a, n| a + n);
    let by_flows = both(&departures, &gained, |d, gained| d - gained);
    let growth_by = match (&change, &by_flows) {
        (Ok(_), _) => "population",
        (Err(_), Ok(_)) => "flows",
        (Err(_), Err(_)) => "unknown",
    };
    let against_a = by_flows.as_ref().ok().and(gained.as_ref().ok()).copied();
    let a = either(by_flows.clone(), change.clone().map(|change| -change));
    let b = both(&departures, &increase, |d, n| d - n);
    let growth = either(change, by_flows.map(|excess| -excess));
    let c = both(&departures, &growth, |d, g| d - g);
    let found = [arrived, departed, natural].into_iter().flatten();
    let mut inputs: Vec<CitedFigure> = found.map(|found| found.figure).collect();
    if let Ok(ends) = ends {
        inputs.extend([ends.start, ends.end]);
    }
    Ok(Readings {
        readings: vec![
            reading(Reading::A, a, against_a),
            reading(Reading::B, b, increase.ok()),
            reading(Reading::C, c, growth.ok()),
        ],
        inputs,
        growth_by,
    })
}
