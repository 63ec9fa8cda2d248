//! The first page: the quota board, the latest acts, the head of the log.

use askama::Template;
use qonys_events::scalar::Year;

use super::{
    Inner,
    acts::{ShownAct, latest},
    asked::Asked,
    bar::WIDTH,
    board::{Group, groups, years},
    frame::{Frame, Part, number},
    locale::Lang,
    shown::{Failed, Shown},
};
use crate::log::Head;

/// The head of the log, in words.
struct ShownHead {
    size: String,
    root: String,
    time: String,
}

/// A year that has lines.
struct ShownYear {
    year: Year,
    address: String,
    is_shown: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "front.html")]
pub(super) struct Front {
    frame: Frame,
    years: Vec<ShownYear>,
    groups: Vec<Group>,
    is_empty: bool,
    acts: Vec<ShownAct>,
    head: ShownHead,
    /// Whether whoever reads the page may read the entries too.
    shows_entries: bool,
}

impl Shown for Front {
    const PATH: &'static str = "";
    const PART: Part = Part::Board;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let quota = site.queries.board(asked.point.position, asked.day).await?;
        let head = site.log.head().await?;
        let board = quota.as_of(asked.day);
        let shown = asked.year.unwrap_or(asked.day.year());
        let years = years(&board).into_iter().map(|year| ShownYear {
            address: of_year(&frame, &asked, year),
            is_shown: year == shown,
            year,
        });
        Ok(Self {
            years: years.collect(),
            groups: groups(&board, shown, lang),
            is_empty: board.lines.is_empty(),
            acts: latest(quota.register(), asked.day, lang),
            head: words(site, &head, lang),
            shows_entries: site.local,
            frame,
        })
    }
}

/// The board of a year's lines, as they stand at the same point.
fn of_year(frame: &Frame, asked: &Asked, year: Year) -> String {
    let address = frame.href("");
    if year == asked.day.year() {
        return address;
    }
    let between = if frame.query.is_empty() { '?' } else { '&' };
    format!("{address}{between}year={year}")
}

fn words(site: &Inner, head: &Head, lang: Lang) -> ShownHead {
    ShownHead {
        size: number(head.position, lang),
        root: head.frontier.root().to_string(),
        time: head.time.map_or_else(
            || lang.say("tree-empty"),
            |time| lang.instant(time, &site.zone),
        ),
    }
}
