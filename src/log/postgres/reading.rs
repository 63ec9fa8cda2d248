//! Reading: by keyset, from the pool or under the lock.

use qonys_events::{
    digest::Sha256Hex,
    id::{Ref, StreamId},
    scalar::{Instant, Position, Slug, StreamSeq},
    tree::Frontier,
};
use sqlx::{PgExecutor, PgPool, Row, postgres::PgRow};
use uuid::Uuid;

use super::{copied, failure::unavailable, session::answered};
use crate::log::{FirstAnswers, Head, LogError, Recorded, SealedSlot, rules::dense};

const HEAD: &str = include_str!("../sql/postgres/head.sql");
const HEAD_AT: &str = include_str!("../sql/postgres/head_at.sql");
const READ_AFTER: &str = include_str!("../sql/postgres/read_after.sql");
const READ_STREAM: &str = include_str!("../sql/postgres/read_stream.sql");
const READ_STREAMS: &str = include_str!("../sql/postgres/read_streams.sql");
const STREAM_END: &str = include_str!("../sql/postgres/stream_end.sql");
const ENTRY: &str = include_str!("../sql/postgres/entry.sql");
const COMMANDS: &str = include_str!("../sql/postgres/commands.sql");
const SEALED: &str = include_str!("../sql/postgres/sealed.sql");
const APPLICATIONS_OF: &str = include_str!("../sql/postgres/applications_of.sql");
const DESTRUCTIONS: &str = include_str!("../sql/postgres/destructions.sql");
const SEALED_AMONG: &str = include_str!("../sql/postgres/sealed_among.sql");

pub(super) async fn head(on: impl PgExecutor<'_>) -> Result<Head, LogError> {
    let row = answered(sqlx::query(HEAD).fetch_optional(on))
        .await
        .map_err(unavailable)?;
    read_head(row)
}

pub(super) async fn head_at(on: impl PgExecutor<'_>, position: Position) -> Result<Head, LogError> {
    let query = sqlx::query(HEAD_AT).bind(bigint(position.0)?);
    let row = answered(query.fetch_optional(on))
        .await
        .map_err(unavailable)?;
    read_head(row)
}

fn read_head(row: Option<PgRow>) -> Result<Head, LogError> {
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
    on: impl PgExecutor<'_>,
    after: Position,
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let query = sqlx::query(READ_AFTER)
        .bind(bigint(after.0)?)
        .bind(i64::from(limit));
    let rows = answered(query.fetch_all(on)).await.map_err(unavailable)?;
    dense(after, rows.iter().map(recorded).collect::<Result<_, _>>()?)
}

/// The texts after a position, up to so many.
pub(super) async fn read_texts(
    on: &PgPool,
    after: Position,
    limit: u32,
) -> Result<Vec<String>, LogError> {
    let end = after.0.saturating_add(limit.into());
    let (from, to) = (bigint(after.0)?, bigint(end)?);
    // A copy takes no parameters; these are numbers.
    let statement = format!(
        "COPY (SELECT entry FROM log.entries WHERE position > {from} AND position <= {to} ORDER BY position) \
         TO STDOUT (FORMAT binary)"
    );
    // A copy is carried to its end, whether or not the caller stays: a connection that is left in its middle would answer
    // the next one who asks with the rest of it.
    let pool = on.clone();
    let copying =
        tokio::spawn(async move { copied::texts(&pool, &statement, limit as usize).await });
    let texts = async {
        let copied = copying.await;
        copied.unwrap_or_else(|error| Err(sqlx::Error::Io(std::io::Error::other(error))))
    };
    answered(texts).await.map_err(unavailable)
}

pub(super) async fn read_stream(
    on: impl PgExecutor<'_>,
    stream: &StreamId,
    after: StreamSeq,
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let query = sqlx::query(READ_STREAM)
        .bind(stream.kind().name())
        .bind(stream.key())
        .bind(bigint(after.0)?)
        .bind(i64::from(limit));
    let rows = answered(query.fetch_all(on)).await.map_err(unavailable)?;
    rows.iter().map(recorded).collect()
}

pub(super) async fn read_streams(
    on: impl PgExecutor<'_>,
    streams: &[StreamId],
    limit: u32,
) -> Result<Vec<Recorded>, LogError> {
    let kinds: Vec<&str> = streams.iter().map(|stream| stream.kind().name()).collect();
    let keys: Vec<&str> = streams.iter().map(StreamId::key).collect();
    let query = sqlx::query(READ_STREAMS)
        .bind(kinds)
        .bind(keys)
        .bind(i64::from(limit));
    let rows = answered(query.fetch_all(on)).await.map_err(unavailable)?;
    rows.iter().map(recorded).collect()
}

