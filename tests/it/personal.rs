//! Promise P7: a person's data can be destroyed for good while the log, its proofs and every count stay what they are; who is
//! recorded twice is one person; what was destroyed does not come back with a backup.

mod complete;
mod identity;
mod letters;
mod restored;
mod scan;
mod told;

use qonys::{
    dispatch::Outcome,
    personal::{Closed, Personal},
    vault::VaultError,
};
use qonys_events::{entry::Entry, id::Ref, scalar::Position, slot::Slot};
use serde_json::{Value, json};

use crate::support::register::{Lines, Register, answer};

const AT: &str = "2025-06-02T06:00:00.000000Z";
const NAME: &str = "Сынақ Жойылған";
const ADDRESS: &str = "Сынақ көшесі 7, 12-пәтер";
const H: &str = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

/// What the duties need of the law, and a calendar.
fn law(lines: &mut Lines) -> Vec<Value> {
    let mut all = lines.opening("simulated");
    for (name, value) in [
        ("personal-data.working-days", "1"),
        ("personal-data.destruction-ground.relation-ended", "2"),
        ("personal-data.archive.months", "12"),
    ] {
        all.push(lines.line(
            "record-norm",
            &json!({"norm": name, "document": "law-477-2011", "point": "18", "value": value, "unit": "a-unit",
                "from": "2011-07-22", "certainty": "assumed", "source": "test"}),
        ));
    }
    let calendar = json!({"year": "2025", "weekly_rest": ["saturday", "sunday"], "days_off": ["2025-01-01"], "synthetic": true,
        "source": "test"});
    all.push(lines.line("record-calendar", &calendar));
    all
}

/// A person with this IIN.
fn person(lines: &mut Lines, name: &str, iin: &str) -> Value {
    let mut line = lines.on("2024-01-10", "record-person", &json!({"kind": "citizen"}));
    line["personal"] = json!({"name": name, "iin": iin});
    line
}

/// What destroys a subject's data: a proposal, and the order of another official.
fn destroy_of(lines: &mut Lines, of: &str, subject: &str) -> [Value; 2] {
    let data = json!({"of": of, "subject": subject, "ground": "relation-ended", "document": H, "requested_on": "2025-06-02"});
    let order = json!({"of": of, "subject": subject});
    [
        lines.line("propose-destruction", &data),
        lines.line("destroy-personal-data", &order),
    ]
}

fn destroy(lines: &mut Lines, person: &str) -> [Value; 2] {
    destroy_of(lines, "person", person)
}

/// The slots of an entry, with its command.
fn slots(text: &str) -> (Ref, Vec<Slot>) {
    let entry = Entry::parse(text).expect("an entry");
    let data: Value = serde_json::from_str(&entry.event.fact.write_data()).expect("JSON");
    let slots = serde_json::from_value(data["slots"].clone()).unwrap_or_default();
    (entry.command.commandid, slots)
}

/// The person that a command recorded.
async fn recorded(register: &Register, stored: &qonys::dispatch::Stored) -> Ref {
    let texts = register.texts().await;
    let text = &texts[stored.positions[0].0 as usize - 1];
    let entry = Entry::parse(text).expect("an entry");
    qonys_domain::decide::recorded(&entry.event).expect("somebody was recorded")
}

/// Whether every sealed value of these entries still opens.
async fn opens(
    register: &Register,
    texts: &[String],
    subject: Ref,
) -> Vec<Result<String, VaultError>> {
    let mut opened = Vec::new();
    for text in texts {
        let (command, slots) = slots(text);
        for slot in slots.into_iter().filter(|slot| slot.subject == subject) {
            let sealed = register
                .log
                .sealed(command, &slot.name, subject)
                .await
                .expect("the log reads");
            let value = match sealed {
                Some(sealed) => register.vault.unseal(&slot, command, &sealed.bytes).await,
                None => Err(VaultError::Sealed("gone")),
            };
            opened.push(value.map(|value| value.to_string()));
        }
    }
    opened
}

