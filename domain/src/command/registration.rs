//! Registration (points 9 and 10): what may be asked about persons, dwellings, residences and stays.

use qonys_events::{
    digest::Sha256Hex,
    fact::dwelling::Holder,
    id::Ref,
    scalar::{Day, Slug, SquareDecimetres, StreamSeq},
    term::{
        AgeClass, ConsentKind, ConsentScope, CorrectionReason, DocumentKind, DwellingChange,
        FamilyChange, HoldingTitle, HousingFund, PersonKind, PremisesUse, RegisteringBody,
        RepresentationBasis, RepresentationScope, ResidenceEnd, StayEnd,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn living() -> PremisesUse {
    PremisesUse::Living
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_living(premises: &PremisesUse) -> bool {
    *premises == PremisesUse::Living
}

/// A holder's consent that came with an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderConsent {
    /// Who consents.
    pub holder: Holder,
    /// SHA-256 of the signed consent.
    pub document: Sha256Hex,
}

/// Who holds a dwelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// By what right.
    pub title: HoldingTitle,
    /// Every holder; at least one, none twice.
    pub holders: Vec<Holder>,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
}

/// With whom a child under 14 is registered (point 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "with")]
pub enum Custody {
    /// A parent who is registered at the dwelling.
    Parent {
        /// The parent.
        person: Ref,
    },
    /// A guardian who is registered at the dwelling.
    Guardian {
        /// The guardian.
        person: Ref,
    },
    /// The institution that takes care of the child.
    Institution,
}

/// Data of `record-person`. Beside it travel `name`, `iin`, `document`, `born-on` (YYYY-MM-DD), `birthplace`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPerson {
    /// Citizen, foreigner or stateless.
    pub kind: PersonKind,
    /// The category of the document; without an IIN it is asked for where a document is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKind>,
}

/// Data of `record-dwelling`. Beside it travels `address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDwelling {
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    #[serde(default = "living", skip_serializing_if = "is_living")]
    pub premises: PremisesUse,
    /// Who holds it from the effective day on, where it is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<Holding>,
}

/// Why the norm of point 10 does not block, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "ground")]
pub enum OverNorm {
    /// A child under 14 joins a registered parent or guardian.
    ChildJoinsParent {
        /// The parent, registered at this dwelling.
        parent: Ref,
    },
    /// A ward joins a registered guardian.
    WardJoinsGuardian {
        /// The guardian, registered at this dwelling.
        guardian: Ref,
    },
    /// A court ordered the move-in.
    CourtOrder {
        /// SHA-256 of the court's act.
        document: Sha256Hex,
    },
}

/// Data of `register-residence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterResidence {
    /// Who.
    pub person: Ref,
    /// Where.
    pub dwelling: Ref,
    /// Who registers.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// SHA-256 of the court's act, where a court ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_act: Option<Sha256Hex>,
    /// Consents that came with the application; those that are recorded already need not be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<HolderConsent>,
    /// The person's age class on the effective day.
    pub age: AgeClass,
    /// With whom a child under 14 is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Custody>,
    /// Why the norm of point 10 does not block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_norm: Option<OverNorm>,
}

/// Data of `register-stay`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterStay {
    /// Who.
    pub person: Ref,
    /// Where.
    pub dwelling: Ref,
    /// Who registers.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// SHA-256 of the court's act, where a court ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_act: Option<Sha256Hex>,
    /// Consents that came with the application; those that are recorded already need not be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<HolderConsent>,
    /// First day after the stay.
    pub until: Day,
    /// SHA-256 of the permit or visa of an immigrant, where he has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<Sha256Hex>,
}

/// Data of `end-residence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndResidence {
    /// Whose residence.
    pub person: Ref,
    /// Why; `moved` is left to the registration at the new residence.
    pub reason: ResidenceEnd,
    /// Who asks for it, where a holder removes somebody who does not live there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Holder>,
    /// SHA-256 of the document that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
}

/// One of a family that is registered together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyMember {
    /// Who.
    pub person: Ref,
    /// The person's age class on the effective day.
    pub age: AgeClass,
    /// With whom a child under 14 is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Custody>,
}

/// Data of `register-family`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterFamily {
    /// The members, in the order in which they are registered: parents before their children.
    pub members: Vec<FamilyMember>,
    /// Where.
    pub dwelling: Ref,
    /// Who registers.
    pub body: RegisteringBody,
    /// Why they may live there.
    pub consent: ConsentKind,
    /// SHA-256 of the court's act, where a court ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_act: Option<Sha256Hex>,
    /// Consents that came with the application; those that are recorded already need not be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<HolderConsent>,
}

