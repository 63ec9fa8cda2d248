//! The second log: blocked commands and reads of data about persons stand in it before they are answered.

use std::path::PathBuf;

use qonys::{
    audit::{self, Audit},
    clock::{Clock, Entropy},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    proof::{Proof, publisher::Publisher, signer::Signer},
};
use qonys_events::{
    digest::Sha256Hex,
    entry::Entry,
    fact::Fact,
    scalar::Position,
    term::LogKind,
    tree::{Frontier, leaf_hash},
};
use qonys_verify::{checkpoint::Checkpoint, note::VerifierKey};
use serde_json::{Value, json};

use super::{Guarded, named};
use crate::support::{
    database::TestDatabase,
    register::{Lines, Register},
};

/// A second log for a register, on a store of its own.
pub(in crate::http) async fn audit(register: &Register) -> Audit {
    let new = audit::settings(&NewLog {
        origin: register.log.origin().clone(),
        zone: register.log.zone().clone(),
        clock: register.log.clock_kind(),
    });
    let new = new.expect("settings");
    let directory = register.directory.path().join("access");
    let log = SqliteLog::open(&directory, Some(&new))
        .await
        .expect("a log");
    start(Log::Sqlite(log)).await
}

/// Where the signer of a register's second log stands.
pub(in crate::http) fn signer(register: &Register) -> PathBuf {
    register.directory.path().join("second-signer")
}

/// A publisher of a second log.
pub(in crate::http) fn publisher(register: &Register, audit: &Audit) -> Publisher {
    let directory = register.directory.path().join("access");
    let (proof, origin) = (Proof::new(audit.log(), &directory), audit.log().origin());
    let signer = Signer::open(&signer(register), origin, Some(&Entropy::System));
    Publisher::new(proof, signer.expect("a signer"))
}

async fn start(log: Log) -> Audit {
    Audit::start(log, LogKind::Test, Clock::System, Entropy::System)
        .await
        .expect("a second log")
}

/// Every entry of a log, after making sure that its head is the tree over them.
pub(super) async fn entries(log: &Log) -> Vec<Entry> {
    let read = log.read_after(Position(0), 1_000).await.expect("entries");
    let mut frontier = Frontier::default();
    read.iter()
        .for_each(|entry| frontier.push(leaf_hash(entry.text.as_bytes())));
    let head = log.head().await.expect("a head");
    assert_eq!(head.frontier.root(), frontier.root());
    // They are entries like any other: read strictly.
    read.iter()
        .map(|entry| Entry::read(&entry.text).expect("an entry"))
        .collect()
}

fn blocked(entries: &[Entry]) -> Vec<(&Entry, String, u64)> {
    let found = entries.iter().filter_map(|entry| match &entry.event.fact {
        Fact::CommandBlocked(fact) => Some((entry, fact.code.to_string(), fact.repeated.0)),
        _ => None,
    });
    found.collect()
}

pub(super) fn reads<'a>(entries: &'a [Entry], stream: &str) -> Vec<(&'a Entry, String, String)> {
    let found = entries
        .iter()
        .filter(|entry| entry.place.subject.to_string() == stream);
    let found = found.filter_map(|entry| match &entry.event.fact {
        Fact::DataRead(read) => Some((entry, read.kind.to_string(), read.operation.to_string())),
        _ => None,
    });
    found.collect()
}

