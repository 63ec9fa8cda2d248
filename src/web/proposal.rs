//! One proposal: its course step by step, what was asked, what was granted, and the acts that answer it.

use askama::Template;
use qonys_events::{id::Ref, scalar::Day};
use qonys_projections::proposals::{PROPOSAL, PROPOSAL_ACT, ProposalActRow, ProposalRow};

use super::{
    Inner,
    asked::Asked,
    frame::{Frame, Part, number},
    locale::Lang,
    proposals::{differences, lines, state, subject, warnings},
    shown::{Failed, Shown, rows, with},
    words::NamedAct,
};

/// A step of its course.
struct Step {
    name: String,
    day: String,
    /// What came with it.
    more: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "proposal.html")]
pub(super) struct ProposalPage {
    frame: Frame,
    title: String,
    state: String,
    steps: Vec<Step>,
    asked: Vec<String>,
    granted: Vec<String>,
    differences: Vec<String>,
    warnings: Vec<String>,
    indicators: Vec<String>,
    acts: Vec<NamedAct>,
    justification: String,
    document: Option<String>,
    recorded: String,
    json: String,
}

impl Shown for ProposalPage {
    const PATH: &'static str = "proposals/{proposal}";
    const PART: Part = Part::Proposals;

    async fn make(site: &Inner, asked: Asked, frame: Frame, key: String) -> Result<Self, Failed> {
        let lang = frame.lang;
        let proposal: Ref = key.parse().map_err(|_| Failed::Missing)?;
        let wanted = with(&PROPOSAL, &asked, "proposal", proposal).on(Some(asked.day));
        let found: Vec<ProposalRow> = rows(site, wanted).await?;
        let row = found.into_iter().next().ok_or(Failed::Missing)?;
        let links: Vec<ProposalActRow> =
            rows(site, with(&PROPOSAL_ACT, &asked, "proposal", proposal)).await?;
        let quota = site.queries.board(asked.point.position, asked.day).await?;
        let acts = links
            .iter()
            .map(|link| NamedAct::find(quota.register(), &link.act, lang));
        let indicators: Vec<String> = row
            .indicators
            .parse()
            .map_err(|e| Failed::Broken(e.to_string()))?;
        Ok(Self {
            title: subject(&row, lang),
            state: state(&row, lang),
            steps: steps(&row, lang),
            asked: lines(&row, row.asked.as_ref(), lang)?,
            granted: lines(&row, row.granted.as_ref(), lang)?,
            differences: differences(&row, lang)?,
            warnings: warnings(&row, lang)?,
            indicators,
            acts: acts.collect(),
            justification: row.justification.to_string(),
            document: row.document_sha256.map(|hash| hash.to_string()),
            recorded: number(row.recorded_from, lang),
            json: format!("/v1/proposals/{proposal}{}", frame.same()),
            frame,
        })
    }
}

/// Its course in order.
fn steps(row: &ProposalRow, lang: Lang) -> Vec<Step> {
    let numbered = |number: &Option<qonys_events::scalar::Text>| {
        let number = number.as_ref()?;
        Some(lang.with("act-number", &[("number", number.as_str())]))
    };
    let addressee = row.addressee.as_ref().map(ToString::to_string);
    let answer = row
        .answer
        .map(|answer| lang.say(&format!("answer-{answer}")));
    let answer = match (answer, numbered(&row.answer_number)) {
        (Some(answer), Some(number)) => Some(format!("{answer}, {number}")),
        (answer, _) => answer,
    };
    let all: [(&str, Option<Day>, Option<String>); 6] = [
        ("proposal-drafted", Some(row.drafted_on), None),
        ("proposal-signed", row.signed_on, None),
        ("proposal-sent", row.sent_on, addressee),
        (
            "proposal-received",
            row.received_on,
            numbered(&row.received_number),
        ),
        ("proposal-answered", row.answered_on, answer),
        ("proposal-withdrawn", row.withdrawn_on, None),
    ];
    all.into_iter()
        .filter_map(|(id, day, more)| {
            Some(Step {
                name: lang.say(id),
                day: lang.day(day?),
                more,
            })
        })
        .collect()
}
