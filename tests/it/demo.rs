//! The demonstration: show A. Same seed, same bytes; an interruption changes nothing; what is printed is what a query
//! answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use qonys::{
    demo::{self, DEFAULT_SEED, DemoError, Done, Finished, Options},
    dispatch::Request,
    log::{NewLog, sqlite::SqliteLog},
};
use qonys_domain::command::Command;
use qonys_events::{digest::Sha256Hex, term::ClockKind};
use serde_json::Value;

use crate::{
    support::process::{Running, qonys},
    tidy::root,
};

mod queries;

/// The other seed.
const OTHER_SEED: u64 = 2;
/// Bytes of the log at which a demonstration is killed: somewhere in the middle.
const KILLED_AT: u64 = 20_000_000;

fn options(dir: &Path, seed: u64) -> Options {
    Options {
        dir: dir.to_owned(),
        seed,
    }
}

/// Runs a demonstration when the directory is free: a decider that has just ended lets go of it soon.
async fn run(options: &Options) -> Result<Finished, DemoError> {
    for _ in 0..200 {
        match demo::run(options).await {
            Err(DemoError::Log(error)) if error.to_string().contains("open") => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            done => return done,
        }
    }
    demo::run(options).await
}

fn golden_file() -> PathBuf {
    root().join("tests/it/demo/roots.txt")
}

/// The committed roots: number of entries and root of the tree, by seed.
fn golden_roots() -> BTreeMap<u64, String> {
    let kept = std::fs::read_to_string(golden_file()).unwrap_or_default();
    kept.lines()
        .filter_map(|line| {
            let (seed, rest) = line.split_once(' ')?;
            Some((seed.parse().ok()?, rest.to_owned()))
        })
        .collect()
}

/// The committed number of entries and root of a seed.
pub(crate) fn golden(seed: u64) -> Option<String> {
    golden_roots().remove(&seed)
}

/// Compares with the committed root of the seed; `QONYS_BLESS=1` writes it.
#[track_caller]
fn is_golden(seed: u64, finished: &Finished) {
    let mut roots = golden_roots();
    let found = format!("{} {}", finished.position, finished.root);
    if std::env::var_os("QONYS_BLESS").is_some() {
        roots.insert(seed, found);
        let text: Vec<String> = roots
            .iter()
            .map(|(seed, rest)| format!("{seed} {rest}\n"))
            .collect();
        std::fs::write(golden_file(), text.concat()).expect("the golden file can be written");
    } else {
        assert_eq!(
            roots.get(&seed),
            Some(&found),
            "entries and root of seed {seed}: QONYS_BLESS=1 writes them"
        );
    }
}

/// What a data directory holds: SQLite's scratch files come and go.
fn contents(dir: &Path) -> BTreeMap<String, Sha256Hex> {
    let files = std::fs::read_dir(dir).expect("a directory").flatten();
    let kept = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        let scratch = ["-shm", "-wal", ".lock"];
        if scratch.iter().any(|end| name.ends_with(end)) {
            return None;
        }
        let bytes = std::fs::read(file.path()).ok()?;
        Some((name, Sha256Hex::of(&bytes)))
    });
    kept.collect()
}

fn size(dir: &Path) -> u64 {
    let sizes = ["log.sqlite", "log.sqlite-wal"].map(|name| {
        let file = std::fs::metadata(dir.join(name));
        file.map_or(0, |file| file.len())
    });
    sizes.into_iter().sum()
}

/// A demonstration has a command of every type that was accepted: whatever the register can do stands in its log.
#[track_caller]
fn every_type_is_lived_through(seed: u64, accepted: &BTreeSet<String>) {
    let mut lived = BTreeSet::new();
    for (_, line) in demo::lines(seed) {
        let request = Request::read(&line).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        if accepted.contains(&request.id.to_string()) {
            lived.insert(request.type_name);
        }
    }
    assert!(!lived.is_empty());
    let missing = Command::TYPES.iter().copied();
    let missing: Vec<&str> = missing.filter(|name| !lived.contains(*name)).collect();
    assert!(missing.is_empty(), "not in the log: {missing:?}");
}

