//! Integration tests.

mod arrows;
mod hot_line;
mod immutable;
mod log_conformance;
mod log_faults;
mod oracle;
mod submit;
mod support;
mod tidy;
mod vault;
