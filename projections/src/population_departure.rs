//! The trigger of point 7 and plans of measures: every evaluation with its three readings, plans, and their measures as
//! they stand on a day.

use qonys_events::{
    fact::{
        Fact,
        population_departure::{
            MeasurePlanOpened, PlanCause, PopulationDepartureEvaluated,
            PopulationDepartureReadingChosen,
        },
    },
    figure::{Figure, Period},
    id::{Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Text},
    term::{MeasureKind, MeasureOutcome, Reading, TriggerOutcome},
};

use crate::{
    cell::{Json, rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert, known, overlay},
    table::{Key, Table},
};

words! {
    /// Why a plan was opened.
    CauseKind {
        /// The trigger fired.
        TriggerFired = "trigger-fired",
        /// The akimat acts before it fires.
        EarlyAction = "early-action",
    }
}

words! {
    /// Where a plan stands.
    PlanState {
        /// It runs.
        Open = "open",
        /// It was closed.
        Closed = "closed",
    }
}

rows! {
    /// An evaluation of the trigger.
    EvaluationRow in POPULATION_DEPARTURE_EVALUATION = "population_departure_evaluation" {
        key: [territory, evaluation, recorded_from],
        entity: [],
        indexes: [[outcome]],
    }
    /// The territory.
    territory: Slug,
    /// Its number among those of the territory.
    evaluation: Count,
    /// The period.
    period: Period,
    /// The reading that counts, by a recorded choice.
    default_reading: Reading,
    /// What it says.
    outcome: TriggerOutcome,
    /// Departures against arrivals and natural increase.
    reading_a: Option<TriggerOutcome>,
    /// Departures against natural increase.
    reading_b: Option<TriggerOutcome>,
    /// Departures against total growth.
    reading_c: Option<TriggerOutcome>,
    /// The readings with their numbers and what is missing: a JSON list as the entry writes it.
    readings: Json,
    /// The figures that were read: a JSON list.
    inputs: Json,
    /// The evaluation whose place it takes.
    reevaluates: Option<Count>,
    /// What the default reading said there.
    outcome_before: Option<TriggerOutcome>,
    /// Whether the outcome changed.
    changed: bool,
    /// The date of the evaluation.
    decided_on: Day,
    /// First day of the period.
    effective_from: Day,
    /// First day after the period.
    effective_to: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// Which reading counts in a territory from a day.
    ReadingRow in POPULATION_DEPARTURE_READING = "population_departure_reading" {
        key: [territory, effective_from, recorded_from],
        entity: [territory],
        indexes: [],
    }
    /// The territory.
    territory: Slug,
    /// The reading.
    reading: Reading,
    /// Why.
    reason: Text,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A plan of measures as it stands from a day.
    MeasurePlanRow in MEASURE_PLAN = "measure_plan" {
        key: [plan, effective_from, recorded_from],
        entity: [plan],
        indexes: [[territory], [state]],
    }
    /// The plan.
    plan: Ref,
    /// The territory.
    territory: Slug,
    /// Where it stands.
    state: PlanState,
    /// Why it was opened.
    cause: CauseKind,
    /// The evaluation that fired.
    evaluation: Option<Count>,
    /// The reason to act early.
    reason: Option<Text>,
    /// Whether kandas live in the territory, by the figure that was read; null when none was asked for.
    kandas: Option<bool>,
    /// The day of the opening.
    opened_on: Day,
    /// The day of the closing.
    closed_on: Option<Day>,
    /// What it came to.
    result: Option<Text>,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A measure of a plan as it stands from a day.
    MeasureRow in MEASURE = "measure" {
        key: [plan, measure, effective_from, recorded_from],
        entity: [plan, measure],
        indexes: [[owner], [due]],
    }
    /// The plan.
    plan: Ref,
    /// Its number in the plan.
    measure: Count,
    /// Its kind.
    kind: MeasureKind,
    /// What is done.
    what: Text,
    /// The office that answers for it.
    owner: Slug,
    /// The last day for it.
    due: Day,
    /// The indicator by which its effect is seen.
    indicator: Slug,
    /// What that indicator should reach.
    target: Option<Figure>,
    /// How many of a hundred participants are young, as planned.
    youth_percent: Option<Count>,
    /// How it stands by the last report.
    outcome: Option<MeasureOutcome>,
    /// What the indicator reached.
    reached: Option<Figure>,
    /// The last report.
    report: Option<Text>,
    /// Its day.
    reported_on: Option<Day>,
    /// Whether it came after the last day for the measure.
    late: bool,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

impl MeasureRow {
    /// Whether a report ended it.
    pub fn ended(&self) -> bool {
        self.outcome.is_some_and(|o| o != MeasureOutcome::UnderWay)
    }

    /// Whether its last day lies before this one and no report has ended it.
    pub fn overdue(&self, on: Day) -> bool {
        !self.ended() && self.due < on
    }
}

fn plan_of(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let fits = stream.kind() == StreamKind::MeasurePlan;
    let plan = fits.then(|| stream.key().parse().ok()).flatten();
    plan.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

fn evaluated(
    entry: &Recorded,
    fact: &PopulationDepartureEvaluated,
) -> Result<EvaluationRow, FoldError> {
    let of = |reading: Reading| {
        let result = fact.readings.iter().find(|r| r.reading == reading);
        result.map(|r| r.outcome)
    };
    let decided_on = entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })?;
    Ok(EvaluationRow {
        territory: fact.territory.clone(),
        evaluation: fact.evaluation,
        period: fact.period,
        default_reading: fact.default_reading,
        outcome: fact.outcome,
        reading_a: of(Reading::A),
        reading_b: of(Reading::B),
        reading_c: of(Reading::C),
        readings: Json::of(&fact.readings)?,
        inputs: Json::of(&fact.inputs)?,
        reevaluates: fact.reevaluates,
        outcome_before: fact.outcome_before,
        changed: fact.outcome_before.is_some_and(|o| o != fact.outcome),
        decided_on,
        effective_from: fact.period.from(),
        effective_to: fact.period.until(),
        recorded_from: entry.position(),
    })
}

