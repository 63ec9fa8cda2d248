//! What the registration records are for (point 8): the forecasts of each territory, the newest one drawn.

use std::collections::BTreeMap;

use askama::Template;
use qonys_events::scalar::{Count, Day, Slug};
use qonys_projections::{
    forecasts::{
        BaseRow, FORECAST, FORECAST_LINE, ForecastLineRow, ForecastRow, MethodKind, POPULATION_BASE,
    },
    table::Value,
};

use super::{
    Inner,
    asked::Asked,
    frame::{Frame, Part},
    graph::{Content, Graph, Joined, Mark, SMALL},
    locale::Lang,
    shown::{Failed, Shown, rows, with},
    small,
};
use crate::queries::Rows;

/// A forecast in the list.
struct ShownForecast {
    address: String,
    number: String,
    method: String,
    made: String,
}

/// The forecasts of a territory, the newest one first.
struct OfTerritory {
    number: usize,
    name: String,
    forecasts: Vec<ShownForecast>,
    graph: Option<Graph>,
}

/// The page.
#[derive(Template)]
#[template(path = "forecasts.html")]
pub(super) struct ForecastsPage {
    frame: Frame,
    territories: Vec<OfTerritory>,
    json: Option<String>,
}

/// How a forecast was made, in words.
pub(super) fn method(row: &ForecastRow, lang: Lang) -> String {
    match row.method {
        MethodKind::Series => lang.say("forecast-series"),
        MethodKind::CohortComponent => lang.say("forecast-cohorts"),
    }
}

/// The address of a forecast below its language.
pub(super) fn address(row: &ForecastRow) -> String {
    format!("forecasts/{}/{}", row.territory, row.forecast)
}

/// The numbers of the bases that a forecast was made from.
pub(super) fn bases_of(row: &ForecastRow) -> Result<Vec<Count>, Failed> {
    row.bases.parse().map_err(|e| Failed::Broken(e.to_string()))
}

/// All persons of each base, by its number: of one district, or of all.
fn totals(bases: &[&BaseRow]) -> BTreeMap<Count, (Day, u64)> {
    let mut totals = BTreeMap::new();
    for row in bases {
        let (_, total) = totals.entry(row.base).or_insert((row.as_of, 0));
        *total += row.total.0;
    }
    totals
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What a forecast looks like beside the bases that it was made from: its line, its interval, the naive line, and the line
/// without migration.
pub(super) fn drawn(bases: &[&BaseRow], lines: &[&ForecastLineRow]) -> Content {
    let past = totals(bases);
    let mut content = Content::default();
    let mut points: Vec<_> = past
        .values()
        .map(|(day, total)| (*day, whole(*total)))
        .collect();
    points.sort_unstable();
    content.marks = points
        .iter()
        .map(|(day, value)| Mark {
            class: "stands",
            day: *day,
            value: *value,
        })
        .collect();
    let begin = points.last().copied();
    content.joined.push(Joined {
        class: "figure",
        points,
    });
    let from = |of: &dyn Fn(&ForecastLineRow) -> Option<u64>| {
        let ahead = lines
            .iter()
            .filter_map(|line| Some((line.day, whole(of(line)?))));
        begin.into_iter().chain(ahead).collect::<Vec<_>>()
    };
    let lines_of = [
        ("naive", from(&|line| Some(line.naive.0))),
        ("without", from(&|line| line.without_migration.map(|n| n.0))),
        ("ahead", from(&|line| Some(line.total.0))),
    ];
    for (class, points) in lines_of {
        if points.len() > 1 {
            content.joined.push(Joined { class, points });
        }
    }
    let ends = lines.iter().filter_map(|line| {
        let (low, high) = line.low.zip(line.high)?;
        Some((line.day, whole(low.0), whole(high.0)))
    });
    let ends: Vec<_> = ends.collect();
    if !ends.is_empty() {
        let begin = begin.map(|(day, value)| (day, value, value));
        content.interval = begin.into_iter().chain(ends).collect();
    }
    content
}

impl Shown for ForecastsPage {
    const PATH: &'static str = "forecasts";
    const PART: Part = Part::Forecasts;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let at = asked.point.position;
        let found: Vec<ForecastRow> = rows(site, Rows::of(&FORECAST, at)).await?;
        let least = small::least(site, &asked).await?;
        let mut by_territory: BTreeMap<Slug, Vec<ForecastRow>> = BTreeMap::new();
        for row in found {
            let own = by_territory.entry(row.territory.clone()).or_default();
            own.push(row);
        }
        let mut territories = Vec::new();
        for (number, (territory, mut own)) in (1..).zip(by_territory) {
            own.sort_by_key(|row| std::cmp::Reverse(row.forecast));
            let name = lang.territory(&territory);
            let graph = match own.first() {
                Some(newest) => newest_drawn(site, &asked, newest, least).await?,
                None => None,
            };
            let graph = graph
                .and_then(|drawn| drawn.draw(SMALL, &format!("forecast-{number}"), &name, lang));
            territories.push(OfTerritory {
                number,
                graph,
                forecasts: own
                    .iter()
                    .map(|row| ShownForecast {
                        address: address(row),
                        number: row.forecast.to_string(),
                        method: method(row, lang),
                        made: lang.day(row.decided_on),
                    })
                    .collect(),
                name,
            });
        }
        Ok(Self {
            territories,
            // The counts behind a forecast may be small: programs of officials read them, whoever asks without a role does not.
            json: site.local.then(|| format!("/v1/forecasts?position={at}")),
            frame,
        })
    }
}

/// The newest forecast of a territory; nothing where a count of it is small.
async fn newest_drawn(
    site: &Inner,
    asked: &Asked,
    newest: &ForecastRow,
    least: Option<u64>,
) -> Result<Option<Content>, Failed> {
    let territory = &newest.territory;
    // The territory stands under its own name beside its districts.
    let mut lines = with(&FORECAST_LINE, asked, "district", territory);
    let number = Value::number(newest.forecast.0);
    lines.equal.push(("forecast", number));
    let lines: Vec<ForecastLineRow> = rows(site, lines).await?;
    let bases: Vec<BaseRow> =
        rows(site, with(&POPULATION_BASE, asked, "territory", territory)).await?;
    let used = bases_of(newest)?;
    let bases: Vec<&BaseRow> = bases
        .iter()
        .filter(|row| used.contains(&row.base))
        .collect();
    let lines: Vec<&ForecastLineRow> = lines.iter().collect();
    let counts = totals(&bases).into_values().map(|(_, total)| total);
    let counts = counts.chain(lines.iter().map(|line| line.total.0));
    Ok(small::is_shown(counts, least).then(|| drawn(&bases, &lines)))
}
