//! Show C: two server processes and 64 callers on one quota line, while one of the servers is stopped (SIGSTOP) and let go
//! on, again and again. The line is linearizable, its limit is never exceeded, the log is a list of which readers see
//! prefixes, and a server that stands still does not stop the other for longer than the time limits of the database
//! (docs/book/operators.md).

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use qonys::{
    clock::Entropy,
    log::{Log, NewLog, postgres::PgLog},
};
use qonys_events::{scalar::StreamSeq, term::ClockKind};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    elle, lists, quota,
    record::{Asked, Came, History},
};
use crate::{
    oracle::check_line,
    support::{
        caller::Caller,
        database::TestDatabase,
        process::{Running, qonys, run_with_input},
        register::Lines,
        rows::row,
    },
};

const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
const LIMIT: u64 = 90;
const CALLERS: usize = 64;
/// Applications of each caller: of one, two and three places.
const OWN: usize = 3;
/// How long the callers are at work at least, and what they must have done by then, or go on for as long again, and again.
const LOAD: Duration = Duration::from_secs(20);
const ENOUGH: u64 = 100;
const ROUNDS: usize = 6;
/// How long a caller waits for an answer before he calls it unknown.
const PATIENCE: Duration = Duration::from_secs(12);
/// Lock 5 s, silence in a transaction 5 s, and what is decided again after both.
const LONGEST: Duration = Duration::from_secs(10);
/// Entries of a stream that one answer shows.
const PAGE: usize = 1_000;
const DAY: &str = "2024-03-01";

/// A server, and whether it stands still.
struct Server {
    running: Running,
    address: SocketAddr,
    stands: AtomicBool,
}

impl Server {
    async fn start(database: &TestDatabase, directory: &str) -> Self {
        let url = database.url();
        let mut running = Running::start(qonys([
            "serve",
            "--local",
            "--addr",
            "127.0.0.1:0",
            "--database-url",
            &url,
            "--data-dir",
            directory,
        ]));
        let line = running
            .wait_for("serving http://", Duration::from_secs(60))
            .await;
        let address = line.split_once("http://").expect("an address").1;
        let address = address.trim().trim_end_matches('/').parse();
        Self {
            running,
            address: address.expect("an address"),
            stands: AtomicBool::new(false),
        }
    }

    async fn signal(&self, name: &str) {
        let pid = self.running.pid().to_string();
        let mut kill = tokio::process::Command::new("kill");
        let sent = kill.args(["-s", name, &pid]).status().await;
        assert!(sent.expect("kill runs").success());
    }
}

/// What all callers share.
struct Stage {
    history: History,
    servers: [Server; 2],
    next: AtomicU64,
    /// How much was done.
    successes: AtomicU64,
    /// Since when nothing was done at each server, and the longest such time while the other stood still; microseconds.
    last: [AtomicU64; 2],
    longest: [AtomicU64; 2],
    over: AtomicBool,
}

impl Stage {
    /// Something was done at a server.
    fn done(&self, at: usize) {
        let now = self.history.now().as_micros() as u64;
        let last = self.last[at].swap(now, Ordering::SeqCst);
        if self.servers[1 - at].stands.load(Ordering::SeqCst) {
            self.longest[at].fetch_max(now.saturating_sub(last), Ordering::SeqCst);
        }
    }
}

fn version(answer: &Value) -> Option<u64> {
    let version = answer["streams"][format!("quota-line/{LINE}")].as_str()?;
    version.parse().ok()
}

