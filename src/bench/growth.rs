//! Growth: whether a command stays as cheap, and memory as bounded, while one stream, the log and the number of streams
//! grow; how long a cold stream takes to open, from its snapshot and without; how much memory a replay takes.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    Options, Trouble, Watch, Workshop,
    chart::{Chart, Curve},
    database::Scratch,
    drive,
    machine::{Machine, Memory},
    ours::Ours,
    reading,
};

/// In how many parts the whole is measured.
pub const PARTS: usize = 10;
/// Applications that are filed before their places are held. They stay in memory with any line, so that what is compared
/// is the line: what a stream costs that has to be read first is another question.
const TOGETHER: u64 = 10_000;
/// Callers.
const CALLERS: usize = 64;
/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// The days on which places are decided, in 2024, and how far back a backdated one lies at most.
const DAYS: u64 = 300;
const BACK: u64 = 30;
/// Every so many a hold is backdated.
const BACKDATED: u64 = 10;

/// What was measured while one more part of the allocations was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Entries in the log at its end.
    pub entries: u64,
    /// Streams in the log at its end.
    pub streams: u64,
    /// Places held in the one line at its end: events of its stream.
    pub allocations: u64,
    /// Microseconds for each person or application that was filed: new streams.
    pub filing_micros: f64,
    /// Microseconds for each place that was held in the one line.
    pub holding_micros: f64,
    /// 99 of 100 places were held within so many microseconds, as their callers saw it.
    pub holding_p99_micros: u64,
    /// Memory of this process at its end, in bytes.
    pub resident_bytes: u64,
}

/// How long the line took to open in a process that did not know it, up to its next hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opened {
    /// Whether there was a snapshot.
    pub snapshot: bool,
    /// Milliseconds.
    pub millis: f64,
}

/// What a replay of the whole log took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// Entries that were read, with count and root.
    pub entries: u64,
    /// How many in a second.
    pub per_second: f64,
    /// The most memory that it took beside what the process had, in bytes.
    pub peak_bytes: u64,
    /// Whether the folded line had as many places held as the decider's.
    pub equal: bool,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grown {
    /// What it was measured on.
    pub machine: Machine,
    /// Part after part.
    pub parts: Vec<Part>,
    /// How cold the line opened.
    pub opened: Vec<Opened>,
    /// What a replay took.
    pub replay: Replay,
}

/// A hold: the day of its decision, and its effective day where it is another one.
fn days(n: u64, of: u64) -> (String, Option<String>) {
    let day = |ordinal: u64| {
        let first = qonys_events::scalar::Day::new(2024, 2, 1);
        first.plus_days(ordinal as i64).to_string()
    };
    let today = n * DAYS / of.max(1);
    let backdated = n.is_multiple_of(BACKDATED);
    // As far back as it may lie, spread by a step that no period of the loop shares.
    let effective = backdated.then(|| day(today.saturating_sub(1 + (n * 7) % BACK)));
    (day(today), effective)
}

/// Grows a register to so many allocations.
pub async fn run(options: &Options, allocations: u64, watch: &dyn Watch) -> Result<Grown, Trouble> {
    let workshop = Workshop::new()?;
    watch.begin("looking at the machine and the server");
    let machine = Machine::look(&options.database_url, workshop.path()).await?;
    let mine = Scratch::create(&options.database_url).await?;
    let grown = grow(&mine, &workshop, allocations, watch).await;
    mine.drop().await?;
    let (parts, opened, replay) = grown?;
    Ok(Grown {
        machine,
        parts,
        opened,
        replay,
    })
}

