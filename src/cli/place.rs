//! Opening the log, the vault, the second log and the decider at a place.

use std::path::Path;

use qonys_events::{entry::Entry, fact::Fact, scalar::Position, term::LogKind};

use crate::{
    audit::{self, Audit},
    cli::{Failure, kept},
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Snapshotting},
    log::{Log, NewLog, continued::goes_on_from, postgres::PgLog, sqlite::SqliteLog},
    proof::guard,
    settings::{Place, SECOND_LOG},
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

/// Opens the log of one incarnation at a place.
pub(super) async fn store(place: &Place) -> Result<Log, Failure> {
    match place {
        Place::Database { url, .. } => Ok(Log::Postgres(PgLog::open(url).await?)),
        Place::Directory(directory) => Ok(Log::Sqlite(SqliteLog::open(directory, None).await?)),
    }
}

/// Opens the second log of a register's log, and makes it where there is none yet.
pub(super) async fn audit(place: &Place, log: &Log) -> Result<Audit, Failure> {
    let register = NewLog {
        origin: log.origin().clone(),
        zone: log.zone().clone(),
        clock: log.clock_kind(),
    };
    let new = audit::settings(&register).map_err(Failure::error)?;
    let second = match place {
        Place::Database {
            url, access_url, ..
        } => {
            let url = match access_url {
                Some(url) => url.clone(),
                None => PgLog::beside(url, SECOND_LOG).await?,
            };
            match PgLog::open(&url).await {
                Ok(log) => Log::Postgres(log),
                Err(_) => {
                    PgLog::init(&url, &new).await?;
                    Log::Postgres(PgLog::open(&url).await?)
                }
            }
        }
        Place::Directory(directory) => {
            let directory = directory.join(SECOND_LOG);
            Log::Sqlite(SqliteLog::open(&directory, Some(&new)).await?)
        }
    };
    if *second.origin() != new.origin {
        return Err(Failure::unavailable(format!(
            "{} is no second log of {}",
            second.origin(),
            register.origin
        )));
    }
    let kind = kind(log).await?;
    Audit::start(second, kind, Clock::System, Entropy::System)
        .await
        .map_err(Failure::unavailable)
}

/// What a log is for, as its first entry says.
async fn kind(log: &Log) -> Result<LogKind, Failure> {
    let first = log.read_after(Position(0), 1).await?;
    let entry = first
        .first()
        .and_then(|first| Entry::parse(&first.text).ok());
    Ok(match entry.map(|entry| entry.event.fact) {
        Some(Fact::LogOpened(opened)) => opened.kind,
        Some(Fact::LogContinued(continued)) => continued.kind,
        _ => LogKind::Register,
    })
}

/// Opens the log at a place, with what is kept of the incarnations before it.
pub(super) async fn open(place: &Place) -> Result<Log, Failure> {
    let log = store(place).await?;
    match kept::read(place.directory())? {
        Some(from) => {
            let earlier = Box::pin(open(&from.place())).await?;
            Ok(log.going_on(&earlier).await?)
        }
        None => Ok(log),
    }
}

/// Refuses to decide on, or to show, a log whose kept entries are not at hand.
pub(super) async fn must_have_kept(log: &Log) -> Result<(), Failure> {
    if log.kept().is_empty()
        && let Some(said) = goes_on_from(log).await?
    {
        return Err(Failure::error(format!(
            "{} goes on from {} entries of {}, and nothing says where they are: `qonys go-on` does",
            log.origin(),
            said.kept,
            said.origin
        )));
    }
    Ok(())
}

/// Opens the log and starts a decider on it, unless the log has lost what was signed.
pub(super) async fn dispatch(place: &Place, signer: &Path) -> Result<(Log, Dispatch), Failure> {
    let log = open(place).await?;
    guard::check(&log, signer).await?;
    must_have_kept(&log).await?;
    let vault = super::vault::open(place.directory(), log.origin()).await?;
    let audit = audit(place, &log).await?;
    let snapshots = Snapshotting::in_register(place.directory());
    let dispatch = Dispatch::start_with(
        log.clone(),
        Some(vault),
        Clock::System,
        Entropy::System,
        Some(&snapshots),
    )
    .await?;
    Ok((log, dispatch.recording(audit)))
}