/// One caller: holds and releases the places of his own applications.
async fn call(stage: Arc<Stage>, number: usize, applications: Vec<String>) {
    let at = number % 2;
    let mut lines = Lines::new(0x2000 + number as u32);
    let mut caller = Caller::new(stage.servers[at].address);
    let mut held = [false; OWN];
    let mut under = number;
    let entropy = Entropy::seeded(number as u64);
    while !stage.over.load(Ordering::SeqCst) {
        let [which, pause, pause_more] = entropy.bytes::<3>();
        let which = usize::from(which) % OWN;
        let data = json!({"application": applications[which]});
        let n = stage.next.fetch_add(1, Ordering::SeqCst);
        let places = which as u64 + 1;
        let (asked, line) = if held[which] {
            let data = json!({"application": applications[which], "reason": "withdrawn"});
            (
                Asked::Release { n, places },
                lines.on(DAY, "release-places", &data),
            )
        } else {
            (
                Asked::Hold { n, places },
                lines.on(DAY, "hold-places", &data),
            )
        };
        let mut line = line;
        line["id"] = json!(id_of(n));
        let began = stage.history.now();
        let came = match caller.post(&line, PATIENCE).await {
            None => Came::Unknown,
            Some((200 | 201, answer)) => match version(&answer) {
                Some(version) => Came::Done(version),
                None => panic!("{answer}"),
            },
            Some((_, problem)) => match problem["code"].as_str() {
                Some("limit-reached") => Came::Full,
                Some("already-held" | "nothing-to-release") => Came::Refused,
                Some("outcome-unknown" | "unavailable" | "timeout") => Came::Unknown,
                Some("busy") => Came::Refused,
                _ => panic!("{problem}"),
            },
        };
        if matches!(came, Came::Done(_)) {
            stage.successes.fetch_add(1, Ordering::SeqCst);
        }
        match (&asked, &came) {
            (Asked::Hold { .. }, Came::Done(_)) => held[which] = true,
            (Asked::Release { .. }, Came::Done(_)) => held[which] = false,
            // Whoever does not know asks the other way round the next time: one of both is right.
            (_, Came::Unknown | Came::Refused) => held[which] = !held[which],
            _ => {}
        }
        if matches!(came, Came::Done(_) | Came::Full) {
            stage.done(at);
        }
        let unknown = came == Came::Unknown;
        stage.history.keep(under, asked, began, came);
        if unknown {
            under += 1_000;
        }
        let pause = u64::from(pause) * 4 + u64::from(pause_more);
        sleep(Duration::from_millis(pause)).await;
    }
}

/// The id of command `n`, and back.
fn id_of(n: u64) -> String {
    format!("00003000-0000-7000-8000-{n:012x}")
}

fn number_of(id: &str) -> Option<u64> {
    let rest = id.strip_prefix("00003000-0000-7000-8000-")?;
    u64::from_str_radix(rest, 16).ok()
}

/// The commands that the texts of a stream show, in order.
fn commands(texts: &[String]) -> Vec<u64> {
    let entries = texts
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).expect("an entry is JSON"));
    entries
        .filter_map(|entry| number_of(entry["commandid"].as_str()?))
        .collect()
}

/// One reader of the line's stream at one server.
async fn read(stage: Arc<Stage>, at: usize) {
    let mut caller = Caller::new(stage.servers[at].address);
    let mut under = 900 + at;
    while !stage.over.load(Ordering::SeqCst) {
        let began = stage.history.now();
        let mut seen: Vec<String> = Vec::new();
        // A stream longer than a page is read page by page; what stands does not change, so it is one read as of the last.
        let came = loop {
            let after = seen.len();
            let path = format!("/v1/streams/quota-line/{LINE}?after={after}&limit={PAGE}");
            let Some((200, body)) = caller.get(&path, PATIENCE).await else {
                break Came::Unknown;
            };
            let text = String::from_utf8(body).expect("an answer is UTF-8");
            seen.extend(text.lines().map(str::to_owned));
            if seen.len() < after + PAGE {
                break Came::Shows(commands(&seen));
            }
        };
        let unknown = came == Came::Unknown;
        stage.history.keep(under, Asked::Read, began, came);
        if unknown {
            under += 1_000;
        }
        sleep(Duration::from_millis(350)).await;
    }
}

/// Stops one server and lets it go on, by turns and at moments that the seed chooses.
async fn stop(stage: Arc<Stage>) -> usize {
    let entropy = Entropy::seeded(7);
    let mut stops = 0;
    while !stage.over.load(Ordering::SeqCst) {
        let [before, after] = entropy.bytes::<2>();
        sleep(Duration::from_millis(u64::from(before) * 5)).await;
        let server = &stage.servers[stops % 2];
        server.signal("STOP").await;
        server.stands.store(true, Ordering::SeqCst);
        // Half of the stops are longer than every time limit.
        let long = if stops % 2 == 0 { 2_000 } else { 6_500 };
        sleep(Duration::from_millis(long + u64::from(after))).await;
        server.stands.store(false, Ordering::SeqCst);
        server.signal("CONT").await;
        stops += 1;
    }
    stops
}

