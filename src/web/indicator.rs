//! One indicator of a territory (point 4): every release with its source, what was revised and why, what a computed figure
//! was computed from, and whether it adds up.

use askama::Template;
use qonys_events::{
    fact::indicator::{CitedFigure, Formula},
    scalar::Slug,
    term::Nature,
};
use qonys_projections::indicators::{FigureRow, IndicatorRow, monitor::Monitor};

use super::{
    Inner,
    asked::Asked,
    figure::{
        Input, NamedIndicator, ShownFigure, ShownReconciliation, inputs, known, number, period,
        said_for, unit,
    },
    figures::{by_series, marks},
    frame::{Frame, Part, number as position},
    graph::{Content, Graph, Mark},
    locale::Lang,
    shown::{Failed, Shown},
    words::partial,
};
use crate::queries::monitor;

/// A release of the indicator.
struct Release {
    number: String,
    period: String,
    value: String,
    source: Option<String>,
    source_kind: Option<String>,
    /// When it was published; nothing where nobody knows.
    published: Option<String>,
    known_from: String,
    series: Option<String>,
    /// The release whose place it takes, and why.
    supersedes: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    /// The release that stands in its place.
    superseded_by: Option<String>,
    inputs: Vec<Input>,
    position: String,
}

/// The page.
#[derive(Template)]
#[template(path = "indicator.html")]
pub(super) struct IndicatorPage {
    frame: Frame,
    named: NamedIndicator,
    territory: String,
    up: String,
    feature: Option<String>,
    nature: String,
    unit: String,
    formula: Option<String>,
    /// What is said for the day of the page.
    said: Option<ShownFigure>,
    graphs: Vec<Graph>,
    has_revisions: bool,
    /// Whether the day of the page lies within the drawing.
    has_today: bool,
    releases: Vec<Release>,
    reconciliations: Vec<ShownReconciliation>,
    json: String,
}

impl Shown for IndicatorPage {
    const PATH: &'static str = "figures/{territory}/{indicator}";
    const PART: Part = Part::Figures;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let (territory, code) = key.split_once('/').ok_or(Failed::Missing)?;
        let territory: Slug = territory.parse().map_err(|_| Failed::Missing)?;
        let code: Slug = code.parse().map_err(|_| Failed::Missing)?;
        let monitor = monitor(site.queries.as_ref(), asked.point.position).await?;
        let row = monitor.indicator(&code).ok_or(Failed::Missing)?;
        let known_on = asked.known_on();
        let all = monitor.releases(&code).into_iter();
        let releases: Vec<&FigureRow> = all
            .filter(|row| row.territory == territory && row.known_from <= known_on)
            .collect();
        let figures = known(&monitor, &territory, known_on);
        let said = said_for(&figures, asked.day);
        let named = NamedIndicator::of(&monitor, &code, &territory, lang);
        let graphs = drawn(row, &releases, &asked).both("releases", &named.title, lang);
        let reconciliations = monitor.reconciliations(known_on).into_iter();
        let formula = row.formula.as_ref().map(|formula| formula.parse());
        let formula: Option<Formula> = formula
            .transpose()
            .map_err(|e: serde_json::Error| Failed::Broken(e.to_string()))?;
        let shown = releases
            .iter()
            .map(|row| release(row, &releases, &monitor, lang));
        let shown: Vec<Release> = shown.rev().collect();
        Ok(Self {
            territory: lang.territory(&territory),
            up: format!("figures/{territory}"),
            feature: row.feature.map(|of| lang.say(&format!("feature-{of}"))),
            nature: lang.say(&format!("nature-{}", row.nature)),
            unit: unit(&row.unit, lang),
            formula: formula.map(|formula| lang.say(formula_id(&formula))),
            said: said
                .get(&code)
                .map(|figure| ShownFigure::of(figure, &monitor, lang)),
            has_today: graphs.iter().any(|graph| graph.today.is_some()),
            graphs,
            has_revisions: releases.iter().any(|row| row.supersedes.is_some()),
            releases: shown,
            reconciliations: reconciliations
                .filter(|known| {
                    let of = &known.reconciliation;
                    of.stock == code && of.territory == territory
                })
                .map(|known| ShownReconciliation::of(&known, &monitor, lang))
                .collect(),
            json: format!(
                "/v1/indicators/{code}?position={}&known_on={known_on}&territory={territory}",
                asked.point.position
            ),
            named,
            frame,
        })
    }
}

fn formula_id(formula: &Formula) -> &'static str {
    match formula {
        Formula::Density { .. } => "formula-density",
        Formula::Balance { .. } => "formula-balance",
        Formula::Growth { .. } => "formula-growth",
        Formula::Change { .. } => "formula-change",
    }
}

/// The release in the place of another one, among those that were known.
fn successor<'a>(old: &FigureRow, known: &[&'a FigureRow]) -> Option<&'a FigureRow> {
    let mut known = known.iter();
    known
        .find(|row| row.supersedes == Some(old.release))
        .copied()
}

fn release(row: &FigureRow, known: &[&FigureRow], monitor: &Monitor, lang: Lang) -> Release {
    let cited = row.inputs.as_ref().map(|json| json.parse());
    let cited: Vec<CitedFigure> = cited.and_then(Result::ok).unwrap_or_default();
    Release {
        number: row.release.to_string(),
        period: period(row.period, lang),
        value: number(row.figure, lang),
        source: row.source.as_ref().map(ToString::to_string),
        source_kind: row
            .source_kind
            .map(|kind| lang.say(&format!("source-{kind}"))),
        published: row.published_on.map(|day| partial(day, lang)),
        known_from: lang.day(row.known_from),
        series: row.series.as_ref().map(ToString::to_string),
        supersedes: row.supersedes.map(|old| old.to_string()),
        reason: row.reason.as_ref().map(ToString::to_string),
        note: row.note.as_ref().map(ToString::to_string),
        superseded_by: successor(row, known).map(|new| new.release.to_string()),
        inputs: inputs(&cited, monitor, &row.territory, lang),
        position: position(row.recorded_from, lang),
    }
}

/// What the releases look like: a stock as a line with what was revised beside it, flows as the periods they are about.
fn drawn(indicator: &IndicatorRow, releases: &[&FigureRow], asked: &Asked) -> Content {
    let stands = |row: &&&FigureRow| successor(row, releases).is_none();
    let standing: Vec<&FigureRow> = releases.iter().filter(stands).copied().collect();
    let revised = releases.iter().filter_map(|old| {
        let new = successor(old, releases)?;
        Some((old, new))
    });
    let mut content = Content {
        today: Some(asked.day),
        ..Content::default()
    };
    let on_days = matches!(indicator.nature, Nature::Stock | Nature::Area);
    let middle = |row: &FigureRow| {
        let days = row.effective_from.days_until(row.effective_to);
        row.effective_from.plus_days(days / 2)
    };
    let place = |row: &FigureRow| {
        if on_days {
            row.effective_from
        } else {
            middle(row)
        }
    };
    for (old, new) in revised {
        content.marks.push(Mark {
            class: "revised",
            day: place(old),
            value: old.figure.0,
        });
        content
            .revisions
            .push((place(old), old.figure.0, new.figure.0));
    }
    if on_days {
        content.joined = by_series(&standing);
        content.marks.extend(marks(&standing));
    } else {
        content.from_zero = true;
        let period = |row: &&FigureRow| (row.effective_from, row.effective_to, row.figure.0);
        content.periods = standing.iter().map(period).collect();
    }
    content
}