/// Data of `extend-stay`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendStay {
    /// Whose stay.
    pub person: Ref,
    /// Where.
    pub dwelling: Ref,
    /// First day after the stay from now on.
    pub until: Day,
    /// Why the person may stay there.
    pub consent: ConsentKind,
    /// SHA-256 of the court's act, where a court ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_act: Option<Sha256Hex>,
    /// Consents that came with the application; those that are recorded already need not be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<HolderConsent>,
    /// SHA-256 of the permit or visa of an immigrant, where he has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<Sha256Hex>,
}

/// Data of `end-stay`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndStay {
    /// Whose stay.
    pub person: Ref,
    /// Where.
    pub dwelling: Ref,
    /// Why.
    pub reason: StayEnd,
}

/// Data of `report-arrival`. The effective day is that of the arrival, the decision date that of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportArrival {
    /// The immigrant.
    pub person: Ref,
    /// Where he arrived.
    pub dwelling: Ref,
}

/// Data of `record-holders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordHolders {
    /// The dwelling.
    pub dwelling: Ref,
    /// Who holds it from the effective day on.
    pub holding: Holding,
}

/// Data of `give-consent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    /// The dwelling.
    pub dwelling: Ref,
    /// Who consents.
    pub holder: Holder,
    /// Whose registration.
    pub person: Ref,
    /// To what.
    pub scope: ConsentScope,
    /// Who acts for the holder, where he does not act himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<Holder>,
    /// SHA-256 of the signed consent.
    pub document: Sha256Hex,
    /// First day on which it is no longer valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Data of `withdraw-consent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawConsent {
    /// The dwelling.
    pub dwelling: Ref,
    /// Who withdraws.
    pub holder: Holder,
    /// Whose registration it was about.
    pub person: Ref,
}

/// Data of `change-dwelling`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDwelling {
    /// The dwelling.
    pub dwelling: Ref,
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    pub premises: PremisesUse,
    /// Why.
    pub reason: DwellingChange,
    /// SHA-256 of the document that it rests on.
    pub document: Sha256Hex,
}

/// Data of `correct-dwelling`. Beside it travels `address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectDwelling {
    /// The dwelling.
    pub dwelling: Ref,
    /// The place in its stream of the entry that is corrected.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    pub premises: PremisesUse,
}

/// Data of `correct-person`. Beside it travel the personal values of `record-person`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectPerson {
    /// The person.
    pub person: Ref,
    /// The place in the stream of the entry that is corrected.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// Citizen, foreigner or stateless.
    pub kind: PersonKind,
    /// The category of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKind>,
}

/// Data of `correct-residence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectResidence {
    /// The place in the person's stream of the entry that is corrected.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// The whole registration as it should have been, from the effective day on.
    pub registration: RegisterResidence,
    /// First day after the residence, where it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Data of `correct-move`. The effective day is the day of the move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectMove {
    /// The registration that the move began, by its place in the person's stream; what it ended is known by it.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// The whole registration as it should have been, from the effective day on.
    pub registration: RegisterResidence,
    /// First day after the residence, where it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Data of `correct-stay`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectStay {
    /// The place in the person's stream of the entry that is corrected.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
    /// The whole stay as it should have been, from the effective day on.
    pub stay: RegisterStay,
}

/// Data of `destroy-dwelling`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestroyDwelling {
    /// The dwelling.
    pub dwelling: Ref,
    /// SHA-256 of the document that says so.
    pub document: Sha256Hex,
}

/// Data of `record-death`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDeath {
    /// Who died on the effective day.
    pub person: Ref,
    /// SHA-256 of the document that proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
}

/// Data of `record-family-change`. Beside it travels `other-person`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFamilyChange {
    /// In whose family.
    pub person: Ref,
    /// What changed on the effective day.
    pub change: FamilyChange,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
}

/// Data of `appoint-representative`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointRepresentative {
    /// For whom.
    pub person: Ref,
    /// Who acts from the effective day on.
    pub representative: Holder,
    /// By what right.
    pub basis: RepresentationBasis,
    /// In what.
    pub scope: RepresentationScope,
    /// SHA-256 of the document that proves it.
    pub document: Sha256Hex,
    /// First day on which he acts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Data of `end-representation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRepresentation {
    /// For whom.
    pub person: Ref,
    /// Who acts no more from the effective day on.
    pub representative: Holder,
    /// SHA-256 of the document that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
}

/// Data of `determine-kazakh-nationality`. Beside it travels `nationality`: what was found, and on what grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetermineKazakhNationality {
    /// Whose.
    pub person: Ref,
    /// SHA-256 of the documents that were looked at.
    pub document: Sha256Hex,
}
