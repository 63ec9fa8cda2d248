//! What moves a case on without deciding it (point 6): the language that the applicant chose, and its transfer to the office
//! of another territory.

use qonys_events::fact::{
    Fact,
    journal::{CaseTransferred, LanguageChosen},
};

use super::{after_filing, on};
use crate::{
    blocked::{Blocked, Code},
    command::{ChooseLanguage, TransferCase},
    context::Context,
    decide::{Decided, Undecided},
    quota::decide::held,
    streams::Known,
};

/// Records the language that the applicant chose for his case. Who has another language of his own has an interpreter.
pub fn choose_language(
    c: &ChooseLanguage,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let asked = application.undecided(c.application)?;
    after_filing(application, cx)?;
    if c.applicant != asked.applicant() {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("applicant", c.applicant)
            .into());
    }
    let came = |name: &str| cx.slots.iter().any(|slot| slot.name.as_str() == name);
    let interpreter = came("interpreter");
    if came("own-language") && !interpreter {
        return Err(Blocked::control(Code::FactsMissing)
            .with("missing", "interpreter")
            .into());
    }
    let fact = LanguageChosen {
        language: c.language,
        interpreter,
        slots: cx.slots.clone(),
    };
    Ok(on(c.application, cx.event(Fact::LanguageChosen(fact))))
}

/// Hands an undecided case over to the office of another territory. Its term goes on from the filing; places that are held
/// are released first, and whoever transfers is the office of the territory that it was filed for.
pub fn transfer(c: &TransferCase, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let filed = application.open(c.application)?;
    after_filing(application, cx)?;
    let office = format!("akimat.{}", filed.territory);
    if cx.actor.office.as_str() != office {
        return Err(Blocked::control(Code::NotTheDecidingOffice)
            .with("deciding-office", &cx.actor.office)
            .with("office-of-territory", office)
            .into());
    }
    if c.to == filed.territory {
        return Err(Blocked::control(Code::NoChange)
            .with("territory", &c.to)
            .into());
    }
    if held(c.application, filed, known)?.is_some() {
        return Err(Blocked::control(Code::AlreadyHeld)
            .with("application", c.application)
            .into());
    }
    let fact = CaseTransferred {
        from: filed.territory.clone(),
        to: c.to.clone(),
        by: cx.actor.office.clone(),
        document: c.document,
    };
    Ok(on(c.application, cx.event(Fact::CaseTransferred(fact))))
}
