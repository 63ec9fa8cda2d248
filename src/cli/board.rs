//! `qonys board`: the quota board.

use clap::Args;
use qonys_events::{
    id::Line,
    scalar::{Count, Year},
    term::Certainty,
};
use qonys_projections::quota::{
    amendment::Amendment,
    board::{BoardLine, LineState},
    total::Total,
};

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, or_dash},
    output,
};
use crate::{clock::Clock, views::queries::board::BoardQuery};

/// Options of `qonys board`.
#[derive(Args)]
pub(super) struct Board {
    #[command(flatten)]
    day: OnDay,
    /// Only the lines of this year.
    #[arg(long)]
    year: Option<Year>,
    #[command(flatten)]
    ask: Ask,
}

const HEADER: [&str; 10] = [
    "category",
    "territory",
    "year",
    "limit",
    "held",
    "committed",
    "remaining",
    "over by",
    "act",
    "state",
];

/// Prints the board.
pub(super) async fn run(board: Board) -> Result<(), Failure> {
    let views = board.ask.open().await?;
    let query = BoardQuery {
        as_of: board.ask.as_of.point(),
        effective: board.day.effective,
        year: board.year,
    };
    let answer = views.board(query, &Clock::System).await?;
    board.ask.write(&answer, &answer.lines, || {
        let rows: Vec<_> = answer.lines.iter().map(row).collect();
        output::table(&HEADER, &rows)?;
        if !answer.totals.is_empty() {
            output::line("")?;
        }
        for total in &answer.totals {
            output::line(&of_total(total))?;
        }
        for amendment in &answer.amendments {
            output::line(&of_amendment(amendment))?;
        }
        computed_at(answer.at, Some(answer.day))
    })
}

fn row(line: &BoardLine) -> Vec<String> {
    let over = (line.over_committed_by > 0).then(|| grouped(line.over_committed_by));
    vec![
        line.line.category.to_string(),
        line.line.territory.to_string(),
        line.line.year.to_string(),
        or_dash(line.limit.map(places)),
        grouped(line.held),
        grouped(line.committed),
        or_dash(line.remaining.map(grouped)),
        or_dash(over),
        or_dash(line.act.as_ref()),
        state(line),
    ]
}

fn state(line: &BoardLine) -> String {
    let mut state = match &line.state {
        LineState::InForce => match line.certainty {
            Some(Certainty::Assumed) => "in force (assumed)".to_owned(),
            _ => "in force".to_owned(),
        },
        LineState::NotYet { act, earliest } => format!("not before {earliest} ({act})"),
        LineState::Unknown { act, .. } => format!("unknown: whether {act} is in force"),
        LineState::Repealed { act } => format!("repealed ({act})"),
        LineState::NoLimit => "no limit".to_owned(),
    };
    if !line.in_year {
        state.push_str(", outside its year");
    }
    if let Some(closed) = &line.closed {
        state.push_str(&format!(", closed {}, {} lapsed", closed.on, closed.lapsed));
    }
    if let Some(mark) = line.mark {
        state.push_str(&format!(", {mark}"));
    }
    state
}

fn of_total(total: &Total) -> String {
    let (category, year, rule) = (total.category, total.year, &total.rule);
    let mut text = format!("{category} {year}, {rule}: ");
    match total.reported {
        Some(reported) => text.push_str(&format!("reported total {}", places(reported))),
        None => text.push_str("no reported total in force"),
    }
    if total.regions.is_empty() {
        text.push_str(", no regional line in force");
    } else {
        let (sum, lines) = (places(total.regional), total.regions.len());
        text.push_str(&format!(", regional lines {sum} in {lines}"));
    }
    if let Some(unallocated) = total.unallocated.filter(|n| n.0 > 0) {
        text.push_str(&format!(", {} unallocated", places(unallocated)));
    }
    if total.exceeds {
        text.push_str(", above the reported total");
    }
    let mut named = |what: &str, slugs: &[qonys_events::scalar::Slug]| {
        if !slugs.is_empty() {
            let names: Vec<_> = slugs.iter().map(ToString::to_string).collect();
            text.push_str(&format!("; {what}: {}", names.join(", ")));
        }
    };
    named("without a limit in force", &total.without_limit);
    named("missing", &total.missing);
    text
}

/// What an amendment did, in one sentence.
pub(super) fn of_amendment(amendment: &Amendment) -> String {
    let from = amendment.in_force_from;
    let when = from.map_or("no day of entry into force known".to_owned(), |day| {
        format!("in force {day}")
    });
    let names = |lines: &[Line]| -> String {
        let names: Vec<_> = lines.iter().map(name).collect();
        names.join(" and ")
    };
    let what = match (&amendment.moved, amendment.total_after) {
        (Some(moved), Some(total)) => format!(
            "{} moved from {} to {}, total {} unchanged",
            grouped(moved.places),
            names(&moved.from),
            names(&moved.to),
            grouped(total)
        ),
        _ => {
            let change = |line: &qonys_projections::quota::amendment::AmendedLine| {
                let before = or_dash(line.before.map(places));
                format!("{} {before} to {}", name(&line.line), places(line.after))
            };
            let lines: Vec<_> = amendment.lines.iter().map(change).collect();
            lines.join(", ")
        }
    };
    format!("{} ({when}): {what}", amendment.act)
}

/// The short name of a line: its category, and its territory unless it is the whole country.
fn name(line: &Line) -> String {
    if line.is_national() {
        line.category.to_string()
    } else {
        format!("{} of {}", line.category, line.territory)
    }
}

fn places(count: Count) -> String {
    grouped(i64::try_from(count.0).unwrap_or(i64::MAX))
}

/// A number with its thousands apart: 9,483.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text
}
