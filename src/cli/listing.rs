//! `qonys residents`, `qonys proposals` and `qonys decisions`.

use clap::Args;
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::{Position, Slug, Text},
};
use qonys_projections::proposals::{ProposalLine, ProposalRow};

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, open_about, or_dash},
    lists, output,
    told::Why,
};
use crate::{
    audit,
    clock::Clock,
    views::queries::{decisions::DecisionQuery, proposals::ProposalQuery},
};

/// Options of `qonys residents`.
#[derive(Args)]
pub(super) struct Residents {
    /// The reference of a dwelling.
    dwelling: Ref,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

/// Prints who lives and stays in a dwelling.
pub(super) async fn residents(residents: Residents) -> Result<(), Failure> {
    let dwelling = StreamId::of(StreamKind::Dwelling, residents.dwelling);
    let about = (dwelling, "residents");
    let views = open_about(&residents.ask.at, &residents.why, about).await?;
    let (day, as_of) = (residents.day.effective, residents.ask.as_of.point());
    let answer = views
        .residents(residents.dwelling, day, as_of, &Clock::System)
        .await?;
    let Some(dwelling) = &answer.dwelling else {
        let (name, at) = (residents.dwelling, answer.at.position);
        return Err(Failure::error(format!(
            "no dwelling {name} is recorded at position {at}"
        )));
    };
    residents.ask.write(&answer, &answer.residences, || {
        let described = &dwelling.0;
        let area = described.useful_area.0;
        output::line(&format!(
            "{}, {}, {}.{:02} m2 of useful area",
            described.district,
            described.fund,
            area / 100,
            area % 100
        ))?;
        let lives = answer.residences.iter().map(|row| {
            let row = &row.0;
            (
                row.person,
                "residence",
                row.effective_from,
                row.effective_to,
                row.norm_check.as_str(),
            )
        });
        let stays = answer.stays.iter().map(|row| {
            let row = &row.0;
            (
                row.person,
                "stay",
                row.effective_from,
                row.effective_to,
                "-",
            )
        });
        let rows: Vec<_> = lives
            .chain(stays)
            .map(|(person, how, from, to, norm)| {
                let to = or_dash(to);
                vec![
                    person.to_string(),
                    how.to_owned(),
                    from.to_string(),
                    to,
                    norm.to_owned(),
                ]
            })
            .collect();
        output::table(&["person", "how", "from", "to", "norm of point 10"], &rows)?;
        computed_at(answer.at, Some(answer.day))
    })
}

/// Options of `qonys proposals`.
#[derive(Args)]
pub(super) struct Proposals {
    /// The reference of one proposal; all without it.
    proposal: Option<Ref>,
    /// Only those in this state, such as `sent`.
    #[arg(long)]
    state: Option<String>,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    ask: Ask,
}

/// The lines of a proposal: asked, of which compatriots, granted, difference.
fn lines(row: &ProposalRow) -> String {
    let lines = row.lines.as_ref();
    let lines: Vec<ProposalLine> = lines.and_then(|json| json.parse().ok()).unwrap_or_default();
    let said = lines.iter().map(|line| {
        let compatriots = line.asked_compatriots;
        let of_which = compatriots.map_or_else(String::new, |n| format!(" (of which {n})"));
        let granted = or_dash(line.granted);
        let difference = or_dash(line.difference.as_ref());
        format!(
            "{} {}{of_which} / {granted} / {difference}",
            line.line, line.asked
        )
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Prints proposals.
pub(super) async fn proposals(proposals: Proposals) -> Result<(), Failure> {
    let views = proposals.ask.open().await?;
    let query = ProposalQuery {
        as_of: proposals.ask.as_of.point(),
        effective: proposals.day.effective,
        proposal: proposals.proposal,
        state: proposals.state,
    };
    let answer = views.proposals(&query, &Clock::System).await?;
    proposals.ask.write(&answer, &answer.proposals, || {
        let rows: Vec<_> = answer
            .proposals
            .iter()
            .map(|found| {
                let row = &found.proposal.0;
                let acts = found.acts.iter().map(|act| {
                    let set = found.set.iter().filter(|set| set.act == *act);
                    let set: Vec<_> = set.map(|s| format!("{} {}", s.line, s.limit)).collect();
                    if set.is_empty() {
                        act.to_string()
                    } else {
                        format!("{act} (sets {})", set.join(", "))
                    }
                });
                let acts: Vec<_> = acts.collect();
                let direction = row.direction.map(|d| d.to_string());
                let change = row.territory_change.map(|c| c.to_string());
                vec![
                    row.proposal.to_string(),
                    row.kind.as_str().to_owned(),
                    or_dash(direction.or(change)),
                    row.territory.to_string(),
                    row.drafted_on.to_string(),
                    row.state.as_str().to_owned(),
                    or_dash(row.answer),
                    lines(row),
                    acts.join(", "),
                ]
            })
            .collect();
        let header = [
            "proposal",
            "kind",
            "asks",
            "territory",
            "drafted",
            "state",
            "answer",
            "asked / granted / difference",
            "acts",
        ];
        output::table(&header, &rows)?;
        computed_at(answer.at, Some(answer.day))
    })
}

/// Options of `qonys decisions`.
#[derive(Args)]
pub(super) struct Decisions {
    /// The act that they rest on.
    #[arg(long)]
    act: Option<Slug>,
    /// Article and point of that act.
    #[arg(long)]
    point: Option<Text>,
    /// The office that decided.
    #[arg(long)]
    office: Option<Slug>,
    /// The full type of the entry.
    #[arg(long = "type")]
    event_type: Option<Text>,
    /// The stream.
    #[arg(long)]
    stream: Option<StreamId>,
    /// The command.
    #[arg(long)]
    command: Option<Ref>,
    /// Only decisions recorded after this position.
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// At most so many, up to 1,000.
    #[arg(long)]
    limit: Option<u32>,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

/// Prints decisions.
pub(super) async fn decisions(decisions: Decisions) -> Result<(), Failure> {
    let about = decisions.stream.iter();
    let about = about.flat_map(|stream| audit::subjects(stream, None));
    let listing = lists::find("decisions")?;
    let views = lists::open(&decisions.ask, &decisions.why, listing, about.collect()).await?;
    let query = DecisionQuery {
        as_of: decisions.ask.as_of.point(),
        act: decisions.act,
        point: decisions.point,
        office: decisions.office,
        event_type: decisions.event_type,
        stream: decisions.stream,
        command: decisions.command,
        after: Position(decisions.after),
        limit: decisions.limit,
        ..DecisionQuery::default()
    };
    let answer = views.decisions(&query).await?;
    decisions.ask.write(&answer, &answer.decisions, || {
        let rows: Vec<_> = answer
            .decisions
            .iter()
            .map(|row| {
                let row = &row.0;
                let what = row.event_type.to_string();
                let what = what.strip_prefix("kz.qonys.").unwrap_or(&what);
                let basis = row
                    .act
                    .as_ref()
                    .map(|act| format!("{act}, {}", or_dash(row.point.as_ref())));
                vec![
                    row.recorded_from.to_string(),
                    what.to_owned(),
                    or_dash(row.decided_on),
                    or_dash(basis),
                    or_dash(row.wording.as_ref()),
                    or_dash(row.certainty),
                    format!("{} of {}", row.role, row.office),
                ]
            })
            .collect();
        let header = [
            "position",
            "what",
            "decided",
            "act, point",
            "wording",
            "certainty",
            "by",
        ];
        output::table(&header, &rows)?;
        if let Some(next) = answer.next {
            output::line(&format!("more after {next}"))?;
        }
        computed_at(answer.at, None)
    })
}