/// Every figure of a story is printed, and is what the queries answer.
async fn figures_are_answers(dir: &Path, seed: u64, told: &demo::Told) {
    let answers = queries::Answers::of(dir).await;
    every_type_is_lived_through(seed, &answers.commands());
    answers.report_holds().await;
    assert!(told.figures.len() > 80, "{}", told.figures.len());
    // What a chapter tells is of the entry that decided, not of one that goes with it.
    assert!(!told.text.contains("not a registration"), "{}", told.text);
    for figure in &told.figures {
        assert!(told.text.contains(&figure.value), "{figure:?}");
        let answer = answers.figure(&figure.name).await;
        assert_eq!(figure.value, answer, "{}", figure.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_demonstration_goes_on_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("a path");
    let command = qonys(["demo", "--no-serve", "--data-dir", path]);
    let running = Running::start(command);
    while size(dir.path()) < KILLED_AT {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.kill9().await;
    let options = options(dir.path(), DEFAULT_SEED);
    let finished = run(&options).await.expect("it goes on");
    assert_eq!(finished.done, Done::Resumed);
    is_golden(DEFAULT_SEED, &finished);
    let told = finished.told.clone();
    drop(finished);
    figures_are_answers(dir.path(), DEFAULT_SEED, &told).await;

    let before = contents(dir.path());
    let again = run(&options).await.expect("it is told again");
    assert_eq!((again.done, again.blocked), (Done::Unchanged, 0));
    assert_eq!(again.told, told);
    drop(again);
    assert_eq!(contents(dir.path()), before);

    let other = run(&self::options(dir.path(), OTHER_SEED)).await;
    assert!(matches!(other, Err(DemoError::OtherSeed(_))), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_seed_lives_through_another_year() {
    let dir = tempfile::tempdir().expect("a directory");
    let finished = run(&options(dir.path(), OTHER_SEED))
        .await
        .expect("it runs");
    assert_eq!(finished.done, Done::Made);
    assert!(finished.blocked >= 500, "{}", finished.blocked);
    is_golden(OTHER_SEED, &finished);
    let told = finished.told.clone();
    drop(finished);
    figures_are_answers(dir.path(), OTHER_SEED, &told).await;
    for (name, least) in [
        ("person.residence-registered", 500),
        ("quota-line.places-held", 500),
        ("quota-line.places-committed", 500),
        ("quota-line.places-released", 500),
    ] {
        let figure = told
            .figures
            .iter()
            .find(|f| f.name == format!("entries {name}"));
        let count = figure.map_or(0, |figure| figure.value.parse().unwrap_or(0));
        assert!(count >= least, "{name}: {count}");
    }
}

#[tokio::test]
async fn another_log_is_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    let log = SqliteLog::open(dir.path(), Some(&new)).await;
    drop(log.expect("a new log"));
    let other = run(&options(dir.path(), DEFAULT_SEED)).await;
    assert!(matches!(other, Err(DemoError::OtherLog(_))), "{other:?}");
}

#[test]
fn the_agenda_is_a_function_of_the_seed() {
    let one: Vec<_> = demo::lines(DEFAULT_SEED).collect();
    assert!(one == demo::lines(DEFAULT_SEED).collect::<Vec<_>>());
    assert!(one != demo::lines(OTHER_SEED).collect::<Vec<_>>());
    assert!(one.len() >= 20_000, "{}", one.len());
    let (mut types, mut ids) = (BTreeMap::<String, u32>::new(), BTreeSet::new());
    for (_, line) in &one {
        let request = Request::read(line).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        *types.entry(request.type_name).or_default() += 1;
        assert!(ids.insert(request.id), "{line}: its id stands twice");
    }
    let many = types.values().filter(|count| **count >= 20).count();
    assert!(many >= 10, "{types:?}");
    for name in [
        "register-residence",
        "hold-places",
        "commit-places",
        "release-places",
    ] {
        assert!(types[name] >= 500, "{types:?}");
    }
    assert!(one.is_sorted_by_key(|(at, _)| *at));
}

/// The control digit of an IIN: weights 1 to 11; where that gives 10, weights 3 to 11, 1, 2.
fn control_digit(iin: &[u32]) -> u32 {
    let sum = |first: u32| {
        let weights = (0..11).map(|n| (n + first - 1) % 11 + 1);
        iin.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11
    };
    if sum(1) == 10 { sum(3) } else { sum(1) }
}

#[test]
fn no_person_of_the_demonstration_lives() {
    let known = [8, 0, 0, 4, 1, 6, 1, 0, 0, 2, 5, 4];
    assert_eq!(control_digit(&known[..11]), known[11]);
    let mut seen = BTreeSet::new();
    for (_, line) in demo::lines(DEFAULT_SEED) {
        let line: Value = serde_json::from_str(&line).expect("a line of JSON");
        let Some(iin) = line["personal"]["iin"].as_str() else {
            continue;
        };
        let digits: Vec<u32> = iin.chars().filter_map(|c| c.to_digit(10)).collect();
        assert_eq!(digits.len(), 12, "{iin}");
        assert!(matches!(digits[6], 1 | 2), "{iin}: not of the 1800s");
        assert_eq!(control_digit(&digits[..11]), digits[11], "{iin}");
        assert!(seen.insert(digits), "{iin} stands twice");
    }
    assert!(seen.len() > 5_000, "{}", seen.len());
}
