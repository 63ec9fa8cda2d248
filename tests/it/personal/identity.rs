//! One person is one reference: by IIN, by document, at once, and after a process that died.

use std::time::Duration;

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog},
    personal::Personal,
    vault::{Ask, Number, Vault, VaultPlace},
};
use qonys_events::{id::Ref, scalar::Position, term::ClockKind};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{AT, NAME, law, person, recorded};
use crate::support::{
    database::TestDatabase,
    register::{Lines, Register, answer},
};

fn reference(n: u128) -> Ref {
    Ref(Uuid::from_u128(n))
}

fn ask(subject: u128, command: u128, iin: &str) -> Ask {
    Ask {
        subject: reference(subject),
        command: reference(command),
        numbers: vec![Number {
            name: "iin",
            value: Zeroizing::new(iin.to_owned()),
            sole: true,
        }],
    }
}

/// A second process on the same log and vault.
async fn process(log: &Log, place: &VaultPlace) -> Dispatch {
    let vault = Vault::open_at(place, log.origin(), Entropy::System)
        .await
        .expect("a vault");
    Dispatch::start(log.clone(), Some(vault), Clock::System, Entropy::System)
        .await
        .expect("a decider")
}

/// Two processes, each with its own connections, record the same forty persons at once.
async fn at_once(log: [Log; 2], place: VaultPlace) {
    let first = process(&log[0], &place).await;
    let mut lines = Lines::new(73);
    let open = lines.line(
        "open-log",
        &json!({"zone": "Asia/Almaty", "kind": "test", "clock": "system"}),
    );
    let outcome = first
        .decide(Request::read(&open.to_string()).expect("a line"))
        .await;
    assert!(
        matches!(outcome, Outcome::Accepted(_)),
        "{}",
        answer(&outcome)
    );
    let second = process(&log[1], &place).await;
    let recording = |dispatch: Dispatch, series: u32| async move {
        let (mut lines, mut waiting) = (Lines::new(series), Vec::new());
        for n in 0..40 {
            let mut line = lines.line("record-person", &json!({"kind": "citizen"}));
            line["personal"] =
                json!({"name": format!("{NAME} {n}"), "iin": crate::support::register::iin(n)});
            waiting.push(
                dispatch
                    .submit(Request::read(&line.to_string()).expect("a line"))
                    .await,
            );
        }
        let mut told = Vec::new();
        for outcome in waiting {
            told.push(outcome.await.expect("an outcome"));
        }
        told
    };
    let (one, two) = tokio::join!(recording(first, 74), recording(second, 75));
    let mut accepted = 0;
    for (one, two) in one.iter().zip(&two) {
        match (one, two) {
            (Outcome::Accepted(_), Outcome::Blocked(blocked))
            | (Outcome::Blocked(blocked), Outcome::Accepted(_)) => {
                assert_eq!(blocked.code.as_str(), "no-change");
                accepted += 1;
            }
            _ => panic!("{one:?} and {two:?}"),
        }
    }
    assert_eq!(accepted, 40);
    let entries = log[0]
        .read_after(Position(0), 1_000)
        .await
        .expect("the log reads");
    assert_eq!(entries.len(), 41, "each is recorded once");
    let streams: std::collections::BTreeSet<_> =
        entries[1..].iter().map(|entry| &entry.stream).collect();
    assert_eq!(streams.len(), 40, "each under a reference of his own");
}

