//! What can have happened: one variant per event type, past tense, with its major version in the type.
//!
//! A published type has a golden file and a JSON Schema which are added, never edited. A new version of a type is a
//! new variant; the old one stays readable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod application;
pub mod law;
pub mod log;
pub mod proposal;
pub mod quota;
pub mod registration;

/// Declares the facts once: variant, written type, payload.
macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident($payload:path) = $type:literal,)+) => {
        /// A fact, adjacently tagged: `type` names it with its version, `data` holds it. Decodes from a whole entry.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        #[expect(clippy::large_enum_variant, reason = "facts are few at a time; a box would cost every one")]
        pub enum Fact {
            $($(#[$doc])* #[serde(rename = $type)] $variant($payload),)+
        }

        impl Fact {
            /// Every type that can be written today, in the order of the catalogue.
            pub const TYPES: &'static [&'static str] = &[$($type),+];

            /// The written type: reverse-DNS, past tense, major version.
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type,)+ }
            }

            /// Reads the `data` of an entry of this type, strictly. `None` when the type is not known.
            pub fn read(type_name: &str, data: &str) -> Option<serde_json::Result<Self>> {
                match type_name {
                    $($type => Some(serde_json::from_str(data).map(Self::$variant)),)+
                    _ => None,
                }
            }

            /// Writes the `data` member.
            pub fn write_data(&self) -> String {
                let written = match self { $(Self::$variant(data) => serde_json::to_string(data),)+ };
                written.expect("a fact has no map with keys other than strings")
            }

            /// Serializes the `data` member alone.
            pub(crate) fn serialize_data<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(data) => data.serialize(s),)+ }
            }

            /// The JSON Schema of the `data` of a type, made from the Rust type.
            pub fn data_schema(type_name: &str) -> Option<schemars::Schema> {
                match type_name {
                    $($type => Some(schemars::schema_for!($payload)),)+
                    _ => None,
                }
            }
        }
    };
}

facts!(
    /// The first entry of a log.
    LogOpened(LogOpened) = "kz.qonys.log.opened.v1",
    /// An act was entered in the register of acts.
    ActRecorded(law::ActRecorded) = "kz.qonys.act.recorded.v1",
    /// A date in the life of an act became known.
    ActDateRecorded(law::ActDateRecorded) = "kz.qonys.act.date-recorded.v1",
    /// An official determined from when an act is in force.
    ActDetermined(law::ActDetermined) = "kz.qonys.act.determined.v1",
    /// A norm was entered.
    NormRecorded(law::NormRecorded) = "kz.qonys.norm.recorded.v1",
    /// A power for a type of decision was entered.
    PowerRecorded(law::PowerRecorded) = "kz.qonys.power.recorded.v1",
    /// An act determined or excluded a territory.
    TerritoryChanged(law::TerritoryChanged) = "kz.qonys.territory.changed.v1",
    /// An act of the setter set limits of quota lines.
    QuotaSet(law::QuotaSet) = "kz.qonys.quota.set.v1",
    /// The limit of one line was set by that act.
    LimitSet(quota::LimitSet) = "kz.qonys.quota-line.limit-set.v1",
    /// A computed verdict holds places.
    PlacesHeld(quota::PlacesHeld) = "kz.qonys.quota-line.places-held.v1",
    /// A named official adopted the verdict.
    PlacesCommitted(quota::PlacesCommitted) = "kz.qonys.quota-line.places-committed.v1",
    /// Places are free again.
    PlacesReleased(quota::PlacesReleased) = "kz.qonys.quota-line.places-released.v1",
    /// An official closed the year of the line.
    YearClosed(quota::YearClosed) = "kz.qonys.quota-line.year-closed.v1",
    /// An application was filed.
    ApplicationFiled(application::ApplicationFiled) = "kz.qonys.application.filed.v1",
    /// The applicant was included in the quota.
    ApplicationIncluded(application::ApplicationIncluded) = "kz.qonys.application.included.v1",
    /// A named official refused the application: a refusal act.
    ApplicationRefused(application::ApplicationRefused) = "kz.qonys.application.refused.v1",
    /// An inclusion lost its place.
    InclusionEnded(application::InclusionEnded) = "kz.qonys.application.inclusion-ended.v1",
    /// A person was recorded under a random reference.
    PersonRecorded(registration::PersonRecorded) = "kz.qonys.person.recorded.v1",
    /// A person was granted the status of kandas.
    StatusGranted(registration::StatusGranted) = "kz.qonys.person.kandas-status-granted.v1",
    /// A person was registered at the place of residence.
    ResidenceRegistered(registration::ResidenceRegistered) = "kz.qonys.person.residence-registered.v1",
    /// A residence ended.
    ResidenceEnded(registration::ResidenceEnded) = "kz.qonys.person.residence-ended.v1",
    /// A person was registered at a place of temporary stay.
    StayRegistered(registration::StayRegistered) = "kz.qonys.person.stay-registered.v1",
    /// A dwelling was recorded under a random reference.
    DwellingRecorded(registration::DwellingRecorded) = "kz.qonys.dwelling.recorded.v1",
    /// A resident moved into a dwelling.
    ResidentEntered(registration::ResidentEntered) = "kz.qonys.dwelling.resident-entered.v1",
    /// A resident left a dwelling.
    ResidentLeft(registration::ResidentLeft) = "kz.qonys.dwelling.resident-left.v1",
    /// A proposal was drafted.
    ProposalDrafted(proposal::ProposalDrafted) = "kz.qonys.proposal.drafted.v1",
    /// The draft was signed.
    ProposalSigned(proposal::ProposalSigned) = "kz.qonys.proposal.signed.v1",
    /// The proposal was sent to the authorised body.
    ProposalSent(proposal::ProposalSent) = "kz.qonys.proposal.sent.v1",
    /// The authorised body received it.
    ProposalReceived(proposal::ProposalReceived) = "kz.qonys.proposal.received.v1",
    /// The authorised body answered.
    ProposalAnswered(proposal::ProposalAnswered) = "kz.qonys.proposal.answered.v1",
    /// The proposal was withdrawn.
    ProposalWithdrawn(proposal::ProposalWithdrawn) = "kz.qonys.proposal.withdrawn.v1",
    /// An act answers the proposal.
    ProposalLinked(proposal::ProposalLinked) = "kz.qonys.proposal.linked-to-act.v1",
    /// A key that signs the log's checkpoints was announced.
    LogKeyAnnounced(log::LogKeyAnnounced) = "kz.qonys.log.key-announced.v1",
    /// The first entry of a later incarnation: what it goes on from.
    LogContinued(log::LogContinued) = "kz.qonys.log.continued.v1",
);

/// The first entry of a log: its zone, its purpose, its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOpened {
    /// The IANA name of the zone whose civil dates the log uses.
    pub zone: crate::scalar::Text,
    /// What the log is for.
    pub kind: crate::term::LogKind,
    /// Where its time comes from.
    pub clock: crate::term::ClockKind,
}
