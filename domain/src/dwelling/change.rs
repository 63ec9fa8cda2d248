//! What becomes of a dwelling itself (points 9 and 10): described otherwise from a day on, corrected, destroyed. Whoever is
//! registered there stays registered: more residents than the norm takes are reported.

use qonys_events::{
    fact::{
        Fact,
        dwelling::{DwellingChanged, DwellingDestroyed},
        registration::{Corrects, DwellingRecorded},
    },
    id::Ref,
    scalar::Count,
};

use super::{Dwelling, provision, recorded, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{ChangeDwelling, CorrectDwelling, DestroyDwelling},
    context::Context,
    decide::{Decided, Undecided},
    person::{interval::Interval, not_correctable, sealed, superseded_id},
    streams::Known,
};

/// Adds what is found when a dwelling is described otherwise: more residents than the norm of point 10 takes.
fn finding(
    mut decided: Decided,
    dwelling: Ref,
    before: &Dwelling,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let mut after = before.clone();
    for (_, event) in &decided {
        after.apply(event);
    }
    let from_then_on = Interval {
        from: cx.effective_from(),
        until: None,
    };
    if let Some(found) = provision::found(&after, from_then_on, cx, known.law()?) {
        decided.push((stream(dwelling), cx.event(Fact::OverNormFound(found))));
    }
    Ok(decided)
}

/// Describes a dwelling otherwise from the effective day on: another area, fund, district or use.
pub fn change(c: &ChangeDwelling, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    let day = cx.effective_from();
    let now = dwelling.premises_on(c.dwelling, day)?;
    if let Some(destroyed) = dwelling.destroyed_on {
        return Err(Blocked::control(Code::DwellingDestroyed)
            .with("dwelling", c.dwelling)
            .with("destroyed-on", destroyed)
            .into());
    }
    let same = (now.fund, now.useful_area, now.serves) == (c.fund, c.useful_area, c.premises);
    if same && now.district == c.district {
        return Err(Blocked::control(Code::NoChange)
            .with("dwelling", c.dwelling)
            .into());
    }
    let fact = DwellingChanged {
        fund: c.fund,
        useful_area: c.useful_area,
        district: c.district.clone(),
        premises: c.premises,
        reason: c.reason,
        document: c.document,
    };
    let changed = vec![(stream(c.dwelling), cx.event(Fact::DwellingChanged(fact)))];
    finding(changed, c.dwelling, dwelling, cx, known)
}

/// Corrects how a dwelling was recorded: a full new fact that supersedes the entry. Changes from later days on stand.
pub fn correct(c: &CorrectDwelling, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    if dwelling.recorded_by != c.entry {
        return Err(not_correctable(&dwelling.superseded, c.entry).into());
    }
    sealed(&cx.slots, "address", c.dwelling)?;
    let fact = DwellingRecorded {
        dwelling: c.dwelling,
        fund: c.fund,
        useful_area: c.useful_area,
        district: c.district.clone(),
        premises: c.premises,
        corrects: Some(Corrects {
            entry: c.entry,
            reason: c.reason,
        }),
        slots: cx.slots.clone(),
    };
    let event = cx.record(Fact::DwellingRecorded(fact));
    let corrected = vec![(
        stream(c.dwelling),
        event.superseding(superseded_id(cx, c.entry)?),
    )];
    finding(corrected, c.dwelling, dwelling, cx, known)
}

/// Records that a dwelling is destroyed from the effective day on. Residents are told of, not evicted: each residence
/// ends by a decision of its own.
pub fn destroy(c: &DestroyDwelling, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    if let Some(destroyed) = dwelling.destroyed_on {
        return Err(Blocked::control(Code::DwellingDestroyed)
            .with("dwelling", c.dwelling)
            .with("destroyed-on", destroyed)
            .into());
    }
    let residents = dwelling.residents_on(cx.effective_from()).count() as u64;
    let fact = DwellingDestroyed {
        document: c.document,
        residents: Count(residents),
    };
    Ok(vec![(
        stream(c.dwelling),
        cx.event(Fact::DwellingDestroyed(fact)),
    )])
}
