//! `qonys relay`: carries the log to JetStream until it is told to end. With the embedded store the relay runs inside
//! `qonys serve`, because only one process may open that store.

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Where, output, place};
use crate::relay::{Options, Relay};

/// Options of `qonys relay`.
#[derive(Args)]
pub(super) struct Carry {
    /// URL of a NATS server with JetStream.
    #[arg(long, env = "QONYS_NATS_URL", default_value = "nats://127.0.0.1:4222")]
    nats_url: String,
    #[command(flatten)]
    at: Where,
}

/// Ends when the process is asked to: SIGINT or SIGTERM.
pub(super) async fn asked_to_end() {
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

/// Carries the log.
pub(super) async fn run(carry: Carry) -> Result<(), Failure> {
    let log = place::open(&carry.at.place()).await?;
    let relay = Relay::new(log, Options::new(carry.nats_url));
    output::complain(&format!(
        "carrying the log to the stream {}",
        relay.names().stream()
    ));
    relay
        .run(asked_to_end())
        .await
        .map_err(Failure::unavailable)
}
