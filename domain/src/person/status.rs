//! The status of kandas after its grant (point 6; migration law art. 25): extension, and end before its day. It is not
//! inclusion in a quota: who becomes a citizen keeps the place.

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        case::StatusAllowed,
        status::{StatusEnded, StatusExtended},
    },
    id::Ref,
    scalar::Day,
    term::{DecisionType, StatusAsk},
};

use super::{Person, interval::Interval, living, recorded, stream};
use crate::{
    application::Asked,
    blocked::{Blocked, Code},
    command::{EndKandasStatus, ExtendKandasStatus},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

impl Person {
    /// The first day of the status with which somebody was settled on a day, what was added to its end aside: the one that
    /// lasts on it or ended last before it; else the first one after. A status that ended and was granted again is another.
    pub fn kandas_since(&self, settled: Day) -> Option<Day> {
        let mut statuses = self.kandas.clone();
        statuses.sort_unstable_by_key(|status| status.from);
        let mut since: Option<Day> = None;
        let mut ended = None;
        for status in statuses {
            if since.is_some() && status.from > settled {
                break;
            }
            if since.is_none() || ended != Some(status.from) {
                since = Some(status.from);
            }
            ended = status.until;
        }
        since
    }

    /// The last status that was granted.
    fn last_status(&self) -> Option<Interval> {
        self.kandas.iter().copied().max_by_key(|status| status.from)
    }

    /// The first day of the status that was granted from a day.
    pub(crate) fn status_from(&self, from: Option<Day>) -> Option<Day> {
        let granted = self.kandas.iter().find(|status| Some(status.from) == from);
        granted.map(|status| status.from)
    }

    /// The first day of what was added to a status until a day.
    pub(crate) fn status_until(&self, until: Option<Day>) -> Option<Day> {
        let added = self.kandas.iter().find(|status| status.until == until);
        added.map(|status| status.from)
    }

    /// The status that began on a day, and what was added to its end, has no effect from another day on.
    pub(super) fn annul_status(&mut self, began: Day, from: Option<Day>) {
        let Some(from) = from else { return };
        self.kandas.sort_unstable_by_key(|status| status.from);
        let mut next = Some(began);
        for status in &mut self.kandas {
            if Some(status.from) == next {
                next = status.until;
                status.until = Some(status.until.map_or(from, |until| until.min(from)));
            }
        }
        self.kandas
            .retain(|status| status.until.is_none_or(|until| status.from < until));
    }

    /// The status that lasts on a day ends on that day.
    pub(super) fn end_status(&mut self, on: Day) {
        for status in self.kandas.iter_mut().filter(|status| status.contains(on)) {
            status.until = Some(on);
        }
    }
}

/// The event in the stream of the application that is granted with a status, where there is one.
pub(super) fn allowed(
    application: Option<Ref>,
    person: Ref,
    asks: StatusAsk,
    until: Option<Day>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let Some(id) = application else {
        return Ok(Decided::new());
    };
    let asked = known.application(id)?.undecided(id)?;
    let fits =
        matches!(asked, Asked::Status(status) if status.asks == asks && status.applicant == person);
    if !fits {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("application", id)
            .with("person", person)
            .into());
    }
    let fact = Fact::StatusAllowed(StatusAllowed {
        official: cx.actor.actor,
        in_stead_of: cx.actor.onbehalfof,
        until,
    });
    let stream = qonys_events::id::StreamId::of(qonys_events::id::StreamKind::Application, id);
    Ok(vec![(stream, cx.event(fact).case(id))])
}

/// Extends the last status from the day on which it would have ended. How long is for the official to say: the limit, if
/// there is one, is a norm that no source gives.
pub fn extend(
    c: &ExtendKandasStatus,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = living(known, c.person, cx.decided_on)?;
    let basis = known
        .law()?
        .basis(DecisionType::KandasStatusExtension, cx.decided_on)?;
    let facts = Facts::new().with("act-certainty", basis.certainty);
    let Some((last, ends)) = person
        .last_status()
        .and_then(|last| Some((last, last.until?)))
    else {
        return Err(Blocked::law(Code::StatusMissing, &basis)
            .having_read(&facts)
            .into());
    };
    let facts = facts
        .with("status-from", last.from)
        .with("status-until", ends);
    if cx.decided_on > ends {
        return Err(Blocked::law(Code::StatusMissing, &basis)
            .having_read(&facts)
            .into());
    }
    if c.until <= ends {
        return Err(Blocked::control(Code::IntervalEmpty)
            .having_read(&facts)
            .with("until", c.until)
            .into());
    }
    let fact = Fact::StatusExtended(StatusExtended {
        would_have_ended: ends,
        facts,
    });
    let event = cx.event(fact).effective(ends, Some(c.until)).citing(basis);
    let mut decided = vec![(stream(c.person), event)];
    decided.extend(allowed(
        c.application,
        c.person,
        StatusAsk::Extension,
        Some(c.until),
        cx,
        known,
    )?);
    Ok(decided)
}

/// Ends the status before its day, on a ground in force: a norm `status-end-ground.<ground>`. An inclusion stays.
pub fn end(c: &EndKandasStatus, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    let law = known.law()?;
    let ground = law.norm(&format!("status-end-ground.{}", c.ground), cx.decided_on)?;
    let basis = law.basis(DecisionType::KandasStatusEnd, cx.decided_on)?;
    let from = cx.effective_from();
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("ground-number", ground.value)
        .with("kandas-status", person.kandas_on(from));
    if !person.kandas_on(from) {
        return Err(Blocked::law(Code::StatusMissing, &basis)
            .having_read(&facts)
            .into());
    }
    let fact = Fact::StatusEnded(StatusEnded {
        ground: c.ground,
        facts,
        bases: vec![ground.citation],
    });
    Ok(vec![(stream(c.person), cx.event(fact).citing(basis))])
}
