//! What an auditor reads: bundles, archives, tiles, notes, receipts, policies.

use std::str::FromStr as _;

use qonys_verify::{
    archive::{Archive, ArchiveWriter, Source},
    bundle::Contents,
    check::{Part, verify},
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
    policy::Policy,
    receipt::Receipt,
    tile::{Layer, TILE_BYTES, Tile, bundle, entries, hashes, root_of_full},
};

use super::fuzz;
use crate::proof::stage::{Stage, asked};

/// A small bundle as an archive, with the keys that verify it.
async fn archive() -> (Vec<u8>, Vec<VerifierKey>) {
    let mut stage = Stage::embedded().await;
    stage.families(1).await;
    stage.sign().await;
    let files = stage.bundle().await;
    let contents = Contents::read(&mut files.clone()).expect("contents");
    let mut order: Vec<String> = vec!["bundle.json".into(), "checkpoint".into()];
    order.extend(contents.tiles().map(|tile| tile.to_string()));
    order.push("views.json".into());
    let mut writer = ArchiveWriter::new(Vec::new());
    for name in &order {
        if let Some(bytes) = files.0.get(name) {
            writer.add(name, bytes).expect("memory");
        }
    }
    (writer.finish().expect("memory"), stage.keys())
}

#[tokio::test]
async fn any_bundle_is_verified_or_refused() {
    let (archive, keys) = archive().await;
    let scratch = tempfile::tempdir().expect("a directory");
    let wanted = asked(&keys, &scratch);
    fuzz("bundle", vec![archive.clone()], |input| {
        let mut read = Archive::new(input);
        let source: &mut dyn Source = &mut read;
        let report = verify(&mut [Part { source, kept: None }], &wanted, &mut |_, _| ());
        // What verifies says what the good one says, or differs in what is not looked at: padding, file times.
        if report.verified {
            assert!(report.root.is_some());
        }
    });
}

#[test]
fn any_tile_is_read_or_refused() {
    let whole = bundle([b"one".as_slice(), b"", b"three"]).expect("a bundle");
    let corpus = vec![whole, vec![0; 32 * 256], b"tile/0/x001/067.p/8".to_vec()];
    fuzz("tile", corpus, |input| {
        let found = entries(input)
            .take(100_000)
            .flatten()
            .map(<[u8]>::len)
            .sum::<usize>();
        assert!(found <= input.len());
        for index in [0, 1, 255] {
            for size in [1, 255, 256, 257] {
                if let Some(tile) = Tile::of(Layer::Hashes(0), index, size)
                    && input.len() <= TILE_BYTES
                    && let Some(hashes) = hashes(&tile, input)
                    && hashes.len() == 256
                {
                    let _root = root_of_full(&hashes);
                }
            }
        }
        if let Ok(text) = std::str::from_utf8(input)
            && let Ok(tile) = Tile::from_str(text)
        {
            assert_eq!(Tile::from_str(&tile.to_string()).ok(), Some(tile), "{text}");
        }
    });
}

#[tokio::test]
async fn any_note_receipt_or_policy_is_read_or_refused() {
    let mut stage = Stage::embedded().await;
    stage.families(1).await;
    let note = stage.sign().await.to_string();
    let key = stage.keys()[0].to_string();
    let policy = format!("log {key}\nquorum none\n");
    let receipt = format!(
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n{note}"
    );
    let corpus = [note, key, policy, receipt]
        .map(String::into_bytes)
        .to_vec();
    fuzz("note", corpus, |input| {
        if let Ok(note) = Note::read(input) {
            assert!(!note.to_string().is_empty());
        }
        let _checkpoint = Checkpoint::of_note(input);
        let _receipt = Receipt::read(input);
        if let Ok(text) = std::str::from_utf8(input) {
            let _key = VerifierKey::from_str(text);
            let _policy = Policy::from_str(text);
        }
    });
}
