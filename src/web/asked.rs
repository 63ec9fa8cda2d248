//! What a reader asks for with the form: a day, a position, or neither; and what of it cannot be shown.

use qonys_events::scalar::{Day, Position, Year};
use qonys_projections::as_of::AsOf;

use super::{Inner, locale::Lang, shown::Form};
use crate::queries::{Point, Unanswered};

/// The question of a page.
pub(super) struct Asked {
    pub(super) day: Day,
    pub(super) point: Point,
    /// Where a reader without a question would look.
    pub(super) usual: (Day, Point),
    /// The year of the quota lines, where one was asked for.
    pub(super) year: Option<Year>,
    /// The day on which figures were known so, where one was asked for.
    pub(super) known_on: Option<Day>,
    /// The usual day of the point: what was known is what was known on it, unless another day was asked for.
    point_day: Day,
    /// What cannot be shown, in words.
    pub(super) faults: Vec<String>,
}

fn digits(text: &str) -> Option<Position> {
    let plain = text.replace(['\u{a0}', ' ', ','], "");
    plain.parse().ok()
}

impl Asked {
    /// Reads the form; what cannot be read is left aside and told.
    pub(super) async fn read(site: &Inner, form: &Form, lang: Lang) -> Result<Self, Unanswered> {
        let latest = site.queries.point(AsOf::Latest).await?;
        let day_of = |as_of: AsOf, point: Point| {
            point.usual_day(as_of, site.log.clock_kind(), site.clock.now(), &site.zone)
        };
        let usual = (day_of(AsOf::Latest, latest), latest);
        let mut faults = Vec::new();
        let mut asked = Self {
            day: usual.0,
            point: latest,
            usual,
            year: form.year.trim().parse().ok(),
            known_on: None,
            point_day: usual.0,
            faults: Vec::new(),
        };
        match (form.position.trim(), digits(&form.position)) {
            ("", _) => {}
            (_, None) => faults.push(lang.say("ask-wrong-position")),
            (_, Some(position)) => match site.queries.point(AsOf::Position(position)).await {
                Ok(point) => {
                    asked.point = point;
                    asked.day = day_of(AsOf::Position(position), point);
                    asked.point_day = asked.day;
                }
                Err(Unanswered::BeyondEnd(end)) => {
                    let end = lang.number(i64::try_from(end.0).unwrap_or(i64::MAX));
                    faults.push(lang.with("ask-wrong-beyond", &[("position", &end)]));
                }
                Err(other) => return Err(other),
            },
        }
        match (form.effective.trim(), form.effective.trim().parse()) {
            ("", _) => {}
            (_, Ok(day)) => asked.day = day,
            (_, Err(_)) => faults.push(lang.say("ask-wrong-day")),
        }
        match (form.known_on.trim(), form.known_on.trim().parse()) {
            ("", _) => {}
            (_, Ok(day)) => asked.known_on = Some(day).filter(|day| *day != asked.point_day),
            (_, Err(_)) => faults.push(lang.say("ask-wrong-known")),
        }
        asked.faults = faults;
        Ok(asked)
    }

    /// The day on which what the page shows was known.
    pub(super) fn known_on(&self) -> Day {
        self.known_on.unwrap_or(self.point_day)
    }

    /// Whether the page shows something else than a reader without a question would see.
    pub(super) fn is_elsewhere(&self) -> bool {
        let asked = (self.day, self.point.position, self.known_on);
        asked != (self.usual.0, self.usual.1.position, None)
    }

    /// Whether it shows a day that is yet to come.
    pub(super) fn is_ahead(&self) -> bool {
        self.day > self.usual.0
    }
}
