//! Command lines to a server and its answers back, both while the other still runs. A line may carry personal values, so
//! without TLS to this machine only.

use std::{
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::{
    Request,
    body::{Bytes, Frame, Incoming},
    header::{self, HeaderValue},
};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use zeroize::Zeroizing;

use super::{Input, PIECE, progress};
use crate::{
    cli::{Failure, output},
    dispatch::Lines,
    locale::Lang,
    peer::Peer,
};

/// The media type of lines of JSON.
const NDJSON: &str = "application/x-ndjson";

/// A server, and how one is let in.
pub(super) struct Server<'a> {
    /// Its address, without a path.
    pub(super) url: &'a str,
    /// Certificates that are trusted instead of the machine's.
    pub(super) trusted: Option<&'a Path>,
    /// The file of a token or API key.
    pub(super) credential: Option<&'a Path>,
}

impl Server<'_> {
    fn peer(&self) -> Result<Peer, Failure> {
        let peer = Peer::of(self.url).map_err(Failure::usage)?;
        let wrong = |what: &str| Failure::usage(format!("{}: {what}", self.url));
        if peer.path() != "/" {
            return Err(wrong("a server is named without a path"));
        }
        if !peer.is_private() {
            return Err(wrong("only this machine is spoken to without TLS"));
        }
        Ok(peer)
    }

    /// The header that lets in. Its value is not printed with the request.
    fn authorization(&self) -> Result<Option<HeaderValue>, Failure> {
        let Some(file) = self.credential else {
            return Ok(None);
        };
        let wrong =
            |why: &dyn std::fmt::Display| Failure::usage(format!("{}: {why}", file.display()));
        let mode = std::fs::metadata(file).map_err(|e| wrong(&e))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            let text = format!("its mode is {mode:04o}: close it to others with chmod 600");
            return Err(wrong(&text));
        }
        let read = std::fs::read_to_string(file).map_err(|e| wrong(&e))?;
        let text = Zeroizing::new(read);
        let text = Zeroizing::new(format!("Bearer {}", text.trim()));
        let value = HeaderValue::from_str(&text);
        let mut value = value.map_err(|_| wrong(&"this is no credential"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// How much of the input was read.
#[derive(Default)]
struct Sent {
    /// Its lines that want an answer.
    lines: AtomicU64,
    /// Whether that is all of it.
    whole: AtomicBool,
}

/// The input as a body.
fn body(
    input: Input,
    sent: Arc<Sent>,
) -> impl hyper::body::Body<Data = Bytes, Error = std::io::Error> + Send + 'static {
    let begin = (input, Lines::default(), false);
    let frames = stream::try_unfold(begin, move |(mut input, mut lines, ended)| {
        let sent = sent.clone();
        async move {
            if ended {
                return Ok(None);
            }
            let mut piece = vec![0; PIECE];
            let read = input.read(&mut piece).await?;
            piece.truncate(read);
            lines.push(&piece);
            let whole = std::iter::from_fn(|| lines.next_line()).count();
            let last = usize::from(read == 0 && lines.last().is_some());
            sent.lines
                .fetch_add((whole + last) as u64, Ordering::SeqCst);
            sent.whole.store(read == 0, Ordering::SeqCst);
            let frame = Frame::data(Bytes::from(piece));
            Ok::<_, std::io::Error>(Some((frame, (input, lines, read == 0))))
        }
    });
    StreamBody::new(frames)
}

/// What of an answer line is looked at.
#[derive(Deserialize)]
struct Told {
    outcome: String,
}

/// Sends every line and prints the answers in order. Gives the number of lines without an outcome.
pub(super) async fn stream(at: &Server<'_>, lang: Lang, input: Input) -> Result<u64, Failure> {
    let server = at.url;
    let (peer, authorization) = (at.peer()?, at.authorization()?);
    let unreachable = |e: &dyn std::fmt::Display| Failure::unavailable(format!("{server}: {e}"));
    let connected = peer.connect(at.trusted).await;
    let mut connection = connected.map_err(|e| unreachable(&e))?;
    let sent = Arc::new(Sent::default());
    let mut request = Request::post("/v1/commands")
        .header(header::HOST, peer.authority())
        .header(header::CONTENT_TYPE, NDJSON)
        .header(header::ACCEPT, NDJSON)
        .header(header::ACCEPT_LANGUAGE, lang.code());
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(body(input, sent.clone()));
    let response = connection
        .sender
        .send_request(request.map_err(Failure::error)?)
        .await
        .map_err(|e| unreachable(&e))?;
    let status = response.status();
    if !status.is_success() {
        let said = response.into_body().collect().await;
        let said = said.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
        let text = format!("{server}: {status}: {}", said.unwrap_or_default());
        return Err(if status.is_server_error() {
            Failure::unavailable(text)
        } else {
            Failure::error(text)
        });
    }
    let (answered, open) = print(response.into_body()).await?;
    drop(connection);
    if !sent.whole.load(Ordering::SeqCst) {
        return Err(Failure::unavailable(format!(
            "{server}: the answer ended after {answered} lines, before the input did: send the lines without an answer again"
        )));
    }
    let lines = sent.lines.load(Ordering::SeqCst);
    Ok(lines.saturating_sub(answered) + open)
}

/// Prints answer lines as they come: how many, and how many of them have no outcome. An answer that breaks off ends
/// them.
async fn print(mut answers: Incoming) -> Result<(u64, u64), Failure> {
    let progress = progress();
    let mut lines = Lines::default();
    let (mut answered, mut open) = (0, 0);
    while let Some(Ok(frame)) = answers.frame().await {
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        lines.push(&bytes);
        while let Some((_, Ok(line))) = lines.next_line() {
            output::line(&line)?;
            answered += 1;
            let told: Result<Told, _> = serde_json::from_str(&line);
            open += u64::from(told.is_ok_and(|told| told.outcome == "unknown"));
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok((answered, open))
}
