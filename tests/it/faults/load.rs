//! More load than a server can bear: it says so, with 503 and Retry-After, before its memory grows, and is well again
//! when the load is gone. `QONYS_LOAD_SECONDS=60` holds the load for a minute.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use qonys::dispatch::Request;
use qonys_events::scalar::Position;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::support::{
    caller::Caller,
    process::{Running, qonys, run, run_with_input},
    register::{Lines, Register},
    rows::row,
};

/// Callers that the server is meant for, and ten times as many.
const CALLERS: u32 = 40;
const TOO_MANY: u32 = 400;
const PATIENCE: Duration = Duration::from_secs(60);
/// How much a server may grow under any load.
const GROWTH_MAX: u64 = 256 << 20;

/// A server of the embedded log.
pub(super) struct Server {
    running: Running,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Makes the log, sends it these lines, and serves it.
    pub(super) async fn embedded(directory: &Path, opening: &[Value]) -> Self {
        let place = directory.to_string_lossy().into_owned();
        let text: String = opening.iter().map(|line| format!("{line}\n")).collect();
        let init = qonys(["init", "--kind", "test", "--data-dir", &place]);
        run(init).await.expect_success();
        let submit = qonys(["submit", "-", "--data-dir", &place]);
        run_with_input(submit, &text).await.expect_success();
        let mut running = Running::start(qonys([
            "serve",
            "--addr",
            "127.0.0.1:0",
            "--data-dir",
            &place,
        ]));
        let line = running.wait_for("serving http://", PATIENCE).await;
        let address = line.split_once("http://").expect("an address").1;
        let address = address.trim().trim_end_matches('/').parse();
        Self {
            running,
            address: address.expect("an address"),
        }
    }

    /// How many entries the log has.
    pub(super) async fn size(&self) -> usize {
        let asked = Caller::new(self.address)
            .get("/v1/tree-head", PATIENCE)
            .await;
        let (_, body) = asked.expect("an answer");
        let head: Value = serde_json::from_slice(&body).expect("JSON");
        let size = head["size"].as_str().expect("a size");
        size.parse().expect("a number")
    }

    pub(super) fn pid(&self) -> u32 {
        self.running.pid()
    }
}

/// The resident memory of a process, in bytes.
pub(super) fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.expect("a size").trim().parse().expect("a number");
    kilobytes << 10
}

/// What callers met.
#[derive(Default)]
struct Met {
    accepted: AtomicU64,
    busy: AtomicU64,
    nothing: AtomicU64,
    told: Mutex<BTreeMap<String, Vec<String>>>,
    over: AtomicBool,
}

