//! The file's tables and triggers: made once, and compared at every start.

use sqlx::{Connection, Executor, SqliteConnection};

use super::reading::{get, unavailable};
use crate::log::{LogError, NewLog};

const SCHEMA: &str = include_str!("../sql/sqlite/schema.sql");
const CATALOGUE: &str = include_str!("../sql/sqlite/catalogue.sql");
const OPEN_SETTINGS: &str = include_str!("../sql/sqlite/open_settings.sql");
const SETTINGS: &str = include_str!("../sql/sqlite/settings.sql");

/// Makes the tables of a new log, or compares those that stand there; the log's settings.
pub(super) async fn make(
    on: &mut SqliteConnection,
    new: Option<&NewLog>,
) -> Result<NewLog, LogError> {
    let stands: Vec<String> = catalogue(on).await?;
    if let (true, Some(new)) = (stands.is_empty(), new) {
        let mut transaction = on.begin().await.map_err(unavailable)?;
        transaction.execute(SCHEMA).await.map_err(unavailable)?;
        sqlx::query(OPEN_SETTINGS)
            .bind(new.origin.as_str())
            .bind(new.zone.as_str())
            .bind(new.clock.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        transaction.commit().await.map_err(unavailable)?;
    } else {
        compare(&stands).await?;
    }
    let row = sqlx::query(SETTINGS)
        .fetch_optional(on)
        .await
        .map_err(unavailable)?;
    let row = row.ok_or_else(|| unavailable("the log has no settings"))?;
    let found = NewLog::read(get(&row, 0)?, get(&row, 1)?, get(&row, 2)?)?;
    new.map_or(Ok(()), |new| found.must_be(new))?;
    Ok(found)
}

/// Refuses a file whose tables or triggers are not those that this version makes.
async fn compare(stands: &[String]) -> Result<(), LogError> {
    let mut fresh = SqliteConnection::connect("sqlite::memory:")
        .await
        .map_err(unavailable)?;
    fresh.execute(SCHEMA).await.map_err(unavailable)?;
    let wanted = catalogue(&mut fresh).await?;
    let differs = |one: &[String], other: &[String]| {
        one.iter().find(|made| !other.contains(made)).map(|made| {
            let name = made.split_once(':').map_or(made.as_str(), |(name, _)| name);
            unavailable(format!("the file is not as this version makes it: {name}"))
        })
    };
    match differs(&wanted, stands).or_else(|| differs(stands, &wanted)) {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

async fn catalogue(on: &mut SqliteConnection) -> Result<Vec<String>, LogError> {
    sqlx::query_scalar(CATALOGUE)
        .fetch_all(on)
        .await
        .map_err(unavailable)
}
