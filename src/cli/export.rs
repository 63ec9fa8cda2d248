//! `qonys export bundle`: everything that an auditor needs, in one directory or file.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use qonys_events::{fact::Fact, scalar::Position};
use qonys_verify::checkpoint::Checkpoint;

use super::{
    Failure, Where,
    ask::{moved, progress},
    output, place,
    proof::publisher,
    verify::Scratch,
};
use crate::{
    log::Log,
    proof::{
        Proof,
        export::{self, Wanted, export},
        guard,
    },
    views::Views,
};

/// Options of `qonys export`.
#[derive(Args)]
pub(super) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The auditor's bundle: entries, hashes, checkpoints, digests of the views. `qonys verify` checks it offline.
    Bundle(Bundle),
}

#[derive(Args)]
struct Bundle {
    /// A directory that is not there yet, or a file that ends in `.tar`.
    target: PathBuf,
    /// The first position of a range, rounded down to a whole block of 256.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// The last position of a range.
    #[arg(long)]
    to: Option<u64>,
    /// Signs nothing: the bundle is made under the checkpoint that was published last.
    #[arg(long)]
    last: bool,
    #[command(flatten)]
    at: Where,
}

/// Exports.
pub(super) async fn run(exported: Export) -> Result<(), Failure> {
    let What::Bundle(bundle) = exported.what;
    let place = bundle.at.place();
    let log = place::open(&place).await?;
    let proof = Proof::new(&log, place.directory());
    if !bundle.last {
        let signer = bundle.at.signer();
        guard::check(&log, &signer).await?;
        publisher(&log, (place.directory(), &signer), None)?
            .round()
            .await?;
    }
    let note = export::checkpoint(&proof, !bundle.last)?;
    let size = Checkpoint::read(&note.text).map_err(Failure::error)?.size;
    let bar = progress("exporting");
    let whole = bundle.from <= 1 && bundle.to.is_none();
    let views = if whole && size > 0 {
        let views = Views::open(&log, place.directory()).await?;
        views.catch_up(moved(&bar)).await?;
        let scratch = Scratch::new()?;
        Some(views.digests(Position(size), scratch.path()).await?)
    } else {
        None
    };
    let wanted = Wanted {
        from: Position(bundle.from.max(1)),
        to: bundle.to.map(Position),
        views,
        kept: kept(&log).await?,
    };
    let made = export(&proof, &note, wanted, &bundle.target, |at, end| {
        bar.set_length(end);
        bar.set_position(at);
    })
    .await?;
    bar.finish_and_clear();
    output::line(&format!("bundle   {}", bundle.target.display()))?;
    output::line(&format!("log      {}", made.origin))?;
    output::line(&format!(
        "entries  {} to {} of {}",
        made.from, made.to, made.size
    ))?;
    Ok(output::line(&format!(
        "check it: qonys verify {} --key <the log's public key>",
        bundle.target.display()
    ))?)
}

/// How many entries of the incarnation before are kept, by the first entry.
pub(super) async fn kept(log: &Log) -> Result<Option<Position>, Failure> {
    let first = log.read_after(Position(0), 1).await?;
    let Some(first) = first.first() else {
        return Ok(None);
    };
    let first = qonys_events::entry::Entry::parse(&first.text).map_err(Failure::error)?;
    Ok(match first.event.fact {
        Fact::LogContinued(continued) => Some(continued.kept),
        _ => None,
    })
}
