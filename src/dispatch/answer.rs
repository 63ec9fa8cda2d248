//! What the sender of a command is told. Written as one JSON line, unused keys left out.

use std::{borrow::Cow, collections::BTreeMap};

use qonys_domain::blocked::{Basis, Blocked};
use qonys_events::{
    citation::Facts,
    id::{Origin, Ref},
    scalar::{Position, Slug, StreamSeq, Text},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::{dry_run::Possible, request::Invalid};
use crate::locale::{Lang, Said};

/// Where a command's entries stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// Positions of its entries, in order.
    pub positions: Vec<Position>,
    /// Streams that it wrote to, each with its version afterwards.
    pub streams: BTreeMap<String, StreamSeq>,
    /// Its personal values are destroyed: whether the command that was sent now is the same nobody can tell any more.
    pub not_comparable: bool,
    /// The closed incarnation in which they stand, where it is not this log.
    pub source: Option<Origin>,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It happened, and is durable.
    Accepted(Stored),
    /// It had happened before: the first answer again. Nothing was stored now.
    Duplicate(Stored),
    /// It may be done now: what it would record. Only a dry run is told so; nothing was stored.
    Possible(Vec<Possible>),
    /// It may not be done now. Nothing was stored; it may be sent again.
    Blocked(Box<Blocked>),
    /// It could not be read, or its id stands for another command. Nothing was stored.
    Invalid(Invalid),
    /// The connection died at commit, and the log could not be asked since: send the same id again.
    Unknown,
    /// The log could not be reached or refused the entries. Nothing was stored.
    Unavailable(String),
}

impl Outcome {
    /// The written form.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Duplicate(_) => "duplicate",
            Self::Possible(_) => "possible",
            Self::Blocked(_) => "blocked",
            Self::Invalid(_) => "invalid",
            Self::Unknown | Self::Unavailable(_) => "unknown",
        }
    }
}

/// The answer to one command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The number of the line in its file, from 1.
    pub line: Option<u64>,
    /// The command's id, where the line shows one.
    pub id: Option<Ref>,
    /// What became of it.
    pub outcome: Outcome,
    /// The language of the sentences for people.
    pub lang: Lang,
}

/// The answer to one command; keys that say nothing are left out.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
struct Written<'a> {
    /// The number of the line in its file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The command's id, where the line shows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Ref>,
    /// What became of it. `possible` is the answer to a dry run only.
    #[schemars(extend("enum" = ["accepted", "blocked", "invalid", "duplicate", "unknown", "possible"]))]
    outcome: &'static str,
    /// Positions of its entries, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    positions: Option<&'a [Position]>,
    /// The closed incarnation that the positions are of, where it is not this log.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Origin>,
    /// Streams that it wrote to, each with its version afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    streams: Option<&'a BTreeMap<String, StreamSeq>>,
    /// What it would record.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a [Possible]>,
    /// The stable code of what stands against it; of a duplicate whose personal values are destroyed, `body-not-comparable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// What a block rests on: `law` or `control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// The act that blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Slug>,
    /// Its article and point.
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<&'a Text>,
    /// What the verdict read.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<&'a Facts>,
    /// JSON pointer to the fault in the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    /// What is wrong, in words; never a personal value. For a block in the language that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
    /// What one can do next, in that language; for a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl JsonSchema for Answer {
    fn schema_name() -> Cow<'static, str> {
        Written::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = Written {
            line: self.line,
            id: self.id,
            outcome: self.outcome.as_str(),
            positions: None,
            source: None,
            streams: None,
            events: None,
            code: None,
            basis: None,
            act: None,
            point: None,
            facts: None,
            pointer: None,
            message: None,
            next: None,
        };
        match &self.outcome {
            Outcome::Accepted(stored) | Outcome::Duplicate(stored) => {
                written.code = stored.not_comparable.then_some("body-not-comparable");
                written.positions = Some(&stored.positions);
                written.source = stored.source.as_ref();
                written.streams = Some(&stored.streams);
            }
            Outcome::Possible(events) => written.events = Some(events),
            Outcome::Blocked(blocked) => {
                let Said { says, next } = self.lang.reason(blocked.code);
                (written.message, written.next) = (Some(says.into()), Some(next));
                written.code = Some(blocked.code.as_str());
                written.facts = Some(&blocked.facts).filter(|facts| !facts.0.is_empty());
                match &blocked.basis {
                    Basis::Control => written.basis = Some("control"),
                    Basis::Law { act, point } => {
                        written.basis = Some("law");
                        written.act = Some(act);
                        written.point = Some(point);
                    }
                }
            }
            Outcome::Invalid(invalid) => {
                written.code = Some(invalid.code);
                written.pointer = Some(&invalid.pointer);
                written.message = Some(invalid.message.as_str().into());
            }
            Outcome::Unknown => written.code = Some("outcome-unknown"),
            Outcome::Unavailable(_) => written.code = Some("unavailable"),
        }
        written.serialize(serializer)
    }
}
