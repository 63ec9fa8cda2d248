//! Receipts: for every entry one text that proves that it stands in the log, for whoever it concerns to keep.

use qonys_events::{id::Ref, scalar::Position};
use qonys_verify::{checkpoint::Checkpoint, merkle::inclusion, note::Note, receipt::Receipt};

use super::{Proof, ProofError};
use crate::log::{Log, LogError, Recorded};

/// How an entry is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// By its position.
    Position(Position),
    /// By its id, or by that of its command: the last entry that the command wrote.
    Id(Ref),
}

impl std::str::FromStr for Named {
    type Err = qonys_events::scalar::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(position) => Ok(Self::Position(position)),
            Err(_) => text.parse().map(Self::Id),
        }
    }
}

impl Named {
    /// The entry of this name, if it stands.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub async fn find(self, log: &Log) -> Result<Option<Recorded>, LogError> {
        match self {
            Self::Position(Position(0)) => Ok(None),
            Self::Position(Position(position)) => {
                let found = log.read_after(Position(position - 1), 1).await?;
                Ok(found.into_iter().next())
            }
            Self::Id(id) => {
                if let Some(entry) = log.entry(id).await? {
                    return Ok(Some(entry));
                }
                let mut found = log.commands(&[id]).await?;
                Ok(found.remove(&id).and_then(|mut entries| entries.pop()))
            }
        }
    }
}

impl Proof {
    /// The entry of a name, if it stands.
    pub async fn find(&self, name: Named) -> Result<Option<Recorded>, ProofError> {
        Ok(name.find(&self.log).await?)
    }

    /// The receipt of an entry under the newest checkpoint that witnesses cosigned and that covers it; where none does,
    /// under the newest that the log signed.
    ///
    /// # Errors
    /// `NotYet` where no checkpoint covers the entry.
    pub fn receipt(&self, entry: &Recorded) -> Result<Receipt, ProofError> {
        let covers = |found: &(Note, Checkpoint)| found.1.size >= entry.position.0;
        let (note, checkpoint) = match self.cosigned()?.filter(covers) {
            Some(cosigned) => cosigned,
            None => {
                let signed = self.checkpoint()?;
                let size = signed.as_ref().map_or(0, |(_, checkpoint)| checkpoint.size);
                let not_yet = || ProofError::NotYet(Position(size));
                signed.filter(covers).ok_or_else(not_yet)?
            }
        };
        let index = entry.position.0 - 1;
        let path = inclusion(&mut self.tiles(checkpoint.size), index, checkpoint.size)
            .map_err(|error| ProofError::Broken(format!("the tiles: {error}")))?;
        Ok(Receipt {
            extra: Some(entry.text.clone().into_bytes()),
            index,
            path,
            note,
            checkpoint,
        })
    }
}
