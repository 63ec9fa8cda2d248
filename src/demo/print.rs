//! The story as it is printed. Every figure is asked of the log ([`super::ask`]) at the moment of printing; nothing is
//! remembered from what was sent.

use std::fmt::{self, Display, Write as _};

use qonys_domain::blocked::{Basis, Blocked};
use qonys_events::{
    fact::Fact,
    id::Line,
    scalar::{Day, Slug, Text},
    term::{Certainty, DecisionType},
};
use qonys_projections::{
    acts::register::{LATEST, Register},
    quota::board::{BoardLine, LineState},
};
use serde_json::Value;

use super::{
    DemoError,
    agenda::Planned,
    ask::{Ask, Found, short},
    story::{ORDER, Proposal, Story, line_of},
};

mod chapters;
mod steps;
mod town;

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
    register: Register,
    told: Told,
    /// The number of the chapter.
    chapter: u32,
}

/// Tells the story.
pub(super) async fn tell(ask: &Ask<'_>, story: &Story) -> Result<Told, DemoError> {
    let register = ask.register().await?;
    let mut telling = Telling {
        ask,
        register,
        told: Told::default(),
        chapter: 0,
    };
    telling.preface(story).await?;
    telling.refusal(story).await?;
    telling.proposals(story).await?;
    telling.inclusion(story).await?;
    let [contested, support] = &story.contested;
    telling.steps(contested).await?;
    telling.steps(support).await?;
    telling.flat(story).await?;
    telling.steps(&story.house).await?;
    telling.town(story).await?;
    telling.steps(&story.stead).await?;
    telling.steps(&story.population_departure).await?;
    telling.steps(&story.forecast).await?;
    telling.steps(&story.privacy).await?;
    telling.steps(&story.anew).await?;
    telling.repeal(story).await?;
    telling.national().await?;
    telling.year(story).await?;
    Ok(telling.told)
}

impl Telling<'_> {
    /// A line of its own.
    fn line(&mut self, text: impl Display) {
        writeln!(self.told.text, "{text}").expect("a String takes every text");
    }

    fn heading(&mut self, text: &str) {
        self.chapter += 1;
        let number = self.chapter;
        self.line(format_args!("\n{number:<3}{text}"));
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
        self.told.figures.push(Figure {
            name: name.into(),
            value: value.clone(),
        });
        value
    }

    /// An act by number, marked where it is invented.
    fn act(&self, name: &Slug) -> String {
        let Some(act) = self.register.act(name, LATEST) else {
            return name.to_string();
        };
        let called = match &act.number {
            Some(number) => format!("{} No {number}", act.kind),
            None => name.to_string(),
        };
        if act.synthetic {
            format!("{called} [synthetic]")
        } else {
            called
        }
    }

    /// What an entry rests on: act, point, wording, how sure that is, and who decided.
    fn basis(&self, found: &Found) -> Option<String> {
        let event = &found.entry.event;
        let (slug, point) = (event.act.as_ref()?, event.point.as_ref()?);
        let (act, wording) = (self.act(slug), event.wording.as_ref()?);
        // What its verdict read, or else how sure the power is that it cites.
        let certainty =
            fact_of(found, "act-certainty").or_else(|| self.certainty(found, slug, point));
        let mark = certainty.map_or(String::new(), |certainty| mark(&certainty));
        Some(format!("{act}, point {point}, wording {wording}{mark}"))
    }

    /// How sure the power is that an entry cites.
    fn certainty(&self, found: &Found, act: &Slug, point: &Text) -> Option<String> {
        let day = found.entry.event.decidedon?;
        let register = &self.register;
        let powers = DecisionType::ALL
            .iter()
            .flat_map(|decision| register.powers(*decision, day, LATEST));
        let power = powers
            .into_iter()
            .find(|power| power.document == *act && power.point == *point)?;
        Some(power.certainty.to_string())
    }

    /// What a command that was accepted decided, with who gave it and what it rests on: its entry that cites an act, or the
    /// first one where none does.
    async fn decided(
        &mut self,
        command: &Planned,
        text: impl Display,
    ) -> Result<Option<Found>, DemoError> {
        let mut found = self.ask.command(command.id).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let cites = |found: &Found| found.entry.event.act.is_some();
        let first = found.swap_remove(found.iter().position(cites).unwrap_or(0));
        if let Some(day) = first.entry.event.decidedon {
            self.on(day, text);
        }
        let actor = &first.entry.command.actor;
        let who = format!("{}, {}", actor.role, actor.office);
        match self.basis(&first) {
            Some(basis) => self.more(format_args!("{basis}; by {who}")),
            None => self.more(format_args!("entered by {who}")),
        }
        Ok(Some(first))
    }

    /// A command that was blocked: decided again as the log stood then.
    async fn blocked(
        &mut self,
        command: &Planned,
        text: impl Display,
    ) -> Result<Option<Blocked>, DemoError> {
        let Some(blocked) = self.ask.why_blocked(command).await? else {
            return Ok(None);
        };
        let zone = jiff::tz::TimeZone::get(self.ask.log.zone().as_str()).ok();
        let day = zone.map(|zone| Day::of(command.at, &zone).to_string());
        self.on(day.unwrap_or_default(), format_args!("BLOCKED: {text}"));
        let basis = match &blocked.basis {
            Basis::Law { act, point } => format!("{}, point {point}", self.act(act)),
            Basis::Control => "a control of the register, for which no law is cited".to_owned(),
        };
        self.more(format_args!("{}: {basis}", blocked.code.as_str()));
        Ok(Some(blocked))
    }
}

/// How a line stands, in words.
fn state(line: &BoardLine) -> String {
    match &line.state {
        LineState::NotYet { earliest, .. } => format!("not in force before {earliest}"),
        LineState::InForce => line
            .limit
            .map_or("no limit".into(), |limit| format!("limit {limit}")),
        LineState::Unknown { .. } => "not known whether in force".into(),
        LineState::Repealed { .. } => "repealed".into(),
        LineState::NoLimit => "no limit".into(),
    }
}

/// A mark for what is not simply known.
fn mark(certainty: &str) -> String {
    if certainty == Certainty::Known.as_str() {
        String::new()
    } else {
        format!(" [{certainty}]")
    }
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

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
