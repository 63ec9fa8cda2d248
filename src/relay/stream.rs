//! The stream at NATS: how it must be set up, where it stands, what it holds.

use async_nats::jetstream::{
    self,
    stream::{DirectGetErrorKind, Stream},
};
use qonys_events::{entry::MAX_BYTES, id::Origin};
use serde_json::{Map, Value, json};

use super::{Names, RelayError, broker::End, trouble::Trouble};

/// Room for the headers of one message, in bytes.
const HEADERS: usize = 1_024;
/// The largest message of ours, in bytes: an entry and its headers.
pub(super) const MAX_MESSAGE: usize = MAX_BYTES + HEADERS;
/// How long the broker remembers message ids, in nanoseconds: 2 s. The expected last sequence is
/// what keeps an entry from being stored twice, whatever time has passed; this only makes answers to
/// a quick repetition friendlier, and a small window costs the broker little memory.
const DUPLICATE_WINDOW: u64 = 2_000_000_000;

/// "Stream not found" in the answers of the broker.
const NOT_FOUND: u64 = 10_059;
/// "Stream name already in use with a different configuration": somebody made it meanwhile.
const NAME_IN_USE: u64 = 10_058;
/// "Temporarily unavailable", in the manner of HTTP.
const UNAVAILABLE: u64 = 503;

/// Settings that operators choose, or that are compared in their own way.
const FREE: [&str; 6] = [
    "name",
    "description",
    "duplicate_window",
    "max_msg_size",
    "metadata",
    "num_replicas",
];

/// The stream of one log at a broker.
pub(super) struct LogStream {
    name: String,
    wanted: Map<String, Value>,
    jetstream: jetstream::Context,
    messages: Stream<()>,
}

impl LogStream {
    /// The stream of a log at a broker that is connected. Nothing is asked yet.
    pub(super) async fn new(
        jetstream: jetstream::Context,
        origin: &Origin,
        names: &Names,
        replicas: usize,
    ) -> Result<Self, Trouble> {
        let name = names.stream().to_owned();
        let mut wanted = wanted(origin, names, replicas);
        if jetstream.client().is_server_compatible(2, 10, 0) {
            let metadata = json!({ "qonys.origin": origin.as_str(), "qonys.entryversion": "1" });
            wanted.insert("metadata".to_owned(), metadata);
        }
        let messages = jetstream.get_stream_no_info(&name).await;
        let messages = messages.map_err(|error| RelayError::Unfit(error.to_string()))?;
        Ok(Self {
            name,
            wanted,
            jetstream,
            messages,
        })
    }

    /// Where it ends. Makes it where it is not there, and checks its settings where it is.
    pub(super) async fn end(&self) -> Result<End, Trouble> {
        let info = match self.info().await? {
            Some(info) => info,
            None => {
                self.make().await?;
                let gone = || Trouble::Retry("the stream that was just made is gone".to_owned());
                self.info().await?.ok_or_else(gone)?
            }
        };
        let differences = differences(&self.wanted, &info["config"]);
        if !differences.is_empty() {
            return Err(RelayError::Settings {
                stream: self.name.clone(),
                differences,
            }
            .into());
        }
        let state = &info["state"];
        match (state["last_seq"].as_u64(), state["messages"].as_u64()) {
            (Some(sequence), Some(messages)) => Ok(End { sequence, messages }),
            _ => Err(Trouble::Retry(
                "the broker does not say where the stream ends".to_owned(),
            )),
        }
    }

