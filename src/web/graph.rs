//! A drawing of values over time: lines, what a figure was before it was revised, periods, an interval as an area.
//! Whatever it shows stands in a table below it too.

use qonys_events::scalar::Day;

use super::{
    chart::{Tick, distance},
    locale::Lang,
};

/// Values that are joined by a line.
pub(super) struct Joined {
    /// For the style sheet: `figure`, `naive`, `without`.
    pub(super) class: &'static str,
    pub(super) points: Vec<(Day, i64)>,
}

/// A value of its own.
pub(super) struct Mark {
    /// For the style sheet: `stands`, `revised`.
    pub(super) class: &'static str,
    pub(super) day: Day,
    pub(super) value: i64,
}

/// What is drawn.
#[derive(Default)]
pub(super) struct Content {
    pub(super) joined: Vec<Joined>,
    pub(super) marks: Vec<Mark>,
    /// A value that stands for a whole period: from, until, value.
    pub(super) periods: Vec<(Day, Day, i64)>,
    /// An interval: day, lower end, upper end.
    pub(super) interval: Vec<(Day, i64, i64)>,
    /// From what a figure was to what it was revised to.
    pub(super) revisions: Vec<(Day, i64, i64)>,
    /// Whether the vertical axis begins at 0.
    pub(super) from_zero: bool,
    /// The day of the page.
    pub(super) today: Option<Day>,
}

/// A line of the drawing.
pub(super) struct Stroke {
    pub(super) class: &'static str,
    pub(super) path: String,
}

/// A point of the drawing.
pub(super) struct Dot {
    pub(super) class: &'static str,
    pub(super) x: i64,
    pub(super) y: i64,
}

/// A drawing of one width.
pub(super) struct Graph {
    /// For its ids.
    pub(super) id: String,
    /// `wide`, `narrow` or `small`, for the style sheet.
    pub(super) size: &'static str,
    pub(super) title: String,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) top: i64,
    pub(super) bottom: i64,
    pub(super) values: Vec<Tick>,
    pub(super) times: Vec<Tick>,
    /// Where 0 lies, if values lie on both sides of it.
    pub(super) zero: Option<i64>,
    pub(super) interval: String,
    pub(super) strokes: Vec<Stroke>,
    pub(super) dots: Vec<Dot>,
    pub(super) today: Option<i64>,
}

