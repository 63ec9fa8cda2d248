//! The log is the erasure fence: what it says is destroyed is destroyed, in the vault and beside the log, whatever was
//! restored from wherever. Carried out when the entry stands, again before anything is served, and now and then.

use std::collections::BTreeMap;

use qonys_domain::decide::destroyed;
use qonys_events::{entry::Entry, id::Ref, scalar::Position};

use super::SweepError;
use crate::{
    log::{Log, LogError},
    vault::Vault,
};

/// What an application of the fence found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Subjects whose data are destroyed.
    pub subjects: u64,
    /// Keys that were there all the same.
    pub keys: u64,
    /// Sealed slots that were there all the same.
    pub slots: u64,
    /// Subjects of the vault's fence of which the log knows nothing: it has lost entries.
    pub unknown: u64,
}

/// Destroys everything that the log, or the vault's own fence, says is destroyed.
pub(super) async fn apply(log: &Log, vault: &Vault) -> Result<Erased, SweepError> {
    let mut subjects: BTreeMap<Ref, Position> = BTreeMap::new();
    for recorded in log.destructions().await? {
        let entry = Entry::parse(&recorded.text).map_err(|error| {
            LogError::Unavailable(format!(
                "entry {} cannot be read: {error}",
                recorded.position
            ))
        })?;
        subjects.extend(destroyed(&entry.event).map(|subject| (subject, recorded.position)));
    }
    let mut erased = Erased::default();
    for (subject, position) in vault.fence().await? {
        if subjects.insert(subject, position).is_none() {
            erased.unknown += 1;
        }
    }
    if subjects.is_empty() {
        return Ok(erased);
    }
    let list: Vec<(Ref, Position)> = subjects.into_iter().collect();
    erased.subjects = list.len() as u64;
    erased.keys = vault.destroy(&list).await?;
    let subjects: Vec<Ref> = list.iter().map(|(subject, _)| *subject).collect();
    erased.slots = log.destroy_sealed(&subjects).await?;
    if erased.unknown > 0 {
        tracing::error!(
            subjects = erased.unknown,
            "the vault knows of destructions that do not stand in the log: entries are lost"
        );
    }
    Ok(erased)
}

/// Carries out one destruction whose entry stands.
pub(super) async fn carry_out(
    log: &Log,
    vault: &Vault,
    subject: Ref,
    position: Position,
) -> Result<(), SweepError> {
    let keys = vault.destroy(&[(subject, position)]).await?;
    let slots = log.destroy_sealed(&[subject]).await?;
    tracing::info!(keys, slots, %position, "the data of a subject were destroyed");
    Ok(())
}
