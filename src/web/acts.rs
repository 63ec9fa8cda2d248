//! The acts that were recorded last, in words of one language.

use qonys_events::{
    scalar::{Day, Text},
    term::Certainty,
};
use qonys_projections::acts::{
    ActRow,
    register::{LATEST, Register},
    status::Status,
};

use super::locale::Lang;

/// Acts on the page.
const ACTS_MAX: usize = 12;

/// An act.
pub(super) struct ShownAct {
    pub(super) title: String,
    /// The language of the title.
    pub(super) title_lang: &'static str,
    pub(super) number: Option<String>,
    pub(super) body: String,
    pub(super) standing: String,
    pub(super) is_synthetic: bool,
    pub(super) recorded: String,
}

/// How an act stands, in words.
fn standing(status: &Status, lang: Lang) -> String {
    let id = |name: &str, certainty: Certainty| match certainty {
        Certainty::Known => name.to_owned(),
        Certainty::Assumed | Certainty::Interpretation => format!("{name}-assumed"),
    };
    let since = |id: &str, day: Day| lang.with(id, &[("day", &lang.day(day))]);
    match status {
        Status::NotYet { earliest } => since("standing-not-yet", *earliest),
        Status::InForce { from, certainty } => since(&id("standing-in-force", *certainty), *from),
        Status::Repealed {
            from, certainty, ..
        } => since(&id("standing-repealed", *certainty), *from),
        Status::Unknown { .. } => lang.say("standing-unknown"),
    }
}

/// The title in the reader's language, or in one that is known; the name in the register where none is.
fn title(act: &ActRow, lang: Lang) -> (String, &'static str) {
    let in_lang = |lang: Lang| {
        let title: Option<&Text> = match lang {
            Lang::Kk => act.title_kk.as_ref(),
            Lang::Ru => act.title_ru.as_ref(),
            Lang::En => act.title_en.as_ref(),
        };
        title.map(|title| (title.to_string(), lang.code()))
    };
    in_lang(lang)
        .or_else(|| Lang::ALL.into_iter().find_map(in_lang))
        .unwrap_or_else(|| (act.act.to_string(), "en"))
}

/// The acts that were recorded last, the last one first.
pub(super) fn latest(register: &Register, day: Day, lang: Lang) -> Vec<ShownAct> {
    let mut acts: Vec<&ActRow> = register.acts(LATEST).collect();
    acts.sort_by_key(|act| std::cmp::Reverse(act.recorded_from));
    acts.truncate(ACTS_MAX);
    let shown = |act: &ActRow| {
        let (title, title_lang) = title(act, lang);
        let position = i64::try_from(act.recorded_from.0).unwrap_or(i64::MAX);
        ShownAct {
            title,
            title_lang,
            number: act
                .number
                .as_ref()
                .map(|number| lang.with("act-number", &[("number", number.as_str())])),
            body: act.body.to_string(),
            standing: standing(&register.status(&act.act, day, LATEST), lang),
            is_synthetic: act.synthetic,
            recorded: lang.with("act-recorded", &[("position", &lang.number(position))]),
        }
    };
    acts.into_iter().map(shown).collect()
}
