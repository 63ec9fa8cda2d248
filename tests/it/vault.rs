//! The vault: what it seals opens for whom it was sealed, and shows nothing to anybody else.

mod binding;
mod disk;
mod format;
mod sharing;
mod token;

use std::collections::HashSet;

use qonys::{
    clock::Entropy,
    vault::{Plain, Sealed, Vault, VaultError},
};
use qonys_events::{
    digest::Sha256Hex,
    id::{Origin, Ref},
    term::SlotCategory,
};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

const NAME: &str = "Әйгерім Қасымқызы Нұрғалиева";
const IIN: &str = "850101100012";

fn origin() -> Origin {
    "qonys/test/1".parse().expect("an origin")
}

/// The person, command … of this number.
fn reference(number: u128) -> Ref {
    Ref(Uuid::from_u128(number))
}

fn plain(command: u128, name: &str, subject: u128, text: &str) -> Plain {
    Plain {
        commandid: reference(command),
        name: name.parse().expect("a slot name"),
        subject: reference(subject),
        category: SlotCategory::Identity,
        plaintext: Zeroizing::new(text.to_owned()),
    }
}

async fn vault(dir: &TempDir) -> Vault {
    opened(dir, Entropy::System).await
}

async fn opened(dir: &TempDir, entropy: Entropy) -> Vault {
    Vault::open(dir.path(), &origin(), entropy)
        .await
        .expect("the vault opens")
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

async fn seal_one(vault: &Vault, item: Plain) -> Sealed {
    let sealed = vault.seal(&[item]).await.expect("it seals");
    sealed.into_iter().next().expect("one for one")
}

#[tokio::test]
async fn what_was_sealed_opens() {
    let (dir, longest) = (directory(), "ұ".repeat(65_532 / 2));
    let vault = vault(&dir).await;
    let texts = [
        "",
        IIN,
        NAME,
        &"x".repeat(60),
        &"x".repeat(61),
        "nul\0inside",
        &longest,
    ];
    let items: Vec<_> = texts.iter().map(|text| plain(1, "name", 7, text)).collect();
    let sealed = vault.seal(&items).await.expect("they seal");
    assert_eq!(sealed.len(), texts.len());
    for (text, Sealed { slot, hash, bytes }) in texts.iter().zip(&sealed) {
        assert_eq!(*hash, Sha256Hex::of(bytes));
        assert_eq!((slot.sealed, slot.subject), (*hash, reference(7)));
        assert_eq!(slot.scheme.as_str(), "aes-256-gcm-siv.1");
        let back = vault
            .unseal(slot, reference(1), bytes)
            .await
            .expect("it opens");
        assert!(back.as_str() == *text);
    }
    assert!(vault.seal(&[]).await.expect("nothing is sealed").is_empty());
}

#[tokio::test]
async fn a_value_that_is_too_long_seals_nothing() {
    let dir = directory();
    let vault = vault(&dir).await;
    let items = [
        plain(1, "name", 7, NAME),
        plain(1, "note", 8, &"x".repeat(65_533)),
    ];
    let error = vault.seal(&items).await.err().expect("it is refused");
    let name = items[1].name.clone();
    assert_eq!(
        error,
        VaultError::TooLong {
            name,
            bytes: 65_533
        }
    );
    assert!(disk::keys(&dir).await.is_empty());
}

#[tokio::test]
async fn one_person_has_one_key_per_category() {
    let dir = directory();
    let vault = vault(&dir).await;
    let first = seal_one(&vault, plain(1, "name", 7, NAME)).await;
    let key = disk::keys(&dir).await;
    assert_eq!(key.len(), 1);
    let second = seal_one(&vault, plain(2, "name", 7, NAME)).await;
    assert_eq!(
        disk::keys(&dir).await,
        key,
        "the second value is under the same key"
    );
    assert!(first.bytes != second.bytes && first.slot.commitment != second.slot.commitment);

    let category = SlotCategory::Residence;
    let address = Plain {
        category,
        ..plain(2, "address", 7, "Абай даңғылы 10, 5-пәтер")
    };
    // Two people in one command, and one of them with another category.
    vault
        .seal(&[address, plain(2, "name", 8, NAME)])
        .await
        .expect("they seal");
    let keys = disk::keys(&dir).await;
    let owners: Vec<_> = keys.iter().map(|key| (key.subject, key.category)).collect();
    let (identity, residence) = (SlotCategory::Identity, SlotCategory::Residence);
    let (seventh, eighth) = (reference(7), reference(8));
    assert_eq!(
        owners,
        [
            (seventh, identity),
            (seventh, residence),
            (eighth, identity)
        ]
    );
    let wrapped: HashSet<_> = keys.iter().map(|key| &key.wrapped).collect();
    assert_eq!(wrapped.len(), 3);
    assert!(keys.iter().all(|key| key.epoch == 1));
}

#[tokio::test]
async fn the_size_shows_a_bucket_and_not_a_length() {
    let dir = directory();
    let vault = vault(&dir).await;
    // Header 1, nonce 12, salt 32, tag 16; the length takes four bytes of the bucket.
    let buckets = [
        (0, 64),
        (12, 64),
        (60, 64),
        (61, 128),
        (124, 128),
        (125, 256),
        (65_532, 65_536),
    ];
    for (length, bucket) in buckets {
        let sealed = seal_one(&vault, plain(1, "name", 7, &"x".repeat(length))).await;
        assert_eq!(sealed.bytes.len(), 61 + bucket, "{length} bytes");
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_bytes() {
    let items = || {
        let first = vec![plain(1, "name", 7, NAME), plain(1, "iin", 7, IIN)];
        let second = vec![plain(2, "name", 7, NAME), plain(2, "name", 8, NAME)];
        [first, second]
    };
    let dirs = [directory(), directory(), directory()];
    let mut runs = Vec::new();
    // The second run of the first directory finds its keys there, and changes nothing.
    for (dir, seed) in [(&dirs[0], 1), (&dirs[1], 1), (&dirs[0], 1), (&dirs[2], 2)] {
        let entropy = Entropy::seeded(seed);
        let vault = opened(dir, entropy.clone()).await;
        let mut sealed = Vec::new();
        for batch in items() {
            sealed.extend(vault.seal(&batch).await.expect("they seal"));
        }
        let rest: [u8; 32] = entropy.bytes();
        let key_file = std::fs::read(dir.path().join("vault.key")).expect("the key file");
        runs.push((sealed, rest, disk::keys(dir).await, key_file));
    }
    assert!(runs[0] == runs[1] && runs[0] == runs[2]);
    let (one, other) = (&runs[0], &runs[3]);
    assert!(one.0[0].bytes != other.0[0].bytes && one.2 != other.2 && one.3 != other.3);
}

#[test]
fn a_plain_value_prints_without_its_text() {
    let printed = format!("{:?}", plain(1, "name", 7, NAME));
    assert!(printed.contains("name") && printed.contains(&reference(7).to_string()));
    assert!(!printed.contains("Әйгерім"));
}
