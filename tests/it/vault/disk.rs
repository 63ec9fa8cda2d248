//! The vault's files: who may read them, what they show, what happens when one is lost or shared.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use qonys::{
    clock::Entropy,
    vault::{Vault, VaultError},
};
use qonys_events::{digest::Sha256Hex, id::Ref, term::SlotCategory};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{IIN, NAME, directory, origin, plain, reference, seal_one, vault};

/// A row of the key store, read beside the vault.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyRow {
    pub(super) subject: Ref,
    pub(super) category: SlotCategory,
    pub(super) epoch: u32,
    pub(super) wrapped: Vec<u8>,
}

async fn connection(dir: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(dir.path().join("vault.sqlite"));
    options.connect().await.expect("the key store opens")
}

/// Every key, by owner.
pub(super) async fn keys(dir: &TempDir) -> Vec<KeyRow> {
    let mut connection = connection(dir).await;
    let rows: Vec<(String, String, u32, Vec<u8>)> = sqlx::query_as(
        "SELECT subject, category, epoch, wrapped FROM keys ORDER BY subject, category",
    )
    .fetch_all(&mut connection)
    .await
    .expect("the keys are there");
    connection.close().await.expect("it closes");
    let row = |(subject, category, epoch, wrapped): (String, String, _, _)| KeyRow {
        subject: subject.parse().expect("a reference"),
        category: category.parse().expect("a category"),
        epoch,
        wrapped,
    };
    rows.into_iter().map(row).collect()
}

async fn execute(dir: &TempDir, sql: &str) {
    let mut connection = connection(dir).await;
    sqlx::raw_sql(sql)
        .execute(&mut connection)
        .await
        .expect("it runs");
    connection.close().await.expect("it closes");
}

/// Why the vault of this directory does not open.
async fn refusal(dir: &TempDir) -> VaultError {
    let opened = Vault::open(dir.path(), &origin(), Entropy::System).await;
    opened.err().expect("it is refused")
}

#[track_caller]
fn is_key_file(error: &VaultError, said: &str) {
    let VaultError::KeyFile { path, reason } = error else {
        panic!("another refusal: {error}");
    };
    assert!(
        path.ends_with("vault.key") && reason.contains(said),
        "{error}"
    );
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Everything in the directory, by file name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, fs::read(path).expect("a file"))
    };
    fs::read_dir(dir)
        .expect("the directory")
        .map(read)
        .collect()
}

