//! A command line as it arrives: read strictly, with the place of the fault when it cannot be read.

use std::collections::BTreeMap;

use qonys_domain::command::Command;
use qonys_events::{
    entry::Actor,
    id::Ref,
    scalar::{Day, Malformed, Slug},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use zeroize::Zeroizing;

use super::version::Version;

/// What a reference to the subject of an earlier command begins with: `command:` and that command's id.
const BY_COMMAND: &str = "\"command:";

/// The longest personal value, in bytes.
const MAX_PERSONAL_BYTES: usize = 4_096;

/// A command line that could be read.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// The command's id, chosen by the sender.
    pub id: Ref,
    /// The command's type.
    pub type_name: String,
    /// The day on which it was decided; today where it is absent.
    pub decidedon: Option<Day>,
    /// The day that the fact is about from.
    pub effective: Option<Day>,
    /// Who gives it.
    pub actor: Actor,
    /// The data, as text: references to earlier commands are still in it.
    data: String,
    /// Personal values, by name. They leave this struct only into the vault.
    pub personal: BTreeMap<Slug, Zeroizing<String>>,
    /// Decide only if this stream stands at this version. No part of the command: a duplicate is told all the same.
    pub expected: Option<Version>,
    /// Decide, tell, and store nothing.
    pub dry_run: bool,
    /// The policy that let the sender through; none where senders only declare who they are.
    pub policy: Option<Slug>,
}

/// What of a command stands outside its text, as in HTTP. A member that stands in both places says the same in both.
#[derive(Clone, Default)]
pub struct Envelope<'a> {
    /// The command's id.
    pub id: Option<Ref>,
    /// The command's type.
    pub type_name: Option<&'a str>,
    /// Who sends it, where that was verified; the text may say the same, or choose among what he may be.
    pub sender: Option<&'a Sender<'a>>,
}

/// A sender who was verified.
pub struct Sender<'a> {
    /// His reference.
    pub official: Ref,
    /// His office, where he has one alone.
    pub office: Option<Slug>,
    /// The role in which he gives a command of a type, where the command names none.
    pub role: &'a (dyn Fn(&str) -> Option<Slug> + Sync),
}

/// What a command says of its actor.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claimed {
    #[serde(default)]
    actor: Option<Ref>,
    #[serde(default)]
    role: Option<Slug>,
    #[serde(default)]
    office: Option<Slug>,
    #[serde(default)]
    onbehalfof: Option<Ref>,
}

impl Claimed {
    /// The actor, as the sender was verified, or as the text alone says.
    fn by(self, type_name: &str, sender: Option<&Sender<'_>>) -> Result<Actor, Invalid> {
        let missing =
            |name: &str| Invalid::new("malformed", "/actor", format!("missing field `{name}`"));
        let another = |name: &str| {
            Invalid::new(
                "another-actor",
                format!("/actor/{name}"),
                "the credential stands for another one",
            )
        };
        let (mut official, mut role, mut office) = (self.actor, self.role, self.office);
        if let Some(sender) = sender {
            if official.is_some_and(|official| official != sender.official) {
                return Err(another("actor"));
            }
            if let (Some(claimed), Some(own)) = (&office, &sender.office)
                && claimed != own
            {
                return Err(another("office"));
            }
            official = Some(sender.official);
            role = role.or_else(|| (sender.role)(type_name));
            office = office.or_else(|| sender.office.clone());
        }
        Ok(Actor {
            actor: official.ok_or_else(|| missing("actor"))?,
            role: role.ok_or_else(|| missing("role"))?,
            office: office.ok_or_else(|| missing("office"))?,
            onbehalfof: self.onbehalfof,
        })
    }
}