/// Records persons without pause; whoever is told to come back does so as told, at most a second later.
async fn call(address: SocketAddr, series: u32, met: Arc<Met>) {
    let mut caller = Caller::new(address);
    let mut lines = Lines::new(series);
    while !met.over.load(Ordering::SeqCst) {
        let mut line = lines.on("2024-02-01", "record-person", &json!({"kind": "citizen"}));
        line["personal"] = json!({"name": "Сынақ Тұлға"});
        let id = line["id"].as_str().expect("an id").to_owned();
        loop {
            match caller.post(&line, PATIENCE).await {
                Some((200 | 201, answer)) => {
                    let positions = serde_json::from_value(answer["positions"].clone());
                    let positions = positions.expect("positions");
                    met.told.lock().expect("no panic").insert(id, positions);
                    met.accepted.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                Some((503, problem)) => {
                    assert_eq!(problem["code"], "busy", "{problem}");
                    let after = caller.retry_after.expect("503 says when to come back");
                    assert!(after > 0);
                    met.busy.fetch_add(1, Ordering::SeqCst);
                    if met.over.load(Ordering::SeqCst) {
                        return;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
                Some((status, problem)) => panic!("{status}: {problem}"),
                None => {
                    met.nothing.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            }
        }
    }
}

/// So many callers for so long. Gives accepted commands per second, what they met, and the most memory.
async fn load(server: &Server, callers: u32, series: u32, held: Duration) -> (u64, Arc<Met>, u64) {
    let met = Arc::new(Met::default());
    let mut tasks = JoinSet::new();
    for n in 0..callers {
        tasks.spawn(call(server.address, series + n, Arc::clone(&met)));
    }
    let mut most = 0;
    let pieces = held.as_millis() / 200;
    for _ in 0..pieces {
        sleep(Duration::from_millis(200)).await;
        most = most.max(memory(server.pid()));
    }
    met.over.store(true, Ordering::SeqCst);
    let rate = met.accepted.load(Ordering::SeqCst) * 1_000 / held.as_millis() as u64;
    while let Some(ended) = tasks.join_next().await {
        ended.expect("a caller does not panic");
    }
    (rate, met, most)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_load_is_told_to_come_back_and_memory_stays() {
    let seconds = std::env::var("QONYS_LOAD_SECONDS").ok();
    let held = seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(6);
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::embedded(
        directory.path(),
        &Lines::new(1).opening("system").split_off(1),
    )
    .await;
    let usual = Duration::from_secs(3);
    let (before, usually, calm) = load(&server, CALLERS, 0x6000, usual).await;
    let (under, overloaded, most) =
        load(&server, TOO_MANY, 0x7000, Duration::from_secs(held)).await;
    let (after, recovered, _) = load(&server, CALLERS, 0x8000, usual).await;
    let busy = overloaded.busy.load(Ordering::SeqCst);
    assert!(busy > 0, "{TOO_MANY} callers are no load");
    for met in [&usually, &recovered] {
        assert_eq!(
            met.busy.load(Ordering::SeqCst),
            0,
            "{CALLERS} callers are no load"
        );
    }
    for met in [&usually, &overloaded, &recovered] {
        assert_eq!(
            met.nothing.load(Ordering::SeqCst),
            0,
            "everybody is answered"
        );
        assert!(met.accepted.load(Ordering::SeqCst) > 0, "work goes on");
    }
    let grown = most.saturating_sub(calm);
    assert!(grown < GROWTH_MAX, "the server grew by {grown} bytes");

    // Each accepted command stands once, where it was told to stand.
    let mut caller = Caller::new(server.address);
    let mut stands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut at = 0;
    loop {
        let path = format!("/v1/entries?after={at}&limit=10000");
        let (_, body) = caller.get(&path, PATIENCE).await.expect("entries");
        let text = String::from_utf8(body).expect("text");
        let from = at;
        for line in text.lines() {
            let entry: Value = serde_json::from_str(line).expect("an entry is JSON");
            at += 1;
            assert_eq!(entry["position"], at.to_string());
            let id = entry["commandid"].as_str().expect("an id").to_owned();
            stands.entry(id).or_default().push(at.to_string());
        }
        if at == from {
            break;
        }
    }
    for met in [usually, overloaded, recovered] {
        for (id, positions) in &*met.told.lock().expect("no panic") {
            assert_eq!(stands.get(id), Some(positions), "{id}");
        }
    }
    row(
        &format!("ten times the load for {held} s"),
        &format!(
            "{busy} times 503 with Retry-After, nobody without an answer, each accepted command stands once in {at} entries; {before}/s before, {under}/s under load, {after}/s after; memory {} MiB before, {} MiB at most",
            calm >> 20,
            most >> 20
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_the_log_is_bounded() {
    let register = Register::embedded("2025-01-15T00:00:00.000000Z").await;
    let mut lines = Lines::new(1);
    register.must(&lines.opening("simulated")).await;
    // Somebody holds the append lock, and everybody sends the same commands again and again.
    let lock = register.log.lock().await.expect("a free lock");
    let line = lines.act("order", "2024-01-01").to_string();
    let mut waiting = Vec::new();
    let mut busy = false;
    for n in 0..40_000 {
        match register
            .dispatch
            .try_submit(Request::read(&line).expect("a line"))
        {
            Ok(outcome) => waiting.push(outcome),
            Err(_) => {
                // Once the queue has been drained into the decider, too.
                tokio::task::yield_now().await;
                sleep(Duration::from_millis(20)).await;
                let again = register
                    .dispatch
                    .try_submit(Request::read(&line).expect("a line"));
                match again {
                    Ok(outcome) => waiting.push(outcome),
                    Err(_) => {
                        busy = n > 0;
                        break;
                    }
                }
            }
        }
    }
    assert!(
        busy,
        "{} commands wait, and one more may come",
        waiting.len()
    );
    drop(lock);
    let many = waiting.len();
    let mut accepted = 0;
    let mut positions: Vec<Position> = Vec::new();
    for outcome in waiting {
        match outcome.await.expect("everybody is answered") {
            qonys::dispatch::Outcome::Accepted(stored) => {
                accepted += 1;
                positions = stored.positions;
            }
            qonys::dispatch::Outcome::Duplicate(stored) if !positions.is_empty() => {
                assert_eq!(stored.positions, positions);
            }
            other => drop(other),
        }
    }
    assert!(accepted <= 1, "one command, once");
    row(
        "the log stands still while commands come",
        &format!(
            "`busy` after {many} commands of at most 64 MiB; each of them is answered when the log goes on, and the command stands once"
        ),
    );
}
