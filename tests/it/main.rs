//! Integration tests.

mod arrows;
mod support;
mod tidy;
mod vault;
