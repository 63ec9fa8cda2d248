//! C2SP tlog-tiles: where hashes and entries of a log stand as files, and how proofs are made from them.

use std::{fmt, str::FromStr};

use qonys_events::{digest::Sha256Hex, entry::MAX_BYTES, tree::node_hash};

use crate::merkle::Subtrees;

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 256;
/// Bytes of a full tile.
pub const TILE_BYTES: usize = 32 * WIDTH as usize;
/// The most bytes of a bundle of entries.
pub const BUNDLE_BYTES: usize = WIDTH as usize * (2 + MAX_BYTES);
/// The highest level that a tree within [`crate::checkpoint::MAX_SIZE`] has.
pub const TOP: u8 = 7;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Hashes of a level: 0 are leaf hashes.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// One tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub layer: Layer,
    /// Its index in the layer.
    pub index: u64,
    /// How many hashes or entries it has, 1 to 256.
    pub width: u16,
}

impl Tile {
    /// The tile or bundle with an index in a tree of a size; `None` where that tree has none.
    pub fn of(layer: Layer, index: u64, size: u64) -> Option<Self> {
        let level = match layer {
            Layer::Hashes(level) => level,
            Layer::Entries => 0,
        };
        let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let before = index.checked_mul(WIDTH)?;
        let width = nodes.saturating_sub(before).min(WIDTH) as u16;
        (width > 0).then_some(Self {
            layer,
            index,
            width,
        })
    }

    /// Whether it has all of its 256 places filled and will never change.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            Layer::Hashes(level) => write!(f, "tile/{level}/")?,
            Layer::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// A text that is not the path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct BadPath;

impl FromStr for Tile {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let (layer, rest) = text
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(BadPath)?;
        let layer = match layer {
            "entries" => Layer::Entries,
            level => Layer::Hashes(level.parse().map_err(|_| BadPath)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| BadPath)?),
            None => (rest, WIDTH as u16),
        };
        let digits: String = index.chars().filter(char::is_ascii_digit).collect();
        let tile = Self {
            layer,
            index: digits.parse().map_err(|_| BadPath)?,
            width,
        };
        // The one written form of it, and no other.
        let good = (1..=WIDTH as u16).contains(&width) && tile.to_string() == text;
        good.then_some(tile).ok_or(BadPath)
    }
}

/// Writes entries as a bundle: each after its length as two bytes, big-endian. `None` where one is too long.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bundle = Vec::new();
    for entry in entries {
        bundle.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bundle.extend(entry);
    }
    Some(bundle)
}

/// The entries of a bundle, in order; an item is `None` where the bundle is cut, and nothing follows it.
pub fn entries(bundle: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = Some(bundle);
    std::iter::from_fn(move || {
        let bytes = rest.filter(|bytes| !bytes.is_empty())?;
        let entry = bytes.split_first_chunk::<2>().and_then(|(length, bytes)| {
            bytes.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        rest = entry.map(|(_, rest)| rest);
        Some(entry.map(|(entry, _)| entry))
    })
}

/// The hashes of a tile; `None` where it has another length than it should.
pub fn hashes(tile: &Tile, bytes: &[u8]) -> Option<Vec<Sha256Hex>> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && chunks.len() == usize::from(tile.width))
        .then(|| chunks.iter().copied().map(Sha256Hex).collect())
}

/// The root over hashes of which there are a power of two.
pub fn root_of_full(hashes: &[Sha256Hex]) -> Sha256Hex {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let mut pairs = 0;
        for pair in 0..row.len() / 2 {
            row[pair] = node_hash(&row[2 * pair], &row[2 * pair + 1]);
            pairs += 1;
        }
        row.truncate(pairs);
    }
    row[0]
}

/// Why a tile could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TileError<E> {
    /// It could not be read.
    #[error(transparent)]
    Read(E),
    /// It is not as the tree of that size has it.
    #[error("{0} has another length than it should")]
    Length(Tile),
    /// The tree has no such node.
    #[error("no tree of that size has the node {1} of level {0}")]
    Beyond(u8, u64),
}

/// Complete subtrees out of the tiles of a tree. It keeps the last tile of each level.
pub struct Tiles<F> {
    size: u64,
    read: F,
    kept: [Option<(Tile, Vec<Sha256Hex>)>; TOP as usize + 1],
}

impl<E, F: FnMut(&Tile) -> Result<Vec<u8>, E>> Tiles<F> {
    /// The tiles of a tree of this size, read by `read`.
    pub fn new(size: u64, read: F) -> Self {
        Self {
            size,
            read,
            kept: [const { None }; TOP as usize + 1],
        }
    }
}

impl<E, F: FnMut(&Tile) -> Result<Vec<u8>, E>> Subtrees for Tiles<F> {
    type Error = TileError<E>;

