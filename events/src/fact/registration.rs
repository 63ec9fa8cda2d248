//! Facts about persons and dwellings (points 9 and 10), by reference; what identifies somebody stands in slots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    id::Ref,
    scalar::{Slug, SquareDecimetres, StreamSeq},
    slot::Slot,
    term::{
        AgeClass, BirthDateFinding, ConsentKind, CorrectionReason, DocumentKind, HousingFund,
        IinFinding, OverNormGround, PersonKind, PremisesUse, RegisteringBody, ResidenceEnd,
        StayEnd, StayLimit, Timeliness,
    },
};

/// What a full new fact corrects: an entry of the same stream, which stands superseded from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrects {
    /// Its place in the stream.
    pub entry: StreamSeq,
    /// Why.
    pub reason: CorrectionReason,
}

/// A person was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRecorded {
    /// The reference that stands for the person everywhere.
    pub person: Ref,
    /// Citizen, foreigner or stateless.
    pub kind: PersonKind,
    /// What was found about the IIN: a finding, no bar.
    pub iin: IinFinding,
    /// Whether the IIN and the document give one birth date.
    pub birth_date: BirthDateFinding,
    /// The category of the document; with it a person without an IIN is known by another key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKind>,
    /// Present when the person was recorded otherwise before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
    /// Name, IIN, documents: sealed.
    pub slots: Vec<Slot>,
}

/// A person died on the effective day: every registration ends with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDied {
    /// SHA-256 of the document that proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
}

/// The status of kandas was granted for the effective interval. Status and inclusion in a quota are two things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusGranted {
    /// Everything the verdict read.
    pub facts: Facts,
}

/// How the norm of point 10 stood at a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "check")]
pub enum NormCheck {
    /// The fund is neither state housing nor rented by the akimat.
    NotApplicable,
    /// No act in force gave the power to take the norm into account on the decision date.
    NoBasis,
    /// The useful area suffices.
    Within,
    /// The area does not suffice, and the registration is recorded all the same.
    Over {
        /// Why it is recorded all the same.
        ground: OverNormGround,
    },
}

/// A person was registered at the place of residence from the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceRegistered {
    /// The dwelling.
    pub dwelling: Ref,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// Who registered.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// The person's age class on the effective day.
    pub age: AgeClass,
    /// The norm of point 10.
    pub norm: NormCheck,
    /// Whether the registration came later than the term in force.
    pub late: bool,
    /// Present when the registration was recorded otherwise before; the effective interval is then the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the Rules and the norm where point 10 was taken into account.
    pub bases: Vec<Citation>,
}

/// A residence ended on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceEnded {
    /// The dwelling.
    pub dwelling: Ref,
    /// Why.
    pub reason: ResidenceEnd,
    /// SHA-256 of the document that it rests on, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Sha256Hex>,
    /// Present when the end was recorded for another day before: the move that it is a half of is corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A person was registered at a place of temporary stay for the effective interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StayRegistered {
    /// The dwelling.
    pub dwelling: Ref,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// Who registered.
    pub body: RegisteringBody,
    /// Why the person may live there.
    pub consent: ConsentKind,
    /// How it stands to the limits for immigrants.
    pub limit: StayLimit,
    /// Whether the registration came later than the term in force.
    pub late: bool,
    /// Present when the stay was recorded otherwise before; the effective interval is then the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the norms that were looked up.
    pub bases: Vec<Citation>,
}

/// A temporary stay was extended: the effective interval is what was added to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StayExtended {
    /// The dwelling.
    pub dwelling: Ref,
    /// How the whole stay stands to the limits for immigrants.
    pub limit: StayLimit,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the norms that were looked up.
    pub bases: Vec<Citation>,
}

/// A temporary stay ended on the effective day, before the day that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StayEnded {
    /// The dwelling.
    pub dwelling: Ref,
    /// Why.
    pub reason: StayEnd,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// A host told the police that an immigrant arrived on the effective day (migration law art. 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalReported {
    /// The dwelling.
    pub dwelling: Ref,
    /// Whether the term was kept.
    pub timeliness: Timeliness,
    /// Everything the verdict read.
    pub facts: Facts,
    /// Further bases: the term.
    pub bases: Vec<Citation>,
}

/// A dwelling was recorded. It is a subject of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DwellingRecorded {
    /// The reference that stands for the dwelling everywhere.
    pub dwelling: Ref,
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    pub premises: PremisesUse,
    /// Present when the dwelling was recorded otherwise before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
    /// The address below district: sealed.
    pub slots: Vec<Slot>,
}

/// A resident moved into this dwelling on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentEntered {
    /// The person.
    pub person: Ref,
}

/// A resident left this dwelling on the effective day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentLeft {
    /// The person.
    pub person: Ref,
}
