//! Proposals of the akimat to the authorised body: what each asks, and where it stands on the day.

use askama::Template;
use qonys_events::{
    fact::proposal::{ConfirmedWarning, LabourLine, QuotaAsk},
    scalar::Day,
};
use qonys_projections::{
    cell::Json,
    proposals::{HorizonKind, PROPOSAL, ProposalKind, ProposalLine, ProposalRow},
};

use super::{
    Inner,
    asked::Asked,
    frame::{Frame, Part},
    locale::Lang,
    shown::{Failed, Shown, rows},
    words::{category, signed},
};
use crate::queries::Rows;

/// A proposal in the list.
struct ShownProposal {
    address: String,
    subject: String,
    asked: Vec<String>,
    drafted: String,
    state: String,
    /// `answered`, `withdrawn` or `open`, for the style sheet.
    kind: &'static str,
    since: String,
}

/// How many stand where.
struct Together {
    state: String,
    count: String,
}

/// The page.
#[derive(Template)]
#[template(path = "proposals.html")]
pub(super) struct ProposalsPage {
    frame: Frame,
    together: Vec<Together>,
    proposals: Vec<ShownProposal>,
}

impl Shown for ProposalsPage {
    const PATH: &'static str = "proposals";
    const PART: Part = Part::Proposals;

    async fn make(site: &Inner, asked: Asked, frame: Frame, _: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let wanted = Rows::of(&PROPOSAL, asked.point.position).on(Some(asked.day));
        let mut found: Vec<ProposalRow> = rows(site, wanted).await?;
        found.sort_by_key(|row| std::cmp::Reverse((row.drafted_on, row.recorded_from)));
        let mut counts: Vec<(String, i64)> = Vec::new();
        for row in &found {
            let state = state(row, lang);
            match counts.iter_mut().find(|(known, _)| *known == state) {
                Some((_, count)) => *count += 1,
                None => counts.push((state, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let shown: Result<Vec<_>, _> = found.iter().map(|row| shown(row, lang)).collect();
        Ok(Self {
            together: counts
                .into_iter()
                .map(|(state, count)| Together {
                    state,
                    count: lang.number(count),
                })
                .collect(),
            proposals: shown?,
            frame,
        })
    }
}

fn shown(row: &ProposalRow, lang: Lang) -> Result<ShownProposal, Failed> {
    let kind = match (row.answer.is_some(), row.withdrawn_on.is_some()) {
        (_, true) => "withdrawn",
        (true, _) => "answered",
        _ => "open",
    };
    Ok(ShownProposal {
        address: format!("proposals/{}", row.proposal),
        subject: subject(row, lang),
        asked: lines(row, row.asked.as_ref(), lang)?,
        drafted: lang.day(row.drafted_on),
        state: state(row, lang),
        kind,
        since: lang.day(last_step(row)),
    })
}

/// The day of the last step.
fn last_step(row: &ProposalRow) -> Day {
    let steps = [
        row.withdrawn_on,
        row.answered_on,
        row.received_on,
        row.sent_on,
        row.signed_on,
    ];
    steps.into_iter().flatten().max().unwrap_or(row.drafted_on)
}

/// Where it stands, in words; an answer is told with the state.
pub(super) fn state(row: &ProposalRow, lang: Lang) -> String {
    match row.answer {
        Some(answer) if row.withdrawn_on.is_none() => lang.say(&format!("answer-{answer}")),
        _ => lang.say(&format!("proposal-{}", row.state.as_str())),
    }
}

/// What it is about, in words.
pub(super) fn subject(row: &ProposalRow, lang: Lang) -> String {
    let territory = lang.territory(&row.territory);
    let values = [("territory", territory.as_str())];
    let words = match row.kind {
        ProposalKind::Territory => {
            let change = row.territory_change.map(|c| c.to_string());
            let category = row.category.map(|c| c.to_string());
            let id = format!(
                "ask-territory-{}-{}",
                change.unwrap_or_default(),
                category.unwrap_or_default()
            );
            lang.with(&id, &values)
        }
        ProposalKind::ForeignLabour | ProposalKind::RegionalQuota => {
            let direction = row.direction.map(|d| d.to_string());
            let id = format!(
                "ask-{}-{}",
                row.kind.as_str(),
                direction.unwrap_or_default()
            );
            lang.with(&id, &values)
        }
    };
    let years = match (row.year_from, row.year_to) {
        (Some(from), Some(to)) if from != to => format!("{from}–{to}"),
        (Some(year), _) => year.to_string(),
        _ => return words,
    };
    let id = match row.horizon {
        Some(HorizonKind::MediumTerm) => "ask-medium-term",
        Some(HorizonKind::ComingYear) => "ask-coming-year",
        None => "ask-year",
    };
    lang.with(id, &[("subject", &words), ("years", &years)])
}

/// Lines that were asked for or granted, in words.
pub(super) fn lines(
    row: &ProposalRow,
    lines: Option<&Json>,
    lang: Lang,
) -> Result<Vec<String>, Failed> {
    let Some(lines) = lines else {
        return Ok(Vec::new());
    };
    let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
    let say = |name: String, places: i64| {
        let places = lang.number(places);
        lang.with("asked-line", &[("category", &name), ("places", &places)])
    };
    Ok(match row.kind {
        ProposalKind::ForeignLabour => {
            let lines: Vec<LabourLine> = lines.parse().map_err(broken)?;
            let labour = |line: &LabourLine| {
                let name = lang.say(&format!("labour-{}", line.category));
                let compatriots = signed(line.of_which_compatriots);
                let words = say(name, signed(line.asked));
                if compatriots == 0 {
                    return words;
                }
                let n = lang.number(compatriots);
                lang.with("asked-compatriots", &[("line", &words), ("count", &n)])
            };
            lines.iter().map(labour).collect()
        }
        ProposalKind::RegionalQuota | ProposalKind::Territory => {
            let lines: Vec<QuotaAsk> = lines.parse().map_err(broken)?;
            let ask = |line: &QuotaAsk| say(category(line.category, lang), signed(line.asked));
            lines.iter().map(ask).collect()
        }
    })
}

/// How what was granted differs from what was asked, line by line, in words; nothing before the answer.
pub(super) fn differences(row: &ProposalRow, lang: Lang) -> Result<Vec<String>, Failed> {
    let Some(lines) = &row.lines else {
        return Ok(Vec::new());
    };
    let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
    let lines: Vec<ProposalLine> = lines.parse().map_err(broken)?;
    let said = lines.into_iter().filter_map(|line| {
        let difference: i64 = line.difference?.parse().ok()?;
        let name = match row.kind {
            ProposalKind::ForeignLabour => lang.say(&format!("labour-{}", line.line)),
            ProposalKind::RegionalQuota | ProposalKind::Territory => {
                lang.say(&format!("category-{}", line.line))
            }
        };
        let places = lang.number(difference);
        Some(lang.with("asked-line", &[("category", &name), ("places", &places)]))
    });
    Ok(said.collect())
}

/// The warnings that the signatory confirmed, each with the reason.
pub(super) fn warnings(row: &ProposalRow, lang: Lang) -> Result<Vec<String>, Failed> {
    let Some(confirmed) = &row.confirmed else {
        return Ok(Vec::new());
    };
    let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
    let confirmed: Vec<ConfirmedWarning> = confirmed.parse().map_err(broken)?;
    let said = confirmed.iter().map(|each| {
        let warning = lang.say(&format!("warning-{}", each.warning));
        let values = [
            ("warning", warning.as_str()),
            ("reason", each.reason.as_str()),
        ];
        lang.with("proposal-confirmed", &values)
    });
    Ok(said.collect())
}
