//! Integration tests.

mod arrows;
mod case_2024;
mod crash;
mod demo;
mod examples;
mod forecasting;
mod hot_line;
mod immutable;
mod law_dates;
mod log_conformance;
mod log_cqrs;
mod log_faults;
mod monitoring;
mod oracle;
mod promises;
mod published;
mod relay;
mod submit;
mod support;
mod tidy;
mod vault;
mod views;
