//! `qonys deadline`: the term of an application, counted in the open.

use clap::Args;
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::Day,
};

use super::{
    Failure, Output, Where, output, place,
    told::{Telling, Why},
};
use crate::{dispatch::term_of, log::LogError};

/// Options of `qonys deadline`.
#[derive(Args)]
pub(super) struct Deadline {
    /// The reference of the application.
    application: Ref,
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    at: Where,
}

/// Prints every day of the term, with its number where it is a working day.
pub(super) async fn run(asked: Deadline) -> Result<(), Failure> {
    let log = place::open(&asked.at.place()).await?;
    let application = StreamId::of(StreamKind::Application, asked.application);
    let telling = Telling::of("read", "deadline", vec![application]);
    drop(asked.why.tell(&asked.at, &log, telling).await?);
    let term = term_of(&log, asked.application)
        .await
        .map_err(|error: LogError| Failure::from(error))?
        .map_err(Failure::blocked)?;
    if asked.output != Output::Table {
        return Ok(output::json(&term)?);
    }
    let rests_on = format!("{}, point {}", term.act, term.point);
    output::line(&format!(
        "filed on {}, {} working days by {} ({rests_on}, {})",
        term.filed_on, term.working_days, term.norm, term.certainty
    ))?;
    let weekday = |day: Day| day.weekday().as_str().to_owned();
    let rows: Vec<_> = term
        .days
        .iter()
        .map(|counted| {
            let number = counted
                .working_day
                .map_or_else(|| "day off".to_owned(), |n| n.to_string());
            vec![counted.day.to_string(), weekday(counted.day), number]
        })
        .collect();
    output::table(&["day", "", "working day"], &rows)?;
    Ok(output::line(&format!("the last day is {}", term.deadline))?)
}
