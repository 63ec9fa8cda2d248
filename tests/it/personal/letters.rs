//! What a journal of documents seals is destroyed too: with the person whom the document names, or by the reference of whoever
//! only sent it, or was sent it.

use qonys::{
    completeness::look,
    personal::{Closed, Personal},
};
use qonys_events::id::Ref;
use serde_json::{Value, json};

use super::{AT, NAME, destroy, law, opens, person, recorded, slots};
use crate::support::register::{Lines, Register};

/// The office of these lines, with their two officials.
fn office(lines: &mut Lines) -> Vec<Value> {
    let order = json!({"number": "1", "dated": "2023-01-10"});
    let office = json!({"office": lines.office, "titles": {"en": "an akimat"}, "territories": ["pavlodar"], "order": order});
    let mut all = vec![lines.on("2023-01-10", "register-office", &office)];
    for official in 1..=2 {
        let appoint = json!({"office": lines.office, "official": format!("a0b1c2d3-0000-4000-8000-{official:012}"),
            "role": "quota-officer", "powers": [], "order": order});
        all.push(lines.on("2023-01-10", "appoint-official", &appoint));
    }
    all
}

/// A letter that came in, for whom it names.
async fn letter(register: &Register, lines: &mut Lines, of: Option<Ref>) -> (Ref, Vec<String>) {
    let mut came = json!({"kind": "letter", "language": "kk", "sha256": "22".repeat(32)});
    if let Some(of) = of {
        came["person"] = json!(of);
    }
    let mut line = lines.on("2024-01-10", "register-incoming", &came);
    line["personal"] = json!({"number": "12/3", "sender": NAME});
    let stored = register.must(&[line]).await;
    let text = register
        .texts()
        .await
        .swap_remove(stored.positions[0].0 as usize - 1);
    let (_, slots) = slots(&text);
    assert_eq!(slots.len(), 2);
    assert!(slots.iter().all(|slot| slot.subject == slots[0].subject));
    (slots[0].subject, vec![text])
}

async fn letters_are_destroyed(register: Register) {
    let mut lines = Lines::new(88);
    register.must(&law(&mut lines)).await;
    let line = person(
        &mut lines,
        "Сынақ Хат Жазушы",
        &crate::support::register::iin(3),
    );
    let of = recorded(&register, &register.must(&[line]).await).await;
    register.must(&office(&mut lines)).await;
    let (named, of_named) = letter(&register, &mut lines, Some(of)).await;
    let (alone, of_alone) = letter(&register, &mut lines, None).await;
    assert_eq!(named, of);
    assert_ne!(alone, of);
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    for (subject, texts) in [(named, &of_named), (alone, &of_alone)] {
        let opened = opens(&register, texts, subject).await;
        let values: Vec<String> = opened
            .into_iter()
            .map(|value| value.expect("it opens"))
            .collect();
        assert!(values.contains(&NAME.to_owned()), "{values:?}");
        register
            .must(&destroy(&mut lines, &subject.to_string()))
            .await;
        let opened = opens(&register, texts, subject).await;
        assert!(opened.iter().all(Result::is_err), "{opened:?}");
        let (command, slots) = slots(&texts[0]);
        for slot in &slots {
            let told = personal.slot(slot, command).await;
            assert!(matches!(told, Err(Closed::Destroyed)), "{told:?}");
        }
        let owners: Vec<_> = slots
            .iter()
            .map(|slot| (slot.subject, slot.category))
            .collect();
        let without = register
            .vault
            .without_key(&owners)
            .await
            .expect("an answer");
        assert!(owners.iter().all(|owner| without.contains(owner)));
    }
    // Nothing that the log shows is missing without an order, or there in spite of one.
    let looked = look(&register.log, &register.vault, &mut |_, _| {}).await;
    let looked = looked.expect("it is looked through");
    assert!(looked.findings.is_empty(), "{:?}", looked.findings);
    assert_eq!(looked.destroyed, looked.slots);
}

#[tokio::test]
async fn p7_what_a_journal_seals_is_destroyed_too_on_the_embedded_store() {
    letters_are_destroyed(Register::embedded(AT).await).await;
}

#[tokio::test]
async fn p7_what_a_journal_seals_is_destroyed_too_on_postgresql() {
    letters_are_destroyed(Register::postgres(AT).await).await;
}
