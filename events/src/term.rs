//! The law's words as closed lists. Names are those of the glossary; the written form is lower case with hyphens.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::Malformed;

/// A closed list with one written form per member.
macro_rules! terms {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $type {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $type {
            /// Every member, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The written form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl FromStr for $type {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(Malformed::new(concat!("one of: ", $($text, " ",)+), text)),
                }
            }
        }
    };
}
pub mod registration;
pub use registration::{
    BirthDateFinding, ConsentScope, CorrectionReason, DocumentKind, DwellingChange, FamilyChange,
    HoldingTitle, IinFinding, PremisesUse, RepresentationBasis, RepresentationScope, Review,
    StayEnd, StayLimit, Timeliness,
};

mod case;
mod monitoring;
mod personal;

pub use case::{
    Complainant, EffectFrom, FamilyTie, LabourCategory, NoticeWay, ProceedingsLanguage,
    RepaymentRule, ReviewInstance, ReviewOutcome, StatusAsk, StatusEndGround, Verdict, Weekday,
};
pub use personal::{BlockingReason, DataSubject, DestructionGround};

pub use monitoring::{
    Feature, MeasureKind, MeasureOutcome, Nature, PeriodKind, Reading, ServiceKind, SourceKind,
    TriggerOutcome,
};

terms!(
    /// Whom a regional quota is for (point 3).
    Category {
        /// Ethnic Kazakhs and members of their families who received the status.
        Kandas = "kandas",
        /// Internal migrants who move to Government-determined regions.
        Resettlers = "resettlers",
    }
);
mod rule;

pub use rule::CountingRule;

