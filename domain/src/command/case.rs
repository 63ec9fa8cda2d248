//! Data of the commands about an application between filing and decision, and about what becomes of the decision.

use qonys_events::{
    digest::Sha256Hex,
    fact::dwelling::Holder,
    id::Ref,
    scalar::{Count, Day, Slug, StreamSeq, Tenge, Text},
    term::{
        Complainant, EffectFrom, NoticeWay, ReviewInstance, ReviewOutcome, StatusAsk,
        StatusEndGround, Verdict,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares payloads: all of them derive the same and refuse members that they do not know.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$field_doc:meta])+ $field:ident: $type:ty,)* })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])+ pub $field: $type,)* }
        )+
    };
}

payloads! {
    /// Data of `ask-for-status`.
    AskForStatus {
        /// Who applies.
        applicant: Ref,
        /// What is asked for.
        asks: StatusAsk,
        /// Who acts for the applicant, where he does not act himself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        represented_by: Option<Holder>,
    }
    /// Data of `withdraw-application`.
    WithdrawApplication {
        /// The application.
        application: Ref,
    }
    /// Data of `record-document`. Beside it travels `number`.
    RecordDocument {
        /// The application.
        application: Ref,
        /// Its applicant: his key seals the number.
        applicant: Ref,
        /// What it is: `identity-document`, `proof-of-nationality`, `biography`.
        kind: Slug,
        /// Who issued it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<Text>,
        /// SHA-256 of the document.
        sha256: Sha256Hex,
        /// Whether a notarised translation came with it.
        translated: bool,
    }
    /// Data of `tell-preliminary-decision`.
    TellPreliminaryDecision {
        /// The application.
        application: Ref,
        /// How the body means to decide.
        verdict: Verdict,
        /// How the applicant was told.
        way: NoticeWay,
        /// The day of the hearing, where one is set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hearing_on: Option<Day>,
        /// SHA-256 of the preliminary decision.
        document: Sha256Hex,
    }
    /// Data of `record-objection`.
    RecordObjection {
        /// The application.
        application: Ref,
        /// SHA-256 of the objection.
        document: Sha256Hex,
    }
    /// Data of `give-opinion`.
    GiveOpinion {
        /// The application.
        application: Ref,
        /// Members of the commission who took part.
        members: Vec<Ref>,
        /// Members who recused themselves.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        recused: Vec<Ref>,
        /// Votes in favour of the applicant.
        in_favour: Count,
        /// Votes against.
        against: Count,
        /// What the commission recommends.
        opinion: Verdict,
        /// SHA-256 of the minutes.
        minutes: Sha256Hex,
    }
    /// Data of `find-deemed-refusal`.
    FindDeemedRefusal {
        /// The application.
        application: Ref,
    }
    /// Data of `extend-term`. Beside it travels `reason`.
    ExtendTerm {
        /// The application.
        application: Ref,
        /// Its applicant: his key seals the reason.
        applicant: Ref,
        /// The last day of the term from now on; a day off moves it to the next working day.
        until: Day,
        /// SHA-256 of the decision.
        document: Sha256Hex,
    }
    /// Data of `notify-act`.
    NotifyAct {
        /// The application.
        application: Ref,
        /// The decision, or the extension of the term, by its place in the application's stream.
        decision: StreamSeq,
        /// How.
        way: NoticeWay,
    }
    /// Data of `correct-clerical-error`. Beside it travels `correction`.
    CorrectClericalError {
        /// The application.
        application: Ref,
        /// Its applicant: his key seals the correction.
        applicant: Ref,
        /// The decision, by its place in the application's stream.
        decision: StreamSeq,
        /// SHA-256 of the corrected text.
        document: Sha256Hex,
    }
    /// Data of `file-complaint`.
    FileComplaint {
        /// The application.
        application: Ref,
        /// The decision, by its place in the application's stream.
        decision: StreamSeq,
        /// Who complains.
        by: Complainant,
        /// Who acts for the applicant, where he does not complain himself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        represented_by: Option<Holder>,
        /// SHA-256 of the complaint.
        document: Sha256Hex,
    }
    /// Data of `forward-complaint`.
    ForwardComplaint {
        /// The application.
        application: Ref,
        /// The complaint.
        complaint: Ref,
    }
    /// Data of `decide-review`.
    DecideReview {
        /// The application.
        application: Ref,
        /// The complaint.
        complaint: Ref,
        /// Who decided.
        instance: ReviewInstance,
        /// What was decided.
        outcome: ReviewOutcome,
        /// From when an annulled inclusion has no effect; only there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effect_from: Option<EffectFrom>,
        /// The day from which a place is ordered, where a refusal is replaced or action is ordered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place_from: Option<Day>,
        /// SHA-256 of the act of review or of the court.
        document: Sha256Hex,
    }
    /// Data of `pay-support`.
    PaySupport {
        /// The application of the inclusion.
        application: Ref,
        /// What kind of support.
        kind: Slug,
        /// How much.
        amount: Tenge,
    }
    /// Data of `record-move`.
    RecordMove {
        /// The application of the inclusion.
        application: Ref,
        /// To which territory of Kazakhstan; absent when abroad.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Slug>,
        /// Whether by own will.
        own_will: bool,
        /// Whether for good.
        permanent: bool,
        /// Whether the person holds an academic degree.
        #[serde(default)]
        degree_holder: bool,
    }
    /// Data of `refuse-citizenship`.
    RefuseCitizenship {
        /// The application of the inclusion.
        application: Ref,
    }
    /// Data of `open-repayment-claim`.
    OpenRepaymentClaim {
        /// The application of the inclusion.
        application: Ref,
        /// The finding, by its place in the application's stream.
        finding: StreamSeq,
        /// What is claimed; not more than the support that was received.
        amount: Tenge,
    }
    /// Data of `record-repayment`.
    RecordRepayment {
        /// The application of the inclusion.
        application: Ref,
        /// The finding on which it was owed, by its place in the application's stream.
        finding: StreamSeq,
        /// What was paid back; not more than is owed.
        amount: Tenge,
        /// SHA-256 of the document of payment.
        document: Sha256Hex,
    }
    /// Data of `withdraw-repayment-claim`.
    WithdrawRepaymentClaim {
        /// The application of the inclusion.
        application: Ref,
        /// The finding, by its place in the application's stream.
        finding: StreamSeq,
        /// SHA-256 of the decision with its reasons.
        document: Sha256Hex,
    }
    /// Data of `grant-kandas-status`.
    GrantKandasStatus {
        /// To whom.
        person: Ref,
        /// First day after the status, if it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// The application that is granted by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<Ref>,
    }
    /// Data of `extend-kandas-status`.
    ExtendKandasStatus {
        /// Whose status.
        person: Ref,
        /// First day after the longer status.
        until: Day,
        /// The application that is granted by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<Ref>,
    }
    /// Data of `end-kandas-status`.
    EndKandasStatus {
        /// Whose status.
        person: Ref,
        /// Why.
        ground: StatusEndGround,
    }
}
