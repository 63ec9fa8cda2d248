//! Promise P7 beside P6: an order to destroy has a receipt, and a bundle that is exported after a destruction is verified at
//! every level; what was proven before stays proven, and what was counted stays counted.

use qonys::proof::receipt::Named;
use qonys_events::{entry::Entry, id::Ref, slot::Slot, tree::leaf_hash};
use qonys_verify::{
    check::{Part, verify},
    receipt::Receipt,
    report::{Code, Level},
};
use serde_json::{Value, json};

use super::{
    attacks::Case,
    stage::{Stage, asked, audit, caught},
};
use crate::support::register::Lines;

const H: &str = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
pub(super) const NAME: &str = "Сынақ Жойылған";

/// The stage with what the duties need of the law.
pub(super) async fn stage() -> Stage {
    let mut stage = Stage::embedded().await;
    let mut law = Vec::new();
    for (name, value) in [
        ("personal-data.working-days", "1"),
        ("personal-data.destruction-ground.relation-ended", "2"),
        ("personal-data.archive.months", "1"),
    ] {
        let norm = json!({"norm": name, "document": "law-477-2011", "point": "18", "value": value, "unit": "a-unit",
            "from": "2011-07-22", "certainty": "assumed", "source": "test"});
        law.push(stage.lines.line("record-norm", &norm));
    }
    for year in ["2024", "2025"] {
        let calendar = json!({"year": year, "weekly_rest": ["saturday", "sunday"],
            "days_off": [format!("{year}-01-01")], "synthetic": true, "source": "test"});
        law.push(stage.lines.line("record-calendar", &calendar));
    }
    stage.register.must(&law).await;
    stage.families(3).await;
    stage
}

/// A proposal to destroy a person's data, and the order of another official.
pub(super) fn orders(lines: &mut Lines, person: &str) -> [Value; 2] {
    let proposal = json!({"of": "person", "subject": person, "ground": "relation-ended", "document": H,
        "requested_on": "2025-01-14"});
    let order = json!({"of": "person", "subject": person});
    [
        lines.line("propose-destruction", &proposal),
        lines.line("destroy-personal-data", &order),
    ]
}

/// The command of an entry, and the slots that it shows.
pub(super) fn slots(text: &str) -> (Ref, Vec<Slot>) {
    let entry = Entry::parse(text).expect("an entry");
    let data: Value = serde_json::from_str(&entry.event.fact.write_data()).expect("JSON");
    let slots = serde_json::from_value(data["slots"].clone()).unwrap_or_default();
    (entry.command.commandid, slots)
}

/// What the quota's entries say, in their order.
async fn quota(stage: &Stage) -> Vec<String> {
    let texts = stage.register.texts().await;
    let of = |text: &String| text.contains(r#""subject":"quota-line/"#);
    texts.into_iter().filter(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destruction_is_proven_and_proves_nothing_away() {
    let mut stage = stage().await;
    let mut line = stage
        .lines
        .on("2024-02-01", "record-person", &json!({"kind": "citizen"}));
    line["personal"] = json!({"name": NAME, "iin": stage.lines.iin()});
    let recorded = stage.register.must(&[line]).await;
    let stream = recorded.streams.keys().next().expect("a stream").clone();
    let person = stream.trim_start_matches("person/").to_owned();
    let (kept, before) = (stage.sign().await, quota(&stage).await);
    let (held, old) = {
        let entry = stage
            .publisher
            .proof()
            .find(Named::Position(recorded.positions[0]))
            .await;
        let entry = entry.expect("it reads").expect("it stands");
        let receipt = stage.publisher.proof().receipt(&entry).expect("a receipt");
        (receipt.to_string(), leaf_hash(entry.text.as_bytes()))
    };

    let lines = orders(&mut stage.lines, &person);
    let stored = stage.register.must(&lines).await;
    stage.sign().await;

    // The receipt of the order: the person's proof, offline and by the public key alone.
    let keys = stage.keys();
    let entry = stage
        .publisher
        .proof()
        .find(Named::Position(stored.positions[0]))
        .await;
    let entry = entry.expect("it reads").expect("it stands");
    let said: Value = serde_json::from_str(&entry.text).expect("JSON");
    assert_eq!(said["type"], "kz.qonys.person.data-destroyed.v1");
    assert!(!entry.text.contains(NAME));
    let receipt = stage
        .publisher
        .proof()
        .receipt(&entry)
        .expect("a receipt")
        .to_string();
    let receipt = Receipt::read(receipt.as_bytes()).expect("a receipt");
    let leaf = leaf_hash(entry.text.as_bytes());
    assert_eq!(receipt.verify(&leaf, &keys).expect("it proves").len(), 1);
    assert!(receipt.verify(&old, &keys).is_err(), "and nothing else");
    // The receipt that somebody kept of the entry of the person proves what it proved.
    let held = Receipt::read(held.as_bytes()).expect("a receipt");
    held.verify(&old, &keys).expect("it proves");

    // A bundle of after it holds at every level, against what an auditor kept of before it.
    let mut files = stage.bundle().await;
    for (_, level) in Level::ALL {
        let scratch = tempfile::tempdir().expect("a directory");
        let mut wanted = asked(&keys, &scratch);
        wanted.level = *level;
        let source = &mut files;
        let report = verify(&mut [Part { source, kept: None }], &wanted, &mut |_, _| ());
        assert!(report.verified, "{level:?}: {:#?}", report.faults);
    }
    let report = audit(&mut files, &keys, std::slice::from_ref(&kept));
    assert!(
        report.verified && report.same_hands == 0,
        "{:#?}",
        report.faults
    );
    assert!(files.0.values().all(|bytes| {
        !bytes
            .windows(NAME.len())
            .any(|window| window == NAME.as_bytes())
    }));
    assert_eq!(quota(&stage).await, before, "what was counted is counted");

    // Whoever adopts his own proposal, or something else than it, is found offline too.
    let case = Case::of(&stage, kept).await;
    let [.., proposed, ordered] = &case.texts[..] else {
        panic!("two entries");
    };
    let actor = |text: &str| -> String {
        let entry: Value = serde_json::from_str(text).expect("JSON");
        format!("\"actor\":{}", entry["actor"])
    };
    let leaf = leaf_hash(proposed.as_bytes()).to_string();
    assert!(ordered.contains(&leaf), "it names what it adopts");
    for (old, new, code) in [
        (actor(ordered), actor(proposed), Code::FourEyes),
        (leaf, leaf_hash(b"another").to_string(), Code::Adoption),
    ] {
        let mut texts = case.texts.clone();
        let last = texts.len();
        texts[last - 1] = texts[last - 1].replace(&old, &new);
        assert_ne!(texts, case.texts);
        let report = audit(&mut case.forged(&texts, true), &keys, &[]);
        caught(&report, code, last as u64);
    }
}
