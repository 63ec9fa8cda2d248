//! For officials: the decisions that were recorded last, and the way to any of them.

use askama::Template;
use qonys_events::scalar::Position;
use qonys_projections::{
    decisions::{DECISION, DecisionRow},
    table::{Key, Value},
};

use super::{
    Inner,
    asked::Asked,
    frame::{Frame, Part, number},
    locale::Lang,
    shown::{Failed, Shown, rows},
    words::doubt,
};
use crate::queries::Rows;

/// Decisions on the page.
const DECISIONS_MAX: usize = 40;
/// Entries among which they are looked for, at most this often.
const LOOKS_MAX: u32 = 12;

/// A decision in the list.
struct ShownDecision {
    address: String,
    position: String,
    what: String,
    decided: Option<String>,
    basis: Option<String>,
    doubt: Option<String>,
    office: String,
}

/// The page.
#[derive(Template)]
#[template(path = "decisions.html")]
pub(super) struct DecisionsPage {
    frame: Frame,
    decisions: Vec<ShownDecision>,
}

/// What was decided, in words: the type of the entry.
pub(super) fn what(event_type: &str, lang: Lang) -> String {
    let name = event_type
        .trim_start_matches("kz.qonys.")
        .trim_end_matches(".v1")
        .replace('.', "-");
    lang.say(&format!("event-{name}"))
}

impl Shown for DecisionsPage {
    const PATH: &'static str = "office";
    const PART: Part = Part::Office;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let last = last(site, asked.point.position).await?;
        let decisions = last.into_iter().map(|row| ShownDecision {
            address: format!("office/decisions/{}", row.recorded_from),
            position: number(row.recorded_from, lang),
            what: what(row.event_type.as_str(), lang),
            decided: row.decided_on.map(|day| lang.day(day)),
            basis: row
                .act
                .as_ref()
                .zip(row.point.as_ref())
                .map(|(act, point)| {
                    lang.with(
                        "basis-short",
                        &[("act", &act.to_string()), ("point", point.as_str())],
                    )
                }),
            doubt: doubt(row.certainty, lang),
            office: row.office.to_string(),
        });
        Ok(Self {
            decisions: decisions.collect(),
            frame,
        })
    }
}

/// The last decisions up to a position, the last one first. Rows come in the order of positions, so they are looked for
/// from the end on, in stretches that double.
async fn last(site: &Inner, at: Position) -> Result<Vec<DecisionRow>, Failed> {
    let mut stretch = DECISIONS_MAX as u64;
    let mut found: Vec<DecisionRow> = Vec::new();
    for _ in 0..LOOKS_MAX {
        let after = at.0.saturating_sub(stretch);
        let mut wanted = Rows::of(&DECISION, at);
        wanted.after = Some(Key(vec![Value::number(after)]));
        found = rows(site, wanted).await?;
        if found.len() >= DECISIONS_MAX || after == 0 {
            break;
        }
        stretch *= 2;
    }
    found.reverse();
    found.truncate(DECISIONS_MAX);
    Ok(found)
}
