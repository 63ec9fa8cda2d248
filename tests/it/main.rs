//! Integration tests.

mod acts_agree;
mod arrows;
mod case_2024;
mod crash;
mod demo;
mod examples;
mod fairness;
mod hot_line;
mod immutable;
mod law_dates;
mod log_conformance;
mod log_cqrs;
mod log_faults;
mod oracle;
mod postgres_es;
mod promises;
mod published;
mod relay;
mod submit;
mod support;
mod tidy;
mod vault;
mod views;
