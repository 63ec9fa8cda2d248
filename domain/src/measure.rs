//! Plans of measures against the departure of population (point 7): opened for a trigger that fired or by a decision to
//! act early, with measures that have an owner, a last day and a result.

use qonys_events::{
    citation::Facts,
    event::Event,
    fact::{
        Fact,
        population_departure::{
            MeasureAdded, MeasurePlanClosed, MeasurePlanOpened, MeasureReported, PlanCause,
        },
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Count, Day, Slug},
    term::{DecisionType, MeasureKind, MeasureOutcome, TriggerOutcome},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{AddMeasure, CloseMeasurePlan, OpenMeasurePlan, ReportMeasure},
    context::Context,
    decide::{Decided, Undecided},
    indicator::Figures,
    streams::Known,
};

/// A share of a whole, in percent.
const WHOLE_PERCENT: u64 = 100;

/// A measure of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Measure {
    kind: MeasureKind,
    due: Day,
    since: Day,
    outcome: Option<MeasureOutcome>,
}

impl Measure {
    /// Whether a report ended it.
    fn ended(&self) -> bool {
        self.outcome.is_some_and(|o| o != MeasureOutcome::UnderWay)
    }
}

/// A plan of measures, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeasurePlan {
    territory: Option<Slug>,
    /// The decision date of the opening.
    since: Option<Day>,
    kandas: bool,
    measures: Vec<Measure>,
    closed: bool,
}

impl MeasurePlan {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::MeasurePlanOpened(opened) => {
                self.territory = Some(opened.territory.clone());
                self.since = event.decidedon;
                self.kandas = opened.kandas.as_ref().is_some_and(|k| k.value.0 > 0);
            }
            Fact::MeasureAdded(added) => self.measures.push(Measure {
                kind: added.kind,
                due: added.due,
                since: event.decidedon.unwrap_or(added.due),
                outcome: None,
            }),
            Fact::MeasureReported(reported) => {
                let place = usize::try_from(reported.measure.0).unwrap_or_default();
                let measure = place.checked_sub(1).and_then(|n| self.measures.get_mut(n));
                if let Some(measure) = measure {
                    measure.outcome = Some(reported.outcome);
                }
            }
            Fact::MeasurePlanClosed(_) => self.closed = true,
            _ => {}
        }
    }

    /// The territory; `None` while there is no plan.
    pub fn territory(&self) -> Option<&Slug> {
        self.territory.as_ref()
    }

    fn count(&self, of: impl Fn(MeasureOutcome) -> bool) -> Count {
        let ended = self.measures.iter().filter(|m| m.outcome.is_some_and(&of));
        Count(ended.count() as u64)
    }
}

fn on(plan: Ref, event: Event) -> Decided {
    vec![(
        StreamId::of(StreamKind::MeasurePlan, plan),
        event.case(plan),
    )]
}

/// A plan that is open, on a decision date that is not before its opening.
fn open_plan<'a>(known: &Known<'a>, plan: Ref, cx: &Context) -> Result<&'a MeasurePlan, Undecided> {
    let found = known.measure_plan(plan)?;
    let blocked = |code| Blocked::control(code).with("plan", plan);
    match found.since {
        None => Err(blocked(Code::PlanNotFound).into()),
        Some(_) if found.closed => Err(blocked(Code::PlanClosed).into()),
        Some(since) if cx.decided_on < since => Err(blocked(Code::BeforeItsCause)
            .with("decided-on", cx.decided_on)
            .with("since", since)
            .into()),
        Some(_) => Ok(found),
    }
}

/// Opens a plan (point 7): for an evaluation that fired and still stands, or by an explicit decision to act early.
pub fn open(c: &OpenMeasurePlan, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let mut facts = Facts::new();
    if let PlanCause::TriggerFired { evaluation } = &c.cause {
        let blocked = |code| {
            Blocked::control(code)
                .with("territory", &c.territory)
                .with("evaluation", evaluation)
        };
        let found = known
            .population_departure(&c.territory)?
            .evaluation(*evaluation);
        let found = found.ok_or_else(|| blocked(Code::EvaluationNotFound))?;
        if found.superseded {
            return Err(blocked(Code::EvaluationSuperseded).into());
        }
        if found.outcome != TriggerOutcome::Fired {
            return Err(blocked(Code::TriggerNotFired)
                .with("outcome", found.outcome)
                .into());
        }
        facts = facts.with("outcome", found.outcome);
    }
    let mut kandas = None;
    if let Some(indicator) = &c.kandas_indicator {
        if known.indicator(indicator)?.definition().is_none() {
            return Err(Blocked::control(Code::IndicatorNotFound)
                .with("indicator", indicator)
                .into());
        }
        let figures = Figures::of(known, &c.territory);
        kandas = figures.standing(indicator, cx.decided_on)?;
        let found = kandas.as_ref().map(|k| k.figure.value.to_string());
        facts = facts.with("kandas", found.as_deref().unwrap_or("not-recorded"));
    }
    let basis = known
        .law()?
        .basis(DecisionType::PopulationDepartureMeasures, cx.decided_on)?;
    let facts = facts.with("act-certainty", basis.certainty);
    let fact = MeasurePlanOpened {
        territory: c.territory.clone(),
        cause: c.cause.clone(),
        kandas: kandas.map(|found| found.figure),
        facts,
    };
    let event = cx.event(Fact::MeasurePlanOpened(fact)).citing(basis);
    Ok(on(cx.minted, event))
}

