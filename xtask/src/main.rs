//! The project's own habits, as one small program: `cargo xtask check | test | sabotage | faults | sim | ci`.
//!
//! It has no dependency, so that a machine with Rust alone starts it within seconds. Progress goes
//! to stderr; what the called tools print passes through.

#![expect(
    clippy::print_stderr,
    reason = "progress and faults of a command-line tool"
)]

mod access;
mod check;
mod faults;
mod install;
mod points;
mod sabotage;
mod servers;
mod test;
mod undertaker;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask <command>

  check          formatting, lints of the whole workspace, unit tests of the pure crates
  test [-- ARGS] every test of the workspace, on private throw-away PostgreSQL and NATS servers;
                 ARGS go to `cargo test`
  sabotage       breaks each promise on purpose (test builds only); exactly its own tests must notice
  faults         the fault table: makes each fault happen and prints what was checked
  sim            many seeds of the simulation: `--seeds N`, 500 without it, from `--first K`
  points         writes docs/points.md: each point of the Rules with its commands, events, blocked reasons, views
                 and tests; `--check` compares
  policies       has Cedar evaluate access/access.cedar and compares with access/decisions.csv; `--write` writes it
  fuzz --minutes N
                 the fuzz targets, for so long in total
  schemathesis   asks every operation of /openapi.json of a demonstration; skipped where it cannot be installed
  ci             what the build server runs: .ci/run

`test` uses the servers of QONYS_TEST_DATABASE_URL and QONYS_TEST_NATS_URL where they are set.";

/// What ended a command early: the sentence to print and the exit code.
struct Stop {
    code: u8,
    message: String,
}

impl Stop {
    /// Something did not work.
    fn failed(message: impl Into<String>) -> Self {
        Self {
            code: 1,
            message: message.into(),
        }
    }

    /// The caller has to do something first.
    fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match command.as_str() {
        "check" => check::run(&rest),
        "test" => test::run(&rest),
        "sabotage" => test::sabotage(),
        "faults" => test::faults(),
        "sim" => test::sim(&rest),
        "points" => points::run(&rest),
        "policies" => access::policies(&rest),
        "fuzz" => access::fuzz(&rest),
        "schemathesis" => access::schemathesis(&rest),
        "ci" => run(Command::new(root().join(".ci/run")).args(&rest)),
        "help" | "--help" | "-h" => {
            eprintln!("{USAGE}");
            Ok(0)
        }
        "" => Err(Stop::usage(USAGE)),
        other => Err(Stop::usage(format!(
            "there is no command `{other}`\n\n{USAGE}"
        ))),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            eprintln!("xtask: {}", stop.message);
            ExitCode::from(stop.code)
        }
    }
}

/// The root of the checkout. Asked at run time: a target directory may be shared by checkouts.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The cargo that called us, in the root of the checkout.
///
/// It does not see what the outer cargo told us about ourselves: build scripts that watch these
/// variables would run again, and half the workspace with them.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Prints one line of progress.
fn say(line: &str) {
    eprintln!("xtask: {line}");
}

/// Runs a command to its end and gives its exit code; a death by signal counts as 1.
fn run(command: &mut Command) -> Result<u8, Stop> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .map_err(|error| Stop::failed(format!("{name} could not be started: {error}")))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
