//! Personal values for an auditor's approved scope: sealed bytes out of the log, salt and plaintext out of the vault.

use qonys_events::{
    entry::Entry,
    scalar::{Position, Slug},
};
use qonys_verify::openings::{Opening, slots};

use super::ProofError;
use crate::{log::Log, vault::Vault};

/// Opens named slots of entries; with no name, every slot of the entry. Who may ask for it is for the caller to know.
pub async fn openings(
    log: &Log,
    vault: &Vault,
    scope: &[(Position, Option<Slug>)],
) -> Result<Vec<Opening>, ProofError> {
    let broken = |what: String| ProofError::Broken(what);
    let mut found = Vec::new();
    for (position, name) in scope {
        let before = Position(position.0.saturating_sub(1));
        let recorded = log.read_after(before, 1).await?;
        let recorded = recorded.first().filter(|entry| entry.position == *position);
        let recorded =
            recorded.ok_or_else(|| broken(format!("the log has no entry {position}")))?;
        let entry = Entry::parse(&recorded.text).map_err(|error| broken(error.to_string()))?;
        let named = slots(&entry);
        let named: Vec<_> = named
            .iter()
            .filter(|slot| name.as_ref().is_none_or(|name| slot.name == *name))
            .collect();
        if named.is_empty() {
            return Err(broken(format!("entry {position} shows no such slot")));
        }
        for slot in named {
            let command = entry.command.commandid;
            let sealed = log.sealed(command, &slot.name, slot.subject).await?;
            let Some(sealed) = sealed else {
                return Err(broken(format!(
                    "the sealed bytes of {} of entry {position} are gone",
                    slot.name
                )));
            };
            let opened = vault.disclose(slot, command, &sealed.bytes).await;
            let (salt, text) =
                opened.map_err(|error| broken(format!("entry {position}: {error}")))?;
            let opened = Some((salt.as_slice(), text.as_str()));
            found.push(Opening::new(*position, slot, &sealed.bytes, opened));
        }
    }
    Ok(found)
}
