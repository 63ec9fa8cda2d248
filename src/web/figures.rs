//! Monitoring (point 4): the ten features of a territory, each with what its indicators say for the day, as known on a day;
//! features without figures; stocks that do not add up.

use std::collections::BTreeSet;

use askama::Template;
use qonys_events::{
    figure::Period,
    scalar::{Day, Slug},
    term::Nature,
};
use qonys_projections::indicators::{
    FigureRow,
    monitor::{Coverage, Covered, KnownFigure, Monitor, Wanted},
};

use super::{
    Inner,
    asked::Asked,
    figure::{NamedIndicator, ShownFigure, ShownReconciliation, known, period, said_for},
    frame::{Frame, Part},
    graph::{Content, Graph, Joined, Mark, SMALL},
    locale::Lang,
    shown::{Failed, Shown},
};
use crate::{queries::monitor, settings::DEFAULT_TERRITORY};

/// One of the ten features.
struct Feature {
    number: usize,
    name: String,
    /// What its indicators say for the day.
    figures: Vec<ShownFigure>,
    /// Its indicators without a figure.
    silent: Vec<NamedIndicator>,
    is_in_quarter: bool,
    graph: Option<Graph>,
}

/// Another territory with figures.
pub(super) struct Elsewhere {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) is_shown: bool,
}

/// The page of a territory.
#[derive(Template)]
#[template(path = "figures.html")]
pub(super) struct FiguresPage {
    frame: Frame,
    territory: String,
    quarter: String,
    /// How many of the ten have no figure about the quarter.
    without: String,
    features: Vec<Feature>,
    /// What only enters others.
    further: Vec<ShownFigure>,
    reconciliations: Vec<ShownReconciliation>,
    territories: Vec<Elsewhere>,
    json: String,
}

impl FiguresPage {
    async fn of(site: &Inner, asked: Asked, frame: Frame, territory: Slug) -> Result<Self, Failed> {
        let lang = frame.lang;
        let monitor = monitor(site.queries.as_ref(), asked.point.position).await?;
        let known_on = asked.known_on();
        let figures = known(&monitor, &territory, known_on);
        let city = territory.as_str() == DEFAULT_TERRITORY;
        if figures.is_empty() && !city {
            return Err(Failed::Missing);
        }
        let coverage = monitor.coverage(&territory, asked.day, known_on);
        let said = said_for(&figures, asked.day);
        let of = Of {
            monitor: &monitor,
            territory: &territory,
            figures: &figures,
            day: asked.day,
            lang,
        };
        let features = (1..)
            .zip(&coverage.features)
            .map(|(number, covered)| of.feature(number, covered));
        let further = said
            .values()
            .filter(|figure| {
                let indicator = monitor.indicator(&figure.release.0.indicator);
                indicator.is_some_and(|row| row.feature.is_none())
            })
            .map(|figure| ShownFigure::of(figure, &monitor, lang));
        let reconciliations = monitor.reconciliations(known_on);
        Ok(Self {
            territory: lang.territory(&territory),
            quarter: quarter(&coverage, lang),
            without: lang.number(i64::try_from(coverage.without_data.len()).unwrap_or(0)),
            features: features.collect(),
            further: further.collect(),
            reconciliations: reconciliations
                .iter()
                .filter(|known| known.reconciliation.territory == territory)
                .map(|known| ShownReconciliation::of(known, &monitor, lang))
                .collect(),
            territories: territories(&monitor, &territory, known_on, lang),
            json: format!("/v1/coverage{}&territory={territory}", frame.same_known()),
            frame,
        })
    }
}

/// The city's own page.
#[derive(Template)]
#[template(source = "{{ page|safe }}", ext = "html")]
pub(super) struct CityFigures {
    page: FiguresPage,
}

impl Shown for CityFigures {
    const PATH: &'static str = "figures";
    const PART: Part = Part::Figures;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let city = DEFAULT_TERRITORY.parse();
        let city = city.map_err(|_| Failed::Missing)?;
        let page = FiguresPage::of(site, asked, frame, city).await?;
        Ok(Self { page })
    }
}

