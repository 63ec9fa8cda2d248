//! What is of the register and not of one incarnation goes over the seam: the vault, so that one person stays one reference and
//! an order destroys what was sealed before it; the second log; who is known.

use qonys::{
    clock::{Clock, Entropy},
    dispatch::Dispatch,
    log::{Log, sqlite::SqliteLog},
    personal::{Closed as NotTold, Personal},
    vault::{Vault, VaultPlace},
};
use qonys_events::{entry::Entry, id::Ref, scalar::StreamSeq};
use serde_json::{Value, json};
use sqlx::Executor as _;

use super::super::{destroyed, signing::owner, stage::Stage};
use super::{LATER, Next, closed, copy_files, embedded, goes_on, new_log};
use crate::support::process::{qonys, run, run_with_input};

/// The first person of a register, with his number.
async fn somebody(stage: &Stage) -> (Ref, String) {
    let texts = stage.register.texts().await;
    let text = texts
        .iter()
        .find(|text| text.contains("person.recorded"))
        .expect("a person");
    let entry = Entry::parse(text).expect("an entry");
    let person: Ref = entry.place.subject.key().parse().expect("a reference");
    let personal = Personal::new(stage.register.log.clone(), stage.register.vault.clone());
    let values = personal.person(person, None).await.expect("values");
    let iin = values.iter().find(|value| value.name.as_str() == "iin");
    (person, iin.expect("a number").value.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vault_second_log_and_keys_go_on_with_the_next_incarnation() {
    let (stage, _, earlier, old) = embedded().await;
    let (person, iin) = somebody(&stage).await;
    let work = tempfile::tempdir().expect("a directory");
    let path = |name: &str| work.path().join(name).to_string_lossy().into_owned();
    let old_signer = path("signer-1");
    std::fs::create_dir(&old_signer).expect("a directory");
    copy_files(stage.signer.path(), old_signer.as_ref());
    // The vault was not lost.
    stage.register.vault.write_back().await.expect("one file");
    for file in ["vault.sqlite", "vault.key"] {
        let from = stage.register.directory.path().join(file);
        std::fs::copy(from, old.path().join(file)).expect("a copy");
    }
    drop((earlier, stage));
    let data = old.path().to_string_lossy().into_owned();
    let call = async |arguments: &[&str], at: &[&str]| {
        let all = [arguments, at].concat();
        let all: Vec<String> = all.iter().map(|word| (*word).to_owned()).collect();
        run(qonys(all)).await
    };
    let before = ["--data-dir", &data, "--signer-dir", &old_signer];
    let of = person.to_string();
    call(&["person", &of, "--purpose", "before"], &before)
        .await
        .expect_success();
    let made = ["access", "make-key", "an office", "--role", "auditor"];
    call(&made, &before[..2]).await.expect_success();
    let key = ["key", "show", "--second-log"];
    let key_before = call(&key, &before).await.expect_success().stdout;
    call(&["checkpoint", "--second-log"], &before)
        .await
        .expect_success();

    let next_signer = path("signer-2");
    let close = [
        "close",
        "--reason",
        "a lost disk",
        "--next-signer-dir",
        &next_signer,
    ];
    call(&close, &before).await.expect_success();
    let next = path("next");
    let after = ["--data-dir", &next, "--signer-dir", &next_signer];
    let go_on = [
        "go-on",
        "--from-data-dir",
        &data,
        "--from-signer-dir",
        &old_signer,
    ];
    call(&go_on, &after).await.expect_success();

    // Every value that stands before the seam is kept, with its key.
    let sealed = call(&["check", "sealed"], &after).await.expect_success();
    assert!(sealed.stdout.contains("nothing found"), "{}", sealed.stdout);
    // The number stands for whom it stood.
    let line = json!({"id": "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c77", "type": "record-person", "decidedon": "2024-03-01",
        "effective": "2024-03-01", "actor": {"actor": "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01", "role": "registrar",
        "office": "akimat.almaty"}, "data": {"kind": "foreigner"}, "personal": {"name": "Сынақ Тұлға", "iin": iin}});
    let arguments: Vec<String> = [&["submit", "-"], &after[..]]
        .concat()
        .iter()
        .map(|word| (*word).to_owned())
        .collect();
    let sent = run_with_input(qonys(arguments), &line.to_string()).await;
    assert!(sent.stdout.contains("no-change"), "{}", sent.stdout);
    assert!(sent.stdout.contains(&of), "{}", sent.stdout);
    // Who looked before is told after, from the same second log under the same key.
    let shown = call(&["readers", &of, "--output", "json"], &after)
        .await
        .expect_success();
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    let purposes: Vec<&Value> = shown.as_array().expect("a list").iter().collect();
    assert_eq!(purposes.len(), 2, "{shown}");
    assert_eq!(purposes[0]["purpose"], "before");
    let key_after = call(&key, &after).await.expect_success().stdout;
    assert_eq!(key_after, key_before);
    let checked = call(&["check", "second-log"], &after).await;
    checked.expect_success();
    let keys = call(&["access", "list-keys"], &after[..2]).await;
    assert!(keys.expect_success().stdout.contains("an office"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p7_an_order_after_the_seam_destroys_what_was_sealed_before_it() {
    let mut stage = destroyed::stage().await;
    let mut line = stage
        .lines
        .on("2024-02-01", "record-person", &json!({"kind": "citizen"}));
    line["personal"] = json!({"name": destroyed::NAME, "iin": stage.lines.iin()});
    let recorded = stage.register.must(&[line]).await;
    let stream = recorded.streams.keys().next().expect("a stream").clone();
    let person: Ref = stream["person/".len()..].parse().expect("a reference");
    stage.sign().await;
    let kept = tempfile::tempdir().expect("a directory");
    let copy = format!("VACUUM INTO '{}'", kept.path().join("log.sqlite").display());
    let mut connection = owner(stage.register.directory.path()).await;
    connection.execute(&*copy).await.expect("a copy");
    stage.families(1).await;
    stage.sign().await;
    let earlier = SqliteLog::open(kept.path(), None).await;
    let earlier = Log::Sqlite(earlier.expect("the copy opens"));
    let signer = tempfile::tempdir().expect("a directory");
    copy_files(stage.signer.path(), signer.path());
    let closed = closed(earlier, &stage, signer).await;
    let directory = tempfile::tempdir().expect("a directory");
    let log = SqliteLog::open(directory.path(), Some(&new_log(&closed.earlier))).await;
    let log = goes_on(&closed, Log::Sqlite(log.expect("a new log"))).await;

    let files = VaultPlace::files(stage.register.directory.path());
    let among = (closed.earlier.origin(), std::slice::from_ref(log.origin()));
    let vault = Vault::open_among(&files, among, Entropy::System).await;
    let vault = vault.expect("the vault goes on");
    let personal = Personal::new(log.clone(), vault.clone());
    let values = personal.person(person, None).await.expect("it opens");
    assert!(
        values
            .iter()
            .any(|value| value.value.as_str() == destroyed::NAME)
    );

    let clock = Clock::simulated(LATER.parse().expect("an instant"));
    let dispatch = Dispatch::start(
        log.clone(),
        Some(vault.clone()),
        clock.clone(),
        Entropy::System,
    );
    let next = Next {
        dispatch: dispatch.await.expect("a decider"),
        log,
        clock,
        directory,
    };
    for line in destroyed::orders(&mut stage.lines, &person.to_string()) {
        let outcome = next.send(&line).await;
        let told = crate::support::register::answer(&outcome);
        assert!(told.contains("accepted"), "{told}");
    }
    let gone = personal.person(person, None).await;
    assert!(matches!(gone, Err(NotTold::Destroyed)), "{gone:?}");
    // Neither the vault nor the kept log beside which it was sealed has it.
    let of = stream.parse().expect("a stream");
    let texts = closed.earlier.read_stream(&of, StreamSeq(0), 1).await;
    let text = texts.expect("entries")[0].text.clone();
    let (command, slots) = destroyed::slots(&text);
    let owners: Vec<_> = slots
        .iter()
        .map(|slot| (slot.subject, slot.category))
        .collect();
    assert!(!owners.is_empty());
    let without = vault.without_key(&owners).await.expect("an answer");
    assert!(owners.iter().all(|owner| without.contains(owner)));
    for slot in &slots {
        let sealed = closed
            .earlier
            .sealed(command, &slot.name, slot.subject)
            .await;
        assert!(sealed.expect("an answer").is_none());
    }
}
