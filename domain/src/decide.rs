//! The one door: a command, its context and the loaded streams give events, a block, or the wish for another stream.

use qonys_events::{
    event::Event,
    fact::Fact,
    id::{Ref, StreamId},
    scalar::{Slug, StreamSeq},
    term::DataSubject,
};

use crate::{
    application,
    blocked::Blocked,
    command::Command,
    context::Context,
    destruction, dwelling, forecast, indicator, journal, labour, law, measure, office, person,
    population_departure, proposal, quota, report,
    streams::{Known, Needs, Streams},
};

/// What a decision produced: events, each for its stream, in the order in which they are recorded.
pub type Decided = Vec<(StreamId, Event)>;

/// Why there are no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecided {
    /// The command is blocked.
    Blocked(Box<Blocked>),
    /// A stream is not loaded: load it and decide again.
    Needs(StreamId),
}

impl Undecided {
    /// The same, with what was read before it if it is a block.
    #[must_use]
    pub(crate) fn having_read(self, facts: &qonys_events::citation::Facts) -> Self {
        match self {
            Self::Blocked(blocked) => blocked.having_read(facts).into(),
            needs @ Self::Needs(_) => needs,
        }
    }
}

impl From<Blocked> for Undecided {
    fn from(blocked: Blocked) -> Self {
        Self::Blocked(Box::new(blocked))
    }
}
impl From<Needs> for Undecided {
    fn from(needs: Needs) -> Self {
        Self::Needs(needs.0)
    }
}

