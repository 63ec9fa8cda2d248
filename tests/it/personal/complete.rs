//! What the log shows as sealed is kept, or was destroyed by order: attacks A33 and A34.

use qonys::completeness::{Lack, Looked, look};
use qonys_events::{id::Ref, scalar::Position};
use sqlx::{Connection as _, PgConnection};

use super::{AT, destroy, law, person, recorded, slots};
use crate::support::register::{Lines, Register};

async fn looked(register: &Register) -> Looked {
    let looked = look(&register.log, &register.vault, &mut |_, _| {}).await;
    looked.expect("it is looked through")
}

/// Codes, positions and names of what is found.
fn found(looked: &Looked) -> Vec<(Lack, Position, String, Ref)> {
    let finding = |found: &qonys::completeness::Finding| {
        (
            found.code,
            found.position,
            found.name.to_string(),
            found.subject,
        )
    };
    looked.findings.iter().map(finding).collect()
}

async fn what_is_gone_without_an_order_is_found(register: Register) {
    let mut lines = Lines::new(85);
    register.must(&law(&mut lines)).await;
    let mut persons = Vec::new();
    for n in 1..=3 {
        let iin = crate::support::register::iin(n);
        let line = person(&mut lines, "Сынақ Сақталған", &iin);
        let stored = register.must(std::slice::from_ref(&line)).await;
        persons.push((recorded(&register, &stored).await, stored.positions[0]));
    }
    let whole = looked(&register).await;
    assert_eq!((whole.slots, whole.destroyed), (6, 0));
    assert_eq!(found(&whole), []);

    // By order: nothing is missing.
    let (gone, at) = persons[0];
    let texts = register.texts().await;
    let (command, shown) = slots(&texts[at.0 as usize - 1]);
    let sealed = register.log.sealed(command, &shown[0].name, gone).await;
    let sealed = sealed.expect("the log reads").expect("it stands");
    register.must(&destroy(&mut lines, &gone.to_string())).await;
    let ordered = looked(&register).await;
    assert_eq!((ordered.slots, ordered.destroyed), (6, 2));
    assert_eq!(found(&ordered), []);

    // Somebody puts back what was destroyed by order.
    if let Some(database) = &register.database {
        let mut owner = PgConnection::connect(&database.url())
            .await
            .expect("the owner");
        sqlx::query("INSERT INTO sealed.slots (hash, command_id, name, subject, bytes) VALUES ($1, $2, $3, $4, $5)")
            .bind(sealed.hash.0.as_slice())
            .bind(sealed.commandid.0)
            .bind(sealed.name.as_str())
            .bind(sealed.subject.0)
            .bind(&sealed.bytes)
            .execute(&mut owner)
            .await
            .expect("it is put back");
        let back = looked(&register).await;
        let place = (
            Lack::NotDestroyed,
            at,
            sealed.name.to_string(),
            sealed.subject,
        );
        assert_eq!(found(&back), [place]);
        register
            .dispatch
            .erase_again()
            .await
            .expect("it is destroyed again");
        assert_eq!(found(&looked(&register).await), []);
    }

    // Without one: sealed bytes of one person, keys of another.
    let (without_bytes, at_bytes) = persons[1];
    let (without_key, at_key) = persons[2];
    let deleted = register.log.destroy_sealed(&[without_bytes]).await;
    assert_eq!(deleted.expect("deleted"), 2);
    register
        .vault
        .destroy(&[(without_key, Position(1))])
        .await
        .expect("destroyed");
    let lacking = looked(&register).await;
    let expected = [
        (Lack::Sealed, at_bytes, "iin", without_bytes),
        (Lack::Sealed, at_bytes, "name", without_bytes),
        (Lack::Key, at_key, "iin", without_key),
        (Lack::Key, at_key, "name", without_key),
    ];
    let expected = expected.map(|(code, at, name, of)| (code, at, name.to_owned(), of));
    assert_eq!(found(&lacking), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_without_an_order_is_found_embedded() {
    what_is_gone_without_an_order_is_found(Register::embedded(AT).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_without_an_order_is_found_on_postgresql() {
    what_is_gone_without_an_order_is_found(Register::postgres(AT).await).await;
}