/// What stands outside or inside, if they do not differ.
fn one<T: PartialEq>(outside: Option<T>, inside: Option<T>, name: &str) -> Result<T, Invalid> {
    match (outside, inside) {
        (Some(outside), Some(inside)) if outside != inside => Err(Invalid::new(
            "contradiction",
            format!("/{name}"),
            format!("`{name}` says something else than the request"),
        )),
        (Some(value), _) | (None, Some(value)) => Ok(value),
        (None, None) => Err(Invalid::new(
            "malformed",
            "",
            format!("missing field `{name}`"),
        )),
    }
}

/// Why a line is no command: where, and what is wrong. Nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Stable code.
    pub code: &'static str,
    /// JSON pointer to the fault in the line.
    pub pointer: String,
    /// What is wrong, in words; never a personal value.
    pub message: String,
}

impl Invalid {
    pub(super) fn new(
        code: &'static str,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

/// The line as written. `data` stays text so that a member that occurs twice is found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(default)]
    id: Option<Ref>,
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    decidedon: Option<Day>,
    #[serde(default)]
    effective: Option<Day>,
    #[serde(default)]
    actor: Option<Claimed>,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    personal: BTreeMap<Slug, String>,
}

/// The id of a line that may be unreadable otherwise, so that its answer can name it.
pub fn id_of(text: &str) -> Option<Ref> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: Ref,
    }
    serde_json::from_str::<OnlyId>(text)
        .ok()
        .map(|line| line.id)
}

