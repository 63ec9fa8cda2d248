//! The term of an application as a decision would count it now.

use qonys_domain::{
    application::term::{Term, term},
    blocked::Blocked,
    streams::{Known, Stream, Streams},
};
use qonys_events::{
    entry::Entry,
    id::{Ref, StreamId, StreamKind},
    scalar::StreamSeq,
};

use crate::log::{Log, LogError};

/// Entries read in one page.
const PAGE: u32 = 1_000;

struct Loaded {
    law: (StreamId, Stream),
    application: (StreamId, Stream),
}

impl Streams for Loaded {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        let both = [&self.law, &self.application];
        both.into_iter()
            .find(|(known, _)| known == id)
            .map(|(_, stream)| stream)
    }
}

async fn load(log: &Log, id: StreamId) -> Result<(StreamId, Stream), LogError> {
    let mut stream = Stream::empty(id.kind());
    loop {
        let page = log.read_stream(&id, StreamSeq(stream.seq.0), PAGE).await?;
        if page.is_empty() {
            return Ok((id, stream));
        }
        for recorded in page {
            let position = recorded.position;
            let entry = Entry::parse(&recorded.text).map_err(|error| {
                LogError::Unavailable(format!("entry {position} cannot be read: {error}"))
            })?;
            stream.apply(&entry.event);
        }
    }
}

/// The term of an application, day by day (point 6; administrative procedure code, art. 76). Blocked where there is no
/// such application, no norm, or no calendar.
///
/// # Errors
/// [`LogError`] when the log cannot be read.
pub async fn term_of(log: &Log, application: Ref) -> Result<Result<Term, Blocked>, LogError> {
    let loaded = Loaded {
        law: load(log, StreamId::law()).await?,
        application: load(log, StreamId::of(StreamKind::Application, application)).await?,
    };
    let known = Known(&loaded);
    let (Ok(law), Ok(state)) = (known.law(), known.application(application)) else {
        unreachable!("both streams are loaded");
    };
    Ok(state
        .asked(application)
        .and_then(|asked| term(law, state, &asked)))
}
