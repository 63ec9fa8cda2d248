//! One forecast (point 8): what it was made from, its line with interval beside the naive one, by district and by age, what is
//! needed, and how the methods did in the back-test. Small cells are not shown.

use askama::Template;
use qonys_events::scalar::{Count, Slug};
use qonys_projections::{
    forecasts::{
        BaseRow, FORECAST, FORECAST_INPUT, FORECAST_LINE, FORECAST_NEED, FORECAST_TEST,
        ForecastLineRow, ForecastNeedRow, ForecastRow, ForecastTestRow, InputKind, InputRow,
        POPULATION_BASE,
    },
    table::{Table, Value},
};

use super::{
    Inner,
    asked::Asked,
    backtest::{Tested, tested},
    forecasts::{bases_of, drawn, method},
    frame::{Frame, Part},
    graph::{Graph, SMALL},
    locale::Lang,
    need::{ShownNeed, WIDTH, needs},
    shown::{Failed, Shown, rows, with},
    small,
    words::doubt,
};

/// A base that the forecast was made from.
struct ShownBase {
    number: String,
    day: String,
    /// All persons; nothing where a count in it is small.
    total: Option<String>,
    source: String,
    /// Whether it was counted from this log.
    is_counted: bool,
    /// The base that stands in its place since.
    superseded_by: Option<String>,
}

/// A day of the forecast.
struct Step {
    day: String,
    total: String,
    interval: Option<String>,
    naive: String,
    without: Option<String>,
    bands: Vec<String>,
}

/// A district.
struct District {
    number: usize,
    name: String,
    /// Whether its counts are too small to be shown, or would tell one that is.
    is_hidden: bool,
    graph: Option<Graph>,
    steps: Vec<Step>,
    needs: Vec<ShownNeed>,
    tested: Tested,
}

/// The page.
#[derive(Template)]
#[template(path = "forecast.html")]
pub(super) struct ForecastPage {
    frame: Frame,
    territory: String,
    number: String,
    method: String,
    version: String,
    rates: Option<String>,
    norm_set: String,
    norm_source: Option<String>,
    norm_doubt: Option<String>,
    made: String,
    inputs: String,
    bases: Vec<ShownBase>,
    is_outdated: bool,
    /// The ages that it tells apart.
    ages: Vec<String>,
    least: Option<String>,
    graphs: Vec<Graph>,
    has_interval: bool,
    has_without: bool,
    steps: Vec<Step>,
    needs: Vec<ShownNeed>,
    districts: Vec<District>,
    json: Vec<(String, String)>,
}

/// Rows of a forecast as they come from the views.
struct Rows {
    forecast: ForecastRow,
    bases: Vec<BaseRow>,
    lines: Vec<ForecastLineRow>,
    needs: Vec<ForecastNeedRow>,
    tests: Vec<ForecastTestRow>,
    inputs: Vec<InputRow>,
}

