//! An inclusion is counted anew where an act of the setter changed the counting rule within the year (points 3 and 6). It is
//! the same inclusion and nobody is included anew, so the limit of the new line is not asked: what is over it is shown.

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        amended::InclusionRecounted,
        quota::{PlacesRecounted, PlacesReleased},
    },
    id::{StreamId, StreamKind},
    term::{PlaceState, ReleaseReason},
};

use super::{LimitOn, decide::inclusion, places_of};
use crate::{
    blocked::{Blocked, Code},
    command::RecountPlaces,
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// Counts the places of an inclusion by the rule in force from the effective day on. The line in which it was counted gives
/// them back on that day.
pub fn recount(c: &RecountPlaces, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let control = |code| Blocked::control(code).with("application", c.application);
    let filed = application.filed(c.application)?;
    let included = application
        .included()
        .ok_or_else(|| control(Code::NotIncluded))?;
    let law = known.law()?;
    let basis = law.basis(inclusion(filed.category), cx.decided_on)?;
    let (was, from) = (included.counted(), cx.effective_from());
    let office = format!("akimat.{}", was.line.territory);
    if !was.line.is_national() && cx.actor.office.as_str() != office {
        return Err(Blocked::law(Code::NotTheDecidingOffice, &basis)
            .with("deciding-office", &cx.actor.office)
            .with("office-of-territory", office)
            .into());
    }
    let line = law.line_of(was.line.category, &was.line.territory, was.line.year, from);
    let line = line.ok_or_else(|| Blocked::law(Code::NoQuotaLine, &basis))?;
    if *line == was.line {
        return Err(control(Code::NoChange).with("line", line).into());
    }
    if from < was.from {
        return Err(control(Code::BeforeItsCause)
            .with("counted-from", was.from)
            .with("effective-from", from)
            .into());
    }
    let state = known.line(line)?;
    known.line(&was.line)?;
    if state.closed() {
        return Err(control(Code::YearClosed).with("line", line).into());
    }
    let (limit, act) = match state.limit(law, from) {
        LimitOn::Known { places, act } => (places, act),
        LimitOn::NotInForce => {
            return Err(Blocked::law(Code::QuotaNotInForce, &basis)
                .with("day", from)
                .into());
        }
        LimitOn::Unknown { act } => {
            return Err(control(Code::BasisUnknown)
                .with("day", from)
                .with("limit-act", act)
                .into());
        }
    };
    let (places, counted_by) = places_of(&line.rule, filed, law, cx.decided_on)?;
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("counting-rule", &line.rule)
        .with("counted-before", &was.line.rule)
        .with("members", filed.members)
        .with("places", places)
        .with("limit", limit)
        .with("limit-act", &act);
    let released = PlacesReleased {
        application: c.application,
        places: was.places,
        was: PlaceState::Committed,
        reason: ReleaseReason::Recounted,
    };
    let recounted = PlacesRecounted {
        application: c.application,
        places,
        before: was.line.clone(),
    };
    let inclusion = InclusionRecounted {
        line: line.clone(),
        places,
        facts,
        bases: [
            vec![law.cite(&act, "not recorded", cx.decided_on)?],
            counted_by,
        ]
        .concat(),
    };
    let event = |fact| cx.event(fact).case(c.application);
    let told = event(Fact::InclusionRecounted(inclusion)).citing(basis);
    Ok(vec![
        (
            StreamId::line(&was.line),
            event(Fact::PlacesReleased(released)),
        ),
        (
            StreamId::line(line),
            event(Fact::PlacesRecounted(recounted)),
        ),
        (StreamId::of(StreamKind::Application, c.application), told),
    ])
}
