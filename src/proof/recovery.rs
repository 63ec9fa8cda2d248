//! The first way out when a log lost what was signed: the lost entries are put back byte for byte. Nothing is written
//! before they were found to lead to the root that was signed.

use std::path::Path;

use qonys_events::{
    entry::Entry,
    scalar::Position,
    tree::{Frontier, leaf_hash},
};
use qonys_verify::{
    archive::{Directory, Source},
    bundle::Contents,
    tile::{self, BUNDLE_BYTES, Layer, Tile, WIDTH},
};

use super::{ProofError, signer::Signer};
use crate::log::{Batch, Head, Log, Prepared};

/// Entries that are put back in one transaction, unless a command is longer.
const BATCH: usize = 1_000;

/// Somebody who still has the entries.
pub trait Kept {
    /// The last position that he has.
    fn last(&mut self) -> impl Future<Output = Result<u64, String>>;

    /// The bytes of the entry at a position that he has.
    fn entry(&mut self, position: u64) -> impl Future<Output = Result<Vec<u8>, String>>;
}

/// A bundle as a directory; one block of entries at a time.
pub struct KeptBundle {
    source: Directory,
    contents: Contents,
    block: Option<(u64, Vec<Vec<u8>>)>,
}

impl KeptBundle {
    /// The bundle in a directory.
    pub fn open(path: &Path) -> Result<Self, String> {
        let mut source = Directory::new(path);
        let contents = Contents::read(&mut source)?;
        Ok(Self {
            source,
            contents,
            block: None,
        })
    }
}

impl Kept for KeptBundle {
    async fn last(&mut self) -> Result<u64, String> {
        Ok(self.contents.to.0)
    }

    async fn entry(&mut self, position: u64) -> Result<Vec<u8>, String> {
        let index = (position - 1) / WIDTH;
        if self.block.as_ref().is_none_or(|(known, _)| *known != index) {
            let tile = Tile::of(Layer::Entries, index, self.contents.size.0);
            let tile = tile.ok_or("the bundle ends before")?;
            let bytes = self.source.read(&tile.to_string(), BUNDLE_BYTES);
            let bytes = bytes.map_err(|error| error.to_string())?;
            let bytes = bytes.ok_or_else(|| format!("{tile} is missing"))?;
            let entries: Option<Vec<_>> = tile::entries(&bytes)
                .map(|entry| entry.map(<[u8]>::to_vec))
                .collect();
            self.block = Some((index, entries.ok_or_else(|| format!("{tile} is cut"))?));
        }
        let entries = self.block.as_ref().map(|(_, entries)| entries);
        let entry = entries.and_then(|entries| entries.get(((position - 1) % WIDTH) as usize));
        entry
            .cloned()
            .ok_or_else(|| format!("entry {position} is missing"))
    }
}

/// What was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The first position that was lost.
    pub from: Position,
    /// The last one that was put back.
    pub to: Position,
    /// Up to here the entries lead to the signed root; later ones are the last whole commands that somebody has kept.
    pub signed: Position,
}

/// Puts lost entries back. `None` where nothing is lost.
///
/// # Errors
/// `Broken` where the kept entries do not lead to the signed root, or end before it: nothing was written then.
pub async fn recover(
    log: &Log,
    signer: &Signer,
    owner: Option<&str>,
    kept: &mut impl Kept,
) -> Result<Option<Recovered>, ProofError> {
    let head = log.head().await?;
    let (_, signed) = signer.head()?;
    let first = head.position.0 + 1;
    if signed.size < first {
        return Ok(None);
    }
    let broken = |why: String| ProofError::Broken(why);
    let last = kept.last().await.map_err(broken)?;
    if last < signed.size {
        return Err(broken(format!(
            "they end at {last}, signed are {}",
            signed.size
        )));
    }
    // The first pass writes nothing: up to the signed head, and after it to the end of the last whole command.
    let mut tree = head.frontier.clone();
    let mut to = signed.size;
    for position in first..=last {
        let bytes = kept.entry(position).await.map_err(broken)?;
        tree.push(leaf_hash(&bytes));
        if position == signed.size && tree.root() != signed.root {
            let root = tree.root();
            return Err(broken(format!(
                "with them the {position} entries have the root {root}, signed is {}: they are not the lost ones",
                signed.root
            )));
        }
        if position > signed.size {
            match prepared(&bytes, log, position) {
                Ok((_, ends)) if ends => to = position,
                Ok(_) => {}
                // What nobody signed and is no entry of this log is left out.
                Err(_) => break,
            }
        }
    }
    put_back(log, owner, kept, &head, (signed.size, to)).await?;
    Ok(Some(Recovered {
        from: Position(first),
        to: Position(to),
        signed: Position(signed.size),
    }))
}

async fn put_back(
    log: &Log,
    owner: Option<&str>,
    kept: &mut impl Kept,
    head: &Head,
    (signed, to): (u64, u64),
) -> Result<(), ProofError> {
    let broken = |why: String| ProofError::Broken(why);
    let mut expected = head.position;
    let mut tree: Frontier = head.frontier.clone();
    let mut entries = Vec::new();
    for position in expected.0 + 1..=to {
        let bytes = kept.entry(position).await.map_err(broken)?;
        let (entry, ends) = prepared(&bytes, log, position).map_err(broken)?;
        tree.push(leaf_hash(&bytes));
        entries.push(entry);
        // The signed head is a head of the log again.
        if ends && (entries.len() >= BATCH || position == signed || position == to) {
            let batch = Batch {
                entries: std::mem::take(&mut entries),
                sealed: Vec::new(),
                frontier: tree.clone(),
            };
            log.put_back(owner, expected, &batch).await?;
            expected = Position(position);
        }
    }
    Ok(())
}

/// An entry on its way back, and whether it ends its command.
fn prepared(bytes: &[u8], log: &Log, position: u64) -> Result<(Prepared, bool), String> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?;
    let entry = Entry::read(&text).map_err(|error| format!("entry {position}: {error}"))?;
    if entry.place.position.0 != position || entry.command.source != *log.origin() {
        return Err(format!("entry {position} is one of another place or log"));
    }
    let ends = entry.place.commandindex == entry.command.commandcount;
    Ok((
        Prepared {
            place: entry.place,
            commandid: entry.command.commandid,
            text,
        },
        ends,
    ))
}