/// A line of so many places, and everybody's applications. Gives their references.
async fn prepare(database: &TestDatabase, directory: &str) -> Vec<String> {
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    PgLog::init(&database.url(), &new).await.expect("a new log");
    let mut lines = Lines::new(0x1fff);
    let mut before = lines.opening("system");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", LIMIT)]));
    let mut applications = Vec::new();
    for n in 0..CALLERS * OWN {
        before.extend(lines.applicant("resettlers", (n % OWN) as u64, "2024-02-01"));
        applications.push(format!("command:{}", lines.last()));
    }
    let text: String = before.iter().map(|line| format!("{line}\n")).collect();
    let url = database.url();
    let place = ["--database-url", &url, "--data-dir", directory];
    let submit = qonys([&["submit", "-"], &place[..]].concat());
    let done = run_with_input(submit, &text).await.expect_success();
    assert_eq!(
        done.stdout.matches(r#""outcome":"accepted""#).count(),
        before.len()
    );
    applications
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_one_of_them_stopped_are_one_linearizable_line() {
    let database = TestDatabase::create().await;
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let applications = prepare(&database, &directory).await;
    let servers = [
        Server::start(&database, &directory).await,
        Server::start(&database, &directory).await,
    ];
    let stage = Arc::new(Stage {
        history: History::new(),
        servers,
        next: AtomicU64::new(1),
        successes: AtomicU64::new(0),
        last: Default::default(),
        longest: Default::default(),
        over: AtomicBool::new(false),
    });
    let mut callers = tokio::task::JoinSet::new();
    for (number, own) in applications.chunks(OWN).enumerate() {
        callers.spawn(call(Arc::clone(&stage), number, own.to_vec()));
    }
    for at in 0..2 {
        callers.spawn(read(Arc::clone(&stage), at));
    }
    let stopping = tokio::spawn(stop(Arc::clone(&stage)));
    for _ in 0..ROUNDS {
        sleep(LOAD).await;
        if stage.successes.load(Ordering::SeqCst) > ENOUGH {
            break;
        }
    }
    stage.over.store(true, Ordering::SeqCst);
    while let Some(ended) = callers.join_next().await {
        ended.expect("a caller does not panic");
    }
    let stops = stopping.await.expect("nobody panics");

    let log = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let stream = format!("quota-line/{LINE}").parse().expect("a stream");
    let mut texts: Vec<String> = Vec::new();
    loop {
        let after = StreamSeq(texts.len() as u64);
        let page = log.read_stream(&stream, after, 1_000).await;
        let page = page.expect("the log reads");
        if page.is_empty() {
            break;
        }
        texts.extend(page.into_iter().map(|recorded| recorded.text));
    }
    let list = commands(&texts);
    assert_eq!(
        list.len() + 1,
        texts.len(),
        "all but the limit is the callers'"
    );
    let ops = stage.history.ops();
    let written = elle::written(&ops);
    if let Some(file) = std::env::var_os("QONYS_HISTORY_FILE") {
        std::fs::write(file, &written).expect("the history is written");
    }
    let count = |which: fn(&Came) -> bool| ops.iter().filter(|op| which(&op.came)).count();
    let done = count(|came| matches!(came, Came::Done(_)));
    let full = count(|came| *came == Came::Full);
    let reads = count(|came| matches!(came, Came::Shows(_)));
    let unknown = count(|came| *came == Came::Unknown);
    assert!(
        done as u64 > ENOUGH && full > 10 && reads > 10 && stops > 2,
        "{done} {full} {reads} {stops}"
    );

    check_line(&texts, LINE, LIMIT as i64);
    assert_eq!(lists::wrong(&ops, &list), Vec::<String>::new());
    let stands: BTreeMap<u64, u64> = list.iter().copied().zip(2..).collect();
    assert!(quota::is_linearizable(&ops, &stands, LIMIT));
    let longest = stage
        .longest
        .each_ref()
        .map(|us| us.load(Ordering::SeqCst) / 1_000);
    let longest = longest.into_iter().max().unwrap_or_default();
    assert!(
        u128::from(longest) <= LONGEST.as_millis(),
        "a stopped server held up the other for {longest} ms"
    );
    row(
        "one of two servers stopped (SIGSTOP) and let go on",
        &format!(
            "line linearizable, limit never exceeded, readers see prefixes, the other waits at most {LONGEST:?}: {} operations, {done} done, {full} full, {reads} reads, {unknown} unknown, {stops} stops, longest wait {longest} ms",
            ops.len()
        ),
    );
}
