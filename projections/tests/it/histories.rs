//! Random histories: what holds for every log.

use proptest::prelude::*;
use qonys_events::scalar::Position;
use qonys_projections::{
    all,
    as_of::{AsOf, Prefix, round_down},
    equal::verify_equal,
    memory::MemorySink,
    runner::Runner,
    tables,
};

use crate::{
    lifecycles::{drafted, filed, proposal},
    lines::{KANDAS, case_2024, commit, hold, release},
    quota::board_from_rows,
    registration::{boundary, corrected},
    residents::{WITHIN, dwelling, ended, moved, registered},
    support::{Log, act, day, noted, ready},
};

/// One step of a history: what happens, to whom, on which day.
type Step = (u8, u64, i64);

pub(crate) fn step() -> impl Strategy<Value = Step> {
    (0..13_u8, 1..5_u64, 0..300_i64)
}

/// A log that the steps tell. Steps that cannot follow what stands are passed over.
pub(crate) fn told(steps: &[Step]) -> Log {
    const DISTRICTS: [&str; 3] = ["medeu", "turksib", "not-stated"];
    let mut log = case_2024();
    // Where each person lives, and since when; or since when nowhere.
    let mut homes = std::collections::BTreeMap::<u64, (Option<u64>, i64)>::new();
    let mut held = std::collections::BTreeSet::new();
    for (n, &(kind, who, offset)) in (0_u64..).zip(steps) {
        let on = day("2024-02-01").plus_days(offset).to_string();
        let to = 100 + n % 7;
        let district = DISTRICTS[(n % 3) as usize];
        let (home, since) = homes.get(&who).copied().unwrap_or((None, 0));
        // A registration is recorded on any day, but never in front of what is recorded of the person already.
        match (kind, home) {
            (0, None) if since <= offset => {
                homes.insert(who, (Some(to), offset));
                log.command([registered(who, to, district, WITHIN, &on)]);
            }
            (0, Some(from)) if since <= offset && from != to => {
                homes.insert(who, (Some(to), offset));
                log.command(moved(who, from, to, district, &on));
            }
            (1, Some(from)) if since <= offset => {
                homes.insert(who, (None, offset));
                log.command([ended(who, from, "departed", &on)]);
            }
            (2, _) => {
                log.command([dwelling(to, 4000 + n, district, &on)]);
            }
            (3, _) if held.insert(who) => {
                log.command([filed(500 + who, &on), hold(KANDAS, 500 + who, 2, &on)]);
            }
            (4, _) if held.remove(&who) => {
                log.command([commit(KANDAS, 500 + who, 2, &on)]);
            }
            (5, _) if held.remove(&who) => {
                log.command([release(KANDAS, 500 + who, 2, "held", "mistake", &on)]);
            }
            (6, _) => {
                log.command([drafted(900 + n, &on)]);
                log.command([proposal(
                    900 + n,
                    "sent",
                    r#"{"addressee":"the ministry","authority":"ministry","facts":{},"bases":[]}"#,
                    &on,
                )]);
            }
            (7, _) => {
                let norm = format!(
                    r#"{{"norm":"n{who}","document":"order-2024-08","point":"1","value":"{n}","unit":"m2","from":"{on}","certainty":"known","source":"a test"}}"#
                );
                log.command([noted("law/main", "norm.recorded", &norm)]);
            }
            (8, _) => {
                log.command([act(&format!("act{n}"), &format!(r#","adopted_on":"{on}""#))]);
            }
            (9, _) => {
                let data = format!(r#"{{"act":"order-2024-08","from":"{on}","basis":"step {n}"}}"#);
                log.command([noted("law/main", "act.determined", &data)]);
            }
            // The home is somewhere else than was recorded.
            (10, Some(_)) => {
                let entry = log.last_of(&format!("person/{}", crate::support::id(who)));
                let from = day("2024-02-01").plus_days(since).to_string();
                homes.insert(who, (Some(to), since));
                log.command([corrected((who, entry), to, district, &from, None)]);
            }
            (11, _) => {
                log.command([boundary(to, district, &on)]);
            }
            _ => {}
        }
    }
    log
}

/// The rows of all tables as they stood at a position.
fn stood(sink: &MemorySink, at: Position) -> Vec<Vec<qonys_projections::table::Row>> {
    let known = |table: &&'static qonys_projections::table::Table| {
        let mut rows = sink.rows(table);
        rows.retain_mut(|row| match row.known_at(table, at) {
            Some(known) => {
                *row = known;
                true
            }
            None => false,
        });
        rows
    };
    tables().iter().map(known).collect()
}

proptest! {
    // Planted faults fail on purpose: no failure is written down.
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Promise P8: the one set of rows, asked as of a position, is the fold of the log up to it; and the batches in which
    /// it was folded leave no trace.
    #[test]
    fn p8_as_of_a_position_is_the_fold_of_the_prefix(
        steps in prop::collection::vec(step(), 1..40),
        batch in 1..9_usize,
        cut in 0.0..1.0_f64,
    ) {
        let log = told(&steps);
        let sink = MemorySink::default();
        let mut runner = Runner::new(log.feed(), &sink, all()).with_batch_entries(batch);
        ready(runner.catch_up_to(log.head())).unwrap();
        ready(verify_equal(&sink, &log.views(), &all())).unwrap();

        let wanted = Position((log.head().0 as f64 * cut) as u64 + 1).min(log.head());
        let at = log.recorded().nth(wanted.0 as usize - 1).unwrap();
        let command = (at.entry.place.commandindex.0, at.entry.command.commandcount.0);
        let whole = round_down(wanted, command.0, command.1);
        let prefix = log.prefix(whole);
        prop_assert_eq!(stood(&sink, whole), stood(&prefix.views(), whole));

        let mut gate = Prefix::new(AsOf::Position(wanted));
        let seen: Vec<_> = log.recorded().flat_map(|entry| gate.push(entry)).collect();
        prop_assert_eq!(seen.last().map_or(Position(0), |entry| entry.position()), whole);
        let mut by_time = Prefix::new(AsOf::Time(at.time()));
        let same = log.recorded().flat_map(|entry| by_time.push(entry)).count();
        prop_assert_eq!(same, seen.len());
    }

    /// On no day does a person have two homes, a dwelling two areas or an application two states, as known at the end.
    #[test]
    fn every_entity_has_one_row_per_day(
        steps in prop::collection::vec(step(), 1..60),
        offset in -5..310_i64,
    ) {
        let log = told(&steps);
        let (sink, on) = (log.views(), day("2024-02-01").plus_days(offset));
        for table in tables().into_iter().filter(|table| table.closes()) {
            let mut seen = std::collections::BTreeSet::new();
            for row in sink.rows(table) {
                let open = row.get(table, "recorded_to").is_null();
                if open && row.covers(table, on) {
                    prop_assert!(seen.insert(table.entity_of(&row)), "{}: {:?}", table.name, row);
                }
            }
        }
        let (read, folded) = (board_from_rows(&log, on), log.board().as_of(on));
        prop_assert_eq!(read.lines, folded.lines);
    }
}
