//! No decision reads what the law forbids (point 2, promise P10), checked in three ways: the read-lists of a whole real log,
//! the fields of every command and event, and synthetic persons whose forbidden attributes and proxies are exchanged.

use std::collections::{BTreeMap, BTreeSet};

use qonys_domain::{command::Command, read_list};
use qonys_events::{
    entry::{BadEntry, Entry},
    fact::Fact,
    scalar::{Day, Position},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::log::{Log, LogError};

mod permute;

pub use permute::{Decisions, Exchanged, exchanged};

/// The forbidden list: open, and data.
const FORBIDDEN: &str = include_str!("../data/forbidden-attributes.csv");
/// Under which lawful conditions one may be read.
const CONDITIONS: &str = include_str!("../data/lawful-conditions.csv");
/// Entries read in one page.
const PAGE: u32 = 1_000;
/// What the type of every entry begins with.
const PREFIX: &str = "kz.qonys.";

/// A forbidden attribute.
#[derive(Debug, Clone, Deserialize)]
pub struct Forbidden {
    /// Its name.
    pub attribute: String,
    /// Names of fields that would hold it, apart by blanks.
    pub words: String,
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
    /// Where the law says so.
    pub source: String,
}

/// A lawful condition: in this type of decision the law itself makes an attribute a condition, and a fact may read it.
#[derive(Debug, Clone, Deserialize)]
struct Condition {
    attribute: String,
    fact: String,
    decision: String,
    #[serde(rename = "act")]
    _act: String,
    #[serde(rename = "point")]
    _point: String,
    from: Day,
    until: Option<Day>,
    #[serde(rename = "source")]
    _source: String,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code: `unknown-fact`, `forbidden-fact`, `forbidden-field`, `verdict-differs`.
    pub code: &'static str,
    /// The entry in which it stands, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What it is, in words; never a personal value.
    pub what: String,
}

/// What was looked at in a log, and found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadLists {
    /// Entries of the log.
    pub entries: u64,
    /// Those of them that name the facts that a verdict read.
    pub read_lists: u64,
    /// Names of facts, each with how often it was read.
    pub facts: BTreeMap<String, u64>,
    /// What must not be.
    pub findings: Vec<Finding>,
}

fn rows<T: for<'de> Deserialize<'de>>(text: &'static str) -> Vec<T> {
    let reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.into_deserialize();
    rows.map(|row| row.expect("a file of data/ has rows of one form"))
        .collect()
}

/// The forbidden attributes.
pub fn forbidden() -> Vec<Forbidden> {
    rows(FORBIDDEN)
}

/// Checks the read-lists of entries against the forbidden list, one after the other.
pub struct Checker {
    forbidden: BTreeSet<String>,
    conditions: Vec<Condition>,
    found: ReadLists,
}

impl Default for Checker {
    fn default() -> Self {
        Self {
            forbidden: forbidden().into_iter().map(|f| f.attribute).collect(),
            conditions: rows(CONDITIONS),
            found: ReadLists::default(),
        }
    }
}

impl Checker {
    /// Checks one entry: every fact is known, and what reads a forbidden attribute has a lawful condition for this type of
    /// decision on its date.
    pub fn take(&mut self, entry: &Entry) {
        self.found.entries += 1;
        let data: Value = serde_json::from_str(&entry.event.fact.write_data()).unwrap_or_default();
        let Some(facts) = data["facts"].as_object() else {
            return;
        };
        self.found.read_lists += 1;
        let name = entry.event.fact.type_name();
        let decision = name.trim_start_matches(PREFIX);
        let decision = decision
            .rsplit_once(".v")
            .map_or(decision, |(kind, _)| kind);
        for fact in facts.keys() {
            *self.found.facts.entry(fact.clone()).or_default() += 1;
            let found = match read_list::meaning(fact) {
                None => Some(("unknown-fact", format!("{decision} reads {fact}, which nobody registered"))),
                Some(meaning) => meaning
                    .attribute
                    .filter(|attribute| self.forbidden.contains(*attribute))
                    .filter(|attribute| !self.lawful(attribute, fact, decision, entry.event.decidedon))
                    .map(|attribute| {
                        let what = format!("{decision} reads {fact}, which tells {attribute}, without a lawful condition");
                        ("forbidden-fact", what)
                    }),
            };
            self.found
                .findings
                .extend(found.map(|(code, what)| Finding {
                    code,
                    position: Some(entry.place.position),
                    what,
                }));
        }
    }

