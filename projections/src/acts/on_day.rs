//! An act as it is shown on a day: its dates with those that became known later, how it and the acts that it rests on
//! stand, and the wording in force.

use qonys_events::{
    scalar::{Count, Day, PartialDay, Position, Slug, Text},
    term::{ActKind, Certainty, Language},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ActRow,
    register::{Register, Wording},
    status::Status,
};

/// An act on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActOnDay {
    /// Its name in the register.
    pub act: Slug,
    /// What kind of act it is.
    pub kind: ActKind,
    /// Its own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// Who adopted it.
    pub body: Text,
    /// Its names, where they are known.
    pub titles: Titles,
    /// The language of the text that is held or cited.
    pub language: Language,
    /// How it stands on the day.
    pub standing: Status,
    /// The first day on which it surely is or will be in force; none without evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force_from: Option<Day>,
    /// How sure that is: `assumed` where it rests on an official's determination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
    /// Its dates, each to the day or month.
    pub dates: Dates,
    /// The document whose wording it sets.
    pub document: Slug,
    /// The name of that wording.
    pub wording: Slug,
    /// The wording of that document on the day, whichever act sets it.
    pub document_wording: Wording,
    /// Whether the text of this act is recorded.
    pub text_recorded: bool,
    /// Acts that lose force when it enters into force.
    pub repeals: Vec<Slug>,
    /// Acts that it rests on, with how they stand on the day: one that fell is a warning.
    pub parents: Vec<Parent>,
    /// Whether it is invented for a demonstration or a test.
    pub synthetic: bool,
    /// Where it is known from.
    pub source: Text,
    /// What a reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// The entry that recorded it.
    pub recorded_from: Position,
}

/// The names of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Titles {
    /// In Kazakh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kk: Option<Text>,
    /// In Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ru: Option<Text>,
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<Text>,
}

/// The dates of an act, with those that became known later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dates {
    /// Adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted: Option<PartialDay>,
    /// Registered by the justice authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<PartialDay>,
    /// First officially published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<PartialDay>,
    /// In force, as a source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<PartialDay>,
    /// In force, as an official determined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub determined: Option<Day>,
    /// Calendar days after publication by its own clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_after_publication: Option<Count>,
}

/// An act that another one rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Parent {
    /// Its name.
    pub act: Slug,
    /// How it stands on the day.
    pub standing: Status,
}

impl Register {
    /// An act of the register as it stands on a day, by what was recorded up to a position.
    ///
    /// # Errors
    /// Where the row's lists are no lists.
    pub fn on_day(
        &self,
        row: &ActRow,
        day: Day,
        at: Position,
    ) -> Result<ActOnDay, serde_json::Error> {
        let evidence = self.evidence(&row.act, at).unwrap_or_default();
        let force = evidence.force_from();
        let parents: Vec<Slug> = row.parents.parse()?;
        let parent = |act: Slug| Parent {
            standing: self.status(&act, day, at),
            act,
        };
        let row = row.clone();
        Ok(ActOnDay {
            standing: self.status(&row.act, day, at),
            in_force_from: force.sure,
            certainty: force.sure.map(|_| force.certainty),
            dates: Dates {
                adopted: evidence.adopted,
                registered: evidence.registered,
                published: evidence.published,
                in_force: evidence.in_force,
                determined: evidence.determined,
                days_after_publication: evidence.days_after_publication.map(Count),
            },
            document_wording: self.wording(&row.document, day, at),
            text_recorded: row.text_sha256.is_some(),
            repeals: row.repeals.parse()?,
            parents: parents.into_iter().map(parent).collect(),
            titles: Titles {
                kk: row.title_kk,
                ru: row.title_ru,
                en: row.title_en,
            },
            act: row.act,
            kind: row.kind,
            number: row.number,
            body: row.body,
            language: row.language,
            document: row.document,
            wording: row.wording,
            synthetic: row.synthetic,
            source: row.source,
            note: row.note,
            recorded_from: row.recorded_from,
        })
    }
}