#[tokio::test]
async fn a_blocked_command_is_told_after_it_is_recorded_and_the_same_one_is_counted() {
    for postgres in [false, true] {
        let mut register = Register::embedded("2024-05-30T06:00:00.000000Z").await;
        let database = TestDatabase::create().await;
        let second = if postgres {
            let new = audit::settings(&NewLog {
                origin: register.log.origin().clone(),
                zone: register.log.zone().clone(),
                clock: register.log.clock_kind(),
            });
            PgLog::init(&database.url(), &new.expect("settings"))
                .await
                .expect("a log");
            start(Log::Postgres(
                PgLog::open(&database.url()).await.expect("a log"),
            ))
            .await
        } else {
            audit(&register).await
        };
        register.dispatch = register.dispatch.clone().recording(second.clone());
        let mut lines = Lines::new(63);
        register.must(&lines.opening("simulated")).await;
        let nobody = json!({"application": "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11"});
        for _ in 0..5 {
            let hold = lines.on("2024-05-30", "hold-places", &nobody);
            let answer = crate::support::register::answer(&register.send(&hold).await);
            assert!(answer.contains("application-not-found"), "{answer}");
            // It is durable when it is told.
            let entries = entries(second.log()).await;
            assert_eq!(blocked(&entries).len(), 1);
        }
        let other = json!({"application": "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c12"});
        drop(
            register
                .send(&lines.on("2024-05-30", "hold-places", &other))
                .await,
        );
        let entries = entries(second.log()).await;
        let found = blocked(&entries);
        assert_eq!(found.len(), 2);
        let (entry, code, _) = &found[0];
        assert_eq!(code, "application-not-found");
        assert_eq!(entry.place.subject.to_string(), "office/akimat.pavlodar");
        assert_eq!(
            entry.command.source.as_str(),
            second.log().origin().as_str()
        );
        assert_ne!(second.log().origin(), register.log.origin());
        // The register's own log knows nothing of it.
        let texts = register.texts().await;
        assert!(texts.iter().all(|text| !text.contains("kz.qonys.access")));
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_told() {
    let mut register = Register::embedded("2024-05-30T06:00:00.000000Z").await;
    let database = TestDatabase::create().await;
    let new = audit::settings(&NewLog {
        origin: register.log.origin().clone(),
        zone: register.log.zone().clone(),
        clock: register.log.clock_kind(),
    });
    PgLog::init(&database.url(), &new.expect("settings"))
        .await
        .expect("a log");
    let second = start(Log::Postgres(
        PgLog::open(&database.url()).await.expect("a log"),
    ))
    .await;
    register.dispatch = register.dispatch.clone().recording(second);
    let mut lines = Lines::new(64);
    register.must(&lines.opening("simulated")).await;
    // The second log's database goes away; the register's stays.
    drop(database);
    let nobody = json!({"application": "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11"});
    let hold = lines.on("2024-05-30", "hold-places", &nobody);
    let answer = crate::support::register::answer(&register.send(&hold).await);
    assert!(answer.contains("\"code\":\"unavailable\""), "{answer}");
    assert!(!answer.contains("application-not-found"), "{answer}");
    // What is not blocked goes on.
    register
        .must(&[named(lines.on(
            "2024-05-30",
            "record-person",
            &json!({"kind": "citizen"}),
        ))])
        .await;
}

#[tokio::test]
async fn who_reads_about_a_person_says_why_and_the_person_sees_it() {
    let guarded = Guarded::start().await;
    let person = guarded.person.clone();
    let path = format!("/v1/persons/{person}");
    let token = guarded.issuer.token("registrar", &["registrar"]);
    let bearer = format!("Bearer {token}");
    let case = "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01";
    let ask = async |path: &str, more: &[(&str, &str)], bearer: &str| {
        let mut headers = vec![("authorization", bearer)];
        headers.extend_from_slice(more);
        guarded.client.get_with(path, &headers).await
    };
    // Without a purpose and a case nothing is told, whether the person exists or not.
    let nobody = "/v1/persons/7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11";
    for path in [path.as_str(), nobody] {
        ask(path, &[], &bearer)
            .await
            .problem(400, "purpose-missing");
        ask(path, &[("qonys-purpose", "review")], &bearer)
            .await
            .problem(400, "purpose-missing");
        ask(path, &[("qonys-case", case)], &bearer)
            .await
            .problem(400, "purpose-missing");
    }
    let why = [("qonys-purpose", "residence-check"), ("qonys-case", case)];
    ask(&path, &why, &bearer).await.expect(200);
    // An auditor may have it shown later; a registrar may not.
    let later = [why[0], why[1], ("qonys-shown-from", "2024-12-01")];
    ask(&path, &later, &bearer).await.problem(400, "bad-header");
    let auditor = format!("Bearer {}", guarded.issuer.token("auditor", &["auditor"]));
    ask(&path, &later, &auditor).await.expect(200);
    let never = [why[0], why[1], ("qonys-shown-from", "2030-12-01")];
    ask(&path, &never, &auditor)
        .await
        .problem(400, "bad-header");

    let log = guarded.audit.log();
    let stored = entries(log).await;
    let about = reads(&stored, &format!("person/{person}"));
    assert_eq!(about.len(), 2, "{about:?}");
    let (entry, kind, operation) = &about[0];
    assert_eq!((kind.as_str(), operation.as_str()), ("read", "get-person"));
    assert_eq!(
        entry.command.purpose.as_ref().map(ToString::to_string),
        Some("residence-check".into())
    );
    assert_eq!(
        entry.event.caseref.map(|case| case.to_string()),
        Some(case.to_owned())
    );
    assert_eq!(entry.command.policy.as_str(), "case-workers-read-persons");

    // The person sees the first; the other one is shown to auditors only until its day.
    let mut claims = guarded.issuer.claims("citizen", &[]);
    claims["person"] = json!(person);
    let citizen = format!("Bearer {}", guarded.issuer.signed(&claims));
    let readers = format!("{path}/readers");
    let shown = ask(&readers, &[], &citizen).await.expect(200).json();
    let items = shown["items"].as_array().expect("items");
    // His own question is about himself, and stands there too.
    let kinds: Vec<&Value> = items.iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, [&json!("read"), &json!("query")], "{shown}");
    assert_eq!(items[0]["purpose"], "residence-check");
    assert_eq!(items[0]["role"], "registrar");
    let all = ask(&readers, &[], &auditor).await.expect(200).json();
    assert_eq!(all["items"].as_array().expect("items").len(), 4, "{all}");
    // Another person's are not his.
    ask(&format!("{nobody}/readers"), &[], &citizen)
        .await
        .expect(403);
    ask(&path, &why, &citizen).await.expect(403);

    // Auditors' own questions stand there too.
    ask("/v1/decisions", &[], &auditor).await.expect(200);
    ask("/v1/entries", &[], &auditor).await.expect(200);
    ask("/v1/audit", &[], &auditor).await.expect(200);
    let stored = entries(log).await;
    let of_office = reads(&stored, "office/akimat.almaty");
    let asked: Vec<&str> = of_office
        .iter()
        .map(|(_, _, operation)| operation.as_str())
        .collect();
    assert_eq!(asked, ["list-decisions", "list-entries", "list-audit"]);
    let listed = ask("/v1/audit?limit=2", &[], &auditor).await.expect(200);
    let lines: Vec<&str> = listed.text().lines().collect();
    assert_eq!(lines.len(), 2);
    Entry::read(lines[0]).expect("an entry");
    assert!(listed.next().is_some());
    // What is read in secret is read nowhere else: the register's own log has none of it.
    let digest = Sha256Hex::of(guarded.register.texts().await.concat().as_bytes());
    ask(&path, &why, &bearer).await.expect(200);
    assert_eq!(
        digest,
        Sha256Hex::of(guarded.register.texts().await.concat().as_bytes())
    );
}

#[tokio::test]
async fn a_personal_value_is_opened_after_that_is_recorded() {
    let guarded = Guarded::start().await;
    let mut lines = Lines::new(65);
    let mut line = named(lines.on("2024-05-30", "record-person", &json!({"kind": "citizen"})));
    line["personal"]["iin"] = json!("850101100012");
    let stored = guarded.register.must(&[line]).await;
    let position = stored.positions[0];
    let stream = stored.streams.keys().next().expect("a stream").clone();
    let bearer = format!(
        "Bearer {}",
        guarded.issuer.token("registrar", &["registrar"])
    );
    let headers = [
        ("authorization", bearer.as_str()),
        ("qonys-purpose", "certificate"),
        ("qonys-case", "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01"),
    ];
    let path = format!("/v1/entries/{position}/personal");
    let opened = guarded
        .client
        .get_with(&path, &headers)
        .await
        .expect(200)
        .json();
    assert_eq!(opened["values"]["name"], "Сынақ Тұлға");
    let entries = entries(guarded.audit.log()).await;
    let about = reads(&entries, &stream);
    assert_eq!(about.len(), 1);
    let Fact::DataRead(read) = &about[0].0.event.fact else {
        panic!("{about:?}");
    };
    let names: Vec<String> = read.opened.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["iin", "name"]);
    // The value stands neither there nor in the register.
    let mut texts = guarded.register.texts().await;
    texts.extend(entries.iter().map(|entry| entry.write().expect("text")));
    assert!(texts.iter().all(|text| !text.contains("Сынақ")));
    let none = "/v1/entries/1/personal";
    let empty = guarded
        .client
        .get_with(none, &headers)
        .await
        .expect(200)
        .json();
    assert_eq!(empty["values"], json!({}));
    let none = "/v1/entries/9999/personal";
    guarded.client.get_with(none, &headers).await.expect(404);
}

#[tokio::test]
async fn an_auditor_gets_the_second_log_as_it_is_signed() {
    let guarded = Guarded::start().await;
    let bearer = format!("Bearer {}", guarded.issuer.token("auditor", &["auditor"]));
    let ask = async |path: &str| {
        let headers = [("authorization", bearer.as_str())];
        guarded.client.get_with(path, &headers).await.expect(200)
    };
    let note = ask("/v1/audit/checkpoint").await;
    let (note, head) = Checkpoint::of_note(&note.body).expect("a checkpoint");
    assert_eq!(head.origin, guarded.audit.log().origin().as_str());
    let keys = ask("/v1/audit/keys").await;
    let key: VerifierKey = keys.text().trim().parse().expect("a key");
    assert_eq!(note.signed_by(&[key]).expect("it is signed").len(), 1);
    assert_eq!(head.size, 1, "what opened it was signed");
    let tile = ask("/v1/audit/tile/entries/000.p/1").await;
    let entry = String::from_utf8_lossy(&tile.body);
    assert!(entry.contains("log.opened"), "{entry}");
    let kept_by = tile.headers["cache-control"].to_str().expect("a text");
    assert!(kept_by.starts_with("private"), "{kept_by}");
}
