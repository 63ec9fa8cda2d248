//! Many callers and two processes at once: one key each, and everybody reads it.

use qonys::vault::Vault;

use super::{IIN, NAME, directory, disk::keys, plain, reference, seal_one, vault};

/// Two processes of one host: each with connections of its own, from an empty directory on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_vaults_at_once_make_one_key() {
    const PERSONS: u128 = 40;
    let dir = directory();
    let (one, two) = tokio::join!(vault(&dir), vault(&dir));
    let sealing = |vault: Vault, command: u128| {
        tokio::spawn(async move {
            let mut sealed = Vec::new();
            for person in 1..=PERSONS {
                sealed.push(seal_one(&vault, plain(command, "name", person, NAME)).await);
            }
            sealed
        })
    };
    let (of_one, of_two) = tokio::join!(sealing(one.clone(), 1), sealing(two.clone(), 2));
    let (of_one, of_two) = (of_one.expect("it ends"), of_two.expect("it ends"));
    let keys = keys(&dir).await;
    assert_eq!(keys.len() as u128, PERSONS);
    for (vault, command, sealed) in [(&two, 1, &of_one), (&one, 2, &of_two)] {
        for sealed in sealed {
            let opened = vault
                .unseal(&sealed.slot, reference(command), &sealed.bytes)
                .await;
            assert_eq!(opened.expect("the other vault opens it").as_str(), NAME);
        }
    }
}

/// Calls at the same time gather in few transactions, and each gets its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_once_all_get_their_keys() {
    let dir = directory();
    let vault = vault(&dir).await;
    let sealing = (1..=64_u128).map(|caller| {
        let vault = vault.clone();
        // Person 100 is in every call, the other one in none but its own.
        let items = [
            plain(caller, "name", 100, NAME),
            plain(caller, "name", 1_000 + caller, IIN),
        ];
        tokio::spawn(async move { (caller, vault.seal(&items).await.expect("they seal")) })
    });
    for task in sealing.collect::<Vec<_>>() {
        let (caller, sealed) = task.await.expect("it ends");
        for (sealed, text) in sealed.iter().zip([NAME, IIN]) {
            let opened = vault
                .unseal(&sealed.slot, reference(caller), &sealed.bytes)
                .await;
            assert_eq!(opened.expect("it opens").as_str(), text);
        }
    }
    assert_eq!(keys(&dir).await.len(), 65);
}
