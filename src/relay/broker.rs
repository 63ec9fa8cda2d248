//! The port of the relay: what it asks of a broker. NATS is the broker of every day; the simulation puts one
//! in its place that loses, doubles and delays.
//!
//! - Durability: a message that was answered with [`Answer::stored`] stands at that sequence. The broker may break this
//!   promise (its store is rolled back, its stream is deleted): then [`Line::end`] shows an earlier end.
//! - Consistency: a message that says what must stand before it is stored right after that or not at all.
//! - Retries: none inside. After [`Trouble::Retry`] the relay connects anew and asks where the stream ends.
//! - Absence: `None` for a message that is not there. No answer is no answer: the relay waits for a while and then asks.

use std::future::Future;

use super::trouble::Trouble;

/// An entry, ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its position: the sequence at which it must stand.
    pub position: u64,
    /// The subject.
    pub subject: String,
    /// The id of the entry.
    pub id: String,
    /// The sequence that the stream must end with before it.
    pub after: Option<u64>,
    /// The bytes of the entry.
    pub body: String,
}

/// What the broker says to one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The position of the message that it answers, where that can be read.
    pub to: Option<u64>,
    /// The sequence at which the message was stored now; none where it was refused or had been stored before.
    pub stored: Option<u64>,
}

/// Where a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The last sequence that was given out.
    pub sequence: u64,
    /// How many messages are there.
    pub messages: u64,
}

/// A broker that can be connected to.
pub trait Broker: Send + Sync {
    /// A connection.
    type Line: Line;

    /// Connects, and finds out whether the broker can hold the stream.
    fn connect(&self) -> impl Future<Output = Result<Self::Line, Trouble>> + Send;
}

/// One connection to a broker, for the stream of one log.
pub trait Line: Send + Sync {
    /// Where the answers of one stretch of publishing arrive.
    type Answers: Send;

    /// Where the stream ends. Makes it where it is not there, and checks its settings where it is.
    fn end(&self) -> impl Future<Output = Result<End, Trouble>> + Send;

    /// The bytes of a message.
    fn message(
        &self,
        sequence: u64,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Trouble>> + Send;

    /// Prepares to hear the answers to what is published from now on, and to nothing earlier.
    fn listen(&self) -> impl Future<Output = Result<Self::Answers, Trouble>> + Send;

    /// Sends a message; the answer comes later.
    fn publish(
        &self,
        answers: &Self::Answers,
        message: Message,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// The next answer. May be dropped while it waits.
    fn answer(
        &self,
        answers: &mut Self::Answers,
    ) -> impl Future<Output = Result<Answer, Trouble>> + Send;

    /// Ends when the connection is lost.
    fn lost(&self) -> impl Future<Output = ()> + Send;
}
