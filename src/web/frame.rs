//! What all pages share: the languages, the navigation, what kind of log it is, and the point that the page shows.

use qonys_events::{entry::Entry, fact::Fact, scalar::Position, term::LogKind};

use super::{Inner, asked::Asked, locale::Lang};
use crate::log::LogError;

/// A part of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Board,
    Acts,
    Proposals,
    /// Monitoring (point 4).
    Figures,
    /// The trigger and the measures (point 7).
    Departures,
    /// What the registration records are for (point 8).
    Forecasts,
    /// Working pages: single decisions. No public page leads there.
    Office,
    /// No page of the navigation.
    None,
}

impl Part {
    /// The public parts: part, address, words.
    pub(super) const PUBLIC: [(Self, &'static str, &'static str); 6] = [
        (Self::Board, "", "part-board"),
        (Self::Acts, "acts", "part-acts"),
        (Self::Proposals, "proposals", "part-proposals"),
        (Self::Figures, "figures", "part-figures"),
        (Self::Departures, "departures", "part-departures"),
        (Self::Forecasts, "forecasts", "part-forecasts"),
    ];

    /// Whether its pages have a second day: what they show was known on it.
    pub(super) const fn has_two_days(self) -> bool {
        matches!(self, Self::Figures | Self::Departures)
    }
}

/// A banner above the page.
pub(super) struct Banner {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// What all pages share.
pub(super) struct Frame {
    pub(super) lang: Lang,
    pub(super) part: Part,
    /// The address below the language.
    pub(super) path: String,
    /// What asks for the same day and position again; empty where the reader asked for none.
    pub(super) query: String,
    pub(super) notice: Option<String>,
    pub(super) banner: Option<Banner>,
    pub(super) faults: Vec<String>,
    pub(super) day: String,
    pub(super) day_value: String,
    /// As known on this day.
    pub(super) known: String,
    pub(super) known_value: String,
    pub(super) position: String,
    pub(super) position_value: String,
    pub(super) origin: String,
}

/// A position in words.
pub(super) fn number(position: Position, lang: Lang) -> String {
    lang.number(i64::try_from(position.0).unwrap_or(i64::MAX))
}

impl Frame {
    /// The frame of a page.
    pub(super) async fn of(
        site: &Inner,
        lang: Lang,
        part: Part,
        path: &str,
        asked: &Asked,
    ) -> Result<Self, LogError> {
        let (day_value, position_value) = (asked.day.to_string(), asked.point.position.to_string());
        let mut query = if asked.is_elsewhere() {
            format!("?effective={day_value}&position={position_value}")
        } else {
            String::new()
        };
        if let Some(known_on) = asked.known_on {
            query.push_str(&format!("&known_on={known_on}"));
        }
        Ok(Self {
            part,
            path: path.to_owned(),
            query,
            notice: match kind(site).await? {
                Some(LogKind::Demo) => Some(lang.say("demo-notice")),
                Some(LogKind::Test) => Some(lang.say("test-notice")),
                Some(LogKind::Register) | None => None,
            },
            banner: asked.is_elsewhere().then(|| banner(site, asked, lang)),
            faults: asked.faults.clone(),
            day: lang.day(asked.day),
            day_value,
            known: lang.day(asked.known_on()),
            known_value: asked.known_on().to_string(),
            position: number(asked.point.position, lang),
            position_value,
            origin: site.log.origin().to_string(),
            lang,
        })
    }

    /// The frame of a page that shows nothing of the register.
    pub(super) fn bare(lang: Lang) -> Self {
        Self {
            lang,
            part: Part::None,
            path: String::new(),
            query: String::new(),
            notice: None,
            banner: None,
            faults: Vec::new(),
            day: String::new(),
            day_value: String::new(),
            known: String::new(),
            known_value: String::new(),
            position: String::new(),
            position_value: String::new(),
            origin: String::new(),
        }
    }

    pub(super) fn say(&self, id: &str) -> String {
        self.lang.say(id)
    }

    /// Words with one value in them.
    pub(super) fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        self.lang.with(id, &[(name, value)])
    }

    /// The address of a page at the same point.
    pub(super) fn href(&self, path: &str) -> String {
        format!("{}{path}{}", self.lang.path(), self.query)
    }

    /// The address of this page in a language.
    pub(super) fn in_lang(&self, lang: Lang) -> String {
        format!("{}{}{}", lang.path(), self.path, self.query)
    }

    /// The query string that asks a program's address for the same.
    pub(super) fn same(&self) -> String {
        format!(
            "?effective={}&position={}",
            self.day_value, self.position_value
        )
    }

    /// The same, of an address that takes the second day too.
    pub(super) fn same_known(&self) -> String {
        format!("{}&known_on={}", self.same(), self.known_value)
    }
}

fn banner(site: &Inner, asked: &Asked, lang: Lang) -> Banner {
    let title = if asked.is_ahead() {
        "ahead-title"
    } else {
        "past-title"
    };
    let mut lines = vec![lang.with("past-effective", &[("day", &lang.day(asked.day))])];
    if asked.point.position != asked.usual.1.position {
        let position = number(asked.point.position, lang);
        lines.push(lang.with("past-position", &[("position", &position)]));
        if let Some(time) = asked.point.time {
            let instant = lang.instant(time, &site.zone);
            lines.push(lang.with("past-recorded", &[("instant", &instant)]));
        }
    }
    if let Some(known_on) = asked.known_on {
        lines.push(lang.with("past-known", &[("day", &lang.day(known_on))]));
    }
    Banner {
        title: lang.say(title),
        lines,
    }
}

/// What the log is for: its first entry says so.
async fn kind(site: &Inner) -> Result<Option<LogKind>, LogError> {
    let first = site.log.read_after(Position(0), 1).await?;
    let entry = first
        .first()
        .and_then(|recorded| Entry::parse(&recorded.text).ok());
    Ok(entry.and_then(|entry| match entry.event.fact {
        Fact::LogOpened(opened) => Some(opened.kind),
        Fact::LogContinued(continued) => Some(continued.kind),
        _ => None,
    }))
}