fn new_log() -> NewLog {
    NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_recorded_twice_at_once_is_one_person_with_a_vault_in_a_file() {
    let database = TestDatabase::create().await;
    PgLog::init(&database.url(), &new_log())
        .await
        .expect("a log");
    let open = async || Log::Postgres(PgLog::open(&database.url()).await.expect("it opens"));
    let directory = tempfile::tempdir().expect("a directory");
    at_once(
        [open().await, open().await],
        VaultPlace::files(directory.path()),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_recorded_twice_at_once_is_one_person_with_a_vault_in_a_database_of_its_own() {
    let (database, keys) = (TestDatabase::create().await, TestDatabase::create().await);
    PgLog::init(&database.url(), &new_log())
        .await
        .expect("a log");
    Vault::init(&keys.url()).await.expect("its tables");
    Vault::init(&keys.url()).await.expect("and again");
    let open = async || Log::Postgres(PgLog::open(&database.url()).await.expect("it opens"));
    let directory = tempfile::tempdir().expect("a directory");
    let place = VaultPlace {
        database: Some(keys.url()),
        ..VaultPlace::files(directory.path())
    };
    at_once([open().await, open().await], place.clone()).await;
    assert!(!directory.path().join("vault.sqlite").exists());
    // Another key file does not open it, and nothing takes its place.
    let elsewhere = tempfile::tempdir().expect("a directory");
    let other = VaultPlace {
        directory: elsewhere.path().to_owned(),
        ..place
    };
    let refused = Vault::open_at(&other, &new_log().origin, Entropy::System)
        .await
        .err();
    assert!(refused.expect("refused").to_string().contains("missing"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_found_in_every_writing_and_follows_a_correction() {
    let register = Register::embedded(AT).await;
    let mut lines = Lines::new(76);
    register.must(&law(&mut lines)).await;
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    let (first, second, third) = (
        lines.iin(),
        crate::support::register::iin(1),
        crate::support::register::iin(2),
    );
    let mut line = person(&mut lines, NAME, &first);
    line["data"]["document"] = json!("foreign-passport");
    line["personal"]["document"] = json!("n 12-34567");
    let one = recorded(&register, &register.must(&[line]).await).await;
    let line = person(&mut lines, "Басқа Адам", &second);
    let two = recorded(&register, &register.must(&[line]).await).await;
    for writing in ["N1234567", "n 12-34567", "N 1234 567"] {
        assert_eq!(
            personal
                .search(None, Some(writing))
                .await
                .expect("it reads"),
            [one],
            "{writing}"
        );
    }
    assert_eq!(
        personal
            .search(Some(&first), Some("N1234567"))
            .await
            .expect("it reads"),
        [one]
    );
    assert!(
        personal
            .search(Some(&third), None)
            .await
            .expect("it reads")
            .is_empty()
    );

    let correct = |lines: &mut Lines, iin: &str| {
        let mut line = lines.line(
            "correct-person",
            &json!({"person": one, "entry": "1", "reason": "clerical", "kind": "citizen"}),
        );
        line["personal"] = json!({"name": NAME, "iin": iin});
        line
    };
    let taken = correct(&mut lines, &second);
    let Outcome::Blocked(blocked) = register.send(&taken).await else {
        panic!("it is another's");
    };
    assert_eq!(blocked.code.as_str(), "another-person");
    register.must(&[correct(&mut lines, &third)]).await;
    for _ in 0..1_500 {
        if personal
            .search(Some(&first), None)
            .await
            .expect("it reads")
            .is_empty()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        personal
            .search(Some(&first), None)
            .await
            .expect("it reads")
            .is_empty(),
        "the old number is nobody's"
    );
    assert_eq!(
        personal.search(Some(&third), None).await.expect("it reads"),
        [one]
    );
    assert_eq!(
        personal
            .search(Some(&second), None)
            .await
            .expect("it reads"),
        [two]
    );
    // Somebody without an IIN is one person by his document and his birth date.
    let stranger = |lines: &mut Lines, born: &str| {
        let mut line = lines.on(
            "2024-01-10",
            "record-person",
            &json!({"kind": "foreigner", "document": "foreign-passport"}),
        );
        line["personal"] = json!({"name": "Сынақ Қонақ", "document": "AB 77", "born-on": born});
        line
    };
    register.must(&[stranger(&mut lines, "1885-01-01")]).await;
    let again = register.send(&stranger(&mut lines, "1885-01-01")).await;
    assert!(answer(&again).contains("no-change"), "{}", answer(&again));
    register.must(&[stranger(&mut lines, "1886-01-01")]).await;
    assert_eq!(
        personal
            .search(None, Some("ab77"))
            .await
            .expect("it reads")
            .len(),
        2
    );
}

/// A process that dies between vault and log leaves a claim; who comes then gets its reference, and what nobody came for goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_without_an_entry_loses_nobody() {
    let register = Register::embedded(AT).await;
    let mut lines = Lines::new(77);
    register.must(&law(&mut lines)).await;
    let (taken, left) = (
        crate::support::register::iin(1),
        crate::support::register::iin(2),
    );
    for (subject, iin) in [(501, &taken), (502, &left)] {
        let claimed = register
            .vault
            .claim(&[ask(subject, subject + 100, iin)])
            .await
            .expect("a claim");
        assert!(claimed[0].fresh);
    }
    let line = person(&mut lines, NAME, &taken);
    let got = recorded(&register, &register.must(&[line]).await).await;
    assert_eq!(got, reference(501), "the reference that was claimed");
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    let swept = register
        .dispatch
        .sweep(Duration::ZERO)
        .await
        .expect("it ends");
    assert!(swept >= 1, "{swept}");
    assert_eq!(
        personal.search(Some(&taken), None).await.expect("it reads"),
        [reference(501)]
    );
    assert!(
        personal
            .search(Some(&left), None)
            .await
            .expect("it reads")
            .is_empty()
    );
    let shown = personal.person(got, None).await.expect("its key is there");
    assert_eq!(shown.len(), 2);
    assert_eq!(
        register
            .dispatch
            .sweep(Duration::ZERO)
            .await
            .expect("it ends"),
        0
    );
    let line: Value = person(&mut lines, NAME, &left);
    register.must(&[line]).await;
}

/// A correction that is refused and one that stands come close together: each makes the index good when it is known what became
/// of it, and whichever ends last, the number that stands is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn corrections_that_overlap_leave_what_stands() {
    let mut lines = Lines::new(89);
    let register = Register::embedded(AT).await;
    register.must(&law(&mut lines)).await;
    let personal = Personal::new(register.log.clone(), register.vault.clone());
    let number = |n: u64| crate::support::register::iin(900_000 + n);
    let mut corrected = Vec::new();
    for n in 1..=24 {
        let line = person(&mut lines, NAME, &number(n));
        let of = recorded(&register, &register.must(&[line]).await).await;
        // Without a number: it is nobody's afterwards. Of no such entry, and of the one that stands.
        let mut correct = |entry: &str| {
            let mut line = lines.line(
                "correct-person",
                &json!({"person": of, "entry": entry, "reason": "clerical", "kind": "citizen"}),
            );
            line["personal"] = json!({"name": NAME});
            line
        };
        corrected.push((number(n), correct("9"), correct("1")));
    }
    // The vault is held by somebody while both are decided: what was read of the log may be old when it comes to be written.
    let file = register.directory.path().join("vault.sqlite");
    let options = SqliteConnectOptions::new().filename(file);
    let mut holder = options.connect().await.expect("the vault's file");
    holder.execute("BEGIN IMMEDIATE").await.expect("it is held");
    for (_, refused, _) in &corrected {
        let refused = register.send(refused).await;
        assert!(
            matches!(refused, Outcome::Blocked(_)),
            "{}",
            answer(&refused)
        );
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    for (.., stands) in &corrected {
        let stored = register.send(stands).await;
        assert!(
            matches!(stored, Outcome::Accepted(_)),
            "{}",
            answer(&stored)
        );
    }
    holder.execute("ROLLBACK").await.expect("it is let go");
    let mut wrong = 0;
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        wrong = 0;
        for (number, ..) in &corrected {
            let found = personal.search(Some(number), None).await;
            wrong += found.expect("it reads").len();
        }
        if wrong == 0 {
            return;
        }
    }
    panic!(
        "{wrong} of {} are found by a number that is nobody's",
        corrected.len()
    );
}
