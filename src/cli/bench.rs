//! `qonys bench`: this log beside others, as ratios measured in one run.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use indicatif::ProgressBar;

use super::{Failure, Output, ask::progress, output};
use crate::bench::{
    Options, Trouble, Watch,
    growth::{self, Grown, PARTS},
    report::{Report, Row, Side, Target, Verdict},
    worker::{self, Task},
    works,
};

/// Allocations of the short form of growth.
const SHORT_GROWTH: u64 = 500;
/// More places than one process can hold in a second.
const HOLDS_PER_SECOND: f64 = 25_000.0;

/// Options of `qonys bench`.
#[derive(Args)]
pub(super) struct Bench {
    /// A PostgreSQL server: the URL of somebody who may create databases and roles. Databases of its own are made there,
    /// and dropped.
    #[arg(long, env = "QONYS_BENCH_DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// A NATS server with JetStream. Streams whose names begin with `QONYS-BENCH` or `qonys-bench` are deleted.
    #[arg(long, env = "QONYS_BENCH_NATS_URL")]
    nats_url: Option<String>,
    /// Rounds of every work; the sides take turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of each side of each round.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Entries of the log that is replayed, rebuilt and verified.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// Only works whose name holds this; may be given several times.
    #[arg(long)]
    only: Vec<String>,
    /// One short round of everything: whether it runs, not how fast.
    #[arg(long, conflicts_with_all = ["rounds", "seconds", "entries"])]
    short: bool,
    /// Measures instead how the cost of a command and the memory grow with so many allocations from one line.
    #[arg(long, value_name = "ALLOCATIONS", conflicts_with_all = ["rounds", "seconds", "entries", "only"])]
    growth: Option<u64>,
    /// A directory into which the growth is also written, as `growth.csv` and `growth.svg`. It is made where it is missing.
    #[arg(long, value_name = "DIRECTORY", requires = "growth")]
    figures: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    /// Works as a second process of a benchmark, on the applications in this file.
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
    #[arg(long, hide = true, default_value = ".")]
    worker_directory: PathBuf,
    #[arg(long, hide = true, default_value_t = 64)]
    callers: usize,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::error(trouble)
    }
}

struct Bar(ProgressBar);

impl Watch for Bar {
    fn begin(&self, step: &str) {
        self.0.set_message(step.to_owned());
        self.0.unset_length();
        tracing::info!(step, "measuring");
    }

    fn moved(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }
}

/// Measures, and exits 3 where a work does not reach what is asked of it; not in the short form.
pub(super) async fn run(bench: Bench) -> Result<(), Failure> {
    let lasting = Duration::try_from_secs_f64(bench.seconds);
    let lasting = lasting.map_err(|_| Failure::usage("the seconds are a positive number"))?;
    if let Some(applications) = bench.worker {
        return Ok(worker::work(Task {
            database_url: bench.database_url,
            directory: bench.worker_directory,
            applications,
            callers: bench.callers,
            lasting,
        })
        .await?);
    }
    let unknown = |name: &&String| !works::NAMES.iter().any(|work| work.contains(name.as_str()));
    if let Some(name) = bench.only.iter().find(unknown) {
        let names = works::NAMES.join(", ");
        return Err(Failure::usage(format!(
            "no work is named {name}; there are: {names}"
        )));
    }
    let options = Options {
        database_url: bench.database_url,
        nats_url: bench.nats_url,
        rounds: if bench.short { 1 } else { bench.rounds.max(1) },
        lasting: if bench.short {
            Duration::from_millis(500)
        } else {
            lasting
        },
        entries: if bench.short { 5_000 } else { bench.entries },
        holds_per_second: if bench.short {
            1_000.0
        } else {
            HOLDS_PER_SECOND
        },
        only: bench.only,
    };
    let bar = progress("measuring");
    if let Some(allocations) = bench.growth {
        // A place that cannot be written is told before the measurement, which may take an hour.
        if let Some(directory) = &bench.figures {
            std::fs::create_dir_all(directory)
                .map_err(|error| Failure::error(format!("{}: {error}", directory.display())))?;
        }
        let allocations = if bench.short {
            SHORT_GROWTH
        } else {
            allocations
        };
        let grown = growth::run(&options, allocations.max(PARTS as u64), &Bar(bar.clone())).await;
        bar.finish_and_clear();
        return tell_growth(&grown?, bench.figures.as_deref(), bench.output);
    }
    let measured = works::run(&options, &Bar(bar.clone())).await;
    bar.finish_and_clear();
    let report = measured?;
    match bench.output {
        Output::Table => table(&report)?,
        Output::Json => output::json_document(&report)?,
        Output::Ndjson => output::json(&report)?,
    }
    let missed = report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Missed)
        .count();
    if missed > 0 && !bench.short {
        return Err(Failure::unverified(format!(
            "{missed} works do not reach what is asked"
        )));
    }
    Ok(())
}

