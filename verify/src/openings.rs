//! Personal values that an approved scope opens to the auditor: each is held against the slot that its entry shows.
//!
//! An entry never holds such a value. It shows the hash of the sealed bytes and a salted commitment to the plaintext, so
//! whoever is given the three can see, without any key, that nobody changed, moved or made them up.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qonys_events::{
    digest::Sha256Hex,
    entry::Entry,
    id::Ref,
    scalar::{Position, Slug},
    slot::{Slot, commitment},
};
use serde::{Deserialize, Serialize};

use crate::{
    bundle,
    report::{Code, Fault},
};

/// One value that is opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The entry that shows the slot.
    pub position: Position,
    /// The name of the slot.
    pub name: Slug,
    /// Whose value it is.
    pub subject: Ref,
    /// The sealed bytes, in base64.
    pub sealed: String,
    /// Salt and plaintext; absent where the scope allows to see that the value is there and not what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opened>,
}

/// What is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The salt of the commitment, in base64.
    pub salt: String,
    /// The value.
    pub plaintext: String,
}

impl Opening {
    /// An opening of these bytes.
    pub fn new(
        position: Position,
        slot: &Slot,
        sealed: &[u8],
        opened: Option<(&[u8], &str)>,
    ) -> Self {
        Self {
            position,
            name: slot.name.clone(),
            subject: slot.subject,
            sealed: STANDARD.encode(sealed),
            opened: opened.map(|(salt, plaintext)| Opened {
                salt: STANDARD.encode(salt),
                plaintext: plaintext.to_owned(),
            }),
        }
    }

    /// What is wrong with it; the value itself is never told.
    fn against(&self, entry: &Entry, slot: &Slot) -> Option<Fault> {
        let fault = |code, detail: String| {
            let fault = Fault::new(code, format!("{} of {}: {detail}", self.name, self.subject));
            Some(fault.at(self.position.0).file(bundle::OPENINGS))
        };
        let sealed = STANDARD.decode(&self.sealed);
        if sealed.map(|bytes| Sha256Hex::of(&bytes)) != Ok(slot.sealed) {
            return fault(
                Code::Sealed,
                "these are not the sealed bytes whose hash the entry shows".to_owned(),
            );
        }
        let Opened { salt, plaintext } = self.opened.as_ref()?;
        let Ok(salt) = STANDARD.decode(salt) else {
            return fault(Code::Commitment, "its salt is not base64".to_owned());
        };
        let command = &entry.command;
        let made = commitment(
            &command.source,
            command.commandid,
            &self.name,
            self.subject,
            &salt,
            plaintext.as_bytes(),
        );
        if made == slot.commitment {
            None
        } else {
            fault(
                Code::Commitment,
                "it is not the value that the entry commits to".to_owned(),
            )
        }
    }
}

/// The slots that an entry shows.
pub fn slots(entry: &Entry) -> Vec<Slot> {
    #[derive(Deserialize)]
    struct WithSlots {
        #[serde(default)]
        slots: Vec<Slot>,
    }
    // Slots stand in one member of the data, whatever the type is.
    let data = serde_json::from_str::<WithSlots>(&entry.event.fact.write_data());
    data.map(|data| data.slots).unwrap_or_default()
}

/// What is opened, by position, until its entry comes.
pub(crate) struct Openings {
    waiting: HashMap<Position, Vec<Opening>>,
    /// How many were found to be what their entries commit to.
    pub(crate) good: u64,
}

impl Openings {
    pub(crate) fn read(bytes: &[u8]) -> serde_json::Result<Self> {
        let mut waiting: HashMap<Position, Vec<Opening>> = HashMap::new();
        for opening in serde_json::from_slice::<Vec<Opening>>(bytes)? {
            waiting.entry(opening.position).or_default().push(opening);
        }
        Ok(Self { waiting, good: 0 })
    }

    /// Holds against an entry what is opened of it.
    pub(crate) fn entry(&mut self, position: u64, entry: &Entry, mut tell: impl FnMut(Fault)) {
        if self.waiting.is_empty() {
            return;
        }
        let Some(openings) = self.waiting.remove(&Position(position)) else {
            return;
        };
        let slots = slots(entry);
        for opening in openings {
            let of = |slot: &&Slot| (&slot.name, slot.subject) == (&opening.name, opening.subject);
            let fault = match slots.iter().find(of) {
                Some(slot) => opening.against(entry, slot),
                None => Some(nowhere(&opening, "the entry shows no such slot")),
            };
            match fault {
                Some(fault) => tell(fault),
                None => self.good += 1,
            }
        }
    }

    /// What was opened of entries that did not come.
    pub(crate) fn rest(self, mut tell: impl FnMut(Fault)) {
        let mut rest: Vec<Opening> = self.waiting.into_values().flatten().collect();
        rest.sort_unstable_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
        for opening in rest {
            tell(nowhere(&opening, "the entry is not in the bundle"));
        }
    }
}

fn nowhere(opening: &Opening, why: &str) -> Fault {
    let what = format!("{} of {}: {why}", opening.name, opening.subject);
    let fault = Fault::new(Code::Sealed, what).file(bundle::OPENINGS);
    fault.at(opening.position.0)
}
