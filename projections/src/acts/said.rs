//! What an entry says about the law (preamble, points 1 and 3), as the row that it writes.

use qonys_events::{
    fact::{
        Fact,
        amended::{LawRecord, NormEnded, PowerEnded},
        law::{
            ActRecorded, CalendarRecorded, EntryIntoForce, NormRecorded, PowerRecorded,
            TerritoryChanged, TerritorySucceeded,
        },
    },
    scalar::{Position, Slug, StreamSeq, Text},
};

use super::{
    ActDateRow, ActRow, CalendarRow, DeterminationRow, NormRow, PowerRow, SuccessionRow,
    TerritoryRow,
};
use crate::{
    cell::Json,
    projection::{FoldError, Recorded},
};

/// What an entry says about the law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LawRow {
    /// An act.
    Act(Box<ActRow>),
    /// A date of an act.
    Date(ActDateRow),
    /// A determination.
    Determination(DeterminationRow),
    /// A norm.
    Norm(NormRow),
    /// A power.
    Power(PowerRow),
    /// A territory.
    Territory(TerritoryRow),
    /// A working-day calendar.
    Calendar(CalendarRow),
    /// A territory that came out of another.
    Succession(SuccessionRow),
    /// A norm in place of what an entry said.
    CorrectedNorm(NormRow, StreamSeq),
    /// A power in place of what an entry said.
    CorrectedPower(PowerRow, StreamSeq),
    /// The end of a norm's open validity, from a position on.
    NormEnd(NormEnded, Position),
    /// The end of a power's open validity.
    PowerEnd(PowerEnded, Position),
}

fn act_row(act: &ActRecorded, at: Position) -> Result<ActRow, FoldError> {
    let repeals = Json::of(&act.repeals)?;
    let parents = Json::of(&act.parents)?;
    let act = act.clone();
    Ok(ActRow {
        act: act.act,
        kind: act.kind,
        number: act.number,
        body: act.body,
        title_kk: act.titles.kk,
        title_ru: act.titles.ru,
        title_en: act.titles.en,
        language: act.language,
        adopted_on: act.adopted_on,
        registered_on: act.registered_on,
        registration_number: act.registration_number,
        published_on: act.published_on,
        in_force_on: act.in_force_on,
        days_after_publication: match act.entry_into_force {
            EntryIntoForce::DaysAfterPublication { days } => Some(days),
            EntryIntoForce::Unknown => None,
        },
        document: act.document,
        wording: act.wording,
        repeals,
        parents,
        text_sha256: act.text_sha256,
        synthetic: act.synthetic,
        source: act.source,
        note: act.note,
        recorded_from: at,
        recorded_to: None,
    })
}

fn norm_row(norm: &NormRecorded, entry: &Recorded) -> NormRow {
    NormRow {
        norm: norm.norm.clone(),
        document: norm.document.clone(),
        point: norm.point.clone(),
        value: norm.value,
        unit: norm.unit.clone(),
        certainty: norm.certainty,
        source: norm.source.clone(),
        entry: entry.entry.place.streamseq,
        effective_from: norm.from,
        effective_to: norm.until,
        recorded_from: entry.position(),
        recorded_to: None,
    }
}

fn power_row(power: &PowerRecorded, entry: &Recorded) -> PowerRow {
    PowerRow {
        decision_type: power.decision,
        document: power.document.clone(),
        point: power.point.clone(),
        certainty: power.certainty,
        source: power.source.clone(),
        entry: entry.entry.place.streamseq,
        effective_from: power.from,
        effective_to: power.until,
        recorded_from: entry.position(),
        recorded_to: None,
    }
}

fn territory_row(change: &TerritoryChanged, recorded_from: Position) -> LawRow {
    LawRow::Territory(TerritoryRow {
        category: change.category,
        territory: change.territory.clone(),
        act: change.act.clone(),
        change_kind: change.change,
        recorded_from,
    })
}

fn calendar_row(calendar: &CalendarRecorded, recorded_from: Position) -> Result<LawRow, FoldError> {
    Ok(LawRow::Calendar(CalendarRow {
        calendar_year: calendar.year,
        weekly_rest: Json::of(&calendar.weekly_rest)?,
        days_off: Json::of(&calendar.days_off)?,
        worked: Json::of(&calendar.worked)?,
        synthetic: calendar.synthetic,
        source: calendar.source.clone(),
        recorded_from,
        recorded_to: None,
    }))
}

