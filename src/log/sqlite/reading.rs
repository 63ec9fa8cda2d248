//! Reading: by keyset, from the pool or on the connection that writes.

use qonys_events::{
    digest::Sha256Hex,
    id::{Ref, StreamId},
    scalar::{Instant, Position, Slug, StreamSeq},
    tree::Frontier,
};
use sqlx::{Row, SqliteExecutor, sqlite::SqliteRow};

use crate::log::{FirstAnswers, Head, LogError, Recorded, SealedSlot, rules::dense};

const HEAD: &str = include_str!("../sql/sqlite/head.sql");
const HEAD_AT: &str = include_str!("../sql/sqlite/head_at.sql");
const READ_AFTER: &str = include_str!("../sql/sqlite/read_after.sql");
const READ_STREAM: &str = include_str!("../sql/sqlite/read_stream.sql");
const STREAM_END: &str = include_str!("../sql/sqlite/stream_end.sql");
const ENTRY: &str = include_str!("../sql/sqlite/entry.sql");
const COMMANDS: &str = include_str!("../sql/sqlite/commands.sql");
const SEALED: &str = include_str!("../sql/sqlite/sealed.sql");
const APPLICATIONS_OF: &str = include_str!("../sql/sqlite/applications_of.sql");
const DESTRUCTIONS: &str = include_str!("../sql/sqlite/destructions.sql");
const SEALED_AMONG: &str = include_str!("../sql/sqlite/sealed_among.sql");

pub(super) async fn head(on: impl SqliteExecutor<'_>) -> Result<Head, LogError> {
    let row = sqlx::query(HEAD)
        .fetch_optional(on)
        .await
        .map_err(unavailable)?;
    read_head(row)
}

pub(super) async fn head_at(
    on: impl SqliteExecutor<'_>,
    position: Position,
) -> Result<Head, LogError> {
    let query = sqlx::query(HEAD_AT).bind(integer(position.0)?);
    let row = query.fetch_optional(on).await.map_err(unavailable)?;
    read_head(row)
}

fn read_head(row: Option<SqliteRow>) -> Result<Head, LogError> {
    let Some(row) = row else {
        return Ok(Head::default());
    };
    let position = natural(get(&row, 0)?)?;
    let frontier = Frontier::from_bytes(position, get(&row, 2)?)
        .ok_or_else(|| unavailable(format!("the tree at position {position} is damaged")))?;
    let time = Some(Instant::from_micros(get(&row, 1)?));
    Ok(Head {
        position: Position(position),
        time,
        frontier,
    })
}

pub(super) async fn read_after(
    on: impl SqliteExecutor<'_>,
    after: Position,
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let query = sqlx::query(READ_AFTER).bind(integer(after.0)?).bind(limit);
    let rows = query.fetch_all(on).await.map_err(unavailable)?;
    dense(after, rows.iter().map(recorded).collect::<Result<_, _>>()?)
}

pub(super) async fn read_stream(
    on: impl SqliteExecutor<'_>,
    stream: &StreamId,
    after: StreamSeq,
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let query = sqlx::query(READ_STREAM)
        .bind(stream.kind().name())
        .bind(stream.key())
        .bind(integer(after.0)?)
        .bind(limit);
    let rows = query.fetch_all(on).await.map_err(unavailable)?;
    rows.iter().map(recorded).collect()
}

pub(super) async fn stream_end(
    on: impl SqliteExecutor<'_>,
    stream: &StreamId,
) -> Result<StreamSeq, LogError> {
    let query = sqlx::query_scalar(STREAM_END)
        .bind(stream.kind().name())
        .bind(stream.key());
    let last: i64 = query.fetch_one(on).await.map_err(unavailable)?;
    Ok(StreamSeq(last.try_into().map_err(unavailable)?))
}

pub(super) async fn entry(
    on: impl SqliteExecutor<'_>,
    id: Ref,
) -> Result<Option<Recorded>, LogError> {
    let query = sqlx::query(ENTRY).bind(&id.0.as_bytes()[..]);
    let row = query.fetch_optional(on).await.map_err(unavailable)?;
    row.as_ref().map(recorded).transpose()
}

