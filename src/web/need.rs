//! Need, have and gap of a service as words and as a bar (point 8).

use qonys_events::scalar::Count;
use qonys_projections::forecasts::ForecastNeedRow;

use super::{figure::difference, locale::Lang};

/// The width of a bar, in its own units.
pub(super) const WIDTH: i64 = 160;

/// What a service needs on a day.
pub(super) struct ShownNeed {
    /// For its ids.
    pub(super) id: String,
    pub(super) day: String,
    pub(super) service: String,
    pub(super) persons: String,
    pub(super) need: String,
    pub(super) have: String,
    pub(super) gap: String,
    pub(super) is_short: bool,
    pub(super) institutions: Option<String>,
    /// What there is, as a part of the bar.
    pub(super) have_width: i64,
    /// Where the need ends.
    pub(super) need_at: i64,
    pub(super) title: String,
}

/// The needs in the order of their days and services.
pub(super) fn needs<'a>(
    rows: impl Iterator<Item = &'a ForecastNeedRow>,
    lang: Lang,
) -> Vec<ShownNeed> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| (row.day, row.service));
    rows.into_iter().map(|row| shown(row, lang)).collect()
}

fn shown(row: &ForecastNeedRow, lang: Lang) -> ShownNeed {
    let words = |count: Count| lang.number(i64::try_from(count.0).unwrap_or(i64::MAX));
    let whole = row.need.0.max(row.have.0).max(1);
    let at = |count: Count| {
        let drawn = u128::from(count.0) * u128::from(WIDTH.unsigned_abs()) / u128::from(whole);
        i64::try_from(drawn).unwrap_or(WIDTH)
    };
    let service = lang.say(&format!("service-{}", row.service));
    ShownNeed {
        id: format!("{}-{}-{}", row.district, row.day, row.service),
        title: lang.with(
            "need-title",
            &[
                ("service", &service),
                ("have", &words(row.have)),
                ("need", &words(row.need)),
            ],
        ),
        day: lang.day(row.day),
        service,
        persons: words(row.persons),
        need: words(row.need),
        have: words(row.have),
        gap: difference(row.gap.0, lang),
        is_short: row.gap.0 > 0,
        institutions: row.institutions.map(words),
        have_width: at(row.have),
        need_at: at(row.need),
    }
}
