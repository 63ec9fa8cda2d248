//! The register of acts: every act, and how it stands on the day.

use askama::Template;
use qonys_events::{scalar::Day, term::ActDate};
use qonys_projections::acts::{
    ActRow,
    register::{LATEST, Register},
};

use super::{
    Inner,
    asked::Asked,
    frame::{Frame, Part},
    locale::Lang,
    shown::{Failed, Shown},
    words::{NamedAct, Standing, partial, standing},
};

/// Acts on the first page.
const LATEST_MAX: usize = 8;

/// An act in a list.
pub(super) struct ShownAct {
    pub(super) act: NamedAct,
    pub(super) body: String,
    /// The day or month of its adoption.
    pub(super) adopted: Option<String>,
    pub(super) standing: Standing,
}

fn shown(register: &Register, act: &ActRow, day: Day, lang: Lang) -> ShownAct {
    let evidence = register.evidence(&act.act, LATEST).unwrap_or_default();
    ShownAct {
        act: NamedAct::of(act, lang),
        body: act.body.to_string(),
        adopted: evidence.adopted.map(|day| partial(day, lang)),
        standing: standing(&register.status(&act.act, day, LATEST), lang),
    }
}

/// The acts that were recorded last, the last one first.
pub(super) fn latest(register: &Register, day: Day, lang: Lang) -> Vec<ShownAct> {
    let mut acts: Vec<&ActRow> = register.acts(LATEST).collect();
    acts.sort_by_key(|act| std::cmp::Reverse(act.recorded_from));
    acts.truncate(LATEST_MAX);
    acts.into_iter()
        .map(|act| shown(register, act, day, lang))
        .collect()
}

/// The page.
#[derive(Template)]
#[template(path = "acts.html")]
pub(super) struct ActsPage {
    frame: Frame,
    acts: Vec<ShownAct>,
}

impl Shown for ActsPage {
    const PATH: &'static str = "acts";
    const PART: Part = Part::Acts;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let quota = site.queries.board(asked.point.position, asked.day).await?;
        let register = quota.register();
        // The newest first; an act whose adoption is not known by the first date that is.
        let mut acts: Vec<&ActRow> = register.acts(LATEST).collect();
        acts.sort_by_key(|act| std::cmp::Reverse((age(register, act), act.recorded_from)));
        let lang = frame.lang;
        Ok(Self {
            acts: acts
                .into_iter()
                .map(|act| shown(register, act, asked.day, lang))
                .collect(),
            frame,
        })
    }
}

/// The first day in the life of an act that is known.
fn age(register: &Register, act: &ActRow) -> Option<Day> {
    let evidence = register.evidence(&act.act, LATEST)?;
    let dates = [
        evidence.adopted,
        evidence.registered,
        evidence.published,
        evidence.in_force,
    ];
    let first = dates.into_iter().flatten().map(|day| day.earliest()).min();
    first.or(evidence.determined)
}

/// Words of a date in the life of an act.
pub(super) fn date(kind: ActDate, lang: Lang) -> String {
    lang.say(&format!("act-{kind}"))
}
