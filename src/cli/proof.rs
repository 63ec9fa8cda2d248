//! `qonys checkpoint`, `qonys receipt`, `qonys key`: what the log signs, and what whoever asks can take away.

use std::{path::PathBuf, str::FromStr as _};

use clap::{Args, Subcommand};
use qonys_events::{entry::Entry, tree::leaf_hash};
use qonys_verify::{policy::Policy, receipt::EXTENSION};
use serde_json::json;

use super::{
    Failure, Output, Where, output, place,
    signed::Which,
    told::{Telling, Why},
};
use crate::{
    audit,
    clock::{Clock, Entropy},
    log::Log,
    proof::{
        Proof, ProofError, guard, publisher::Publisher, receipt::Named, rotation, signer::Signer,
        witness::Witnesses,
    },
};

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Log(error) => error.into(),
            ProofError::Refused(refused) => {
                Self::unverified(format!("{refused}; {}", guard::WAYS_OUT))
            }
            ProofError::NotYet(_) => Self::unavailable(error),
            ProofError::File(..) | ProofError::Broken(_) => Self::error(error),
        }
    }
}

/// The policy of a file.
pub(super) fn policy(path: &PathBuf) -> Result<Policy, Failure> {
    let named =
        |error: &dyn std::fmt::Display| Failure::error(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    Policy::from_str(&text).map_err(|error| named(&error))
}

/// A publisher of a log, with its signer and its witnesses.
pub(super) fn publisher(
    log: &Log,
    at: (&std::path::Path, &std::path::Path),
    policy: Option<Policy>,
) -> Result<Publisher, Failure> {
    let (directory, signer) = at;
    let proof = Proof::new(log, directory);
    // A log that has been signed has a signer somewhere: a new one would start a second history.
    let fresh = proof.checkpoint()?.is_none();
    let entropy = Entropy::System;
    let signer = Signer::open(signer, log.origin(), fresh.then_some(&entropy))?;
    let publisher = Publisher::new(proof, signer);
    Ok(match policy {
        Some(policy) => publisher.with_witnesses(Witnesses::start(policy, Clock::System)),
        None => publisher,
    })
}

/// Options of `qonys checkpoint`.
#[derive(Args)]
pub(super) struct Checkpoint {
    /// Prints the checkpoint that was published last, and signs none.
    #[arg(long)]
    last: bool,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    at: Where,
}

/// Signs a checkpoint over the log as it stands, and prints it.
pub(super) async fn checkpoint(checkpoint: Checkpoint) -> Result<(), Failure> {
    let signed = checkpoint.which.open(&checkpoint.at).await?;
    let note = if checkpoint.last {
        let last = signed.proof().checkpoint()?;
        let none = || Failure::error("no checkpoint is signed yet");
        last.ok_or_else(none)?.0
    } else {
        signed.publisher().await?.round().await?.note
    };
    Ok(output::line(note.to_string().trim_end())?)
}

/// Options of `qonys receipt`.
#[derive(Args)]
pub(super) struct Receipt {
    /// Position or id of an entry, or the id of a command: then of its last entry.
    id: String,
    /// The receipt as the file that others verify (C2SP tlog-proof), or as one JSON document with its parts.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    at: Where,
}

/// Prints the receipt of an entry.
pub(super) async fn receipt(receipt: Receipt) -> Result<(), Failure> {
    let name = Named::from_str(&receipt.id);
    let name =
        name.map_err(|_| Failure::usage("a position, or the id of an entry or a command"))?;
    let place = receipt.at.place();
    let log = place::open(&place).await?;
    let proof = Proof::new(&log, place.directory());
    let entry = proof.find(name).await?;
    let entry = entry.ok_or_else(|| Failure::error(format!("{} is not in the log", receipt.id)))?;
    let made = proof.receipt(&entry)?;
    // The receipt holds the entry.
    let said = Entry::parse(&entry.text).map_err(Failure::error)?;
    let about = audit::subjects(&entry.stream, said.event.caseref);
    if !about.is_empty() {
        let telling = Telling::of("read", "receipt", about);
        drop(receipt.why.tell(&receipt.at, &log, telling).await?);
    }
    match receipt.output {
        Output::Table => Ok(output::line(made.to_string().trim_end())?),
        Output::Json | Output::Ndjson => {
            let document = json!({
                "file": format!("{}.{EXTENSION}", entry.position),
                "origin": made.checkpoint.origin,
                "position": entry.position,
                "leaf": leaf_hash(entry.text.as_bytes()),
                "size": made.checkpoint.size.to_string(),
                "receipt": made.to_string(),
            });
            Ok(output::json(&document)?)
        }
    }
}

/// Options of `qonys key`.
#[derive(Args)]
pub(super) struct Key {
    #[command(subcommand)]
    what: What,
}

/// Whose key.
#[derive(Args)]
struct Whose {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    at: Where,
}

#[derive(Subcommand)]
enum What {
    /// Prints the public keys of the log; makes a key where there is none.
    Show(Whose),
    /// Makes a new key, announces it in the log and signs with both.
    Rotate(Whose),
    /// The key before the current one signs no more.
    Retire(Whose),
}

/// Shows and turns the keys of the log.
pub(super) async fn key(key: Key) -> Result<(), Failure> {
    let (What::Show(whose) | What::Rotate(whose) | What::Retire(whose)) = &key.what;
    let signed = whose.which.open(&whose.at).await?;
    let mut publisher = signed.publisher().await?;
    match &key.what {
        What::Show(_) => {}
        What::Rotate(_) => {
            let operator = rotation::operator(&Entropy::System);
            rotation::rotate(&mut publisher, operator, &Clock::System, &Entropy::System).await?;
        }
        What::Retire(_) => {
            if !publisher.retire()? {
                return Err(Failure::error("no key before the current one signs along"));
            }
        }
    }
    let keys = publisher.signer().public()?;
    Ok(keys
        .iter()
        .try_for_each(|key| output::line(&key.to_string()))?)
}
