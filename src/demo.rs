//! The demonstration: a register that anybody can make, with what is published, a synthetic year and a story. Persons are
//! invented and acts that are, are labelled so. Same seed, same bytes, same root.
//!
//! The agenda ([`agenda`]) is a pure function of the seed. One caller sends it moment by moment: the clock stands still
//! until everything of a moment is answered, and what is random in a command depends on the seed and the command's id
//! alone ([`Entropy::derived`]). So neither batches nor an interruption change a byte.

use std::{
    fmt,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};
use qonys_events::{
    digest::Sha256Hex,
    entry::BadEntry,
    id::Ref,
    scalar::{Instant, Position},
    term::ClockKind,
};

use crate::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, LogError, NewLog, sqlite::SqliteLog},
    settings::DEFAULT_ZONE,
    vault::{Vault, VaultError},
    views::{Views, ViewsError},
};

mod agenda;
mod ask;
mod names;
mod print;
mod story;
mod year;

use agenda::{Agenda, Moment};
use ask::Ask;
pub use print::{Figure, Told};
use story::Story;

/// The origin of the demonstration's log.
pub const ORIGIN: &str = "qonys/almaty/demo/1";
/// The seed where none is named.
pub const DEFAULT_SEED: u64 = 1;

/// What a demonstration is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The data directory.
    pub dir: PathBuf,
    /// The seed of everything that is random.
    pub seed: u64,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It made the log.
    Made,
    /// It went on after an interruption.
    Resumed,
    /// The log was finished before: nothing was changed.
    Unchanged,
}

/// A demonstration that is finished.
pub struct Finished {
    /// What this run did.
    pub done: Done,
    /// The last position of the log.
    pub position: Position,
    /// The root of the tree over its entries.
    pub root: Sha256Hex,
    /// Commands that this run sent and that were blocked; they stand nowhere.
    pub blocked: u64,
    /// The story, as the log tells it.
    pub told: Told,
    /// The log, open: whoever serves it goes on with it.
    pub log: Log,
    /// Its vault, with the machine's own chance from now on.
    pub vault: Vault,
}

impl fmt::Debug for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished")
            .field("done", &self.done)
            .field("position", &self.position)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

