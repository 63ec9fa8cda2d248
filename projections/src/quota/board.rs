//! The quota board: for every line its limit, what is held, committed and left, on one effective day as known at one
//! position. Computed from rows or folded from entries, by the same code.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    fact::Fact,
    id::Line,
    scalar::{Count, Day, Instant, Position, Slug, Year},
    term::{Category, Certainty, CountingRule, LineMark},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    LimitRow, MoveRow, QUOTA_ACT, QUOTA_CLOSE, QUOTA_LIMIT, QUOTA_MOVE, QuotaActRow, QuotaRow,
    YearCloseRow, quota_row, total::Total,
};
use crate::{
    acts::{
        ACT, ACT_DATE, ACT_DETERMINATION, TERRITORY_CHANGE, law_row,
        register::{Holding, LATEST, Register},
        status::{Reason, Status},
    },
    cell::TableRow as _,
    projection::{FoldError, Recorded},
    table::{Row, Table},
};

/// The tables whose rows up to a position a board needs whole; of `quota_move` the sums by line suffice.
pub const WHOLE: &[&Table] = &[
    &ACT,
    &ACT_DATE,
    &ACT_DETERMINATION,
    &TERRITORY_CHANGE,
    &QUOTA_ACT,
    &QUOTA_LIMIT,
    &QUOTA_CLOSE,
];

/// Places held and committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Taken {
    /// Held by verdicts that nobody has adopted.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub held: i64,
    /// Committed by decisions.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub committed: i64,
}

impl Taken {
    fn add(&mut self, other: Self) {
        self.held = self.held.saturating_add(other.held);
        self.committed = self.committed.saturating_add(other.committed);
    }

    fn total(self) -> i64 {
        self.held.saturating_add(self.committed)
    }
}

/// Everything that a board is computed from, as known at one position. Memory grows with the lines and the days on which
/// places moved, not with the moves.
///
/// Folded from entries ([`QuotaBoard::fold`]): the answers are as of the last entry that was folded. Or filled from rows
/// ([`QuotaBoard::at`], [`QuotaBoard::take_row`], [`QuotaBoard::take_sum`]): as of the position up to which the caller read
/// them.
#[derive(Debug, Clone, Default)]
pub struct QuotaBoard {
    pub(super) register: Register,
    pub(super) acts: Vec<QuotaActRow>,
    pub(super) limits: BTreeMap<Line, Vec<LimitRow>>,
    taken: BTreeMap<Line, BTreeMap<Day, Taken>>,
    closes: BTreeMap<Line, Vec<YearCloseRow>>,
    position: Position,
    time: Option<Instant>,
}

/// How a line stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum LineState {
    /// No act that sets its limit is in force yet.
    NotYet {
        /// The act that will be, or could be, first.
        act: Slug,
        /// The first day on which it is, or could be, in force.
        earliest: Day,
    },
    /// A limit is in force.
    InForce,
    /// Whether an act that sets its limit is in force is not known: nothing is decided on it.
    Unknown {
        /// That act.
        act: Slug,
        /// Why.
        reason: Reason,
    },
    /// The acts that set its limit have lost force.
    Repealed {
        /// The one recorded last.
        act: Slug,
    },
    /// No act sets a limit for it.
    NoLimit,
}

/// A limit as one act sets it, and how that act stands on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// The act.
    pub act: Slug,
    /// The limit in places.
    pub limit: Count,
    /// How the act stands.
    pub status: Status,
}

/// A closed year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClosedYear {
    /// The day of the close.
    pub on: Day,
    /// The limit at the end of the year.
    pub limit: Count,
    /// Committed at the end of the year.
    pub committed: Count,
    /// What lapsed.
    pub lapsed: Count,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardLine {
    /// The line.
    pub line: Line,
    /// How it stands.
    pub state: LineState,
    /// Whether the day lies in the line's year: outside it nothing is included.
    pub in_year: bool,
    /// The limit in force; `None` unless one is.
    pub limit: Option<Count>,
    /// The act that sets it.
    pub act: Option<Slug>,
    /// How sure it is that this act is in force.
    pub certainty: Option<Certainty>,
    /// How sure it is that this act counts by the line's rule.
    pub rule_certainty: Option<Certainty>,
    /// Why the line is not an ordinary one.
    pub mark: Option<LineMark>,
    /// Places held on the day.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub held: i64,
    /// Places committed on the day.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub committed: i64,
    /// Limit less held and committed, not below 0; 0 once the year is closed; `None` unless a limit is in force. Places
    /// that move on later days are not looked at: it is a figure of the day, not a promise.
    #[serde(serialize_with = "crate::cell::digits_if_any")]
    #[schemars(with = "Option<crate::cell::Digits>")]
    pub remaining: Option<i64>,
    /// Held and committed above the limit in force; 0 while none is, and all of it where no act that stands speaks of the
    /// line. Nothing more is held or committed meanwhile.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    pub over_committed_by: i64,
    /// The close of the year, from its day on.
    pub closed: Option<ClosedYear>,
    /// Every limit that was recorded, in the order of recording.
    pub steps: Vec<Step>,
}

