//! The sealed bytes, read by nothing but the words of `docs/format.md`: what is stored today is read
//! by others, and by us in twenty years.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use qonys_events::slot::commitment;
use sha2::Sha256;

use super::{NAME, directory, disk, origin, plain, reference, seal_one, vault};

/// A tag and parts, each preceded by its length.
fn framed(parts: &[&str]) -> Vec<u8> {
    let part = |part: &&str| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat();
    parts.iter().flat_map(part).collect()
}

/// What an envelope holds: `01`, nonce, ciphertext, tag.
fn read(key: &[u8], aad: &[u8], envelope: &[u8]) -> Vec<u8> {
    assert_eq!(envelope[0], 1);
    let cipher = Aes256GcmSiv::new_from_slice(key).expect("32 bytes");
    let payload = Payload {
        msg: &envelope[13..],
        aad,
    };
    cipher
        .decrypt(Nonce::from_slice(&envelope[1..13]), payload)
        .expect("it opens")
}

#[tokio::test]
async fn sealed_bytes_are_as_the_format_says() {
    let dir = directory();
    let vault = vault(&dir).await;
    let sealed = seal_one(&vault, plain(1, "name", 7, NAME)).await;
    let (origin, command, person) = (origin(), reference(1), reference(7));
    let (command_text, person_text) = (command.to_string(), person.to_string());

    let key_file = std::fs::read_to_string(dir.path().join("vault.key")).expect("the key file");
    let digits = key_file
        .strip_prefix("qonys-vault-key/1\n1 ")
        .expect("its form")
        .trim_end();
    let digit = |place: usize| u8::from_str_radix(&digits[place..place + 2], 16).expect("digits");
    let wrapper: Vec<u8> = (0..digits.len()).step_by(2).map(digit).collect();
    let wrapped = &disk::keys(&dir).await[0].wrapped;
    let bound = framed(&[
        "qonys/data-key/1",
        origin.as_str(),
        "1",
        &person_text,
        "identity",
    ]);
    let data_key = read(&wrapper, &bound, wrapped);
    assert_eq!(data_key.len(), 32);

    let binding = |tag| framed(&[tag, origin.as_str(), &command_text, "name", &person_text]);
    let mut slot_key = [0; 32];
    Hkdf::<Sha256>::new(None, &data_key)
        .expand(&binding("qonys/slot-key/1"), &mut slot_key)
        .expect("one round");
    let opened = read(&slot_key, &binding("qonys/sealed/1"), &sealed.bytes);
    let (salt, padded) = opened.split_at(32);
    let length = NAME.len();
    assert_eq!(padded.len(), 64);
    assert_eq!(padded[..4], (length as u32).to_be_bytes());
    assert_eq!(&padded[4..4 + length], NAME.as_bytes());
    assert!(padded[4 + length..].iter().all(|&byte| byte == 0));
    let name = "name".parse().expect("a slot name");
    let committed = commitment(&origin, command, &name, person, salt, NAME.as_bytes());
    assert_eq!(committed, sealed.slot.commitment);
}
