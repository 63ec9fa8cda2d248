//! Nothing that the demonstration sealed stands anywhere in plain: not in a database file or its write-ahead log, a view, a
//! bundle, the broker's store or a line of the program's log; nor in the files of PostgreSQL.

#![expect(
    clippy::print_stdout,
    reason = "what was looked through, for whoever looks"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use qonys::demo;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, Row as _};

use super::{NAME, law, person};
use crate::{
    relay::carrier::Carrier,
    support::{
        broker::PrivateBroker,
        process::{qonys, run},
        register::{Lines, Register, iin},
    },
};

/// What must stand nowhere.
struct Needles {
    /// Numbers of twelve digits.
    iins: BTreeSet<Vec<u8>>,
    /// Names of families and streets.
    words: BTreeSet<Vec<u8>>,
}

impl Needles {
    /// Everything personal of these command lines.
    fn of(lines: impl Iterator<Item = Value>) -> Self {
        let (mut iins, mut words) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            let Some(personal) = line["personal"].as_object() else {
                continue;
            };
            for (name, value) in personal {
                let value = value.as_str().expect("a text");
                match name.as_str() {
                    "iin" => drop(iins.insert(value.as_bytes().to_vec())),
                    // The family's name, or the street's: each stands in every value of its kind.
                    "name" | "address" => {
                        let word = value.split([' ', ',']).max_by_key(|word| word.len());
                        words.extend(word.map(|word| word.as_bytes().to_vec()));
                    }
                    _ => {}
                }
            }
        }
        assert!(!iins.is_empty() && !words.is_empty());
        Self { iins, words }
    }

    /// The first that stands in these bytes.
    fn find(&self, bytes: &[u8]) -> Option<String> {
        let mut digits = 0;
        let number = (0..bytes.len()).find_map(|at| {
            digits = if bytes[at].is_ascii_digit() {
                digits + 1
            } else {
                0
            };
            let window = bytes.get((at + 1).checked_sub(12)?..=at)?;
            (digits >= 12 && self.iins.contains(window)).then_some(window)
        });
        let word = || {
            let starts: BTreeSet<u8> = self.words.iter().map(|word| word[0]).collect();
            let mut begin = (0..bytes.len()).filter(|at| starts.contains(&bytes[*at]));
            let word = begin.find_map(|at| {
                let mut words = self.words.iter();
                words.find(|word| bytes[at..].starts_with(word))
            });
            word.map(Vec::as_slice)
        };
        let found = number.or_else(word)?;
        Some(String::from_utf8_lossy(found).into_owned())
    }
}

/// Every file below a directory.
fn files(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_the_demonstration_sealed_stands_in_plain() {
    let needles = Needles::of(
        demo::lines(demo::DEFAULT_SEED).map(|(_, line)| serde_json::from_str(&line).expect("JSON")),
    );
    assert!(needles.iins.len() > 5_000 && needles.words.len() > 15);
    let dir = tempfile::tempdir().expect("a directory");
    let options = demo::Options {
        dir: dir.path().join("data"),
        seed: demo::DEFAULT_SEED,
    };
    let finished = demo::run(&options)
        .await
        .expect("the demonstration is made");
    let broker = PrivateBroker::start().await;
    let mut carrier = Carrier::start(&finished.log, broker.url());
    carrier.published(finished.position.0).await;
    carrier.stop().await;
    drop(finished);
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let mut log_lines = String::new();
    for _ in 0..100 {
        let mut export = qonys([
            "export",
            "bundle",
            &path("bundle"),
            "--data-dir",
            &path("data"),
        ]);
        export.env("QONYS_LOG", "trace");
        let done = run(export).await;
        log_lines.push_str(&done.stderr);
        if done.code() == Some(0) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    fs::write(dir.path().join("log-lines"), log_lines).expect("written");

    let mut looked_through = files(dir.path());
    looked_through.extend(files(&broker.store()));
    let names: Vec<String> = looked_through
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    for kind in [
        "log.sqlite",
        "vault.sqlite",
        "views",
        "bundle",
        "msgs",
        "log-lines",
    ] {
        assert!(
            names.iter().any(|name| name.contains(kind)),
            "{kind} is not among {names:?}"
        );
    }
    let mut bytes_seen = 0;
    for file in &looked_through {
        let bytes = fs::read(file).expect("a file");
        bytes_seen += bytes.len();
        let found = needles.find(&bytes);
        assert_eq!(found, None, "{}", file.display());
    }
    assert!(bytes_seen > 10_000_000, "{bytes_seen} bytes");
    println!(
        "{} files, {bytes_seen} bytes, {} numbers, {} words: none stands there",
        looked_through.len(),
        needles.iins.len(),
        needles.words.len()
    );
    // The scan sees what is there.
    let planted = needles.iins.first().expect("a number");
    assert!(
        needles
            .find(&[b"xx", &planted[..], b"yy"].concat())
            .is_some()
    );
    let planted = needles.words.first().expect("a word");
    assert!(
        needles
            .find(&[b"xx", &planted[..], b"yy"].concat())
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_sealed_stands_in_the_files_of_postgresql() {
    let register = Register::postgres(super::AT).await;
    let mut lines = Lines::new(81);
    let database = register.database.as_ref().expect("a database");
    let mut connection = database.connect().await;
    let begin: String = sqlx::query("SELECT pg_current_wal_lsn()::text")
        .fetch_one(&mut connection)
        .await
        .expect("a place")
        .get(0);
    register.must(&law(&mut lines)).await;
    let mut all: Vec<Value> = (100..120)
        .map(|n| person(&mut lines, &format!("{NAME} {n}"), &iin(n)))
        .collect();
    let mut dwelling = lines.line(
        "record-dwelling",
        &json!({"fund": "private", "useful_area": "4500", "district": "medeu",
        "holding": crate::support::register::holding()}),
    );
    dwelling["personal"] = json!({"address": super::ADDRESS});
    all.push(dwelling);
    register.must(&all).await;
    let needles = Needles::of(all.into_iter());
    connection.execute("CHECKPOINT").await.expect("written");
    let tables: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT f, pg_read_binary_file(d || '/' || f) FROM (SELECT 'base/' || oid AS d FROM pg_database WHERE datname = current_database()) AS x, \
         LATERAL pg_ls_dir(d) AS f",
    )
    .fetch_all(&mut connection)
    .await
    .expect("the files of the database");
    let wal: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT name, pg_read_binary_file('pg_wal/' || name) FROM pg_ls_waldir() \
         WHERE name BETWEEN pg_walfile_name($1::pg_lsn) AND pg_walfile_name(pg_current_wal_lsn()) LIMIT 20",
    )
    .bind(begin)
    .fetch_all(&mut connection)
    .await
    .expect("its write-ahead log");
    assert!(!wal.is_empty() && tables.len() > 100);
    let reference = register.texts().await.len();
    assert!(reference > 20);
    let sees = |text: &str| {
        let text = text.as_bytes();
        tables
            .iter()
            .any(|(_, bytes)| bytes.windows(text.len()).any(|window| window == text))
    };
    assert!(
        sees("kz.qonys.person.recorded.v1"),
        "the scan sees what is there"
    );
    for (name, bytes) in tables.iter().chain(&wal) {
        assert_eq!(needles.find(bytes), None, "{name}");
    }
    connection.close().await.expect("it closes");
}