/// The board of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Board {
    /// The effective day.
    pub day: Day,
    /// The position that it is computed at.
    pub position: Position,
    /// The time of the entry there, where the board was folded from entries.
    pub time: Option<Instant>,
    /// Its lines, by category, territory, year and rule.
    pub lines: Vec<BoardLine>,
    /// Its totals, by category, year and rule.
    pub totals: Vec<Total>,
}

impl Board {
    /// One line.
    pub fn line(&self, line: &Line) -> Option<&BoardLine> {
        self.lines.iter().find(|found| found.line == *line)
    }

    /// The total of one category, year and rule.
    pub fn total(&self, category: Category, year: Year, rule: &CountingRule) -> Option<&Total> {
        self.totals
            .iter()
            .find(|t| (t.category, t.year, &t.rule) == (category, year, rule))
    }
}

impl QuotaBoard {
    /// Folds one entry: what it says about the law and about quota lines.
    pub fn fold(&mut self, entry: &Recorded) -> Result<(), FoldError> {
        let row = quota_row(entry)?;
        // What the board follows is a correction of the register or of the limits of an act; one of something that it does
        // not read is none of its business.
        let event = entry.event();
        let followed = matches!(event.fact, Fact::LawCorrected(_) | Fact::QuotaCorrected(_));
        if event.supersedes.is_some() && !followed && (row.is_some() || law_row(entry)?.is_some()) {
            return Err(FoldError::Correction {
                position: entry.position(),
            });
        }
        self.register.fold(entry)?;
        match row {
            None => {}
            Some(QuotaRow::Act(row)) => self.take_act(row),
            Some(QuotaRow::Limit(row)) => self.take_limit(row),
            Some(QuotaRow::Move(row)) => self.take_move(&row),
            Some(QuotaRow::Close(row)) => self.take_close(row),
        }
        self.position = entry.position();
        self.time = Some(entry.time());
        Ok(())
    }

    /// An empty board at a position, to be filled from rows up to it.
    pub fn at(position: Position) -> Self {
        Self {
            position,
            ..Self::default()
        }
    }

    /// The register of acts.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Takes a row of one of the tables that a board is computed from ([`WHOLE`] and `quota_move`); rows of other tables
    /// change nothing. Rows that were closed may be among them; the order does not matter.
    pub fn take_row(&mut self, table: &Table, row: &Row) -> Result<(), FoldError> {
        match table.name {
            name if name == QUOTA_ACT.name => self.take_act(QuotaActRow::read(row)?),
            name if name == QUOTA_LIMIT.name => self.take_limit(LimitRow::read(row)?),
            name if name == QUOTA_MOVE.name => self.take_move(&MoveRow::read(row)?),
            name if name == QUOTA_CLOSE.name => self.take_close(YearCloseRow::read(row)?),
            _ => self.register.take_row(table, row)?,
        }
        Ok(())
    }

    /// Takes a row of `quota_act`.
    pub fn take_act(&mut self, row: QuotaActRow) {
        self.acts.push(row);
    }

    /// Takes a row of `quota_limit`; the order does not matter.
    pub fn take_limit(&mut self, row: LimitRow) {
        let limits = self.limits.entry(row.line.clone()).or_default();
        limits.push(row);
        limits.sort_by_key(|limit| limit.recorded_from);
    }

    /// Takes a row of `quota_move`.
    pub fn take_move(&mut self, row: &MoveRow) {
        let taken = Taken {
            held: row.held_delta,
            committed: row.committed_delta,
        };
        self.take_sum(&row.line, row.effective_from, taken);
    }

    /// Takes the sum of several moves of a line, as if they were one on this day.
    pub fn take_sum(&mut self, line: &Line, day: Day, sum: Taken) {
        self.taken
            .entry(line.clone())
            .or_default()
            .entry(day)
            .or_default()
            .add(sum);
    }

    /// Takes a row of `quota_close`.
    pub fn take_close(&mut self, row: YearCloseRow) {
        self.closes.entry(row.line.clone()).or_default().push(row);
    }

    /// What is held and committed in a line on a day.
    pub fn taken(&self, line: &Line, day: Day) -> Taken {
        let mut taken = Taken::default();
        if let Some(days) = self.taken.get(line) {
            days.range(..=day)
                .for_each(|(_, change)| taken.add(*change));
        }
        taken
    }

