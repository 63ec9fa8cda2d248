//! Computing a figure from cited ones (point 4), in whole numbers.

use qonys_events::{
    fact::indicator::{CitedFigure, Formula, IndicatorDefined},
    figure::{Figure, Period},
    scalar::Slug,
    term::{Nature, PeriodKind},
};

use super::{
    Figures, Indicator, Missing,
    figures::{NoDifference, figure},
};
use crate::{
    blocked::{Blocked, Code},
    decide::Undecided,
};

/// Hectares in a square kilometre.
const HECTARES: i128 = 100;

/// A figure that was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Its value.
    pub value: Figure,
    /// What it was computed from.
    pub inputs: Vec<CitedFigure>,
    /// The series of the inputs.
    pub series: Option<Slug>,
}

/// Persons per square kilometre, rounded half up.
fn density(persons: i64, hectares: i64) -> Option<Figure> {
    let (persons, hectares) = (i128::from(persons), i128::from(hectares));
    (hectares > 0).then_some(())?;
    figure((2 * persons * HECTARES + hectares) / (2 * hectares))
}

/// The indicators that a formula reads.
pub fn inputs(formula: &Formula) -> Vec<&Slug> {
    match formula {
        Formula::Density { population, area } => vec![population, area],
        Formula::Balance {
            arrivals,
            departures,
        } => vec![arrivals, departures],
        Formula::Growth { natural, migration } => vec![natural, migration],
        Formula::Change { stock } => vec![stock],
    }
}

/// Whether an indicator holds together: what its figures are fits what they are about and how they are computed.
pub(super) fn check(
    c: &IndicatorDefined,
    of: impl Fn(&Slug) -> Option<Nature>,
) -> Result<(), Blocked> {
    let on_a_day = c.period == PeriodKind::Day;
    let malformed = |why: &str| {
        Err(Blocked::control(Code::IndicatorMalformed)
            .with("indicator", &c.indicator)
            .with("why", why))
    };
    if on_a_day != matches!(c.nature, Nature::Stock | Nature::Area) {
        return malformed("a stock and an area stand on a day, a flow and a balance have months");
    }
    let Some(formula) = &c.formula else {
        return Ok(());
    };
    let natures: Vec<_> = inputs(formula).into_iter().map(of).collect();
    let wanted: &[Nature] = match formula {
        Formula::Density { .. } => &[Nature::Stock, Nature::Area],
        Formula::Balance { .. } => &[Nature::Flow, Nature::Flow],
        Formula::Growth { .. } => &[Nature::Balance, Nature::Balance],
        Formula::Change { .. } => &[Nature::Stock],
    };
    let gives = match formula {
        Formula::Density { .. } => Nature::Stock,
        Formula::Balance { .. } | Formula::Growth { .. } | Formula::Change { .. } => {
            Nature::Balance
        }
    };
    if c.nature != gives {
        return malformed("the formula gives a figure of another nature");
    }
    if natures != wanted.iter().copied().map(Some).collect::<Vec<_>>() {
        return malformed(
            "an indicator that the formula reads is not defined or of another nature",
        );
    }
    Ok(())
}

fn missing(list: impl IntoIterator<Item = Missing>) -> Undecided {
    let names: Vec<_> = list.into_iter().map(|m| m.to_string()).collect();
    Blocked::control(Code::InputMissing)
        .with("missing", names.join(", "))
        .into()
}

/// Why a stock has no difference, as a block.
pub(super) fn undecided(no: NoDifference) -> Undecided {
    let named = |series: Option<Slug>| series.map_or_else(|| "none".to_owned(), |s| s.to_string());
    match no {
        NoDifference::Missing(list) => missing(list),
        NoDifference::Break { start, end } => Blocked::control(Code::SeriesBreak)
            .with("start", named(start))
            .with("end", named(end))
            .into(),
    }
}

/// The figure that a formula gives for a period, with what it was computed from. Blocked when an input is not recorded
/// or the inputs belong to different series.
pub(super) fn derive(
    formula: &Formula,
    figures: &Figures<'_, '_>,
    period: Period,
) -> Result<Derived, Undecided> {
    let too_large = || Undecided::from(Blocked::control(Code::FigureTooLarge));
    let both = |first: &Slug, second: &Slug| -> Result<_, Undecided> {
        let found = [figures.at(first, period)?, figures.at(second, period)?];
        match found {
            [Some(first), Some(second)] => Ok((first, second)),
            found => Err(missing(
                found
                    .iter()
                    .zip([first, second])
                    .filter(|(found, _)| found.is_none())
                    .map(|(_, indicator)| Missing {
                        indicator: indicator.clone(),
                        period,
                    }),
            )),
        }
    };
    match formula {
        Formula::Density { population, area } => {
            let on = period.from();
            let persons = figures.at(population, period)?;
            let hectares = figures.standing(area, on)?;
            let (Some(persons), Some(hectares)) = (&persons, &hectares) else {
                let found = [(population, persons.is_some()), (area, hectares.is_some())];
                let not = found.into_iter().filter(|(_, is)| !is);
                return Err(missing(not.map(|(indicator, _)| Missing {
                    indicator: indicator.clone(),
                    period,
                })));
            };
            let value = density(persons.figure.value.0, hectares.figure.value.0);
            Ok(Derived {
                value: value.ok_or_else(too_large)?,
                inputs: vec![persons.figure.clone(), hectares.figure.clone()],
                series: persons.series.clone(),
            })
        }
        Formula::Balance {
            arrivals: first,
            departures: second,
        }
        | Formula::Growth {
            natural: first,
            migration: second,
        } => {
            let (a, b) = both(first, second)?;
            let sign = if matches!(formula, Formula::Balance { .. }) {
                -1
            } else {
                1
            };
            let value = i128::from(a.figure.value.0) + sign * i128::from(b.figure.value.0);
            Ok(Derived {
                value: figure(value).ok_or_else(too_large)?,
                inputs: vec![a.figure, b.figure],
                series: None,
            })
        }
        Formula::Change { stock } => {
            let ends = figures.ends(stock, period)?.map_err(undecided)?;
            Ok(Derived {
                value: figure(ends.change().into()).ok_or_else(too_large)?,
                inputs: vec![ends.start, ends.end],
                series: None,
            })
        }
    }
}

impl Indicator {
    /// What its figures are; `None` while it is not defined.
    pub fn nature(&self) -> Option<Nature> {
        self.definition().map(|d| d.nature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_of_the_sources_come_out() {
        // 01.01.2020 and 01.01.2023 on 682 km2, Bostandyk on 99.43 km2.
        for (persons, hectares, expected) in [
            (1_916_822, 68_200, 2_811),
            (2_161_695, 68_200, 3_170),
            (343_541, 9_943, 3_455),
            (0, 1, 0),
        ] {
            assert_eq!(density(persons, hectares), Some(Figure(expected)));
        }
        assert_eq!(density(1, 0), None);
    }
}
