//! `qonys history` and `qonys decision`: what happened, and why.

use clap::Args;
use qonys_events::{
    entry::Entry,
    fault::Fault,
    id::{Ref, StreamId},
    scalar::{Position, StreamSeq},
    tree::leaf_hash,
};
use serde_json::{Value, json};

use super::{
    AsOf, Failure, Output, Where, output, place,
    told::{Telling, Why},
};
use crate::{
    audit,
    log::{Log, Recorded},
};

/// Entries read in one page.
const PAGE: u32 = 1_000;

/// Options of `qonys history`.
#[derive(Args)]
pub(super) struct History {
    /// A stream, such as `law/main`; the whole log without it.
    stream: Option<StreamId>,
    /// Only entries after this position (of a stream: after this sequence).
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// At most so many entries.
    #[arg(long)]
    limit: Option<u64>,
    #[command(flatten)]
    as_of: AsOf,
    /// How entries are written; `ndjson` gives their exact bytes.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    at: Where,
}

/// Options of `qonys decision`.
#[derive(Args)]
pub(super) struct Decision {
    /// The position of an entry, or the id of a command.
    which: String,
    /// How it is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    at: Where,
}

/// The entry's bytes, as they stand (promise P5).
fn exact(recorded: &Recorded) -> Result<String, Failure> {
    if Fault::P5.planted() {
        let again: Value = serde_json::from_str(&recorded.text).map_err(Failure::error)?;
        return serde_json::to_string(&again).map_err(Failure::error);
    }
    Ok(recorded.text.clone())
}

fn read(recorded: &Recorded) -> Result<Entry, Failure> {
    Entry::parse(&recorded.text)
        .map_err(|e| Failure::error(format!("entry {}: {e}", recorded.position)))
}

/// Prints entries in order.
pub(super) async fn run(history: History) -> Result<(), Failure> {
    let log = place::open(&history.at.place()).await?;
    let about = history.stream.iter();
    let about = about.flat_map(|stream| audit::subjects(stream, None));
    let telling = Telling::of("export", "history", about.collect());
    drop(history.why.tell(&history.at, &log, telling).await?);
    let (mut after, mut left) = (history.after, history.limit.unwrap_or(u64::MAX));
    let (mut rows, mut documents): (Vec<Vec<String>>, Vec<Value>) = (Vec::new(), Vec::new());
    'pages: while left > 0 {
        let limit = PAGE.min(u32::try_from(left).unwrap_or(PAGE));
        let page = match &history.stream {
            Some(stream) => log.read_stream(stream, StreamSeq(after), limit).await?,
            None => log.read_after(Position(after), limit).await?,
        };
        let Some(last) = page.last() else { break };
        after = if history.stream.is_some() {
            last.streamseq.0
        } else {
            last.position.0
        };
        for recorded in &page {
            let entry = read(recorded)?;
            if !history.as_of.covers(recorded.position, entry.place.time) {
                break 'pages;
            }
            match history.output {
                Output::Ndjson => output::line(&exact(recorded)?)?,
                Output::Json => {
                    documents.push(serde_json::from_str(&recorded.text).map_err(Failure::error)?)
                }
                Output::Table => rows.push(row(&entry)),
            }
        }
        left -= page.len() as u64;
    }
    match history.output {
        Output::Ndjson => {}
        Output::Json => output::json_document(&documents)?,
        Output::Table => {
            output::table(
                &[
                    "position",
                    "time",
                    "stream",
                    "what",
                    "decided",
                    "effective",
                    "act, point",
                    "office",
                ],
                &rows,
            )?;
        }
    }
    Ok(())
}

/// The type without its prefix and version: what happened.
fn what(entry: &Entry) -> &str {
    let name = entry.event.fact.type_name();
    let name = name.strip_prefix("kz.qonys.").unwrap_or(name);
    name.rsplit_once(".v").map_or(name, |(name, _)| name)
}

fn row(entry: &Entry) -> Vec<String> {
    let event = &entry.event;
    let text = |value: Option<String>| value.unwrap_or_default();
    let effective = match (event.effectivefrom, event.effectiveto) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (from, _) => text(from.map(|d| d.to_string())),
    };
    let cited = event.act.as_ref().map(|act| {
        format!(
            "{act}, {}",
            text(event.point.as_ref().map(ToString::to_string))
        )
    });
    vec![
        entry.place.position.to_string(),
        entry.place.time.to_string(),
        format!("{}@{}", entry.place.subject, entry.place.streamseq),
        what(entry).to_owned(),
        text(event.decidedon.map(|d| d.to_string())),
        effective,
        text(cited),
        entry.command.actor.office.to_string(),
    ]
}

