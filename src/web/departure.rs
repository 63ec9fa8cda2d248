//! One territory under point 7: every evaluation with its three readings side by side, figures that are missing, what a
//! later figure changed, and the plans of measures as they stand on the day.

use askama::Template;
use qonys_events::{
    fact::{indicator::CitedFigure, population_departure::ReadingResult},
    scalar::{Day, Slug},
};
use qonys_projections::{
    indicators::monitor::Monitor,
    population_departure::{
        EvaluationRow, MEASURE, MEASURE_PLAN, MeasurePlanRow, MeasureRow,
        POPULATION_DEPARTURE_EVALUATION, POPULATION_DEPARTURE_READING, PlanState, ReadingRow,
    },
};

use super::{
    Inner,
    asked::Asked,
    departures::{Outcome, made},
    figure::{Input, NamedIndicator, difference, inputs, number, period},
    frame::{Frame, Part},
    locale::Lang,
    shown::{Failed, Shown, rows, with},
};
use crate::queries::monitor;

/// Half the width of a bar, in its own units.
pub(super) const HALF: i64 = 100;

/// By how much departures exceed what they are held against, as a bar from the middle.
struct Excess {
    is_fired: bool,
    x: i64,
    width: i64,
    title: String,
}

/// A figure without which a reading says nothing.
struct Missing {
    indicator: NamedIndicator,
    period: String,
}

/// What one reading says.
struct ShownReading {
    letter: String,
    definition: String,
    outcome: Outcome,
    against: Option<String>,
    excess: Option<String>,
    bar: Option<Excess>,
    missing: Vec<Missing>,
    is_default: bool,
    /// For its ids.
    id: String,
}

/// An evaluation.
struct ShownEvaluation {
    number: String,
    period: String,
    made: String,
    outcome: Outcome,
    default: String,
    readings: Vec<ShownReading>,
    inputs: Vec<Input>,
    /// What it says of the evaluation whose place it takes.
    change: Option<String>,
    has_changed: bool,
    /// The evaluation that stands in its place.
    superseded_by: Option<String>,
}

/// A measure of a plan.
struct ShownMeasure {
    number: String,
    kind: String,
    what: String,
    youth: Option<String>,
    owner: String,
    due: String,
    indicator: NamedIndicator,
    target: Option<String>,
    reached: Option<String>,
    state: String,
    report: Option<String>,
    reported: Option<String>,
    is_overdue: bool,
    is_late: bool,
}

/// A plan.
struct ShownPlan {
    number: usize,
    state: String,
    opened: String,
    cause: String,
    closed: Option<String>,
    result: Option<String>,
    kandas: Option<String>,
    measures: Vec<ShownMeasure>,
}

/// The choice of the reading that counts.
struct Choice {
    letter: String,
    since: String,
    reason: String,
}

/// The page.
#[derive(Template)]
#[template(path = "departure.html")]
pub(super) struct DeparturePage {
    frame: Frame,
    territory: String,
    choice: Option<Choice>,
    evaluations: Vec<ShownEvaluation>,
    plans: Vec<ShownPlan>,
    json: String,
    json_plans: String,
}

impl Shown for DeparturePage {
    const PATH: &'static str = "departures/{territory}";
    const PART: Part = Part::Departures;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let territory: Slug = key.parse().map_err(|_| Failed::Missing)?;
        let wanted = |table| with(table, &asked, "territory", &territory);
        let found = rows(site, wanted(&POPULATION_DEPARTURE_EVALUATION)).await?;
        let evaluations = made(found, asked.known_on());
        let choices = wanted(&POPULATION_DEPARTURE_READING).on(Some(asked.day));
        let choices: Vec<ReadingRow> = rows(site, choices).await?;
        let plans = wanted(&MEASURE_PLAN).on(Some(asked.day));
        let mut plans: Vec<MeasurePlanRow> = rows(site, plans).await?;
        plans.sort_by_key(|plan| (plan.opened_on, plan.recorded_from));
        if evaluations.is_empty() && choices.is_empty() && plans.is_empty() {
            return Err(Failed::Missing);
        }
        let monitor = monitor(site.queries.as_ref(), asked.point.position).await?;
        let of = Of {
            monitor: &monitor,
            territory: &territory,
            day: asked.day,
            lang,
        };
        let mut shown = Vec::new();
        for (number, plan) in (1..).zip(&plans) {
            let measures = with(&MEASURE, &asked, "plan", plan.plan).on(Some(asked.day));
            let mut measures: Vec<MeasureRow> = rows(site, measures).await?;
            measures.sort_by_key(|row| row.measure);
            shown.push(of.plan(number, plan, &measures));
        }
        let told = evaluations.iter().rev();
        let told: Result<Vec<_>, _> = told.map(|row| of.evaluation(row, &evaluations)).collect();
        Ok(Self {
            choice: choices.first().map(|row| Choice {
                letter: row.reading.to_string(),
                since: lang.day(row.effective_from),
                reason: row.reason.to_string(),
            }),
            evaluations: told?,
            plans: shown,
            territory: lang.territory(&territory),
            json: format!(
                "/v1/population-departure-evaluations?position={}&territory={territory}",
                asked.point.position
            ),
            json_plans: format!("/v1/measure-plans{}&territory={territory}", frame.same()),
            frame,
        })
    }
}

/// What is told of a territory.
struct Of<'a> {
    monitor: &'a Monitor,
    territory: &'a Slug,
    day: Day,
    lang: Lang,
}

