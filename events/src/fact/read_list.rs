//! What a verdict read: the facts that an entry lists, and the further bases that it names (promises P9 and P10).

use super::Fact;
use crate::citation::{Citation, Facts};

/// Facts that list what was read, with further bases or without.
macro_rules! listing {
    ($fact:expr; facts and bases: $($both:ident),+; facts: $($one:ident),+ $(,)?) => {
        match $fact {
            $(Fact::$both(fact) => (Some(&fact.facts), Some(&fact.bases)),)+
            $(Fact::$one(fact) => (Some(&fact.facts), None),)+
            _ => (None, None),
        }
    };
}

impl Fact {
    /// The facts that the verdict read and its further bases, where the fact has them.
    pub fn read_list(&self) -> (Option<&Facts>, Option<&Vec<Citation>>) {
        listing!(self;
            facts and bases: PlacesHeld, PlacesCommitted, YearClosed, RefusalActAdopted, StatusEnded, ObjectionRecorded, DeemedRefusalFound, InclusionRecounted, InclusionProved, TermExtended, ActNotified, ClericalErrorCorrected, ComplaintFiled, ComplaintForwarded, RepaymentFound, ResidenceRegistered, StayRegistered, StayExtended, ArrivalReported, OverNormFound, LabourPermitGranted, LabourPermitExtended, ProposalDrafted, DataDestroyed, DwellingDataDestroyed, DestructionProposed, DwellingDestructionProposed;
            facts: StatusGranted, StatusExtended, PlacesOrdered, ReviewDecided, MoveRecorded, CitizenshipRefused, RepaymentClaimed, RepaymentClaimWithdrawn, ResidenceEnded, StayEnded, NationalityDetermined, ProposalSigned, ProposalSent, FigureDerived, FiguresReconciled, PopulationDepartureReadingChosen, PopulationDepartureEvaluated, MeasurePlanOpened, MeasureAdded, MeasurePlanClosed, PopulationRecordsUsed, PopulationBaseRecorded, ForecastProduced, PowerExercised, LabourPermitSuspended, LabourPermitResumed, LabourPermitWithdrawn, StatusAnnulled, DataBlocked, DataUnblocked,
        )
    }
}
