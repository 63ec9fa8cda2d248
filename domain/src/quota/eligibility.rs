//! Who may take a place of a line (points 3 and 6): a determined territory, the status of a kandas, one place of a year, a tie of
//! family. Looked at when the verdict is computed, and again when it is adopted.

use qonys_events::{fact::application::ApplicationFiled, id::Ref, term::Category};

use super::decide::{Case, held};
use crate::{
    blocked::{Blocked, Code},
    context::Context,
    decide::Undecided,
    law::Determined,
    streams::Known,
};

/// A member of the family joins an inclusion on the same line (migration law art. 21-1): by family tie, not by status. The
/// case is a norm in force, `family-case.<category>.<case>`; its value says whether the member must have arrived in the
/// year of the quota.
pub(super) fn check_join(
    case: &mut Case<'_>,
    filed: &ApplicationFiled,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let Some(join) = &filed.joins else {
        return Ok(());
    };
    let norm = case.law.norm(
        &format!("family-case.{}.{}", filed.category, join.case),
        cx.decided_on,
    )?;
    case.facts = std::mem::take(&mut case.facts)
        .with("joins", join.application)
        .with("family-tie", join.tie)
        .with("family-case", &norm.norm)
        .with("arrived-on", join.arrived_on);
    // Which ties a case takes is a norm of its own: there is none for another tie.
    let tie = case.law.norm(
        &format!("family-tie.{}.{}.{}", filed.category, join.case, join.tie),
        cx.decided_on,
    );
    tie.map_err(|blocked| blocked.having_read(&case.facts))?;
    let other = known.application(join.application)?;
    let principal = other.filed(join.application)?;
    // Who need not have arrived in the year of the quota takes a place of the year in which he is included.
    let bound = norm.value.0 > 0;
    let fits = (principal.category, &principal.territory) == (filed.category, &filed.territory)
        && (principal.year == filed.year || (!bound && principal.year < filed.year));
    let Some(included) = other.included().filter(|_| fits) else {
        return Err(Blocked::law(Code::NothingToJoin, &norm.citation)
            .having_read(&case.facts)
            .into());
    };
    if case.from < included.from {
        return Err(Blocked::control(Code::BeforeItsCause)
            .having_read(&case.facts)
            .with("included-from", included.from)
            .into());
    }
    if bound && join.arrived_on.year() != filed.year {
        return Err(Blocked::law(Code::ArrivedInAnotherYear, &norm.citation)
            .having_read(&case.facts)
            .into());
    }
    Ok(())
}

/// A kandas has the status on the decision date.
pub(super) fn check_status(
    case: &mut Case<'_>,
    filed: &ApplicationFiled,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    if filed.category != Category::Kandas {
        return Ok(());
    }
    let status = known.person(filed.applicant)?.kandas_on(cx.decided_on);
    case.facts = std::mem::take(&mut case.facts).with("kandas-status", status);
    if status {
        return Ok(());
    }
    Err(case.blocked(Code::StatusMissing).into())
}

/// Who has a place of a year, or a verdict that holds one, takes no second one of that year; and the dead take none.
pub(super) fn check_once(
    case: &mut Case<'_>,
    application: Ref,
    filed: &ApplicationFiled,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let person = known.person(filed.applicant)?;
    if let Some(died) = person.died_on().filter(|died| *died <= case.from) {
        return Err(Blocked::control(Code::PersonDied)
            .having_read(&case.facts)
            .with("died-on", died)
            .into());
    }
    for other in person.inclusions().iter().filter(|id| **id != application) {
        let theirs = known.application(*other)?;
        let Ok(asked) = theirs.filed(*other) else {
            continue;
        };
        if asked.year != filed.year {
            continue;
        }
        let held = held(*other, asked, known)?.is_some();
        if theirs.included().is_some() || held {
            return Err(Blocked::control(Code::AlreadyIncluded)
                .having_read(&case.facts)
                .with("other-application", other)
                .with("other-state", if held { "held" } else { "included" })
                .into());
        }
    }
    case.facts = std::mem::take(&mut case.facts).with("included-otherwise", "no");
    Ok(())
}

/// Only a determined territory receives (points 3 and 6). The national line that stands in for a gap in the sources
/// names no territory.
pub(super) fn check_territory(case: &mut Case<'_>) -> Result<(), Blocked> {
    if case.name.is_national() {
        return Ok(());
    }
    match case
        .law
        .determined(case.name.category, &case.name.territory, case.from)
    {
        Determined::Yes { act } => {
            case.facts = std::mem::take(&mut case.facts).with("determined-by", act);
            Ok(())
        }
        Determined::No { act } => {
            let blocked = case.blocked(Code::TerritoryNotDetermined);
            Err(act.map_or(blocked.clone(), |act| blocked.with("excluded-by", act)))
        }
        Determined::Unknown { act } => Err(Blocked::control(Code::BasisUnknown)
            .having_read(&case.facts)
            .with("determination", act)),
    }
}
