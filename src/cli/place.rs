//! Opening the log, the vault, the second log and the decider at a place.

use std::path::{Path, PathBuf};

use qonys_events::{entry::Entry, fact::Fact, scalar::Position, term::LogKind};

use crate::{
    audit::{self, Audit},
    cli::{Failure, kept},
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Snapshotting},
    log::{Log, NewLog, continued::goes_on_from, postgres::PgLog, sqlite::SqliteLog},
    proof::{ProofError, guard},
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

/// Where the second log of a register is: one through all incarnations of the register's own.
pub(super) struct SecondPlace {
    place: Place,
    /// Its proof, and its store where it is embedded.
    pub(super) directory: PathBuf,
    /// Its signer: beside the register's, with a key and a last head of its own.
    pub(super) signer: PathBuf,
}

impl SecondPlace {
    /// Of a register.
    pub(super) fn of(place: &Place, signer: &Path) -> Result<Self, Failure> {
        let (place, signer) = kept::first(place, signer)?;
        Ok(Self {
            directory: place.directory().join(SECOND_LOG),
            signer: signer.join(SECOND_LOG),
            place,
        })
    }
}

/// Opens the store of the second log of a register's log, and makes it where there is none yet.
pub(super) async fn second(at: &SecondPlace, log: &Log) -> Result<Log, Failure> {
    let register = NewLog {
        origin: log.origin().clone(),
        zone: log.zone().clone(),
        clock: log.clock_kind(),
    };
    let new = audit::settings(&register).map_err(Failure::error)?;
    let second = match &at.place {
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
        Place::Directory(_) => Log::Sqlite(SqliteLog::open(&at.directory, Some(&new)).await?),
    };
    if *second.origin() != new.origin {
        return Err(Failure::unavailable(format!(
            "{} is no second log of {}",
            second.origin(),
            register.origin
        )));
    }
    Ok(second)
}

/// Opens the second log of a register's log to write to it, unless it has lost what was signed.
pub(super) async fn audit(place: &Place, signer: &Path, log: &Log) -> Result<Audit, Failure> {
    let at = SecondPlace::of(place, signer)?;
    let second = second(&at, log).await?;
    let checked = guard::check(&second, &at.signer).await;
    checked.map_err(|error| match error {
        ProofError::Refused(refused) => Failure::unverified(format!(
            "the second log: {refused}; {}",
            guard::SECOND_WAYS_OUT
        )),
        error => error.into(),
    })?;
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
    let vault = super::vault::open(place, &log).await?;
    let audit = audit(place, signer, &log).await?;
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
