//! `qonys recover` and `qonys close`: the two ways out when a log lost what was signed.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Where, output, place};
use crate::{
    clock::Entropy,
    proof::{
        closing::close,
        recovery::{self, KeptBundle},
        signer::Signer,
    },
    relay::kept::KeptStream,
};

/// Options of `qonys recover`.
#[derive(Args)]
pub(super) struct Recover {
    /// A bundle, as a directory, that has the lost entries.
    #[arg(
        long,
        required_unless_present = "nats_url",
        conflicts_with = "nats_url"
    )]
    bundle: Option<PathBuf>,
    /// URL of a NATS server whose stream of this log has the lost entries.
    #[arg(long)]
    nats_url: Option<String>,
    /// On PostgreSQL: URL of the database's owner. The application may not put entries back.
    #[arg(long, env = "QONYS_OWNER_URL", hide_env_values = true)]
    owner_url: Option<String>,
    #[command(flatten)]
    at: Where,
}

/// Puts lost entries back, byte for byte.
pub(super) async fn recover(recover: Recover) -> Result<(), Failure> {
    let log = place::open(&recover.at.place()).await?;
    let signer = Signer::open(&recover.at.signer(), log.origin(), None)?;
    let owner = recover.owner_url.as_deref();
    let recovered = match (&recover.bundle, &recover.nats_url) {
        (Some(path), _) => {
            let mut kept = KeptBundle::open(path).map_err(Failure::error)?;
            recovery::recover(&log, &signer, owner, &mut kept).await?
        }
        (None, Some(url)) => {
            let mut kept = KeptStream::open(url, log.origin())
                .await
                .map_err(Failure::unavailable)?;
            recovery::recover(&log, &signer, owner, &mut kept).await?
        }
        (None, None) => return Err(Failure::usage("from where? --bundle or --nats-url")),
    };
    let Some(recovered) = recovered else {
        return Ok(output::line("nothing that was signed is lost")?);
    };
    output::line(&format!("put back  {} to {}", recovered.from, recovered.to))?;
    output::line(&format!(
        "proved    up to {}, by the signed root",
        recovered.signed
    ))?;
    Ok(output::line(
        "Sealed values of these entries are not in a bundle or at the broker: put them back from a replica, or record the loss.",
    )?)
}

/// Options of `qonys close`.
#[derive(Args)]
pub(super) struct Close {
    /// Why, in one line; it stands in the signed statement for good.
    #[arg(long)]
    reason: String,
    /// Directory of the signer of the next incarnation; made with a new key.
    #[arg(long)]
    next_signer_dir: PathBuf,
    #[command(flatten)]
    at: Where,
}

/// Closes an incarnation, and prints the signed statement.
pub(super) async fn run_close(closing: Close) -> Result<(), Failure> {
    let log = place::open(&closing.at.place()).await?;
    let signer = closing.at.signer();
    let next = &closing.next_signer_dir;
    let (closed, note) = close(&log, &signer, next, &closing.reason, &Entropy::System).await?;
    output::line(note.to_string().trim_end())?;
    output::say(&format!(
        "{} is closed and signs no more; {} goes on from entry {}",
        closed.origin, closed.next, closed.kept.size
    ));
    Ok(())
}
