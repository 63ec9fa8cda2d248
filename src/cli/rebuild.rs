//! `qonys rebuild` and `qonys replay`: the views from nothing, the log from its first entry.

use clap::{Args, builder::PossibleValuesParser};
use qonys_events::scalar::Position;

use super::{
    Failure, Output, Where,
    ask::{moved, or_dash, progress},
    output, place,
};
use crate::views::{
    Views,
    rebuild::{NotEqual, names},
    replay::replay,
};

/// Options of `qonys rebuild`.
#[derive(Args)]
pub(super) struct Rebuild {
    /// Only this view; may be given several times.
    #[arg(long = "view", value_parser = PossibleValuesParser::new(names()))]
    views: Vec<String>,
    /// Builds beside the live views, compares row for row and swaps nothing; exits 3 where they differ.
    #[arg(long)]
    verify: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// Rebuilds views, or compares a rebuild with them.
pub(super) async fn rebuild(rebuild: Rebuild) -> Result<(), Failure> {
    let place = rebuild.at.place();
    let log = place::open(&place).await?;
    let views = Views::open(&log, place.directory()).await?;
    let chosen: Vec<&str> = rebuild.views.iter().map(String::as_str).collect();
    let bar = progress("rebuilding");
    let mut on_the_way = moved(&bar);
    if rebuild.verify {
        let equal = views.verify_rebuild(&chosen, &mut on_the_way).await;
        bar.finish_and_clear();
        let equal = equal.map_err(|error| match error {
            NotEqual::Views(error) => error.into(),
            NotEqual::Differs(difference) => Failure::unverified(difference),
        })?;
        let rows: Vec<_> = equal
            .tables
            .iter()
            .map(|(table, rows)| vec![(*table).to_owned(), rows.to_string()])
            .collect();
        output::table(&["table", "equal rows"], &rows)?;
        return Ok(output::line(&format!(
            "equal at position {}",
            equal.position
        ))?);
    }
    let rebuilt = views.rebuild(&chosen, &mut on_the_way).await?;
    bar.finish_and_clear();
    match rebuild.output {
        Output::Table => {
            output::line(&format!("rebuilt  {}", rebuilt.views.join(", ")))?;
            output::line(&format!("entries  {}", rebuilt.count))?;
            Ok(output::line(&format!("root     {}", rebuilt.root))?)
        }
        Output::Json => Ok(output::json_document(&rebuilt)?),
        Output::Ndjson => Ok(output::json(&rebuilt)?),
    }
}

/// Options of `qonys replay`.
#[derive(Args)]
pub(super) struct Replay {
    /// Up to this position; to the end of the log without it.
    #[arg(long)]
    to: Option<u64>,
    /// How it is written; `ndjson` gives the exact bytes of every entry, and the result on stderr.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// Reads the whole log to an explicit end and proves count and root.
pub(super) async fn run_replay(replayed: Replay) -> Result<(), Failure> {
    let log = place::open(&replayed.at.place()).await?;
    let bar = progress("replaying");
    let entries = replayed.output == Output::Ndjson;
    let result = replay(&log, replayed.to.map(Position), |stored, end| {
        bar.set_length(end.0);
        bar.set_position(stored.position.0);
        if entries {
            output::line(&stored.text)
        } else {
            Ok(())
        }
    })
    .await;
    bar.finish_and_clear();
    // An end that is not the explicit one is an error, whatever kept the entries back.
    let result = result.map_err(Failure::error)?;
    let lines = [
        format!("entries   {}", result.count),
        format!("root      {}", result.root),
        format!(
            "compared  at position {} with the log's head row: equal",
            result.compared_at
        ),
        format!(
            "from      {} to {}",
            or_dash(result.first),
            or_dash(result.last)
        ),
    ];
    match replayed.output {
        Output::Table => Ok(lines.iter().try_for_each(|line| output::line(line))?),
        Output::Json => Ok(output::json_document(&result)?),
        Output::Ndjson => {
            lines.iter().for_each(|line| output::say(line));
            Ok(())
        }
    }
}
