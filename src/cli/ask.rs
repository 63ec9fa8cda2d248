//! What every question on the command line shares: where, as of when, and how the answer is written.

use std::{io::IsTerminal as _, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use qonys_events::{
    id::StreamId,
    scalar::{Day, Position},
};
use serde::Serialize;

use super::{
    AsOf, Failure, Output, Where, output, place,
    told::{Telling, Why},
};
use crate::{
    log::Log,
    views::{Views, ViewsError, queries},
};

/// Options of every question.
#[derive(Args)]
pub(super) struct Ask {
    #[command(flatten)]
    pub(super) as_of: AsOf,
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "table")]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) at: Where,
}

/// Options of every question about a day.
#[derive(Args)]
pub(super) struct OnDay {
    /// The day that the question is about; without it the day of `--recorded`, or today, in the log's zone.
    #[arg(long, alias = "on")]
    pub(super) effective: Option<Day>,
}

impl From<ViewsError> for Failure {
    fn from(error: ViewsError) -> Self {
        if error.is_passing() {
            Self::unavailable(error)
        } else {
            Self::error(error)
        }
    }
}

impl AsOf {
    /// The point in the recorded history.
    pub(super) fn point(self) -> queries::AsOf {
        match (self.position, self.recorded) {
            (Some(position), _) => queries::AsOf::Position(Position(position)),
            (None, Some(time)) => queries::AsOf::Time(time),
            (None, None) => queries::AsOf::Latest,
        }
    }
}

impl Ask {
    /// Opens the views and folds what they have not seen yet, up to the end of the log as it stands now.
    pub(super) async fn open(&self) -> Result<Views, Failure> {
        open(&self.at).await
    }

    /// Writes an answer: as JSON whole, as NDJSON item by item, or as the given table.
    pub(super) fn write<A: Serialize, I: Serialize>(
        &self,
        answer: &A,
        items: &[I],
        table: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.output {
            Output::Table => table(),
            Output::Json => Ok(output::json_document(answer)?),
            Output::Ndjson => Ok(items.iter().try_for_each(output::json)?),
        }
    }
}

/// Opens the views of a log and folds what they have not seen yet.
pub(super) async fn open(at: &Where) -> Result<Views, Failure> {
    let log = place::open(&at.place()).await?;
    folded(at, &log).await
}

/// As [`open_telling`], for a question about one subject.
pub(super) async fn open_about(
    at: &Where,
    why: &Why,
    (about, operation): (StreamId, &str),
) -> Result<Views, Failure> {
    open_telling(at, why, Telling::of("read", operation, vec![about])).await
}

/// As [`open`], for a question that tells about somebody: it stands in the second log before it is answered.
pub(super) async fn open_telling(
    at: &Where,
    why: &Why,
    telling: Telling<'_>,
) -> Result<Views, Failure> {
    let log = place::open(&at.place()).await?;
    drop(why.tell(at, &log, telling).await?);
    folded(at, &log).await
}

async fn folded(at: &Where, log: &Log) -> Result<Views, Failure> {
    let place = at.place();
    let views = Views::open(log, place.directory()).await?;
    let bar = progress("folding");
    views.catch_up(moved(&bar)).await?;
    bar.finish_and_clear();
    Ok(views)
}

/// Says on stderr at what position and for which day an answer was computed.
pub(super) fn computed_at(at: queries::Point, day: Option<Day>) -> Result<(), Failure> {
    let on = day.map_or(String::new(), |day| format!("effective {day}, "));
    let time = at.time.map_or(String::new(), |t| format!(", recorded {t}"));
    output::line("")?;
    Ok(output::line(&format!(
        "{on}as known at position {}{time}",
        at.position
    ))?)
}

/// A progress bar over positions, shown on a terminal's stderr only.
pub(super) fn progress(doing: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg} {wide_bar} {human_pos}/{human_len} entries, {per_sec}, {eta}";
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(doing);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Moves a bar to a position.
pub(super) fn moved(bar: &ProgressBar) -> impl FnMut(Position, Position) + Send + use<> {
    let bar = bar.clone();
    move |at, end| {
        bar.set_length(end.0);
        bar.set_position(at.0);
    }
}

/// What stands for a value that is not there.
pub(super) fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
