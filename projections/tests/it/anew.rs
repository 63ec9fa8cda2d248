//! What is said anew and what is counted anew, in the views: asked as of an earlier position they say what stood then.

use qonys_events::{id::Line, scalar::Position};
use qonys_projections::{
    applications::{ApplicationRow, ApplicationState},
    cases::CaseStepRow,
    offices::OtherPowerRow,
    quota::board::{BoardLine, LineState, QuotaBoard},
    residents::ResidenceRow,
};

use crate::{
    lines::{commit, hold, release},
    registration::corrected,
    residents::{WITHIN, registered},
    support::{Log, act, as_of, day, id, line, noted, on, rows},
};

const DOCUMENT: &str = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
const MEMBERS: &str = "kandas.town.2024.principals-and-members";
const FAMILIES: &str = "kandas.town.2024.families";

fn ended(
    person: u64,
    dwelling: u64,
    corrects: Option<u64>,
    from: &str,
) -> (qonys_events::id::StreamId, qonys_events::event::Event) {
    let corrects = corrects.map_or(String::new(), |entry| {
        format!(r#","corrects":{{"entry":"{entry}","reason":"documents"}}"#)
    });
    let data = format!(
        r#"{{"dwelling":"{}","reason":"moved","facts":{{}}{corrects}}}"#,
        id(dwelling)
    );
    let (stream, mut event) = on(
        &format!("person/{}", id(person)),
        "person.residence-ended",
        &data,
        from,
    );
    if !corrects.is_empty() {
        event.supersedes = Some(id(0x9_0000_0001));
    }
    (stream, event)
}

#[test]
fn both_halves_of_a_corrected_move_are_known_from_the_correction_on() {
    let mut log = Log::default();
    log.command([registered(1, 10, "medeu", WITHIN, "2024-03-01")]); // entry 1
    let moved = log.command([
        ended(1, 10, None, "2024-03-10"),                   // entry 2
        registered(1, 11, "turksib", WITHIN, "2024-03-10"), // entry 3
    ]);
    let mut at = moved;
    for (entries, right) in [((2, 3), "2024-03-05"), ((4, 5), "2024-03-20")] {
        at = log.command([
            ended(1, 10, Some(entries.0), right),
            corrected((1, entries.1), 11, "turksib", right, None),
        ]);
    }
    let sink = log.views();
    let home = |at: Position, on: &str| {
        let found: Vec<ResidenceRow> = as_of(&sink, at, day(on));
        assert!(found.len() <= 1, "one residence on {on}: {found:?}");
        found.first().map(|row| row.dwelling)
    };
    let earlier = Position(at.0 - 2);
    for (position, moves_on) in [
        (moved, "2024-03-10"),
        (earlier, "2024-03-05"),
        (at, "2024-03-20"),
    ] {
        for n in -4..=30 {
            let on = day("2024-03-01").plus_days(n);
            let expected = if n < 0 {
                None
            } else if on < day(moves_on) {
                Some(id(10))
            } else {
                Some(id(11))
            };
            assert_eq!(
                home(position, &on.to_string()),
                expected,
                "{on} at {position}"
            );
        }
    }
    let open: Vec<ResidenceRow> = rows(&sink);
    let open: Vec<_> = open
        .iter()
        .filter(|row| row.recorded_to.is_none())
        .collect();
    let found: Vec<_> = open
        .iter()
        .map(|row| (row.dwelling, row.ended_by.map(|e| e.0)))
        .collect();
    assert_eq!(found, [(id(10), Some(6)), (id(11), None)]);
    assert!(open.iter().all(|row| row.correction.is_some()), "{open:?}");
}

fn limit(
    name: &str,
    act: &str,
    limit: u64,
) -> (qonys_events::id::StreamId, qonys_events::event::Event) {
    let line: Line = line(name);
    let json = serde_json::to_string(&line).unwrap();
    let data = format!(r#"{{"line":{json},"act":"{act}","action":"amend","limit":"{limit}"}}"#);
    noted(&format!("quota-line/{name}"), "quota-line.limit-set", &data)
}

fn withdrawn(name: &str, act: &str) -> (qonys_events::id::StreamId, qonys_events::event::Event) {
    let json = serde_json::to_string(&line(name)).unwrap();
    let data = format!(r#"{{"line":{json},"act":"{act}"}}"#);
    noted(
        &format!("quota-line/{name}"),
        "quota-line.limit-withdrawn",
        &data,
    )
}

#[test]
fn a_line_by_another_rule_and_a_line_that_no_act_speaks_of() {
    let mut log = Log::default();
    log.command([act("order", r#","in_force_on":"2024-01-14""#)]);
    log.command([act("order-08", r#","in_force_on":"2024-08-24""#)]);
    log.command([limit(MEMBERS, "order", 9)]);
    log.command([hold(MEMBERS, 1, 4, "2024-02-05")]);
    let included = log.command([commit(MEMBERS, 1, 4, "2024-02-05")]);
    let changed = log.command([
        limit(FAMILIES, "order", 0),
        limit(FAMILIES, "order-08", 5),
        limit(MEMBERS, "order-08", 0),
    ]);
    let recounted = format!(
        r#"{{"application":"{}","places":"1","before":{}}}"#,
        id(1),
        serde_json::to_string(&line(MEMBERS)).unwrap()
    );
    log.command([
        release(MEMBERS, 1, 4, "committed", "recounted", "2024-08-24"),
        on(
            &format!("quota-line/{FAMILIES}"),
            "quota-line.places-recounted",
            &recounted,
            "2024-08-24",
        ),
    ]);
    let board = |at: Position| -> QuotaBoard { log.prefix(at).board() };
    let shown = |line_: BoardLine| {
        (
            line_.limit.map(|l| l.0),
            line_.committed,
            line_.over_committed_by,
        )
    };
    let both = |at: Position, on: &str| {
        let board = board(at);
        [MEMBERS, FAMILIES].map(|name| shown(board.line(&line(name), day(on))))
    };
    assert_eq!(
        both(included, "2024-08-24"),
        [(Some(9), 4, 0), (None, 0, 0)]
    );
    assert_eq!(
        both(changed, "2024-08-23"),
        [(Some(9), 4, 0), (Some(0), 0, 0)]
    );
    assert_eq!(
        both(changed, "2024-08-24"),
        [(Some(0), 4, 4), (Some(5), 0, 0)],
        "over-committed until it is counted anew"
    );
    assert_eq!(
        both(log.head(), "2024-08-23"),
        [(Some(9), 4, 0), (Some(0), 0, 0)],
        "as it was"
    );
    assert_eq!(
        both(log.head(), "2024-08-24"),
        [(Some(0), 0, 0), (Some(5), 1, 0)]
    );
    // What was said of the lines was wrong: whatever stands in one of which no act speaks is too much.
    log.command([
        withdrawn(MEMBERS, "order-08"),
        withdrawn(FAMILIES, "order"),
        withdrawn(FAMILIES, "order-08"),
    ]);
    let last = log.board();
    assert_eq!(
        shown(last.line(&line(MEMBERS), day("2024-08-24"))),
        (Some(9), 0, 0)
    );
    let none = last.line(&line(FAMILIES), day("2024-08-24"));
    assert_eq!(
        (none.state.clone(), shown(none)),
        (LineState::NoLimit, (None, 1, 1))
    );
    // The board from the rows says the same.
    let sink = log.views();
    let mut read = QuotaBoard::at(log.head());
    for table in qonys_projections::tables() {
        sink.rows(table)
            .iter()
            .for_each(|row| read.take_row(table, row).unwrap());
    }
    for name in [MEMBERS, FAMILIES] {
        let line = line(name);
        assert_eq!(
            read.line(&line, day("2024-08-24")),
            last.line(&line, day("2024-08-24"))
        );
    }
}

#[test]
fn an_inclusion_and_an_extended_term_are_steps_of_their_case() {
    let mut log = Log::default();
    let application = format!("application/{}", id(1));
    let filed = format!(
        r#"{{"application":"{}","applicant":"{}","category":"kandas","territory":"town","year":"2024","members":"3"}}"#,
        id(1),
        id(2)
    );
    log.command([on(&application, "application.filed", &filed, "2024-02-01")]);
    let document = "00".repeat(32);
    let extended = format!(
        r#"{{"until":"2024-03-15","was":"2024-02-22","working_days":"31","document":"{document}","facts":{{"deadline":"2024-02-22"}},"bases":[],"slots":[]}}"#
    );
    log.command([on(
        &application,
        "application.term-extended",
        &extended,
        "2024-02-20",
    )]);
    let told = r#"{"decision":"2","way":"post","in_time_until":"2024-02-23","late":true}"#;
    log.command([on(
        &application,
        "application.act-notified",
        told,
        "2024-02-26",
    )]);
    let json = |name: &str| serde_json::to_string(&line(name)).unwrap();
    let included = format!(
        r#"{{"line":{},"places":"4","official":"{}"}}"#,
        json(MEMBERS),
        id(9)
    );
    let at = log.command([on(
        &application,
        "application.included",
        &included,
        "2024-03-01",
    )]);
    let recounted = format!(
        r#"{{"line":{},"places":"1","facts":{{}},"bases":[]}}"#,
        json(FAMILIES)
    );
    log.command([on(
        &application,
        "application.inclusion-recounted",
        &recounted,
        "2024-08-24",
    )]);
    let sink = log.views();
    let steps: Vec<CaseStepRow> = rows(&sink);
    let shown: Vec<_> = steps
        .iter()
        .map(|s| {
            (
                s.step.to_string(),
                s.deadline.map(|d| d.to_string()),
                s.late,
            )
        })
        .collect();
    assert_eq!(
        shown[1],
        (
            "term-extended".to_owned(),
            Some("2024-03-15".to_owned()),
            None
        )
    );
    assert_eq!(
        shown[2],
        (
            "act-notified".to_owned(),
            Some("2024-02-23".to_owned()),
            Some(true)
        )
    );
    assert_eq!(shown[4].0, "inclusion-recounted");
    let counted = |position, on: &str| {
        let found: Vec<ApplicationRow> = as_of(&sink, position, day(on));
        let row = found.first().expect("an application");
        (
            row.line.clone().map(|l| l.to_string()),
            row.places.map(|p| p.0),
        )
    };
    let (members, families) = (Some(MEMBERS.to_owned()), Some(FAMILIES.to_owned()));
    assert_eq!(
        counted(log.head(), "2024-08-23"),
        (members.clone(), Some(4))
    );
    assert_eq!(counted(log.head(), "2024-08-24"), (families, Some(1)));
    assert_eq!(
        counted(at, "2024-08-24"),
        (members, Some(4)),
        "as it was known then"
    );
}

/// A decision that was proved to have been adopted earlier stands from its own day, once it is known; the line is over-committed
/// by what is too much (points 3 and 6).
#[test]
fn an_inclusion_that_was_proved_stands_from_its_own_day() {
    let mut log = Log::default();
    log.command([act("order", r#","in_force_on":"2024-01-14""#)]);
    log.command([limit(MEMBERS, "order", 4)]);
    log.command([hold(MEMBERS, 1, 4, "2024-02-05")]);
    let before = log.command([commit(MEMBERS, 1, 4, "2024-02-05")]);
    let json = serde_json::to_string(&line(MEMBERS)).unwrap();
    let proved = format!(
        r#"{{"line":{json},"places":"2","official":"{}","document":"{DOCUMENT}","proved_by":"minutes","proof":"{DOCUMENT}","facts":{{"over-committed-by":"2"}},"bases":[]}}"#,
        id(9)
    );
    let takes = format!(r#"{{"application":"{}","places":"2"}}"#, id(2));
    log.command([
        on(
            &format!("quota-line/{MEMBERS}"),
            "quota-line.places-proved",
            &takes,
            "2024-02-01",
        ),
        on(
            &format!("application/{}", id(2)),
            "application.inclusion-proved",
            &proved,
            "2024-02-01",
        ),
    ]);
    let shown = |at: Position, on: &str| {
        let line_ = log.prefix(at).board().line(&line(MEMBERS), day(on));
        (line_.committed, line_.over_committed_by)
    };
    assert_eq!(shown(before, "2024-02-05"), (4, 0));
    assert_eq!(shown(log.head(), "2024-01-31"), (0, 0));
    assert_eq!(shown(log.head(), "2024-02-04"), (2, 0));
    assert_eq!(shown(log.head(), "2024-02-05"), (6, 2));
    let sink = log.views();
    let found: Vec<ApplicationRow> = as_of(&sink, log.head(), day("2024-02-01"));
    let row = found.iter().find(|row| row.application == id(2));
    let row = row.expect("an application");
    assert_eq!(row.state, ApplicationState::Included);
    assert_eq!(row.places.map(|places| places.0), Some(2));
    let steps: Vec<CaseStepRow> = rows(&sink);
    let step = steps.iter().find(|step| step.application == id(2));
    let step = step.expect("a step");
    assert_eq!(step.step.as_str(), "inclusion-proved");
    assert_eq!(step.outcome.as_ref().map(|by| by.as_str()), Some("minutes"));
}

#[test]
fn a_power_of_the_catalogue_ends_and_is_said_anew() {
    let mut log = Log::default();
    let power = |document: &str| {
        format!(
            r#""power":"school-places","titles":{{}},"document":"{document}","point":"9","from":"2020-01-01","certainty":"known","source":"test""#
        )
    };
    let law = |name: &str, data: &str| noted("law/main", name, data);
    let first = log.command([law(
        "power.other-recorded",
        &format!("{{{}}}", power("order")),
    )]);
    let end = r#"{"power":"school-places","document":"order","point":"9","from":"2020-01-01","until":"2024-01-01","source":"test"}"#;
    let after_end = log.command([law("power.ended", end)]);
    let anew = format!(
        r#"{{"entry":"1","reason":"misread","record":{{"of":"other-power","says":{{{}}}}}}}"#,
        power("decree")
    );
    let (stream, mut event) = law("law.corrected", &anew);
    event.supersedes = Some(id(0x9_0000_0002));
    log.command([(stream, event)]);
    let sink = log.views();
    let given_by = |position, on: &str| {
        let found: Vec<OtherPowerRow> = as_of(&sink, position, day(on));
        found
            .iter()
            .map(|row| row.document.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(given_by(first, "2024-01-01"), ["order"]);
    assert_eq!(given_by(after_end, "2024-01-01"), [""; 0]);
    assert_eq!(given_by(after_end, "2023-12-31"), ["order"]);
    assert_eq!(
        given_by(log.head(), "2023-12-31"),
        ["decree"],
        "the ended row is of the corrected entry"
    );
    assert_eq!(given_by(log.head(), "2024-01-01"), ["decree"]);
}