pub(super) async fn stream_end(
    on: impl PgExecutor<'_>,
    stream: &StreamId,
) -> Result<StreamSeq, LogError> {
    let query = sqlx::query_scalar(STREAM_END)
        .bind(stream.kind().name())
        .bind(stream.key());
    let last: i64 = answered(query.fetch_one(on)).await.map_err(unavailable)?;
    Ok(StreamSeq(last.try_into().map_err(unavailable)?))
}

pub(super) async fn entry(on: impl PgExecutor<'_>, id: Ref) -> Result<Option<Recorded>, LogError> {
    let query = sqlx::query(ENTRY).bind(id.0);
    let row = answered(query.fetch_optional(on))
        .await
        .map_err(unavailable)?;
    row.as_ref().map(recorded).transpose()
}

pub(super) async fn commands(
    on: impl PgExecutor<'_>,
    ids: &[Ref],
) -> Result<FirstAnswers, LogError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = answered(sqlx::query(COMMANDS).bind(ids).fetch_all(on))
        .await
        .map_err(unavailable)?;
    let mut found = FirstAnswers::new();
    for row in &rows {
        found
            .entry(Ref(get(row, 5)?))
            .or_default()
            .push(recorded(row)?);
    }
    Ok(found)
}

pub(super) async fn sealed(
    on: impl PgExecutor<'_>,
    (commandid, name, subject): (Ref, &Slug, Ref),
) -> Result<Option<SealedSlot>, LogError> {
    let query = sqlx::query(SEALED)
        .bind(commandid.0)
        .bind(name.as_str())
        .bind(subject.0);
    let row = answered(query.fetch_optional(on))
        .await
        .map_err(unavailable)?;
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
    on: impl PgExecutor<'_>,
    person: Ref,
) -> Result<Vec<Ref>, LogError> {
    let query = sqlx::query(APPLICATIONS_OF).bind(person.to_string());
    let rows = answered(query.fetch_all(on)).await.map_err(unavailable)?;
    let key = |row: &PgRow| get::<&str>(row, 0)?.parse().map_err(unavailable);
    rows.iter().map(key).collect()
}

/// For whom of these subjects something is sealed, and by which commands.
pub(super) async fn sealed_among(
    on: impl PgExecutor<'_>,
    subjects: &[Ref],
) -> Result<Vec<(Ref, Ref)>, LogError> {
    let subjects: Vec<Uuid> = subjects.iter().map(|subject| subject.0).collect();
    let query = sqlx::query(SEALED_AMONG).bind(subjects);
    let rows = answered(query.fetch_all(on)).await.map_err(unavailable)?;
    let pair = |row: &PgRow| Ok((Ref(get(row, 0)?), Ref(get(row, 1)?)));
    rows.iter().map(pair).collect()
}

/// The entries that destroyed somebody's data.
pub(super) async fn destructions(on: impl PgExecutor<'_>) -> Result<Vec<Recorded>, LogError> {
    let rows = answered(sqlx::query(DESTRUCTIONS).fetch_all(on))
        .await
        .map_err(unavailable)?;
    rows.iter().map(recorded).collect()
}

fn hash(bytes: &[u8]) -> Result<Sha256Hex, LogError> {
    let bytes = bytes.try_into();
    bytes.map(Sha256Hex).map_err(unavailable)
}

fn recorded(row: &PgRow) -> Result<Recorded, LogError> {
    Ok(Recorded {
        position: Position(natural(get(row, 0)?)?),
        stream: StreamId::from_parts(get(row, 1)?, get(row, 2)?).map_err(unavailable)?,
        streamseq: StreamSeq(natural(get(row, 3)?)?),
        text: get(row, 4)?,
        kept: false,
    })
}

pub(super) fn get<'r, T>(row: &'r PgRow, column: usize) -> Result<T, LogError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(column).map_err(unavailable)
}

/// A number as the store's columns hold it.
pub(super) fn bigint(number: u64) -> Result<i64, LogError> {
    let fits = i64::try_from(number);
    fits.map_err(|_| LogError::Refused(format!("{number} is beyond every position")))
}

fn natural(number: i64) -> Result<u64, LogError> {
    u64::try_from(number).map_err(|_| unavailable(format!("{number} stands where none can")))
}
