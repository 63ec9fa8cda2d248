//! The application: everything with I/O. The Rules live in `domain/`, the entry format in `events/`, the folds in
//! `projections/`.
//!
//! Layers only look down: cli, main > demo, fairness, bench > http, web, relay, views, witness > personal > dispatch, queries,
//! proof > audit > log, vault, access > settings, clock, telemetry, locale
//! (`tests/it/tidy.rs` holds them).

pub mod access;
pub mod audit;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod completeness;
pub mod demo;
pub mod dispatch;
pub mod examples;
pub mod fairness;
pub mod http;
pub mod locale;
pub mod log;
mod peer;
pub mod personal;
pub mod proof;
pub mod published;
pub mod queries;
pub mod relay;
pub mod settings;
pub mod telemetry;
pub mod vault;
pub mod views;
pub mod web;
pub mod witness;
