//! RFC 6962 proofs: made from complete subtrees, checked without any.

use qonys_events::{
    digest::Sha256Hex,
    tree::{Frontier, node_hash},
};

/// Gives the roots of complete subtrees: `level` 0 are leaf hashes, `index` counts subtrees of that level from the left.
pub trait Subtrees {
    /// Why one could not be given.
    type Error;

    /// The root of the complete subtree over leaves `index << level` to `(index + 1) << level`.
    fn root_of(&mut self, level: u8, index: u64) -> Result<Sha256Hex, Self::Error>;
}

/// The root over leaves `from` to `to` (half-open), where the range is one that RFC 6962 makes.
fn range<S: Subtrees>(subtrees: &mut S, from: u64, to: u64) -> Result<Sha256Hex, S::Error> {
    let size = to - from;
    if size.is_power_of_two() {
        let level = size.trailing_zeros() as u8;
        return subtrees.root_of(level, from >> level);
    }
    let middle = from + split(size);
    let left = range(subtrees, from, middle)?;
    Ok(node_hash(&left, &range(subtrees, middle, to)?))
}

/// The largest power of two below a size of at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The root of a tree of `size` leaves; of none, the hash of nothing.
pub fn root<S: Subtrees>(subtrees: &mut S, size: u64) -> Result<Sha256Hex, S::Error> {
    if size == 0 {
        return Ok(Frontier::empty().root());
    }
    range(subtrees, 0, size)
}

