//! An entry as a message: its exact bytes, its subject, and what must stand before it.

use qonys_events::{fault::Fault, id::Origin};
use serde::Deserialize;

use super::{Names, RelayError, broker::Message};
use crate::log::Recorded;

/// What the relay reads of an entry. It does not need to understand the event: a log may hold types
/// of a newer version.
#[derive(Deserialize)]
struct Envelope<'a> {
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    position: &'a str,
}

impl Message {
    /// Takes an entry as the log gave it.
    ///
    /// # Errors
    /// [`RelayError::Entry`] where the text is not that of an entry at this place of this log: a
    /// subscriber could not tell either.
    pub(super) fn of(origin: &Origin, names: &Names, entry: Recorded) -> Result<Self, RelayError> {
        let position = entry.position;
        let wrong = |why: String| RelayError::Entry { position, why };
        let envelope: Envelope<'_> =
            serde_json::from_str(&entry.text).map_err(|error| wrong(error.to_string()))?;
        if envelope.source != origin.as_str() {
            return Err(wrong(format!(
                "it says that it belongs to {}",
                envelope.source
            )));
        }
        if envelope.position.parse() != Ok(position) {
            return Err(wrong(format!(
                "it says that it stands at {}",
                envelope.position
            )));
        }
        let (id, subject) = (
            envelope.id.to_owned(),
            names.subject(entry.stream.kind(), envelope.r#type),
        );
        Ok(Self {
            position: position.0,
            subject,
            id,
            after: Some(position.0 - 1).filter(|_| !Fault::PublishUnfenced.planted()),
            body: entry.text,
        })
    }
}
