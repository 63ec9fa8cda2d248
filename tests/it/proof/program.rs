//! The program as an auditor meets it: five commands, exit codes, a report that other programs read.

use serde_json::Value;

use super::stage::Stage;
use crate::support::process::{qonys, run};

/// A register that is closed: its data directory may be opened by the program.
async fn closed() -> (tempfile::TempDir, tempfile::TempDir) {
    let mut stage = Stage::embedded().await;
    stage.families(50).await;
    let Stage {
        register,
        publisher,
        signer,
        ..
    } = stage;
    let directory = register.directory;
    drop((publisher, register.dispatch, register.log));
    (directory, signer)
}

#[tokio::test]
async fn five_commands_from_a_register_to_a_verdict() {
    let (directory, signer) = closed().await;
    let work = tempfile::tempdir().expect("a directory");
    let path = |name: &str| work.path().join(name).to_string_lossy().into_owned();
    let data = directory.path().to_string_lossy().into_owned();
    let signer = signer.path().to_string_lossy().into_owned();
    let at = ["--data-dir", &data, "--signer-dir", &signer];
    let call = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        async move { run(qonys(arguments)).await }
    };
    let with = |arguments: &[&str]| {
        [arguments, &at[..]]
            .concat()
            .iter()
            .map(|a| (*a).to_owned())
            .collect::<Vec<String>>()
    };
    // The decider lets go of the store when its last sender is gone.
    let mut key = String::new();
    for _ in 0..100 {
        let shown = run(qonys(with(&["key", "show"]))).await;
        if shown.code() == Some(0) {
            key = shown.stdout.trim().to_owned();
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(key.starts_with("qonys/almaty/test/1+"), "{key}");
    let note = run(qonys(with(&["checkpoint"])))
        .await
        .expect_success()
        .stdout;
    std::fs::write(path("kept"), &note).expect("a file");
    std::fs::write(path("log.key"), format!("{key}\n")).expect("a file");
    for target in ["bundle", "bundle.tar"] {
        run(qonys(with(&["export", "bundle", &path(target)])))
            .await
            .expect_success();
        let verified = call(&[
            "verify",
            &path(target),
            "--key",
            &path("log.key"),
            "--older",
            &path("kept"),
            "--output",
            "json",
        ])
        .await;
        let report: Value = serde_json::from_str(&verified.expect_success().stdout).expect("JSON");
        assert_eq!(
            (&report["verified"], &report["level"]),
            (&true.into(), &"views".into())
        );
        assert!(
            report["views"]
                .as_array()
                .is_some_and(|views| views.len() > 10)
        );
    }
    // Anybody's tar reads the archive.
    let tar = tokio::process::Command::new("tar")
        .args(["-tf", &path("bundle.tar")])
        .output()
        .await;
    let listed = String::from_utf8(tar.expect("tar runs").stdout).expect("names");
    assert!(listed.starts_with("bundle.json\ncheckpoint\n"), "{listed}");
    run(qonys(with(&[
        "export",
        "bundle",
        &path("range"),
        "--from",
        "260",
        "--to",
        "270",
    ])))
    .await
    .expect_success();
    call(&["verify", &path("range"), "--key", &key])
        .await
        .expect_success();

    // A receipt, for its holder alone.
    let receipt = run(qonys(with(&["receipt", "20"])))
        .await
        .expect_success()
        .stdout;
    std::fs::write(path("20.tlog-proof"), &receipt).expect("a file");
    let verified = call(&["verify", &path("20.tlog-proof"), "--key", &key])
        .await
        .expect_success();
    assert!(
        verified.stdout.contains("entry 20 of qonys/almaty/test/1"),
        "{}",
        verified.stdout
    );
    let altered = receipt
        .replacen("index 20", "index 21", 1)
        .replacen("index 19", "index 18", 1);
    std::fs::write(path("bad.tlog-proof"), altered).expect("a file");
    assert_eq!(
        call(&["verify", &path("bad.tlog-proof"), "--key", &key])
            .await
            .code(),
        Some(3)
    );
    assert_eq!(
        run(qonys(with(&["receipt", "99999"]))).await.code(),
        Some(1)
    );

    // A byte of the bundle.
    let entries = path("bundle/tile/entries/000");
    let mut bytes = std::fs::read(&entries).expect("a file");
    bytes[1_000] ^= 1;
    std::fs::write(&entries, bytes).expect("a file");
    let failed = call(&[
        "verify",
        &path("bundle"),
        "--key",
        &key,
        "--output",
        "ndjson",
    ])
    .await;
    assert_eq!(failed.code(), Some(3));
    let report: Value = serde_json::from_str(&failed.stdout).expect("one line of JSON");
    let faults = report["faults"].as_array().expect("faults");
    let leaf = faults
        .iter()
        .find(|fault| fault["code"] == "E-LEAF")
        .expect("a leaf");
    assert_eq!(
        (&leaf["file"], &leaf["position"]),
        (&"tile/0/000".into(), &"2".into())
    );
    assert!(
        failed.stderr.contains("verification failed"),
        "{}",
        failed.stderr
    );
    // Without a key anybody's log would pass.
    assert_eq!(call(&["verify", &path("bundle")]).await.code(), Some(2));
}