/// Decides a command. Pure: the same inputs give the same events.
pub fn decide(
    command: &Command,
    cx: &Context,
    streams: &dyn Streams,
) -> Result<Decided, Undecided> {
    let known = &Known(streams);
    if !matches!(command, Command::OpenLog(_)) && known.log()?.kind.is_none() {
        return Err(Blocked::control(crate::blocked::Code::LogState)
            .with("log", "not-open")
            .into());
    }
    cx.check_date()?;
    office::admission::admit(command, cx, known)?;
    match command {
        Command::OpenLog(c) => law::decide::open_log(c, cx, known),
        Command::RecordAct(c) => law::decide::record_act(c, cx, known),
        Command::RecordActDate(c) => law::decide::record_act_date(c, cx, known),
        Command::DetermineAct(c) => law::decide::determine_act(c, cx, known),
        Command::RecordNorm(c) => law::decide::record_norm(c, cx, known),
        Command::RecordPower(c) => law::decide::record_power(c, cx, known),
        Command::ChangeTerritory(c) => law::decide::change_territory(c, cx, known),
        Command::SetQuota(c) => quota::set::set_quota(c, cx, known),
        Command::HoldPlaces(c) => quota::decide::hold_places(c, cx, known),
        Command::CommitPlaces(c) => quota::decide::commit_places(c, cx, known),
        Command::ReleasePlaces(c) => quota::decide::release_places(c, cx, known),
        Command::CloseQuotaYear(c) => quota::decide::close_year(c, cx, known),
        Command::RecountPlaces(c) => quota::recount::recount(c, cx, known),
        Command::FileApplication(c) => application::filing::file(c, cx, known),
        Command::AskForStatus(c) => application::filing::ask_for_status(c, cx, known),
        Command::WithdrawApplication(c) => application::filing::withdraw(c, cx, known),
        Command::RecordDocument(c) => application::case::record_document(c, cx, known),
        Command::TellPreliminaryDecision(c) => {
            application::case::tell_preliminary_decision(c, cx, known)
        }
        Command::RecordObjection(c) => application::case::record_objection(c, cx, known),
        Command::GiveOpinion(c) => application::case::give_opinion(c, cx, known),
        Command::RefuseApplication(c) => application::refusal::refuse(c, cx, known),
        Command::ExtendTerm(c) => application::term::extend(c, cx, known),
        Command::FindDeemedRefusal(c) => application::term::find_deemed_refusal(c, cx, known),
        Command::NotifyAct(c) => application::review::notify(c, cx, known),
        Command::CorrectClericalError(c) => {
            application::review::correct_clerical_error(c, cx, known)
        }
        Command::FileComplaint(c) => application::review::file_complaint(c, cx, known),
        Command::ForwardComplaint(c) => application::review::forward_complaint(c, cx, known),
        Command::DecideReview(c) => application::review::decide_review(c, cx, known),
        Command::PaySupport(c) => application::repayment::pay_support(c, cx, known),
        Command::RecordMove(c) => application::repayment::record_move(c, cx, known),
        Command::RefuseCitizenship(c) => application::repayment::refuse_citizenship(c, cx, known),
        Command::OpenRepaymentClaim(c) => application::repayment::open_claim(c, cx, known),
        Command::RecordRepayment(c) => application::repayment::record_repayment(c, cx, known),
        Command::WithdrawRepaymentClaim(c) => application::repayment::withdraw_claim(c, cx, known),
        Command::ExtendKandasStatus(c) => person::status::extend(c, cx, known),
        Command::EndKandasStatus(c) => person::status::end(c, cx, known),
        Command::RecordCalendar(c) => law::decide::record_calendar(c, cx, known),
        Command::RecordSuccession(c) => law::decide::record_succession(c, cx, known),
        Command::RecordPerson(c) => person::record(c, cx, known),
        Command::GrantKandasStatus(c) => person::grant_status(c, cx, known),
        Command::RegisterResidence(c) => person::residence::register(c, cx, known),
        Command::EndResidence(c) => person::residence::end(c, cx, known),
        Command::RegisterStay(c) => person::stay::register(c, cx, known),
        Command::RegisterFamily(c) => person::family_move::register(c, cx, known),
        Command::ExtendStay(c) => person::stay::extend(c, cx, known),
        Command::EndStay(c) => person::stay::end(c, cx, known),
        Command::ReportArrival(c) => person::arrival::report(c, cx, known),
        Command::RecordDeath(c) => person::death::record(c.person, c.document, cx, known),
        Command::CorrectPerson(c) => person::correct(c, cx, known),
        Command::DetermineKazakhNationality(c) => person::nationality::determine(c, cx, known),
        Command::RecordFamilyChange(c) => person::family::change(c, cx, known),
        Command::AppointRepresentative(c) => person::family::appoint(c, cx, known),
        Command::EndRepresentation(c) => person::family::end(c, cx, known),
        Command::CorrectResidence(c) => person::residence::correction::correct(c, cx, known),
        Command::CorrectMove(c) => person::residence::correction::correct_move(c, cx, known),
        Command::CorrectStay(c) => person::stay::correct(c, cx, known),
        Command::RecordDwelling(c) => dwelling::record(c, cx, known),
        Command::CorrectDwelling(c) => dwelling::change::correct(c, cx, known),
        Command::ChangeDwelling(c) => dwelling::change::change(c, cx, known),
        Command::DestroyDwelling(c) => dwelling::change::destroy(c, cx, known),
        Command::RecordHolders(c) => dwelling::consent::record_holders(c, cx, known),
        Command::GiveConsent(c) => dwelling::consent::give(c, cx, known),
        Command::WithdrawConsent(c) => dwelling::consent::withdraw(c, cx, known),
        Command::DraftProposal(c) => proposal::draft(c, cx, known),
        Command::SignProposal(c) => proposal::sign(c, cx, known),
        Command::SendProposal(c) => proposal::send(c, cx, known),
        Command::RecordReceipt(c) => proposal::receive(c, cx, known),
        Command::RecordAnswer(c) => proposal::answer(c, cx, known),
        Command::WithdrawProposal(c) => proposal::withdraw(c, cx, known),
        Command::LinkProposal(c) => proposal::link(c, cx, known),
        Command::DefineIndicators(c) => indicator::decide::define(c, cx, known),
        Command::RecordRelease(c) => indicator::decide::record(c, cx, known),
        Command::ReviseFigure(c) => indicator::decide::revise(c, cx, known),
        Command::ComputeFigure(c) => indicator::decide::compute(c, cx, known),
        Command::ReconcileFigures(c) => indicator::decide::reconcile(c, cx, known),
        Command::ChoosePopulationDepartureReading(c) => {
            population_departure::decide::choose(c, cx, known)
        }
        Command::EvaluatePopulationDeparture(c) => {
            population_departure::decide::evaluate(c, cx, known)
        }
        Command::OpenMeasurePlan(c) => measure::open(c, cx, known),
        Command::AddMeasure(c) => measure::add(c, cx, known),
        Command::ReportMeasure(c) => measure::report(c, cx, known),
        Command::CloseMeasurePlan(c) => measure::close(c, cx, known),
        Command::UsePopulationRecords(c) => forecast::record::use_records(c, cx, known),
        Command::RecordPopulationBase(c) => forecast::record::base(c, cx, known),
        Command::RecordRates(c) => forecast::record::rates(c, cx, known),
        Command::RecordNormSet(c) => forecast::record::norm_set(c, cx, known),
        Command::RecordFacility(c) => forecast::record::facility(c, cx, known),
        Command::ChangeFacility(c) => forecast::record::change_facility(c, cx, known),
        Command::RunForecast(c) => forecast::decide::run(c, cx, known),
        Command::RecordOtherPower(c) => law::decide::record_other_power(c, cx, known),
        Command::RegisterOffice(c) => office::decide::register(c, cx, known),
        Command::VestPowers(c) => office::decide::vest(c, cx, known),
        Command::AppointOfficial(c) => office::decide::appoint(c, cx, known),
        Command::AppointActing(c) => office::decide::appoint_acting(c, cx, known),
        Command::DelegatePowers(c) => office::decide::delegate(c, cx, known),
        Command::ExercisePower(c) => office::decide::exercise(c, cx, known),
        Command::RegisterIncoming(c) => journal::register_incoming(c, cx, known),
        Command::RegisterOutgoing(c) => journal::register_outgoing(c, cx, known),
        Command::ChooseLanguage(c) => application::transfer::choose_language(c, cx, known),
        Command::TransferCase(c) => application::transfer::transfer(c, cx, known),
        Command::DistributeLabourShare(c) => labour::distribute(c, cx, known),
        Command::GrantLabourPermit(c) => labour::grant(c, cx, known),
        Command::ExtendLabourPermit(c) => labour::extend(c, cx, known),
        Command::SuspendLabourPermit(c) => labour::suspend(c, cx, known),
        Command::ResumeLabourPermit(c) => labour::resume(c, cx, known),
        Command::WithdrawLabourPermit(c) => labour::withdraw(c, cx, known),
        Command::FreezeReport(c) => report::freeze(c, cx, known),
        Command::SignReport(c) => report::sign(c, cx, known),
        Command::EndAssignment(c) => office::decide::end_assignment(c, cx, known),
        Command::CloseOffice(c) => office::decide::close(c, cx, known),
        Command::EndNorm(c) => law::ending::end_norm(c, cx, known),
        Command::EndPower(c) => law::ending::end_power(c, cx, known),
        Command::CorrectLaw(c) => law::correct::correct(c, cx, known),
        Command::CorrectQuota(c) => law::correct::correct_quota(c, cx, known),
        Command::CorrectCase(c) => application::correct::correct(c, cx, known),
        Command::BlockPersonalData(c) => person::data::block(c, cx, known),
        Command::UnblockPersonalData(c) => person::data::unblock(c, cx, known),
        Command::ProposeDestruction(c) => destruction::propose(c, cx, known),
        Command::DestroyPersonalData(c) => destruction::destroy(c, cx, known),
        Command::RecordEarlierInclusion(c) => quota::proved::record_earlier(c, cx, known),
    }
}

