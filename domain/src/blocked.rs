//! Why a command may not be done now. Blocked decides nothing about a person and stores nothing; the case stays open.

use qonys_events::{
    citation::{Citation, Facts},
    scalar::{Slug, Text},
};

mod basis;

pub use basis::{Rests, Source};

/// Declares every code once, with the sentence that the error catalogue prints.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// A stable code. Names never change their meaning; new ones are added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The written form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it says, in a sentence: the error catalogue prints it.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes!(
    /// No act in force on the decision date gives the power for this type of decision.
    NoBasis = "no-basis",
    /// Whether an act that would give the power is in force on the decision date is not known.
    BasisUnknown = "basis-unknown",
    /// No norm in force that the decision needs is recorded.
    NormMissing = "norm-missing",
    /// The decision date lies after today in the log's zone.
    DecisionInFuture = "decision-in-future",
    /// The log is open already, or not yet.
    LogState = "log-state",
    /// The register of acts has an act of this name already.
    ActExists = "act-exists",
    /// The register of acts has no act of this name.
    ActNotFound = "act-not-found",
    /// Dates in the life of an act or in a register stand in an impossible order.
    DatesOutOfOrder = "dates-out-of-order",
    /// This date of the act is recorded already.
    DateRecorded = "date-recorded",
    /// The determination lies before the earliest day that is possible.
    BeforeEarliestPossible = "before-earliest-possible",
    /// The act is determined already, or evidence of a better kind is recorded.
    EvidenceRecorded = "evidence-recorded",
    /// Another validity under the same key overlaps.
    ValidityOverlaps = "validity-overlaps",
    /// An interval ends before it begins.
    IntervalEmpty = "interval-empty",
    /// It stands so already.
    NoChange = "no-change",
    /// The same line stands twice, or there is none.
    LinesMalformed = "lines-malformed",
    /// Places of this territory and year stand in a line of another counting rule, and rules never mix.
    CountingRuleMixed = "counting-rule-mixed",
    /// The line has a limit already: an act amends it.
    LineEstablished = "line-established",
    /// The act amends a line that no recorded act established.
    LineNotEstablished = "line-not-established",
    /// Regional limits exceed the reported national total; the sender may confirm that it was published so.
    RegionalLinesExceedTotal = "regional-lines-exceed-total",
    /// Lines marked `source-gap` are possible only in a log that is opened for tests.
    SourceGapOutsideTests = "source-gap-outside-tests",
    /// The national line is a reported total: it is not consumed.
    NationalLineIsTotal = "national-line-is-total",
    /// The territory has no line for this category and year.
    NoQuotaLine = "no-quota-line",
    /// No act that sets the limit is in force on the decision date.
    QuotaNotInForce = "quota-not-in-force",
    /// The decision date lies outside the year of the quota.
    OutsideQuotaYear = "outside-quota-year",
    /// The limit does not leave enough places at every effective day from then on.
    LimitReached = "limit-reached",
    /// Lawful facts of others left more places taken than the limit: nothing more is held or committed until it clears.
    OverCommitted = "over-committed",
    /// The territory is not determined for this category on the decision date.
    TerritoryNotDetermined = "territory-not-determined",
    /// Only the office of the territory decides.
    NotTheDecidingOffice = "not-the-deciding-office",
    /// The application exists already.
    ApplicationExists = "application-exists",
    /// No such application.
    ApplicationNotFound = "application-not-found",
    /// The application has been decided or ended.
    ApplicationDecided = "application-decided",
    /// Places are held for the application already.
    AlreadyHeld = "already-held",
    /// No places are held for the application.
    NotHeld = "not-held",
    /// The application has neither held nor committed places.
    NothingToRelease = "nothing-to-release",
    /// What the sender wants to adopt are not the bytes that stand in the log.
    AdoptsOtherBytes = "adopts-other-bytes",
    /// Whoever held or proposed it does not adopt it himself.
    SameHands = "same-hands",
    /// The decision was not adopted before today: places are held and committed for it.
    NotAdoptedEarlier = "not-adopted-earlier",
    /// Nobody has proposed to destroy the data.
    NotProposed = "not-proposed",
    /// The effective day lies before the fact that the command builds on.
    BeforeItsCause = "before-its-cause",
    /// The year of the quota is not over.
    YearNotOver = "year-not-over",
    /// The year of the line is closed.
    YearClosed = "year-closed",
    /// Places are still held: they are released or adopted before the year is closed.
    PlacesStillHeld = "places-still-held",
    /// The ground does not fit the case.
    GroundDoesNotFit = "ground-does-not-fit",
    /// Facts that the decision needs are missing.
    FactsMissing = "facts-missing",
    /// No such person.
    PersonNotFound = "person-not-found",
    /// The person is no kandas on the decision date.
    StatusMissing = "status-missing",
    /// The person has the status already.
    StatusGranted = "status-granted",
    /// A citizen cannot be a kandas.
    CitizenIsNoKandas = "citizen-is-no-kandas",
    /// No such dwelling.
    DwellingNotFound = "dwelling-not-found",
    /// The person is registered at this residence already.
    AlreadyResident = "already-resident",
    /// The person has no residence on that day.
    NoResidence = "no-residence",
    /// The registration ended no former residence: it is no move.
    NotAMove = "not-a-move",
    /// The registration would overlap one that is recorded.
    RegistrationOverlaps = "registration-overlaps",
    /// A stay place differs from the residence.
    StayAtResidence = "stay-at-residence",
    /// A stay needs an end after its beginning.
    StayWithoutEnd = "stay-without-end",
    /// The person died before that day.
    PersonDied = "person-died",
    /// The useful area does not suffice under the norm of point 10.
    OverNorm = "over-norm",
    /// The parent or guardian is not registered at this dwelling.
    GuardianNotResident = "guardian-not-resident",
    /// The guardianship of a person from 14 on is not recorded for that day: a claim alone makes no ward.
    GuardianshipNotRecorded = "guardianship-not-recorded",
    /// A consent that the registration needs is not recorded for that day.
    NoConsent = "no-consent",
    /// Whoever consents or asks does not hold the dwelling on that day.
    NotAHolder = "not-a-holder",
    /// Nobody may live in these premises.
    NotALivingPlace = "not-a-living-place",
    /// The dwelling is destroyed.
    DwellingDestroyed = "dwelling-destroyed",
    /// A child under 14 is registered with a parent, a guardian or an institution.
    ChildWithoutGuardian = "child-without-guardian",
    /// The person has no stay at this dwelling on that day.
    NoStay = "no-stay",
    /// The stay in an adaptation centre would be longer than the term in force.
    AdaptationTerm = "adaptation-term",
    /// A citizen is no immigrant: no host reports his arrival.
    NotAnImmigrant = "not-an-immigrant",
    /// The same person stands twice among those who are registered together, or nobody does.
    MembersMalformed = "members-malformed",
    /// The stream has no entry of that kind at that place.
    EntryNotFound = "entry-not-found",
    /// The entry is superseded already: correct the one that superseded it.
    AlreadySuperseded = "already-superseded",
    /// Whoever acts for the person does not represent him on that day in that matter.
    NotARepresentative = "not-a-representative",
    /// The power is that of another role.
    NotTheRole = "not-the-role",
    /// No such proposal.
    ProposalNotFound = "proposal-not-found",
    /// The proposal is not in a state from which this step leads on.
    ProposalStep = "proposal-step",
    /// The horizon lies in the past or is no horizon of that kind.
    HorizonMalformed = "horizon-malformed",
    /// No norm in force makes the addressee competent for a proposal of this kind on the decision date.
    AddresseeNotCompetent = "addressee-not-competent",
    /// A warning is there that the signatory has not confirmed with a reason.
    WarningNotConfirmed = "warning-not-confirmed",
    /// The signatory confirms a warning that is not there, or one twice.
    WarningNotGiven = "warning-not-given",
    /// The proposal and the act are linked already.
    AlreadyLinked = "already-linked",
    /// No working-day calendar of that year is recorded: a term that reaches into it cannot be counted.
    CalendarMissing = "calendar-missing",
    /// The person is not the applicant of this application.
    NotTheApplicant = "not-the-applicant",
    /// The applicant was not told an adverse preliminary decision.
    NoPreliminaryDecision = "no-preliminary-decision",
    /// The applicant must be heard: the term of the case is too long to omit it.
    HearingDue = "hearing-due",
    /// The act would come before the applicant had so many working days after the preliminary decision.
    NoticeTooShort = "notice-too-short",
    /// Members, votes and opinion of the commission do not fit together.
    OpinionMalformed = "opinion-malformed",
    /// The term of the application still runs.
    TermRuns = "term-runs",
    /// The term of the application ran out: what ran out is not extended.
    TermRanOut = "term-ran-out",
    /// The term would be longer than it may be extended.
    ExtensionTooLong = "extension-too-long",
    /// The term is over.
    TermOver = "term-over",
    /// No such decision on this application.
    NoSuchDecision = "no-such-decision",
    /// A complaint against this decision is open already.
    ComplaintOpen = "complaint-open",
    /// No such complaint.
    NoSuchComplaint = "no-such-complaint",
    /// The complaint is decided already.
    ComplaintDecided = "complaint-decided",
    /// An office is registered for the territory, and the one that is named is not.
    OfficeNotRegistered = "office-not-registered",
    /// Nobody reviews his own act, nor one that was adopted in his stead.
    OwnAct = "own-act",
    /// This instance cannot decide so at this stage of the complaint.
    NotForThisInstance = "not-for-this-instance",
    /// A complaint of the applicant does not make his position worse.
    NoWorsening = "no-worsening",
    /// What the review says about its effect does not fit its outcome.
    EffectMalformed = "effect-malformed",
    /// The applicant is not included in a quota.
    NotIncluded = "not-included",
    /// No such finding of repayment.
    NoFinding = "no-finding",
    /// The claim is higher than the support that was received.
    ClaimTooHigh = "claim-too-high",
    /// More is paid back than is owed on the finding.
    MoreThanOwed = "more-than-owed",
    /// The member of the family would join an application that is not included, or on another line.
    NothingToJoin = "nothing-to-join",
    /// The member of the family arrived in another year than that of the quota.
    ArrivedInAnotherYear = "arrived-in-another-year",
    /// The stream that the sender's precondition names stands at another version.
    VersionMoved = "version-moved",
    /// The indicator is defined already.
    IndicatorExists = "indicator-exists",
    /// No such indicator.
    IndicatorNotFound = "indicator-not-found",
    /// What the indicator's figures are does not fit what they are about, or how they are computed.
    IndicatorMalformed = "indicator-malformed",
    /// The period is not of the kind that the indicator's figures are about.
    PeriodDoesNotFit = "period-does-not-fit",
    /// A number of persons, events or hectares is never negative.
    NegativeFigure = "negative-figure",
    /// A figure has more than fifteen digits.
    FigureTooLarge = "figure-too-large",
    /// Religious and ethnic figures come only from published statistics.
    PublishedStatisticsOnly = "published-statistics-only",
    /// An area changes only by an act: name it.
    AreaWithoutAct = "area-without-act",
    /// The figure was published after the decision date, or before the time that it is about.
    FigureBeforeItsTime = "figure-before-its-time",
    /// The figure is recorded already: a revision says which release it takes the place of.
    FigureRecorded = "figure-recorded",
    /// The figures of this indicator are computed, not recorded.
    FigureIsDerived = "figure-is-derived",
    /// The figures of this indicator are recorded, not computed.
    FigureIsNotDerived = "figure-is-not-derived",
    /// The indicator has no such release.
    ReleaseNotFound = "release-not-found",
    /// Another release has taken its place already: revise that one.
    ReleaseSuperseded = "release-superseded",
    /// A figure that the computation needs is not recorded.
    InputMissing = "input-missing",
    /// The figures belong to different series: their difference would be a re-base and no growth.
    SeriesBreak = "series-break",
    /// No official has chosen which reading of the trigger counts on the decision date.
    ReadingNotChosen = "reading-not-chosen",
    /// The territory has no such evaluation of the trigger.
    EvaluationNotFound = "evaluation-not-found",
    /// Another evaluation has taken its place: a figure was revised.
    EvaluationSuperseded = "evaluation-superseded",
    /// The trigger did not fire: a plan needs one that did, or an explicit decision to act early.
    TriggerNotFired = "trigger-not-fired",
    /// No such plan of measures.
    PlanNotFound = "plan-not-found",
    /// The plan is closed.
    PlanClosed = "plan-closed",
    /// The plan has no measure: there is nothing to close.
    PlanWithoutMeasures = "plan-without-measures",
    /// The plan has no such measure.
    MeasureNotFound = "measure-not-found",
    /// The measure has ended by an earlier report.
    MeasureEnded = "measure-ended",
    /// Measures of the plan have not ended.
    MeasuresOpen = "measures-open",
    /// Kandas live in the territory and no measure is for their training or retraining.
    KandasMeasureMissing = "kandas-measure-missing",
    /// The last day for the measure lies before the decision date.
    DueDatePassed = "due-date-passed",
    /// A share exceeds its whole.
    ShareAboveWhole = "share-above-whole",
    /// The registration records are not kept for this purpose.
    PurposeNotPermitted = "purpose-not-permitted",
    /// A base, rates, norms or an institution that a forecast could not reckon with.
    InputsMalformed = "inputs-malformed",
    /// Rates or norms stand under this name already.
    InputsRecorded = "inputs-recorded",
    /// A base of this day is recorded already.
    BaseRecorded = "base-recorded",
    /// The base that is to be corrected does not stand for this day.
    BaseNotStanding = "base-not-standing",
    /// No base counted from the registration records is there on the decision date.
    BaseMissing = "base-missing",
    /// A forecast needs a named norm set: no need is computed without one.
    NormSetMissing = "norm-set-missing",
    /// No rates stand under this name.
    RatesMissing = "rates-missing",
    /// No institution of this territory stands under this reference.
    FacilityNotFound = "facility-not-found",
    /// The rates are for other age groups than those of the base, or lead beyond all bounds.
    RatesDoNotFit = "rates-do-not-fit",
    /// The base counts ages too coarsely for a projection by age groups.
    AgesTooCoarse = "ages-too-coarse",
    /// Too few bases lead up to the newest one for a back-test.
    SeriesTooShort = "series-too-short",
    /// A norm names ages that the bands of the base cannot tell apart.
    AgesNotSeparable = "ages-not-separable",
    /// A forecast has 1 to 30 steps and ends before the year 2201.
    ForecastHorizon = "forecast-horizon",
    /// No office of this name is registered.
    OfficeNotFound = "office-not-found",
    /// The office does not work on the decision date.
    OfficeNotValid = "office-not-valid",
    /// The official is not appointed to this office in this role on the decision date, and stands in for nobody who is.
    NotAppointed = "not-appointed",
    /// The case lies outside the territory of the office.
    OutsideTerritory = "outside-territory",
    /// The catalogue of powers has no such power by this document and point.
    PowerNotCatalogued = "power-not-catalogued",
    /// The office does not hold the power on that day.
    PowerNotVested = "power-not-vested",
    /// The official does not hold the power on that day, and nobody delegated it to him.
    PowerNotHeld = "power-not-held",
    /// The power is exercised by commands of its own, not by a general one.
    PowerHasItsCommand = "power-has-its-command",
    /// The office has no such assignment on that day.
    AssignmentNotFound = "assignment-not-found",
    /// The number is given to another document of the office and year.
    NumberTaken = "number-taken",
    /// The number is not the next one: a register has no gap.
    NumberGap = "number-gap",
    /// The document is in another language than the applicant chose, and no translation goes with it.
    NotTheLanguageOfTheCase = "not-the-language-of-the-case",
    /// The share of the territory in the quota for foreign labour is unknown: no act that distributes it is recorded.
    ShareNotRecorded = "share-not-recorded",
    /// The territory has no such permit for foreign labour.
    PermitNotFound = "permit-not-found",
    /// The permit does not stand so on that day that this step leads on from it.
    PermitStep = "permit-step",
    /// No such report.
    ReportNotFound = "report-not-found",
    /// The person has a place of that year by another application, or a verdict that holds one.
    AlreadyIncluded = "already-included",
    /// An open complaint suspends the execution of the decision.
    ExecutionSuspended = "execution-suspended",
    /// The data are destroyed: nothing new is recorded about this reference.
    DataDestroyed = "data-destroyed",
    /// The data of the person are blocked.
    DataBlocked = "data-blocked",
    /// A duty to keep the data of the person is live.
    DutyToKeep = "duty-to-keep",
    /// The number stands for another person.
    AnotherPerson = "another-person",
);

