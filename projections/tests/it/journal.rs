//! The registers of an office and the transfer of a case (point 6) as views.

use qonys_projections::{
    applications::ApplicationRow,
    cases::CaseStepRow,
    journal::{Direction, JournalRow},
};

use crate::support::{Log, as_of, day, id, on, rows};

#[test]
fn both_registers_are_shown_under_their_office_and_year() {
    let mut log = Log::default();
    let sha = "22".repeat(32);
    let came = format!(
        r#"{{"number":"1","kind":"complaint","sha256":"{sha}","represented":{{"person":"{}","representative":{{"holder":"organisation","organisation":"aid"}}}}}}"#,
        id(7)
    );
    let stream = "journal/akimat.town.2024";
    log.command([on(
        stream,
        "journal.incoming-registered",
        &came,
        "2024-12-30",
    )]);
    let went = format!(
        r#"{{"number":"1","kind":"answer","way":"post","language":"ru","sha256":"{sha}","answers":{{"year":"2024","number":"1"}}}}"#
    );
    let next = "journal/akimat.town.2025";
    log.command([on(next, "journal.outgoing-registered", &went, "2025-01-03")]);
    let found = rows::<JournalRow>(&log.views());
    let shown: Vec<_> = found
        .iter()
        .map(|row| (row.office.as_str(), row.year.0, row.direction, row.number.0))
        .collect();
    assert_eq!(
        shown,
        [
            ("akimat.town", 2024, Direction::Incoming, 1),
            ("akimat.town", 2025, Direction::Outgoing, 1)
        ]
    );
    assert!(found[0].represented && found[0].language.is_none());
    assert_eq!(found[1].answers_year.map(|year| year.0), Some(2024));
}

#[test]
fn a_transferred_case_is_shown_in_the_territory_of_the_day() {
    let mut log = Log::default();
    let stream = format!("application/{}", id(1));
    let filed = format!(
        r#"{{"application":"{}","applicant":"{}","category":"kandas","territory":"pavlodar","year":"2024","members":"0"}}"#,
        id(1),
        id(2)
    );
    log.command([on(&stream, "application.filed", &filed, "2024-02-01")]);
    let moved = format!(
        r#"{{"from":"pavlodar","to":"kostanay","by":"akimat.pavlodar","document":"{}"}}"#,
        "22".repeat(32)
    );
    log.command([on(&stream, "application.transferred", &moved, "2024-03-01")]);
    let sink = log.views();
    for (on, territory) in [("2024-02-29", "pavlodar"), ("2024-03-01", "kostanay")] {
        let found: Vec<ApplicationRow> = as_of(&sink, log.head(), day(on));
        let shown = found[0].territory.as_ref().map(ToString::to_string);
        assert_eq!(shown.as_deref(), Some(territory), "{on}");
    }
    let steps = rows::<CaseStepRow>(&sink);
    assert_eq!(
        steps[1]
            .outcome
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("kostanay")
    );
}