/// The inclusion proof of a leaf: siblings from the leaf up. `index` must be below `size`.
pub fn inclusion<S: Subtrees>(
    subtrees: &mut S,
    index: u64,
    size: u64,
) -> Result<Vec<Sha256Hex>, S::Error> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range(subtrees, middle, to)?);
            to = middle;
        } else {
            path.push(range(subtrees, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The consistency proof between two sizes, `0 < old <= new`; empty where they are equal.
pub fn consistency<S: Subtrees>(
    subtrees: &mut S,
    old: u64,
    new: u64,
) -> Result<Vec<Sha256Hex>, S::Error> {
    let (mut from, mut to) = (0, new);
    let mut path = Vec::new();
    // Whether the old tree's part of the range is the whole old tree, whose root the verifier has.
    let mut whole = true;
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range(subtrees, middle, to)?);
            to = middle;
        } else {
            path.push(range(subtrees, from, middle)?);
            (from, whole) = (middle, false);
        }
    }
    if !whole {
        path.push(range(subtrees, from, to)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether a leaf stands at an index of the tree of this size and root.
pub fn verify_inclusion(
    leaf: &Sha256Hex,
    index: u64,
    size: u64,
    path: &[Sha256Hex],
    root: &Sha256Hex,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut node = *leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(sibling, &node);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            node = node_hash(&node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && node == *root
}

/// Whether the tree of the new size and root begins with the tree of the old size and root.
pub fn verify_consistency(
    (old, old_root): (u64, &Sha256Hex),
    (new, new_root): (u64, &Sha256Hex),
    path: &[Sha256Hex],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty() && *old_root == Frontier::empty().root();
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let mut path = path.iter();
    // The old tree is one complete subtree: its root is the first node.
    let first = if at == 0 { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut left, mut right) = (*first, *first);
    for node in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            left = node_hash(node, &left);
            right = node_hash(node, &right);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            right = node_hash(&right, node);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && left == *old_root && right == *new_root
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use ct_merkle::{
        ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree,
    };
    use proptest::prelude::*;
    use qonys_events::tree::leaf_hash;
    use sha2::Sha256;

    use super::*;

    struct Leaves(Vec<Sha256Hex>);

    impl Subtrees for Leaves {
        type Error = Infallible;

        fn root_of(&mut self, level: u8, index: u64) -> Result<Sha256Hex, Infallible> {
            let mut tree = Frontier::empty();
            let from = (index << level) as usize;
            self.0[from..from + (1 << level)]
                .iter()
                .for_each(|leaf| tree.push(*leaf));
            Ok(tree.root())
        }
    }

    fn leaves(count: usize) -> (Leaves, MemoryBackedTree<Sha256, Vec<u8>>) {
        let mut foreign = MemoryBackedTree::new();
        let mut own = Vec::new();
        for n in 0..count {
            let bytes = n.to_be_bytes().to_vec();
            own.push(leaf_hash(&bytes));
            foreign.push(bytes);
        }
        (Leaves(own), foreign)
    }

    fn root_at(leaves: &Leaves, size: usize) -> Sha256Hex {
        let mut tree = Frontier::empty();
        leaves.0[..size].iter().for_each(|leaf| tree.push(*leaf));
        tree.root()
    }

    fn foreign_root(root: &Sha256Hex, size: u64) -> RootHash<Sha256> {
        RootHash::new(root.0.into(), size)
    }

    #[test]
    fn every_proof_up_to_70_leaves_is_one_that_a_foreign_library_makes_and_accepts() {
        for size in 1..=70_usize {
            let (mut own, foreign) = leaves(size);
            let root = root(&mut own, size as u64).expect("a root");
            assert_eq!(root.0[..], foreign.root().as_bytes()[..], "size {size}");
            for index in 0..size {
                let path = inclusion(&mut own, index as u64, size as u64).expect("a proof");
                let theirs = foreign.prove_inclusion(index);
                let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
                assert_eq!(bytes, theirs.as_bytes(), "index {index} of {size}");
                let leaf = own.0[index];
                assert!(verify_inclusion(
                    &leaf,
                    index as u64,
                    size as u64,
                    &path,
                    &root
                ));
                let proof = InclusionProof::<Sha256>::try_from_bytes(bytes).expect("a proof");
                let item = index.to_be_bytes().to_vec();
                let accepted =
                    foreign_root(&root, size as u64).verify_inclusion(&item, index as u64, &proof);
                assert!(accepted.is_ok(), "index {index} of {size}");
            }
            for old in 1..=size {
                let path = consistency(&mut own, old as u64, size as u64).expect("a proof");
                let old_root = root_at(&own, old);
                let (before, after) = ((old as u64, &old_root), (size as u64, &root));
                assert!(verify_consistency(before, after, &path), "{old} to {size}");
                if old < size {
                    let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
                    let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes).expect("a proof");
                    let accepted = foreign_root(&root, size as u64)
                        .verify_consistency(&foreign_root(&old_root, old as u64), &proof);
                    assert!(accepted.is_ok(), "{old} to {size}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_altered_proof_passes(size in 2_usize..200, pick in any::<prop::sample::Index>(), old in any::<prop::sample::Index>(),
                                   bit in 0_usize..256, change in 0_u8..6) {
            let (mut own, _) = leaves(size);
            let (index, old) = (pick.index(size), 1 + old.index(size - 1));
            let (n, root) = (size as u64, root_at(&own, size));
            let mut leaf = own.0[index];
            let mut path = inclusion(&mut own, index as u64, n).expect("a proof");
            let (mut at, mut of) = (index as u64, n);
            let mut steps = consistency(&mut own, old as u64, n).expect("a proof");
            let mut old_root = root_at(&own, old);
            let flip = |hash: &mut Sha256Hex| hash.0[bit / 8] ^= 1 << (bit % 8);
            match change {
                0 => { flip(&mut leaf); flip(&mut old_root); }
                1 => { let i = pick.index(path.len()); flip(&mut path[i]); let i = pick.index(steps.len()); flip(&mut steps[i]); }
                2 => { path.pop(); steps.pop(); }
                3 => { path.push(leaf); steps.push(leaf); }
                4 => { path.insert(0, leaf); steps.insert(0, leaf); }
                _ => { at += n; of += u64::from(of == 0); flip(&mut old_root); }
            }
            prop_assert!(!verify_inclusion(&leaf, at, of, &path, &root));
            prop_assert!(!verify_consistency((old as u64, &old_root), (n, &root), &steps));
        }
    }

    #[test]
    fn the_edges_are_refused() {
        let hash = leaf_hash(b"x");
        assert!(verify_inclusion(&hash, 0, 1, &[], &hash));
        for (index, size) in [(0, 0), (1, 1), (u64::MAX, u64::MAX), (1 << 63, 1 << 62)] {
            assert!(!verify_inclusion(&hash, index, size, &[], &hash));
        }
        assert!(!verify_inclusion(
            &hash,
            u64::MAX - 1,
            u64::MAX,
            &[hash; 64],
            &hash
        ));
        let nothing = Frontier::empty().root();
        assert!(verify_consistency((0, &nothing), (9, &hash), &[]));
        assert!(!verify_consistency((0, &hash), (9, &hash), &[]));
        assert!(!verify_consistency((2, &hash), (1, &hash), &[]));
        assert!(!verify_consistency((1, &hash), (2, &hash), &[]));
        assert!(!verify_consistency(
            (u64::MAX - 1, &hash),
            (u64::MAX, &hash),
            &[hash; 70]
        ));
    }
}