/// By what the actor of a command was let through, as it stands in every entry of the command.
pub fn policy(command: &Command, cx: &Context, streams: &dyn Streams) -> Result<Slug, Undecided> {
    office::admission::admit(command, cx, &Known(streams)).map(office::admission::Admission::policy)
}

/// The entry that a command adopts: the caller looks up its leaf hash and hands it in as
/// [`Context::adopted_leaf`]. `None` when the command adopts nothing, or nothing that stands.
pub fn adopted(
    command: &Command,
    streams: &dyn Streams,
) -> Result<Option<(StreamId, StreamSeq)>, Needs> {
    match command {
        Command::CommitPlaces(c) => quota::decide::adopted(c.application, &Known(streams)),
        Command::DestroyPersonalData(c) => destruction::adopted(c, &Known(streams)),
        _ => Ok(None),
    }
}

/// The entries that a command supersedes: the caller looks up their ids and hands them in as [`Context::superseded`].
pub fn superseded(
    command: &Command,
    streams: &dyn Streams,
) -> Result<Vec<(StreamId, StreamSeq)>, Needs> {
    Ok(match command {
        Command::CorrectPerson(c) => vec![(person::stream(c.person), c.entry)],
        Command::CorrectResidence(c) => vec![(person::stream(c.registration.person), c.entry)],
        // A move is two halves: the end of the former residence goes with the registration.
        Command::CorrectMove(c) => {
            let person = c.registration.person;
            let left = Known(streams).person(person)?.left_by(c.entry);
            let both = left.map(|(_, ended_by)| ended_by).into_iter();
            both.chain([c.entry])
                .map(|entry| (person::stream(person), entry))
                .collect()
        }
        Command::CorrectStay(c) => vec![(person::stream(c.stay.person), c.entry)],
        Command::CorrectDwelling(c) => vec![(dwelling::stream(c.dwelling), c.entry)],
        Command::CorrectLaw(c) => vec![(StreamId::law(), c.entry)],
        Command::CorrectQuota(c) => vec![(StreamId::law(), c.entry)],
        Command::CorrectCase(c) => vec![(application::stream(c.application), c.entry)],
        _ => Vec::new(),
    })
}

