//! Show F: `kill -9` of the server under load, twenty seeds. The load generator outlives it and records each
//! acknowledgement before its next command. Afterwards every acknowledged command stands in the log, none twice, positions
//! are dense, views equal a rebuild and a small fold of ours, and the raw JetStream stream equals the log's text.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use qonys::{
    clock::{Clock, Entropy},
    log::{Log, NewLog, postgres::PgLog},
    views::Views,
};
use qonys_events::{scalar::Position, term::ClockKind};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    oracle::check_line,
    support::{
        broker::PrivateBroker,
        database::TestDatabase,
        process::{Running, qonys, run_with_input},
        register::Lines,
        rows::row,
    },
};

const SEEDS: u64 = 20;
const CALLERS: u32 = 24;
const LIMIT: u64 = 1_000_000;
const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
const PATIENCE: Duration = Duration::from_secs(60);

/// What the load generator knows: it outlives every server.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Positions by the id of an acknowledged command.
    pub(crate) acknowledged: HashMap<String, Vec<String>>,
    /// Commands that were sent and never answered.
    pub(crate) in_flight: BTreeMap<String, Value>,
    /// Commands in flight at each kill.
    at_kill: Vec<usize>,
}

pub(crate) type Shared = Arc<Mutex<Ledger>>;

/// Sends a line on an open connection; gives the answer, or `None` when the server is gone.
async fn post(sender: &mut http1::SendRequest<Full<Bytes>>, line: &Value) -> Option<Value> {
    let name = line["type"].as_str().expect("a type");
    let request = Request::post(format!("/v1/commands/{name}"))
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("idempotency-key", line["id"].as_str().expect("an id"))
        .body(Full::new(Bytes::from(line.to_string())))
        .expect("a request");
    sender.ready().await.ok()?;
    let response = sender.send_request(request).await.ok()?;
    let status = response.status();
    let body = response.into_body().collect().await.ok()?.to_bytes();
    assert!(
        status.is_success(),
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    Some(serde_json::from_slice(&body).expect("an answer is JSON"))
}

/// One caller: families of three who apply and get places, until the server is gone.
pub(crate) async fn call(address: String, series: u32, ledger: Shared) {
    let Ok(stream) = TcpStream::connect(&address).await else {
        return;
    };
    let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else {
        return;
    };
    tokio::spawn(connection);
    let mut lines = Lines::new(series);
    loop {
        let mut family = lines.applicant("resettlers", 2, "2024-02-01");
        let application = json!({"application": format!("command:{}", lines.last())});
        family.push(lines.on("2024-02-02", "hold-places", &application));
        family.push(lines.on("2024-02-03", "commit-places", &application));
        for line in &family {
            let id = line["id"].as_str().expect("an id").to_owned();
            ledger
                .lock()
                .expect("the ledger")
                .in_flight
                .insert(id.clone(), line.clone());
            let Some(answer) = post(&mut sender, line).await else {
                return;
            };
            assert!(
                answer["outcome"] == "accepted" || answer["outcome"] == "duplicate",
                "{answer}"
            );
            let positions = serde_json::from_value(answer["positions"].clone()).expect("positions");
            let mut ledger = ledger.lock().expect("the ledger");
            ledger.in_flight.remove(&id);
            ledger.acknowledged.insert(id, positions);
        }
    }
}

/// Serves the log of a database; `crash` names a moment at which the server dies by itself.
pub(crate) fn serve(
    database: &TestDatabase,
    broker: &PrivateBroker,
    directory: &str,
    crash: Option<&str>,
) -> Running {
    let mut command = qonys([
        "serve",
        "--local",
        "--addr",
        "127.0.0.1:0",
        "--database-url",
        &database.url(),
        "--data-dir",
        directory,
        "--nats-url",
        &broker.url(),
    ]);
    if let Some(crash) = crash {
        command.env("QONYS_CRASH", crash);
    }
    Running::start(command)
}

pub(crate) async fn address_of(server: &mut Running) -> String {
    let line = server.wait_for("serving http://", PATIENCE).await;
    let from = line.find("http://").expect("an address") + "http://".len();
    line[from..].trim().trim_end_matches('/').to_owned()
}

/// One life of the server: load, and a kill at a moment that the seed chooses.
async fn life(
    seed: u64,
    database: &TestDatabase,
    broker: &PrivateBroker,
    directory: &str,
    ledger: &Shared,
) {
    let mut server = serve(database, broker, directory, None);
    let address = address_of(&mut server).await;
    let (already, acknowledged) = {
        let ledger = ledger.lock().expect("the ledger");
        (ledger.in_flight.len(), ledger.acknowledged.len())
    };
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| {
            tokio::spawn(call(
                address.clone(),
                0x1000 + seed as u32 * CALLERS + n,
                ledger.clone(),
            ))
        })
        .collect();
    // The kill comes at a moment that the seed chooses, once the load is under way.
    let under_way = tokio::time::Instant::now() + PATIENCE;
    while ledger.lock().expect("the ledger").acknowledged.len()
        < acknowledged + 3 * CALLERS as usize
    {
        assert!(
            tokio::time::Instant::now() < under_way,
            "seed {seed}: the load does not get under way"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let [random] = Entropy::seeded(seed).bytes::<1>();
    tokio::time::sleep(Duration::from_millis(u64::from(random) / 2)).await;
    server.kill9().await;
    for caller in callers {
        caller.await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    }
    let mut ledger = ledger.lock().expect("the ledger");
    let in_flight = ledger.in_flight.len() - already;
    ledger.at_kill.push(in_flight);
}

async fn texts(log: &Log) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        let page = log
            .read_after(Position(texts.len() as u64), 1_000)
            .await
            .expect("the log reads");
        if page.is_empty() {
            return texts;
        }
        texts.extend(page.into_iter().map(|recorded| recorded.text));
    }
}