/// How large a drawing is: name, width, height, labels of days at most.
pub(super) type Size = (&'static str, i64, i64, i64);
/// One for wide pages and one for narrow ones: the style sheet shows the one that fits.
pub(super) const BOTH: [Size; 2] = [("wide", 760, 300, 8), ("narrow", 360, 260, 4)];
/// One of several beside each other.
pub(super) const SMALL: Size = ("small", 360, 190, 4);

const ABOVE: i64 = 14;
const BELOW: i64 = 26;
const RIGHT: i64 = 14;
/// Room between the axis and the first and last value.
const INSET: i64 = 8;
/// The width of a digit of a label.
const DIGIT: i64 = 8;

struct Scale {
    first: Day,
    days: i64,
    low: i64,
    high: i64,
    left: i64,
    right: i64,
    top: i64,
    bottom: i64,
}

impl Scale {
    fn x(&self, day: Day) -> i64 {
        let (from, to) = (self.left + INSET, self.right - INSET);
        from + (to - from) * self.first.days_until(day) / self.days.max(1)
    }

    fn y(&self, value: i64) -> i64 {
        let above = i128::from(value) - i128::from(self.low);
        let range = (i128::from(self.high) - i128::from(self.low)).max(1);
        let drawn = above * i128::from(self.bottom - self.top) / range;
        self.bottom - i64::try_from(drawn).unwrap_or(0)
    }
}

impl Content {
    fn values(&self) -> Vec<i64> {
        let joined = self.joined.iter().flat_map(|line| &line.points);
        let mut all: Vec<i64> = joined.map(|(_, value)| *value).collect();
        all.extend(self.marks.iter().map(|mark| mark.value));
        all.extend(self.periods.iter().map(|(_, _, value)| *value));
        let ends = self.interval.iter().chain(&self.revisions);
        all.extend(ends.flat_map(|(_, low, high)| [*low, *high]));
        all.extend(self.from_zero.then_some(0));
        all
    }

    fn days(&self) -> Vec<Day> {
        let joined = self.joined.iter().flat_map(|line| &line.points);
        let mut all: Vec<Day> = joined.map(|(day, _)| *day).collect();
        all.extend(self.marks.iter().map(|mark| mark.day));
        all.extend(
            self.periods
                .iter()
                .flat_map(|(from, until, _)| [*from, *until]),
        );
        all
    }

    /// The drawings in both widths; none where there is less than a line to draw.
    pub(super) fn both(&self, id: &str, title: &str, lang: Lang) -> Vec<Graph> {
        let drawn = BOTH.into_iter();
        drawn
            .filter_map(|size| self.draw(size, id, title, lang))
            .collect()
    }

    /// The drawing of a size; none where there is less than a line to draw.
    pub(super) fn draw(&self, size: Size, id: &str, title: &str, lang: Lang) -> Option<Graph> {
        let (name, width, height, labels) = size;
        let (values, days) = (self.values(), self.days());
        let (first, last) = (*days.iter().min()?, *days.iter().max()?);
        let (least, most) = (*values.iter().min()?, *values.iter().max()?);
        (first < last).then_some(())?;
        // What hardly changes is drawn level, and no axis makes a leap of one person.
        let range = most.saturating_sub(least).max(most.saturating_abs() / 50);
        let step = distance(range.max(1));
        let low = least.div_euclid(step) * step;
        let high = (most.div_euclid(step) * step).max(low);
        let high = if high < most || high == low {
            high + step
        } else {
            high
        };
        let widest = [low, high]
            .into_iter()
            .map(|value| lang.number(value).chars().count())
            .max();
        let scale = Scale {
            first,
            days: first.days_until(last),
            low,
            high,
            left: 12 + DIGIT * i64::try_from(widest.unwrap_or(1)).unwrap_or(8),
            right: width - RIGHT,
            top: ABOVE,
            bottom: height - BELOW,
        };
        let values = (0..=(high - low) / step).map(|n| Tick {
            at: scale.y(low + n * step),
            label: lang.number(low + n * step),
        });
        let today = self.today.filter(|day| first <= *day && *day <= last);
        Some(Graph {
            id: format!("{id}-{name}"),
            size: name,
            title: title.to_owned(),
            width,
            height,
            left: scale.left,
            right: scale.right,
            top: scale.top,
            bottom: scale.bottom,
            values: values.collect(),
            times: times(&scale, last, labels, lang),
            zero: (low < 0 && 0 < high).then(|| scale.y(0)),
            interval: area(&self.interval, &scale),
            strokes: self.strokes(&scale),
            dots: self.dots(&scale),
            today: today.map(|day| scale.x(day)),
        })
    }

    fn strokes(&self, scale: &Scale) -> Vec<Stroke> {
        let mut strokes: Vec<Stroke> = Vec::new();
        for (from, until, value) in &self.periods {
            let (x, y) = (scale.x(*from), scale.y(*value));
            // A period of a month is seen on an axis of years.
            let end = scale.x(*until).max(x + 3);
            strokes.push(Stroke {
                class: "period",
                path: format!("M{x} {y}H{end}"),
            });
        }
        for (day, before, after) in &self.revisions {
            let path = format!(
                "M{} {}V{}",
                scale.x(*day),
                scale.y(*before),
                scale.y(*after)
            );
            strokes.push(Stroke {
                class: "revision",
                path,
            });
        }
        strokes.extend(self.joined.iter().map(|line| Stroke {
            class: line.class,
            path: joined(&line.points, scale),
        }));
        strokes
    }

    fn dots(&self, scale: &Scale) -> Vec<Dot> {
        let dot = |mark: &Mark| Dot {
            class: mark.class,
            x: scale.x(mark.day),
            y: scale.y(mark.value),
        };
        self.marks.iter().map(dot).collect()
    }
}

fn joined(points: &[(Day, i64)], scale: &Scale) -> String {
    let at = |(day, value): &(Day, i64)| format!("{} {}", scale.x(*day), scale.y(*value));
    let all: Vec<String> = points.iter().map(at).collect();
    if all.is_empty() {
        return String::new();
    }
    format!("M{}", all.join("L"))
}

fn area(interval: &[(Day, i64, i64)], scale: &Scale) -> String {
    let upper = interval.iter().map(|(day, _, high)| (*day, *high));
    let lower = interval.iter().rev().map(|(day, low, _)| (*day, *low));
    let around: Vec<(Day, i64)> = upper.chain(lower).collect();
    let path = joined(&around, scale);
    if path.is_empty() {
        path
    } else {
        format!("{path}Z")
    }
}

/// First days of years, or of months where the whole is short; at most so many.
fn times(scale: &Scale, last: Day, labels: i64, lang: Lang) -> Vec<Tick> {
    let months = |from: Day, to: Day| {
        let of = |day: Day| i64::from(day.year().0) * 12 + i64::from(day.month());
        of(to) - of(from)
    };
    let whole = months(scale.first, last).max(1);
    let apart = [1, 2, 3, 6, 12, 24, 60, 120]
        .into_iter()
        .find(|apart| whole / apart < labels)
        .unwrap_or(240);
    let begin = Day::new(
        i16::try_from(scale.first.year().0).unwrap_or(i16::MAX),
        1,
        1,
    );
    let days = (0..).map(|n| begin.plus_months(n * apart));
    days.take_while(|day| *day <= last)
        .filter(|day| scale.first <= *day)
        .map(|day| Tick {
            at: scale.x(day),
            label: if apart < 12 {
                let year = day.year().to_string();
                format!("{} {}", lang.month_short(day), &year[2..])
            } else {
                day.year().to_string()
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn line(points: &[(&str, i64)]) -> Content {
        Content {
            joined: vec![Joined {
                class: "figure",
                points: points.iter().map(|(at, value)| (day(at), *value)).collect(),
            }],
            ..Content::default()
        }
    }

    #[test]
    fn a_line_rises_and_the_axis_is_round() {
        let drawn = line(&[
            ("2023-01-01", 2_161_695),
            ("2023-07-01", 2_191_314),
            ("2024-07-01", 2_258_253),
        ]);
        let graph = drawn
            .draw(BOTH[0], "x", "a title", Lang::En)
            .expect("a drawing");
        let labels: Vec<_> = graph
            .values
            .iter()
            .map(|tick| tick.label.as_str())
            .collect();
        assert_eq!(
            labels,
            [
                "2,160,000",
                "2,180,000",
                "2,200,000",
                "2,220,000",
                "2,240,000",
                "2,260,000"
            ]
        );
        let path = graph.strokes[0].path.trim_start_matches('M');
        let heights: Vec<i64> = path
            .split('L')
            .map(|at| {
                at.split(' ')
                    .nth(1)
                    .expect("a height")
                    .parse()
                    .expect("a number")
            })
            .collect();
        assert!(heights.is_sorted_by(|a, b| a > b), "{heights:?}");
        assert!(
            heights
                .iter()
                .all(|y| (graph.top..=graph.bottom).contains(y))
        );
        assert_eq!(
            graph.times.first().map(|tick| tick.label.as_str()),
            Some("Jan 23")
        );
        assert!(graph.times.len() <= 8);
    }

    #[test]
    fn values_below_zero_have_a_line_of_zero_and_one_value_is_no_drawing() {
        let mut drawn = line(&[("2022-01-01", -5_087), ("2023-01-01", 35_302)]);
        let graph = drawn
            .draw(SMALL, "x", "a title", Lang::Kk)
            .expect("a drawing");
        let zero = graph.zero.expect("a line of zero");
        assert!(graph.top < zero && zero < graph.bottom);
        drawn.joined[0].points.truncate(1);
        assert!(drawn.draw(SMALL, "x", "a title", Lang::Kk).is_none());
        assert!(Content::default().both("x", "a title", Lang::Ru).is_empty());
    }

    #[test]
    fn an_interval_is_closed_and_a_level_line_has_an_axis() {
        let mut drawn = line(&[("2024-01-01", 7), ("2026-01-01", 7)]);
        drawn.interval = vec![(day("2024-01-01"), 7, 7), (day("2026-01-01"), 3, 11)];
        let graph = drawn
            .draw(BOTH[1], "x", "a title", Lang::En)
            .expect("a drawing");
        assert!(graph.interval.ends_with('Z') && graph.interval.matches('L').count() == 3);
        drawn.interval.clear();
        let graph = drawn
            .draw(BOTH[1], "x", "a title", Lang::En)
            .expect("a drawing");
        assert!(graph.values.len() > 1);
    }
}