/// Attack A37, A38 as far as the vault goes.
#[tokio::test]
async fn no_file_and_no_sealed_byte_shows_a_value() {
    let dir = directory();
    let vault = vault(&dir).await;
    let items = [
        plain(1, "name", 7, NAME),
        plain(1, "iin", 7, IIN),
        plain(1, "name", 8, NAME),
    ];
    let sealed = vault.seal(&items).await.expect("they seal");
    let mut places = files(dir.path());
    let names: Vec<_> = places.iter().map(|(name, _)| name.clone()).collect();
    for name in ["vault.key", "vault.sqlite", "vault.sqlite-wal"] {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
    let in_wal = |needle: &[u8]| {
        places
            .iter()
            .any(|(name, bytes)| name.ends_with("-wal") && contains(bytes, needle))
    };
    assert!(
        in_wal(reference(7).to_string().as_bytes()),
        "the scan sees what is there"
    );

    places.extend(
        sealed
            .iter()
            .map(|sealed| ("sealed bytes".to_owned(), sealed.bytes.clone())),
    );
    let texts = NAME.split(' ').chain([NAME, IIN]);
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let mut needles: Vec<_> = texts
        .flat_map(|text| [text.as_bytes().to_vec(), wide(text)])
        .collect();
    needles.push(Sha256Hex::of(IIN.as_bytes()).0.to_vec());
    needles.push(Sha256Hex::of(IIN.as_bytes()).to_string().into_bytes());
    for (name, bytes) in &places {
        for needle in &needles {
            assert!(!contains(bytes, needle), "{name} shows a value");
        }
    }
    // Nor does the key store hold the key that wraps its keys.
    let key_file = fs::read_to_string(dir.path().join("vault.key")).expect("the key file");
    let digits = key_file
        .trim_end()
        .rsplit(' ')
        .next()
        .expect("a key")
        .to_owned();
    let key = digits
        .parse::<Sha256Hex>()
        .expect("32 bytes in hexadecimal")
        .0;
    for (name, bytes) in places.iter().filter(|(name, _)| name != "vault.key") {
        assert!(
            !contains(bytes, &key) && !contains(bytes, digits.as_bytes()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_files_are_closed_to_others() {
    let outer = directory();
    let dir = outer.path().join("deep/data");
    let vault = Vault::open(&dir, &origin(), Entropy::System)
        .await
        .expect("it opens");
    seal_one(&vault, plain(1, "name", 7, NAME)).await;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for (name, _) in files(&dir) {
        assert_eq!(mode(&dir.join(&name)), 0o600, "{name}");
    }
    assert!(!dir.join("vault.key.new").exists());
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused() {
    let dir = directory();
    drop(vault(&dir).await);
    let path = dir.path().join("vault.key");
    for mode in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the mode changes");
        is_key_file(&refusal(&dir).await, "chmod 600");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("the mode changes");
    drop(vault(&dir).await);
}

#[tokio::test]
async fn a_lost_or_foreign_key_file_is_never_replaced() {
    let (dir, other) = (directory(), directory());
    let vault = (vault(&dir).await, super::vault(&other).await);
    let sealed = seal_one(&vault.0, plain(1, "name", 7, NAME)).await;
    drop(vault);
    let path = dir.path().join("vault.key");
    let key = fs::read_to_string(&path).expect("the key file");

    fs::remove_file(&path).expect("it goes");
    is_key_file(&refusal(&dir).await, "missing");
    assert!(!path.exists(), "no other key took its place");
    fs::copy(other.path().join("vault.key"), &path).expect("another takes its place");
    is_key_file(&refusal(&dir).await, "not the key");
    for broken in [
        "",
        &key[..40],
        &key.replace("key/1", "key/2"),
        &format!("{key}{key}"),
    ] {
        fs::write(&path, broken).expect("it breaks");
        is_key_file(&refusal(&dir).await, "does not hold a key");
    }
    fs::write(&path, &key).expect("it is back");
    let vault = super::vault(&dir).await;
    let back = vault
        .unseal(&sealed.slot, reference(1), &sealed.bytes)
        .await;
    assert_eq!(back.expect("it opens").as_str(), NAME);
}

#[tokio::test]
async fn a_key_that_is_gone_or_moved_says_so() {
    let dir = directory();
    let vault = vault(&dir).await;
    let items = [plain(1, "name", 7, NAME), plain(1, "name", 8, NAME)];
    let sealed = vault.seal(&items).await.expect("they seal");
    let (subject, category) = (reference(7), SlotCategory::Identity);
    let opened = async || {
        let opened = vault
            .unseal(&sealed[0].slot, reference(1), &sealed[0].bytes)
            .await;
        opened.expect_err("its key is not there")
    };

    let other = "(SELECT wrapped FROM keys WHERE subject LIKE '%8')";
    execute(
        &dir,
        &format!("UPDATE keys SET wrapped = {other} WHERE subject LIKE '%7'"),
    )
    .await;
    assert_eq!(
        opened().await,
        VaultError::Unwrap {
            subject,
            category,
            epoch: 1
        }
    );
    let again = vault.seal(&[plain(2, "name", 7, NAME)]).await;
    assert!(
        again.err()
            == Some(VaultError::Unwrap {
                subject,
                category,
                epoch: 1
            })
    );
    execute(&dir, "DELETE FROM keys WHERE subject LIKE '%7'").await;
    assert_eq!(opened().await, VaultError::KeyMissing { subject, category });
    let other = vault
        .unseal(&sealed[1].slot, reference(1), &sealed[1].bytes)
        .await;
    assert_eq!(other.expect("the other person's opens").as_str(), NAME);
}