/// The person whose data a command would destroy, or proposes to: the caller looks up every application of that person and
/// hands them in as [`Context::cases`]; of what destroys with nothing appended in between.
pub fn person_of_duty(command: &Command) -> Option<Ref> {
    let (of, subject) = match command {
        Command::ProposeDestruction(c) => (c.of, c.subject),
        Command::DestroyPersonalData(c) => (c.of, c.subject),
        _ => return None,
    };
    (of == DataSubject::Person).then_some(subject)
}

/// The subject whose data an event destroyed: a person, a dwelling.
pub fn destroyed(event: &Event) -> Option<Ref> {
    match &event.fact {
        Fact::DataDestroyed(fact) | Fact::DwellingDataDestroyed(fact) => Some(fact.subject),
        _ => None,
    }
}

/// The subject whose key seals the personal values of a command.
pub fn slot_subject(command: &Command, minted: Ref) -> Ref {
    match command {
        Command::RefuseApplication(c) => c.applicant,
        Command::RecordDocument(c) => c.applicant,
        Command::CorrectClericalError(c) => c.applicant,
        Command::ExtendTerm(c) => c.applicant,
        Command::CorrectPerson(c) => c.person,
        Command::DetermineKazakhNationality(c) => c.person,
        Command::RecordFamilyChange(c) => c.person,
        Command::CorrectDwelling(c) => c.dwelling,
        Command::ChooseLanguage(c) => c.applicant,
        Command::RegisterIncoming(c) => c.person.unwrap_or(minted),
        Command::RegisterOutgoing(c) => c.person.unwrap_or(minted),
        _ => minted,
    }
}

/// The reference under which a command records a new subject, if it records one: others may refer to it by the
/// command's id.
pub fn records(command: &Command, minted: Ref) -> Option<Ref> {
    let new = matches!(
        command,
        Command::RecordPerson(_)
            | Command::RecordDwelling(_)
            | Command::FileApplication(_)
            | Command::AskForStatus(_)
            | Command::FileComplaint(_)
            | Command::DraftProposal(_)
            | Command::OpenMeasurePlan(_)
            | Command::RecordFacility(_)
            | Command::GrantLabourPermit(_)
            | Command::FreezeReport(_)
    );
    new.then_some(minted)
}

/// The reference that an event recorded for a new subject, as [`records`] told it.
pub fn recorded(event: &Event) -> Option<Ref> {
    match &event.fact {
        Fact::PersonRecorded(fact) if fact.corrects.is_none() => Some(fact.person),
        Fact::DwellingRecorded(fact) if fact.corrects.is_none() => Some(fact.dwelling),
        Fact::ApplicationFiled(fact) => Some(fact.application),
        Fact::StatusAsked(fact) => Some(fact.application),
        Fact::ComplaintFiled(fact) => Some(fact.complaint),
        Fact::FacilityRecorded(fact) => Some(fact.facility),
        Fact::LabourPermitGranted(fact) => Some(fact.permit),
        Fact::ReportFrozen(fact) => Some(fact.report),
        Fact::ProposalDrafted(_) | Fact::MeasurePlanOpened(_) => event.caseref,
        _ => None,
    }
}