    fn root_of(&mut self, level: u8, index: u64) -> Result<Sha256Hex, TileError<E>> {
        let beyond = TileError::Beyond(level, index);
        let (row, height) = (level / 8, level % 8);
        if row > TOP || height > 8 {
            return Err(beyond);
        }
        // Where the subtree's own row of hashes lies in the tile.
        let first = index << height;
        let Some(tile) = Tile::of(Layer::Hashes(row), first / WIDTH, self.size) else {
            return Err(beyond);
        };
        let kept = &mut self.kept[usize::from(row)];
        if kept.as_ref().is_none_or(|(known, _)| *known != tile) {
            let bytes = (self.read)(&tile).map_err(TileError::Read)?;
            let found = hashes(&tile, &bytes).ok_or(TileError::Length(tile))?;
            *kept = Some((tile, found));
        }
        let hashes = kept.as_ref().map_or(&[][..], |(_, hashes)| hashes);
        let from = (first % WIDTH) as usize;
        let nodes = hashes.get(from..from + (1 << height)).ok_or(beyond)?;
        Ok(root_of_full(nodes))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, convert::Infallible};

    use qonys_events::tree::{Frontier, leaf_hash};

    use super::*;
    use crate::merkle::{consistency, inclusion, root, verify_consistency, verify_inclusion};

    #[test]
    fn paths_are_those_of_the_format_and_no_others() {
        for (layer, index, width, path) in [
            (Layer::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067"),
            (Layer::Hashes(2), 0, 1, "tile/2/000.p/1"),
            (Layer::Entries, 999, 112, "tile/entries/999.p/112"),
            (Layer::Entries, 1_000, 256, "tile/entries/x001/000"),
        ] {
            let tile = Tile {
                layer,
                index,
                width,
            };
            assert_eq!(tile.to_string(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
        for bad in [
            "tile/0/67",
            "tile/0/0067",
            "tile/0/x001/067.p/256",
            "tile/0/067.p/0",
            "tile/00/067",
            "tile/0/001/067",
            "tile/0/x001",
            "tile/0/../067",
            "tile/256/000",
            "tile/0/067/",
            "/tile/0/067",
            "tile/entries/067.p/01",
        ] {
            assert_eq!(bad.parse::<Tile>(), Err(BadPath), "{bad}");
        }
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_that_the_format_counts() {
        let widths = |level| -> Vec<u16> {
            (0..300)
                .map_while(|n| Tile::of(Layer::Hashes(level), n, 70_000).map(|tile| tile.width))
                .collect()
        };
        assert_eq!(widths(0).len(), 274);
        assert_eq!(widths(0)[273], 112);
        assert_eq!(widths(1), [256, 17]);
        assert_eq!(widths(2), [1]);
        assert!(widths(3).is_empty());
    }

    #[test]
    fn bundles_are_read_as_they_were_written_and_a_cut_shows() {
        let texts: [&[u8]; 3] = [b"one", b"", b"three"];
        let bytes = bundle(texts).expect("short entries");
        let read: Vec<_> = entries(&bytes).collect();
        assert_eq!(read, texts.map(Some));
        for cut in 1..bytes.len() {
            let short: Vec<_> = entries(&bytes[..cut]).collect();
            assert!(short.len() < 3 || short.contains(&None), "cut at {cut}");
        }
        assert_eq!(bundle([&[0_u8; 65_536][..]]), None);
    }

    #[test]
    fn proofs_out_of_tiles_hold_for_trees_of_three_levels() {
        let size = 66_500_u64;
        let mut tree = Frontier::empty();
        let mut roots = vec![tree.root()];
        let mut rows: Vec<Vec<Sha256Hex>> = vec![Vec::new(); 3];
        for n in 0..size {
            let leaf = leaf_hash(&n.to_be_bytes());
            tree.push(leaf);
            roots.push(tree.root());
            rows[0].push(leaf);
        }
        for level in 1..3 {
            rows[level] = rows[level - 1]
                .chunks_exact(256)
                .map(root_of_full)
                .collect();
        }
        let mut files = HashMap::new();
        for (level, row) in rows.iter().enumerate() {
            for (n, chunk) in row.chunks(256).enumerate() {
                let tile = Tile::of(Layer::Hashes(level as u8), n as u64, size).expect("a tile");
                let bytes: Vec<u8> = chunk.iter().flat_map(|hash| hash.0).collect();
                files.insert(tile.to_string(), bytes);
            }
        }
        let mut tiles = Tiles::new(size, |tile: &Tile| {
            Ok::<_, Infallible>(files[&tile.to_string()].clone())
        });
        assert_eq!(root(&mut tiles, size).expect("a root"), tree.root());
        for index in [0, 255, 256, 65_535, 65_536, 66_303, size - 1] {
            let path = inclusion(&mut tiles, index, size).expect("a proof");
            let leaf = rows[0][index as usize];
            assert!(
                verify_inclusion(&leaf, index, size, &path, &tree.root()),
                "{index}"
            );
        }
        for old in [1, 255, 256, 257, 65_536, 66_000, size] {
            let path = consistency(&mut tiles, old, size).expect("a proof");
            let before = (old, &roots[old as usize]);
            assert!(
                verify_consistency(before, (size, &tree.root()), &path),
                "{old}"
            );
        }
        assert!(matches!(
            tiles.root_of(0, size),
            Err(TileError::Beyond(0, _))
        ));
    }
}
