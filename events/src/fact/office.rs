//! Facts of point 11: which office may do what, by act and point, and who acts for it by which order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::law::Titles;
use crate::{
    citation::Facts,
    digest::Sha256Hex,
    id::Ref,
    scalar::{Day, Slug, StreamSeq, Text},
    term::Certainty,
};

/// The order that a fact about an office or an official rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its number.
    pub number: Text,
    /// Its day.
    pub dated: Day,
}

/// A power that no type of decision of this register stands for was entered in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherPowerRecorded {
    /// The name under which it is vested and exercised.
    pub power: Slug,
    /// What it is, in up to three languages.
    pub titles: Titles,
    /// The document that gives it.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// First day of validity of that article.
    pub from: Day,
    /// First day after validity; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where we know it from.
    pub source: Text,
}

/// An office works for territories in the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficeRegistered {
    /// Its name, such as `akimat.almaty`.
    pub office: Slug,
    /// What it is called, in up to three languages.
    pub titles: Titles,
    /// The territories that it works for.
    pub territories: Vec<Slug>,
    /// The order that set it up.
    pub order: Order,
}

/// An office works no more from the effective day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficeClosed {
    /// The order that closed it.
    pub order: Order,
}

/// The office holds powers in the effective interval, by act and point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowersVested {
    /// The powers, by their names in the catalogue.
    pub powers: Vec<Slug>,
    /// The document that gives them to offices of this kind.
    pub document: Slug,
    /// Article and point.
    pub point: Text,
    /// How sure it is that the article gives them to this office.
    pub certainty: Certainty,
    /// Where we know it from.
    pub source: Text,
}

/// An official serves in a role with powers in the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficialAppointed {
    /// The official: a random reference.
    pub official: Ref,
    /// In which role.
    pub role: Slug,
    /// The powers of the office that he may exercise.
    pub powers: Vec<Slug>,
    /// The order.
    pub order: Order,
}

/// An official acts in the stead of an absent one in the effective interval, with all his powers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActingAppointed {
    /// Who acts.
    pub official: Ref,
    /// Who is absent.
    pub absent: Ref,
    /// The order.
    pub order: Order,
}

/// An official delegated powers to another in the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowersDelegated {
    /// Who delegated.
    pub by: Ref,
    /// To whom.
    pub official: Ref,
    /// Which powers.
    pub powers: Vec<Slug>,
    /// The order.
    pub order: Order,
}

/// An appointment, acting or delegation ended on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentEnded {
    /// The entry that began it, by its place in the office's stream.
    pub assignment: StreamSeq,
    /// The order.
    pub order: Order,
}

/// The office exercised a power of the catalogue that has no command of its own (point 11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerExercised {
    /// The power, by its name in the catalogue.
    pub power: Slug,
    /// The person that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Ref>,
    /// SHA-256 of the act of the office.
    pub document: Sha256Hex,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// An office was registered for a territory: whoever decides there for another one is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficeEntered {
    /// Its name.
    pub office: Slug,
}
