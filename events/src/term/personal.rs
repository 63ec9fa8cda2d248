//! The words of the duties about personal data: why they are destroyed, why they are blocked.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::Malformed;

terms!(
    /// Why personal data are destroyed. Which grounds are in force is dated data: a norm
    /// `personal-data.destruction-ground.<ground>`.
    DestructionGround {
        /// The term for which they are kept is over.
        TermOver = "term-over",
        /// The relation between the person and whoever keeps them has ended.
        RelationEnded = "relation-ended",
        /// A court decision has become final.
        CourtDecision = "court-decision",
        /// They were collected and processed without consent.
        CollectedWithoutConsent = "collected-without-consent",
    }
);
terms!(
    /// Whose data are destroyed.
    DataSubject {
        /// A person.
        Person = "person",
        /// A dwelling: its address.
        Dwelling = "dwelling",
    }
);
terms!(
    /// Why personal data are blocked for a time.
    BlockingReason {
        /// The person says that they are wrong.
        AccuracyDisputed = "accuracy-disputed",
        /// It is said that they were collected or processed against the law.
        ProcessingDisputed = "processing-disputed",
        /// A court or the authorised body ordered it.
        Ordered = "ordered",
    }
);
