//! A full disk under the log. Small file systems are mounted for it, which takes root; without, a row says so.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    vault::Vault,
};
use qonys_events::{scalar::Position, term::ClockKind};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use crate::support::{database::TestDatabase, register::Lines, register::answer, rows::row};

/// Bytes that are left when the filling begins.
const LEAVE: usize = 1 << 20;
const AT: &str = "2025-01-15T12:00:00.000000Z";

/// A file system in memory, of so many megabytes. Gone with the value.
struct SmallDisk {
    at: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts one; `None` where that is not allowed.
    fn mount(megabytes: u32) -> Option<Self> {
        let at = tempfile::tempdir().expect("a directory");
        let size = format!("size={megabytes}m,mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at.path())
            .output();
        mounted.ok()?.status.success().then_some(Self { at })
    }

    fn path(&self) -> &Path {
        self.at.path()
    }

    /// Takes up room until the file is removed: leaves so many bytes.
    fn ballast(&self, leave: usize) -> PathBuf {
        let asked = Command::new("df")
            .args(["--output=avail", "-B1"])
            .arg(self.path())
            .output()
            .expect("df runs");
        let text = String::from_utf8_lossy(&asked.stdout).into_owned();
        let free: usize = text
            .lines()
            .last()
            .and_then(|line| line.trim().parse().ok())
            .expect("a number of bytes");
        let file = self.path().join("ballast");
        std::fs::write(&file, vec![1; free.saturating_sub(leave)]).expect("there is room");
        file
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(
            Command::new("umount")
                .arg("-l")
                .arg(self.at.path())
                .output(),
        );
    }
}

fn settings() -> NewLog {
    NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::Simulated,
    }
}

async fn decide(dispatch: &Dispatch, line: &Value) -> Outcome {
    let request = Request::read(&line.to_string()).expect("a line");
    dispatch.decide(request).await
}

/// Fills the disk with commands, makes room, sends again what was not stored, and compares.
async fn fill(log: Log, room: impl AsyncFnOnce()) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let entropy = Entropy::seeded(1);
    let vault = Vault::open(directory.path(), log.origin(), entropy.clone()).await;
    let clock = Clock::simulated(AT.parse().expect("an instant"));
    let dispatch = Dispatch::start(log.clone(), vault.ok(), clock, entropy).await;
    let dispatch = dispatch.expect("a decider");
    let noise = Entropy::seeded(2);
    let noise = || {
        (0..8)
            .map(|_| noise.nonce().to_string())
            .collect::<String>()
    };
    let mut lines = Lines::new(1);
    for line in lines.opening("simulated") {
        let outcome = decide(&dispatch, &line).await;
        assert!(
            matches!(outcome, Outcome::Accepted(_)),
            "{}",
            answer(&outcome)
        );
    }
    let mut told: BTreeMap<String, Vec<Position>> = BTreeMap::new();
    let mut refused = Vec::new();
    for n in 0.. {
        assert!(n < 20_000, "the disk does not get full");
        // A norm with a source of some length that cannot be packed.
        let mut line = lines.competence(&format!("kind-{n}"));
        line["data"]["source"] = serde_json::json!(noise());
        match decide(&dispatch, &line).await {
            Outcome::Accepted(stored) => {
                let id = line["id"].as_str().expect("an id").to_owned();
                told.insert(id, stored.positions);
            }
            Outcome::Unavailable(_) | Outcome::Unknown => {
                refused.push(line);
                if refused.len() == 3 {
                    break;
                }
            }
            other => panic!("{}", answer(&other)),
        }
    }
    assert!(!told.is_empty(), "the disk was full from the beginning");
    let full = log.head().await.expect("the log still reads").position;
    room().await;
    let mut again = 0;
    for line in &refused {
        let mut tries = 0;
        let stored = loop {
            match decide(&dispatch, line).await {
                Outcome::Accepted(stored) | Outcome::Duplicate(stored) => break stored,
                Outcome::Unavailable(_) | Outcome::Unknown if tries < 50 => tries += 1,
                other => panic!("{}", answer(&other)),
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        };
        let id = line["id"].as_str().expect("an id").to_owned();
        told.insert(id, stored.positions);
        again += 1;
    }
    let mut stands: BTreeMap<String, Vec<Position>> = BTreeMap::new();
    let mut at = Position(0);
    loop {
        let page = log.read_after(at, 1_000).await.expect("the log reads");
        let Some(last) = page.last() else { break };
        at = last.position;
        for recorded in page {
            let entry: Value = serde_json::from_str(&recorded.text).expect("JSON");
            let id = entry["commandid"].as_str().expect("an id").to_owned();
            stands.entry(id).or_default().push(recorded.position);
        }
    }
    for (id, positions) in &told {
        assert_eq!(stands.get(id), Some(positions), "{id}");
    }
    let head = log.head().await.expect("the head");
    assert_eq!(head.position, at, "no gap to the head");
    format!(
        "{} accepted commands stand once, {again} refused ones were stored when there was room; full at {full}, head {at}",
        told.len()
    )
}

