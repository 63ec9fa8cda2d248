//! Decisions: what each rests on, who took it, what it read (promises P9 and P11).

use qonys_events::{
    id::{Ref, StreamId},
    scalar::{Day, Position, Slug, Text},
};
use qonys_projections::{decisions::DecisionRow, table::Value};
use serde::Serialize;

use super::{AsOf, PAGE_MAX, Point, Shown, Views, ViewsError, Where};

/// Which decisions are asked for; what is left out is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecisionQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The act that they rest on.
    pub act: Option<Slug>,
    /// Article and point of that act.
    pub point: Option<Text>,
    /// The office that decided.
    pub office: Option<Slug>,
    /// The type of the entry.
    pub event_type: Option<Text>,
    /// The stream.
    pub stream: Option<StreamId>,
    /// The command.
    pub command: Option<Ref>,
    /// The case.
    pub case: Option<Ref>,
    /// The first decision date.
    pub decided_from: Option<Day>,
    /// The last decision date.
    pub decided_to: Option<Day>,
    /// Only decisions recorded after this position: the cursor of the page before.
    pub after: Position,
    /// At most so many, 1 to [`PAGE_MAX`]; none is the most.
    pub limit: Option<u32>,
}

/// One page of decisions, in the order of recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The decisions.
    pub decisions: Vec<Shown<DecisionRow>>,
    /// What to give as `after` for the next page; none after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Position>,
}

impl Views {
    /// One page of decisions.
    pub async fn decisions(&self, query: &DecisionQuery) -> Result<DecisionsAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let limit = query.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX) as usize;
        let after = (query.after > Position(0)).then(|| Value::number(query.after.0));
        let of = Where::at(at, false)
            .is("act", query.act.as_ref().map(Value::text))
            .is("point", query.point.as_ref().map(Value::text))
            .is("office", query.office.as_ref().map(Value::text))
            .is("event_type", query.event_type.as_ref().map(Value::text))
            .is("stream", query.stream.as_ref().map(Value::text))
            .is("command", query.command.map(Value::text))
            .is("case_ref", query.case.map(Value::text))
            .holds("decided_on", ">=", query.decided_from.map(Value::text))
            .holds("decided_on", "<=", query.decided_to.map(Value::text))
            .holds("recorded_from", ">", after);
        // One more than is shown says whether there is a next page.
        let tail = format!("ORDER BY recorded_from LIMIT {}", limit + 1);
        let mut rows: Vec<DecisionRow> = self.rows(at, &of, &tail).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.recorded_from);
        let decisions = rows.into_iter().map(Shown).collect();
        Ok(DecisionsAnswer {
            at,
            decisions,
            next,
        })
    }
}
