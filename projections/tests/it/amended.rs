//! What ends and what is corrected, in the views: from the position of the new entry they say what it says, and asked as of an
//! earlier one they say what stood then. The register that is folded from entries and the one that is read from rows agree.

use qonys_events::{
    scalar::{Day, Position},
    term::{Category, DecisionType},
};
use qonys_projections::{
    acts::{
        ActRow, CalendarRow, NormRow, PowerRow, SuccessionRow,
        register::{Determined, LATEST, Register},
    },
    applications::ApplicationRow,
    cases::CaseStepRow,
    projection::Recorded,
    quota::board::LineState,
    residents::KandasStatusRow,
    tables,
};

use crate::{
    lines::{KANDAS, RESETTLERS, case_2024, quota_act},
    support::{Log, act, as_of, day, id, line, noted, on, rows, slug},
};

const NORM: &str = r#""norm":"a-term","document":"order","point":"1","unit":"days","certainty":"known","source":"test""#;
const POWER: &str = r#""decision":"quota-year-close","document":"order","point":"1","certainty":"known","source":"test""#;

fn corrected(entry: u64, of: &str, says: &str) -> String {
    format!(
        r#"{{"entry":"{entry}","reason":"mistyped","record":{{"of":"{of}","says":{{{says}}}}}}}"#
    )
}

