//! The views in memory: every question folds the log from its beginning. Slow and simple, so that what HTTP shows can be
//! held against something that shares no store with it.

use std::time::Duration;

use futures::future::BoxFuture;
use qonys::{
    log::Log,
    queries::{Asked, Point, Queries, Rows, Unanswered},
};
use qonys_events::{
    id::Line,
    scalar::{Day, Position},
};
use qonys_projections::{
    all,
    as_of::{AsOf, Prefix},
    memory::{MemoryFeed, MemorySink},
    port::Stored,
    projection::Recorded,
    quota::board::QuotaBoard,
    runner::Runner,
    table::{Row, Table},
};

/// The views of a log, or of its first entries.
pub(crate) struct MemoryViews {
    pub(crate) log: Log,
    /// They know no entry after this one.
    pub(crate) end: Option<Position>,
}

impl MemoryViews {
    /// The views of a whole log.
    pub(crate) fn of(log: &Log) -> Self {
        Self {
            log: log.clone(),
            end: None,
        }
    }

    async fn entries(&self, as_of: AsOf) -> Vec<Recorded> {
        let (mut prefix, mut entries) = (Prefix::new(as_of), Vec::new());
        let mut after = Position(0);
        loop {
            let page = self
                .log
                .read_after(after, 1_000)
                .await
                .expect("the log reads");
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in page {
                if self.end.is_none_or(|end| recorded.position <= end) {
                    entries.extend(prefix.push(Recorded::read(recorded.text).expect("an entry")));
                }
            }
        }
        entries
    }

    async fn rows_of(&self, table: &Table) -> Vec<Row> {
        let entries = self.entries(AsOf::Latest).await;
        let head = entries.last().map(Recorded::position).unwrap_or_default();
        let stored = |entry: Recorded| Stored {
            position: entry.position(),
            before: 0,
            time: entry.time(),
            text: entry.text,
        };
        let feed = MemoryFeed(entries.into_iter().map(stored).collect());
        let sink = MemorySink::default();
        let mut runner = Runner::new(feed, &sink, all());
        let at = runner.catch_up_to(head).await.expect("the log folds");
        assert_eq!(at, head);
        drop(runner);
        sink.rows(table)
    }

    async fn at(&self, as_of: AsOf) -> Point {
        let entries = self.entries(as_of).await;
        let last = entries.last();
        Point {
            position: last.map(Recorded::position).unwrap_or_default(),
            time: last.map(Recorded::time),
        }
    }
}

impl Queries for MemoryViews {
    fn position(&self) -> Asked<'_, Position> {
        Box::pin(async { Ok(self.at(AsOf::Latest).await.position) })
    }

    fn wait_for(&self, position: Position, _: Duration) -> Asked<'_, Position> {
        Box::pin(async move {
            let found = self.at(AsOf::Latest).await.position;
            let head = self.log.head().await.expect("a head").position;
            match found {
                found if found >= position => Ok(found),
                _ if head < position => Err(Unanswered::BeyondEnd(head)),
                found => Err(Unanswered::Behind(found)),
            }
        })
    }

    fn point(&self, as_of: AsOf) -> Asked<'_, Point> {
        Box::pin(async move {
            if let AsOf::Position(position) = as_of {
                self.wait_for(position, Duration::ZERO).await?;
            }
            Ok(self.at(as_of).await)
        })
    }

    fn board(&self, at: Position, _: Day) -> Asked<'_, QuotaBoard> {
        let board: BoxFuture<'_, Result<QuotaBoard, Unanswered>> = Box::pin(async move {
            let mut board = QuotaBoard::default();
            for entry in self.entries(AsOf::Position(at)).await {
                board.fold(&entry).expect("an entry folds");
            }
            Ok(board)
        });
        board
    }

    fn line<'a>(&'a self, at: Position, _: &'a Line) -> Asked<'a, QuotaBoard> {
        self.board(at, Day::new(2000, 1, 1))
    }

    fn rows(&self, wanted: Rows) -> Asked<'_, Vec<Row>> {
        Box::pin(async move {
            let table = wanted.table;
            let rows = self.rows_of(table).await;
            let mut known: Vec<Row> = rows
                .iter()
                .filter(|row| {
                    wanted
                        .after
                        .as_ref()
                        .is_none_or(|after| table.key_of(row) > *after)
                })
                .filter_map(|row| row.known_at(table, wanted.at))
                // A row that is closed at the position is said no more.
                .filter(|row| row.get(table, "recorded_to").is_null())
                .filter(|row| wanted.day.is_none_or(|day| row.covers(table, day)))
                .filter(|row| {
                    wanted
                        .equal
                        .iter()
                        .all(|(column, value)| row.get(table, column) == value)
                })
                .collect();
            known.truncate(wanted.limit as usize);
            Ok(known)
        })
    }
}
