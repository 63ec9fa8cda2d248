//! The entry: one event as one byte string, written once with fixed member order (`docs/format.md`).

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    digest::{Nonce, Sha256Hex},
    event::Event,
    fact::Fact,
    id::{Origin, Ref, StreamId},
    scalar::{Count, Day, Instant, Position, Slug, StreamSeq, Text},
    schema,
    term::Language,
};

mod members;

/// The longest entry, in bytes: what a tlog-tiles bundle can hold.
pub const MAX_BYTES: usize = 65_535;

/// Room that most entries fit into, in bytes.
const USUAL_BYTES: usize = 2_048;

/// The most events that one command may write.
pub const MAX_EVENTS_PER_COMMAND: usize = 1_000;

/// The rules of decision that this version applies; it stands in every entry.
pub const ENGINE: &str = "qonys-1";

/// Who gave a command, in which role and office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The official: a random reference, never a certificate number.
    pub actor: Ref,
    /// The role in which he acts.
    pub role: Slug,
    /// The office that he acts for, such as `akimat.almaty`.
    pub office: Slug,
    /// Whom he stands in for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onbehalfof: Option<Ref>,
}

/// What all entries of one command share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The log.
    pub source: Origin,
    /// The command's id: the same id gives the first answer again.
    pub commandid: Ref,
    /// Hash of the command as the domain saw it, see [`command_hash`].
    pub commandhash: Sha256Hex,
    /// How many entries the command writes.
    pub commandcount: Count,
    /// Who gave it.
    pub actor: Actor,
    /// The purpose of the processing, where the law asks for one.
    pub purpose: Option<Slug>,
    /// The policy that let it through; `declared` while actors only declare who they are.
    pub policy: Slug,
    /// The process that the command belongs to.
    pub correlation: Option<Ref>,
    /// The entry that caused the command.
    pub causation: Option<Ref>,
    /// The log of that entry, where it is another one.
    pub causationsource: Option<Origin>,
    /// W3C trace context of the request.
    pub traceparent: Option<Text>,
    /// Random bytes against guessing.
    pub nonce: Nonce,
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The entry's own id, a UUIDv7.
    pub id: Ref,
    /// Its stream.
    pub subject: StreamId,
    /// The time of the decision; strictly increasing along the log.
    pub time: Instant,
    /// Its place in the log.
    pub position: Position,
    /// Its place in the stream.
    pub streamseq: StreamSeq,
    /// Its place in the command, from 1.
    pub commandindex: Count,
}

/// SHA-256 over the nonce and the command as the domain sees it: references and facts, never a plaintext.
pub fn command_hash(nonce: Nonce, command: &[u8]) -> Sha256Hex {
    Sha256Hex::tagged("qonys/command/1", &[&nonce.0, command])
}

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// What it shares with its neighbours of the same command.
    pub command: Command,
    /// What happened.
    pub event: Event,
}

/// The members, in any order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a, D> {
    specversion: &'a str,
    id: Ref,
    source: Origin,
    r#type: &'a str,
    subject: StreamId,
    time: Instant,
    datacontenttype: &'a str,
    dataschema: &'a str,
    entryversion: &'a str,
    position: Position,
    streamseq: StreamSeq,
    commandid: Ref,
    commandindex: Count,
    commandcount: Count,
    commandhash: Sha256Hex,
    #[serde(default)]
    decidedon: Option<Day>,
    #[serde(default)]
    effectivefrom: Option<Day>,
    #[serde(default)]
    effectiveto: Option<Day>,
    actor: Ref,
    role: Slug,
    office: Slug,
    #[serde(default)]
    onbehalfof: Option<Ref>,
    #[serde(default)]
    act: Option<Slug>,
    #[serde(default)]
    point: Option<Text>,
    #[serde(default)]
    wording: Option<Slug>,
    #[serde(default)]
    actnumber: Option<Text>,
    #[serde(default)]
    actlanguage: Option<Language>,
    #[serde(default)]
    purpose: Option<Slug>,
    #[serde(default)]
    caseref: Option<Ref>,
    policy: Slug,
    engine: Slug,
    #[serde(default)]
    correlation: Option<Ref>,
    #[serde(default)]
    causation: Option<Ref>,
    #[serde(default)]
    causationsource: Option<Origin>,
    #[serde(default)]
    supersedes: Option<Ref>,
    #[serde(default)]
    traceparent: Option<Text>,
    nonce: Nonce,
    data: D,
}

