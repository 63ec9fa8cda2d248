//! The history of a quota line as a drawing of steps: the limit as a line, what is committed and held as areas below it.
//! Everything that it shows stands in the tables beside it too.

use qonys_events::scalar::Day;

use super::locale::Lang;

/// What a line showed on the days from `from` on, up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first day, counted from the first of the chart.
    pub(super) from: i64,
    pub(super) limit: Option<i64>,
    pub(super) committed: i64,
    pub(super) held: i64,
    pub(super) over: bool,
}

/// A mark on an axis.
pub(super) struct Tick {
    pub(super) at: i64,
    pub(super) label: String,
}

/// Where more is taken than the limit allows.
pub(super) struct Over {
    pub(super) x: i64,
    pub(super) width: i64,
}

/// A chart of one width.
pub(super) struct Chart {
    /// For its ids: a page may hold it in two widths.
    pub(super) name: &'static str,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) top: i64,
    pub(super) bottom: i64,
    pub(super) places: Vec<Tick>,
    pub(super) months: Vec<Tick>,
    pub(super) committed: String,
    pub(super) held: String,
    pub(super) limit: String,
    pub(super) over: Vec<Over>,
    /// The day of the page.
    pub(super) today: Option<i64>,
}

/// Margins: room for the labels.
const ABOVE: i64 = 14;
const BELOW: i64 = 26;
const RIGHT: i64 = 10;
/// Marks on the vertical axis at most.
const TICKS_MAX: i64 = 5;

/// The distance of marks that divides `top` into few round steps.
pub(super) fn distance(top: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            let distance = unit * factor;
            if distance.saturating_mul(TICKS_MAX) >= top {
                return distance;
            }
        }
        unit *= 10;
    }
}

/// The scales of a chart.
struct Scale {
    days: i64,
    most: i64,
    left: i64,
    right: i64,
    top: i64,
    bottom: i64,
}

impl Scale {
    fn x(&self, day: i64) -> i64 {
        self.left + (self.right - self.left) * day / self.days.max(1)
    }

    fn y(&self, places: i64) -> i64 {
        let height = i128::from(self.bottom - self.top);
        let drawn = i128::from(places.clamp(0, self.most)) * height / i128::from(self.most.max(1));
        self.bottom - i64::try_from(drawn).unwrap_or(0)
    }
}

impl Chart {
    /// The chart of `days` days from `first` on, of which the stretches are shown up to day `until`.
    pub(super) fn new(
        (name, width, height): (&'static str, i64, i64),
        (first, days): (Day, i64),
        stretches: &[Stretch],
        (until, today): (i64, Option<i64>),
        lang: Lang,
    ) -> Self {
        let highest = stretches
            .iter()
            .map(|s| s.limit.unwrap_or(0).max(s.committed.saturating_add(s.held)))
            .max()
            .unwrap_or(0)
            .max(1);
        let step = distance(highest);
        let most = step * ((highest + step - 1) / step);
        let widest = lang.number(most).chars().count();
        let scale = Scale {
            days,
            most,
            left: 10 + 8 * i64::try_from(widest).unwrap_or(8),
            right: width - RIGHT,
            top: ABOVE,
            bottom: height - BELOW,
        };
        let places = (0..=most / step).map(|n| Tick {
            at: scale.y(n * step),
            label: lang.number(n * step),
        });
        let shown: Vec<(i64, i64, &Stretch)> = stretches
            .iter()
            .enumerate()
            .map(|(n, stretch)| {
                let next = stretches.get(n + 1).map_or(days, |next| next.from);
                (stretch.from, next, stretch)
            })
            .collect();
        let used: Vec<(i64, i64, &Stretch)> = shown
            .iter()
            .filter(|(from, ..)| *from < until)
            .map(|(from, to, stretch)| (*from, (*to).min(until), *stretch))
            .collect();
        let base = |_: &Stretch| 0;
        let committed = |s: &Stretch| s.committed;
        let both = |s: &Stretch| s.committed.saturating_add(s.held);
        let over = used
            .iter()
            .filter(|(_, _, s)| s.over)
            .map(|(from, to, _)| Over {
                x: scale.x(*from),
                width: (scale.x(*to) - scale.x(*from)).max(2),
            });
        Self {
            name,
            width,
            height,
            left: scale.left,
            right: scale.right,
            top: scale.top,
            bottom: scale.bottom,
            places: places.collect(),
            months: months(first, days, width < 480, &scale, lang),
            committed: area(&used, &scale, base, committed),
            held: area(&used, &scale, committed, both),
            limit: limit(&shown, &scale),
            over: over.collect(),
            today: today.map(|day| scale.x(day)),
        }
    }
}

/// The first days of months; on a narrow chart of every third.
fn months(first: Day, days: i64, is_narrow: bool, scale: &Scale, lang: Lang) -> Vec<Tick> {
    let starts = (0..days)
        .map(|n| (n, first.plus_days(n)))
        .filter(|(_, day)| day.to_string().ends_with("-01"));
    let starts = starts.enumerate().filter(|(n, _)| !is_narrow || n % 3 == 0);
    starts
        .map(|(_, (n, day))| Tick {
            at: scale.x(n),
            label: lang.month_short(day),
        })
        .collect()
}

/// The area between two heights, in steps.
fn area(
    used: &[(i64, i64, &Stretch)],
    scale: &Scale,
    from: impl Fn(&Stretch) -> i64,
    to: impl Fn(&Stretch) -> i64,
) -> String {
    let mut path = String::new();
    if used.iter().all(|(_, _, s)| from(s) == to(s)) {
        return path;
    }
    for (n, (begin, end, stretch)) in used.iter().enumerate() {
        let (x, y) = (scale.x(*begin), scale.y(to(stretch)));
        let lead = if n == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{lead}{x} {y}H{}", scale.x(*end)));
    }
    for (begin, end, stretch) in used.iter().rev() {
        let y = scale.y(from(stretch));
        path.push_str(&format!("L{} {y}H{}", scale.x(*end), scale.x(*begin)));
    }
    path.push('Z');
    path
}

/// The limit, with a gap where none is in force.
fn limit(shown: &[(i64, i64, &Stretch)], scale: &Scale) -> String {
    let mut runs: Vec<(i64, i64, i64)> = Vec::new();
    for (begin, end, stretch) in shown {
        match (stretch.limit, runs.last_mut()) {
            (None, _) => {}
            (Some(limit), Some((_, last, same))) if *last == *begin && *same == limit => {
                *last = *end;
            }
            (Some(limit), _) => runs.push((*begin, *end, limit)),
        }
    }
    let mut path = String::new();
    let mut joins = None;
    for (begin, end, limit) in runs {
        let lead = if joins == Some(begin) { 'L' } else { 'M' };
        let (x, y) = (scale.x(begin), scale.y(limit));
        path.push_str(&format!("{lead}{x} {y}H{}", scale.x(end)));
        joins = Some(end);
    }
    path
}
