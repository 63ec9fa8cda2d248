//! Filing and withdrawing (point 6). Filing decides nothing: no power is needed and nothing is refused here.

use qonys_events::fact::{
    Fact,
    amended::InclusionAsked,
    application::ApplicationFiled,
    case::{ApplicationWithdrawn, StatusAsked},
};

use super::{on, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{AskForStatus, FileApplication, WithdrawApplication},
    context::Context,
    decide::{Decided, Undecided},
    person::{self, family::acts_in_applications},
    quota::decide::held,
    streams::Known,
};

fn check_new(cx: &Context, known: &Known<'_>) -> Result<(), Undecided> {
    if known.application(cx.minted)?.exists() {
        return Err(Blocked::control(Code::ApplicationExists)
            .with("application", cx.minted)
            .into());
    }
    Ok(())
}

/// Files an application of a recorded person for inclusion in a quota.
pub fn file(c: &FileApplication, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    person::recorded(known, c.applicant)?;
    check_new(cx, known)?;
    if let Some(representative) = &c.represented_by {
        acts_in_applications(c.applicant, representative, cx.effective_from(), known)?;
    }
    if let Some(join) = &c.joins {
        known
            .application(join.application)?
            .filed(join.application)?;
    }
    let fact = ApplicationFiled {
        application: cx.minted,
        applicant: c.applicant,
        category: c.category,
        territory: c.territory.clone(),
        year: c.year,
        members: c.members,
        joins: c.joins.clone(),
        represented_by: c.represented_by.clone(),
    };
    let event = cx.event(Fact::ApplicationFiled(fact)).case(cx.minted);
    // The person's own stream tells the next application of this one.
    let asked = Fact::InclusionAsked(InclusionAsked {
        application: cx.minted,
    });
    let asked = cx.event(asked).case(cx.minted);
    Ok(vec![
        (stream(cx.minted), event),
        (crate::person::stream(c.applicant), asked),
    ])
}

/// Files an application of a recorded person for the status of kandas, or for its extension.
pub fn ask_for_status(
    c: &AskForStatus,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    person::recorded(known, c.applicant)?;
    check_new(cx, known)?;
    if let Some(representative) = &c.represented_by {
        acts_in_applications(c.applicant, representative, cx.effective_from(), known)?;
    }
    let fact = StatusAsked {
        application: cx.minted,
        applicant: c.applicant,
        asks: c.asks,
        represented_by: c.represented_by.clone(),
    };
    Ok(on(cx.minted, cx.event(Fact::StatusAsked(fact))))
}

/// The applicant withdraws an application that is not decided. Held places are released first.
pub fn withdraw(
    c: &WithdrawApplication,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.undecided(c.application)?;
    super::after_filing(application, cx)?;
    if let Ok(filed) = application.filed(c.application)
        && held(c.application, filed, known)?.is_some()
    {
        return Err(Blocked::control(Code::AlreadyHeld)
            .with("application", c.application)
            .into());
    }
    let fact = Fact::ApplicationWithdrawn(ApplicationWithdrawn {});
    Ok(on(c.application, cx.event(fact)))
}
