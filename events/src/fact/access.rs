//! Facts of the second log: who read what about whom and why, and which commands were blocked. They stand in a log of their
//! own, never beside the facts of the register.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::Facts,
    id::Ref,
    scalar::{Count, Day, Position, Slug, Text},
};

/// Somebody asked for data about persons, or an auditor asked for anything. The entry's stream says about whom: a person, a
/// dwelling, an application, or the office that asked for what is about nobody alone; its attributes say who, why (`purpose`)
/// and in which case (`caseref`). The answer was given after this entry was durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataRead {
    /// `read`, `search`, `export` or `query`.
    pub kind: Slug,
    /// The operation, by its name.
    pub operation: Slug,
    /// By which parameters it was narrowed: their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Slug>,
    /// How far the register had come.
    pub position: Position,
    /// Whom a search told, by reference: the subject of the entry's stream, or nobody. What was searched for stands nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Ref>,
    /// The personal values that were opened, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Slug>,
    /// From which day on the person is shown this entry, where a case demands that it is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_from: Option<Day>,
}

/// A command was blocked. What it asked for stands here by references and facts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandBlocked {
    /// The id of the command.
    pub command: Ref,
    /// Its type.
    pub command_type: Slug,
    /// The reason, by its stable code.
    pub code: Slug,
    /// The act that blocks, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_act: Option<Slug>,
    /// Its article and point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_point: Option<Text>,
    /// What the verdict read.
    pub facts: Facts,
    /// How often the same was blocked for the same actor since the entry before this one that says so, without an entry of
    /// its own.
    pub repeated: Count,
}