/// Tells how it grew, and writes the figure and its data where that is asked for.
fn tell_growth(grown: &Grown, figures: Option<&Path>, form: Output) -> Result<(), Failure> {
    if let Some(directory) = figures {
        for (name, text) in [("growth.csv", grown.csv()), ("growth.svg", grown.svg())] {
            let path = directory.join(name);
            std::fs::write(&path, text)
                .map_err(|error| Failure::error(format!("{}: {error}", path.display())))?;
        }
    }
    match form {
        Output::Table => {}
        Output::Json => return Ok(output::json_document(grown)?),
        Output::Ndjson => return Ok(output::json(grown)?),
    }
    let mebibytes = |bytes: u64| format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20));
    let rows: Vec<_> = grown
        .parts
        .iter()
        .map(|part| {
            vec![
                part.allocations.to_string(),
                part.entries.to_string(),
                part.streams.to_string(),
                format!("{:.1}", part.filing_micros),
                format!("{:.1}", part.holding_micros),
                part.holding_p99_micros.to_string(),
                mebibytes(part.resident_bytes),
            ]
        })
        .collect();
    output::table(
        &[
            "allocations",
            "entries",
            "streams",
            "us per filing",
            "us per place",
            "p99 of a place, us",
            "memory",
        ],
        &rows,
    )?;
    if let Some(slowdown) = grown.slowdown() {
        output::line(&format!(
            "\nthe last part took {slowdown:.2} times as long for each place as the first"
        ))?;
    }
    for opened in &grown.opened {
        let from = if opened.snapshot {
            "its snapshot"
        } else {
            "its entries alone"
        };
        output::line(&format!(
            "the line opened from {from}, up to its next place: {:.0} ms",
            opened.millis
        ))?;
    }
    let replay = &grown.replay;
    let equal = if replay.equal {
        "equal to the live one"
    } else {
        "NOT equal to the live one"
    };
    output::line(&format!(
        "replay of {} entries: {:.0} per second, {} at its peak beside what the process had; the state is {equal}",
        replay.entries,
        replay.per_second,
        mebibytes(replay.peak_bytes)
    ))?;
    Ok(())
}

fn figure(figure: f64) -> String {
    match figure {
        large if large >= 100.0 => format!("{large:.0}"),
        small => format!("{small:.1}"),
    }
}

fn side(side: &Side) -> String {
    format!(
        "{} ({}-{})",
        figure(side.median),
        figure(side.min),
        figure(side.max)
    )
}

fn target(row: &Row) -> String {
    match row.target {
        Target::AtLeast { least, aim } => format!(">= {least}, aim {aim}"),
        Target::AtMost { most, aim } => format!("<= {most}, aim {aim}"),
        Target::Told => String::new(),
    }
}

fn table(report: &Report) -> Result<(), Failure> {
    let machine = &report.machine;
    output::line(&format!(
        "{} processors, {:.0} durable 8 KiB writes per second",
        machine.processors, machine.syncs_per_second
    ))?;
    let settings: Vec<String> = machine
        .settings
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    output::line(&settings.join(", "))?;
    output::line(&format!(
        "{} rounds of {} s; medians (min-max)\n",
        report.rounds, report.seconds
    ))?;
    let mut rows = Vec::new();
    for row in &report.rows {
        let verdict = match row.verdict {
            Verdict::Aim => "aim",
            Verdict::Reached => "reached",
            Verdict::Missed => "MISSED",
            Verdict::Told => "",
        };
        rows.push(vec![
            row.work.clone(),
            side(&row.ours),
            row.theirs.as_ref().map_or(String::new(), side),
            row.theirs
                .as_ref()
                .map_or(String::new(), |side| side.name.clone()),
            row.ratio
                .map_or(String::new(), |ratio| format!("{ratio:.2}")),
            target(row),
            verdict.to_owned(),
        ]);
    }
    output::table(
        &[
            "work", "ours", "other", "which", "ratio", "asked", "verdict",
        ],
        &rows,
    )?;
    let latencies: Vec<_> = report
        .rows
        .iter()
        .flat_map(|row| {
            [Some(&row.ours), row.theirs.as_ref()]
                .into_iter()
                .flatten()
                .map(move |side| (row, side))
        })
        .filter_map(|(row, side)| {
            let latency = side.latency?;
            let micros = [latency.p50, latency.p99, latency.p999, latency.max]
                .map(|micros| micros.to_string());
            Some(
                [row.work.clone(), side.name.clone()]
                    .into_iter()
                    .chain(micros)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    output::line("")?;
    output::table(
        &[
            "latency in microseconds",
            "side",
            "p50",
            "p99",
            "p99.9",
            "max",
        ],
        &latencies,
    )?;
    let notes = report
        .rows
        .iter()
        .flat_map(|row| [Some(&row.ours), row.theirs.as_ref()].into_iter().flatten());
    for side in notes {
        if let Some(note) = &side.note {
            output::line(&format!("note: {}: {note}", side.name))?;
        }
    }
    report
        .skipped
        .iter()
        .try_for_each(|skipped| output::line(&format!("skipped: {skipped}")))?;
    Ok(())
}
