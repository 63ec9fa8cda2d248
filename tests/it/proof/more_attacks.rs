//! Attacks that need more than a changed bundle: the store's own file, a second register, colluding witnesses, values that
//! are opened to an auditor. The table of all is `docs/attacks.md`.

use qonys::{
    clock::Entropy,
    log::{Log, sqlite::SqliteLog},
    proof::{
        Proof,
        export::{Wanted as Exported, export},
        key::NoteKey,
        openings::openings,
        publisher::Publisher,
        signer::Signer,
    },
};
use qonys_events::{
    entry::Entry,
    scalar::Position,
    tree::{leaf_hash, node_hash},
};
use qonys_verify::{
    check::{Part, verify},
    checkpoint::Checkpoint,
    merkle::verify_inclusion,
    note::{Algorithm, Note},
    openings::Opening,
    policy::Policy,
    report::{Code, Report},
};
use serde_json::json;

use super::stage::{Files, Stage, asked, audit, caught};

#[tokio::test]
async fn bytes_that_were_changed_in_the_file_itself_show_at_their_position() {
    // A14: no SQL, no trigger: the page in the file.
    let mut stage = Stage::embedded().await;
    stage.families(40).await;
    stage.sign().await;
    let published = stage.bundle().await;
    stage.register.log.write_back().await.expect("one file");
    let texts = stage.register.texts().await;
    let position = 100;
    let path = stage.register.directory.path().join("log.sqlite");
    let mut file = std::fs::read(&path).expect("the file");
    let text = texts[position - 1].as_bytes();
    let at = file.windows(text.len()).position(|window| window == text);
    let nonce = texts[position - 1].find("\"nonce\":\"").expect("a nonce") + 9;
    let byte = &mut file[at.expect("the entry stands in the file as it is") + nonce];
    *byte = if *byte == b'0' { b'1' } else { b'0' };
    // The register is started again on the file; what was published before stays.
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("log.sqlite"), file).expect("the file");
    let log = SqliteLog::open(place.path(), None)
        .await
        .expect("nothing shows when it is opened");
    let proof = Proof::new(&Log::Sqlite(log), stage.register.directory.path());
    let (note, _) = proof.checkpoint().expect("a note").expect("it is signed");
    let wanted = Exported {
        from: Position(1),
        to: None,
        views: None,
        openings: Vec::new(),
        kept: None,
    };
    let target = place.path().join("bundle");
    let made = export(&proof, &note, wanted, &target, |_, _| ()).await;
    made.expect("a bundle");
    let mut files = Files::of(&target);
    assert_eq!(files.0["tile/0/000"], published.0["tile/0/000"]);
    let report = audit(&mut files, &stage.keys(), &[]);
    caught(&report, Code::Leaf, position as u64);
}

