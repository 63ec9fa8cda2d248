//! Residences, stays and dwellings: two times at once.

use qonys_events::{
    scalar::{Position, SquareDecimetres},
    term::{OverNormGround, ResidenceEnd},
};
use qonys_projections::{
    all,
    memory::MemorySink,
    projection::FoldError,
    residents::{
        DwellingRow, KandasStatusRow, NormState, PersonRow, ResidenceRow, StayRow, by_district,
    },
    runner::{RunError, Runner},
};

use crate::support::{Log, Said, as_of, day, id, on, ready, rows};

pub(crate) fn registered(
    person: u64,
    dwelling: u64,
    district: &str,
    norm: &str,
    from: &str,
) -> Said {
    let data = format!(
        r#"{{"dwelling":"{}","district":"{district}","body":"police","consent":"owners","age":"from-14","norm":{norm},"late":false,"facts":{{}},"bases":[]}}"#,
        id(dwelling)
    );
    on(
        &format!("person/{}", id(person)),
        "person.residence-registered",
        &data,
        from,
    )
}

pub(crate) fn ended(person: u64, dwelling: u64, reason: &str, from: &str) -> Said {
    let data = format!(
        r#"{{"dwelling":"{}","reason":"{reason}","facts":{{}}}}"#,
        id(dwelling)
    );
    on(
        &format!("person/{}", id(person)),
        "person.residence-ended",
        &data,
        from,
    )
}

pub(crate) fn dwelling(n: u64, area: u64, district: &str, from: &str) -> Said {
    let data = format!(
        r#"{{"dwelling":"{}","fund":"state","useful_area":"{area}","district":"{district}","premises":"living","slots":[]}}"#,
        id(n)
    );
    on(
        &format!("dwelling/{}", id(n)),
        "dwelling.recorded",
        &data,
        from,
    )
}

pub(crate) const WITHIN: &str = r#"{"check":"within"}"#;

/// A move as the register records it: the former residence ends on the day on which the new one begins.
pub(crate) fn moved(person: u64, from: u64, to: u64, district: &str, day: &str) -> [Said; 2] {
    [
        ended(person, from, "moved", day),
        registered(person, to, district, WITHIN, day),
    ]
}

fn home(log: &Log, at: Position, on: &str) -> Vec<(String, String)> {
    let found: Vec<ResidenceRow> = as_of(&log.views(), at, day(on));
    found
        .iter()
        .map(|row| (row.dwelling.to_string(), row.district.to_string()))
        .collect()
}

#[test]
fn a_move_is_known_from_its_position_and_works_from_its_day() {
    let mut log = Log::default();
    let first = log.command([registered(1, 10, "medeu", WITHIN, "2023-05-01")]);
    // Recorded later, and effective before other entries of the log.
    let second = log.command(moved(1, 10, 11, "not-stated", "2023-09-01"));
    let at_10 = vec![(id(10).to_string(), "medeu".to_owned())];
    let at_11 = vec![(id(11).to_string(), "not-stated".to_owned())];
    assert_eq!(home(&log, second, "2023-04-30"), []);
    assert_eq!(home(&log, second, "2023-08-31"), at_10);
    assert_eq!(home(&log, second, "2023-09-01"), at_11);
    assert_eq!(
        home(&log, first, "2023-09-01"),
        at_10,
        "as it was known then"
    );
    let all: Vec<ResidenceRow> = rows(&log.views());
    let closed: Vec<_> = all.iter().filter(|row| row.recorded_to.is_some()).collect();
    assert_eq!((all.len(), closed.len()), (3, 1));
    let past = all.iter().find(|row| row.effective_to.is_some()).unwrap();
    assert_eq!(past.end_reason, Some(ResidenceEnd::Moved));
    assert_eq!(past.recorded_from, Position(second.0 - 1));
}

#[test]
fn a_move_back_and_a_move_within_a_day_leave_one_home_per_day() {
    let mut log = Log::default();
    log.command([registered(1, 10, "medeu", WITHIN, "2023-05-01")]);
    log.command(moved(1, 10, 11, "turksib", "2023-06-01"));
    log.command(moved(1, 11, 10, "medeu", "2023-07-01"));
    // Registered at 12 and, on the same day, at 13.
    log.command(moved(1, 10, 12, "alatau", "2023-08-01"));
    let at = log.command(moved(1, 12, 13, "almaly", "2023-08-01"));
    for (on, dwelling) in [
        ("2023-05-31", 10),
        ("2023-06-30", 11),
        ("2023-07-31", 10),
        ("2023-08-01", 13),
        ("2024-08-01", 13),
    ] {
        let found = home(&log, at, on);
        assert_eq!(found.len(), 1, "{on}: {found:?}");
        assert_eq!(found[0].0, id(dwelling).to_string(), "{on}");
    }
}

