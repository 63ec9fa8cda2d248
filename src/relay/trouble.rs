//! What can go wrong: what stops the relay for good, and what it tries again.

use qonys_events::scalar::Position;

use crate::log::LogError;

/// Why the relay stopped. Each is for a person to look into: going on could only make it worse, and
/// whatever heals by itself is tried again without an end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Another message stands where an entry of the log belongs.
    #[error(
        "alarm: message {sequence} of stream {stream} is not entry {sequence} of the log: somebody \
         else wrote into the stream, or the log is not the one that was published"
    )]
    Foreign {
        /// The stream.
        stream: String,
        /// The first sequence that differs.
        sequence: u64,
    },
    /// The stream has more messages than the log has entries.
    #[error(
        "alarm: stream {stream} ends with message {sequence}, above the head of the log, {head}: \
         the log was restored from an older copy, or somebody else wrote into the stream"
    )]
    AheadOfLog {
        /// The stream.
        stream: String,
        /// Its last sequence.
        sequence: u64,
        /// The head of the log.
        head: Position,
    },
    /// Messages below the end of the stream are gone; publishing cannot bring them back.
    #[error(
        "alarm: stream {stream} ends with message {sequence} and holds only {messages}: delete it, \
         and it is rebuilt from the log"
    )]
    Holes {
        /// The stream.
        stream: String,
        /// Its last sequence.
        sequence: u64,
        /// How many messages it holds.
        messages: u64,
    },
    /// A stream of that name stands there with settings that do not keep the promise.
    #[error("stream {stream} is not set up as the log needs it: {}", differences.join("; "))]
    Settings {
        /// The stream.
        stream: String,
        /// Each setting with what it is and what it must be.
        differences: Vec<String>,
    },
    /// The broker cannot hold the stream, or the settings of the relay are wrong.
    #[error("the broker cannot be used: {0}")]
    Unfit(String),
    /// An entry whose text is not the one of an entry at its place.
    #[error("alarm: the text of entry {position} cannot be published: {why}")]
    Entry {
        /// Where the log has it.
        position: Position,
        /// What is wrong with it.
        why: String,
    },
}

/// What ended an attempt.
#[derive(Debug)]
pub enum Trouble {
    /// Stop for good.
    Stop(RelayError),
    /// Connect anew and go on, after a pause.
    Retry(String),
}

impl Trouble {
    /// Something that the broker did or did not do.
    pub(super) fn broker(doing: &str, error: impl std::error::Error) -> Self {
        let mut why = format!("{doing}: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            // The client's errors repeat their cause in their own text.
            let cause_text = cause.to_string();
            if !why.contains(&cause_text) {
                why = format!("{why}: {cause_text}");
            }
            source = cause.source();
        }
        Self::Retry(why)
    }
}

impl From<RelayError> for Trouble {
    fn from(error: RelayError) -> Self {
        Self::Stop(error)
    }
}

impl From<LogError> for Trouble {
    fn from(error: LogError) -> Self {
        Self::Retry(error.to_string())
    }
}
