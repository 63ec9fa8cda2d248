//! The vocabulary of Qonys: what may stand in the log, and how it is written down.
//!
//! An *entry* ([`entry::Entry`]) is one event with everything that is known about it, as the UTF-8 text of one
//! CloudEvents 1.0 object. That text is the Merkle leaf, the message body, the export line: one byte string
//! (`docs/format.md`). An *event* ([`event::Event`]) is the part that a decision produces and a fold reads.
//!
//! Nothing here opens a socket, reads a clock or draws a random number.
//!
//! In reading order: [`scalar`], [`figure`] and [`id`] (the values), [`term`] (the law's words), [`citation`], [`slot`] (sealed
//! personal values), [`fact`] (what can have happened), [`event`], [`entry`] (the format), [`tree`] (RFC 6962),
//! [`catalog`] and [`schema`] (every type with its version, example and JSON Schema).

pub mod catalog;
pub mod citation;
pub mod crash;
pub mod digest;
pub mod entry;
pub mod event;
pub mod fact;
pub mod fault;
pub mod figure;
pub mod id;
pub mod scalar;
pub mod schema;
pub mod slot;
pub mod term;
pub mod tree;
