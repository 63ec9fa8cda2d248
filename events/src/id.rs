//! Identifiers: streams, references that we mint, the origin of a log.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{
    scalar::{Malformed, Slug, Year, written},
    term::{Category, CountingRule},
};

/// A random reference minted by us (a person, an official, a dwelling, a case), or an identifier of a command or
/// entry: a UUID in its hyphenated lower-case form. It is derived from nothing about its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref(pub Uuid);

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
impl FromStr for Ref {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        // Of its forms only the one with hyphens has 36 bytes.
        let canonical = text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase());
        Uuid::try_parse(text)
            .ok()
            .filter(|uuid| canonical && !uuid.is_nil())
            .map(Self)
            .ok_or_else(|| Malformed::new("a UUID in lower case with hyphens", text))
    }
}
written!(
    Ref,
    "reference",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
);

/// The origin of a log with its incarnation, such as `qonys/almaty/1`: two to six names, the last one a number.
/// A cursor anywhere is this and a position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for Origin {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (mut parts, mut names) = (0, true);
        for part in text.split('/') {
            parts += 1;
            names &= Slug::fits(part);
        }
        let incarnation = text.rsplit('/').next().is_some_and(|last| {
            // No sign, no leading zero.
            last.parse::<u32>().is_ok() && matches!(last.as_bytes(), [b'1'..=b'9', ..])
        });
        if names && (2..=6).contains(&parts) && incarnation {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(
                "an origin with its incarnation, such as qonys/almaty/1",
                text,
            ))
        }
    }
}
written!(
    Origin,
    "origin",
    "^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*/[1-9][0-9]*$"
);

/// What a stream is about. The name is the cqrs-es aggregate type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamKind {
    /// The log itself: its first entry.
    Log,
    /// The register of acts: acts, dates, norms, powers, determined territories.
    Law,
    /// One line of a regional quota.
    QuotaLine,
    /// One application for inclusion in a regional quota.
    Application,
    /// One person.
    Person,
    /// One dwelling.
    Dwelling,
    /// One proposal of the akimat.
    Proposal,
    /// One indicator: its definition and every release of its figures.
    Indicator,
    /// The trigger of point 7 in one territory.
    PopulationDeparture,
    /// One plan of measures against the departure of population.
    MeasurePlan,
    /// The registration records of one territory as the base of forecasts.
    Forecast,
    /// One office: its validity, its powers, who acts for it.
    Office,
    /// The incoming and outgoing registers of one office and year.
    Journal,
    /// The ledger of foreign labour of one territory.
    ForeignLabour,
    /// One report to the authorised body.
    Report,
    /// The proposals for one territory.
    Proposals,
    /// The offices of one territory.
    Offices,
}

impl StreamKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Log,
        Self::Law,
        Self::QuotaLine,
        Self::Application,
        Self::Person,
        Self::Dwelling,
        Self::Proposal,
        Self::Indicator,
        Self::PopulationDeparture,
        Self::MeasurePlan,
        Self::Forecast,
        Self::Office,
        Self::Journal,
        Self::ForeignLabour,
        Self::Report,
        Self::Proposals,
        Self::Offices,
    ];

    /// The name as it stands before the slash of a stream, and as cqrs-es's aggregate type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Law => "law",
            Self::QuotaLine => "quota-line",
            Self::Application => "application",
            Self::Person => "person",
            Self::Dwelling => "dwelling",
            Self::Proposal => "proposal",
            Self::Indicator => "indicator",
            Self::PopulationDeparture => "population-departure",
            Self::MeasurePlan => "measure-plan",
            Self::Forecast => "forecast",
            Self::Office => "office",
            Self::Journal => "journal",
            Self::ForeignLabour => "foreign-labour",
            Self::Report => "report",
            Self::Proposals => "proposals",
            Self::Offices => "offices",
        }
    }
}

/// One stream: kind and key, written `quota-line/kandas.pavlodar.2024.principals-and-members`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    kind: StreamKind,
    key: String,
}

impl StreamId {
    /// The stream of the log's own entries.
    pub fn log() -> Self {
        Self {
            kind: StreamKind::Log,
            key: "main".into(),
        }
    }

