//! `qonys recover`, or `qonys close` and `qonys go-on`: the two ways out when a log lost what was signed.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Where, kept, output, place, signed::Which};
use crate::{
    clock::{Clock, Entropy},
    log::NewLog,
    proof::{
        closing::{self, close, statement},
        recovery::{self, KeptBundle},
        rotation::operator,
        signer::Signer,
    },
    relay::kept::KeptStream,
    settings::SIGNER_DIRECTORY,
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
    which: Which,
    #[command(flatten)]
    at: Where,
}

/// Puts lost entries back, byte for byte.
pub(super) async fn recover(recover: Recover) -> Result<(), Failure> {
    if recover.which.second_log && recover.nats_url.is_some() {
        return Err(Failure::usage(
            "the second log is at no broker: --bundle has it",
        ));
    }
    let signed = recover.which.open(&recover.at).await?;
    let (log, signer) = (signed.log.clone(), signed.signer()?);
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
        "{} is closed and signs no more; {} goes on from entry {}: `qonys go-on`",
        closed.origin, closed.next, closed.kept.size
    ));
    Ok(())
}

/// Options of `qonys go-on`.
#[derive(Args)]
pub(super) struct GoOn {
    /// Directory of the closed log and its vault.
    #[arg(long)]
    from_data_dir: PathBuf,
    /// PostgreSQL URL of the closed log, where it is not embedded.
    #[arg(long, env = "QONYS_FROM_DATABASE_URL", hide_env_values = true)]
    from_database_url: Option<String>,
    /// PostgreSQL URL of the second log, where it is not the one beside the closed log's.
    #[arg(
        long,
        env = "QONYS_FROM_ACCESS_DATABASE_URL",
        hide_env_values = true,
        requires = "from_database_url"
    )]
    from_access_database_url: Option<String>,
    /// Directory of the signer that closed it. Without it `signer` in its data directory.
    #[arg(long)]
    from_signer_dir: Option<PathBuf>,
    #[command(flatten)]
    at: Where,
}

/// Makes the log of the next incarnation and writes its first entry.
pub(super) async fn go_on(going: GoOn) -> Result<(), Failure> {
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(Failure::error);
    let from = kept::From {
        data_dir: absolute(&going.from_data_dir)?,
        database_url: going.from_database_url,
        access_database_url: going.from_access_database_url,
        signer_dir: going.from_signer_dir.as_ref().map(absolute).transpose()?,
    };
    let place = going.at.place();
    if std::path::absolute(place.directory()).map_err(Failure::error)? == from.data_dir {
        return Err(Failure::usage(
            "the next incarnation has a data directory of its own: --data-dir",
        ));
    }
    let usual = || from.data_dir.join(SIGNER_DIRECTORY);
    let old_signer = going.from_signer_dir.clone().unwrap_or_else(usual);
    let earlier = place::open(&from.place()).await?;
    let (closed, note) = statement(&old_signer, earlier.origin())?;
    let next = Signer::open(&going.at.signer(), &closed.next, None)?;
    if !next.public()?.contains(&closed.key) {
        return Err(Failure::error(
            "the signer is not the one that the closing statement names: --signer-dir",
        ));
    }
    let new = NewLog {
        origin: closed.next.clone(),
        zone: earlier.zone().clone(),
        clock: earlier.clock_kind(),
    };
    place::make(&place, &new).await?;
    let log = place::store(&place).await?;
    let by = (&Clock::System, &Entropy::System);
    let said = (&closed, &note);
    closing::go_on(log, &earlier, said, operator(by.1), by).await?;
    kept::write(place.directory(), &from)?;
    Ok(output::line(&format!(
        "opened {} after the {} kept entries of {}; keep {} where it is: the vault, the second log and the API keys in it go on",
        closed.next,
        closed.kept.size,
        closed.origin,
        from.data_dir.display()
    ))?)
}
