//! Promises that only the whole shows: through the decider, on both stores. Each has a planted fault that makes it fail.

use qonys::dispatch::Outcome;
use qonys_events::{digest::Sha256Hex, entry::Entry, scalar::Slug, tree::leaf_hash};
use serde_json::{Value, json};

use crate::support::{
    process::{qonys, run, run_with_input},
    register::{Lines, Register},
};

const AT: &str = "2025-01-15T00:00:00.000000Z";

/// A family that is held and committed, on a line of ten.
async fn included(register: &Register) -> Vec<Value> {
    let mut lines = Lines::new(9);
    let mut before = lines.opening("simulated");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("kandas", 10)]));
    before.extend(lines.applicant("kandas", 3, "2024-02-01"));
    let application = json!({"application": format!("command:{}", lines.last())});
    before.push(lines.on("2024-02-02", "hold-places", &application));
    before.push(lines.on("2024-02-03", "commit-places", &application));
    register.must(&before).await;
    let texts = register.texts().await;
    assert_eq!(
        texts.len(),
        3 + before.len(),
        "the act's line, the filing and the inclusion write one entry more each"
    );
    texts
        .iter()
        .map(|text| serde_json::from_str(text).expect("an entry is JSON"))
        .collect()
}

fn the<'a>(entries: &'a [Value], what: &str) -> &'a Value {
    let found = entries
        .iter()
        .find(|e| e["type"].as_str().is_some_and(|t| t.contains(what)));
    found.unwrap_or_else(|| panic!("an entry of {what} was written"))
}

async fn sealed_slots_stand_beside_their_entries(register: Register) {
    let entries = included(&register).await;
    let slots: Vec<(&Value, &Value)> = entries
        .iter()
        .filter_map(|e| Some((e, e["data"]["slots"].as_array()?)))
        .flat_map(|(e, slots)| slots.iter().map(move |slot| (e, slot)))
        .collect();
    assert_eq!(slots.len(), 2, "a name and an IIN");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    for (entry, slot) in slots {
        let hash: Sha256Hex = slot["sealed"]
            .as_str()
            .and_then(|h| h.parse().ok())
            .expect("a hash");
        let command = text(&entry["commandid"]).parse().expect("a reference");
        let name: Slug = text(&slot["name"]).parse().expect("a name");
        let subject = text(&slot["subject"]).parse().expect("a reference");
        let sealed = register
            .log
            .sealed(command, &name, subject)
            .await
            .expect("the log reads")
            .expect("the slot's bytes are stored");
        assert_eq!(Sha256Hex::of(&sealed.bytes), hash);
        assert_eq!(
            (json!(sealed.name), json!(sealed.subject)),
            (slot["name"].clone(), slot["subject"].clone())
        );
    }
    let head = register.log.head().await.expect("the log has a head");
    assert_eq!(head.position.0 as usize, entries.len());
    assert_eq!(head.frontier.size(), head.position.0);
}

#[tokio::test]
async fn p2_entries_sealed_slots_and_tree_head_are_one_on_the_embedded_store() {
    sealed_slots_stand_beside_their_entries(Register::embedded(AT).await).await;
}

#[tokio::test]
async fn p2_entries_sealed_slots_and_tree_head_are_one_on_postgresql() {
    sealed_slots_stand_beside_their_entries(Register::postgres(AT).await).await;
}

#[tokio::test]
async fn p5_what_is_printed_is_what_is_hashed_and_a_foreign_reader_agrees() {
    let register = Register::embedded(AT).await;
    included(&register).await;
    let texts = register.texts().await;
    let root = register.log.head().await.expect("a head").frontier.root();
    let directory = register.directory.path().to_string_lossy().into_owned();
    let Register {
        log,
        dispatch,
        directory: kept,
        ..
    } = register;
    drop((log, dispatch));
    // The decider lets go of the store when its last sender is gone.
    let mut printed = None;
    for _ in 0..50 {
        let done = run(qonys([
            "history",
            "--output",
            "ndjson",
            "--data-dir",
            &directory,
        ]))
        .await;
        if done.code() == Some(0) {
            printed = Some(done.stdout);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let printed = printed.expect("the log is printed");
    assert_eq!(printed.lines().collect::<Vec<_>>(), texts);
    let mut reader = tokio::process::Command::new("python3");
    reader.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reader.py"));
    let read = run_with_input(reader, &printed)
        .await
        .expect_success()
        .stdout;
    assert_eq!(read.trim(), format!("- {} {root}", texts.len()));
    drop(kept);
}

#[tokio::test]
async fn p9_a_decision_names_its_basis_and_the_facts_that_it_read() {
    let register = Register::embedded(AT).await;
    let entries = included(&register).await;
    for what in ["places-held", "places-committed", "kandas-status-granted"] {
        let entry = the(&entries, what);
        assert_eq!(entry["act"], "law-477-2011", "{what}");
        for attribute in [
            "point",
            "wording",
            "actlanguage",
            "decidedon",
            "effectivefrom",
        ] {
            assert!(entry[attribute].is_string(), "{what} has no {attribute}");
        }
        let facts = entry["data"]["facts"].as_object().expect("facts");
        assert_eq!(facts["act-certainty"], "known", "{what}");
        assert!(facts.len() > 1, "{what}");
    }
    for what in ["places-held", "places-committed"] {
        let bases = the(&entries, what)["data"]["bases"]
            .as_array()
            .expect("further bases")
            .clone();
        assert_eq!(bases.len(), 1, "{what} names the act that set the limit");
        assert_eq!(bases[0]["act"], "order");
    }
}

#[tokio::test]
async fn p11_a_commitment_carries_the_leaf_hash_of_the_hold_that_it_adopts() {
    let register = Register::embedded(AT).await;
    let entries = included(&register).await;
    let texts = register.texts().await;
    let hold = texts
        .iter()
        .find(|text| text.contains("places-held"))
        .expect("a hold");
    let committed = the(&entries, "places-committed");
    assert_eq!(
        committed["data"]["adopts"]["leaf"],
        leaf_hash(hold.as_bytes()).to_string()
    );
    let held = Entry::read(hold).expect("an entry");
    assert_eq!(
        committed["data"]["adopts"]["streamseq"],
        held.place.streamseq.to_string()
    );
    // Who saw other bytes adopts nothing.
    let mut lines = Lines::new(10);
    lines.office = "akimat.pavlodar".into();
    let mut more = lines.applicant("kandas", 0, "2024-02-01");
    let application = format!("command:{}", lines.last());
    more.push(lines.on(
        "2024-02-02",
        "hold-places",
        &json!({"application": application}),
    ));
    register.must(&more).await;
    // Who gave the command to hold does not adopt it.
    let mut own = lines.on(
        "2024-02-03",
        "commit-places",
        &json!({"application": application}),
    );
    own["actor"] = more.last().expect("a hold")["actor"].clone();
    match register.send(&own).await {
        Outcome::Blocked(blocked) => assert_eq!(blocked.code.as_str(), "same-hands"),
        other => panic!("{other:?}"),
    }
    let other = json!({"application": application, "adopts": "00".repeat(32)});
    match register
        .send(&lines.on("2024-02-03", "commit-places", &other))
        .await
    {
        Outcome::Blocked(blocked) => assert_eq!(blocked.code.as_str(), "adopts-other-bytes"),
        other => panic!("{other:?}"),
    }
}
