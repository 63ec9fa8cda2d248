//! Applications for inclusion in a quota (point 6): where each stands on a day.

use qonys_events::{
    id::{Line, Ref},
    scalar::Day,
};
use qonys_projections::{applications::ApplicationRow, table::Value};
use serde::Serialize;

use super::{AsOf, PAGE_MAX, Point, Shown, Views, ViewsError, Where, reference};
use crate::clock::Clock;

/// Which applications are asked for; what is left out is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplicationQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The effective day; the default day of the point without one.
    pub effective: Option<Day>,
    /// Only this one.
    pub application: Option<Ref>,
    /// Who applies.
    pub applicant: Option<Ref>,
    /// The line that holds or has its places.
    pub line: Option<Line>,
    /// The state, such as `held`.
    pub state: Option<String>,
    /// Only applications whose reference sorts after this one: the cursor of the page before.
    pub after: Option<Ref>,
    /// At most so many, 1 to [`PAGE_MAX`]; none is the most.
    pub limit: Option<u32>,
}

/// One page of applications, by reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The applications.
    pub applications: Vec<Shown<ApplicationRow>>,
    /// What to give as `after` for the next page; none after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Ref>,
}

impl Views {
    /// One page of applications as they stand on a day, as known at a point.
    pub async fn applications(
        &self,
        query: &ApplicationQuery,
        clock: &Clock,
    ) -> Result<ApplicationsAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let day = query
            .effective
            .unwrap_or_else(|| self.default_day(query.as_of, at, clock));
        let limit = query.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX) as usize;
        let of = Where::at(at, true)
            .on(day)
            .is("application", query.application.and_then(reference))
            .is("applicant", query.applicant.and_then(reference))
            .is("line", query.line.as_ref().map(Value::text))
            .is("state", query.state.as_ref().map(Value::text))
            .holds("application", ">", query.after.and_then(reference));
        let tail = format!("ORDER BY application LIMIT {}", limit + 1);
        let mut rows: Vec<ApplicationRow> = self.rows(at, &of, &tail).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.application);
        let applications = rows.into_iter().map(Shown).collect();
        Ok(ApplicationsAnswer {
            at,
            day,
            applications,
            next,
        })
    }
}
