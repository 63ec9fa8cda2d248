//! `qonys readers`: who read data about a person.

use clap::Args;
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::StreamSeq,
};

use super::{
    Failure, Output, Where, output, place,
    told::{Telling, Why},
};

/// Reads of a page.
const PAGE: u32 = 500;

/// Options of `qonys readers`.
#[derive(Args)]
pub(super) struct Readers {
    /// The person, by reference.
    person: Ref,
    #[command(flatten)]
    why: Why,
    /// How the list is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// Prints who read data about a person, oldest first; without reads that are to be shown later.
pub(super) async fn run(readers: Readers) -> Result<(), Failure> {
    let log = place::open(&readers.at.place()).await?;
    let person = StreamId::of(StreamKind::Person, readers.person);
    let telling = Telling::of("query", "readers", vec![person.clone()]);
    let audit = readers.why.tell(&readers.at, &log, telling).await?;
    let zone = jiff::tz::TimeZone::get(log.zone().as_str()).map_err(Failure::error)?;
    let today = qonys_events::scalar::Day::of(crate::clock::Clock::System.now(), &zone);
    let (mut all, mut after) = (Vec::new(), StreamSeq(0));
    loop {
        let page = audit.readers(&person, after, PAGE, Some(today)).await;
        let page = page.map_err(Failure::unavailable)?;
        all.extend(page.readers);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    match readers.output {
        Output::Json => output::json_document(&all)?,
        Output::Ndjson => all.iter().try_for_each(output::json)?,
        Output::Table => {
            let rows: Vec<Vec<String>> = all
                .iter()
                .map(|read| {
                    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                    vec![
                        read.time.to_string(),
                        read.office.to_string(),
                        read.role.to_string(),
                        or_none(read.purpose.as_ref().map(ToString::to_string)),
                        or_none(read.caseref.map(|case| case.to_string())),
                        read.operation.to_string(),
                    ]
                })
                .collect();
            output::table(
                &["time", "office", "role", "purpose", "case", "what"],
                &rows,
            )?;
        }
    }
    Ok(())
}
