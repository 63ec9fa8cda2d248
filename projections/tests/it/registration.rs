//! Corrections, boundaries, consents, deaths and stays: what the views say, for which day, as known when.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_events::{
    fact::Fact,
    scalar::{Day, Position},
    term::{CorrectionReason, ResidenceEnd, StayLimit},
};
use qonys_projections::{
    residents::{
        ArrivalRow, ConsentRow, DeathRow, DwellingRow, HoldingRow, KandasStatusRow, OverNormRow,
        ResidenceRow, StayRow, by_district, days_stayed,
    },
    runner::{RunError, Runner},
};

use crate::{
    histories::{step, told},
    residents::{WITHIN, dwelling, ended, moved, registered},
    support::{Log, Said, as_of, day, id, on, ready, rows},
};

/// A registration that stands instead of the entry at a place of the person's stream.
pub(crate) fn corrected(
    (person, entry): (u64, u64),
    dwelling: u64,
    district: &str,
    from: &str,
    until: Option<&str>,
) -> Said {
    let (stream, mut event) = registered(person, dwelling, district, WITHIN, from);
    if let Fact::ResidenceRegistered(fact) = &mut event.fact {
        let corrects = format!(r#"{{"entry":"{entry}","reason":"documents"}}"#);
        fact.corrects = Some(serde_json::from_str(&corrects).unwrap());
    }
    event.supersedes = Some(id(0x9_0000_0000));
    event.effectiveto = until.map(day);
    (stream, event)
}

/// A dwelling lies in another district from a day on.
pub(crate) fn boundary(n: u64, district: &str, from: &str) -> Said {
    let data = format!(
        r#"{{"fund":"private","useful_area":"4000","district":"{district}","premises":"living","reason":"boundary-changed","document":"{}"}}"#,
        "00".repeat(32)
    );
    on(
        &format!("dwelling/{}", id(n)),
        "dwelling.changed",
        &data,
        from,
    )
}

fn of_dwelling(n: u64, name: &str, data: &str, from: &str) -> Said {
    on(&format!("dwelling/{}", id(n)), name, data, from)
}

fn stays(person: u64, at: u64, from: &str, until: &str) -> Said {
    let data = format!(
        r#"{{"dwelling":"{}","district":"medeu","body":"police","consent":"owners","limit":"within","late":false,"facts":{{}},"bases":[]}}"#,
        id(at)
    );
    let (stream, mut event) = on(
        &format!("person/{}", id(person)),
        "person.stay-registered",
        &data,
        from,
    );
    event.effectiveto = Some(day(until));
    (stream, event)
}

#[test]
fn a_superseded_registration_is_closed_and_the_corrected_one_opens() {
    let mut log = Log::default();
    let first = log.command([registered(1, 10, "medeu", WITHIN, "2023-05-01")]);
    let left = log.command([ended(1, 10, "departed", "2023-09-01")]);
    let right = corrected((1, 1), 11, "turksib", "2023-04-01", Some("2023-09-01"));
    let at = log.command([right]);
    let sink = log.views();
    let home = |at, on: &str| {
        let found: Vec<ResidenceRow> = as_of(&sink, at, day(on));
        found
            .iter()
            .map(|row| row.dwelling.to_string())
            .collect::<Vec<_>>()
    };
    // Before the correction was known, and after.
    assert_eq!(home(left, "2023-08-31"), [id(10).to_string()]);
    assert_eq!(home(left, "2023-04-30"), [""; 0]);
    assert_eq!(home(first, "2024-01-01"), [id(10).to_string()]);
    assert_eq!(home(at, "2023-04-30"), [id(11).to_string()]);
    assert_eq!(home(at, "2023-08-31"), [id(11).to_string()]);
    assert_eq!(home(at, "2023-09-01"), [""; 0]);
    let open: Vec<ResidenceRow> = rows(&sink);
    let open: Vec<_> = open
        .iter()
        .filter(|row| row.recorded_to.is_none())
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].correction, Some(CorrectionReason::Documents));
    assert_eq!(
        open[0].end_reason,
        Some(ResidenceEnd::Departed),
        "why it ended is not forgotten"
    );
    assert_eq!((open[0].entry.0, open[0].recorded_from), (3, at));
}

