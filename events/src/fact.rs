//! What can have happened: one variant per event type, past tense, with its major version in the type.
//!
//! A published type has a golden file and a JSON Schema which are added, never edited. A new version of a type is a
//! new variant; the old one stays readable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod access;
pub mod amended;
pub mod application;
pub mod case;
pub mod dwelling;
pub mod family;
pub mod forecast;
pub mod indicator;
pub mod journal;
pub mod labour;
pub mod law;
pub mod log;
pub mod office;
pub mod personal;
pub mod population_departure;
pub mod proposal;
pub mod quota;
mod read_list;
pub mod registration;
pub mod repayment;
pub mod report;
pub mod review;
pub mod status;

/// Declares the facts once: variant, written type, payload.
macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident($payload:path) = $type:literal,)+) => {
        /// A fact, adjacently tagged: `type` names it with its version, `data` holds it. Decodes from a whole entry.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        #[allow(clippy::large_enum_variant, reason = "facts are few at a time; a box would cost every one")]
        pub enum Fact {
            $($(#[$doc])* #[serde(rename = $type)] $variant($payload),)+
        }

        impl Fact {
            /// Every type that can be written today, in the order of the catalogue.
            pub const TYPES: &'static [&'static str] = &[$($type),+];

            /// The written type: reverse-DNS, past tense, major version.
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type,)+ }
            }

            /// Reads the `data` of an entry of this type, strictly. `None` when the type is not known.
            pub fn read(type_name: &str, data: &str) -> Option<serde_json::Result<Self>> {
                match type_name {
                    $($type => Some(serde_json::from_str(data).map(Self::$variant)),)+
                    _ => None,
                }
            }

            /// Writes the `data` member.
            pub fn write_data(&self) -> String {
                let written = match self { $(Self::$variant(data) => serde_json::to_string(data),)+ };
                written.expect("a fact has no map with keys other than strings")
            }

            /// Serializes the `data` member alone.
            pub(crate) fn serialize_data<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(data) => data.serialize(s),)+ }
            }

            /// The JSON Schema of the `data` of a type, made from the Rust type.
            pub fn data_schema(type_name: &str) -> Option<schemars::Schema> {
                match type_name {
                    $($type => Some(schemars::schema_for!($payload)),)+
                    _ => None,
                }
            }
        }
    };
}