async fn grow(
    mine: &Scratch,
    workshop: &Workshop,
    allocations: u64,
    watch: &dyn Watch,
) -> Result<(Vec<Part>, Vec<Opened>, Replay), Trouble> {
    let directory = workshop.path().join("register");
    std::fs::create_dir(&directory)?;
    let ours = Ours::create(&mine.url, &directory).await?;
    let mut parts = Vec::new();
    let mut held = 0;
    for part in 1..=PARTS as u64 {
        let (begun_with, ends_with) = (held, allocations * part / PARTS as u64);
        let count = ends_with - begun_with;
        let (mut filing, mut holding) = (Duration::ZERO, Duration::ZERO);
        let mut latency = drive::histogram();
        watch.begin(&format!(
            "part {part} of {PARTS}: filing {count} applications and holding their places"
        ));
        while held < ends_with {
            let some = (ends_with - held).min(TOGETHER);
            let began = Instant::now();
            let filed = ours.file(some as usize, &|_| {}).await?;
            filing += began.elapsed();
            let dated: Vec<_> = (held..)
                .zip(filed)
                .map(|(n, application)| (application, days(n, allocations)))
                .collect();
            let run = ours.holds(dated, CALLERS, LONGEST).await?;
            if run.done == 0 {
                return Err(Trouble::new("no place was held"));
            }
            holding += run.took;
            latency.add(&run.latency).map_err(Trouble::new)?;
            held += run.done;
            watch.moved(held - begun_with, count);
        }
        let micros =
            |took: Duration, commands: u64| took.as_secs_f64() * 1e6 / commands.max(1) as f64;
        parts.push(Part {
            entries: ours.position().await?.0,
            streams: 2 * held,
            allocations: held,
            filing_micros: micros(filing, 2 * count),
            holding_micros: micros(holding, count),
            holding_p99_micros: latency.value_at_quantile(0.99),
            resident_bytes: Memory::now()?.resident,
        });
    }
    let next = ours.file(3, &|_| {}).await?;
    let live = ours.held().await?;
    let Ours { dispatch, log, .. } = ours;
    drop(dispatch);
    let mut opened = Vec::new();
    for (snapshot, application) in [true, false].into_iter().zip(&next) {
        watch.begin(if snapshot {
            "opening the line from its snapshot"
        } else {
            "opening the line from its entries"
        });
        if !snapshot {
            std::fs::remove_dir_all(directory.join("snapshots"))?;
        }
        let cold = Ours::open(&mine.url, &directory).await?;
        let began = Instant::now();
        cold.hold(application).await?;
        opened.push(Opened {
            snapshot,
            millis: began.elapsed().as_secs_f64() * 1e3,
        });
    }
    watch.begin("replaying the log");
    let ours = Ours::open(&mine.url, &directory).await?;
    let before = Memory::forget_peak()?;
    let (took, folded) = reading::replayed(&ours).await?;
    let peak = Memory::now()?.peak.saturating_sub(before.resident);
    let entries = log.head().await.map_err(Trouble::new)?.position.0;
    let replay = Replay {
        entries,
        per_second: entries as f64 / took.as_secs_f64(),
        peak_bytes: peak,
        // The two that were opened cold held one place each.
        equal: folded == live + 2,
    };
    Ok((parts, opened, replay))
}

impl Grown {
    /// How many times as long the last part took for each place as the first.
    pub fn slowdown(&self) -> Option<f64> {
        let (first, last) = (self.parts.first()?, self.parts.last()?);
        Some(last.holding_micros / first.holding_micros)
    }

    /// The parts as CSV.
    pub fn csv(&self) -> String {
        let mut csv = "entries,streams,allocations,filing_micros,holding_micros,holding_p99_micros,resident_bytes\n".to_owned();
        for part in &self.parts {
            // Writing to a string does not fail.
            let _ = writeln!(
                csv,
                "{},{},{},{:.2},{:.2},{},{}",
                part.entries,
                part.streams,
                part.allocations,
                part.filing_micros,
                part.holding_micros,
                part.holding_p99_micros,
                part.resident_bytes
            );
        }
        csv
    }

    /// The parts as a figure in SVG.
    pub fn svg(&self) -> String {
        let curve = |name: &'static str, of: fn(&Part) -> f64| Curve {
            name,
            points: self
                .parts
                .iter()
                .map(|part| (part.allocations as f64, of(part)))
                .collect(),
        };
        Chart {
            title: "Cost of a command while one line, the log and the number of streams grow",
            across: "allocations in one quota line",
            up: "microseconds per command, 64 callers",
            curves: vec![
                curve("a place held in the one line", |part| part.holding_micros),
                curve("a person or application filed", |part| part.filing_micros),
            ],
        }
        .svg()
    }
}
