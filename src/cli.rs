//! The command line. Data on stdout, progress and errors on stderr. Exit codes: 0 ok, 1 error, 2 usage, 3 verification
//! failed, 4 conflict, 5 blocked by a rule, 6 unavailable or unknown outcome.

use std::{fmt, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use qonys_events::scalar::{Instant, Position};

use crate::{
    log::LogError,
    settings::{DEFAULT_DIRECTORY, Place, SIGNER_DIRECTORY},
};

mod access;
mod acts;
mod ask;
mod bench;
mod board;
mod check;
mod deadline;
mod demo;
mod export;
mod forecast;
mod history;
mod init;
mod kept;
mod listing;
mod lists;
mod monitoring;
mod output;
mod place;
mod population_departure;
mod proof;
mod published;
mod queue;
mod readers;
mod reasons;
mod rebuild;
mod recover;
mod registration;
mod relay;
mod report;
mod schema;
mod serve;
mod signed;
mod submit;
mod told;
mod vault;
mod verify;
mod witness;

/// The register of record for a city's migration decisions.
#[derive(Parser)]
#[command(name = "qonys", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a demonstration: the published acts, a synthetic year and a story; then serves it.
    Demo(demo::Demo),
    /// Makes a new log: its store, its first entry, and if asked the published acts.
    Init(init::Init),
    /// Submits command lines (NDJSON) from a file, or from standard input as `-`, and prints an answer line for each.
    Submit(submit::Submit),
    /// Prints what is published, as command lines that `submit` takes.
    Published(published::Print),
    /// Prints the JSON Schema and an example of every command or event, one per line.
    Schema {
        /// Of what.
        what: schema::What,
    },
    /// Explains a blocked reason, or lists them all: code, basis, what it says, what one can do next.
    Reasons(reasons::Reasons),
    /// Prints the entries of the log, or of one stream, in order.
    History(history::History),
    /// Carries the log to JetStream: stream sequence = position.
    Relay(relay::Carry),
    /// Serves the register over HTTP, with its pages, on this machine only.
    Serve(serve::Serve),
    /// Explains one decision: act, point, wording, who, the facts that were read.
    Decision(history::Decision),
    /// The quota board: limits, places held and committed, what is left, over-commitment.
    Board(board::Board),
    /// One act with its status and the wording in force on a day.
    Act(acts::Act),
    /// Every act with its status on a day.
    Acts(acts::Acts),
    /// Who lives and stays in a dwelling on a day, by reference.
    Residents(listing::Residents),
    /// Where a person is registered: residences, stays, marks; by reference.
    Person(registration::About),
    /// Persons registered in each district of a day; the districts add up to the city.
    Districts(registration::Districts),
    /// Registrations that came later than the term in force.
    Late(registration::Late),
    /// On how many days of the rolling window an immigrant stayed somewhere.
    DaysStayed(registration::About),
    /// How many persons the norm of point 10 lets live in a dwelling, and how many do.
    Capacity(registration::About),
    /// Refusal acts counted by an attribute that is lawfully held; small cells are suppressed.
    Refusals(registration::Refusals),
    /// Proposals to the authorised body, with the acts that answer them.
    Proposals(listing::Proposals),
    /// Decisions by act, point, office, type, stream or command.
    Decisions(listing::Decisions),
    /// The rows of any view; without a name, which lists there are.
    List(lists::List),
    /// Reports to the authorised body: a list frozen with position and digest, computed again from the log.
    #[command(subcommand)]
    Report(report::Report),
    /// The term of an application, counted day by day (point 6).
    Deadline(deadline::Deadline),
    /// The place of an application among those that wait for the same places (point 6).
    Queue(queue::Queue),
    /// Figures of monitoring for a day, as known on a day (point 4).
    Figures(monitoring::Figures),
    /// The ten features of point 4: the newest figure of each, and which have none.
    Coverage(monitoring::Coverage),
    /// Stocks held against reported changes, with the difference.
    Reconciliations(monitoring::Reconciliations),
    /// The trigger of point 7: every evaluation with its three readings.
    PopulationDeparture(population_departure::PopulationDeparture),
    /// Plans of measures against the departure of population, and what is overdue (point 7).
    Measures(population_departure::Measures),
    /// A forecast by district and age, and what it needs (point 8).
    Forecast(forecast::Forecast),
    /// Counts the registration records by district and age, and prints the command line that records it (point 8).
    PopulationBase(forecast::Base),
    /// Checks that must find nothing; exits 3 when they do.
    #[command(subcommand)]
    Check(check::Check),
    /// Folds the whole log into new views beside the live ones and swaps them.
    Rebuild(rebuild::Rebuild),
    /// Reads the whole log to an explicit end and compares count and root with the log's head.
    Replay(rebuild::Replay),
    /// Signs a checkpoint over the log as it stands, and prints it.
    Checkpoint(proof::Checkpoint),
    /// Prints the receipt of an entry: the file that proves, offline, that it stands in the log.
    Receipt(proof::Receipt),
    /// Shows and turns the keys that sign the log.
    Key(proof::Key),
    /// Exports what an auditor needs.
    Export(export::Export),
    /// Verifies a bundle or a receipt offline, with public keys alone.
    Verify(verify::Verify),
    /// Puts entries back that the log lost although they were signed: from a bundle, or from JetStream.
    Recover(recover::Recover),
    /// Closes an incarnation that lost what was signed, with a signed statement.
    Close(recover::Close),
    /// Keeps the vault: makes its tables in a database, rolls the epoch of its keys, destroys again what the log says is destroyed.
    #[command(subcommand)]
    Vault(vault::Keep),
    /// Makes the next incarnation of a closed log: it goes on from what is kept.
    GoOn(recover::GoOn),
    /// Measures this log beside others, as ratios in one run.
    Bench(bench::Bench),
    /// Makes, lists and revokes API keys.
    #[command(subcommand)]
    Access(access::Access),
    /// Who read data about a person, why and in which case.
    Readers(readers::Readers),
    /// Runs a witness: it cosigns checkpoints of logs that only grow (C2SP tlog-witness).
    Witness(witness::Serve),
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON value per line.
    Ndjson,
}

