//! The one binary. Data goes to stdout, progress and errors to stderr.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    qonys::telemetry::start();
    qonys::cli::run().await
}
