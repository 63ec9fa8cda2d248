//! The writing works: distinct streams, one hot quota, two processes.

use std::time::Duration;

use super::{Bench, CALLERS, Figures, MANY};
use crate::bench::{
    Trouble,
    database::Scratch,
    ours::Ours,
    peers::{Pgbench, PostgresEs, Rows},
    report::{Row, Side, Target},
    worker,
};

/// How long it is tried with each.
const TRIAL: Duration = Duration::from_secs(2);
/// Clients that pgbench is tried with.
const CLIENTS: [usize; 4] = [8, 16, 32, 64];

impl Bench<'_> {
    /// Distinct streams: against the event store, the floor and the ceiling; and a single caller against the floor.
    pub(super) async fn distinct(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let lasting = self.options.lasting;
        let [store, floor, ceiling] = [(); 3].map(|()| Scratch::create(&self.options.database_url));
        let (store, floor, ceiling) = (store.await?, floor.await?, ceiling.await?);
        let peer = PostgresEs::create(&store, self.entry.len()).await?;
        let pgbench = Pgbench::create(&floor, &self.entry, self.workshop.path()).await?;
        let mut rows = Rows::create(&ceiling, &self.entry).await?;
        let mut clients = CLIENTS[0];
        if let Some(pgbench) = &pgbench {
            let mut best = 0.0;
            for tried in CLIENTS {
                self.watch
                    .begin(&format!("pgbench with {tried} clients, to find its best"));
                let rate = pgbench.run(tried, TRIAL.min(lasting), false).await?.rate;
                if rate > best {
                    (best, clients) = (rate, tried);
                }
            }
        } else {
            self.report
                .skipped
                .push("pgbench is not installed".to_owned());
        }
        let (mut at_64, mut at_256, mut at_16, mut at_1) = (
            Figures::new(),
            Figures::new(),
            Figures::new(),
            Figures::new(),
        );
        let mut es = Figures::new();
        let (mut inserts, mut many, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        let mut p50 = Vec::new();
        for round in 1..=self.options.rounds {
            let step = |what: &str| {
                self.watch
                    .begin(&format!("distinct streams, round {round}: {what}"))
            };
            mine.settle().await?;
            step("64 callers");
            at_64.add(&ours.distinct(CALLERS, lasting).await?);
            mine.settle().await?;
            step("postgres-es, 64 callers");
            es.add(&peer.distinct(CALLERS, lasting).await?);
            if let Some(pgbench) = &pgbench {
                mine.settle().await?;
                step("pgbench");
                inserts.push(pgbench.run(clients, lasting, false).await?.rate);
            }
            mine.settle().await?;
            step("256 callers");
            at_256.add(&ours.distinct(MANY, lasting).await?);
            mine.settle().await?;
            step("1,000 rows per transaction");
            many.push(rows.rate(lasting).await?);
            mine.settle().await?;
            step("one caller");
            let run = ours.distinct(1, lasting).await?;
            p50.push(run.latency.value_at_quantile(0.5) as f64);
            at_1.add(&run);
            if let Some(pgbench) = &pgbench {
                mine.settle().await?;
                step("pgbench, one client");
                alone.push(pgbench.run(1, lasting, true).await?.p50_micros);
            }
            mine.settle().await?;
            step("16 callers");
            at_16.add(&ours.distinct(16, lasting).await?);
        }
        let bytes = self.entry.len();
        let ours_64 = at_64.side("qonys");
        let push = &mut self.report.rows;
        push.push(Row::compared(
            format!("distinct streams, 64 callers, entries of {bytes} bytes"),
            "per second",
            ours_64.clone(),
            es.side("postgres-es as its documents use it"),
            Target::AtLeast {
                least: 4.0,
                aim: 10.0,
            },
        ));
        if pgbench.is_some() {
            push.push(Row::compared(
                "distinct streams, 64 callers",
                "per second",
                ours_64,
                Side::new(
                    format!("pgbench, one insert per transaction, {clients} clients"),
                    inserts,
                ),
                Target::AtLeast {
                    least: 1.0,
                    aim: 2.0,
                },
            ));
        }
        push.push(Row::compared(
            "distinct streams, 256 callers",
            "per second",
            at_256.side("qonys"),
            Side::new("1,000 rows per transaction, one connection", many),
            Target::AtLeast {
                least: 0.3,
                aim: 0.6,
            },
        ));
        push.push(Row::told(
            "distinct streams, 16 callers",
            "per second",
            at_16.side("qonys"),
        ));
        let mut single = Side::new("qonys", p50);
        single.latency = at_1.side("").latency;
        if pgbench.is_some() {
            push.push(Row::compared(
                "single caller, median latency",
                "microseconds",
                single,
                Side::new("pgbench, one insert and commit", alone),
                Target::AtMost {
                    most: 2.0,
                    aim: 1.3,
                },
            ));
        }
        drop((peer, rows));
        for scratch in [store, floor, ceiling] {
            scratch.drop().await?;
        }
        Ok(())
    }

    /// Distinct streams at half of what so many callers reach when each asks as fast as it is answered: how long answers
    /// take, counted from the moment at which each was due to be asked for.
    pub(super) async fn open(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let lasting = self.options.lasting.min(TRIAL);
        for callers in [1, 16, CALLERS, MANY] {
            let mut figures = Figures::new();
            for round in 1..=self.options.rounds {
                self.watch
                    .begin(&format!("open loop, round {round}: {callers} callers"));
                mine.settle().await?;
                let full = ours.distinct(callers, lasting).await?.rate();
                figures.add(&ours.paced(callers, full / 2.0, lasting).await?);
            }
            self.report.rows.push(Row::told(
                format!("distinct streams, {callers} callers, open loop at half load"),
                "per second",
                figures.side("qonys"),
            ));
        }
        Ok(())
    }

    /// Applications to hold places for, as many as a run may need.
    async fn applications(&self, ours: &Ours) -> Result<Vec<String>, Trouble> {
        let count = (self.options.lasting.as_secs_f64() * self.options.holds_per_second) as usize;
        self.watch.begin("filing applications");
        ours.file(count, &|done| self.watch.moved(done, count as u64))
            .await
    }

    pub(super) async fn hot(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let lasting = self.options.lasting;
        let store = Scratch::create(&self.options.database_url).await?;
        let peer = PostgresEs::create(&store, self.entry.len()).await?;
        let (mut hot, mut es, mut distinct) = (Figures::new(), Figures::new(), Figures::new());
        for round in 1..=self.options.rounds {
            let applications = self.applications(ours).await?;
            let step = |what: &str| {
                self.watch
                    .begin(&format!("one hot quota, round {round}: {what}"))
            };
            mine.settle().await?;
            step("64 callers");
            hot.add(&ours.hot(applications, CALLERS, lasting).await?);
            mine.settle().await?;
            step("distinct streams");
            distinct.add(&ours.distinct(CALLERS, lasting).await?);
            mine.settle().await?;
            step("postgres-es");
            es.add(&peer.hot(CALLERS, lasting).await?);
        }
        let side = hot.side("qonys");
        self.report.rows.push(Row::compared(
            "one hot quota, 64 callers, from empty",
            "per second",
            side.clone(),
            es.side("postgres-es as its documents use it"),
            Target::AtLeast {
                least: 150.0,
                aim: 800.0,
            },
        ));
        self.report.rows.push(Row::compared(
            "one hot quota, 64 callers",
            "per second",
            side,
            distinct.side("qonys, distinct streams"),
            Target::AtLeast {
                least: 0.9,
                aim: 1.0,
            },
        ));
        drop(peer);
        store.drop().await
    }

    pub(super) async fn processes(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let lasting = self.options.lasting;
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for round in 1..=self.options.rounds {
            for (count, rates) in [(1, &mut one), (2, &mut two)] {
                let applications = self.applications(ours).await?;
                mine.settle().await?;
                self.watch
                    .begin(&format!("one hot quota, round {round}: {count} processes"));
                let place = (mine.url.as_str(), ours, self.workshop.path());
                rates.push(worker::processes(count, CALLERS, place, &applications, lasting).await?);
            }
        }
        self.report.rows.push(Row::compared(
            "two processes on one hot quota, 64 callers",
            "per second",
            Side::new("two processes", two),
            Side::new("one process", one),
            Target::AtLeast {
                least: 0.5,
                aim: 0.9,
            },
        ));
        Ok(())
    }
}
