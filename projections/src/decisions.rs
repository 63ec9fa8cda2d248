//! Decisions (points 2 and 11; promises P9 and P11): one row per entry that decides something, with what it rests on, who
//! took it and what it read. The row holds the leaf hash, so that a reader can ask for the proof of exactly these bytes.

use qonys_events::{
    digest::Sha256Hex,
    fact::Fact,
    id::{Origin, Ref, StreamId},
    scalar::{Count, Day, Instant, Position, Slug, StreamSeq, Text},
    term::{Certainty, Language},
    tree::leaf_hash,
};

use crate::{
    cell::{Json, rows},
    projection::{Changes, FoldError, Projection, Recorded, insert},
    table::Table,
};

rows! {
    /// One decision.
    DecisionRow in DECISION = "decision" {
        key: [recorded_from],
        entity: [],
        indexes: [[stream], [command], [case_ref], [act, decided_on]],
    }
    /// The position of the entry.
    recorded_from: Position,
    /// Its time.
    recorded_at: Instant,
    /// Its id.
    entry: Ref,
    /// The command that it belongs to.
    command: Ref,
    /// Its place in the command, from 1.
    command_index: Count,
    /// How many entries the command wrote.
    command_count: Count,
    /// Its type.
    event_type: Text,
    /// Its stream.
    stream: StreamId,
    /// Its place in the stream.
    stream_seq: StreamSeq,
    /// The date of the decision.
    decided_on: Option<Day>,
    /// First day that it is about.
    effective_from: Option<Day>,
    /// First day that it is no longer about.
    effective_to: Option<Day>,
    /// The act that it rests on; null where it needs no power.
    act: Option<Slug>,
    /// Article and point.
    point: Option<Text>,
    /// The wording in force on the date of the decision.
    wording: Option<Slug>,
    /// The act's own number.
    act_number: Option<Text>,
    /// The language of the text that was read.
    act_language: Option<Language>,
    /// How sure it is that the wording was in force: the fact `act-certainty`.
    certainty: Option<Certainty>,
    /// Who decided: a reference.
    actor: Ref,
    /// In which role.
    role: Slug,
    /// For which office.
    office: Slug,
    /// In whose stead.
    on_behalf_of: Option<Ref>,
    /// Our own number of the case.
    case_ref: Option<Ref>,
    /// Everything that the verdict read: a JSON object of texts, as the entry writes it.
    facts: Option<Json>,
    /// Further bases: a JSON list of citations, as the entry writes it.
    bases: Option<Json>,
    /// The leaf hash of the entry that this one adopts.
    adopts: Option<Sha256Hex>,
    /// The entry that this one corrects.
    supersedes: Option<Ref>,
    /// The entry that caused the command.
    causation: Option<Ref>,
    /// The log of that entry, where it is another one.
    causation_source: Option<Origin>,
    /// The process that the command belongs to.
    correlation: Option<Ref>,
    /// The RFC 6962 leaf hash of the entry's bytes.
    leaf: Sha256Hex,
}

/// The view of decisions.
#[derive(Debug, Clone, Copy)]
pub struct Decisions;

