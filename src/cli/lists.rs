//! `qonys list`: the rows of any view, by the same lists as over HTTP.

use clap::Args;
use qonys_events::{id::StreamId, scalar::Position};
use serde_json::Value;

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, open_telling},
    output,
    told::{Telling, Why},
};
use crate::{
    clock::Clock,
    http::listing::{Listing, every, names, value},
    queries::{Queries, ROWS_MAX, Rows, Unanswered},
    views::Views,
};

/// Options of `qonys list`.
#[derive(Args)]
pub(super) struct List {
    /// Which list; without a name the lists are printed.
    name: Option<String>,
    /// Only rows in which a parameter of the list has a value, such as `state=held`; may be given several times.
    #[arg(long = "where", value_name = "PARAMETER=VALUE")]
    filters: Vec<String>,
    /// At most so many rows.
    #[arg(long, default_value_t = 1_000)]
    limit: u64,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

impl From<Unanswered> for Failure {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Behind(_) => Self::unavailable(error),
            other => Self::error(other),
        }
    }
}

/// Prints a list, or the lists.
pub(super) async fn run(list: List) -> Result<(), Failure> {
    let Some(name) = &list.name else {
        let rows: Vec<_> = every().map(described).collect();
        return Ok(output::table(&["list", "parameters", "what"], &rows)?);
    };
    let listing = find(name)?;
    let pairs = list.filters.iter();
    let about = pairs.filter_map(|pair| pair.split_once('='));
    let about = about.filter_map(|(parameter, value)| names(parameter, value));
    let views = open(&list.ask, &list.why, listing, about.collect()).await?;
    let as_of = list.ask.as_of.point();
    let point = views.point(as_of).await?;
    let usual = listing
        .of_a_day
        .then(|| views.default_day(as_of, point, &Clock::System));
    let day = list.day.effective.or(usual);
    let wanted = narrowed(listing, &list.filters, point.position)?.on(day);
    let items = collect(&views, listing, wanted, list.limit).await?;
    list.ask.write(&items, &items, || {
        table(listing, &items)?;
        computed_at(point, day)
    })
}

/// Opens the views for a list. One that tells about somebody stands in the second log before it is shown: about those whom it
/// is narrowed to, or about nobody alone.
pub(super) async fn open(
    ask: &Ask,
    why: &Why,
    listing: &Listing,
    about: Vec<StreamId>,
) -> Result<Views, Failure> {
    if !listing.tells_about_somebody() {
        return ask.open().await;
    }
    let operation = format!("list-{}", listing.name());
    let kind = if about.is_empty() { "query" } else { "read" };
    open_telling(&ask.at, why, Telling::of(kind, &operation, about)).await
}

/// The list of a name.
pub(super) fn find(name: &str) -> Result<&'static Listing, Failure> {
    every()
        .find(|listing| listing.name() == name)
        .ok_or_else(|| Failure::usage(format!("there is no list {name}: `qonys list` prints them")))
}

/// The rows of a list as they are written, page by page, at most so many.
pub(super) async fn collect(
    views: &Views,
    listing: &Listing,
    mut wanted: Rows,
    limit: u64,
) -> Result<Vec<Value>, Failure> {
    let mut items: Vec<Value> = Vec::new();
    let mut left = limit;
    while left > 0 {
        wanted.limit = u32::try_from(left).unwrap_or(ROWS_MAX).min(ROWS_MAX);
        let rows = Queries::rows(views, wanted.clone()).await?;
        let Some(last) = rows.last() else { break };
        wanted.after = Some(listing.table.key_of(last));
        left -= rows.len() as u64;
        let whole = rows.len() < wanted.limit as usize;
        for row in &rows {
            let item = listing.written(row);
            items.push(item.ok_or_else(|| Failure::error("a row of the view cannot be read"))?);
        }
        if whole {
            break;
        }
    }
    Ok(items)
}

fn described(listing: &Listing) -> Vec<String> {
    let parameters: Vec<_> = listing.filters.iter().map(|filter| filter.name).collect();
    vec![
        listing.name().to_owned(),
        parameters.join(", "),
        listing.summary.to_owned(),
    ]
}

/// The rows of a list as known at a position, narrowed by its parameters.
pub(super) fn narrowed(
    listing: &Listing,
    filters: &[String],
    at: Position,
) -> Result<Rows, Failure> {
    let mut wanted = Rows::of(listing.table, at);
    for filter in filters {
        let (name, text) = filter
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("{filter}: PARAMETER=VALUE is needed")))?;
        let known = listing.filters.iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| {
            Failure::usage(format!("{}: there is no parameter {name}", listing.name()))
        })?;
        let value = value(listing.table, known.column, text)
            .ok_or_else(|| Failure::usage(format!("{filter}: the value cannot be read")))?;
        wanted = wanted.with(known.column, value);
    }
    Ok(wanted)
}

/// Prints rows as a table: a column that no row has a value in is left out.
fn table(listing: &Listing, items: &[Value]) -> Result<(), Failure> {
    let columns: Vec<&str> = listing
        .table
        .columns
        .iter()
        .map(|column| column.name)
        .filter(|name| items.iter().any(|item| !item[*name].is_null()))
        .collect();
    if columns.is_empty() {
        return Ok(output::line("nothing")?);
    }
    let cell = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| columns.iter().map(|name| cell(&item[*name])).collect())
        .collect();
    Ok(output::table(&columns, &rows)?)
}
