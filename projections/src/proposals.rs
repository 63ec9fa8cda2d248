//! Proposals of the akimat to the authorised body (point 5): what they ask, where they stand, what was answered. A
//! proposal changes no quota; the acts that answer it are linked, many to many.

use qonys_events::{
    digest::Sha256Hex,
    fact::{
        Fact,
        proposal::{Horizon, ProposalDrafted, Subject},
    },
    id::{Ref, StreamKind},
    scalar::{Day, Position, Slug, Text, Year},
    term::{Answer, Category, Direction, TerritoryChange},
};

use crate::{
    cell::{Json, rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, insert, known, overlay},
    table::{Key, Table},
};

mod line;

pub use line::ProposalLine;

words! {
    /// Where a proposal stands.
    ProposalState {
        /// Drafted.
        Drafted = "drafted",
        /// Signed by a named official.
        Signed = "signed",
        /// Sent to the authorised body.
        Sent = "sent",
        /// Received there.
        Received = "received",
        /// Returned for improvement: it may be signed and sent again.
        Returned = "returned",
        /// Answered for good: accepted, accepted in part or rejected.
        Answered = "answered",
        /// Withdrawn by the akimat.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// The three kinds of proposal of point 5.
    ProposalKind {
        /// To designate or exclude the territory.
        Territory = "territory",
        /// On the quota for attracting foreign labour.
        ForeignLabour = "foreign-labour",
        /// On the regional quotas.
        RegionalQuota = "regional-quota",
    }
}

words! {
    /// For when a proposal on the regional quotas asks.
    HorizonKind {
        /// The coming year.
        ComingYear = "coming-year",
        /// A medium term.
        MediumTerm = "medium-term",
    }
}

rows! {
    /// A proposal as it stands from a day.
    ProposalRow in PROPOSAL = "proposal" {
        key: [proposal, effective_from, recorded_from],
        entity: [proposal],
        indexes: [[state]],
    }
    /// The proposal.
    proposal: Ref,
    /// Where it stands.
    state: ProposalState,
    /// Which of the three kinds.
    kind: ProposalKind,
    /// The territory it is for.
    territory: Slug,
    /// Raise or cut; null for a territory.
    direction: Option<Direction>,
    /// Designate or exclude; null for quotas.
    territory_change: Option<TerritoryChange>,
    /// For whom, for a territory.
    category: Option<Category>,
    /// The horizon, for regional quotas.
    horizon: Option<HorizonKind>,
    /// The year, or the first one.
    year_from: Option<Year>,
    /// The year, or the last one.
    year_to: Option<Year>,
    /// What is asked: a JSON list of lines as the entry writes them; null for a territory.
    asked: Option<Json>,
    /// What was granted, in the same form; null while nothing was.
    granted: Option<Json>,
    /// Line by line what was asked, of which compatriots, what was granted and the difference; null for a territory.
    lines: Option<Json>,
    /// SHA-256 of the justification.
    justification: Sha256Hex,
    /// Cited indicators: a JSON list of names.
    indicators: Json,
    /// Warnings that the signatory confirmed, each with the reason: a JSON list; null for none.
    confirmed: Option<Json>,
    /// The day of the draft.
    drafted_on: Day,
    /// The day of the signature.
    signed_on: Option<Day>,
    /// SHA-256 of the signed document.
    document_sha256: Option<Sha256Hex>,
    /// The day of sending.
    sent_on: Option<Day>,
    /// The addressee.
    addressee: Option<Text>,
    /// The body that it is.
    authority: Option<Slug>,
    /// The day of receipt.
    received_on: Option<Day>,
    /// Its number with the authorised body.
    received_number: Option<Text>,
    /// The day of the answer.
    answered_on: Option<Day>,
    /// The answer.
    answer: Option<Answer>,
    /// The number of the answer.
    answer_number: Option<Text>,
    /// The day of withdrawal.
    withdrawn_on: Option<Day>,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

rows! {
    /// An act that answers a proposal.
    ProposalActRow in PROPOSAL_ACT = "proposal_act" {
        key: [proposal, act, recorded_from],
        entity: [],
        indexes: [[act]],
    }
    /// The proposal.
    proposal: Ref,
    /// The act.
    act: Slug,
    /// The day of the link.
    effective_from: Day,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// The proposal in whose stream an entry stands.
fn proposal_of(entry: &Recorded) -> Result<Ref, FoldError> {
    let stream = &entry.entry.place.subject;
    let fits = stream.kind() == StreamKind::Proposal;
    let proposal = fits.then(|| stream.key().parse().ok()).flatten();
    proposal.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

fn drafted(entry: &Recorded, fact: &ProposalDrafted) -> Result<ProposalRow, FoldError> {
    let day = entry.day()?;
    let mut row = ProposalRow {
        proposal: proposal_of(entry)?,
        state: ProposalState::Drafted,
        kind: ProposalKind::Territory,
        territory: fact.territory.clone(),
        direction: None,
        territory_change: None,
        category: None,
        horizon: None,
        year_from: None,
        year_to: None,
        asked: None,
        granted: None,
        lines: None,
        justification: fact.justification,
        indicators: Json::of(&fact.indicators)?,
        confirmed: None,
        drafted_on: day,
        signed_on: None,
        document_sha256: None,
        sent_on: None,
        addressee: None,
        authority: None,
        received_on: None,
        received_number: None,
        answered_on: None,
        answer: None,
        answer_number: None,
        withdrawn_on: None,
        effective_from: day,
        effective_to: None,
        recorded_from: entry.position(),
        recorded_to: None,
    };
    match &fact.subject {
        Subject::Territory { change, category } => {
            (row.territory_change, row.category) = (Some(*change), Some(*category));
        }
        Subject::ForeignLabour {
            direction,
            year,
            lines,
        } => {
            row.kind = ProposalKind::ForeignLabour;
            (row.direction, row.asked) = (Some(*direction), Some(Json::of(lines)?));
            (row.year_from, row.year_to) = (Some(*year), Some(*year));
        }
        Subject::RegionalQuota {
            direction,
            horizon,
            lines,
        } => {
            row.kind = ProposalKind::RegionalQuota;
            (row.direction, row.asked) = (Some(*direction), Some(Json::of(lines)?));
            let (kind, from, to) = match *horizon {
                Horizon::ComingYear { year } => (HorizonKind::ComingYear, year, year),
                Horizon::MediumTerm { from, to } => (HorizonKind::MediumTerm, from, to),
            };
            row.horizon = Some(kind);
            (row.year_from, row.year_to) = (Some(from), Some(to));
        }
    }
    row.lines = line::told(&row)?;
    Ok(row)
}

/// What becomes of a proposal through the fact of an entry.
fn change(row: &mut ProposalRow, fact: &Fact, day: Day) -> Result<(), FoldError> {
    match fact {
        Fact::ProposalSigned(fact) => {
            row.state = ProposalState::Signed;
            (row.signed_on, row.document_sha256) = (Some(day), Some(fact.document));
            let confirmed = (!fact.confirmed.is_empty()).then_some(&fact.confirmed);
            row.confirmed = confirmed.map(Json::of).transpose()?;
        }
        Fact::ProposalSent(fact) => {
            row.state = ProposalState::Sent;
            (row.sent_on, row.addressee) = (Some(day), Some(fact.addressee.clone()));
            row.authority = Some(fact.authority.clone());
        }
        Fact::ProposalReceived(fact) => {
            row.state = ProposalState::Received;
            (row.received_on, row.received_number) = (Some(day), Some(fact.number.clone()));
        }
        Fact::ProposalAnswered(fact) => {
            row.state = match fact.answer {
                Answer::Returned => ProposalState::Returned,
                _ => ProposalState::Answered,
            };
            (row.answered_on, row.answer) = (Some(day), Some(fact.answer));
            row.answer_number = Some(fact.number.clone());
            row.granted = match fact.answer {
                Answer::Accepted => row.asked.clone(),
                Answer::InPart => match row.kind {
                    ProposalKind::ForeignLabour => Some(Json::of(&fact.granted_labour)?),
                    ProposalKind::RegionalQuota => Some(Json::of(&fact.granted)?),
                    ProposalKind::Territory => None,
                },
                Answer::Rejected | Answer::Returned => None,
            };
        }
        Fact::ProposalWithdrawn(_) => {
            (row.state, row.withdrawn_on) = (ProposalState::Withdrawn, Some(day));
        }
        _ => {}
    }
    Ok(())
}

/// The view of proposals.
#[derive(Debug, Clone, Copy)]
pub struct Proposals;

impl Projection for Proposals {
    fn name(&self) -> &'static str {
        "proposals"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&PROPOSAL, &PROPOSAL_ACT] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.proposal.drafted.v1",
            "kz.qonys.proposal.signed.v1",
            "kz.qonys.proposal.sent.v1",
            "kz.qonys.proposal.received.v1",
            "kz.qonys.proposal.answered.v1",
            "kz.qonys.proposal.withdrawn.v1",
            "kz.qonys.proposal.linked-to-act.v1",
        ]
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        if let Ok(proposal) = proposal_of(entry) {
            wanted.known(&PROPOSAL, Key::of([proposal]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (proposal, day, at) = (proposal_of(entry)?, entry.day()?, entry.position());
        match &entry.event().fact {
            Fact::ProposalDrafted(fact) => overlay(rows, &drafted(entry, fact)?, at),
            Fact::ProposalLinked(fact) => {
                let act = fact.act.clone();
                let row = ProposalActRow {
                    proposal,
                    act,
                    effective_from: day,
                    recorded_from: at,
                };
                insert(rows, &row)
            }
            fact => {
                let known = known::<ProposalRow>(rows, &Key::of([proposal]))?;
                let last = known.into_iter().max_by_key(|row| row.effective_from);
                let untold = || FoldError::Untold {
                    position: at,
                    what: format!("proposal {proposal}"),
                };
                let mut row = last.ok_or_else(untold)?;
                change(&mut row, fact, day)?;
                row.lines = line::told(&row)?;
                (row.effective_from, row.effective_to) = (day, None);
                (row.recorded_from, row.recorded_to) = (at, None);
                overlay(rows, &row, at)
            }
        }
    }
}
