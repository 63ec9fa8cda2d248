//! Integration tests.

mod arrows;
mod log_conformance;
mod support;
mod tidy;
