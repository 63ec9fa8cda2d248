//! Rows of the fault table: what `cargo xtask faults` prints. A test writes its row when it has checked everything.

#![expect(clippy::print_stdout, reason = "a row for whoever looks")]

use std::{fs::OpenOptions, io::Write as _};

/// Where rows go, if anywhere.
const ROWS: &str = "QONYS_FAULT_ROWS";

/// Writes the row of the test that runs in this thread: the fault, and what was checked after it.
#[track_caller]
pub(crate) fn row(fault: &str, checked: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    println!("{fault}: {checked}");
    let Some(file) = std::env::var_os(ROWS) else {
        return;
    };
    let mut file = OpenOptions::new()
        .append(true)
        .open(file)
        .expect("the rows can be written");
    writeln!(file, "{test}\t{fault}\t{checked}").expect("the rows can be written");
}