/// A choice counts up to the next one that takes effect later, whenever that was recorded.
fn chosen(
    entry: &Recorded,
    fact: &PopulationDepartureReadingChosen,
    rows: &mut dyn Changes,
) -> Result<(), FoldError> {
    let (day, at) = (entry.day()?, entry.position());
    let known = known::<ReadingRow>(rows, &Key::of([&fact.territory]))?;
    let later = known.iter().map(|row| row.effective_from);
    let row = ReadingRow {
        territory: fact.territory.clone(),
        reading: fact.reading,
        reason: fact.reason.clone(),
        effective_from: day,
        effective_to: later.filter(|from| *from > day).min(),
        recorded_from: at,
        recorded_to: None,
    };
    overlay(rows, &row, at)
}

fn opened(entry: &Recorded, fact: &MeasurePlanOpened) -> Result<MeasurePlanRow, FoldError> {
    let day = entry.day()?;
    let (cause, evaluation, reason) = match &fact.cause {
        PlanCause::TriggerFired { evaluation } => {
            (CauseKind::TriggerFired, Some(*evaluation), None)
        }
        PlanCause::EarlyAction { reason } => (CauseKind::EarlyAction, None, Some(reason.clone())),
    };
    Ok(MeasurePlanRow {
        plan: plan_of(entry)?,
        territory: fact.territory.clone(),
        state: PlanState::Open,
        cause,
        evaluation,
        reason,
        kandas: fact.kandas.as_ref().map(|figure| figure.value.0 > 0),
        opened_on: day,
        closed_on: None,
        result: None,
        effective_from: day,
        effective_to: None,
        recorded_from: entry.position(),
        recorded_to: None,
    })
}

/// The view of evaluations and plans.
#[derive(Debug, Clone, Copy)]
pub struct PopulationDeparture;

