//! Opening the log, the vault and the decider at a place.

use std::path::Path;

use crate::{
    cli::Failure,
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Snapshotting},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    proof::guard,
    settings::Place,
};

/// Makes the store of a new log at a place. An existing store of the same settings is left as it is.
pub(super) async fn make(place: &Place, new: &NewLog) -> Result<(), Failure> {
    match place {
        Place::Database { url, .. } => Ok(PgLog::init(url, new).await?),
        Place::Directory(directory) => {
            SqliteLog::open(directory, Some(new)).await?;
            Ok(())
        }
    }
}

/// Whether a new store may be made at a place without being asked to: only in a directory that has none. A database is
/// prepared by its owner with `qonys init`.
pub(super) fn is_vacant(place: &Place) -> bool {
    match place {
        Place::Database { .. } => false,
        Place::Directory(directory) => !directory.join("log.sqlite").exists(),
    }
}

/// Opens the log at a place.
pub(super) async fn open(place: &Place) -> Result<Log, Failure> {
    match place {
        Place::Database { url, .. } => Ok(Log::Postgres(PgLog::open(url).await?)),
        Place::Directory(directory) => Ok(Log::Sqlite(SqliteLog::open(directory, None).await?)),
    }
}

/// Opens the log and starts a decider on it, unless the log has lost what was signed.
pub(super) async fn dispatch(place: &Place, signer: &Path) -> Result<(Log, Dispatch), Failure> {
    let log = open(place).await?;
    guard::check(&log, signer).await?;
    let vault = super::vault::open(place.directory(), log.origin()).await?;
    let snapshots = Snapshotting::in_register(place.directory());
    let dispatch = Dispatch::start_with(
        log.clone(),
        Some(vault),
        Clock::System,
        Entropy::System,
        Some(&snapshots),
    )
    .await?;
    Ok((log, dispatch))
}