    /// The bytes of a message, if it is there.
    pub(super) async fn message(&self, sequence: u64) -> Result<Option<Vec<u8>>, Trouble> {
        match self.messages.direct_get(sequence).await {
            Ok(message) => Ok(Some(message.payload.into())),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::broker("asking for a message", error)),
        }
    }

    async fn info(&self) -> Result<Option<Value>, Trouble> {
        let answer = self
            .ask(&format!("STREAM.INFO.{}", self.name), &Value::Null)
            .await?;
        match fault(&answer) {
            None => Ok(Some(answer)),
            Some(Fault {
                number: NOT_FOUND, ..
            }) => Ok(None),
            Some(fault) => Err(Trouble::Retry(format!(
                "asking for the stream: {}",
                fault.text
            ))),
        }
    }

    async fn make(&self) -> Result<(), Trouble> {
        let subject = format!("STREAM.CREATE.{}", self.name);
        let answer = self
            .ask(&subject, &Value::Object(self.wanted.clone()))
            .await?;
        match fault(&answer) {
            None => {
                tracing::info!(stream = self.name, "made the stream");
                Ok(())
            }
            // The next look at it says how it differs.
            Some(Fault {
                number: NAME_IN_USE,
                ..
            }) => Ok(()),
            Some(Fault {
                status: UNAVAILABLE,
                text,
                ..
            }) => Err(Trouble::Retry(format!("making the stream: {text}"))),
            Some(fault) => {
                let why = format!("it refuses to make stream {}: {}", self.name, fault.text);
                Err(RelayError::Unfit(why).into())
            }
        }
    }

    async fn ask(&self, subject: &str, question: &Value) -> Result<Value, Trouble> {
        let answer = self.jetstream.request(subject.to_owned(), question).await;
        answer.map_err(|error| Trouble::broker("asking JetStream", error))
    }
}

/// An error in an answer of the broker.
struct Fault {
    status: u64,
    number: u64,
    text: String,
}

fn fault(answer: &Value) -> Option<Fault> {
    let error = answer.get("error")?;
    let number = error["err_code"].as_u64().unwrap_or_default();
    let text = error["description"]
        .as_str()
        .unwrap_or("an error without a text");
    let text = format!("{text} ({number})");
    Some(Fault {
        status: error["code"].as_u64().unwrap_or_default(),
        number,
        text,
    })
}

/// How the stream is made. All that is not in [`FREE`] stays so, or the promise does not hold.
fn wanted(origin: &Origin, names: &Names, replicas: usize) -> Map<String, Value> {
    let description =
        format!("The entries of the log {origin}: sequence = position, body = the entry's bytes");
    let settings = json!({
        "name": names.stream(),
        "description": description,
        "subjects": [names.subjects()],
        "storage": "file",
        "num_replicas": replicas,
        // Everything is kept, and nothing can be taken out.
        "retention": "limits",
        "discard": "new",
        "max_msgs": -1,
        "max_bytes": -1,
        "max_age": 0,
        "max_msgs_per_subject": -1,
        "deny_delete": true,
        "deny_purge": true,
        "allow_rollup_hdrs": false,
        "allow_msg_ttl": false,
        // One message is one entry, at the sequence that it is given here.
        "allow_msg_counter": false,
        "subject_transform": null,
        "mirror": null,
        "sources": null,
        "first_seq": 0,
        "sealed": false,
        "no_ack": false,
        "max_msg_size": MAX_MESSAGE,
        "duplicate_window": DUPLICATE_WINDOW,
        "allow_direct": true,
    });
    match settings {
        Value::Object(settings) => settings,
        _ => unreachable!("an object was written above"),
    }
}

/// In what a stream that stands there is not as it must be.
fn differences(wanted: &Map<String, Value>, found: &Value) -> Vec<String> {
    let fixed = wanted
        .iter()
        .filter(|(name, _)| !FREE.contains(&name.as_str()));
    let mut differences: Vec<_> = fixed
        .filter(|(name, wanted)| !same(&found[name.as_str()], wanted))
        .map(|(name, wanted)| format!("{name} is {}, must be {wanted}", found[name.as_str()]))
        .collect();
    let size = found["max_msg_size"].as_i64().unwrap_or(-1);
    if size >= 0 && size < MAX_MESSAGE as i64 {
        differences.push(format!(
            "max_msg_size is {size}, must be {MAX_MESSAGE} or more"
        ));
    }
    let replicas = found["num_replicas"].as_u64().unwrap_or(1);
    if wanted["num_replicas"]
        .as_u64()
        .is_some_and(|wanted| replicas < wanted)
    {
        let wanted = &wanted["num_replicas"];
        differences.push(format!(
            "num_replicas is {replicas}, must be {wanted} or more"
        ));
    }
    differences
}

/// Whether a setting is as it must be; the broker leaves out what is not set.
fn same(found: &Value, wanted: &Value) -> bool {
    let unset = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    found == wanted || (unset(found) && unset(wanted))
}
