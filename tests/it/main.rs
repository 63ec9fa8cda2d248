//! Integration tests.

mod arrows;
mod relay;
mod support;
mod tidy;