/// Turns serde's path (`data.lines[0].limit`) into a JSON pointer below `root`.
fn pointer(root: &str, path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(root.to_owned(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

/// Reads JSON strictly; the error names the place.
fn strict<'de, T, R>(root: &str, text: &'de str, read: R) -> Result<T, Invalid>
where
    R: FnOnce(
        serde_path_to_error::Deserializer<
            '_,
            '_,
            &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>,
        >,
    ) -> Result<T, serde_json::Error>,
{
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    match read(serde_path_to_error::Deserializer::new(
        &mut json, &mut track,
    )) {
        Ok(value) => match json.end() {
            Ok(()) => Ok(value),
            Err(e) => Err(Invalid::new("not-json", root, e.to_string())),
        },
        Err(e) => {
            let code = if e.is_data() { "malformed" } else { "not-json" };
            // Serde repeats the value that it did not like; a value is the sender's own, but may be personal.
            Err(Invalid::new(
                code,
                pointer(root, &track.path()),
                without_values(&e.to_string()),
            ))
        }
    }
}

/// Cuts what stands in quotation marks out of an error message: it may be a value that the sender put in the wrong
/// place. Names of members and variants stand in backquotes and stay.
fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (n, part) in message.split('"').enumerate() {
        out.push_str(if n % 2 == 0 { part } else { "\"…\"" });
    }
    out
}

impl Request {
    /// Reads a command line.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        Self::read_within(text, &Envelope::default())
    }

    /// Reads a command of which some members stand outside its text.
    pub fn read_within(text: &str, outside: &Envelope<'_>) -> Result<Self, Invalid> {
        let line: Line<'_> = strict("", text, |d| Line::deserialize(d))?;
        let id = one(outside.id, line.id, "id")?;
        let type_name = one(outside.type_name.map(str::to_owned), line.r#type, "type")?;
        let allowed = Command::personal_values(&type_name);
        for (name, value) in &line.personal {
            let at = format!("/personal/{name}");
            if !allowed.iter().any(|(known, _)| *known == name.as_str()) {
                return Err(Invalid::new(
                    "malformed",
                    at,
                    "this command carries no personal value of that name",
                ));
            }
            if value.is_empty()
                || value.len() > MAX_PERSONAL_BYTES
                || value.chars().any(char::is_control)
            {
                let message = format!("1 to {MAX_PERSONAL_BYTES} bytes without control characters");
                return Err(Invalid::new("malformed", at, message));
            }
        }
        if !Command::TYPES.contains(&type_name.as_str()) {
            return Err(Invalid::new(
                "unknown-type",
                "/type",
                "no command has this type",
            ));
        }
        let claimed = match (line.actor, outside.sender) {
            (None, None) => return Err(Invalid::new("malformed", "", "missing field `actor`")),
            (claimed, _) => claimed.unwrap_or_default(),
        };
        let actor = claimed.by(&type_name, outside.sender)?;
        Ok(Self {
            id,
            type_name,
            decidedon: line.decidedon,
            effective: line.effective,
            actor,
            data: line.data.get().to_owned(),
            personal: line
                .personal
                .into_iter()
                .map(|(name, value)| (name, Zeroizing::new(value)))
                .collect(),
            expected: None,
            dry_run: false,
            policy: None,
        })
    }

    /// Whether it destroys a person's data.
    pub(super) fn destroys(&self) -> bool {
        self.type_name == "destroy-personal-data"
    }

    /// The commands whose subjects the data refers to, as `command:<id>`.
    pub fn refers_to(&self) -> Vec<Ref> {
        self.data
            .split(BY_COMMAND)
            .skip(1)
            .filter_map(|rest| rest.split('"').next()?.parse().ok())
            .collect()
    }

    /// The command, with references to earlier commands replaced by what `subject` says they recorded.
    pub fn command(&self, subject: impl Fn(Ref) -> Option<Ref>) -> Result<Command, Invalid> {
        let data = self.resolved(subject)?;
        strict("/data", &data, |d| {
            match Command::read(&self.type_name, d) {
                Some(read) => read,
                None => Err(serde::de::Error::custom("no command has this type")),
            }
        })
    }

    fn resolved(&self, subject: impl Fn(Ref) -> Option<Ref>) -> Result<String, Invalid> {
        let mut parts = self.data.split(BY_COMMAND);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (id, rest) = part.split_once('"').unwrap_or((part, ""));
            let found = id
                .parse::<Ref>()
                .map_err(|e: Malformed| e.to_string())
                .and_then(|id| {
                    subject(id).ok_or_else(|| {
                        format!("the command {id} recorded nothing that can be referred to")
                    })
                });
            match found {
                Ok(found) => out.push_str(&format!("\"{found}\"{rest}")),
                Err(message) => {
                    return Err(Invalid::new(
                        "unresolved-reference",
                        self.pointer_to(id),
                        message,
                    ));
                }
            }
        }
        Ok(out)
    }

    /// JSON pointer to the reference `command:<id>` in the line.
    fn pointer_to(&self, id: &str) -> String {
        fn find(value: &Value, wanted: &str, at: String) -> Option<String> {
            match value {
                Value::String(text) => {
                    (text.strip_prefix("command:") == Some(wanted)).then_some(at)
                }
                Value::Array(items) => items
                    .iter()
                    .enumerate()
                    .find_map(|(n, item)| find(item, wanted, format!("{at}/{n}"))),
                Value::Object(members) => members
                    .iter()
                    .find_map(|(name, value)| find(value, wanted, format!("{at}/{name}"))),
                _ => None,
            }
        }
        let data = serde_json::from_str(&self.data).unwrap_or_default();
        find(&data, id, "/data".into()).unwrap_or_else(|| "/data".into())
    }

    /// How many bytes of text it holds.
    pub(super) fn bytes(&self) -> usize {
        let personal = self.personal.values().map(|value| value.len());
        self.data.len() + personal.sum::<usize>()
    }

    /// The bytes that the command hash covers: the command with the names of its personal values, without the values.
    pub fn hashed_bytes(&self, command: &Command) -> Vec<u8> {
        #[derive(Serialize)]
        struct Hashed<'a> {
            command: &'a Command,
            decidedon: Option<Day>,
            effective: Option<Day>,
            actor: &'a Actor,
            personal: Vec<&'a Slug>,
        }
        let hashed = Hashed {
            command,
            decidedon: self.decidedon,
            effective: self.effective,
            actor: &self.actor,
            personal: self.personal.keys().collect(),
        };
        serde_json::to_vec(&hashed).expect("a command has no map with keys other than strings")
    }
}
