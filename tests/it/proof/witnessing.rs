//! Witnesses: ours keeps to the protocol; the log goes on without them; a rollback and a fork are refused by who remembers.

use std::time::Duration;

use qonys::{
    clock::{Clock, Entropy},
    proof::{
        key::NoteKey,
        witness::{Alarm, Evidence, Witnesses},
    },
    witness::{Refusal, Witness},
};
use qonys_verify::{
    checkpoint::{Checkpoint, base64},
    merkle::consistency,
    note::{Algorithm, Note},
    policy::Policy,
    report::Code,
};
use tokio::net::TcpListener;

use super::stage::{Stage, asked};
use qonys_verify::check::{Part, verify};

fn witness(
    name: &str,
    logs: Vec<qonys_verify::note::VerifierKey>,
    directory: &std::path::Path,
) -> Witness {
    let key = NoteKey::generate(name, Algorithm::Cosignature, &Entropy::System);
    Witness::new(key.expect("a name"), logs, directory, Clock::System)
}

/// A request of the protocol between two sizes of a log.
pub(super) fn request(stage: &Stage, old: u64, note: &Note) -> String {
    let size = Checkpoint::read(&note.text).expect("a checkpoint").size;
    let steps = if old == 0 || old > size {
        Vec::new()
    } else {
        let mut tiles = qonys_verify::tile::Tiles::new(size, |tile: &qonys_verify::tile::Tile| {
            stage
                .publisher
                .proof()
                .tile(tile)
                .map(Option::unwrap_or_default)
        });
        consistency(&mut tiles, old, size).expect("a proof")
    };
    let steps: String = steps.iter().map(|hash| base64(hash) + "\n").collect();
    format!("old {old}\n{steps}\n{note}")
}

#[tokio::test]
async fn a_witness_cosigns_growth_once_and_refuses_the_rest_with_the_status_of_the_protocol() {
    let mut stage = Stage::embedded().await;
    let first = stage.sign().await;
    stage.families(5).await;
    let second = stage.sign().await;
    let (small, large) = (
        Checkpoint::read(&first.text).expect("one").size,
        Checkpoint::read(&second.text).expect("one").size,
    );
    let place = tempfile::tempdir().expect("a directory");
    let ours = witness("w.example/1", stage.keys(), place.path());
    let ask = |old: u64, note: &Note| ours.add_checkpoint(request(&stage, old, note).as_bytes());

    assert_eq!(ask(7, &first), Err(Refusal::Conflict(0)));
    let line = ask(0, &first).expect("the first one");
    let cosigned = Note::read(format!("{}\n{line}", first.text).as_bytes()).expect("a note");
    let signed = cosigned
        .signed_by(&[ours.public().clone()])
        .expect("its cosignature");
    assert!(signed[0].time.is_some_and(|time| time > 1_700_000_000));
    assert_eq!(ask(0, &second), Err(Refusal::Conflict(small)));
    ask(small, &second).expect("it grew");
    // A15: the log was rolled back; the same again is no conflict.
    assert_eq!(ask(0, &first), Err(Refusal::Conflict(large)));
    ask(large, &second).expect("the same again");
    // A03: another history of the same size, and of a greater one, signed with the log's own key.
    let key = NoteKey::read(&stage.signer.path().join("key"))
        .expect("a file")
        .expect("a key");
    let mut fork = Checkpoint::read(&second.text).expect("one");
    fork.root.0[3] ^= 1;
    let forged = |checkpoint: &Checkpoint| {
        let text = checkpoint.text();
        Note {
            signatures: vec![key.sign(&text)],
            text,
        }
    };
    let body = |old: u64, note: &Note| format!("old {old}\n\n{note}");
    assert_eq!(
        ours.add_checkpoint(body(large, &forged(&fork)).as_bytes()),
        Err(Refusal::Conflict(large))
    );
    fork.size += 1;
    assert_eq!(
        ours.add_checkpoint(body(large, &forged(&fork)).as_bytes()),
        Err(Refusal::NotGrown)
    );
    // Strangers.
    let stranger = NoteKey::generate(stage.keys()[0].name(), Algorithm::Ed25519, &Entropy::System)
        .expect("a name");
    let unsigned = Note {
        signatures: vec![stranger.sign(&second.text)],
        text: second.text.clone(),
    };
    assert!(matches!(ask(large, &unsigned), Err(Refusal::Unsigned(_))));
    let unknown = witness("w.example/2", vec![], place.path());
    assert_eq!(
        unknown.add_checkpoint(request(&stage, 0, &first).as_bytes()),
        Err(Refusal::Unknown)
    );
    for bad in [
        "",
        "old 01\n\n",
        "old x\n\n",
        "old 0\nnot base64\n\n",
        "old 0\n",
    ] {
        let body = format!("{bad}{second}");
        assert!(
            matches!(
                ours.add_checkpoint(body.as_bytes()),
                Err(Refusal::Malformed(_))
            ),
            "{bad:?}"
        );
    }
    assert!(matches!(
        ask(large + 5, &second),
        Err(Refusal::Malformed(_))
    ));
    // It remembers through a restart.
    assert_eq!(
        ours.last(stage.keys()[0].name())
            .expect("its state")
            .map(|last| last.size),
        Some(large)
    );
}

