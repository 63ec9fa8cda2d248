//! Indicators and published figures (point 4), as command lines: one release for each row of the files.

use qonys_events::{
    figure::{Figure, Period},
    scalar::{Day, Slug, Text},
    term::SourceKind,
};
use serde::{Deserialize, Serialize};

use super::{Published, parsed, rows};

/// Indicators, as lines without id and actor.
const INDICATORS: &str = include_str!("../../data/indicators.ndjson");
/// Population of the city.
const POPULATION: &str = include_str!("../../data/population-almaty.csv");
/// Flows and balances.
const FLOWS: &str = include_str!("../../data/flows.csv");
/// Use of the quotas of 2024 on one day: by category for the country, by region without the category.
const QUOTA_USE: &str = include_str!("../../data/quota-use-2024-07-01.csv");
/// The day of [`QUOTA_USE`].
const QUOTA_USE_ON: &str = "2024-07-01";
/// Areas.
const AREAS: &str = include_str!("../../data/areas.csv");

/// Data of `record-release`, as it is written.
#[derive(Serialize)]
struct Release {
    source: Text,
    source_kind: SourceKind,
    figures: [Written; 1],
}

/// One figure of it.
#[derive(Serialize)]
struct Written {
    indicator: Slug,
    territory: Slug,
    period: Period,
    value: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Slug>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Text>,
}

#[derive(Deserialize)]
struct PopulationRow {
    date: Day,
    population: Figure,
    note: String,
    source: Text,
    source_kind: SourceKind,
    series: Slug,
}

#[derive(Deserialize)]
struct FlowRow {
    territory: Slug,
    period: Period,
    indicator: Slug,
    value: Figure,
    source: Text,
    source_kind: SourceKind,
}

#[derive(Deserialize)]
struct AreaRow {
    territory: Slug,
    date: Day,
    hectares: Figure,
    note: String,
    source: Text,
    source_kind: SourceKind,
}

#[derive(Deserialize)]
struct UseRow {
    category: Slug,
    territory_name: String,
    persons: Figure,
    source: Text,
}

impl UseRow {
    /// A release of the indicator of its category. What no source splits by category is not split here.
    fn release(self) -> Published {
        let category = match self.category.as_str() {
            "both" => "category-not-stated",
            category => category,
        };
        let territory = self.territory_name.to_lowercase().replace(' ', "-");
        let figure = Written {
            indicator: parsed(&format!("quota-use-{category}")),
            territory: parsed(&territory),
            period: Period::Day(parsed(QUOTA_USE_ON)),
            value: self.persons,
            series: None,
            note: (category == "category-not-stated").then(|| parsed("category not stated")),
        };
        release(self.source, SourceKind::OfficialStatement, figure)
    }
}

fn release(source: Text, source_kind: SourceKind, figure: Written) -> Published {
    let data = Release {
        source,
        source_kind,
        figures: [figure],
    };
    Published::made(None, "record-release", &data)
}

fn noted(note: &str) -> Option<Text> {
    (!note.is_empty()).then(|| parsed(note))
}

/// Indicators, and the published figures whose period is over by a day. When each was published is not in our sources;
/// a figure is not known before its period is over.
pub fn figures_known_on(day: Day) -> Vec<Published> {
    figures_until(|period| period.until() <= day)
}

/// Indicators and every published figure, in an order in which they can be entered. None says when it was published:
/// that is not in our sources.
pub fn figures() -> Vec<Published> {
    figures_until(|_| true)
}

fn figures_until(over: impl Fn(Period) -> bool) -> Vec<Published> {
    let mut lines: Vec<_> = INDICATORS.lines().map(Published::read).collect();
    lines.extend(
        rows::<PopulationRow>(POPULATION)
            .filter(|row| over(Period::Day(row.date)))
            .map(|row| {
                let figure = Written {
                    indicator: parsed("population"),
                    territory: parsed("almaty"),
                    period: Period::Day(row.date),
                    value: row.population,
                    series: Some(row.series),
                    note: noted(&row.note),
                };
                release(row.source, row.source_kind, figure)
            }),
    );
    lines.extend(
        rows::<AreaRow>(AREAS)
            .filter(|row| over(Period::Day(row.date)))
            .map(|row| {
                let figure = Written {
                    indicator: parsed("area"),
                    territory: row.territory,
                    period: Period::Day(row.date),
                    value: row.hectares,
                    series: None,
                    note: noted(&row.note),
                };
                release(row.source, row.source_kind, figure)
            }),
    );
    if over(Period::Day(parsed(QUOTA_USE_ON))) {
        lines.extend(rows::<UseRow>(QUOTA_USE).map(UseRow::release));
    }
    lines.extend(
        rows::<FlowRow>(FLOWS)
            .filter(|row| over(row.period))
            .map(|row| {
                let figure = Written {
                    indicator: row.indicator,
                    territory: row.territory,
                    period: row.period,
                    value: row.value,
                    series: None,
                    note: None,
                };
                release(row.source, row.source_kind, figure)
            }),
    );
    lines
}
