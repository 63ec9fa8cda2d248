//! Log lines on stderr: level by `QONYS_LOG` (default `warn`). No line ever holds a personal value.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts writing log lines. Does nothing when they are written already.
pub fn start() {
    let filter = EnvFilter::try_from_env("QONYS_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    drop(lines.try_init());
}
