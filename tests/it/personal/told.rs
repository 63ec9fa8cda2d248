//! What the command line tells about a person, and what it exports, stands in the second log before it is told.

use qonys::log::{Log, sqlite::SqliteLog};
use qonys_events::{entry::Entry, fact::Fact, scalar::StreamSeq};
use serde_json::Value;

use super::{AT, NAME, law, person, recorded};
use crate::support::{
    process::{qonys, run},
    register::{Lines, Register},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_records_what_it_tells() {
    let mut lines = Lines::new(79);
    let register = Register::embedded(AT).await;
    register.must(&law(&mut lines)).await;
    let line = person(&mut lines, NAME, &crate::support::register::iin(1));
    let stored = register.must(&[line]).await;
    let of = recorded(&register, &stored).await.to_string();
    let position = stored.positions[0].to_string();
    let stored = register
        .must(&lines.applicant("resettlers", 0, "2024-02-01"))
        .await;
    let mut streams = stored.streams.keys();
    let filed = streams.find(|stream| stream.starts_with("application/"));
    let filed = filed.expect("an application").to_string();
    let Register {
        log,
        dispatch,
        vault,
        directory,
        ..
    } = register;
    drop((log, dispatch, vault));
    let data = directory.path().to_string_lossy().into_owned();
    let call = async |arguments: &[&str]| {
        let all: Vec<String> = [arguments, &["--data-dir", &data]]
            .concat()
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        // The store is let go of when its last holder is gone.
        for _ in 0..100 {
            let done = run(qonys(all.clone())).await;
            if done.code() != Some(6) {
                return done;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the directory is not free");
    };
    let case = "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01";
    let why = ["--purpose", "review", "--case", case];
    call(&[&["person", &of][..], &why].concat())
        .await
        .expect_success();
    let scope = directory.path().join("scope");
    std::fs::write(&scope, format!("{position} name\n")).expect("a file");
    let (scope, target) = (scope.to_string_lossy(), directory.path().join("bundle.tar"));
    let target = target.to_string_lossy();
    call(&["export", "bundle", &target, "--open", &scope])
        .await
        .expect_success();
    call(&["export", "bundle", &format!("{target}.2.tar")])
        .await
        .expect_success();
    // Raw entries, lists that are narrowed to somebody, and receipts, which hold the entry; a list of many is about nobody alone.
    let (stream, narrowed) = (format!("person/{of}"), format!("person={of}"));
    let application = filed.trim_start_matches("application/");
    for asked in [
        &["queue", application][..],
        &["history", &stream],
        &["history"],
        &["decision", &position],
        &["decision", "1"],
        &["list", "persons", "--where", &narrowed],
        &["list", "persons"],
        &["list", "norms"],
        &["decisions", "--stream", &stream],
        &["late"],
        &["receipt", &position],
        &["receipt", "1"],
    ] {
        call(&[asked, &why].concat()).await.expect_success();
    }
    let shown = call(&["readers", &of, "--output", "json"])
        .await
        .expect_success();
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    let told: Vec<(&str, &str)> = shown
        .as_array()
        .expect("a list")
        .iter()
        .map(|read| {
            let word = |name: &str| read[name].as_str().unwrap_or_default();
            (word("kind"), word("operation"))
        })
        .collect();
    // The export without an opened value is about nobody alone; asking who looked is a question too.
    assert_eq!(
        told,
        [
            ("read", "person"),
            ("export", "export-bundle"),
            ("export", "history"),
            ("export", "decision"),
            ("read", "list-persons"),
            ("read", "list-decisions"),
            ("read", "receipt"),
            ("query", "readers")
        ]
    );
    assert_eq!(shown[0]["purpose"], "review");
    assert_eq!(shown[0]["caseref"], case);
    assert_eq!(shown[1]["opened"], serde_json::json!(["name"]));
    assert_eq!(shown[1]["role"], "local");
    assert_eq!(told_of(directory.path(), &filed).await, ["queue"]);
    assert_eq!(
        told_of(directory.path(), "office/none").await,
        [
            "export-bundle",
            "history",
            "decision",
            "list-persons",
            "late"
        ]
    );
}

/// What the second log says was told of a subject; what is about nobody alone stands with the office.
async fn told_of(directory: &std::path::Path, stream: &str) -> Vec<String> {
    let log = SqliteLog::open(&directory.join("access"), None).await;
    let stream = stream.parse().expect("a stream");
    let log = Log::Sqlite(log.expect("the second log"));
    let read = log.read_stream(&stream, StreamSeq(0), 100).await;
    let entries = read.expect("entries").into_iter();
    let entries = entries.map(|recorded| Entry::read(&recorded.text).expect("an entry"));
    entries
        .filter_map(|entry| match entry.event.fact {
            Fact::DataRead(read) => Some(read.operation.to_string()),
            _ => None,
        })
        .collect()
}
