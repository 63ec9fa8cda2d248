//! The quota board in words of one language: one table per category, year and counting rule.

use std::collections::BTreeSet;

use qonys_events::{scalar::Year, term::LineMark};
use qonys_projections::quota::{
    board::{Board, BoardLine, LineState},
    total::Total,
};

use super::{
    bar::{Bar, Places},
    locale::Lang,
    words::{category, doubt, rule, signed},
};

/// A row of a table.
pub(super) struct BoardRow {
    pub(super) name: String,
    /// The page of the line, below its language.
    pub(super) address: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) held: Option<String>,
    pub(super) committed: Option<String>,
    pub(super) remaining: Option<String>,
    pub(super) bar: Option<Bar>,
    pub(super) state: String,
    /// How sure that is, where it is not known.
    pub(super) doubt: Option<String>,
    /// Whether the state wants to be seen.
    pub(super) is_over: bool,
}

/// A table.
pub(super) struct Group {
    pub(super) number: usize,
    pub(super) caption: String,
    pub(super) rule: String,
    /// How sure the rule is, where it is not known.
    pub(super) doubt: Option<String>,
    pub(super) rows: Vec<BoardRow>,
    /// The regional lines together, and the reported total.
    pub(super) totals: Vec<BoardRow>,
    pub(super) notes: Vec<String>,
}

/// How a line stands, in words.
pub(super) fn state(line: &BoardLine, lang: Lang) -> String {
    if line.over_committed_by > 0 {
        return lang.with(
            "state-over",
            &[("over", &lang.number(line.over_committed_by))],
        );
    }
    if let Some(closed) = &line.closed {
        let lapsed = lang.number(signed(closed.lapsed));
        return lang.with(
            "state-closed",
            &[("day", &lang.day(closed.on)), ("lapsed", &lapsed)],
        );
    }
    let mut words = match &line.state {
        LineState::InForce => lang.say("state-in-force"),
        LineState::NotYet { earliest, .. } => {
            lang.with("state-not-yet", &[("day", &lang.day(*earliest))])
        }
        LineState::Unknown { .. } => lang.say("state-unknown"),
        LineState::Repealed { .. } => lang.say("state-repealed"),
        LineState::NoLimit => lang.say("state-no-limit"),
    };
    if line.mark == Some(LineMark::SourceGap) {
        words = format!("{words}; {}", lang.say("state-source-gap"));
    }
    words
}

/// The places of a line, where a limit is in force.
fn places(line: &BoardLine) -> Option<Places> {
    Some(Places {
        limit: signed(line.limit?),
        held: line.held,
        committed: line.committed,
        remaining: line.remaining.unwrap_or_default(),
        over: line.over_committed_by,
    })
}

/// Rows of one page; counts their bars, whose titles need ids.
struct Rows {
    lang: Lang,
    bars: usize,
}

impl Rows {
    fn line(&mut self, line: &BoardLine, name: String) -> BoardRow {
        let lang = self.lang;
        let bar = places(line).map(|places| {
            self.bars += 1;
            Bar::new(self.bars, &name, places, lang)
        });
        BoardRow {
            address: Some(format!("lines/{}", line.line)),
            limit: line.limit.map(|limit| lang.number(signed(limit))),
            held: Some(lang.number(line.held)),
            committed: Some(lang.number(line.committed)),
            remaining: line.remaining.map(|remaining| lang.number(remaining)),
            bar,
            state: state(line, lang),
            doubt: doubt(line.certainty, lang),
            is_over: line.over_committed_by > 0,
            name,
        }
    }

    /// The regional lines together. No state: each line has its own.
    fn together(&self, lines: &[&BoardLine], total: &Total) -> BoardRow {
        let lang = self.lang;
        let sum = |of: fn(&BoardLine) -> i64| lang.number(lines.iter().map(|line| of(line)).sum());
        BoardRow {
            name: lang.say("row-regional"),
            address: None,
            limit: Some(lang.number(signed(total.regional))),
            held: Some(sum(|line| line.held)),
            committed: Some(sum(|line| line.committed)),
            remaining: Some(sum(|line| line.remaining.unwrap_or_default())),
            bar: None,
            state: String::new(),
            doubt: None,
            is_over: false,
        }
    }
}

/// The years of a board's lines, the last one first.
pub(super) fn years(board: &Board) -> Vec<Year> {
    let years: BTreeSet<Year> = board.totals.iter().map(|total| total.year).collect();
    years.into_iter().rev().collect()
}

/// The tables of one year of a board.
pub(super) fn groups(board: &Board, year: Year, lang: Lang) -> Vec<Group> {
    let mut rows = Rows { lang, bars: 0 };
    let mut groups = Vec::with_capacity(board.totals.len());
    let totals = board.totals.iter().filter(|total| total.year == year);
    for (n, total) in totals.enumerate() {
        let lines = board.lines.iter().filter(|found| {
            (found.line.category, found.line.year, &found.line.rule)
                == (total.category, total.year, &total.rule)
        });
        let (national, regional): (Vec<&BoardLine>, Vec<&BoardLine>) =
            lines.partition(|found| found.line.is_national());
        let certainty = national
            .iter()
            .chain(&regional)
            .find_map(|line| line.rule_certainty);
        let mut totals = Vec::new();
        if regional.len() > 1 {
            totals.push(rows.together(&regional, total));
        }
        let territory = |line: &BoardLine| lang.territory(&line.line.territory);
        // Without regional lines the national one is consumed and stands like any other.
        let (own, reported) = if regional.is_empty() {
            (national, Vec::new())
        } else {
            (regional, national)
        };
        for line in reported {
            let name = lang.with("row-national", &[("territory", &territory(line))]);
            let mut row = rows.line(line, name);
            row.bar = None;
            row.remaining = None;
            (row.held, row.committed) = (None, None);
            totals.push(row);
        }
        let words = category(total.category, lang);
        let year = total.year.to_string();
        groups.push(Group {
            number: n + 1,
            caption: lang.with("group-caption", &[("category", &words), ("year", &year)]),
            rule: rule(&total.rule, lang),
            doubt: doubt(certainty, lang),
            rows: own
                .iter()
                .map(|line| rows.line(line, territory(line)))
                .collect(),
            totals,
            notes: notes(total, lang),
        });
    }
    groups
}

fn notes(total: &Total, lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if total.exceeds {
        notes.push(lang.say("total-exceeds"));
    }
    if !total.missing.is_empty() && total.reported.is_some() {
        let names: Vec<_> = total.missing.iter().map(|t| lang.territory(t)).collect();
        notes.push(lang.with("total-missing", &[("territories", &names.join(", "))]));
    }
    notes
}
