//! What several pages say in the same words: acts, how they stand, how sure that is, quota lines.

use qonys_events::{
    id::Line,
    scalar::{Count, Day, PartialDay, Slug, Text},
    term::{Category, Certainty, CountingRule},
};
use qonys_projections::acts::{
    ActRow,
    register::{LATEST, Register},
    status::{Reason, Status},
};

use super::locale::Lang;

/// A count as a number with a sign.
pub(super) fn signed(count: Count) -> i64 {
    i64::try_from(count.0).unwrap_or(i64::MAX)
}

/// How something stands.
pub(super) struct Standing {
    pub(super) words: String,
    /// `in-force`, `not-yet`, `repealed` or `unknown`, for the style sheet.
    pub(super) kind: &'static str,
    /// How sure that is, where it is not known.
    pub(super) doubt: Option<String>,
}

/// How sure something is, in a word; nothing where it is known.
pub(super) fn doubt(certainty: Option<Certainty>, lang: Lang) -> Option<String> {
    match certainty {
        Some(Certainty::Known) | None => None,
        Some(Certainty::Assumed) => Some(lang.say("certainty-assumed")),
        Some(Certainty::Interpretation) => Some(lang.say("certainty-interpretation")),
    }
}

/// How an act stands, in words.
pub(super) fn standing(status: &Status, lang: Lang) -> Standing {
    let since = |id: &str, day: Day| lang.with(id, &[("day", &lang.day(day))]);
    let (kind, words) = match status {
        Status::NotYet { earliest } => ("not-yet", since("standing-not-yet", *earliest)),
        Status::InForce { from, .. } => ("in-force", since("standing-in-force", *from)),
        Status::Repealed { from, .. } => ("repealed", since("standing-repealed", *from)),
        Status::Unknown { reason } => {
            let id = match reason {
                Reason::MonthOnly => "standing-unknown-month",
                Reason::RepealUnknown { .. } => "standing-unknown-repeal",
                Reason::NotRecorded => "standing-unknown-act",
                Reason::NoEvidence => "standing-unknown",
            };
            ("unknown", lang.say(id))
        }
    };
    Standing {
        words,
        kind,
        doubt: doubt(status.certainty(), lang),
    }
}

/// An act to be named and led to.
pub(super) struct NamedAct {
    /// Its page, below its language.
    pub(super) address: String,
    pub(super) title: String,
    /// The language of the title: not the reader's where none is recorded in it.
    pub(super) title_lang: &'static str,
    pub(super) number: Option<String>,
    pub(super) is_synthetic: bool,
}

impl NamedAct {
    /// An act of the register.
    pub(super) fn of(act: &ActRow, lang: Lang) -> Self {
        let titles = [&act.title_kk, &act.title_ru, &act.title_en].map(Option::as_ref);
        let (title, title_lang) = title(titles, &act.act, lang);
        Self {
            address: format!("acts/{}", act.act),
            title,
            title_lang,
            number: act
                .number
                .as_ref()
                .map(|number| lang.with("act-number", &[("number", number.as_str())])),
            is_synthetic: act.synthetic,
        }
    }

    /// An act by its name, whether or not it stands in the register.
    pub(super) fn find(register: &Register, act: &Slug, lang: Lang) -> Self {
        register.act(act, LATEST).map_or_else(
            || Self {
                address: format!("acts/{act}"),
                title: act.to_string(),
                title_lang: NO_LANGUAGE,
                number: None,
                is_synthetic: false,
            },
            |row| Self::of(row, lang),
        )
    }
}

/// What the language of a name in the register is: none.
const NO_LANGUAGE: &str = "zxx";

/// A title in the reader's language, or in one that is recorded, with its language: pages say where it is another one. The
/// name in the register where none is recorded.
pub(super) fn title(
    [kk, ru, en]: [Option<&Text>; 3],
    name: &Slug,
    lang: Lang,
) -> (String, &'static str) {
    let in_lang = |lang: Lang| {
        let title = match lang {
            Lang::Kk => kk,
            Lang::Ru => ru,
            Lang::En => en,
        };
        title.map(|title| (title.to_string(), lang.code()))
    };
    in_lang(lang)
        .or_else(|| Lang::ALL.into_iter().find_map(in_lang))
        .unwrap_or_else(|| (name.to_string(), NO_LANGUAGE))
}

/// A day, or a month where no more is known.
pub(super) fn partial(day: PartialDay, lang: Lang) -> String {
    match day {
        PartialDay::Day(day) => lang.day(day),
        PartialDay::Month(first) => lang.month(first),
    }
}

/// Words of a category.
pub(super) fn category(category: Category, lang: Lang) -> String {
    lang.say(&format!("category-{category}"))
}

/// What one place is.
pub(super) fn rule(rule: &CountingRule, lang: Lang) -> String {
    // A rule that an act brought after us is shown by its name.
    let words = lang
        .known(&format!("rule-{rule}"))
        .unwrap_or_else(|| rule.to_string());
    lang.with("group-rule", &[("rule", &words)])
}

/// A line in words: category, territory, year.
pub(super) fn line(line: &Line, lang: Lang) -> String {
    lang.with(
        "line-name",
        &[
            ("category", &category(line.category, lang)),
            ("territory", &lang.territory(&line.territory)),
            ("year", &line.year.to_string()),
        ],
    )
}
