//! Integration tests.

mod arrows;
mod case_2024;
mod hot_line;
mod immutable;
mod law_dates;
mod log_conformance;
mod log_faults;
mod oracle;
mod submit;
mod support;
mod tidy;
mod vault;
mod views;