fn succession_row(succeeded: &TerritorySucceeded, recorded_from: Position) -> LawRow {
    LawRow::Succession(SuccessionRow {
        territory: succeeded.territory.clone(),
        out_of: succeeded.out_of.clone(),
        certainty: succeeded.certainty,
        source: succeeded.source.clone(),
        recorded_from,
        recorded_to: None,
    })
}

/// The row that an entry writes about the law; `None` for entries about other things.
pub fn law_row(entry: &Recorded) -> Result<Option<LawRow>, FoldError> {
    let (recorded_from, recorded_to) = (entry.position(), None);
    let determination = |act: &Slug, in_force_from, basis: &Text| {
        LawRow::Determination(DeterminationRow {
            act: act.clone(),
            in_force_from,
            basis: basis.clone(),
            decided_on: entry.event().decidedon,
            recorded_from,
            recorded_to,
        })
    };
    Ok(Some(match &entry.event().fact {
        Fact::ActRecorded(act) => LawRow::Act(Box::new(act_row(act, recorded_from)?)),
        Fact::ActDateRecorded(date) => LawRow::Date(ActDateRow {
            act: date.act.clone(),
            date_kind: date.date,
            on_day: date.on,
            source: date.source.clone(),
            recorded_from,
            recorded_to,
        }),
        Fact::ActDetermined(determined) => {
            determination(&determined.act, Some(determined.from), &determined.basis)
        }
        Fact::NormRecorded(norm) => LawRow::Norm(norm_row(norm, entry)),
        Fact::PowerRecorded(power) => LawRow::Power(power_row(power, entry)),
        Fact::TerritoryChanged(change) => territory_row(change, recorded_from),
        Fact::CalendarRecorded(calendar) => calendar_row(calendar, recorded_from)?,
        Fact::TerritorySucceeded(succeeded) => succession_row(succeeded, recorded_from),
        Fact::NormEnded(ended) => LawRow::NormEnd(ended.clone(), recorded_from),
        Fact::PowerEnded(ended) => LawRow::PowerEnd(ended.clone(), recorded_from),
        Fact::LawCorrected(corrected) => match &corrected.record {
            LawRecord::Act(act) => LawRow::Act(Box::new(act_row(act, recorded_from)?)),
            LawRecord::Determination(d) => determination(&d.act, d.from, &d.basis),
            LawRecord::Norm(norm) => LawRow::CorrectedNorm(norm_row(norm, entry), corrected.entry),
            LawRecord::Power(power) => {
                LawRow::CorrectedPower(power_row(power, entry), corrected.entry)
            }
            // A power without a type of decision stands in the view of offices.
            LawRecord::OtherPower(_) => return Ok(None),
            LawRecord::Territory(change) => territory_row(change, recorded_from),
            LawRecord::Calendar(calendar) => calendar_row(calendar, recorded_from)?,
            LawRecord::Succession(succeeded) => succession_row(succeeded, recorded_from),
        },
        _ => return Ok(None),
    }))
}

impl NormRow {
    /// Whether it is the validity that ends.
    pub(super) fn ends_by(&self, ended: &NormEnded) -> bool {
        (&self.norm, self.effective_from, self.effective_to) == (&ended.norm, ended.from, None)
    }

    /// The same with its end.
    pub(super) fn ended(&self, ended: &NormEnded, recorded_from: Position) -> Self {
        Self {
            effective_to: Some(ended.until),
            recorded_from,
            recorded_to: None,
            ..self.clone()
        }
    }
}

impl PowerRow {
    /// Whether it is the validity that ends.
    pub(super) fn ends_by(&self, ended: &PowerEnded) -> bool {
        (&self.document, &self.point) == (&ended.document, &ended.point)
            && (self.effective_from, self.effective_to) == (ended.from, None)
    }

    /// The same with its end.
    pub(super) fn ended(&self, ended: &PowerEnded, recorded_from: Position) -> Self {
        Self {
            effective_to: Some(ended.until),
            recorded_from,
            recorded_to: None,
            ..self.clone()
        }
    }
}
