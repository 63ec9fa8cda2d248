//! Chapters that are told step by step, with what the log says about each.

use qonys_events::{
    fact::{
        forecast::{ForecastStep, Need},
        population_departure::{PopulationDepartureEvaluated, ReadingResult},
    },
    term::TriggerOutcome,
};

use super::*;
use crate::demo::story::chapter::{Chapter, Step};

impl Telling<'_> {
    pub(super) async fn steps(&mut self, chapter: &Chapter) -> Result<(), DemoError> {
        self.heading(chapter.heading);
        for step in &chapter.steps {
            self.step(step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), DemoError> {
        if self.decided(&step.command, step.text).await?.is_none() {
            self.blocked(&step.command, step.text).await?;
            return Ok(());
        }
        let found = self.ask.command(step.command.id).await?;
        let mut read = Vec::new();
        for name in step.reads {
            if let Some(value) = found.iter().find_map(|found| fact_of(found, name)) {
                let asked = format!("read {name} by {}", step.command.id);
                let value = self.figure(asked, value);
                read.push(format!("{} {value}", name.replace('-', " ")));
            }
        }
        if !read.is_empty() {
            self.more(read.join(", "));
        }
        for found in &found {
            match &found.entry.event.fact {
                Fact::PopulationDepartureEvaluated(fact) => self.readings(fact),
                Fact::FiguresReconciled(fact) => {
                    let asked = format!("discrepancy by {}", step.command.id);
                    let difference = self.figure(asked, fact.discrepancy);
                    self.more(format_args!(
                        "what the changes do not explain: {difference}"
                    ));
                }
                Fact::ForecastProduced(fact) => {
                    if let Some(last) = fact.steps.last() {
                        self.forecast(last, step);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The three readings side by side, with the figures that are missing.
    fn readings(&mut self, evaluated: &PopulationDepartureEvaluated) {
        for reading in &evaluated.readings {
            let counts = if reading.reading == evaluated.default_reading {
                ": this one counts"
            } else {
                ""
            };
            self.more(format_args!(
                "reading {}: {}{counts}",
                reading.reading,
                outcome(reading)
            ));
        }
        if let Some(before) = evaluated.outcome_before {
            self.more(format_args!("before that: {before}"));
        }
    }

    /// The last step of a forecast: persons, interval, the naive line, and what a norm says that they need.
    fn forecast(&mut self, last: &ForecastStep, step: &Step) {
        let mut figure = |what: &str, value: u64| {
            self.figure(format!("{what} forecast by {}", step.command.id), value)
        };
        let total = figure("total", last.total.0);
        let naive = figure("naive", last.naive.0);
        let interval = last.low.zip(last.high).map(|(low, high)| {
            let (low, high) = (figure("low", low.0), figure("high", high.0));
            format!(" (95 of 100: {low} to {high})")
        });
        let alone = last
            .without_migration
            .map(|alone| figure("without_migration", alone.0))
            .map_or(String::new(), |alone| {
                format!(", without migration {alone}")
            });
        self.more(format_args!(
            "on {}: {total} persons{}, naive line {naive}{alone}",
            last.on,
            interval.unwrap_or_default()
        ));
        for need in &last.needs {
            self.more(needed(need));
        }
    }
}

fn outcome(reading: &ReadingResult) -> String {
    match (reading.outcome, reading.excess) {
        (TriggerOutcome::Fired, Some(excess)) => format!("fires, by {excess}"),
        (TriggerOutcome::NotFired, Some(excess)) => format!("does not fire ({excess})"),
        _ => {
            let missing: Vec<_> = reading
                .missing
                .iter()
                .map(|missing| format!("{} {}", missing.indicator, missing.period))
                .collect();
            format!("cannot be evaluated, missing {}", missing.join(", "))
        }
    }
}

fn needed(need: &Need) -> String {
    let institutions = need
        .institutions
        .map_or(String::new(), |n| format!(", institutions {n}"));
    format!(
        "{}: need {}, have {}, gap {}{institutions}",
        need.service, need.need, need.have, need.gap
    )
}
