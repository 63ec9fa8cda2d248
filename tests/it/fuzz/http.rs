//! Bodies over HTTP, on a server that goes on living: no answer is a fault of ours.

use std::time::Instant;

use qonys::clock::Entropy;
use qonys_domain::command::Command;

use super::{budget, command_lines, damage::Damage};
use crate::{
    http::Served,
    support::register::{Lines, Register},
};

#[tokio::test]
async fn any_body_is_answered_and_never_with_a_fault_of_ours() {
    let register = Register::embedded("2024-05-30T06:00:00.000000Z").await;
    register.must(&Lines::new(71).opening("simulated")).await;
    let served = Served::start(register).await;
    let client = served.client;
    let seed = u64::from_be_bytes(Entropy::System.bytes());
    eprintln!("bodies: seed {seed}");
    let mut damage = Damage::new(seed, command_lines());
    let end = Instant::now() + budget();
    let mut runs = 0_usize;
    while Instant::now() < end {
        let body = damage.next();
        let type_name = Command::TYPES[runs % Command::TYPES.len()];
        let key = Entropy::System.reference().to_string();
        let (path, kind) = match runs % 3 {
            0 => ("/v1/commands".to_owned(), "application/x-ndjson"),
            _ => (format!("/v1/commands/{type_name}"), "application/json"),
        };
        let headers = [("content-type", kind), ("idempotency-key", key.as_str())];
        let shown = String::from_utf8_lossy(&body).into_owned();
        let reply = client.send("POST", &path, &headers, body).await;
        assert!(
            reply.status < 500 && !reply.text().contains("\"code\":\"internal\""),
            "seed {seed}, run {runs}, {path}: {} {}\n{shown}",
            reply.status,
            reply.text()
        );
        runs += 1;
    }
    eprintln!("bodies: {runs}");
    client.get("/livez").await.expect(200);
    assert!(runs > 5);
    served.end().await;
}
