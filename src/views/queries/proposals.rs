//! Proposals to the authorised body (point 5): where each stands, what was answered, which acts answer it.

use qonys_events::{
    id::{Line, Ref},
    scalar::{Count, Day, Slug},
};
use qonys_projections::{
    proposals::{ProposalActRow, ProposalRow},
    quota::LimitRow,
    table::Value,
};
use serde::Serialize;

use super::{AsOf, Point, Shown, Views, ViewsError, Where, reference};
use crate::clock::Clock;

/// What an act that answers a proposal sets for the territory that the proposal is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetByAct {
    /// The act.
    pub act: Slug,
    /// The line.
    pub line: Line,
    /// Its limit.
    pub limit: Count,
}

/// A proposal with the acts that answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposalWithActs {
    /// The proposal as it stands on the day.
    #[serde(flatten)]
    pub proposal: Shown<ProposalRow>,
    /// The acts that are linked to it by the day.
    pub acts: Vec<Slug>,
    /// What those acts set for its territory in its years: the proposal itself changes no quota.
    pub set: Vec<SetByAct>,
}

/// Proposals on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposalsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The proposals, by the day of their draft.
    pub proposals: Vec<ProposalWithActs>,
}

/// Which proposals are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProposalQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The effective day; the default day of the point without one.
    pub effective: Option<Day>,
    /// Only this one.
    pub proposal: Option<Ref>,
    /// Only those in this state, such as `sent`.
    pub state: Option<String>,
}

impl Views {
    /// Proposals as they stand on a day, as known at a point.
    pub async fn proposals(
        &self,
        query: &ProposalQuery,
        clock: &Clock,
    ) -> Result<ProposalsAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let day = query
            .effective
            .unwrap_or_else(|| self.default_day(query.as_of, at, clock));
        let which = query.proposal.and_then(reference);
        let of = Where::at(at, true)
            .on(day)
            .is("proposal", which.clone())
            .is("state", query.state.as_ref().map(Value::text));
        let rows: Vec<ProposalRow> = self.rows(at, &of, "ORDER BY drafted_on, proposal").await?;
        let of = Where::at(at, false).is("proposal", which).holds(
            "effective_from",
            "<=",
            Some(Value::text(day)),
        );
        let links: Vec<ProposalActRow> = self.rows(at, &of, "ORDER BY proposal, act").await?;
        let limits: Vec<LimitRow> = if links.is_empty() {
            Vec::new()
        } else {
            self.rows(
                at,
                &Where::at(at, false),
                "ORDER BY line, act, recorded_from",
            )
            .await?
        };
        let with_acts = |proposal: ProposalRow| {
            let own = links.iter().filter(|l| l.proposal == proposal.proposal);
            let acts: Vec<Slug> = own.map(|link| link.act.clone()).collect();
            let years = (proposal.year_from, proposal.year_to);
            let answers = |limit: &&LimitRow| {
                let year = Some(limit.quota_year);
                acts.contains(&limit.act)
                    && limit.territory == proposal.territory
                    && (years.0.is_none() || (years.0 <= year && year <= years.1))
            };
            let set = limits.iter().filter(answers).map(|limit| SetByAct {
                act: limit.act.clone(),
                line: limit.line.clone(),
                limit: limit.places,
            });
            ProposalWithActs {
                set: set.collect(),
                acts,
                proposal: Shown(proposal),
            }
        };
        Ok(ProposalsAnswer {
            at,
            day,
            proposals: rows.into_iter().map(with_acts).collect(),
        })
    }
}
