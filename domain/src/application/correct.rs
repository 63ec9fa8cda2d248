//! An entry of a case was wrong (point 6): what was applied for, support that was paid, a notice. A full new fact takes its
//! place, and both stand.

use qonys_events::{
    fact::{
        Fact,
        amended::{CaseCorrected, CaseRecord},
        registration::Corrects,
    },
    scalar::StreamSeq,
};

use super::{Application, on};
use crate::{
    blocked::{Blocked, Code},
    command::{CorrectCase, NotifyAct},
    context::Context,
    decide::{Decided, Undecided},
    person::{not_correctable, superseded_id},
    quota::decide::held,
    streams::Known,
};

impl Application {
    /// The entry of which what stands says something, if it is of that kind.
    fn stands(&self, entry: StreamSeq, record: &CaseRecord) -> bool {
        match record {
            CaseRecord::Filing(_) => self.filed.is_some() && self.filed_by == entry,
            CaseRecord::Support(_) => self.payments.contains_key(&entry.0),
            CaseRecord::Notice(notice) => {
                let at = &notice.decision.0;
                let decision = self.decisions.get(at).and_then(|d| d.notified_by);
                let extension = self.extensions.get(at).and_then(|e| e.notified_by);
                decision.or(extension) == Some(entry)
            }
        }
    }
}

/// Corrects an entry of a case. What was applied for is corrected while nothing is decided and no place is held.
pub fn correct(c: &CorrectCase, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    application.asked(c.application)?;
    if !application.stands(c.entry, &c.record) {
        return Err(not_correctable(&application.superseded, c.entry).into());
    }
    let day = cx.effective_from();
    let mut record = c.record.clone();
    match &c.record {
        CaseRecord::Filing(filing) => {
            let filed = application.open(c.application)?;
            if filing.application != c.application || filing.applicant != filed.applicant {
                return Err(Blocked::control(Code::NotTheApplicant)
                    .with("applicant", filing.applicant)
                    .into());
            }
            if held(c.application, filed, known)?.is_some() {
                return Err(Blocked::control(Code::AlreadyHeld)
                    .with("application", c.application)
                    .into());
            }
            if let Some(join) = &filing.joins {
                known
                    .application(join.application)?
                    .filed(join.application)?;
            }
            if filing == filed && day == application.filed_on() {
                return Err(no_change(c.entry).into());
            }
        }
        CaseRecord::Support(paid) => {
            let settled = application.settled_on.filter(|settled| *settled <= day);
            if settled.is_none() {
                return Err(Blocked::control(Code::BeforeItsCause)
                    .with("effective-from", day)
                    .into());
            }
            if application.payments.get(&c.entry.0) == Some(&paid.amount) {
                return Err(no_change(c.entry).into());
            }
        }
        CaseRecord::Notice(notice) => {
            let told = NotifyAct {
                application: c.application,
                decision: notice.decision,
                way: notice.way,
            };
            // Whether it came late is for the register to say.
            let right = super::review::notice(application, &told, day, known.law()?)?;
            record = CaseRecord::Notice(right);
            let at = &notice.decision.0;
            let decision = application.decisions.get(at).and_then(|d| d.notified_on);
            let extension = application.extensions.get(at).and_then(|e| e.notified_on);
            if decision.or(extension) == Some(day) {
                return Err(no_change(c.entry).into());
            }
        }
    }
    let fact = CaseCorrected {
        corrects: Corrects {
            entry: c.entry,
            reason: c.reason,
        },
        record,
    };
    let event = cx.event(Fact::CaseCorrected(fact));
    let event = event.superseding(superseded_id(cx, c.entry)?);
    Ok(on(c.application, event))
}

fn no_change(entry: StreamSeq) -> Blocked {
    Blocked::control(Code::NoChange).with("entry", entry)
}
