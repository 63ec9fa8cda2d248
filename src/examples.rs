//! One example line per command type (`data/examples.ndjson`). Each validates against the schema of its type, and in the
//! order of [`Command::TYPES`](qonys_domain::command::Command::TYPES) each is accepted.
//!
//! A single act cannot give the power for every decision, and an application that was included cannot be refused. So the
//! first example opens a log, what is published is entered ([`crate::published`]), the three lines of [`given`] follow,
//! and then the other examples.

use serde::Deserialize;

const EXAMPLES: &str = include_str!("../data/examples.ndjson");
const GIVEN: &str = include_str!("../data/examples-given.ndjson");

/// Type and line, in the order in which they run.
pub fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    #[derive(Deserialize)]
    struct OnlyType<'a> {
        r#type: &'a str,
    }
    EXAMPLES.lines().map(|line| {
        let read: OnlyType<'static> =
            serde_json::from_str(line).expect("an example is a command line");
        (read.r#type, line)
    })
}

/// Lines that some examples build on: a second person, an application, a proposal.
pub fn given() -> impl Iterator<Item = &'static str> {
    GIVEN.lines()
}
