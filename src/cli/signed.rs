//! Which of the two logs a command about proof is about: the register's own, or the second one with a key of its own.

use std::path::PathBuf;

use clap::Args;

use super::{
    Failure, Where,
    place::{self, SecondPlace},
    proof::publisher,
};
use crate::{
    log::Log,
    proof::{Proof, guard, publisher::Publisher, signer::Signer},
};

/// Which log.
#[derive(Args, Clone, Copy)]
pub(super) struct Which {
    /// The second log (who read what about whom, what was blocked) instead of the register's; it has a key of its own.
    #[arg(long)]
    pub(super) second_log: bool,
}

/// A log that is signed, with the directories of its proof and of its signer.
pub(super) struct Signed {
    pub(super) log: Log,
    directory: PathBuf,
    signer: PathBuf,
}

impl Which {
    /// Opens it, as it stands.
    pub(super) async fn open(self, at: &Where) -> Result<Signed, Failure> {
        let place = at.place();
        let log = place::open(&place).await?;
        if self.second_log {
            let second = SecondPlace::of(&place, &at.signer())?;
            let log = place::second(&second, &log).await?;
            return Ok(Signed::second(second, log));
        }
        Ok(Signed {
            log,
            directory: place.directory().clone(),
            signer: at.signer(),
        })
    }
}

impl Signed {
    /// The second log of a place.
    pub(super) fn second(at: SecondPlace, log: Log) -> Self {
        Self {
            log,
            directory: at.directory,
            signer: at.signer,
        }
    }

    /// Its files that anybody may check.
    pub(super) fn proof(&self) -> Proof {
        Proof::new(&self.log, &self.directory)
    }

    /// Its publisher; refused where the log has lost what was signed.
    pub(super) async fn publisher(&self) -> Result<Publisher, Failure> {
        guard::check(&self.log, &self.signer).await?;
        publisher(&self.log, (&self.directory, &self.signer), None)
    }

    /// Its signer, where it was signed already.
    pub(super) fn signer(&self) -> Result<Signer, Failure> {
        Ok(Signer::open(&self.signer, self.log.origin(), None)?)
    }
}
