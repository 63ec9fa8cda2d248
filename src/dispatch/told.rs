//! What a sender is told without a decision: from the entries that stand in the log, or because nothing could be stored.

use qonys_domain::decide::recorded;
use qonys_events::{
    entry::{Entry, command_hash},
    id::Ref,
};
use tracing::error;

use super::{Outcome, Stored, batch::Item, decider::Again, request::Invalid};
use crate::log::Recorded;

/// Ends what has no outcome yet.
pub(super) fn fail(items: &mut [Item], again: Again) {
    let outcome = match again {
        Again::Unknown => Outcome::Unknown,
        Again::Head => Outcome::Unavailable("the head of the log keeps moving".into()),
        Again::Failed(text) | Again::Refused(text) => {
            error!(%text, commands = items.len(), "a batch was not stored");
            Outcome::Unavailable(text)
        }
    };
    for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
        item.outcome = Some(outcome.clone());
    }
}

/// What a stored command recorded.
pub(super) fn subject_of(entries: &[Recorded]) -> Option<Ref> {
    entries
        .iter()
        .find_map(|entry| recorded(&Entry::parse(&entry.text).ok()?.event))
}

/// The first answer again; or, when the stored command is another one, the word that its id is taken.
pub(super) fn first_answer(item: &Item, entries: &[Recorded]) -> Outcome {
    let stored = Stored {
        positions: entries.iter().map(|e| e.position).collect(),
        streams: entries
            .iter()
            .map(|e| (e.stream.to_string(), e.streamseq))
            .collect(),
    };
    let same = entries
        .first()
        .and_then(|first| Entry::parse(&first.text).ok())
        .zip(item.command.as_ref());
    match same {
        Some((entry, command)) => {
            let hash = command_hash(entry.command.nonce, &item.request.hashed_bytes(command));
            if hash == entry.command.commandhash {
                Outcome::Duplicate(stored)
            } else {
                Outcome::Invalid(Invalid::new(
                    "command-id-reused",
                    "/id",
                    "this id stands for another command",
                ))
            }
        }
        None => Outcome::Invalid(Invalid::new(
            "command-id-reused",
            "/id",
            "this id stands for a command that could be read",
        )),
    }
}
