//! An entry as a message: its exact bytes, the subject, three headers.

use async_nats::{
    HeaderMap, HeaderValue,
    header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_MESSAGE_ID},
};
use qonys_events::id::Origin;
use serde::Deserialize;

use super::{Names, RelayError};
use crate::log::Recorded;

/// CloudEvents 1.0 over NATS, structured mode: the body is the whole event.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// What the relay reads of an entry. It does not need to understand the event: a log may hold types
/// of a newer version.
#[derive(Deserialize)]
struct Envelope<'a> {
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    position: &'a str,
}

/// One entry, ready to be published.
pub(super) struct Message {
    pub(super) position: u64,
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
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
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, envelope.id);
        headers.insert(
            NATS_EXPECTED_LAST_SEQUENCE,
            HeaderValue::from(position.0 - 1),
        );
        headers.insert("Content-Type", CONTENT_TYPE);
        let subject = names.subject(entry.stream.kind(), envelope.r#type);
        Ok(Self {
            position: position.0,
            subject,
            headers,
            body: entry.text,
        })
    }
}
