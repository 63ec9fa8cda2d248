//! The round: read what was appended, write its files, sign, publish.

use std::{future::Future, pin::pin, time::Duration};

use qonys_events::{crash::CrashPoint, digest::Sha256Hex, scalar::Position};
use qonys_verify::{
    bundle,
    checkpoint::Checkpoint,
    merkle::{consistency, root},
    note::Note,
    tile::{Tile, Tiles},
};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info};

use super::{
    CHECKPOINT, Proof, ProofError, files, signer::Signer, tiles::Writer, witness::Witnesses,
};

/// How often a checkpoint is made, where the log has grown.
const ROUND: Duration = Duration::from_secs(1);
/// Entries that are read at once.
const PAGE: u32 = 1_000;
/// An earlier checkpoint is kept each time the log has grown by so many entries.
const KEEP_EVERY: u64 = 10_000;

/// Makes checkpoints of one log.
pub struct Publisher {
    proof: Proof,
    signer: Signer,
    witnesses: Option<Witnesses>,
    writer: Option<Writer>,
    /// The size of the last checkpoint that was kept as an earlier one.
    kept: u64,
}

/// A checkpoint that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The note.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

impl Proof {
    /// The root over the first entries as the files have it, and the proof that they grew from an earlier size.
    pub(super) fn growth(
        &self,
        from: u64,
        size: u64,
    ) -> Result<(Sha256Hex, Vec<Sha256Hex>), ProofError> {
        let mut tiles = self.tiles(size);
        let broken = |error| ProofError::Broken(format!("the tiles: {error}"));
        let root = root(&mut tiles, size).map_err(broken)?;
        if from == 0 || from > size {
            return Ok((root, Vec::new()));
        }
        Ok((root, consistency(&mut tiles, from, size).map_err(broken)?))
    }

    /// The tiles of the tree of a size, to make proofs of.
    pub(super) fn tiles(
        &self,
        size: u64,
    ) -> Tiles<impl FnMut(&Tile) -> Result<Vec<u8>, ProofError>> {
        Tiles::new(size, |tile: &Tile| {
            let missing = || ProofError::Broken(format!("{tile} is missing"));
            self.tile(tile)?.ok_or_else(missing)
        })
    }
}

impl Publisher {
    /// A publisher with its signer.
    pub fn new(proof: Proof, signer: Signer) -> Self {
        Self {
            proof,
            signer,
            witnesses: None,
            writer: None,
            kept: 0,
        }
    }

    /// Asks witnesses for cosignatures of what is published.
    #[must_use]
    pub fn with_witnesses(mut self, witnesses: Witnesses) -> Self {
        self.witnesses = Some(witnesses);
        self
    }

    /// The signer.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The key before the current one signs no more, see [`Signer::retire`].
    pub fn retire(&self) -> Result<bool, ProofError> {
        self.signer.retire()
    }

    /// What it publishes.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Publishes about each second until `end`. What goes wrong is logged and tried again: the log goes on meanwhile, and
    /// the age of the checkpoint shows it.
    pub async fn run(mut self, end: impl Future<Output = ()>) {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut end = pin!(end);
        let mut last_error = String::new();
        loop {
            tokio::select! {
                () = &mut end => break,
                _ = rounds.tick() => {}
            }
            match self.round().await {
                Ok(_) => last_error.clear(),
                Err(error) => {
                    let text = error.to_string();
                    if text != last_error {
                        error!(%error, "no checkpoint was signed");
                    }
                    last_error = text;
                }
            }
        }
        // What was appended last is signed too, if it can be.
        if let Err(error) = self.round().await {
            error!(%error, "no last checkpoint was signed");
        }
    }

    /// One round: a checkpoint over the log as it stands now.
    pub async fn round(&mut self) -> Result<Published, ProofError> {
        let done = self.try_round().await;
        if done.is_err() {
            // Whatever was in memory is read again: a fault on the way must not be built upon.
            self.writer = None;
        }
        done
    }

    async fn try_round(&mut self) -> Result<Published, ProofError> {
        let head = self.proof.log.head().await?;
        let (_, signed) = self.signer.head()?;
        let size = head.position.0;
        let mut writer = match self.writer.take() {
            Some(writer) if writer.size() <= size => writer,
            _ => self.resume()?,
        };
        self.write(&mut writer, size).await?;
        let (mut root, mut proof) = self.proof.growth(signed.size, size)?;
        if root != head.frontier.root() {
            // A tile may be damaged; what was read from the log decides.
            writer = Writer::empty();
            self.write(&mut writer, size).await?;
            (root, proof) = self.proof.growth(signed.size, size)?;
        }
        if root != head.frontier.root() {
            return Err(ProofError::Broken(format!(
                "the {size} entries have the root {root}, their append wrote {}: an entry was changed",
                head.frontier.root()
            )));
        }
        self.writer = Some(writer);
        let checkpoint = Checkpoint {
            origin: self.proof.log.origin().to_string(),
            size,
            root,
        };
        let note = self.signer.sign(&checkpoint, &proof)?;
        CrashPoint::SignedPublished.reach();
        let published = Published { note, checkpoint };
        self.publish(&published)?;
        if let Some(witnesses) = &self.witnesses {
            witnesses.tell(&self.proof, published.clone());
        }
        Ok(published)
    }

    fn publish(&mut self, published: &Published) -> Result<(), ProofError> {
        let text = published.note.to_string();
        let path = self.proof.directory.join(CHECKPOINT);
        if files::read(&path)?.as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        files::put_durably(&path, text.as_bytes())?;
        let size = published.checkpoint.size;
        if size >= self.kept + KEEP_EVERY {
            self.keep(published)?;
        }
        Ok(())
    }

    /// Keeps a checkpoint as an earlier one, for auditors to come.
    pub(super) fn keep(&mut self, published: &Published) -> Result<(), ProofError> {
        let size = published.checkpoint.size;
        let path = self.proof.directory.join(bundle::history(size));
        files::put_durably(&path, published.note.to_string().as_bytes())?;
        self.kept = size;
        Ok(())
    }

    /// Goes on where the files end, if they are those of the checkpoint.
    fn resume(&mut self) -> Result<Writer, ProofError> {
        let Some((_, checkpoint)) = self.proof.checkpoint()? else {
            return Ok(Writer::empty());
        };
        let sizes = super::export::history(&self.proof)?;
        self.kept = sizes.last().copied().unwrap_or(0);
        let good = self.proof.growth(0, checkpoint.size);
        let good = good.is_ok_and(|(root, _)| root == checkpoint.root);
        match Writer::resume(&self.proof.directory, checkpoint.size)? {
            Some(writer) if good => Ok(writer),
            _ => {
                info!("the tiles are written again from the first entry");
                Ok(Writer::empty())
            }
        }
    }

    /// Writes the files of the entries up to a size.
    async fn write(&self, writer: &mut Writer, size: u64) -> Result<(), ProofError> {
        let (log, directory) = (&self.proof.log, &self.proof.directory);
        while writer.size() < size {
            let after = Position(writer.size());
            let page = log.read_after(after, PAGE).await?;
            let missing = || ProofError::Broken(format!("the log ends at {after}, before {size}"));
            page.last().ok_or_else(missing)?;
            for recorded in page.iter().filter(|recorded| recorded.position.0 <= size) {
                writer.push(directory, recorded.text.as_bytes())?;
            }
        }
        writer.write(directory)
    }
}