/// Where the log is.
#[derive(Args, Clone)]
pub(crate) struct Where {
    /// PostgreSQL URL of the log; without it the log is embedded in the data directory.
    #[arg(long, env = "QONYS_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// PostgreSQL URL of the second log: reads of personal data and blocked commands. Without it a database beside the log's,
    /// whose name ends with `_access`; of an embedded log a directory in the data directory.
    #[arg(
        long,
        env = "QONYS_ACCESS_DATABASE_URL",
        hide_env_values = true,
        requires = "database_url"
    )]
    access_database_url: Option<String>,
    /// Directory of the embedded log and of the vault.
    #[arg(long, env = "QONYS_DATA_DIR", default_value = DEFAULT_DIRECTORY)]
    data_dir: PathBuf,
    /// Directory of the signer: the log's key and the last head that it signed; best on another disk than the log.
    /// Without it `signer` in the data directory.
    #[arg(long, env = "QONYS_SIGNER_DIR")]
    signer_dir: Option<PathBuf>,
}

impl Where {
    pub(crate) fn signer(&self) -> PathBuf {
        let usual = || self.data_dir.join(SIGNER_DIRECTORY);
        self.signer_dir.clone().unwrap_or_else(usual)
    }

    pub(crate) fn place(&self) -> Place {
        match &self.database_url {
            Some(url) => Place::Database {
                url: url.clone(),
                access_url: self.access_database_url.clone(),
                directory: self.data_dir.clone(),
            },
            None => Place::Directory(self.data_dir.clone()),
        }
    }
}

/// As of when.
#[derive(Args, Clone, Copy)]
pub(crate) struct AsOf {
    /// As the log stood at this position.
    #[arg(long, conflicts_with = "recorded")]
    position: Option<u64>,
    /// As the log stood at this instant, such as 2024-08-24T00:00:00.000000Z.
    #[arg(long)]
    recorded: Option<Instant>,
}

