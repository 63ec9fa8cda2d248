//! Integration tests.

mod arrows;
mod hot_line;
mod oracle;
mod submit;
mod immutable;
mod log_conformance;
mod log_faults;
mod support;
mod tidy;
mod vault;
