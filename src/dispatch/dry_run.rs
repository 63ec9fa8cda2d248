//! A decision that is told and not taken: nothing is sealed, stored or remembered.

use qonys_domain::{command::Command, decide::Decided};
use qonys_events::{
    citation::Facts,
    digest::Sha256Hex,
    id::{Ref, StreamId},
    scalar::{Slug, Text},
    slot::Slot,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::request::Request;

/// What would be recorded: one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Possible {
    /// Its type.
    pub r#type: String,
    /// Its stream.
    pub stream: StreamId,
    /// The act that it would rest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Slug>,
    /// Article and point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Text>,
    /// The wording in force on the decision date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording: Option<Slug>,
    /// What the verdict read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// What a decision would record.
pub(super) fn possible(decided: Decided) -> Vec<Possible> {
    let facts = |data: &str| {
        let data: serde_json::Value = serde_json::from_str(data).ok()?;
        serde_json::from_value(data.get("facts")?.clone()).ok()
    };
    let one = |(stream, event): (StreamId, qonys_events::event::Event)| Possible {
        r#type: event.fact.type_name().to_owned(),
        stream,
        facts: facts(&event.fact.write_data()),
        act: event.act,
        point: event.point,
        wording: event.wording,
    };
    decided.into_iter().map(one).collect()
}

/// Slots that stand for the personal values of a command: a rule may ask whether one is given, none reads what is in it.
pub fn stand_ins(command: &Command, request: &Request, minted: Ref) -> Vec<Slot> {
    let subject = qonys_domain::decide::slot_subject(command, minted);
    let empty = Sha256Hex::of(b"");
    let known = Command::personal_values(&request.type_name);
    let given = known
        .iter()
        .filter(|(name, _)| request.personal.keys().any(|k| k.as_str() == *name));
    given
        .map(|(name, category)| Slot {
            name: name.parse().expect("names of personal values are slugs"),
            subject,
            category: *category,
            scheme: "none".parse().expect("a slug"),
            commitment: empty,
            sealed: empty,
        })
        .collect()
}
