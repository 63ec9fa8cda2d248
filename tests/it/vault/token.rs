//! Key-encryption keys in a token (PKCS#11): SoftHSM2, which `cargo xtask test` installs and names. Elsewhere the tests say
//! that they were skipped.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    object::{Attribute, AttributeType, ObjectClass},
    session::{Session, UserType},
    types::AuthPin,
};
use qonys::{
    clock::Entropy,
    vault::{Keeper, TokenPlace, Vault, VaultError, VaultPlace},
};
use tempfile::TempDir;

use super::{NAME, directory, disk::keys, origin, plain, reference, seal_one};

const PIN: &str = "synthetic-1800";

/// A new token, and the file with its PIN. None where no library is named.
fn token(dir: &TempDir, label: &str) -> Option<TokenPlace> {
    let Some(module) = std::env::var_os("QONYS_TEST_PKCS11_MODULE") else {
        // Past the harness, which keeps to itself what a passing test says.
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: QONYS_TEST_PKCS11_MODULE names no library (cargo xtask test does)"
        );
        said.expect("stderr is open");
        return None;
    };
    let module = PathBuf::from(module);
    // A free slot is taken by one at a time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let pkcs11 = library(&module);
    let slots = pkcs11.get_slots_with_token().expect("slots");
    let free = *slots.last().expect("SoftHSM2 has a free slot");
    let officer = AuthPin::from("officer".to_owned());
    pkcs11
        .init_token(free, &officer, label)
        .expect("a new token");
    let session = session(&pkcs11, label);
    session.login(UserType::So, Some(&officer)).expect("login");
    session
        .init_pin(&AuthPin::from(PIN.to_owned()))
        .expect("a PIN");
    session.logout().expect("logout");
    let pin_file = dir.path().join("pin");
    fs::write(&pin_file, format!("{PIN}\n")).expect("a file");
    fs::set_permissions(&pin_file, fs::Permissions::from_mode(0o600)).expect("closed");
    Some(TokenPlace {
        module,
        token: label.to_owned(),
        pin_file,
    })
}

fn library(module: &Path) -> Pkcs11 {
    let pkcs11 = Pkcs11::new(module).expect("the library loads");
    match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => pkcs11,
        Err(error) => panic!("{error}"),
    }
}

fn session(pkcs11: &Pkcs11, label: &str) -> Session {
    let slots = pkcs11.get_slots_with_token().expect("slots");
    let slot = slots.into_iter().find(|slot| {
        let info = pkcs11.get_token_info(*slot);
        info.is_ok_and(|info| info.label() == label)
    });
    pkcs11
        .open_rw_session(slot.expect("the token"))
        .expect("a session")
}

async fn open(dir: &TempDir, at: &TokenPlace) -> Result<Vault, VaultError> {
    let place = VaultPlace {
        keeper: Keeper::Token(at.clone()),
        ..VaultPlace::files(dir.path())
    };
    Vault::open_at(&place, &origin(), Entropy::System).await
}

/// Epochs of the keys in a token, and whether one of them could leave it.
fn held(at: &TokenPlace) -> (Vec<Vec<u8>>, bool) {
    let session = session(&library(&at.module), &at.token);
    match session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned()))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
        Err(error) => panic!("{error}"),
    }
    let found = session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)]);
    let (mut ids, mut leaves) = (Vec::new(), false);
    for handle in found.expect("objects") {
        let asked = [AttributeType::Id, AttributeType::Extractable];
        for attribute in session.get_attributes(handle, &asked).expect("attributes") {
            match attribute {
                Attribute::Id(id) => ids.push(id),
                Attribute::Extractable(may) => leaves |= may,
                _ => {}
            }
        }
        leaves |= session
            .get_attributes(handle, &[AttributeType::Value])
            .is_ok_and(|values| !values.is_empty());
    }
    ids.sort();
    (ids, leaves)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_wrapped_in_a_token_and_rolled_there() {
    let dir = directory();
    let Some(at) = token(&dir, "qonys-rolled") else {
        return;
    };
    let vault = open(&dir, &at).await.expect("the vault opens");
    let sealed = seal_one(&vault, plain(1, "name", 7, NAME)).await;
    assert!(!dir.path().join("vault.key").exists(), "no key in a file");
    assert_eq!(held(&at), (vec![vec![0, 0, 0, 1]], false));
    let wrapped = keys(&dir).await;
    assert!(
        !wrapped.is_empty() && wrapped.iter().all(|key| key.wrapped.first() == Some(&2)),
        "wrapped by the token"
    );
    let opened = |vault: Vault| {
        let (slot, bytes) = (sealed.slot.clone(), sealed.bytes.clone());
        async move { vault.unseal(&slot, reference(1), &bytes).await }
    };
    // Another process of the same host, and one after a restart.
    let again = open(&dir, &at).await.expect("it opens again");
    assert_eq!(opened(again).await.expect("it opens").as_str(), NAME);

    vault.write_back().await.expect("written");
    let old = directory();
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"] {
        // What is not there is not copied.
        let _ = fs::copy(dir.path().join(name), old.path().join(name));
    }
    let rolled = vault.roll(|_| {}).await.expect("it rolls");
    assert_eq!(rolled.epoch, 2);
    assert_eq!(held(&at), (vec![vec![0, 0, 0, 2]], false));
    assert_eq!(
        opened(vault.clone()).await.expect("it opens").as_str(),
        NAME
    );

    // A copy from before the roll opens nothing: its key is gone from the token.
    let refused = open(&old, &at).await.err().expect("it is refused");
    assert!(
        refused.to_string().contains("no key of epoch 1"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_does_not_fit_is_refused() {
    let dir = directory();
    let Some(at) = token(&dir, "qonys-first") else {
        return;
    };
    drop(open(&dir, &at).await.expect("the vault opens"));
    let refusal = async |at: &TokenPlace| {
        let error = open(&dir, at).await.err().expect("it is refused");
        error.to_string()
    };
    let other = token(&dir, "qonys-second").expect("another token");
    let said = refusal(&other).await;
    assert!(
        said.contains("qonys-second") && said.contains("epoch 1"),
        "{said}"
    );
    let nowhere = TokenPlace {
        token: "qonys-nowhere".to_owned(),
        ..at.clone()
    };
    let said = refusal(&nowhere).await;
    assert!(said.contains("no slot has a token of this label"), "{said}");
    let missing = TokenPlace {
        module: "/nowhere/pkcs11.so".into(),
        ..at.clone()
    };
    let said = refusal(&missing).await;
    assert!(said.contains("/nowhere/pkcs11.so"), "{said}");

    // The vault remembers who held its keys.
    let by_file = Vault::open(dir.path(), &origin(), Entropy::System).await;
    let said = by_file.err().expect("it is refused").to_string();
    assert!(
        said.contains("`pkcs11`") && said.contains("`file`"),
        "{said}"
    );

    fs::set_permissions(&at.pin_file, fs::Permissions::from_mode(0o644)).expect("open");
    let library_of_its_own = TokenPlace {
        token: "qonys-first".to_owned(),
        ..at.clone()
    };
    let said = refusal(&library_of_its_own).await;
    assert!(said.contains("chmod 600") && !said.contains(PIN), "{said}");
}
