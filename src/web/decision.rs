//! For officials: one decision and why it was taken: act, point and wording, who for which office, and every fact that
//! the verdict read (promise P9). By reference only; no personal value stands here.

use std::collections::BTreeMap;

use askama::Template;
use qonys_events::{
    citation::Citation,
    scalar::{Day, Position, Slug},
    term::Certainty,
};
use qonys_projections::{
    acts::register::{LATEST, Register},
    decisions::{DECISION, DecisionRow},
    table::Value,
};

use super::{
    Inner,
    asked::Asked,
    decisions::what,
    frame::{Frame, Part, number},
    locale::Lang,
    shown::{Failed, Shown, rows},
    words::{NamedAct, doubt},
};
use crate::queries::Rows;

/// An act with point and wording.
struct Basis {
    act: NamedAct,
    point: String,
    wording: String,
    doubt: Option<String>,
}

/// A fact that was read.
struct Read {
    /// Its name in the entry.
    code: String,
    /// The same in words, where we have them.
    name: Option<String>,
    value: Meant,
}

/// The value of a fact, as a reader takes it.
enum Meant {
    Words(String),
    /// Something is assumed, or an interpretation.
    Doubt(String),
    Act(NamedAct),
}

/// The page.
#[derive(Template)]
#[template(path = "decision.html")]
pub(super) struct DecisionPage {
    frame: Frame,
    title: String,
    position: String,
    basis: Option<Basis>,
    further: Vec<Basis>,
    decided: Option<String>,
    effective: Option<String>,
    recorded: String,
    role: String,
    office: String,
    actor: String,
    on_behalf_of: Option<String>,
    stream: String,
    line: Option<String>,
    case: Option<String>,
    adopts: Option<String>,
    facts: Vec<Read>,
    leaf: String,
    json: String,
    entry: String,
}

impl Shown for DecisionPage {
    const PATH: &'static str = "office/decisions/{position}";
    const PART: Part = Part::Office;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let position: Position = key.parse().map_err(|_| Failed::Missing)?;
        let wanted = Rows::of(&DECISION, asked.point.position)
            .with("recorded_from", Value::number(position.0));
        let found: Vec<DecisionRow> = rows(site, wanted).await?;
        let row = found.into_iter().next().ok_or(Failed::Missing)?;
        let quota = site.queries.board(asked.point.position, asked.day).await?;
        let register = quota.register();
        let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
        let bases: Vec<Citation> = match &row.bases {
            Some(bases) => bases.parse().map_err(broken)?,
            None => Vec::new(),
        };
        let facts: BTreeMap<String, String> = match &row.facts {
            Some(facts) => facts.parse().map_err(broken)?,
            None => BTreeMap::new(),
        };
        let say = |prefix: &str, word: &Slug| lang.known(&format!("{prefix}-{word}"));
        Ok(Self {
            title: what(row.event_type.as_str(), lang),
            position: number(row.recorded_from, lang),
            basis: basis(&row, register, lang),
            further: bases
                .iter()
                .map(|citation| cited(citation, register, lang))
                .collect(),
            decided: row.decided_on.map(|day| lang.day(day)),
            effective: row.effective_from.map(|day| lang.day(day)),
            recorded: lang.instant(row.recorded_at, &site.zone),
            role: say("role", &row.role).unwrap_or_else(|| row.role.to_string()),
            office: row.office.to_string(),
            actor: row.actor.to_string(),
            on_behalf_of: row.on_behalf_of.map(|who| who.to_string()),
            line: row
                .stream
                .to_string()
                .strip_prefix("quota-line/")
                .map(|line| format!("lines/{line}")),
            stream: row.stream.to_string(),
            case: row.case_ref.map(|case| case.to_string()),
            adopts: row.adopts.map(|leaf| leaf.to_string()),
            facts: facts
                .into_iter()
                .map(|fact| read(fact, register, lang))
                .collect(),
            leaf: row.leaf.to_string(),
            json: format!("/v1/decisions/{position}"),
            entry: format!("/v1/entries/{position}"),
            frame,
        })
    }
}

/// What it rests on; nothing where it needs no power.
fn basis(row: &DecisionRow, register: &Register, lang: Lang) -> Option<Basis> {
    let (act, point) = row.act.as_ref().zip(row.point.as_ref())?;
    Some(Basis {
        act: NamedAct::find(register, act, lang),
        point: point.to_string(),
        wording: row
            .wording
            .as_ref()
            .map(Slug::to_string)
            .unwrap_or_default(),
        doubt: doubt(row.certainty, lang),
    })
}

fn cited(citation: &Citation, register: &Register, lang: Lang) -> Basis {
    Basis {
        act: NamedAct::find(register, &citation.act, lang),
        point: citation.point.to_string(),
        wording: citation.wording.to_string(),
        doubt: doubt(Some(citation.certainty), lang),
    }
}

fn read((code, value): (String, String), register: &Register, lang: Lang) -> Read {
    Read {
        name: lang.known(&format!("fact-{code}")),
        value: meant(&code, value, register, lang),
        code,
    }
}

fn meant(code: &str, value: String, register: &Register, lang: Lang) -> Meant {
    if let Ok(certainty @ (Certainty::Assumed | Certainty::Interpretation)) = value.parse() {
        return Meant::Doubt(doubt(Some(certainty), lang).unwrap_or(value));
    }
    let name: Option<Slug> = value.parse().ok();
    let act = name
        .as_ref()
        .filter(|name| register.act(name, LATEST).is_some());
    if let Some(act) = act {
        return Meant::Act(NamedAct::find(register, act, lang));
    }
    Meant::Words(match (code, name) {
        ("territory", Some(name)) => lang.territory(&name),
        ("category" | "counting-rule", Some(name)) => {
            let id = if code == "category" {
                "category"
            } else {
                "rule"
            };
            lang.known(&format!("{id}-{name}")).unwrap_or(value)
        }
        // A year is no number to be grouped.
        _ if code.ends_with("year") => value,
        _ => match (value.parse::<Day>(), value.parse::<i64>()) {
            (Ok(day), _) => lang.day(day),
            (_, Ok(number)) => lang.number(number),
            _ => value,
        },
    })
}
