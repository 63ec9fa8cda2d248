//! The works and what they must reach.

use std::time::Duration;

use hdrhistogram::Histogram;
use qonys_verify::report::Level;

use super::{
    Options, Trouble, Watch, Workshop,
    database::Scratch,
    delivery,
    drive::{Run, histogram},
    machine::Machine,
    ours::Ours,
    peers::{Pgbench, PostgresEs, Rows},
    reading::{self, Bundled, Dump},
    report::{Report, Row, Side, Target},
    worker,
};

/// Callers of the middle works.
const CALLERS: usize = 64;
/// Callers of the work against the ceiling.
const MANY: usize = 256;
/// Clients that pgbench is tried with.
const CLIENTS: [usize; 4] = [8, 16, 32, 64];
/// Places that one process may hold in a second: so many applications are filed beforehand.
const HOLDS_PER_SECOND: f64 = 45_000.0;
/// Entries that are published.
const PUBLISHED: usize = 100_000;

/// Figures of one side over the rounds.
struct Figures {
    rounds: Vec<f64>,
    latency: Histogram<u64>,
    lost: u64,
}

impl Figures {
    fn new() -> Self {
        Self {
            rounds: Vec::new(),
            latency: histogram(),
            lost: 0,
        }
    }

    fn add(&mut self, run: &Run) {
        self.rounds.push(run.rate());
        self.lost += run.lost;
        // Both are made with the same bounds.
        let _ = self.latency.add(&run.latency);
    }

    fn side(self, name: &str) -> Side {
        let side = Side::new(name, self.rounds).with_latency(&self.latency);
        match self.lost {
            0 => side,
            lost => side.with_note(format!("{lost} ended in a conflict and are not counted")),
        }
    }
}

/// A run of the works.
struct Bench<'a> {
    options: &'a Options,
    watch: &'a dyn Watch,
    workshop: Workshop,
    report: Report,
    /// The text of an entry as the log writes it for the distinct work: what every other side writes too.
    entry: String,
}

const DISTINCT: &str = "distinct streams";
const HOT: &str = "one hot quota";
const PROCESSES: &str = "two processes";
const SINGLE: &str = "single caller";
const REPLAY: &str = "replay";
const REBUILD: &str = "rebuild";
const VERIFY: &str = "verify";
const PUBLISH: &str = "publish";
const LAG: &str = "commit to visible and delivered";

/// The names of the works, as `only` chooses them.
pub const NAMES: [&str; 9] = [
    DISTINCT, HOT, PROCESSES, SINGLE, REPLAY, REBUILD, VERIFY, PUBLISH, LAG,
];

/// Measures.
pub async fn run(options: &Options, watch: &dyn Watch) -> Result<Report, Trouble> {
    let workshop = Workshop::new()?;
    watch.begin("looking at the machine and the server");
    let machine = Machine::look(&options.database_url, workshop.path()).await?;
    let mut bench = Bench {
        report: Report {
            machine,
            rounds: options.rounds,
            seconds: options.lasting.as_secs_f64(),
            rows: Vec::new(),
            skipped: Vec::new(),
        },
        options,
        watch,
        workshop,
        entry: String::new(),
    };
    let mine = Scratch::create(&options.database_url).await?;
    let measured = bench.all(&mine).await;
    mine.drop().await?;
    measured?;
    Ok(bench.report)
}