async fn p7_destroyed(register: Register) {
    let mut lines = Lines::new(71);
    register.must(&law(&mut lines)).await;
    // A quota, two families in it, and somebody who only was recorded.
    let mut before = vec![lines.act("order", "2024-01-01")];
    before.push(lines.quota("order", "establish", &[("resettlers", 10)]));
    before.extend(lines.applicant("resettlers", 3, "2024-02-01"));
    let application = json!({"application": format!("command:{}", lines.last())});
    before.push(lines.on("2024-02-02", "hold-places", &application));
    before.push(lines.on("2024-02-03", "commit-places", &application));
    register.must(&before).await;
    let iin = lines.iin();
    let line = person(&mut lines, NAME, &iin);
    let gone = recorded(&register, &register.must(std::slice::from_ref(&line)).await).await;
    let other_iin = lines.iin();
    let other = person(&mut lines, "Сынақ Қалған", &other_iin);
    let stays = recorded(&register, &register.must(&[other]).await).await;
    let included = {
        let texts = register.texts().await;
        let filed = texts
            .iter()
            .find(|text| text.contains("application.filed"))
            .expect("filed");
        let entry: Value = serde_json::from_str(filed).expect("JSON");
        entry["data"]["applicant"]
            .as_str()
            .expect("a reference")
            .to_owned()
    };

    let (texts, head) = (
        register.texts().await,
        register.log.head().await.expect("a head"),
    );
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    let shown = personal.person(gone, None).await.expect("it is shown");
    let values: Vec<&str> = shown.iter().map(|opened| opened.value.as_str()).collect();
    assert_eq!(values, [iin.as_str(), NAME]);
    assert_eq!(
        personal
            .search(Some(&iin), None)
            .await
            .expect("it is found"),
        [gone]
    );

    // The archive keeps what was recorded a year; whoever is in a quota a year after it.
    let early = lines.on("2024-12-01", "propose-destruction",
        &json!({"of": "person", "subject": gone, "ground": "relation-ended", "document": H, "requested_on": "2024-12-01"}));
    let Outcome::Blocked(blocked) = register.send(&early).await else {
        panic!("the archive's term runs");
    };
    assert!(
        ["duty-to-keep", "calendar-missing"].contains(&blocked.code.as_str()),
        "{blocked}"
    );

    // Who looks while they are blocked is shown nothing.
    let block = json!({"person": gone, "reason": "accuracy-disputed", "document": H, "requested_on": "2025-06-02"});
    register
        .must(&[lines.line("block-personal-data", &block)])
        .await;
    assert!(matches!(
        personal.person(gone, None).await,
        Err(Closed::Blocked)
    ));
    let unblock = json!({"person": gone, "document": H, "requested_on": "2025-06-02"});
    register
        .must(&[lines.line("unblock-personal-data", &unblock)])
        .await;
    personal
        .person(gone, None)
        .await
        .expect("it is shown again");

    let mut copies = Vec::new();
    for text in &texts {
        let (command, slots) = slots(text);
        for slot in slots.into_iter().filter(|slot| slot.subject == gone) {
            let sealed = register.log.sealed(command, &slot.name, gone).await;
            let sealed = sealed.expect("the log reads").expect("it stands");
            copies.push((slot, command, sealed.bytes));
        }
    }
    assert_eq!(copies.len(), 2);
    let order = destroy(&mut lines, &gone.to_string());
    let [proposal, order] = order;
    // Nobody has proposed it; and whoever proposes it does not adopt it.
    let Outcome::Blocked(blocked) = register.send(&order).await else {
        panic!("nobody proposed it");
    };
    assert_eq!(blocked.code.as_str(), "not-proposed");
    register.must(std::slice::from_ref(&proposal)).await;
    let mut alone = order.clone();
    alone["actor"] = proposal["actor"].clone();
    let Outcome::Blocked(blocked) = register.send(&alone).await else {
        panic!("the same official proposed it");
    };
    assert_eq!(blocked.code.as_str(), "same-hands");
    personal
        .person(gone, None)
        .await
        .expect("nothing is destroyed");
    let stored = register.must(std::slice::from_ref(&order)).await;
    for line in destroy(&mut lines, &included) {
        let also = register.send(&line).await;
        assert!(matches!(also, Outcome::Accepted(_)), "{}", answer(&also));
    }

    // Nothing gives them back, nor a copy of the sealed bytes.
    for (slot, command, bytes) in &copies {
        let opened = register.vault.unseal(slot, *command, bytes).await;
        let missing =
            matches!(opened, Err(VaultError::KeyMissing { subject, .. }) if subject == gone);
        assert!(missing, "{:?}", opened.err());
    }
    let left = opens(&register, &texts, gone).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(Result::is_err), "{left:?}");
    assert!(matches!(
        personal.person(gone, None).await,
        Err(Closed::Destroyed)
    ));
    assert_eq!(
        personal.search(Some(&iin), None).await.expect("it reads"),
        Vec::<Ref>::new()
    );
    let kept = opens(&register, &texts, stays).await;
    assert_eq!(
        kept.iter().filter(|value| value.is_ok()).count(),
        2,
        "the other's open: {kept:?}"
    );

    // The log only grew; what was counted is counted.
    let after = register.texts().await;
    assert_eq!(after[..texts.len()], texts[..]);
    let mut frontier = head.frontier.clone();
    for text in &after[texts.len()..] {
        frontier.push(qonys_events::tree::leaf_hash(text.as_bytes()));
    }
    let now = register.log.head().await.expect("a head");
    assert_eq!(frontier.root(), now.frontier.root());
    let counted = after
        .iter()
        .filter(|text| text.contains("places-committed"))
        .count();
    assert_eq!(counted, 1);
    let entry: Value =
        serde_json::from_str(&after[stored.positions[0].0 as usize - 1]).expect("JSON");
    assert_eq!(entry["type"], "kz.qonys.person.data-destroyed.v1");
    assert_eq!(
        (&entry["act"], &entry["data"]["ground"]),
        (&json!("law-477-2011"), &json!("relation-ended"))
    );

    // The first answer again, of a command whose values nobody can compare any more; nothing comes back with it.
    let Outcome::Duplicate(again) = register.send(&line).await else {
        panic!("it is stored");
    };
    assert!(again.not_comparable);
    assert!(answer(&Outcome::Duplicate(again)).contains(r#""code":"body-not-comparable""#));
    let again = register.send(&order).await;
    assert!(matches!(again, Outcome::Duplicate(_)), "{}", answer(&again));

    // No key is made under that reference again, and nothing is recorded about it.
    let seq = 1;
    let mut correction = lines.line(
        "correct-person",
        &json!({"person": gone, "entry": seq.to_string(), "reason": "clerical", "kind": "citizen"}),
    );
    correction["personal"] = json!({"name": NAME});
    let Outcome::Blocked(blocked) = register.send(&correction).await else {
        panic!("nobody stands there any more");
    };
    assert_eq!(blocked.code.as_str(), "data-destroyed");
    // The same person may come again, under another reference.
    let line = person(&mut lines, NAME, &iin);
    let anew = recorded(&register, &register.must(&[line]).await).await;
    assert_ne!(anew, gone);
    assert_eq!(
        register.log.head().await.expect("a head").position,
        Position(register.texts().await.len() as u64)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p7_a_destroyed_person_is_gone_and_everything_else_stands_on_the_embedded_store() {
    p7_destroyed(Register::embedded(AT).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p7_a_destroyed_person_is_gone_and_everything_else_stands_on_postgresql() {
    p7_destroyed(Register::postgres(AT).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_command_with_other_values_is_told_so() {
    let register = Register::embedded(AT).await;
    let mut lines = Lines::new(72);
    register.must(&law(&mut lines)).await;
    let iin = lines.iin();
    let line = person(&mut lines, NAME, &iin);
    register.must(std::slice::from_ref(&line)).await;
    let mut other = line.clone();
    other["personal"]["name"] = json!("Басқа Адам");
    let Outcome::Invalid(invalid) = register.send(&other).await else {
        panic!("it is another command");
    };
    assert_eq!(invalid.code, "command-id-reused");
    let Outcome::Duplicate(stored) = register.send(&line).await else {
        panic!("it is the same");
    };
    assert!(!stored.not_comparable);
}
