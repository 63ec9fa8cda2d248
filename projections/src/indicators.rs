//! Monitoring (point 4): indicators, every release of every figure, reconciliations. Nothing is closed: what was said
//! stays said, and a revision is a row of its own that names the one whose place it takes.

use qonys_events::{
    fact::{
        Fact,
        indicator::{CitedFigure, FigureDerived, FigureReleased, FiguresReconciled},
    },
    figure::{Figure, Period},
    scalar::{Count, Day, PartialDay, Position, Slug, Text},
    term::{Feature, Nature, PeriodKind, SourceKind},
};

use crate::{
    cell::{Json, rows},
    projection::{Changes, FoldError, Projection, Recorded, insert},
    table::Table,
};

pub mod monitor;

rows! {
    /// An indicator.
    IndicatorRow in INDICATOR = "indicator" {
        key: [indicator, recorded_from],
        entity: [],
        indexes: [[feature]],
    }
    /// Its code.
    indicator: Slug,
    /// Its names: a JSON object by language.
    titles: Json,
    /// The feature of point 4 that it shows; null for one that only enters others.
    feature: Option<Feature>,
    /// What its figures are.
    nature: Nature,
    /// Their unit.
    unit: Slug,
    /// What they are about.
    period_kind: PeriodKind,
    /// How they are computed: a JSON object as the entry writes it; null for recorded ones.
    formula: Option<Json>,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A release of a figure.
    FigureRow in FIGURE = "figure" {
        key: [indicator, release, recorded_from],
        entity: [],
        indexes: [[territory]],
    }
    /// Its indicator.
    indicator: Slug,
    /// The release: its number among those of the indicator.
    release: Count,
    /// The territory.
    territory: Slug,
    /// What it is about.
    period: Period,
    /// The value in the indicator's unit.
    figure: Figure,
    /// When it was published, as far as that is known; null for a computed one.
    published_on: Option<PartialDay>,
    /// The day from which it was known: of its publication, or of its recording where that is not known.
    known_from: Day,
    /// Where we know it from; null for a computed one.
    source: Option<Text>,
    /// What kind of source that is.
    source_kind: Option<SourceKind>,
    /// The series that it belongs to.
    series: Option<Slug>,
    /// The act by which an area became this.
    act: Option<Slug>,
    /// The release that it takes the place of.
    supersedes: Option<Count>,
    /// Why it does.
    reason: Option<Text>,
    /// What a reader should know.
    note: Option<Text>,
    /// What it was computed from: a JSON list of cited figures; null for a recorded one.
    inputs: Option<Json>,
    /// First day that it is about.
    effective_from: Day,
    /// First day that it is no longer about.
    effective_to: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

rows! {
    /// A stock held against reported changes.
    ReconciliationRow in RECONCILIATION = "reconciliation" {
        key: [recorded_from],
        entity: [],
        indexes: [[territory]],
    }
    /// The stock.
    stock: Slug,
    /// The territory.
    territory: Slug,
    /// The period.
    period: Period,
    /// The stock on its first day.
    start_figure: Figure,
    /// The stock on the day after.
    end_figure: Figure,
    /// What the reported changes add up to.
    changed: Figure,
    /// The stock on the first day that the others imply.
    implied_start: Figure,
    /// What the changes do not explain; 0 when everything agrees.
    discrepancy: Figure,
    /// Every figure that was read: a JSON list.
    inputs: Json,
    /// The day from which it was known: of the decision.
    known_from: Day,
    /// First day of the period.
    effective_from: Day,
    /// First day after the period.
    effective_to: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

fn released(entry: &Recorded, fact: &FigureReleased) -> Result<FigureRow, FoldError> {
    let recorded = entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })?;
    Ok(FigureRow {
        indicator: fact.indicator.clone(),
        release: fact.release,
        territory: fact.territory.clone(),
        period: fact.period,
        figure: fact.value,
        published_on: fact.published_on,
        known_from: fact.published_on.map_or(recorded, PartialDay::latest),
        source: Some(fact.source.clone()),
        source_kind: Some(fact.source_kind),
        series: fact.series.clone(),
        act: fact.act.clone(),
        supersedes: fact.supersedes,
        reason: fact.reason.clone(),
        note: fact.note.clone(),
        inputs: None,
        effective_from: fact.period.from(),
        effective_to: fact.period.until(),
        recorded_from: entry.position(),
    })
}

fn derived(entry: &Recorded, fact: &FigureDerived) -> Result<FigureRow, FoldError> {
    let recorded = entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })?;
    Ok(FigureRow {
        indicator: fact.indicator.clone(),
        release: fact.release,
        territory: fact.territory.clone(),
        period: fact.period,
        figure: fact.value,
        published_on: None,
        known_from: recorded,
        source: None,
        source_kind: None,
        series: fact.series.clone(),
        act: None,
        supersedes: fact.supersedes,
        reason: None,
        note: None,
        inputs: Some(Json::of(&fact.inputs)?),
        effective_from: fact.period.from(),
        effective_to: fact.period.until(),
        recorded_from: entry.position(),
    })
}

fn reconciled(entry: &Recorded, fact: &FiguresReconciled) -> Result<ReconciliationRow, FoldError> {
    let known_from = entry.event().decidedon.ok_or(FoldError::NoDay {
        position: entry.position(),
    })?;
    let inputs: Vec<&CitedFigure> = [&fact.start, &fact.end]
        .into_iter()
        .chain(&fact.parts)
        .collect();
    Ok(ReconciliationRow {
        stock: fact.start.indicator.clone(),
        territory: fact.territory.clone(),
        period: fact.period,
        start_figure: fact.start.value,
        end_figure: fact.end.value,
        changed: Figure(fact.parts.iter().map(|part| part.value.0).sum()),
        implied_start: fact.implied_start,
        discrepancy: fact.discrepancy,
        inputs: Json::of(&inputs)?,
        known_from,
        effective_from: fact.period.from(),
        effective_to: fact.period.until(),
        recorded_from: entry.position(),
    })
}

/// The view of indicators and figures.
#[derive(Debug, Clone, Copy)]
pub struct Indicators;

impl Projection for Indicators {
    fn name(&self) -> &'static str {
        "indicators"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&INDICATOR, &FIGURE, &RECONCILIATION] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.indicator.defined.v1",
            "kz.qonys.indicator.figure-released.v1",
            "kz.qonys.indicator.figure-derived.v1",
            "kz.qonys.indicator.figures-reconciled.v1",
        ]
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        match &entry.event().fact {
            Fact::IndicatorDefined(fact) => insert(
                rows,
                &IndicatorRow {
                    indicator: fact.indicator.clone(),
                    titles: Json::of(&fact.titles)?,
                    feature: fact.feature,
                    nature: fact.nature,
                    unit: fact.unit.clone(),
                    period_kind: fact.period,
                    formula: fact.formula.as_ref().map(Json::of).transpose()?,
                    recorded_from: entry.position(),
                },
            ),
            Fact::FigureReleased(fact) => insert(rows, &released(entry, fact)?),
            Fact::FigureDerived(fact) => insert(rows, &derived(entry, fact)?),
            Fact::FiguresReconciled(fact) => insert(rows, &reconciled(entry, fact)?),
            _ => Ok(()),
        }
    }
}
