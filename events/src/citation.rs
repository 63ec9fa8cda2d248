//! What a decision rests on: act, point and the wording in force on its decision date (promise P9).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    scalar::{Slug, Text},
    term::{Certainty, Language},
};

/// Act, point and wording that give the power for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The act, by the name it has in the register of acts.
    pub act: Slug,
    /// Article and point, as the act counts them.
    pub point: Text,
    /// The wording in force on the decision date.
    pub wording: Slug,
    /// The act's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// The language of the text that was read.
    pub language: Language,
    /// How sure it is that the wording was in force on that day.
    pub certainty: Certainty,
}

/// The facts that a verdict read, by name (the read-list of promise P10). Values are plain text that identifies nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<Slug, Text>);

impl Facts {
    /// No facts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact. Panics on a name that is no slug or an empty value: names are literals of the rules.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        let name = name.parse().expect("the name of a fact is a literal slug");
        self.0.insert(
            name,
            value
                .to_string()
                .parse()
                .expect("the value of a fact is a short text"),
        );
        self
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a fact, if the verdict read it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(k, _)| k.as_str() == name)
            .map(|(_, v)| v.as_str())
    }
}
