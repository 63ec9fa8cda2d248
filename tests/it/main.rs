//! Integration tests.

mod arrows;
mod examples;
mod log_conformance;
mod support;
mod tidy;
