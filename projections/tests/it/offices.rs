//! Offices (point 11) as views: who acts on which day by which order, and what stays true after it ended.

use qonys_projections::offices::{
    AssignmentKind, AssignmentRow, OfficePowerRow, OfficeRow, OtherPowerRow, PowerExercisedRow,
};

use crate::support::{Log, as_of, day, id, noted, on, rows};

const OFFICE: &str = "office/akimat.town";
const ORDER: &str = r#""order":{"number":"1","dated":"2024-01-10"}"#;

fn registered(territory: &str) -> String {
    format!(r#"{{"office":"akimat.town","titles":{{}},"territories":["{territory}"],{ORDER}}}"#)
}

#[test]
fn an_office_is_shown_as_it_worked_on_the_day() {
    let mut log = Log::default();
    let town = registered("town");
    log.command([on(OFFICE, "office.registered", &town, "2024-01-10")]);
    let closed = format!("{{{ORDER}}}");
    log.command([on(OFFICE, "office.closed", &closed, "2024-06-01")]);
    let shire = registered("shire");
    log.command([on(OFFICE, "office.registered", &shire, "2024-07-01")]);
    let sink = log.views();
    for (on, territories) in [
        ("2024-01-09", None),
        ("2024-05-31", Some(r#"["town"]"#)),
        ("2024-06-01", None),
        ("2024-07-01", Some(r#"["shire"]"#)),
    ] {
        let found: Vec<OfficeRow> = as_of(&sink, log.head(), day(on));
        let shown = found
            .first()
            .map(|row| serde_json::to_string(&row.territories).unwrap());
        assert_eq!(shown.as_deref(), territories, "{on}");
    }
}

#[test]
fn an_assignment_ends_on_its_day_and_is_known_to_have_lasted_before() {
    let mut log = Log::default();
    let town = registered("town");
    log.command([on(OFFICE, "office.registered", &town, "2024-01-10")]);
    let head = id(7);
    let appointed = format!(r#"{{"official":"{head}","role":"head","powers":["a","b"],{ORDER}}}"#);
    log.command([on(
        OFFICE,
        "office.official-appointed",
        &appointed,
        "2024-01-10",
    )]);
    let acting = format!(r#"{{"official":"{}","absent":"{head}",{ORDER}}}"#, id(8));
    log.command([on(OFFICE, "office.acting-appointed", &acting, "2024-02-01")]);
    let before = log.head();
    let ended = format!(r#"{{"assignment":"3",{ORDER}}}"#);
    log.command([on(OFFICE, "office.assignment-ended", &ended, "2024-03-01")]);
    let sink = log.views();
    let kinds = |position, on: &str| {
        let found: Vec<AssignmentRow> = as_of(&sink, position, day(on));
        found.iter().map(|row| row.kind).collect::<Vec<_>>()
    };
    let both = [AssignmentKind::Appointment, AssignmentKind::Acting];
    assert_eq!(kinds(log.head(), "2024-01-31"), both[..1]);
    assert_eq!(kinds(log.head(), "2024-02-29"), both);
    assert_eq!(kinds(log.head(), "2024-03-01"), both[..1]);
    // Before the end became known, nobody could have told.
    assert_eq!(kinds(before, "2024-03-01"), both);
}

#[test]
fn powers_are_shown_by_act_and_point_and_so_is_what_was_exercised() {
    let mut log = Log::default();
    let power = r#"{"power":"school-places","titles":{"en":"school places"},"document":"law","point":"15(9)","from":"2012-01-01","until":"2025-01-01","certainty":"known","source":"s"}"#;
    log.command([noted("law/main", "power.other-recorded", power)]);
    let vested = r#"{"powers":["school-places","kandas-inclusion"],"document":"law","point":"15(9)","certainty":"known","source":"s"}"#;
    log.command([on(OFFICE, "office.powers-vested", vested, "2024-01-10")]);
    let exercised = format!(
        r#"{{"power":"school-places","document":"{}","facts":{{}}}}"#,
        "22".repeat(32)
    );
    let (stream, mut event) = on(OFFICE, "office.power-exercised", &exercised, "2024-02-01");
    event.act = Some("law".parse().unwrap());
    event.point = Some("15(9)".parse().unwrap());
    log.command([(stream, event)]);
    let sink = log.views();
    let held: Vec<OfficePowerRow> = as_of(&sink, log.head(), day("2024-02-01"));
    assert_eq!(held.len(), 2);
    for (on, known) in [("2024-12-31", 1), ("2025-01-01", 0)] {
        let found: Vec<OtherPowerRow> = as_of(&sink, log.head(), day(on));
        assert_eq!(found.len(), known, "{on}");
    }
    let found = rows::<PowerExercisedRow>(&sink);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].point.as_ref().map(ToString::to_string).as_deref(),
        Some("15(9)")
    );
    assert_eq!(found[0].exercised_on, day("2024-02-01"));
}
