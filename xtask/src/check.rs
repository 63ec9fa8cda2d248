//! `cargo xtask check`: what a person runs before every commit; no server, minutes at most.

use std::time::Instant;

use crate::{Stop, cargo, run as run_command, say};

/// Each step: its name and the arguments of cargo.
const STEPS: [(&str, &[&str]); 3] = [
    ("formatting", &["fmt", "--all", "--check"]),
    (
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "unit tests of the pure crates",
        &[
            "test",
            "--locked",
            "--tests",
            "-p",
            "qonys-events",
            "-p",
            "qonys-domain",
            "-p",
            "qonys-projections",
        ],
    ),
];

/// Runs the steps and stops at the first that fails.
pub(crate) fn run(args: &[String]) -> Result<u8, Stop> {
    if let Some(arg) = args.first() {
        return Err(Stop::usage(format!(
            "check takes no argument, and got `{arg}`"
        )));
    }
    for (name, arguments) in STEPS {
        say(name);
        let start = Instant::now();
        let code = run_command(cargo().args(arguments))?;
        if code != 0 {
            return Err(Stop {
                code,
                message: format!("{name}: failed"),
            });
        }
        say(&format!("{name}: done in {} s", start.elapsed().as_secs()));
    }
    Ok(0)
}
