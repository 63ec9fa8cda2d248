//! Figures in words (point 4): indicators by name, periods, units, sources, and what is known of a figure.

use std::collections::BTreeMap;

use qonys_events::{
    fact::{indicator::CitedFigure, law::Titles},
    figure::{Figure, Period},
    scalar::{Day, Slug},
    term::PeriodKind,
};
use qonys_projections::indicators::monitor::{KnownFigure, KnownReconciliation, Monitor, Wanted};

use super::{
    locale::Lang,
    words::{partial, title},
};

/// An indicator to be named and led to.
pub(super) struct NamedIndicator {
    /// Its page for a territory, below its language.
    pub(super) address: String,
    pub(super) title: String,
    /// The language of the title.
    pub(super) title_lang: &'static str,
}

impl NamedIndicator {
    pub(super) fn of(monitor: &Monitor, code: &Slug, territory: &Slug, lang: Lang) -> Self {
        let titles = monitor.indicator(code).map(|row| &row.titles);
        let titles: Option<Titles> = titles.and_then(|titles| titles.parse().ok());
        let titles = titles.as_ref();
        let in_order = [
            titles.and_then(|t| t.kk.as_ref()),
            titles.and_then(|t| t.ru.as_ref()),
            titles.and_then(|t| t.en.as_ref()),
        ];
        let (title, title_lang) = title(in_order, code, lang);
        Self {
            address: format!("figures/{territory}/{code}"),
            title,
            title_lang,
        }
    }
}

/// A whole number with its sign.
pub(super) fn number(figure: Figure, lang: Lang) -> String {
    lang.number(figure.0)
}

/// A difference: with its sign, `+` too.
pub(super) fn difference(figure: i64, lang: Lang) -> String {
    let plus = if figure > 0 { "+" } else { "" };
    format!("{plus}{}", lang.number(figure))
}

/// A unit; its name in the register where we have no words for it.
pub(super) fn unit(unit: &Slug, lang: Lang) -> String {
    lang.known(&format!("unit-{unit}"))
        .unwrap_or_else(|| unit.to_string())
}

/// What a figure is about, in words.
pub(super) fn period(period: Period, lang: Lang) -> String {
    let Period::Months(from, until) = period else {
        return lang.day(period.from());
    };
    let year = from.year().to_string();
    if period.is(PeriodKind::Year) {
        return lang.with("period-year", &[("year", &year)]);
    }
    if period.is(PeriodKind::Quarter) {
        let quarter = ((from.month() - 1) / 3 + 1).to_string();
        let values = [("quarter", quarter.as_str()), ("year", year.as_str())];
        return lang.with("period-quarter", &values);
    }
    let last = until.plus_days(-1);
    if period.is(PeriodKind::Month) {
        return lang.month(from);
    }
    format!("{} – {}", lang.month(from), lang.month(last))
}

/// What a figure was computed from.
pub(super) struct Input {
    pub(super) indicator: NamedIndicator,
    pub(super) period: String,
    pub(super) value: String,
    pub(super) release: String,
}

pub(super) fn inputs(
    cited: &[CitedFigure],
    monitor: &Monitor,
    territory: &Slug,
    lang: Lang,
) -> Vec<Input> {
    let input = |figure: &CitedFigure| Input {
        indicator: NamedIndicator::of(monitor, &figure.indicator, territory, lang),
        period: period(figure.period, lang),
        value: number(figure.value, lang),
        release: figure.release.to_string(),
    };
    cited.iter().map(input).collect()
}

/// A figure as a reader takes it.
pub(super) struct ShownFigure {
    pub(super) indicator: NamedIndicator,
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) period: String,
    /// Where it was published, or nothing for a computed one.
    pub(super) source: Option<String>,
    pub(super) source_kind: Option<String>,
    /// When it was published, or from when it was known.
    pub(super) known: String,
    pub(super) note: Option<String>,
    pub(super) is_outdated: bool,
    /// How often it was revised, in words; nothing where it never was.
    pub(super) revisions: Option<String>,
}

impl ShownFigure {
    pub(super) fn of(known: &KnownFigure, monitor: &Monitor, lang: Lang) -> Self {
        let row = &known.release.0;
        let revisions = lang.number(known.revisions.into());
        Self {
            indicator: NamedIndicator::of(monitor, &row.indicator, &row.territory, lang),
            value: number(row.figure, lang),
            unit: unit(&known.unit, lang),
            period: period(row.period, lang),
            source: row.source.as_ref().map(ToString::to_string),
            source_kind: row
                .source_kind
                .map(|kind| lang.say(&format!("source-{kind}"))),
            known: match row.published_on {
                Some(day) => lang.with("figure-published", &[("day", &partial(day, lang))]),
                None => {
                    let id = if row.source.is_some() {
                        "figure-known"
                    } else {
                        "figure-made"
                    };
                    lang.with(id, &[("day", &lang.day(row.known_from))])
                }
            },
            note: row.note.as_ref().map(ToString::to_string),
            is_outdated: known.outdated,
            revisions: (known.revisions > 0)
                .then(|| lang.with("figure-revised", &[("count", &revisions)])),
        }
    }
}

/// Figures of a territory as known on a day, by indicator and period.
pub(super) fn known(monitor: &Monitor, territory: &Slug, known_on: Day) -> Vec<KnownFigure> {
    monitor.figures(&Wanted {
        indicator: None,
        territory: Some(territory.clone()),
        day: None,
        known_on,
    })
}

/// For each indicator what is said for a day: the newest figure that is not about a later one.
pub(super) fn said_for(figures: &[KnownFigure], day: Day) -> BTreeMap<&Slug, &KnownFigure> {
    let mut newest: BTreeMap<&Slug, &KnownFigure> = BTreeMap::new();
    for figure in figures {
        let row = &figure.release.0;
        let until = |figure: &KnownFigure| figure.release.0.effective_to;
        let kept = newest.get(&row.indicator);
        if row.effective_from <= day && kept.is_none_or(|kept| until(kept) <= row.effective_to) {
            newest.insert(&row.indicator, figure);
        }
    }
    newest
}

/// A stock held against reported changes.
pub(super) struct ShownReconciliation {
    pub(super) stock: NamedIndicator,
    pub(super) period: String,
    pub(super) start: String,
    pub(super) changed: String,
    pub(super) end: String,
    pub(super) implied: String,
    pub(super) difference: String,
    /// Whether they agree.
    pub(super) agrees: bool,
    pub(super) is_outdated: bool,
}

impl ShownReconciliation {
    pub(super) fn of(known: &KnownReconciliation, monitor: &Monitor, lang: Lang) -> Self {
        let row = &known.reconciliation;
        Self {
            stock: NamedIndicator::of(monitor, &row.stock, &row.territory, lang),
            period: period(row.period, lang),
            start: number(row.start_figure, lang),
            changed: difference(row.changed.0, lang),
            end: number(row.end_figure, lang),
            implied: number(row.implied_start, lang),
            difference: difference(row.discrepancy.0, lang),
            agrees: row.discrepancy.0 == 0,
            is_outdated: known.outdated,
        }
    }
}
