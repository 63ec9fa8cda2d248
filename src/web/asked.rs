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
            faults: Vec::new(),
        };
        match (form.position.trim(), digits(&form.position)) {
            ("", _) => {}
            (_, None) => faults.push(lang.say("ask-wrong-position")),
            (_, Some(position)) => match site.queries.point(AsOf::Position(position)).await {
                Ok(point) => {
                    asked.point = point;
                    asked.day = day_of(AsOf::Position(position), point);
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
        asked.faults = faults;
        Ok(asked)
    }

    /// Whether the page shows something else than a reader without a question would see.
    pub(super) fn is_elsewhere(&self) -> bool {
        (self.day, self.point.position) != (self.usual.0, self.usual.1.position)
    }

    /// Whether it shows a day that is yet to come.
    pub(super) fn is_ahead(&self) -> bool {
        self.day > self.usual.0
    }
}
