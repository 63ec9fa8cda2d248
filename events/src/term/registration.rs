//! The words of registration (points 9 and 10): premises, holders, consents, stays, findings.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::Malformed;

terms!(
    /// What the edge found when it looked at an individual identification number. A finding is no bar, and a right
    /// control digit is no proof of identity.
    IinFinding {
        /// Twelve digits, a date that exists, the right control digit.
        Valid = "valid",
        /// Another control digit than the first eleven digits give.
        WrongDigit = "wrong-digit",
        /// Not twelve digits, or a date that does not exist.
        Malformed = "malformed",
        /// No number was given: the person is known by another key.
        Absent = "absent",
    }
);
terms!(
    /// Whether the birth date in the number and the one in the document agree.
    BirthDateFinding {
        /// They are the same day.
        Agrees = "agrees",
        /// They differ.
        Differs = "differs",
        /// One of the two is missing or cannot be read.
        NotCompared = "not-compared",
    }
);
terms!(
    /// The category of the document that a person is known by.
    DocumentKind {
        /// An identity card of Kazakhstan.
        IdentityCard = "identity-card",
        /// A passport of Kazakhstan.
        Passport = "passport",
        /// A passport of another state.
        ForeignPassport = "foreign-passport",
        /// A birth certificate.
        BirthCertificate = "birth-certificate",
        /// A residence permit of a foreigner.
        ResidencePermit = "residence-permit",
        /// A certificate of a stateless person.
        StatelessCertificate = "stateless-certificate",
        /// Another document.
        Other = "other",
    }
);
terms!(
    /// What premises serve for.
    PremisesUse {
        /// A house, a flat, a dacha, a dormitory.
        Living = "living",
        /// An institution that takes care of people: a boarding home, a home for children or the elderly.
        Institution = "institution",
        /// A hotel, a rest home, a sanatorium, a clinic.
        TemporaryLodging = "temporary-lodging",
        /// A centre for the adaptation of kandas.
        AdaptationCentre = "adaptation-centre",
        /// Nobody may live there.
        NotForLiving = "not-for-living",
    }
);
terms!(
    /// Why a dwelling is described otherwise from a day on.
    DwellingChange {
        /// It was measured again.
        Measured = "measured",
        /// It went over to another fund.
        FundChanged = "fund-changed",
        /// The boundaries of the districts were moved. Nobody moves with them.
        BoundaryChanged = "boundary-changed",
        /// It serves for something else.
        UseChanged = "use-changed",
    }
);
terms!(
    /// By what right holders hold a dwelling.
    HoldingTitle {
        /// They own it; co-owners together.
        Ownership = "ownership",
        /// They rent it from the state housing fund or from the akimat.
        Tenancy = "tenancy",
    }
);
terms!(
    /// What a holder consents to.
    ConsentScope {
        /// Registration at the place of residence.
        Residence = "residence",
        /// Registration at the place of temporary stay.
        Stay = "stay",
        /// Both.
        Both = "both",
    }
);
terms!(
    /// Why a recorded fact is corrected.
    CorrectionReason {
        /// It was written down wrongly.
        Clerical = "clerical",
        /// The documents say otherwise.
        Documents = "documents",
        /// A court or a review found otherwise.
        Review = "review",
    }
);
terms!(
    /// Why a stay ended before its last day.
    StayEnd {
        /// The person left.
        Departed = "departed",
        /// The host asked for it.
        HostRequest = "host-request",
        /// A court ordered it.
        Court = "court",
        /// The person died.
        Death = "death",
        /// The dwelling is destroyed.
        DwellingDestroyed = "dwelling-destroyed",
    }
);
terms!(
    /// How the stay of an immigrant without a permit stands to the limits of days (migration law art. 6). Computed and
    /// shown; it bars nothing.
    StayLimit {
        /// A citizen, or an immigrant with a permit.
        NotApplicable = "not-applicable",
        /// A norm that is needed is not recorded.
        Unknown = "unknown",
        /// Within the limits.
        Within = "within",
        /// More days in a row than the limit.
        OverAtOnce = "over-at-once",
        /// More days in the rolling window than the limit.
        OverInWindow = "over-in-window",
    }
);
terms!(
    /// Whether a term was kept. Late is reported and bars nothing.
    Timeliness {
        /// Within the term.
        InTime = "in-time",
        /// After the term.
        Late = "late",
        /// The term or the calendar that it is counted on is not recorded.
        Unknown = "unknown",
    }
);
terms!(
    /// What changed in a person's family. The other person stands in a sealed slot.
    FamilyChange {
        /// A child was born.
        Birth = "birth",
        /// The person married.
        Marriage = "marriage",
        /// The marriage was divorced.
        Divorce = "divorce",
        /// A member of the family died.
        MemberDied = "member-died",
        /// A guardianship began.
        GuardianshipBegan = "guardianship-began",
        /// A guardianship ended.
        GuardianshipEnded = "guardianship-ended",
    }
);
terms!(
    /// What an official looks at after a change in a family. Nothing of it changes by itself.
    Review {
        /// The residence.
        Residence = "residence",
        /// A temporary stay.
        Stay = "stay",
        /// The status of kandas.
        KandasStatus = "kandas-status",
        /// Somebody represents the person.
        Representation = "representation",
    }
);
terms!(
    /// By what right somebody represents a person.
    RepresentationBasis {
        /// By law: a parent for a minor.
        ByLaw = "by-law",
        /// As a guardian of a minor or of an adult ward; the document is the appointment.
        Guardian = "guardian",
        /// By a power of attorney.
        PowerOfAttorney = "power-of-attorney",
        /// A court appointed the representative.
        Court = "court",
    }
);
terms!(
    /// In what a representative acts.
    RepresentationScope {
        /// In registration at residence and stay.
        Registration = "registration",
        /// In applications for status and inclusion, and in complaints.
        Applications = "applications",
        /// In everything that this register records.
        All = "all",
    }
);
