//! Whether every personal value that an entry shows is still kept: its sealed bytes beside the log and a key in the vault, or
//! an order that destroyed both (attacks A33 and A34).

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use qonys_domain::decide::destroyed;
use qonys_events::{
    digest::Sha256Hex,
    entry::Entry,
    id::Ref,
    scalar::{Position, Slug},
    slot::Slot,
};
use qonys_verify::openings::slots;
use serde::Serialize;

use crate::{
    log::{Log, LogError},
    vault::{Owner, Vault, VaultError},
};

/// Entries of one page.
const PAGE: u32 = 1_000;
/// Slots that are looked up at once.
const AT_ONCE: usize = 16;
/// Findings that are told one by one; more are counted.
const TOLD_MAX: usize = 1_000;

/// What is wrong with a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Lack {
    /// Its sealed bytes are gone, and no entry ordered it.
    #[serde(rename = "E-SEALED-MISSING")]
    Sealed,
    /// Its sealed bytes are not those whose hash the entry shows.
    #[serde(rename = "E-SEALED-CHANGED")]
    Changed,
    /// The vault has no key for it, and no entry ordered it.
    #[serde(rename = "E-KEY-MISSING")]
    Key,
    /// It was ordered to be destroyed, and sealed bytes or a key are still there.
    #[serde(rename = "E-NOT-DESTROYED")]
    NotDestroyed,
}

impl Lack {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sealed => "E-SEALED-MISSING",
            Self::Changed => "E-SEALED-CHANGED",
            Self::Key => "E-KEY-MISSING",
            Self::NotDestroyed => "E-NOT-DESTROYED",
        }
    }
}

/// A slot that is not kept as the log says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub code: Lack,
    /// The entry that shows the slot.
    pub position: Position,
    /// The name of the slot.
    pub name: Slug,
    /// Whose value it is.
    pub subject: Ref,
}

/// What was looked at, and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// Entries that were read.
    pub entries: u64,
    /// Slots that they show.
    pub slots: u64,
    /// Slots of subjects whose data were destroyed by order.
    pub destroyed: u64,
    /// What was found, in the order of the log.
    pub findings: Vec<Finding>,
    /// What was found beyond that.
    pub more: u64,
}

/// Why it could not be looked through.
#[derive(Debug, thiserror::Error)]
pub enum NotLooked {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The vault cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An entry cannot be read.
    #[error("entry {0} cannot be read: {1}")]
    Entry(Position, String),
}

fn read(position: Position, text: &str) -> Result<Entry, NotLooked> {
    Entry::parse(text).map_err(|error| NotLooked::Entry(position, error.to_string()))
}

/// Looks at every slot that the log shows, in constant memory but for the subjects that are destroyed. `moved` hears how far.
///
/// # Errors
/// [`NotLooked`].
pub async fn look(
    log: &Log,
    vault: &Vault,
    moved: &mut (dyn FnMut(Position, Position) + Send),
) -> Result<Looked, NotLooked> {
    let mut gone: BTreeMap<Ref, Position> = BTreeMap::new();
    for recorded in log.destructions().await? {
        let entry = read(recorded.position, &recorded.text)?;
        gone.extend(destroyed(&entry.event).map(|subject| (subject, recorded.position)));
    }
    let end = log.head().await?.position;
    let mut looked = Looked {
        entries: 0,
        slots: 0,
        destroyed: 0,
        findings: Vec::new(),
        more: 0,
    };
    let mut at = Position(0);
    while at < end {
        let page = log.read_after(at, PAGE).await?;
        let Some(last) = page.last() else { break };
        at = last.position;
        let mut shown: Vec<(Position, Ref, Slot)> = Vec::new();
        for recorded in &page {
            looked.entries += 1;
            if recorded.text.contains(r#""slots":[{"#) {
                let entry = read(recorded.position, &recorded.text)?;
                let command = entry.command.commandid;
                let of_it = slots(&entry).into_iter();
                shown.extend(of_it.map(|slot| (recorded.position, command, slot)));
            }
        }
        let owners: Vec<Owner> = shown
            .iter()
            .map(|(_, _, slot)| (slot.subject, slot.category))
            .collect();
        let keyless = vault.without_key(&owners).await?;
        let held: Vec<Option<bool>> = stream::iter(&shown)
            .map(|(_, command, slot)| held(log, *command, slot))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for ((position, _, slot), held) in shown.into_iter().zip(held) {
            looked.slots += 1;
            let key = !keyless.contains(&(slot.subject, slot.category));
            let is_gone = gone.contains_key(&slot.subject);
            looked.destroyed += u64::from(is_gone);
            let lacks = match (is_gone, held, key) {
                (true, None, false) => &[][..],
                (true, ..) => &[Lack::NotDestroyed],
                (false, Some(true), true) => &[],
                (false, None, true) => &[Lack::Sealed],
                (false, None, false) => &[Lack::Sealed, Lack::Key],
                (false, Some(false), true) => &[Lack::Changed],
                (false, Some(false), false) => &[Lack::Changed, Lack::Key],
                (false, Some(true), false) => &[Lack::Key],
            };
            for code in lacks {
                if looked.findings.len() < TOLD_MAX {
                    looked.findings.push(Finding {
                        code: *code,
                        position,
                        name: slot.name.clone(),
                        subject: slot.subject,
                    });
                } else {
                    looked.more += 1;
                }
            }
        }
        moved(at, end);
    }
    Ok(looked)
}

/// Whether the sealed bytes of a slot are those that its entry shows; none where there are none.
async fn held(log: &Log, command: Ref, slot: &Slot) -> Result<Option<bool>, LogError> {
    let found = log.sealed(command, &slot.name, slot.subject).await?;
    Ok(found.map(|found| Sha256Hex::of(&found.bytes) == slot.sealed))
}
