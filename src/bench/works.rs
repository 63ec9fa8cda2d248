//! The works and what they must reach.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::{
    Options, Trouble, Watch, Workshop,
    database::Scratch,
    delivery,
    drive::{Run, histogram},
    machine::Machine,
    ours::Ours,
    report::{Report, Row, Side, Target},
};

mod reading;
mod writing;

/// Callers of the middle works.
const CALLERS: usize = 64;
/// Callers of the work against the ceiling.
const MANY: usize = 256;
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
const OPEN: &str = "open loop";

/// The names of the works, as `only` chooses them.
pub const NAMES: [&str; 10] = [
    DISTINCT, OPEN, HOT, PROCESSES, SINGLE, REPLAY, REBUILD, VERIFY, PUBLISH, LAG,
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
        if self.wants(OPEN) {
            self.open(mine, &ours).await?;
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
}
