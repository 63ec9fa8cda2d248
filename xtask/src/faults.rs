//! `cargo xtask faults`: the fault table. Each of its tests makes one fault happen, checks what must hold, and writes a
//! row; here they are run and the rows printed. It runs on the same private servers as `cargo xtask test`.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
};

use crate::{Stop, cargo, root, say};

/// Where the rows are described: each names its test.
const DOCUMENT: &str = "docs/faults.md";
/// Where tests write their rows: tab-separated fault, checks, figures.
const ROWS: &str = "QONYS_FAULT_ROWS";

/// The tests that the document names in its last column: `| fault | what must hold | module::test |`.
fn named(document: &str) -> BTreeSet<String> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    rows.filter_map(|line| {
        line.trim_end_matches(['|', ' '])
            .rsplit_once('`')?
            .0
            .rsplit_once('`')
    })
    .map(|(_, test)| test.to_owned())
    .filter(|test| test.contains("::"))
    .collect()
}

/// Runs the table: 0 when every row came and every test is good.
pub(crate) fn run(prepare: impl Fn(&mut Command)) -> Result<u8, Stop> {
    let document = fs::read_to_string(root().join(DOCUMENT))
        .map_err(|error| Stop::failed(format!("{DOCUMENT}: {error}")))?;
    let tests = named(&document);
    if tests.is_empty() {
        return Err(Stop::failed(format!("{DOCUMENT} names no test")));
    }
    let rows = std::env::temp_dir().join(format!("qonys-fault-rows-{}", std::process::id()));
    let wrong = |error: std::io::Error| Stop::failed(format!("{}: {error}", rows.display()));
    fs::write(&rows, "").map_err(wrong)?;
    let mut command = cargo();
    command
        .args([
            "test",
            "--locked",
            "--package",
            "qonys",
            "--test",
            "it",
            "--",
            "--exact",
        ])
        .args(&tests)
        .env(ROWS, &rows)
        .stderr(Stdio::inherit());
    prepare(&mut command);
    let output = command
        .output()
        .map_err(|error| Stop::failed(format!("cargo: {error}")))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let written = fs::read_to_string(&rows).map_err(wrong)?;
    drop(fs::remove_file(&rows));
    let mut written: Vec<Vec<&str>> = written
        .lines()
        .map(|row| row.split('\t').collect())
        .collect();
    written.sort_unstable();
    for row in &written {
        let [test, fault, checked] = row[..] else {
            return Err(Stop::failed("a row has another form"));
        };
        say(&format!(
            "ok      {fault}\n               checked: {checked}\n               {test}"
        ));
    }
    let came: BTreeSet<&str> = written.iter().map(|row| row[0]).collect();
    let missing: Vec<&String> = tests
        .iter()
        .filter(|test| !came.contains(test.as_str()))
        .collect();
    for test in &missing {
        say(&format!("FAILED  {test} wrote no row"));
    }
    if !output.status.success() {
        say(&told);
    }
    say(&format!("{} faults, {} checked", tests.len(), came.len()));
    Ok(u8::from(!output.status.success() || !missing.is_empty()))
}
