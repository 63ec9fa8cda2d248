//! What each blocked reason rests on (points 1 and 11): a rule of ours, or the law by the power or the norm that is looked up
//! for the day. Which act and point that is, is data: it may be another one on another day.

use qonys_events::term::DecisionType;

use super::Code;

/// What a code rests on, wherever it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rests {
    /// A rule of ours, for which no law is cited.
    Control,
    /// The law.
    Law(Source),
    /// The law where the step has a power or norm of its own, a rule of ours elsewhere.
    Either(Source),
}

impl Rests {
    /// The written form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Law(_) => "law",
            Self::Either(_) => "law-or-control",
        }
    }
}

/// Where act and point come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The power in force for one of these types of decision.
    Powers(&'static [DecisionType]),
    /// The norm in force of this name; `*` stands for the rest of a name.
    Norm(&'static str),
}

use DecisionType::{
    ComplaintReview, ForeignLabourPermit, KandasInclusion, KandasRefusal, KandasStatus,
    KandasStatusEnd, KandasStatusExtension, PopulationRecordsUse, QuotaYearClose, RepaymentClaim,
    ResettlerInclusion, ResettlerRefusal, ResidenceRegistration, StayRegistration,
};

const INCLUSION: &[DecisionType] = &[KandasInclusion, ResettlerInclusion];
/// Where a share or a line of a quota is used up, by the office of its territory.
const WITHIN_A_QUOTA: &[DecisionType] = &[KandasInclusion, ResettlerInclusion, ForeignLabourPermit];
/// What only the office of the territory decides.
const BY_ITS_OFFICE: &[DecisionType] = &[
    KandasInclusion,
    ResettlerInclusion,
    KandasRefusal,
    ResettlerRefusal,
    ForeignLabourPermit,
];
const REGISTRATION: &[DecisionType] = &[ResidenceRegistration, StayRegistration];

impl Code {
    /// What it rests on.
    pub const fn rests(self) -> Rests {
        use Source::{Norm, Powers};
        match self {
            Self::NoQuotaLine => Rests::Either(Powers(INCLUSION)),
            Self::QuotaNotInForce => Rests::Law(Powers(&[
                KandasInclusion,
                ResettlerInclusion,
                QuotaYearClose,
                ForeignLabourPermit,
            ])),
            Self::OutsideQuotaYear | Self::TerritoryNotDetermined => Rests::Law(Powers(INCLUSION)),
            Self::LimitReached => Rests::Law(Powers(WITHIN_A_QUOTA)),
            // A transfer decides nothing on the case, so there it is a rule of ours.
            Self::NotTheDecidingOffice => Rests::Either(Powers(BY_ITS_OFFICE)),
            Self::ShareNotRecorded => Rests::Law(Powers(&[ForeignLabourPermit])),
            Self::StatusMissing => Rests::Either(Powers(&[
                KandasInclusion,
                KandasStatusExtension,
                KandasStatusEnd,
            ])),
            Self::CitizenIsNoKandas => Rests::Law(Powers(&[KandasStatus])),
            Self::FactsMissing => Rests::Either(Powers(&[KandasRefusal])),
            Self::NoConsent => Rests::Law(Powers(REGISTRATION)),
            Self::ChildWithoutGuardian => Rests::Law(Powers(&[ResidenceRegistration])),
            Self::OwnAct | Self::NotForThisInstance | Self::NoWorsening => {
                Rests::Law(Powers(&[ComplaintReview]))
            }
            Self::ClaimTooHigh => Rests::Law(Powers(&[RepaymentClaim])),
            Self::PurposeNotPermitted => Rests::Law(Powers(&[PopulationRecordsUse])),
            // Support that may have to be paid back; the term of the archive is a norm of the office, an open case our own rule.
            Self::DutyToKeep => Rests::Either(Norm("repayment.*")),
            Self::OverNorm => Rests::Law(Norm("housing-provision.useful-area")),
            Self::AdaptationTerm => Rests::Law(Norm("adaptation-centre.months")),
            Self::HearingDue => Rests::Law(Norm("hearing.needless-below.working-days")),
            Self::NoticeTooShort => Rests::Law(Norm("hearing.notice.working-days")),
            Self::TermRuns | Self::TermRanOut => Rests::Law(Norm("term.*")),
            Self::ExtensionTooLong => Rests::Law(Norm("term-extension.*")),
            Self::TermOver => Rests::Law(Norm("clerical-correction.working-days")),
            Self::NothingToJoin | Self::ArrivedInAnotherYear => Rests::Law(Norm("family-case.*")),
            Self::ExecutionSuspended => Rests::Law(Norm("complaint.suspends")),
            _ => Rests::Control,
        }
    }
}