/// What a block rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The law, by act and point.
    Law {
        /// The act, by its name in the register of acts.
        act: Slug,
        /// Article and point.
        point: Text,
    },
    /// A rule of ours: no citation is invented.
    Control,
}

/// A command is blocked: code, basis and the facts that the verdict read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Why.
    pub code: Code,
    /// On what basis.
    pub basis: Basis,
    /// What the verdict read.
    pub facts: Facts,
}

impl Blocked {
    /// Blocked by a rule of ours.
    pub fn control(code: Code) -> Self {
        Self {
            code,
            basis: Basis::Control,
            facts: Facts::new(),
        }
    }

    /// Blocked by the law.
    pub fn law(code: Code, citation: &Citation) -> Self {
        Self {
            code,
            basis: Basis::Law {
                act: citation.act.clone(),
                point: citation.point.clone(),
            },
            facts: Facts::new(),
        }
    }

    /// Adds a fact that the verdict read.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.facts = self.facts.with(name, value);
        self
    }

    /// The facts that were read before the verdict, and those that were added: what the block itself says stays.
    #[must_use]
    pub fn having_read(mut self, facts: &Facts) -> Self {
        for (name, value) in &facts.0 {
            let said = self.facts.0.entry(name.clone());
            said.or_insert_with(|| value.clone());
        }
        self
    }
}

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.as_str())?;
        match &self.basis {
            Basis::Law { act, point } => write!(f, " ({act}, point {point})"),
            Basis::Control => Ok(()),
        }
    }
}
impl std::error::Error for Blocked {}
