//! The runner on feeds and sinks that double, cut, interrupt and lie.

use std::sync::atomic::{AtomicU64, Ordering};

use qonys_events::scalar::Position;
use qonys_projections::{
    all,
    equal::{Difference, verify_equal},
    memory::MemorySink,
    port::{Advance, Batch, Checkpoint, Feed, FeedError, Sink, SinkError, Stored},
    quota::QUOTA_MOVE,
    runner::{RunError, Runner},
    table::{Key, Row, Table},
    tables,
};

use crate::{
    lines::{KANDAS, case_2024, hold},
    support::{Log, ready},
};

/// Gives everything twice, from some entries before what was asked for.
struct Doubled<F>(F);

impl<F: Feed> Feed for Doubled<F> {
    async fn read(&self, after: Position, max: usize) -> Result<Vec<Stored>, FeedError> {
        let earlier = self
            .0
            .read(Position(after.0.saturating_sub(3)), max + 6)
            .await?;
        let twice = earlier
            .into_iter()
            .flat_map(|stored| [stored.clone(), stored]);
        Ok(twice.collect())
    }
}

/// Fails each call of `apply` once: every other time before it happened, every other time after.
struct Interrupted<'a> {
    sink: &'a MemorySink,
    calls: AtomicU64,
}

impl Sink for Interrupted<'_> {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        self.sink.checkpoint(projection).await
    }
    async fn known(&self, table: &'static Table, keys: &[Key]) -> Result<Vec<Row>, SinkError> {
        let mut rows = self.sink.known(table, keys).await?;
        rows.reverse();
        Ok(rows)
    }
    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        match self.calls.fetch_add(1, Ordering::Relaxed) % 3 {
            0 => Err(SinkError::Unavailable("the line was cut before".into())),
            1 => {
                self.sink.apply(batch).await?;
                Err(SinkError::Unavailable("the line was cut after".into()))
            }
            _ => self.sink.apply(batch).await,
        }
    }
    async fn scan(
        &self,
        table: &'static Table,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Vec<Row>, SinkError> {
        self.sink.scan(table, after, max).await
    }
}

fn assert_equal(left: &MemorySink, right: &MemorySink) {
    let equal = ready(verify_equal(left, right, &all())).unwrap_or_else(|e| panic!("{e}"));
    assert!(equal.rows(&QUOTA_MOVE) > 0);
}

#[test]
fn p8_doubled_delivery_leaves_equal_rows() {
    let log = case_2024();
    for batch in [1, 2, 3, 100] {
        let sink = MemorySink::default();
        let runner = Runner::new(Doubled(log.feed()), &sink, all());
        let reached = ready(runner.with_batch_entries(batch).catch_up_to(log.head())).unwrap();
        assert_eq!(reached, log.head());
        assert_equal(&sink, &log.views());
    }
}

#[test]
fn nothing_behind_the_head_is_folded_even_if_the_feed_gives_it() {
    let log = case_2024();
    let head = Position(6);
    let sink = MemorySink::default();
    let mut runner = Runner::new(Doubled(log.feed()), &sink, all());
    assert_eq!(ready(runner.catch_up_to(head)).unwrap(), head);
    assert_equal(&sink, &log.prefix(head).views());
}

#[test]
fn p8_interrupted_delivery_leaves_equal_rows() {
    let log = case_2024();
    for batch in [1, 2, 100] {
        let sink = MemorySink::default();
        let cut = Interrupted {
            sink: &sink,
            calls: AtomicU64::new(0),
        };
        let mut runner = Runner::new(log.feed(), cut, all()).with_batch_entries(batch);
        let mut errors = 0;
        while let Err(error) = ready(runner.catch_up_to(log.head())) {
            assert!(
                matches!(error, RunError::Sink(SinkError::Unavailable(_))),
                "{error}"
            );
            errors += 1;
            assert!(errors < 100);
        }
        assert!(errors > 0);
        assert_equal(&sink, &log.views());
    }
}

