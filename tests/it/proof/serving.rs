//! The proof over HTTP: the paths and media types of C2SP, whole tiles only where a checkpoint covers them.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use qonys_events::tree::leaf_hash;
use qonys_verify::{
    checkpoint::Checkpoint,
    note::VerifierKey,
    receipt::Receipt,
    tile::{Layer, Tile, entries},
};
use tokio::net::TcpStream;

use super::stage::Stage;
use crate::support::process::{Running, qonys};

/// How long a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

struct Answer {
    status: StatusCode,
    kind: String,
    cache: String,
    body: Vec<u8>,
}

async fn get(address: &str, path: &str) -> Answer {
    let stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let connection = tokio::spawn(connection);
    let request = Request::get(path)
        .header(header::HOST, address)
        .body(Empty::<Bytes>::new());
    let response = sender
        .send_request(request.expect("a request"))
        .await
        .expect("an answer");
    let text = |name| {
        response
            .headers()
            .get(name)
            .map_or("", |v: &header::HeaderValue| v.to_str().unwrap_or(""))
            .to_owned()
    };
    let (status, kind, cache) = (
        response.status(),
        text(header::CONTENT_TYPE),
        text(header::CACHE_CONTROL),
    );
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes()
        .to_vec();
    connection.abort();
    Answer {
        status,
        kind,
        cache,
        body,
    }
}

#[tokio::test]
async fn checkpoint_tiles_receipts_and_keys_are_served() {
    let mut stage = Stage::embedded().await;
    stage.families(50).await;
    let texts = stage.register.texts().await;
    let Stage {
        register,
        publisher,
        signer,
        ..
    } = stage;
    let directory = register.directory;
    drop((publisher, register.dispatch, register.log));
    let (data, signer) = (
        directory.path().to_string_lossy(),
        signer.path().to_string_lossy(),
    );
    let arguments = [
        "serve",
        "--addr",
        "127.0.0.1:0",
        "--data-dir",
        &data,
        "--signer-dir",
        &signer,
    ];
    // The decider lets go of the store when its last sender is gone.
    let mut address = String::new();
    let mut server = None;
    for _ in 0..50 {
        let mut running = Running::start(qonys(arguments));
        let line = running.wait_for("qonys: ", PATIENCE).await;
        if let Some((_, at)) = line.split_once("http://") {
            address = at.trim_end_matches('/').to_owned();
            server = Some(running);
            break;
        }
        drop(running.finish().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let server = server.expect("the server starts");

    // About a second after the start everything is signed.
    let mut note = Vec::new();
    for _ in 0..600 {
        let answer = get(&address, "/checkpoint").await;
        let size = Checkpoint::of_note(&answer.body).map_or(0, |(_, head)| head.size);
        if answer.status == StatusCode::OK && size == texts.len() as u64 {
            assert_eq!(
                (answer.kind.as_str(), answer.cache.as_str()),
                ("text/plain; charset=utf-8", "no-cache")
            );
            note = answer.body;
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let keys = get(&address, qonys::http::KEYS).await;
    let keys = String::from_utf8(keys.body).expect("text");
    let keys: Vec<VerifierKey> = keys
        .lines()
        .map(|line| line.parse().expect("a key"))
        .collect();
    let (signed, head) = Checkpoint::of_note(&note).expect("a checkpoint in time");
    assert_eq!(signed.signed_by(&keys).expect("the log's key").len(), 1);

    let last = Tile::of(Layer::Entries, 1, head.size).expect("a partial bundle");
    for (tile, first) in [
        (
            Tile::of(Layer::Entries, 0, head.size).expect("a full bundle"),
            0,
        ),
        (last, 256),
    ] {
        let answer = get(&address, &format!("/{tile}")).await;
        assert_eq!(
            (answer.status, answer.kind.as_str()),
            (StatusCode::OK, "application/octet-stream")
        );
        assert!(answer.cache.contains("immutable"), "{}", answer.cache);
        let read: Vec<_> = entries(&answer.body)
            .map(|entry| entry.expect("whole"))
            .collect();
        assert_eq!(read[0], texts[first].as_bytes());
        assert_eq!(read.len(), usize::from(tile.width));
    }
    // A narrower partial tile was published when the log was shorter.
    let narrower = Tile { width: 1, ..last };
    assert_eq!(
        get(&address, &format!("/{narrower}")).await.status,
        StatusCode::OK
    );
    let wider = Tile {
        width: last.width + 1,
        ..last
    };
    let strange = [
        format!("/{wider}"),
        "/tile/0/001".into(),
        "/tile/0/..%2F..%2Fcheckpoint".into(),
        "/tile/entries/0".into(),
        "/receipts/0".into(),
        "/receipts/99999".into(),
    ];
    for path in strange {
        assert_eq!(
            get(&address, &path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let answer = get(&address, "/receipts/300").await;
    let receipt = Receipt::read(&answer.body)
        .unwrap_or_else(|_| panic!("{} of {}", answer.status, texts.len()));
    let entry = receipt.extra.clone().unwrap_or_default();
    let place = qonys_events::entry::Entry::read(&String::from_utf8_lossy(&entry))
        .expect("an entry")
        .place;
    receipt
        .verify(&leaf_hash(&entry), &keys)
        .expect("it proves its entry");
    for id in [place.id.to_string(), "300".to_owned()] {
        let again = get(&address, &format!("/receipts/{id}")).await;
        assert_eq!(Receipt::read(&again.body).expect("a receipt").index, 299);
    }
    drop(server);
}
