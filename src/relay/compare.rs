//! Whether the messages of a stream are the entries of the log.

use std::ops::RangeInclusive;

use futures::{StreamExt as _, stream};
use qonys_events::scalar::Position;

use super::{RelayError, broker::Line, trouble::Trouble};
use crate::log::{Log, Recorded};

/// How many entries are compared at a time.
const PAGE: u64 = 256;
/// How many messages are asked for at the same time.
const QUESTIONS: usize = 64;

/// Compares messages with the entries of the log, byte for byte.
pub(super) async fn compare<L: Line>(
    line: &L,
    (name, log): (&str, &Log),
    sequences: RangeInclusive<u64>,
) -> Result<(), Trouble> {
    let (mut next, last) = sequences.into_inner();
    while next <= last {
        let limit = PAGE.min(last - next + 1) as u32;
        let entries = log.read_after(Position(next - 1), limit).await?;
        if entries.is_empty() {
            return Err(Trouble::Retry(format!(
                "entry {next} cannot be read at the moment"
            )));
        }
        next += entries.len() as u64;
        let checks = entries.into_iter().map(|entry| check(line, name, entry));
        let mut checks = stream::iter(checks).buffered(QUESTIONS);
        while let Some(checked) = checks.next().await {
            checked?;
        }
    }
    Ok(())
}

async fn check<L: Line>(line: &L, name: &str, entry: Recorded) -> Result<(), Trouble> {
    let sequence = entry.position.0;
    match line.message(sequence).await? {
        Some(body) if body == entry.text.as_bytes() => Ok(()),
        Some(_) => Err(RelayError::Foreign {
            stream: name.to_owned(),
            sequence,
        }
        .into()),
        // A replica that lags behind, or a stream that went away between two questions.
        None => Err(Trouble::Retry(format!(
            "message {sequence} is not there at the moment"
        ))),
    }
}
