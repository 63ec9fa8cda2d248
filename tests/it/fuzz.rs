//! Whatever comes from outside is read without a panic and in bounded memory: command lines, bodies over HTTP, streams of
//! lines, bundles, tiles. Inputs are good ones that were damaged at random, and noise. A second each by default;
//! `cargo xtask fuzz --minutes N` goes on for longer. Each seed is printed.
#![expect(
    clippy::print_stderr,
    reason = "whoever sees it fail needs the seed; the harness shows it then"
)]

mod damage;
mod http;
mod proof;

use std::time::{Duration, Instant};

use qonys::{
    clock::Entropy,
    dispatch::{Lines, Request},
    examples,
};
use qonys_events::{catalog, entry::Entry};

use damage::Damage;

/// How long one target runs.
pub(super) fn budget() -> Duration {
    let seconds = std::env::var("QONYS_FUZZ_SECONDS").ok();
    let seconds = seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(1);
    Duration::from_secs(seconds)
}

/// The most memory that this process ever held, in bytes.
pub(super) fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok());
    kilobytes.unwrap_or(0_u64) * 1_024
}

/// Gives damaged inputs to `read` until the time is over; a panic is told with its input. How many there were.
pub(super) fn fuzz(name: &str, corpus: Vec<Vec<u8>>, read: impl Fn(&[u8])) -> u64 {
    assert!(!corpus.is_empty(), "{name} begins with nothing");
    let seed = u64::from_be_bytes(Entropy::System.bytes());
    eprintln!("{name}: seed {seed}");
    let mut damage = Damage::new(seed, corpus);
    let (end, before) = (Instant::now() + budget(), most_memory());
    let mut runs = 0;
    while Instant::now() < end {
        let input = damage.next();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&input)));
        if outcome.is_err() {
            panic!(
                "{name}: seed {seed}, run {runs}: {:?}",
                String::from_utf8_lossy(&input)
            );
        }
        runs += 1;
    }
    let grown = most_memory().saturating_sub(before);
    eprintln!(
        "{name}: {runs} inputs, {} MiB more than before at most",
        grown >> 20
    );
    assert!(grown < 512 << 20, "{name}: seed {seed}: {grown} bytes");
    assert!(runs > 20, "{name}: only {runs} inputs");
    runs
}

/// Every example of a command line.
pub(super) fn command_lines() -> Vec<Vec<u8>> {
    examples::commands()
        .map(|(_, line)| line.as_bytes().to_vec())
        .collect()
}

#[test]
fn any_command_line_is_read_or_refused() {
    fuzz("command line", command_lines(), |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        if let Ok(request) = Request::read(text) {
            drop(request.refers_to());
            // What can be read is hashed as what it says.
            if let Ok(command) = request.command(Some) {
                assert!(!request.hashed_bytes(&command).is_empty());
            }
        }
    });
}

#[test]
fn any_stream_of_lines_is_cut_into_lines() {
    let corpus = vec![command_lines().join(&b'\n'), b"\n\n{}\r\n".to_vec()];
    fuzz("lines", corpus, |input| {
        let mut lines = Lines::default();
        let mut last = 0;
        // The pieces in which it comes.
        for piece in input.chunks(1 + input.len() / 7) {
            lines.push(piece);
            while let Some((number, _)) = lines.next_line() {
                assert!(number > last, "{number} after {last}");
                last = number;
            }
        }
        if let Some((number, _)) = lines.last() {
            assert!(number > last);
        }
    });
}

#[test]
fn any_entry_is_read_as_its_own_bytes_or_refused() {
    let entries = catalog::example_entries();
    let corpus = entries
        .iter()
        .map(|entry| entry.write().expect("an entry").into_bytes());
    fuzz("entry", corpus.collect(), |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        if let Ok(entry) = Entry::read(text) {
            assert_eq!(entry.write().expect("an entry"), text);
        }
    });
}
