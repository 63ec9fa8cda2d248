//! Rows and checkpoint in one transaction, on real stores: cut, interrupted, dropped in the middle, two runners at once.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use qonys::views::{feed::LogFeed, sink::ViewSink};
use qonys_events::scalar::Position;
use qonys_projections::{
    all,
    equal::verify_equal,
    port::{Advance, Batch, Checkpoint, Sink, SinkError},
    proposals::PROPOSAL,
    quota::QUOTA_MOVE,
    runner::{RunError, Runner},
    table::{Close, Key, Row, Table, TableChanges, Value},
};

use super::{
    caught_up,
    history::{fill, person},
    in_memory, on_both_stores, views,
};
use crate::support::register::Register;

on_both_stores!(
    every_view_has_rows_equal_to_a_fold_in_memory,
    a_transaction_that_fails_in_the_middle_moves_nothing,
    a_runner_interrupted_at_every_batch_leaves_equal_rows,
    a_runner_dropped_at_any_moment_leaves_equal_rows,
    two_runners_at_once_fold_every_entry_once,
    a_follower_keeps_up_and_ends,
);

/// Every row of a sink equals a fold in memory up to where it stands.
async fn equals_memory(register: &Register, sink: &ViewSink) {
    let at = sink.checkpoint("quota").await.expect("a checkpoint");
    let memory = in_memory(register, at.expect("it has begun").position).await;
    let equal = verify_equal(sink, &memory, &all()).await;
    let equal = equal.unwrap_or_else(|e| panic!("{e}"));
    for (table, rows) in &equal.tables {
        // What the history has no command for.
        let empty = [
            "act_date",
            "act_determination",
            "norm",
            "territory_change",
            "quota_close",
        ];
        assert!(*rows > 0 || empty.contains(table), "{table} has no row");
    }
}

async fn every_view_has_rows_equal_to_a_fold_in_memory(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    equals_memory(&register, &views.live()).await;
}

async fn a_transaction_that_fails_in_the_middle_moves_nothing(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let live = views.live();
    let before = live.scan(&QUOTA_MOVE, None, 1_000).await.expect("rows");
    let from = views.position().await.expect("a position");
    let mut row = before.last().expect("a row").clone();
    row.set(&QUOTA_MOVE, "recorded_from", Value::number(from.0 + 1));
    let advance = |from| Advance {
        projection: "quota",
        version: 1,
        from,
        to: Position(from.0 + 1),
    };
    let changes = |table, inserts, closes| TableChanges {
        table,
        inserts,
        closes,
    };
    let nobody = Close {
        key: Key(vec![
            Value::text("a0b1c2d3-0000-4000-8000-000000000001"),
            Value::text("2024-01-01"),
            Value::number(1),
        ]),
        recorded_to: Position(from.0 + 1),
    };
    let twice = before.first().expect("a row").clone();
    for second in [
        changes(&PROPOSAL, Vec::new(), vec![nobody]),
        changes(&QUOTA_MOVE, vec![twice], Vec::new()),
    ] {
        let batch = Batch {
            tables: vec![changes(&QUOTA_MOVE, vec![row.clone()], Vec::new()), second],
            advances: vec![advance(from)],
        };
        let failed = live.apply(&batch).await;
        assert!(matches!(failed, Err(SinkError::Broken(_))), "{failed:?}");
        assert_eq!(
            live.scan(&QUOTA_MOVE, None, 1_000).await.expect("rows"),
            before
        );
        assert_eq!(views.position().await.expect("a position"), from);
    }
    // A batch that starts elsewhere is refused whole.
    let batch = Batch {
        tables: vec![changes(&QUOTA_MOVE, vec![row], Vec::new())],
        advances: vec![advance(Position(from.0 - 1))],
    };
    let failed = live.apply(&batch).await;
    assert!(matches!(failed, Err(SinkError::Moved { .. })), "{failed:?}");
    assert_eq!(
        live.scan(&QUOTA_MOVE, None, 1_000).await.expect("rows"),
        before
    );
}

/// Fails each batch once before it is applied and once after.
struct Interrupted {
    sink: ViewSink,
    calls: AtomicU64,
}