/// Why a demonstration could not be made or told.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The directory holds another log.
    #[error("{0}: another log stands there; choose another --data-dir")]
    OtherLog(String),
    /// The directory holds the demonstration of another seed.
    #[error("{0}: the demonstration of another seed stands there; choose another --data-dir")]
    OtherSeed(String),
    /// Somebody went on with the log before the demonstration was finished.
    #[error(
        "{0}: the demonstration was interrupted and the log went on without it; choose another --data-dir"
    )]
    Continued(String),
    /// A command had another outcome than accepted or blocked.
    #[error("the demonstration cannot go on: {why}\n{line}")]
    Unexpected {
        /// Its line.
        line: String,
        /// What happened.
        why: String,
    },
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An entry cannot be read.
    #[error(transparent)]
    Entry(#[from] BadEntry),
    /// The views.
    #[error(transparent)]
    Views(#[from] ViewsError),
}

/// Every moment of a seed, and the commands that its story is about.
struct Plan {
    moments: Vec<Moment>,
    story: Story,
}

impl Plan {
    fn of(seed: u64) -> Self {
        let mut agenda = Agenda::new(seed);
        let story = year::live(&mut agenda);
        Self {
            moments: agenda.moments(),
            story,
        }
    }

    fn commands(&self) -> usize {
        self.moments
            .iter()
            .map(|moment| moment.commands.len())
            .sum()
    }

    /// Where a command stands: moment and place in it.
    fn find(&self, command: Ref) -> Option<(usize, usize)> {
        let mut moments = self.moments.iter().enumerate();
        moments.find_map(|(n, moment)| {
            let place = moment
                .commands
                .iter()
                .position(|planned| planned.id == command);
            place.map(|place| (n, place))
        })
    }

    /// The last command. It is always accepted, so that a log that holds it is finished.
    fn last(&self) -> Ref {
        let last = self
            .moments
            .last()
            .and_then(|moment| moment.commands.last());
        last.expect("an agenda is not empty").id
    }
}

/// The command lines of a seed, in their order, each with the time at which it is given.
pub fn lines(seed: u64) -> impl Iterator<Item = (Instant, String)> {
    let moments = Plan::of(seed).moments.into_iter();
    moments.flat_map(|moment| {
        moment
            .commands
            .into_iter()
            .map(|planned| (planned.at, planned.line))
    })
}

/// Makes the demonstration, or finishes an interrupted one, or finds that it is finished; then asks the log for the
/// story.
///
/// # Errors
/// [`DemoError::OtherLog`], [`DemoError::OtherSeed`] and [`DemoError::Continued`] where something else stands in the
/// directory; the others where log or vault fail.
pub async fn run(options: &Options) -> Result<Finished, DemoError> {
    let plan = Plan::of(options.seed);
    let entropy = Entropy::seeded(options.seed);
    let log = open(&options.dir).await?;
    let vault = Vault::open(&options.dir, log.origin(), entropy.clone()).await?;
    let from = resume(&plan, &log, &options.dir).await?;
    let mut blocked = 0;
    let done = match from {
        None => Done::Unchanged,
        Some((moment, place)) => {
            let clock = Clock::simulated(plan.moments[moment].at);
            let dispatch =
                Dispatch::start(log.clone(), Some(vault.clone()), clock.clone(), entropy).await?;
            blocked = send(&plan, (moment, place), &dispatch, &clock).await?;
            if (moment, place) == (0, 0) {
                Done::Made
            } else {
                Done::Resumed
            }
        }
    };
    if done != Done::Unchanged {
        vault.write_back().await?;
        log.write_back().await?;
    }
    drop(vault);
    // Whoever goes on with the log seals real values: under keys that no seed tells.
    let vault = Vault::open(&options.dir, log.origin(), Entropy::System).await?;
    let views = Views::open(&log, &options.dir).await?;
    let bar = progress("folding");
    views
        .catch_up(|at, end| {
            bar.set_length(end.0);
            bar.set_position(at.0);
        })
        .await?;
    bar.finish_and_clear();
    let ask = Ask {
        log: &log,
        views: &views,
    };
    let told = print::tell(&ask, &plan.story).await?;
    views.close().await;
    let head = log.head().await?;
    let (position, root) = (head.position, head.frontier.root());
    Ok(Finished {
        done,
        position,
        root,
        blocked,
        told,
        log,
        vault,
    })
}

async fn open(dir: &Path) -> Result<Log, DemoError> {
    let new = NewLog {
        origin: ORIGIN.parse().expect("the origin of the demonstration"),
        zone: DEFAULT_ZONE.parse().expect("the default zone"),
        clock: ClockKind::Simulated,
    };
    match SqliteLog::open(dir, Some(&new)).await {
        Ok(log) => Ok(Log::Sqlite(log)),
        Err(LogError::Refused(_)) => Err(DemoError::OtherLog(dir.display().to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Where to begin: behind the command that was stored last. What precedes it is stored, or was blocked then and stays
/// so. `None` when everything is done.
async fn resume(plan: &Plan, log: &Log, dir: &Path) -> Result<Option<(usize, usize)>, DemoError> {
    let dir = dir.display().to_string();
    let Some(first) = ask::first_command(log).await? else {
        return Ok(Some((0, 0)));
    };
    if first != plan.moments[0].commands[0].id {
        return Err(DemoError::OtherSeed(dir));
    }
    let last = ask::last_command(log).await?;
    if log
        .commands(&[plan.last()])
        .await?
        .contains_key(&plan.last())
    {
        return Ok(None);
    }
    let (moment, place) = last
        .and_then(|last| plan.find(last))
        .ok_or(DemoError::Continued(dir))?;
    if place + 1 < plan.moments[moment].commands.len() {
        Ok(Some((moment, place + 1)))
    } else {
        Ok(Some((moment + 1, 0)))
    }
}

/// Sends everything from a place on, and counts what was blocked.
async fn send(
    plan: &Plan,
    (first, place): (usize, usize),
    dispatch: &Dispatch,
    clock: &Clock,
) -> Result<u64, DemoError> {
    let bar = progress("living through a year");
    bar.set_length(plan.commands() as u64);
    let skipped = plan.moments[..first]
        .iter()
        .map(|moment| moment.commands.len())
        .sum::<usize>();
    bar.inc((skipped + place) as u64);
    let mut blocked = 0;
    let mut from = place;
    for moment in &plan.moments[first..] {
        clock.set(moment.at);
        let commands = &moment.commands[std::mem::take(&mut from)..];
        let mut waiting = Vec::with_capacity(commands.len());
        for planned in commands {
            let request = Request::read(&planned.line).map_err(|e| DemoError::Unexpected {
                line: planned.line.clone(),
                why: format!("{} {}", e.pointer, e.message),
            })?;
            waiting.push(dispatch.submit(request).await);
        }
        for (planned, outcome) in commands.iter().zip(waiting) {
            match outcome.await.unwrap_or(Outcome::Unknown) {
                Outcome::Accepted(_) => {}
                Outcome::Blocked(_) => blocked += 1,
                other => {
                    let why = format!("{other:?}");
                    return Err(DemoError::Unexpected {
                        line: planned.line.clone(),
                        why,
                    });
                }
            }
        }
        bar.inc(commands.len() as u64);
    }
    bar.finish_and_clear();
    Ok(blocked)
}

/// A bar on stderr, if that is a terminal.
fn progress(doing: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg} {wide_bar} {human_pos}/{human_len}, {per_sec}, {eta}";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(doing)
}
