//! `cargo xtask sabotage`: breaks each promise on purpose and makes sure that the tests named after it notice, and that no
//! test named after another promise does; then breaks each habit that the simulation watches over, and makes sure that
//! its fixed set of seeds does not pass. Nothing is built again between two faults: a variable switches them on. It runs
//! on the same private servers as `cargo xtask test`.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{Stop, cargo, root, say};

/// Where the faults that can be planted are listed.
const LIST: &str = "events/src/fault.rs";
/// The promises of ARCHITECTURE.md.
const PROMISES: std::ops::RangeInclusive<u32> = 1..=12;
/// The test that a broken habit must fail.
const SIMULATION: &str = "sim::seeds_keep_every_promise";

/// The names that a list in `fault.rs` holds: `("p4", Self::P4),`.
fn listed(source: &str, list: &str) -> Vec<String> {
    let from = source.split_once(&format!("pub const {list}:"));
    let lines = from.map_or("", |(_, rest)| rest).lines();
    lines
        .skip(1)
        .take_while(|line| line.trim() != "];")
        .filter_map(|line| {
            Some(
                line.trim()
                    .strip_prefix("(\"")?
                    .split_once('"')?
                    .0
                    .to_owned(),
            )
        })
        .collect()
}

/// Tests named after a promise, that failed: `module::p4_…` gives `p4`.
fn failed_promises(output: &str) -> Vec<String> {
    let mut failed: Vec<String> = output
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
        .flat_map(|line| line.split([' ', ':']))
        .filter_map(|word| {
            let (promise, _) = word.split_once('_')?;
            let number = promise.strip_prefix('p')?;
            number
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| promise.to_owned())
                .filter(|_| !number.is_empty())
        })
        .collect();
    failed.sort_unstable_by_key(|promise| (promise.len(), promise.clone()));
    failed.dedup();
    failed
}

/// Runs tests with a fault planted; gives what they printed.
fn told(command: &mut Command, fault: &str) -> Result<String, Stop> {
    let output = command
        .env("QONYS_FAULT", fault)
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Stop::failed(format!("cargo: {error}")))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !told.contains("test result: ") {
        return Err(Stop::failed("the tests could not be built or run"));
    }
    Ok(told)
}

fn tests() -> Command {
    let mut command = cargo();
    command.args(["test", "--locked", "--no-fail-fast"]);
    command
}

/// Plants every fault in turn: 0 when each was noticed by those that must notice it, and by nobody else.
pub(crate) fn run(prepare: impl Fn(&mut Command)) -> Result<u8, Stop> {
    let source = fs::read_to_string(root().join(LIST))
        .map_err(|error| Stop::failed(format!("{LIST}: {error}")))?;
    let promises = listed(&source, "OF_PROMISES");
    let habits = listed(&source, "OF_HABITS");
    if promises.is_empty() || habits.is_empty() {
        return Err(Stop::failed(format!("{LIST} lists no faults")));
    }
    let mut good = true;
    let mut report = |fault: &str, exact: bool, noticed: &str, began: Instant| {
        good &= exact;
        let word = if exact { "ok" } else { "FAILED" };
        let seconds = began.elapsed().as_secs();
        say(&format!(
            "fault {fault}: {word}, noticed by {noticed} ({seconds} s)"
        ));
    };
    for promise in &promises {
        let began = Instant::now();
        let mut command = tests();
        command
            .args(["--workspace", "--tests", "--"])
            .args(promises.iter().map(|promise| format!("{promise}_")));
        prepare(&mut command);
        let failed = failed_promises(&told(&mut command, promise)?);
        let noticed = match &failed[..] {
            [] => "no test".to_owned(),
            some => format!("the tests of {}", some.join(", ")),
        };
        report(promise, failed == [promise.clone()], &noticed, began);
    }
    for habit in &habits {
        let began = Instant::now();
        let mut command = tests();
        command.args([
            "--package",
            "qonys",
            "--test",
            "it",
            "--",
            "--exact",
            SIMULATION,
        ]);
        prepare(&mut command);
        let told = told(&mut command, habit)?;
        let noticed = told.contains(&format!("test {SIMULATION} ... FAILED"));
        let by = told.lines().find_map(|line| line.trim().strip_prefix('['));
        let check = by
            .and_then(|line| line.split_once(']'))
            .map(|(check, _)| check);
        let by = match (noticed, check) {
            (true, Some(check)) => format!("the simulation ({check})"),
            (true, None) => "the simulation".to_owned(),
            (false, _) => "no seed".to_owned(),
        };
        report(habit, noticed, &by, began);
    }
    for promise in PROMISES.map(|n| format!("p{n}")) {
        if !promises.contains(&promise) {
            say(&format!(
                "fault {promise}: none is planted, the promise is not built"
            ));
        }
    }
    Ok(u8::from(!good))
}
