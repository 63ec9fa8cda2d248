//! What may be asked: one variant per command type. The wire form is `type` and `data`; personal values travel beside
//! `data` and are sealed at the edge before the domain sees the command.

use qonys_events::{
    fact::{
        LogOpened,
        application::{FamilyJoin, Hearing},
        dwelling::Holder,
        labour::ShareDistributed,
        law::{
            ActDateRecorded, ActDetermined, ActRecorded, CalendarRecorded, NormRecorded,
            TerritoryChanged, TerritorySucceeded,
        },
        office::OtherPowerRecorded,
    },
    id::Ref,
    scalar::{Count, Day, Slug, Text, Year},
    term::{Category, Certainty, DecisionType, RefusalGround, SlotCategory},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub mod amended;
pub mod case;

pub use amended::{CorrectCase, CorrectLaw, CorrectQuota, EndNorm, EndPower};
pub use case::{
    AskForStatus, CorrectClericalError, DecideReview, EndKandasStatus, ExtendKandasStatus,
    ExtendTerm, FileComplaint, FindDeemedRefusal, ForwardComplaint, GiveOpinion, GrantKandasStatus,
    NotifyAct, OpenRepaymentClaim, PaySupport, RecordDocument, RecordMove, RecordObjection,
    RecordRepayment, RefuseCitizenship, TellPreliminaryDecision, WithdrawApplication,
    WithdrawRepaymentClaim,
};

mod forecast;
mod journal;
mod labour;
mod monitoring;
mod office;
mod personal;
mod population_departure;
pub mod proposal;
mod quota;
mod report;

pub use personal::{
    BlockPersonalData, DestroyPersonalData, ProposeDestruction, UnblockPersonalData,
};

pub use forecast::{
    ChangeFacility, RecordFacility, RecordNormSet, RecordPopulationBase, RecordRates, RunForecast,
    UsePopulationRecords,
};
pub use population_departure::{
    AddMeasure, ChoosePopulationDepartureReading, CloseMeasurePlan, EvaluatePopulationDeparture,
    OpenMeasurePlan, ReportMeasure,
};

pub use journal::{ChooseLanguage, RegisterIncoming, RegisterOutgoing, TransferCase};

pub use labour::{ChangeLabourPermit, ExtendLabourPermit, GrantLabourPermit};

pub use quota::{
    CloseQuotaYear, CommitPlaces, HoldPlaces, RecordEarlierInclusion, RecountPlaces, ReleasePlaces,
    SetQuota,
};

pub use report::{FreezeReport, SignReport};

pub use office::{
    AppointActing, AppointOfficial, CloseOffice, DelegatePowers, EndAssignment, ExercisePower,
    RegisterOffice, VestPowers,
};

pub use monitoring::{
    ComputeFigure, DefineIndicators, PublishedFigure, ReconcileFigures, RecordRelease, ReviseFigure,
};

pub use proposal::{
    DraftProposal, LinkProposal, RecordAnswer, RecordReceipt, SendProposal, SignProposal,
    WithdrawProposal,
};
pub mod registration;
pub use registration::*;

/// A personal value that a command may carry: its name and the category of the key that seals it.
pub type PersonalValue = (&'static str, SlotCategory);

/// Declares the commands once: variant, written type, payload, personal values that may travel beside it.
macro_rules! commands {
    ($($(#[doc = $doc:literal])* $variant:ident($payload:ty) = $type:literal $([$($value:literal: $category:ident),+])?,)+) => {
        /// A command as the domain sees it: references and facts, no plaintext of a person.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", content = "data")]
        #[allow(clippy::large_enum_variant, reason = "one command at a time; a box would cost every one")]
        pub enum Command {
            $($(#[doc = $doc])* #[serde(rename = $type)] $variant($payload),)+
        }

        impl Command {
            /// Every type, in the order in which the examples run.
            pub const TYPES: &'static [&'static str] = &[$($type),+];

            /// The written type.
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type,)+ }
            }

            /// Reads the `data` of a command of this type. `None` when the type is not known.
            pub fn read<'de, D: Deserializer<'de>>(type_name: &str, data: D) -> Option<Result<Self, D::Error>> {
                match type_name {
                    $($type => Some(<$payload>::deserialize(data).map(Self::$variant)),)+
                    _ => None,
                }
            }

            /// The JSON Schema of the `data` of a type.
            pub fn data_schema(type_name: &str) -> Option<schemars::Schema> {
                match type_name {
                    $($type => Some(schemars::schema_for!($payload)),)+
                    _ => None,
                }
            }

            /// What the command does, in one sentence.
            pub fn summary(type_name: &str) -> Option<&'static str> {
                match type_name {
                    $($type => Some(concat!($($doc),+)),)+
                    _ => None,
                }
            }

            /// The personal values that may travel beside the `data` of a type.
            pub fn personal_values(type_name: &str) -> &'static [PersonalValue] {
                match type_name {
                    $($type => &[$($(($value, SlotCategory::$category)),+)?],)+
                    _ => &[],
                }
            }
        }
    };
}