impl Rows {
    async fn of(site: &Inner, asked: &Asked, key: &str) -> Result<Self, Failed> {
        let (territory, number) = key.split_once('/').ok_or(Failed::Missing)?;
        let territory: Slug = territory.parse().map_err(|_| Failed::Missing)?;
        let number: u64 = number.parse().map_err(|_| Failed::Missing)?;
        let all = |table: &'static Table| with(table, asked, "territory", &territory);
        let own = |table: &'static Table| {
            let mut wanted = all(table);
            wanted.equal.push(("forecast", Value::number(number)));
            wanted
        };
        let forecasts: Vec<ForecastRow> = rows(site, own(&FORECAST)).await?;
        Ok(Self {
            forecast: forecasts.into_iter().next().ok_or(Failed::Missing)?,
            bases: rows(site, all(&POPULATION_BASE)).await?,
            lines: rows(site, own(&FORECAST_LINE)).await?,
            needs: rows(site, own(&FORECAST_NEED)).await?,
            tests: rows(site, own(&FORECAST_TEST)).await?,
            inputs: rows(site, all(&FORECAST_INPUT)).await?,
        })
    }

    /// The bases that the forecast was made from.
    fn used(&self) -> Result<Vec<&BaseRow>, Failed> {
        let numbers = bases_of(&self.forecast)?;
        let used = self.bases.iter().filter(|row| numbers.contains(&row.base));
        Ok(used.collect())
    }

    /// The districts in the order of their names; those who are not stated last.
    fn districts(&self) -> Vec<&Slug> {
        let mut names: Vec<&Slug> = self.tests.iter().map(|row| &row.district).collect();
        names.sort_by_key(|name| (name.as_str() == NOT_STATED, (*name).clone()));
        names
    }

    fn lines_of(&self, district: &Slug) -> Vec<&ForecastLineRow> {
        let own = self.lines.iter().filter(|row| row.district == *district);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|row| row.day);
        own
    }

    /// Every count of a district in the bases and on the days of the forecast.
    fn cells(&self, used: &[&BaseRow], district: &Slug) -> Result<Vec<u64>, Failed> {
        let bases = used.iter().filter(|row| row.district == *district);
        let bases = bases.map(|row| &row.persons);
        let lines = self.lines_of(district).into_iter().map(|row| &row.persons);
        let mut cells = Vec::new();
        for json in bases.chain(lines) {
            let counts: Vec<Count> = json.parse().map_err(|e| Failed::Broken(e.to_string()))?;
            cells.extend(counts.into_iter().map(|count| count.0));
        }
        Ok(cells)
    }
}

/// Registered without a district.
const NOT_STATED: &str = "not-stated";

/// The name of a district; its name in the register where we know no other.
fn district(name: &Slug, lang: Lang) -> String {
    if name.as_str() == NOT_STATED {
        return lang.say("district-none");
    }
    lang.known(&format!("district-{name}"))
        .unwrap_or_else(|| name.to_string())
}

fn number(count: Count, lang: Lang) -> String {
    lang.number(i64::try_from(count.0).unwrap_or(i64::MAX))
}

/// Ages by their lowest year, in words.
fn ages(bands: &[Count], lang: Lang) -> Vec<String> {
    let mut words: Vec<String> = bands
        .windows(2)
        .map(|pair| {
            let (from, to) = (pair[0].0, pair[1].0.saturating_sub(1));
            if from == to {
                from.to_string()
            } else {
                format!("{from}–{to}")
            }
        })
        .collect();
    words.extend(bands.last().map(|last| {
        let from = last.to_string();
        lang.with("ages-and-older", &[("age", &from)])
    }));
    words
}

fn steps(lines: &[&ForecastLineRow], lang: Lang) -> Result<Vec<Step>, Failed> {
    let step = |row: &&ForecastLineRow| {
        let bands: Vec<Count> = row
            .persons
            .parse()
            .map_err(|e: serde_json::Error| Failed::Broken(e.to_string()))?;
        let ends = row.low.zip(row.high);
        Ok(Step {
            day: lang.day(row.day),
            total: number(row.total, lang),
            interval: ends
                .map(|(low, high)| format!("{} – {}", number(low, lang), number(high, lang))),
            naive: number(row.naive, lang),
            without: row.without_migration.map(|count| number(count, lang)),
            bands: bands.iter().map(|count| number(*count, lang)).collect(),
        })
    };
    lines.iter().map(step).collect()
}

