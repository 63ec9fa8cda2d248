//! Quota lines (points 3 and 6): limits by act, moves of places, year closes; and the board computed from them.
//!
//! The tables are append-only. What is held and committed on a day, as known at a position, is a sum of moves:
//!
//! ```text
//! select line, sum(held_delta), sum(committed_delta) from quota_move
//! where effective_from <= d and recorded_from <= p group by line
//! ```
//!
//! A limit works from the day on which its act is in force, which later evidence may still change; so the rows name the
//! act, and [`board::QuotaBoard`] computes the day from the register of acts.

use qonys_events::{
    fact::{Fact, law::QuotaSet},
    id::{Line, Ref, StreamKind},
    scalar::{Count, Day, Instant, Position, Slug, Year},
    term::{Category, Certainty, CountingRule, LineMark, PlaceState, QuotaAction, ReleaseReason},
};

use crate::{
    cell::{Json, rows},
    projection::{Changes, FoldError, Projection, Recorded, insert},
    table::Table,
};

pub mod amendment;
pub mod board;
pub mod total;

rows! {
    /// What an act of the body that sets the quota says as a whole.
    QuotaActRow in QUOTA_ACT = "quota_act" {
        key: [act, quota_year, rule, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The act.
    act: Slug,
    /// The year the quota is for.
    quota_year: Year,
    /// The counting rule.
    rule: CountingRule,
    /// How sure it is that the act counts by this rule.
    rule_certainty: Certainty,
    /// Whether it establishes or amends.
    action: QuotaAction,
    /// Categories whose regional limits exceed the reported total, as published: a JSON list.
    above_total: Json,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// The limit of one line as one act sets it.
    LimitRow in QUOTA_LIMIT = "quota_limit" {
        key: [line, act, recorded_from],
        entity: [],
        indexes: [[act]],
    }
    /// The line.
    line: Line,
    /// Its category.
    category: Category,
    /// Its territory; `kazakhstan` is the reported total.
    territory: Slug,
    /// Its year.
    quota_year: Year,
    /// Its counting rule.
    rule: CountingRule,
    /// The act that sets the limit.
    act: Slug,
    /// Whether it is the first limit.
    action: QuotaAction,
    /// The limit in places; 0 where the act counts the places of this territory and year by another rule.
    places: Count,
    /// Whether the act was wrongly said to speak of this line: it sets no limit.
    withdrawn: bool,
    /// Why the line is not an ordinary one.
    mark: Option<LineMark>,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// Places that moved in a line.
    MoveRow in QUOTA_MOVE = "quota_move" {
        key: [recorded_from],
        entity: [],
        indexes: [[line, effective_from], [application]],
    }
    /// The position that wrote the row.
    recorded_from: Position,
    /// Its time.
    recorded_at: Instant,
    /// The line.
    line: Line,
    /// The first day on which the places stand where they moved to.
    effective_from: Day,
    /// Places added to those held; negative when they leave.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    held_delta: i64,
    /// Places added to those committed; negative when they leave.
    #[serde(serialize_with = "crate::cell::digits")]
    #[schemars(with = "crate::cell::Digits")]
    committed_delta: i64,
    /// The application.
    application: Ref,
    /// Why they were released; null for a hold or a commitment.
    reason: Option<ReleaseReason>,
}

rows! {
    /// The close of a line's year.
    YearCloseRow in QUOTA_CLOSE = "quota_close" {
        key: [line, recorded_from],
        entity: [],
        indexes: [],
    }
    /// The line.
    line: Line,
    /// The day of the close.
    effective_from: Day,
    /// The limit at the end of the year.
    places: Count,
    /// Committed at the end of the year.
    committed: Count,
    /// What lapsed.
    lapsed: Count,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// What an entry says about quota lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaRow {
    /// An act as a whole.
    Act(QuotaActRow),
    /// A limit.
    Limit(LimitRow),
    /// A move of places.
    Move(MoveRow),
    /// The close of a year.
    Close(YearCloseRow),
}

/// The line in whose stream an entry stands.
pub(crate) fn line_of(entry: &Recorded) -> Result<Line, FoldError> {
    let stream = &entry.entry.place.subject;
    let line = (stream.kind() == StreamKind::QuotaLine)
        .then(|| stream.key().parse().ok())
        .flatten();
    line.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

fn signed(places: Count) -> i64 {
    i64::try_from(places.0).unwrap_or(i64::MAX)
}

fn moved(
    entry: &Recorded,
    application: Ref,
    (held_delta, committed_delta): (i64, i64),
    reason: Option<ReleaseReason>,
) -> Result<QuotaRow, FoldError> {
    Ok(QuotaRow::Move(MoveRow {
        recorded_from: entry.position(),
        recorded_at: entry.time(),
        line: line_of(entry)?,
        effective_from: entry.day()?,
        held_delta,
        committed_delta,
        application,
        reason,
    }))
}

fn act_row(set: &QuotaSet, recorded_from: Position) -> Result<QuotaRow, FoldError> {
    Ok(QuotaRow::Act(QuotaActRow {
        act: set.act.clone(),
        quota_year: set.year,
        rule: set.rule.clone(),
        rule_certainty: set.rule_certainty,
        action: set.action,
        above_total: Json::of(&set.above_total)?,
        recorded_from,
    }))
}

/// The row that an entry writes about quota lines; `None` for entries about other things.
pub fn quota_row(entry: &Recorded) -> Result<Option<QuotaRow>, FoldError> {
    let recorded_from = entry.position();
    Ok(Some(match &entry.event().fact {
        Fact::QuotaSet(set) => act_row(set, recorded_from)?,
        Fact::QuotaCorrected(corrected) => act_row(&corrected.set, recorded_from)?,
        Fact::LimitSet(set) => QuotaRow::Limit(LimitRow {
            line: set.line.clone(),
            category: set.line.category,
            territory: set.line.territory.clone(),
            quota_year: set.line.year,
            rule: set.line.rule.clone(),
            act: set.act.clone(),
            action: set.action,
            places: set.limit,
            withdrawn: false,
            mark: set.mark,
            recorded_from,
        }),
        Fact::LimitWithdrawn(withdrawn) => QuotaRow::Limit(LimitRow {
            line: withdrawn.line.clone(),
            category: withdrawn.line.category,
            territory: withdrawn.line.territory.clone(),
            quota_year: withdrawn.line.year,
            rule: withdrawn.line.rule.clone(),
            act: withdrawn.act.clone(),
            action: QuotaAction::Amend,
            places: Count(0),
            withdrawn: true,
            mark: None,
            recorded_from,
        }),
        Fact::PlacesHeld(held) => moved(entry, held.application, (signed(held.places), 0), None)?,
        Fact::PlacesCommitted(committed) => {
            let n = signed(committed.places);
            moved(entry, committed.application, (-n, n), None)?
        }
        Fact::PlacesReleased(released) => {
            let n = signed(released.places);
            let delta = match released.was {
                PlaceState::Held => (-n, 0),
                PlaceState::Committed => (0, -n),
            };
            moved(entry, released.application, delta, Some(released.reason))?
        }
        Fact::PlacesOrdered(ordered) => {
            let n = signed(ordered.places);
            moved(entry, ordered.application, (0, n), None)?
        }
        Fact::PlacesRecounted(recounted) => {
            let n = signed(recounted.places);
            moved(entry, recounted.application, (0, n), None)?
        }
        Fact::PlacesProved(proved) => {
            let n = signed(proved.places);
            moved(entry, proved.application, (0, n), None)?
        }
        Fact::YearClosed(closed) => QuotaRow::Close(YearCloseRow {
            line: line_of(entry)?,
            effective_from: entry.day()?,
            places: closed.limit,
            committed: closed.committed,
            lapsed: closed.lapsed,
            recorded_from,
        }),
        _ => return Ok(None),
    }))
}

/// The view of quota lines.
#[derive(Debug, Clone, Copy)]
pub struct Quota;

impl Projection for Quota {
    fn name(&self) -> &'static str {
        "quota"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&QUOTA_ACT, &QUOTA_LIMIT, &QUOTA_MOVE, &QUOTA_CLOSE] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.quota.set.v1",
            "kz.qonys.quota-line.limit-set.v1",
            "kz.qonys.quota-line.places-held.v1",
            "kz.qonys.quota-line.places-committed.v1",
            "kz.qonys.quota-line.places-released.v1",
            "kz.qonys.quota-line.year-closed.v1",
            "kz.qonys.quota-line.places-ordered.v1",
            "kz.qonys.quota.corrected.v1",
            "kz.qonys.quota-line.limit-withdrawn.v1",
            "kz.qonys.quota-line.places-recounted.v1",
            "kz.qonys.quota-line.places-proved.v1",
        ]
    }

    fn follows_corrections(&self, event_type: &str) -> bool {
        event_type == "kz.qonys.quota.corrected.v1"
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        match quota_row(entry)? {
            None => Ok(()),
            Some(QuotaRow::Act(row)) => insert(rows, &row),
            Some(QuotaRow::Limit(row)) => insert(rows, &row),
            Some(QuotaRow::Move(row)) => insert(rows, &row),
            Some(QuotaRow::Close(row)) => insert(rows, &row),
        }
    }
}
