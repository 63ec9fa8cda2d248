//! The trigger and plans of measures (point 7).

use qonys_events::{
    id::Ref,
    scalar::{Day, Slug},
};
use qonys_projections::{
    population_departure::{EvaluationRow, MeasurePlanRow, MeasureRow},
    table::Value,
};
use serde::Serialize;

use super::{AsOf, Point, Shown, Views, ViewsError, Where, reference};
use crate::clock::Clock;

/// Evaluations of the trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopulationDepartureAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The evaluations, by territory, in their order; those in whose place others stand too.
    pub evaluations: Vec<Shown<EvaluationRow>>,
}

/// A measure with whether it is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeasureOnDay {
    /// The measure.
    #[serde(flatten)]
    pub measure: Shown<MeasureRow>,
    /// Whether its last day is over and no report has ended it.
    pub overdue: bool,
}

/// A plan with its measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanOnDay {
    /// The plan.
    #[serde(flatten)]
    pub plan: Shown<MeasurePlanRow>,
    /// Its measures, in their order.
    pub measures: Vec<MeasureOnDay>,
}

/// Plans on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlansAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The plans, by the day of their opening.
    pub plans: Vec<PlanOnDay>,
}

/// Which plans are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The effective day; the default day of the point without one.
    pub effective: Option<Day>,
    /// Only this one.
    pub plan: Option<Ref>,
    /// Only measures that are overdue, and plans that have one.
    pub overdue: bool,
}

impl Views {
    /// Every evaluation of the trigger: of one territory if one is given, made by a day if one is given.
    pub async fn population_departure(
        &self,
        territory: Option<&Slug>,
        known_on: Option<Day>,
        as_of: AsOf,
    ) -> Result<PopulationDepartureAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let of = Where::at(at, false).is("territory", territory.map(Value::text));
        let rows: Vec<EvaluationRow> = self.rows(at, &of, "ORDER BY territory, evaluation").await?;
        let made = |row: &EvaluationRow| known_on.is_none_or(|day| row.decided_on <= day);
        let evaluations = rows.into_iter().filter(made).map(Shown).collect();
        Ok(PopulationDepartureAnswer { at, evaluations })
    }

    /// Plans of measures as they stand on a day.
    pub async fn measure_plans(
        &self,
        query: &PlanQuery,
        clock: &Clock,
    ) -> Result<PlansAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let day = query
            .effective
            .unwrap_or_else(|| self.default_day(query.as_of, at, clock));
        let of = Where::at(at, true)
            .on(day)
            .is("plan", query.plan.and_then(reference));
        let plans: Vec<MeasurePlanRow> = self.rows(at, &of, "ORDER BY opened_on, plan").await?;
        let measures: Vec<MeasureRow> = self.rows(at, &of, "ORDER BY plan, measure").await?;
        let mut told = Vec::new();
        for plan in plans {
            let own = measures.iter().filter(|m| m.plan == plan.plan);
            let mut own: Vec<_> = own
                .map(|measure| MeasureOnDay {
                    overdue: measure.overdue(day),
                    measure: Shown(measure.clone()),
                })
                .collect();
            if query.overdue {
                own.retain(|measure| measure.overdue);
                if own.is_empty() {
                    continue;
                }
            }
            told.push(PlanOnDay {
                plan: Shown(plan),
                measures: own,
            });
        }
        Ok(PlansAnswer {
            at,
            day,
            plans: told,
        })
    }
}
