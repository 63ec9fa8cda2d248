//! Writing results: data to stdout, words about the work to stderr.

use std::io::{self, Write as _};

use serde::Serialize;

/// Writes one line to stdout.
pub(super) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes a value as one JSON line to stdout.
pub(super) fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string(value)?)
}

/// Writes a value as an indented JSON document to stdout.
pub(super) fn json_document(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Says what went wrong, on stderr.
pub(super) fn complain(text: &str) {
    drop(writeln!(io::stderr().lock(), "qonys: {text}"));
}

/// Says something about the work, on stderr.
pub(super) fn say(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Writes rows as a table with a header; columns are as wide as their widest cell.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells
            .chain([header[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let row = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        line(padded.join("  ").trim_end())
    };
    row(&mut header.iter().copied())?;
    rows.iter()
        .try_for_each(|cells| row(&mut cells.iter().map(String::as_str)))
}
