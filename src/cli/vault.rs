//! `qonys vault`: what an operator does with the vault.

use std::{env::VarError, path::Path};

use clap::{Args, Subcommand};
use qonys_events::id::Origin;

use super::{Failure, Where, kept, output, place};
use crate::{
    clock::Entropy,
    log::Log,
    settings::Place,
    vault::{Keeper, TokenPlace, Vault, VaultPlace},
};

/// Where the URL of the vault's database is named; without it the keys are a file of the data directory.
const DATABASE: &str = "QONYS_VAULT_URL";
/// The library, the token's label and the file with its PIN, where a token holds the key-encryption keys.
const MODULE: &str = "QONYS_VAULT_PKCS11_MODULE";
const TOKEN: &str = "QONYS_VAULT_PKCS11_TOKEN";
const PIN_FILE: &str = "QONYS_VAULT_PKCS11_PIN_FILE";

/// What an operator does with the vault. Its database is named by `QONYS_VAULT_URL`; without that it is a file of the data
/// directory. A token that holds its key-encryption keys is named by `QONYS_VAULT_PKCS11_MODULE`, `…_TOKEN` and `…_PIN_FILE`.
#[derive(Subcommand)]
pub(super) enum Keep {
    /// Makes the vault's roles and tables in the database of `QONYS_VAULT_URL`, as its owner. May be repeated.
    Init,
    /// Rolls the epoch: a new key-encryption key, every key wrapped again, the old one destroyed. Copies of the vault that are
    /// older open nothing afterwards: make a new one at once.
    Roll(At),
    /// Destroys again what the log says is destroyed, as every start does.
    Erase(At),
}

/// Which vault.
#[derive(Args)]
pub(super) struct At {
    #[command(flatten)]
    at: Where,
}

/// What a setting says; an empty one says nothing.
fn named(setting: &str) -> Result<Option<String>, Failure> {
    match std::env::var(setting) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(error) => Err(Failure::usage(format!("{setting}: {error}"))),
    }
}

fn keeper() -> Result<Keeper, Failure> {
    let Some(module) = named(MODULE)? else {
        return Ok(Keeper::File);
    };
    let must = |setting| {
        let missing = || Failure::usage(format!("{MODULE} is set, and {setting} is not"));
        named(setting)?.ok_or_else(missing)
    };
    Ok(Keeper::Token(TokenPlace {
        module: module.into(),
        token: must(TOKEN)?,
        pin_file: must(PIN_FILE)?.into(),
    }))
}

/// Opens the vault of a register: in the directory of its first incarnation, or in a database whose key file that directory
/// holds. What the incarnations of the log sealed, each bound to itself, it opens alike.
pub(super) async fn open(place: &Place, log: &Log) -> Result<Vault, Failure> {
    let (first, _) = kept::first(place, Path::new(""))?;
    let place = VaultPlace {
        directory: first.directory().clone(),
        database: named(DATABASE)?,
        keeper: keeper()?,
    };
    let kept = log.kept().iter().map(|kept| kept.origin().clone());
    let all: Vec<Origin> = kept.chain([log.origin().clone()]).collect();
    let (origin, later) = all.split_first().unwrap_or((log.origin(), &[]));
    Vault::open_among(&place, (origin, later), Entropy::System)
        .await
        .map_err(Failure::unavailable)
}

/// Does it.
pub(super) async fn run(keep: Keep) -> Result<(), Failure> {
    match keep {
        Keep::Init => {
            let url = std::env::var(DATABASE)
                .map_err(|_| Failure::usage(format!("{DATABASE} names no database")))?;
            Vault::init(&url).await.map_err(Failure::unavailable)?;
            Ok(output::line("the vault's tables stand")?)
        }
        Keep::Roll(At { at }) => {
            let place = at.place();
            // The log of a data directory may be open elsewhere: only its origin is asked for.
            let log = place::open(&place).await?;
            let vault = open(&place, &log).await?;
            let rolled = vault.roll(|_| {}).await.map_err(Failure::unavailable)?;
            Ok(output::line(&format!(
                "epoch {}: {} keys and {} numbers",
                rolled.epoch, rolled.keys, rolled.numbers
            ))?)
        }
        Keep::Erase(At { at }) => {
            let place = at.place();
            let (_, dispatch) = place::dispatch(&place, &at.signer()).await?;
            let erased = dispatch.erase_again().await.map_err(Failure::unavailable)?;
            let said = format!("{} subjects are destroyed", erased.subjects);
            Ok(output::line(&said)?)
        }
    }
}