    /// The board of an effective day, as known at the position of the last entry or row.
    pub fn as_of(&self, day: Day) -> Board {
        let names: BTreeSet<_> = self.limits.keys().chain(self.taken.keys()).collect();
        let lines: Vec<_> = names.into_iter().map(|line| self.line(line, day)).collect();
        let totals = self.totals(&lines, day);
        Board {
            day,
            position: self.position,
            time: self.time,
            lines,
            totals,
        }
    }

    /// Whether a limit or a place of the line is known.
    pub fn knows(&self, line: &Line) -> bool {
        self.limits.contains_key(line) || self.taken.contains_key(line)
    }

    /// One line on an effective day, as [`QuotaBoard::as_of`] shows it among the others.
    pub fn line(&self, line: &Line, day: Day) -> BoardLine {
        let limits = self.limits_of(line);
        let steps: Vec<_> = limits
            .iter()
            .map(|limit| Step {
                act: limit.act.clone(),
                limit: limit.places,
                status: self.register.status(&limit.act, day, LATEST),
            })
            .collect();
        let acts: Vec<_> = steps.iter().map(|step| &step.act).collect();
        let holding = self.register.holding(&acts, day, LATEST);
        let step = match holding {
            Holding::InForce(n, _) => steps.get(n),
            Holding::Unknown(..) | Holding::Nothing => None,
        };
        let state = state(&steps, holding);
        let taken = self.taken(line, day);
        let closed = self.closed(line, day);
        let room = step.map(|step| signed(step.limit).saturating_sub(taken.total()));
        BoardLine {
            line: line.clone(),
            in_year: day.year() == line.year,
            limit: step.map(|step| step.limit),
            act: step.map(|step| step.act.clone()),
            certainty: step.and_then(|step| step.status.certainty()),
            rule_certainty: step.and_then(|step| self.rule_certainty(&step.act, line)),
            mark: limits.iter().rev().find_map(|limit| limit.mark),
            held: taken.held,
            committed: taken.committed,
            remaining: room.map(|room| if closed.is_some() { 0 } else { room.max(0) }),
            over_committed_by: match room {
                Some(room) => room.saturating_neg().max(0),
                // No act that stands speaks of the line: whatever is taken in it is too much.
                None if steps.is_empty() => taken.total().max(0),
                None => 0,
            },
            closed,
            state,
            steps,
        }
    }

    /// The limits of a line, one for each act in the order of recording, as each was said last: a correction takes the place
    /// of what it corrects.
    pub(super) fn limits_of(&self, line: &Line) -> Vec<&LimitRow> {
        let mut limits: Vec<&LimitRow> = Vec::new();
        for limit in self.limits.get(line).into_iter().flatten() {
            match limits.iter_mut().find(|kept| kept.act == limit.act) {
                Some(kept) => *kept = limit,
                None => limits.push(limit),
            }
        }
        limits.retain(|limit| !limit.withdrawn);
        limits
    }

    fn rule_certainty(&self, act: &Slug, line: &Line) -> Option<Certainty> {
        let about = |row: &&QuotaActRow| {
            row.act == *act && row.quota_year == line.year && row.rule == line.rule
        };
        let last = self
            .acts
            .iter()
            .filter(about)
            .max_by_key(|row| row.recorded_from);
        last.map(|row| row.rule_certainty)
    }

    fn closed(&self, line: &Line, day: Day) -> Option<ClosedYear> {
        let closes = self
            .closes
            .get(line)?
            .iter()
            .filter(|close| close.effective_from <= day);
        closes
            .max_by_key(|close| close.recorded_from)
            .map(|close| ClosedYear {
                on: close.effective_from,
                limit: close.places,
                committed: close.committed,
                lapsed: close.lapsed,
            })
    }
}

pub(super) fn signed(count: Count) -> i64 {
    i64::try_from(count.0).unwrap_or(i64::MAX)
}

/// One act of which it is not known whether it is in force makes the limit unknown, whichever way it would move it.
fn state(steps: &[Step], holding: Holding) -> LineState {
    match holding {
        Holding::InForce(..) => return LineState::InForce,
        Holding::Unknown(n, reason) => {
            return LineState::Unknown {
                act: steps[n].act.clone(),
                reason,
            };
        }
        Holding::Nothing => {}
    }
    let next = steps.iter().filter_map(|step| match step.status {
        Status::NotYet { earliest } => Some((earliest, step)),
        _ => None,
    });
    if let Some((earliest, step)) = next.min_by_key(|(earliest, _)| *earliest) {
        return LineState::NotYet {
            act: step.act.clone(),
            earliest,
        };
    }
    steps
        .last()
        .map_or(LineState::NoLimit, |step| LineState::Repealed {
            act: step.act.clone(),
        })
}
