//! `qonys act` and `qonys acts`: acts with their status on a day.

use clap::Args;
use qonys_events::{scalar::Slug, term::Certainty};
use qonys_projections::acts::status::{Reason, Status};

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, or_dash},
    output,
};
use crate::{
    clock::Clock,
    views::queries::acts::{ActOnDay, ActsAnswer},
};

/// Options of `qonys act`.
#[derive(Args)]
pub(super) struct Act {
    /// The act's name in the register.
    name: Slug,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    ask: Ask,
}

/// Options of `qonys acts`.
#[derive(Args)]
pub(super) struct Acts {
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    ask: Ask,
}

async fn answer(name: Option<&Slug>, day: &OnDay, ask: &Ask) -> Result<ActsAnswer, Failure> {
    let views = ask.open().await?;
    let as_of = ask.as_of.point();
    Ok(views
        .acts(name, day.effective, as_of, &Clock::System)
        .await?)
}

/// Prints every act.
pub(super) async fn list(acts: Acts) -> Result<(), Failure> {
    let answer = answer(None, &acts.day, &acts.ask).await?;
    acts.ask.write(&answer, &answer.acts, || {
        let row = |act: &ActOnDay| {
            vec![
                act.act.to_string(),
                or_dash(act.number.as_ref()),
                standing(&act.standing),
                act.document.to_string(),
                act.wording.to_string(),
                if act.synthetic { "synthetic" } else { "" }.to_owned(),
            ]
        };
        let rows: Vec<_> = answer.acts.iter().map(row).collect();
        let header = ["act", "number", "on the day", "document", "wording", "note"];
        output::table(&header, &rows)?;
        computed_at(answer.at, Some(answer.day))
    })
}

/// Prints one act.
pub(super) async fn show(act: Act) -> Result<(), Failure> {
    let answer = answer(Some(&act.name), &act.day, &act.ask).await?;
    let Some(found) = answer.acts.first() else {
        let at = answer.at.position;
        return Err(Failure::error(format!(
            "no act {} is recorded at position {at}",
            act.name
        )));
    };
    act.ask.write(&answer, &answer.acts, || {
        output::line(&format!("{} on {}", found.act, answer.day))?;
        for (name, value) in told(found) {
            output::line(&format!("  {name:<15}{value}"))?;
        }
        computed_at(answer.at, None)
    })
}

fn told(act: &ActOnDay) -> Vec<(&'static str, String)> {
    let mut lines = vec![("stands", standing(&act.standing))];
    let mut add = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    add("kind", Some(format!("{}, {}", act.kind, act.body)));
    add("number", act.number.as_ref().map(ToString::to_string));
    let titles = [&act.titles.kk, &act.titles.ru, &act.titles.en];
    for title in titles.into_iter().flatten() {
        add("title", Some(title.to_string()));
    }
    let dates = &act.dates;
    add("adopted", dates.adopted.map(|d| d.to_string()));
    add("registered", dates.registered.map(|d| d.to_string()));
    add("published", dates.published.map(|d| d.to_string()));
    add(
        "in force",
        dates.in_force.map(|d| format!("{d}, by its source")),
    );
    add(
        "determined",
        dates.determined.map(|d| format!("{d}, assumed")),
    );
    let wording = &act.document_wording;
    let text = if act.text_recorded {
        ""
    } else {
        ", text not recorded"
    };
    add(
        "sets wording",
        Some(format!("{} of {}{text}", act.wording, act.document)),
    );
    add(
        "wording then",
        Some(format!(
            "{}, {}",
            or_dash(wording.wording.as_ref()),
            standing(&wording.status)
        )),
    );
    for parent in &act.parents {
        add(
            "rests on",
            Some(format!("{}, {}", parent.act, standing(&parent.standing))),
        );
    }
    for repealed in &act.repeals {
        add("repeals", Some(repealed.to_string()));
    }
    add("source", Some(act.source.to_string()));
    add("note", act.note.as_ref().map(ToString::to_string));
    add("synthetic", act.synthetic.then(|| "yes".to_owned()));
    lines
}

/// How sure it is, unless it is known.
fn assumed(certainty: Certainty) -> String {
    match certainty {
        Certainty::Known => String::new(),
        other => format!(" ({other})"),
    }
}

/// How an act stands, in words.
fn standing(status: &Status) -> String {
    match status {
        Status::NotYet { earliest } => format!("not yet, not before {earliest}"),
        Status::InForce { from, certainty } => {
            format!("in force from {from}{}", assumed(*certainty))
        }
        Status::Repealed {
            from,
            by,
            certainty,
        } => format!("repealed from {from} by {by}{}", assumed(*certainty)),
        Status::Unknown { reason } => match reason {
            Reason::NotRecorded => "unknown: not recorded".to_owned(),
            Reason::NoEvidence => "unknown: no evidence of entry into force".to_owned(),
            Reason::MonthOnly => "unknown: only the month is known".to_owned(),
            Reason::RepealUnknown { by } => format!("unknown: whether {by} repealed it"),
        },
    }
}