#[test]
fn a_second_runner_on_the_same_sink_is_told_and_repeats_nothing() {
    let log = case_2024();
    let sink = MemorySink::default();
    let mut first = Runner::new(log.feed(), &sink, all()).with_batch_entries(2);
    let mut second = Runner::new(log.feed(), &sink, all()).with_batch_entries(2);
    // Both have asked for the checkpoint before either moves it.
    assert_eq!(ready(second.position()).unwrap(), Position(0));
    ready(first.step(log.head())).unwrap();
    let error = ready(second.step(log.head())).unwrap_err();
    assert!(
        matches!(error, RunError::Sink(SinkError::Moved { .. })),
        "{error}"
    );
    ready(second.catch_up_to(log.head())).unwrap();
    assert!(matches!(
        ready(first.step(log.head())).unwrap_err(),
        RunError::Sink(SinkError::Moved { .. })
    ));
    assert_eq!(ready(first.catch_up_to(log.head())).unwrap(), log.head());
    assert_equal(&sink, &log.views());
}

#[test]
fn batches_end_where_commands_end() {
    let log = case_2024();
    // The last command has three entries; a head inside it is rounded down.
    let end = log.head();
    for cut in [1, 2] {
        let sink = MemorySink::default();
        let mut runner = Runner::new(log.feed(), &sink, all()).with_batch_entries(1);
        assert_eq!(
            ready(runner.catch_up_to(Position(end.0 - cut))).unwrap(),
            Position(end.0 - 3)
        );
        let stands = ready(sink.checkpoint("quota")).unwrap().unwrap();
        assert_eq!(stands.position, Position(end.0 - 3));
        // The same runner goes on when the log has grown.
        assert_eq!(ready(runner.catch_up_to(end)).unwrap(), end);
        assert_equal(&sink, &log.views());
    }
}

#[test]
fn a_log_that_ends_early_or_has_a_gap_is_an_error() {
    let log = case_2024();
    let beyond = Position(log.head().0 + 1);
    let run = |feed, head| {
        ready(Runner::new(feed, MemorySink::default(), all()).catch_up_to(head)).unwrap_err()
    };
    let error = run(log.feed(), beyond);
    assert!(
        matches!(error, RunError::Ended { head, .. } if head == beyond),
        "{error}"
    );
    let mut gap = log.feed();
    gap.0.remove(4);
    let error = run(gap, Position(6));
    let expected = Position(5);
    assert!(
        matches!(error, RunError::OutOfOrder { expected: e, .. } if e == expected),
        "{error}"
    );
    let mut swapped = log.feed();
    swapped.0[3].text = swapped.0[4].text.clone();
    assert!(matches!(
        run(swapped, log.head()),
        RunError::Misplaced {
            position: Position(4)
        }
    ));
    let mut broken = log.feed();
    broken.0[3].text.push('x');
    assert!(matches!(
        run(broken, log.head()),
        RunError::Entry {
            position: Position(4),
            ..
        }
    ));
}

#[test]
fn rows_of_another_version_are_not_continued() {
    let log = case_2024();
    let sink = MemorySink::default();
    let advance = Advance {
        projection: "quota",
        version: 99,
        from: Position(0),
        to: Position(2),
    };
    ready(sink.apply(&Batch {
        tables: Vec::new(),
        advances: vec![advance],
    }))
    .unwrap();
    let error = ready(Runner::new(log.feed(), &sink, all()).catch_up_to(log.head()));
    assert!(matches!(
        error.unwrap_err(),
        RunError::OtherVersion {
            projection: "quota",
            stored: 99,
            ours: 1
        }
    ));
}

#[test]
fn projections_that_stand_apart_are_folded_each_from_its_own_place() {
    let log = case_2024();
    let sink = MemorySink::default();
    let some = all().into_iter().filter(|p| p.name() == "quota").collect();
    ready(Runner::new(log.feed(), &sink, some).catch_up_to(Position(6))).unwrap();
    ready(
        Runner::new(log.feed(), &sink, all())
            .with_batch_entries(3)
            .catch_up_to(log.head()),
    )
    .unwrap();
    assert_equal(&sink, &log.views());
}