#[test]
fn districts_add_up_to_the_city_on_every_day() {
    let mut log = Log::default();
    log.command([registered(1, 10, "medeu", WITHIN, "2023-01-01")]);
    log.command([registered(2, 11, "medeu", WITHIN, "2023-02-01")]);
    log.command([registered(3, 12, "not-stated", WITHIN, "2023-02-01")]);
    log.command(moved(1, 10, 13, "turksib", "2023-03-01"));
    let at = log.command([ended(2, 11, "departed", "2023-03-15")]);
    let sink = log.views();
    let counts = |on: &str| {
        let rows: Vec<ResidenceRow> = as_of(&sink, at, day(on));
        let dwellings: Vec<DwellingRow> = as_of(&sink, at, day(on));
        let counts = by_district(&rows, &dwellings, day(on));
        let named = counts
            .into_iter()
            .map(|(district, n)| (district.to_string(), n));
        named.collect::<Vec<_>>()
    };
    let pairs = |all: &[(&str, u64)]| {
        all.iter()
            .map(|(d, n)| ((*d).to_owned(), *n))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        counts("2023-02-28"),
        pairs(&[("medeu", 2), ("not-stated", 1)])
    );
    let march = pairs(&[("medeu", 1), ("not-stated", 1), ("turksib", 1)]);
    assert_eq!(counts("2023-03-14"), march);
    assert_eq!(
        counts("2023-03-15"),
        pairs(&[("not-stated", 1), ("turksib", 1)])
    );
}

#[test]
fn an_over_norm_registration_is_marked_with_its_ground() {
    let mut log = Log::default();
    let over = r#"{"check":"over","ground":"court-order"}"#;
    log.command([dwelling(10, 4500, "medeu", "2023-01-01")]);
    log.command([registered(1, 10, "medeu", WITHIN, "2023-01-01")]);
    log.command([registered(2, 10, "medeu", over, "2023-01-02")]);
    let all: Vec<ResidenceRow> = rows(&log.views());
    assert_eq!(
        (all[0].norm_check, all[0].over_norm_ground),
        (NormState::Within, None)
    );
    let marked = (NormState::Over, Some(OverNormGround::CourtOrder));
    assert_eq!((all[1].norm_check, all[1].over_norm_ground), marked);
}

#[test]
fn a_smaller_area_found_later_stands_from_its_position_and_evicts_nobody() {
    let mut log = Log::default();
    let first = log.command([dwelling(10, 4500, "medeu", "2023-01-01")]);
    log.command([registered(1, 10, "medeu", WITHIN, "2023-01-01")]);
    let second = log.command([dwelling(10, 4499, "medeu", "2023-06-01")]);
    let sink = log.views();
    let area = |at, on: &str| {
        let found: Vec<DwellingRow> = as_of(&sink, at, day(on));
        found.iter().map(|row| row.useful_area).collect::<Vec<_>>()
    };
    assert_eq!(area(second, "2022-01-01"), [SquareDecimetres(4499)]);
    assert_eq!(area(second, "2023-06-01"), [SquareDecimetres(4499)]);
    assert_eq!(area(first, "2023-06-01"), [SquareDecimetres(4500)]);
    assert_eq!(home(&log, second, "2023-06-01").len(), 1);
}

#[test]
fn stays_stand_beside_residences_and_end_by_themselves() {
    let mut log = Log::default();
    let person = format!("person/{}", id(1));
    log.command([on(
        &person,
        "person.recorded",
        &format!(r#"{{"person":"{}","kind":"foreigner","iin":"absent","birth_date":"not-compared","slots":[]}}"#, id(1)),
        "2023-01-01",
    )]);
    let data = format!(
        r#"{{"dwelling":"{}","district":"not-stated","body":"police","consent":"owners","limit":"within","late":false,"facts":{{}},"bases":[]}}"#,
        id(11)
    );
    let (stream, mut stay) = on(&person, "person.stay-registered", &data, "2023-02-01");
    stay.effectiveto = Some(day("2023-05-01"));
    let (_, mut status) = on(
        &person,
        "person.kandas-status-granted",
        r#"{"facts":{}}"#,
        "2023-01-10",
    );
    status.effectiveto = Some(day("2024-01-10"));
    log.command([
        registered(1, 10, "medeu", WITHIN, "2023-01-01"),
        (stream.clone(), stay),
    ]);
    let at = log.command([(stream, status)]);
    let sink = log.views();
    assert_eq!(rows::<PersonRow>(&sink).len(), 1);
    let stays = |on: &str| as_of::<StayRow>(&sink, at, day(on)).len();
    assert_eq!(
        (
            stays("2023-01-31"),
            stays("2023-04-30"),
            stays("2023-05-01")
        ),
        (0, 1, 0)
    );
    assert_eq!(home(&log, at, "2023-03-01").len(), 1);
    let status = |on: &str| as_of::<KandasStatusRow>(&sink, at, day(on)).len();
    assert_eq!((status("2024-01-09"), status("2024-01-10")), (1, 0));
}

#[test]
fn the_end_of_a_residence_that_nobody_told_of_stops_the_view() {
    let mut log = Log::default();
    log.command([registered(1, 10, "medeu", WITHIN, "2023-01-01")]);
    log.command([ended(1, 11, "departed", "2023-02-01")]);
    let mut runner = Runner::new(log.feed(), MemorySink::default(), all());
    let error = ready(runner.catch_up_to(log.head())).unwrap_err();
    let RunError::Fold {
        projection: "residents",
        position: Position(2),
        error,
    } = error
    else {
        panic!("{error}")
    };
    assert!(matches!(error, FoldError::Untold { .. }), "{error}");
    // The batch is all or nothing.
    assert_eq!(rows::<ResidenceRow>(runner.sink()), []);
}
