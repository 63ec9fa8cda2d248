//! `qonys serve` and `qonys submit --server` as processes: where it listens, how fresh its views are, how it ends, and that
//! an answer over the network is the answer of a local submit.

use std::{
    net::SocketAddr,
    process::ExitStatus,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::client::Client;
use crate::{
    support::{
        broker::PrivateBroker,
        database::TestDatabase,
        process::{Finished, Running, qonys, run, run_with_input},
        register::Lines,
    },
    views::history::person,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
struct Server {
    running: Running,
    client: Client,
}

impl Server {
    /// Serves the log that stands at a place.
    async fn start(place: &[&str]) -> Self {
        let mut arguments = vec!["serve", "--addr", "127.0.0.1:0"];
        arguments.extend_from_slice(place);
        let mut running = Running::start(qonys(&arguments));
        let line = running.wait_for("serving http://", PATIENCE).await;
        let address = line
            .split_once("http://")
            .expect("an address")
            .1
            .trim_end_matches('/');
        let address: SocketAddr = address.parse().expect("an address");
        Self {
            running,
            client: Client(address),
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.client.0)
    }

    /// SIGTERM, and waits for the end.
    async fn end(self) -> Finished {
        let pid = self.running.pid().to_string();
        let mut kill = tokio::process::Command::new("kill");
        let sent: ExitStatus = kill
            .args(["-TERM", &pid])
            .status()
            .await
            .expect("kill runs");
        assert!(sent.success());
        tokio::time::timeout(PATIENCE, self.running.finish())
            .await
            .expect("the server ends")
    }
}

/// A place with an empty log.
struct Place {
    directory: tempfile::TempDir,
    database: Option<TestDatabase>,
}

impl Place {
    async fn embedded() -> Self {
        Self::new(None).await
    }

    async fn postgres() -> Self {
        Self::new(Some(TestDatabase::create().await)).await
    }

    async fn new(database: Option<TestDatabase>) -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a directory"),
            database,
        };
        let mut init = qonys(["init", "--kind", "test"]);
        init.args(place.arguments());
        run(init).await.expect_success();
        place
    }

    fn arguments(&self) -> Vec<String> {
        let directory = self.directory.path().to_string_lossy().into_owned();
        let mut arguments = vec!["--data-dir".to_owned(), directory];
        if let Some(database) = &self.database {
            arguments.extend(["--database-url".to_owned(), database.url()]);
        }
        arguments
    }

    async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    async fn serve_with(&self, more: &[String]) -> Server {
        let mut arguments = self.arguments();
        arguments.extend_from_slice(more);
        if self.database.is_some() {
            arguments.push("--local".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Server::start(&arguments).await
    }
}

/// Lines of every kind of outcome, after the log was opened by `init`.
fn lines() -> String {
    let mut lines = Lines::new(91);
    let mut all = lines.opening("system").split_off(1);
    all.push(lines.act("order", "2024-01-01"));
    all.push(lines.quota("order", "establish", &[("resettlers", 2)]));
    for _ in 0..4 {
        all.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let hold = json!({"application": format!("command:{}", lines.last())});
        all.push(lines.on("2024-02-02", "hold-places", &hold));
    }
    all.push(all[3].clone());
    let mut reused = all[4].clone();
    reused["data"]["source"] = json!("another");
    all.push(reused);
    let mut text: Vec<String> = all.iter().map(Value::to_string).collect();
    text.insert(5, "{".to_owned());
    text.insert(9, String::new());
    text.push(lines.line("no-such", &json!({})).to_string());
    text.join("\n")
}

/// The answers, with the references that were minted at random left out.
fn compared(answers: &str) -> Vec<Value> {
    let mask = |stream: &String| {
        let (kind, key) = stream.split_once('/').expect("a stream");
        let is_minted = key.len() == 36 && key.matches('-').count() == 4;
        format!("{kind}/{}", if is_minted { "…" } else { key })
    };
    answers
        .lines()
        .map(|line| {
            let mut answer: Value = serde_json::from_str(line).expect("JSON");
            if let Some(streams) = answer["streams"].as_object() {
                let masked = streams.iter().map(|(k, v)| (mask(k), v.clone()));
                answer["streams"] = masked.collect::<serde_json::Map<_, _>>().into();
            }
            if let Some(facts) = answer.get_mut("facts").and_then(Value::as_object_mut) {
                facts.retain(|_, value| value.as_str().is_none_or(|text| text.len() != 36));
            }
            answer
        })
        .collect()
}

async fn a_server_answers_as_a_local_submit_does(here: Place, there: Place) {
    let file = lines();
    let mut local = qonys(["submit", "-"]);
    local.args(here.arguments());
    let local = run_with_input(local, &file).await.expect_success();
    let server = there.serve().await;
    let url = server.url();
    let remote = || qonys(["submit", "-", "--server", &url]);
    let first = run_with_input(remote(), &file).await.expect_success();
    let (local, first) = (compared(&local.stdout), compared(&first.stdout));
    assert_eq!(local.len(), file.lines().filter(|l| !l.is_empty()).count());
    assert_eq!(first, local);
    for outcome in ["accepted", "blocked", "invalid", "duplicate"] {
        assert!(first.iter().any(|answer| answer["outcome"] == outcome));
    }
    // The same file again: the first answers again, on the other side of the network as on this one.
    let again = run_with_input(remote(), &file).await.expect_success();
    for (first, again) in first.iter().zip(compared(&again.stdout)) {
        let mut expected = first.clone();
        if first["outcome"] == "accepted" {
            expected["outcome"] = json!("duplicate");
        }
        assert_eq!(again, expected);
    }
    assert_eq!(server.end().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_answers_as_a_local_submit_does_embedded() {
    a_server_answers_as_a_local_submit_does(Place::embedded().await, Place::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_answers_as_a_local_submit_does_on_postgresql() {
    a_server_answers_as_a_local_submit_does(Place::embedded().await, Place::postgres().await).await;
}

#[tokio::test]
async fn only_this_machine_is_served_and_spoken_to() {
    let place = Place::embedded().await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let mut serve = qonys(["serve", "--addr", address]);
        serve.args(place.arguments());
        let refused = run(serve).await;
        assert_eq!(refused.code(), Some(2), "{address}: {}", refused.stderr);
        assert!(refused.stderr.contains("loopback"), "{}", refused.stderr);
    }
    for (server, code, words) in [
        ("https://127.0.0.1:1", 6, "127.0.0.1:1"),
        ("http://192.0.2.1:1", 2, "only this machine"),
        ("http://qonys.example", 2, "only this machine"),
        ("http://127.0.0.1:1/v1", 2, "without a path"),
        ("127.0.0.1", 2, "http://"),
        ("http://127.0.0.1:1", 6, "127.0.0.1:1"),
    ] {
        let refused = run_with_input(qonys(["submit", "-", "--server", server]), "{}\n").await;
        assert_eq!(refused.code(), Some(code), "{server}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(words),
            "{server}: {}",
            refused.stderr
        );
        assert_eq!(refused.stdout, "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_is_told_when_a_server_dies_under_its_lines() {
    let place = Place::embedded().await;
    let server = place.serve().await;
    let url = server.url();
    let mut submit = Running::start(qonys(["submit", "-", "--server", &url]));
    let mut input = submit.stdin().expect("an input");
    let mut lines = Lines::new(92);
    let mut line = || person(&mut lines, "2024-02-01");
    let text = format!("{}\n", line());
    tokio::io::AsyncWriteExt::write_all(&mut input, text.as_bytes())
        .await
        .expect("the line is read");
    submit.wait_for("accepted", PATIENCE).await;
    server.running.kill9().await;
    let text = format!("{}\n{}\n", line(), line());
    // Whether it still reads is not its duty: it has no answer to wait for any more.
    drop(tokio::io::AsyncWriteExt::write_all(&mut input, text.as_bytes()).await);
    drop(input);
    let finished = tokio::time::timeout(PATIENCE, submit.finish()).await;
    let finished = finished.expect("it ends");
    assert_eq!(finished.stdout.lines().count(), 1);
    assert_eq!(finished.code(), Some(6), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_is_seen_in_milliseconds() {
    let place = Place::embedded().await;
    let broker = PrivateBroker::start().await;
    let subscriber = async_nats::connect(broker.url()).await.expect("a broker");
    let subscription = subscriber.subscribe("qonys.almaty.1.>").await;
    let mut delivered = subscription.expect("a subscription");
    let server = place
        .serve_with(&["--nats-url".to_owned(), broker.url()])
        .await;
    let client = server.client;
    let mut feed = client.follow("/v1/feed", &[]).await;
    let mut lines = Lines::new(93);
    let (mut in_views, mut in_feed, mut at_broker) = (Vec::new(), Vec::new(), Vec::new());
    feed.until(b"\n\n").await.expect("the entry of init");
    delivered.next().await.expect("the entry of init");
    for n in 0..11 {
        // Long enough for whoever looks at the log from time to time to have gone to sleep.
        tokio::time::sleep(Duration::from_millis(450)).await;
        let act = lines.act(&format!("act-{n}"), "2024-01-01");
        client.command(&act).await.expect(201);
        let began = Instant::now();
        feed.until(b"\n\n").await.expect("the entry");
        in_feed.push(began.elapsed());
        delivered.next().await.expect("the entry");
        at_broker.push(began.elapsed());
        loop {
            let seen = client.get(&format!("/v1/acts/act-{n}")).await;
            if seen.status == 200 {
                break;
            }
            assert!(began.elapsed() < PATIENCE);
        }
        in_views.push(began.elapsed());
    }
    // Without being told, feed and relay look every 100 ms, the views every 200.
    for (what, mut times, most) in [
        ("feed", in_feed, 40),
        ("broker", at_broker, 40),
        ("views", in_views, 90),
    ] {
        times.sort_unstable();
        let median = times[times.len() / 2];
        assert!(median < Duration::from_millis(most), "{what}: {times:?}");
    }
    drop(feed);
    assert_eq!(server.end().await.code(), Some(0));
}
