//! A slow consumer: it reads nothing for a while, harms nobody, costs no memory, and misses nothing.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

use super::load::{Server, memory};
use crate::support::{
    process::{qonys, run_with_input},
    register::Lines,
    rows::row,
};

const ENTRIES: usize = 3_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// A feed from the beginning, whose reader takes what he likes.
async fn feed(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    // Little room at our end, so that the server feels that nobody reads.
    socket.set_recv_buffer_size(4_096).expect("a size");
    let mut stream = socket.connect(address).await.expect("a connection");
    let ask = "GET /v1/feed?after=0 HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.expect("a request");
    stream
}

/// Reads the feed until so many entries have come; gives their positions.
async fn read(stream: &mut TcpStream, count: usize) -> Vec<u64> {
    let mut text = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    let mut positions = Vec::new();
    while positions.len() < count {
        let length = timeout(PATIENCE, stream.read(&mut piece)).await;
        let length = length.expect("the feed goes on").expect("it reads");
        assert!(length > 0, "the feed ended after {}", positions.len());
        text.extend_from_slice(&piece[..length]);
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let Some(id) = line.trim().strip_prefix("id: ") else {
                continue;
            };
            positions.push(id.parse().expect("a position"));
        }
    }
    positions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_does_not_read_harms_nobody_and_misses_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut lines = Lines::new(1);
    let opening = lines.opening("system").split_off(1);
    let server = Server::embedded(directory.path(), &opening).await;
    let mut slow = feed(server.address).await;
    let mut quick = feed(server.address).await;
    let before = memory(server.pid());
    let mut sent: Vec<Value> = Vec::new();
    for n in 0..ENTRIES {
        sent.push(lines.competence(&format!("kind-{n}")));
    }
    let text: String = sent.iter().map(|line| format!("{line}\n")).collect();
    let url = format!("http://{}", server.address);
    let head = server.size().await + ENTRIES;
    let began = Instant::now();
    let (submitted, quickly) = tokio::join!(
        run_with_input(qonys(["submit", "-", "--server", &url]), &text),
        read(&mut quick, head)
    );
    let took = began.elapsed();
    let answers = submitted.expect_success().stdout;
    assert_eq!(answers.matches(r#""outcome":"accepted""#).count(), ENTRIES);
    sleep(Duration::from_secs(1)).await;
    let grown = memory(server.pid()).saturating_sub(before);
    let slowly = read(&mut slow, head).await;
    let whole: Vec<u64> = (1..=head as u64).collect();
    assert_eq!(
        quickly, whole,
        "the quick one reads each entry once, in order"
    );
    assert_eq!(slowly, whole, "the slow one too, later");
    assert!(grown < 128 << 20, "the server grew by {grown} bytes");
    row(
        "a slow consumer of the feed",
        &format!(
            "both consumers read {head} entries once and in order, the quick one as they came ({took:.1?}); the server grew by {} MiB",
            grown >> 20
        ),
    );
}