/// A register in which much ends and is said anew.
fn log() -> Log {
    let mut log = Log::default();
    let law = |name: &str, data: &str| noted("law/main", name, data);
    log.command([act("order", r#","in_force_on":"2020-01-01""#)]); // 1
    log.command([law(
        "norm.recorded",
        &format!(r#"{{{NORM},"value":"30","from":"2020-01-01"}}"#),
    )]); // 2
    log.command([law(
        "power.recorded",
        &format!(r#"{{{POWER},"from":"2020-01-01"}}"#),
    )]); // 3
    log.command([law(
        "act.determined",
        r#"{"act":"order","from":"2020-02-01","basis":"test"}"#,
    )]); // 4
    log.command([law(
        "law.corrected",
        &corrected(
            2,
            "norm",
            &format!(r#"{NORM},"value":"3","from":"2020-01-01""#),
        ),
    )]); // 5
    log.command([law(
        "norm.ended",
        r#"{"norm":"a-term","from":"2020-01-01","until":"2024-01-01","source":"test"}"#,
    )]); // 6
    log.command([law(
        "norm.recorded",
        &format!(r#"{{{NORM},"value":"5","from":"2024-01-01"}}"#),
    )]); // 7
    log.command([law("power.ended", r#"{"power":"quota-year-close","document":"order","point":"1","from":"2020-01-01","until":"2023-01-01","source":"test"}"#)]); // 8
    log.command([law(
        "law.corrected",
        &corrected(
            3,
            "power",
            &format!(r#"{POWER},"from":"2020-01-01","until":"2023-06-01""#),
        ),
    )]); // 9
    log
}

fn registers(log: &Log) -> (Register, Register) {
    let mut folded = Register::default();
    log.recorded()
        .for_each(|entry: Recorded| folded.fold(&entry).unwrap());
    let (sink, mut read) = (log.views(), Register::default());
    for table in tables() {
        sink.rows(table)
            .iter()
            .for_each(|row| read.take_row(table, row).unwrap());
    }
    (folded, read)
}

#[test]
fn ends_and_corrections_of_the_register_as_of_each_position() {
    let log = log();
    let (folded, read) = registers(&log);
    let name = slug("a-term");
    let days = [
        "2019-12-31",
        "2022-12-31",
        "2023-03-01",
        "2023-12-31",
        "2024-01-01",
    ]
    .map(day);
    let said = |register: &Register, on: Day, at: Position| {
        let norm = register.norm(&name, on, at).map(|norm| norm.value.0);
        (
            norm,
            register.powers(DecisionType::QuotaYearClose, on, at).len(),
        )
    };
    for position in 1..=log.head().0 {
        for on in days {
            let at = Position(position);
            assert_eq!(
                said(&folded, on, at),
                said(&read, on, at),
                "{position} {on}"
            );
        }
    }
    let at = |position| days.map(|on| said(&folded, on, Position(position)));
    assert_eq!(
        at(4).map(|(norm, _)| norm),
        [None, Some(30), Some(30), Some(30), Some(30)]
    );
    assert_eq!(
        at(5).map(|(norm, _)| norm),
        [None, Some(3), Some(3), Some(3), Some(3)]
    );
    assert_eq!(
        at(6).map(|(norm, _)| norm),
        [None, Some(3), Some(3), Some(3), None]
    );
    assert_eq!(
        at(7).map(|(norm, _)| norm),
        [None, Some(3), Some(3), Some(3), Some(5)]
    );
    assert_eq!(at(7).map(|(_, powers)| powers), [0, 1, 1, 1, 1]);
    assert_eq!(at(8).map(|(_, powers)| powers), [0, 1, 0, 0, 0]);
    assert_eq!(
        at(9).map(|(_, powers)| powers),
        [0, 1, 1, 0, 0],
        "the corrected end counts"
    );
    let sink = log.views();
    let open = |at: Position, on: &str| as_of::<NormRow>(&sink, at, day(on)).len();
    assert_eq!(
        (
            open(Position(5), "2024-06-01"),
            open(Position(6), "2024-06-01")
        ),
        (1, 0)
    );
    assert_eq!(
        as_of::<PowerRow>(&sink, log.head(), day("2023-03-01")).len(),
        1
    );
}

#[test]
fn an_act_its_determination_and_the_tables_without_an_interval_are_said_anew() {
    let mut log = Log::default();
    let law = |name: &str, data: &str| noted("law/main", name, data);
    log.command([act("order", r#","adopted_on":"2024-05-10""#)]); // 1
    log.command([law(
        "act.date-recorded",
        r#"{"act":"order","date":"published","on":"2024-07-01","source":"test"}"#,
    )]); // 2
    log.command([law(
        "act.determined",
        r#"{"act":"order","from":"2024-08-01","basis":"test"}"#,
    )]); // 3
    let record = act("order", r#","adopted_on":"2024-05-01""#)
        .1
        .fact
        .write_data();
    let anew =
        format!(r#"{{"entry":"1","reason":"mistyped","record":{{"of":"act","says":{record}}}}}"#);
    log.command([law("law.corrected", &anew)]); // 4
    log.command([law(
        "law.corrected",
        &corrected(3, "determination", r#""act":"order","basis":"taken back""#),
    )]); // 5
    log.command([law("calendar.recorded", r#"{"year":"2024","weekly_rest":["saturday"],"days_off":[],"synthetic":true,"source":"test"}"#)]); // 6
    log.command([law("law.corrected", &corrected(6, "calendar", r#""year":"2024","weekly_rest":["sunday"],"days_off":[],"synthetic":true,"source":"test""#))]); // 7
    log.command([law(
        "territory.succeeded",
        r#"{"territory":"abai","out_of":"pavlodar","certainty":"known","source":"test"}"#,
    )]); // 8
    log.command([law(
        "law.corrected",
        &corrected(
            8,
            "succession",
            r#""territory":"abai","out_of":"east","certainty":"known","source":"test""#,
        ),
    )]); // 9
    log.command([law(
        "territory.changed",
        r#"{"category":"kandas","territory":"abai","change":"determined","act":"order"}"#,
    )]); // 10
    log.command([law(
        "law.corrected",
        &corrected(
            10,
            "territory",
            r#""category":"kandas","territory":"abai","change":"excluded","act":"order""#,
        ),
    )]); // 11
    let (folded, read) = registers(&log);
    let order = slug("order");
    let published =
        |register: &Register, at: u64| register.evidence(&order, Position(at)).unwrap().published;
    let determined =
        |register: &Register, at: u64| register.evidence(&order, Position(at)).unwrap().determined;
    for register in [&folded, &read] {
        assert!(published(register, 3).is_some() && published(register, 4).is_none());
        assert_eq!(
            [3, 4, 5].map(|at| determined(register, at)),
            [Some(day("2024-08-01")), Some(day("2024-08-01")), None]
        );
    }
    let sink = log.views();
    let acts = rows::<ActRow>(&sink);
    assert_eq!(
        acts.iter().filter(|row| row.recorded_to.is_none()).count(),
        1
    );
    let calendars = rows::<CalendarRow>(&sink);
    let open: Vec<_> = calendars
        .iter()
        .filter(|row| row.recorded_to.is_none())
        .collect();
    assert_eq!((calendars.len(), open.len()), (2, 1));
    assert!(
        serde_json::to_string(&open[0].weekly_rest)
            .unwrap()
            .contains("sunday")
    );
    let successions = rows::<SuccessionRow>(&sink);
    let open: Vec<_> = successions
        .iter()
        .filter(|row| row.recorded_to.is_none())
        .collect();
    assert_eq!((open.len(), open[0].out_of.as_str()), (1, "east"));
    for register in [folded, read] {
        let found = |at| {
            register.determined(
                Category::Kandas,
                &slug("abai"),
                day("2025-01-01"),
                Position(at),
            )
        };
        // Whether the order is in force is not known any more.
        assert_eq!(found(11), Determined::Unknown { act: slug("order") });
    }
}

#[test]
fn a_corrected_limit_stands_in_place_of_the_wrong_one_and_once() {
    let mut log = case_2024();
    let before = log.head();
    let entry = log.last_of("law/main");
    let mut said = quota_act(
        "order-2024-08",
        "amend",
        &[(KANDAS, 3133), (RESETTLERS, 6350)],
    );
    let set = said.remove(0).1.fact.write_data();
    let data = format!(r#"{{"entry":"{entry}","reason":"mistyped","set":{set}}}"#);
    said.insert(0, noted("law/main", "quota.corrected", &data));
    log.command(said);
    let board = log.board();
    let found = board.line(&line(KANDAS), day("2024-09-01"));
    assert_eq!(found.limit.map(|limit| limit.0), Some(3133));
    assert_eq!(
        found.steps.len(),
        2,
        "one step for each act: {:?}",
        found.steps
    );
    let amendment = board.amendments().pop().expect("an amendment");
    assert_eq!(amendment.lines.len(), 2);
    assert_eq!(amendment.moved.expect("a transfer").places, 700);
    let earlier = log
        .prefix(before)
        .board()
        .line(&line(KANDAS), day("2024-09-01"));
    assert_eq!(
        earlier.limit.map(|limit| limit.0),
        Some(3033),
        "as known before"
    );
}

#[test]
fn the_repeal_of_a_quota_act_revives_no_limit() {
    let mut log = Log::default();
    log.command([act("order", r#","in_force_on":"2024-01-01""#)]);
    log.command(quota_act("order", "establish", &[(KANDAS, 10)]));
    let amending = act("order-a", r#","in_force_on":"2024-03-01""#);
    let amending = {
        let (stream, mut event) = amending;
        if let qonys_events::fact::Fact::ActRecorded(act) = &mut event.fact {
            act.document = slug("order");
        }
        (stream, event)
    };
    log.command([amending]);
    log.command(quota_act("order-a", "amend", &[(KANDAS, 20)]));
    log.command([act(
        "order-x",
        r#","in_force_on":"2024-05-01","repeals":["order-a"]"#,
    )]);
    let line = line(KANDAS);
    let limits = ["2024-02-01", "2024-03-01", "2024-05-01"].map(|on| {
        let found = log.board().line(&line, day(on));
        found.limit.map(|limit| limit.0)
    });
    assert_eq!(limits, [Some(10), Some(20), None]);
    let state = log.board().line(&line, day("2024-05-01")).state;
    assert!(matches!(state, LineState::Repealed { .. }), "{state:?}");
    let (folded, read) = registers(&log);
    for register in [folded, read] {
        let none = register.determined(
            Category::Kandas,
            &slug("kazakhstan"),
            day("2024-05-01"),
            LATEST,
        );
        assert_eq!(none, Determined::No { excluded_by: None });
    }
}

#[test]
fn a_status_that_was_annulled_is_gone_with_what_was_added_to_it() {
    for (from, first) in [("2024-02-05", 0), ("2024-06-03", 1)] {
        let mut log = Log::default();
        let person = format!("person/{}", id(7));
        let facts = r#"{"facts":{}}"#;
        let (_, granted) = on(&person, "person.kandas-status-granted", facts, "2024-02-05");
        let granted = granted.effective(day("2024-02-05"), Some(day("2025-02-05")));
        log.command([(person.parse().unwrap(), granted)]);
        let extended = r#"{"would_have_ended":"2025-02-05","facts":{}}"#;
        let (_, extended) = on(
            &person,
            "person.kandas-status-extended",
            extended,
            "2025-02-05",
        );
        let extended = extended.effective(day("2025-02-05"), Some(day("2025-08-05")));
        log.command([(person.parse().unwrap(), extended)]);
        let data = format!(
            r#"{{"application":"{}","complaint":"{}","status_from":"2024-02-05","facts":{{"effect-from":"adoption"}}}}"#,
            id(1),
            id(2)
        );
        let before = log.head();
        log.command([on(&person, "person.kandas-status-annulled", &data, from)]);
        let sink = log.views();
        let open: Vec<_> = rows::<KandasStatusRow>(&sink)
            .into_iter()
            .filter(|row| row.recorded_to.is_none())
            .collect();
        assert_eq!(open.len(), first, "{open:?}");
        assert!(open.iter().all(|row| row.effective_to == Some(day(from))));
        let then = |on: &str| as_of::<KandasStatusRow>(&sink, before, day(on)).len();
        assert_eq!(
            (then("2024-07-01"), then("2025-08-04")),
            (1, 1),
            "the view before stays true"
        );
    }
}

#[test]
fn a_corrected_filing_is_told_instead_of_the_wrong_one() {
    let mut log = Log::default();
    let stream = format!("application/{}", id(1));
    let filed = |members: u64| {
        format!(
            r#"{{"application":"{}","applicant":"{}","category":"kandas","territory":"pavlodar","year":"2024","members":"{members}"}}"#,
            id(1),
            id(7)
        )
    };
    let before = log.command([on(&stream, "application.filed", &filed(5), "2024-02-01")]);
    let data = format!(
        r#"{{"corrects":{{"entry":"1","reason":"clerical"}},"record":{{"of":"filing","says":{}}}}}"#,
        filed(1)
    );
    let at = log.command([on(&stream, "application.corrected", &data, "2024-02-01")]);
    let sink = log.views();
    let members = |at| {
        as_of::<ApplicationRow>(&sink, at, day("2024-03-01"))[0]
            .members
            .map(|n| n.0)
    };
    assert_eq!((members(before), members(at)), (Some(5), Some(1)));
    let steps = rows::<CaseStepRow>(&sink);
    assert_eq!(steps.len(), 2, "both steps are told");
    assert_eq!(steps[1].corrects.map(|entry| entry.0), Some(1));
}
