//! The JSON Schema of each event type, as committed under `events/schemas/`. A schema is added, never edited: its
//! SHA-256 stands in every entry of the type.

use std::{collections::HashMap, sync::LazyLock};

use crate::digest::Sha256Hex;

macro_rules! committed {
    ($($type:literal,)+) => {
        /// Type and committed schema text, in the order of the catalogue.
        pub const COMMITTED: &[(&str, &str)] =
            &[$(($type, include_str!(concat!("../schemas/", $type, ".json")))),+];
    };
}
committed!(
    "kz.qonys.log.opened.v1",
    "kz.qonys.act.recorded.v1",
    "kz.qonys.act.date-recorded.v1",
    "kz.qonys.act.determined.v1",
    "kz.qonys.norm.recorded.v1",
    "kz.qonys.power.recorded.v1",
    "kz.qonys.territory.changed.v1",
    "kz.qonys.quota.set.v1",
    "kz.qonys.quota-line.limit-set.v1",
    "kz.qonys.quota-line.places-held.v1",
    "kz.qonys.quota-line.places-committed.v1",
    "kz.qonys.quota-line.places-released.v1",
    "kz.qonys.quota-line.year-closed.v1",
    "kz.qonys.application.filed.v1",
    "kz.qonys.application.included.v1",
    "kz.qonys.application.refusal-act-adopted.v1",
    "kz.qonys.application.inclusion-ended.v1",
    "kz.qonys.person.recorded.v1",
    "kz.qonys.person.kandas-status-granted.v1",
    "kz.qonys.person.residence-registered.v1",
    "kz.qonys.person.residence-ended.v1",
    "kz.qonys.person.stay-registered.v1",
    "kz.qonys.dwelling.recorded.v1",
    "kz.qonys.dwelling.resident-entered.v1",
    "kz.qonys.dwelling.resident-left.v1",
    "kz.qonys.proposal.drafted.v1",
    "kz.qonys.proposal.signed.v1",
    "kz.qonys.proposal.sent.v1",
    "kz.qonys.proposal.received.v1",
    "kz.qonys.proposal.answered.v1",
    "kz.qonys.proposal.withdrawn.v1",
    "kz.qonys.proposal.linked-to-act.v1",
    "kz.qonys.calendar.recorded.v1",
    "kz.qonys.territory.succeeded.v1",
    "kz.qonys.quota-line.places-ordered.v1",
    "kz.qonys.application.status-asked.v1",
    "kz.qonys.application.status-allowed.v1",
    "kz.qonys.application.withdrawn.v1",
    "kz.qonys.application.document-received.v1",
    "kz.qonys.application.preliminary-decision-told.v1",
    "kz.qonys.application.objection-recorded.v1",
    "kz.qonys.application.opinion-given.v1",
    "kz.qonys.application.deemed-refusal-found.v1",
    "kz.qonys.application.act-notified.v1",
    "kz.qonys.application.clerical-error-corrected.v1",
    "kz.qonys.application.complaint-filed.v1",
    "kz.qonys.application.complaint-forwarded.v1",
    "kz.qonys.application.review-decided.v1",
    "kz.qonys.application.support-paid.v1",
    "kz.qonys.application.move-recorded.v1",
    "kz.qonys.application.citizenship-refused.v1",
    "kz.qonys.application.repayment-found.v1",
    "kz.qonys.application.repayment-claimed.v1",
    "kz.qonys.application.repayment-recorded.v1",
    "kz.qonys.application.repayment-claim-withdrawn.v1",
    "kz.qonys.person.kandas-status-extended.v1",
    "kz.qonys.person.kandas-status-ended.v1",
    "kz.qonys.log.key-announced.v1",
    "kz.qonys.log.continued.v1",
    "kz.qonys.person.stay-extended.v1",
    "kz.qonys.person.stay-ended.v1",
    "kz.qonys.person.arrival-reported.v1",
    "kz.qonys.person.died.v1",
    "kz.qonys.dwelling.changed.v1",
    "kz.qonys.dwelling.destroyed.v1",
    "kz.qonys.dwelling.holders-recorded.v1",
    "kz.qonys.dwelling.consent-given.v1",
    "kz.qonys.dwelling.consent-withdrawn.v1",
    "kz.qonys.dwelling.over-norm-found.v1",
    "kz.qonys.person.family-changed.v1",
    "kz.qonys.person.representative-appointed.v1",
    "kz.qonys.person.representation-ended.v1",
    "kz.qonys.person.kazakh-nationality-determined.v1",
    "kz.qonys.power.other-recorded.v1",
    "kz.qonys.office.registered.v1",
    "kz.qonys.office.powers-vested.v1",
    "kz.qonys.office.official-appointed.v1",
    "kz.qonys.office.acting-appointed.v1",
    "kz.qonys.office.powers-delegated.v1",
    "kz.qonys.office.assignment-ended.v1",
    "kz.qonys.office.power-exercised.v1",
    "kz.qonys.office.closed.v1",
    "kz.qonys.journal.incoming-registered.v1",
    "kz.qonys.journal.outgoing-registered.v1",
    "kz.qonys.application.language-chosen.v1",
    "kz.qonys.application.transferred.v1",
    "kz.qonys.foreign-labour.share-distributed.v1",
    "kz.qonys.foreign-labour.permit-granted.v1",
    "kz.qonys.foreign-labour.permit-extended.v1",
    "kz.qonys.foreign-labour.permit-suspended.v1",
    "kz.qonys.foreign-labour.permit-resumed.v1",
    "kz.qonys.foreign-labour.permit-withdrawn.v1",
    "kz.qonys.report.frozen.v1",
    "kz.qonys.report.signed.v1",
    "kz.qonys.indicator.defined.v1",
    "kz.qonys.indicator.figure-released.v1",
    "kz.qonys.indicator.figure-derived.v1",
    "kz.qonys.indicator.figures-reconciled.v1",
    "kz.qonys.population-departure.reading-chosen.v1",
    "kz.qonys.population-departure.evaluated.v1",
    "kz.qonys.measure-plan.opened.v1",
    "kz.qonys.measure-plan.measure-added.v1",
    "kz.qonys.measure-plan.measure-reported.v1",
    "kz.qonys.measure-plan.closed.v1",
    "kz.qonys.population-records.used.v1",
    "kz.qonys.forecast.base-recorded.v1",
    "kz.qonys.forecast.rates-recorded.v1",
    "kz.qonys.forecast.norm-set-recorded.v1",
    "kz.qonys.forecast.facility-recorded.v1",
    "kz.qonys.forecast.produced.v1",
    "kz.qonys.forecast.district-produced.v1",
    "kz.qonys.forecast.facility-changed.v1",
    "kz.qonys.law.corrected.v1",
    "kz.qonys.norm.ended.v1",
    "kz.qonys.power.ended.v1",
    "kz.qonys.quota.corrected.v1",
    "kz.qonys.person.inclusion-asked.v1",
    "kz.qonys.person.kandas-status-annulled.v1",
    "kz.qonys.application.corrected.v1",
    "kz.qonys.proposals.entered.v1",
    "kz.qonys.offices.entered.v1",
    "kz.qonys.application.term-extended.v1",
    "kz.qonys.quota-line.limit-withdrawn.v1",
    "kz.qonys.quota-line.places-recounted.v1",
    "kz.qonys.application.inclusion-recounted.v1",
    "kz.qonys.person.data-blocked.v1",
    "kz.qonys.person.data-unblocked.v1",
    "kz.qonys.person.destruction-proposed.v1",
    "kz.qonys.person.data-destroyed.v1",
    "kz.qonys.dwelling.destruction-proposed.v1",
    "kz.qonys.dwelling.data-destroyed.v1",
    "kz.qonys.access.data-read.v1",
    "kz.qonys.access.command-blocked.v1",
    "kz.qonys.quota-line.places-proved.v1",
    "kz.qonys.application.inclusion-proved.v1",
);

static URNS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    COMMITTED
        .iter()
        .map(|(name, text)| {
            (
                *name,
                format!("urn:qonys:schema:sha256:{}", Sha256Hex::of(text.as_bytes())),
            )
        })
        .collect()
});

/// The `dataschema` of a type: a urn with the SHA-256 of its committed schema. `None` when the type is not known.
pub fn urn(type_name: &str) -> Option<&'static str> {
    URNS.get(type_name).map(String::as_str)
}

/// The committed schema of a type.
pub fn text(type_name: &str) -> Option<&'static str> {
    COMMITTED
        .iter()
        .find(|(name, _)| *name == type_name)
        .map(|(_, text)| *text)
}