#[test]
fn a_correction_that_no_view_follows_stops_it() {
    let mut log = Log::default();
    let (stream, mut event) = ended(1, 10, "departed", "2023-09-01");
    event.supersedes = Some(id(7));
    log.command([registered(1, 10, "medeu", WITHIN, "2023-05-01")]);
    log.command([(stream, event)]);
    let mut runner = Runner::new(
        log.feed(),
        qonys_projections::memory::MemorySink::default(),
        qonys_projections::all(),
    );
    let error = ready(runner.catch_up_to(log.head())).unwrap_err();
    let stopped = matches!(
        error,
        RunError::Fold {
            projection: "residents",
            position: Position(2),
            ..
        }
    );
    assert!(stopped, "{error}");
}

#[test]
fn when_boundaries_move_nobody_moves() {
    let mut log = Log::default();
    log.command([dwelling(10, 4000, "medeu", "2023-01-01")]);
    log.command([registered(1, 10, "medeu", WITHIN, "2023-01-01")]);
    let before = log.head();
    let at = log.command([boundary(10, "turksib", "2023-06-01")]);
    let sink = log.views();
    let counted = |at: Position, on: &str| {
        let lives: Vec<ResidenceRow> = as_of(&sink, at, day(on));
        let dwellings: Vec<DwellingRow> = as_of(&sink, at, day(on));
        let counts = by_district(&lives, &dwellings, day(on));
        let named = counts.into_iter().map(|(d, n)| (d.to_string(), n));
        named.collect::<Vec<_>>()
    };
    let medeu = vec![("medeu".to_owned(), 1)];
    assert_eq!(counted(at, "2023-05-31"), medeu);
    assert_eq!(counted(at, "2023-06-01"), [("turksib".to_owned(), 1)]);
    assert_eq!(counted(before, "2023-06-01"), medeu, "as it was known then");
    // How it was recorded is corrected for the days before; the change stands.
    let (stream, mut event) = dwelling(10, 5000, "alatau", "2023-07-01");
    event.supersedes = Some(id(7));
    let at = log.command([(stream, event)]);
    let sink = log.views();
    let district = |on: &str| {
        as_of::<DwellingRow>(&sink, at, day(on))[0]
            .district
            .to_string()
    };
    assert_eq!(
        (district("2023-05-31"), district("2023-06-01")),
        ("alatau".into(), "turksib".into())
    );
}

