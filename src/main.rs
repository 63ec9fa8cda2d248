//! The one binary. Data goes to stdout, progress and errors to stderr.

use std::process::ExitCode;

/// Folding and deciding make and drop many small values: with the C library's allocator they take a fifth more time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    qonys::telemetry::start();
    qonys::cli::run()
}
