//! Lists of the office: who acts for it with which powers (point 11), its registers (point 6), and the ledger of
//! foreign labour.

use qonys_projections::{
    journal::{JOURNAL, JournalRow},
    labour::{
        LABOUR_LEDGER, LABOUR_PERMIT, LABOUR_SHARE, LabourLedgerRow, LabourPermitRow,
        LabourShareRow,
    },
    offices::{
        ASSIGNMENT, AssignmentRow, OFFICE, OFFICE_POWER, OTHER_POWER, OfficePowerRow, OfficeRow,
        OtherPowerRow, POWER_EXERCISED, PowerExercisedRow,
    },
    reports::{REPORT, ReportRow},
};

use super::{Listing, by, schema, write};

/// Every list of the office.
pub(in crate::http) static OFFICES: &[Listing] = &[
    listing!(
        OfficeRow,
        OFFICE,
        true,
        "/v1/offices",
        "listOffices",
        "Offices with their territories, as they work on a day (point 11)",
        [by("office", "office", "Its name.")]
    ),
    listing!(
        OfficePowerRow,
        OFFICE_POWER,
        true,
        "/v1/office-powers",
        "listOfficePowers",
        "Which office may do what on a day, by act and point (point 11)",
        [
            by("office", "office", "The office."),
            by("power", "power", "The power.")
        ]
    ),
    listing!(
        AssignmentRow,
        ASSIGNMENT,
        true,
        "/v1/assignments",
        "listAssignments",
        "Who acts for an office on a day: appointments, acting officials, delegations, each with its order (point 11)",
        [
            by("office", "office", "The office."),
            by("official", "official", "The official."),
            by("kind", "kind", "`appointment`, `acting` or `delegation`."),
        ]
    ),
    listing!(
        OtherPowerRow,
        OTHER_POWER,
        true,
        "/v1/other-powers",
        "listOtherPowers",
        "Powers of the catalogue that no type of decision stands for, valid on a day (point 11)",
        [by("power", "power", "Its name.")]
    ),
    listing!(
        PowerExercisedRow,
        POWER_EXERCISED,
        false,
        "/v1/powers-exercised",
        "listPowersExercised",
        "Powers that were exercised by citing the catalogue (point 11)",
        [
            by("office", "office", "The office."),
            by("power", "power", "The power.")
        ]
    ),
    listing!(
        JournalRow,
        JOURNAL,
        false,
        "/v1/journal",
        "listJournal",
        "Incoming and outgoing registers of offices: every document under its number (point 6)",
        [
            by("office", "office", "The office."),
            by("year", "year", "The year."),
            by("direction", "direction", "`incoming` or `outgoing`."),
            by("application", "application", "The application."),
        ]
    ),
    listing!(
        LabourLedgerRow,
        LABOUR_LEDGER,
        false,
        "/v1/labour-ledger",
        "listLabourLedger",
        "Foreign labour by territory, year and category: share, granted, extended, outside the quota, left (points 5 and 11)",
        [
            by("territory", "territory", "The territory."),
            by("year", "year", "The year."),
        ]
    ),
    listing!(
        LabourPermitRow,
        LABOUR_PERMIT,
        true,
        "/v1/labour-permits",
        "listLabourPermits",
        "Permits for foreign labour as they stand on a day (point 11)",
        [
            by("territory", "territory", "The territory."),
            by("employer", "employer", "The employer."),
            by("state", "state", "`valid`, `suspended` or `withdrawn`."),
        ]
    ),
    listing!(
        LabourShareRow,
        LABOUR_SHARE,
        false,
        "/v1/labour-shares",
        "listLabourShares",
        "Shares of the quota for foreign labour by the act that distributed them (point 5)",
        [
            by("territory", "territory", "The territory."),
            by("year", "year", "The year."),
            by("act", "act", "The act."),
        ]
    ),
    listing!(
        ReportRow,
        REPORT,
        false,
        "/v1/reports",
        "listReports",
        "Reports to the authorised body: what was frozen, with position and digest, and who signed it (points 5 and 11)",
        [
            by("kind", "report_kind", "What it is."),
            by("list", "list", "The list that it shows."),
        ]
    ),
];