#[test]
fn holders_and_consents_have_their_days() {
    let holder = r#"{"holder":"organisation","organisation":"fund"}"#;
    let document = "00".repeat(32);
    let given = |scope: &str, from: &str| {
        let data = format!(
            r#"{{"holder":{holder},"person":"{}","scope":"{scope}","document":"{document}"}}"#,
            id(1)
        );
        of_dwelling(10, "dwelling.consent-given", &data, from)
    };
    let mut log = Log::default();
    log.command([dwelling(10, 4000, "medeu", "2023-01-01")]);
    let held = format!(r#"{{"title":"ownership","holders":[{holder}],"document":"{document}"}}"#);
    log.command([of_dwelling(
        10,
        "dwelling.holders-recorded",
        &held,
        "2023-02-01",
    )]);
    log.command([
        given("residence", "2023-03-01"),
        given("both", "2023-04-01"),
    ]);
    let known = log.head();
    let data = format!(r#"{{"holder":{holder},"person":"{}"}}"#, id(1));
    let at = log.command([of_dwelling(
        10,
        "dwelling.consent-withdrawn",
        &data,
        "2023-05-01",
    )]);
    let sink = log.views();
    let holders = |on: &str| as_of::<HoldingRow>(&sink, at, day(on)).len();
    assert_eq!((holders("2023-01-31"), holders("2023-02-01")), (0, 1));
    let consents = |at, on: &str| as_of::<ConsentRow>(&sink, at, day(on)).len();
    assert_eq!(
        ["2023-02-28", "2023-03-01", "2023-04-30", "2023-05-01"].map(|on| consents(at, on)),
        [0, 1, 2, 0]
    );
    assert_eq!(
        consents(known, "2023-05-01"),
        2,
        "before the withdrawal was known"
    );
}

#[test]
fn a_destroyed_dwelling_keeps_its_days_and_what_was_found_over_the_norm() {
    let mut log = Log::default();
    log.command([dwelling(10, 4000, "medeu", "2023-01-01")]);
    let found = r#"{"residents":"3","capacity":"2","facts":{},"bases":[]}"#;
    log.command([
        boundary(10, "turksib", "2023-06-01"),
        of_dwelling(10, "dwelling.over-norm-found", found, "2023-06-01"),
    ]);
    let data = format!(r#"{{"document":"{}","residents":"3"}}"#, "00".repeat(32));
    let at = log.command([of_dwelling(10, "dwelling.destroyed", &data, "2023-08-01")]);
    let sink = log.views();
    let stood = |on: &str| {
        let found: Vec<DwellingRow> = as_of(&sink, at, day(on));
        (
            found.len(),
            found[0].destroyed,
            found[0].district.to_string(),
        )
    };
    assert_eq!(stood("2023-05-31"), (1, false, "medeu".into()));
    assert_eq!(stood("2023-07-31"), (1, false, "turksib".into()));
    assert_eq!(stood("2023-08-01"), (1, true, "turksib".into()));
    let over: Vec<OverNormRow> = rows(&sink);
    assert_eq!(
        (over.len(), over[0].residents.0, over[0].capacity.0),
        (1, 3, 2)
    );
}

#[test]
fn death_ends_the_status_and_is_told_of() {
    let mut log = Log::default();
    let person = format!("person/{}", id(1));
    log.command([on(
        &person,
        "person.kandas-status-granted",
        r#"{"facts":{}}"#,
        "2023-01-01",
    )]);
    let alive = log.head();
    let at = log.command([on(&person, "person.died", "{}", "2023-06-01")]);
    let sink = log.views();
    let status = |at, on: &str| as_of::<KandasStatusRow>(&sink, at, day(on)).len();
    assert_eq!((status(at, "2023-05-31"), status(at, "2023-06-01")), (1, 0));
    assert_eq!(status(alive, "2023-06-01"), 1);
    let deaths: Vec<DeathRow> = rows(&sink);
    assert_eq!(deaths[0].died_on, day("2023-06-01"));
}

#[test]
fn a_stay_is_extended_ended_and_corrected_in_its_row() {
    let mut log = Log::default();
    let person = format!("person/{}", id(1));
    log.command([stays(1, 10, "2023-03-01", "2023-03-21")]);
    let data = format!(
        r#"{{"dwelling":"{}","limit":"over-at-once","facts":{{}},"bases":[]}}"#,
        id(10)
    );
    let (stream, mut more) = on(&person, "person.stay-extended", &data, "2023-03-21");
    more.effectiveto = Some(day("2023-04-10"));
    let extended = log.command([(stream, more)]);
    let data = format!(
        r#"{{"dwelling":"{}","reason":"departed","facts":{{}}}}"#,
        id(10)
    );
    let ended = log.command([on(&person, "person.stay-ended", &data, "2023-04-01")]);
    let data = format!(
        r#"{{"dwelling":"{}","timeliness":"unknown","facts":{{}},"bases":[]}}"#,
        id(10)
    );
    log.command([on(&person, "person.arrival-reported", &data, "2023-03-01")]);
    let sink = log.views();
    let there = |at, on: &str| as_of::<StayRow>(&sink, at, day(on)).len();
    assert_eq!(
        (there(extended, "2023-04-09"), there(extended, "2023-04-10")),
        (1, 0)
    );
    assert_eq!(
        (there(ended, "2023-03-31"), there(ended, "2023-04-01")),
        (1, 0)
    );
    let open: Vec<StayRow> = rows(&sink);
    let open: Vec<_> = open
        .iter()
        .filter(|row| row.recorded_to.is_none())
        .collect();
    assert_eq!((open.len(), open[0].day_limit), (1, StayLimit::OverAtOnce));
    assert_eq!(
        days_stayed(open.iter().copied(), 180, day("2023-06-01")),
        31
    );
    assert_eq!(
        days_stayed(open.iter().copied(), 180, day("2023-09-26")),
        1,
        "the others fell out of the window"
    );
    assert_eq!(rows::<ArrivalRow>(&sink).len(), 1);

    let (stream, mut right) = stays(1, 11, "2023-03-05", "2023-03-07");
    if let Fact::StayRegistered(fact) = &mut right.fact {
        fact.corrects = Some(serde_json::from_str(r#"{"entry":"1","reason":"clerical"}"#).unwrap());
    }
    right.supersedes = Some(id(7));
    let at = log.command([(stream, right)]);
    let sink = log.views();
    let there = |on: &str| as_of::<StayRow>(&sink, at, day(on)).len();
    assert_eq!(
        (
            there("2023-03-04"),
            there("2023-03-06"),
            there("2023-03-07")
        ),
        (0, 1, 0)
    );
}

/// How many persons have a home on a day as known at a position, from the entries alone.
fn city(log: &Log, at: Position, on: Day) -> u64 {
    let mut spells: BTreeMap<String, Vec<(u64, Day, Option<Day>)>> = BTreeMap::new();
    for entry in log.recorded().take_while(|entry| entry.position() <= at) {
        let place = &entry.entry.place;
        let of = spells.entry(place.subject.to_string()).or_default();
        let from = entry.event().effectivefrom;
        match &entry.event().fact {
            Fact::ResidenceRegistered(fact) => {
                of.retain(|spell| fact.corrects.is_none_or(|c| c.entry.0 != spell.0));
                of.push((place.streamseq.0, from.unwrap(), entry.event().effectiveto));
            }
            Fact::ResidenceEnded(_) => {
                let open = of.iter_mut().rfind(|spell| spell.2.is_none());
                open.unwrap().2 = from;
            }
            _ => {}
        }
    }
    let has_day =
        |spell: &(u64, Day, Option<Day>)| spell.1 <= on && spell.2.is_none_or(|to| on < to);
    let lives = spells.values().filter(|of| of.iter().any(has_day));
    lives.count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Districts, "not stated" among them, add up to the city, for every day as known at every position.
    #[test]
    fn districts_add_up_to_the_city_on_any_pair(
        steps in prop::collection::vec(step(), 1..50),
        offset in -5..310_i64,
        cut in 0.0..1.0_f64,
    ) {
        let log = told(&steps);
        let (sink, on) = (log.views(), day("2024-02-01").plus_days(offset));
        let at = Position((log.head().0 as f64 * cut) as u64 + 1).min(log.head());
        let lives: Vec<ResidenceRow> = as_of(&sink, at, on);
        let dwellings: Vec<DwellingRow> = as_of(&sink, at, on);
        let counts = by_district(&lives, &dwellings, on);
        // In the middle of a move the former home has ended and the new one has not begun.
        prop_assert_eq!(counts.values().sum::<u64>(), city(&log, at, on));
    }
}

#[test]
fn the_histories_of_the_property_have_somebody_to_count() {
    let mut log = Log::default();
    log.command([registered(1, 10, "medeu", WITHIN, "2024-02-01")]);
    log.command(moved(1, 10, 11, "turksib", "2024-02-05"));
    assert_eq!(city(&log, log.head(), day("2024-02-03")), 1);
    assert_eq!(city(&log, log.head(), day("2024-01-31")), 0);
}
