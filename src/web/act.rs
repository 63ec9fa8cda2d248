//! One act: its dates and how sure they are, what it rests on, and what rests on it.

use askama::Template;
use qonys_events::{
    scalar::{Day, Slug},
    term::ActDate,
};
use qonys_projections::{
    acts::{
        ActRow, NORM, NormRow, POWER, PowerRow, TERRITORY_CHANGE, TerritoryRow,
        on_day::ActOnDay,
        register::{LATEST, Register},
    },
    proposals::{PROPOSAL_ACT, ProposalActRow},
    quota::{LimitRow, QUOTA_LIMIT},
};

use super::{
    Inner,
    acts::date,
    asked::Asked,
    frame::{Frame, Part, number},
    locale::Lang,
    shown::{Failed, Shown, rows, with},
    words::{NamedAct, Standing, doubt, line, partial, signed, standing},
};

/// A fact about the act: what, and its value.
struct Item {
    name: String,
    value: String,
}

/// An act beside this one.
struct Related {
    act: NamedAct,
    standing: Standing,
}

/// A limit that the act sets.
struct ShownLimit {
    address: String,
    name: String,
    places: String,
}

/// A norm or a power with its validity.
struct Valid {
    name: String,
    point: String,
    value: Option<String>,
    validity: String,
    doubt: Option<String>,
}

/// A proposal that the act answers.
struct ShownProposal {
    address: String,
    reference: String,
}

/// The page.
#[derive(Template)]
#[template(path = "act.html")]
pub(super) struct ActPage {
    frame: Frame,
    act: NamedAct,
    titles: Vec<(String, &'static str)>,
    standing: Standing,
    repealed_by: Option<NamedAct>,
    items: Vec<Item>,
    dates: Vec<Item>,
    source: String,
    note: Option<String>,
    parents: Vec<Related>,
    children: Vec<Related>,
    repeals: Vec<Related>,
    limits: Vec<ShownLimit>,
    territories: Vec<Item>,
    powers: Vec<Valid>,
    norms: Vec<Valid>,
    proposals: Vec<ShownProposal>,
}

impl Shown for ActPage {
    const PATH: &'static str = "acts/{act}";
    const PART: Part = Part::Acts;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let name: Slug = key.parse().map_err(|_| Failed::Missing)?;
        let quota = site.queries.board(asked.point.position, asked.day).await?;
        let register = quota.register();
        let row = register.act(&name, LATEST).ok_or(Failed::Missing)?;
        let on_day = register
            .on_day(row, asked.day, LATEST)
            .map_err(|e| Failed::Broken(e.to_string()))?;
        let limits: Vec<LimitRow> = rows(site, with(&QUOTA_LIMIT, &asked, "act", &name)).await?;
        let territories: Vec<TerritoryRow> =
            rows(site, with(&TERRITORY_CHANGE, &asked, "act", &name)).await?;
        let powers: Vec<PowerRow> = rows(site, with(&POWER, &asked, "document", &name)).await?;
        let norms: Vec<NormRow> = rows(site, with(&NORM, &asked, "document", &name)).await?;
        let proposals: Vec<ProposalActRow> =
            rows(site, with(&PROPOSAL_ACT, &asked, "act", &name)).await?;
        let related = |name: &Slug| related(register, name, asked.day, lang);
        Ok(Self {
            titles: titles(&on_day, lang),
            standing: standing(&on_day.standing, lang),
            repealed_by: match &on_day.standing {
                qonys_projections::acts::status::Status::Repealed { by, .. } => {
                    Some(NamedAct::find(register, by, lang))
                }
                _ => None,
            },
            items: items(&on_day, lang),
            dates: dates(&on_day, lang),
            source: on_day.source.to_string(),
            note: on_day.note.as_ref().map(ToString::to_string),
            parents: on_day.parents.iter().map(|p| related(&p.act)).collect(),
            children: children(register, &name).iter().map(&related).collect(),
            repeals: on_day.repeals.iter().map(related).collect(),
            limits: limits.iter().map(|row| limit(row, lang)).collect(),
            territories: territories.iter().map(|row| territory(row, lang)).collect(),
            powers: powers.iter().map(|row| power(row, lang)).collect(),
            norms: norms.iter().map(|row| norm(row, lang)).collect(),
            proposals: proposals
                .iter()
                .map(|row| ShownProposal {
                    address: format!("proposals/{}", row.proposal),
                    reference: row.proposal.to_string(),
                })
                .collect(),
            act: NamedAct::of(row, lang),
            frame,
        })
    }
}

