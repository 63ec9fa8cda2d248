//! Show C, with verifiers of another language that nobody here wrote: `witness-log` and `sigstore` (PyPI). They are used
//! where `QONYS_TEST_PYTHON`, or else `python3`, has them; elsewhere the test says that it was skipped.

use std::{io::Write as _, process::Stdio};

use qonys_verify::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
};
use serde_json::{Value, json};

use super::{stage::Stage, witnessing::request};

const GLUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/proof/foreign.py");

fn python() -> String {
    std::env::var("QONYS_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn installed() -> bool {
    let found = std::process::Command::new(python())
        .args([
            "-c",
            "import witness_log, sigstore._internal.merkle, cryptography",
        ])
        .output();
    let there = found.is_ok_and(|output| output.status.success());
    if !there {
        // Past the harness, which keeps to itself what a passing test says.
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: {} has no witness-log and sigstore (pip install witness-log sigstore; QONYS_TEST_PYTHON)",
            python()
        );
        said.expect("stderr is open");
    }
    there
}

fn ask(questions: &[Value]) -> Vec<Value> {
    let mut child = std::process::Command::new(python())
        .arg(GLUE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python runs");
    let lines: String = questions.iter().map(|line| format!("{line}\n")).collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writing = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    writing.join().expect("a thread").expect("it reads");
    assert!(output.status.success(), "the glue failed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(answers.len(), questions.len());
    answers
}

#[tokio::test]
async fn a_receipt_verifies_with_two_foreign_programs_and_an_altered_one_does_not() {
    if !installed() {
        return;
    }
    let mut stage = Stage::embedded().await;
    stage.families(60).await;
    stage.sign().await;
    let key = stage.keys()[0].to_string();
    let size = stage.register.texts().await.len() as u64;
    assert!(size > 300, "more than one tile");
    let (mut questions, mut expected) = (Vec::new(), Vec::new());
    for position in [1, 255, 256, 257, size] {
        let at = qonys_events::scalar::Position(position - 1);
        let entry = stage
            .register
            .log
            .read_after(at, 1)
            .await
            .expect("it reads");
        let proof = stage.publisher.proof();
        let good = proof.receipt(&entry[0]).expect("a receipt").to_string();
        // Another entry under the same path; another place; another root.
        let other = stage
            .register
            .log
            .read_after(qonys_events::scalar::Position(9), 1)
            .await;
        let other = proof
            .receipt(&other.expect("it reads")[0])
            .expect("a receipt")
            .to_string();
        let line = |text: &str, n: usize| text.lines().nth(n).expect("a line").to_owned();
        let altered = [
            (
                good.replacen(&line(&good, 1), &line(&other, 1), 1),
                (true, false),
            ),
            (good.replacen(&line(&good, 2), "index 3", 1), (true, false)),
            (
                good.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1),
                (false, false),
            ),
        ];
        for (text, (signature, included)) in std::iter::once((good, (true, true))).chain(altered) {
            questions.push(json!({"what": "receipt", "text": text, "vkey": key}));
            expected.push((signature, included));
        }
    }
    for ((question, answer), (signature, included)) in
        questions.iter().zip(ask(&questions)).zip(expected)
    {
        let found = (
            &answer["signature"],
            &answer["sigstore"],
            &answer["witness-log"],
        );
        // With a size that is one more the shape of the tree may stay: then the signature alone tells.
        let by_signature = !signature && answer["sigstore"] == answer["witness-log"];
        assert!(
            found == (&json!(signature), &json!(included), &json!(included))
                || by_signature && found.0 == &json!(false),
            "{question}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_foreign_witness_cosigns_growth_and_refuses_a_rollback_and_a_fork() {
    if !installed() {
        return;
    }
    let mut stage = Stage::embedded().await;
    let first = stage.sign().await;
    stage.families(50).await;
    let second = stage.sign().await;
    let size = |note: &Note| Checkpoint::read(&note.text).expect("a checkpoint").size;
    // Signed with the log's own key: another root at the same size.
    let key = qonys::proof::key::NoteKey::read(&stage.signer.path().join("key"));
    let key = key.expect("a key file").expect("a key");
    let mut fork = Checkpoint::read(&second.text).expect("a checkpoint");
    fork.root.0[0] ^= 1;
    let text = fork.text();
    let fork = Note {
        signatures: vec![key.sign(&text)],
        text,
    };
    let mut unsigned = second.clone();
    unsigned.signatures[0].bytes[8] ^= 1;
    let requests = [
        request(&stage, 0, &first),
        request(&stage, size(&first), &second),
        request(&stage, 0, &first),
        request(&stage, size(&second), &fork),
        request(&stage, size(&second), &unsigned),
    ];
    let origin = stage.register.log.origin().as_str();
    let vkey = stage.keys()[0].to_string();
    let asked = json!({"what": "witness", "origin": origin, "vkey": vkey, "requests": requests});
    let answer = ask(&[asked]).remove(0);
    assert_eq!(
        answer["status"],
        json!([200, 200, 409, 422, 403]),
        "{answer}"
    );
    // Its cosignature is one that our own verifier knows.
    let line = answer["body"][1].as_str().expect("a line");
    let note = Note::read(format!("{}\n{line}", second.text).as_bytes()).expect("a note");
    let witness: VerifierKey = answer["key"]
        .as_str()
        .expect("a key")
        .parse()
        .expect("a vkey");
    let signed = note.signed_by(&[witness]).expect("its cosignature");
    assert!(signed[0].time.is_some());
}