facts!(
    /// The first entry of a log.
    LogOpened(LogOpened) = "kz.qonys.log.opened.v1",
    /// An act was entered in the register of acts.
    ActRecorded(law::ActRecorded) = "kz.qonys.act.recorded.v1",
    /// A date in the life of an act became known.
    ActDateRecorded(law::ActDateRecorded) = "kz.qonys.act.date-recorded.v1",
    /// An official determined from when an act is in force.
    ActDetermined(law::ActDetermined) = "kz.qonys.act.determined.v1",
    /// A norm was entered.
    NormRecorded(law::NormRecorded) = "kz.qonys.norm.recorded.v1",
    /// A power for a type of decision was entered (point 11).
    PowerRecorded(law::PowerRecorded) = "kz.qonys.power.recorded.v1",
    /// An act determined or excluded a territory.
    TerritoryChanged(law::TerritoryChanged) = "kz.qonys.territory.changed.v1",
    /// An act of the setter set limits of quota lines.
    QuotaSet(law::QuotaSet) = "kz.qonys.quota.set.v1",
    /// The limit of one line was set by that act.
    LimitSet(quota::LimitSet) = "kz.qonys.quota-line.limit-set.v1",
    /// A computed verdict holds places.
    PlacesHeld(quota::PlacesHeld) = "kz.qonys.quota-line.places-held.v1",
    /// A named official adopted the verdict.
    PlacesCommitted(quota::PlacesCommitted) = "kz.qonys.quota-line.places-committed.v1",
    /// Places are free again.
    PlacesReleased(quota::PlacesReleased) = "kz.qonys.quota-line.places-released.v1",
    /// An official closed the year of the line.
    YearClosed(quota::YearClosed) = "kz.qonys.quota-line.year-closed.v1",
    /// An application was filed.
    ApplicationFiled(application::ApplicationFiled) = "kz.qonys.application.filed.v1",
    /// The applicant was included in the quota.
    ApplicationIncluded(application::ApplicationIncluded) = "kz.qonys.application.included.v1",
    /// A named official refused the application: a refusal act.
    RefusalActAdopted(application::RefusalActAdopted) = "kz.qonys.application.refusal-act-adopted.v1",
    /// An inclusion lost its place.
    InclusionEnded(application::InclusionEnded) = "kz.qonys.application.inclusion-ended.v1",
    /// A person was recorded under a random reference.
    PersonRecorded(registration::PersonRecorded) = "kz.qonys.person.recorded.v1",
    /// A person was granted the status of kandas.
    StatusGranted(registration::StatusGranted) = "kz.qonys.person.kandas-status-granted.v1",
    /// A person was registered at the place of residence.
    ResidenceRegistered(registration::ResidenceRegistered) = "kz.qonys.person.residence-registered.v1",
    /// A residence ended.
    ResidenceEnded(registration::ResidenceEnded) = "kz.qonys.person.residence-ended.v1",
    /// A person was registered at a place of temporary stay.
    StayRegistered(registration::StayRegistered) = "kz.qonys.person.stay-registered.v1",
    /// A dwelling was recorded under a random reference.
    DwellingRecorded(registration::DwellingRecorded) = "kz.qonys.dwelling.recorded.v1",
    /// A resident moved into a dwelling.
    ResidentEntered(registration::ResidentEntered) = "kz.qonys.dwelling.resident-entered.v1",
    /// A resident left a dwelling.
    ResidentLeft(registration::ResidentLeft) = "kz.qonys.dwelling.resident-left.v1",
    /// A proposal was drafted.
    ProposalDrafted(proposal::ProposalDrafted) = "kz.qonys.proposal.drafted.v1",
    /// The draft was signed.
    ProposalSigned(proposal::ProposalSigned) = "kz.qonys.proposal.signed.v1",
    /// The proposal was sent to the authorised body.
    ProposalSent(proposal::ProposalSent) = "kz.qonys.proposal.sent.v1",
    /// The authorised body received it.
    ProposalReceived(proposal::ProposalReceived) = "kz.qonys.proposal.received.v1",
    /// The authorised body answered.
    ProposalAnswered(proposal::ProposalAnswered) = "kz.qonys.proposal.answered.v1",
    /// The proposal was withdrawn.
    ProposalWithdrawn(proposal::ProposalWithdrawn) = "kz.qonys.proposal.withdrawn.v1",
    /// An act answers the proposal.
    ProposalLinked(proposal::ProposalLinked) = "kz.qonys.proposal.linked-to-act.v1",
    /// The working-day calendar of a year became known.
    CalendarRecorded(law::CalendarRecorded) = "kz.qonys.calendar.recorded.v1",
    /// A territory came out of another.
    TerritorySucceeded(law::TerritorySucceeded) = "kz.qonys.territory.succeeded.v1",
    /// A review or a court ordered a place.
    PlacesOrdered(review::PlacesOrdered) = "kz.qonys.quota-line.places-ordered.v1",
    /// An application about the status of kandas was filed.
    StatusAsked(case::StatusAsked) = "kz.qonys.application.status-asked.v1",
    /// The status that was asked for was granted or extended.
    StatusAllowed(case::StatusAllowed) = "kz.qonys.application.status-allowed.v1",
    /// The applicant withdrew the application.
    ApplicationWithdrawn(case::ApplicationWithdrawn) = "kz.qonys.application.withdrawn.v1",
    /// A document of the case came in.
    DocumentReceived(case::DocumentReceived) = "kz.qonys.application.document-received.v1",
    /// The applicant was told the preliminary decision.
    PreliminaryDecisionTold(case::PreliminaryDecisionTold) = "kz.qonys.application.preliminary-decision-told.v1",
    /// The applicant objected to it.
    ObjectionRecorded(case::ObjectionRecorded) = "kz.qonys.application.objection-recorded.v1",
    /// The commission gave its opinion.
    OpinionGiven(case::OpinionGiven) = "kz.qonys.application.opinion-given.v1",
    /// The term ran out without a decision.
    DeemedRefusalFound(case::DeemedRefusalFound) = "kz.qonys.application.deemed-refusal-found.v1",
    /// The applicant was notified of a decision.
    ActNotified(review::ActNotified) = "kz.qonys.application.act-notified.v1",
    /// A clerical error in an act was put right.
    ClericalErrorCorrected(review::ClericalErrorCorrected) = "kz.qonys.application.clerical-error-corrected.v1",
    /// A complaint was filed.
    ComplaintFiled(review::ComplaintFiled) = "kz.qonys.application.complaint-filed.v1",
    /// A complaint was forwarded to the body above.
    ComplaintForwarded(review::ComplaintForwarded) = "kz.qonys.application.complaint-forwarded.v1",
    /// A complaint was decided.
    ReviewDecided(review::ReviewDecided) = "kz.qonys.application.review-decided.v1",
    /// Support was paid.
    SupportPaid(repayment::SupportPaid) = "kz.qonys.application.support-paid.v1",
    /// An included applicant moved.
    MoveRecorded(repayment::MoveRecorded) = "kz.qonys.application.move-recorded.v1",
    /// An included kandas refused the citizenship.
    CitizenshipRefused(repayment::CitizenshipRefused) = "kz.qonys.application.citizenship-refused.v1",
    /// The rule of repayment is met.
    RepaymentFound(repayment::RepaymentFound) = "kz.qonys.application.repayment-found.v1",
    /// An official opened a claim for repayment.
    RepaymentClaimed(repayment::RepaymentClaimed) = "kz.qonys.application.repayment-claimed.v1",
    /// Support was paid back.
    RepaymentRecorded(repayment::RepaymentRecorded) = "kz.qonys.application.repayment-recorded.v1",
    /// An official withdrew a claim for repayment, or opened none.
    RepaymentClaimWithdrawn(repayment::RepaymentClaimWithdrawn) = "kz.qonys.application.repayment-claim-withdrawn.v1",
    /// The status of kandas was extended.
    StatusExtended(status::StatusExtended) = "kz.qonys.person.kandas-status-extended.v1",
    /// The status of kandas ended before its day.
    StatusEnded(status::StatusEnded) = "kz.qonys.person.kandas-status-ended.v1",
    /// A key that signs the log's checkpoints was announced.
    LogKeyAnnounced(log::LogKeyAnnounced) = "kz.qonys.log.key-announced.v1",
    /// The first entry of a later incarnation: what it goes on from.
    LogContinued(log::LogContinued) = "kz.qonys.log.continued.v1",
    /// A temporary stay was extended.
    StayExtended(registration::StayExtended) = "kz.qonys.person.stay-extended.v1",
    /// A temporary stay ended early.
    StayEnded(registration::StayEnded) = "kz.qonys.person.stay-ended.v1",
    /// A host reported the arrival of an immigrant.
    ArrivalReported(registration::ArrivalReported) = "kz.qonys.person.arrival-reported.v1",
    /// A person died.
    PersonDied(registration::PersonDied) = "kz.qonys.person.died.v1",
    /// A dwelling is described otherwise from a day on.
    DwellingChanged(dwelling::DwellingChanged) = "kz.qonys.dwelling.changed.v1",
    /// A dwelling is destroyed.
    DwellingDestroyed(dwelling::DwellingDestroyed) = "kz.qonys.dwelling.destroyed.v1",
    /// The holders of a dwelling were recorded.
    HoldersRecorded(dwelling::HoldersRecorded) = "kz.qonys.dwelling.holders-recorded.v1",
    /// A holder consented to a registration.
    ConsentGiven(dwelling::ConsentGiven) = "kz.qonys.dwelling.consent-given.v1",
    /// A holder withdrew his consent.
    ConsentWithdrawn(dwelling::ConsentWithdrawn) = "kz.qonys.dwelling.consent-withdrawn.v1",
    /// More residents than the norm takes were found.
    OverNormFound(dwelling::OverNormFound) = "kz.qonys.dwelling.over-norm-found.v1",
    /// Something changed in a person's family.
    FamilyChanged(family::FamilyChanged) = "kz.qonys.person.family-changed.v1",
    /// Somebody acts for a person.
    RepresentativeAppointed(family::RepresentativeAppointed) = "kz.qonys.person.representative-appointed.v1",
    /// A representative acts no more.
    RepresentationEnded(family::RepresentationEnded) = "kz.qonys.person.representation-ended.v1",
    /// Kazakh nationality was determined (points 2 and 6).
    NationalityDetermined(family::NationalityDetermined) = "kz.qonys.person.kazakh-nationality-determined.v1",
    /// A power without a type of decision was entered in the catalogue.
    OtherPowerRecorded(office::OtherPowerRecorded) = "kz.qonys.power.other-recorded.v1",
    /// An office was registered.
    OfficeRegistered(office::OfficeRegistered) = "kz.qonys.office.registered.v1",
    /// An office holds powers.
    PowersVested(office::PowersVested) = "kz.qonys.office.powers-vested.v1",
    /// An official was appointed.
    OfficialAppointed(office::OfficialAppointed) = "kz.qonys.office.official-appointed.v1",
    /// An official acts in another's stead.
    ActingAppointed(office::ActingAppointed) = "kz.qonys.office.acting-appointed.v1",
    /// An official delegated powers.
    PowersDelegated(office::PowersDelegated) = "kz.qonys.office.powers-delegated.v1",
    /// An appointment, acting or delegation ended.
    AssignmentEnded(office::AssignmentEnded) = "kz.qonys.office.assignment-ended.v1",
    /// A power of the catalogue was exercised.
    PowerExercised(office::PowerExercised) = "kz.qonys.office.power-exercised.v1",
    /// An office was closed.
    OfficeClosed(office::OfficeClosed) = "kz.qonys.office.closed.v1",
    /// A document came in.
    IncomingRegistered(journal::IncomingRegistered) = "kz.qonys.journal.incoming-registered.v1",
    /// A document went out.
    OutgoingRegistered(journal::OutgoingRegistered) = "kz.qonys.journal.outgoing-registered.v1",
    /// The applicant chose the language of his case.
    LanguageChosen(journal::LanguageChosen) = "kz.qonys.application.language-chosen.v1",
    /// The case goes on in the office of another territory.
    CaseTransferred(journal::CaseTransferred) = "kz.qonys.application.transferred.v1",
    /// An act distributed a share of the quota for foreign labour.
    ShareDistributed(labour::ShareDistributed) = "kz.qonys.foreign-labour.share-distributed.v1",
    /// A permit for foreign labour was granted.
    LabourPermitGranted(labour::LabourPermitGranted) = "kz.qonys.foreign-labour.permit-granted.v1",
    /// It was extended.
    LabourPermitExtended(labour::LabourPermitExtended) = "kz.qonys.foreign-labour.permit-extended.v1",
    /// It was suspended.
    LabourPermitSuspended(labour::LabourPermitSuspended) = "kz.qonys.foreign-labour.permit-suspended.v1",
    /// It is valid again.
    LabourPermitResumed(labour::LabourPermitResumed) = "kz.qonys.foreign-labour.permit-resumed.v1",
    /// It was withdrawn.
    LabourPermitWithdrawn(labour::LabourPermitWithdrawn) = "kz.qonys.foreign-labour.permit-withdrawn.v1",
    /// A report to the authorised body was frozen.
    ReportFrozen(report::ReportFrozen) = "kz.qonys.report.frozen.v1",
    /// A named official signed it.
    ReportSigned(report::ReportSigned) = "kz.qonys.report.signed.v1",
    /// An indicator was defined.
    IndicatorDefined(indicator::IndicatorDefined) = "kz.qonys.indicator.defined.v1",
    /// A published figure was recorded, or revised by a full new one.
    FigureReleased(indicator::FigureReleased) = "kz.qonys.indicator.figure-released.v1",
    /// A figure was computed from others.
    FigureDerived(indicator::FigureDerived) = "kz.qonys.indicator.figure-derived.v1",
    /// A stock was held against the changes that are reported.
    FiguresReconciled(indicator::FiguresReconciled) = "kz.qonys.indicator.figures-reconciled.v1",
    /// An official chose which reading of the trigger of point 7 counts.
    PopulationDepartureReadingChosen(population_departure::PopulationDepartureReadingChosen) = "kz.qonys.population-departure.reading-chosen.v1",
    /// The trigger of point 7 was evaluated, or evaluated again.
    PopulationDepartureEvaluated(population_departure::PopulationDepartureEvaluated) = "kz.qonys.population-departure.evaluated.v1",
    /// A plan of measures was opened.
    MeasurePlanOpened(population_departure::MeasurePlanOpened) = "kz.qonys.measure-plan.opened.v1",
    /// A measure was added to it.
    MeasureAdded(population_departure::MeasureAdded) = "kz.qonys.measure-plan.measure-added.v1",
    /// The owner reported on a measure.
    MeasureReported(population_departure::MeasureReported) = "kz.qonys.measure-plan.measure-reported.v1",
    /// The plan was closed.
    MeasurePlanClosed(population_departure::MeasurePlanClosed) = "kz.qonys.measure-plan.closed.v1",
    /// The registration records were used for a purpose of point 8.
    PopulationRecordsUsed(forecast::PopulationRecordsUsed) = "kz.qonys.population-records.used.v1",
    /// Registered persons by district and age were counted.
    PopulationBaseRecorded(forecast::PopulationBaseRecorded) = "kz.qonys.forecast.base-recorded.v1",
    /// Rates of survival, fertility and migration were recorded.
    RatesRecorded(forecast::RatesRecorded) = "kz.qonys.forecast.rates-recorded.v1",
    /// A set of norms for services was recorded.
    NormSetRecorded(forecast::NormSetRecorded) = "kz.qonys.forecast.norm-set-recorded.v1",
    /// An institution was recorded.
    FacilityRecorded(forecast::FacilityRecorded) = "kz.qonys.forecast.facility-recorded.v1",
    /// A forecast was produced.
    ForecastProduced(forecast::ForecastProduced) = "kz.qonys.forecast.produced.v1",
    /// The part of a forecast that is about one district.
    DistrictForecast(forecast::DistrictForecast) = "kz.qonys.forecast.district-produced.v1",
    /// An institution is otherwise from a day on.
    FacilityChanged(forecast::FacilityChanged) = "kz.qonys.forecast.facility-changed.v1",
    /// An entry of the register of acts was wrong.
    LawCorrected(amended::LawCorrected) = "kz.qonys.law.corrected.v1",
    /// The validity of a norm has an end.
    NormEnded(amended::NormEnded) = "kz.qonys.norm.ended.v1",
    /// The validity of a power has an end.
    PowerEnded(amended::PowerEnded) = "kz.qonys.power.ended.v1",
    /// What an act of the setter says was recorded wrongly.
    QuotaCorrected(amended::QuotaCorrected) = "kz.qonys.quota.corrected.v1",
    /// A person applied for inclusion.
    InclusionAsked(amended::InclusionAsked) = "kz.qonys.person.inclusion-asked.v1",
    /// A grant or extension of the status of kandas was annulled.
    StatusAnnulled(amended::StatusAnnulled) = "kz.qonys.person.kandas-status-annulled.v1",
    /// An entry of a case was wrong.
    CaseCorrected(amended::CaseCorrected) = "kz.qonys.application.corrected.v1",
    /// A proposal was drafted for a territory.
    ProposalEntered(amended::ProposalEntered) = "kz.qonys.proposals.entered.v1",
    /// An office was registered for a territory.
    OfficeEntered(office::OfficeEntered) = "kz.qonys.offices.entered.v1",
    /// The term of a case was extended.
    TermExtended(case::TermExtended) = "kz.qonys.application.term-extended.v1",
    /// What was recorded of an act about a line was wrong.
    LimitWithdrawn(quota::LimitWithdrawn) = "kz.qonys.quota-line.limit-withdrawn.v1",
    /// Places are counted in this line by its rule, and were in another.
    PlacesRecounted(quota::PlacesRecounted) = "kz.qonys.quota-line.places-recounted.v1",
    /// An inclusion is counted in another line.
    InclusionRecounted(amended::InclusionRecounted) = "kz.qonys.application.inclusion-recounted.v1",
    /// A person's data were blocked.
    DataBlocked(personal::DataBlocked) = "kz.qonys.person.data-blocked.v1",
    /// They were unblocked.
    DataUnblocked(personal::DataUnblocked) = "kz.qonys.person.data-unblocked.v1",
    /// It is proposed to destroy them.
    DestructionProposed(personal::DestructionProposed) = "kz.qonys.person.destruction-proposed.v1",
    /// They were destroyed.
    DataDestroyed(personal::DataDestroyed) = "kz.qonys.person.data-destroyed.v1",
    /// It is proposed to destroy the address of a dwelling.
    DwellingDestructionProposed(personal::DestructionProposed) = "kz.qonys.dwelling.destruction-proposed.v1",
    /// It was destroyed.
    DwellingDataDestroyed(personal::DataDestroyed) = "kz.qonys.dwelling.data-destroyed.v1",
    /// Data about persons was read (second log).
    DataRead(access::DataRead) = "kz.qonys.access.data-read.v1",
    /// A command was blocked (second log).
    CommandBlocked(access::CommandBlocked) = "kz.qonys.access.command-blocked.v1",
    /// Places of a decision that was proved to have been adopted earlier.
    PlacesProved(quota::PlacesProved) = "kz.qonys.quota-line.places-proved.v1",
    /// A decision of inclusion was proved to have been adopted earlier.
    InclusionProved(application::InclusionProved) = "kz.qonys.application.inclusion-proved.v1",
);

/// The first entry of a log: its zone, its purpose, its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOpened {
    /// The IANA name of the zone whose civil dates the log uses.
    pub zone: crate::scalar::Text,
    /// What the log is for.
    pub kind: crate::term::LogKind,
    /// Where its time comes from.
    pub clock: crate::term::ClockKind,
}
