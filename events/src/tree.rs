//! The RFC 6962 Merkle tree over the entries: leaf index = position - 1. Only the right edge is kept.

use sha2::{Digest as _, Sha256};

use crate::digest::Sha256Hex;

/// The leaf hash of an entry's bytes: SHA-256 of `0x00` and the bytes.
pub fn leaf_hash(entry: &[u8]) -> Sha256Hex {
    Sha256Hex(
        Sha256::new()
            .chain_update([0])
            .chain_update(entry)
            .finalize()
            .into(),
    )
}

/// The hash of an inner node: SHA-256 of `0x01`, the left and the right hash.
pub fn node_hash(left: &Sha256Hex, right: &Sha256Hex) -> Sha256Hex {
    Sha256Hex(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The right edge of the tree: the roots of its complete subtrees, largest first. It suffices to grow the tree and to
/// tell its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Sha256Hex>,
}

impl Frontier {
    /// The tree of no entries.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the leaf hash of the next entry.
    pub fn push(&mut self, leaf: Sha256Hex) {
        let mut node = leaf;
        // One complete pair merges for each trailing one bit of the size.
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .peaks
                .pop()
                .expect("one peak for each one bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree; of no entries, the hash of nothing.
    pub fn root(&self) -> Sha256Hex {
        let mut peaks = self.peaks.iter().rev().copied();
        match peaks.next() {
            None => Sha256Hex::of(b""),
            Some(last) => peaks.fold(last, |right, left| node_hash(&left, &right)),
        }
    }

    /// The peaks as bytes, 32 each, largest subtree first: how the log stores the edge.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|p| p.0).collect()
    }

    /// The edge of a tree of `size` leaves from its stored bytes; `None` when the number of peaks does not fit.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 * size.count_ones() as usize {
            return None;
        }
        let peaks = bytes
            .chunks_exact(32)
            .map(|c| Sha256Hex(c.try_into().expect("32 bytes")))
            .collect();
        Some(Self { size, peaks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 section 2.1 by its definition: split at the largest power of two below the size.
    fn root_by_definition(leaves: &[Sha256Hex]) -> Sha256Hex {
        match leaves {
            [] => Sha256Hex::of(b""),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(
                    &root_by_definition(&leaves[..split]),
                    &root_by_definition(&leaves[split..]),
                )
            }
        }
    }

    #[test]
    fn the_root_is_the_one_of_the_definition_for_every_size_and_survives_storing() {
        let leaves: Vec<_> = (0..130_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Frontier::empty();
        assert_eq!(edge.root(), root_by_definition(&[]));
        for (i, leaf) in leaves.iter().enumerate() {
            edge.push(*leaf);
            assert_eq!(
                edge.root(),
                root_by_definition(&leaves[..=i]),
                "size {}",
                i + 1
            );
            edge = Frontier::from_bytes(edge.size(), &edge.to_bytes()).expect("its own bytes");
        }
        assert_eq!(Frontier::from_bytes(3, &[0; 32]), None);
    }

    #[test]
    fn the_root_of_the_rfc_6962_reference_vector() {
        // The eight leaves of the Certificate Transparency reference test.
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let mut edge = Frontier::empty();
        leaves.iter().for_each(|l| edge.push(leaf_hash(l)));
        let expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(edge.root().to_string(), expected);
    }
}
