//! Cases (point 6): every step of an application in its order, with its term where it has one; findings of repayment and
//! the claims opened on them.

use qonys_events::{
    fact::{Fact, amended::CaseRecord},
    id::{Ref, StreamKind},
    scalar::{Day, Position, Slug, StreamSeq, Tenge},
    term::RepaymentRule,
};

use crate::{
    cell::rows,
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert, known},
    table::{Key, Table},
};

rows! {
    /// One step of a case.
    CaseStepRow in CASE_STEP = "case_step" {
        key: [application, stream_seq, recorded_from],
        entity: [],
        indexes: [[step]],
    }
    /// The application.
    application: Ref,
    /// The place of the step in the application's stream: decisions are named by it.
    stream_seq: StreamSeq,
    /// What happened: `filed`, `preliminary-decision-told`, `refusal-act-adopted`, `review-decided` …
    step: Slug,
    /// The day that it is about.
    on_day: Day,
    /// Which way it went: a verdict, an opinion, an outcome, a rule.
    outcome: Option<Slug>,
    /// The last day of its term.
    deadline: Option<Day>,
    /// Whether it came after that day.
    late: Option<bool>,
    /// The decision that it is about.
    decision: Option<StreamSeq>,
    /// The complaint that it is about.
    complaint: Option<Ref>,
    /// The step that it corrects.
    corrects: Option<StreamSeq>,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A finding that support is to be repaid, the claim on it and what was paid back.
    RepaymentRow in REPAYMENT = "repayment" {
        key: [application, finding, recorded_from],
        entity: [application],
        indexes: [[rule]],
    }
    /// The application of the inclusion.
    application: Ref,
    /// The finding, by its place in the application's stream.
    finding: StreamSeq,
    /// Which rule is met.
    rule: RepaymentRule,
    /// Support that was received, in tenge.
    amount: Tenge,
    /// The first day on which the rule no longer applies.
    until_day: Day,
    /// What an official claimed, in tenge.
    claimed: Option<Tenge>,
    /// What is owed on it: what was found, or claimed, less what was paid back, in tenge.
    owed: Tenge,
    /// Whether the claim was withdrawn, or it was decided that none is opened.
    withdrawn: bool,
    /// The day of the finding.
    found_on: Day,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

/// The view of cases.
#[derive(Debug, Clone, Copy)]
pub struct Cases;

/// The application in whose stream an entry stands.
fn application(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let found = (stream.kind() == StreamKind::Application)
        .then(|| stream.key().parse().ok())
        .flatten();
    found.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

/// What happened, without the prefix and the version of the type.
fn step_of(type_name: &str) -> Option<Slug> {
    let name = type_name.strip_prefix("kz.qonys.application.")?;
    name.rsplit_once(".v")?.0.parse().ok()
}

fn word(value: &str) -> Option<Slug> {
    value.parse().ok()
}

fn step(entry: &Recorded) -> Result<CaseStepRow, FoldError> {
    let fact = &entry.event().fact;
    let mut row = CaseStepRow {
        application: application(entry)?,
        stream_seq: entry.entry.place.streamseq,
        step: step_of(fact.type_name()).ok_or(FoldError::Stream {
            position: entry.position(),
        })?,
        on_day: entry.day()?,
        outcome: None,
        deadline: None,
        late: None,
        decision: None,
        complaint: None,
        corrects: None,
        recorded_from: entry.position(),
    };
    match fact {
        Fact::ApplicationFiled(fact) => row.outcome = word(fact.category.as_str()),
        Fact::StatusAsked(fact) => row.outcome = word(fact.asks.as_str()),
        Fact::RefusalActAdopted(fact) => row.outcome = Some(fact.ground.clone()),
        Fact::InclusionEnded(fact) => row.outcome = word(fact.reason.as_str()),
        Fact::DocumentReceived(fact) => row.outcome = Some(fact.kind.clone()),
        Fact::PreliminaryDecisionTold(fact) => row.outcome = word(fact.verdict.as_str()),
        Fact::ObjectionRecorded(fact) => {
            (row.deadline, row.late) = (Some(fact.in_time_until), Some(fact.late));
        }
        Fact::OpinionGiven(fact) => row.outcome = word(fact.opinion.as_str()),
        Fact::DeemedRefusalFound(fact) => {
            (row.deadline, row.late) = (Some(fact.deadline), Some(true));
        }
        Fact::TermExtended(fact) => row.deadline = Some(fact.until),
        Fact::InclusionProved(fact) => row.outcome = Some(fact.proved_by.clone()),
        Fact::InclusionRecounted(fact) => row.outcome = word(fact.line.rule.as_str()),
        Fact::ActNotified(fact) => {
            row.decision = Some(fact.decision);
            (row.deadline, row.late) = (fact.in_time_until, fact.late);
            row.outcome = word(fact.way.as_str());
        }
        Fact::ClericalErrorCorrected(fact) => row.decision = Some(fact.decision),
        Fact::ComplaintFiled(fact) => {
            (row.decision, row.complaint) = (Some(fact.decision), Some(fact.complaint));
            (row.deadline, row.late) = (fact.in_time_until, Some(fact.late));
            row.outcome = word(fact.by.as_str());
        }
        Fact::ComplaintForwarded(fact) => {
            row.complaint = Some(fact.complaint);
            (row.deadline, row.late) = (Some(fact.in_time_until), Some(fact.late));
        }
        Fact::ReviewDecided(fact) => {
            (row.decision, row.complaint) = (Some(fact.decision), Some(fact.complaint));
            row.outcome = word(fact.outcome.as_str());
            row.deadline = fact
                .facts
                .get("in-time-until")
                .and_then(|day| day.parse().ok());
            row.late = fact.facts.get("late").map(|late| late == "yes");
        }
        Fact::CaseCorrected(fact) => {
            row.corrects = Some(fact.corrects.entry);
            row.outcome = match &fact.record {
                CaseRecord::Filing(_) => word("filed"),
                CaseRecord::Support(_) => word("support-paid"),
                CaseRecord::Notice(_) => word("act-notified"),
            };
            if let CaseRecord::Notice(notice) = &fact.record {
                row.decision = Some(notice.decision);
                (row.deadline, row.late) = (notice.in_time_until, notice.late);
            }
        }
        Fact::SupportPaid(fact) => row.outcome = Some(fact.kind.clone()),
        Fact::MoveRecorded(fact) => row.outcome = fact.to.clone().or_else(|| word("abroad")),
        Fact::RepaymentFound(fact) => row.outcome = word(fact.rule.as_str()),
        Fact::RepaymentClaimed(fact) => row.decision = Some(fact.finding),
        Fact::RepaymentRecorded(fact) => row.decision = Some(fact.finding),
        Fact::RepaymentClaimWithdrawn(fact) => row.decision = Some(fact.finding),
        Fact::LanguageChosen(fact) => row.outcome = word(fact.language.as_str()),
        Fact::CaseTransferred(fact) => row.outcome = Some(fact.to.clone()),
        _ => {}
    }
    Ok(row)
}

/// What the log says of a finding from here on.
fn changed(
    rows: &mut dyn Changes,
    (application, finding): (Ref, StreamSeq),
    at: Position,
    change: impl FnOnce(&mut RepaymentRow),
) -> Result<(), FoldError> {
    let found = known::<RepaymentRow>(rows, &Key::of([application]))?;
    let Some(mut found) = found.into_iter().find(|row| row.finding == finding) else {
        let what = format!("finding {finding} of application {application}");
        return Err(FoldError::Untold { position: at, what });
    };
    rows.close(&REPAYMENT, &crate::cell::TableRow::row(&found), at)?;
    change(&mut found);
    found.recorded_from = at;
    insert(rows, &found)
}

impl Projection for Cases {
    fn name(&self) -> &'static str {
        "cases"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&CASE_STEP, &REPAYMENT] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.application.filed.v1",
            "kz.qonys.application.included.v1",
            "kz.qonys.application.refusal-act-adopted.v1",
            "kz.qonys.application.inclusion-ended.v1",
            "kz.qonys.application.status-asked.v1",
            "kz.qonys.application.status-allowed.v1",
            "kz.qonys.application.withdrawn.v1",
            "kz.qonys.application.document-received.v1",
            "kz.qonys.application.preliminary-decision-told.v1",
            "kz.qonys.application.objection-recorded.v1",
            "kz.qonys.application.opinion-given.v1",
            "kz.qonys.application.deemed-refusal-found.v1",
            "kz.qonys.application.act-notified.v1",
            "kz.qonys.application.clerical-error-corrected.v1",
            "kz.qonys.application.complaint-filed.v1",
            "kz.qonys.application.complaint-forwarded.v1",
            "kz.qonys.application.review-decided.v1",
            "kz.qonys.application.support-paid.v1",
            "kz.qonys.application.move-recorded.v1",
            "kz.qonys.application.citizenship-refused.v1",
            "kz.qonys.application.repayment-found.v1",
            "kz.qonys.application.repayment-claimed.v1",
            "kz.qonys.application.repayment-recorded.v1",
            "kz.qonys.application.repayment-claim-withdrawn.v1",
            "kz.qonys.application.language-chosen.v1",
            "kz.qonys.application.transferred.v1",
            "kz.qonys.application.corrected.v1",
            "kz.qonys.application.term-extended.v1",
            "kz.qonys.application.inclusion-recounted.v1",
            "kz.qonys.application.inclusion-proved.v1",
        ]
    }

    /// Every step is told, also one that corrects another and names it.
    fn follows_corrections(&self, _: &str) -> bool {
        true
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        let about = matches!(
            entry.event().fact,
            Fact::RepaymentFound(_)
                | Fact::RepaymentClaimed(_)
                | Fact::RepaymentRecorded(_)
                | Fact::RepaymentClaimWithdrawn(_)
        );
        if let (true, Ok(application)) = (about, application(entry)) {
            wanted.known(&REPAYMENT, Key::of([application]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let step = step(entry)?;
        let (application, at) = (step.application, entry.position());
        insert(rows, &step)?;
        match &entry.event().fact {
            Fact::RepaymentFound(fact) => insert(
                rows,
                &RepaymentRow {
                    application,
                    finding: step.stream_seq,
                    rule: fact.rule,
                    amount: fact.amount,
                    until_day: fact.until,
                    claimed: None,
                    owed: fact.amount,
                    withdrawn: false,
                    found_on: step.on_day,
                    recorded_from: at,
                    recorded_to: None,
                },
            ),
            Fact::RepaymentClaimed(fact) => changed(rows, (application, fact.finding), at, |row| {
                (row.claimed, row.owed) = (Some(fact.amount), fact.amount);
            }),
            Fact::RepaymentRecorded(fact) => {
                changed(rows, (application, fact.finding), at, |row| {
                    row.owed = fact.left
                })
            }
            Fact::RepaymentClaimWithdrawn(fact) => {
                changed(rows, (application, fact.finding), at, |row| {
                    row.withdrawn = true
                })
            }
            _ => Ok(()),
        }
    }
}
