//! The broker of every day: NATS with JetStream.

use std::sync::Arc;

use async_nats::{
    Client, ConnectOptions, Event, HeaderMap, HeaderValue, ServerAddr, StatusCode, Subscriber,
    header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_MESSAGE_ID},
    jetstream,
};
use futures::StreamExt as _;
use qonys_events::{crash::CrashPoint, fault::Fault, id::Origin};
use serde::Deserialize;
use tokio::sync::Notify;

use super::{
    LAST_RECONNECTS, Names, OLDEST_SERVER, REQUEST_TIMEOUT, RelayError,
    broker::{Answer, Broker, End, Line, Message},
    stream::{LogStream, MAX_MESSAGE},
    trouble::Trouble,
};

/// CloudEvents 1.0 over NATS, structured mode: the body is the whole event.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// "Wrong last sequence" in the answers of the broker.
const WRONG_LAST_SEQUENCE: u64 = 10_071;

/// A NATS server or cluster.
pub struct Nats {
    pub(super) url: String,
    pub(super) connect: ConnectOptions,
    pub(super) replicas: usize,
    pub(super) origin: Origin,
    pub(super) names: Names,
}

/// A connection to it.
pub struct NatsLine {
    client: Client,
    stream: LogStream,
    lost: Arc<Notify>,
}

/// The inbox of one stretch of publishing.
pub struct Inbox {
    name: String,
    answers: Subscriber,
}

impl Broker for Nats {
    type Line = NatsLine;

    async fn connect(&self) -> Result<NatsLine, Trouble> {
        let lost = Arc::new(Notify::new());
        let client = self.client(Arc::clone(&lost)).await?;
        let jetstream = jetstream::new(client.clone());
        let stream = LogStream::new(jetstream, &self.origin, &self.names, self.replicas).await?;
        Ok(NatsLine {
            client,
            stream,
            lost,
        })
    }
}

impl Nats {
    async fn client(&self, lost: Arc<Notify>) -> Result<Client, Trouble> {
        let addresses: Result<Vec<ServerAddr>, _> = self
            .url
            .split(',')
            .map(|address| address.trim().parse())
            .collect();
        let unfit = |why: &str| RelayError::Unfit(why.to_owned());
        let addresses = addresses.map_err(|_| unfit("its address cannot be read"))?;
        let options = self
            .connect
            .clone()
            .name(format!("qonys relay of {}", self.origin))
            .request_timeout(Some(REQUEST_TIMEOUT))
            .max_reconnects(addresses.len() + LAST_RECONNECTS)
            .event_callback(move |event| {
                let lost = Arc::clone(&lost);
                async move {
                    if matches!(event, Event::Disconnected | Event::Closed) {
                        lost.notify_one();
                    }
                }
            });
        let client = options.connect(addresses).await;
        let client = client.map_err(|error| Trouble::broker("connecting", error))?;
        let (major, minor, patch) = OLDEST_SERVER;
        if !client.is_server_compatible(major, minor, patch) {
            let version = client.server_info().version;
            let why = format!("nats-server {version} is older than {major}.{minor}.{patch}");
            return Err(unfit(&why).into());
        }
        if client.max_payload() < MAX_MESSAGE {
            let found = client.max_payload();
            let why = format!("its max_payload is {found} bytes, entries need {MAX_MESSAGE}");
            return Err(unfit(&why).into());
        }
        Ok(client)
    }
}

/// The answer to one message.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    duplicate: bool,
    error: Option<ToldError>,
}

#[derive(Deserialize)]
struct ToldError {
    err_code: u64,
    description: String,
}

impl Line for NatsLine {
    type Answers = Inbox;

    async fn end(&self) -> Result<End, Trouble> {
        self.stream.end().await
    }

    async fn message(&self, sequence: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.stream.message(sequence).await
    }

    async fn listen(&self) -> Result<Inbox, Trouble> {
        let name = self.client.new_inbox();
        let answers = self.client.subscribe(format!("{name}.*")).await;
        let answers = answers.map_err(|error| Trouble::broker("subscribing", error))?;
        Ok(Inbox { name, answers })
    }

    async fn publish(&self, inbox: &Inbox, message: Message) -> Result<(), Trouble> {
        let Message {
            position,
            subject,
            id,
            after,
            body,
        } = message;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        if let Some(after) = after {
            headers.insert(NATS_EXPECTED_LAST_SEQUENCE, HeaderValue::from(after));
        }
        headers.insert("Content-Type", CONTENT_TYPE);
        let answer_to = format!("{}.{position}", inbox.name);
        let again = (Fault::P12.planted() && position.is_multiple_of(50))
            .then(|| (subject.clone(), body.clone()));
        let sending =
            self.client
                .publish_with_reply_and_headers(subject, answer_to, headers, body.into());
        sending
            .await
            .map_err(|error| Trouble::broker("publishing", error))?;
        if let Some((subject, body)) = again {
            drop(self.client.publish(subject, body.into()).await);
        }
        Ok(())
    }

    async fn answer(&self, inbox: &mut Inbox) -> Result<Answer, Trouble> {
        let Some(message) = inbox.answers.next().await else {
            return Err(Trouble::Retry("the connection is closed".to_owned()));
        };
        CrashPoint::PublishAcknowledge.reach();
        let to = message
            .subject
            .rsplit_once('.')
            .and_then(|(_, last)| last.parse().ok());
        if to.is_none() || message.status == Some(StatusCode::NO_RESPONDERS) {
            return Ok(Answer { to, stored: None });
        }
        let told: Told = serde_json::from_slice(&message.payload)
            .map_err(|error| Trouble::broker("reading an answer", error))?;
        match told.error {
            Some(error) if error.err_code == WRONG_LAST_SEQUENCE => Ok(Answer { to, stored: None }),
            Some(error) => {
                let ToldError {
                    err_code,
                    description,
                } = error;
                Err(Trouble::Retry(format!(
                    "publishing: {description} ({err_code})"
                )))
            }
            None if told.duplicate => Ok(Answer { to, stored: None }),
            None => Ok(Answer {
                to,
                stored: Some(told.seq),
            }),
        }
    }

    async fn lost(&self) {
        self.lost.notified().await;
    }
}
