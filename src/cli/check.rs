//! `qonys check`: what must find nothing. No decision reads what the law forbids (point 2, promise P10); every personal value
//! that the log shows is kept, or was destroyed by order; the second log is what was signed of it.

use clap::{Args, Subcommand};
use qonys_events::scalar::Position;
use serde::Serialize;

use super::{
    Failure, Output, Where,
    ask::{moved, progress},
    output, place,
    signed::Which,
    verify::{self, Scratch},
};
use crate::{
    completeness::{self, Looked, NotLooked},
    fairness::{self, CheckError, Exchanged, Finding, ReadLists},
    proof::checked,
};

/// What is checked.
#[derive(Subcommand)]
pub(super) enum Check {
    /// Read-lists of the whole log, fields of every type, and synthetic persons who differ in what is forbidden. Exits 3 when
    /// something is found.
    Fairness(Fairness),
    /// Sealed bytes and keys of every personal value that the log shows: what is gone without an order, or still there after
    /// one. Exits 3 when something is found.
    Sealed(Sealed),
    /// The second log as it stands against what its signer signed: what is gone, changed or put in. Exits 3 when something is.
    SecondLog(SecondLog),
}

/// Options of `qonys check second-log`.
#[derive(Args)]
pub(super) struct SecondLog {
    /// How the report is written: that of `qonys verify`.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// Options of `qonys check fairness`.
#[derive(Args)]
pub(super) struct Fairness {
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// Options of `qonys check sealed`.
#[derive(Args)]
pub(super) struct Sealed {
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Where,
}

/// What was looked at, and found.
#[derive(Serialize)]
struct Answer {
    log: ReadLists,
    types: u64,
    exchanged: Exchanged,
    findings: Vec<Finding>,
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Log(error) => Self::from(error),
            other => Self::error(other),
        }
    }
}

impl From<NotLooked> for Failure {
    fn from(error: NotLooked) -> Self {
        match error {
            NotLooked::Log(error) => Self::from(error),
            NotLooked::Vault(error) => Self::unavailable(error),
            NotLooked::Entry(..) => Self::error(error),
        }
    }
}

/// Runs a check.
pub(super) async fn run(check: Check) -> Result<(), Failure> {
    match check {
        Check::Fairness(fairness) => check_fairness(fairness).await,
        Check::Sealed(sealed) => check_sealed(sealed).await,
        Check::SecondLog(asked) => check_second_log(asked).await,
    }
}

async fn check_second_log(asked: SecondLog) -> Result<(), Failure> {
    let signed = Which { second_log: true }.open(&asked.at).await?;
    let scratch = Scratch::new()?;
    let bar = progress("checking");
    let (proof, signer) = (signed.proof(), signed.signer()?);
    let mut show = moved(&bar);
    let mut progress = |at, end| show(Position(at), Position(end));
    let what = (&proof, &signer);
    let report = checked::against_its_signer(what, scratch.path(), &mut progress).await?;
    bar.finish_and_clear();
    verify::told(&report, asked.output)
}

async fn check_sealed(sealed: Sealed) -> Result<(), Failure> {
    let place = sealed.at.place();
    let log = place::open(&place).await?;
    let vault = super::vault::open(&place, &log).await?;
    let bar = progress("looking at what is sealed");
    let looked = completeness::look(&log, &vault, &mut moved(&bar)).await;
    bar.finish_and_clear();
    let looked = looked?;
    match sealed.output {
        Output::Table => sealed_table(&looked)?,
        Output::Json => output::json_document(&looked)?,
        Output::Ndjson => looked.findings.iter().try_for_each(output::json)?,
    }
    match looked.findings.len() as u64 + looked.more {
        0 => Ok(()),
        found => Err(Failure::unverified(format!("{found} found"))),
    }
}

fn sealed_table(looked: &Looked) -> Result<(), Failure> {
    output::line(&format!(
        "{} entries show {} sealed values, {} of them destroyed by order",
        looked.entries, looked.slots, looked.destroyed
    ))?;
    if looked.findings.is_empty() {
        return Ok(output::line("nothing found")?);
    }
    let rows: Vec<_> = looked
        .findings
        .iter()
        .map(|found| {
            vec![
                found.position.to_string(),
                found.code.code().to_owned(),
                format!("{} of {}", found.name, found.subject),
            ]
        })
        .collect();
    Ok(output::table(&["position", "code", "what"], &rows)?)
}

async fn check_fairness(fairness: Fairness) -> Result<(), Failure> {
    let log = place::open(&fairness.at.place()).await?;
    let mut read = fairness::check_log(&log).await?;
    let (types, fields) = fairness::check_fields();
    let mut exchanged = fairness::exchanged();
    let mut findings = std::mem::take(&mut read.findings);
    findings.extend(fields);
    findings.append(&mut exchanged.findings);
    let found = findings.len();
    let answer = Answer {
        log: read,
        types,
        exchanged,
        findings,
    };
    match fairness.output {
        Output::Table => table(&answer)?,
        Output::Json => output::json_document(&answer)?,
        Output::Ndjson => answer.findings.iter().try_for_each(output::json)?,
    }
    if found == 0 {
        Ok(())
    } else {
        Err(Failure::unverified(format!("{found} found")))
    }
}

fn table(answer: &Answer) -> Result<(), Failure> {
    let (log, exchanged) = (&answer.log, &answer.exchanged);
    output::line(&format!(
        "{} entries, {} with a read-list, {} different facts",
        log.entries,
        log.read_lists,
        log.facts.len()
    ))?;
    output::line(&format!("{} types of commands and events", answer.types))?;
    output::line(&format!(
        "{} synthetic persons, {} commands each: {} verdicts, {} reasons",
        exchanged.persons, exchanged.commands, exchanged.accepted, exchanged.blocked
    ))?;
    if answer.findings.is_empty() {
        return Ok(output::line("nothing found")?);
    }
    let rows: Vec<_> = answer
        .findings
        .iter()
        .map(|found| {
            let position = found.position.map_or("-".to_owned(), |p| p.to_string());
            vec![position, found.code.to_owned(), found.what.clone()]
        })
        .collect();
    Ok(output::table(&["position", "code", "what"], &rows)?)
}
