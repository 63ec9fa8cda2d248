//! The board over hand-written logs: the case of 2024, backdated moves, cuts below use, totals, closes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qonys_events::{
    id::Line,
    scalar::{Count, Day, Year},
    term::{Category, CountingRule, LineMark},
};
use qonys_projections::{
    acts::status::Reason,
    as_of::{AsOf, Prefix},
    quota::{
        MoveRow, QUOTA_MOVE,
        board::{Board, BoardLine, LineState, QuotaBoard, Taken, WHOLE},
    },
};

use crate::lines::{KANDAS, RESETTLERS, case_2024, commit, hold, quota_act, release};
use crate::support::{Log, act, day, line, noted, on, rows, slug};

fn shown(board: &Board, name: &str) -> BoardLine {
    board.line(&line(name)).unwrap().clone()
}

fn figures(log: &Log, name: &str, on: &str) -> (Option<u64>, i64, i64, Option<i64>, i64) {
    let found = shown(&log.board().as_of(day(on)), name);
    let limit = found.limit.map(|limit| limit.0);
    (
        limit,
        found.held,
        found.committed,
        found.remaining,
        found.over_committed_by,
    )
}

#[test]
fn the_case_of_2024_day_by_day() {
    let log = case_2024();
    let before = shown(&log.board().as_of(day("2024-01-13")), KANDAS);
    let (act, earliest) = (slug("order-2023-12-27"), day("2024-01-14"));
    assert_eq!(
        before.state,
        LineState::NotYet {
            act: act.clone(),
            earliest
        }
    );
    assert_eq!((before.limit, before.remaining), (None, None));
    let first = shown(&log.board().as_of(day("2024-01-14")), KANDAS);
    assert_eq!(
        (first.state.clone(), first.act.clone()),
        (LineState::InForce, Some(act))
    );
    assert_eq!(first.mark, Some(LineMark::SourceGap));
    assert_eq!(
        figures(&log, KANDAS, "2024-01-14"),
        (Some(2433), 0, 0, Some(2433), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-07-01"),
        (Some(2433), 0, 1891, Some(542), 0)
    );
    assert_eq!(
        figures(&log, RESETTLERS, "2024-07-01"),
        (Some(7050), 0, 2978, Some(4072), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-08-23"),
        (Some(2433), 0, 2433, Some(0), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-08-24"),
        (Some(3033), 0, 2433, Some(600), 0)
    );
    assert_eq!(
        figures(&log, RESETTLERS, "2024-08-24"),
        (Some(6450), 0, 2978, Some(3472), 0)
    );
}

#[test]
fn the_board_as_recorded_before_the_amendment_does_not_know_it() {
    let log = case_2024();
    let known = log.head().0 - 4;
    let mut prefix = Prefix::new(AsOf::Position(qonys_events::scalar::Position(known + 2)));
    let mut board = QuotaBoard::default();
    for entry in log.recorded() {
        prefix
            .push(entry)
            .iter()
            .for_each(|entry| board.fold(entry).unwrap());
    }
    // The point lies inside the command of the amendment, so that command is not seen at all.
    let found = board.as_of(day("2024-08-24"));
    assert_eq!(found.position.0, known + 1);
    assert_eq!(shown(&found, KANDAS).limit, Some(Count(2433)));
    assert_eq!(board.amendments(), []);
}

#[test]
fn an_amendment_is_shown_as_what_it_moved() {
    let amendments = case_2024().board().amendments();
    let [amendment] = &amendments[..] else {
        panic!("{amendments:?}")
    };
    assert_eq!(amendment.in_force_from, Some(day("2024-08-24")));
    assert_eq!(
        (amendment.total_before, amendment.total_after),
        (Some(9483), Some(9483))
    );
    let moved = amendment.moved.as_ref().unwrap();
    assert_eq!(moved.places, 600);
    assert_eq!(
        (&moved.from[..], &moved.to[..]),
        (&[line(RESETTLERS)][..], &[line(KANDAS)][..])
    );
}

#[test]
fn an_amendment_that_changes_the_total_moves_nothing() {
    let mut log = case_2024();
    log.command([act("order-2024-11", r#","in_force_on":"2024-11-01""#)]);
    log.command(quota_act("order-2024-11", "amend", &[(KANDAS, 3100)]));
    let amendments = log.board().amendments();
    let last = amendments
        .iter()
        .find(|a| a.act == slug("order-2024-11"))
        .unwrap();
    assert_eq!(
        (last.total_before, last.total_after),
        (Some(9483), Some(9550))
    );
    assert_eq!(last.moved, None);
    assert_eq!(last.lines[0].change, Some(67));
    // What stood before is the limit in force at its own day, not the one recorded first.
    assert_eq!(last.lines[0].before, Some(Count(3033)));
}

#[test]
fn two_amendments_on_one_day_work_in_the_order_of_recording() {
    let mut log = case_2024();
    for (act_name, limit) in [("first", 3100), ("second", 3200)] {
        log.command([act(act_name, r#","in_force_on":"2024-10-01""#)]);
        log.command(quota_act(act_name, "amend", &[(KANDAS, limit)]));
    }
    let board = log.board();
    let amendments = board.amendments();
    let before = |name: &str| {
        let found = amendments.iter().find(|a| a.act == slug(name)).unwrap();
        found.lines[0].before
    };
    assert_eq!(before("first"), Some(Count(3033)));
    assert_eq!(before("second"), Some(Count(3100)));
    let on_the_day = shown(&board.as_of(day("2024-10-01")), KANDAS);
    assert_eq!(on_the_day.limit, Some(Count(3200)));
}

#[test]
fn a_cut_below_use_leaves_the_line_over_committed_until_a_raise() {
    let mut log = case_2024();
    log.command([act("cut", r#","in_force_on":"2024-09-01""#)]);
    log.command(quota_act("cut", "amend", &[(RESETTLERS, 2900)]));
    assert_eq!(
        figures(&log, RESETTLERS, "2024-08-31"),
        (Some(6450), 0, 2978, Some(3472), 0)
    );
    assert_eq!(
        figures(&log, RESETTLERS, "2024-09-01"),
        (Some(2900), 0, 2978, Some(0), 78)
    );
    log.command([act("raise", r#","in_force_on":"2024-10-01""#)]);
    log.command(quota_act("raise", "amend", &[(RESETTLERS, 3000)]));
    assert_eq!(figures(&log, RESETTLERS, "2024-09-30").4, 78);
    assert_eq!(
        figures(&log, RESETTLERS, "2024-10-01"),
        (Some(3000), 0, 2978, Some(22), 0)
    );
}

#[test]
fn backdated_moves_show_from_their_effective_day_once_they_are_recorded() {
    let mut log = case_2024();
    let before = log.board().as_of(day("2024-03-01"));
    log.command([hold(KANDAS, 9, 4, "2024-02-01")]);
    assert_eq!(
        figures(&log, KANDAS, "2024-01-31"),
        (Some(2433), 0, 0, Some(2433), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-02-01"),
        (Some(2433), 4, 0, Some(2429), 0)
    );
    assert_eq!(shown(&before, KANDAS).held, 0, "as it was known then");
    log.command([commit(KANDAS, 9, 4, "2024-03-01")]);
    log.command([release(KANDAS, 9, 4, "committed", "annulled", "2024-04-01")]);
    assert_eq!(
        figures(&log, KANDAS, "2024-02-29"),
        (Some(2433), 4, 0, Some(2429), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-03-31"),
        (Some(2433), 0, 4, Some(2429), 0)
    );
    assert_eq!(
        figures(&log, KANDAS, "2024-04-01"),
        (Some(2433), 0, 0, Some(2433), 0)
    );
    assert_eq!(figures(&log, KANDAS, "2024-08-23").4, 0);
}

#[test]
fn an_act_of_unknown_force_makes_the_line_unknown() {
    let mut log = case_2024();
    log.command([act("undated", r#","adopted_on":"2024-10-01""#)]);
    log.command(quota_act("undated", "amend", &[(KANDAS, 2000)]));
    assert_eq!(figures(&log, KANDAS, "2024-10-01").0, Some(3033));
    let found = shown(&log.board().as_of(day("2024-10-02")), KANDAS);
    let reason = Reason::NoEvidence;
    assert_eq!(
        found.state,
        LineState::Unknown {
            act: slug("undated"),
            reason
        }
    );
    assert_eq!(
        (found.limit, found.remaining, found.over_committed_by),
        (None, None, 0)
    );
    assert_eq!(found.steps.len(), 3);
    assert!(found.steps[1].status.is_in_force());
}

#[test]
fn a_closed_year_leaves_nothing() {
    let mut log = case_2024();
    let data = r#"{"limit":"3033","committed":"2433","lapsed":"600","facts":{},"bases":[]}"#;
    log.command([on(
        &format!("quota-line/{KANDAS}"),
        "quota-line.year-closed",
        data,
        "2025-01-05",
    )]);
    let board = log.board();
    let open = shown(&board.as_of(day("2025-01-04")), KANDAS);
    assert_eq!(
        (open.closed, open.remaining, open.in_year),
        (None, Some(600), false)
    );
    let closed = shown(&board.as_of(day("2025-01-05")), KANDAS);
    assert_eq!(closed.remaining, Some(0));
    assert_eq!(closed.closed.unwrap().lapsed, Count(600));
}

#[test]
fn totals_name_the_regions_that_are_missing() {
    let mut log = Log::default();
    log.command([act("order", r#","in_force_on":"2023-01-10""#)]);
    log.command([act("later", r#","in_force_on":"2023-06-01""#)]);
    let name = |territory: &str| format!("kandas.{territory}.2023.principals");
    let (national, pavlodar, akmola) = (name("kazakhstan"), name("pavlodar"), name("akmola"));
    let limits = [(national.as_str(), 1925), (pavlodar.as_str(), 932)];
    log.command(quota_act("order", "establish", &limits));
    log.command(quota_act("later", "establish", &[(akmola.as_str(), 1000)]));
    for (category, territory) in [
        ("kandas", "pavlodar"),
        ("kandas", "abai"),
        ("kandas", "akmola"),
        ("resettlers", "ulytau"),
    ] {
        let data = format!(
            r#"{{"category":"{category}","territory":"{territory}","change":"determined","act":"order"}}"#
        );
        log.command([noted("law/main", "territory.changed", &data)]);
    }
    log.command([
        hold(&pavlodar, 1, 3, "2023-02-01"),
        hold(&pavlodar, 2, 1, "2023-02-01"),
    ]);
    let board = log.board();
    let total = |on: &str| {
        let board = board.as_of(day(on));
        board
            .total(
                Category::Kandas,
                Year(2023),
                &"principals".parse::<CountingRule>().expect("a rule"),
            )
            .unwrap()
            .clone()
    };
    let may = total("2023-05-31");
    assert_eq!(
        (may.reported, may.regional),
        (Some(Count(1925)), Count(932))
    );
    assert_eq!(
        (may.regions, may.without_limit),
        (vec![slug("pavlodar")], vec![slug("akmola")])
    );
    assert_eq!(
        (may.missing, may.exceeds, may.held),
        (vec![slug("abai")], false, 4)
    );
    let june = total("2023-06-01");
    assert_eq!((june.regional, june.exceeds), (Count(1932), true));
    let january = total("2023-01-09");
    assert_eq!((january.reported, january.regional), (None, Count(0)));
    assert_eq!(january.missing, [], "no act has determined a territory yet");
}

/// A board from the rows of the view, as a query over a store would fill it: the moves summed by the store.
pub(crate) fn board_from_rows(log: &Log, on: Day) -> Board {
    let sink = log.views();
    let mut board = QuotaBoard::at(log.head());
    for table in WHOLE {
        sink.rows(table)
            .iter()
            .rev()
            .for_each(|row| board.take_row(table, row).unwrap());
    }
    let mut sums: BTreeMap<Line, Taken> = BTreeMap::new();
    for row in rows::<MoveRow>(&sink)
        .into_iter()
        .filter(|row| row.effective_from <= on)
    {
        let sum = sums.entry(row.line).or_default();
        sum.held += row.held_delta;
        sum.committed += row.committed_delta;
    }
    sums.iter()
        .for_each(|(line, sum)| board.take_sum(line, on, *sum));
    board.as_of(on)
}

#[test]
fn the_board_from_rows_is_the_board_from_entries() {
    let log = case_2024();
    for on in [
        "2024-01-13",
        "2024-01-14",
        "2024-07-01",
        "2024-08-23",
        "2024-08-24",
    ]
    .map(day)
    {
        let folded = log.board().as_of(on);
        let read = board_from_rows(&log, on);
        assert_eq!(
            (read.lines, read.totals),
            (folded.lines, folded.totals),
            "{on}"
        );
    }
    let sink = log.views();
    let mut unsummed = QuotaBoard::at(log.head());
    for table in WHOLE.iter().chain([&&QUOTA_MOVE]) {
        sink.rows(table)
            .iter()
            .for_each(|row| unsummed.take_row(table, row).unwrap());
    }
    let on = day("2024-08-24");
    assert_eq!(unsummed.as_of(on).lines, log.board().as_of(on).lines);
    assert_eq!(unsummed.amendments(), log.board().amendments());
}

proptest! {
    // Planted faults fail on purpose: no failure is written down.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever moves in whatever order, the board of a day is the plain sum over the moves up to it.
    #[test]
    fn a_board_is_the_sum_of_its_moves(
        moves in prop::collection::vec((0..3_u8, 1..5_u64, 0..40_i64), 1..30),
        asked in 0..45_i64,
    ) {
        let first = day("2024-01-20");
        let on_day = |n: i64| first.plus_days(n).to_string();
        let mut log = case_2024();
        let (mut held, mut committed) = (0, 0);
        for (n, (kind, places, from)) in (100..).zip(&moves) {
            let (from_text, counts) = (on_day(*from), *from <= asked);
            let n_places = *places as i64;
            log.command([hold(KANDAS, n, *places, &from_text)]);
            match kind {
                0 => held += if counts { n_places } else { 0 },
                1 => {
                    log.command([commit(KANDAS, n, *places, &from_text)]);
                    committed += if counts { n_places } else { 0 };
                }
                _ => {
                    log.command([release(KANDAS, n, *places, "held", "withdrawn", &from_text)]);
                }
            }
        }
        let found = shown(&log.board().as_of(first.plus_days(asked)), KANDAS);
        prop_assert_eq!((found.held, found.committed), (held, committed));
        prop_assert_eq!(found.remaining, Some((2433 - held - committed).max(0)));
    }
}
