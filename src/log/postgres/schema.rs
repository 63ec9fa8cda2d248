//! The log's relations, functions and rights: made once, and compared at every start.

use sqlx::{ConnectOptions as _, Connection, Executor, PgConnection};

use super::{
    failure::{Failure, no_way_in, unavailable},
    reading::get,
    session,
};
use crate::log::{LogError, NewLog};

const ROLES: &str = include_str!("../sql/postgres/roles.sql");
const APPEND: &str = include_str!("../sql/postgres/append.sql");
const REFUSE_LOG: &str = include_str!("../sql/postgres/refuse_log.sql");
const REFUSE_SEALED: &str = include_str!("../sql/postgres/refuse_sealed.sql");
/// What is made in one transaction, in this order.
const STEPS: [&str; 8] = [
    include_str!("../sql/postgres/schemas.sql"),
    include_str!("../sql/postgres/tables.sql"),
    REFUSE_LOG,
    REFUSE_SEALED,
    include_str!("../sql/postgres/triggers.sql"),
    APPEND,
    include_str!("../sql/postgres/events.sql"),
    include_str!("../sql/postgres/grants.sql"),
];
const OPEN_SETTINGS: &str = include_str!("../sql/postgres/open_settings.sql");
const SETTINGS: &str = include_str!("../sql/postgres/settings.sql");
const DRIFT: &str = include_str!("../sql/postgres/drift.sql");

/// Does not stand in the way of the others for long: what it waits for holds up every later append.
const PATIENCE: &str = "SET client_min_messages = warning; SET lock_timeout = 5000";

/// Makes everything that is missing, and the settings of the log.
pub(super) async fn make(url: &str, new: &NewLog) -> Result<(), LogError> {
    let failed = |e: sqlx::Error| Failure::from(e).before_commit();
    let mut connection = PgConnection::connect_with(&session::options(url)?)
        .await
        .map_err(unavailable)?;
    connection.execute(PATIENCE).await.map_err(failed)?;
    connection.execute(ROLES).await.map_err(failed)?;
    let mut transaction = connection.begin().await.map_err(failed)?;
    for step in STEPS {
        transaction.execute(step).await.map_err(failed)?;
    }
    sqlx::query(OPEN_SETTINGS)
        .bind(new.origin.as_str())
        .bind(new.zone.as_str())
        .bind(new.clock.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    settings(&mut *transaction).await?.must_be(new)?;
    transaction
        .commit()
        .await
        .map_err(|e| Failure::from(e).at_commit())?;
    drop(connection.close().await);
    Ok(())
}

/// The URL of a database beside another one on its server, named for it, which is made where there is none.
pub(super) async fn beside(url: &str, suffix: &str) -> Result<String, LogError> {
    let options = session::options(url)?;
    let named = options.get_database().unwrap_or("postgres");
    let name = format!("{named}_{suffix}");
    let mut connection = PgConnection::connect_with(&options)
        .await
        .map_err(unavailable)?;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .map_err(unavailable)?;
    if !exists {
        let quoted = name.replace('"', "\"\"");
        let statement = format!("CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING 'UTF8'");
        let made = connection.execute(statement.as_str()).await;
        // Another process may have been first.
        made.map(drop).or_else(|error| {
            let code = error.as_database_error().and_then(|e| e.code());
            match code.as_deref() {
                Some("42P04" | "23505") => Ok(()),
                _ => Err(unavailable(format!("the database {name}: {error}"))),
            }
        })?;
    }
    drop(connection.close().await);
    Ok(options.database(&name).to_url_lossy().to_string())
}

/// The settings of the log that stands in the database.
pub(super) async fn settings(on: impl sqlx::PgExecutor<'_>) -> Result<NewLog, LogError> {
    let row = sqlx::query(SETTINGS)
        .fetch_optional(on)
        .await
        .map_err(no_way_in)?;
    let row = row.ok_or_else(|| unavailable("the log has no settings: run `qonys init`"))?;
    let encoding: &str = get(&row, 3)?;
    if encoding != "UTF8" {
        return Err(unavailable(format!(
            "the database is encoded as {encoding}: entries need UTF8, byte for byte"
        )));
    }
    NewLog::read(get(&row, 0)?, get(&row, 1)?, get(&row, 2)?)
}

/// Refuses a database whose guards, functions or rights are not those that this version made.
pub(super) async fn compare(on: &mut PgConnection) -> Result<(), LogError> {
    let differences: Vec<String> = sqlx::query_scalar(DRIFT)
        .bind(body(APPEND))
        .bind(body(REFUSE_LOG))
        .bind(body(REFUSE_SEALED))
        .fetch_all(on)
        .await
        .map_err(unavailable)?;
    if differences.is_empty() {
        return Ok(());
    }
    Err(unavailable(format!(
        "the database is not as this version made it ({}): find out who changed it, then run `qonys init`",
        differences.join("; ")
    )))
}

/// The body of a function in its file.
fn body(definition: &str) -> &str {
    definition.split("$body$").nth(1).unwrap_or_default()
}