impl Of<'_> {
    fn evaluation(
        &self,
        row: &EvaluationRow,
        all: &[EvaluationRow],
    ) -> Result<ShownEvaluation, Failed> {
        let lang = self.lang;
        let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
        let readings: Vec<ReadingResult> = row.readings.parse().map_err(broken)?;
        let cited: Vec<CitedFigure> = row.inputs.parse().map_err(broken)?;
        let excess = readings.iter().filter_map(|of| of.excess);
        let widest = excess.map(|of| of.0.saturating_abs()).max().unwrap_or(0);
        let successor = all
            .iter()
            .find(|new| new.reevaluates == Some(row.evaluation));
        let change = row
            .reevaluates
            .zip(row.outcome_before)
            .map(|(old, before)| {
                let id = if row.changed {
                    "evaluation-changed"
                } else {
                    "evaluation-same"
                };
                let before = lang.say(&format!("trigger-{before}"));
                let old = old.to_string();
                lang.with(id, &[("number", &old), ("before", &before)])
            });
        Ok(ShownEvaluation {
            number: row.evaluation.to_string(),
            period: period(row.period, lang),
            made: lang.day(row.decided_on),
            outcome: Outcome::of(Some(row.outcome), lang),
            default: row.default_reading.to_string(),
            readings: readings
                .iter()
                .map(|of| self.reading(of, row, widest))
                .collect(),
            inputs: inputs(&cited, self.monitor, self.territory, lang),
            change,
            has_changed: row.changed,
            superseded_by: successor.map(|new| new.evaluation.to_string()),
        })
    }

    fn reading(&self, of: &ReadingResult, row: &EvaluationRow, widest: i64) -> ShownReading {
        let lang = self.lang;
        let outcome = Outcome::of(Some(of.outcome), lang);
        let letter = of.reading.to_string();
        let bar = of.excess.map(|excess| {
            let length = i128::from(excess.0.saturating_abs()) * i128::from(HALF)
                / i128::from(widest.max(1));
            let width = i64::try_from(length).unwrap_or(HALF).max(1);
            let x = if excess.0 > 0 { HALF } else { HALF - width };
            let by = lang.number(excess.0.saturating_abs());
            let id = if excess.0 > 0 {
                "reading-exceeds"
            } else {
                "reading-below"
            };
            Excess {
                is_fired: excess.0 > 0,
                x,
                width,
                title: lang.with(id, &[("reading", &letter), ("by", &by)]),
            }
        });
        let missing = of.missing.iter().map(|missing| Missing {
            indicator: NamedIndicator::of(self.monitor, &missing.indicator, self.territory, lang),
            period: period(missing.period, lang),
        });
        ShownReading {
            definition: lang.say(&format!("reading-{letter}")),
            outcome,
            against: of.against.map(|against| number(against, lang)),
            excess: of.excess.map(|excess| difference(excess.0, lang)),
            bar,
            missing: missing.collect(),
            is_default: of.reading == row.default_reading,
            id: format!("{}-{letter}", row.evaluation),
            letter,
        }
    }

    fn plan(&self, number: usize, plan: &MeasurePlanRow, measures: &[MeasureRow]) -> ShownPlan {
        let lang = self.lang;
        let cause = match (&plan.evaluation, &plan.reason) {
            (Some(evaluation), _) => {
                let evaluation = evaluation.to_string();
                lang.with("plan-because-fired", &[("number", &evaluation)])
            }
            (None, reason) => {
                let reason = reason.as_ref().map(ToString::to_string);
                let reason = reason.unwrap_or_default();
                lang.with("plan-because-early", &[("reason", &reason)])
            }
        };
        let state = match plan.state {
            PlanState::Open => lang.say("plan-open"),
            PlanState::Closed => lang.say("plan-closed"),
        };
        ShownPlan {
            number,
            state,
            opened: lang.day(plan.opened_on),
            cause,
            closed: plan.closed_on.map(|day| lang.day(day)),
            result: plan.result.as_ref().map(ToString::to_string),
            kandas: plan.kandas.map(|live| {
                let id = if live {
                    "plan-kandas-live"
                } else {
                    "plan-kandas-none"
                };
                lang.say(id)
            }),
            measures: measures.iter().map(|row| self.measure(row)).collect(),
        }
    }

    fn measure(&self, row: &MeasureRow) -> ShownMeasure {
        let lang = self.lang;
        let state = match row.outcome {
            Some(outcome) => lang.say(&format!("came-{outcome}")),
            None => lang.say("came-unreported"),
        };
        let youth = row.youth_percent.map(|percent| percent.to_string());
        ShownMeasure {
            number: row.measure.to_string(),
            kind: lang.say(&format!("measure-{}", row.kind)),
            what: row.what.to_string(),
            youth: youth.map(|percent| lang.with("measure-youth", &[("percent", &percent)])),
            owner: row.owner.to_string(),
            due: lang.day(row.due),
            indicator: NamedIndicator::of(self.monitor, &row.indicator, self.territory, lang),
            target: row.target.map(|target| number(target, lang)),
            reached: row.reached.map(|reached| number(reached, lang)),
            state,
            report: row.report.as_ref().map(ToString::to_string),
            reported: row.reported_on.map(|day| lang.day(day)),
            is_overdue: row.overdue(self.day),
            is_late: row.late,
        }
    }
}