/// Why a text is not an entry of this format.
#[derive(Debug, thiserror::Error)]
pub enum BadEntry {
    /// Longer than [`MAX_BYTES`].
    #[error("the entry has {0} bytes; at most {MAX_BYTES} are allowed")]
    TooLong(usize),
    /// Not the JSON object that the format describes.
    #[error("not an entry: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A member that is fixed has another value.
    #[error("{member} must be {expected:?}, not {found:?}")]
    Fixed {
        /// The member.
        member: &'static str,
        /// Its fixed value.
        expected: String,
        /// What stood there.
        found: String,
    },
    /// A type that this version does not know.
    #[error("the type {0:?} is not known to this version")]
    UnknownType(String),
    /// The same members in another form: order, blanks, escapes.
    #[error("the bytes are not those that this format writes for the same entry")]
    NotCanonical,
}

/// What is written must be what stands there; it is compared as it comes.
struct Same<'a>(&'a [u8]);

impl io::Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rest = self.0.strip_prefix(bytes);
        self.0 = rest.ok_or_else(|| io::Error::other("other bytes"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Entry {
    /// Writes the entry: the byte string that is stored, hashed, published, streamed and exported (promise P5).
    pub fn write(&self) -> Result<String, BadEntry> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        self.write_to(&mut bytes)?;
        if bytes.len() > MAX_BYTES {
            return Err(BadEntry::TooLong(bytes.len()));
        }
        // JSON out of strings is UTF-8.
        String::from_utf8(bytes).map_err(|_| BadEntry::NotCanonical)
    }

    fn write_to(&self, bytes: &mut Vec<u8>) -> Result<(), BadEntry> {
        let name = self.event.fact.type_name();
        let urn = schema::urn(name).ok_or_else(|| BadEntry::UnknownType(name.to_owned()))?;
        members::write(self, urn, bytes).map_err(|e| BadEntry::Malformed(serde_json::Error::io(e)))
    }

    /// Reads an entry and refuses every text that this format would not have written, byte for byte.
    pub fn read(text: &str) -> Result<Self, BadEntry> {
        if text.len() > MAX_BYTES {
            return Err(BadEntry::TooLong(text.len()));
        }
        // In the written form up to `data`, which is written again and compared as it comes.
        let written = members::read(text, |type_name, data| {
            let fact = Fact::read(type_name, data)?.ok()?;
            let mut same = Same(data.as_bytes());
            members::write_data(&fact, &mut same).ok()?;
            same.0.is_empty().then_some(fact)
        });
        if let Some(entry) = written {
            return Ok(entry);
        }
        let entry = Self::parse_members(text)?;
        let mut bytes = Vec::with_capacity(text.len());
        entry.write_to(&mut bytes)?;
        if bytes == text.as_bytes() {
            Ok(entry)
        } else {
            Err(BadEntry::NotCanonical)
        }
    }

    /// Reads an entry of a log that has been verified before: checks every member, but not the form of the bytes.
    pub fn parse(text: &str) -> Result<Self, BadEntry> {
        let written = members::read(text, |type_name, data| Fact::read(type_name, data)?.ok());
        written.map_or_else(|| Self::parse_members(text), Ok)
    }

    /// Reads members in any order, with blanks and escapes.
    fn parse_members(text: &str) -> Result<Self, BadEntry> {
        let w: Written<'_, &RawValue> = serde_json::from_str(text)?;
        let fixed = |member, expected: &str, found: &str| {
            if expected == found {
                Ok(())
            } else {
                Err(BadEntry::Fixed {
                    member,
                    expected: expected.into(),
                    found: found.into(),
                })
            }
        };
        fixed("specversion", "1.0", w.specversion)?;
        fixed("datacontenttype", "application/json", w.datacontenttype)?;
        fixed("entryversion", "1", w.entryversion)?;
        fixed("engine", ENGINE, w.engine.as_str())?;
        let unknown = || BadEntry::UnknownType(w.r#type.to_owned());
        fixed(
            "dataschema",
            schema::urn(w.r#type).ok_or_else(unknown)?,
            w.dataschema,
        )?;
        let fact = Fact::read(w.r#type, w.data.get()).ok_or_else(unknown)??;
        Ok(Self {
            place: Place {
                id: w.id,
                subject: w.subject,
                time: w.time,
                position: w.position,
                streamseq: w.streamseq,
                commandindex: w.commandindex,
            },
            command: Command {
                source: w.source,
                commandid: w.commandid,
                commandhash: w.commandhash,
                commandcount: w.commandcount,
                actor: Actor {
                    actor: w.actor,
                    role: w.role,
                    office: w.office,
                    onbehalfof: w.onbehalfof,
                },
                purpose: w.purpose,
                policy: w.policy,
                correlation: w.correlation,
                causation: w.causation,
                causationsource: w.causationsource,
                traceparent: w.traceparent,
                nonce: w.nonce,
            },
            event: Event {
                decidedon: w.decidedon,
                effectivefrom: w.effectivefrom,
                effectiveto: w.effectiveto,
                act: w.act,
                point: w.point,
                wording: w.wording,
                actnumber: w.actnumber,
                actlanguage: w.actlanguage,
                caseref: w.caseref,
                supersedes: w.supersedes,
                fact,
            },
        })
    }
}
