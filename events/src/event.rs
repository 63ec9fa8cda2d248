//! An event: a fact with what the decision says about it. The log adds the rest ([`crate::entry::Entry`]).

use serde::{Deserialize, Serialize};

use crate::{
    citation::Citation,
    fact::Fact,
    id::Ref,
    scalar::{Day, Slug, Text},
    term::Language,
};

/// What a decision produces and a fold reads. Decodes from the whole text of an entry: members that only the log
/// knows are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The civil date of the decision, in the log's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decidedon: Option<Day>,
    /// First day that the fact is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effectivefrom: Option<Day>,
    /// First day that the fact is no longer about; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effectiveto: Option<Day>,
    /// The act that the decision rests on; with point, wording, number and language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// Article and point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Text>,
    /// The wording in force on the decision date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Slug>,
    /// The act's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actnumber: Option<Text>,
    /// The language of the text that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actlanguage: Option<Language>,
    /// Our own number of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caseref: Option<Ref>,
    /// The entry that this one corrects: a full new fact, never a delta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Ref>,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

impl Event {
    /// A fact without a decision date, an interval or a citation.
    pub fn new(fact: Fact) -> Self {
        Self {
            decidedon: None,
            effectivefrom: None,
            effectiveto: None,
            act: None,
            point: None,
            wording: None,
            actnumber: None,
            actlanguage: None,
            caseref: None,
            supersedes: None,
            fact,
        }
    }

    /// Sets the decision date.
    #[must_use]
    pub fn decided_on(mut self, day: Day) -> Self {
        self.decidedon = Some(day);
        self
    }

    /// Sets the half-open effective interval.
    #[must_use]
    pub fn effective(mut self, from: Day, to: Option<Day>) -> Self {
        self.effectivefrom = Some(from);
        self.effectiveto = to;
        self
    }

    /// Sets what the decision rests on. The certainty is among the facts that the verdict read.
    #[must_use]
    pub fn citing(mut self, citation: Citation) -> Self {
        self.act = Some(citation.act);
        self.point = Some(citation.point);
        self.wording = Some(citation.wording);
        self.actnumber = citation.number;
        self.actlanguage = Some(citation.language);
        self
    }

    /// Sets the entry that this one corrects.
    #[must_use]
    pub fn superseding(mut self, entry: Ref) -> Self {
        self.supersedes = Some(entry);
        self
    }

    /// Sets our own number of the case.
    #[must_use]
    pub fn case(mut self, case: Ref) -> Self {
        self.caseref = Some(case);
        self
    }
}

impl cqrs_es::DomainEvent for Event {
    fn event_type(&self) -> String {
        self.fact.type_name().to_owned()
    }

    /// The version stands in the type; this is the one of cqrs-es's column.
    fn event_version(&self) -> String {
        self.fact
            .type_name()
            .rsplit(".v")
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}
