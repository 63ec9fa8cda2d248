//! One quota line: how it stands, how it came to that, and the acts that set its limit.

use askama::Template;
use qonys_events::{id::Line, scalar::Day};
use qonys_projections::quota::board::{BoardLine, QuotaBoard};

use super::{
    Inner,
    asked::Asked,
    board::state,
    chart::{Chart, Stretch},
    frame::{Frame, Part},
    locale::Lang,
    shown::{Failed, Shown},
    words::{NamedAct, Standing, doubt, line as line_name, rule, signed, standing},
};

/// The charts: name, width, height. The style sheet shows the one that fits.
const CHARTS: [(&str, i64, i64); 2] = [("wide", 760, 300), ("narrow", 360, 260)];

/// The end of a month.
struct Month {
    name: String,
    limit: Option<String>,
    committed: String,
    held: String,
    remaining: Option<String>,
    is_over: bool,
}

/// A limit as one act sets it.
struct Step {
    act: NamedAct,
    limit: String,
    standing: Standing,
    /// Whether it is the one that counts.
    is_current: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "line.html")]
pub(super) struct LinePage {
    frame: Frame,
    title: String,
    rule: String,
    rule_doubt: Option<String>,
    state: String,
    doubt: Option<String>,
    is_over: bool,
    limit: Option<String>,
    committed: String,
    held: String,
    remaining: Option<String>,
    /// Whether the day of the page lies in the year of the line.
    is_in_year: bool,
    charts: Vec<Chart>,
    months: Vec<Month>,
    steps: Vec<Step>,
    json: String,
}

impl Shown for LinePage {
    const PATH: &'static str = "lines/{line}";
    const PART: Part = Part::Board;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let line: Line = key.parse().map_err(|_| Failed::Missing)?;
        let quota = site.queries.line(asked.point.position, &line).await?;
        if !quota.knows(&line) {
            return Err(Failed::Missing);
        }
        let shown = quota.line(&line, asked.day);
        let title = line_name(&line, lang);
        let steps = shown.steps.iter().map(|step| Step {
            act: NamedAct::find(quota.register(), &step.act, lang),
            limit: lang.number(signed(step.limit)),
            standing: standing(&step.status, lang),
            is_current: shown.act.as_ref() == Some(&step.act),
        });
        let year = Year::of(&line, &asked);
        let stretches = year.stretches(&quota, &line);
        let charts = CHARTS.map(|size| year.chart(size, &stretches, lang));
        Ok(Self {
            rule: rule(&line.rule, lang),
            rule_doubt: doubt(shown.rule_certainty, lang),
            state: state(&shown, lang),
            doubt: doubt(shown.certainty, lang),
            is_over: shown.over_committed_by > 0,
            limit: shown.limit.map(|limit| lang.number(signed(limit))),
            committed: lang.number(shown.committed),
            held: lang.number(shown.held),
            remaining: shown.remaining.map(|n| lang.number(n)),
            is_in_year: shown.in_year,
            charts: charts.into(),
            months: year.months(&quota, &line, lang),
            steps: steps.collect(),
            json: format!("/v1/lines/{line}{}", frame.same()),
            title,
            frame,
        })
    }
}

/// The year of a line, seen from the day of the page.
struct Year {
    first: Day,
    days: i64,
    /// The day of the page, counted from the first; beyond the year where it lies after it.
    today: i64,
    /// So many days lie behind a reader without a question: what is used later is not drawn.
    until: i64,
}

/// Days from one to another; within some years of each other, as here.
fn days_between(from: Day, to: Day) -> i64 {
    let (mut low, mut high) = (-40_000_i64, 40_000_i64);
    while low < high {
        let middle = (low + high).div_euclid(2);
        if from.plus_days(middle) < to {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

impl Year {
    fn of(line: &Line, asked: &Asked) -> Self {
        let first = line.year.first_day();
        let days = days_between(first, line.year.end());
        let last = asked.day.max(asked.usual.0);
        Self {
            first,
            days,
            today: days_between(first, asked.day),
            until: (days_between(first, last) + 1).clamp(0, days),
        }
    }

    /// What the line shows day by day, without repetition.
    fn stretches(&self, quota: &QuotaBoard, line: &Line) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for n in 0..self.days {
            let shown = quota.line(line, self.first.plus_days(n));
            let stretch = stretch(n, &shown);
            let is_same = |last: &Stretch| Stretch { from: n, ..*last } == stretch;
            if !stretches.last().is_some_and(is_same) {
                stretches.push(stretch);
            }
        }
        stretches
    }

    fn chart(&self, size: (&'static str, i64, i64), stretches: &[Stretch], lang: Lang) -> Chart {
        let today = (0..self.days).contains(&self.today).then_some(self.today);
        Chart::new(
            size,
            (self.first, self.days),
            stretches,
            (self.until, today),
            lang,
        )
    }

    /// The ends of the months that are over, and the last day that is known.
    fn months(&self, quota: &QuotaBoard, line: &Line, lang: Lang) -> Vec<Month> {
        let is_last = |n: i64| {
            let next = self.first.plus_days(n + 1);
            n + 1 == self.until || next.to_string().ends_with("-01")
        };
        let ends = (0..self.until).filter(|n| is_last(*n));
        ends.map(|n| {
            let day = self.first.plus_days(n);
            let shown = quota.line(line, day);
            Month {
                name: lang.day(day),
                limit: shown.limit.map(|limit| lang.number(signed(limit))),
                committed: lang.number(shown.committed),
                held: lang.number(shown.held),
                remaining: shown.remaining.map(|n| lang.number(n)),
                is_over: shown.over_committed_by > 0,
            }
        })
        .collect()
    }
}

fn stretch(from: i64, shown: &BoardLine) -> Stretch {
    Stretch {
        from,
        limit: shown.limit.map(signed),
        committed: shown.committed.max(0),
        held: shown.held.max(0),
        over: shown.over_committed_by > 0,
    }
}
