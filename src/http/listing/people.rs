//! Lists of persons by reference, of what becomes of families (point 9), and of years that were closed (point 6).

use qonys_projections::{
    quota::{QUOTA_ACT, QUOTA_CLOSE, QuotaActRow, YearCloseRow},
    residents::{
        DEATH, DeathRow, KANDAS_STATUS, KandasStatusRow, PERSON, PersonRow, RESIDENCE,
        ResidenceRow, STAY, StayRow,
        family::{FAMILY_CHANGE, FamilyChangeRow, REPRESENTATION, RepresentationRow},
    },
};

use super::{Filter, Listing, WHERE, by, schema, write};

const WHOSE: Filter = by("person", "person", "Whose: a reference.");
const LATE: Filter = by(
    "late",
    "late",
    "`1`: later than the term in force; `0`: not.",
);
const IN_DISTRICT: Filter = by("district", "district", "In which district.");

/// Every one of these lists.
pub(in crate::http) static PEOPLE: &[Listing] = &[
    listing!(
        PersonRow,
        PERSON,
        false,
        "/v1/persons",
        "listPersons",
        "Persons by reference, with what was found about their numbers: a wrong control digit is a finding and bars nothing (point 9)",
        [
            by("person", "person", "One person: a reference."),
            by("kind", "kind", "`citizen`, `foreigner` or `stateless`."),
            by(
                "iin",
                "iin",
                "What was found: `valid`, `wrong-digit`, `malformed` or `absent`."
            ),
            by(
                "birth-date",
                "birth_date",
                "Whether number and document give one birth date: `agrees`, `differs`, `not-compared`."
            ),
        ]
    ),
    listing!(
        DeathRow,
        DEATH,
        false,
        "/v1/deaths",
        "listDeaths",
        "Deaths, with which every registration ended (point 9)",
        [WHOSE]
    ),
    listing!(
        FamilyChangeRow,
        FAMILY_CHANGE,
        false,
        "/v1/family-changes",
        "listFamilyChanges",
        "Changes in families, with what an official looks at after each; nothing changes by itself (point 9)",
        [
            by("person", "person", "In whose family: a reference."),
            by(
                "change",
                "change",
                "What changed, such as `birth` or `marriage`."
            ),
        ]
    ),
    listing!(
        RepresentationRow,
        REPRESENTATION,
        false,
        "/v1/representations",
        "listRepresentations",
        "Who acts for whom, in what, from when to when (point 9)",
        [
            by("person", "person", "For whom: a reference."),
            by(
                "representative",
                "representative",
                "Who acts: `person/` and a reference, or `organisation/` and a name."
            ),
        ]
    ),
    listing!(
        QuotaActRow,
        QUOTA_ACT,
        false,
        "/v1/quota-acts",
        "listQuotaActs",
        "Acts of the body that sets the quota: year, counting rule, whether they establish or amend (points 3 and 6)",
        [
            by("act", "act", "The act."),
            by("year", "quota_year", "The year the quota is for."),
        ]
    ),
    listing!(
        YearCloseRow,
        QUOTA_CLOSE,
        false,
        "/v1/year-closes",
        "listYearCloses",
        "Quota lines whose year an official closed, with what lapsed (point 6)",
        [by("line", "line", "The line.")]
    ),
    listing!(
        KandasStatusRow,
        KANDAS_STATUS,
        false,
        "/v1/kandas-statuses",
        "listKandasStatuses",
        "Statuses of kandas: granted for an interval, and no inclusion in a quota",
        [by("person", "person", "Whose status: a reference.")]
    ),
    listing!(
        ResidenceRow,
        RESIDENCE,
        false,
        "/v1/residences",
        "listResidences",
        "Registrations at the place of residence (points 9 and 10)",
        [
            WHOSE,
            WHERE,
            LATE,
            IN_DISTRICT,
            by(
                "norm",
                "norm_check",
                "How the norm of point 10 stood: `within`, `over`, `not-applicable`, `no-basis`."
            ),
        ]
    ),
    listing!(
        StayRow,
        STAY,
        false,
        "/v1/stays",
        "listStays",
        "Registrations at a place of temporary stay (point 9)",
        [
            WHOSE,
            WHERE,
            LATE,
            IN_DISTRICT,
            by(
                "limit",
                "day_limit",
                "How it stands to the limits for immigrants, such as `over-in-window`."
            ),
        ]
    ),
];