impl Shown for ForecastPage {
    const PATH: &'static str = "forecasts/{territory}/{forecast}";
    const PART: Part = Part::Forecasts;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let of = Rows::of(site, &asked, &key).await?;
        let least = small::least(site, &asked).await?;
        let used = of.used()?;
        let row = &of.forecast;
        let bands: Vec<Count> = row
            .bands
            .parse()
            .map_err(|e: serde_json::Error| Failed::Broken(e.to_string()))?;
        let norm = of
            .inputs
            .iter()
            .find(|input| input.input_kind == InputKind::NormSet && input.name == row.norm_set);
        let (districts, is_whole_shown) = districts(&of, &used, least, lang)?;
        let whole: Vec<_> = if is_whole_shown {
            of.lines_of(&row.territory)
        } else {
            Vec::new()
        };
        let drawing = if is_whole_shown {
            drawn(&used, &whole).both("forecast", &lang.say("forecast-graph"), lang)
        } else {
            Vec::new()
        };
        let bases = shown_bases(&of, &used, is_whole_shown, lang);
        let at = asked.point.position;
        let of_this = format!(
            "position={at}&territory={}&forecast={}",
            row.territory, row.forecast
        );
        let links = [
            ("forecast-json-lines", "/v1/forecast-lines"),
            ("forecast-json-needs", "/v1/forecast-needs"),
            ("forecast-json-tests", "/v1/forecast-tests"),
        ];
        Ok(Self {
            territory: lang.territory(&row.territory),
            number: row.forecast.to_string(),
            method: method(row, lang),
            version: row.method_version.to_string(),
            rates: row.rates.as_ref().map(ToString::to_string),
            norm_set: row.norm_set.to_string(),
            norm_source: norm.map(|input| input.source.to_string()),
            norm_doubt: doubt(norm.map(|input| input.certainty), lang),
            made: lang.day(row.decided_on),
            inputs: row.inputs.to_string(),
            is_outdated: bases.iter().any(|base| base.superseded_by.is_some()),
            bases,
            ages: ages(&bands, lang),
            least: least.map(|least| number(Count(least), lang)),
            graphs: drawing,
            has_interval: whole.iter().any(|line| line.low.is_some()),
            has_without: whole.iter().any(|line| line.without_migration.is_some()),
            steps: steps(&whole, lang)?,
            needs: needs(
                of.needs
                    .iter()
                    .filter(|need| is_whole_shown && need.district == row.territory),
                lang,
            ),
            districts,
            json: links
                .into_iter()
                .filter(|_| site.local)
                .map(|(id, path)| (lang.say(id), format!("{path}?{of_this}")))
                .collect(),
            frame,
        })
    }
}

fn shown_bases(of: &Rows, used: &[&BaseRow], is_shown: bool, lang: Lang) -> Vec<ShownBase> {
    let mut shown: Vec<ShownBase> = Vec::new();
    let mut numbers: Vec<Count> = used.iter().map(|row| row.base).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for base in numbers {
        let own: Vec<&&BaseRow> = used.iter().filter(|row| row.base == base).collect();
        let Some(first) = own.first() else { continue };
        let total = own.iter().map(|row| row.total.0).sum();
        let newer = of.bases.iter().find(|row| row.supersedes == Some(base));
        shown.push(ShownBase {
            number: base.to_string(),
            day: lang.day(first.as_of),
            total: is_shown.then(|| number(Count(total), lang)),
            source: first.source.to_string(),
            is_counted: first.counted_at.is_some(),
            superseded_by: newer.map(|row| row.base.to_string()),
        });
    }
    shown
}

/// The districts, and whether the whole may be shown.
fn districts(
    of: &Rows,
    used: &[&BaseRow],
    least: Option<u64>,
    lang: Lang,
) -> Result<(Vec<District>, bool), Failed> {
    let names = of.districts();
    let cells: Result<Vec<_>, _> = names.iter().map(|name| of.cells(used, name)).collect();
    let shown = small::parts(&cells?, least);
    let whole = of.cells(used, &of.forecast.territory)?;
    let is_whole_shown = small::is_shown(whole, least);
    let mut districts = Vec::new();
    for (n, (name, is_shown)) in names.into_iter().zip(shown).enumerate() {
        let words = district(name, lang);
        let lines = if is_shown {
            of.lines_of(name)
        } else {
            Vec::new()
        };
        let own: Vec<&BaseRow> = used
            .iter()
            .filter(|row| row.district == *name)
            .copied()
            .collect();
        let graph = is_shown
            .then(|| drawn(&own, &lines).draw(SMALL, &format!("district-{n}"), &words, lang))
            .flatten();
        let test = of.tests.iter().find(|row| row.district == *name);
        districts.push(District {
            number: n,
            is_hidden: !is_shown,
            graph,
            steps: steps(&lines, lang)?,
            needs: needs(
                of.needs
                    .iter()
                    .filter(|need| is_shown && need.district == *name),
                lang,
            ),
            tested: match test.filter(|_| is_shown) {
                Some(test) => tested(test, lang)?,
                None => Tested::default(),
            },
            name: words,
        });
    }
    Ok((districts, is_whole_shown))
}
