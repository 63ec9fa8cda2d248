//! When departures exceed the pace of growth (point 7): where the trigger was looked at, and what it says by the reading that
//! counts there.

use std::collections::BTreeMap;

use askama::Template;
use qonys_events::{
    scalar::{Day, Slug},
    term::{Reading, TriggerOutcome},
};
use qonys_projections::population_departure::{
    EvaluationRow, MEASURE_PLAN, MeasurePlanRow, POPULATION_DEPARTURE_EVALUATION, PlanState,
};

use super::{
    Inner,
    asked::Asked,
    figure::period,
    frame::{Frame, Part},
    locale::Lang,
    shown::{Failed, Shown, rows},
};
use crate::queries::Rows;

/// A territory and its newest evaluation.
struct Looked {
    address: String,
    name: String,
    period: String,
    readings: Vec<Said>,
    plans: String,
}

/// A reading and what it says.
struct Said {
    /// The heading of its column.
    reading: String,
    outcome: Outcome,
    /// Whether it is the one that counts.
    is_default: bool,
}

/// What a reading says.
pub(super) struct Outcome {
    pub(super) words: String,
    /// For the style sheet: `fired`, `not-fired`, `cannot-evaluate`.
    pub(super) kind: &'static str,
}

impl Outcome {
    pub(super) fn of(outcome: Option<TriggerOutcome>, lang: Lang) -> Self {
        let kind = outcome.unwrap_or(TriggerOutcome::CannotEvaluate).as_str();
        Self {
            words: lang.say(&format!("trigger-{kind}")),
            kind,
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "departures.html")]
pub(super) struct DeparturesPage {
    frame: Frame,
    looked: Vec<Looked>,
    json: String,
}

/// Evaluations that were made by a day.
pub(super) fn made(rows: Vec<EvaluationRow>, known_on: Day) -> Vec<EvaluationRow> {
    let mut made: Vec<_> = rows
        .into_iter()
        .filter(|row| row.decided_on <= known_on)
        .collect();
    made.sort_by_key(|row| (row.territory.clone(), row.evaluation));
    made
}

/// Those of them in whose place no other one stands.
pub(super) fn standing(made: &[EvaluationRow]) -> Vec<&EvaluationRow> {
    let replaced = |old: &EvaluationRow| {
        let by = |new: &EvaluationRow| {
            new.territory == old.territory && new.reevaluates == Some(old.evaluation)
        };
        made.iter().any(by)
    };
    made.iter().filter(|row| !replaced(row)).collect()
}

impl Shown for DeparturesPage {
    const PATH: &'static str = "departures";
    const PART: Part = Part::Departures;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let at = asked.point.position;
        let found = rows(site, Rows::of(&POPULATION_DEPARTURE_EVALUATION, at)).await?;
        let made = made(found, asked.known_on());
        let plans = Rows::of(&MEASURE_PLAN, at).on(Some(asked.day));
        let plans: Vec<MeasurePlanRow> = rows(site, plans).await?;
        let mut newest: BTreeMap<&Slug, &EvaluationRow> = BTreeMap::new();
        for row in standing(&made) {
            let kept = newest.get(&row.territory);
            if kept.is_none_or(|kept| kept.effective_to <= row.effective_to) {
                newest.insert(&row.territory, row);
            }
        }
        let looked = newest.into_values().map(|row| Looked {
            address: format!("departures/{}", row.territory),
            name: lang.territory(&row.territory),
            period: period(row.period, lang),
            readings: said(row, lang),
            plans: plans_of(&plans, &row.territory, lang),
        });
        Ok(Self {
            looked: looked.collect(),
            json: format!("/v1/population-departure-evaluations?position={at}"),
            frame,
        })
    }
}

fn said(row: &EvaluationRow, lang: Lang) -> Vec<Said> {
    let outcomes = [row.reading_a, row.reading_b, row.reading_c];
    let said = Reading::ALL
        .iter()
        .zip(outcomes)
        .map(|(reading, outcome)| Said {
            reading: lang.with("column-reading", &[("reading", reading.as_str())]),
            outcome: Outcome::of(outcome, lang),
            is_default: *reading == row.default_reading,
        });
    said.collect()
}

fn plans_of(plans: &[MeasurePlanRow], territory: &Slug, lang: Lang) -> String {
    let own = plans.iter().filter(|plan| plan.territory == *territory);
    let (open, closed): (Vec<_>, Vec<_>) = own.partition(|plan| plan.state == PlanState::Open);
    let count =
        |plans: Vec<&MeasurePlanRow>| lang.number(i64::try_from(plans.len()).unwrap_or(i64::MAX));
    lang.with(
        "plans-count",
        &[
            ("open", count(open).as_str()),
            ("closed", count(closed).as_str()),
        ],
    )
}
