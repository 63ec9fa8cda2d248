//! The three languages: words by their ids, numbers and days as each writes them.

use std::{borrow::Cow, collections::HashMap};

use axum::http::{HeaderMap, header};
use fluent_templates::{LanguageIdentifier, fluent_bundle::FluentValue, langid, static_loader};
use jiff::{Timestamp, tz::TimeZone};
use qonys_events::scalar::{Day, Instant, Slug};

mod reason;

pub use reason::Said;

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "kk",
        // Isolation marks would stand as characters of their own in attributes and in print.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language of the pages and of what is told to people. Kazakh is the state language and the default of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Lang {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Its name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    /// The address of its page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Kk => "/kk/",
            Self::Ru => "/ru/",
            Self::En => "/en/",
        }
    }

    const fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::Kk => langid!("kk"),
            Self::Ru => langid!("ru"),
            Self::En => langid!("en"),
        }
    }

    /// The language that a reader likes best among ours (`Accept-Language`); Kazakh where none is named.
    pub fn negotiate(headers: &HeaderMap) -> Self {
        Self::asked(headers).unwrap_or(Self::Kk)
    }

    /// The language that a caller asks for among ours (`Accept-Language`), if he asks for one.
    pub fn asked(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut best: Option<(u16, Self)> = None;
        for part in accepted.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let tag = pieces.next().unwrap_or("").to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.strip_prefix("q="))
                .map_or(Some(1_000), thousandths)
                .unwrap_or(0);
            let primary = tag.split('-').next().unwrap_or("");
            let found = Self::ALL.into_iter().find(|lang| lang.code() == primary);
            if let Some(lang) = found
                && weight > best.map_or(0, |(weight, _)| weight)
            {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// The words of an id; `None` when the language has none of that id.
    fn find(self, id: &str, values: &[(&'static str, &str)]) -> Option<String> {
        let values: HashMap<Cow<'static, str>, FluentValue<'_>> = values
            .iter()
            .map(|(name, value)| ((*name).into(), FluentValue::from(*value)))
            .collect();
        LOCALES
            .lookup_single_language(&self.identifier(), id, Some(&values))
            .ok()
    }

    /// The words of an id that may have none.
    pub fn known(self, id: &str) -> Option<String> {
        self.find(id, &[])
    }

    /// The words of an id. An id without words shows itself: tests see that there is none.
    pub fn say(self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The words of an id with values in them.
    pub fn with(self, id: &str, values: &[(&'static str, &str)]) -> String {
        self.find(id, values).unwrap_or_else(|| id.to_owned())
    }

    /// The name of a territory; its name in the register where we know no other.
    pub fn territory(self, name: &Slug) -> String {
        self.find(&format!("territory-{name}"), &[])
            .unwrap_or_else(|| name.to_string())
    }

    /// A whole number in groups of three: with no-break spaces, or in English with commas.
    pub fn number(self, number: i64) -> String {
        let between = match self {
            Self::Kk | Self::Ru => '\u{a0}',
            Self::En => ',',
        };
        let digits = number.unsigned_abs().to_string();
        let mut out = String::from(if number < 0 { "\u{2212}" } else { "" });
        for (n, digit) in digits.chars().enumerate() {
            if n > 0 && (digits.len() - n).is_multiple_of(3) {
                out.push(between);
            }
            out.push(digit);
        }
        out
    }

    /// A day in words.
    pub fn day(self, day: Day) -> String {
        let [year, month, day] = parts(day);
        let month = self.say(&format!("month-{month}"));
        self.with(
            "date-long",
            &[("day", &day), ("month", &month), ("year", &year)],
        )
    }

    /// The month of a day, with its year, in words.
    pub fn month(self, day: Day) -> String {
        let [year, month, _] = parts(day);
        let month = self.say(&format!("month-alone-{month}"));
        self.with("month-long", &[("month", &month), ("year", &year)])
    }

    /// The month of a day in a few letters.
    pub fn month_short(self, day: Day) -> String {
        let [_, month, _] = parts(day);
        self.say(&format!("month-short-{month}"))
    }

    /// A time in words, in a zone, to the second.
    pub fn instant(self, at: Instant, zone: &TimeZone) -> String {
        let date = self.day(Day::of(at, zone));
        let zoned = Timestamp::from_microsecond(at.micros())
            .map(|at| at.to_zoned(zone.clone()))
            .ok();
        let time = zoned.map_or_else(String::new, |zoned| {
            format!(
                "{:02}:{:02}:{:02}",
                zoned.hour(),
                zoned.minute(),
                zoned.second()
            )
        });
        let zone = zone.iana_name().unwrap_or("UTC");
        self.with(
            "time-long",
            &[("date", &date), ("time", &time), ("zone", zone)],
        )
    }
}

/// Year, month and day without leading zeros.
fn parts(day: Day) -> [String; 3] {
    let text = day.to_string();
    let mut parts = text
        .split('-')
        .map(|part| part.trim_start_matches('0').to_owned());
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

/// A weight such as `0.8` in thousandths; `None` when it is none.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|b| b.is_ascii_digit());
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let rest: u16 = format!("{rest:0<3}").parse().ok().filter(|_| digits)?;
    Some((whole * 1_000 + rest).min(1_000))
}
