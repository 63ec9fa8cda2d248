//! What is told: each work with both sides, their spread, the ratio of the medians and what was asked of it.

use hdrhistogram::Histogram;
use serde::Serialize;

/// What a work must reach. A ratio, never a time: it means the same on another machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    /// The ratio of ours to the other side's is at least the first figure, and best at least the second.
    AtLeast {
        /// What must be reached.
        least: f64,
        /// What is aimed at.
        aim: f64,
    },
    /// The ratio is at most the first figure, and best at most the second: of times.
    AtMost {
        /// What must be reached.
        most: f64,
        /// What is aimed at.
        aim: f64,
    },
    /// Only told.
    Told,
}

impl Target {
    /// What a ratio is worth.
    pub fn verdict(self, ratio: f64) -> Verdict {
        let (asked, aimed) = match self {
            Self::AtLeast { least, aim } => (ratio >= least, ratio >= aim),
            Self::AtMost { most, aim } => (ratio <= most, ratio <= aim),
            Self::Told => return Verdict::Told,
        };
        match (asked, aimed) {
            (_, true) => Verdict::Aim,
            (true, false) => Verdict::Reached,
            (false, false) => Verdict::Missed,
        }
    }
}

/// What a ratio is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The aim is reached.
    Aim,
    /// What is asked is reached.
    Reached,
    /// It is not.
    Missed,
    /// Nothing is asked.
    Told,
}

/// One side of a comparison over all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// What it is.
    pub name: String,
    /// One figure per round, in the unit of the row.
    pub rounds: Vec<f64>,
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Latencies over all rounds, where the work has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// What else is worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half of them are at most this.
    pub p50: u64,
    /// 99 of 100.
    pub p99: u64,
    /// 999 of 1,000.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

impl Latency {
    /// Out of a histogram; none of an empty one.
    pub fn of(histogram: &Histogram<u64>) -> Option<Self> {
        (!histogram.is_empty()).then(|| Self {
            p50: histogram.value_at_quantile(0.5),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
        })
    }
}

impl Side {
    /// A side of so many rounds.
    pub fn new(name: impl Into<String>, rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        Self {
            name: name.into(),
            median: median(&sorted),
            min: sorted.first().copied().unwrap_or_default(),
            max: sorted.last().copied().unwrap_or_default(),
            rounds,
            latency: None,
            note: None,
        }
    }

    /// With its latencies.
    #[must_use]
    pub fn with_latency(mut self, histogram: &Histogram<u64>) -> Self {
        self.latency = Latency::of(histogram);
        self
    }

    /// With a remark.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// The middle of sorted figures; of two in the middle, their mean.
fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// One work, both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The work.
    pub work: String,
    /// What the figures count.
    pub unit: &'static str,
    /// Our side.
    pub ours: Side,
    /// The other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Side>,
    /// The median of the ratios of each round: both sides of a round saw the same machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What is asked.
    pub target: Target,
    /// Whether it is reached.
    pub verdict: Verdict,
}

impl Row {
    /// Both sides of a work.
    pub fn compared(
        work: impl Into<String>,
        unit: &'static str,
        ours: Side,
        theirs: Side,
        target: Target,
    ) -> Self {
        let mut ratios: Vec<f64> = ours
            .rounds
            .iter()
            .zip(&theirs.rounds)
            .map(|(a, b)| a / b)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = median(&ratios);
        Self {
            work: work.into(),
            unit,
            ours,
            theirs: Some(theirs),
            ratio: Some(ratio),
            target,
            verdict: target.verdict(ratio),
        }
    }

    /// A work that is only told.
    pub fn told(work: impl Into<String>, unit: &'static str, ours: Side) -> Self {
        Self {
            work: work.into(),
            unit,
            ours,
            theirs: None,
            ratio: None,
            target: Target::Told,
            verdict: Verdict::Told,
        }
    }
}

/// Everything that was measured in one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What it was measured on.
    pub machine: super::machine::Machine,
    /// Rounds of every work.
    pub rounds: usize,
    /// Seconds of each side of each round, where the work is one of a length.
    pub seconds: f64,
    /// The works.
    pub rows: Vec<Row>,
    /// Works that could not be measured here, and why.
    pub skipped: Vec<String>,
}
