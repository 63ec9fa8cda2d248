//! `qonys submit`: command lines in, answer lines out, in the same order. A bad line harms no other line.

use std::{collections::VecDeque, io::IsTerminal as _, path::PathBuf, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use qonys_events::{fact::LogOpened, id::Ref, term::LogKind};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    sync::oneshot,
};

use super::{Failure, Where, init, output, place};
use crate::{
    clock::Entropy,
    dispatch::{Answer, Dispatch, Invalid, Lines, Outcome, Request, id_of},
    locale::Lang,
    log::NewLog,
};

mod remote;

/// Commands that are on their way at once. Answers keep the order of the lines.
const IN_FLIGHT_MAX: usize = 1_024;
/// Bytes read from the file at once.
const PIECE: usize = 64 * 1_024;

/// Options of `qonys submit`.
#[derive(Args)]
pub(super) struct Submit {
    /// File of command lines, or `-` for standard input.
    file: PathBuf,
    /// A server to send the lines to, such as http://127.0.0.1:8080. Without it they go to the log itself.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// With `--server`: a file that holds a token or an API key, closed to others.
    #[arg(long, value_name = "FILE", requires = "server")]
    credential_file: Option<PathBuf>,
    /// With `--server`: certificates (PEM) that are trusted instead of the machine's.
    #[arg(long, value_name = "FILE", requires = "server")]
    trusted_certificates: Option<PathBuf>,
    /// The language of the sentences about what was blocked.
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    at: Where,
}

/// Where the lines come from.
type Input = Box<dyn AsyncRead + Unpin + Send>;

/// A line on its way: its answer is known, or will be.
enum Waiting {
    Known(Outcome),
    Decided(oneshot::Receiver<Outcome>),
}

/// A line with its number, or why it is none.
type Numbered = (u64, Result<String, Invalid>);

/// The lines of a file.
struct File {
    input: Input,
    lines: Lines,
    piece: Vec<u8>,
    ended: bool,
}

impl File {
    fn new(input: Input) -> Self {
        Self {
            input,
            lines: Lines::default(),
            piece: vec![0; PIECE],
            ended: false,
        }
    }

    /// The next line that is not blank.
    async fn next(&mut self) -> std::io::Result<Option<Numbered>> {
        loop {
            if let Some(line) = self.lines.next_line() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            let read = self.input.read(&mut self.piece).await?;
            if read == 0 {
                self.ended = true;
                return Ok(self.lines.last());
            }
            self.lines.push(&self.piece[..read]);
        }
    }
}

/// Runs the lines of a file.
pub(super) async fn run(submit: Submit) -> Result<(), Failure> {
    let input: Input = if submit.file.as_os_str() == "-" {
        Box::new(tokio::io::stdin())
    } else {
        let open = tokio::fs::File::open(&submit.file).await;
        let file = open.map_err(|e| Failure::usage(format!("{}: {e}", submit.file.display())))?;
        Box::new(file)
    };
    let unanswered = match &submit.server {
        Some(url) => {
            let server = remote::Server {
                url,
                trusted: submit.trusted_certificates.as_deref(),
                credential: submit.credential_file.as_deref(),
            };
            remote::stream(&server, submit.lang, input).await?
        }
        None => {
            let mut file = File::new(input);
            let first = file.next().await?;
            let described = first.as_ref().and_then(|(_, line)| line.as_ref().ok());
            let dispatch = open(&submit.at, described).await?;
            stream(&dispatch, first, &mut file, submit.lang).await?
        }
    };
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
        return Ok(place::dispatch(&place, &at.signer()).await?.1);
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
    let (_, dispatch) = place::dispatch(&place, &at.signer()).await?;
    if opened.is_none() {
        let line = init::open_log(&new, LogKind::Register, &Entropy::System);
        let request = Request::read(&line).map_err(|invalid| Failure::error(invalid.message))?;
        drop(dispatch.decide(request).await);
    }
    Ok(dispatch)
}

/// Submits every line and prints the answers in order. Gives the number of lines without an outcome.
async fn stream(
    dispatch: &Dispatch,
    first: Option<Numbered>,
    file: &mut File,
    lang: Lang,
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
            unanswered += print_next(&mut waiting, lang, &progress).await?;
        }
        next = file.next().await?;
    }
    while !waiting.is_empty() {
        unanswered += print_next(&mut waiting, lang, &progress).await?;
    }
    progress.finish_and_clear();
    Ok(unanswered)
}

/// Prints the answer of the oldest line; gives 1 if it has no outcome.
async fn print_next(
    waiting: &mut VecDeque<(u64, Option<Ref>, Waiting)>,
    lang: Lang,
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
        lang,
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
