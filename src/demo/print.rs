//! The story as it is printed. Every figure is asked of the log ([`super::ask`]) at the moment of printing; nothing is
//! remembered from what was sent.

use std::fmt::{self, Display, Write as _};

use qonys_domain::{blocked::Basis, streams::State};
use qonys_events::{
    fact::{Fact, law::ActRecorded},
    id::{Line, StreamId, StreamKind},
    scalar::{Day, Slug},
    term::Certainty,
};
use qonys_projections::{
    acts::register::LATEST,
    quota::board::{BoardLine, LineState},
};
use serde_json::Value;

use super::{
    DemoError,
    agenda::Planned,
    ask::{Ask, Found, Whole},
    story::{Proposal, Story, line_of},
};

mod chapters;

/// A figure that the story prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it is, in words that do not change.
    pub name: String,
    /// Its value as it is printed.
    pub value: String,
}

/// The story, with the figures that stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The text.
    pub text: String,
    /// Its figures, in their order.
    pub figures: Vec<Figure>,
}

impl Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The telling, while the log is asked.
struct Telling<'a> {
    ask: &'a Ask<'a>,
    whole: Whole,
    told: Told,
}

/// Tells the story.
pub(super) async fn tell(ask: &Ask<'_>, story: &Story) -> Result<Told, DemoError> {
    let whole = ask.whole().await?;
    let mut telling = Telling { ask, whole, told: Told::default() };
    telling.preface();
    telling.refusal(story).await?;
    telling.proposals(story).await?;
    telling.inclusion(story).await?;
    telling.flat(story).await?;
    telling.repeal(story).await?;
    telling.national();
    telling.year(story).await?;
    Ok(telling.told)
}

impl Telling<'_> {
    /// A line of its own.
    fn line(&mut self, text: impl Display) {
        writeln!(self.told.text, "{text}").expect("a String takes every text");
    }

    fn heading(&mut self, text: &str) {
        self.line(format_args!("\n{text}"));
    }

    /// What happened on a day.
    fn on(&mut self, day: impl Display, text: impl Display) {
        self.line(format_args!("  {day}  {text}"));
    }

    /// What belongs to the line above.
    fn more(&mut self, text: impl Display) {
        self.line(format_args!("              {text}"));
    }

    /// A figure, remembered and as it is printed.
    fn figure(&mut self, name: impl Into<String>, value: impl Display) -> String {
        let value = value.to_string();
        self.told.figures.push(Figure { name: name.into(), value: value.clone() });
        value
    }

    /// An act by number, marked where it is invented.
    fn act(&self, name: &Slug) -> String {
        let Some(act) = self.whole.board.register().act(name, LATEST) else { return name.to_string() };
        let called = match &act.number {
            Some(number) => format!("{} No {number}", act.kind),
            None => name.to_string(),
        };
        if act.synthetic { format!("{called} [synthetic]") } else { called }
    }

    /// What an entry rests on: act, point, wording, and how sure that is.
    fn basis(&self, found: &Found) -> Option<String> {
        let event = &found.entry.event;
        let (act, point, wording) = (event.act.as_ref()?, event.point.as_ref()?, event.wording.as_ref()?);
        let act = self.act(act);
        let certainty = fact_of(found, "act-certainty");
        let mark = certainty.map_or(String::new(), |certainty| mark(&certainty));
        Some(format!("{act}, point {point}, wording {wording}{mark}"))
    }

    /// The first entry of a command that was accepted, with what it rests on.
    async fn decided(&mut self, command: &Planned, text: impl Display) -> Result<Option<Found>, DemoError> {
        let mut found = self.ask.command(command.id).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let first = found.swap_remove(0);
        if let Some(day) = first.entry.event.decidedon {
            self.on(day, text);
        }
        if let Some(basis) = self.basis(&first) {
            self.more(basis);
        }
        Ok(Some(first))
    }

    /// A command that was blocked: decided again as the log stood then.
    async fn blocked(&mut self, command: &Planned, text: impl Display) -> Result<(), DemoError> {
        let Some(blocked) = self.ask.why_blocked(command).await? else { return Ok(()) };
        let zone = jiff::tz::TimeZone::get(self.ask.log.zone().as_str()).ok();
        let day = zone.map(|zone| Day::of(command.at, &zone).to_string());
        self.on(day.unwrap_or_default(), format_args!("Blocked: {text}"));
        let basis = match &blocked.basis {
            Basis::Law { act, point } => format!("{}, point {point}", self.act(act)),
            Basis::Control => "a control of the register; no law is cited for it".to_owned(),
        };
        let state = blocked.facts.get("repealed-on");
        let state = state.map_or(String::new(), |day| format!("; the act lost force on {day}"));
        self.more(format_args!("{}: {basis}{state}", blocked.code.as_str()));
        Ok(())
    }

    /// A line of the board of a day.
    fn board(&self, line: &Line, day: Day) -> Option<BoardLine> {
        self.whole.board.as_of(day).line(line).cloned()
    }
}

/// How a line stands, in words.
fn state(line: &BoardLine) -> String {
    match &line.state {
        LineState::NotYet { earliest, .. } => format!("not in force before {earliest}"),
        LineState::InForce => line.limit.map_or("no limit".into(), |limit| format!("limit {limit}")),
        LineState::Unknown { .. } => "not known whether in force".into(),
        LineState::Repealed { .. } => "repealed".into(),
        LineState::NoLimit => "no limit".into(),
    }
}

/// A mark for what is not simply known.
fn mark(certainty: &str) -> String {
    if certainty == Certainty::Known.as_str() { String::new() } else { format!(" [{certainty}]") }
}

/// A fact that a verdict read.
fn fact_of(found: &Found, name: &str) -> Option<String> {
    let data: Value = serde_json::from_str(&found.entry.event.fact.write_data()).ok()?;
    data["facts"][name].as_str().map(str::to_owned)
}

/// The line of a category and territory in 2024.
fn line_2024(category: &str, territory: &str) -> Line {
    serde_json::from_value(line_of(category, territory)).expect("a line of 2024")
}

fn date(text: &str) -> Day {
    text.parse().expect("a day")
}
