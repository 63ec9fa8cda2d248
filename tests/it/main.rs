//! Integration tests.

mod arrows;
mod hot_line;
mod oracle;
mod submit;
mod support;
mod tidy;