impl Bench<'_> {
    fn wants(&self, name: &str) -> bool {
        let only = &self.options.only;
        only.is_empty() || only.iter().any(|wanted| name.contains(wanted.as_str()))
    }

    async fn all(&mut self, mine: &Scratch) -> Result<(), Trouble> {
        let directory = self.workshop.path().join("vault");
        std::fs::create_dir(&directory)?;
        let ours = Ours::create(&mine.url, &directory).await?;
        ours.file(1, &|_| {}).await?;
        let texts = delivery::texts(&ours, usize::MAX).await?;
        // The entry of a person: the last but one.
        self.entry = texts.iter().rev().nth(1).cloned().unwrap_or_default();
        if self.wants(DISTINCT) || self.wants(SINGLE) {
            self.distinct(mine, &ours).await?;
        }
        if self.wants(HOT) {
            self.hot(mine, &ours).await?;
        }
        if self.wants(PROCESSES) {
            self.processes(mine, &ours).await?;
        }
        if self.wants(LAG) {
            self.lag(&ours).await?;
        }
        if self.wants(PUBLISH) {
            self.publish(&ours).await?;
        }
        if [REPLAY, REBUILD, VERIFY]
            .iter()
            .any(|name| self.wants(name))
        {
            self.fill(&ours).await?;
            self.read(mine, &ours).await?;
        }
        Ok(())
    }

    /// Distinct streams: against the event store, the floor and the ceiling; and a single caller against the floor.
    async fn distinct(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
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
                let rate = pgbench
                    .run(tried, Duration::from_secs(2), false)
                    .await?
                    .rate;
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

    /// Applications to hold places for, as many as a run may need.
    async fn applications(&self, ours: &Ours) -> Result<Vec<String>, Trouble> {
        let count = (self.options.lasting.as_secs_f64() * HOLDS_PER_SECOND) as usize;
        self.watch.begin("filing applications");
        ours.file(count, &|done| self.watch.moved(done, count as u64))
            .await
    }

    async fn hot(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
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

    async fn processes(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
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

    async fn lag(&mut self, ours: &Ours) -> Result<(), Trouble> {
        let lasting = self.options.lasting;
        let (mut visible, mut delivered) = (histogram(), histogram());
        let (mut seen, mut sent) = (Vec::new(), Vec::new());
        for round in 1..=self.options.rounds {
            self.watch.begin(&format!(
                "commit to visible and delivered, round {round}: the full load"
            ));
            let full = ours
                .distinct(CALLERS, lasting.min(Duration::from_secs(3)))
                .await?
                .rate();
            self.watch.begin(&format!(
                "commit to visible and delivered, round {round}: half of it"
            ));
            let lags =
                delivery::lags(ours, self.options.nats_url.as_deref(), full / 2.0, lasting).await?;
            seen.push(lags.visible.value_at_quantile(0.99) as f64);
            let _ = visible.add(&lags.visible);
            if !lags.delivered.is_empty() {
                sent.push(lags.delivered.value_at_quantile(0.99) as f64);
                let _ = delivered.add(&lags.delivered);
            }
        }
        let rows = &mut self.report.rows;
        let side = Side::new("p99 at half load", seen).with_latency(&visible);
        rows.push(Row::told(
            "commit to visible in views",
            "microseconds",
            side,
        ));
        if !sent.is_empty() {
            let side = Side::new("p99 at half load", sent).with_latency(&delivered);
            rows.push(Row::told("commit to delivered", "microseconds", side));
        }
        Ok(())
    }

    async fn publish(&mut self, ours: &Ours) -> Result<(), Trouble> {
        let Some(url) = &self.options.nats_url else {
            self.report
                .skipped
                .push("no broker is named: nothing is published".to_owned());
            return Ok(());
        };
        let texts = delivery::texts(ours, PUBLISHED).await?;
        let count = texts.len();
        let (mut relayed, mut bare) = (Vec::new(), Vec::new());
        for round in 1..=self.options.rounds {
            self.watch.begin(&format!("publish, round {round}"));
            bare.push(count as f64 / delivery::bare(url, &texts).await?.as_secs_f64());
            relayed.push(
                count as f64
                    / delivery::relayed(url, ours, count as u64)
                        .await?
                        .as_secs_f64(),
            );
        }
        self.report.rows.push(Row::compared(
            format!("publish {count} entries to JetStream, in order, acknowledged"),
            "per second",
            Side::new("relay", relayed),
            Side::new("bare client, window 1,024", bare),
            Target::AtLeast {
                least: 0.6,
                aim: 0.9,
            },
        ));
        Ok(())
    }

    /// Brings the log to the length that the reading works read.
    async fn fill(&self, ours: &Ours) -> Result<(), Trouble> {
        let (at, wanted) = (ours.position().await?.0, self.options.entries);
        if at < wanted {
            self.watch.begin("filling the log");
            let pairs = (wanted - at).div_ceil(2);
            ours.file(pairs as usize, &|done| self.watch.moved(done, pairs))
                .await?;
        }
        Ok(())
    }

    async fn read(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let entries = ours.position().await?.0 as f64;
        let per_second = |took: Duration| entries / took.as_secs_f64();
        let mut figures: [Vec<f64>; 8] = Default::default();
        let [
            replays,
            copies,
            rebuilds,
            copies_in,
            proofs,
            rules,
            views,
            hashes,
        ] = &mut figures;
        for round in 1..=self.options.rounds {
            let step = |what: &str| {
                self.watch
                    .begin(&format!("reading {entries} entries, round {round}: {what}"))
            };
            if self.wants(REPLAY) {
                step("replay");
                replays.push(per_second(reading::replayed(ours).await?.0));
                step("copy out");
                copies.push(per_second(reading::copied_out(mine).await?));
            }
            if self.wants(REBUILD) {
                step("rebuild of all views");
                rebuilds.push(per_second(reading::rebuilt(ours).await?));
                step("copy out and in");
                let dump = Dump::take(mine).await?;
                copies_in.push(per_second(dump.copied_in(mine).await?));
            }
        }
        if self.wants(VERIFY) {
            self.watch.begin("exporting a bundle");
            let bundle = Bundled::make(ours, self.workshop.path()).await?;
            let per_second = |took: Duration| bundle.entries() as f64 / took.as_secs_f64();
            for round in 1..=self.options.rounds {
                self.watch.begin(&format!("verify, round {round}"));
                for (level, rates) in [
                    (Level::Proof, &mut *proofs),
                    (Level::Rules, &mut *rules),
                    (Level::Views, &mut *views),
                ] {
                    let scratch = self.workshop.path().join("verify");
                    std::fs::create_dir_all(&scratch)?;
                    let verified =
                        tokio::task::block_in_place(|| bundle.verified(level, &scratch))?;
                    rates.push(per_second(verified));
                }
                hashes.push(per_second(tokio::task::block_in_place(|| bundle.hashed())?));
            }
        }
        let [
            replays,
            copies,
            rebuilds,
            copies_in,
            proofs,
            rules,
            views,
            hashes,
        ] = figures;
        let rows = &mut self.report.rows;
        if !replays.is_empty() {
            rows.push(Row::compared(
                format!("replay of {entries} entries into a fold, with count and root"),
                "entries per second",
                Side::new("qonys", replays),
                Side::new("COPY OUT, binary", copies),
                Target::AtLeast {
                    least: 0.3,
                    aim: 0.8,
                },
            ));
        }
        if !rebuilds.is_empty() {
            rows.push(Row::compared(
                format!("rebuild of all views, {entries} entries"),
                "entries per second",
                Side::new("qonys", rebuilds),
                Side::new("COPY OUT of the entries and COPY IN of the rows", copies_in),
                Target::AtLeast {
                    least: 0.2,
                    aim: 0.5,
                },
            ));
        }
        if !proofs.is_empty() {
            let hashes = Side::new("SHA-256 of the same bytes", hashes);
            for (what, rates, target) in [
                (
                    "signatures, tiles, root",
                    proofs,
                    Target::AtLeast {
                        least: 0.6,
                        aim: 0.8,
                    },
                ),
                (
                    "with format and rules",
                    rules,
                    Target::AtLeast {
                        least: 0.2,
                        aim: 0.3,
                    },
                ),
                (
                    "with views",
                    views,
                    Target::AtLeast {
                        least: 0.2,
                        aim: 0.3,
                    },
                ),
            ] {
                let work = format!("verify offline: {what}");
                rows.push(Row::compared(
                    work,
                    "entries per second",
                    Side::new("qonys", rates),
                    hashes.clone(),
                    target,
                ));
            }
        }
        Ok(())
    }
}
