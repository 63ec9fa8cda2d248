//! `cargo xtask faults`: breaks each promise on purpose and makes sure that the tests named after it notice, and that no
//! test named after another promise does. It runs on the same private servers as
//! `cargo xtask test`.

use std::process::{Command, Stdio};

use crate::{Stop, cargo, say};

/// Promises with a planted fault (events/src/fault.rs).
const PLANTED: &[&str] = &[
    "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12",
];

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
    failed.sort_unstable();
    failed.dedup();
    failed
}

/// Runs every promise test once for each planted fault: 0 when each was noticed by its own tests alone.
pub(crate) fn run(prepare: impl Fn(&mut Command)) -> Result<u8, Stop> {
    let mut good = true;
    for promise in PLANTED {
        let mut command = cargo();
        command
            .args([
                "test",
                "--workspace",
                "--locked",
                "--no-fail-fast",
                "--tests",
                "--",
            ])
            .args(PLANTED.iter().map(|promise| format!("{promise}_")))
            .env("QONYS_FAULT", promise)
            .stderr(Stdio::null());
        prepare(&mut command);
        let output = command
            .output()
            .map_err(|error| Stop::failed(format!("cargo: {error}")))?;
        let told = String::from_utf8_lossy(&output.stdout);
        if !told.contains("test result: ") {
            return Err(Stop::failed("the tests could not be built or run"));
        }
        let failed = failed_promises(&told);
        let exact = failed == [(*promise).to_owned()];
        good &= exact;
        let noticed = if failed.is_empty() {
            "no test".to_owned()
        } else {
            failed.join(", ")
        };
        let word = if exact { "ok" } else { "FAILED" };
        say(&format!(
            "fault {promise}: {word}, noticed by the tests of {noticed}"
        ));
    }
    Ok(u8::from(!good))
}
