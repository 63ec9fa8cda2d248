//! The register of acts (preamble, points 1 and 3): acts with their dates and evidence, norms, powers, territories.
//!
//! The rows say what was recorded; whether an act is in force on a day is computed from them by [`register::Register`].

use qonys_events::{
    digest::Sha256Hex,
    fact::{
        Fact,
        law::{ActRecorded, EntryIntoForce},
    },
    scalar::{Count, Day, PartialDay, Position, Slug, Text, Year},
    term::{ActDate, ActKind, Category, Certainty, DecisionType, Language, TerritoryChange},
};

use crate::{
    cell::{Json, TableRow as _, rows},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert, overlay, replace},
    table::Table,
};

pub mod on_day;
pub mod register;
pub mod status;

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
    /// In force from.
    in_force_from: Day,
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
        entity: [decision_type, document, point],
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
        entity: [],
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
}

rows! {
    /// A territory that came out of another by a change of boundaries.
    SuccessionRow in TERRITORY_SUCCESSION = "territory_succession" {
        key: [territory, recorded_from],
        entity: [],
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
}

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

/// The row that an entry writes about the law; `None` for entries about other things.
pub fn law_row(entry: &Recorded) -> Result<Option<LawRow>, FoldError> {
    let (recorded_from, recorded_to) = (entry.position(), None);
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
        Fact::ActDetermined(determined) => LawRow::Determination(DeterminationRow {
            act: determined.act.clone(),
            in_force_from: determined.from,
            basis: determined.basis.clone(),
            decided_on: entry.event().decidedon,
            recorded_from,
            recorded_to,
        }),
        Fact::NormRecorded(norm) => LawRow::Norm(NormRow {
            norm: norm.norm.clone(),
            document: norm.document.clone(),
            point: norm.point.clone(),
            value: norm.value,
            unit: norm.unit.clone(),
            certainty: norm.certainty,
            source: norm.source.clone(),
            effective_from: norm.from,
            effective_to: norm.until,
            recorded_from,
            recorded_to,
        }),
        Fact::PowerRecorded(power) => LawRow::Power(PowerRow {
            decision_type: power.decision,
            document: power.document.clone(),
            point: power.point.clone(),
            certainty: power.certainty,
            source: power.source.clone(),
            effective_from: power.from,
            effective_to: power.until,
            recorded_from,
            recorded_to,
        }),
        Fact::TerritoryChanged(change) => LawRow::Territory(TerritoryRow {
            category: change.category,
            territory: change.territory.clone(),
            act: change.act.clone(),
            change_kind: change.change,
            recorded_from,
        }),
        Fact::CalendarRecorded(calendar) => LawRow::Calendar(CalendarRow {
            calendar_year: calendar.year,
            weekly_rest: Json::of(&calendar.weekly_rest)?,
            days_off: Json::of(&calendar.days_off)?,
            worked: Json::of(&calendar.worked)?,
            synthetic: calendar.synthetic,
            source: calendar.source.clone(),
            recorded_from,
        }),
        Fact::TerritorySucceeded(succeeded) => LawRow::Succession(SuccessionRow {
            territory: succeeded.territory.clone(),
            out_of: succeeded.out_of.clone(),
            certainty: succeeded.certainty,
            source: succeeded.source.clone(),
            recorded_from,
        }),
        _ => return Ok(None),
    }))
}

/// The view of the register of acts.
#[derive(Debug, Clone, Copy)]
pub struct Acts;

impl Projection for Acts {
    fn name(&self) -> &'static str {
        "acts"
    }

    fn version(&self) -> u32 {
        1
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
        ]
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
            LawRow::Norm(row) => (&NORM, row.row()),
            LawRow::Power(row) => (&POWER, row.row()),
            LawRow::Territory(_) | LawRow::Calendar(_) | LawRow::Succession(_) => return,
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
            Some(LawRow::Power(row)) => overlay(rows, &row, at),
            Some(LawRow::Territory(row)) => insert(rows, &row),
            Some(LawRow::Calendar(row)) => insert(rows, &row),
            Some(LawRow::Succession(row)) => insert(rows, &row),
        }
    }
}
