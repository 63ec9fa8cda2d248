//! The trigger of point 7: whether the departure of population exceeds the pace of its growth. The point has no formula,
//! so three readings stand side by side, and a recorded norm says which of them counts.

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        population_departure::{
            PopulationDepartureEvaluated, PopulationDepartureIndicators, ReadingResult,
        },
    },
    figure::Period,
    scalar::{Count, Day, Slug},
    term::{Reading, TriggerOutcome},
};
use serde::{Deserialize, Serialize};

pub mod decide;
pub mod trigger;

/// An evaluation, as far as a decision reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Its number.
    pub number: Count,
    /// The period.
    pub period: Period,
    /// The indicators that it read.
    pub indicators: PopulationDepartureIndicators,
    /// The releases that it read: indicator and number.
    pub cited: Vec<(Slug, Count)>,
    /// What the three readings said.
    pub readings: Vec<ReadingResult>,
    /// What the default reading said.
    pub outcome: TriggerOutcome,
    /// Whether a later evaluation took its place.
    pub superseded: bool,
}

impl Evaluation {
    /// Whether it looks at a figure of this indicator and period: reads it, or would if it were recorded.
    pub fn looks_at(&self, indicator: &Slug, period: Period) -> bool {
        let of = &self.indicators;
        let flows = [&of.arrivals, &of.departures, &of.natural_increase];
        let ends = [self.period.from(), self.period.until()].map(Period::Day);
        (flows.contains(&indicator) && period == self.period)
            || (of.population == *indicator && ends.contains(&period))
    }
}

/// The evaluations of one territory, as the events of the stream made them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PopulationDeparture {
    evaluations: Vec<Evaluation>,
    /// From when which reading counts, in the order of recording.
    choices: Vec<(Day, Reading)>,
}

impl PopulationDeparture {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PopulationDepartureEvaluated(evaluated) => self.take(evaluated),
            Fact::PopulationDepartureReadingChosen(chosen) => {
                let from = event.effectivefrom.or(event.decidedon);
                self.choices.extend(from.map(|from| (from, chosen.reading)));
            }
            _ => {}
        }
    }

    fn take(&mut self, new: &PopulationDepartureEvaluated) {
        for old in &mut self.evaluations {
            old.superseded |= Some(old.number) == new.reevaluates;
        }
        let cited = new.inputs.iter().map(|i| (i.indicator.clone(), i.release));
        self.evaluations.push(Evaluation {
            number: new.evaluation,
            period: new.period,
            indicators: new.indicators.clone(),
            cited: cited.collect(),
            readings: new.readings.clone(),
            outcome: new.outcome,
            superseded: false,
        });
    }

    /// The reading that counts on a day, and since when: the choice that took effect last, of two of one day the later
    /// recorded.
    pub fn reading(&self, on: Day) -> Option<(Day, Reading)> {
        let chosen = self.choices.iter().filter(|(from, _)| *from <= on);
        chosen.max_by_key(|(from, _)| *from).copied()
    }

    /// How many evaluations there are: the number of the last one.
    pub fn made(&self) -> u64 {
        self.evaluations.len() as u64
    }

    /// An evaluation by its number.
    pub fn evaluation(&self, number: Count) -> Option<&Evaluation> {
        self.evaluations.iter().find(|e| e.number == number)
    }

    /// Evaluations in whose place no other stands.
    pub fn standing(&self) -> impl Iterator<Item = &Evaluation> {
        self.evaluations.iter().filter(|e| !e.superseded)
    }
}
