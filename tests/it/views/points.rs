//! As of each position the views are a fold of the prefix; points lie on command boundaries.

use qonys::{
    clock::Clock,
    views::queries::{AsOf, board::BoardQuery},
};
use qonys_events::scalar::{Day, Instant, Position};
use qonys_projections::{
    as_of::round_down, port::Sink as _, projection::Recorded, quota::board::QuotaBoard, table::Row,
    tables,
};

use super::{caught_up, history::fill, in_memory, on_both_stores};
use crate::support::register::Register;

on_both_stores!(
    as_of_each_position_the_rows_are_a_fold_of_the_prefix,
    boards_are_equal_to_a_fold_of_the_entries,
);

async fn entries(register: &Register) -> Vec<Recorded> {
    let texts = register.texts().await;
    let read = texts.into_iter().map(Recorded::read);
    read.map(|entry| entry.expect("an entry")).collect()
}

async fn as_of_each_position_the_rows_are_a_fold_of_the_prefix(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let entries = entries(&register).await;
    let ends: Vec<_> = entries
        .iter()
        .filter(|entry| entry.ends_command())
        .collect();
    for end in ends.iter().step_by(ends.len() / 12) {
        let at = end.position();
        let memory = in_memory(&register, at).await;
        for table in tables() {
            let live = views.live().scan(table, None, 10_000).await.expect("rows");
            let known: Vec<Row> = live
                .iter()
                .filter_map(|row| row.known_at(table, at))
                .collect();
            assert_eq!(known, memory.rows(table), "{} at {at}", table.name);
        }
    }
}

async fn boards_are_equal_to_a_fold_of_the_entries(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let entries = entries(&register).await;
    let mut folded = QuotaBoard::default();
    let mut compared = 0;
    for entry in &entries {
        let place = &entry.entry.place;
        folded.fold(entry).expect("the entry folds");
        if !place.position.0.is_multiple_of(37) {
            continue;
        }
        // Inside a command the point is the end of the one before it.
        let rounded = round_down(
            place.position,
            place.commandindex.0,
            entry.entry.command.commandcount.0,
        );
        for day in [
            Day::new(2024, 3, 20),
            Day::new(2024, 4, 24),
            Day::new(2024, 12, 31),
        ] {
            let by = |as_of| BoardQuery {
                as_of,
                effective: Some(day),
                year: None,
            };
            let clock = Clock::System;
            let at = views
                .board(by(AsOf::Position(place.position)), &clock)
                .await
                .expect("a board");
            assert_eq!(at.at.position, rounded);
            let recorded = views
                .board(by(AsOf::Time(place.time)), &clock)
                .await
                .expect("a board");
            assert_eq!(recorded, at, "a time is a position");
            if rounded == place.position {
                let expected = folded.as_of(day);
                assert_eq!(
                    (&at.lines, &at.totals),
                    (&expected.lines, &expected.totals),
                    "{day} at {rounded}"
                );
                assert_eq!(at.amendments, folded.amendments());
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared}");
    // Before the first entry nothing is known.
    let before: Instant = "2000-01-01T00:00:00.000000Z".parse().expect("an instant");
    let point = views.point(AsOf::Time(before)).await.expect("a point");
    assert_eq!((point.position, point.time), (Position(0), None));
}
