//! The auditor's bundle: which files it has, and in which order they stand.
//!
//! | file | holds |
//! |---|---|
//! | `bundle.json` | what is in it: [`Contents`] |
//! | `checkpoint` | the signed checkpoint |
//! | `history/<size>` | earlier checkpoints with their signatures, by size |
//! | `openings.json` | personal values of an approved scope, with salts: [`crate::openings`] |
//! | `views.json` | digests of the views at the checkpoint: [`crate::digest::Published`] |
//! | `tile/<L>/<N>`, `tile/entries/<N>` | C2SP tlog-tiles; each tile before what it stands over, entries before their hashes |
//!
//! As a directory it can be served as it is: every tool for tlog-tiles reads it.

use qonys_events::scalar::Position;
use serde::{Deserialize, Serialize};

use crate::{
    archive::Source,
    checkpoint::MAX_SIZE,
    note,
    tile::{Layer, TOP, Tile, WIDTH},
};

/// The contents.
pub const CONTENTS: &str = "bundle.json";
/// The signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The digests of the views.
pub const VIEWS: &str = "views.json";
/// The values of an approved scope.
pub const OPENINGS: &str = "openings.json";
/// The longest of them.
pub const MAX_OPENINGS: usize = 64 * 1024 * 1024;
/// The longest contents and digests.
pub const MAX_JSON: usize = 1024 * 1024;
/// The format.
pub const FORMAT: &str = "qonys-bundle/1";

/// The most earlier checkpoints.
pub const MAX_HISTORY: usize = 4_096;

/// Where an earlier checkpoint stands.
pub fn history(size: u64) -> String {
    format!("history/{size}")
}

/// The longest file that may stand at a place of a bundle.
pub(crate) const fn max_note() -> usize {
    note::MAX_BYTES
}

/// What a bundle says about itself. None of it is believed without a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// [`FORMAT`].
    pub format: String,
    /// The log.
    pub origin: String,
    /// The size of the checkpoint.
    pub size: Position,
    /// The first position whose entry is in it, rounded down to a whole bundle of entries.
    pub from: Position,
    /// The last position whose entry is in it.
    pub to: Position,
    /// Sizes of the earlier checkpoints, ascending.
    pub history: Vec<Position>,
    /// Whether digests of the views are in it.
    pub views: bool,
    /// Whether personal values are opened in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub openings: bool,
    /// How many entries of the incarnation before this one are kept; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Position>,
}

impl Contents {
    /// Reads the contents, the first file of a bundle.
    pub fn read(source: &mut dyn Source) -> Result<Self, String> {
        let bytes = source
            .read(CONTENTS, MAX_JSON)
            .map_err(|e| e.to_string())?
            .ok_or("it is not there: this is no bundle")?;
        let contents: Self = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        let Self {
            format,
            size,
            from,
            to,
            ..
        } = &contents;
        if format != FORMAT {
            return Err(format!("its format is {format:?}, not {FORMAT:?}"));
        }
        let ordered = from.0 >= 1 && to <= size && size.0 <= MAX_SIZE;
        if !ordered || contents.history.len() > MAX_HISTORY {
            return Err("its positions are out of order".to_owned());
        }
        Ok(contents)
    }

    /// Whether every entry that the checkpoint covers is in it.
    pub fn is_whole(&self) -> bool {
        self.from.0 == 1 && self.to == self.size || self.size.0 == 0
    }

    /// Whether the entries of a block of 256 are in it.
    fn has_block(&self, block: u64) -> bool {
        let first = block * WIDTH + 1;
        first + WIDTH > self.from.0 && first <= self.to.0
    }

    /// Every tile and bundle of entries, in the order in which they stand.
    pub fn tiles(&self) -> impl Iterator<Item = Tile> {
        let size = self.size.0;
        let blocks = size.div_ceil(WIDTH).max(size.min(1));
        (0..blocks).flat_map(move |block| {
            let mut tiles = Vec::new();
            // The tiles that begin above this block, from the top.
            for level in (1..=TOP).rev() {
                let span = WIDTH.pow(u32::from(level));
                if block % span == 0 {
                    tiles.extend(Tile::of(Layer::Hashes(level), block / span, size));
                }
            }
            let leaves = Tile::of(Layer::Hashes(0), block, size);
            if self.has_block(block) {
                tiles.extend(Tile::of(Layer::Entries, block, size));
                tiles.extend(leaves);
            } else if leaves.is_some_and(|tile| !tile.is_full()) {
                // The right edge has no hash above it.
                tiles.extend(leaves);
            }
            tiles
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(size: u64, from: u64, to: u64) -> Contents {
        Contents {
            format: FORMAT.into(),
            origin: "qonys/test/1".into(),
            size: Position(size),
            from: Position(from),
            to: Position(to),
            history: Vec::new(),
            views: false,
            openings: false,
            kept: None,
        }
    }

    #[test]
    fn tiles_stand_before_what_they_cover_and_a_range_leaves_blocks_out() {
        let paths =
            |contents: &Contents| contents.tiles().map(|t| t.to_string()).collect::<Vec<_>>();
        let whole = contents(600, 1, 600);
        assert!(whole.is_whole());
        assert_eq!(
            paths(&whole),
            [
                "tile/1/000.p/2",
                "tile/entries/000",
                "tile/0/000",
                "tile/entries/001",
                "tile/0/001",
                "tile/entries/002.p/88",
                "tile/0/002.p/88",
            ]
        );
        let range = contents(600, 257, 300);
        assert!(!range.is_whole());
        assert_eq!(
            paths(&range),
            [
                "tile/1/000.p/2",
                "tile/entries/001",
                "tile/0/001",
                "tile/0/002.p/88"
            ]
        );
        assert!(paths(&contents(0, 1, 0)).is_empty());
        assert_eq!(
            paths(&contents(70_000, 1, 1))[..2],
            ["tile/2/000.p/1", "tile/1/000"]
        );
    }
}
