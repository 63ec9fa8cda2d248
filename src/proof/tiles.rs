//! The tree as files: tlog-tiles, written from the entries in order.

use std::path::Path;

use qonys_events::{digest::Sha256Hex, tree::leaf_hash};
use qonys_verify::tile::{self, Layer, TOP, Tile, WIDTH, root_of_full};

use super::{ProofError, files};

/// Reads a tile. Where a wider one has taken the place of a partial one, its beginning is the partial one: the full one,
/// or the one of the tree of `size` entries.
pub(super) fn read(
    directory: &Path,
    tile: &Tile,
    size: u64,
) -> Result<Option<Vec<u8>>, ProofError> {
    if let Some(bytes) = files::read(&directory.join(tile.to_string()))? {
        return Ok(Some(bytes));
    }
    let full = Tile {
        width: WIDTH as u16,
        ..*tile
    };
    let wider = [Some(full), Tile::of(tile.layer, tile.index, size)];
    for wider in wider
        .into_iter()
        .flatten()
        .filter(|wider| wider.width > tile.width)
    {
        if let Some(bytes) = files::read(&directory.join(wider.to_string()))? {
            return Ok(cut(&bytes, tile));
        }
    }
    Ok(None)
}

/// The beginning of a tile.
fn cut(bytes: &[u8], tile: &Tile) -> Option<Vec<u8>> {
    let width = usize::from(tile.width);
    match tile.layer {
        Layer::Hashes(_) => bytes.get(..32 * width).map(<[u8]>::to_vec),
        Layer::Entries => {
            let entries = tile::entries(bytes).take(width);
            entries.collect::<Option<Vec<_>>>().and_then(tile::bundle)
        }
    }
}

/// Writes the files of a growing tree.
pub(super) struct Writer {
    size: u64,
    /// The hashes of each level that no full tile holds yet.
    rows: [Vec<Sha256Hex>; TOP as usize + 1],
    /// The entries that no full bundle holds yet.
    entries: Vec<Vec<u8>>,
}

impl Writer {
    /// Goes on from the files of a tree of a size, at the block in which it ends: the entries after [`Writer::size`] come
    /// next. `None` where a file is missing: then everything is written again.
    pub(super) fn resume(directory: &Path, size: u64) -> Result<Option<Self>, ProofError> {
        let mut writer = Self::empty();
        writer.size = size / WIDTH * WIDTH;
        for level in 1..=TOP {
            let nodes = writer.size >> (8 * u32::from(level));
            let row = (nodes % WIDTH) as usize;
            if row == 0 {
                continue;
            }
            let Some(tile) = Tile::of(Layer::Hashes(level), nodes / WIDTH, size) else {
                return Ok(None);
            };
            let hashes = read(directory, &tile, size)?;
            let hashes = hashes.and_then(|bytes| tile::hashes(&tile, &bytes));
            match hashes {
                Some(hashes) if hashes.len() >= row => {
                    writer.rows[usize::from(level)] = hashes[..row].to_vec();
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(writer))
    }

    /// From the first entry on.
    pub(super) fn empty() -> Self {
        Self {
            size: 0,
            rows: Default::default(),
            entries: Vec::new(),
        }
    }

    /// How many entries it has seen.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next entry; full tiles are written at once.
    pub(super) fn push(&mut self, directory: &Path, entry: &[u8]) -> Result<(), ProofError> {
        self.size += 1;
        self.entries.push(entry.to_vec());
        self.rows[0].push(leaf_hash(entry));
        if self.size.is_multiple_of(WIDTH) {
            self.write_row(directory, 0)?;
            self.write_entries(directory)?;
            self.entries.clear();
            for level in 0..usize::from(TOP) {
                if self.rows[level].len() as u64 != WIDTH {
                    break;
                }
                let root = root_of_full(&self.rows[level]);
                self.rows[level].clear();
                self.rows[level + 1].push(root);
                if self.rows[level + 1].len() as u64 == WIDTH {
                    self.write_row(directory, level + 1)?;
                }
            }
        }
        Ok(())
    }

    fn write_row(&self, directory: &Path, level: usize) -> Result<(), ProofError> {
        let row = &self.rows[level];
        let nodes = self.size >> (8 * level);
        let tile = Tile::of(
            Layer::Hashes(level as u8),
            nodes.saturating_sub(1) / WIDTH,
            self.size,
        );
        let Some(tile) = tile.filter(|_| !row.is_empty()) else {
            return Ok(());
        };
        let bytes: Vec<u8> = row.iter().flat_map(|hash| hash.0).collect();
        files::put(&directory.join(tile.to_string()), &bytes)
    }

    /// Writes what no full tile holds yet: the partial tiles of the tree of this size.
    pub(super) fn write(&self, directory: &Path) -> Result<(), ProofError> {
        for level in 0..self.rows.len() {
            self.write_row(directory, level)?;
        }
        self.write_entries(directory)
    }

    fn write_entries(&self, directory: &Path) -> Result<(), ProofError> {
        let last = self.size.saturating_sub(1) / WIDTH;
        let bundle = Tile::of(Layer::Entries, last, self.size).filter(|_| !self.entries.is_empty());
        if let Some(tile) = bundle {
            let entries = self.entries.iter().map(Vec::as_slice);
            let long =
                || ProofError::Broken("an entry is longer than the format allows".to_owned());
            let bytes = tile::bundle(entries).ok_or_else(long)?;
            files::put(&directory.join(tile.to_string()), &bytes)?;
        }
        Ok(())
    }
}