impl Shown for FiguresPage {
    const PATH: &'static str = "figures/{territory}";
    const PART: Part = Part::Figures;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let territory = key.parse().map_err(|_| Failed::Missing)?;
        Self::of(site, asked, frame, territory).await
    }
}

fn quarter(coverage: &Coverage, lang: Lang) -> String {
    let known = coverage.quarter.parse::<Period>();
    known.map_or_else(|_| coverage.quarter.clone(), |of| period(of, lang))
}

/// Territories with figures that were known on a day.
fn territories(monitor: &Monitor, shown: &Slug, known_on: Day, lang: Lang) -> Vec<Elsewhere> {
    let all = monitor.figures(&Wanted {
        indicator: None,
        territory: None,
        day: None,
        known_on,
    });
    let names: BTreeSet<Slug> = all
        .into_iter()
        .map(|figure| figure.release.0.territory)
        .collect();
    let elsewhere = names.into_iter().map(|name| Elsewhere {
        address: format!("figures/{name}"),
        name: lang.territory(&name),
        is_shown: name == *shown,
    });
    elsewhere.collect()
}

/// What the features of a territory are told from.
struct Of<'a> {
    monitor: &'a Monitor,
    territory: &'a Slug,
    figures: &'a [KnownFigure],
    day: Day,
    lang: Lang,
}

impl Of<'_> {
    fn feature(&self, number: usize, covered: &Covered) -> Feature {
        let (lang, said) = (self.lang, said_for(self.figures, self.day));
        let figures = covered.indicators.iter().filter_map(|code| said.get(code));
        let silent = covered
            .indicators
            .iter()
            .filter(|code| !said.contains_key(code));
        let name = lang.say(&format!("feature-{}", covered.feature));
        Feature {
            number,
            figures: figures
                .map(|figure| ShownFigure::of(figure, self.monitor, lang))
                .collect(),
            silent: silent
                .map(|code| NamedIndicator::of(self.monitor, code, self.territory, lang))
                .collect(),
            is_in_quarter: covered.in_quarter,
            graph: self.graph(number, covered),
            name,
        }
    }

    /// The first stock of a feature that has a history, drawn small.
    fn graph(&self, number: usize, covered: &Covered) -> Option<Graph> {
        let mut codes = covered.indicators.iter();
        codes.find_map(|code| {
            let rows = self.figures.iter().map(|figure| &figure.release.0);
            let rows: Vec<&FigureRow> = rows.filter(|row| row.indicator == *code).collect();
            let indicator = self.monitor.indicator(code)?;
            (indicator.nature == Nature::Stock && rows.len() > 1).then_some(())?;
            let named = NamedIndicator::of(self.monitor, code, self.territory, self.lang);
            let content = Content {
                joined: by_series(&rows),
                marks: marks(&rows),
                today: Some(self.day),
                ..Content::default()
            };
            content.draw(SMALL, &format!("feature-{number}"), &named.title, self.lang)
        })
    }
}

/// Lines of a stock: one for each series, between which nothing is joined.
pub(super) fn by_series(rows: &[&FigureRow]) -> Vec<Joined> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.effective_from);
    let mut lines: Vec<Joined> = Vec::new();
    let mut last = None;
    for row in rows {
        if last != Some(&row.series) {
            lines.push(Joined {
                class: "figure",
                points: Vec::new(),
            });
        }
        last = Some(&row.series);
        let line = lines.last_mut().expect("a line was begun");
        line.points.push((row.effective_from, row.figure.0));
    }
    lines
}

/// A mark for each figure.
pub(super) fn marks(rows: &[&FigureRow]) -> Vec<Mark> {
    let mark = |row: &&FigureRow| Mark {
        class: "stands",
        day: row.effective_from,
        value: row.figure.0,
    };
    rows.iter().map(mark).collect()
}
