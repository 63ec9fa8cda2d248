//! The tree from below: every hash is computed from what stands under it and compared with the tile that has it.

use qonys_events::{
    digest::Sha256Hex,
    tree::{Frontier, node_hash},
};

use crate::{
    report::{Code, Fault},
    tile::{Layer, TOP, Tile, WIDTH, root_of_full},
};

/// A hash that a tile has otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mismatch {
    tile: Tile,
    /// Its index in the level.
    index: u64,
}

impl Mismatch {
    /// The fault that it is. When the entries have the signed root, they are right and the tile is damaged.
    pub(crate) fn fault(&self, entries_are_right: bool) -> Fault {
        let Layer::Hashes(level) = self.tile.layer else {
            return Fault::new(Code::Bundle, "an entry where a hash should stand");
        };
        let span = WIDTH.pow(u32::from(level));
        let (first, last) = (self.index * span + 1, (self.index + 1) * span);
        let slot = self.index % WIDTH;
        let fault = if level == 0 && !entries_are_right {
            Fault::new(
                Code::Leaf,
                format!("the entry does not have the hash {slot} of its tile"),
            )
        } else {
            Fault::new(
                Code::Tile,
                format!("hash {slot} is not the one of what stands under it"),
            )
        };
        fault.between(first, last).file(self.tile)
    }
}

/// The tree while it grows.
#[derive(Default)]
pub(crate) struct Tree {
    size: u64,
    /// The hashes of each level that no full tile covers yet.
    rows: [Vec<Sha256Hex>; TOP as usize + 1],
    /// The tiles as the bundle has them.
    stored: [Option<(Tile, Vec<Sha256Hex>)>; TOP as usize + 1],
    pub(crate) mismatches: Vec<Mismatch>,
    /// Mismatches that were not kept.
    pub(crate) more: u64,
}

/// Mismatches that are kept.
const KEPT: usize = 200;

impl Tree {
    /// Takes a tile of the bundle; what comes under it is compared with it.
    pub(crate) fn store(&mut self, tile: Tile, hashes: Vec<Sha256Hex>) {
        if let Layer::Hashes(level) = tile.layer {
            self.stored[usize::from(level)] = Some((tile, hashes));
        }
    }

    /// The stored hash with an index in a level.
    pub(crate) fn stored(&self, level: u8, index: u64) -> Option<Sha256Hex> {
        let (tile, hashes) = self.stored[usize::from(level)].as_ref()?;
        let slot = (index % WIDTH) as usize;
        hashes
            .get(slot)
            .copied()
            .filter(|_| tile.index == index / WIDTH)
    }

    /// Appends the hash of the next entry.
    pub(crate) fn push(&mut self, leaf: Sha256Hex) {
        self.size += 1;
        self.append(0, self.size - 1, leaf);
    }

    /// Appends a whole block of entries that are not there by their hash in the tile above them.
    pub(crate) fn push_block(&mut self, root: Sha256Hex) {
        self.size += WIDTH;
        self.append(1, self.size / WIDTH - 1, root);
    }

    /// `index` is the hash's place in its level.
    fn append(&mut self, level: usize, index: u64, hash: Sha256Hex) {
        let known = self.stored(level as u8, index);
        if let Some((tile, _)) = self.stored[level].as_ref().filter(|_| known != Some(hash)) {
            if self.mismatches.len() < KEPT {
                self.mismatches.push(Mismatch { tile: *tile, index });
            } else {
                self.more += 1;
            }
        }
        let row = &mut self.rows[level];
        row.push(hash);
        if row.len() as u64 == WIDTH {
            let root = root_of_full(row);
            row.clear();
            if level < usize::from(TOP) {
                self.append(level + 1, index / WIDTH, root);
            }
        }
    }

    /// How many entries it covers.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub(crate) fn root(&self) -> Sha256Hex {
        let mut root = None;
        // From the right edge: the rows from below, in each the complete subtrees from the smallest.
        for row in &self.rows {
            let mut end = row.len();
            while end > 0 {
                let size = 1 << end.trailing_zeros();
                let left = root_of_full(&row[end - size..end]);
                root = Some(root.map_or(left, |right| node_hash(&left, &right)));
                end -= size;
            }
        }
        root.unwrap_or_else(|| Frontier::empty().root())
    }
}

#[cfg(test)]
mod tests {
    use qonys_events::tree::leaf_hash;

    use super::*;

    #[test]
    fn the_root_is_the_frontiers_at_every_size() {
        let (mut tree, mut frontier) = (Tree::default(), Frontier::empty());
        for n in 0..1_500_u32 {
            assert_eq!(tree.root(), frontier.root(), "size {n}");
            let leaf = leaf_hash(&n.to_be_bytes());
            tree.push(leaf);
            frontier.push(leaf);
        }
        assert!(tree.mismatches.is_empty());
    }
}