    fn lawful(&self, attribute: &str, fact: &str, decision: &str, on: Option<Day>) -> bool {
        self.conditions.iter().any(|c| {
            let same = (c.attribute.as_str(), c.fact.as_str(), c.decision.as_str())
                == (attribute, fact, decision);
            same && on.is_some_and(|on| c.from <= on && c.until.is_none_or(|until| on < until))
        })
    }

    /// What was looked at, and found.
    pub fn finish(self) -> ReadLists {
        self.found
    }
}

/// Why a log could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The log gave no answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An entry cannot be read.
    #[error("entry {position}: {error}")]
    Entry {
        /// Its position.
        position: Position,
        /// Why.
        error: BadEntry,
    },
    /// The log ended before the head that it named.
    #[error("the log ends at {at}, before its head {head}")]
    Ended {
        /// The last entry that it gave.
        at: Position,
        /// Its head.
        head: Position,
    },
}

/// Checks every read-list of a log, up to the head that it has now.
pub async fn check_log(log: &Log) -> Result<ReadLists, CheckError> {
    let head = log.head().await?.position;
    let (mut checker, mut position) = (Checker::default(), Position(0));
    while position < head {
        let page = log.read_after(position, PAGE).await?;
        let Some(last) = page.last() else {
            return Err(CheckError::Ended { at: position, head });
        };
        let at = last.position;
        for recorded in page
            .into_iter()
            .filter(|recorded| recorded.position <= head)
        {
            let position = recorded.position;
            let entry = Entry::parse(&recorded.text);
            checker.take(&entry.map_err(|error| CheckError::Entry { position, error })?);
        }
        position = at;
    }
    Ok(checker.finish())
}

/// The names of the properties in a JSON Schema, at any depth.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(own)) = members.get("properties") {
                names.extend(own.keys().cloned());
            }
            members
                .values()
                .for_each(|member| properties(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        _ => {}
    }
}

/// Looks at every field of every command and event: none is named after a forbidden attribute. Says how many types were
/// looked at.
pub fn check_fields() -> (u64, Vec<Finding>) {
    let commands = Command::TYPES
        .iter()
        .filter_map(|name| Some((*name, Command::data_schema(name)?)));
    // What the log says of itself is about nobody; its `origin` is that of a log.
    let events = Fact::TYPES
        .iter()
        .filter(|name| !name.starts_with("kz.qonys.log."))
        .filter_map(|name| Some((*name, Fact::data_schema(name)?)));
    let (mut types, mut findings) = (0, Vec::new());
    for (name, schema) in commands.chain(events) {
        types += 1;
        let mut names = BTreeSet::new();
        properties(schema.as_value(), &mut names);
        findings.extend(
            names
                .iter()
                .filter_map(|field| forbidden_field(name, field)),
        );
    }
    (types, findings)
}

/// What is wrong with a field of a type, if it is named after a forbidden attribute.
pub fn forbidden_field(type_name: &str, field: &str) -> Option<Finding> {
    let spoken = field.replace('_', "-");
    let holds = forbidden()
        .into_iter()
        .find(|f| f.words.split(' ').any(|word| word == spoken))?;
    Some(Finding {
        code: "forbidden-field",
        position: None,
        what: format!(
            "{type_name} has a field {field}, which would hold {}",
            holds.attribute
        ),
    })
}