pub(super) async fn commands(
    on: impl SqliteExecutor<'_>,
    ids: &[Ref],
) -> Result<FirstAnswers, LogError> {
    let ids: Vec<String> = ids
        .iter()
        .map(|id| format!("\"{}\"", id.0.simple()))
        .collect();
    let query = sqlx::query(COMMANDS).bind(format!("[{}]", ids.join(",")));
    let rows = query.fetch_all(on).await.map_err(unavailable)?;
    let mut found = FirstAnswers::new();
    for row in &rows {
        let answer = found.entry(Ref(get(row, 5)?)).or_default();
        answer.push(recorded(row)?);
    }
    Ok(found)
}

pub(super) async fn sealed(
    on: impl SqliteExecutor<'_>,
    (commandid, name, subject): (Ref, &Slug, Ref),
) -> Result<Option<SealedSlot>, LogError> {
    let query = sqlx::query(SEALED)
        .bind(commandid.0)
        .bind(name.as_str())
        .bind(subject.0);
    let row = query.fetch_optional(on).await.map_err(unavailable)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SealedSlot {
        commandid,
        name: name.clone(),
        subject,
        hash: hash(get(&row, 0)?)?,
        bytes: get(&row, 1)?,
    }))
}

/// The applications in which a person is the applicant.
pub(super) async fn applications_of(
    on: impl SqliteExecutor<'_>,
    person: Ref,
) -> Result<Vec<Ref>, LogError> {
    let query = sqlx::query(APPLICATIONS_OF).bind(person.to_string());
    let rows = query.fetch_all(on).await.map_err(unavailable)?;
    let key = |row: &SqliteRow| get::<&str>(row, 0)?.parse().map_err(unavailable);
    rows.iter().map(key).collect()
}

/// Subjects as the list that a statement takes.
pub(super) fn listed(subjects: &[Ref]) -> String {
    let listed = subjects
        .iter()
        .map(|subject| format!("\"{}\"", subject.0.simple()));
    format!("[{}]", listed.collect::<Vec<_>>().join(","))
}

/// For whom of these subjects something is sealed, and by which commands.
pub(super) async fn sealed_among(
    on: impl SqliteExecutor<'_>,
    subjects: &[Ref],
) -> Result<Vec<(Ref, Ref)>, LogError> {
    let query = sqlx::query(SEALED_AMONG).bind(listed(subjects));
    let rows = query.fetch_all(on).await.map_err(unavailable)?;
    let reference = |row: &SqliteRow, column: usize| {
        let bytes = uuid::Uuid::from_slice(get(row, column)?);
        bytes.map(Ref).map_err(unavailable)
    };
    let pair = |row: &SqliteRow| Ok((reference(row, 0)?, reference(row, 1)?));
    rows.iter().map(pair).collect()
}

/// The entries that destroyed somebody's data.
pub(super) async fn destructions(on: impl SqliteExecutor<'_>) -> Result<Vec<Recorded>, LogError> {
    let rows = sqlx::query(DESTRUCTIONS)
        .fetch_all(on)
        .await
        .map_err(unavailable)?;
    rows.iter().map(recorded).collect()
}

fn hash(bytes: &[u8]) -> Result<Sha256Hex, LogError> {
    let bytes = bytes.try_into();
    bytes.map(Sha256Hex).map_err(unavailable)
}

fn recorded(row: &SqliteRow) -> Result<Recorded, LogError> {
    Ok(Recorded {
        position: Position(natural(get(row, 0)?)?),
        stream: StreamId::from_parts(get(row, 1)?, get(row, 2)?).map_err(unavailable)?,
        streamseq: StreamSeq(natural(get(row, 3)?)?),
        text: get(row, 4)?,
        kept: false,
    })
}

pub(super) fn get<'r, T>(row: &'r SqliteRow, column: usize) -> Result<T, LogError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(column).map_err(unavailable)
}

/// A number as the store's columns hold it.
pub(super) fn integer(number: u64) -> Result<i64, LogError> {
    let fits = i64::try_from(number);
    fits.map_err(|_| LogError::Refused(format!("{number} is beyond every position")))
}

fn natural(number: i64) -> Result<u64, LogError> {
    u64::try_from(number).map_err(|_| unavailable(format!("{number} stands where none can")))
}

/// The file cannot be used, or is not what it should be.
pub(super) fn unavailable(why: impl ToString) -> LogError {
    LogError::Unavailable(why.to_string())
}