impl Projection for Decisions {
    fn name(&self) -> &'static str {
        "decisions"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&DECISION] }
    }

    /// What an official or a computed verdict decides. Acts, answers and dates that others made are recorded, not
    /// decided here; persons, dwellings and filings are recorded; what a dwelling or a line mirrors is decided once.
    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.act.determined.v1",
            "kz.qonys.quota-line.places-held.v1",
            "kz.qonys.quota-line.places-committed.v1",
            "kz.qonys.quota-line.places-released.v1",
            "kz.qonys.quota-line.year-closed.v1",
            "kz.qonys.application.included.v1",
            "kz.qonys.application.refusal-act-adopted.v1",
            "kz.qonys.application.inclusion-ended.v1",
            "kz.qonys.person.kandas-status-granted.v1",
            "kz.qonys.person.residence-registered.v1",
            "kz.qonys.person.residence-ended.v1",
            "kz.qonys.person.stay-registered.v1",
            "kz.qonys.person.stay-extended.v1",
            "kz.qonys.person.stay-ended.v1",
            "kz.qonys.person.arrival-reported.v1",
            "kz.qonys.dwelling.over-norm-found.v1",
            "kz.qonys.person.kazakh-nationality-determined.v1",
            "kz.qonys.proposal.drafted.v1",
            "kz.qonys.proposal.signed.v1",
            "kz.qonys.proposal.sent.v1",
            "kz.qonys.proposal.withdrawn.v1",
            "kz.qonys.quota-line.places-ordered.v1",
            "kz.qonys.application.status-allowed.v1",
            "kz.qonys.application.preliminary-decision-told.v1",
            "kz.qonys.application.opinion-given.v1",
            "kz.qonys.application.deemed-refusal-found.v1",
            "kz.qonys.application.term-extended.v1",
            "kz.qonys.application.inclusion-recounted.v1",
            "kz.qonys.application.inclusion-proved.v1",
            "kz.qonys.application.clerical-error-corrected.v1",
            "kz.qonys.application.complaint-forwarded.v1",
            "kz.qonys.application.review-decided.v1",
            "kz.qonys.application.repayment-found.v1",
            "kz.qonys.application.repayment-claimed.v1",
            "kz.qonys.application.repayment-claim-withdrawn.v1",
            "kz.qonys.person.kandas-status-extended.v1",
            "kz.qonys.person.kandas-status-ended.v1",
            "kz.qonys.indicator.figure-derived.v1",
            "kz.qonys.indicator.figures-reconciled.v1",
            "kz.qonys.population-departure.reading-chosen.v1",
            "kz.qonys.population-departure.evaluated.v1",
            "kz.qonys.measure-plan.opened.v1",
            "kz.qonys.measure-plan.measure-added.v1",
            "kz.qonys.measure-plan.closed.v1",
            "kz.qonys.population-records.used.v1",
            "kz.qonys.forecast.base-recorded.v1",
            "kz.qonys.forecast.produced.v1",
            "kz.qonys.office.power-exercised.v1",
            "kz.qonys.application.transferred.v1",
            "kz.qonys.foreign-labour.permit-granted.v1",
            "kz.qonys.foreign-labour.permit-extended.v1",
            "kz.qonys.foreign-labour.permit-suspended.v1",
            "kz.qonys.foreign-labour.permit-resumed.v1",
            "kz.qonys.foreign-labour.permit-withdrawn.v1",
            "kz.qonys.report.signed.v1",
            "kz.qonys.person.kandas-status-annulled.v1",
            "kz.qonys.person.data-blocked.v1",
            "kz.qonys.person.data-unblocked.v1",
            "kz.qonys.person.destruction-proposed.v1",
            "kz.qonys.person.data-destroyed.v1",
            "kz.qonys.dwelling.destruction-proposed.v1",
            "kz.qonys.dwelling.data-destroyed.v1",
        ]
    }

    /// A decision that corrects another is a decision of its own; both stand, and the later one names the earlier.
    fn follows_corrections(&self, _: &str) -> bool {
        true
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (place, command) = (&entry.entry.place, &entry.entry.command);
        let (event, actor) = (entry.event(), &command.actor);
        let (facts, bases) = event.fact.read_list();
        // Anything but one of the three words is no certainty; the fact itself stays in `facts`.
        let certainty = facts.and_then(|facts| facts.get("act-certainty")?.parse().ok());
        let name = event.fact.type_name();
        let row = DecisionRow {
            recorded_from: entry.position(),
            recorded_at: place.time,
            entry: place.id,
            command: command.commandid,
            command_index: place.commandindex,
            command_count: command.commandcount,
            event_type: name.parse().map_err(|_| FoldError::Stream {
                position: place.position,
            })?,
            stream: place.subject.clone(),
            stream_seq: place.streamseq,
            decided_on: event.decidedon,
            effective_from: event.effectivefrom,
            effective_to: event.effectiveto,
            act: event.act.clone(),
            point: event.point.clone(),
            wording: event.wording.clone(),
            act_number: event.actnumber.clone(),
            act_language: event.actlanguage,
            certainty,
            actor: actor.actor,
            role: actor.role.clone(),
            office: actor.office.clone(),
            on_behalf_of: actor.onbehalfof,
            case_ref: event.caseref,
            facts: facts.map(Json::of).transpose()?,
            bases: bases.map(Json::of).transpose()?,
            adopts: match &event.fact {
                Fact::PlacesCommitted(fact) => Some(fact.adopts.leaf),
                _ => None,
            },
            supersedes: event.supersedes,
            causation: command.causation,
            causation_source: command.causationsource.clone(),
            correlation: command.correlation,
            leaf: leaf_hash(entry.text.as_bytes()),
        };
        insert(rows, &row)
    }
}