/// The entries of a command, or of the command that wrote an entry.
async fn entries_of(log: &Log, which: &str) -> Result<Vec<Recorded>, Failure> {
    let not_found = || Failure::error(format!("nothing stands at {which}"));
    let command = match (which.parse::<Position>(), which.parse::<Ref>()) {
        (Ok(position), _) if position.0 > 0 => {
            let found = log.read_after(Position(position.0 - 1), 1).await?;
            read(found.first().ok_or_else(not_found)?)?
                .command
                .commandid
        }
        (_, Ok(command)) => command,
        _ => {
            return Err(Failure::usage(
                "a position or the id of a command is needed",
            ));
        }
    };
    log.commands(&[command])
        .await?
        .remove(&command)
        .ok_or_else(not_found)
}

/// Explains the command that wrote an entry.
pub(super) async fn explain(decision: Decision) -> Result<(), Failure> {
    let log = place::open(&decision.at.place()).await?;
    let entries = entries_of(&log, &decision.which).await?;
    let entries: Vec<(Recorded, Entry)> = entries
        .into_iter()
        .map(|recorded| read(&recorded).map(|entry| (recorded, entry)))
        .collect::<Result<_, _>>()?;
    let mut about = Vec::new();
    for (recorded, entry) in &entries {
        about.extend(audit::subjects(&recorded.stream, entry.event.caseref));
    }
    about.sort_unstable_by_key(ToString::to_string);
    about.dedup();
    let telling = Telling::of("export", "decision", about);
    drop(decision.why.tell(&decision.at, &log, telling).await?);
    for (recorded, entry) in entries {
        let leaf = leaf_hash(recorded.text.as_bytes());
        match decision.output {
            Output::Table => explain_to_people(&entry, &leaf.to_string())?,
            Output::Json | Output::Ndjson => {
                let value: Value = serde_json::from_str(&recorded.text).map_err(Failure::error)?;
                output::json(&json!({"entry": value, "leaf": leaf}))?;
            }
        }
    }
    Ok(())
}

fn explain_to_people(entry: &Entry, leaf: &str) -> Result<(), Failure> {
    let (event, command) = (&entry.event, &entry.command);
    output::line(&format!(
        "{} {} on {}",
        entry.place.position,
        what(entry),
        entry.place.subject
    ))?;
    let data: Value = serde_json::from_str(&event.fact.write_data()).map_err(Failure::error)?;
    let mut lines = vec![("recorded", entry.place.time.to_string())];
    lines.extend(event.decidedon.map(|day| ("decided on", day.to_string())));
    lines.extend(
        event
            .effectivefrom
            .map(|day| ("effective from", day.to_string())),
    );
    lines.extend(
        event
            .effectiveto
            .map(|day| ("effective to", day.to_string())),
    );
    if let (Some(act), Some(point), Some(wording)) = (&event.act, &event.point, &event.wording) {
        let certainty = data["facts"]["act-certainty"].as_str().unwrap_or("known");
        let number = event
            .actnumber
            .as_ref()
            .map_or(String::new(), |n| format!(" (No {n})"));
        lines.push((
            "basis",
            format!("{act}{number}, point {point}, wording {wording}, {certainty} to be in force"),
        ));
    }
    lines.push((
        "by",
        format!(
            "{} of {}, {}",
            command.actor.role, command.actor.office, command.policy
        ),
    ));
    lines.push((
        "command",
        format!(
            "{}, entry {} of {}",
            command.commandid, entry.place.commandindex, command.commandcount
        ),
    ));
    lines.push(("leaf", leaf.to_owned()));
    for (name, value) in lines {
        output::line(&format!("  {name:<15}{value}"))?;
    }
    let members = data.as_object().into_iter().flatten();
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                output::line(&format!("  {name}"))?;
                inner
                    .iter()
                    .try_for_each(|(k, v)| output::line(&format!("    {k:<23}{}", plain(v))))?;
            }
            other => output::line(&format!("  {name:<15}{}", plain(other)))?,
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
