//! Attacks on sealed bytes: moved, altered, exchanged.

use qonys::{
    clock::Entropy,
    vault::{Vault, VaultError, VaultPlace},
};
use qonys_events::{digest::Sha256Hex, id::Origin, scalar::Position, slot::Slot};

use super::{IIN, NAME, directory, origin, plain, reference, seal_one, vault};

/// Unseals a slot over bytes that claim to be its own.
async fn forge(vault: &Vault, slot: &Slot, command: u128, bytes: &[u8]) -> VaultError {
    let slot = Slot {
        sealed: Sha256Hex::of(bytes),
        ..slot.clone()
    };
    vault
        .unseal(&slot, reference(command), bytes)
        .await
        .expect_err("a forgery")
}

fn is_sealed(error: &VaultError) -> bool {
    matches!(error, VaultError::Sealed(_))
}

/// Attack A30.
#[tokio::test]
async fn sealed_bytes_of_another_place_do_not_open() {
    let dir = directory();
    let vault = vault(&dir).await;
    let own = plain(1, "name", 7, NAME);
    let others = [
        plain(2, "name", 7, NAME),
        plain(1, "iin", 7, IIN),
        plain(1, "name", 8, NAME),
    ];
    let own = seal_one(&vault, own).await;
    for other in vault.seal(&others).await.expect("they seal") {
        let swapped = vault.unseal(&own.slot, reference(1), &other.bytes).await;
        assert_eq!(
            swapped.expect_err("other bytes"),
            VaultError::Sealed("their hash is another one")
        );
        assert!(is_sealed(&forge(&vault, &own.slot, 1, &other.bytes).await));
    }
    assert!(
        is_sealed(&forge(&vault, &own.slot, 2, &own.bytes).await),
        "of another command"
    );
    let slot = Slot {
        name: "iin".parse().expect("a name"),
        ..own.slot.clone()
    };
    assert!(
        is_sealed(&forge(&vault, &slot, 1, &own.bytes).await),
        "of another slot"
    );
    let slot = Slot {
        subject: reference(8),
        ..own.slot.clone()
    };
    assert!(
        is_sealed(&forge(&vault, &slot, 1, &own.bytes).await),
        "of another person"
    );
    let slot = Slot {
        scheme: "none".parse().expect("a name"),
        ..own.slot.clone()
    };
    assert!(
        is_sealed(&forge(&vault, &slot, 1, &own.bytes).await),
        "of another scheme"
    );

    // The same names, the same ids and the same key, in another log.
    drop(vault);
    let elsewhere: Origin = "qonys/elsewhere/1".parse().expect("an origin");
    let foreign = Vault::open(dir.path(), &elsewhere, Entropy::System).await;
    let expected = VaultError::Foreign {
        found: origin().to_string(),
        expected: elsewhere,
    };
    assert_eq!(foreign.err().expect("it is refused"), expected);
}

/// Attack A29.
#[tokio::test]
async fn no_byte_can_change() {
    let dir = directory();
    let vault = vault(&dir).await;
    let sealed = seal_one(&vault, plain(1, "name", 7, NAME)).await;
    for place in 0..sealed.bytes.len() {
        let mut bytes = sealed.bytes.clone();
        bytes[place] ^= 1;
        assert!(
            is_sealed(&forge(&vault, &sealed.slot, 1, &bytes).await),
            "byte {place}"
        );
    }
    for length in 0..sealed.bytes.len() {
        let error = forge(&vault, &sealed.slot, 1, &sealed.bytes[..length]).await;
        assert!(is_sealed(&error), "{length} bytes");
    }
    let longer = [&sealed.bytes[..], &[0]].concat();
    assert!(is_sealed(&forge(&vault, &sealed.slot, 1, &longer).await));
    let intact = vault
        .unseal(&sealed.slot, reference(1), &sealed.bytes)
        .await;
    assert_eq!(intact.expect("it opens").as_str(), NAME);
}

/// Attacks A31 and A32: other bytes open well under the right key, for the right place.
#[tokio::test]
async fn another_value_than_the_committed_one_does_not_pass() {
    let dir = directory();
    let vault = vault(&dir).await;
    let committed = seal_one(&vault, plain(1, "name", 7, "Айгуль")).await;
    let other = seal_one(&vault, plain(1, "name", 7, "Айгүль")).await;
    let error = forge(&vault, &committed.slot, 1, &other.bytes).await;
    assert_eq!(error, VaultError::Commitment);
    // The same value under another salt is another sealing, and not the committed one.
    let again = seal_one(&vault, plain(1, "name", 7, "Айгуль")).await;
    let error = forge(&vault, &committed.slot, 1, &again.bytes).await;
    assert_eq!(error, VaultError::Commitment);
}

/// What a register sealed in one incarnation opens in the next, and is bound to its own all the same.
#[tokio::test]
async fn a_vault_that_goes_on_opens_what_each_incarnation_sealed() {
    let dir = directory();
    let first = vault(&dir).await;
    let before = seal_one(&first, plain(1, "name", 7, NAME)).await;
    let next: Origin = "qonys/test/2".parse().expect("an origin");
    let place = VaultPlace::files(dir.path());
    let on = Vault::open_among(&place, (&origin(), &[next]), Entropy::System).await;
    let on = on.expect("it goes on");
    let after = seal_one(&on, plain(2, "name", 7, NAME)).await;
    for (command, sealed) in [(1, &before), (2, &after)] {
        let opened = on
            .unseal(&sealed.slot, reference(command), &sealed.bytes)
            .await;
        assert_eq!(opened.expect("it opens").as_str(), NAME);
    }
    // The first incarnation knows of no later one.
    let refused = first.unseal(&after.slot, reference(2), &after.bytes).await;
    assert!(is_sealed(&refused.expect_err("it is of another one")));
    on.destroy(&[(reference(7), Position(9))])
        .await
        .expect("it destroys");
    for (command, sealed) in [(1, &before), (2, &after)] {
        let gone = on
            .unseal(&sealed.slot, reference(command), &sealed.bytes)
            .await;
        assert!(
            matches!(gone, Err(VaultError::KeyMissing { .. })),
            "{gone:?}"
        );
    }
}
