//! Facts of the incoming and outgoing registers of an office, and of the language of a case (point 6; administrative
//! procedure code): documents with their numbers, translations and hashes. What identifies somebody is sealed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dwelling::Holder;
use crate::{
    digest::Sha256Hex,
    id::Ref,
    scalar::{Count, Slug, Text, Year},
    slot::Slot,
    term::{NoticeWay, ProceedingsLanguage},
};

/// A translation that goes with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Into which language.
    pub language: ProceedingsLanguage,
    /// Whether a notary certified it.
    pub notarised: bool,
    /// SHA-256 of the translation.
    pub sha256: Sha256Hex,
}

/// Who handed something in for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Represented {
    /// For whom.
    pub person: Ref,
    /// Who acts for him.
    pub representative: Holder,
}

/// A place in a register of the same office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalPlace {
    /// The year.
    pub year: Year,
    /// The number in it.
    pub number: Count,
}

/// A document came in and has a number in the incoming register of the office and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncomingRegistered {
    /// Its number: the next one of the office and year.
    pub number: Count,
    /// What it is: `application`, `complaint`, `letter`.
    pub kind: Slug,
    /// The body that issued it; who sent it as a person is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
    /// The language of proceedings that it is in; absent for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<ProceedingsLanguage>,
    /// Translations that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<Translation>,
    /// SHA-256 of the document.
    pub sha256: Sha256Hex,
    /// The application that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Ref>,
    /// Who handed it in for a person; absent where nobody acted for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented: Option<Represented>,
    /// The document's own number and its sender.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

/// A document went out and has a number in the outgoing register of the office and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutgoingRegistered {
    /// Its number: the next one of the office and year.
    pub number: Count,
    /// What it is: `decision`, `answer`, `letter`.
    pub kind: Slug,
    /// The body that it went to; a person is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Text>,
    /// How it went.
    pub way: NoticeWay,
    /// The language that it is in.
    pub language: ProceedingsLanguage,
    /// Translations that went with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<Translation>,
    /// SHA-256 of the document.
    pub sha256: Sha256Hex,
    /// The application that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Ref>,
    /// The incoming document that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<JournalPlace>,
    /// The addressee, where it is a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

/// The applicant chose the language of his case, with an interpreter or without. His own language is sealed: it is read by
/// no decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LanguageChosen {
    /// The language of the proceedings and of the decision.
    pub language: ProceedingsLanguage,
    /// Whether somebody interprets.
    pub interpreter: bool,
    /// The applicant's own language and who interprets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

/// The case goes on in the office of another territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseTransferred {
    /// The territory that it was filed for.
    pub from: Slug,
    /// The territory that it is for now.
    pub to: Slug,
    /// The office that hands it over.
    pub by: Slug,
    /// SHA-256 of the letter with which it goes.
    pub document: Sha256Hex,
}