/// Positions by command, from the entries as JSON; checks that positions are dense and no command stands twice.
fn commands_of(texts: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut commands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut last = String::new();
    for (n, text) in texts.iter().enumerate() {
        let entry: Value = serde_json::from_str(text).expect("an entry is JSON");
        assert_eq!(entry["position"], (n + 1).to_string());
        let id = entry["commandid"].as_str().expect("an id").to_owned();
        let known = commands.contains_key(&id);
        assert!(!known || id == last, "the command {id} stands twice");
        commands
            .entry(id.clone())
            .or_default()
            .push((n + 1).to_string());
        last = id;
    }
    commands
}

/// A new log with a line of so many places.
pub(crate) async fn prepare(database: &TestDatabase, directory: &str) {
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    PgLog::init(&database.url(), &new).await.expect("a new log");
    let mut lines = Lines::new(0x0fff);
    let mut before = lines.opening("system");
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", LIMIT)]));
    let text: String = before.iter().map(|line| format!("{line}\n")).collect();
    let submit = qonys([
        "submit",
        "-",
        "--database-url",
        &database.url(),
        "--data-dir",
        directory,
    ]);
    run_with_input(submit, &text).await.expect_success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_under_load_loses_nothing_and_does_nothing_twice() {
    let database = TestDatabase::create().await;
    let broker = PrivateBroker::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let directory_name = directory.path().to_string_lossy().into_owned();
    prepare(&database, &directory_name).await;

    let ledger = Shared::default();
    for seed in 1..=SEEDS {
        life(seed, &database, &broker, &directory_name, &ledger).await;
    }
    let ledger = Arc::into_inner(ledger)
        .expect("every caller has ended")
        .into_inner()
        .expect("the ledger");
    assert_eq!(ledger.at_kill.len() as u64, SEEDS);
    assert!(
        ledger.at_kill.iter().all(|n| *n > 0),
        "commands were in flight at every kill: {:?}",
        ledger.at_kill
    );

    let checked = afterwards(&database, &broker, directory.path(), &ledger).await;
    assert!(checked.stored > 0, "no unacknowledged command was stored");
    assert!(
        checked.stored < ledger.in_flight.len(),
        "all {} unacknowledged commands were stored",
        checked.stored
    );
    row(
        "the server is killed (SIGKILL) under load, twenty times",
        &format!(
            "{checked}; {} commands in flight at the kills",
            ledger.in_flight.len()
        ),
    );
}

/// What was found after the last life.
pub(crate) struct Checked {
    entries: usize,
    acknowledged: usize,
    /// Commands that stand and were never acknowledged.
    pub(crate) stored: usize,
    rows: u64,
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            entries,
            acknowledged,
            stored,
            rows,
        } = self;
        write!(
            f,
            "{acknowledged} acknowledged commands stand once, {stored} unacknowledged ones too; \
             {entries} entries without a gap; {rows} rows of views = a rebuild = our fold; stream = log"
        )
    }
}

/// One more life, so that views and relay go on from where the last one left them; then everything is compared.
pub(crate) async fn afterwards(
    database: &TestDatabase,
    broker: &PrivateBroker,
    directory: &std::path::Path,
    ledger: &Ledger,
) -> Checked {
    let mut server = serve(database, broker, &directory.to_string_lossy(), None);
    address_of(&mut server).await;
    let log = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let texts = texts(&log).await;
    let commands = commands_of(&texts);
    assert!(!ledger.acknowledged.is_empty(), "nothing was acknowledged");
    for (id, positions) in &ledger.acknowledged {
        assert_eq!(
            commands.get(id),
            Some(positions),
            "the acknowledged command {id}"
        );
    }
    let views = Views::open(&log, directory).await.expect("the views open");
    let equal = views
        .verify_rebuild(&[], &mut |_, _| {})
        .await
        .expect("live views equal a rebuild");
    let rows = equal.tables.iter().map(|(_, rows)| rows).sum();
    assert!(rows > 0, "there are rows");
    let query = qonys::views::queries::board::BoardQuery {
        effective: Some("2024-12-31".parse().expect("a day")),
        ..Default::default()
    };
    let board = views.board(query, &Clock::System).await.expect("a board");
    let line = board
        .line(&LINE.parse().expect("a line"))
        .expect("the line stands on the board");
    let (held, committed) = check_line(&texts, LINE, LIMIT as i64);
    assert!(committed > 0);
    assert_eq!(
        (line.held, line.committed),
        (held, committed),
        "the board equals a fold of ours"
    );
    stream_equals(broker, &texts).await;
    let stored = ledger
        .in_flight
        .keys()
        .filter(|id| commands.contains_key(*id))
        .count();
    Checked {
        entries: texts.len(),
        acknowledged: ledger.acknowledged.len(),
        stored,
        rows,
    }
}

/// The raw stream, message by message, against the log's text.
async fn stream_equals(broker: &PrivateBroker, texts: &[String]) {
    let jetstream = broker.jetstream().await;
    let until = tokio::time::Instant::now() + PATIENCE;
    let stream = loop {
        if let Ok(mut stream) = jetstream.get_stream("QONYS-ALMATY-TEST-1").await
            && stream
                .info()
                .await
                .is_ok_and(|info| info.state.last_sequence >= texts.len() as u64)
        {
            break stream;
        }
        assert!(
            tokio::time::Instant::now() < until,
            "the stream does not reach the head of the log"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    for (n, text) in texts.iter().enumerate() {
        let message = stream
            .get_raw_message(n as u64 + 1)
            .await
            .expect("a message at every position");
        assert_eq!(
            message.payload.as_ref(),
            text.as_bytes(),
            "position {}",
            n + 1
        );
    }
}
