//! The page: the quota board, the latest acts, the head of the log.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use qonys_events::{entry::Entry, fact::Fact, scalar::Position, term::LogKind};
use qonys_projections::quota::board::QuotaBoard;

use super::{
    Form, Inner,
    acts::{ShownAct, latest},
    asked::Asked,
    bar::WIDTH,
    board::{Group, groups},
    html,
    locale::Lang,
};
use crate::{
    log::{Head, LogError},
    queries::Unanswered,
};

/// A banner above the page.
struct Banner {
    title: String,
    lines: Vec<String>,
}

/// The head of the log, in words.
struct ShownHead {
    size: String,
    root: String,
    time: String,
    origin: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    lang: Lang,
    notice: Option<String>,
    banner: Option<Banner>,
    faults: Vec<String>,
    day: String,
    day_value: String,
    position: String,
    position_value: String,
    /// Tables of the year of the day.
    groups: Vec<Group>,
    /// Tables of other years.
    others: Vec<Group>,
    is_empty: bool,
    acts: Vec<ShownAct>,
    head: ShownHead,
}

#[derive(Template)]
#[template(path = "unavailable.html")]
struct Unavailable {
    lang: Lang,
}

/// Why there is no page.
enum Failed {
    Views(Unanswered),
    Log(LogError),
    Template(askama::Error),
}

impl From<Unanswered> for Failed {
    fn from(error: Unanswered) -> Self {
        Self::Views(error)
    }
}
impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}
impl From<askama::Error> for Failed {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

impl Page {
    fn say(&self, id: &str) -> String {
        self.lang.say(id)
    }

    /// The query string that asks for the same again.
    fn same(&self) -> String {
        format!(
            "?effective={}&position={}",
            self.day_value, self.position_value
        )
    }
}

impl Unavailable {
    fn say(&self, id: &str) -> String {
        self.lang.say(id)
    }
}

/// Shows the page.
pub(super) async fn show(site: &Inner, lang: Lang, form: &Form) -> Response {
    match page(site, lang, form).await {
        Ok((status, text)) => html(status, lang, text),
        Err(failed) => {
            match failed {
                Failed::Views(error) => tracing::error!(%error, "a page could not be made"),
                Failed::Log(error) => tracing::error!(%error, "a page could not be made"),
                Failed::Template(error) => tracing::error!(%error, "a page could not be made"),
            }
            let text = Unavailable { lang }.render().unwrap_or_default();
            html(StatusCode::SERVICE_UNAVAILABLE, lang, text)
        }
    }
}

async fn page(site: &Inner, lang: Lang, form: &Form) -> Result<(StatusCode, String), Failed> {
    let asked = Asked::read(site, form, lang).await?;
    let quota: QuotaBoard = site.queries.board(asked.point.position, asked.day).await?;
    let head = site.log.head().await?;
    let kind = kind(site).await?;
    let board = quota.as_of(asked.day);
    let (groups, others): (Vec<_>, Vec<_>) = groups(&board, lang)
        .into_iter()
        .partition(|group| group.year == asked.day.year());
    let position = asked.point.position;
    let status = if asked.faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = Page {
        lang,
        notice: match kind {
            Some(LogKind::Demo) => Some(lang.say("demo-notice")),
            Some(LogKind::Test) => Some(lang.say("test-notice")),
            Some(LogKind::Register) | None => None,
        },
        banner: asked.is_elsewhere().then(|| banner(site, &asked, lang)),
        day: lang.day(asked.day),
        day_value: asked.day.to_string(),
        position: number(position, lang),
        position_value: position.to_string(),
        is_empty: groups.is_empty() && others.is_empty(),
        groups,
        others,
        acts: latest(quota.register(), asked.day, lang),
        head: shown(site, &head, lang),
        faults: asked.faults,
    };
    Ok((status, page.render()?))
}

fn number(position: Position, lang: Lang) -> String {
    lang.number(i64::try_from(position.0).unwrap_or(i64::MAX))
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
    Banner {
        title: lang.say(title),
        lines,
    }
}

fn shown(site: &Inner, head: &Head, lang: Lang) -> ShownHead {
    ShownHead {
        size: number(head.position, lang),
        root: head.frontier.root().to_string(),
        time: head.time.map_or_else(
            || lang.say("tree-empty"),
            |time| lang.instant(time, &site.zone),
        ),
        origin: site.log.origin().to_string(),
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
        _ => None,
    }))
}