fn related(register: &Register, name: &Slug, day: Day, lang: Lang) -> Related {
    Related {
        act: NamedAct::find(register, name, lang),
        standing: standing(&register.status(name, day, LATEST), lang),
    }
}

/// The acts that rest on one, or set another wording of it.
fn children(register: &Register, name: &Slug) -> Vec<Slug> {
    let rests = |act: &&ActRow| {
        let parents: Vec<Slug> = act.parents.parse().unwrap_or_default();
        parents.contains(name) || (act.document == *name && act.act != *name)
    };
    let found = register.acts(LATEST).filter(rests);
    found.map(|act| act.act.clone()).collect()
}

/// Its titles in the other languages.
fn titles(act: &ActOnDay, lang: Lang) -> Vec<(String, &'static str)> {
    let all = [
        (&act.titles.kk, Lang::Kk),
        (&act.titles.ru, Lang::Ru),
        (&act.titles.en, Lang::En),
    ];
    let known = all
        .into_iter()
        .filter_map(|(title, of)| Some((title.as_ref()?.to_string(), of)));
    let mut known: Vec<(String, Lang)> = known.collect();
    // The first one, or the reader's, is the heading.
    let heading = known.iter().position(|(_, of)| *of == lang).unwrap_or(0);
    if heading < known.len() {
        known.remove(heading);
    }
    known
        .into_iter()
        .map(|(title, of)| (title, of.code()))
        .collect()
}

fn items(act: &ActOnDay, lang: Lang) -> Vec<Item> {
    let item = |id: &str, value: String| Item {
        name: lang.say(id),
        value,
    };
    let mut items = vec![item("act-kind", lang.say(&format!("kind-{}", act.kind)))];
    if let Some(number) = &act.number {
        items.push(item("act-own-number", number.to_string()));
    }
    items.push(item("act-body", act.body.to_string()));
    let wording = act.document_wording.wording.as_ref();
    let wording = wording.map_or_else(|| lang.say("act-no-wording"), ToString::to_string);
    items.push(item("act-wording", wording));
    let text = if act.text_recorded {
        "act-text-yes"
    } else {
        "act-text-no"
    };
    items.push(item("act-text", lang.say(text)));
    items.push(item("act-recorded", number(act.recorded_from, lang)));
    items
}

fn dates(act: &ActOnDay, lang: Lang) -> Vec<Item> {
    let known = [
        (ActDate::Adopted, act.dates.adopted),
        (ActDate::Registered, act.dates.registered),
        (ActDate::Published, act.dates.published),
        (ActDate::InForce, act.dates.in_force),
    ];
    let mut dates: Vec<Item> = known
        .into_iter()
        .map(|(kind, day)| Item {
            name: date(kind, lang),
            value: day.map_or_else(|| lang.say("not-known"), |day| partial(day, lang)),
        })
        .collect();
    if let Some(days) = act.dates.days_after_publication {
        dates.push(Item {
            name: lang.say("act-clause"),
            value: lang.with("act-clause-days", &[("days", &lang.number(signed(days)))]),
        });
    }
    if let Some(day) = act.dates.determined {
        dates.push(Item {
            name: lang.say("act-determined"),
            value: lang.day(day),
        });
    }
    dates
}

fn limit(row: &LimitRow, lang: Lang) -> ShownLimit {
    ShownLimit {
        address: format!("lines/{}", row.line),
        name: line(&row.line, lang),
        places: lang.number(signed(row.places)),
    }
}

fn territory(row: &TerritoryRow, lang: Lang) -> Item {
    Item {
        name: lang.territory(&row.territory),
        value: lang.say(&format!("territory-{}-{}", row.change_kind, row.category)),
    }
}

fn validity(from: Day, to: Option<Day>, lang: Lang) -> String {
    match to {
        None => lang.with("valid-from", &[("from", &lang.day(from))]),
        Some(to) => lang.with(
            "valid-between",
            &[("from", &lang.day(from)), ("to", &lang.day(to))],
        ),
    }
}

fn power(row: &PowerRow, lang: Lang) -> Valid {
    Valid {
        name: lang.say(&format!("decision-{}", row.decision_type)),
        point: row.point.to_string(),
        value: None,
        validity: validity(row.effective_from, row.effective_to, lang),
        doubt: doubt(Some(row.certainty), lang),
    }
}

fn norm(row: &NormRow, lang: Lang) -> Valid {
    Valid {
        name: row.norm.to_string(),
        point: row.point.to_string(),
        value: Some(format!("{} {}", lang.number(signed(row.value)), row.unit)),
        validity: validity(row.effective_from, row.effective_to, lang),
        doubt: doubt(Some(row.certainty), lang),
    }
}