#[tokio::test]
async fn two_registers_with_one_signer_sign_one_history() {
    // A16: the same signer, two logs of one name that part.
    let mut stage = Stage::embedded().await;
    let mut other = Stage::embedded().await;
    let signer = || Signer::open(stage.signer.path(), stage.register.log.origin(), None);
    let mut second = Publisher::new(
        Proof::new(&other.register.log, other.register.directory.path()),
        signer().expect("the same signer"),
    );
    // Both tell the same story up to here; the second one goes on otherwise.
    stage.families(2).await;
    stage.sign().await;
    other.lines.office = "akimat.almaty".into();
    other.families(3).await;
    let refused = second.round().await;
    assert!(refused.is_err(), "{refused:?}");
    stage.families(1).await;
    stage.sign().await;
    let refused = second.round().await;
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn a_leaf_made_of_two_hashes_is_no_node() {
    // A22: the 64 bytes under a node as an entry. The path from the node to the root does not prove it.
    let leaves: Vec<_> = (0..4_u8).map(|n| leaf_hash(&[n])).collect();
    let (left, right) = (
        node_hash(&leaves[0], &leaves[1]),
        node_hash(&leaves[2], &leaves[3]),
    );
    let root = node_hash(&left, &right);
    assert!(
        verify_inclusion(&left, 0, 2, &[right], &root),
        "as a tree of two it would be"
    );
    let forged = leaf_hash(&[leaves[0].0, leaves[1].0].concat());
    for size in [2, 3, 4] {
        for index in 0..size {
            assert!(!verify_inclusion(&forged, index, size, &[right], &root));
        }
    }
}

#[tokio::test]
async fn the_same_facts_twice_have_different_hashes() {
    // A40: whoever guesses what an entry says cannot compare it with a published hash.
    let mut stage = Stage::embedded().await;
    let mut person = || {
        let person = json!({"kind": "citizen"});
        let mut line = stage.lines.on("2024-02-01", "record-person", &person);
        line["personal"] = json!({"name": "Сынақ Тұлға"});
        line
    };
    let lines = [person(), person()];
    stage.register.must(&lines).await;
    let texts = stage.register.texts().await;
    let last: Vec<Entry> = texts[texts.len() - 2..]
        .iter()
        .map(|text| Entry::parse(text).expect("an entry"))
        .collect();
    assert_ne!(last[0].command.nonce, last[1].command.nonce);
    assert_ne!(last[0].command.commandhash, last[1].command.commandhash);
    // Sealed values and commitments differ too: both have a salt.
    let slots = |entry: &Entry| qonys_verify::openings::slots(entry);
    let (one, two) = (slots(&last[0]), slots(&last[1]));
    let (one, two) = (&one[0], &two[0]);
    assert_eq!(one.name, two.name);
    assert!(one.commitment != two.commitment && one.sealed != two.sealed);
}

#[tokio::test]
async fn a_stamp_or_a_printed_root_contradicts_colluding_witnesses() {
    // A50: the log's key and the witness's key in one hand.
    let mut stage = Stage::embedded().await;
    stage.families(2).await;
    let printed = stage.sign().await;
    stage.families(1).await;
    stage.sign().await;
    let witness = NoteKey::generate("w.example/1", Algorithm::Cosignature, &Entropy::System);
    let witness = witness.expect("a name");
    let log = NoteKey::read(&stage.signer.path().join("key"))
        .expect("a file")
        .expect("a key");
    // Another history, of the same length or more, signed and cosigned.
    let mut other = Stage::embedded().await;
    other.lines.office = "akimat.almaty".into();
    other.families(4).await;
    other.sign().await;
    let mut files = other.bundle().await;
    files.0.retain(|name, _| !name.starts_with("history/"));
    let mut contents: serde_json::Value =
        serde_json::from_slice(files.get("bundle.json")).expect("JSON");
    contents["history"] = json!([]);
    *files.get("bundle.json") = contents.to_string().into_bytes();
    let (_, forged) = Checkpoint::of_note(files.get("checkpoint")).expect("a checkpoint");
    let text = forged.text();
    let signatures = vec![log.sign(&text), witness.cosign(1_740_000_000, &text)];
    *files.get("checkpoint") = Note { text, signatures }.to_string().into_bytes();
    let scratch = tempfile::tempdir().expect("a directory");
    let mut wanted = asked(&stage.keys(), &scratch);
    let policy = format!(
        "log {}\nwitness w {}\nquorum w\n",
        stage.keys()[0],
        witness.public()
    );
    wanted.policy = Some(policy.parse::<Policy>().expect("a policy"));
    let check = |files: &mut Files, wanted: &qonys_verify::check::Wanted| -> Report {
        let source = files;
        verify(&mut [Part { source, kept: None }], wanted, &mut |_, _| ())
    };
    let report = check(&mut files, &wanted);
    assert!(
        report.verified && report.quorum == Some(true),
        "nobody sees it who remembers nothing: {report:#?}"
    );
    // What was stamped, or printed, before.
    wanted.stamped = vec![(printed.to_string().into_bytes(), 1_739_000_000)];
    let report = check(&mut files, &wanted);
    let size = Checkpoint::read(&printed.text).expect("a checkpoint").size;
    caught(&report, Code::Consistency, size);
}

#[tokio::test]
async fn values_that_are_opened_are_held_against_what_the_entries_show() {
    let mut stage = Stage::embedded().await;
    stage.families(2).await;
    stage.sign().await;
    let texts = stage.register.texts().await;
    let persons: Vec<Position> = texts
        .iter()
        .zip(1..)
        .filter(|(text, _)| text.contains("person.recorded"))
        .map(|(_, n)| Position(n))
        .collect();
    let log = &stage.register.log;
    let vault = qonys::vault::Vault::open(
        stage.register.directory.path(),
        log.origin(),
        Entropy::seeded(1),
    );
    let vault = vault.await.expect("the vault");
    let scope = [
        (persons[0], None),
        (persons[1], Some("iin".parse().expect("a slug"))),
    ];
    let opened = openings(log, &vault, &scope).await.expect("openings");
    assert_eq!(opened.len(), 3, "name and IIN of one, the IIN of another");
    let with = async |opened: &[Opening]| {
        let mut files = stage.bundle().await;
        let mut contents: serde_json::Value =
            serde_json::from_slice(files.get("bundle.json")).expect("JSON");
        contents["openings"] = json!(true);
        *files.get("bundle.json") = contents.to_string().into_bytes();
        let json = serde_json::to_vec(opened).expect("JSON");
        files.0.insert("openings.json".to_owned(), json);
        audit(&mut files, &stage.keys(), &[])
    };
    let report = with(&opened).await;
    assert!(report.verified && report.opened == 3, "{report:#?}");
    let told = serde_json::to_string(&report).expect("JSON");
    for opening in &opened {
        let value = &opening.opened.as_ref().expect("a value").plaintext;
        assert!(!told.contains(value.as_str()), "a report tells no value");
    }
    let at = persons[0].0;
    // A32: one letter.
    let mut other = opened.clone();
    other[0]
        .opened
        .as_mut()
        .expect("a value")
        .plaintext
        .push('а');
    caught(&with(&other).await, Code::Commitment, at);
    // A31: another salt.
    let mut other = opened.clone();
    let salt = other[1].opened.as_ref().expect("a salt").salt.clone();
    other[0].opened.as_mut().expect("a salt").salt = salt;
    caught(&with(&other).await, Code::Commitment, at);
    // A29: other bytes; A30: those of another slot, those of another person, a slot that is not there.
    let mut other = opened.clone();
    other[0].sealed = "AAAA".to_owned();
    caught(&with(&other).await, Code::Sealed, at);
    let mut other = opened.clone();
    other[0].sealed = other[1].sealed.clone();
    caught(&with(&other).await, Code::Sealed, at);
    let mut other = opened.clone();
    (other[2].position, other[2].subject) = (opened[0].position, opened[0].subject);
    caught(&with(&other).await, Code::Sealed, at);
    let mut other = opened.clone();
    other[0].position = persons[1];
    caught(&with(&other).await, Code::Sealed, persons[1].0);
    let mut other = opened.clone();
    other[0].position = Position(texts.len() as u64 + 5);
    caught(&with(&other).await, Code::Sealed, texts.len() as u64 + 5);
    // Sealed bytes alone may be shown too.
    let mut other = opened.clone();
    other[0].opened = None;
    assert!(with(&other).await.verified);
}