terms!(
    /// What kind of act it is.
    ActKind {
        /// A law or code.
        Law = "law",
        /// A decree of the Government.
        Decree = "decree",
        /// An order of a minister.
        Order = "order",
        /// A decision of a maslikhat.
        Decision = "decision",
    }
);
terms!(
    /// The language of a recorded text.
    Language {
        /// Kazakh.
        Kk = "kk",
        /// Russian.
        Ru = "ru",
        /// English.
        En = "en",
    }
);
terms!(
    /// How sure a statement about the law is.
    Certainty {
        /// A source says so.
        Known = "known",
        /// An official determined it, or it is inferred; shown wherever something leans on it.
        Assumed = "assumed",
        /// A reading of the law with an author.
        Interpretation = "interpretation",
    }
);
terms!(
    /// One of the dates in the life of an act.
    ActDate {
        /// The act was adopted.
        Adopted = "adopted",
        /// The act was registered by the justice authority.
        Registered = "registered",
        /// The act was officially published for the first time.
        Published = "published",
        /// A source names the day of entry into force.
        InForce = "in-force",
    }
);
terms!(
    /// A type of decision, for which the powers in force are listed by date.
    DecisionType {
        /// Inclusion of kandas in a regional quota.
        KandasInclusion = "kandas-inclusion",
        /// Inclusion of resettlers in a regional quota.
        ResettlerInclusion = "resettler-inclusion",
        /// Refusal of inclusion to a kandas.
        KandasRefusal = "kandas-refusal",
        /// Refusal of inclusion to a resettler.
        ResettlerRefusal = "resettler-refusal",
        /// Grant of the status of kandas.
        KandasStatus = "kandas-status",
        /// Close of a quota year.
        QuotaYearClose = "quota-year-close",
        /// Registration at the place of residence.
        ResidenceRegistration = "residence-registration",
        /// Registration at the place of temporary stay.
        StayRegistration = "stay-registration",
        /// Determination of Kazakh nationality: a power of its own, with its own role.
        KazakhNationality = "kazakh-nationality",
        /// Taking the norm for provision of housing into account (point 10).
        HousingNorm = "housing-norm",
        /// Proposal to designate the territory (point 5).
        TerritoryDesignationProposal = "territory-designation-proposal",
        /// Proposal to exclude the territory (point 5).
        TerritoryExclusionProposal = "territory-exclusion-proposal",
        /// Proposal on the quota for attracting foreign labour (point 5).
        ForeignLabourProposal = "foreign-labour-proposal",
        /// Proposal on the regional quotas for the coming year (point 5; migration law art. 15).
        ComingYearQuotaProposal = "coming-year-quota-proposal",
        /// Proposal on the regional quotas for a medium term (point 5).
        MediumTermQuotaProposal = "medium-term-quota-proposal",
        /// Extension of the status of kandas.
        KandasStatusExtension = "kandas-status-extension",
        /// End of the status of kandas before its day.
        KandasStatusEnd = "kandas-status-end",
        /// Review of an administrative act on a complaint.
        ComplaintReview = "complaint-review",
        /// Claim for repayment of support.
        RepaymentClaim = "repayment-claim",
        /// Monitoring of migration: figures derived from published ones, and their reconciliation (point 4).
        MigrationMonitoring = "migration-monitoring",
        /// Finding whether departures exceed the pace of population growth (point 7).
        PopulationDepartureEvaluation = "population-departure-evaluation",
        /// A plan of measures against the departure of population (point 7).
        PopulationDepartureMeasures = "population-departure-measures",
        /// Use of the registration records of the population (point 8).
        PopulationRecordsUse = "population-records-use",
        /// A forecast from the registration records of the population (point 8).
        PopulationForecast = "population-forecast",
        /// A permit to attract foreign labour (migration law art. 15 and 37-1).
        ForeignLabourPermit = "foreign-labour-permit",
    }
);
terms!(
    /// What an act does to quota lines.
    QuotaAction {
        /// It sets the first limit of the lines.
        Establish = "establish",
        /// It changes limits that were set before.
        Amend = "amend",
    }
);
terms!(
    /// Why a line is not an ordinary one.
    LineMark {
        /// The sources have no regional lines for this year, so the national line stands in for them. Test logs only.
        SourceGap = "source-gap",
    }
);
terms!(
    /// Whether the Government determined a territory for settling or took it out.
    TerritoryChange {
        /// The territory is determined.
        Determined = "determined",
        /// The territory is excluded.
        Excluded = "excluded",
    }
);
terms!(
    /// The grounds on which inclusion is refused (migration law art. 20). Which of them are in force, for whom and under
    /// which number is dated data: a norm `refusal-ground.<category>.<ground>`.
    RefusalGround {
        /// The person is no kandas by definition.
        NotAKandas = "not-a-kandas",
        /// False documents or data.
        FalseDocuments = "false-documents",
        /// Compromising information on offences or on membership of a terrorist or extremist organisation.
        CompromisingInformation = "compromising-information",
        /// No consent to access restricted personal data.
        NoConsent = "no-consent",
        /// No regional quota in the territorial unit, or the person declines it.
        NoRegionalQuota = "no-regional-quota",
    }
);
terms!(
    /// Why places were released.
    ReleaseReason {
        /// The applicant withdrew.
        Withdrawn = "withdrawn",
        /// A refusal act on the application.
        RefusalAct = "refusal-act",
        /// The inclusion was annulled by a review or a court.
        Annulled = "annulled",
        /// They are counted in another line from then on, by another rule.
        Recounted = "recounted",
        /// The hold was a mistake of ours.
        Mistake = "mistake",
        /// The year of the quota is over.
        YearOver = "year-over",
    }
);
terms!(
    /// Where places stand in a line.
    PlaceState {
        /// Held by a computed verdict that nobody has adopted yet.
        Held = "held",
        /// Committed by the decision of a named official.
        Committed = "committed",
    }
);
terms!(
    /// What kind of person, in the terms of point 9.
    PersonKind {
        /// A citizen of Kazakhstan.
        Citizen = "citizen",
        /// A citizen of another state.
        Foreigner = "foreigner",
        /// A person without citizenship.
        Stateless = "stateless",
    }
);
terms!(
    /// The coarse age that registration needs (points 9 and 10).
    AgeClass {
        /// Under 14 years.
        Under14 = "under-14",
        /// 14 years or older.
        From14 = "from-14",
    }
);
terms!(
    /// The fund that a dwelling belongs to (point 10).
    HousingFund {
        /// State housing.
        State = "state",
        /// Private housing rented by the akimat.
        AkimatRented = "akimat-rented",
        /// Any other private housing: point 10 does not apply.
        Private = "private",
    }
);
terms!(
    /// Who registers (point 9): not the akimat.
    RegisteringBody {
        /// The police.
        Police = "police",
        /// The State Corporation.
        StateCorporation = "state-corporation",
    }
);
terms!(
    /// Why a person may live at the address.
    ConsentKind {
        /// Every owner consented.
        Owners = "owners",
        /// The person owns the dwelling.
        OwnerHimself = "owner-himself",
        /// A court ordered it.
        Court = "court",
    }
);
terms!(
    /// Why the norm of point 10 is recorded as exceeded and does not block.
    OverNormGround {
        /// A child under 14 joins a registered parent or guardian.
        ChildJoinsParent = "child-joins-parent",
        /// A ward joins a registered guardian.
        WardJoinsGuardian = "ward-joins-guardian",
        /// A court ordered the move-in.
        CourtOrder = "court-order",
        /// The reading of point 10 that is in force does not bar it.
        NotBarred = "not-barred",
    }
);
terms!(
    /// Why a residence ended.
    ResidenceEnd {
        /// The person registered at another residence the same day.
        Moved = "moved",
        /// The person left and asked for it, or left the country.
        Departed = "departed",
        /// The owner removed somebody who does not live there.
        OwnerRequest = "owner-request",
        /// A court ordered it.
        Court = "court",
        /// The person died.
        Death = "death",
        /// The person left the country for permanent living elsewhere.
        LeftCountry = "left-country",
        /// The right to live at the address was lost.
        RightLost = "right-lost",
        /// The dwelling is destroyed.
        DwellingDestroyed = "dwelling-destroyed",
    }
);
terms!(
    /// Whether a proposal asks for more or for less.
    Direction {
        /// Increase.
        Increase = "increase",
        /// Reduction.
        Reduction = "reduction",
    }
);
terms!(
    /// What the law does not forbid and whoever signs a proposal confirms with a reason (point 5).
    ProposalWarning {
        /// A cut below the places that are held and committed in the line of the year.
        BelowUse = "below-use",
        /// Exclusion of a territory in which places of the year are held or committed.
        TerritoryInUse = "territory-in-use",
        /// It asks for no change: an increase to what stands already or less, a reduction to that or more.
        AgainstDirection = "against-direction",
        /// No indicator is cited.
        NoIndicator = "no-indicator",
        /// Another proposal of the same kind for the same territory, category and time is signed and not answered.
        Parallel = "parallel-proposal",
    }
);
terms!(
    /// The authorised body's answer to a proposal.
    Answer {
        /// Accepted as asked.
        Accepted = "accepted",
        /// Accepted in part.
        InPart = "in-part",
        /// Rejected.
        Rejected = "rejected",
        /// Returned for improvement.
        Returned = "returned",
    }
);
terms!(
    /// What a log is for.
    LogKind {
        /// The register of record.
        Register = "register",
        /// A demonstration with synthetic persons and labelled synthetic acts.
        Demo = "demo",
        /// A test; lines marked `source-gap` are possible only here.
        Test = "test",
    }
);
terms!(
    /// Where the log's time comes from.
    ClockKind {
        /// The machine's clock.
        System = "system",
        /// A clock that a demonstration or a test sets.
        Simulated = "simulated",
    }
);
terms!(
    /// The category of a sealed personal value: each has its own data key.
    SlotCategory {
        /// Names, documents, numbers.
        Identity = "identity",
        /// Address below district.
        Residence = "residence",
        /// Facts of a case, and free text.
        Case = "case",
    }
);
