//! The words of a case (point 6): applications, hearings, complaints and reviews, repayment.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::Malformed;

terms!(
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
);
terms!(
    /// What an application about the status of kandas asks for.
    StatusAsk {
        /// The status.
        Grant = "grant",
        /// A longer status.
        Extension = "extension",
    }
);
terms!(
    /// Which way a decision goes for the applicant.
    Verdict {
        /// As the applicant asked.
        Favourable = "favourable",
        /// Against it.
        Adverse = "adverse",
    }
);
terms!(
    /// How somebody was told.
    NoticeWay {
        /// In person, against signature.
        InPerson = "in-person",
        /// By registered post.
        Post = "post",
        /// Electronically.
        Electronic = "electronic",
        /// Through the representative.
        Representative = "representative",
    }
);
terms!(
    /// A tie of family (migration law art. 1 and 21-1). A member counts by tie, not by status.
    FamilyTie {
        /// Husband or wife.
        Spouse = "spouse",
        /// Child, also adopted.
        Child = "child",
        /// Parent.
        Parent = "parent",
        /// Brother or sister.
        Sibling = "sibling",
        /// Under guardianship.
        Ward = "ward",
    }
);
terms!(
    /// Why the status of kandas ends (migration law art. 25). Which grounds are in force is dated data: a norm
    /// `status-end-ground.<ground>`.
    StatusEndGround {
        /// The citizenship of Kazakhstan was obtained.
        CitizenshipObtained = "citizenship-obtained",
        /// Permanent residence was refused or annulled.
        PermanentResidenceDenied = "permanent-residence-denied",
    }
);
terms!(
    /// Two different rules of repayment, and a ground of one of them (migration law art. 23 and 51).
    RepaymentRule {
        /// A kandas left the region of settlement for good, by own will.
        LeftSettlementRegion = "left-settlement-region",
        /// A kandas refused the citizenship.
        RefusedCitizenship = "refused-citizenship",
        /// A resettler left the determined regions by own will.
        LeftDeterminedRegions = "left-determined-regions",
    }
);
terms!(
    /// Who complains.
    Complainant {
        /// The applicant, or who acts for him.
        Applicant = "applicant",
        /// Somebody else whose rights the decision touches.
        ThirdParty = "third-party",
        /// The prosecutor.
        Prosecutor = "prosecutor",
    }
);
terms!(
    /// Who decides a complaint.
    ReviewInstance {
        /// The body that decided, which may grant the complaint in full.
        DecidingBody = "deciding-body",
        /// The body above it.
        HigherBody = "higher-body",
        /// A court.
        Court = "court",
    }
);
terms!(
    /// What became of a decision by a complaint (administrative procedure code).
    ReviewOutcome {
        /// Annulled: the application is open again.
        Annulled = "annulled",
        /// Annulled, and decided anew in favour of the complainant.
        AnnulledAndReplaced = "annulled-and-replaced",
        /// The body is ordered to act.
        ActionOrdered = "action-ordered",
        /// Upheld.
        Upheld = "upheld",
        /// Sent back to be decided again.
        Remitted = "remitted",
        /// Left without examination.
        LeftUnexamined = "left-unexamined",
    }
);
terms!(
    /// From when an annulled decision has no effect.
    EffectFrom {
        /// From its adoption: as if it had never been.
        Adoption = "adoption",
        /// From its annulment.
        Annulment = "annulment",
    }
);
terms!(
    /// A language in which an administrative procedure is held.
    ProceedingsLanguage {
        /// Kazakh.
        Kk = "kk",
        /// Russian.
        Ru = "ru",
    }
);
terms!(
    /// A category of the quota for attracting foreign labour by employers.
    LabourCategory {
        /// Heads and their deputies.
        Category1 = "category-1",
        /// Heads of units.
        Category2 = "category-2",
        /// Specialists.
        Category3 = "category-3",
        /// Skilled workers.
        Category4 = "category-4",
        /// Seasonal workers.
        Seasonal = "seasonal",
    }
);
