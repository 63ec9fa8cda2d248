//! A stream of commands: NDJSON in, NDJSON out, answers in the order of the lines. What `qonys submit --server` speaks.
//!
//! Memory is bounded by what is on its way: so many lines and so many bytes at once; beyond that the body is not read
//! on, and the sender waits. A sender that goes away cancels nothing that was submitted.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, stream};
use qonys_events::id::Ref;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{
    api::Api,
    commands::{is, read as read_command, unreadable},
    gate::Asked,
    params::Params,
    problem::Problem,
};
use crate::{
    access::Principal,
    dispatch::{Answer, Dispatch, Envelope, Invalid, LINE_BYTES_MAX, Lines, Outcome},
    locale::Lang,
};

/// Lines of one stream on their way at once.
const LINES_MAX: usize = 1_024;
/// Bytes of those lines.
const BYTES_MAX: usize = 4 * LINE_BYTES_MAX;
/// How long a sender may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The media type of lines of JSON.
pub(super) const NDJSON: &str = "application/x-ndjson";

/// A line on its way.
struct Waiting {
    line: u64,
    id: Option<Ref>,
    outcome: Told,
    lang: Lang,
    /// What the line weighs, given back when it is answered.
    _weight: OwnedSemaphorePermit,
}

/// Whoever sent the lines: where his answers go, and their language.
struct Sender {
    answers: mpsc::Sender<Waiting>,
    lang: Lang,
    principal: Principal,
}

enum Told {
    Known(Outcome),
    Soon(oneshot::Receiver<Outcome>),
}

/// `POST /v1/commands`.
pub(super) async fn many(
    State(api): State<Api>,
    Asked(principal): Asked,
    headers: HeaderMap,
    params: Params,
    body: Body,
) -> Result<Response, Problem> {
    params.finish()?;
    if !is(&headers, NDJSON) {
        let message = format!("a stream of commands is sent as {NDJSON}");
        return Err(Problem::of("unsupported-media-type").saying(message));
    }
    let place = Arc::clone(api.command_streams())
        .try_acquire_owned()
        .map_err(|_| Problem::of("busy"))?;
    let (answers, receiver) = mpsc::channel(LINES_MAX);
    let dispatch = api.dispatch().clone();
    let lang = Lang::asked(&headers).unwrap_or(Lang::En);
    tokio::spawn(async move {
        let to = Sender {
            answers,
            lang,
            principal,
        };
        read(body.into_data_stream(), &dispatch, &to).await;
        drop(place);
    });
    let answers = stream::unfold(receiver, |mut receiver| async move {
        let waiting = receiver.recv().await?;
        Some((answer(waiting).await, receiver))
    });
    let mut response = Body::from_stream(answers).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(response)
}

/// Reads the body to its end and submits its lines. Ends early when nobody wants the answers any more, or when the
/// sender is silent for too long; the lines that were submitted are decided all the same.
async fn read(mut body: BodyDataStream, dispatch: &Dispatch, to: &Sender) {
    let weights = Arc::new(Semaphore::new(BYTES_MAX));
    let mut lines = Lines::default();
    loop {
        let more = match tokio::time::timeout(SILENCE_MAX, body.next()).await {
            Ok(Some(Ok(bytes))) => {
                lines.push(&bytes);
                true
            }
            Ok(None) => false,
            // Half a line of a sender that is gone is no line.
            Ok(Some(Err(_))) | Err(_) => return,
        };
        while let Some((number, line)) = lines.next_line() {
            if !submit(number, line, dispatch, &weights, to).await {
                return;
            }
        }
        if !more {
            if let Some((number, line)) = lines.last() {
                submit(number, line, dispatch, &weights, to).await;
            }
            return;
        }
    }
}

/// Submits one line; `false` when nobody waits for answers.
async fn submit(
    number: u64,
    line: Result<String, Invalid>,
    dispatch: &Dispatch,
    weights: &Arc<Semaphore>,
    to: &Sender,
) -> bool {
    let bytes = line.as_ref().map_or(1, String::len).clamp(1, BYTES_MAX);
    let weight = u32::try_from(bytes).unwrap_or(u32::MAX);
    let Ok(weight) = Arc::clone(weights).acquire_many_owned(weight).await else {
        return false;
    };
    // A place for the answer comes first: what nobody would hear of is not submitted.
    let Ok(place) = to.answers.reserve().await else {
        return false;
    };
    let (id, outcome) = match line {
        Err(invalid) => (None, Told::Known(Outcome::Invalid(invalid))),
        Ok(text) => match read_command(&text, &Envelope::default(), &to.principal) {
            Err(invalid) => {
                let (id, outcome) = unreadable(&text, invalid);
                (id, Told::Known(outcome))
            }
            Ok(request) => (Some(request.id), Told::Soon(dispatch.submit(request).await)),
        },
    };
    place.send(Waiting {
        line: number,
        id,
        outcome,
        lang: to.lang,
        _weight: weight,
    });
    true
}

/// The answer line, once it is known.
async fn answer(waiting: Waiting) -> Result<Bytes, serde_json::Error> {
    let outcome = match waiting.outcome {
        Told::Known(outcome) => outcome,
        Told::Soon(receiver) => receiver.await.unwrap_or(Outcome::Unknown),
    };
    let answer = Answer {
        line: Some(waiting.line),
        id: waiting.id,
        outcome,
        lang: waiting.lang,
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    Ok(line.into())
}