#[test]
fn a_correction_stops_the_views_instead_of_counting_twice() {
    let mut log = case_2024();
    let (stream, mut event) = hold(KANDAS, 50, 1, "2024-09-01");
    event.supersedes = Some(crate::support::id(1));
    log.command([(stream, event)]);
    let mut runner = Runner::new(log.feed(), MemorySink::default(), all());
    let error = ready(runner.catch_up_to(log.head())).unwrap_err();
    assert!(
        matches!(error, RunError::Fold { position, .. } if position == log.head()),
        "{error}"
    );
    let last = log.recorded().last().unwrap();
    assert!(
        qonys_projections::quota::board::QuotaBoard::default()
            .fold(&last)
            .is_err()
    );
}

#[test]
fn a_comparison_finds_one_changed_row_and_refuses_emptiness() {
    let log = case_2024();
    let (left, right) = (log.views(), log.prefix(Position(log.head().0 - 3)).views());
    let error = ready(verify_equal(&left, &right, &all())).unwrap_err();
    assert!(matches!(error, Difference::Checkpoints { .. }), "{error}");
    let empty = MemorySink::default();
    let error = ready(verify_equal(&empty, &MemorySink::default(), &all())).unwrap_err();
    assert!(matches!(error, Difference::Empty), "{error}");

    // The same log but for one place: the same position, another row.
    let mut other = Log::default();
    let mut first = Log::default();
    first.command([hold(KANDAS, 1, 4, "2024-02-01")]);
    other.command([hold(KANDAS, 1, 5, "2024-02-01")]);
    let error = ready(verify_equal(&first.views(), &other.views(), &all())).unwrap_err();
    assert!(
        matches!(
            error,
            Difference::Row {
                table: "quota_move",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_comparison_reads_to_the_last_row() {
    let long = |last: u64| {
        let mut log = Log::default();
        log.command((1..1000).map(|n| hold(KANDAS, n, 1, "2024-02-01")));
        log.command((1000..=1003).map(|n| {
            let places = if n == 1003 { last } else { 1 };
            hold(KANDAS, n, places, "2024-02-01")
        }));
        let sink = MemorySink::default();
        let quota = all().into_iter().filter(|p| p.name() == "quota").collect();
        ready(Runner::new(log.feed(), &sink, quota).catch_up_to(log.head())).unwrap();
        sink
    };
    let error = ready(verify_equal(&long(1), &long(2), &all())).unwrap_err();
    let Difference::Row { table, left, right } = error else {
        panic!("{error}")
    };
    assert_eq!(table, "quota_move");
    assert_ne!(left, right);
    let equal = ready(verify_equal(&long(1), &long(1), &all())).unwrap();
    assert_eq!(equal.rows(&QUOTA_MOVE), 1003);
}

#[test]
fn the_sink_in_memory_refuses_what_no_fold_writes() {
    let log = case_2024();
    let (sink, full) = (MemorySink::default(), log.views());
    let table = tables().into_iter().find(|t| t.name == "act").unwrap();
    let row = full.rows(table).remove(0);
    let change = |inserts, closes| Batch {
        tables: vec![qonys_projections::table::TableChanges {
            table,
            inserts,
            closes,
        }],
        advances: Vec::new(),
    };
    ready(sink.apply(&change(vec![row.clone()], Vec::new()))).unwrap();
    let twice = ready(sink.apply(&change(vec![row.clone()], Vec::new())));
    assert!(matches!(twice, Err(SinkError::Broken(_))));
    let close = qonys_projections::table::Close {
        key: table.key_of(&row),
        recorded_to: Position(9),
    };
    ready(sink.apply(&change(Vec::new(), vec![close.clone()]))).unwrap();
    assert!(matches!(
        ready(sink.apply(&change(Vec::new(), vec![close]))),
        Err(SinkError::Broken(_))
    ));
}

/// The caller may drive the runner on any executor.
#[test]
fn the_loop_can_be_sent_to_another_thread() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let log = case_2024();
    let mut runner = Runner::new(log.feed(), MemorySink::default(), all());
    assert_eq!(
        ready(sent(runner.catch_up_to(log.head()))).unwrap(),
        log.head()
    );
}
