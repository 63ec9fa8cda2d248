//! The register of acts (preamble, points 1 and 3): acts with their dates and evidence, norms, powers, territories.
//!
//! The rows say what was recorded; whether an act is in force on a day is computed from them by [`register::Register`].

use qonys_events::{
    digest::Sha256Hex,
    scalar::{Count, Day, PartialDay, Position, Slug, StreamSeq, Text, Year},
    term::{ActDate, ActKind, Category, Certainty, DecisionType, Language, TerritoryChange},
};

use crate::{
    cell::{Json, TableRow as _, rows},
    projection::{
        Changes, FoldError, Projection, Recorded, Wanted, insert, known, overlay, replace,
    },
    table::{Key, Table},
};

pub mod on_day;
pub mod register;
pub mod said;
pub mod status;

pub use said::{LawRow, law_row};

rows! {
    /// An act as it was entered.
    ActRow in ACT = "act" {
        key: [act, recorded_from],
        entity: [act],
        indexes: [[document]],
    }
    /// Its name in the register.
    act: Slug,
    /// What kind of act it is.
    kind: ActKind,
    /// Its own number.
    number: Option<Text>,
    /// Who adopted it.
    body: Text,
    /// Its Kazakh name.
    title_kk: Option<Text>,
    /// Its Russian name.
    title_ru: Option<Text>,
    /// Its English name.
    title_en: Option<Text>,
    /// The language of the text that is held or cited.
    language: Language,
    /// Adopted on, to the day or month.
    adopted_on: Option<PartialDay>,
    /// Registered by the justice authority on.
    registered_on: Option<PartialDay>,
    /// The number of that registration.
    registration_number: Option<Text>,
    /// First officially published on.
    published_on: Option<PartialDay>,
    /// In force on, as a source says.
    in_force_on: Option<PartialDay>,
    /// Calendar days after publication by its own clause; null when the clause is not known.
    days_after_publication: Option<Count>,
    /// The document whose wording it sets.
    document: Slug,
    /// The name of that wording.
    wording: Slug,
    /// Acts that lose force when it enters into force: a JSON list of names.
    repeals: Json,
    /// Acts that it rests on: a JSON list of names.
    parents: Json,
    /// SHA-256 of the recorded text; null when the text is not recorded.
    text_sha256: Option<Sha256Hex>,
    /// Whether it is invented for a demonstration or a test.
    synthetic: bool,
    /// Where it is known from.
    source: Text,
    /// What a reader should know.
    note: Option<Text>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A date in the life of an act that became known later than the act.
    ActDateRow in ACT_DATE = "act_date" {
        key: [act, date_kind, recorded_from],
        entity: [act, date_kind],
        indexes: [],
    }
    /// The act.
    act: Slug,
    /// Which of its dates.
    date_kind: ActDate,
    /// To the day or month.
    on_day: PartialDay,
    /// Where it is known from.
    source: Text,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// An official's determination from when an act is in force: assumed, wherever it is leant on.
    DeterminationRow in ACT_DETERMINATION = "act_determination" {
        key: [act, recorded_from],
        entity: [act],
        indexes: [],
    }
    /// The act.
    act: Slug,
    /// In force from; null where the determination was taken back.
    in_force_from: Option<Day>,
    /// What the determination rests on.
    basis: Text,
    /// The date of the determination.
    decided_on: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A dated norm.
    NormRow in NORM = "norm" {
        key: [norm, effective_from, recorded_from],
        entity: [norm],
        indexes: [],
    }
    /// The name under which decisions look it up.
    norm: Slug,
    /// The document that sets it.
    document: Slug,
    /// Article and point.
    point: Text,
    /// Its value in whole units.
    value: Count,
    /// The unit.
    unit: Slug,
    /// How sure it is.
    certainty: Certainty,
    /// Where it is known from; for an interpretation its author.
    source: Text,
    /// The entry that says so, by its place in the stream of the register.
    entry: StreamSeq,
    /// First day of validity.
    effective_from: Day,
    /// First day after validity.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A power for a type of decision.
    PowerRow in POWER = "power" {
        key: [decision_type, document, point, effective_from, recorded_from],
        entity: [decision_type],
        indexes: [],
    }
    /// The type of decision.
    decision_type: DecisionType,
    /// The document that gives the power.
    document: Slug,
    /// Article and point.
    point: Text,
    /// How sure it is.
    certainty: Certainty,
    /// Where it is known from.
    source: Text,
    /// The entry that says so, by its place in the stream of the register.
    entry: StreamSeq,
    /// First day of validity of that article.
    effective_from: Day,
    /// First day after validity.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// An act determined a territory for settling a category, or excluded it; it works while the act is in force.
    TerritoryRow in TERRITORY_CHANGE = "territory_change" {
        key: [category, territory, act, recorded_from],
        entity: [],
        indexes: [],
    }
    /// For whom.
    category: Category,
    /// Which territory.
    territory: Slug,
    /// The act that says so.
    act: Slug,
    /// Determined or excluded.
    change_kind: TerritoryChange,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// The working-day calendar of a year.
    CalendarRow in CALENDAR = "calendar" {
        key: [calendar_year, recorded_from],
        entity: [calendar_year],
        indexes: [],
    }
    /// The year.
    calendar_year: Year,
    /// Days of every week on which nobody works: a JSON list.
    weekly_rest: Json,
    /// Further days off: a JSON list.
    days_off: Json,
    /// Days of weekly rest that are worked: a JSON list.
    worked: Json,
    /// Whether it is invented for a demonstration or a test.
    synthetic: bool,
    /// Where it is known from.
    source: Text,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// A territory that came out of another by a change of boundaries.
    SuccessionRow in TERRITORY_SUCCESSION = "territory_succession" {
        key: [territory, recorded_from],
        entity: [territory],
        indexes: [],
    }
    /// The territory that was formed.
    territory: Slug,
    /// The territory that it was part of.
    out_of: Slug,
    /// How sure it is.
    certainty: Certainty,
    /// Where it is known from.
    source: Text,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

/// The view of the register of acts.
#[derive(Debug, Clone, Copy)]
pub struct Acts;

impl Projection for Acts {
    fn name(&self) -> &'static str {
        "acts"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static Table] {
        const {
            &[
                &ACT,
                &ACT_DATE,
                &ACT_DETERMINATION,
                &NORM,
                &POWER,
                &TERRITORY_CHANGE,
                &CALENDAR,
                &TERRITORY_SUCCESSION,
            ]
        }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.act.recorded.v1",
            "kz.qonys.act.date-recorded.v1",
            "kz.qonys.act.determined.v1",
            "kz.qonys.norm.recorded.v1",
            "kz.qonys.power.recorded.v1",
            "kz.qonys.territory.changed.v1",
            "kz.qonys.calendar.recorded.v1",
            "kz.qonys.territory.succeeded.v1",
            "kz.qonys.law.corrected.v1",
            "kz.qonys.norm.ended.v1",
            "kz.qonys.power.ended.v1",
        ]
    }

    fn follows_corrections(&self, event_type: &str) -> bool {
        event_type == "kz.qonys.law.corrected.v1"
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        // An entry that cannot be made into a row is told about by `fold`.
        let Ok(Some(row)) = law_row(entry) else {
            return;
        };
        let (table, row) = match row {
            LawRow::Act(row) => (&ACT, row.row()),
            LawRow::Date(row) => (&ACT_DATE, row.row()),
            LawRow::Determination(row) => (&ACT_DETERMINATION, row.row()),
            LawRow::Norm(row) | LawRow::CorrectedNorm(row, _) => (&NORM, row.row()),
            LawRow::Power(row) | LawRow::CorrectedPower(row, _) => (&POWER, row.row()),
            LawRow::Calendar(row) => (&CALENDAR, row.row()),
            LawRow::Succession(row) => (&TERRITORY_SUCCESSION, row.row()),
            LawRow::NormEnd(ended, _) => return wanted.known(&NORM, Key::of([&ended.norm])),
            LawRow::PowerEnd(ended, _) => {
                return wanted.known(&POWER, Key::of([&ended.power]));
            }
            LawRow::Territory(_) => return,
        };
        wanted.known(table, table.entity_of(&row));
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let at = entry.position();
        match law_row(entry)? {
            None => Ok(()),
            Some(LawRow::Act(row)) => replace(rows, row.as_ref(), at),
            Some(LawRow::Date(row)) => replace(rows, &row, at),
            Some(LawRow::Determination(row)) => replace(rows, &row, at),
            Some(LawRow::Norm(row)) => overlay(rows, &row, at),
            Some(LawRow::Power(row)) => insert(rows, &row),
            Some(LawRow::Territory(row)) => insert(rows, &row),
            Some(LawRow::Calendar(row)) => replace(rows, &row, at),
            Some(LawRow::Succession(row)) => replace(rows, &row, at),
            Some(LawRow::CorrectedNorm(row, old)) => {
                for kept in known::<NormRow>(rows, &Key::of([&row.norm]))? {
                    if kept.entry == old {
                        rows.close(&NORM, &kept.row(), at)?;
                    }
                }
                insert(rows, &row)
            }
            Some(LawRow::CorrectedPower(row, old)) => {
                for kept in known::<PowerRow>(rows, &Key::of([row.decision_type]))? {
                    if kept.entry == old {
                        rows.close(&POWER, &kept.row(), at)?;
                    }
                }
                insert(rows, &row)
            }
            Some(LawRow::NormEnd(ended, at)) => {
                for kept in known::<NormRow>(rows, &Key::of([&ended.norm]))? {
                    if kept.ends_by(&ended) {
                        rows.close(&NORM, &kept.row(), at)?;
                        insert(rows, &kept.ended(&ended, at))?;
                    }
                }
                Ok(())
            }
            Some(LawRow::PowerEnd(ended, at)) => {
                for kept in known::<PowerRow>(rows, &Key::of([&ended.power]))? {
                    if kept.ends_by(&ended) {
                        rows.close(&POWER, &kept.row(), at)?;
                        insert(rows, &kept.ended(&ended, at))?;
                    }
                }
                Ok(())
            }
        }
    }
}
