//! What an error of the server says about the fate of an append.

use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::log::LogError;
use qonys_events::scalar::Position;

/// Why a call failed, and whether its transaction is known to be gone.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server itself says that nothing was stored. The connection stays good.
    Refused(LogError),
    /// The connection broke, or the server was silent: what was sent last may have happened.
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    /// An ERROR ends its transaction. FATAL and PANIC end the session and may come after a commit.
    fn from(error: sqlx::Error) -> Self {
        let answer = error
            .as_database_error()
            .and_then(|e| e.try_downcast_ref::<PgDatabaseError>());
        match answer {
            Some(answer) if answer.severity() == PgSeverity::Error => Self::Refused(read(answer)),
            _ => Self::Broken(error),
        }
    }
}

impl Failure {
    /// The error of a call whose commit may have been on its way.
    pub(super) fn at_commit(self) -> LogError {
        match self {
            Self::Refused(error) => error,
            Self::Broken(error) => LogError::OutcomeUnknown(error.to_string()),
        }
    }

    /// The error of a call that could not commit anything.
    pub(super) fn before_commit(self) -> LogError {
        match self {
            Self::Refused(error) => error,
            Self::Broken(error) => unavailable(error),
        }
    }
}

/// The server's own words as an error of the log. The codes stand in `sql/postgres/append.sql`.
fn read(answer: &PgDatabaseError) -> LogError {
    let told = || format!("{}: {}", answer.code(), answer.message());
    match answer.code() {
        "QN001" => match answer.detail().and_then(|detail| detail.parse().ok()) {
            Some(position) => LogError::HeadMoved(Position(position)),
            None => unavailable(told()),
        },
        "QN002" => LogError::Time(answer.message().to_owned()),
        // Data that no column takes, and constraints.
        code if code.starts_with("QN") || code.starts_with("22") || code.starts_with("23") => {
            LogError::Refused(told())
        }
        _ => unavailable(told()),
    }
}

/// The store cannot be reached, or is not what it should be.
pub(super) fn unavailable(why: impl ToString) -> LogError {
    LogError::Unavailable(why.to_string())
}

/// Why a connection is no way into a log, in words that say what to do.
pub(super) fn no_way_in(error: sqlx::Error) -> LogError {
    let code = error
        .as_database_error()
        .and_then(|e| e.code())
        .unwrap_or_default();
    match &*code {
        // No relation, no schema, no role.
        "42P01" | "3F000" | "22023" => unavailable(format!(
            "there is no log in this database ({error}): run `qonys init`"
        )),
        "42501" => unavailable(format!("{error}: the login must be a member of qonys_app")),
        _ => unavailable(error),
    }
}
