//! The law changed: the validity of a norm or of a power, which was open, has an end (points 1 and 11). What was decided
//! before that day rests on it still.

use qonys_events::{
    fact::{
        Fact,
        amended::{NormEnded, PowerEnded},
    },
    id::StreamId,
    scalar::Day,
};

use crate::{
    blocked::{Blocked, Code},
    command::{EndNorm, EndPower},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// The open one of some validities, by its first day, if it can end on a day.
fn open(validities: impl Iterator<Item = (Day, Option<Day>)>, until: Day) -> Result<Day, Blocked> {
    let mut open = validities.filter(|(_, end)| end.is_none());
    let Some((from, _)) = open.next() else {
        return Err(Blocked::control(Code::NoChange).with("until", until));
    };
    if until <= from {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .with("until", until));
    }
    Ok(from)
}

/// Ends the open validity of a norm.
pub fn end_norm(c: &EndNorm, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let named = |blocked: Blocked| blocked.with("norm", &c.norm);
    let norms = known.law()?.norms.get(&c.norm);
    let norms = norms.ok_or_else(|| named(Blocked::control(Code::NormMissing)))?;
    let from = open(norms.iter().map(|norm| (norm.from, norm.until)), c.until).map_err(named)?;
    let fact = NormEnded {
        norm: c.norm.clone(),
        from,
        until: c.until,
        source: c.source.clone(),
    };
    Ok(vec![(StreamId::law(), cx.record(Fact::NormEnded(fact)))])
}

/// Ends the open validity of a power of the catalogue, by document and point.
pub fn end_power(c: &EndPower, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let named = |blocked: Blocked| {
        let blocked = blocked.with("power", &c.power);
        blocked.with("document", &c.document)
    };
    let validities = known.law()?.validities(&c.power, &c.document, &c.point);
    if validities.is_empty() {
        return Err(named(Blocked::control(Code::PowerNotCatalogued)).into());
    }
    let from = open(validities.into_iter(), c.until).map_err(named)?;
    let fact = PowerEnded {
        power: c.power.clone(),
        document: c.document.clone(),
        point: c.point.clone(),
        from,
        until: c.until,
        source: c.source.clone(),
    };
    Ok(vec![(StreamId::law(), cx.record(Fact::PowerEnded(fact)))])
}
