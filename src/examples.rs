//! Examples of every command type (`data/examples.ndjson`), more than one where what follows needs it, such as norms. Each
//! validates against the schema of its type, and in this order, which is that of
//! [`Command::TYPES`](qonys_domain::command::Command::TYPES), each is accepted by an empty log.

use serde::Deserialize;

const EXAMPLES: &str = include_str!("../data/examples.ndjson");

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
