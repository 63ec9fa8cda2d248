//! Verifiers that nobody here wrote: `signed_note` and `tlog_tiles` (Cloudflare's port of Go's `sumdb`) read our
//! checkpoint, our tiles and our receipts, and find a flipped byte. `verify/` holds its own proofs against `ct-merkle`.

use std::collections::BTreeMap;

use qonys_verify::tile;
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{Checkpoint, Error, Hash, Tile, TileHashReader, TileReader};

use super::stage::Stage;

/// Our files as the foreign library asks for them: it names tiles of height 8 with that height in the path.
struct Files(BTreeMap<String, Vec<u8>>);

impl TileReader for Files {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            self.0.get(&path).cloned().ok_or(Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// What the foreign libraries make of a checkpoint.
fn signed(note: &[u8], key: &str) -> Option<Checkpoint> {
    let verifier: Box<dyn Verifier> = Box::new(StandardVerifier::new(key).ok()?);
    let note = Note::from_bytes(note).ok()?;
    let (good, _) = note.verify(&VerifierList::new(vec![verifier])).ok()?;
    assert_eq!(good.len(), 1);
    Checkpoint::from_bytes(note.text()).ok()
}

/// Reads every entry's hash through the foreign tile reader, which authenticates tiles against the root; the first index
/// at which an entry is not what the tree holds.
fn first_fault(files: &Files, checkpoint: &Checkpoint) -> Result<Option<u64>, Error> {
    let reader = TileHashReader::new(checkpoint.size(), *checkpoint.hash(), files);
    for block in 0..checkpoint.size().div_ceil(256) {
        let bundle =
            tile::Tile::of(tile::Layer::Entries, block, checkpoint.size()).expect("a bundle");
        let bytes = &files.0[&bundle.to_string()];
        let entries: Vec<&[u8]> = tile::entries(bytes).map_while(|entry| entry).collect();
        let first = block * 256;
        let indexes: Vec<u64> = (0..entries.len() as u64)
            .map(|n| tlog_tiles::stored_hash_index(0, first + n))
            .collect();
        let hashes = tlog_tiles::HashReader::read_hashes(&reader, &indexes)?;
        for (n, entry) in entries.iter().enumerate() {
            if tlog_tiles::record_hash(entry) != hashes[n] {
                return Ok(Some(first + n as u64));
            }
        }
        assert_eq!(entries.len(), usize::from(bundle.width));
    }
    Ok(None)
}

#[tokio::test]
async fn foreign_verifiers_accept_the_log_and_a_receipt_and_find_a_flipped_byte() {
    let mut stage = Stage::embedded().await;
    stage.families(60).await;
    stage.sign().await;
    let key = stage.keys()[0].to_string();
    let mut files = Files(stage.bundle().await.0);
    let note = files.0["checkpoint"].clone();
    let checkpoint = signed(&note, &key).expect("the foreign verifier accepts the checkpoint");
    let size = checkpoint.size();
    assert!(size > 300, "more than one tile: {size}");
    assert_eq!(checkpoint.origin(), stage.register.log.origin().as_str());
    assert_eq!(first_fault(&files, &checkpoint).expect("good tiles"), None);

    // A receipt: parsed by its format's few lines, checked by the foreign proof.
    let texts = stage.register.texts().await;
    for position in [1, 256, 257, size] {
        let entry = stage
            .register
            .log
            .read_after(qonys_events::scalar::Position(position - 1), 1)
            .await;
        let entry = entry.expect("the log reads").remove(0);
        let receipt = stage
            .publisher
            .proof()
            .receipt(&entry)
            .expect("a receipt")
            .to_string();
        let (head, note) = receipt.split_once("\n\n").expect("two parts");
        let mut lines = head.lines().skip_while(|line| !line.starts_with("index "));
        let index: u64 = lines
            .next()
            .and_then(|line| line["index ".len()..].parse().ok())
            .expect("an index");
        let path: Vec<Hash> = lines
            .map(|line| Hash::parse_hash(line).expect("a hash"))
            .collect();
        let checkpoint = signed(note.as_bytes(), &key).expect("a checkpoint");
        let leaf = tlog_tiles::record_hash(texts[index as usize].as_bytes());
        let check = |leaf| {
            tlog_tiles::check_record(&path, checkpoint.size(), *checkpoint.hash(), index, leaf)
        };
        assert_eq!(index, position - 1);
        check(leaf).expect("the foreign verifier accepts the receipt");
        assert!(check(tlog_tiles::record_hash(b"something else")).is_err());
    }

    // One byte anywhere.
    let good = files.0.clone();
    let name = good
        .keys()
        .find(|name| name.starts_with("tile/entries/001"))
        .expect("a second bundle")
        .clone();
    files.0.get_mut(&name).expect("it")[500] ^= 1;
    assert_eq!(
        first_fault(&files, &checkpoint).expect("good tiles"),
        Some(256)
    );
    files.0 = good.clone();
    files.0.get_mut("tile/0/000").expect("a tile")[40] ^= 1;
    let found = first_fault(&files, &checkpoint);
    assert!(
        matches!(found, Err(_) | Ok(Some(1))),
        "a tile that the root does not cover: {found:?}"
    );
    let mut forged = note.clone();
    let at = forged.windows(1).position(|b| b == b"\n").expect("lines") + 1;
    forged[at] = if forged[at] == b'1' { b'2' } else { b'1' };
    assert!(signed(&forged, &key).is_none());
}