const NO_MOUNT: &str = "skipped: mounting a small file system takes root";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_of_an_embedded_log_is_full() {
    let fault = "full disk under the embedded log";
    let Some(disk) = SmallDisk::mount(16) else {
        return row(fault, NO_MOUNT);
    };
    let log = SqliteLog::open(disk.path(), Some(&settings())).await;
    let log = Log::Sqlite(log.expect("a new log"));
    let ballast = disk.ballast(LEAVE);
    let checked = fill(log, async || {
        std::fs::remove_file(ballast).expect("the ballast goes");
    })
    .await;
    row(fault, &checked);
}

/// Statements of the administrator, outside the database.
async fn administer(statement: &str) {
    let url = std::env::var("QONYS_TEST_DATABASE_URL").expect("a test server");
    let mut connection = PgConnection::connect(&url).await.expect("it answers");
    let done = sqlx::raw_sql(statement).execute(&mut connection).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_of_postgresql_is_full() {
    let fault = "full disk under PostgreSQL";
    let Some(disk) = SmallDisk::mount(48) else {
        return row(fault, NO_MOUNT);
    };
    let database = TestDatabase::create().await;
    let mut connection = database.connect().await;
    let data: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&mut connection)
        .await
        .expect("a superuser may ask");
    drop(connection.close().await);
    // The server's user must own the place; where the server is not on this machine there is none.
    let space = disk.path().join("space");
    std::fs::create_dir(&space).expect("a directory");
    let made = Path::new(&data).exists()
        && ["a+rx", "0700"]
            .iter()
            .zip([disk.path(), space.as_path()])
            .all(|(mode, path)| {
                let done = Command::new("chmod").arg(mode).arg(path).output();
                done.is_ok_and(|done| done.status.success())
            })
        && Command::new("chown")
            .arg(format!("--reference={data}"))
            .arg(&space)
            .output()
            .is_ok_and(|done| done.status.success());
    if !made {
        return row(fault, "skipped: the server's files are not on this machine");
    }
    let name = format!("{}_small", database.name());
    administer(&format!(
        "CREATE TABLESPACE {name} LOCATION '{}'",
        space.display()
    ))
    .await;
    administer(&format!(
        "ALTER DATABASE {} SET TABLESPACE {name}",
        database.name()
    ))
    .await;
    PgLog::init(&database.url(), &settings())
        .await
        .expect("a new log");
    let log = PgLog::open(&database.url()).await.expect("the log opens");
    let ballast = disk.ballast(LEAVE);
    let checked = fill(Log::Postgres(log), async || {
        std::fs::remove_file(ballast).expect("the ballast goes");
    })
    .await;
    drop(database);
    administer(&format!("DROP TABLESPACE {name}")).await;
    row(fault, &checked);
}
