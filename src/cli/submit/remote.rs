//! Command lines to a server and its answers back, both while the other still runs. Over HTTP without TLS, so to this
//! machine only: a line may carry personal values.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::{
    Request, Uri,
    body::{Bytes, Frame, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use super::{Input, PIECE, progress};
use crate::{
    cli::{Failure, output},
    dispatch::Lines,
    locale::Lang,
};

/// The media type of lines of JSON.
const NDJSON: &str = "application/x-ndjson";

/// Host and port of a server on this machine.
fn address(server: &str) -> Result<(IpAddr, u16), Failure> {
    let wrong = |what: &str| Failure::usage(format!("{server}: {what}"));
    let uri: Uri = server.parse().map_err(|_| wrong("this is no URL"))?;
    if uri.scheme_str() != Some("http") {
        return Err(wrong(
            "only http:// is spoken, and only to this machine; there is no TLS yet",
        ));
    }
    if uri
        .path_and_query()
        .is_some_and(|rest| rest.as_str() != "/")
    {
        return Err(wrong("a server is named without a path"));
    }
    let host = uri.host().unwrap_or_default();
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let ip = match name.parse::<IpAddr>() {
        Ok(ip) => ip,
        Err(_) if name.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST.into(),
        Err(_) => return Err(wrong("only this machine is spoken to: there is no TLS yet")),
    };
    if !ip.is_loopback() {
        return Err(wrong("only this machine is spoken to: there is no TLS yet"));
    }
    Ok((ip, uri.port_u16().unwrap_or(80)))
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
pub(super) async fn stream(server: &str, lang: Lang, input: Input) -> Result<u64, Failure> {
    let (ip, port) = address(server)?;
    let unreachable = |e: &dyn std::fmt::Display| Failure::unavailable(format!("{server}: {e}"));
    let connected = TcpStream::connect((ip, port)).await;
    let socket = TokioIo::new(connected.map_err(|e| unreachable(&e))?);
    let (mut sender, connection) = http1::handshake(socket)
        .await
        .map_err(|e| unreachable(&e))?;
    // Its error is also the answer's.
    let connection = tokio::spawn(connection);
    let sent = Arc::new(Sent::default());
    let host = match ip {
        IpAddr::V4(ip) => format!("{ip}:{port}"),
        IpAddr::V6(ip) => format!("[{ip}]:{port}"),
    };
    let request = Request::post("/v1/commands")
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, NDJSON)
        .header(header::ACCEPT, NDJSON)
        .header(header::ACCEPT_LANGUAGE, lang.code())
        .body(body(input, sent.clone()))
        .map_err(Failure::error)?;
    let response = sender
        .send_request(request)
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
    connection.abort();
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
