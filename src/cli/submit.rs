//! `qonys submit`: command lines in, answer lines out, in the same order. A bad line harms no other line.

use std::{collections::VecDeque, io::IsTerminal as _, path::PathBuf, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use qonys_events::{fact::LogOpened, id::Ref, term::LogKind};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    sync::oneshot,
};

use super::{Failure, Where, init, output, place};
use crate::{
    clock::Entropy,
    dispatch::{Answer, Dispatch, Invalid, Outcome, Request, id_of},
    log::NewLog,
};

/// Commands that are on their way at once. Answers keep the order of the lines.
const IN_FLIGHT_MAX: usize = 1_024;
/// The longest command line, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Options of `qonys submit`.
#[derive(Args)]
pub(super) struct Submit {
    /// File of command lines, or `-` for standard input.
    file: PathBuf,
    #[command(flatten)]
    at: Where,
}

/// A line on its way: its answer is known, or will be.
enum Waiting {
    Known(Outcome),
    Decided(oneshot::Receiver<Outcome>),
}

/// Reads lines one by one, none longer than allowed.
struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// The next line that is not blank, with its number; `Err` for one that is no text or too long.
    async fn next(&mut self) -> std::io::Result<Option<(u64, Result<String, Invalid>)>> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.reader)
                .take(LINE_BYTES_MAX + 1)
                .read_until(b'\n', &mut line)
                .await?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let invalid = |code, message: &str| Invalid {
                code,
                pointer: String::new(),
                message: message.into(),
            };
            if line.last() == Some(&b'\n') {
                line.pop();
            } else if line.len() as u64 > LINE_BYTES_MAX {
                self.skip_line().await?;
                return Ok(Some((
                    self.number,
                    Err(invalid(
                        "line-too-long",
                        "a line has at most 1,048,576 bytes",
                    )),
                )));
            }
            match String::from_utf8(line) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Ok(Some((self.number, Ok(text)))),
                Err(_) => {
                    return Ok(Some((
                        self.number,
                        Err(invalid("not-utf-8", "a line is UTF-8 text")),
                    )));
                }
            }
        }
    }

    async fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf().await?;
            let (end, found) = match buffer.iter().position(|b| *b == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(end);
            if found {
                return Ok(());
            }
        }
    }
}

/// Runs the lines of a file.
pub(super) async fn run(submit: Submit) -> Result<(), Failure> {
    let reader: Box<dyn AsyncBufRead + Unpin> = if submit.file.as_os_str() == "-" {
        Box::new(BufReader::new(tokio::io::stdin()))
    } else {
        let open = tokio::fs::File::open(&submit.file).await;
        let file = open.map_err(|e| Failure::usage(format!("{}: {e}", submit.file.display())))?;
        Box::new(BufReader::new(file))
    };
    let mut lines = Lines { reader, number: 0 };
    let first = lines.next().await?;
    let dispatch = open(
        &submit.at,
        first.as_ref().and_then(|(_, line)| line.as_ref().ok()),
    )
    .await?;
    let unanswered = stream(&dispatch, first, &mut lines).await?;
    if unanswered > 0 {
        return Err(Failure::unavailable(format!(
            "{unanswered} lines have no outcome: send them again"
        )));
    }
    Ok(())
}

/// Opens the log; a place without one gets a new log, as the first line describes it or for the register.
async fn open(at: &Where, first: Option<&String>) -> Result<Dispatch, Failure> {
    let place = at.place();
    if !place::is_vacant(&place) {
        return Ok(place::dispatch(&place).await?.1);
    }
    let opened: Option<LogOpened> = first.and_then(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["type"] == "open-log").then(|| serde_json::from_value(line["data"].clone()).ok())?
    });
    let defaults = init::defaults();
    let new = match &opened {
        Some(opened) => NewLog {
            zone: opened.zone.clone(),
            clock: opened.clock,
            ..defaults
        },
        None => defaults,
    };
    place::make(&place, &new).await?;
    let (_, dispatch) = place::dispatch(&place).await?;
    if opened.is_none() {
        let line = init::open_log(&new, LogKind::Register, &Entropy::System);
        let request = Request::read(&line).map_err(|invalid| Failure::error(invalid.message))?;
        drop(dispatch.decide(request).await);
    }
    Ok(dispatch)
}

/// Submits every line and prints the answers in order. Gives the number of lines without an outcome.
async fn stream<R: AsyncBufRead + Unpin>(
    dispatch: &Dispatch,
    first: Option<(u64, Result<String, Invalid>)>,
    lines: &mut Lines<R>,
) -> Result<u64, Failure> {
    let progress = progress();
    let mut waiting: VecDeque<(u64, Option<Ref>, Waiting)> = VecDeque::new();
    let mut unanswered = 0;
    let mut next = first;
    while let Some((number, line)) = next.take() {
        let (id, answer) = match line {
            Err(invalid) => (None, Waiting::Known(Outcome::Invalid(invalid))),
            Ok(text) => match Request::read(&text) {
                Err(invalid) => (id_of(&text), Waiting::Known(Outcome::Invalid(invalid))),
                Ok(request) => (
                    Some(request.id),
                    Waiting::Decided(dispatch.submit(request).await),
                ),
            },
        };
        waiting.push_back((number, id, answer));
        if waiting.len() >= IN_FLIGHT_MAX {
            unanswered += print_next(&mut waiting, &progress).await?;
        }
        next = lines.next().await?;
    }
    while !waiting.is_empty() {
        unanswered += print_next(&mut waiting, &progress).await?;
    }
    progress.finish_and_clear();
    Ok(unanswered)
}

/// Prints the answer of the oldest line; gives 1 if it has no outcome.
async fn print_next(
    waiting: &mut VecDeque<(u64, Option<Ref>, Waiting)>,
    progress: &ProgressBar,
) -> Result<u64, Failure> {
    let Some((line, id, answer)) = waiting.pop_front() else {
        return Ok(0);
    };
    let outcome = match answer {
        Waiting::Known(outcome) => outcome,
        Waiting::Decided(receiver) => receiver.await.unwrap_or(Outcome::Unknown),
    };
    let open = matches!(outcome, Outcome::Unknown | Outcome::Unavailable(_));
    output::json(&Answer {
        line: Some(line),
        id,
        outcome,
    })?;
    progress.inc(1);
    Ok(u64::from(open))
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() || std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} commands, {per_sec}, {elapsed}");
    let bar = ProgressBar::no_length()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
