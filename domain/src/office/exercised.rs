//! Which power a command exercises, and for which territory (point 11). A command that records a fact of others exercises
//! none; a test holds that what cites an act stands here.

use qonys_events::{
    id::Ref,
    scalar::{Day, Slug},
    term::DecisionType,
};

use crate::{
    command::Command,
    proposal::subject,
    streams::{Known, Needs},
};

/// The type of decision whose power a command exercises. `None` for what is decided by nobody here, and for a case that
/// does not exist: the rules say so.
pub fn decision(
    command: &Command,
    on: Day,
    known: &Known<'_>,
) -> Result<Option<DecisionType>, Needs> {
    Ok(match command {
        Command::HoldPlaces(c) => inclusion(c.application, known)?,
        Command::CommitPlaces(c) => inclusion(c.application, known)?,
        Command::RecountPlaces(c) => inclusion(c.application, known)?,
        // Whoever may decide a case may take longer for it.
        Command::ExtendTerm(c) => inclusion(c.application, known)?,
        Command::RefuseApplication(c) => {
            let asked = known.application(c.application)?.asked(c.application).ok();
            asked.map(|asked| asked.refusal())
        }
        Command::GrantKandasStatus(_) => Some(DecisionType::KandasStatus),
        Command::ExtendKandasStatus(_) => Some(DecisionType::KandasStatusExtension),
        Command::EndKandasStatus(_) => Some(DecisionType::KandasStatusEnd),
        Command::CloseQuotaYear(_) => Some(DecisionType::QuotaYearClose),
        Command::DecideReview(_) => Some(DecisionType::ComplaintReview),
        Command::OpenRepaymentClaim(_) | Command::WithdrawRepaymentClaim(_) => {
            Some(DecisionType::RepaymentClaim)
        }
        Command::DetermineKazakhNationality(_) => Some(DecisionType::KazakhNationality),
        Command::RegisterResidence(_)
        | Command::RegisterFamily(_)
        | Command::CorrectResidence(_)
        | Command::CorrectMove(_)
        | Command::EndResidence(_) => Some(DecisionType::ResidenceRegistration),
        Command::RegisterStay(_)
        | Command::CorrectStay(_)
        | Command::ExtendStay(_)
        | Command::EndStay(_) => Some(DecisionType::StayRegistration),
        Command::DraftProposal(c) => asks(&c.subject, on),
        Command::SignProposal(c) => proposed(c.proposal, on, known)?,
        Command::SendProposal(c) => proposed(c.proposal, on, known)?,
        Command::ComputeFigure(_) | Command::ReconcileFigures(_) => {
            Some(DecisionType::MigrationMonitoring)
        }
        Command::ChoosePopulationDepartureReading(_) | Command::EvaluatePopulationDeparture(_) => {
            Some(DecisionType::PopulationDepartureEvaluation)
        }
        Command::OpenMeasurePlan(_) | Command::AddMeasure(_) => {
            Some(DecisionType::PopulationDepartureMeasures)
        }
        Command::UsePopulationRecords(_) | Command::RecordPopulationBase(_) => {
            Some(DecisionType::PopulationRecordsUse)
        }
        Command::RunForecast(_) => Some(DecisionType::PopulationForecast),
        Command::GrantLabourPermit(_)
        | Command::ExtendLabourPermit(_)
        | Command::SuspendLabourPermit(_)
        | Command::ResumeLabourPermit(_)
        | Command::WithdrawLabourPermit(_) => Some(DecisionType::ForeignLabourPermit),
        _ => None,
    })
}

fn inclusion(application: Ref, known: &Known<'_>) -> Result<Option<DecisionType>, Needs> {
    let asked = known.application(application)?.asked(application).ok();
    Ok(asked.map(|asked| asked.decision()))
}

/// A subject that no power fits is blocked by the rules of point 5 themselves.
fn asks(of: &qonys_events::fact::proposal::Subject, on: Day) -> Option<DecisionType> {
    subject::decision_type(of, on)
        .ok()
        .map(|(decision, _)| decision)
}

fn proposed(proposal: Ref, on: Day, known: &Known<'_>) -> Result<Option<DecisionType>, Needs> {
    let subject = known.proposal(proposal)?.subject();
    Ok(subject.and_then(|subject| asks(subject, on)))
}

/// The territory that a command is about, where it is about one.
pub fn territory(command: &Command, known: &Known<'_>) -> Result<Option<Slug>, Needs> {
    Ok(match command {
        Command::FileApplication(c) => Some(c.territory.clone()),
        Command::HoldPlaces(c) => applied_for(c.application, known)?,
        Command::CommitPlaces(c) => applied_for(c.application, known)?,
        Command::ReleasePlaces(c) => applied_for(c.application, known)?,
        Command::RecountPlaces(c) => applied_for(c.application, known)?,
        Command::RecordEarlierInclusion(c) => applied_for(c.application, known)?,
        Command::RefuseApplication(c) => applied_for(c.application, known)?,
        Command::ExtendTerm(c) => applied_for(c.application, known)?,
        Command::TransferCase(c) => applied_for(c.application, known)?,
        Command::CloseQuotaYear(c) => Some(c.line.territory.clone()),
        Command::DraftProposal(c) => Some(c.territory.clone()),
        Command::ChoosePopulationDepartureReading(c) => Some(c.territory.clone()),
        Command::EvaluatePopulationDeparture(c) => Some(c.territory.clone()),
        Command::OpenMeasurePlan(c) => Some(c.territory.clone()),
        Command::UsePopulationRecords(c) => Some(c.territory.clone()),
        Command::RecordPopulationBase(c) => Some(c.territory.clone()),
        Command::RunForecast(c) => Some(c.territory.clone()),
        Command::GrantLabourPermit(c) => Some(c.territory.clone()),
        Command::ExtendLabourPermit(c) => Some(c.territory.clone()),
        Command::SuspendLabourPermit(c)
        | Command::ResumeLabourPermit(c)
        | Command::WithdrawLabourPermit(c) => Some(c.territory.clone()),
        _ => None,
    })
}

fn applied_for(application: Ref, known: &Known<'_>) -> Result<Option<Slug>, Needs> {
    let filed = known.application(application)?.filed(application).ok();
    Ok(filed.map(|filed| filed.territory.clone()))
}