commands!(
    #[doc = "Opens the log: its zone, purpose and clock. The first command of every log."]
    OpenLog(LogOpened) = "open-log",
    #[doc = "Enters an act in the register of acts with the dates that are known (preamble, point 1)."]
    RecordAct(ActRecorded) = "record-act",
    #[doc = "Records a date in the life of an act that became known later (preamble)."]
    RecordActDate(ActDateRecorded) = "record-act-date",
    #[doc = "An official determines from when an act is in force; shown as assumed wherever anything leans on it (preamble)."]
    DetermineAct(ActDetermined) = "determine-act",
    #[doc = "Enters a dated norm: deadline, limit, ground, area, share, calendar, interpretation (point 1)."]
    RecordNorm(NormRecorded) = "record-norm",
    #[doc = "Enters the power for types of decision: document, point, validity (preamble, point 11)."]
    RecordPower(RecordPower) = "record-power",
    #[doc = "Enters the working-day calendar of a year (administrative procedure code, art. 76)."]
    RecordCalendar(CalendarRecorded) = "record-calendar",
    #[doc = "Records that a territory came out of another by a change of boundaries (point 3)."]
    RecordSuccession(TerritorySucceeded) = "record-succession",
    #[doc = "Records that an act determined or excluded a territory for settling (points 3 and 6)."]
    ChangeTerritory(TerritoryChanged) = "change-territory",
    #[doc = "Records an act of the setter that establishes or amends quota lines (points 3 and 6). Never vetoed for its content."]
    SetQuota(SetQuota) = "set-quota",
    #[doc = "Records a person under a random reference; name, IIN and document are sealed (point 9)."]
    RecordPerson(RecordPerson) = "record-person" ["name": Identity, "iin": Identity, "document": Identity, "born-on": Identity, "birthplace": Identity],
    #[doc = "Files an application for the status of kandas or for its extension (point 6)."]
    AskForStatus(AskForStatus) = "ask-for-status",
    #[doc = "Records a document of the case; its number is sealed (point 6)."]
    RecordDocument(RecordDocument) = "record-document" ["number": Identity],
    #[doc = "Grants the status of kandas for an interval. Status and inclusion in a quota are two things (point 6)."]
    GrantKandasStatus(GrantKandasStatus) = "grant-kandas-status",
    #[doc = "Files an application for inclusion in the quota of one territory and year (point 6)."]
    FileApplication(FileApplication) = "file-application",
    #[doc = "Records the opinion of the commission, which is never the decision (point 6; migration law art. 19-2)."]
    GiveOpinion(GiveOpinion) = "give-opinion",
    #[doc = "Computes the verdict on an application and holds its places in the line (point 6)."]
    HoldPlaces(HoldPlaces) = "hold-places",
    #[doc = "A named official adopts the verdict: the applicant is included (point 6)."]
    CommitPlaces(CommitPlaces) = "commit-places",
    #[doc = "Records that the applicant was notified of a decision, or of the extension of the term (point 6)."]
    NotifyAct(NotifyAct) = "notify-act",
    #[doc = "Records support that was paid to an included applicant (point 6)."]
    PaySupport(PaySupport) = "pay-support",
    #[doc = "Records that an included applicant moved, and finds whether support is to be repaid (points 2 and 6)."]
    RecordMove(RecordMove) = "record-move",
    #[doc = "Records that an included kandas refused the citizenship, and finds whether support is to be repaid (point 6)."]
    RefuseCitizenship(RefuseCitizenship) = "refuse-citizenship",
    #[doc = "A named official opens a claim for repayment on a finding (point 6)."]
    OpenRepaymentClaim(OpenRepaymentClaim) = "open-repayment-claim",
    #[doc = "Records that support was paid back, all of it or a part (point 6)."]
    RecordRepayment(RecordRepayment) = "record-repayment",
    #[doc = "A named official withdraws a claim for repayment, or decides that none is opened on a finding (point 6)."]
    WithdrawRepaymentClaim(WithdrawRepaymentClaim) = "withdraw-repayment-claim",
    #[doc = "Releases places that are held or committed (point 6)."]
    ReleasePlaces(ReleasePlaces) = "release-places",
    #[doc = "Records that the applicant was told the preliminary decision (administrative procedure code, art. 73)."]
    TellPreliminaryDecision(TellPreliminaryDecision) = "tell-preliminary-decision",
    #[doc = "Records an objection to the preliminary decision (administrative procedure code, art. 73)."]
    RecordObjection(RecordObjection) = "record-objection",
    #[doc = "A named official refuses an application on one ground in force: a refusal act (point 6)."]
    RefuseApplication(RefuseApplication) = "refuse-application" ["individual-facts": Case],
    #[doc = "Puts a clerical error in an act right, within the term and without a change of content (point 6)."]
    CorrectClericalError(CorrectClericalError) = "correct-clerical-error" ["correction": Case],
    #[doc = "Records a complaint against a decision; a late one is marked late (point 6; administrative procedure code, art. 91-92)."]
    FileComplaint(FileComplaint) = "file-complaint",
    #[doc = "Records that the deciding body forwarded a complaint to the body above it (point 6)."]
    ForwardComplaint(ForwardComplaint) = "forward-complaint",
    #[doc = "Records the decision on a complaint, by a body or a court, with what follows for the places (point 6)."]
    DecideReview(DecideReview) = "decide-review",
    #[doc = "Finds that the term of an application ran out: a deemed refusal (point 6)."]
    FindDeemedRefusal(FindDeemedRefusal) = "find-deemed-refusal",
    #[doc = "The applicant withdraws an application that is not decided (point 6)."]
    WithdrawApplication(WithdrawApplication) = "withdraw-application",
    #[doc = "Extends the status of kandas (point 6; migration law art. 25)."]
    ExtendKandasStatus(ExtendKandasStatus) = "extend-kandas-status",
    #[doc = "Ends the status of kandas before its day; an inclusion stays (point 6; migration law art. 25)."]
    EndKandasStatus(EndKandasStatus) = "end-kandas-status",
    #[doc = "An official closes the year of a quota line: what is left lapses (point 6)."]
    CloseQuotaYear(CloseQuotaYear) = "close-quota-year",
    #[doc = "Records a dwelling under a random reference; the address below district is sealed (points 9 and 10)."]
    RecordDwelling(RecordDwelling) = "record-dwelling" ["address": Residence],
    #[doc = "Registers a person at the place of residence; a former residence ends the same day (points 9 and 10)."]
    RegisterResidence(RegisterResidence) = "register-residence",
    #[doc = "Registers a person at a place of temporary stay until a day (point 9)."]
    RegisterStay(RegisterStay) = "register-stay",
    #[doc = "Ends a residence. Departure is never blocked on the merits (points 2 and 9)."]
    EndResidence(EndResidence) = "end-residence",
    #[doc = "Registers a family together in one dwelling, in one decision (points 9 and 10)."]
    RegisterFamily(RegisterFamily) = "register-family",
    #[doc = "Extends a temporary stay until a later day (point 9)."]
    ExtendStay(ExtendStay) = "extend-stay",
    #[doc = "Ends a temporary stay before its last day (point 9)."]
    EndStay(EndStay) = "end-stay",
    #[doc = "Records that a host reported the arrival of an immigrant; late is marked and bars nothing (point 9)."]
    ReportArrival(ReportArrival) = "report-arrival",
    #[doc = "Records who holds a dwelling from a day on: owners or tenants, all of them (point 9)."]
    RecordHolders(RecordHolders) = "record-holders",
    #[doc = "Records the consent of a holder to the registration of a person, valid for an interval (point 9)."]
    GiveConsent(GiveConsent) = "give-consent",
    #[doc = "Withdraws the consents of a holder for a person from a day on; registrations made under them stand (point 9)."]
    WithdrawConsent(WithdrawConsent) = "withdraw-consent",
    #[doc = "Describes a dwelling otherwise from a day on; residents over the norm are reported and evicted by nobody (point 10)."]
    ChangeDwelling(ChangeDwelling) = "change-dwelling",
    #[doc = "Corrects how a dwelling was recorded: a full new fact (points 9 and 10)."]
    CorrectDwelling(CorrectDwelling) = "correct-dwelling" ["address": Residence],
    #[doc = "Corrects how a person was recorded: a full new fact (point 9)."]
    CorrectPerson(CorrectPerson) = "correct-person" ["name": Identity, "iin": Identity, "document": Identity, "born-on": Identity, "birthplace": Identity],
    #[doc = "Corrects a registration at the place of residence: a full new fact that supersedes the entry (point 9)."]
    CorrectResidence(CorrectResidence) = "correct-residence",
    #[doc = "Corrects a registration of a stay: a full new fact that supersedes the entry (point 9)."]
    CorrectStay(CorrectStay) = "correct-stay",
    #[doc = "Records that a dwelling is destroyed from a day on: nobody is registered there any more (point 9)."]
    DestroyDwelling(DestroyDwelling) = "destroy-dwelling",
    #[doc = "Records a death: every registration of the person ends with it (point 9)."]
    RecordDeath(RecordDeath) = "record-death",
    #[doc = "Determines whether a person is of Kazakh nationality: a power of its own with its own role; what is found is sealed (points 2 and 6)."]
    DetermineKazakhNationality(DetermineKazakhNationality) = "determine-kazakh-nationality" ["nationality": Identity],
    #[doc = "Records a change in a person's family: birth, marriage, divorce, death; it changes nothing else by itself (point 9)."]
    RecordFamilyChange(RecordFamilyChange) = "record-family-change" ["other-person": Identity],
    #[doc = "Records who acts for a person, by which document, in what and until when (point 9)."]
    AppointRepresentative(AppointRepresentative) = "appoint-representative",
    #[doc = "Records that a representative acts for a person no more (point 9)."]
    EndRepresentation(EndRepresentation) = "end-representation",
    #[doc = "Drafts a proposal to the authorised body (point 5). A proposal changes no quota."]
    DraftProposal(DraftProposal) = "draft-proposal",
    #[doc = "Signs a drafted proposal (point 5)."]
    SignProposal(SignProposal) = "sign-proposal",
    #[doc = "Sends a signed proposal to the authorised body (point 5)."]
    SendProposal(SendProposal) = "send-proposal",
    #[doc = "Records that the authorised body received a proposal (point 5)."]
    RecordReceipt(RecordReceipt) = "record-receipt",
    #[doc = "Records the answer of the authorised body (point 5)."]
    RecordAnswer(RecordAnswer) = "record-answer",
    #[doc = "Links a proposal to an act that answers it, many to many (point 5)."]
    LinkProposal(LinkProposal) = "link-proposal",
    #[doc = "Withdraws a proposal that is not answered for good (point 5)."]
    WithdrawProposal(WithdrawProposal) = "withdraw-proposal",
    #[doc = "Defines indicators of monitoring: code, unit, what their figures are about, which feature they show (point 4)."]
    DefineIndicators(DefineIndicators) = "define-indicators",
    #[doc = "Records published figures with their source (point 4)."]
    RecordRelease(RecordRelease) = "record-release",
    #[doc = "Records a revised figure in place of one that stays readable (point 4)."]
    ReviseFigure(ReviseFigure) = "revise-figure",
    #[doc = "Computes a figure from cited ones: density, balance, growth, change (point 4)."]
    ComputeFigure(ComputeFigure) = "compute-figure",
    #[doc = "Holds a stock against the reported changes of a period and records the difference (point 4)."]
    ReconcileFigures(ReconcileFigures) = "reconcile-figures",
    #[doc = "An official chooses which reading of the trigger counts in a territory (point 7)."]
    ChoosePopulationDepartureReading(ChoosePopulationDepartureReading) = "choose-population-departure-reading",
    #[doc = "Evaluates whether departures exceed the pace of population growth, in three readings side by side (point 7)."]
    EvaluatePopulationDeparture(EvaluatePopulationDeparture) = "evaluate-population-departure",
    #[doc = "Opens a plan of measures: for a trigger that fired, or by a decision to act early (point 7)."]
    OpenMeasurePlan(OpenMeasurePlan) = "open-measure-plan",
    #[doc = "Adds a measure with owner, last day and indicator to a plan (point 7)."]
    AddMeasure(AddMeasure) = "add-measure",
    #[doc = "Records what the owner of a measure reports (point 7)."]
    ReportMeasure(ReportMeasure) = "report-measure",
    #[doc = "Closes a plan whose measures have ended (point 7)."]
    CloseMeasurePlan(CloseMeasurePlan) = "close-measure-plan",
    #[doc = "Records a use of the registration records for a purpose of point 8; any other is blocked."]
    UsePopulationRecords(UsePopulationRecords) = "use-population-records",
    #[doc = "Records how many persons the registration records hold by district and age (point 8)."]
    RecordPopulationBase(RecordPopulationBase) = "record-population-base",
    #[doc = "Records rates of survival, fertility and migration by age groups (point 8)."]
    RecordRates(RecordRates) = "record-rates",
    #[doc = "Records a named, sourced set of norms for jobs, schools, kindergartens and clinics (point 8)."]
    RecordNormSet(RecordNormSet) = "record-norm-set",
    #[doc = "Records an institution with its places or jobs (point 8)."]
    RecordFacility(RecordFacility) = "record-facility",
    #[doc = "Records that an institution is otherwise from a day on: enlarged, moved, closed (point 8)."]
    ChangeFacility(ChangeFacility) = "change-facility",
    #[doc = "Forecasts the population by district and age, and what it needs (point 8). A scenario, and no promise."]
    RunForecast(RunForecast) = "run-forecast",
    #[doc = "Enters a power of the akimat that no type of decision stands for in the catalogue (point 11)."]
    RecordOtherPower(OtherPowerRecorded) = "record-other-power",
    #[doc = "Registers an office with its territories; from then on whoever acts for it is checked (point 11)."]
    RegisterOffice(RegisterOffice) = "register-office",
    #[doc = "Vests powers of the catalogue in an office, by document and point (point 11)."]
    VestPowers(VestPowers) = "vest-powers",
    #[doc = "Appoints an official of an office, by order number, to a role with powers (point 11)."]
    AppointOfficial(AppointOfficial) = "appoint-official",
    #[doc = "Appoints who acts in the stead of an absent official, by order number (point 11)."]
    AppointActing(AppointActing) = "appoint-acting",
    #[doc = "Records that an official delegated powers to another, by order number (point 11)."]
    DelegatePowers(DelegatePowers) = "delegate-powers",
    #[doc = "Exercises a power of the catalogue that has no command of its own (point 11)."]
    ExercisePower(ExercisePower) = "exercise-power",
    #[doc = "Registers a document that came in, under the next number of the office and year (point 6)."]
    RegisterIncoming(RegisterIncoming) = "register-incoming" ["number": Case, "sender": Case],
    #[doc = "Registers a document that goes out, under the next number of the office and year (point 6)."]
    RegisterOutgoing(RegisterOutgoing) = "register-outgoing" ["addressee": Case],
    #[doc = "Records the language that the applicant chose for his case, and his interpreter (point 6)."]
    ChooseLanguage(ChooseLanguage) = "choose-language" ["own-language": Case, "interpreter": Case],
    #[doc = "Hands an undecided case over to the office of another territory (point 6)."]
    TransferCase(TransferCase) = "transfer-case",
    #[doc = "Records the share of the quota for foreign labour that an act distributed to a territory (points 5 and 11)."]
    DistributeLabourShare(ShareDistributed) = "distribute-labour-share",
    #[doc = "Grants an employer a permit for foreign labour: inside the share, or on a ground outside the quota (point 11)."]
    GrantLabourPermit(GrantLabourPermit) = "grant-labour-permit",
    #[doc = "Extends a permit for foreign labour (point 11)."]
    ExtendLabourPermit(ExtendLabourPermit) = "extend-labour-permit",
    #[doc = "Suspends a permit for foreign labour (point 11)."]
    SuspendLabourPermit(ChangeLabourPermit) = "suspend-labour-permit",
    #[doc = "Makes a suspended permit for foreign labour valid again (point 11)."]
    ResumeLabourPermit(ChangeLabourPermit) = "resume-labour-permit",
    #[doc = "Withdraws a permit for foreign labour (point 11)."]
    WithdrawLabourPermit(ChangeLabourPermit) = "withdraw-labour-permit",
    #[doc = "Freezes a list as a report to the authorised body: position and digest (points 5 and 11)."]
    FreezeReport(FreezeReport) = "freeze-report",
    #[doc = "A named official signs a report as it was frozen (points 5 and 11)."]
    SignReport(SignReport) = "sign-report",
    #[doc = "Ends an appointment, an acting or a delegation on a day, by order number (point 11)."]
    EndAssignment(EndAssignment) = "end-assignment",
    #[doc = "Closes an office on a day, by order number (point 11)."]
    CloseOffice(CloseOffice) = "close-office",
    #[doc = "Ends the open validity of a norm: the law changed (point 1)."]
    EndNorm(EndNorm) = "end-norm",
    #[doc = "Ends the open validity of a power, by document and point (points 1 and 11)."]
    EndPower(EndPower) = "end-power",
    #[doc = "Corrects an entry of the register of acts by a full new fact: an act, a determination, a norm, a power, a territory, a calendar, a succession (preamble, points 1, 3, 6 and 11)."]
    CorrectLaw(CorrectLaw) = "correct-law",
    #[doc = "Corrects what was recorded of an act of the setter by a full new fact: year, counting rule, lines, limits (points 3 and 6)."]
    CorrectQuota(CorrectQuota) = "correct-quota",
    #[doc = "Corrects an entry of a case by a full new fact: what was applied for, support that was paid, a notice (point 6)."]
    CorrectCase(CorrectCase) = "correct-case",
    #[doc = "Extends the term of an application by a reasoned decision; the reason is sealed (point 6; administrative procedure code, art. 76)."]
    ExtendTerm(ExtendTerm) = "extend-term" ["reason": Case],
    #[doc = "Corrects a recorded move: the end of the former residence and the new registration together (point 9)."]
    CorrectMove(CorrectMove) = "correct-move",
    #[doc = "Counts the places of an inclusion by the rule in force, where an act changed it within the year (points 3 and 6)."]
    RecountPlaces(RecountPlaces) = "recount-places",
    #[doc = "Blocks a person's data: nobody is shown them until they are unblocked (personal data law, art. 25)."]
    BlockPersonalData(BlockPersonalData) = "block-personal-data",
    #[doc = "Unblocks a person's data (personal data law, art. 25)."]
    UnblockPersonalData(UnblockPersonalData) = "unblock-personal-data",
    #[doc = "Proposes to destroy the data of a person or a dwelling, on a ground of the law and while no duty to keep them is live (personal data law, art. 18)."]
    ProposeDestruction(ProposeDestruction) = "propose-destruction",
    #[doc = "Another official adopts the proposal: the data are destroyed for good (personal data law, art. 18)."]
    DestroyPersonalData(DestroyPersonalData) = "destroy-personal-data",
    #[doc = "Records a decision of inclusion that is proved to have been adopted on an earlier day, over the limit if need be (points 3 and 6)."]
    RecordEarlierInclusion(RecordEarlierInclusion) = "record-earlier-inclusion",
);

/// Data of `record-power`. One point may give the power for several types of decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPower {
    /// The types of decision; at least one, none twice.
    #[schemars(length(min = 1))]
    pub decisions: Vec<DecisionType>,
    /// The document that gives the power.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// First day of validity of that article.
    pub from: Day,
    /// First day after validity; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where we know it from.
    pub source: Text,
}

/// Data of `file-application`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileApplication {
    /// Who applies.
    pub applicant: Ref,
    /// In which category.
    pub category: Category,
    /// For which territory.
    pub territory: Slug,
    /// For which quota year.
    pub year: Year,
    /// Members of the family who come along; the applicant is not among them.
    pub members: Count,
    /// The inclusion that a member of the family joins later; absent for an application of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joins: Option<FamilyJoin>,
    /// Who acts for the applicant, where he does not act himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
}

/// Data of `refuse-application`. Beside it travel `individual-facts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseApplication {
    /// The application.
    pub application: Ref,
    /// Its applicant: his key seals the individual facts.
    pub applicant: Ref,
    /// The primary ground, of the list in force on the decision date.
    pub ground: RefusalGround,
    /// How the applicant was heard.
    pub hearing: Hearing,
    /// Where and within what term the applicant may complain.
    pub appeal: Text,
}