impl AsOf {
    /// Whether an entry had been recorded by then.
    pub(crate) fn covers(&self, position: Position, time: Instant) -> bool {
        self.position.is_none_or(|p| position.0 <= p) && self.recorded.is_none_or(|t| time <= t)
    }
}

/// Why a command of the command line failed, with its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    pub(crate) fn error(text: impl fmt::Display) -> Self {
        Self {
            code: 1,
            text: text.to_string(),
        }
    }

    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self {
            code: 2,
            text: text.to_string(),
        }
    }

    pub(crate) fn unverified(text: impl fmt::Display) -> Self {
        Self {
            code: 3,
            text: text.to_string(),
        }
    }

    pub(crate) fn blocked(text: impl fmt::Display) -> Self {
        Self {
            code: 5,
            text: text.to_string(),
        }
    }

    pub(crate) fn unavailable(text: impl fmt::Display) -> Self {
        Self {
            code: 6,
            text: text.to_string(),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::unavailable(error)
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error(error)
    }
}

/// Runs the command line and gives the exit code. The runtime is started here and not by `main`, so that what it runs is
/// compiled into the library alone.
pub fn run() -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(told()),
        Err(error) => {
            output::complain(&format!("no runtime: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn told() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(demo) => demo::run(demo).await,
        Command::Init(init) => init::run(init).await,
        Command::Submit(submit) => submit::run(submit).await,
        Command::Published(print) => published::run(print),
        Command::Schema { what } => schema::run(what),
        Command::Reasons(asked) => reasons::run(&asked),
        Command::History(history) => history::run(history).await,
        Command::Relay(carry) => relay::run(carry).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Decision(decision) => history::explain(decision).await,
        Command::Board(board) => board::run(board).await,
        Command::Act(act) => acts::show(act).await,
        Command::Acts(acts) => acts::list(acts).await,
        Command::Residents(residents) => listing::residents(residents).await,
        Command::Person(about) => registration::person(about).await,
        Command::Districts(districts) => registration::districts(districts).await,
        Command::Late(late) => registration::late(late).await,
        Command::DaysStayed(about) => registration::days_stayed(about).await,
        Command::Capacity(about) => registration::capacity(about).await,
        Command::Refusals(refusals) => registration::refusals(refusals).await,
        Command::Proposals(proposals) => listing::proposals(proposals).await,
        Command::Decisions(decisions) => listing::decisions(decisions).await,
        Command::List(list) => lists::run(list).await,
        Command::Report(report) => report::run(report).await,
        Command::Deadline(asked) => deadline::run(asked).await,
        Command::Queue(asked) => queue::run(asked).await,
        Command::Figures(figures) => monitoring::figures(figures).await,
        Command::Coverage(coverage) => monitoring::coverage(coverage).await,
        Command::Reconciliations(asked) => monitoring::reconciliations(asked).await,
        Command::PopulationDeparture(population_departure) => {
            population_departure::evaluations(population_departure).await
        }
        Command::Measures(measures) => population_departure::measures(measures).await,
        Command::Forecast(forecast) => forecast::show(forecast).await,
        Command::PopulationBase(base) => forecast::base(base).await,
        Command::Check(check) => check::run(check).await,
        Command::Rebuild(rebuild) => rebuild::rebuild(rebuild).await,
        Command::Replay(replay) => rebuild::run_replay(replay).await,
        Command::Checkpoint(checkpoint) => proof::checkpoint(checkpoint).await,
        Command::Receipt(receipt) => proof::receipt(receipt).await,
        Command::Key(key) => proof::key(key).await,
        Command::Export(exported) => export::run(exported).await,
        Command::Verify(verify) => verify::run(&verify),
        Command::Recover(recovered) => recover::recover(recovered).await,
        Command::Close(closing) => recover::run_close(closing).await,
        Command::GoOn(going) => recover::go_on(going).await,
        Command::Bench(bench) => bench::run(bench).await,
        Command::Vault(keep) => vault::run(keep).await,
        Command::Access(access) => access::run(access).await,
        Command::Readers(asked) => readers::run(asked).await,
        Command::Witness(witness) => witness::run(witness).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.text);
            ExitCode::from(failure.code)
        }
    }
}
