//! The quota board in words of one language: one table per category, year and counting rule.

use qonys_events::{
    scalar::{Count, Year},
    term::{Category, Certainty, CountingRule, LineMark},
};
use qonys_projections::quota::{
    board::{Board, BoardLine, LineState},
    total::Total,
};

use super::{
    bar::{Bar, Places},
    locale::Lang,
};

/// A row of a table.
pub(super) struct BoardRow {
    pub(super) name: String,
    pub(super) limit: Option<String>,
    pub(super) held: String,
    pub(super) committed: String,
    pub(super) remaining: Option<String>,
    pub(super) bar: Option<Bar>,
    pub(super) state: String,
    /// Whether the state wants to be seen.
    pub(super) is_over: bool,
}

/// A table.
pub(super) struct Group {
    pub(super) number: usize,
    pub(super) year: Year,
    pub(super) caption: String,
    pub(super) rule: String,
    pub(super) rows: Vec<BoardRow>,
    /// The regional lines together, and the reported total.
    pub(super) totals: Vec<BoardRow>,
    pub(super) notes: Vec<String>,
}

fn signed(count: Count) -> i64 {
    i64::try_from(count.0).unwrap_or(i64::MAX)
}

/// Words of a category.
fn category(category: Category, lang: Lang) -> String {
    lang.say(&format!("category-{category}"))
}

/// What one place is.
fn rule(rule: CountingRule, certainty: Option<Certainty>, lang: Lang) -> String {
    let words = lang.say(&format!("rule-{rule}"));
    let id = match certainty {
        Some(Certainty::Known) | None => "group-rule",
        Some(Certainty::Assumed | Certainty::Interpretation) => "group-rule-assumed",
    };
    lang.with(id, &[("rule", &words)])
}

/// How a line stands, in words.
fn state(line: &BoardLine, lang: Lang) -> String {
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
        LineState::InForce if line.certainty == Some(Certainty::Known) => {
            lang.say("state-in-force")
        }
        LineState::InForce => lang.say("state-in-force-assumed"),
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

/// Rows of one page; counts their bars, whose titles need ids.
struct Rows {
    lang: Lang,
    bars: usize,
}

impl Rows {
    fn line(&mut self, line: &BoardLine, name: String) -> BoardRow {
        let lang = self.lang;
        let bar = line.limit.map(|limit| {
            self.bars += 1;
            let places = Places {
                limit: signed(limit),
                held: line.held,
                committed: line.committed,
                remaining: line.remaining.unwrap_or_default(),
                over: line.over_committed_by,
            };
            Bar::new(self.bars, &name, places, lang)
        });
        BoardRow {
            limit: line.limit.map(|limit| lang.number(signed(limit))),
            held: lang.number(line.held),
            committed: lang.number(line.committed),
            remaining: line.remaining.map(|remaining| lang.number(remaining)),
            bar,
            state: state(line, lang),
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
            limit: Some(lang.number(signed(total.regional))),
            held: sum(|line| line.held),
            committed: sum(|line| line.committed),
            remaining: Some(sum(|line| line.remaining.unwrap_or_default())),
            bar: None,
            state: String::new(),
            is_over: false,
        }
    }
}

/// The tables of a board.
pub(super) fn groups(board: &Board, lang: Lang) -> Vec<Group> {
    let mut rows = Rows { lang, bars: 0 };
    let mut groups = Vec::with_capacity(board.totals.len());
    for (n, total) in board.totals.iter().enumerate() {
        let lines = board.lines.iter().filter(|found| {
            (found.line.category, found.line.year, found.line.rule)
                == (total.category, total.year, total.rule)
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
            (row.held, row.committed) = (String::new(), String::new());
            totals.push(row);
        }
        let words = category(total.category, lang);
        let year = total.year.to_string();
        groups.push(Group {
            number: n + 1,
            year: total.year,
            caption: lang.with("group-caption", &[("category", &words), ("year", &year)]),
            rule: rule(total.rule, certainty, lang),
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
