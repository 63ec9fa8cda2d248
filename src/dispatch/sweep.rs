//! The sweep: a key is durable before its entry, and where nothing came of the entry, a key stays that nobody uses. Keys
//! that were made long enough ago and whose subject stands in no stream of the log, with nothing sealed beside it, are deleted.

use std::{collections::HashSet, time::Duration};

use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    term::SlotCategory,
};

use crate::{
    log::{Log, LogError},
    vault::{Owner, Vault, VaultError},
};

/// Owners that the log is asked about at once.
const ASKED: usize = 500;

/// Why the sweep did not come to its end. What it deleted is deleted; the rest is looked at the next time.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The vault cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Where the subject of a key of this category has its stream.
fn kind(category: SlotCategory) -> StreamKind {
    match category {
        SlotCategory::Residence => StreamKind::Dwelling,
        _ => StreamKind::Person,
    }
}

/// Deletes keys that are at least so old and that nobody came to use. Gives how many.
pub(super) async fn sweep(
    log: &Log,
    vault: &Vault,
    older_than: Duration,
) -> Result<u64, SweepError> {
    let mut deleted = 0;
    for minting in vault.mintings(older_than).await? {
        let mut unused: Vec<Owner> = Vec::new();
        for owners in minting.owners.chunks(ASKED) {
            let streams = owners.iter().filter_map(|(subject, category)| {
                StreamId::from_parts(kind(*category).name(), &subject.to_string()).ok()
            });
            let streams: Vec<StreamId> = streams.collect();
            let found = log.read_streams(&streams, 1).await?;
            let mut found: HashSet<Ref> = found
                .iter()
                .filter_map(|recorded| recorded.stream.key().parse().ok())
                .collect();
            // Whoever sent or was sent a document has no stream: what is sealed of him says that his entry stands.
            let streamless: Vec<Ref> = owners
                .iter()
                .filter(|(subject, category)| {
                    *category == SlotCategory::Case && !found.contains(subject)
                })
                .map(|(subject, _)| *subject)
                .collect();
            if !streamless.is_empty() {
                let sealed = log.sealed_among(&streamless).await?;
                found.extend(sealed.iter().map(|(subject, _)| *subject));
            }
            unused.extend(
                owners
                    .iter()
                    .filter(|(subject, _)| !found.contains(subject)),
            );
        }
        vault.swept(&minting, &unused, older_than).await?;
        deleted += unused.len() as u64;
    }
    Ok(deleted)
}
