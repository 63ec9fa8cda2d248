//! The relay against real brokers: the stream is the log, whatever dies, lags, repeats or lies.

mod alarms;
pub(crate) mod carrier;
mod carrying;
mod crashes;
mod ledger;
mod meddler;
mod meddling;
mod naming;
