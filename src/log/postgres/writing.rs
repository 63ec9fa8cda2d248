//! One append as one call of `log.append`.

use std::collections::HashMap;

use qonys_events::scalar::Position;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{failure::Failure, reading::bigint, session::answered};
use crate::log::{Batch, LogError, Prepared, SealedSlot, rules::type_of};

const PUT_BACK: &str = include_str!("../sql/postgres/put_back.sql");
const PUT_BACK_HEAD: &str = include_str!("../sql/postgres/put_back_head.sql");
const CALL_APPEND: &str = include_str!("../sql/postgres/call_append.sql");

/// The arguments of the call: one array for each column.
pub(super) struct Call<'a> {
    expected: i64,
    positions: Vec<i64>,
    stream_types: Vec<&'a str>,
    stream_ids: Vec<&'a str>,
    streamseqs: Vec<i64>,
    entry_ids: Vec<Uuid>,
    command_ids: Vec<Uuid>,
    command_indexes: Vec<i32>,
    times: Vec<i64>,
    types: Vec<&'a str>,
    entries: Vec<&'a str>,
    frontier: Vec<u8>,
    sealed_hashes: Vec<&'a [u8]>,
    sealed_entries: Vec<i32>,
    sealed_names: Vec<&'a str>,
    sealed_subjects: Vec<Uuid>,
    sealed_bytes: Vec<&'a [u8]>,
}

/// Which entry each sealed slot belongs to, from 1: one of its command.
fn places(entries: &[Prepared], sealed: &[SealedSlot]) -> Result<Vec<i32>, LogError> {
    let numbered = entries.iter().zip(1..);
    let by_command: HashMap<_, i32> = numbered.map(|(entry, n)| (entry.commandid, n)).collect();
    let none = || LogError::Refused("a sealed slot belongs to no command of the batch".into());
    let place = |slot: &SealedSlot| by_command.get(&slot.commandid).copied().ok_or_else(none);
    sealed.iter().map(place).collect()
}

impl<'a> Call<'a> {
    /// Lays out a batch. Refuses numbers that no column holds and a frontier of another size.
    pub(super) fn new(expected: Position, batch: &'a Batch) -> Result<Self, LogError> {
        if batch.frontier.size() != expected.0 + batch.entries.len() as u64 {
            return Err(LogError::Refused(
                "the frontier is one of another size".into(),
            ));
        }
        let entries = &batch.entries;
        let sealed = &batch.sealed;
        Ok(Self {
            expected: bigint(expected.0)?,
            positions: entries
                .iter()
                .map(|e| bigint(e.place.position.0))
                .collect::<Result<_, _>>()?,
            stream_types: entries
                .iter()
                .map(|e| e.place.subject.kind().name())
                .collect(),
            stream_ids: entries.iter().map(|e| e.place.subject.key()).collect(),
            streamseqs: entries
                .iter()
                .map(|e| bigint(e.place.streamseq.0))
                .collect::<Result<_, _>>()?,
            entry_ids: entries.iter().map(|e| e.place.id.0).collect(),
            command_ids: entries.iter().map(|e| e.commandid.0).collect(),
            // An index beyond every column is refused by the function as any other wrong one.
            command_indexes: entries
                .iter()
                .map(|e| i32::try_from(e.place.commandindex.0).unwrap_or(i32::MAX))
                .collect(),
            times: entries.iter().map(|e| e.place.time.micros()).collect(),
            types: entries.iter().map(|e| type_of(&e.text)).collect(),
            entries: entries.iter().map(|e| e.text.as_str()).collect(),
            frontier: batch.frontier.to_bytes(),
            sealed_hashes: sealed.iter().map(|s| s.hash.0.as_slice()).collect(),
            sealed_entries: places(entries, sealed)?,
            sealed_names: sealed.iter().map(|s| s.name.as_str()).collect(),
            sealed_subjects: sealed.iter().map(|s| s.subject.0).collect(),
            sealed_bytes: sealed.iter().map(|s| s.bytes.as_slice()).collect(),
        })
    }

    /// Puts the entries back as the owner, in the transaction that is open. The caller has checked them.
    pub(super) async fn put_back(self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let head = (self.positions.last().copied(), self.times.last().copied());
        sqlx::query(PUT_BACK)
            .bind(self.positions)
            .bind(self.stream_types)
            .bind(self.stream_ids)
            .bind(self.streamseqs)
            .bind(self.entry_ids)
            .bind(self.command_ids)
            .bind(self.command_indexes)
            .bind(self.times)
            .bind(self.types)
            .bind(self.entries)
            .execute(&mut *on)
            .await?;
        let query = sqlx::query(PUT_BACK_HEAD).bind(head.0).bind(head.1);
        query.bind(self.frontier).execute(on).await.map(drop)
    }

    /// Makes the call. Outside a transaction it has committed on return: `execute` waits for the
    /// server to be ready again, which it says after the commit, not for the end of the command.
    pub(super) async fn make(self, on: &mut PgConnection) -> Result<(), Failure> {
        let query = sqlx::query(CALL_APPEND)
            .bind(self.expected)
            .bind(self.positions)
            .bind(self.stream_types)
            .bind(self.stream_ids)
            .bind(self.streamseqs)
            .bind(self.entry_ids)
            .bind(self.command_ids)
            .bind(self.command_indexes)
            .bind(self.times)
            .bind(self.types)
            .bind(self.entries)
            .bind(self.frontier)
            .bind(self.sealed_hashes)
            .bind(self.sealed_entries)
            .bind(self.sealed_names)
            .bind(self.sealed_subjects)
            .bind(self.sealed_bytes);
        answered(query.execute(on)).await?;
        Ok(())
    }
}
