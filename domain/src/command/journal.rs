//! Commands of the registers of an office and of the language and transfer of a case (point 6).

use qonys_events::{
    digest::Sha256Hex,
    fact::journal::{JournalPlace, Represented, Translation},
    id::Ref,
    scalar::{Count, Slug, Text},
    term::{NoticeWay, ProceedingsLanguage},
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
    /// Data of `register-incoming`. Beside it travel `number` (the document's own) and `sender`: sealed by the key of `person`, or
    /// of a reference of their own where none is named.
    RegisterIncoming {
        /// The number that a paper register gave it; it must be the next one. Absent: the next one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Count>,
        /// What it is: `application`, `complaint`, `letter`.
        kind: Slug,
        /// The body that issued it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<Text>,
        /// The language of proceedings that it is in; absent for another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<ProceedingsLanguage>,
        /// Translations that came with it; one for a language at most.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        translations: Vec<Translation>,
        /// SHA-256 of the document.
        sha256: Sha256Hex,
        /// The application that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<Ref>,
        /// Who handed it in for a person, where somebody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        represented: Option<Represented>,
        /// Who sent it, where he is recorded: what is sealed goes with his data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<Ref>,
    }
    /// Data of `register-outgoing`. Beside it travels `addressee`, where it is a person: sealed by the key of `person`, or of a
    /// reference of its own where none is named.
    RegisterOutgoing {
        /// The number that a paper register gave it; it must be the next one. Absent: the next one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Count>,
        /// What it is: `decision`, `answer`, `letter`.
        kind: Slug,
        /// The body that it goes to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        addressee: Option<Text>,
        /// How it goes.
        way: NoticeWay,
        /// The language that it is in.
        language: ProceedingsLanguage,
        /// Translations that go with it; one for a language at most.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        translations: Vec<Translation>,
        /// SHA-256 of the document.
        sha256: Sha256Hex,
        /// The application that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<Ref>,
        /// The incoming document of the office that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<JournalPlace>,
        /// To whom it goes, where he is recorded: what is sealed goes with his data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<Ref>,
    }
    /// Data of `choose-language`. Beside it travel `own-language` and `interpreter`.
    ChooseLanguage {
        /// The application.
        application: Ref,
        /// Its applicant: his key seals the rest.
        applicant: Ref,
        /// The language of the proceedings and of the decision.
        language: ProceedingsLanguage,
    }
    /// Data of `transfer-case`.
    TransferCase {
        /// The application, while it is to be decided.
        application: Ref,
        /// The territory whose office goes on with it.
        to: Slug,
        /// SHA-256 of the letter with which it goes.
        document: Sha256Hex,
    }
}
