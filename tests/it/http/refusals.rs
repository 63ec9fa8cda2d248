//! What is refused before it is read, and the headers that every answer carries.

use serde_json::json;

use super::{Served, client::Reply};
use crate::{
    support::register::{Lines, Register},
    views::{
        history::{BEGIN, person},
        on_both_stores,
    },
};

on_both_stores!(every_refusal_has_a_stable_code, a_body_has_a_limit,);

/// What no answer goes without.
#[track_caller]
fn closed(reply: &Reply, what: &str) {
    let said = |name: &str| reply.header(name).unwrap_or_default().to_owned();
    assert_eq!(said("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(said("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(said("qonys-origin"), "qonys/almaty/test/1", "{what}");
    let policy = said("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    for closed in ["frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(closed), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert!(!said("cache-control").is_empty(), "{what}");
    assert!(reply.header("server").is_none(), "{what}");
}

async fn every_refusal_has_a_stable_code(register: Register) {
    let mut lines = Lines::new(41);
    register.must(&lines.opening("simulated")).await;
    let served = Served::start(register).await;
    let client = served.client;
    let person = lines.line("record-person", &json!({"kind": "citizen"}));
    let text = person.to_string();
    let key = lines.last();
    let keyed = |kind: &'static str| {
        vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("idempotency-key".to_owned(), key.clone()),
        ]
    };
    let cases = [
        ("GET", "/nowhere", vec![], 404, "not-found"),
        ("GET", "/v1", vec![], 404, "not-found"),
        ("GET", "/v1/acts/no-such", vec![], 404, "not-found"),
        ("GET", "/v1/acts/No%20Such", vec![], 404, "not-found"),
        ("GET", "/v1/persons/1", vec![], 404, "not-found"),
        ("GET", "/v1/entries/0", vec![], 404, "not-found"),
        ("GET", "/v1/entries/99999", vec![], 404, "not-found"),
        ("GET", "/v1/entries/-1", vec![], 404, "not-found"),
        ("GET", "/v1/streams/person/1", vec![], 404, "not-found"),
        ("GET", "/problems/no-such", vec![], 404, "not-found"),
        ("DELETE", "/v1/board", vec![], 405, "method-not-allowed"),
        ("POST", "/v1/entries", vec![], 405, "method-not-allowed"),
        ("PUT", "/v1/commands", vec![], 405, "method-not-allowed"),
        (
            "POST",
            "/v1/commands/no-such",
            keyed("application/json"),
            404,
            "unknown-type",
        ),
        (
            "POST",
            "/v1/commands/record-person",
            keyed("text/plain"),
            415,
            "unsupported-media-type",
        ),
        (
            "POST",
            "/v1/commands/record-person?colour=red",
            keyed("application/json"),
            400,
            "bad-parameter",
        ),
        (
            "POST",
            "/v1/commands",
            keyed("application/json"),
            415,
            "unsupported-media-type",
        ),
        ("GET", "/v1/board?colour=red", vec![], 400, "bad-parameter"),
        (
            "GET",
            "/v1/board?position=1&position=1",
            vec![],
            400,
            "bad-parameter",
        ),
        (
            "GET",
            "/v1/board?position=1&recorded=2024-01-01T00:00:00.000000Z",
            vec![],
            400,
            "bad-parameter",
        ),
        (
            "GET",
            "/v1/board?effective=yesterday",
            vec![],
            400,
            "bad-parameter",
        ),
        ("GET", "/v1/board?position=99999", vec![], 404, "beyond-end"),
        (
            "GET",
            "/v1/board?min_position=99999",
            vec![],
            404,
            "beyond-end",
        ),
        ("GET", "/v1/decisions?limit=0", vec![], 400, "bad-parameter"),
        (
            "GET",
            "/v1/decisions?limit=501",
            vec![],
            400,
            "bad-parameter",
        ),
        ("GET", "/v1/decisions?after=x", vec![], 400, "bad-parameter"),
        (
            "GET",
            "/v1/decisions?office=a%27%20or%201=1",
            vec![],
            400,
            "bad-parameter",
        ),
        (
            "GET",
            "/v1/entries?origin=qonys/almaty/test/2",
            vec![],
            409,
            "another-log",
        ),
        (
            "GET",
            "/v1/feed?origin=qonys/almaty/test/2",
            vec![],
            409,
            "another-log",
        ),
        (
            "GET",
            "/v1/feed",
            vec![("last-event-id".to_owned(), "x".to_owned())],
            400,
            "bad-header",
        ),
    ];
    for (method, path, headers, status, code) in cases {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let body = if method == "POST" { text.as_str() } else { "" };
        let reply = client.send(method, path, &headers, body.to_owned()).await;
        let what = format!("{method} {path}");
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some("application/problem+json")),
            "{what}: {}",
            reply.text()
        );
        reply.problem(status, code);
        closed(&reply, &what);
        assert_eq!(reply.header("allow").is_some(), status == 405, "{what}");
    }
    // A name that is not this machine's, whatever it asks for; the names of this machine are heard.
    for host in ["qonys.example", "127.0.0.1.example", "10.0.0.1", ""] {
        let reply = client.get_with("/v1/board", &[("host", host)]).await;
        reply.problem(421, "host-not-allowed");
        closed(&reply, host);
    }
    for host in ["localhost", "LOCALHOST:80", "127.0.0.2", "[::1]:8080"] {
        let reply = client.get_with("/livez", &[("host", host)]).await;
        assert_eq!(reply.expect(200).text(), "ok\n", "{host}");
    }
    for path in ["/livez", "/v1/board", "/kk/", "/assets/qonys.css", "/"] {
        closed(&client.get(path).await, path);
    }
    assert_eq!(
        client.get("/v1/board").await.header("cache-control"),
        Some("no-store")
    );
}

async fn a_body_has_a_limit(register: Register) {
    let mut lines = Lines::new(42);
    register.must(&lines.opening("simulated")).await;
    let head = register.texts().await.len();
    let served = Served::start(register).await;
    let client = served.client;
    let mut padded = person(&mut lines, "2024-02-01").to_string();
    padded.push_str(&" ".repeat((1 << 20) - padded.len()));
    let key = lines.last();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let path = "/v1/commands/record-person";
    let longer = format!("{padded} ");
    let reply = client.send("POST", path, &headers, longer.clone()).await;
    reply.problem(413, "body-too-large");
    // Without a length that is told beforehand.
    let (sender, coming) = client.stream(path, &headers);
    sender.send(longer.into()).expect("the body is sent");
    drop(sender);
    let mut coming = coming.await;
    assert_eq!(coming.status, 413);
    let problem = coming.until(b"\"status\":413").await;
    assert!(problem.expect("a problem").contains("body-too-large"));
    assert_eq!(served.register.texts().await.len(), head);
    let reply = client.send("POST", path, &headers, padded).await;
    reply.expect(201);
}

/// A register without a quota, an act or an entry still answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_log_is_answered_about() {
    let served = Served::start(Register::embedded(BEGIN).await).await;
    let client = served.client;
    let board = client.get("/v1/board").await.expect(200).json();
    assert_eq!(
        (&board["position"], &board["lines"]),
        (&json!("0"), &json!([]))
    );
    assert!(board.get("time").is_none());
    let head = client.get("/v1/tree-head").await.expect(200).json();
    assert_eq!((&head["size"], &head["time"]), (&json!("0"), &json!(null)));
    assert_eq!(client.get("/v1/entries").await.expect(200).text(), "");
    for lang in ["kk", "ru", "en"] {
        client.get(&format!("/{lang}/")).await.expect(200);
    }
    served.end().await;
}
