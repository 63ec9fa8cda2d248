//! `qonys population-departure` and `qonys measures` (point 7).

use clap::Args;
use qonys_events::{
    fact::population_departure::ReadingResult,
    id::Ref,
    scalar::{Day, Slug},
    term::TriggerOutcome,
};

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, or_dash},
    output,
};
use crate::{clock::Clock, views::queries::population_departure::PlanQuery};

/// Options of `qonys population-departure`.
#[derive(Args)]
pub(super) struct PopulationDeparture {
    /// The territory; all without it.
    territory: Option<Slug>,
    /// As known on this day: what was evaluated later is left out.
    #[arg(long, value_name = "DAY")]
    known_on: Option<Day>,
    #[command(flatten)]
    ask: Ask,
}

/// One reading in a cell: what it says and by how much departures exceed, or how many figures are missing.
fn cell(result: Option<&ReadingResult>) -> String {
    let Some(result) = result else {
        return "-".to_owned();
    };
    match (result.outcome, result.excess) {
        (TriggerOutcome::CannotEvaluate, _) => format!("missing {}", result.missing.len()),
        (outcome, Some(excess)) => format!("{outcome} ({:+})", excess.0),
        (outcome, None) => outcome.to_string(),
    }
}

/// Prints every evaluation of the trigger with its three readings.
pub(super) async fn evaluations(population_departure: PopulationDeparture) -> Result<(), Failure> {
    let views = population_departure.ask.open().await?;
    let as_of = population_departure.ask.as_of.point();
    let answer = views
        .population_departure(
            population_departure.territory.as_ref(),
            population_departure.known_on,
            as_of,
        )
        .await?;
    population_departure.ask.write(&answer, &answer.evaluations, || {
        let mut rows = Vec::new();
        for row in answer.evaluations.iter().map(|row| &row.0) {
            let readings: Vec<ReadingResult> = row.readings.parse().map_err(Failure::error)?;
            let change = row.outcome_before.filter(|_| row.changed);
            rows.push(vec![
                format!("{} {}", row.territory, row.evaluation),
                row.period.to_string(),
                cell(readings.first()),
                cell(readings.get(1)),
                cell(readings.get(2)),
                format!("{} by {}", row.outcome, row.default_reading),
                or_dash(row.reevaluates),
                change.map_or_else(String::new, |before| format!("was {before}")),
            ]);
        }
        let header = [
            "evaluation",
            "period",
            "a",
            "b",
            "c",
            "outcome",
            "in place of",
            "change",
        ];
        output::table(&header, &rows)?;
        output::line(
            "\na: departures > arrivals + natural increase; b: > natural increase; c: > total growth",
        )?;
        computed_at(answer.at, None)
    })
}

/// Options of `qonys measures`.
#[derive(Args)]
pub(super) struct Measures {
    /// One plan; all without it.
    plan: Option<Ref>,
    /// Only measures that are overdue on the day.
    #[arg(long)]
    overdue: bool,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    ask: Ask,
}

/// Prints plans of measures as they stand on a day.
pub(super) async fn measures(measures: Measures) -> Result<(), Failure> {
    let views = measures.ask.open().await?;
    let query = PlanQuery {
        as_of: measures.ask.as_of.point(),
        effective: measures.day.effective,
        plan: measures.plan,
        overdue: measures.overdue,
    };
    let answer = views.measure_plans(&query, &Clock::System).await?;
    measures.ask.write(&answer, &answer.plans, || {
        for plan in &answer.plans {
            let row = &plan.plan.0;
            let because = match (row.evaluation, &row.reason) {
                (Some(evaluation), _) => format!("evaluation {evaluation} fired"),
                (None, reason) => format!("early: {}", or_dash(reason.as_ref())),
            };
            output::line(&format!(
                "plan {} for {}, {} since {}, {because}",
                row.plan,
                row.territory,
                row.state.as_str(),
                row.effective_from
            ))?;
            let rows: Vec<_> = plan
                .measures
                .iter()
                .map(|measure| {
                    let row = &measure.measure.0;
                    let reached = row
                        .target
                        .map(|target| format!("{} of {target}", or_dash(row.reached)));
                    vec![
                        row.measure.to_string(),
                        row.kind.to_string(),
                        row.what.to_string(),
                        row.owner.to_string(),
                        row.due.to_string(),
                        or_dash(row.outcome),
                        or_dash(reached),
                        if measure.overdue { "overdue" } else { "" }.to_owned(),
                    ]
                })
                .collect();
            let header = [
                "no", "kind", "what", "owner", "due", "stands", "reached", "",
            ];
            output::table(&header, &rows)?;
            if let Some(result) = &row.result {
                output::line(&format!("closed: {result}"))?;
            }
            output::line("")?;
        }
        computed_at(answer.at, Some(answer.day))
    })
}