    /// The register of acts.
    pub fn law() -> Self {
        Self {
            kind: StreamKind::Law,
            key: "main".into(),
        }
    }

    /// The stream of a quota line.
    pub fn line(line: &Line) -> Self {
        Self {
            kind: StreamKind::QuotaLine,
            key: line.to_string(),
        }
    }

    /// The stream of an application, a person, a dwelling, a proposal or a plan of measures.
    pub fn of(kind: StreamKind, key: Ref) -> Self {
        Self {
            kind,
            key: key.to_string(),
        }
    }

    /// The stream of what has a name: an indicator, the trigger or the forecasts of a territory, an office.
    pub fn named(kind: StreamKind, name: &Slug) -> Self {
        Self {
            kind,
            key: name.to_string(),
        }
    }

    /// A stream from its two parts, as they stand in the store's columns.
    pub fn from_parts(kind: &str, key: &str) -> Result<Self, Malformed> {
        let bad = || Malformed::new("a stream as kind/key", key);
        let mut kinds = StreamKind::ALL.into_iter();
        let kind = kinds.find(|k| k.name() == kind).ok_or_else(bad)?;
        Self::of_kind(kind, key).ok_or_else(bad)
    }

    /// The stream of this kind and key, where the kind has such keys.
    fn of_kind(kind: StreamKind, key: &str) -> Option<Self> {
        let good = match kind {
            StreamKind::Log | StreamKind::Law => key == "main",
            StreamKind::QuotaLine => key.parse::<Line>().is_ok(),
            StreamKind::Indicator
            | StreamKind::PopulationDeparture
            | StreamKind::Forecast
            | StreamKind::Office
            | StreamKind::Journal
            | StreamKind::ForeignLabour
            | StreamKind::Proposals
            | StreamKind::Offices => Slug::fits(key),
            _ => key.parse::<Ref>().is_ok(),
        };
        good.then(|| Self {
            kind,
            key: key.to_owned(),
        })
    }

    /// What the stream is about.
    pub fn kind(&self) -> StreamKind {
        self.kind
    }

    /// The part after the slash.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.key)
    }
}
impl FromStr for StreamId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (kind, key) = text.split_once('/').unwrap_or_default();
        let mut kinds = StreamKind::ALL.into_iter();
        kinds
            .find(|k| k.name() == kind)
            .and_then(|kind| Self::of_kind(kind, key))
            .ok_or_else(|| Malformed::new("a stream as kind/key", text))
    }
}
written!(
    StreamId,
    "stream",
    "^(log|law|quota-line|application|person|dwelling|proposal|indicator|population-departure|measure-plan|forecast|office|journal|foreign-labour|report|proposals|offices)/[a-z0-9.-]+$"
);

/// One line of a regional quota (point 3 of the Rules): a limit for one category, territory and year under one
/// counting rule. Written `kandas.pavlodar.2024.principals-and-members`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Kandas or resettlers.
    pub category: Category,
    /// The territory; `kazakhstan` is the reported national total.
    pub territory: Slug,
    /// The year that the act sets the limit for.
    pub year: Year,
    /// What one place is.
    pub rule: CountingRule,
}

impl Line {
    /// The territory that stands for the whole country: a reported total, not a line to consume.
    pub const NATIONAL: &'static str = "kazakhstan";

    /// Whether the line is the reported national total.
    pub fn is_national(&self) -> bool {
        self.territory.as_str() == Self::NATIONAL
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}.{}.{}",
            self.category, self.territory, self.year, self.rule
        )
    }
}
impl FromStr for Line {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = |_| Malformed::new("a quota line as category.territory.year.rule", text);
        let mut parts = text.split('.');
        let parts = [(); 5].map(|()| parts.next());
        let [
            Some(category),
            Some(territory),
            Some(year),
            Some(rule),
            None,
        ] = parts
        else {
            return Err(bad(Malformed::new("", "")));
        };
        Ok(Self {
            category: category.parse().map_err(bad)?,
            territory: territory.parse().map_err(bad)?,
            year: year.parse().map_err(bad)?,
            rule: rule.parse().map_err(bad)?,
        })
    }
}