impl Sink for Interrupted {
    async fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, SinkError> {
        self.sink.checkpoint(projection).await
    }
    async fn known(&self, table: &'static Table, keys: &[Key]) -> Result<Vec<Row>, SinkError> {
        self.sink.known(table, keys).await
    }
    async fn apply(&self, batch: &Batch) -> Result<(), SinkError> {
        let cut = |when: &str| Err(SinkError::Unavailable(format!("cut {when}")));
        match self.calls.fetch_add(1, Ordering::Relaxed) % 3 {
            0 => cut("before"),
            1 => {
                self.sink.apply(batch).await?;
                cut("after")
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

async fn a_runner_interrupted_at_every_batch_leaves_equal_rows(register: Register) {
    fill(&register).await;
    let views = views(&register).await;
    let head = register.log.head().await.expect("a head").position;
    let sink = Interrupted {
        sink: views.live(),
        calls: AtomicU64::new(0),
    };
    let mut runner = Runner::new(LogFeed::new(&register.log), sink, all()).with_batch_entries(23);
    let mut cuts = 0;
    while let Err(error) = runner.catch_up_to(head).await {
        assert!(
            matches!(error, RunError::Sink(SinkError::Unavailable(_))),
            "{error}"
        );
        cuts += 1;
    }
    assert!(cuts > 10, "{cuts}");
    equals_memory(&register, &views.live()).await;
}

async fn a_runner_dropped_at_any_moment_leaves_equal_rows(register: Register) {
    fill(&register).await;
    let views = views(&register).await;
    let head = register.log.head().await.expect("a head").position;
    let mut dropped = 0_u64;
    loop {
        let patience = Duration::from_micros(300 + (dropped * 977) % 20_000 + dropped * 200);
        let mut runner = Runner::new(LogFeed::new(&register.log), views.live(), all());
        runner = runner.with_batch_entries(50);
        match tokio::time::timeout(patience, runner.catch_up_to(head)).await {
            // A batch whose runner was dropped at its commit is carried to the end.
            Ok(Err(RunError::Sink(SinkError::Moved { .. }))) => {}
            Ok(reached) => {
                assert_eq!(reached.expect("the log folds"), head);
                break;
            }
            Err(_) => dropped += 1,
        }
        assert!(dropped < 10_000, "nothing moves");
    }
    assert!(dropped > 0);
    equals_memory(&register, &views.live()).await;
}

async fn two_runners_at_once_fold_every_entry_once(register: Register) {
    fill(&register).await;
    let (one, two) = (views(&register).await, views(&register).await);
    let (first, second) = tokio::join!(one.catch_up(|_, _| {}), two.catch_up(|_, _| {}));
    assert_eq!(
        first.expect("it catches up"),
        second.expect("it catches up")
    );
    equals_memory(&register, &one.live()).await;
}

async fn a_follower_keeps_up_and_ends(register: Register) {
    let views = views(&register).await;
    let follower = views.follow();
    fill(&register).await;
    let head = register.log.head().await.expect("a head").position;
    let at = views.wait_for(head, Duration::from_secs(30)).await;
    assert_eq!(at.expect("the views come"), head);
    let beyond = views
        .wait_for(Position(head.0 + 1), Duration::from_secs(30))
        .await;
    assert!(
        matches!(beyond, Err(qonys::views::ViewsError::BeyondEnd { .. })),
        "{beyond:?}"
    );
    let mut progress = follower.watch();
    let there = progress.wait_for(|p| p.position == head && p.lag() == 0);
    let there = tokio::time::timeout(Duration::from_secs(30), there).await;
    assert!(
        there
            .expect("it is told")
            .expect("the follower lives")
            .error
            .is_none()
    );
    follower.stop().await;
    equals_memory(&register, &views.live()).await;
    // Nobody folds any more.
    let lines = &mut crate::support::register::Lines::new(8);
    register.must(&[person(lines, "2024-02-01")]).await;
    let wanted = Position(head.0 + 1);
    let behind = views.wait_for(wanted, Duration::from_millis(50)).await;
    assert!(
        matches!(behind, Err(qonys::views::ViewsError::Behind { .. })),
        "{behind:?}"
    );
}