impl Projection for PopulationDeparture {
    fn name(&self) -> &'static str {
        "population-departure"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const {
            &[
                &POPULATION_DEPARTURE_READING,
                &POPULATION_DEPARTURE_EVALUATION,
                &MEASURE_PLAN,
                &MEASURE,
            ]
        }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.population-departure.reading-chosen.v1",
            "kz.qonys.population-departure.evaluated.v1",
            "kz.qonys.measure-plan.opened.v1",
            "kz.qonys.measure-plan.measure-added.v1",
            "kz.qonys.measure-plan.measure-reported.v1",
            "kz.qonys.measure-plan.closed.v1",
        ]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        if let Fact::PopulationDepartureReadingChosen(fact) = &entry.event().fact {
            return wanted.known(&POPULATION_DEPARTURE_READING, Key::of([&fact.territory]));
        }
        let Ok(plan) = plan_of(entry) else { return };
        let measure = match &entry.event().fact {
            Fact::MeasureAdded(fact) => fact.measure,
            Fact::MeasureReported(fact) => fact.measure,
            _ => return wanted.known(&MEASURE_PLAN, Key::of([plan])),
        };
        wanted.known(&MEASURE, measure_key(plan, measure));
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let at = entry.position();
        let untold = |what: String| FoldError::Untold { position: at, what };
        match &entry.event().fact {
            Fact::PopulationDepartureReadingChosen(fact) => chosen(entry, fact, rows),
            Fact::PopulationDepartureEvaluated(fact) => insert(rows, &evaluated(entry, fact)?),
            Fact::MeasurePlanOpened(fact) => overlay(rows, &opened(entry, fact)?, at),
            Fact::MeasurePlanClosed(fact) => {
                let (plan, day) = (plan_of(entry)?, entry.day()?);
                let found = known::<MeasurePlanRow>(rows, &Key::of([plan]))?;
                let last = found.into_iter().max_by_key(|row| row.effective_from);
                let mut row = last.ok_or_else(|| untold(format!("plan {plan}")))?;
                (row.state, row.closed_on) = (PlanState::Closed, Some(day));
                row.result = Some(fact.result.clone());
                (row.effective_from, row.effective_to) = (day, None);
                (row.recorded_from, row.recorded_to) = (at, None);
                overlay(rows, &row, at)
            }
            Fact::MeasureAdded(fact) => {
                let row = MeasureRow {
                    plan: plan_of(entry)?,
                    measure: fact.measure,
                    kind: fact.kind,
                    what: fact.what.clone(),
                    owner: fact.owner.clone(),
                    due: fact.due,
                    indicator: fact.indicator.clone(),
                    target: fact.target,
                    youth_percent: fact.youth_percent,
                    outcome: None,
                    reached: None,
                    report: None,
                    reported_on: None,
                    late: false,
                    effective_from: entry.day()?,
                    effective_to: None,
                    recorded_from: at,
                    recorded_to: None,
                };
                overlay(rows, &row, at)
            }
            Fact::MeasureReported(fact) => {
                let (plan, day) = (plan_of(entry)?, entry.day()?);
                let found = known::<MeasureRow>(rows, &measure_key(plan, fact.measure))?;
                let last = found.into_iter().max_by_key(|row| row.effective_from);
                let what = || format!("measure {} of plan {plan}", fact.measure);
                let mut row = last.ok_or_else(|| untold(what()))?;
                row.outcome = Some(fact.outcome);
                row.reached = fact.reached.or(row.reached);
                row.report = Some(fact.report.clone());
                (row.reported_on, row.late) = (Some(day), fact.late);
                (row.effective_from, row.effective_to) = (day, None);
                (row.recorded_from, row.recorded_to) = (at, None);
                overlay(rows, &row, at)
            }
            _ => Ok(()),
        }
    }
}

/// The entity of a measure. Its number stands in the table as a number.
fn measure_key(plan: Ref, measure: Count) -> Key {
    use crate::cell::Cell as _;
    Key(vec![plan.value(), measure.value()])
}
