//! Evaluating the trigger (point 7), and evaluating it again when a figure was recorded or revised.

use qonys_events::{
    citation::Facts,
    event::Event,
    fact::{
        Fact,
        population_departure::{
            PopulationDepartureEvaluated, PopulationDepartureIndicators,
            PopulationDepartureReadingChosen,
        },
    },
    figure::Period,
    id::{StreamId, StreamKind},
    scalar::{Count, Slug},
    term::{DecisionType, TriggerOutcome},
};

use super::{Evaluation, trigger::readings};
use crate::{
    blocked::{Blocked, Code},
    command::{ChoosePopulationDepartureReading, EvaluatePopulationDeparture},
    context::Context,
    decide::{Decided, Undecided},
    indicator::{Figures, Found},
    streams::Known,
};

/// What is evaluated.
struct Asked<'a> {
    territory: &'a Slug,
    period: Period,
    indicators: &'a PopulationDepartureIndicators,
    /// The evaluation that stands for this period.
    before: Option<&'a Evaluation>,
    number: Count,
}

fn evaluation(
    asked: &Asked<'_>,
    figures: &Figures<'_, '_>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(PopulationDepartureEvaluated, Event), Undecided> {
    let basis = known
        .law()?
        .basis(DecisionType::PopulationDepartureEvaluation, cx.decided_on)?;
    let population_departure = known.population_departure(asked.territory)?;
    let Some((chosen_from, default_reading)) = population_departure.reading(cx.decided_on) else {
        return Err(Blocked::control(Code::ReadingNotChosen)
            .with("territory", asked.territory)
            .with("decided-on", cx.decided_on)
            .into());
    };
    let read = readings(figures, asked.indicators, asked.period)?;
    let outcome = read.readings.iter().find(|r| r.reading == default_reading);
    let outcome = outcome.map_or(TriggerOutcome::CannotEvaluate, |r| r.outcome);
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("reading-chosen-from", chosen_from)
        .with("growth-by", read.growth_by)
        .with("figures", read.inputs.len());
    let fact = PopulationDepartureEvaluated {
        evaluation: asked.number,
        territory: asked.territory.clone(),
        period: asked.period,
        indicators: asked.indicators.clone(),
        inputs: read.inputs,
        readings: read.readings,
        default_reading,
        outcome,
        reevaluates: asked.before.map(|before| before.number),
        outcome_before: asked.before.map(|before| before.outcome),
        facts,
    };
    let event = cx
        .record(Fact::PopulationDepartureEvaluated(fact.clone()))
        .effective(asked.period.from(), Some(asked.period.until()))
        .citing(basis);
    Ok((fact, event))
}

/// The releases that an evaluation reads.
fn cited(of: &PopulationDepartureEvaluated) -> Vec<(Slug, Count)> {
    let inputs = of.inputs.iter();
    inputs.map(|i| (i.indicator.clone(), i.release)).collect()
}

fn stream(territory: &Slug) -> StreamId {
    StreamId::named(StreamKind::PopulationDeparture, territory)
}

/// An official chooses which reading counts for decisions from the effective day on (point 7). The point has no formula,
/// so the choice is an interpretation with an author and a reason.
pub fn choose(
    c: &ChoosePopulationDepartureReading,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let from = cx.effective_from();
    let counts = known.population_departure(&c.territory)?.reading(from);
    if let Some((since, _)) = counts.filter(|(_, reading)| *reading == c.reading) {
        return Err(Blocked::control(Code::NoChange)
            .with("reading", c.reading)
            .with("since", since)
            .into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::PopulationDepartureEvaluation, cx.decided_on)?;
    let fact = PopulationDepartureReadingChosen {
        territory: c.territory.clone(),
        reading: c.reading,
        reason: c.reason.clone(),
        facts: Facts::new().with("act-certainty", basis.certainty),
    };
    let event = cx
        .event(Fact::PopulationDepartureReadingChosen(fact))
        .citing(basis);
    Ok(vec![(stream(&c.territory), event)])
}

/// Evaluates the trigger for a period (point 7). What cannot be evaluated is recorded so, with the figures that are
/// missing. Evaluated again, it takes the place of the evaluation before and shows the change.
pub fn evaluate(
    c: &EvaluatePopulationDeparture,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let of = &c.indicators;
    if c.period.months() == 0 || cx.decided_on < c.period.until() {
        return Err(Blocked::control(Code::PeriodDoesNotFit)
            .with("period", c.period)
            .with("decided-on", cx.decided_on)
            .into());
    }
    for name in [
        &of.arrivals,
        &of.departures,
        &of.natural_increase,
        &of.population,
    ] {
        if known.indicator(name)?.definition().is_none() {
            return Err(Blocked::control(Code::IndicatorNotFound)
                .with("indicator", name)
                .into());
        }
    }
    let population_departure = known.population_departure(&c.territory)?;
    let before = population_departure
        .standing()
        .find(|e| e.period == c.period);
    let asked = Asked {
        territory: &c.territory,
        period: c.period,
        indicators: of,
        before,
        number: Count(population_departure.made() + 1),
    };
    let (new, event) = evaluation(&asked, &Figures::of(known, &c.territory), cx, known)?;
    if before.is_some_and(|before| {
        before.cited == cited(&new) && before.outcome == new.outcome && before.indicators == *of
    }) {
        return Err(Blocked::control(Code::NoChange)
            .with("period", c.period)
            .with("outcome", new.outcome)
            .into());
    }
    Ok(vec![(stream(&c.territory), event)])
}

/// Evaluates again what looks at figures that are being recorded, first or revised, and now says otherwise or cites others.
/// Without a basis on the decision date nothing is evaluated: the figures are recorded all the same and say why.
pub(crate) fn reevaluate(
    territory: &Slug,
    new: &[Found],
    cx: &Context,
    known: &Known<'_>,
) -> Result<(Decided, Facts), Undecided> {
    let population_departure = known.population_departure(territory)?;
    let looks = |e: &&Evaluation| {
        let at = |found: &Found| e.looks_at(&found.figure.indicator, found.figure.period);
        new.iter().any(at)
    };
    let mut decided = Decided::new();
    let mut facts = Facts::new();
    for before in population_departure.standing().filter(looks) {
        let asked = Asked {
            territory,
            period: before.period,
            indicators: &before.indicators,
            before: Some(before),
            number: Count(population_departure.made() + decided.len() as u64 + 1),
        };
        let figures = Figures::of(known, territory).with(new);
        match evaluation(&asked, &figures, cx, known) {
            Ok((fact, event)) => {
                let changes = fact.readings != before.readings || cited(&fact) != before.cited;
                decided.extend(changes.then(|| (stream(territory), event)));
            }
            Err(Undecided::Needs(stream)) => return Err(Undecided::Needs(stream)),
            Err(Undecided::Blocked(blocked)) => {
                facts = facts.with("population-departure-not-evaluated", blocked.code.as_str());
            }
        }
    }
    if !decided.is_empty() {
        facts = facts.with("population-departure-evaluated", decided.len());
    }
    Ok((decided, facts))
}
