//! A log that lost what was signed does not go on as if nothing had happened.

use std::path::Path;

use qonys_events::scalar::Position;

use super::{
    ProofError,
    closing::STATEMENT,
    signer::{Refused, Signer},
};
use crate::log::Log;

/// The two ways out, for whoever runs the register.
pub const WAYS_OUT: &str = "nothing is written before this is settled. There are two ways out: `qonys recover` puts the lost entries \
     back byte for byte, from a bundle or from JetStream; `qonys close` closes this incarnation with a signed statement, and the \
     next one goes on from what is kept";

/// The same of the second log.
pub const SECOND_WAYS_OUT: &str = "nothing is told that would stand in it before this is settled. `qonys recover --second-log` puts the \
     lost entries back byte for byte from a bundle. Where nobody has them, put the second log and its signer away as evidence: a new \
     one begins under a new key, and whoever kept a checkpoint sees that";

/// Holds the log against the last head that was signed; a directory without a signer says nothing.
///
/// # Errors
/// `Refused` where the log is behind that head or does not begin with it.
pub async fn check(log: &Log, signer: &Path) -> Result<(), ProofError> {
    if !signer.join("head").exists() {
        return Ok(());
    }
    if signer.join(STATEMENT).exists() {
        return Err(Refused::Closed.into());
    }
    let (_, last) = Signer::open(signer, log.origin(), None)?.head()?;
    let (asked, signed) = (log.head().await?.position.0, last.size);
    if asked < signed {
        return Err(Refused::Behind { asked, signed }.into());
    }
    // Heads that are signed are heads of appends: the log keeps a row of each.
    let then = log.head_at(Position(signed)).await?;
    if signed > 0 && (then.position.0 != signed || then.frontier.root() != last.root) {
        return Err(Refused::NotGrown { asked, signed }.into());
    }
    Ok(())
}
