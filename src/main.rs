//! The one binary. Data goes to stdout, progress and errors to stderr.

use std::process::ExitCode;

fn main() -> ExitCode {
    qonys::telemetry::start();
    qonys::cli::run()
}
