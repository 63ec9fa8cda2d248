//! The broker's copy of the log, for when the log itself lost entries: sequence = position, the same bytes.

use async_nats::jetstream;
use qonys_events::id::Origin;

use super::names::Names;
use crate::proof::recovery::Kept;

/// The entries that the broker keeps.
pub struct KeptStream {
    stream: jetstream::stream::Stream,
}

impl KeptStream {
    /// The stream of a log at a broker.
    ///
    /// # Errors
    /// In words, where the broker cannot be reached or has no such stream.
    pub async fn open(url: &str, origin: &Origin) -> Result<Self, String> {
        let client = async_nats::connect(url).await.map_err(|e| e.to_string())?;
        let name = Names::of(origin).stream().to_owned();
        let stream = jetstream::new(client).get_stream(&name).await;
        let stream = stream.map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { stream })
    }
}

impl Kept for KeptStream {
    async fn last(&mut self) -> Result<u64, String> {
        let info = self.stream.info().await.map_err(|e| e.to_string())?;
        Ok(info.state.last_sequence)
    }

    async fn entry(&mut self, position: u64) -> Result<Vec<u8>, String> {
        let message = self.stream.get_raw_message(position).await;
        let message = message.map_err(|error| format!("message {position}: {error}"))?;
        Ok(message.payload.to_vec())
    }
}