/// A witness over HTTP; its address.
async fn served(witness: &Witness) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = witness.router();
    tokio::spawn(async move {
        qonys::http::serve_plain(listener, router, std::future::pending()).await
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_quorum_cosigns_while_a_slow_witness_holds_nobody_up() {
    let mut stage = Stage::embedded().await;
    let places = [
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("a directory"),
    ];
    let witnesses = [
        witness("w.example/1", stage.keys(), places[0].path()),
        witness("w.example/2", stage.keys(), places[1].path()),
    ];
    // The third one takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent_key =
        NoteKey::generate("w.example/3", Algorithm::Cosignature, &Entropy::System).expect("a name");
    let policy = format!(
        "log {}\nwitness a {} {}\nwitness b {} {}\nwitness c {} http://{}\ngroup g 2 a b c\nquorum g\n",
        stage.keys()[0],
        witnesses[0].public(),
        served(&witnesses[0]).await,
        witnesses[1].public(),
        served(&witnesses[1]).await,
        silent_key.public(),
        silent.local_addr().expect("an address"),
    );
    let policy: Policy = policy.parse().expect("a policy");
    stage.publisher = super::stage::publisher(&stage.register, stage.signer.path())
        .with_witnesses(Witnesses::start(policy.clone(), Clock::System));
    for _ in 0..3 {
        stage.families(1).await;
        let begun = std::time::Instant::now();
        stage.sign().await;
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "the log waited for a witness"
        );
    }
    let newest = Checkpoint::read(&stage.sign().await.text)
        .expect("a checkpoint")
        .size;
    let proof = stage.publisher.proof().clone();
    let cosigned = async {
        loop {
            if let Some((note, _)) = proof
                .cosigned()
                .expect("readable")
                .filter(|(_, head)| head.size == newest)
            {
                return note;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let note = tokio::time::timeout(Duration::from_secs(30), cosigned)
        .await
        .expect("a quorum");
    assert_eq!(
        note.signed_by(&policy.keys()).expect("signed").len(),
        3,
        "the log and two witnesses"
    );
    // A receipt carries the evidence; an auditor with the policy asks for it.
    let entry = stage
        .register
        .log
        .read_after(qonys_events::scalar::Position(4), 1)
        .await
        .expect("an entry")
        .remove(0);
    assert_eq!(proof.receipt(&entry).expect("a receipt").note, note);
    let scratch = tempfile::tempdir().expect("a directory");
    let mut wanted = asked(&stage.keys(), &scratch);
    wanted.policy = Some(policy);
    let mut bundle = stage.bundle().await;
    let check = |source: &mut super::stage::Files| {
        verify(&mut [Part { source, kept: None }], &wanted, &mut |_, _| ())
    };
    assert!(
        check(&mut bundle).has(Code::Quorum),
        "the log's own checkpoint is not enough"
    );
    *bundle.get("checkpoint") = note.to_string().into_bytes();
    let report = check(&mut bundle);
    assert!(
        report.verified && report.quorum == Some(true),
        "{report:#?}"
    );
}

#[test]
fn evidence_that_is_old_or_far_behind_raises_an_alarm() {
    let evidence = Evidence {
        size: 1_000,
        time: 10_000,
    };
    assert_eq!(
        evidence.alarm(10_400, 1_000),
        None,
        "nothing new is no alarm"
    );
    assert_eq!(evidence.alarm(10_200, 1_001), None);
    assert_eq!(evidence.alarm(10_301, 1_001), Some(Alarm::Old(301)));
    assert_eq!(evidence.alarm(10_001, 51_001), Some(Alarm::Behind(50_001)));
}