/// Adds a measure to an open plan (point 7): of one of the kinds of the point or another, with owner, last day and the
/// indicator by which its effect is seen.
pub fn add(c: &AddMeasure, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let plan = open_plan(known, c.plan, cx)?;
    if c.due < cx.decided_on {
        return Err(Blocked::control(Code::DueDatePassed)
            .with("due", c.due)
            .with("decided-on", cx.decided_on)
            .into());
    }
    if let Some(percent) = c.youth_percent.filter(|p| p.0 > WHOLE_PERCENT) {
        return Err(Blocked::control(Code::ShareAboveWhole)
            .with("youth-percent", percent)
            .into());
    }
    if known.indicator(&c.indicator)?.definition().is_none() {
        return Err(Blocked::control(Code::IndicatorNotFound)
            .with("indicator", &c.indicator)
            .into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::PopulationDepartureMeasures, cx.decided_on)?;
    let fact = MeasureAdded {
        measure: Count(plan.measures.len() as u64 + 1),
        kind: c.kind,
        what: c.what.clone(),
        owner: c.owner.clone(),
        due: c.due,
        indicator: c.indicator.clone(),
        target: c.target,
        youth_percent: c.youth_percent,
        facts: Facts::new().with("act-certainty", basis.certainty),
    };
    let event = cx.event(Fact::MeasureAdded(fact)).citing(basis);
    Ok(on(c.plan, event))
}

/// Records what the owner reports on a measure (point 7). To report needs no power.
pub fn report(c: &ReportMeasure, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let plan = open_plan(known, c.plan, cx)?;
    let blocked = |code| Blocked::control(code).with("measure", c.measure);
    let place = usize::try_from(c.measure.0).unwrap_or_default();
    let measure = place.checked_sub(1).and_then(|n| plan.measures.get(n));
    let measure = measure.ok_or_else(|| blocked(Code::MeasureNotFound))?;
    if measure.ended() {
        return Err(blocked(Code::MeasureEnded).into());
    }
    if cx.decided_on < measure.since {
        return Err(blocked(Code::BeforeItsCause)
            .with("decided-on", cx.decided_on)
            .with("since", measure.since)
            .into());
    }
    let fact = MeasureReported {
        measure: c.measure,
        outcome: c.outcome,
        reached: c.reached,
        report: c.report.clone(),
        late: measure.due < cx.decided_on,
        facts: Facts::new().with("due", measure.due),
    };
    Ok(on(c.plan, cx.event(Fact::MeasureReported(fact))))
}

/// Closes a plan when every measure has ended (point 7). Where kandas live, one of them was for their training or
/// retraining. To close needs no power: a plan can be ended after the act that it rests on was repealed.
pub fn close(c: &CloseMeasurePlan, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let plan = open_plan(known, c.plan, cx)?;
    if plan.measures.is_empty() {
        return Err(Blocked::control(Code::PlanWithoutMeasures)
            .with("plan", c.plan)
            .into());
    }
    let open = plan.measures.iter().filter(|m| !m.ended()).count();
    if open > 0 {
        return Err(Blocked::control(Code::MeasuresOpen)
            .with("open", open)
            .into());
    }
    let for_kandas =
        |m: &Measure| matches!(m.kind, MeasureKind::Training | MeasureKind::Retraining);
    if plan.kandas && !plan.measures.iter().any(for_kandas) {
        return Err(Blocked::control(Code::KandasMeasureMissing)
            .with("plan", c.plan)
            .into());
    }
    let fact = MeasurePlanClosed {
        result: c.result.clone(),
        done: plan.count(|o| matches!(o, MeasureOutcome::Done | MeasureOutcome::InPart)),
        dropped: plan.count(|o| o == MeasureOutcome::Dropped),
        facts: Facts::new()
            .with("measures", plan.measures.len())
            .with("kandas", plan.kandas),
    };
    Ok(on(c.plan, cx.event(Fact::MeasurePlanClosed(fact))))
}
